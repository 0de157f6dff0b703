package wallet_test

import (
	"errors"
	"testing"

	"potli/app/record"
	"potli/app/wallet"
)

// entries counts what was written into a history.
func (b *bench) entries(id record.ProfileID) int {
	b.t.Helper()
	list, err := b.Histories(b.t).Entries(b.t.Context(), string(id), 0)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(list)
}

// TestCarers: who may see a person's records, what they may do and on what ground, the same in both wallets.
func TestCarers(t *testing.T) {
	mother, father, child := parents(t)
	ctx := t.Context()
	if list, err := mother.Carers(ctx, child); err != nil || len(list) != 0 {
		t.Errorf("before anybody was let in: %+v, %v", list, err)
	}
	ground := wallet.Guardianship{As: wallet.BondMother, Proof: wallet.ProofBirth, Since: "2020"}
	if err := mother.SetGuardian(ctx, child, &ground); err != nil {
		t.Fatal(err)
	}
	invite(t, mother, father, wallet.Invite{Profile: child, By: "Meera Sample", Role: wallet.RoleReader, History: true})
	agree(t, mother, father)
	mother.stands(wallet.PairDone)
	father.stands(wallet.PairDone)
	mother.TidyPerson(t, child)
	carry(t, mother, father, child)
	father.TidyPerson(t, child)

	hers, err := mother.Carers(ctx, child)
	if err != nil || len(hers) != 2 {
		t.Fatalf("in her wallet: %+v, %v", hers, err)
	}
	if c := hers[0]; !c.Me || c.Role != wallet.RoleOwner || c.As != wallet.BondMother {
		t.Errorf("herself: %+v", c)
	}
	if c := hers[1]; c.Me || c.Role != wallet.RoleReader || c.Name != "Arjun Sample" || c.As != "" {
		t.Errorf("him: %+v", c)
	}
	his, err := father.Carers(ctx, child)
	if err != nil || len(his) != 2 {
		t.Fatalf("in his wallet: %+v, %v", his, err)
	}
	if c := his[0]; c.Me || c.Role != wallet.RoleOwner || c.Name != "Meera Sample" || c.As != wallet.BondMother {
		t.Errorf("her: %+v", c)
	}
	if c := his[1]; !c.Me || c.Role != wallet.RoleReader {
		t.Errorf("himself: %+v", c)
	}

	// A reader's own note stays with the reader: it is nothing that the others are told.
	if err := father.SetGuardian(ctx, child, &wallet.Guardianship{As: wallet.BondFather, Proof: wallet.ProofBirth}); err != nil {
		t.Fatal(err)
	}
	father.TidyPerson(t, child)
	carry(t, father, mother, child)
	if hers, _ = mother.Carers(ctx, child); hers[1].As != "" {
		t.Errorf("what a reader noted was told: %+v", hers[1])
	}
	if g := father.person(child).Guardian; g == nil || g.As != wallet.BondFather {
		t.Errorf("his own note: %+v", g)
	}

	// What she changes is told again, once.
	ground.Proof = wallet.ProofCourt
	if err := mother.SetGuardian(ctx, child, &ground); err != nil {
		t.Fatal(err)
	}
	mother.TidyPerson(t, child)
	n := mother.entries(child)
	mother.TidyPerson(t, child)
	if again := mother.entries(child); again != n {
		t.Errorf("%d entries, then %d: it is told again and again", n, again)
	}
	carry(t, mother, father, child)
	father.TidyPerson(t, child)
	if g := father.person(child).Guardian; g == nil || g.As != wallet.BondFather {
		t.Errorf("her ground became his: %+v", g)
	}
}

// TestEraseOfWhatOthersHaveToo: here nothing is left of a person, not even their history; the other caregiver keeps all.
func TestEraseOfWhatOthersHaveToo(t *testing.T) {
	mother, father, child := parents(t)
	ctx := t.Context()
	mother.Choose(child)
	id := mother.importOne(file("a.json", []byte(allergy)))
	invite(t, mother, father, wallet.Invite{Profile: child, By: "Meera Sample", Role: wallet.RoleAdmin, History: true})
	agree(t, mother, father)
	mother.stands(wallet.PairDone)
	father.stands(wallet.PairDone)
	carry(t, mother, father, child)
	father.TidyPerson(t, child)
	before := father.entries(child)
	if err := father.SetAside(ctx, child); err != nil {
		t.Fatal(err)
	}
	if err := father.EraseProfile(ctx, child); !errors.Is(err, wallet.ErrCares) {
		t.Fatalf("he still cares for the child: %v", err)
	}
	if err := father.Leave(ctx, child); err != nil {
		t.Fatal(err)
	}
	if err := father.EraseProfile(ctx, child); err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"history/", "fields/", "ground/", "sync/", "photo/"} {
		if names := father.Docs(t, prefix); len(names) != 0 {
			t.Errorf("left: %q", names)
		}
	}
	if _, ok := mother.Record(id); !ok || mother.entries(child) != before {
		t.Error("erasing here took something away there")
	}
}

// TestGroundOnTwoDevices: what was noted on one device of one's own is on the other, and is not put back by it.
func TestGroundOnTwoDevices(t *testing.T) {
	old, fresh := household(t)
	p, err := old.AddPerson(t.Context(), wallet.Person{Name: "Aarav Sample", BirthDate: "2020-02-29", Kin: wallet.KinChild})
	if err != nil {
		t.Fatal(err)
	}
	meet(t, old, fresh)
	agree(t, old, fresh)
	fresh.stands(wallet.PairDone)
	both := func(from, to *bench) {
		t.Helper()
		from.TidyPerson(t, p.ID)
		carry(t, from, to, p.ID)
		to.TidyPerson(t, p.ID)
	}
	for _, proof := range []wallet.Proof{wallet.ProofBirth, wallet.ProofCourt} {
		if err := old.SetGuardian(t.Context(), p.ID, &wallet.Guardianship{As: wallet.BondMother, Proof: proof}); err != nil {
			t.Fatal(err)
		}
		both(old, fresh)
		both(fresh, old)
		for name, b := range map[string]*bench{"here": old, "there": fresh} {
			if g := b.person(p.ID).Guardian; g == nil || g.Proof != proof {
				t.Errorf("%s: %+v, want %s", name, g, proof)
			}
		}
	}
	if err := fresh.SetGuardian(t.Context(), p.ID, &wallet.Guardianship{As: wallet.BondMother, Proof: wallet.ProofOther}); err != nil {
		t.Fatal(err)
	}
	both(fresh, old)
	if g := old.person(p.ID).Guardian; g == nil || g.Proof != wallet.ProofOther {
		t.Errorf("from the other device: %+v", g)
	}
}
