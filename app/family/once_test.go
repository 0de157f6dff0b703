package family_test

import (
	"slices"
	"testing"
	"time"

	"potli/app/family"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// What two do at once, in both orders of arrival (see meet).

func TestRemovalBeatsAddition(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	friend := newPhone(t, "friend", &w.now)
	add := &family.Add{User: friend.id(), Role: family.Reader, Public: friend.public(), From: 1}
	w.uncle.write(add)
	w.aunt.write(add) // neither knows of the other
	w.aunt.write(&family.Remove{User: friend.id()})
	s := meet(t, w.uncle, w.aunt)
	if role(s, friend) != family.None {
		t.Error("let in by one and removed by another at once, and still in")
	}
	w.uncle.write(add)
	if s := meet(t, w.uncle, w.aunt); role(s, friend) != family.Reader {
		t.Error("let in again by one who knew of the removal, and not in")
	}
}

func TestRemovalBeatsAHigherRole(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	w.uncle.write(&family.Remove{User: w.granny.id()})
	w.mother.write(&family.SetRole{User: w.granny.id(), Role: family.Admin})
	if s := meet(t, w.mother, w.uncle); role(s, w.granny) != family.None {
		t.Error("removed by one and promoted by another, and still in")
	}
}

func TestTheLowerOfTwoRoles(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	w.mother.write(&family.SetRole{User: w.granny.id(), Role: family.Owner})
	w.father.write(&family.SetRole{User: w.granny.id(), Role: family.Admin})
	if s := meet(t, w.mother, w.father); role(s, w.granny) != family.Admin {
		t.Errorf("owner by one and admin by another: %v", role(s, w.granny))
	}
	w.mother.write(&family.SetRole{User: w.granny.id(), Role: family.Owner})
	if s := meet(t, w.mother, w.father); role(s, w.granny) != family.Owner {
		t.Error("the last word of one who knew both does not hold")
	}
}

// What a removed member wrote at once is void, also when they make it up later, and
// also when it would have removed whoever removed them.
func TestARemovedMember(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	before := w.uncle.apart()
	known := w.uncle.write(named("known"))
	meet(t, w.mother, w.uncle)
	w.mother.write(&family.Remove{User: w.uncle.id()})
	for _, a := range []family.Act{
		named("r1"), &family.Details{Fields: family.Fields{"name": "Ravi"}}, &family.Remove{User: w.granny.id()},
		&family.Add{User: w.stranger.id(), Role: family.Reader, Public: w.stranger.public(), From: 1},
	} {
		p := before.apart()
		h := p.write(a)
		s := meet(t, w.mother, p, w.father)
		is(t, string(a.Kind()), why(s, h), family.ErrRemoved)
	}
	s := meet(t, w.mother, w.uncle, w.father)
	is(t, "what was known before the removal", why(s, known), nil)
	is(t, "a record of theirs", s.Accepts("known", chain.Hash{1}), nil)
	is(t, "another record under its id", s.Accepts("known", chain.Hash{2}), family.ErrOther)
	is(t, "a record from after", s.Accepts("r1", chain.Hash{1}), family.ErrRemoved)
	is(t, "a record that nobody named", s.Accepts("r2", chain.Hash{1}), family.ErrUnnamed)
	w.uncle.refused(named("r3"), family.ErrNotMember)
	if role(s, w.granny) != family.Reader || s.Fields["name"] != "" {
		t.Error("what a removed member wrote has an effect")
	}
}

func TestALowerRoleAtOnce(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	h := w.uncle.write(named("r1"))
	w.mother.write(&family.SetRole{User: w.uncle.id(), Role: family.Reader})
	s := meet(t, w.mother, w.uncle)
	is(t, "written as an admin, by one who became a reader at once", why(s, h), family.ErrRemoved)
	w.uncle.refused(named("r2"), family.ErrRole)
	if role(s, w.uncle) != family.Reader {
		t.Error("not a reader")
	}
}

// Two owners remove each other: who was there first stays, whoever spoke first.
func TestTwoOwnersRemoveEachOther(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	w.mother.write(&family.Remove{User: w.father.id()})
	w.father.refused(&family.Remove{User: w.mother.id()}, family.ErrEqual)
	h := w.father.force(&family.Remove{User: w.mother.id()})
	s := meet(t, w.mother, w.father, w.uncle)
	if role(s, w.mother) != family.Owner || role(s, w.father) != family.None {
		t.Error("the first owner is out, or the second in")
	}
	is(t, "the answer", why(s, h), family.ErrRemoved)
}

func TestTheLastOwner(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	w.mother.write(&family.Remove{User: w.mother.id()})
	h := w.father.write(&family.Remove{User: w.father.id()})
	s := meet(t, w.mother, w.father, w.uncle)
	if role(s, w.mother) != family.None || role(s, w.father) != family.Owner {
		t.Error("two owners left at once: the second should have stayed")
	}
	is(t, "the second one's leaving", why(s, h), family.ErrLastOwner)
	for _, a := range []family.Act{&family.Remove{User: w.father.id()}, &family.SetRole{User: w.father.id(), Role: family.Admin}} {
		w.father.refused(a, family.ErrLastOwner)
		is(t, "asked", s.Allowed(w.father.id(), a, w.now), family.ErrLastOwner)
	}
	c := w.father.apart()
	h = c.force(&family.SetRole{User: w.father.id(), Role: family.Reader})
	is(t, "done all the same", why(c.state(), h), family.ErrLastOwner)
}

// Two owners become less at once: one of them does not.
func TestTwoOwnersStepDown(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	w.mother.write(&family.SetRole{User: w.mother.id(), Role: family.Admin})
	w.father.write(&family.SetRole{User: w.father.id(), Role: family.Admin})
	s := meet(t, w.mother, w.father)
	if role(s, w.mother) != family.Admin || role(s, w.father) != family.Owner {
		t.Errorf("mother %v, father %v", role(s, w.mother), role(s, w.father))
	}
}

func TestTwoEpochsAtOnce(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	x, y := w.uncle.epoch(), w.aunt.epoch()
	s := meet(t, w.uncle, w.aunt, w.mother)
	low, high := x, y
	if y.Compare(x) < 0 {
		low, high = y, x
	}
	e, ok := s.Current()
	if !ok || e.N != 2 || e.Entry != low {
		t.Errorf("epoch %d %v stands, want the lower hash %v", e.N, e.Entry, low)
	}
	for _, e := range s.Epochs {
		if e.N == 2 && e.Stands != (e.Entry == low) || e.Entry == high && e.Void != "" {
			t.Errorf("%+v", e)
		}
	}
	if n, _ := s.NextEpoch(); n != 3 {
		t.Errorf("the next is %d", n)
	}
}

// Of two epochs of one number the one stands that nobody outside knows.
func TestACleanEpochStands(t *testing.T) {
	for range 4 { // hashes differ from time to time
		w := newHouse(t, family.Found{Fields: family.Fields{}})
		w.uncle.epoch() // granny knows it
		w.aunt.write(&family.Remove{User: w.granny.id()})
		want := w.aunt.epoch()
		s := meet(t, w.uncle, w.aunt, w.mother)
		if e, ok := s.Current(); !ok || e.Entry != want {
			t.Fatal("an epoch stands that a removed member knows")
		}
	}
}

// When a new epoch is due (T25, T26).
func TestNeedsRoll(t *testing.T) {
	for name, do := range map[string]struct {
		act  func(t *testing.T, w *house)
		want bool
	}{
		"nothing happened":      {func(*testing.T, *house) {}, false},
		"somebody was let in":   {func(t *testing.T, w *house) { w.mother.letIn(newPhone(t, "friend", &w.now), family.Reader) }, false},
		"a reader was removed":  {func(_ *testing.T, w *house) { w.mother.write(&family.Remove{User: w.granny.id()}) }, true},
		"a contact was removed": {func(_ *testing.T, w *house) { w.mother.write(&family.Remove{User: w.neighbour.id()}) }, true},
		"somebody left": {func(_ *testing.T, w *house) {
			w.granny.write(&family.Remove{User: w.granny.id()})
			w.mother.h = w.granny.copy()
		}, true},
		"removed, and a new epoch":  {func(_ *testing.T, w *house) { w.mother.write(&family.Remove{User: w.granny.id()}); w.mother.epoch() }, false},
		"an admin became a reader":  {func(_ *testing.T, w *house) { w.mother.write(&family.SetRole{User: w.uncle.id(), Role: family.Reader}) }, true},
		"a reader became an admin":  {func(_ *testing.T, w *house) { w.mother.write(&family.SetRole{User: w.granny.id(), Role: family.Admin}) }, false},
		"a member has a new key":    {func(_ *testing.T, w *house) { w.granny.roll(); w.mother.h = w.granny.copy() }, true},
		"a member has a new device": {func(_ *testing.T, w *house) { w.granny.more(); w.mother.h = w.granny.copy() }, false},
		"one was removed who had not been given it": {func(t *testing.T, w *house) {
			friend := newPhone(t, "friend", &w.now)
			w.mother.write(&family.Add{User: friend.id(), Role: family.Reader, Public: friend.public(), From: 1})
			w.mother.write(&family.Remove{User: friend.id()})
		}, true},
		"somebody was let in who had lost a device": {func(t *testing.T, w *house) {
			friend := newPhone(t, "friend", &w.now)
			k, n, err := keyring.NewDevice(friend.id(), "tablet")
			if err != nil {
				t.Fatal(err, k)
			}
			friend.user = must(friend.user.AddDevice(friend.keys, n, w.now))
			friend.user = must(friend.user.RemoveDevice(friend.keys, n.ID, w.now.Add(48*time.Hour)))
			w.mother.letIn(friend, family.Reader)
		}, true},
		"a member has a new key, whom the last was not for": {func(_ *testing.T, w *house) {
			m, _ := w.mother.state().Member(w.mother.id())
			w.mother.write(&family.Epoch{N: 2, To: []family.Whom{{User: m.User, Doc: m.Doc}}, Sealed: []byte("x")})
			w.granny.h = w.mother.copy()
			w.granny.roll()
			w.mother.h = w.granny.copy()
		}, true},
		"the maker was removed (T26)": {func(t *testing.T, w *house) {
			w.uncle.epoch()
			w.mother.write(&family.Remove{User: w.uncle.id()})
			w.aunt.epoch()
			meet(t, w.mother, w.uncle, w.aunt)
		}, true},
		"the maker is out of use (T26)": {func(t *testing.T, w *house) {
			tablet := w.uncle.more()
			w.uncle.epoch()
			w.now = w.now.Add(48 * 3600e9)
			tablet.h = w.uncle.copy()
			tablet.without(w.uncle)
			w.mother.h = tablet.copy()
		}, true},
		"sealed to one who was out": {func(t *testing.T, w *house) {
			doc, _ := w.mother.state().Member(w.granny.id())
			w.mother.write(&family.Remove{User: w.granny.id()})
			n, to := w.mother.state().NextEpoch()
			e := &family.Epoch{N: n, Sealed: []byte("x"), To: []family.Whom{{User: w.granny.id(), Doc: doc.Doc}}}
			for _, m := range to {
				e.To = append(e.To, family.Whom{User: m.User, Doc: m.Doc})
			}
			w.mother.write(e)
		}, true},
		"given to one who was out": {func(t *testing.T, w *house) {
			w.aunt.write(&family.Remove{User: w.granny.id()})
			e := w.aunt.epoch()
			doc, _ := w.mother.state().Member(w.granny.id())
			c := w.aunt.apart()
			c.force(&family.Grant{To: family.Whom{User: w.granny.id(), Doc: doc.Doc}, Epochs: []chain.Hash{e}, Sealed: []byte("x")})
			w.mother.h = c.copy()
		}, true},
		"made by one who is nobody": {func(t *testing.T, w *house) {
			n, to := w.mother.state().NextEpoch()
			e := &family.Epoch{N: n, Sealed: []byte("x")}
			for _, m := range to {
				e.To = append(e.To, family.Whom{User: m.User, Doc: m.Doc})
			}
			w.stranger.force(e)
			meet(t, w.mother, w.stranger)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newHouse(t, family.Found{Fields: family.Fields{}})
			do.act(t, w)
			if got := w.mother.state().NeedsRoll(); got != do.want {
				t.Errorf("NeedsRoll = %v", got)
			}
			if do.want {
				w.mother.epoch()
				if w.mother.state().NeedsRoll() {
					t.Error("still, after a new epoch")
				}
			}
		})
	}
}

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
func TestAnOlderPublicPart(t *testing.T) {
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

// Two carers let one person in at once, with and without history: without holds.
func TestWithAndWithoutHistory(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	first, _ := w.mother.state().Current()
	w.mother.epoch()
	meet(t, w.mother, w.uncle, w.aunt)
	friend := newPhone(t, "friend", &w.now)
	w.uncle.write(&family.Add{User: friend.id(), Role: family.Reader, Public: friend.public(), From: 1})
	if g := w.uncle.state().Gifts(w.uncle.id(), family.Clock{}, w.now); len(g) != 1 || len(g[0].Epochs) != 2 {
		t.Errorf("with history: %d gifts", len(g))
	}
	w.aunt.write(&family.Add{User: friend.id(), Role: family.Reader, Public: friend.public(), From: 2})
	s := meet(t, w.uncle, w.aunt)
	m, _ := s.Member(friend.id())
	if m.From != 2 || len(m.Lacks) != 1 || m.Lacks[0] == first.Entry {
		t.Errorf("from epoch %d, %d epochs to be given", m.From, len(m.Lacks))
	}
	w.aunt.give()
	if m, _ := w.aunt.state().Member(friend.id()); len(m.Lacks) != 0 {
		t.Error("given, and still lacking")
	}
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

// A removal that was void after all: what was written in between was not meant for
// them, and is not given by itself.
func TestAKeyThatWasNotMeantForThem(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	w.uncle.write(&family.Remove{User: w.granny.id()})
	e := w.uncle.epoch()
	w.mother.write(&family.Remove{User: w.uncle.id()})
	s := meet(t, w.mother, w.uncle, w.aunt)
	m, ok := s.Member(w.granny.id())
	if !ok || !slices.Contains(m.Withheld, e) || slices.Contains(m.Lacks, e) {
		t.Errorf("a member %v, withheld %v, lacks %v", ok, m.Withheld, m.Lacks)
	}
	for _, g := range s.Gifts(w.aunt.id(), family.Clock{}, w.now) {
		if slices.Contains(g.Epochs, e) {
			t.Error("given by itself")
		}
	}
	// Somebody decides to.
	w.aunt.write(&family.Grant{To: family.Whom{User: m.User, Doc: m.Doc}, Epochs: []chain.Hash{e}, Sealed: []byte("x")})
	if m, _ = w.aunt.state().Member(w.granny.id()); len(m.Withheld) != 0 {
		t.Error("given, and still withheld")
	}
}

// A key that stands, and that a member is kept from, is not written to.
func TestAKeyThatKeepsAMemberOut(t *testing.T) {
	w := newHouse(t, family.Found{Fields: family.Fields{}})
	w.aunt.write(&family.Remove{User: w.granny.id()})
	w.uncle.h = w.aunt.copy()
	w.uncle.epoch()                                                         // valid, and made in good faith
	w.mother.write(&family.SetRole{User: w.aunt.id(), Role: family.Reader}) // the removal is void
	s := meet(t, w.mother, w.uncle)
	if role(s, w.granny) != family.Reader || !s.NeedsRoll() {
		t.Errorf("granny is %v, needs roll %v", role(s, w.granny), s.NeedsRoll())
	}
	w.mother.epoch()
	if w.mother.state().NeedsRoll() {
		t.Error("still")
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
