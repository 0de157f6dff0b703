package sync_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/sync"
	"potli/crypto/chain"
	"potli/crypto/envelope"
)

// A lab is a small world for tests: one profile, a few devices with real keys, a
// relay, and a clock. Its rules of who may what are the simplest there can be: who
// was added reads and writes until they are removed, and a removal counts against
// everything that was not written before it.
type lab struct {
	t       testing.TB
	now     time.Time
	devices []*device
	made    int  // identities
	plain   bool // letters and records are not sealed, for tests that need thousands
}

const profile = "asha"

var ctx = context.Background()

// person is one device of one person, and all that it keeps durably.
type device struct {
	lab    *lab
	id     string
	signer ed25519.PrivateKey
	self   *age.HybridIdentity // D, to which epochs are sealed
	mail   sync.Mail
	disk   *disk
	engine *sync.Engine
	fuse   int // durable steps until the program is killed; -1: never
}

// disk is what survives.
type disk struct {
	entries map[chain.Hash][]byte // all that came, admitted or held back
	came    []chain.Hash
	records map[string][]byte
	apart   map[string]string // what was refused, and why
	aside   map[string][]byte // records that no entry names yet
	parts   map[string]map[int][]byte
	secrets map[chain.Hash]*age.HybridIdentity // by the entry that announced them
	notes   []byte

	log    *chain.Log // made from entries
	folded *folded    // of log, nil when it has to be made again
}

// op is the body of every entry of the lab.
type op struct {
	Add    *who              `json:"add,omitempty"`
	Remove string            `json:"remove,omitempty"`
	Epoch  []byte            `json:"epoch,omitempty"` // age file to the members' D: the secret
	Keep   map[string]string `json:"keep,omitempty"`  // record id: SHA-256 of the sealed bytes
	Drop   string            `json:"drop,omitempty"`
}

type who struct {
	Device    string `json:"device"`
	Key       []byte `json:"key"`
	Recipient string `json:"recipient"`
	Since     int    `json:"since"`
}

var errKilled = errors.New("the program was killed")

func newLab(t testing.TB) *lab {
	return &lab{t: t, now: time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// device makes a device that knows nothing.
func (l *lab) device(id string, mail sync.Mail) *device {
	_, signer, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		l.t.Fatal(err)
	}
	d := &device{lab: l, id: id, signer: signer, self: l.identity(), mail: mail, fuse: -1, disk: newDisk()}
	l.devices = append(l.devices, d)
	d.start()
	return d
}

func newDisk() *disk {
	return &disk{
		entries: map[chain.Hash][]byte{}, records: map[string][]byte{}, apart: map[string]string{}, aside: map[string][]byte{},
		parts: map[string]map[int][]byte{}, secrets: map[chain.Hash]*age.HybridIdentity{},
	}
}

// start begins the program anew on what is on disk.
func (d *device) start() {
	d.fuse = -1
	d.disk.log, d.disk.folded = nil, nil
	d.engine = sync.New(sync.Options{Mail: d.mail, Store: d, Device: d.id, Signer: d.signer, Now: func() time.Time { return d.lab.now }, Rand: rand.Reader})
	if d.lab.plain {
		d.engine.Plainly()
	}
}

func (d *device) who() *who {
	return &who{Device: d.id, Key: d.signer.Public().(ed25519.PublicKey), Recipient: d.self.Recipient().String(), Since: 1}
}

// found begins the profile's history with this device alone.
func (d *device) found() {
	secret := d.lab.identity()
	d.write(op{Add: d.who(), Epoch: d.lab.sealSecret(secret, d.self.Recipient().String())})
}

func (l *lab) sealSecret(secret *age.HybridIdentity, to ...string) []byte {
	if l.plain {
		return must(json.Marshal(append([]string{secret.String()}, to...)))
	}
	var b bytes.Buffer
	var list []age.Recipient
	for _, r := range to {
		list = append(list, must(age.ParseHybridRecipient(r)))
	}
	w := must(age.Encrypt(&b, list...))
	must(w.Write([]byte(secret.String())))
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func (l *lab) openSecret(sealed []byte, id *age.HybridIdentity) *age.HybridIdentity {
	if l.plain {
		var list []string
		if json.Unmarshal(sealed, &list) != nil || !slices.Contains(list[1:], id.Recipient().String()) {
			return nil
		}
		return must(age.ParseHybridIdentity(list[0]))
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		return nil
	}
	return must(age.ParseHybridIdentity(string(must(io.ReadAll(r)))))
}

// identity is a new one; in a plain lab there are some to choose from.
func (l *lab) identity() *age.HybridIdentity {
	if l.made++; l.plain {
		for len(pool) < l.made {
			pool = append(pool, must(age.GenerateHybridIdentity()))
		}
		return pool[l.made-1]
	}
	return must(age.GenerateHybridIdentity())
}

var pool []*age.HybridIdentity

// write adds an own entry, durably.
func (d *device) write(o op) *chain.Entry {
	d.lab.t.Helper()
	var draft chain.Draft
	if log := d.disk.chain(); log != nil {
		draft = log.Draft(d.signer.Public().(ed25519.PublicKey))
	} else {
		draft = chain.Draft{Profile: profile, N: 1}
	}
	draft.User, draft.Device, draft.Time, draft.Kind, draft.Body = "user-"+d.id, d.id, d.lab.now, "lab", must(json.Marshal(o))
	e, err := chain.Sign(draft, d.signer)
	if err != nil {
		d.lab.t.Fatal(err)
	}
	d.admit(e)
	return e
}

func (d *device) admit(e *chain.Entry) {
	if _, ok := d.disk.entries[e.Hash()]; !ok {
		d.disk.entries[e.Hash()] = e.Bytes()
		d.disk.came = append(d.disk.came, e.Hash())
		if d.disk.log == nil {
			d.disk.log = d.disk.chain()
		} else if _, err := d.disk.log.Add(e); err != nil {
			d.lab.t.Logf("%s: %v", d.id, err)
		}
		d.disk.folded = nil
	}
	d.learn()
}

// chain is the log of everything on disk, nil while its beginning is not there.
func (k *disk) chain() *chain.Log {
	if k.log != nil {
		return k.log
	}
	for _, h := range k.came {
		if e := must(chain.Verify(k.entries[h])); len(e.Prev) == 0 {
			k.log = chain.NewLog(profile, h)
		}
	}
	if k.log == nil {
		return nil
	}
	for _, h := range k.came {
		k.log.Add(must(chain.Verify(k.entries[h])))
	}
	return k.log
}

// learn opens the epochs that are sealed to this device.
func (d *device) learn() {
	log := d.disk.chain()
	if log == nil {
		return
	}
	for _, e := range log.Entries() {
		if o := opOf(e); o.Epoch != nil && d.disk.secrets[e.Hash()] == nil {
			if secret := d.lab.openSecret(o.Epoch, d.self); secret != nil {
				d.disk.secrets[e.Hash()] = secret
			}
		}
	}
}

func opOf(e *chain.Entry) op {
	if o, ok := ops.Load(e.Hash()); ok {
		return o.(op)
	}
	var o op
	if err := json.Unmarshal(e.Body, &o); err != nil {
		o = op{}
	}
	ops.Store(e.Hash(), o)
	return o
}

var ops stdsync.Map // of entries by hash, read once

// invite makes another device a member: it is told the history's newest secret in
// another way than by the relay, as a pairing does, and finds the rest itself.
func (d *device) invite(other *device) {
	d.lab.t.Helper()
	f := d.disk.fold()
	w := other.who()
	w.Since = len(f.epochs)
	d.write(op{Add: w})
	newest := f.epochs[len(f.epochs)-1]
	other.disk.secrets[newest.Hash()] = d.disk.secrets[newest.Hash()]
}

// remove takes a device out, and makes a new epoch for the others.
func (d *device) remove(id string) {
	d.lab.t.Helper()
	d.write(op{Remove: id})
	d.roll()
}

func (d *device) roll() *chain.Entry {
	var to []string
	for _, w := range d.disk.fold().members {
		to = append(to, w.Recipient)
	}
	slices.Sort(to)
	return d.write(op{Epoch: d.lab.sealSecret(d.lab.identity(), to...)})
}

// add writes records, as one entry and so many objects.
func (d *device) add(bodies ...[]byte) []string {
	d.lab.t.Helper()
	f := d.disk.fold()
	newest := f.epochs[len(f.epochs)-1]
	secret := d.disk.secrets[newest.Hash()]
	o := op{Keep: map[string]string{}}
	for _, body := range bodies {
		var id [32]byte
		rand.Read(id[:])
		name := base64.RawURLEncoding.EncodeToString(id[:])
		h := envelope.Header{Kind: "record", Profile: profile, Epoch: len(f.epochs), ID: name, Device: d.id, Type: "text/plain"}
		sealed := append([]byte(name), body...)
		if !d.lab.plain {
			sealed = must(envelope.Seal(h, body, secret.Recipient(), d.signer))
		}
		d.disk.records[name] = sealed
		o.Keep[name] = digest(sealed)
	}
	d.write(o)
	return slices.Sorted(maps.Keys(o.Keep))
}

func digest(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// folded is what follows from a log.
type folded struct {
	members map[string]*who
	removed map[string]bool
	epochs  []*chain.Entry
	keeps   map[string]keep
}

type keep struct {
	sum    string
	device string
}

// fold is what follows from the admitted entries, in whatever order they came.
func (k *disk) fold() *folded {
	if k.folded != nil {
		return k.folded
	}
	log := k.chain()
	f := &folded{members: map[string]*who{}, removed: map[string]bool{}, keeps: map[string]keep{}}
	added := map[string]*who{}
	var genuine, removals []*chain.Entry // signed by the device that they name
	for _, e := range log.Order() {
		if w := added[e.Device]; len(e.Prev) > 0 && (w == nil || !bytes.Equal(w.Key, e.Key)) {
			continue
		}
		genuine = append(genuine, e)
		if o := opOf(e); o.Remove != "" {
			removals = append(removals, e)
			f.removed[o.Remove] = true
		} else if o.Add != nil && added[o.Add.Device] == nil {
			added[o.Add.Device] = o.Add
		}
	}
	for _, e := range genuine {
		if slices.ContainsFunc(removals, func(r *chain.Entry) bool { // before or beside e
			return opOf(r).Remove == e.Device && !log.Before(e.Hash(), r.Hash())
		}) {
			continue
		}
		o := opOf(e)
		if o.Epoch != nil {
			f.epochs = append(f.epochs, e)
		}
		for id, sum := range o.Keep {
			if _, twice := f.keeps[id]; !twice {
				f.keeps[id] = keep{sum, e.Device}
			}
		}
		delete(f.keeps, o.Drop)
	}
	for id, w := range added {
		if !f.removed[id] {
			f.members[id] = w
		}
	}
	k.folded = f
	return f
}

// --- sync.Store ---

// step is a point at which the program can be killed.
func (d *device) step() error {
	if d.fuse > 0 {
		d.fuse--
	}
	if d.fuse == 0 {
		return errKilled
	}
	return nil
}

func (d *device) View(context.Context, string) (sync.View, error) {
	v := sync.View{}
	log := d.disk.chain()
	if log == nil {
		for h, secret := range d.disk.secrets {
			v.Epochs = append(v.Epochs, sync.Epoch{Number: 1, Identity: secret, Announced: h})
		}
		return v, nil
	}
	v.Root = log.Root()
	f := d.disk.fold()
	for i, e := range f.epochs {
		if secret := d.disk.secrets[e.Hash()]; secret != nil {
			ep := sync.Epoch{Number: i + 1, Identity: secret}
			if i > 0 {
				ep.Announced = e.Hash()
			}
			v.Epochs = append(v.Epochs, ep)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.members)) {
		w := f.members[id]
		v.Readers = append(v.Readers, sync.Reader{Device: id, User: "user-" + id, Verifier: w.Key, Since: w.Since})
	}
	v.Removed = f.removed[d.id]
	for _, id := range slices.Sorted(maps.Keys(f.keeps)) {
		if d.disk.records[id] != nil || d.disk.apart[id] != "" {
			continue
		}
		p := sync.Piece{ID: id}
		if parts := d.disk.parts[id]; len(parts) > 0 {
			for at := 0; at < len(parts[-1]); at += sync.PartSize {
				if parts[at] == nil {
					p.Parts = append(p.Parts, at)
				}
			}
		}
		v.Lacking = append(v.Lacking, p)
	}
	v.Missing = log.Missing()
	return v, nil
}

func (d *device) Entries(_ context.Context, _ string, n int) ([]*chain.Entry, error) {
	log := d.disk.chain()
	if log == nil {
		return nil, nil
	}
	return slices.Clone(log.Entries()[n:]), nil
}

func (d *device) Brings(e *chain.Entry) []string { return slices.Sorted(maps.Keys(opOf(e).Keep)) }

func (d *device) Record(_ context.Context, _, id string) ([]byte, error) {
	if b := d.disk.records[id]; b != nil {
		return b, nil
	}
	return nil, sync.ErrNone
}

func (d *device) Notes(context.Context, string) ([]byte, error) { return d.disk.notes, nil }

func (d *device) Keep(_ context.Context, _ string, a sync.Arrival) error {
	if err := d.step(); err != nil { // before it is durable
		return err
	}
	for _, e := range a.Entries {
		d.admit(e)
	}
	for _, r := range a.Records {
		d.judge(r.ID, r.Body)
	}
	for _, id := range slices.Sorted(maps.Keys(d.disk.aside)) {
		d.judge(id, d.disk.aside[id])
	}
	for _, p := range a.Parts {
		d.part(p)
	}
	d.disk.notes = bytes.Clone(a.Notes)
	return d.step() // after it, and nobody is told
}

// judge keeps a record that is what the chain says, and its writer's.
func (d *device) judge(id string, sealed []byte) {
	if d.disk.chain() == nil || d.disk.records[id] != nil {
		return
	}
	f := d.disk.fold()
	k, listed := f.keeps[id]
	if !listed {
		d.disk.aside[id] = bytes.Clone(sealed) // not yet, or not at all, a record of this profile
		return
	}
	delete(d.disk.aside, id)
	if digest(sealed) != k.sum {
		return
	}
	if d.lab.plain {
		d.disk.records[id] = bytes.Clone(sealed)
		return
	}
	h, _, err := d.open(id, sealed)
	switch {
	case err != nil:
		d.disk.apart[id] = err.Error()
	case h.Profile != profile || h.Device != k.device:
		d.disk.apart[id] = "not by who says so"
	default:
		d.disk.records[id] = bytes.Clone(sealed)
	}
}

func (d *device) open(id string, sealed []byte) (h envelope.Header, body []byte, err error) {
	f := d.disk.fold()
	k := f.keeps[id]
	for _, e := range d.disk.chain().Entries() {
		if o := opOf(e); o.Add != nil && o.Add.Device == k.device {
			for _, secret := range d.disk.secrets {
				if h, body, err = envelope.Open(sealed, secret, o.Add.Key, envelope.Expect{Kind: "record", ID: id}); err == nil {
					return h, body, nil
				}
			}
		}
	}
	return h, nil, cmp.Or(err, errors.New("nobody's"))
}

func (d *device) part(p sync.Part) {
	if d.disk.records[p.ID] != nil {
		return
	}
	parts := d.disk.parts[p.ID]
	if parts == nil {
		parts = map[int][]byte{-1: make([]byte, p.Of)}
		d.disk.parts[p.ID] = parts
	}
	parts[p.At] = bytes.Clone(p.Body)
	var whole []byte
	for at := 0; at < p.Of; at += sync.PartSize {
		if parts[at] == nil {
			return
		}
		whole = append(whole, parts[at]...)
	}
	d.judge(p.ID, whole)
	delete(d.disk.parts, p.ID)
}

// --- what tests ask ---

// round is one Round, which must not fail.
func (d *device) round() sync.State {
	d.lab.t.Helper()
	s, err := d.engine.Round(ctx, profile)
	if err != nil {
		d.lab.t.Fatalf("%s: %v", d.id, err)
	}
	return s
}

// settle runs everybody until nothing more changes, at most n times.
func (l *lab) settle(n int, who ...*device) {
	l.t.Helper()
	for range n {
		for _, d := range who {
			d.round()
		}
		l.now = l.now.Add(20 * time.Minute)
	}
}

// all is everything a device has and holds true, in one text.
func (d *device) all() string {
	var b strings.Builder
	log := d.disk.chain()
	if log == nil {
		return "nothing"
	}
	for _, e := range log.Order() {
		fmt.Fprintf(&b, "entry %s\n", e.Hash())
	}
	f := d.disk.fold()
	fmt.Fprintf(&b, "members %q\n", slices.Sorted(maps.Keys(f.members)))
	for i, e := range f.epochs {
		fmt.Fprintf(&b, "epoch %d %s\n", i+1, e.Hash())
	}
	for _, id := range slices.Sorted(maps.Keys(f.keeps)) {
		fmt.Fprintf(&b, "record %s %s\n", id, digest(d.disk.records[id]))
	}
	return b.String()
}

// same fails unless all devices hold the same.
func (l *lab) same(who ...*device) {
	l.t.Helper()
	for _, d := range who[1:] {
		a, b := strings.Split(who[0].all(), "\n"), strings.Split(d.all(), "\n")
		if slices.Equal(a, b) {
			continue
		}
		only := func(a, b []string) string {
			list := slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
			return strings.Join(list[:min(len(list), 5)], "\n")
		}
		l.t.Fatalf("only %s has\n%s\nonly %s has\n%s", who[0].id, only(a, b), d.id, only(b, a))
	}
}
