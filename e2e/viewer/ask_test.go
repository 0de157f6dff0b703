package viewer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"potli/app/consent"
)

// A telephone's plain camera opened the code of a clinic: the page says what it is and leads to the wallet, and
// nothing is given, asked for or kept.
func TestAskPage(t *testing.T) {
	s := newStage(t)
	now := time.Now().UTC().Truncate(time.Second)
	q := consent.Request{ID: strings.Repeat("A", 22), From: consent.Party{Name: "Sample <b>Clinic"}, Purpose: consent.Purpose{Code: consent.Care, Text: "To treat a cough"},
		Kinds: []consent.Kind{consent.Report}, Until: now.Add(time.Hour), Repeat: consent.Once, After: consent.View, Issued: now, Expires: now.Add(time.Hour),
		Reply: consent.Mailbox{Relay: "https://relay.example", ID: strings.Repeat("A", 43), Key: strings.Repeat("A", 43)}}
	ask := func(q consent.Request) string {
		text, err := q.Marshal(nil)
		if err != nil {
			t.Fatal(err)
		}
		link, err := consent.AskLink(s.Viewer, text)
		if err != nil {
			t.Fatal(err)
		}
		return link
	}
	link := ask(q)
	s.run(chromedp.Navigate(link))
	s.state("asked")
	s.wants("A clinic asks", "Sample <b>Clinic", "To treat you", "To treat a cough")
	if got, want := s.eval(`document.querySelector('#take').href`), strings.Replace(link, s.Viewer+"/ask", s.App+"/take", 1); got != want {
		t.Errorf("leads to %q, want %q", got, want)
	}
	if url := s.eval(`location.href`); url != s.Viewer+"/ask" {
		t.Errorf("the address still holds it: %s", url)
	}
	s.run(chromedp.Navigate("about:blank"), chromedp.Navigate(s.Viewer+"/ask#e30"))
	s.alerts("damaged")
	q.Issued, q.Expires, q.Until = now.Add(-2*time.Hour), now.Add(-time.Hour), now.Add(-time.Minute)
	s.run(chromedp.Navigate("about:blank"), chromedp.Navigate(ask(q)))
	s.alerts("time to answer is over")
	if s.eval(`String(!!document.querySelector('#take'))`) == "true" {
		t.Error("what is over leads to the wallet")
	}
	for _, r := range s.asked() {
		t.Errorf("asked a host: %s", r)
	}
	if kept := s.eval(`(async () => JSON.stringify([localStorage.length, sessionStorage.length, await indexedDB.databases(), await caches.keys(), history.state]))()`); kept != `[0,0,[],[],null]` {
		t.Errorf("kept %s", kept)
	}
}
