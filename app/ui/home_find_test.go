package ui_test

import (
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/ui"
	"potli/app/wallet"
)

// What stands in the address is known without any word that was typed, and read
// again to the same question.
func TestAddressOfASearch(t *testing.T) {
	all := wallet.Query{
		Text: "depression", Near: true, Kinds: []fhir.Kind{fhir.KindResult, fhir.KindMedicine}, Author: "Dr Rao", From: "2024", To: "2025-06-01", Abnormal: true, Self: true,
	}
	s := ui.NewSeeking()
	address, n := s.Note(all, "everyone", "meera", 0)
	if want := "kind=result,medicine&who=everyone&from=2024&to=2025-06-01&marked&own&q=1"; address != want {
		t.Errorf("%s, want %s", address, want)
	}
	if got, who, again := s.Recall(address, "meera"); !same3(got, all) || who != "everyone" || again != n {
		t.Errorf("%+v of %s under %d", got, who, again)
	}
	more := all
	more.Text = "depression pills"
	if _, again := s.Note(more, "everyone", "meera", n); again != n {
		t.Errorf("another number for the same page: %d", again)
	}
	if got, _, _ := s.Recall(address, "meera"); got.Text != more.Text {
		t.Errorf("%q", got.Text)
	}
	if got, _, _ := s.Recall(address, "ravi"); got.Text != more.Text {
		t.Errorf("a search of everyone's records, after one of them was opened: %+v", got)
	}
	hers, _ := s.Note(wallet.Query{Text: "iron", Abnormal: true}, "", "meera", 0)
	if got, _, _ := s.Recall(hers, "ravi"); got.Text != "" || got.Author != "" || !got.Abnormal {
		t.Errorf("somebody else's words: %+v", got)
	}
	if got, _, _ := ui.NewSeeking().Recall(address, "meera"); got.Text != "" || got.Author != "" || len(got.Kinds) != 2 {
		t.Errorf("after a reload: %+v", got)
	}
	if address, _ := s.Note(wallet.Query{}, "", "meera", 0); address != "" {
		t.Errorf("%q for nothing", address)
	}
}

func same3(a, b wallet.Query) bool {
	return a.Text == b.Text && a.Near == b.Near && a.Author == b.Author && a.From == b.From && a.To == b.To &&
		a.Abnormal == b.Abnormal && a.Self == b.Self && len(a.Kinds) == len(b.Kinds)
}

func FuzzAddressOfASearch(f *testing.F) {
	for _, s := range []string{"", "e5", "kind=result,x&from=2024-13&to=9&q=99999999999&marked&own&who=", "kind=" + strings.Repeat("result,", 90), "q=-1&&&=", "from=2024-0a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, fragment string) {
		s := ui.NewSeeking()
		q, who, n := s.Recall(fragment, "meera")
		if q.Text != "" || q.Author != "" || n != 0 {
			t.Errorf("words out of nowhere: %+v", q)
		}
		address, _ := s.Note(q, who, "meera", n)
		if again, _, _ := s.Recall(address, "meera"); len(fragment) < 300 && !strings.ContainsAny(who, "&") && !same3(q, again) {
			t.Errorf("%+v, and again %+v", q, again)
		}
	})
}

// The page shows what was found, where, and of whom, and offers a way on when
// nothing was.
func TestFoundOnThePage(t *testing.T) {
	d := world(same)
	line := fhir.Line{Kind: fhir.KindMedicine, Title: "Tab पैरासिटामोल 500 mg", Words: "take with water"}
	d.timeline = wallet.Timeline{
		Groups: []wallet.Group{{Record: "r1", Person: "else", Title: "Paracetamol & more", Kind: fhir.KindDocument, Format: record.FormatFHIR, Lines: []fhir.Line{line}, Total: 1}},
		Total:  1, Near: 2, Kinds: map[fhir.Kind]int{fhir.KindMedicine: 1}, Authors: []wallet.Count{{Name: "City Lab", N: 7}}, Years: map[string]int{"2024": 3}, Abnormal: 4, Self: 5,
	}
	page, _ := draw(t, d, "en", "/#q=1")
	for id, want := range map[string]string{"find-author": "City Lab (7)", "find-year": "2024 (3)", "near": "Also show 2 with a similar spelling", "more-filters": "Out of range (4)"} {
		if e := page.id(id); e == nil || !strings.Contains(e.words(), want) {
			t.Errorf("%s does not say %q", id, want)
		}
	}
	d.timeline = wallet.Timeline{}
	page, _ = draw(t, d, "en", "/")
	if e := page.id("found"); e == nil || !strings.Contains(e.words(), "Nothing found") {
		t.Error("nothing is said about nothing")
	}
}
