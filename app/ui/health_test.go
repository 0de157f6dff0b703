package ui_test

import (
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/wallet"
)

// healthExport is one that waits for a choice.
func healthExport(say func(string) string) *wallet.Health {
	return &wallet.Health{
		Name: say("export.zip"), Clinical: 3, Document: true, Broken: true, Subject: fhir.Person{Name: say("Amma"), BirthDate: "1952-03-04"},
		Vitals: []wallet.HealthVital{
			{Kind: "pulse", Years: []wallet.HealthYear{{Year: "2024", Count: 1200}, {Year: "2022", Count: 34}}},
			{Kind: "steps", Years: []wallet.HealthYear{{Year: "2024", Count: 160}}},
		},
	}
}

// set says whether an attribute is on: go-app writes "false" where it is not.
func set(e *element, name string) bool {
	v, ok := e.attrs[name]
	return ok && v != "false"
}

// TestHealthChoice: what is there is said and ticked; steps and what repeats are not; in doubt nobody's it is until it is said.
func TestHealthChoice(t *testing.T) {
	d := world(same)
	d.snap.Health = healthExport(same)
	page, _ := draw(t, d, "en", "/add")
	box := page.id("health")
	if box == nil {
		t.Fatal("the page asks nothing")
	}
	for _, want := range []string{"export.zip was looked through", "ends too early", "3 records", "Pulse\n2022–2024: 1,234 values", "Steps\n2024: 160 values"} {
		if !strings.Contains(box.words(), want) {
			t.Errorf("no %q in %q", want, box.words())
		}
	}
	for id, ticked := range map[string]bool{"health-0": true, "health-1": false, "health-2": true, "health-3": false, "health-100": true, "health-101": true} {
		if at := box.id(id); at == nil || set(at, "checked") != ticked {
			t.Errorf("%s: %+v", id, at)
		}
	}
	if take := box.id("health-take"); set(take, "disabled") {
		t.Error("it cannot be taken")
	}
	d.snap.Health = healthExport(same)
	d.snap.Health.Other = true
	page, _ = draw(t, d, "en", "/add")
	if box = page.id("health"); !strings.Contains(box.words(), "seems to be about Amma") || !set(box.id("health-take"), "disabled") {
		t.Errorf("somebody else’s: %q", box.words())
	}
}

// TestNote: a note is its text, once.
func TestNote(t *testing.T) {
	d := world(same)
	m := d.metas["r1"]
	m.Format = record.FormatText
	d.metas["r1"] = m
	d.doc = &fhir.Document{Sections: []fhir.Section{{Kind: fhir.KindDocument, Entries: []int{0}, Narrative: []fhir.Node{{Tag: "pre", Children: []fhir.Node{{Text: "Pulse 72"}}}}}},
		Views: []fhir.View{{Type: "DocumentReference", Kind: fhir.KindDocument, Title: "The same again"}}}
	page, _ := draw(t, d, "en", "/record/r1")
	if got := page.words(); strings.Count(got, "Pulse 72") != 1 || strings.Contains(got, "The same again") {
		t.Errorf("got %q", got)
	}
}

// TestHealthDone: the report counts, and names what failed.
func TestHealthDone(t *testing.T) {
	d := world(same)
	d.snap.Import = &wallet.ImportReport{Health: &wallet.HealthReport{Added: 2, Known: 1, Others: 2, Failed: 1}, Files: []wallet.ImportedFile{{Name: "broken.json", Err: wallet.ErrLeftOut}}}
	page, _ := draw(t, d, "en", "/add")
	if got := page.id("report").words(); !strings.Contains(got, "2 records are in. 1 was here already. 2 records name somebody else and were left out. 1 could not be read.") || !strings.Contains(got, "broken.json") {
		t.Errorf("got %q", got)
	}
}
