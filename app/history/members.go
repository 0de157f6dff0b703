package history

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"filippo.io/age"

	"potli/app/family"
	"potli/app/record"
	"potli/app/sync"
	"potli/app/vault"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// Invite lets a user in whose public part two people have compared, and returns
// what to hand them. history says whether they are given all epochs, or only what
// is written from now on: then there is a new epoch, as the one there is opens what
// is sealed to it already. All of it is one commit, so that the epoch they are handed
// is the one there is when they are in. Errors: ErrNone, those of family (ErrMember,
// ErrRole …), and keyring's of a public part.
func (k *Keeper) Invite(ctx context.Context, profile record.ProfileID, public []byte, role family.Role, history bool) (Invitation, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	who, err := keyring.ParsePublic(public)
	if err != nil {
		return Invitation{}, err
	}
	b, err := k.book(ctx, profile)
	if err != nil {
		return Invitation{}, err
	}
	i := Invitation{Version: invitationVersion, Profile: profile, Root: b.h.Log().Root()}
	err = k.change(ctx, b, func(t *turn) error {
		if err := t.tidy(k); err != nil {
			return err
		}
		add := &family.Add{User: who.ID, Role: role, Public: public, From: 1}
		if err := b.h.State().Allowed(t.by.User, add, t.now); err != nil {
			return err
		}
		if !history {
			if err := t.roll(); err != nil {
				return err
			}
			now, _ := b.h.State().Current()
			add.From = now.N
		}
		if _, err := t.write(add); err != nil {
			return err
		}
		if err := t.tidy(k); err != nil {
			return err
		}
		// Whoever was a member before is kept from the epochs of between, so that
		// there may be another one since.
		i.Epoch, i.Identity, err = t.current()
		return err
	})
	return i, err
}

// current is the epoch to seal to, with its identity. Error: family.ErrEpoch.
func (t *turn) current() (n int, identity string, err error) {
	now, ok := t.b.h.State().Current()
	var id *age.HybridIdentity
	if id = t.b.secrets[now.Recipient]; !ok || id == nil {
		return 0, "", family.ErrEpoch
	}
	return now.N, id.String(), nil
}

// Remove takes a member out of a person's history and makes a new epoch in the same
// commit, so that nothing is ever sealed to a key that they hold. What this device
// wrote and has not sent yet is said after that, in the mailbox that they do not find.
// Who names themselves leaves, and makes no epoch: whoever stays does.
//
// still says that nothing is on its way meanwhile (sync.Engine.Still), in no other tab
// either: else it can not be said otherwise any more, and stays where it is. Errors:
// ErrNone, those of family.
func (k *Keeper) Remove(ctx context.Context, profile record.ProfileID, user string, still bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, profile)
	if err != nil {
		return err
	}
	return k.change(ctx, b, func(t *turn) error {
		out := &family.Remove{User: user}
		if err := b.h.State().Allowed(t.by.User, out, t.now); err != nil {
			return err
		}
		if err := t.tidy(k); err != nil {
			return err
		}
		if user == t.by.User {
			_, err := t.write(out)
			return err
		}
		return t.remove(ctx, k, out, still)
	})
}

func (t *turn) remove(ctx context.Context, k *Keeper, out *family.Remove, still bool) error {
	old, err := k.v.PeekAll(ctx, Prefix+string(t.b.profile)+"/")
	if err != nil {
		return err
	}
	notes, err := notes(ctx, t.b.profile, k.v.Peek)
	if err != nil {
		return err
	}
	var later []*chain.Entry
	if still {
		if later, err = t.withdraw(old, sync.Told(notes, t.by.Device)); err != nil {
			return err
		}
	}
	if _, err := t.write(out); err != nil {
		return err
	}
	if err := t.fresh(); err != nil {
		return err
	}
	for _, e := range later {
		if err := t.again(e); err != nil {
			return err
		}
	}
	return t.tidy(k)
}

// notes are what package sync keeps of a history, nil when that is not known.
func notes(ctx context.Context, profile record.ProfileID, read func(context.Context, string) ([]byte, error)) ([]byte, error) {
	notes, err := read(ctx, prefixNotes+string(profile))
	if errors.Is(err, vault.ErrNotFound) || errors.Is(err, record.ErrDamaged) {
		return nil, nil
	}
	return notes, err
}

// Untold says whether this device has taken somebody out, this user perhaps, and the
// others can not have heard of it yet. Error: ErrNone.
func (k *Keeper) Untold(ctx context.Context, profile record.ProfileID) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, profile)
	if err != nil {
		return false, err
	}
	notes, err := notes(ctx, profile, k.v.Doc)
	if err != nil {
		return false, err
	}
	device := k.v.Ring().Device()
	sent := sync.Sent(notes, device)
	return slices.ContainsFunc(b.h.Log().Entries(), func(e *chain.Entry) bool {
		return family.Kind(e.Kind) == family.KindRemove && e.Device == device && e.N > sent
	}), nil
}

// content are the operations that tell of the person or their records. The others are
// about who may read, and keep their place.
var content = []family.Kind{
	family.KindDetails, family.KindRecords, family.KindRetitle, family.KindMove, family.KindDelete, family.KindGuardian,
	family.KindLogged,
}

// withdraw takes out of the history what this device has written in it and nobody has
// heard of, from the first operation with content on. Those are returned, and the
// others are written anew. Entries name what they were written after: without this a
// removal could be told to whom it is about only with all that was written before it.
// told is the counter up to which others may have heard; 0: not known.
func (t *turn) withdraw(old map[string][]byte, told uint64) (later []*chain.Entry, err error) {
	entries := t.b.h.Log().Entries()
	mine := func(e *chain.Entry) bool { return told > 0 && e.N > told && e.Device == t.by.Device }
	at := slices.IndexFunc(entries, func(e *chain.Entry) bool { return mine(e) && slices.Contains(content, family.Kind(e.Kind)) })
	if at < 0 {
		return nil, nil
	}
	first := entries[at].N
	gone := func(e *chain.Entry) bool { return mine(e) && e.N >= first }
	if err := t.rewrite(old, gone); err != nil {
		return nil, err
	}
	for _, e := range entries {
		switch {
		case !gone(e):
		case slices.Contains(content, family.Kind(e.Kind)):
			later = append(later, e)
		default:
			if err := t.again(e); err != nil {
				return nil, err
			}
		}
	}
	return later, nil
}

// again says what an entry says, with its time, after all that was said since.
func (t *turn) again(e *chain.Entry) error {
	a, err := family.Decode(family.Kind(e.Kind), e.Body)
	if err != nil {
		return err
	}
	if e, err = t.b.h.Write(t.by, a, e.Time); err != nil {
		return err
	}
	t.keep(e)
	return nil
}

// rewrite makes the history and its pages anew without some entries.
func (t *turn) rewrite(old map[string][]byte, gone func(*chain.Entry) bool) error {
	b, pages := t.b, t.b.pages
	fresh := newBook(b.profile, b.h.Log().Root())
	kept := &turn{b: fresh, docs: map[string]vault.Doc{}}
	for n := range pages {
		name := page(b.profile, n+1)
		body := old[name]
		if d, ok := t.docs[name]; ok {
			body = d.Body // of this very change
		}
		for len(body) > 0 {
			e, rest, err := chain.Next(body)
			if err != nil {
				return err
			}
			if body = rest; gone(e) {
				continue
			}
			_, _ = fresh.h.Add(e) // as when it was read
			kept.keep(e)
		}
	}
	b.h, b.pages, b.last = fresh.h, fresh.pages, fresh.last
	for n := range pages {
		name := page(b.profile, n+1)
		d := kept.docs[name] // none: erased
		if delete(t.docs, name); !bytes.Equal(d.Body, old[name]) {
			t.docs[name] = d
		}
	}
	return nil
}
