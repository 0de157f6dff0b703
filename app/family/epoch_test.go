package family_test

import (
	"slices"
	"testing"
	"time"

	"potli/app/family"
	"potli/crypto/chain"
	"potli/crypto/keyring"
)

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
func TestT26_NeedsRoll(t *testing.T) {
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
