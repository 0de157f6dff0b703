package diary_test

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"

	"potli/app/diary"
	"potli/app/fhir"
)

// TestNoWordsAreReadBack: what was chosen is read from the tags, whatever stands there in
// words, and what was typed is not taken for words of ours.
func TestNoWordsAreReadBack(t *testing.T) {
	words := strings.NewReplacer(`"after food"`, `"खाने के बाद"`, `"after a meal"`, `"अन्न के बाद"`, `"at bedtime"`, `"सोते समय"`, `"Report"`, `"जाँच"`, `"severe reaction"`, `"तेज़"`,
		" tablet\"", " गोली\"", `"1-0-1, after food"`, `"सुबह शाम"`)
	for _, n := range []diary.Note{
		note(diary.Sugar, "value", "110", "unit", "mg/dL", "meal", "after", "when", "2026-06-12T07:00"),
		note(diary.Sugar, "value", "110", "unit", "mg/dL", "meal", "bedtime", "when", "2026-06-12T07:00"),
		note(diary.Medicine, "name", "Foo", "form", "tablet", "plan", "daytimes", "morning", "1", "night", "1", "food", "after"),
		note(diary.Document, "title", "A", "body", "B", "paper", "report"),
		note(diary.Allergy, "name", "Foo", "severity", "severe"),
	} {
		b := compose(t, n, scene)
		other := []byte(words.Replace(string(b)))
		if bytes.Equal(b, other) {
			t.Fatalf("%v: no word was changed in %s", n, b)
		}
		read, err := diary.Read(other)
		if err != nil || read.Kind != n.Kind {
			t.Fatalf("%v: %v %v", n, read, err)
		}
		want := maps.Clone(n.Answers)
		if n.Kind == diary.Medicine {
			want["name"] = "Foo गोली" // not a word of ours at the end: it stays with the name
		}
		if !maps.Equal(read.Answers, want) {
			t.Errorf("got %v, want %v", read.Answers, want)
		}
	}
	for _, n := range []diary.Note{
		note(diary.Medicine, "name", "Magic tablet", "plan", "daytimes", "note", "Prescribed by: me"),
		note(diary.Medicine, "name", "Magic tablet", "form", "syrup", "plan", "needed", "prescriber", "Dr Rao", "note", "Prescribed by: me"),
		note(diary.Allergy, "name", "Foo", "severity", "mild", "reaction", "mild reaction"),
	} {
		read, err := diary.Read(compose(t, n, scene))
		if err != nil || !maps.Equal(read.Answers, n.Answers) {
			t.Errorf("got %v, want %v (%v)", read.Answers, n.Answers, err)
		}
	}
}

// TestUnknownChoice: a choice of a later release is not lost by correcting without it.
func TestUnknownChoice(t *testing.T) {
	b := compose(t, note(diary.Sugar, "value", "110", "unit", "mg/dL", "meal", "after", "when", "2026-06-12T07:00"), scene)
	if n, err := diary.Read(bytes.Replace(b, []byte("meal=after"), []byte("meal=midnight"), 1)); err != diary.ErrNotOne {
		t.Errorf("read as %v, %v", n, err)
	}
}

// TestTagsAreNotShown: nobody is shown what is for machines alone.
func TestTagsAreNotShown(t *testing.T) {
	for _, c := range samples {
		b := compose(t, c.note, scene)
		if !bytes.Contains(b, []byte(fhir.NoteSystem)) {
			t.Fatalf("%s has no tag", c.note.Kind)
		}
		f, err := fhir.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		d := f.Document()
		if shown := fmt.Sprintf("%+v %+v", *d, f.Outline()); strings.Contains(shown, fhir.NoteSystem) || strings.Contains(shown, "kind=") {
			t.Errorf("%s: %s", c.note.Kind, shown)
		}
	}
}
