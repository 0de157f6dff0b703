package wallet_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/diary"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/wallet"
)

func penicillin(severity string) diary.Note {
	return diary.Note{Kind: diary.Allergy, Answers: map[string]string{"name": "Penicillin", "reaction": "Hives", "severity": severity}}
}

func (b *bench) write(who record.ProfileID, n diary.Note) record.ID {
	b.t.Helper()
	id, err := b.Write(b.t.Context(), who, n)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// TestWriteByHand: what is written outlives a reload, says where it comes from, and is
// offered for a share.
func TestWriteByHand(t *testing.T) {
	b := newBench(t).create()
	ctx, me := t.Context(), b.Snapshot().Current
	id := b.write(me, penicillin("severe"))
	if b.Snapshot().Records != 1 {
		t.Fatalf("%d records", b.Snapshot().Records)
	}
	b.restart()
	b.unlock()
	m, ok := b.Record(id)
	if !ok || m.Source.How != wallet.HowHand || m.Outline.Title != "Penicillin" || m.Outline.Author != "Meera Sample" {
		t.Errorf("after a reload: %+v", m)
	}
	g := b.Timeline(wallet.Query{}).Groups
	if len(g) != 1 || g[0].Source.How != wallet.HowHand || len(g[0].Lines) != 1 || g[0].Lines[0].Alert != "danger" {
		t.Errorf("timeline: %+v", g)
	}
	p, err := b.PrepareCounter(ctx)
	if err != nil || len(p.Selected()) != 1 || p.Selected()[0].Title != "Penicillin" {
		t.Errorf("for a share: %v", err)
	}
	if _, err := b.Write(ctx, me, diary.Note{Kind: diary.Allergy}); !errors.Is(err, diary.ErrFaulty) {
		t.Errorf("nothing written: %v", err)
	}
	if _, err := b.Write(ctx, "nobody", penicillin("")); !errors.Is(err, wallet.ErrNoPerson) {
		t.Errorf("of nobody: %v", err)
	}
}

// TestWriteForAnother: the record is theirs, and says who wrote.
func TestWriteForAnother(t *testing.T) {
	b := newBench(t).create()
	ravi := b.add(wallet.Person{Name: "Ravi", Kin: wallet.KinChild, BirthDate: "2020-01-01"})
	aunt := b.add(wallet.Person{Name: "Sita", Kin: wallet.KinOther})
	if err := b.SetSelf(t.Context(), b.Snapshot().Current); err != nil {
		t.Fatal(err)
	}
	for who, label := range map[record.ProfileID]string{ravi.ID: "SDMAST", aunt.ID: "PACQAST", b.Snapshot().Current: "PATAST"} {
		id := b.write(who, penicillin(""))
		_, _, body, err := b.Original(t.Context(), id)
		if err != nil || !bytes.Contains(body, []byte(`"code":"`+label+`"`)) {
			t.Errorf("%s: %v %s", label, err, body)
		}
		m, _ := b.Record(id)
		if m.Profile != who || m.Outline.Author != "Meera Sample" || m.Outline.Subject.Name != b.person(who).Name {
			t.Errorf("%s: %+v", label, m)
		}
	}
}

func TestCorrect(t *testing.T) {
	b := newBench(t).create()
	ctx, me := t.Context(), b.Snapshot().Current
	first := b.write(me, penicillin("severe"))
	n, err := b.Written(ctx, first)
	if err != nil || n.Answers["severity"] != "severe" {
		t.Fatalf("%v %v", n, err)
	}
	b.clock.add(time.Minute)
	n.Answers["severity"] = "mild"
	second, err := b.Correct(ctx, first, n)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := b.Record(first); ok || b.Snapshot().Records != 1 {
		t.Error("both versions are records")
	}
	b.restart()
	b.unlock()
	d, err := b.Document(ctx, second)
	if err != nil {
		t.Fatal(err)
	}
	void := slices.DeleteFunc(slices.Clone(d.Views), func(v fhir.View) bool { return !v.Void })
	if len(void) != 1 || void[0].Title != "Penicillin" {
		t.Errorf("earlier versions: %+v", void)
	}
	m, _ := b.Record(second)
	if len(m.Outline.Lines) != 1 || m.Outline.Lines[0].Alert != "" || m.Source.How != wallet.HowHand {
		t.Errorf("the line: %+v", m.Outline.Lines)
	}
	if n, err := b.Written(ctx, second); err != nil || n.Answers["severity"] != "mild" {
		t.Errorf("read again: %v %v", n, err)
	}
	imported := b.importOne(file("a.json", []byte(allergy)))
	if _, err := b.Written(ctx, imported); !errors.Is(err, wallet.ErrNotWritten) {
		t.Errorf("a hospital's record: %v", err)
	}
	if _, err := b.Correct(ctx, imported, n); !errors.Is(err, wallet.ErrNotWritten) {
		t.Errorf("correcting a hospital: %v", err)
	}
	if _, err := b.Correct(ctx, first, n); !errors.Is(err, wallet.ErrNoRecord) {
		t.Errorf("what was replaced: %v", err)
	}
}

// TestDrafts: what was typed outlives a lock and a reload, and lies nowhere unsealed.
func TestDrafts(t *testing.T) {
	b := newBench(t).create()
	ctx, me := t.Context(), b.Snapshot().Current
	const secret = "Zirconium-sulphate"
	like := wallet.Draft{Person: me, Note: diary.Note{Kind: diary.Allergy}}
	if _, found, err := b.Draft(ctx, like); found || err != nil {
		t.Errorf("a draft of nothing: %v", err)
	}
	d := like
	d.Note.Answers = map[string]string{"name": secret}
	for _, d := range []wallet.Draft{d, {Person: me, Record: "r", Note: d.Note}} {
		if err := b.KeepDraft(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	b.Lock()
	if err := b.KeepDraft(ctx, d); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("while locked: %v", err)
	}
	for _, name := range b.stored() {
		if bytes.Contains(b.blob(name), []byte(secret)) {
			t.Errorf("%s has it unsealed", name)
		}
	}
	b.restart()
	b.unlock()
	got, found, err := b.Draft(ctx, like)
	if err != nil || !found || got.Note.Answers["name"] != secret || got.Record != "" {
		t.Errorf("after a reload: %v %v %v", got, found, err)
	}
	d.Note.Answers = map[string]string{"name": ""}
	if err := b.KeepDraft(ctx, d); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := b.Draft(ctx, like); found {
		t.Error("it is there after it was finished")
	}
	if got, found, _ := b.Draft(ctx, wallet.Draft{Person: me, Record: "r", Note: diary.Note{Kind: diary.Allergy}}); !found || !strings.HasPrefix(got.Note.Answers["name"], "Zirc") {
		t.Error("the draft of a correction went with it")
	}
}

// TestDraftsGoToo: with somebody who is erased, and with a record that is deleted, goes
// what was typed of them, and nothing else.
func TestDraftsGoToo(t *testing.T) {
	b := newBench(t).create()
	ctx, me := t.Context(), b.Snapshot().Current
	ravi := b.add(wallet.Person{Name: "Ravi"})
	id, other := b.write(me, penicillin("mild")), b.write(me, penicillin("severe"))
	note := penicillin("moderate")
	of := map[string]wallet.Draft{
		"erased person": {Person: ravi.ID, Note: note}, "deleted record": {Person: me, Record: id, Note: note},
		"new note": {Person: me, Note: note}, "other record": {Person: me, Record: other, Note: note},
	}
	for _, d := range of {
		if err := b.KeepDraft(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.SetAside(ctx, ravi.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.EraseProfile(ctx, ravi.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Correct(ctx, id, note); err != nil {
		t.Fatal(err)
	}
	for name, d := range of {
		_, found, err := b.Draft(ctx, d)
		if want := d.Person == me && d.Record != id; err != nil || found != want {
			t.Errorf("%s: %v, want %v (%v)", name, found, want, err)
		}
	}
}
