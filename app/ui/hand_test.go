package ui_test

import (
	"strings"
	"testing"

	"potli/app/emergency"
	"potli/app/record"
)

// carded is a world in which both have an emergency card, made before the records said "Peanut".
func carded(say func(string) string) *door {
	d := world(say)
	d.snap.Cards = map[record.ProfileID]emergency.Card{}
	for _, p := range d.snap.People[:2] {
		c := emergency.Card{Person: p.ID, Made: now, Facts: []string{"Latex"}, Open: true, View: emergency.View{
			Lang: "en", Title: say("Card"), Made: say("Made today"), Code: "M4 4h7v1h-7z", Size: 29, Says: say("A code"),
			Rows: []emergency.Row{{Label: say("Name"), Text: p.Name}, {Label: say("Allergies"), Text: say("Latex"), Alert: true}}}}
		c = c.With(emergency.Field{ID: emergency.Name, On: true, Text: p.Name})
		d.snap.Cards[p.ID] = c.With(emergency.Field{ID: emergency.Allergies, On: true, Text: "लेटेक्स"})
	}
	return d
}

// TestCardIsOld is E5 on the screen: the page of the card and the timeline both say it, and a card that is new says nothing.
func TestCardIsOld(t *testing.T) {
	for _, path := range []string{"/", "/emergency"} {
		for _, fact := range []string{"Latex", "Peanut"} {
			d := carded(same)
			c := d.snap.Cards[d.snap.Current]
			c.Facts = []string{fact}
			d.snap.Cards[d.snap.Current] = c
			page, _ := draw(t, d, "en", path)
			if old := strings.Contains(page.words(), "out of date"); old != (fact == "Latex") {
				t.Errorf("%s, made when the records said %s: old is %v", path, fact, old)
			}
		}
	}
}

// ticked counts the boxes of a page, and those that are ticked.
func ticked(page *element) (boxes, on int) {
	for _, e := range page.all("input") {
		if e.attrs["type"] == "checkbox" {
			boxes++
			if v, has := e.attrs["checked"]; has && v != "false" {
				on++
			}
		}
	}
	return boxes, on
}

// TestNothingIsTicked: every field of a first card is off, and what the wallet knows stands beside it.
func TestNothingIsTicked(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/emergency")
	if boxes, on := ticked(page); boxes != len(emergency.Fields) || on != 0 || !strings.Contains(page.words(), "Peanut") {
		t.Errorf("%d boxes, want %d; %d are ticked; offered: %q", boxes, len(emergency.Fields), on, page.words())
	}
	page, _ = draw(t, carded(same), "en", "/emergency")
	if _, on := ticked(page); on != 3 { // two fields, and that it lies open
		t.Errorf("%d of a kept card are ticked, want 3", on)
	}
}
