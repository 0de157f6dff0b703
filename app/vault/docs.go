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

	"potli/crypto/envelope"
)

// Limits of a document, in bytes: what a backup takes back.
const (
	maxDocName = 200
	maxDoc     = 8 << 20
)

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
	v.mu.RLock()
	names := slices.Collect(maps.Keys(v.now.docs))
	v.mu.RUnlock()
	docs := make(map[string][]byte)
	for _, name := range names {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		body, err := v.Doc(ctx, name)
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

// PutDocs commits several documents at once; a nil body deletes. What was there
// under the same name is gone with the same commit.
func (v *Vault) PutDocs(ctx context.Context, docs map[string][]byte) error {
	v.writing.Lock()
	defer v.writing.Unlock()
	if err := v.settle(ctx); err != nil {
		return err
	}
	c, err := v.docsChange(ctx, docs)
	if err != nil || len(c.add)+len(c.drop) == 0 {
		return err
	}
	if err := v.commit(ctx, c); err != nil {
		return fmt.Errorf("keeping documents: %w", err)
	}
	v.heal(c.drop)
	return nil
}

// docsChange seals documents and makes the change that puts them.
func (v *Vault) docsChange(ctx context.Context, docs map[string][]byte) (change, error) {
	c := change{put: make(map[string][]byte)}
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		if name == "" || len(name) > maxDocName {
			return c, fmt.Errorf("a document's name has 1 to %d bytes", maxDocName)
		}
		if len(docs[name]) > maxDoc {
			return c, fmt.Errorf("a document has at most %d bytes", maxDoc)
		}
		if old := v.now.docs[name]; old != nil {
			c.drop = append(c.drop, old)
		}
		if docs[name] == nil {
			continue
		}
		r, sealed, err := v.sealDoc(ctx, name, docs[name])
		if err != nil {
			return c, fmt.Errorf("sealing a document: %w", err)
		}
		c.put[r.Object] = sealed
		c.add = append(c.add, r)
	}
	return c, nil
}

func (v *Vault) sealDoc(ctx context.Context, name string, body []byte) (*row, []byte, error) {
	id, err := v.newID()
	if err != nil {
		return nil, nil, err
	}
	meta, err := json.Marshal(title{Name: name})
	if err != nil {
		return nil, nil, err
	}
	h := envelope.Header{Kind: "doc", ID: id, Seq: v.now.seq + 1, Type: "application/json", Meta: string(meta)}
	sealed, err := v.seal(ctx, h, body)
	if err != nil {
		return nil, nil, err
	}
	return packRow(&row{Object: prefixDoc + id, Sealed: sha256.Sum256(sealed), Seq: h.Seq, Doc: name}), sealed, nil
}
