package diary_test

import (
	"testing"

	"potli/app/diary"
	"potli/app/fhir"
)

// TestTitleOf: every title that is made of words of ours is known again, in what this release
// writes and in what the first wrote; a title that was typed is left as it is.
func TestTitleOf(t *testing.T) {
	for _, c := range samples {
		f, err := fhir.Parse(compose(t, c.note, scene))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range f.Outline().Lines {
			at, ok := diary.TitleOf(l.Title)
			switch {
			case c.note.Kind.Vital():
				if !ok || at.Code != string(c.note.Kind) || at.Meal != c.note.Answers["meal"] || at.Who != "" {
					t.Errorf("%q is %+v", l.Title, at)
				}
			case c.note.Kind == diary.Visit:
				if !ok || at.Code != "said" && at.Who != c.note.Answers["who"] {
					t.Errorf("%q is %+v", l.Title, at)
				}
			case ok:
				t.Errorf("%q is %+v", l.Title, at)
			}
		}
	}
	for _, words := range []string{"", "Weight loss", "Blood sugar, at noon", "Blood sugar,", "Visit to ", "Blood pressure (BP)", "weight"} {
		if at, ok := diary.TitleOf(words); ok {
			t.Errorf("%q is %+v", words, at)
		}
	}
}
