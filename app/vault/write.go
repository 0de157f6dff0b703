package vault

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"potli/crypto/envelope"
)

// change is what one write does. The objects of dropped rows go with it.
type change struct {
	put  map[string][]byte
	del  []string // objects without a row, to be collected
	add  []*row
	drop []*row
}

// commit carries out a change: pages, head and objects in one Batch. v.writing
// must be held. When it returns an error, nothing has changed for readers.
func (v *Vault) commit(ctx context.Context, c change) error {
	s := v.now
	pages, seq := replace(s.pages, c.drop, c.add), s.seq+1
	b := Batch{Put: make(map[string][]byte, len(c.put)+3), Delete: append(c.del, gone(s.pages, pages)...)}
	maps.Copy(b.Put, c.put)
	kept := make(map[string]bool, len(c.add))
	for _, r := range c.add {
		kept[r.Object] = true
	}
	for _, r := range c.drop {
		if !kept[r.Object] {
			b.Delete = append(b.Delete, r.Object)
		}
	}
	if err := v.sealPages(ctx, pages, seq, b.Put); err != nil {
		return err
	}
	hash, err := v.sealHead(ctx, pages, seq, b.Put)
	if err != nil {
		return err
	}
	if err := v.put(ctx, b); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	s.pages, s.seq, s.head = pages, seq, hash
	for _, r := range c.drop {
		s.forget(r)
	}
	for _, r := range c.add {
		s.know(r)
	}
	return nil
}

// sealPages seals every page that has no name yet.
func (v *Vault) sealPages(ctx context.Context, pages []*page, seq uint64, put map[string][]byte) error {
	for _, p := range pages {
		if p.Name != "" {
			continue
		}
		id, err := v.newID()
		if err != nil {
			return err
		}
		sealed, err := v.seal(ctx, envelope.Header{Kind: "index", ID: id, Seq: seq, Type: "application/octet-stream"}, packPage(p.rows))
		if err != nil {
			return fmt.Errorf("sealing the index: %w", err)
		}
		p.Name, p.Size, p.SHA256 = prefixIndex+id, len(sealed), digest(sealed)
		put[p.Name] = sealed
	}
	return nil
}

// sealHead seals the head over pages and returns its hash.
func (v *Vault) sealHead(ctx context.Context, pages []*page, seq uint64, put map[string][]byte) (string, error) {
	body, err := json.Marshal(head{Version: headVersion, Wallet: v.k.Wallet, Edition: v.now.edition, Pages: pages})
	if err != nil {
		return "", fmt.Errorf("writing the head: %w", err)
	}
	sealed, err := v.seal(ctx, envelope.Header{Kind: "head", ID: nameHead, Seq: seq, Type: "application/json"}, body)
	if err != nil {
		return "", fmt.Errorf("sealing the head: %w", err)
	}
	put[nameHead] = sealed
	return digest(sealed), nil
}

// gone are the names of pages that were replaced.
func gone(old, next []*page) []string {
	kept := make(map[string]bool, len(next))
	for _, p := range next {
		kept[p.Name] = true
	}
	var names []string
	for _, p := range old {
		if p.Name != "" && !kept[p.Name] {
			names = append(names, p.Name)
		}
	}
	return names
}

// put commits a batch: tried again once where that may help, and with the
// reserve given up when the disk is full and the batch is small.
func (v *Vault) put(ctx context.Context, b Batch) error {
	err := v.o.Blobs.Commit(ctx, b)
	if again(ctx, err) {
		err = v.o.Blobs.Commit(ctx, b)
	}
	if errors.Is(err, ErrFull) && v.reserve && weight(b) <= v.o.Reserve/2 {
		v.reserve = false
		// In a transaction of its own: space is only free once that is done.
		if v.o.Blobs.Commit(ctx, Batch{Delete: []string{nameReserve}}) == nil {
			err = v.o.Blobs.Commit(ctx, b)
		}
	}
	// An error does not prove that nothing was written: look before the next write.
	v.unsure = v.unsure || err != nil
	return err
}

func weight(b Batch) (n int) {
	for _, body := range b.Put {
		n += len(body)
	}
	return n
}

// keepReserve writes the reserve if it is wanted and not there. Failure is no
// matter: it is tried again at the next Open.
func (v *Vault) keepReserve(ctx context.Context) {
	if v.o.Reserve <= 0 || v.reserve {
		return
	}
	names, err := list(ctx, v.o.Blobs, nameReserve)
	if err != nil {
		return
	}
	if len(names) == 0 {
		body := make([]byte, v.o.Reserve) // random, or the browser would compress it away
		if _, err := io.ReadFull(v.o.Rand, body); err != nil {
			return
		}
		if v.o.Blobs.Commit(ctx, Batch{Put: map[string][]byte{nameReserve: body}}) != nil {
			return
		}
	}
	v.reserve = true
}

// settle finds out what became of a commit that failed. v.writing must be held.
func (v *Vault) settle(ctx context.Context) error {
	if !v.unsure {
		return nil
	}
	sealed, err := get(ctx, v.o.Blobs, nameHead)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("looking at storage: %w", err)
	}
	if err != nil || digest(sealed) != v.now.head {
		if err := v.load(ctx, nil); err != nil {
			return err
		}
	}
	v.unsure = false
	return nil
}

// seal fills in what all objects have in common.
func (v *Vault) seal(ctx context.Context, h envelope.Header, body []byte) ([]byte, error) {
	h.Device = v.k.Device
	if h.Created == "" {
		h.Created = v.o.Now().UTC().Format(time.RFC3339Nano)
	}
	return v.o.Crypto.Seal(ctx, v.k, h, body)
}

// newID returns 32 random bytes in base64url.
func (v *Vault) newID() (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(v.o.Rand, b[:]); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

func digest(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
