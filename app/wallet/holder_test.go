package wallet_test

import (
	"strings"
	"testing"
	"time"

	"potli/app/wallet"
)

// TestHolder: the father is to take over when the mother is gone. He says that she is; she is there, and says no in one tap.
func TestHolderVeto(t *testing.T) {
	h := newHome(t, ist(2030, time.June, 1, 10, 0))
	ctx := t.Context()
	h.mother.Look(t)
	s := h.mother.Snapshot().HolderOf(h.child)
	if !s.Owner || len(s.Others) != 1 || len(s.Named) != 0 || s.Claim != nil {
		t.Fatalf("before: %+v", s)
	}
	father := s.Others[0].User
	wantErr(t, "an admin names nobody", h.father.NameHolder(ctx, h.child, father, 7), wallet.ErrMayNot)
	wantErr(t, "who is not named claims nothing", h.father.ClaimRecords(ctx, h.child), wallet.ErrMayNot)
	if err := h.mother.NameHolder(ctx, h.child, father, 7); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if named := h.father.Snapshot().HolderOf(h.child).Named; len(named) != 1 || !named[0].Me || named[0].Days != 7 {
		t.Fatalf("he is not told: %+v", named)
	}
	if err := h.father.ClaimRecords(ctx, h.child); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	c := h.mother.Snapshot().HolderOf(h.child).Claim
	if c == nil || c.Stage != wallet.ClaimWaiting || !c.Veto || c.Mine || c.Until != "2030-06-08" || len(h.mother.Snapshot().Claimed()) != 1 {
		t.Fatalf("she is not told: %+v", c)
	}
	wantErr(t, "at once", h.father.RecoverRecords(ctx, h.child), wallet.ErrWaiting)
	wantErr(t, "one's own claim", h.father.VetoClaim(ctx, h.child), wallet.ErrMayNot)
	if err := h.mother.VetoClaim(ctx, h.child); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if c := h.father.Snapshot().HolderOf(h.child).Claim; c.Stage != wallet.ClaimVetoed || len(h.father.Snapshot().Claimed()) != 0 {
		t.Errorf("after no: %+v", c)
	}
	h.at(ist(2031, time.June, 1, 10, 0))
	wantErr(t, "after no", h.father.RecoverRecords(ctx, h.child), wallet.ErrVetoed)
}

// TestHolderRecovers: nobody says no, another member's device has waited, by its own clock, and the one who was named
// decides from then on. Where she was there after all, she undoes it.
func TestHolderRecovers(t *testing.T) {
	h := newHome(t, ist(2030, time.June, 1, 10, 0))
	ctx := t.Context()
	// The aunt reads, from now on alone; she is who is named. The father's device waits.
	i := wallet.Invite{Profile: h.child, By: "Meera", Role: wallet.RoleReader}
	if err := h.mother.ShowInvite(ctx, words, i, false); err != nil {
		t.Fatal(err)
	}
	aunt := h.aarav
	if err := aunt.ReadInvite(ctx, h.mother.stands(wallet.PairCode).Code, "Usha"); err != nil {
		t.Fatal(err)
	}
	h.mother.stands(wallet.PairCompare)
	aunt.stands(wallet.PairCompare)
	agree(t, h.mother, aunt)
	h.mother.stands(wallet.PairDone)
	aunt.stands(wallet.PairDone)
	h.settle(t)
	if _, ok := aunt.Record(h.before); ok {
		t.Fatal("she sees what was there before")
	}
	var user string
	for _, c := range h.mother.Snapshot().HolderOf(h.child).Others {
		if c.Name == "Usha" {
			user = c.User
		}
	}
	if err := h.mother.NameHolder(ctx, h.child, user, 30); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if err := aunt.ClaimRecords(ctx, h.child); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	h.at(ist(2031, time.January, 1, 0, 0))
	aunt.clock.set(ist(2031, time.June, 1, 0, 0)) // her own clock says nothing
	wantErr(t, "the claimant's clock", aunt.RecoverRecords(ctx, h.child), wallet.ErrWaiting)
	h.at(ist(2030, time.July, 1, 9, 0)) // an hour before the father's device has waited
	h.settle(t)
	wantErr(t, "an hour early", aunt.RecoverRecords(ctx, h.child), wallet.ErrWaiting)
	h.at(ist(2030, time.July, 1, 11, 0))
	h.settle(t)
	h.settle(t)
	if c := aunt.Snapshot().HolderOf(h.child).Claim; c.Stage != wallet.ClaimReady || !c.Mine {
		t.Fatalf("after the waiting: %+v", c)
	}
	if err := aunt.RecoverRecords(ctx, h.child); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if s := aunt.Snapshot().HolderOf(h.child); !s.Owner || s.Claim.Stage != wallet.ClaimRecovered {
		t.Errorf("she decides: %+v", s)
	}
	aunt.Choose(h.child)
	aunt.DismissImport()
	if _, ok := aunt.Record(h.before); !ok {
		t.Error("what was there before is not hers to read")
	}
	aunt.importOne(file("own.json", []byte(strings.Replace(allergy, "Peanut", "Wool", 1))))
	if c := h.mother.Snapshot().HolderOf(h.child).Claim; !c.Veto || len(h.mother.Snapshot().Claimed()) != 1 {
		t.Errorf("she can not undo it: %+v", c)
	}
	if err := h.mother.VetoClaim(ctx, h.child); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	if s := aunt.Snapshot().HolderOf(h.child); s.Owner {
		t.Error("she still decides")
	}
}

// TestHolderTakenBack: who was named is so no more.
func TestHolderTakenBack(t *testing.T) {
	h := newHome(t, ist(2030, time.June, 1, 10, 0))
	ctx := t.Context()
	h.mother.Look(t)
	father := h.mother.Snapshot().HolderOf(h.child).Others[0].User
	for _, days := range []int{90, 0} {
		if err := h.mother.NameHolder(ctx, h.child, father, days); err != nil {
			t.Fatal(err)
		}
	}
	if named := h.mother.Snapshot().HolderOf(h.child).Named; len(named) != 0 {
		t.Errorf("still named: %+v", named)
	}
	h.settle(t)
	wantErr(t, "claiming", h.father.ClaimRecords(ctx, h.child), wallet.ErrMayNot)
}
