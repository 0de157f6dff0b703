package family_test

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"potli/app/family"
	"potli/crypto/chain"
)

// symbols is a realm in which a key is a number and a ciphertext is {secrets, the
// numbers that open it}. Nothing is signed: whoever writes an operation says who
// they are, and the fold is asked all the same.
type symbols struct {
	rng  *rand.Rand
	past *chain.Past
	ops  []*family.Op
	docs map[chain.Hash]*symDoc

	hashes []chain.Hash // of ops
	acts   []family.Act
	places map[chain.Hash]int

	keys    int
	sealed  []symSealed
	writers map[string]int
	states  map[string]*family.State
	arrival bool // the fault: the line is in the order of arrival
}

type symSealed struct {
	secrets []int
	keys    []int
}

// symDoc is a user document. Its keys are the user's own, the last one current.
type symDoc struct {
	*family.Public
	user   string
	seq    uint64
	epoch  int
	keys   []int
	active []family.Device
	ended  map[family.Device]family.Device // by whom
	before map[*symDoc]bool
}

var errOut = errors.New("this device is out of use")

func newSymbols(rng *rand.Rand) *symbols {
	return &symbols{
		rng: rng, past: new(chain.Past), places: map[chain.Hash]int{}, docs: map[chain.Hash]*symDoc{},
		writers: map[string]int{}, states: map[string]*family.State{},
	}
}

func (y *symbols) hash() (h chain.Hash) {
	binary.LittleEndian.PutUint64(h[:], y.rng.Uint64())
	binary.LittleEndian.PutUint64(h[8:], y.rng.Uint64())
	return h
}

func (y *symbols) next() int { y.keys++; return y.keys }

func (y *symbols) device(u *user) *device {
	id := fmt.Sprint(u.id, ".", len(u.devices))
	d := &device{user: u, id: id, key: id}
	u.devices = append(u.devices, d)
	return d
}

func (y *symbols) newUser(name string) *device {
	d := y.device(&user{id: name})
	d.doc = y.finish(&symDoc{user: name, seq: 1, epoch: 1, keys: []int{y.next()}, active: []family.Device{d.device()}, ended: map[family.Device]family.Device{}}, nil)
	return d
}

// finish gives a document its name and what is public of it.
func (y *symbols) finish(n *symDoc, parents ...*symDoc) *symDoc {
	n.before = map[*symDoc]bool{}
	for _, p := range parents {
		if p != nil {
			n.before[p] = true
			maps.Copy(n.before, p.before)
		}
	}
	h := y.hash()
	n.Public = family.NewPublic(n.user, h, fmt.Sprint(n.keys[len(n.keys)-1]), n.epoch, n.seq, n.active, slices.Collect(maps.Keys(n.ended)), func(old *family.Public) bool {
		o := y.docs[old.Hash()]
		return o.user == n.user && slices.Contains(n.keys, o.keys[len(o.keys)-1])
	})
	y.docs[h] = n
	return n
}

func (d *symDoc) child() *symDoc {
	return &symDoc{user: d.user, seq: d.seq + 1, epoch: d.epoch, keys: slices.Clone(d.keys), active: slices.Clone(d.active), ended: maps.Clone(d.ended)}
}

func (d *symDoc) end(gone, by family.Device) {
	d.active = slices.DeleteFunc(d.active, func(o family.Device) bool { return o == gone })
	d.ended[gone] = by
}

func (y *symbols) roll(d *symDoc) { d.epoch++; d.keys = append(d.keys, y.next()) }

func (y *symbols) mine(d *device) (*symDoc, bool) {
	doc := d.doc.(*symDoc)
	return doc, slices.Contains(doc.active, d.device())
}

func (y *symbols) addDevice(by *device, _ time.Time) (*device, error) {
	old, ok := y.mine(by)
	if !ok {
		return nil, errOut
	}
	n, c := y.device(by.user), old.child()
	c.active = append(c.active, n.device())
	by.doc = y.finish(c, old)
	n.doc = by.doc
	return n, nil
}

func (y *symbols) endDevice(by, gone *device, _ time.Time) error {
	old, ok := y.mine(by)
	if !ok || !slices.Contains(old.active, gone.device()) {
		return errOut
	}
	c := old.child()
	c.end(gone.device(), by.device())
	y.roll(c)
	by.doc = y.finish(c, old)
	return nil
}

func (y *symbols) rollUser(by *device, _ time.Time) error {
	old, ok := y.mine(by)
	if !ok {
		return errOut
	}
	c := old.child()
	y.roll(c)
	by.doc = y.finish(c, old)
	return nil
}

func (y *symbols) recover(from *device, lost []*device, _ time.Time) (*device, error) {
	old := from.doc.(*symDoc)
	n, c := y.device(from.user), old.child()
	c.active = append(c.active, n.device())
	for _, l := range lost {
		if slices.Contains(c.active, l.device()) {
			c.end(l.device(), n.device())
		}
	}
	y.roll(c)
	n.doc = y.finish(c, old)
	return n, nil
}

// meet is what crypto/keyring does: the later document, or both merged.
func (y *symbols) meet(d, other *device, _ time.Time) {
	a, b := d.doc.(*symDoc), other.doc.(*symDoc)
	switch {
	case a == b || a.before[b]:
	case b.before[a]:
		if slices.Contains(b.active, d.device()) {
			d.doc = b
		}
	default:
		y.merge(d, a, b)
	}
}

func (y *symbols) merge(d *device, a, b *symDoc) {
	c := a.child()
	c.seq, c.epoch = max(a.seq, b.seq)+1, max(a.epoch, b.epoch)
	for _, k := range b.keys {
		if !slices.Contains(c.keys, k) {
			c.keys = append(c.keys, k)
		}
	}
	for _, o := range b.active {
		if by, out := a.ended[o]; out && y.answered(o, by, b) {
			delete(c.ended, o)
			c.active = append(c.active, o)
		} else if !out && !slices.Contains(c.active, o) {
			c.active = append(c.active, o)
		}
	}
	for o, by := range b.ended {
		if slices.Contains(c.active, o) && !(slices.Contains(a.active, o) && y.answered(o, by, a)) {
			c.end(o, by)
		}
		if _, known := c.ended[o]; !known && !slices.Contains(c.active, o) {
			c.ended[o] = by
		}
	}
	slices.SortFunc(c.active, func(x, y family.Device) int { return cmp.Compare(x.ID, y.ID) })
	y.roll(c)
	if slices.Contains(c.active, d.device()) {
		d.doc = y.finish(c, a, b)
	}
}

// answered: o was taken out by a younger device that o took out on the other side.
func (y *symbols) answered(o, by family.Device, side *symDoc) bool {
	return side.ended[by] == o && o.ID < by.ID
}

func (y *symbols) public(d *device, _ time.Time) []byte {
	doc, ok := y.mine(d)
	if !ok {
		return nil
	}
	h := doc.Hash()
	return h[:]
}

func (y *symbols) standing(st *family.State, d *device) family.Standing {
	return st.StandingOf(d.doc.(*symDoc).Public)
}

func (y *symbols) lists(m family.Member, d *device) bool {
	return y.docs[m.Doc] != nil && slices.Contains(y.docs[m.Doc].active, d.device())
}

func (y *symbols) key() secret { return y.next() }

func (y *symbols) recipient(s secret) chain.Hash { return symRecipient(s.(int)) }

func (y *symbols) seal(to []family.Member, secrets ...secret) []byte {
	var c symSealed
	for _, s := range secrets {
		c.secrets = append(c.secrets, s.(int))
	}
	for _, m := range to {
		keys := y.docs[m.Doc].keys
		c.keys = append(c.keys, keys[len(keys)-1])
	}
	y.sealed = append(y.sealed, c)
	return binary.AppendUvarint(nil, uint64(len(y.sealed)-1))
}

// knows: the user's own keys out of every document that was sealed to the device,
// and what they open.
func (y *symbols) knows(d *device) map[chain.Hash]bool {
	own := map[int]bool{}
	for _, doc := range y.docs {
		if slices.Contains(doc.active, d.device()) {
			for _, k := range doc.keys {
				own[k] = true
			}
		}
	}
	return opened(y.sealed, own)
}

// opens: the same with the keys that the device has now, of what has arrived.
func (y *symbols) opens(d *device) map[chain.Hash]bool {
	var arrived []symSealed
	for _, i := range d.replica.(*symReplica).known {
		if b := sealedIn(y.acts[i]); b != nil {
			n, _ := binary.Uvarint(b)
			arrived = append(arrived, y.sealed[n])
		}
	}
	return opened(arrived, d.doc.(*symDoc).own())
}

// sealedIn is what an operation gives its readers.
func sealedIn(a family.Act) []byte {
	switch a := a.(type) {
	case *family.Epoch:
		return a.Sealed
	case *family.Grant:
		return a.Sealed
	}
	return nil
}

func (y *symbols) with(_ *device, old doc) map[chain.Hash]bool {
	return opened(y.sealed, old.(*symDoc).own())
}

func (d *symDoc) own() map[int]bool {
	own := map[int]bool{}
	for _, k := range d.keys {
		own[k] = true
	}
	return own
}

func (y *symbols) tookBack(d *device) bool {
	for _, doc := range y.docs {
		if !slices.Contains(doc.active, d.device()) {
			continue
		}
		for old := range doc.before {
			if _, out := old.ended[d.device()]; out {
				return true
			}
		}
	}
	return false
}

func opened(list []symSealed, own map[int]bool) map[chain.Hash]bool {
	out := map[chain.Hash]bool{}
	for _, c := range list {
		if slices.ContainsFunc(c.keys, func(k int) bool { return own[k] }) {
			for _, s := range c.secrets {
				out[symRecipient(s)] = true
			}
		}
	}
	return out
}

func symRecipient(key int) (h chain.Hash) {
	binary.BigEndian.PutUint32(h[:], uint32(key))
	return h
}

// symReplica is what one device knows, as it arrived.
type symReplica struct {
	y     *symbols
	known []int
	has   map[int]bool
	heads []int
}

func (y *symbols) begin(d *device, now time.Time) replica {
	r := &symReplica{y: y, has: map[int]bool{}}
	if _, err := r.append(d, &family.Found{Public: y.public(d, now)}, now); err != nil {
		panic(err)
	}
	return r
}

func (r *symReplica) state() *family.State {
	line := slices.Clone(r.known)
	if !r.y.arrival {
		slices.SortFunc(line, func(a, b int) int {
			return cmp.Or(cmp.Compare(r.y.past.Depth(a), r.y.past.Depth(b)), r.y.hashes[a].Compare(r.y.hashes[b]))
		})
	}
	key := make([]byte, 0, 2*len(line))
	for _, i := range line {
		key = append(key, byte(i), byte(i>>8))
	}
	if s, ok := r.y.states[string(key)]; ok {
		return s
	}
	ops := make([]*family.Op, len(line))
	for i, at := range line {
		ops[i] = r.y.ops[at]
	}
	s := family.FoldLine(ops, r.y.past)
	r.y.states[string(key)] = s
	return s
}

// doc of an operation that brings one.
func (y *symbols) doc(a family.Act) *family.Public {
	var b []byte
	switch a := a.(type) {
	case *family.Found:
		b = a.Public
	case *family.Add:
		b = a.Public
	case *family.Devices:
		b = a.Public
	default:
		return nil
	}
	return y.docs[chain.Hash(b)].Public
}

func (r *symReplica) write(d *device, a family.Act, now time.Time) (chain.Hash, error) {
	if err := r.state().Judge(d.user.id, d.id, a, r.y.doc(a), now); err != nil {
		return chain.Hash{}, err
	}
	return r.append(d, a, now)
}

func (r *symReplica) append(d *device, a family.Act, now time.Time) (chain.Hash, error) {
	y := r.y
	w, ok := y.writers[d.id]
	if !ok {
		w = len(y.writers)
		y.writers[d.id] = w
	}
	at, h := y.past.Add(w, r.heads), y.hash()
	y.ops = append(y.ops, family.NewOp(at, h, d.user.id, d.id, a, y.doc(a), now))
	y.hashes, y.acts = append(y.hashes, h), append(y.acts, a)
	y.places[h] = at
	r.take(at)
	return h, nil
}

func (r *symReplica) take(at int) {
	if r.has[at] {
		return
	}
	r.known, r.has[at] = append(r.known, at), true
	r.heads = append(slices.DeleteFunc(slices.Clone(r.heads), func(h int) bool { return r.y.past.Before(h, at) }), at)
}

func (r *symReplica) pull(from replica) {
	for _, at := range from.(*symReplica).known {
		r.take(at)
	}
}

func (r *symReplica) clone() replica {
	return &symReplica{y: r.y, known: slices.Clone(r.known), has: maps.Clone(r.has), heads: slices.Clone(r.heads)}
}

func (y *symbols) sees(a, b chain.Hash) bool {
	i, ok := y.places[a]
	j, too := y.places[b]
	return ok && too && y.past.Before(j, i)
}

func (y *symbols) out(public []byte, d *device) bool {
	_, out := y.docs[chain.Hash(public)].ended[d.device()]
	return out
}
