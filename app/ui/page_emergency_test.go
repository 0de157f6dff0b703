package ui_test

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/emergency"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/summary"
	"potli/app/ui"
	"potli/app/wallet"
)

// TestCardOffersWhatFits: ten medicines are offered as whole names that fit, and it says how many are left out.
func TestCardOffersWhatFits(t *testing.T) {
	d := world(same)
	var names []string
	for _, letter := range strings.Split("ABCDEFGHIJ", "") {
		names = append(names, "Medicine "+letter+" 500 mg tablet")
	}
	d.facts = map[emergency.FieldID][]string{emergency.Medicines: names}
	page, _ := draw(t, d, "en", "/emergency")
	if words := page.words(); !strings.Contains(words, strings.Join(names[:5], ", ")+", and 5 more") || strings.Contains(words, names[5]) {
		t.Errorf("it offers %s", words)
	}
}

// TestWhichFieldIsTooLong: who is to shorten a field is told which.
func TestWhichFieldIsTooLong(t *testing.T) {
	got := env(t, world(same), "en").Explain(&emergency.FieldError{Field: emergency.Medicines})
	if got != "“Medicines” is too long for the card. Shorten it to 160 letters." {
		t.Errorf("it says %q", got)
	}
}

// TestBarredCardIsNotPrinted: the sheet has the cards of those whom this user may show to others, and says why not the rest.
func TestBarredCardIsNotPrinted(t *testing.T) {
	cards := func(d *door) (n int, words string) {
		page, _ := draw(t, d, "en", "/emergency/print")
		for _, e := range page.all("section") {
			if strings.Contains(e.attrs["class"], "id1") {
				n++
			}
		}
		return n, page.words()
	}
	d := carded(same)
	if n, words := cards(d); n != 2 || strings.Contains(words, "decides themselves") {
		t.Errorf("%d cards: %s", n, words)
	}
	d.barred = map[record.ProfileID]error{d.snap.People[1].ID: wallet.ErrOfAge}
	if n, words := cards(d); n != 1 || !strings.Contains(words, d.snap.People[1].Name+": This person is of age and decides themselves") {
		t.Errorf("%d cards: %s", n, words)
	}
}

// TestGlanceInDoubt: an allergy that one paper denies stays open to the eye, and an illness that is only presumed says so.
func TestGlanceInDoubt(t *testing.T) {
	g := summary.NewGatherer()
	allergy := fhir.Line{Kind: fhir.KindAllergy, Type: "AllergyIntolerance", Title: "Penicillin", Alert: "danger", Status: "active"}
	g.Add(summary.Document{Record: "r1", Date: "2025-01-01", Composed: true, Lines: []fhir.Line{allergy}})
	allergy.Negated, allergy.Alert = true, ""
	g.Add(summary.Document{Record: "r4", Date: "2026-01-01", Composed: true, Lines: []fhir.Line{allergy}})
	d := world(same)
	d.summary = g.Summary(now, nil)
	page, _ := draw(t, d, "en", "/")
	words := page.id("summary").words()
	for _, want := range []string{"Penicillin", "Documents disagree. One says it is so", "Danger"} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q in %s", want, words)
		}
	}

	g = summary.NewGatherer()
	g.Add(summary.Document{Record: "r1", Date: "2026-01-01", Composed: true, Lines: []fhir.Line{{Kind: fhir.KindCondition, Type: "Condition", Title: "Jaundice"}}})
	if c := g.Summary(now, nil).Chapter(summary.Conditions); len(c.Now) != 1 || !c.Now[0].Presumed {
		t.Fatalf("%+v", c)
	}
	engine := app.NewTestEngine()
	row := ui.FactRow(env(t, d, "en"), g.Summary(now, nil).Chapter(summary.Conditions).Now[0])
	if err := engine.Load(row); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	if got := parse(t, app.HTMLString(row)).words(); !strings.Contains(got, "named then; nobody says since") {
		t.Errorf("it says %s", got)
	}
}

// TestCardSpeaks: a card names its fields in one language or two, of those that there are, and keeps English words beside.
func TestCardSpeaks(t *testing.T) {
	c := emergency.Card{Made: now}.With(emergency.Field{ID: emergency.Allergies, On: true, Text: "मूँगफली", Latin: "Peanut"})
	c = c.With(emergency.Field{ID: emergency.Medicines, On: true, Text: strings.Repeat("x", emergency.MaxText)}).With(emergency.Field{ID: emergency.Conditions, On: true, Text: strings.Repeat("y", emergency.MaxText)})
	view := ui.CardView(env(t, world(same), "en").Langs)
	for name, tt := range map[string]struct {
		langs         []string
		lang, one     string
		also, another string
	}{
		"as it was before":    {nil, "en", "Allergies", "", ""},
		"Hindi":               {[]string{"hi"}, "hi", "एलर्जी", "", ""},
		"Hindi and English":   {[]string{"hi", "en"}, "hi", "एलर्जी", "en", "Allergies"},
		"of a later release":  {[]string{"xx"}, "en", "Allergies", "", ""},
		"one that is not yet": {[]string{"xx", "hi"}, "hi", "एलर्जी", "", ""},
	} {
		c.Langs = tt.langs
		v, err := view(t.Context(), c)
		if err != nil || v.Lang != tt.lang || v.Rows[0].Label != tt.one || v.Rows[0].Also != tt.another || (v.Also != nil) != (tt.also != "") || v.Also != nil && v.Also.Lang != tt.also {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
		if !v.Rows[0].Alert || v.Rows[0].Text != "मूँगफली" || v.Words[1] != "ALLERGIES: Peanut" || len(v.Words) != 5 || v.Size > 13*4+17+8 {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// TestCardSaysWhatDoesNotFit: which fields the code has no room for, before it is kept.
func TestCardSaysWhatDoesNotFit(t *testing.T) {
	for length, want := range map[int]bool{20: false, emergency.MaxText: true} {
		d := carded(same)
		c := d.snap.Cards[d.snap.Current]
		for _, id := range []emergency.FieldID{emergency.Medicines, emergency.Conditions} {
			c = c.With(emergency.Field{ID: id, On: true, Text: strings.Repeat("x", length)})
		}
		d.snap.Cards[d.snap.Current] = c
		page, _ := draw(t, d, "en", "/emergency")
		if said := strings.Contains(page.words(), "The code has no room for: Medicines"); said != want {
			t.Errorf("%d letters: it is said: %v", length, said)
		}
	}
}

// TestLargeCardSaysSo: a card with more on it than fits into the size of a bank card is told before it is printed.
func TestLargeCardSaysSo(t *testing.T) {
	for rows, want := range map[int]bool{3: false, 11: false, 12: true} {
		d := carded(same)
		c := d.snap.Cards[d.snap.Current]
		c.View.Rows = nil
		for range rows {
			c.View.Rows = append(c.View.Rows, emergency.Row{Label: "Label", Text: "Text"})
		}
		d.snap.Cards[d.snap.Current] = c
		page, _ := draw(t, d, "en", "/emergency/print")
		if said := page.id("emergency-large") != nil; said != want {
			t.Errorf("%d rows: it is said: %v", rows, said)
		}
	}
}
