package ui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/wallet"
)

// healthCards are one of each state, and of each reason that is told apart.
func healthCards(say func(string) string) []wallet.CardResult {
	r := wallet.CardResult{Issuer: say("https://clinic.example/cards"), Name: say("Sample Clinic"), From: now.Add(-48 * time.Hour), Listed: now.Add(-240 * time.Hour)}
	list := []wallet.CardResult{r, r}
	list[0].State, list[1].State = wallet.CardVerified, wallet.CardUnknownIssuer
	for reason, state := range cardWords {
		r.State, r.Reason = state.state, reason
		list = append(list, r)
	}
	return list
}

// cardWords is what is said of each reason, in English.
var cardWords = map[wallet.CardReason]struct {
	state wallet.CardState
	words string
}{
	"signature": {wallet.CardInvalid, "changed after it was signed"}, "not-yet": {wallet.CardInvalid, "not valid yet"},
	"expired": {wallet.CardInvalid, "It has expired"}, "revoked": {wallet.CardInvalid, "has withdrawn it"},
	"malformed": {wallet.CardInvalid, "not made as health cards"}, "header": {wallet.CardInvalid, "not made as health cards"},
	"claims": {wallet.CardInvalid, "not made as health cards"}, "key": {wallet.CardInvalid, "not made as health cards"},
	"too-big": {wallet.CardInvalid, "not made as health cards"},
	"issuer":  {wallet.CardUnchecked, "no key of its issuer here"}, "newer-key": {wallet.CardUnchecked, "no key of its issuer here"},
	"directory": {wallet.CardUnchecked, "no key of its issuer here"}, "revocations": {wallet.CardUnchecked, "list of withdrawn cards"},
}

// classed says whether something in e has a class.
func classed(e *element, class string) (found bool) {
	e.walk(func(x *element) { found = found || slices.Contains(strings.Fields(x.attrs["class"]), class) })
	return found
}

// TestCardStates: each state has a tone and words of its own, and none is said beside another.
func TestCardStates(t *testing.T) {
	states := map[wallet.CardState]struct{ tone, words string }{
		wallet.CardVerified: {"notice-good", "Genuine."}, wallet.CardUnknownIssuer: {"notice-note", "nobody here vouches"},
		wallet.CardInvalid: {"notice-danger", "Do not rely"}, wallet.CardUnchecked: {"notice-warn", "Not checked."},
	}
	for _, r := range healthCards(same) {
		d := world(same)
		d.cards = []wallet.CardResult{r}
		page, _ := draw(t, d, "en", "/record/r4")
		check := page.id("card-check")
		if check == nil {
			t.Fatal("the page says nothing of the card")
		}
		text := check.words()
		for state, want := range states {
			if is := state == r.State; strings.Contains(text, want.words) != is || classed(check, want.tone) != is {
				t.Errorf("%s %s: %q", r.State, r.Reason, text)
			}
		}
		if r.Reason != "" && !strings.Contains(text, cardWords[r.Reason].words) {
			t.Errorf("%s %s: %q", r.State, r.Reason, text)
		}
		for _, fact := range []string{"Sample Clinic", "https://clinic.example/cards", "10 June 2026", "2 June 2026"} {
			if !strings.Contains(text, fact) {
				t.Errorf("%s: no %q in %q", r.State, fact, text)
			}
		}
	}
	page, _ := draw(t, world(same), "en", "/record/r1")
	if page.id("card-check") != nil {
		t.Error("a record that is no card is checked as one")
	}
}
