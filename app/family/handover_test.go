package family_test

import (
	"errors"
	"testing"
	"time"

	"potli/app/family"
	"potli/crypto/chain"
)

const day = 24 * time.Hour

// grown is a house whose child was offered their records, 80 days before the day,
// and has said yes. The child is the cousin, who was a reader before.
func grown(t testing.TB) (w *house, asha *phone, at time.Time) {
	t.Helper()
	w = child(t, "2010-05-01")
	at, asha = w.mother.state().Majority.At, w.cousin
	w.now = at.Add(-80 * day)
	offer := w.mother.write(&family.Offer{User: asha.id()})
	asha.h = w.mother.copy()
	asha.write(&family.Accept{Offer: offer})
	w.mother.h, w.father.h, w.uncle.h = asha.copy(), asha.copy(), asha.copy()
	return w, asha, at
}

func TestF2_Handover(t *testing.T) {
	w, asha, at := grown(t)
	w.mother.refused(&family.Transfer{User: asha.id()}, family.ErrEarly)
	asha.refused(&family.Transfer{User: asha.id()}, family.ErrEarly)
	w.now = at
	asha.refused(&family.Transfer{User: asha.id()}, family.ErrEarly)
	w.mother.refused(&family.Transfer{User: w.granny.id()}, family.ErrNotNamed)
	if s := w.mother.state(); !s.MayShare(asha.id(), at) || s.MayShare(asha.id(), at.Add(-1)) || s.MayShare(w.mother.id(), at) {
		t.Error("from the day on the person shares, and nobody else")
	}
	at1 := w.uncle.apart() // writes at once with the transfer
	w.now = at.Add(-day)
	late := at1.write(named("r1"))
	w.now = at.Add(time.Hour)
	w.uncle.write(&family.Transfer{User: asha.id()}) // an admin may sign it
	s := meet(t, w.uncle, w.mother, w.father, asha, at1)
	is(t, "what another wrote at once", why(s, late), family.ErrRemoved)
	if role(s, asha) != family.Owner || role(s, w.mother) != family.Reader || role(s, w.father) != family.Reader || role(s, w.neighbour) != family.Contact {
		t.Errorf("after the transfer: %v, %v, %v", role(s, asha), role(s, w.mother), role(s, w.father))
	}
	if h := s.Handover; !h.Accepted || !h.Transferred || h.Subject != asha.id() {
		t.Errorf("%+v", h)
	}
	if m, _ := s.Member(asha.id()); m.From != 1 {
		t.Error("not all of it is theirs")
	}
	if _, due := s.Notice(w.now); due {
		t.Error("a notice, after the transfer")
	}
	w.mother.refused(named("r2"), family.ErrRole)

	// The person chooses who stays, and makes a key for those.
	for _, p := range []*phone{w.mother, w.uncle, w.aunt, w.granny, w.neighbour} {
		asha.write(&family.Remove{User: p.id()})
	}
	if !asha.state().NeedsRoll() {
		t.Error("the old key still does")
	}
	asha.epoch()
	asha.write(&family.SetRole{User: w.father.id(), Role: family.Admin})
	asha.write(named("r3"))
	w.father.h = asha.copy()
	w.father.write(named("r4"))
	if e, ok := asha.state().Current(); !ok || len(e.To) != 2 {
		t.Errorf("the new key is for %d", len(e.To))
	}
}

// The caregivers do not sign: after 30 days the person does.
func TestT27_ParentsRefuse(t *testing.T) {
	w, asha, at := grown(t)
	for _, p := range []*phone{w.mother, w.father, w.uncle} {
		p.refused(&family.Remove{User: asha.id()}, map[bool]error{true: family.ErrSubject}[true])
		p.refused(&family.SetRole{User: asha.id(), Role: family.Contact}, family.ErrSubject)
	}
	w.now = at.AddDate(0, 0, 30).Add(-time.Second)
	asha.refused(&family.Transfer{User: asha.id()}, family.ErrEarly)
	w.now = at.AddDate(0, 0, 30)
	// A mother who writes as if it were before cannot prevent it, whatever she does.
	bad := w.mother.apart()
	w.now = at.Add(-89 * day)
	bad.force(&family.Remove{User: asha.id()})
	w.now = at.AddDate(0, 0, 30)
	asha.write(&family.Transfer{User: asha.id()})
	asha.write(&family.Remove{User: w.mother.id()})
	s := meet(t, asha, bad, w.father)
	if role(s, asha) != family.Owner || role(s, w.mother) != family.None || role(s, w.father) != family.Reader {
		t.Errorf("person %v, mother %v, father %v", role(s, asha), role(s, w.mother), role(s, w.father))
	}
}

func TestOffers(t *testing.T) {
	w := child(t, "2010-05-01")
	at := w.mother.state().Majority.At
	w.now = at.Add(-90*day - time.Hour)
	w.mother.refused(&family.Offer{User: w.granny.id()}, family.ErrEarly)
	w.now = at.Add(-90 * day)
	w.mother.refused(&family.Offer{User: w.neighbour.id()}, family.ErrNoMember) // a contact reads nothing
	first := w.mother.write(&family.Offer{User: w.granny.id()})                 // a mistake
	w.mother.write(&family.Remove{User: w.granny.id()})                         // which can be put right before it is accepted
	w.granny.h = w.mother.copy()
	w.granny.refused(&family.Accept{Offer: first}, family.ErrNotMember)
	second := w.mother.write(&family.Offer{User: w.cousin.id()})
	w.cousin.h = w.mother.copy()
	w.cousin.refused(&family.Accept{Offer: first}, family.ErrNotNamed)
	w.cousin.write(&family.Accept{Offer: second})
	w.cousin.write(&family.Remove{User: w.cousin.id()}) // they may go all the same
	// After the day the caregivers read, and still can offer and transfer.
	w = child(t, "2010-05-01")
	w.now = at.Add(100 * day)
	offer := w.uncle.write(&family.Offer{User: w.cousin.id()})
	w.cousin.h = w.uncle.copy()
	w.cousin.write(&family.Accept{Offer: offer})
	w.uncle.h = w.cousin.copy()
	w.uncle.write(&family.Transfer{User: w.cousin.id()})
	// A grown person who was cared for and recovered is given theirs by who cares, not by themself.
	w = newHouse(t, family.Found{Fields: family.Fields{family.FieldBirth: "1950-01-01"}})
	offer = w.mother.write(&family.Offer{User: w.cousin.id()})
	w.cousin.h = w.mother.copy()
	w.cousin.write(&family.Accept{Offer: offer})
	w.now = w.now.AddDate(5, 0, 0)
	w.cousin.refused(&family.Transfer{User: w.cousin.id()}, family.ErrRole)
	w.mother.h = w.cousin.copy()
	w.mother.write(&family.Transfer{User: w.cousin.id()})
}

// The person comes with a wallet of their own only after the day: they are let in, given
// all there is, and once they have accepted nobody else is.
func TestF2_LetInAfterTheDay(t *testing.T) {
	w := child(t, "2010-05-01")
	asha, at := w.stranger, w.mother.state().Majority.At
	w.now = at.Add(10 * day)
	add := func(p *phone) family.Act {
		return &family.Add{User: p.id(), Role: family.Reader, Public: p.public(), From: 1}
	}
	w.granny.refused(add(asha), family.ErrRole)
	other := newPhone(t, "other", &w.now)
	lie := w.mother.apart() // who has not heard of it
	w.mother.write(add(asha))
	offer := w.mother.write(&family.Offer{User: asha.id()})
	w.mother.refused(&family.SetRole{User: asha.id(), Role: family.Admin}, family.ErrOfAge)
	asha.h = w.mother.copy()
	asha.refused(named("r1"), family.ErrRole)
	asha.write(&family.Accept{Offer: offer})
	w.mother.h = asha.copy()
	w.mother.refused(add(other), family.ErrOfAge)
	w.mother.write(&family.Transfer{User: asha.id()})
	late := lie.write(add(other))
	s := meet(t, w.mother, asha, w.father, lie)
	is(t, "another, at once with the transfer", why(s, late), family.ErrRemoved)
	if role(s, asha) != family.Owner || role(s, w.mother) != family.Reader {
		t.Errorf("person %v, mother %v", role(s, asha), role(s, w.mother))
	}
}

// Nor can a caregiver prevent it who makes up a removal from before the person said yes.
func TestAPersonIsNotRemovedBackThen(t *testing.T) {
	w := child(t, "2010-05-01")
	back := w.mother.apart()
	asha, at := w.cousin, w.mother.state().Majority.At
	w.now = at.Add(-80 * day)
	offer := w.uncle.write(&family.Offer{User: asha.id()})
	asha.h = w.uncle.copy()
	asha.write(&family.Accept{Offer: offer})
	w.now = at.AddDate(0, 0, 30)
	asha.write(&family.Transfer{User: asha.id()})
	w.now = at.Add(-85 * day)
	h := back.write(&family.Remove{User: asha.id()})
	s := meet(t, back, asha, w.father)
	is(t, "the removal", why(s, h), family.ErrRemoved)
	if role(s, asha) != family.Owner || role(s, w.mother) != family.Reader {
		t.Errorf("person %v, mother %v", role(s, asha), role(s, w.mother))
	}
}

// One who was removed cannot hand over what is not theirs to give any more.
func TestATransferByOneWhoWasRemoved(t *testing.T) {
	w, asha, at := grown(t)
	w.now = at.Add(-day)
	w.mother.write(&family.Remove{User: w.uncle.id()})
	w.now = at
	h := w.uncle.write(&family.Transfer{User: asha.id()}) // he has not heard, or says so
	s := meet(t, w.mother, w.uncle, asha)
	is(t, "the transfer", why(s, h), family.ErrRemoved)
	if s.Handover.Transferred || role(s, w.mother) != family.Owner {
		t.Error("transferred all the same")
	}
}

// A corner of their own for somebody who is not of age: a history that they began
// themselves, with keys of its own, beside the one that their caregivers keep. No
// birthday changes anything in it, and nobody is in it whom they did not let in.
func TestF6_ACornerOfOnesOwn(t *testing.T) {
	w := child(t, "2010-05-01")
	asha := w.cousin
	own := *asha
	h, _, err := family.Begin("asha-own", own.author(), &family.Found{Fields: family.Fields{family.FieldBirth: "2010-05-01"}, Public: own.public(), Self: true}, w.now)
	if err != nil {
		t.Fatal(err)
	}
	own.h = h
	own.epoch()
	own.write(named("r1"))
	outside := *w.mother
	outside.h = own.copy()
	for _, a := range []family.Act{named("r2"), &family.Add{User: w.mother.id(), Role: family.Reader, Public: w.mother.public(), From: 1}} {
		outside.refused(a, family.ErrNotMember)
	}
	for _, e := range own.h.Log().Entries() { // what belongs here is not taken there
		if _, err := w.mother.h.Add(e); !errors.Is(err, chain.ErrProfile) {
			t.Errorf("%v, want ErrProfile", err)
		}
	}
	if e, _ := own.state().Current(); len(e.To) != 1 || e.To[0].User != asha.id() {
		t.Errorf("the key is for %d", len(e.To))
	}
	w.now = w.now.AddDate(10, 0, 0)
	own.write(named("r3"))
	own.letIn(w.mother, family.Reader)
	w.mother.refused(named("r4"), family.ErrRole)
}
