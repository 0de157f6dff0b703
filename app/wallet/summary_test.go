package wallet_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/summary"
	"potli/app/wallet"
)

// glance lists what a person's summary says is so, with the documents that say it.
func (b *bench) glance() string {
	b.t.Helper()
	s, err := b.Summary(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, c := range s.Chapters {
		for _, f := range c.Now {
			out = append(out, fmt.Sprintf("%s %d", f.Line.Title, len(f.Sources)))
		}
	}
	return strings.Join(out, ", ")
}

// TestSummaryFollows: what comes is in the next summary, what is deleted is not, another
// person's records are never in it, and a locked wallet has none.
func TestSummaryFollows(t *testing.T) {
	b := newBench(t).create()
	allergy := func(title string) fhir.Outline {
		return fhir.Outline{Type: "document", Date: "2026-05-01", Lines: []fhir.Line{{Kind: fhir.KindAllergy, Type: "AllergyIntolerance", Title: title}}}
	}
	if got := b.glance(); got != "" {
		t.Errorf("empty: %s", got)
	}
	who := b.Snapshot().Current
	v := b.vault()
	first := b.keep(v, who, "a", allergy("Penicillin"))
	b.keep(v, who, "b", allergy("penicillin"))
	r, err := v.Ring().AddProfile("somebody else")
	if err == nil {
		err = v.SetRing(t.Context(), r)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.keep(v, "somebody else", "c", allergy("Nuts"))
	b.restart()
	b.unlock()
	if got := b.glance(); !strings.EqualFold(got, "penicillin 2") {
		t.Errorf("two documents: %s", got)
	}
	if err := b.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if got := b.glance(); !strings.EqualFold(got, "penicillin 1") {
		t.Errorf("one deleted: %s", got)
	}
	b.Undelete()
	if got := b.glance(); !strings.EqualFold(got, "penicillin 2") {
		t.Errorf("taken back: %s", got)
	}
	rep := b.Import(t.Context(), []wallet.File{file("milk.json", []byte(`{"resourceType":"AllergyIntolerance","code":{"text":"Milk"},"recordedDate":"2026-05-02"}`))})
	if len(rep.Files) != 1 || rep.Files[0].Err != nil {
		t.Fatalf("%+v", rep.Files)
	}
	if got := b.glance(); !strings.Contains(got, "Milk 1") {
		t.Errorf("one more: %s", got)
	}
	b.Lock()
	if _, err := b.Summary(t.Context()); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

// TestOfADayToCome: a result whose day was mistyped gives way to the next one.
func TestOfADayToCome(t *testing.T) {
	b := newBench(t).create()
	sodium := func(value, day string) record.ID {
		return b.importOne(file(day+".json", []byte(`{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"text":"Sodium"},"effectiveDateTime":"`+day+`","valueQuantity":{"value":`+value+`}}`)))
	}
	sodium("120", "2099-01-01")
	later := b.deps.Now().AddDate(0, 0, 3)
	b.at(later)
	want := sodium("140", later.Format(time.DateOnly))
	s, err := b.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if facts := s.Chapter(summary.Results).Now; len(facts) != 1 || facts[0].Sources[0].Record != want {
		t.Errorf("the last value is %+v", facts)
	}
}

// lived is a wallet whose owner has that many lines in as many exports.
func lived(t testing.TB, b *bench, files, lines int) {
	t.Helper()
	who := b.Snapshot().Current
	v := b.vault()
	for i := range files {
		o := fhir.Outline{Type: "collection", Date: "2026-05-01"}
		for j := range lines {
			o.Lines = append(o.Lines, fhir.Line{Entry: j, Kind: fhir.KindResult, Type: "Observation", Title: fmt.Sprint("Test ", j%400), Code: fmt.Sprint("http://loinc.org|", j%400),
				Date: fmt.Sprintf("20%02d-05-%02d", i, 1+j%28), Detail: []fhir.Value{{Type: fhir.ValueQuantity, Text: fmt.Sprint(j), Unit: "mg/dL"}}})
		}
		b.keep(v, who, fmt.Sprint(i), o)
	}
	b.restart()
	b.unlock()
}

// TestSummaryOfMany: of each test the latest value, whatever there is of it; the time is
// printed, not judged: a test machine is shared.
func TestSummaryOfMany(t *testing.T) {
	const files, lines = 10, 600
	b := newBench(t).create()
	lived(t, b, files, lines)
	var took []time.Duration
	for range 2 {
		start := time.Now()
		s, err := b.Summary(t.Context())
		took = append(took, time.Since(start))
		if err != nil {
			t.Fatal(err)
		}
		facts := s.Chapter(summary.Results).Now
		if len(facts) != 400 || s.Documents != files {
			t.Errorf("%d results of %d documents", len(facts), s.Documents)
		}
		for _, f := range facts {
			if !strings.HasPrefix(f.Line.Date, "2009") || f.Sources[0].Date != f.Line.Date {
				t.Fatalf("%s is of %s", f.Line.Title, f.Line.Date)
			}
		}
	}
	t.Logf("%d lines: %v, and %v when nothing is new", files*lines, took[0], took[1])
}

// TestBroughtBy: who brought a record is known where more than one cares for a person.
func TestBroughtBy(t *testing.T) {
	mother, father, child := parents(t)
	ctx := t.Context()
	mother.Choose(child)
	rep := mother.Import(ctx, []wallet.File{file("milk.json", []byte(`{"resourceType":"AllergyIntolerance","code":{"text":"Milk"}}`))})
	id := rep.Files[0].ID
	if by, err := mother.BroughtBy(ctx, id); err != nil || by != nil {
		t.Errorf("alone: %+v %v", by, err)
	}
	invite(t, mother, father, wallet.Invite{Profile: child, By: "Meera Sample", Role: wallet.RoleReader, History: true})
	agree(t, mother, father)
	mother.stands(wallet.PairDone)
	father.stands(wallet.PairDone)
	mother.TidyPerson(t, child)
	carry(t, mother, father, child)
	father.TidyPerson(t, child)
	if by, err := mother.BroughtBy(ctx, id); err != nil || by == nil || !by.Me || by.Device != "" {
		t.Errorf("in her wallet: %+v %v", by, err)
	}
	if by, err := father.BroughtBy(ctx, id); err != nil || by == nil || by.Me || by.Name != "Meera Sample" {
		t.Errorf("in his wallet: %+v %v", by, err)
	}
	if _, err := father.BroughtBy(ctx, record.ID("none")); !errors.Is(err, wallet.ErrNoRecord) {
		t.Errorf("none: %v", err)
	}
}
