package fhir_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"potli/app/fhir"
)

// sayDocument is a whole document on a page, as far as it stands open: the head,
// then each section with its entries, then what no section names.
func sayDocument(f *fhir.File) string {
	d := f.Document()
	out := []string{"# " + d.Title, "@ " + d.Date, "by " + d.Author, "of " + strings.Join([]string{d.Subject.Name, d.Subject.BirthDate, d.Subject.Gender}, ", ")}
	for _, s := range d.Sections {
		title := s.Title
		if title == "" {
			title = "(" + string(s.Kind) + ")"
		}
		out = append(out, "", "== "+title)
		if s.Missing > 0 {
			out = append(out, "!! not there")
		}
		for _, e := range s.Entries {
			out = append(out, sayView(d.Views[e]))
			for _, part := range d.Views[e].Parts {
				out = append(out, "-- value by itself", sayView(d.Views[part]))
			}
		}
	}
	return strings.Join(out, "\n") + "\n"
}

// TestABDM reads one document of each record type of ABDM (NRCES guide 6.5.0),
// written as hospitals write them: references by urn:uuid under a fullUrl that
// is Type/id and the reverse, words that only name a type, codes without a
// system, a PDF encoded twice, something cancelled and something wrong.
func TestABDM(t *testing.T) {
	names, err := filepath.Glob("testdata/abdm/*.json")
	if err != nil || len(names) != 9 {
		t.Fatalf("%d documents, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".json"), func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f := mustParse(t, string(b))
			got := sayDocument(f)
			golden := strings.TrimSuffix(name, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for _, s := range f.Document().Sections {
				if s.Missing > 0 {
					t.Errorf("%s: %d entries are not there", s.Title, s.Missing)
				}
			}
			for _, l := range f.Outline().Lines {
				if strings.Contains(l.Title, "Fish") || strings.Contains(l.Title, "somebody else") {
					t.Errorf("%s was entered by mistake and stands in the timeline", l.Title)
				}
			}
		})
	}
}
