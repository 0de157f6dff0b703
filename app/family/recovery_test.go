package family_test

import (
	"testing"

	"potli/app/family"
	"potli/crypto/chain"
)

// claimed is a house in which the neighbour has claimed that the owners are gone.
func claimed(t testing.TB) (w *house, claim chain.Hash) {
	t.Helper()
	w = newHouse(t, family.Found{Fields: family.Fields{}})
	w.mother.write(&family.NameContact{User: w.neighbour.id(), Days: 30})
	w.neighbour.h = w.mother.copy()
	claim = w.neighbour.write(&family.Claim{})
	for _, p := range []*phone{w.mother, w.father, w.uncle, w.granny} {
		p.h = w.neighbour.copy()
	}
	return w, claim
}

func TestRecovery(t *testing.T) {
	w, claim := claimed(t)
	info := w.mother.state().Claims[0]
	if len(w.mother.state().Claims) != 1 || info.User != w.neighbour.id() || info.Days != 30 || info.Waited || info.Recovered || info.Vetoed {
		t.Errorf("%+v", info)
	}
	// The claimant's clock says nothing: somebody else must have waited.
	w.now = w.now.AddDate(1, 0, 0)
	w.neighbour.refused(&family.Recover{Claim: claim}, family.ErrWaiting)
	h := w.neighbour.apart().force(&family.Recover{Claim: claim})
	_ = h
	// Granny's phone waits, by its own clock, from when it saw the claim.
	c := family.Clock{}.See(w.granny.state(), w.now)
	if c.Over(info, w.now.AddDate(0, 0, 29)) || !c.Over(info, w.now.AddDate(0, 0, 30)) {
		t.Error("the waiting is not 30 days")
	}
	if (family.Clock{}).Over(info, w.now.AddDate(9, 0, 0)) {
		t.Error("a device that did not see the claim has waited")
	}
	if again := c.See(w.granny.state(), w.now.AddDate(0, 0, 20)); !again.Over(info, w.now.AddDate(0, 0, 30)) {
		t.Error("seeing it again begins the waiting again")
	}
	w.now = w.now.AddDate(0, 0, 30)
	w.granny.write(&family.Waited{Claim: claim})
	w.neighbour.h = w.granny.copy()
	w.neighbour.write(&family.Recover{Claim: claim})
	s := meet(t, w.neighbour, w.mother, w.uncle)
	if role(s, w.neighbour) != family.Owner || !s.Claims[0].Recovered || !s.Claims[0].Waited {
		t.Errorf("%v, %+v", role(s, w.neighbour), s.Claims[0])
	}
	m, _ := s.Member(w.neighbour.id())
	if m.From != 1 {
		t.Error("not all of it is theirs")
	}
	w.neighbour.refused(&family.Remove{User: w.mother.id()}, family.ErrEqual) // who was an owner before is above
}

// Keys are given by a device that has waited itself, whatever the history says.
func TestGiftsWait(t *testing.T) {
	w, claim := claimed(t)
	w.mother.epoch() // an epoch before the neighbour is anybody's
	w.mother.write(&family.SetRole{User: w.neighbour.id(), Role: family.Reader})
	w.uncle.h = w.mother.copy()
	seen := family.Clock{}.See(w.uncle.state(), w.now)
	w.granny.h = w.mother.copy()
	w.granny.write(&family.Waited{Claim: claim})
	w.neighbour.h = w.granny.copy()
	w.neighbour.write(&family.Recover{Claim: claim})
	s := meet(t, w.uncle, w.neighbour, w.mother)
	friend := newPhone(t, "friend", &w.now)
	_ = friend
	for _, g := range s.Gifts(w.uncle.id(), family.Clock{}, w.now) {
		if g.To.User == w.neighbour.id() {
			t.Error("keys are given by a device that did not wait")
		}
	}
	if g := s.Gifts(w.uncle.id(), seen, w.now.AddDate(0, 0, 31)); len(g) > 0 && g[0].To.User != w.neighbour.id() {
		t.Errorf("%+v", g)
	}
}

// A veto counts whenever it comes.
func TestVeto(t *testing.T) {
	for name, late := range map[string]bool{"before": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			w, claim := claimed(t)
			w.granny.write(&family.Waited{Claim: claim})
			w.neighbour.h = w.granny.copy()
			if !late {
				w.father.write(&family.Veto{Claim: claim}) // he does not know yet that they recover
			}
			w.neighbour.write(&family.Recover{Claim: claim})
			bad := w.neighbour.write(&family.Remove{User: w.uncle.id()})
			if late {
				w.father.h = w.neighbour.copy()
				w.father.write(&family.Veto{Claim: claim})
			}
			s := meet(t, w.father, w.neighbour, w.mother, w.uncle)
			if role(s, w.neighbour) != family.Contact || role(s, w.uncle) != family.Admin || !s.Claims[0].Vetoed || s.Claims[0].Recovered {
				t.Errorf("neighbour %v, uncle %v, %+v", role(s, w.neighbour), role(s, w.uncle), s.Claims[0])
			}
			is(t, "what they did as an owner", why(s, bad), family.ErrRole)
			if m, _ := s.Member(w.neighbour.id()); m.Contact != 0 {
				t.Error("still a contact")
			}
			w.neighbour.refused(&family.Claim{}, family.ErrNotNamed)
			w.neighbour.refused(&family.Recover{Claim: claim}, family.ErrVetoed)
			// An owner may name them again; then they may claim again.
			w.mother.h = w.neighbour.copy()
			w.mother.write(&family.NameContact{User: w.neighbour.id(), Days: 10})
			w.neighbour.h = w.mother.copy()
			w.neighbour.refused(&family.Recover{Claim: claim}, family.ErrVetoed)
			w.neighbour.write(&family.Claim{})
		})
	}
}

// To take a contact back is a veto too, for who was an owner when they claimed.
func TestTakingAContactBack(t *testing.T) {
	w, claim := claimed(t)
	w.granny.write(&family.Waited{Claim: claim})
	w.neighbour.h = w.granny.copy()
	w.neighbour.write(&family.Recover{Claim: claim})
	w.mother.write(&family.NameContact{User: w.neighbour.id()})
	if s := meet(t, w.mother, w.neighbour); role(s, w.neighbour) != family.Contact {
		t.Error("they are an owner")
	}
}

// Whom the new owner makes an owner can not undo how it came about.
func TestOwnersOfTheRecovered(t *testing.T) {
	w, claim := claimed(t)
	w.granny.write(&family.Waited{Claim: claim})
	w.neighbour.h = w.granny.copy()
	w.neighbour.write(&family.Recover{Claim: claim})
	w.neighbour.write(&family.SetRole{User: w.granny.id(), Role: family.Owner})
	w.granny.h = w.neighbour.copy()
	w.granny.refused(&family.Veto{Claim: claim}, family.ErrRole)
	w.granny.write(&family.NameContact{User: w.neighbour.id()})
	if s := w.granny.state(); role(s, w.neighbour) != family.Owner {
		t.Error("undone by one who was made an owner afterwards")
	}
}

// Where there is nobody but the silent owner, the claimant's word counts, and the
// owner who is alive after all undoes it.
func TestNobodyElseToAsk(t *testing.T) {
	w := &house{now: noon}
	mother, contact := newPhone(t, "mother", &w.now), newPhone(t, "contact", &w.now)
	mother.found(family.Found{Fields: family.Fields{}})
	mother.letIn(contact, family.Contact)
	mother.write(&family.NameContact{User: contact.id(), Days: 30})
	contact.h = mother.copy()
	claim := contact.write(&family.Claim{})
	w.now = w.now.AddDate(0, 0, 29)
	contact.refused(&family.Recover{Claim: claim}, family.ErrWaiting)
	w.now = w.now.AddDate(0, 0, 2)
	contact.write(&family.Recover{Claim: claim})
	contact.epoch()
	mother.h = contact.copy()
	mother.write(&family.Veto{Claim: claim})
	s := meet(t, mother, contact)
	if role(s, contact) != family.Contact || role(s, mother) != family.Owner {
		t.Errorf("contact %v, mother %v", role(s, contact), role(s, mother))
	}
	if !s.NeedsRoll() {
		t.Log("the epoch that the contact made is void, and the one before is known to members only")
	}
}
