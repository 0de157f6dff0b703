package family_test

import (
	"testing"

	"potli/app/family"
	"potli/crypto/chain"
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
func TestT4_ARemovedMember(t *testing.T) {
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
