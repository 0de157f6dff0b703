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
	docTrouble   = "own/trouble"
	restVersion  = "potli-own/2"
	// mergeAfter is how long a device waits for the one whose turn it is to merge two
	// user documents that were made at once.
	mergeAfter = time.Hour
)

// Docs are the documents that a user's devices share, by names of the wallet's
// choice. What is said of a name is the same text wherever it is the same.
type Docs interface {
	Docs(ctx context.Context) (map[string][]byte, error)
	// Seeds are what a device begins with that knows nothing of a name yet, instead of
	// its text. Where it does, they mean nothing: devices that agree may give others.
	Seeds(ctx context.Context) (map[string][]byte, error)
	// Put takes in what another device has changed; nil is gone. What it can not use
	// it leaves.
	Put(ctx context.Context, docs map[string][]byte) error
}

// register is how often a document was changed, and where last.
type register struct {
	N   uint64 `json:"n"`
	By  string `json:"by"`
	Sum []byte `json:"sum,omitempty"` // of the text; none: it is gone
	// Here is what stands here instead of a text that this release could not use (as
	// Sum, or one byte for nothing): nobody has changed it, nor taken it away.
	Here []byte `json:"here,omitempty"`
}

// sumOf is what stands for a text, nil for none.
func sumOf(body []byte) []byte {
	if body == nil {
		return nil
	}
	sum := sha256.Sum256(body)
	return sum[:]
}

// instead is that of a text that stands instead of another.
func instead(body []byte) []byte {
	if body == nil {
		return []byte{0}
	}
	return sumOf(body)
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
	Seed []byte `json:"seed,omitempty"`
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
		if err := o.k.takeKeys(ctx, sync.Parcel{User: rival}, rest{}); err != nil {
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
	compared, err := o.giveDocs(ctx, &r)
	if err != nil {
		return p, err
	}
	p.Sum = sha256.Sum256(slices.Concat(p.UserSum[:], compared))
	seeds, err := o.docs.Seeds(ctx)
	if err != nil {
		return p, err
	}
	for name, body := range seeds {
		if d, ok := r.Docs[name]; ok && d.Body != nil {
			d.Seed = body
			r.Docs[name] = d
		}
	}
	p.Rest, err = json.Marshal(r)
	return p, err
}

// giveDocs enters the documents, but for those that are left to a later release. It
// returns what two devices agree by: which text each has taken, not what it made of it.
func (o *desk) giveDocs(ctx context.Context, r *rest) (compared []byte, err error) {
	docs, registers, err := o.registers(ctx)
	if err != nil {
		return nil, err
	}
	taken := map[string]register{}
	for name, reg := range registers {
		taken[name] = register{N: reg.N, By: reg.By, Sum: reg.Sum}
		if reg.Here == nil {
			r.Docs[name] = shared{N: reg.N, By: reg.By, Body: docs[name]}
		}
	}
	return json.Marshal([]any{r.Rings, r.Roots, taken})
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
	count := func(name string, body []byte) {
		reg := registers[name]
		if slices.Equal(reg.Here, instead(body)) || reg.Here == nil && slices.Equal(reg.Sum, sumOf(body)) {
			return
		}
		registers[name], changed = register{N: reg.N + 1, By: self, Sum: sumOf(body)}, true
	}
	for name, body := range docs {
		count(name, body)
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
	if err := o.k.takeKeys(ctx, p, r); err != nil {
		return err
	}
	return o.takeDocs(ctx, r.Docs)
}

// takeKeys joins another device's keys to those here.
func (k *Keeper) takeKeys(ctx context.Context, p sync.Parcel, r rest) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.recallTrouble(ctx)
	unknown := map[record.ProfileID]chain.Hash{}
	for profile, root := range r.Roots {
		if _, err := k.book(ctx, profile); errors.Is(err, ErrNone) && !root.IsZero() {
			unknown[profile] = root
		}
	}
	return k.v.Update(ctx, func(ring *keyring.Ring) (c vault.Change, err error) {
		was := k.trouble
		next := k.takeUser(ring, p)
		var rival []byte
		if next == ring && !k.forked.IsZero() {
			rival = p.User
		}
		for _, profile := range sortedKeys(r.Rings) {
			if joined, err := next.WithCopy(r.Rings[profile]); err == nil { // else two secrets under one number: the history says which of them stands
				next = joined
			}
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
		if k.trouble != was {
			c.Docs[docTrouble] = vault.Doc{Body: troubleText(ring.Device(), k.trouble)}
		}
		return c, nil
	})
}

// takeDocs takes in documents that were changed more often elsewhere than here.
func (o *desk) takeDocs(ctx context.Context, theirs map[string]shared) error {
	if len(theirs) == 0 {
		return nil
	}
	docs, registers, err := o.registers(ctx)
	if err != nil {
		return err
	}
	put := map[string][]byte{}
	for name, s := range theirs {
		their := register{N: s.N, By: s.By, Sum: sumOf(s.Body)}
		if their.above(registers[name]) {
			put[name], registers[name] = s.Body, their
			if docs[name] == nil && s.Body != nil && s.Seed != nil {
				put[name] = s.Seed
			}
		}
	}
	if len(put) == 0 {
		return nil
	}
	if err := o.docs.Put(ctx, put); err != nil {
		return err
	}
	after, err := o.docs.Docs(ctx)
	if err != nil {
		return err
	}
	for name := range put {
		reg := registers[name]
		if !slices.Equal(reg.Sum, sumOf(after[name])) && slices.Equal(docs[name], after[name]) {
			reg.Here = instead(after[name])
			registers[name] = reg
		}
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
