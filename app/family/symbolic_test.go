package family_test

import (
	"cmp"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
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

// inParallel runs seeds on all processors until one fails.
func inParallel(t *testing.T, n int, one func(seed uint64) error) {
	t.Helper()
	var next atomic.Uint64
	var wg sync.WaitGroup
	var mu sync.Mutex
	failed := map[uint64]error{}
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for seed := next.Add(1); seed <= uint64(n); seed = next.Add(1) {
				if err := one(seed); err != nil {
					mu.Lock()
					failed[seed] = err
					mu.Unlock()
					next.Store(uint64(n))
				}
			}
		})
	}
	wg.Wait()
	for _, seed := range slices.Sorted(maps.Keys(failed)) {
		t.Errorf("history %d: %v", seed, failed[seed])
	}
}

// tally is what many histories came to.
type tally struct {
	writes, records, void, checked, lost, forgotten atomic.Int64
}

func (c *tally) add(s *story) {
	st := s.devices()[0].state()
	c.writes.Add(int64(st.Size()))
	c.records.Add(int64(len(s.records)))
	c.void.Add(int64(len(st.Void)))
	c.checked.Add(int64(s.checked))
	c.lost.Add(int64(s.lost))
}

// sane says whether the histories had in them what they are for.
func (c *tally) sane(t *testing.T, n int) {
	t.Helper()
	t.Logf("%d histories: %d operations, %d of them void, %d records; %d devices open what is theirs, %d were set back too far",
		n, c.writes.Load(), c.void.Load(), c.records.Load(), c.checked.Load(), c.lost.Load())
	if c.records.Load() < int64(n)/2 || c.void.Load() < int64(n)/20 || c.lost.Load()*20 > c.checked.Load() {
		t.Error("these histories show too little")
	}
}

func symbolic(seed uint64, f faults, c *tally) error {
	rng := rand.New(rand.NewPCG(seed, 25))
	y := newSymbols(rng)
	y.arrival = f.arrival
	s := tell(rng, y, *longer+6+int(seed%14), f)
	err := s.check()
	c.add(s)
	return err
}

var (
	histories = flag.Int("histories", 100_000, "how many histories with keys that are numbers")
	longer    = flag.Int("longer", 0, "by how many steps they are longer")
)

func TestHistories(t *testing.T) {
	n := *histories
	if raced || testing.Short() || runtime.GOOS == "js" {
		n = min(n, 400)
	}
	var c tally
	inParallel(t, n, func(seed uint64) error { return symbolic(seed, faults{}, &c) })
	c.sane(t, n)
}

var history = flag.Uint64("history", 0, "print what happens in this history")

func TestOneHistory(t *testing.T) {
	if *history == 0 {
		return
	}
	rng := rand.New(rand.NewPCG(*history, 25))
	s := tell(rng, newSymbols(rng), *longer+6+int(*history%14), faults{}, t.Log)
	t.Log(s.check())
	y := s.realm.(*symbols)
	t.Log(len(y.ops), "operations,", len(y.docs), "documents,", len(y.states), "states,", len(s.all()), "devices")
	st := s.devices()[0].state()
	for _, v := range st.Void {
		t.Log(v.User, v.Device, v.Kind, v.Why)
	}
	for _, d := range s.all() {
		doc := d.doc.(*symDoc)
		t.Log(d.id, "has", doc.seq, doc.epoch, doc.keys, doc.active, doc.ended, y.standing(st, d))
	}
	for h, d := range y.docs {
		t.Log("doc", h.String()[:4], d.user, d.seq, d.epoch, d.keys, d.active, d.ended)
	}
	for _, m := range st.Members {
		t.Log(m.Doc.String()[:4], len(m.Lacks), m.User, m.Role, m.From, m.Devices)
	}
}
