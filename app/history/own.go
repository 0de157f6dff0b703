package history

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"filippo.io/age"

	"potli/app/record"
	"potli/app/sync"
	"potli/app/vault"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// What the devices of one user share besides histories (sync.Own): the user file,
// every person's keys and the beginning of their history, and documents of the
// wallet. Keys are joined, and never taken away. Of a document the one that was
// changed more often stands, and of two changed at once the one of the device whose
// id is the higher: on every device alike.

const (
	docOwn       = "own/notes"
	docRegisters = "own/registers"
	docRival     = "own/rival" // a user file that was made at once with the one here, until they are merged
	restVersion  = "potli-own/1"
	// mergeAfter is how long a device waits for the one whose turn it is to merge two
	// user documents that were made at once.
	mergeAfter = time.Hour
)

// Docs are the documents that a user's devices share, by names of the wallet's
// choice. What is said of a name is the same text wherever it is the same.
type Docs interface {
	Docs(ctx context.Context) (map[string][]byte, error)
	// Put takes in what another device has changed; nil is gone. What it can not use
	// it leaves.
	Put(ctx context.Context, docs map[string][]byte) error
}

// register is how often a document was changed, and where last.
type register struct {
	N   uint64 `json:"n"`
	By  string `json:"by"`
	Sum []byte `json:"sum,omitempty"` // of the text; none: it is gone
}

func (r register) above(o register) bool { return r.N > o.N || r.N == o.N && r.By > o.By }

// rest is what other devices are told besides the user file.
type rest struct {
	Version string                          `json:"version"`
	Rings   map[string]json.RawMessage      `json:"rings"`
	Roots   map[record.ProfileID]chain.Hash `json:"roots"`
	Docs    map[string]shared               `json:"docs"`
}

type shared struct {
	N    uint64 `json:"n"`
	By   string `json:"by"`
	Body []byte `json:"body,omitempty"`
}

// desk is sync.Own of a Keeper.
type desk struct {
	k    *Keeper
	docs Docs

	seq    uint64 // of the vault when parcel was made
	parcel *sync.Parcel
}

var _ sync.Own = (*desk)(nil)

// Own is what package sync needs to bring the user's own devices together.
func (k *Keeper) Own(docs Docs) sync.Own { return &desk{k: k, docs: docs} }

// Trouble says why the newest user file of another device was not taken, nil when
// all is well: keyring.ErrTooNew and ErrRewritten have to be told to the person,
// ErrRemoved means that it no longer lists this device.
func (k *Keeper) Trouble() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.trouble
}

// Epochs implements sync.Own.
func (o *desk) Epochs(context.Context) (ids []*age.HybridIdentity, err error) {
	r := o.k.v.Ring()
	for _, n := range r.Epochs("") {
		if id := r.Identity("", n); n > 0 && id != nil {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Verifier implements sync.Own.
func (o *desk) Verifier(device string) ed25519.PublicKey {
	if d, ok := o.k.v.Ring().User().Device(device); ok && d.Active() {
		return d.Verifier
	}
	return nil
}

// Notes implements sync.Own.
func (o *desk) Notes(ctx context.Context) ([]byte, error) {
	b, err := o.k.v.Doc(ctx, docOwn)
	if errors.Is(err, vault.ErrNotFound) || errors.Is(err, record.ErrDamaged) {
		return nil, nil
	}
	return b, err
}

// Keep implements sync.Own.
func (o *desk) Keep(ctx context.Context, notes []byte) error {
	return o.k.v.PutDocs(ctx, map[string][]byte{docOwn: notes})
}

// Give implements sync.Own.
func (o *desk) Give(ctx context.Context) (p sync.Parcel, err error) {
	if o.parcel != nil && o.seq == o.k.v.Seq() && o.k.agreed() {
		return *o.parcel, nil
	}
	if rival, err := o.k.v.Doc(ctx, docRival); err == nil {
		if err := o.k.takeKeys(ctx, rival, rest{}); err != nil {
			return p, err
		}
	}
	defer func() {
		if err == nil {
			o.parcel, o.seq = &p, o.k.v.Seq()
		}
	}()
	ring := o.k.v.Ring()
	if p.User, err = ring.User().Seal(); err != nil {
		return p, err
	}
	pin, err := json.Marshal(ring.User().Pin())
	if err != nil {
		return p, err
	}
	p.UserSum = sha256.Sum256(pin)
	r := rest{Version: restVersion, Rings: map[string]json.RawMessage{}, Docs: map[string]shared{}}
	for _, profile := range ring.Profiles() {
		if r.Rings[profile], err = ring.Copy(profile); err != nil {
			return p, err
		}
	}
	if r.Roots, err = o.k.Roots(ctx); err != nil {
		return p, err
	}
	docs, registers, err := o.registers(ctx)
	if err != nil {
		return p, err
	}
	for name, reg := range registers {
		r.Docs[name] = shared{reg.N, reg.By, docs[name]}
	}
	if p.Rest, err = json.Marshal(r); err != nil {
		return p, err
	}
	p.Sum = sha256.Sum256(slices.Concat(p.UserSum[:], p.Rest))
	return p, nil
}

// registers are those of all documents, with what was changed here since they were
// last looked at counted.
func (o *desk) registers(ctx context.Context) (docs map[string][]byte, registers map[string]register, err error) {
	if docs, err = o.docs.Docs(ctx); err != nil {
		return nil, nil, err
	}
	registers = map[string]register{}
	b, err := o.k.v.Doc(ctx, docRegisters)
	if err == nil {
		err = json.Unmarshal(b, &registers)
	}
	if err != nil && !errors.Is(err, vault.ErrNotFound) && !errors.Is(err, record.ErrDamaged) {
		return nil, nil, err
	}
	changed, self := false, o.k.v.Ring().Device()
	count := func(name string, sum []byte) {
		if reg := registers[name]; !slices.Equal(reg.Sum, sum) {
			registers[name], changed = register{reg.N + 1, self, sum}, true
		}
	}
	for name, body := range docs {
		sum := sha256.Sum256(body)
		count(name, sum[:])
	}
	for name := range registers {
		if docs[name] == nil {
			count(name, nil)
		}
	}
	if changed {
		err = o.keepRegisters(ctx, registers)
	} else {
		err = nil
	}
	return docs, registers, err
}

func (o *desk) keepRegisters(ctx context.Context, registers map[string]register) error {
	b, err := json.Marshal(registers)
	if err != nil {
		return err
	}
	return o.k.v.PutDocs(ctx, map[string][]byte{docRegisters: b})
}

// Take implements sync.Own.
func (o *desk) Take(ctx context.Context, p sync.Parcel) error {
	var r rest
	if p.Rest != nil && (json.Unmarshal(p.Rest, &r) != nil || r.Version != restVersion) {
		r = rest{} // of a later release, or nobody's
	}
	if err := o.k.takeKeys(ctx, p.User, r); err != nil {
		return err
	}
	return o.takeDocs(ctx, r.Docs)
}

// takeKeys joins another device's keys to those here.
func (k *Keeper) takeKeys(ctx context.Context, user []byte, r rest) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	unknown := map[record.ProfileID]chain.Hash{}
	for profile, root := range r.Roots {
		if _, err := k.book(ctx, profile); errors.Is(err, ErrNone) && !root.IsZero() {
			unknown[profile] = root
		}
	}
	return k.v.Update(ctx, func(ring *keyring.Ring) (c vault.Change, err error) {
		next := k.takeUser(ring, user)
		var rival []byte
		if next == ring && !k.forked.IsZero() {
			rival = user
		}
		for _, profile := range sortedKeys(r.Rings) {
			joined, err := next.WithCopy(r.Rings[profile])
			if err != nil {
				continue // two secrets under one number: the history says which of them stands
			}
			next = joined
		}
		roots := map[record.ProfileID]chain.Hash{}
		for profile, root := range unknown {
			if slices.Contains(next.Profiles(), string(profile)) {
				roots[profile] = root
			}
		}
		if c.Docs = RootDocs(roots); next != ring {
			c.Ring = next
		}
		if rival != nil || next != ring {
			c.Docs[docRival] = vault.Doc{Body: rival}
		}
		return c, nil
	})
}

// takeUser takes another device's user file where it may take the place of the one
// here, and merges the two where they were made at once.
func (k *Keeper) takeUser(ring *keyring.Ring, file []byte) *keyring.Ring {
	other, err := keyring.OpenUser(file, ring.Keys().Identity, keyring.Pin{})
	if errors.Is(err, keyring.ErrNotForUs) {
		k.trouble = keyring.ErrRemoved // or somebody else's
		return ring
	}
	if err != nil {
		return ring
	}
	next, err := ring.WithUser(other, k.now())
	switch {
	case err == nil:
		k.trouble, k.forked = nil, time.Time{}
		return next
	case errors.Is(err, keyring.ErrOlder):
		return ring
	case errors.Is(err, keyring.ErrForked):
		return k.mergeUser(ring, other)
	}
	k.trouble = err
	return ring
}

// mergeUser merges two user documents that were made at once. If both devices did
// so, two others would be made at once: so the one whose id is lowest does, and the
// others after a while.
func (k *Keeper) mergeUser(ring *keyring.Ring, other *keyring.User) *keyring.Ring {
	if k.forked.IsZero() {
		k.forked = k.now()
	}
	for _, d := range slices.Concat(ring.User().Devices(), other.Devices()) {
		if d.Active() && d.ID < ring.Device() && k.now().Sub(k.forked) < mergeAfter {
			return ring
		}
	}
	merged, err := keyring.Merge(ring.Keys(), ring.User(), other, k.now())
	if err == nil {
		ring2, err := ring.WithUser(merged, k.now())
		if err == nil {
			k.trouble, k.forked = nil, time.Time{}
			return ring2
		}
	}
	k.trouble = err
	return ring
}

// agreed says whether no user file waits to be merged.
func (k *Keeper) agreed() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.forked.IsZero()
}

// takeDocs takes in documents that were changed more often elsewhere than here.
func (o *desk) takeDocs(ctx context.Context, theirs map[string]shared) error {
	if len(theirs) == 0 {
		return nil
	}
	_, registers, err := o.registers(ctx)
	if err != nil {
		return err
	}
	put := map[string][]byte{}
	for name, s := range theirs {
		their := register{N: s.N, By: s.By}
		if s.Body != nil {
			sum := sha256.Sum256(s.Body)
			their.Sum = sum[:]
		}
		if their.above(registers[name]) {
			put[name], registers[name] = s.Body, their
		}
	}
	if len(put) == 0 {
		return nil
	}
	if err := o.docs.Put(ctx, put); err != nil {
		return err
	}
	return o.keepRegisters(ctx, registers)
}

func sortedKeys(m map[string]json.RawMessage) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
