package ui_test

import (
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/wallet"
)

// TestPhotoNamedOnce: a record that is its only entry stood on its card twice, once as the record and once as the entry.
func TestPhotoNamedOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		title string
		line  fhir.Line
		want  string // the words of the card's lines
	}{
		"a photo":         {"X-ray of the wrist", fhir.Line{Kind: fhir.KindPhoto, Title: "X-ray of the wrist"}, "Photo"},
		"its own name":    {"My wrist", fhir.Line{Kind: fhir.KindPhoto, Title: "X-ray of the wrist"}, "PhotoX-ray of the wrist"},
		"with a detail":   {"", fhir.Line{Kind: fhir.KindVital, Title: "Pulse", Detail: []fhir.Value{{Type: fhir.ValueText, Text: "72"}}}, "Measurement72"},
		"without a title": {"", fhir.Line{Kind: fhir.KindMedicine, Type: "MedicationRequest"}, "Medicine"},
	} {
		t.Run(name, func(t *testing.T) {
			d := world(same)
			d.timeline = wallet.Timeline{Groups: []wallet.Group{{Record: "r1", Title: tt.title, Kind: tt.line.Kind, Format: record.FormatJPEG, Lines: []fhir.Line{tt.line}, Total: 1}}}
			page, _ := draw(t, d, "en", "/")
			var got string
			for _, l := range page.all("li") {
				if strings.Contains(l.attrs["class"], "line") {
					got += strings.TrimSpace(l.words())
				}
			}
			if strings.ReplaceAll(got, "\n", "") != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
