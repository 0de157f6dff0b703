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
	"slices"
	"time"

	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// change is what one write does. The objects of dropped rows go with it.
type change struct {
	put  map[string][]byte
	del  []string // objects without a row, to be collected
	add  []*row
	drop []*row

	faults []Fault // found in what came

	pages []*page       // to be sealed anew as they are
	ring  *keyring.Ring // other keys than before; nil: the same
}

// keep enters a sealed object and its row.
func (c *change) keep(r *row, sealed []byte) {
	if c.put == nil {
		c.put = make(map[string][]byte)
	}
	c.put[r.Object] = sealed
	c.add = append(c.add, r)
}

func (c *change) empty() bool {
	return len(c.put)+len(c.del)+len(c.add)+len(c.drop)+len(c.pages) == 0 && c.ring == nil
}

// commit carries out a change: objects, keys, pages and head in one Batch.
// v.writing must be held. When it returns an error, nothing has changed for
// readers.
func (v *Vault) commit(ctx context.Context, c change) error {
	s, ring := v.now, v.ring
	if c.ring == nil && v.mend {
		c.ring = ring
	}
	if c.ring != nil {
		ring = c.ring
	} else if v.unkept {
		return ErrOlder
	}
	pages, seq := replace(afresh(s.pages, c.pages), c.drop, c.add), s.seq+1
	b := Batch{Put: make(map[string][]byte, len(c.put)+3), Delete: slices.Concat(c.del, v.owed, gone(s.pages, pages))}
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
	user, pins, err := v.sealKeys(ctx, c.ring, seq, &b)
	if err != nil {
		return err
	}
	if err := v.sealPages(ctx, ring, pages, seq, b.Put); err != nil {
		return err
	}
	hash, err := v.sealHead(ctx, ring, head{User: user, Keys: pins, Pages: pages}, seq, b.Put)
	if err != nil {
		return err
	}
	slices.Sort(b.Delete)
	b.Delete = slices.DeleteFunc(slices.Compact(b.Delete), func(name string) bool { return b.Put[name] != nil })
	if err := v.put(ctx, b); err != nil {
		return err
	}
	v.owed, v.unkept, v.mend = nil, false, false
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ring, v.older = ring, false
	s.pages, s.user, s.keys, s.seq, s.head = pages, user, pins, seq, hash
	for _, r := range c.drop {
		s.forget(r)
	}
	for _, r := range c.add {
		s.know(r)
	}
	return nil
}

// afresh returns pages with copies in the place of some, which have no name and
// so will be sealed.
func afresh(pages, some []*page) []*page {
	if len(some) == 0 {
		return pages
	}
	next := slices.Clone(pages)
	for i, p := range next {
		if slices.Contains(some, p) {
			next[i] = &page{docs: p.docs, rows: slices.Clone(p.rows), size: p.size}
		}
	}
	return next
}

// sealPages seals every page that has no name yet.
func (v *Vault) sealPages(ctx context.Context, ring *keyring.Ring, pages []*page, seq uint64, put map[string][]byte) error {
	for _, p := range pages {
		if p.Name != "" {
			continue
		}
		id, err := v.newID()
		if err != nil {
			return err
		}
		h := envelope.Header{Kind: "index", ID: id, Seq: seq, Type: "application/octet-stream"}
		sealed, epoch, err := v.seal(ctx, ring, "", h, packPage(p.rows))
		if err != nil {
			return fmt.Errorf("sealing the index: %w", err)
		}
		p.Name, p.Size, p.SHA256, p.Epoch = prefixIndex+id, len(sealed), digest(sealed), epoch
		put[p.Name] = sealed
	}
	return nil
}

// sealHead seals a head with its keys and pages and returns its hash.
func (v *Vault) sealHead(ctx context.Context, ring *keyring.Ring, hd head, seq uint64, put map[string][]byte) (string, error) {
	hd.Version, hd.Wallet, hd.Edition = headVersion, ring.Wallet(), v.now.edition
	body, err := json.Marshal(hd)
	if err != nil {
		return "", fmt.Errorf("writing the head: %w", err)
	}
	sealed, _, err := v.seal(ctx, ring, "", envelope.Header{Kind: "head", ID: nameHead, Seq: seq, Type: "application/json"}, body)
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
	v.unsure, v.wrote = v.unsure || err != nil, true
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
		if v.unkept {
			return
		}
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

// seal seals to the newest epoch of a profile, which it returns.
func (v *Vault) seal(ctx context.Context, ring *keyring.Ring, profile record.ProfileID, h envelope.Header, body []byte) ([]byte, int, error) {
	s, err := ring.Sealer(string(profile))
	if err != nil {
		return nil, 0, err
	}
	if h.Created == "" {
		h.Created = v.o.Now().UTC().Format(time.RFC3339Nano)
	}
	sealed, err := v.o.Crypto.Seal(ctx, s, h, body)
	return sealed, s.Epoch(), err
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
