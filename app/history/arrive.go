package history

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"filippo.io/age"

	"potli/app/family"
	"potli/app/record"
	"potli/app/sync"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// takeRecords takes in records that are named; and those that had come before they
// were.
func (t *turn) takeRecords(list []sync.Sealed, parts []*whole) error {
	b := t.b
	for _, w := range parts {
		for name, doc := range w.docs {
			t.docs[name] = doc
		}
		if w.body != nil {
			list = append(list, sync.Sealed{ID: string(w.id), Body: w.body})
		}
	}
	if len(list) == 0 && len(b.aside) == 0 {
		return nil
	}
	first := b.firstOf(b.h.State(), t.by.User)
	for _, r := range list {
		if id := record.ID(r.ID); b.weight+len(r.Body) <= maxAside || b.aside[id] != nil {
			b.weight += len(r.Body) - len(b.aside[id])
			b.aside[id] = r.Body
		} else if err := t.judge(id, r.Body, first); err != nil {
			return err
		}
	}
	for id, sealed := range b.aside {
		if err := t.judge(id, sealed, first); err != nil {
			return err
		}
	}
	return nil
}

// judge decides what becomes of a record that arrived. first is firstOf this user.
func (t *turn) judge(id record.ID, sealed []byte, first chain.Hash) error {
	b, s, sum := t.b, t.b.h.State(), chain.Hash(sha256.Sum256(sealed))
	r, _ := s.Record(id)
	why := s.Accepts(id, sum)
	switch {
	case errors.Is(why, family.ErrUnnamed):
		return nil // it may be yet
	case why != nil, b.early(r, first):
	case opens(sealed, t.ring, string(b.profile)):
		t.records[id] = sealed
	default:
		// It is what was named, and nothing here reads it.
		b.refused[id] = sealedToOthers(len(t.ring.Identities(string(b.profile))))
		if err := t.put("refused", b.refused); err != nil {
			return err
		}
	}
	if old := b.aside[id]; old != nil {
		b.weight -= len(old)
		delete(b.aside, id)
	}
	return nil
}

// opens says whether a record is sealed to a key of this very person: one who may
// write for one person must not bring something in for another.
func opens(sealed []byte, r *keyring.Ring, profile string) bool {
	var ids []age.Identity
	for _, h := range allOf(r, profile) {
		ids = append(ids, h.id)
	}
	if len(ids) == 0 {
		return false
	}
	_, err := age.Decrypt(bytes.NewReader(sealed), ids...)
	return err == nil
}

// notGenuine is why the vault did not take a record. It is refused for good.
const notGenuine = "not genuine"

// sealedToOthers is why a record is refused that none of so many keys opens. With
// another key it is asked for again.
func sealedToOthers(keys int) string { return fmt.Sprintf("sealed to none of %d keys", keys) }

// refuses says whether a record is not to be asked for, by one who has so many keys.
func (b *book) refuses(id record.ID, keys int) bool {
	why := b.refused[id]
	return why == notGenuine || why == sealedToOthers(keys)
}

// refuse notes records that were named, and that the vault could not take: it says
// why among its Faults. They are not asked for again.
func (k *Keeper) refuse(ctx context.Context, b *book, tried []record.ID) error {
	var bad []record.ID
	for _, id := range tried {
		if _, _, ok := k.v.Sum(id); !ok {
			bad = append(bad, id)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return k.change(ctx, b, func(t *turn) error {
		for _, id := range bad {
			b.refused[id] = notGenuine
		}
		return t.put("refused", b.refused)
	})
}
