package history

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"filippo.io/age"

	"potli/app/family"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// Found begins the history of a person whose keys this wallet has: this user is
// their first owner. Where there is a history nothing changes. Errors:
// keyring.ErrNoProfile, and those of family.
func (k *Keeper) Found(ctx context.Context, profile record.ProfileID, fields family.Fields) error {
	return k.foundAs(ctx, profile, fields, false)
}

// FoundSelf is Found by the person themselves: no birthday takes anything away from
// them. A history that says otherwise, and that nobody else has, is begun again.
func (k *Keeper) FoundSelf(ctx context.Context, profile record.ProfileID, fields family.Fields) error {
	return k.foundAs(ctx, profile, fields, true)
}

func (k *Keeper) foundAs(ctx context.Context, profile record.ProfileID, fields family.Fields, self bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch b, err := k.book(ctx, profile); {
	case err == nil && b.h.Log().Len() > 0:
		if s := b.h.State(); self && s.Majority.Known() && !s.Handover.Transferred && k.alone(b) {
			return k.begin(ctx, b, true)
		}
		return nil
	case err == nil: // it is known by its root, and comes by sync
		return nil
	case !errors.Is(err, ErrNone):
		return err
	}
	return k.found(ctx, profile, family.Found{Fields: fields, Self: self}, nil)
}

// found begins a history with a and then says also, and erases documents of one that
// was there before.
func (k *Keeper) found(ctx context.Context, profile record.ProfileID, a family.Found, old map[string]vault.Doc, also ...family.Act) error {
	b := &book{profile: profile}
	return k.change(ctx, b, func(t *turn) error {
		if old == nil && b.h != nil {
			return nil // another tab was first
		}
		taken := b.taken
		maps.Copy(t.docs, old)
		if _, _, ok := t.ring.Newest(string(profile)); !ok {
			return keyring.ErrNoProfile
		}
		public, err := t.public()
		if err != nil {
			return err
		}
		a.Public = public
		h, e, err := family.Begin(string(profile), t.by, &a, t.now)
		if err != nil {
			return err
		}
		*b = *newBook(profile, e.Hash())
		b.h, b.taken = h, taken
		t.keep(e)
		if err := t.put("root", root{Version: rootVersion, Root: e.Hash()}); err != nil {
			return err
		}
		for _, a := range also {
			if _, err := t.write(a); err != nil {
				return err
			}
		}
		return t.tidy(k)
	})
}

// public is this user's public part, as this device writes it.
func (t *turn) public() ([]byte, error) {
	p, err := t.ring.User().Public(t.ring.Keys(), t.now)
	if err != nil {
		return nil, err
	}
	return p.Marshal()
}

// Roll makes a new epoch of a person: what is written from now on opens for those
// who are members now. Errors: ErrNone, those of family.
func (k *Keeper) Roll(ctx context.Context, profile record.ProfileID) error {
	return k.decide(ctx, profile, (*turn).roll)
}

// decide is one change of a history that is in line.
func (k *Keeper) decide(ctx context.Context, profile record.ProfileID, do func(*turn) error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, profile)
	if err != nil {
		return err
	}
	return k.change(ctx, b, func(t *turn) error {
		if err := t.tidy(k); err != nil {
			return err
		}
		return do(t)
	})
}

// roll makes a new key and announces it.
func (t *turn) roll() error {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return err
	}
	return t.announce(id)
}

// announce says in the history that there is an epoch with this key, and for whom.
func (t *turn) announce(id *age.HybridIdentity) error {
	n, to := t.b.h.State().NextEpoch()
	sealed, err := sealSecrets([]*age.HybridIdentity{id}, to)
	if err != nil {
		return err
	}
	a := &family.Epoch{N: n, Recipient: hashOf(id), Sealed: sealed}
	for _, m := range to {
		a.To = append(a.To, family.Whom{User: m.User, Doc: m.Doc})
	}
	e, err := t.write(a)
	if err != nil {
		return err
	}
	t.b.secrets[a.Recipient], t.b.looked[e.Hash()] = id, true
	return t.learn()
}

// Invitation is what somebody is given who is let in, over a way that only they can
// read. With it they find the history, which tells them the rest.
type Invitation struct {
	Version  string           `json:"version"`
	Profile  record.ProfileID `json:"profile"`
	Root     chain.Hash       `json:"root"`
	Epoch    int              `json:"epoch"`
	Identity string           `json:"identity"` // of that epoch
}

const invitationVersion = "potli-invitation/1"

// String keeps invitations out of logs: they hold a key.
func (i Invitation) String() string { return "history.Invitation{…}" }

// GoString keeps invitations out of logs written with %#v.
func (i Invitation) GoString() string { return i.String() }

// Join takes an invitation: the wallet knows the person, and sync brings the rest.
// Errors: ErrInvitation, ErrKnown.
func (k *Keeper) Join(ctx context.Context, i Invitation) error {
	id, err := age.ParseHybridIdentity(i.Identity)
	if err != nil || i.Version != invitationVersion || i.Profile == "" || i.Root.IsZero() {
		return ErrInvitation
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, i.Profile)
	if errors.Is(err, ErrNone) {
		b, err = newBook(i.Profile, i.Root), nil
	}
	switch {
	case err != nil:
		return err
	case b.h.Log().Root() != i.Root:
		return ErrKnown
	}
	return k.change(ctx, b, func(t *turn) error {
		if b.h.Log().Root() != i.Root {
			return ErrKnown // another tab was first
		}
		next, err := t.ring.Learn(string(i.Profile), i.Epoch, id)
		if err != nil {
			return ErrInvitation
		}
		t.ring, b.invited = next, i.Epoch
		return t.put("root", root{rootVersion, i.Root, i.Epoch})
	})
}

// Roots are the beginnings of all histories here, which another device of the same
// user is given with the keys, and SetRoots takes them in there.
func (k *Keeper) Roots(ctx context.Context) (map[record.ProfileID]chain.Hash, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := map[record.ProfileID]chain.Hash{}
	for _, profile := range k.v.Ring().Profiles() {
		b, err := k.book(ctx, record.ProfileID(profile))
		if errors.Is(err, ErrNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list[record.ProfileID(profile)] = b.h.Log().Root()
	}
	return list, nil
}

// RootDocs are the documents that hold roots, for a vault that is just being made.
func RootDocs(roots map[record.ProfileID]chain.Hash) map[string]vault.Doc {
	docs := map[string]vault.Doc{}
	for profile, h := range roots {
		body, err := json.Marshal(root{Version: rootVersion, Root: h})
		if err != nil {
			panic(err) // a text and a hash
		}
		docs[Prefix+string(profile)+"/root"] = vault.Doc{Body: body}
	}
	return docs
}

// IsRoot says whether a document of that name holds a root.
func IsRoot(name string) bool {
	return strings.HasPrefix(name, Prefix) && strings.HasSuffix(name, "/root")
}

// Has says whether there is a history of a person, though nothing may have been
// heard of it yet.
func (k *Keeper) Has(ctx context.Context, profile record.ProfileID) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, err := k.book(ctx, profile)
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// Forget drops histories from memory, all of them when none is named: their
// documents were erased, or came from a backup.
func (k *Keeper) Forget(profiles ...record.ProfileID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(profiles) == 0 {
		clear(k.books)
		k.parts = nil
	}
	for _, profile := range profiles {
		delete(k.books, profile)
	}
}

// Moved says that a record was filed under the wrong person and is another one's
// now, under another id. Where there is no history it says nothing.
func (k *Keeper) Moved(ctx context.Context, from record.ProfileID, id record.ID, to record.ProfileID, as record.ID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, from)
	if errors.Is(err, ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	return k.change(ctx, b, func(t *turn) error {
		if r, ok := b.h.State().Record(id); !ok || r.Deleted || r.Moved != nil {
			return nil
		}
		_, err := t.write(&family.Move{ID: id, To: to, As: as})
		return err
	})
}

// Delete says that records are to go, everywhere, and takes them out of the vault.
// Where there is no history they only go here.
func (k *Keeper) Delete(ctx context.Context, profile record.ProfileID, ids ...record.ID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, profile)
	if err != nil && !errors.Is(err, ErrNone) {
		return err
	}
	if err == nil {
		if err := k.change(ctx, b, func(t *turn) error { return t.delete(ids) }); err != nil {
			return err
		}
	}
	return k.v.Remove(ctx, ids...)
}

// delete says so of those that the history has named and that are not gone.
func (t *turn) delete(ids []record.ID) error {
	s := t.b.h.State()
	ids = slices.DeleteFunc(slices.Clone(ids), func(id record.ID) bool {
		r, ok := s.Record(id)
		return !ok || r.Deleted || r.Moved != nil
	})
	for some := range slices.Chunk(ids, 500) {
		if _, err := t.write(&family.Delete{IDs: some}); err != nil {
			return err
		}
	}
	return nil
}
