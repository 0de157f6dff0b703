package wallet_test

import (
	"errors"
	"strings"
	"testing"

	"potli/app/share"
	"potli/app/wallet"
)

// filmed is what another phone makes of what is shown, of which it misses every third code.
func filmed(t *testing.T, h *wallet.Hand, d wallet.Density) *wallet.Parcel {
	t.Helper()
	var f wallet.Film
	for n := 0; f.Parcel == nil; n++ {
		if n > 4*h.Frames(d)+20 {
			t.Fatalf("%d codes are not enough for %d", n, h.Frames(d))
		}
		if n%3 == 1 {
			continue
		}
		if err := f.Add(h.Frame(d, n)); err != nil {
			t.Fatal(err)
		}
	}
	return f.Parcel
}

// TestHandOver: no relay hears of it, the ledger has it, and another wallet takes it in.
func TestHandWithoutNetwork(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	b.importOne(file("h.json", []byte(hiv)))
	p, err := b.PrepareHand(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p = p.Exclude("hiv")
	if !p.IsBrief() {
		t.Errorf("more than one code holds: %+v", p.Selected())
	}
	h, err := b.ShowHand(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.relay.links) != 0 {
		t.Error("the relay was asked")
	}
	s := b.ledger(h.ID)
	if s.State(b.clock.now()) != share.StateShown || s.MayOpen() || len(s.Items) != 1 || s.Items[0].Title == "" {
		t.Errorf("the ledger has %+v", s)
	}
	if err := b.Refresh(t.Context(), h.ID); err != nil {
		t.Errorf("the relay was asked after it: %v", err)
	}
	if err := b.RevokeAll(t.Context()); err != nil {
		t.Errorf("taking everything back: %v", err)
	}

	other := newBench(t).create()
	for name, parcel := range map[string]func() (*wallet.Parcel, string){
		"sequence": func() (*wallet.Parcel, string) { return filmed(t, h, wallet.Dense), h.Phrase },
		"one code": func() (*wallet.Parcel, string) {
			var f wallet.Film
			if err := f.Add(h.Link); err != nil {
				t.Fatal(err)
			}
			return f.Parcel, h.LinkPhrase
		},
	} {
		got, phrase := parcel()
		if got == nil || got.Phrase != phrase || len(phrase) != 6 {
			t.Fatalf("%s: the phrases differ", name)
		}
		report, err := other.TakeHand(t.Context(), got)
		if err != nil || len(report.Files) != 1 || report.Files[0].Err != nil && !report.Files[0].Waiting {
			t.Fatalf("%s: %+v, %v", name, report, err)
		}
		if report.Files[0].Waiting { // it is about somebody else
			if err := other.Settle(t.Context(), 0, other.Snapshot().Current); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := other.Snapshot().Records; n != 2 {
		t.Errorf("%d records, want 2", n)
	}
	var text strings.Builder
	for _, g := range other.Timeline(wallet.Query{}).Groups {
		for _, l := range g.Lines {
			text.WriteString(l.Title + "\n")
		}
	}
	if got := text.String(); strings.Count(got, "Peanut") < 2 || strings.Contains(got, canary) {
		t.Errorf("it has %q", got)
	}
	if err := b.Forget(t.Context(), h.ID); err != nil {
		t.Errorf("taking it off the list: %v", err)
	}
}

func TestHandRefuses(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	p, err := b.PrepareHand(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Items {
		p = p.Toggle(i, false)
	}
	if _, err := b.ShowHand(t.Context(), p); !errors.Is(err, wallet.ErrNothing) {
		t.Errorf("nothing chosen: %v", err)
	}
	var f wallet.Film
	for _, text := range []string{"", "https://evil.example/", "POTLI-FILM-1:", "POTLI-PAIR-1:ABCD"} {
		if err := f.Add(text); !errors.Is(err, wallet.ErrNotHanded) || f.Need != 0 {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := f.Add("potli-hand-1:99900000000000000"); !errors.Is(err, wallet.ErrHandDamaged) && !errors.Is(err, wallet.ErrNotHanded) {
		t.Errorf("rubbish: %v", err)
	}
}
