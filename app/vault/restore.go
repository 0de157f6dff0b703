package vault

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"potli/app/record"
	"potli/crypto/envelope"
)

// sideBatch is how many sealed bytes go to the side store in one commit.
const sideBatch = 8 << 20

// Restore writes the backup into a side store, verifies it there, then swaps it
// in, in one commit. Records already in the vault stay; the same document twice
// is recognised. Documents come in only where there is none of that name: to
// merge others, read Backup.Docs. Returns how many records were added.
//
// On any error, or when ctx ends, the vault is as it was; what lies in the side
// store is taken away now or at the next Open.
func (v *Vault) Restore(ctx context.Context, b *Backup, p Progress) (added int, err error) {
	v.writing.Lock()
	defer v.writing.Unlock()
	if err := v.settle(ctx); err != nil {
		return 0, err
	}
	s := &side{v: v, taken: make(map[record.ID]bool), same: make(map[twin]bool), batch: make(map[string][]byte)}
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
	c, err := v.newDocs(ctx, b)
	if err != nil {
		return 0, err
	}
	c.add, c.drop = append(c.add, s.rows...), append(c.drop, s.drop...)
	if len(c.add) > 0 {
		if err := v.commit(ctx, c); err != nil {
			return 0, err
		}
	}
	v.heal(c.drop)
	p.tell(len(b.m.Records), len(b.m.Records))
	return len(s.rows), nil
}

// side is a store beside the vault: objects that no row names yet.
type side struct {
	v      *Vault
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
	r, sealed, err := s.v.sealRecord(ctx, prefixSide, m, body)
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
		if _, _, err := s.v.o.Crypto.Open(ctx, s.v.k, back, envelope.Expect{Kind: kind, ID: id}); err != nil {
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

// newDocs makes the change that brings in documents whose name is not taken.
func (v *Vault) newDocs(ctx context.Context, b *Backup) (change, error) {
	fresh := make(map[string][]byte)
	for name, body := range b.docs {
		if v.now.docs[name] == nil {
			fresh[name] = body
		}
	}
	return v.docsChange(ctx, fresh)
}
