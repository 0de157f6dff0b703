package history

import (
	"context"
	"errors"
	"slices"

	"potli/app/family"
	"potli/app/record"
	"potli/crypto/keyring"
)

// A device makes keys where it has to, before the history knows of them: a phone is
// lost, and all keys are new in the same commit. Such a key is a stray. Only the
// devices of this user hold it, and never does it become an epoch: who made it can not
// be seen, and whoever was a member or a device could have planted it. Where the
// history needs a new epoch, a key is made for that, in the same commit.
//
//	the current epoch is here   a stray is retired: it opens, and nothing is sealed to it
//	else                        it stays until the current one is given to us: what is
//	                            sealed to an epoch before would be open to whoever left
//
// What was sealed to a stray is not named in the history before it is sealed anew:
// others would be told of bytes that nothing of theirs can open.

// NextEpoch is the number that a person's history gives to the epoch that is made
// now; 0 where there is no history. See keyring.Ring.Roll.
func (k *Keeper) NextEpoch(ctx context.Context, profile record.ProfileID) (int, error) {
	s, err := k.State(ctx, profile)
	if errors.Is(err, ErrNone) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, _ := s.NextEpoch()
	return n, nil
}

// strays are the numbers of those, ascending.
func (b *book) strays(r *keyring.Ring) (numbers []int) {
	known := b.h.State().Epochs
	for _, h := range allOf(r, string(b.profile)) {
		if !slices.ContainsFunc(known, func(e family.EpochInfo) bool { return e.Recipient == hashOf(h.id) }) {
			numbers = append(numbers, h.n)
		}
	}
	return numbers
}

// ownEpochs announces the keys that a history begins with.
func (t *turn) ownEpochs() error {
	if len(t.b.h.State().Epochs) > 0 {
		return nil
	}
	for _, h := range allOf(t.ring, string(t.b.profile)) {
		known := slices.ContainsFunc(t.b.h.State().Epochs, func(e family.EpochInfo) bool { return e.Recipient == hashOf(h.id) })
		if next, _ := t.b.h.State().NextEpoch(); known || h.n != next {
			continue
		}
		if err := t.announce(h.id); err != nil {
			return err
		}
	}
	return nil
}

// retire sees to it that what is written from now on is sealed to the epoch of the
// history, where this device holds it.
func (t *turn) retire() error {
	profile := string(t.b.profile)
	now, ok := t.b.h.State().Current()
	if !ok || t.b.secrets[now.Recipient] == nil {
		return nil
	}
	for _, n := range t.b.strays(t.ring) {
		if id := t.ring.Identity(profile, n); id == nil || hashOf(id) == now.Recipient {
			continue
		}
		if next, err := t.ring.Retire(profile, n); err == nil { // else it is the only one
			t.ring = next
		}
	}
	return nil
}

// settleStrays seals anew what was sealed to a stray, or may have been, and that
// nobody knows of; and names it. k.mu must be held.
func (k *Keeper) settleStrays(ctx context.Context, b *book) error {
	ring, s := k.v.Ring(), b.h.State()
	strays := b.strays(ring)
	if len(strays) == 0 || s.RoleAt(ring.Wallet(), k.now()) < family.Admin {
		return nil
	}
	_, newest, ok := ring.Newest(string(b.profile))
	if !ok || !slices.ContainsFunc(s.Epochs, func(e family.EpochInfo) bool { return e.Recipient == hashOf(newest) }) {
		return nil // the current one is not here yet
	}
	var ids []record.ID
	for _, id := range k.unnamed(b) {
		if _, epoch, ok := k.v.Sum(id); ok && slices.Contains(strays, epoch) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := k.v.ResealThese(ctx, b.profile, ids); err != nil {
		return err
	}
	return k.change(ctx, b, func(t *turn) error {
		if err := t.nameThese(k, ids); !mayNot(err) {
			return err
		}
		return nil
	})
}

// unnamed are the records of a person that are here and that nobody has named, the
// newest first.
func (k *Keeper) unnamed(b *book) (ids []record.ID) {
	s := b.h.State()
	for _, e := range k.v.Entries() {
		if e.Profile() != b.profile || b.refused[e.ID()] != "" {
			continue
		}
		if _, known := s.Record(e.ID()); !known {
			ids = append(ids, e.ID())
		}
	}
	return ids
}
