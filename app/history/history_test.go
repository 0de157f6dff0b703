package history_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
	"potli/app/sync"
	"potli/app/sync/synctest"
	"potli/app/vault"
	"potli/crypto/keyring"
)

var ctx = context.Background()

const asha = record.ProfileID("asha")

// house is a few devices with vaults, and a relay between them.
type house struct {
	t    *testing.T
	now  time.Time
	mail sync.Mail
}

// device is one phone.
type device struct {
	h      *house
	name   string
	blobs  vault.Blobs
	keys   *keyring.Keys
	v      *vault.Vault
	k      *history.Keeper
	engine *sync.Engine
}

// newHouse is one with an honest relay of the tests', or the relay itself.
func newHouse(t *testing.T) *house { return newHouseWith(t, fake) }

func newHouseWith(t *testing.T, mail func(*house) sync.Mail) *house {
	t.Helper()
	h := &house{t: t, now: time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)}
	h.mail = mail(h)
	return h
}

func fake(h *house) sync.Mail { return synctest.New(h.clock) }

// relays are those that a story is played with.
var relays = map[string]func(*house) sync.Mail{"fake": fake}

func (h *house) clock() time.Time { return h.now }

func (h *house) check(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// phone makes a wallet.
func (h *house) phone(name string) *device {
	h.t.Helper()
	keys, err := keyring.New()
	h.check(err)
	u, err := keyring.NewUser(keys, name, nil, h.now)
	h.check(err)
	r, err := keyring.NewRing(keys, u)
	h.check(err)
	d := &device{h: h, name: name, blobs: vault.Memory(), keys: keys}
	d.v, err = vault.Create(ctx, vault.Options{Blobs: d.blobs, Now: h.clock}, r, []byte("unlock"))
	h.check(err)
	d.open()
	return d
}

// open starts the program on the vault as it is in memory.
func (d *device) open() {
	d.k = history.Open(d.v, d.h.clock, nil)
	r := d.v.Ring()
	d.engine = sync.New(sync.Options{Mail: d.h.mail, Store: d.k, Device: r.Device(), Signer: r.Signer(), Now: d.h.clock, Rand: rand.Reader})
}

// restart opens what is in storage anew.
func (d *device) restart() {
	d.h.t.Helper()
	r, err := vault.Ring(ctx, d.blobs, d.keys)
	d.h.check(err)
	d.v, err = vault.Open(ctx, vault.Options{Blobs: d.blobs, Now: d.h.clock}, r, nil)
	d.h.check(err)
	d.open()
}

// second is another device of the same user, with everything but records.
func (d *device) second(name string) *device {
	h := d.h
	h.t.Helper()
	keys, newcomer, err := keyring.NewDevice("", name)
	h.check(err)
	h.check(d.v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
		u, err := r.User().AddDevice(r.Keys(), newcomer, h.now)
		if err != nil {
			return vault.Change{}, err
		}
		next, err := r.WithUser(u, h.now)
		return vault.Change{Ring: next}, err
	}))
	file, err := d.v.Ring().User().Seal()
	h.check(err)
	u, err := keyring.OpenUser(file, keys.Identity, keyring.Pin{})
	h.check(err)
	keys = keys.For(u.ID())
	r, err := keyring.NewRing(keys, u)
	h.check(err)
	for _, p := range d.v.Ring().Profiles() {
		b, err := d.v.Ring().Copy(p)
		h.check(err)
		r, err = r.WithCopy(b)
		h.check(err)
	}
	roots, err := d.k.Roots(ctx)
	h.check(err)
	n := &device{h: h, name: name, blobs: vault.Memory(), keys: keys}
	n.v, err = vault.CreateWith(ctx, vault.Options{Blobs: n.blobs, Now: h.clock}, vault.Change{
		Ring: r, Unlock: map[vault.Method][]byte{vault.Words: []byte("unlock")}, Docs: history.RootDocs(roots),
	})
	h.check(err)
	n.open()
	return n
}

// child adds a person.
func (d *device) child(id record.ProfileID) {
	d.h.t.Helper()
	d.h.check(d.v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
		next, err := r.AddProfile(string(id))
		return vault.Change{Ring: next}, err
	}))
}

// add brings a document in, as an import does.
func (d *device) add(who record.ProfileID, text string) record.ID {
	d.h.t.Helper()
	m, err := d.v.Add(ctx, record.Meta{Profile: who, Format: record.FormatPDF, Source: record.Source{How: "file", Name: "x.pdf"}}, []byte("%PDF-1.4 "+text))
	d.h.check(err)
	return m.ID
}

// round is what the wallet does now and then.
func (d *device) round(who record.ProfileID) sync.State {
	d.h.t.Helper()
	d.h.check(d.k.Tidy(ctx, who))
	s, err := d.engine.Round(ctx, string(who))
	if err != nil {
		d.h.t.Fatalf("%s: %v", d.name, err)
	}
	d.h.check(d.k.Tidy(ctx, who))
	return s
}

func (h *house) settle(n int, who record.ProfileID, devices ...*device) {
	h.t.Helper()
	for range n {
		for _, d := range devices {
			d.round(who)
		}
		h.now = h.now.Add(20 * time.Minute)
	}
}

// let in: a invites b, as two people with two phones do.
func (d *device) invite(b *device, who record.ProfileID, role family.Role, history bool) {
	d.h.t.Helper()
	p, err := b.v.Ring().User().Public(b.keys, d.h.now)
	d.h.check(err)
	raw, err := p.Marshal()
	d.h.check(err)
	i, err := d.k.Invite(ctx, who, raw, role, history)
	d.h.check(err)
	d.h.check(b.k.Join(ctx, i))
}

// has lists a person's documents.
func (d *device) has(who record.ProfileID) (list []string) {
	d.h.t.Helper()
	for _, e := range d.v.Entries() {
		if e.Profile() != who {
			continue
		}
		b, _, err := d.v.Original(ctx, e.ID())
		d.h.check(err)
		list = append(list, strings.TrimPrefix(string(b), "%PDF-1.4 "))
	}
	slices.Sort(list)
	return list
}

// same fails unless all devices have the same documents and mean the same.
func (h *house) same(who record.ProfileID, devices ...*device) {
	h.t.Helper()
	first, err := devices[0].k.State(ctx, who)
	h.check(err)
	for _, d := range devices[1:] {
		s, err := d.k.State(ctx, who)
		h.check(err)
		if s.Digest() != first.Digest() {
			h.t.Errorf("%s and %s do not mean the same: %d and %d entries", devices[0].name, d.name, len(first.Heads), len(s.Heads))
		}
		if a, b := devices[0].has(who), d.has(who); !slices.Equal(a, b) {
			h.t.Errorf("%s has %q, %s has %q", devices[0].name, a, d.name, b)
		}
	}
}

// TestTwoCaregivers is the story of a mother and a father, two vaults and the relay.
func TestTwoCaregivers(t *testing.T) {
	for name, mail := range relays {
		t.Run(name, func(t *testing.T) { twoCaregivers(t, newHouseWith(t, mail)) })
	}
}

func twoCaregivers(t *testing.T, h *house) {
	mother, father := h.phone("mother"), h.phone("father")
	mother.child(asha)
	mother.add(asha, "before he knew")
	h.check(mother.k.Found(ctx, asha, family.Fields{"name": "Asha", "birth": "2019-02-28"}))
	mother.invite(father, asha, family.Admin, true)
	h.settle(4, asha, mother, father)
	h.same(asha, mother, father)
	if got := father.has(asha); len(got) != 1 {
		t.Fatalf("father has %q", got)
	}
	father.add(asha, "of the father")
	mother.add(asha, "of the mother")
	large := father.add(asha, strings.Repeat("large ", 300_000))
	h.settle(3, asha, mother, father)
	h.same(asha, mother, father)
	// He is away for long, and deletes; she restarts.
	h.now = h.now.Add(40 * 24 * time.Hour)
	mother.restart()
	mother.add(asha, "while he was away")
	mother.round(asha)
	h.now = h.now.Add(40 * 24 * time.Hour)
	h.check(father.k.Delete(ctx, asha, large))
	h.settle(6, asha, father, mother)
	h.same(asha, mother, father)
	if got := mother.has(asha); len(got) != 4 {
		t.Errorf("mother has %d documents", len(got))
	}
	// She takes him out: what she writes from then on is not for him.
	s, err := mother.k.State(ctx, asha)
	h.check(err)
	h.check(mother.k.Write(ctx, asha, &family.Remove{User: father.v.Ring().Wallet()}))
	mother.add(asha, "without him")
	h.settle(3, asha, mother, father)
	if st := father.round(asha); !st.Removed || slices.Contains(father.has(asha), "without him") {
		t.Errorf("father: %+v, %q", st, father.has(asha))
	}
	if e, _ := s.Current(); father.v.Ring().Identity(string(asha), e.N+1) != nil {
		t.Error("father holds the next epoch")
	}
	if got := mother.has(asha); len(got) != 5 {
		t.Errorf("mother has %d documents", len(got))
	}
}

// TestFromNowOn: who is let in from now on is given nothing older, and does not
// miss it.
func TestFromNowOn(t *testing.T) {
	h := newHouse(t)
	mother, aunt := h.phone("mother"), h.phone("aunt")
	mother.child(asha)
	mother.add(asha, "old")
	h.check(mother.k.Found(ctx, asha, nil))
	h.check(mother.k.Roll(ctx, asha))
	mother.invite(aunt, asha, family.Reader, false)
	mother.add(asha, "new")
	h.settle(5, asha, mother, aunt)
	if got := aunt.has(asha); !slices.Equal(got, []string{"new"}) {
		t.Errorf("the aunt has %q", got)
	}
	if s := aunt.round(asha); !s.UpToDate {
		t.Errorf("%+v", s)
	}
	// What a reader adds is not named by them, nor taken by others.
	aunt.add(asha, "of a reader")
	h.settle(3, asha, aunt, mother)
	if got := mother.has(asha); len(got) != 2 {
		t.Errorf("mother has %q", got)
	}
}

// TestOwnDevices: two devices of one person have the same, also what each adds
// alone; a new device is told to the other caregivers.
func TestOwnDevices(t *testing.T) {
	h := newHouse(t)
	phone, father := h.phone("phone"), h.phone("father")
	phone.child(asha)
	phone.add(asha, "one")
	h.check(phone.k.Found(ctx, asha, nil))
	phone.invite(father, asha, family.Owner, true)
	h.settle(3, asha, phone, father)
	h.now = h.now.Add(25 * time.Hour)
	tablet := phone.second("tablet")
	h.settle(5, asha, phone, tablet, father)
	h.same(asha, phone, tablet, father)
	tablet.add(asha, "of the tablet")
	father.add(asha, "of the father")
	h.settle(4, asha, tablet, father, phone)
	h.same(asha, phone, tablet, father)
	for _, d := range []*device{phone, tablet, father} {
		if s := d.round(asha); !s.UpToDate || len(s.Forked) > 0 {
			t.Errorf("%s: %+v", d.name, s)
		}
	}
}

// TestDamaged: what a disk has damaged another caregiver still has.
func TestDamaged(t *testing.T) {
	h := newHouse(t)
	a, b := h.phone("a"), h.phone("b")
	a.child(asha)
	id := a.add(asha, "one")
	h.check(a.k.Found(ctx, asha, nil))
	a.invite(b, asha, family.Owner, true)
	h.settle(4, asha, a, b)
	// A byte of it turns on a's disk: the other has it.
	for _, name := range must(a.blobs.List(ctx, "rec/")) {
		body := must(a.blobs.Get(ctx, name))
		body[len(body)/2] ^= 1
		h.check(a.blobs.Commit(ctx, vault.Batch{Put: map[string][]byte{name: body}}))
	}
	if _, _, err := a.v.Original(ctx, id); err == nil {
		t.Fatal("it is not damaged")
	}
	h.settle(4, asha, a, b)
	h.same(asha, a, b)
}

// TestRestored: somebody who was alone has restored their records, which are sealed
// anew by that, and lets somebody in afterwards.
func TestRestored(t *testing.T) {
	h := newHouse(t)
	mother, father := h.phone("mother"), h.phone("father")
	mother.child(asha)
	mother.add(asha, "one")
	mother.add(asha, "two")
	h.check(mother.k.Found(ctx, asha, family.Fields{"name": "Asha"}))
	mother.round(asha)
	h.check(mother.k.Roll(ctx, asha))
	h.check(mother.v.Reseal(ctx, asha, nil)) // as a restore does
	h.now = h.now.Add(time.Hour)
	h.check(mother.k.Tidy(ctx, asha))
	mother.invite(father, asha, family.Reader, true)
	h.settle(4, asha, mother, father)
	h.same(asha, mother, father)
	if got := father.has(asha); len(got) != 2 {
		t.Errorf("father has %q", got)
	}
	if s, err := father.k.State(ctx, asha); err != nil || s.Fields["name"] != "Asha" {
		t.Errorf("%v, %v", s.Fields, err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// invitation is one that lets nobody in: it is found again by who has it.
func (d *device) invitation(who record.ProfileID) history.Invitation {
	n, id, _ := d.v.Ring().Newest(string(who))
	root := must(d.k.Roots(ctx))[who]
	return history.Invitation{Version: "potli-invitation/1", Profile: who, Root: root, Epoch: n, Identity: id.String()}
}

func hexOf(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
