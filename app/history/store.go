package history

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"maps"
	"slices"

	"filippo.io/age"

	"potli/app/family"
	"potli/app/record"
	"potli/app/sync"
	"potli/app/vault"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

var _ sync.Store = (*Keeper)(nil)

// maxAside is how many bytes of records are kept in memory that no operation names
// yet. What does not fit, or is there when the program ends, is asked for again.
const maxAside = 48 << 20

// View implements sync.Store.
func (k *Keeper) View(ctx context.Context, profile string) (sync.View, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, record.ProfileID(profile))
	if errors.Is(err, ErrNone) {
		return sync.View{}, nil
	}
	if err != nil {
		return sync.View{}, err
	}
	ring := k.v.Ring()
	var v sync.View
	if b.h.Log().Len() == 0 { // let in, and nothing heard yet
		if n, id, ok := ring.Newest(profile); ok {
			v.Epochs = []sync.Epoch{{Number: n, Identity: id}}
		}
		return v, nil
	}
	v.Root = b.h.Log().Root()
	s := b.h.State()
	given := b.given(s)
	for _, e := range counting(s) {
		if id := b.secret(e.Recipient, ring); id != nil {
			v.Epochs = append(v.Epochs, sync.Epoch{Number: e.N, Identity: id, Announced: e.Entry, Given: given[e.Entry]})
		}
	}
	// Of one that was handed over the history may not tell yet: it is where the rest
	// of it comes from.
	n, id, ok := ring.Newest(profile)
	untold := ok && (len(v.Epochs) == 0 || n > v.Epochs[len(v.Epochs)-1].Number)
	if untold {
		v.Epochs = append(v.Epochs, sync.Epoch{Number: n, Identity: id})
	}
	v.Readers = b.readers(s)
	_, member := s.Member(ring.Wallet())
	v.Removed = !member && b.joined(ring.Wallet()) && !(untold && n == b.invited)
	v.Left = v.Removed && b.outBy(ring.Wallet()) == ring.Wallet()
	v.Missing = b.h.Log().Missing()
	v.Lacking, err = k.lacking(ctx, b, s)
	return v, err
}

// secret is the identity of an epoch, nil when it is not here.
func (b *book) secret(recipient chain.Hash, r *keyring.Ring) *age.HybridIdentity {
	if b.secrets[recipient] == nil && b.held != r {
		b.held = r
		for _, h := range allOf(r, string(b.profile)) {
			b.secrets[hashOf(h.id)] = h.id
		}
	}
	return b.secrets[recipient]
}

// given are the operations that gave epochs to members, by the epochs' own.
func (b *book) given(s *family.State) map[chain.Hash][]chain.Hash {
	list := map[chain.Hash][]chain.Hash{}
	void := map[chain.Hash]bool{}
	for _, v := range s.Void {
		void[v.Entry] = true
	}
	for _, e := range b.h.Log().Entries() {
		if family.Kind(e.Kind) != family.KindGrant || void[e.Hash()] {
			continue
		}
		if a, err := family.Decode(family.KindGrant, e.Body); err == nil {
			for _, h := range a.(*family.Grant).Epochs {
				list[h] = append(list[h], e.Hash())
			}
		}
	}
	return list
}

// counting are the epochs that count, by number, and of one number first those that
// do not stand.
func counting(s *family.State) []family.EpochInfo {
	list := slices.DeleteFunc(slices.Clone(s.Epochs), func(e family.EpochInfo) bool { return e.Void != "" })
	slices.SortFunc(list, func(a, b family.EpochInfo) int {
		switch {
		case a.N != b.N:
			return a.N - b.N
		case a.Stands:
			return 1
		case b.Stands:
			return -1
		}
		return a.Entry.Compare(b.Entry)
	})
	return list
}

// standing are the epochs to be used, by number.
func standing(s *family.State) []family.EpochInfo {
	list := slices.DeleteFunc(slices.Clone(s.Epochs), func(e family.EpochInfo) bool { return !e.Stands || e.Void != "" })
	slices.SortFunc(list, func(a, b family.EpochInfo) int { return a.N - b.N })
	return list
}

// readers are the devices in use of all members.
func (b *book) readers(s *family.State) (list []sync.Reader) {
	log := b.h.Log()
	for _, m := range s.Members {
		since := 0
		for _, e := range standing(s) {
			if e.Entry == m.Since || log.Before(e.Entry, m.Since) {
				since = e.N
			}
		}
		for _, d := range m.Devices {
			list = append(list, sync.Reader{Device: d.ID, User: m.User, Verifier: ed25519.PublicKey(d.Key), Since: since})
		}
	}
	return list
}

// joined says whether a user ever was a member.
func (b *book) joined(user string) bool {
	return slices.ContainsFunc(b.h.Log().Entries(), func(e *chain.Entry) bool {
		switch a, _ := family.Decode(family.Kind(e.Kind), e.Body); a := a.(type) {
		case *family.Found:
			return e.User == user
		case *family.Add:
			return a.User == user
		}
		return false
	})
}

// outBy is who took a user out last, as far as that is known; "" for nobody.
func (b *book) outBy(user string) string {
	void := b.h.State().Void
	for _, e := range slices.Backward(b.h.Log().Entries()) {
		a, _ := family.Decode(family.Kind(e.Kind), e.Body)
		out, ok := a.(*family.Remove)
		if ok && out.User == user && !slices.ContainsFunc(void, func(v family.Void) bool { return v.Entry == e.Hash() }) {
			return e.User
		}
	}
	return ""
}

// OutBy is who took a user out last who was a member: themselves when they left. ""
// while they are one, or when it is not known. Error: ErrNone.
func (k *Keeper) OutBy(ctx context.Context, profile record.ProfileID, user string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, profile)
	if err != nil {
		return "", err
	}
	if _, member := b.h.State().Member(user); member {
		return "", nil
	}
	return b.outBy(user), nil
}

// lacking are the records that are named, that this user may open, and that are
// not here, or not as they were written.
func (k *Keeper) lacking(ctx context.Context, b *book, s *family.State) (list []sync.Piece, err error) {
	parts, err := k.pieces(ctx)
	if err != nil {
		return nil, err
	}
	ring := k.v.Ring()
	first, keys := b.firstOf(s, ring.Wallet()), len(ring.Identities(string(b.profile)))
	for _, r := range s.Records {
		if _, _, here := k.v.Sum(r.ID); here || r.Deleted || r.Moved != nil || b.refuses(r.ID, keys) || b.early(r, first) {
			continue
		}
		p := sync.Piece{ID: string(r.ID)}
		p.Parts = parts.missing(r.ID)
		list = append(list, p)
	}
	return list, nil
}

// firstOf is the entry that made the first epoch that is a user's, zero when that
// is the first of all.
func (b *book) firstOf(s *family.State, user string) chain.Hash {
	m, ok := s.Member(user)
	if !ok || m.From <= 1 {
		return chain.Hash{}
	}
	for _, e := range standing(s) {
		if e.N == m.From {
			return e.Entry
		}
	}
	return chain.Hash{}
}

// early says whether a record is of an epoch before a user's time (firstOf). It comes
// past them where another member asks for it, and is left there: also with a key to it,
// as who is to take over has one. Who does take over asks for it then.
func (b *book) early(r family.Record, first chain.Hash) bool {
	return !first.IsZero() && b.h.Log().Before(r.Entry, first)
}

// Entries implements sync.Store.
func (k *Keeper) Entries(ctx context.Context, profile string, n int) ([]*chain.Entry, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, record.ProfileID(profile))
	if errors.Is(err, ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return slices.Clone(b.h.Log().Entries()[n:]), nil
}

// Brings implements sync.Store.
func (k *Keeper) Brings(e *chain.Entry) (ids []string) {
	a, err := family.Decode(family.Kind(e.Kind), e.Body)
	if named, ok := a.(*family.Records); err == nil && ok {
		for _, n := range named.List {
			ids = append(ids, string(n.ID))
		}
	}
	return ids
}

// Record implements sync.Store.
func (k *Keeper) Record(ctx context.Context, profile, id string) ([]byte, error) {
	k.mu.Lock()
	b, err := k.book(ctx, record.ProfileID(profile))
	var named family.Record
	known := false
	if err == nil {
		named, known = b.h.State().Record(record.ID(id))
	}
	k.mu.Unlock()
	switch {
	case errors.Is(err, ErrNone):
		return nil, sync.ErrNone
	case err != nil:
		return nil, err
	case !known || named.Deleted || named.Moved != nil:
		return nil, sync.ErrNone
	}
	sealed, _, err := k.v.Sealed(ctx, record.ID(id))
	if errors.Is(err, vault.ErrNotFound) || errors.Is(err, record.ErrDamaged) || err == nil && sha256.Sum256(sealed) != named.Sum {
		return nil, sync.ErrNone
	}
	return sealed, err
}

// Notes implements sync.Store.
func (k *Keeper) Notes(ctx context.Context, profile string) ([]byte, error) {
	notes, err := k.v.Doc(ctx, prefixNotes+profile)
	if errors.Is(err, vault.ErrNotFound) || errors.Is(err, record.ErrDamaged) {
		return nil, nil // more is asked for than is missing, once
	}
	return notes, err
}

// Keep implements sync.Store.
func (k *Keeper) Keep(ctx context.Context, profile string, a sync.Arrival) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	b, err := k.book(ctx, record.ProfileID(profile))
	if err != nil {
		return err
	}
	parts, err := k.partsOf(ctx, a.Parts)
	if err != nil {
		return err
	}
	var tried []record.ID
	err = k.change(ctx, b, func(t *turn) error {
		t.docs[prefixNotes+profile] = vault.Doc{Body: a.Notes}
		if len(a.Entries) > 0 {
			if err := t.ownEpochs(); err != nil && !mayNot(err) && t.b.h.Log().Len() > 0 {
				return err // ours are said before another's take their number
			}
			for _, e := range a.Entries {
				t.take(e)
			}
			if err := t.learn(); err != nil {
				return err
			}
			if err := t.giveAtOnce(k); err != nil {
				return err
			}
		}
		err := t.takeRecords(a.Records, parts)
		tried = slices.Collect(maps.Keys(t.records))
		return err
	})
	if err != nil {
		k.parts = nil
		return err
	}
	k.arrived(parts)
	return k.refuse(ctx, b, tried)
}

// giveAtOnce gives an epoch that was just heard of to a member who was let in at once
// with it and whom its maker did not know. That has to be written before anything
// is read that comes after the epoch: then it can lie where they look.
func (t *turn) giveAtOnce(k *Keeper) error {
	s := t.b.h.State()
	if _, member := s.Member(t.by.User); !member || s.Later() {
		return nil
	}
	if err := t.gifts(k); err != nil && !mayNot(err) {
		return err
	}
	return nil
}

// take takes in an entry, admitted or held back.
func (t *turn) take(e *chain.Entry) {
	log := t.b.h.Log()
	if log.Has(e.Hash()) {
		return
	}
	if _, _ = t.b.h.Add(e); log.Has(e.Hash()) {
		t.keep(e)
	}
}
