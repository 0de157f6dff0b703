package ui_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/ui"
	"potli/app/wallet"
)

// life is a wallet with ten thousand visits of forty years, the newest first.
func life() *door {
	d := world(same)
	d.timeline.Groups = nil
	for i := range 10_000 {
		day := 14_600 - i*146/100
		g := wallet.Group{Record: record.ID(fmt.Sprint("r", i)), Title: fmt.Sprint("Visit ", i), Kind: fhir.KindVisit,
			Date: fmt.Sprintf("%d-%02d-%02d", 1986+day/365, 1+day%365/31, 1+day%365%31%28)}
		if i%17 == 16 {
			g.Date = ""
		}
		d.timeline.Groups = append(d.timeline.Groups, g)
	}
	return d
}

// TestTenThousandRows: of a long timeline the first rows are drawn, each says which it is, and the room of all others is
// there, so that the page is as long as the list.
func TestTenThousandRows(t *testing.T) {
	d := life()
	page, _ := draw(t, d, "en", "/")
	rows, room := 0, 0.0
	for _, e := range page.all("li") {
		if e.attrs["class"] != "group" {
			continue
		}
		rows++
		if e.attrs["aria-setsize"] != "10000" || e.attrs["aria-posinset"] != strconv.Itoa(rows) {
			t.Errorf("row %d says that it is %s of %s", rows, e.attrs["aria-posinset"], e.attrs["aria-setsize"])
		}
	}
	for _, e := range page.all("svg") {
		if strings.Contains(e.attrs["class"], "room") {
			h, err := strconv.ParseFloat(e.attrs["height"], 64)
			if _, hidden := e.attrs["aria-hidden"]; err != nil || !hidden {
				t.Errorf("a room of height %q", e.attrs["height"])
			}
			room += h
		}
	}
	if rows < 4 || rows > 60 { // one stretch at least; the screen asks for the others
		t.Errorf("%d rows are drawn", rows)
	}
	if room < float64(10_000-rows)*50 {
		t.Errorf("room of %.0f pixels for %d rows", room, 10_000-rows)
	}
}

// TestFewRows: who has few records finds all of them on the page, and nothing about jumping.
func TestFewRows(t *testing.T) {
	d := life()
	d.timeline.Groups = d.timeline.Groups[:48]
	page, _ := draw(t, d, "en", "/")
	rows := 0
	for _, e := range page.all("li") {
		if e.attrs["class"] == "group" {
			rows++
		}
	}
	if rows != 48 || len(page.all("select")) > 0 && strings.Contains(page.words(), "Whole year") {
		t.Errorf("%d of 48 rows", rows)
	}
}

// TestRowOf: a date leads to the first row that is not later, also between rows that have none.
func TestRowOf(t *testing.T) {
	langs := ui.NewLanguages(&device{})
	if _, err := langs.Use(context.Background(), "en"); err != nil {
		t.Fatal(err)
	}
	d := life()
	for _, date := range []string{"2026-06", "2026", "2019-11", "2005", "1999-06", "1986-01", "1970"} {
		want := len(d.timeline.Groups) - 1
		for i, g := range d.timeline.Groups {
			if g.Date != "" && g.Date[:len(date)] <= date {
				want = i
				break
			}
		}
		got := ui.RowOf(d, langs, date)
		if got != want && (got != want-1 || d.timeline.Groups[got].Date != "") { // before it may stand one without a date
			t.Errorf("%s leads to row %d (%s), want %d (%s)", date, got, d.timeline.Groups[got].Date, want, d.timeline.Groups[want].Date)
		}
	}
	none := world(same)
	none.timeline = wallet.Timeline{}
	if got := ui.RowOf(none, langs, "2020"); got != 0 {
		t.Errorf("an empty list leads to row %d", got)
	}
}
