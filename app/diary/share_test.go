package diary_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"potli/app/conform"
	"potli/app/diary"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
)

// TestNotesShareWell: everything that can be written down goes into both shapes of a
// share, keeps their rules and its own label, and loses none of its words.
func TestNotesShareWell(t *testing.T) {
	s := scene
	s.By = diary.Author{Other: true, Guardian: true, Name: "Meera", Relation: "parent"}
	var sources []share.Source
	for i, c := range samples {
		s.Seed[1] = byte(i)
		sources = append(sources, share.Source{
			Meta: record.Meta{ID: record.ID(rune('a' + i)), Format: record.FormatFHIR, Source: record.Source{How: "hand"}, Added: s.Now}, Body: compose(t, c.note, s)})
	}
	items := share.ChooseOnly(sources, s.Now)
	var notes int
	for _, it := range items {
		if !it.Self {
			t.Errorf("%s %q is not marked in the preview", it.Type, it.Title)
		}
		if it.Type != "Appointment" && it.Type != "DocumentReference" {
			notes++
		}
	}
	if notes != len(samples)-1 { // of the document, one is left out above
		t.Errorf("%d notes of %d are offered", notes, len(samples)-1)
	}
	for shape, kind := range map[share.Shape]conform.Kind{share.ShapeIPS: conform.IPS, share.ShapeKTC: conform.KTC} {
		words := func(m fhir.Message) string { return m.Key }
		b, err := share.Compose(shape, share.Person{Name: "Asha Sample", BirthDate: "1971-05-01", Gender: "female"}, sources, items, words, s.Now.Add(time.Hour), strings.NewReader(strings.Repeat("x", 64)))
		if fault := (*share.FaultError)(nil); errors.As(err, &fault) {
			t.Fatalf("%s: %+v", shape, fault.Faults)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range conform.Check(kind, b) {
			t.Errorf("%s: %+v", shape, f)
		}
		for _, want := range []string{"Metformin 500 mg tablet", "1-0-1, after food", "पैरासिटामोल (Paracetamol) 650 tablet", "Blood sugar, fasting", "368208006", "Prescribed by: Dr Rao", "Visit to Dr Rao", "Discharge from Apollo", "037G"} {
			if !bytes.Contains(b, []byte(want)) {
				t.Errorf("%s: lost %q", shape, want)
			}
		}
		// Documents that a person shares are the person's in the one shape, whoever wrote them (KTC-06).
		if n := bytes.Count(b, []byte("SDMAST")) + bytes.Count(b, []byte("PATAST")); n < len(items) {
			t.Errorf("%s: %d of %d are marked", shape, n, len(items))
		}
	}
}
