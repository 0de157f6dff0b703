package history_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"potli/app/family"
)

// TestFoundSelf: who founds their own history is the person. One that said otherwise, and that nobody else has, is begun
// again, with the records; one that others have is not.
func TestFoundSelf(t *testing.T) {
	h := newHouse(t)
	young, aunt := h.phone("young"), h.phone("aunt")
	fields := family.Fields{"name": "Asha", "birth": "2019-02-28"}
	young.child(asha)
	young.add(asha, "before")
	h.check(young.k.Found(ctx, asha, fields))
	h.check(young.k.Write(ctx, asha, &family.SetMajority{Law: "JP", Age: 18, Offset: 540}))
	state := func() *family.State {
		t.Helper()
		s, err := young.k.State(ctx, asha)
		h.check(err)
		return s
	}
	if s := state(); s.Self() || !s.Majority.Known() {
		t.Fatalf("cared for: %+v", s.Majority)
	}
	for range 2 {
		h.check(young.k.FoundSelf(ctx, asha, fields))
	}
	s := state()
	if !s.Self() || s.Majority.Known() || s.Majority.Law != "JP" || len(s.Records) != 1 {
		t.Errorf("begun again: %v, %+v, %d records", s.Self(), s.Majority, len(s.Records))
	}
	young.invite(aunt, asha, family.Reader, true)
	h.settle(4, asha, young, aunt)
	if got := aunt.has(asha); !slices.Equal(got, []string{"before"}) {
		t.Errorf("the aunt has %q", got)
	}

	// Whom others know already stays what they know.
	mother, father := h.phone("mother"), h.phone("father")
	mother.child("ravi")
	h.check(mother.k.Found(ctx, "ravi", fields))
	mother.invite(father, "ravi", family.Reader, true)
	h.settle(3, "ravi", mother, father)
	h.check(mother.k.FoundSelf(ctx, "ravi", fields))
	if s, err := mother.k.State(ctx, "ravi"); err != nil || s.Self() {
		t.Errorf("begun again behind the others' backs: %v", err)
	}
}

// TestEntrust: who is named to take over is given every key at once, also of what was there before they were let in; nobody
// else is, and to take it back takes back no key.
func TestEntrust(t *testing.T) {
	h := newHouse(t)
	mother, aunt, uncle := h.phone("mother"), h.phone("aunt"), h.phone("uncle")
	mother.child(asha)
	mother.add(asha, "old")
	h.check(mother.k.Found(ctx, asha, nil))
	mother.invite(aunt, asha, family.Reader, false)
	mother.invite(uncle, asha, family.Reader, false)
	h.settle(4, asha, mother, aunt, uncle)
	user := aunt.v.Ring().Wallet()
	if err := aunt.k.Entrust(ctx, asha, user, 7); !errors.Is(err, family.ErrRole) {
		t.Errorf("a reader names: %v", err)
	}
	h.check(mother.k.Entrust(ctx, asha, user, 7))
	h.settle(5, asha, mother, aunt, uncle)
	if aunt.v.Ring().Identity(string(asha), 1) == nil {
		t.Error("the aunt has no key to what was there before")
	}
	if uncle.v.Ring().Identity(string(asha), 1) != nil {
		t.Error("the uncle has one")
	}
	h.check(mother.k.Entrust(ctx, asha, user, 0))
	s, err := mother.k.State(ctx, asha)
	h.check(err)
	if m, _ := s.Member(user); m.Contact != 0 {
		t.Error("still named")
	}
}

// TestTakesOverLate: who was let in from now on sees records of before pass, since another is let in after them who is given
// everything. They keep none of it, whether they have the key by then or not; and when they take over they have all of it.
func TestTakesOverLate(t *testing.T) {
	for name, named := range map[string]bool{"named before the records pass": true, "named after": false} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			mother, aunt, father := h.phone("mother"), h.phone("aunt"), h.phone("father")
			mother.child(asha)
			mother.add(asha, "of before")
			h.check(mother.k.Found(ctx, asha, nil))
			mother.invite(aunt, asha, family.Reader, false)
			h.settle(3, asha, mother, aunt)
			name := func() { h.check(mother.k.Entrust(ctx, asha, aunt.user(), 7)) }
			if named {
				name()
				h.settle(3, asha, mother, aunt)
			}
			mother.invite(father, asha, family.Admin, true)
			h.settle(4, asha, mother, father, aunt)
			if !named {
				name()
				h.settle(3, asha, mother, aunt, father)
			}
			if got := father.has(asha); !slices.Equal(got, []string{"of before"}) {
				t.Fatalf("the father has %q", got)
			}
			if got := aunt.has(asha); len(got) != 0 {
				t.Errorf("before she takes over the aunt has %q", got)
			}

			h.check(aunt.k.Write(ctx, asha, &family.Claim{}))
			h.settle(2, asha, aunt, mother, father)
			claim := aunt.state(asha).Claims[0].Entry
			h.now = h.now.AddDate(0, 0, 8)
			h.check(father.k.Write(ctx, asha, &family.Waited{Claim: claim}))
			h.settle(2, asha, father, mother, aunt)
			h.check(aunt.k.Write(ctx, asha, &family.Recover{Claim: claim}))
			h.settle(4, asha, aunt, mother, father)
			if got := aunt.has(asha); !slices.Equal(got, []string{"of before"}) {
				t.Errorf("when she has taken over the aunt has %q", got)
			}
		})
	}
}

// soon is settle within two minutes, while nothing is asked for again and devices wait for their turn.
func (h *house) soon(devices ...*device) {
	h.t.Helper()
	for range 8 {
		for _, d := range devices {
			d.round(asha)
		}
		h.now = h.now.Add(10 * time.Second)
	}
}

// TestLetInSoonAfter: who is let in a minute after somebody else has what was there before at once, though it was sent to the
// same mailbox just now: there it was erased, since all who were there had read it.
func TestLetInSoonAfter(t *testing.T) {
	h := newHouse(t)
	mother, aunt, father := h.phone("mother"), h.phone("aunt"), h.phone("father")
	mother.child(asha)
	mother.add(asha, "of before")
	h.check(mother.k.Found(ctx, asha, nil))
	mother.invite(aunt, asha, family.Reader, false)
	h.soon(mother, aunt)
	mother.invite(father, asha, family.Admin, true)
	h.soon(mother, father, aunt)
	if got := father.has(asha); !slices.Equal(got, []string{"of before"}) {
		t.Errorf("the father has %q", got)
	}
	if got := aunt.has(asha); len(got) != 0 {
		t.Errorf("the aunt, let in from now on, has %q", got)
	}
}

// TestNewcomerErasesNothing: the father, just let in, reads what is said to the aunt before she does. He knows of nobody yet,
// and leaves it where it is: she is told that she may take over.
func TestNewcomerErasesNothing(t *testing.T) {
	h := newHouse(t)
	mother, aunt, father := h.phone("mother"), h.phone("aunt"), h.phone("father")
	mother.child(asha)
	h.check(mother.k.Found(ctx, asha, nil))
	mother.invite(aunt, asha, family.Reader, false)
	h.soon(mother, aunt)
	mother.invite(father, asha, family.Admin, true)
	h.check(mother.k.Entrust(ctx, asha, aunt.user(), 7))
	mother.round(asha)
	father.round(asha)
	aunt.round(asha)
	if m, _ := aunt.state(asha).Member(aunt.user()); m.Contact != 7 {
		t.Errorf("the aunt may take over after %d days", m.Contact)
	}
}
