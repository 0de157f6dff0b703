package family_test

import (
	"slices"
	"testing"
	"time"

	"potli/app/family"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// roll gives the person a new key and tells the others.
func (p *phone) roll() {
	p.t.Helper()
	p.user = must(p.user.Roll(p.keys, *p.now))
	p.write(&family.Devices{Public: p.public()})
}

// more links a second phone, and tells the others.
func (p *phone) more() *phone {
	p.t.Helper()
	k, n, err := keyring.NewDevice(p.id(), "tablet")
	if err != nil {
		p.t.Fatal(err)
	}
	p.user = must(p.user.AddDevice(p.keys, n, *p.now))
	p.write(&family.Devices{Public: p.public()})
	return &phone{t: p.t, name: p.name + "'s tablet", keys: k, user: p.user, h: p.copy(), now: p.now}
}

// without takes another phone of the person out of use, and tells the others.
func (p *phone) without(o *phone) {
	p.t.Helper()
	p.user = must(p.user.RemoveDevice(p.keys, o.keys.Device, *p.now))
	p.write(&family.Devices{Public: p.public()})
}

func TestDevices(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	unknown := *w.uncle
	unknown.keys = must(keyring.New()).For(w.uncle.id())
	unknown.refused(named("r1"), family.ErrDevice)
	unknown.force(named("r1"))
	is(t, "a device that nobody listed", lastWhy(&unknown), family.ErrDevice)
	// The right id, another key.
	k := *w.uncle.keys
	k.Signer = unknown.keys.Signer
	stolen := w.uncle.apart()
	stolen.keys = &k
	stolen.refused(named("r1"), family.ErrDevice)

	w = newHouse(t, family.Found{Fields: family.Fields{}})
	tablet := w.uncle.more()
	w.now = w.now.Add(48 * 3600e9)
	before := tablet.apart()
	fine := tablet.write(named("fine"))
	w.uncle.h = tablet.copy()
	w.uncle.without(tablet)
	late := before.write(named("late"))
	s := meet(t, w.mother, w.uncle, before, tablet)
	is(t, "what was known before", why(s, fine), nil)
	is(t, "what was written at once", why(s, late), family.ErrDevice)
	tablet.refused(named("later"), family.ErrDevice)
	if m, _ := s.Member(w.uncle.id()); len(m.Devices) != 1 || len(m.Out) != 1 {
		t.Errorf("%d devices in use, %d out", len(m.Devices), len(m.Out))
	}
	if s.Verifier(tablet.keys.Device) == nil || s.Verifier(w.stranger.keys.Device) != nil {
		t.Error("a device that was in use is verified for ever, a stranger's never")
	}
}

// lastWhy is why the last thing that a phone wrote is void.
func lastWhy(p *phone) error {
	list := p.h.Log().Entries()
	return why(p.state(), list[len(list)-1].Hash())
}

// Two devices of one person put each other out: who was there first stays.
func TestTwoDevicesPutEachOtherOut(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	tablet := w.uncle.more()
	w.now = w.now.Add(48 * 3600e9)
	w.uncle.without(tablet)
	tablet.without(w.uncle)
	h := tablet.write(named("r1"))
	s := meet(t, w.uncle, tablet, w.mother)
	m, _ := s.Member(w.uncle.id())
	if len(m.Devices) != 1 || m.Devices[0].ID != w.uncle.keys.Device || m.Public == nil || m.Public.Seq != w.uncle.user.Seq() {
		t.Errorf("in use: %v", m.Devices)
	}
	is(t, "what the other wrote", why(s, h), family.ErrDevice)
}

// A phone made by the kit tells of itself; not when a device goes out of use at once,
// since that one had the same keys.
func TestByTheKit(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	n := w.uncle.kit()
	n.h = w.mother.copy()
	n.refused(named("r1"), family.ErrDevice)
	n.write(&family.Devices{Public: n.public()})
	n.write(named("r1"))
	if s := meet(t, w.mother, n); s.Accepts("r1", chain.Hash{1}) != nil {
		t.Error("a record of a phone that came by the kit is not taken")
	}

	w = newHouse(t, family.Found{Fields: family.Fields{}})
	tablet := w.uncle.more()
	w.now = w.now.Add(48 * 3600e9)
	thief := tablet.another() // whoever has the tablet has the keys for this
	w.uncle.without(tablet)
	h := thief.write(&family.Devices{Public: thief.public()})
	s := meet(t, w.mother, w.uncle, thief)
	is(t, "a new device of a lost one", why(s, h), family.ErrDevice)
	if m, _ := s.Member(w.uncle.id()); len(m.Devices) != 1 || m.Devices[0].ID != w.uncle.keys.Device {
		t.Errorf("in use: %v", m.Devices)
	}
	// A made-up person under the same name is not tied to the last.
	other := newPhone(t, "other", &w.now)
	other.h = w.mother.copy()
	fake := *other
	fake.user = must(keyring.NewUser(other.keys.For(w.uncle.id()), "other", nil, w.now))
	fake.keys = other.keys.For(w.uncle.id())
	fake.refused(&family.Devices{Public: fake.public()}, family.ErrDevice)
}

// another is a phone that p makes out of what it holds, as whoever stole p can.
func (p *phone) another() *phone {
	p.t.Helper()
	k, n, err := keyring.NewDevice(p.id(), "new")
	if err != nil {
		p.t.Fatal(err)
	}
	user := must(p.user.AddDevice(p.keys, n, *p.now))
	return &phone{t: p.t, name: "thief", keys: k, user: user, h: p.copy(), now: p.now}
}

// An older public part, put back by whoever, changes nothing (T5).
func TestT5_AnOlderPublicPart(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	old := w.granny.public()
	tablet := w.granny.more()
	w.now = w.now.Add(48 * 3600e9)
	between := w.granny.public()
	w.granny.without(tablet)
	meet(t, w.mother, w.granny)
	w.granny.refused(&family.Devices{Public: old}, family.ErrOlder)
	w.granny.refused(&family.Devices{Public: between}, family.ErrOlder)
	want := w.mother.state().Digest()
	w.mother.write(&family.Remove{User: w.granny.id()})
	for _, p := range [][]byte{old, between} {
		w.mother.refused(&family.Add{User: w.granny.id(), Role: family.Reader, Public: p, From: 1}, family.ErrOlder)
	}
	last := w.granny.public()
	w.granny.user = must(w.granny.user.Roll(w.granny.keys, w.now))
	w.mother.write(&family.Add{User: w.granny.id(), Role: family.Reader, Public: w.granny.public(), From: 1})
	w.mother.write(&family.Remove{User: w.granny.id()})
	w.mother.refused(&family.Add{User: w.granny.id(), Role: family.Reader, Public: last, From: 1}, family.ErrOlder)
	w.mother.write(&family.Add{User: w.granny.id(), Role: family.Reader, Public: w.granny.public(), From: 1})
	if m, _ := w.mother.state().Member(w.granny.id()); len(m.Devices) != 1 || m.Devices[0].ID != w.granny.keys.Device {
		t.Errorf("in use: %v", m.Devices)
	}
	if w.mother.state().Digest() == want {
		t.Error("a removal and an addition left no trace")
	}
}

// How a person's own document stands with what the others know.
func TestStanding(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	stands := func(p *phone, want family.Standing) {
		t.Helper()
		if got := w.mother.state().Standing(must(keyring.ParsePublic(p.public()))); got != want {
			t.Errorf("%s: standing %d, want %d", p.name, got, want)
		}
	}
	stands(w.granny, family.Current)
	old := *w.granny
	w.granny.user = must(w.granny.user.Roll(w.granny.keys, w.now))
	stands(w.granny, family.Untold)
	w.granny.write(&family.Devices{Public: w.granny.public()})
	w.mother.h = w.granny.copy()
	stands(w.granny, family.Current)
	stands(&old, family.Behind)
	tablet := w.granny.more()
	w.now = w.now.Add(48 * 3600e9)
	other := *w.granny
	w.granny.without(tablet)
	w.mother.h = w.granny.copy()
	stands(&old, family.Lost)
	stands(&other, family.Unsafe)
	stands(w.granny, family.Current)
}

// Two devices of one person take out another one each: neither list is safe to seal
// to, and nothing is, until they made one together.
func TestListsThatDoNotAgree(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	tablet := w.uncle.more()
	a, b := w.uncle.more(), w.uncle.more()
	w.now = w.now.Add(48 * time.Hour)
	tablet.user, tablet.h = w.uncle.user, w.uncle.copy()
	w.uncle.without(a)
	tablet.without(b)
	s := meet(t, w.uncle, tablet, w.mother)
	m, _ := s.Member(w.uncle.id())
	if m.Public != nil || len(m.Devices) != 2 || len(m.Out) != 2 {
		t.Errorf("%d devices in use, %d out, and there is a list to seal to: %v", len(m.Devices), len(m.Out), m.Public != nil)
	}
	if !s.NeedsRoll() {
		t.Error("the key that both lost devices know still does")
	}
	e := w.mother.epoch()
	if _, to := w.mother.state().NextEpoch(); slices.ContainsFunc(to, func(m family.Member) bool { return m.User == w.uncle.id() }) {
		t.Error("sealed to a list with a lost device")
	}
	w.uncle.h = w.mother.copy()
	w.uncle.user = must(keyring.Merge(w.uncle.keys, w.uncle.user, tablet.user, w.now))
	w.uncle.write(&family.Devices{Public: w.uncle.public()})
	w.mother.h = w.uncle.copy()
	m, _ = w.mother.state().Member(w.uncle.id())
	if m.Public == nil || !slices.Contains(m.Lacks, e) {
		t.Error("they agreed, and are not given the key")
	}
	w.mother.give()
	if m, _ = w.mother.state().Member(w.uncle.id()); len(m.Lacks) != 0 || w.mother.state().NeedsRoll() != true {
		t.Errorf("lacks %d, needs roll %v: the key was made before they agreed", len(m.Lacks), w.mother.state().NeedsRoll())
	}
}

// What a person says of a lost device holds also where they were removed at the same
// time and let in again.
func TestALostDeviceOfOneWhoCameBack(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	tablet := w.uncle.more()
	w.now = w.now.Add(48 * time.Hour)
	w.mother.h = w.uncle.copy()
	stale := w.uncle.public()
	w.uncle.without(tablet)
	w.mother.write(&family.Remove{User: w.uncle.id()}) // at the same time, and lets him in by what she knows
	w.mother.write(&family.Add{User: w.uncle.id(), Role: family.Admin, Public: stale, From: 1})
	tablet.h = w.mother.copy()
	h := tablet.write(named("r1"))
	s := meet(t, w.mother, w.uncle, tablet)
	is(t, "what the lost device wrote", why(s, h), family.ErrDevice)
	if m, _ := s.Member(w.uncle.id()); slices.ContainsFunc(m.Devices, func(d family.Device) bool { return d.ID == tablet.keys.Device }) || m.Public != nil {
		t.Error("the lost device is in use, or sealed to")
	}
}

// The same for a key that was replaced: who is let in again by the older part is
// given nothing until they told of the newer one again.
func TestAnOlderKeyOfOneWhoCameBack(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	w.mother.h = w.uncle.copy()
	stale := w.uncle.public()
	w.uncle.roll()
	w.mother.write(&family.Remove{User: w.uncle.id()}) // at the same time
	w.mother.write(&family.Add{User: w.uncle.id(), Role: family.Admin, Public: stale, From: 1})
	s := meet(t, w.mother, w.uncle)
	if m, _ := s.Member(w.uncle.id()); m.Public != nil {
		t.Error("sealed to a key that was replaced")
	}
	if got := s.Standing(must(keyring.ParsePublic(w.uncle.public()))); got != family.Untold {
		t.Errorf("standing %d, want Untold", got)
	}
	w.uncle.write(&family.Devices{Public: w.uncle.public()})
	if m, _ := w.uncle.state().Member(w.uncle.id()); m.Public == nil {
		t.Error("told again, and not sealed to")
	}
}

// A device is taken out of use where nobody has heard yet that it was in.
func TestADeviceThatCameAndWent(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	before := w.uncle.copy()
	tablet := w.uncle.more()
	h := tablet.write(named("r1"))
	w.now = w.now.Add(48 * time.Hour)
	w.uncle.h = before // he was set back, and his own list was not
	w.uncle.without(tablet)
	s := meet(t, w.mother, w.uncle, tablet)
	is(t, "what it wrote meanwhile", why(s, h), family.ErrDevice)
}

// A lost device had made the only owner that is left. It is out; that it made them an
// owner stays, or nobody could decide anything any more.
func TestALostDeviceThatMadeTheOwner(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	tablet := w.father.more()
	w.now = w.now.Add(48 * time.Hour)
	tablet.write(&family.SetRole{User: w.aunt.id(), Role: family.Owner})
	w.father.without(tablet) // at the same time, but nobody hears of it
	list := w.father.h.Log().Entries()
	lost := list[len(list)-1].Hash()
	w.mother.h = tablet.copy()
	w.mother.write(&family.Remove{User: w.father.id()})
	w.mother.write(&family.Remove{User: w.mother.id()})
	s := meet(t, w.mother, w.father, w.aunt)
	if role(s, w.aunt) != family.Owner || role(s, w.mother) != family.None || role(s, w.father) != family.None {
		t.Errorf("aunt %v, mother %v, father %v", role(s, w.aunt), role(s, w.mother), role(s, w.father))
	}
	is(t, "what he said of his tablet", why(s, lost), nil)
	w.aunt.epoch()
	if w.aunt.state().NeedsRoll() {
		t.Error("the new key does not do")
	}
}

// Three devices put each other out in a ring: one is left.
func TestThreeDevicesInARing(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	second := w.uncle.more()
	third := w.uncle.more()
	w.now = w.now.Add(48 * time.Hour)
	second.user, second.h = w.uncle.user, w.uncle.copy()
	for _, p := range [][2]*phone{{w.uncle, third}, {second, w.uncle}, {third, second}} {
		p[0].without(p[1])
	}
	s := meet(t, w.uncle, second, third, w.mother)
	if m, _ := s.Member(w.uncle.id()); len(m.Devices) != 1 {
		t.Errorf("in use: %v", m.Devices)
	}
}
