package wallet_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"potli/app/record"
	"potli/app/wallet"
)

func TestMoveAndTakeBack(t *testing.T) {
	b := newBench(t).create()
	ctx, meera := t.Context(), b.Snapshot().Current
	ravi := b.add(wallet.Person{Name: "Ravi"})
	id := b.importOne(file("a.json", []byte(allergy)))
	moved, err := b.Move(ctx, id, ravi.ID)
	if err != nil {
		t.Fatal(err)
	}
	if b.Snapshot().Records != 0 || b.CountRecords(ravi.ID) != 1 || b.Snapshot().Current != meera {
		t.Errorf("%d records here, %d there", b.Snapshot().Records, b.CountRecords(ravi.ID))
	}
	if _, ok := b.Record(id); ok {
		t.Error("it is still where it was")
	}
	if _, _, body, err := b.Original(ctx, moved); err != nil || string(body) != allergy {
		t.Errorf("the bytes: %v", err)
	}
	if f := b.Snapshot().Import.Files[0]; f.ID != moved {
		t.Error("the report leads to where it was")
	}
	if u := b.Snapshot().Undo; u == nil || u.What != wallet.UndoMove || u.To != "Ravi" || u.ID != moved {
		t.Fatalf("offered: %+v", u)
	}
	if err := b.Undo(ctx); err != nil || b.Snapshot().Undo != nil {
		t.Fatalf("taking it back: %v, %+v", err, b.Snapshot().Undo)
	}
	if b.Snapshot().Records != 1 || b.CountRecords(ravi.ID) != 0 {
		t.Errorf("after taking it back: %d here, %d there", b.Snapshot().Records, b.CountRecords(ravi.ID))
	}
	b.restart()
	b.unlock()
	if b.Snapshot().Records != 1 {
		t.Error("after a reload it is gone")
	}
}

func TestMoveRefuses(t *testing.T) {
	b := newBench(t).create()
	ctx := t.Context()
	ravi, aside := b.add(wallet.Person{Name: "Ravi"}), b.add(wallet.Person{Name: "Sita"})
	if err := b.SetAside(ctx, aside.ID); err != nil {
		t.Fatal(err)
	}
	id := b.importOne(file("a.json", []byte(allergy)))
	for name, tt := range map[string]struct {
		id   record.ID
		to   record.ProfileID
		want error
	}{
		"what is not there":    {"nothing", ravi.ID, wallet.ErrNoRecord},
		"to nobody":            {id, "nobody", wallet.ErrNoPerson},
		"to who was put aside": {id, aside.ID, wallet.ErrNoPerson},
		"to whom it belongs":   {id, b.Snapshot().Current, nil},
	} {
		if got, err := b.Move(ctx, tt.id, tt.to); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) || err == nil && got != id {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	b.Choose(ravi.ID)
	twin := b.importOne(file("a.json", []byte(allergy)))
	if got, err := b.Move(ctx, id, ravi.ID); !errors.Is(err, record.ErrDuplicate) || got != twin {
		t.Errorf("to somebody who has it: %s, %v", got, err)
	}
	if _, ok := b.Record(id); !ok {
		t.Error("what was refused is gone")
	}
}

func TestUndoLapses(t *testing.T) {
	b := newBench(t).create()
	ravi := b.add(wallet.Person{Name: "Ravi"})
	if _, err := b.Move(t.Context(), b.importOne(file("a.json", []byte(allergy))), ravi.ID); err != nil {
		t.Fatal(err)
	}
	b.clock.add(wallet.UndoMoveFor - time.Second)
	b.Touch()
	if b.Tick(t.Context()); b.Snapshot().Undo == nil {
		t.Error("gone too early")
	}
	b.clock.add(time.Second)
	if b.Tick(t.Context()); b.Snapshot().Undo != nil {
		t.Error("offered for ever")
	}
	if err := b.Undo(t.Context()); err != nil || b.CountRecords(ravi.ID) != 1 {
		t.Errorf("taking back what is no longer offered: %v", err)
	}
}

// TestHoldingLinks: the links that hold a record are those that can still be opened.
func TestHoldingLinks(t *testing.T) {
	b := newBench(t).create()
	ctx := t.Context()
	id := b.importOne(file("a.json", []byte(allergy)))
	other := b.importOne(file("m.json", []byte(strings.ReplaceAll(allergy, "Peanut", "Milk"))))
	p, err := b.PrepareLink(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	s := b.share(p)
	if got := b.Holding(id); len(got) != 1 || got[0].ID != s.ID {
		t.Errorf("%d links hold it", len(got))
	}
	if got := b.Holding(other); len(got) != 0 {
		t.Errorf("%d links hold another", len(got))
	}
	if err := b.Revoke(ctx, s.ID); err != nil {
		t.Fatal(err)
	}
	if got := b.Holding(id); len(got) != 0 {
		t.Errorf("%d links hold it after it was taken back", len(got))
	}
}

func TestGuardianship(t *testing.T) {
	b := newBench(t).create()
	ctx, self := t.Context(), b.Snapshot().Current
	ravi := b.add(wallet.Person{Name: "Ravi", Kin: wallet.KinChild})
	b.Choose(ravi.ID)
	b.importOne(file("a.json", []byte(allergy)))
	paper := b.importOne(file("birth.pdf", []byte("%PDF-1.4\nstartxref\n0\n%%EOF\n")))
	if papers := b.Papers(ravi.ID); len(papers) != 1 || papers[0].ID != paper {
		t.Errorf("papers: %+v", papers)
	}
	good := wallet.Guardianship{As: wallet.BondMother, Proof: wallet.ProofBirth, Record: paper, Since: "2014-05"}
	for name, tt := range map[string]struct {
		change func(*wallet.Guardianship)
		want   error
	}{
		"no bond":      {func(g *wallet.Guardianship) { g.As = "" }, wallet.ErrGuardian},
		"no proof":     {func(g *wallet.Guardianship) { g.Proof = "my word" }, wallet.ErrGuardian},
		"no paper":     {func(g *wallet.Guardianship) { g.Record = "nothing" }, wallet.ErrGuardian},
		"no date":      {func(g *wallet.Guardianship) { g.Since = "2014-31" }, wallet.ErrBirthDate},
		"in time":      {func(g *wallet.Guardianship) { g.Since = "2114" }, wallet.ErrBirthFuture},
		"nothing more": {func(g *wallet.Guardianship) { g.Record, g.Since = "", "" }, nil},
	} {
		g := good
		tt.change(&g)
		if err := b.SetGuardian(ctx, ravi.ID, &g); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if err := b.SetGuardian(ctx, ravi.ID, &good); err != nil {
		t.Fatal(err)
	}
	m, _ := b.Record(paper)
	kept := func() *wallet.Guardianship { return b.person(ravi.ID).Guardian }
	if g := kept(); g.SHA256 != m.SHA256 || !g.Noted.Equal(b.clock.now()) {
		t.Errorf("kept %+v", g)
	}
	// The paper is moved: it is the same paper, under its new id.
	moved, err := b.Move(ctx, paper, self)
	if err != nil {
		t.Fatal(err)
	}
	if g := kept(); g.Record != moved || g.SHA256 != m.SHA256 {
		t.Errorf("after the paper was moved: %+v", g)
	}
	b.restart()
	b.unlock()
	if g := kept(); g.Record != moved || g.As != wallet.BondMother || g.Since != "2014-05" {
		t.Errorf("after a reload: %+v", g)
	}
	if err := b.SetGuardian(ctx, ravi.ID, nil); err != nil || kept() != nil {
		t.Errorf("taken away: %v, %+v", err, kept())
	}
	me := b.person(self)
	me.Kin = wallet.KinSelf
	if err := b.EditPerson(ctx, me); err != nil {
		t.Fatal(err)
	}
	if err := b.SetGuardian(ctx, self, &wallet.Guardianship{As: wallet.BondOther, Proof: wallet.ProofOther}); !errors.Is(err, wallet.ErrGuardian) {
		t.Errorf("of oneself: %v", err)
	}
}
