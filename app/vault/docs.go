package vault

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// Limits of a document, in bytes: what a backup takes back.
const (
	maxDocName = 200
	maxDoc     = 8 << 20
)

// Doc is a document to be kept. A nil Body deletes.
type Doc struct {
	Profile record.ProfileID // under whose key; "": the user's own
	Body    []byte
}

// Doc returns a small sealed document by its name ("settings", "people",
// "share/<id>"). Names are sealed too. Errors: ErrNotFound, record.ErrDamaged.
func (v *Vault) Doc(ctx context.Context, name string) ([]byte, error) {
	for {
		v.mu.RLock()
		r := v.now.docs[name]
		v.mu.RUnlock()
		if r == nil {
			return nil, ErrNotFound
		}
		_, body, err := v.fetch(ctx, r)
		if errors.Is(err, ErrNotFound) {
			continue // replaced or deleted while we looked
		}
		if err != nil {
			return nil, fmt.Errorf("opening a document: %w", err)
		}
		return body, nil
	}
}

// Docs returns the documents whose name starts with prefix. One that is damaged
// is left out and is among the Faults.
func (v *Vault) Docs(ctx context.Context, prefix string) (map[string][]byte, error) {
	return v.each(ctx, prefix, v.Doc)
}

// each reads the documents whose name starts with prefix, without those that are lost.
func (v *Vault) each(ctx context.Context, prefix string, read func(context.Context, string) ([]byte, error)) (map[string][]byte, error) {
	docs := make(map[string][]byte)
	for name := range v.named(prefix) {
		body, err := read(ctx, name)
		if isLost(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		docs[name] = body
	}
	return docs, nil
}

// named are the rows of documents whose name starts with prefix.
func (v *Vault) named(prefix string) map[string]*row {
	v.mu.RLock()
	defer v.mu.RUnlock()
	rows := make(map[string]*row)
	for name, r := range v.now.docs {
		if strings.HasPrefix(name, prefix) {
			rows[name] = r
		}
	}
	return rows
}

// Marks are the documents whose name starts with prefix, each with a mark that is the
// same (==) as long as the document is: whoever remembers what they say reads those
// alone that have another mark.
func (v *Vault) Marks(prefix string) map[string]any {
	marks := map[string]any{}
	for name, r := range v.named(prefix) {
		marks[name] = r
	}
	return marks
}

// PutDocs commits several documents of the user at once; a nil body deletes. What
// was there under the same name is gone with the same commit. A document that
// belongs to a person is put by Apply, under the person's key.
func (v *Vault) PutDocs(ctx context.Context, docs map[string][]byte) error {
	c := Change{Docs: make(map[string]Doc, len(docs))}
	for name, body := range docs {
		c.Docs[name] = Doc{Body: body}
	}
	if err := v.Apply(ctx, c); err != nil {
		return fmt.Errorf("keeping documents: %w", err)
	}
	return nil
}

// putDocs seals documents to the newest epochs of a ring and enters them into c.
func (v *Vault) putDocs(ctx context.Context, c *change, ring *keyring.Ring, docs map[string]Doc) error {
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		d := docs[name]
		if name == "" || len(name) > maxDocName {
			return fmt.Errorf("a document's name has 1 to %d bytes", maxDocName)
		}
		if len(d.Body) > maxDoc {
			return fmt.Errorf("a document has at most %d bytes", maxDoc)
		}
		if old := v.now.docs[name]; old != nil {
			c.drop = append(c.drop, old)
		}
		if d.Body == nil {
			continue
		}
		r, sealed, err := v.sealDoc(ctx, ring, name, d)
		if err != nil {
			return fmt.Errorf("sealing a document: %w", err)
		}
		c.keep(r, sealed)
	}
	return nil
}

func (v *Vault) sealDoc(ctx context.Context, ring *keyring.Ring, name string, d Doc) (*row, []byte, error) {
	id, err := v.newID()
	if err != nil {
		return nil, nil, err
	}
	meta, err := json.Marshal(title{Name: name})
	if err != nil {
		return nil, nil, err
	}
	h := envelope.Header{Kind: "doc", ID: id, Seq: v.now.seq + 1, Type: "application/json", Meta: string(meta)}
	sealed, epoch, err := v.seal(ctx, ring, d.Profile, h, d.Body)
	if err != nil {
		return nil, nil, err
	}
	r := &row{Object: prefixDoc + id, Sealed: sha256.Sum256(sealed), Seq: h.Seq, Epoch: epoch, Profile: d.Profile, Doc: name}
	return packRow(r), sealed, nil
}
