package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"potli/app/record"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// sideBatch is how many sealed bytes go to the side store in one commit. Tests
// make it smaller.
var sideBatch = 8 << 20

// nameStaged marks the side store of a first restore: what lies there belongs to
// nobody until the vault it is for is there.
const nameStaged = "staged"

// Restore writes the backup into a side store, verifies it there, then swaps it
// in, in one commit. Where keys is not nil it says which ones to go on with: a
// backup may hold records of people whom the vault has no keys for
// (keyring.ErrNoProfile). Records already in the vault stay; the same document
// twice is recognised. Documents come in only where there is none of that name:
// to merge others, read Backup.Docs. Returns how many records were added.
//
// On any error, or when ctx ends, the vault is as it was; what lies in the side
// store is taken away now or at the next Open.
func (v *Vault) Restore(ctx context.Context, b *Backup, keys func(*keyring.Ring) (*keyring.Ring, error), p Progress) (added int, err error) {
	end, err := v.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	var c Change
	if keys != nil {
		r, err := keys(v.ring)
		if err != nil {
			return 0, fmt.Errorf("restoring: %w", err)
		}
		if r != v.ring {
			c.Ring = r
		}
	}
	return v.restore(ctx, b, change{}, c, p)
}

// CreateFrom makes a vault of a backup where there is none: what Create and
// Restore do, in one commit. Until that commit there is no vault; whatever stops
// it, the next CreateFrom or Create clears away what it left.
func CreateFrom(ctx context.Context, o Options, r *keyring.Ring, unlock []byte, b *Backup, p Progress) (*Vault, int, error) {
	v, end, err := fresh(ctx, o, r)
	if err != nil {
		return nil, 0, err
	}
	defer end()
	if err := v.put(ctx, Batch{Put: map[string][]byte{nameStaged: {}}}); err != nil {
		return nil, 0, fmt.Errorf("creating: %w", err)
	}
	c := Change{Ring: r, Unlock: map[Method][]byte{Words: unlock}}
	added, err := v.restore(ctx, b, change{del: []string{nameStaged}}, c, p)
	if err != nil {
		return nil, 0, err
	}
	v.keepReserve(ctx)
	return v, added, nil
}

// clearStaged takes away what a first restore has left that did not come to its end.
func clearStaged(ctx context.Context, b Blobs) error {
	if _, err := get(ctx, b, nameStaged); errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	names, err := list(ctx, b, prefixSide)
	if err != nil {
		return err
	}
	return b.Commit(ctx, Batch{Delete: append(names, nameStaged)})
}

func (v *Vault) restore(ctx context.Context, b *Backup, ch change, c Change, p Progress) (added int, err error) {
	ring := v.ring
	if c.Ring != nil {
		ring = c.Ring
	}
	s := &side{v: v, ring: ring, taken: make(map[record.ID]bool), same: make(map[twin]bool), batch: make(map[string][]byte)}
	defer func() {
		if err != nil && s.abandon(context.WithoutCancel(ctx)) {
			added, err = len(s.rows), nil
		}
		if err != nil {
			err = fmt.Errorf("restoring: %w", err)
		}
	}()
	for i, saved := range b.m.Records {
		p.tell(i, len(b.m.Records))
		if err := s.bring(ctx, b, saved); err != nil {
			return 0, err
		}
	}
	if err := s.flush(ctx); err != nil {
		return 0, err
	}
	c.Docs, ch.add, ch.drop = v.newDocs(b), s.rows, s.drop
	if err := v.apply(ctx, ch, c); err != nil {
		return 0, err
	}
	p.tell(len(b.m.Records), len(b.m.Records))
	return len(s.rows), nil
}

// side is a store beside the vault: objects that no row names yet.
type side struct {
	v      *Vault
	ring   *keyring.Ring
	rows   []*row
	drop   []*row   // damaged or lost rows that what is brought replaces
	names  []string // written or about to be
	taken  map[record.ID]bool
	same   map[twin]bool
	batch  map[string][]byte
	weight int
}

// bring seals one record of the backup.
func (s *side) bring(ctx context.Context, b *Backup, saved savedRecord) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t := twin{saved.Profile, saved.SHA256}
	old := s.v.twinOf(t.profile, t.sha256)
	if s.same[t] || old != nil && s.v.sound(old) {
		return nil
	}
	body, err := unpack(b.records[saved.ID], saved.Size)
	if err != nil {
		return err
	}
	if digest(body) != saved.SHA256 {
		return bad("a file that is not what the manifest says")
	}
	m := saved.meta()
	if old != nil {
		m.ID = old.Meta.ID
		s.drop = append(s.drop, old)
	} else if m.ID, err = s.id(m.ID); err != nil {
		return err
	}
	r, sealed, err := s.v.sealRecord(ctx, s.ring, prefixSide, m, body)
	if err != nil {
		return err
	}
	s.rows = append(s.rows, r)
	s.names = append(s.names, r.Object)
	s.same[t], s.taken[m.ID] = true, true
	s.batch[r.Object] = sealed
	if s.weight += len(sealed); s.weight >= sideBatch {
		return s.flush(ctx)
	}
	return nil
}

// id keeps the id a record had, unless it is taken here.
func (s *side) id(id record.ID) (record.ID, error) {
	if s.v.now.records[id] == nil && !s.taken[id] {
		return id, nil
	}
	fresh, err := s.v.newID()
	return record.ID(fresh), err
}

// flush writes what is waiting, reads it back and opens it.
func (s *side) flush(ctx context.Context) error {
	if len(s.batch) == 0 {
		return nil
	}
	if err := s.v.put(ctx, Batch{Put: s.batch}); err != nil {
		return err
	}
	for name, sealed := range s.batch {
		back, err := get(ctx, s.v.o.Blobs, name)
		if err != nil {
			return err
		}
		if !bytes.Equal(back, sealed) {
			return bad("the storage gave back something else than was written")
		}
		kind, id := identify(name)
		with := s.ring.OpenerOfAll().Narrow(back)
		if _, _, err := s.v.o.Crypto.Open(ctx, with, back, envelope.Expect{Kind: kind, ID: id}); err != nil {
			return err
		}
	}
	clear(s.batch)
	s.weight = 0
	return nil
}

// abandon takes the side store away. Where the last commit failed without saying
// whether it was done, that is found out first: true when it was.
func (s *side) abandon(ctx context.Context) (committed bool) {
	if len(s.names) == 0 || s.v.settle(ctx) != nil {
		return false // the next Open collects what is left
	}
	for r := range s.v.now.rows() {
		if r.Object == s.names[0] {
			return true
		}
	}
	_ = s.v.o.Blobs.Commit(ctx, Batch{Delete: slices.Clone(s.names)})
	return false
}

// newDocs are the documents whose name is not taken.
func (v *Vault) newDocs(b *Backup) map[string]Doc {
	fresh := make(map[string]Doc)
	for _, s := range b.m.Docs {
		if v.now.docs[s.Name] == nil && !strings.HasPrefix(s.Name, prefixOwn) {
			fresh[s.Name] = Doc{Profile: s.Profile, Body: b.docs[s.Name]}
		}
	}
	return fresh
}
