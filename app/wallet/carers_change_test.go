package wallet_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"potli/app/record"
	"potli/app/wallet"
)

// carer is what a wallet has of somebody who cares for a person.
func (b *bench) carer(id record.ProfileID, me bool) wallet.Carer {
	b.t.Helper()
	list, err := b.Carers(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range list {
		if c.Me == me {
			return c
		}
	}
	b.t.Fatalf("not among %+v", list)
	return wallet.Carer{}
}

const scan = "%PDF-1.4\n%without him\nstartxref\n0\n%%EOF\n"

// TestRemoveCarer: a mother takes the father out. He keeps what he had, sees nothing of
// what comes then, and is told so, with her name.
func TestRemoveCarer(t *testing.T) {
	mother, father, _, child := caregivers(t)
	him := mother.carer(child, false)
	if him.Stays != nil || !slices.Equal(him.Roles, []string{wallet.RoleReader, wallet.RoleOwner}) {
		t.Errorf("what she may do: %+v", him)
	}
	if me := mother.carer(child, true); !errors.Is(me.Stays, wallet.ErrLastOwner) || len(me.Roles) > 0 {
		t.Errorf("what she may do with herself: %+v", me)
	}
	if her := father.carer(child, false); !errors.Is(her.Stays, wallet.ErrMayNot) || len(her.Roles) > 0 {
		t.Errorf("what he may do: %+v", her)
	}
	if err := father.RemoveCarer(t.Context(), child, mother.carer(child, true).User); !errors.Is(err, wallet.ErrMayNot) {
		t.Errorf("he took her out: %v", err)
	}
	if err := mother.Leave(t.Context(), child); !errors.Is(err, wallet.ErrLastOwner) {
		t.Errorf("nobody is left: %v", err)
	}
	if err := mother.RemoveCarer(t.Context(), child, "nobody"); !errors.Is(err, wallet.ErrNoCarer) {
		t.Errorf("a stranger: %v", err)
	}
	if err := mother.RemoveCarer(t.Context(), child, him.User); err != nil {
		t.Fatal(err)
	}
	mother.importOne(file("scan.pdf", []byte(scan)))
	exchange(4, mother, father)
	father.Choose(child)
	if s := father.Snapshot(); s.Records != 1 || s.Sync[child].Kind != wallet.SyncRemoved || !slices.Equal(s.Sync[child].From, []string{"Meera Sample"}) {
		t.Errorf("he has %d records, and is told %+v", s.Records, s.Sync[child])
	}
	if n := mother.Snapshot().Records; n != 2 {
		t.Errorf("she has %d records", n)
	}
	if list, err := mother.Carers(t.Context(), child); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	// He may erase what stayed, without asking anybody.
	if err := father.SetAside(t.Context(), child); err != nil {
		t.Fatal(err)
	}
	if err := father.EraseProfile(t.Context(), child); err != nil {
		t.Error(err)
	}
	if mother.Snapshot().Records != 2 {
		t.Error("that took something away from her")
	}
}

// TestSetCarerRole: what somebody is made they are in both wallets.
func TestSetCarerRole(t *testing.T) {
	mother, father, _, child := caregivers(t)
	him := mother.carer(child, false).User
	for _, role := range []string{wallet.RoleReader, wallet.RoleOwner} {
		if err := mother.SetCarerRole(t.Context(), child, him, role); err != nil {
			t.Fatal(err)
		}
		exchange(3, mother, father)
		if c := father.carer(child, true); c.Role != role {
			t.Errorf("he is %q, want %q", c.Role, role)
		}
	}
	for name, role := range map[string]string{"what he is": wallet.RoleOwner, "no role": "king", "a contact": wallet.RoleContact} {
		if err := mother.SetCarerRole(t.Context(), child, him, role); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// With two who decide, she can leave, and he hears of it.
	if err := mother.Leave(t.Context(), child); err != nil {
		t.Fatal(err)
	}
	exchange(4, mother, father)
	if list, err := father.Carers(t.Context(), child); err != nil || len(list) != 1 || !list[0].Me {
		t.Errorf("%+v, %v", list, err)
	}
	if k := mother.syncKind(child); k != wallet.SyncLeft {
		t.Errorf("she is told %q", k)
	}
}

// TestEraseWaitsUntilOthersKnow: who has left where there was no network has not been
// heard; the person stays until it was said.
func TestEraseWaitsUntilOthersKnow(t *testing.T) {
	mother, father, mail, child := caregivers(t)
	mail.off = true
	if err := father.SetAside(t.Context(), child); err != nil {
		t.Fatal(err)
	}
	if err := father.EraseProfile(t.Context(), child); !errors.Is(err, wallet.ErrCares) {
		t.Errorf("while he cares: %v", err)
	}
	if err := father.Leave(t.Context(), child); err != nil {
		t.Fatal(err)
	}
	exchange(1, father)
	if err := father.EraseProfile(t.Context(), child); !errors.Is(err, wallet.ErrNotTold) {
		t.Errorf("while nobody knows: %v", err)
	}
	mail.off = false
	father.Offline(false)
	exchange(3, father, mother)
	if err := father.EraseProfile(t.Context(), child); err != nil {
		t.Error(err)
	}
	if list, err := mother.Carers(t.Context(), child); err != nil || len(list) != 1 {
		t.Errorf("she has %+v, %v", list, err)
	}
	if n := mother.CountRecords(child); n != 1 {
		t.Errorf("she has %d records", n)
	}
}

// TestRemoveWhileSyncing: a removal in the middle of a round is one thing after the other: nothing is said twice, and
// nobody is taken for two.
func TestRemoveWhileSyncing(t *testing.T) {
	mother, father, _, child := caregivers(t)
	him := mother.carer(child, false).User
	for range 3 {
		mother.importOne(file("scan.pdf", []byte(scan+rand.Text())))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 5 {
			mother.StartSync() // a round is due
			mother.Sync(context.Background())
		}
	}()
	if err := mother.RemoveCarer(t.Context(), child, him); err != nil {
		t.Fatal(err)
	}
	<-done
	mother.importOne(file("late.pdf", []byte(scan)))
	exchange(4, mother, father)
	father.Choose(child)
	if k, s := mother.syncKind(child), father.Snapshot(); k != wallet.SyncCurrent || s.Sync[child].Kind != wallet.SyncRemoved {
		t.Errorf("she: %q, he: %+v", k, s.Sync[child])
	}
	list, err := father.Histories(t).State(t.Context(), child)
	if err != nil || len(list.Forks) > 0 {
		t.Errorf("forks %d, %v", len(list.Forks), err)
	}
	if n := mother.CountRecords(child); n != 5 {
		t.Errorf("she has %d records", n)
	}
	if n := father.CountRecords(child); n > 4 {
		t.Errorf("he has %d records", n)
	}
}
