package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
)

// askedFor is how often the tab has asked for something whose address has this in it.
func (p *page) askedFor(part string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, url := range p.got {
		if strings.Contains(url, part) {
			n++
		}
	}
	return n
}

const (
	lists   = "/entries?"
	streams = "/live"
	polls   = 20 * time.Second // app/wallet asks as often where nothing tells it
)

// restful waits until the tab, being told of what arrives, has not asked for so long that one which is told nothing would
// have. From then on it asks by itself in minutes.
func (p *page) restful() {
	p.t.Helper()
	for last, since, deadline := p.askedFor(lists), time.Now(), time.Now().Add(4*time.Minute); time.Since(since) < polls+5*time.Second; time.Sleep(100 * time.Millisecond) {
		if n := p.askedFor(lists); n != last {
			last, since = n, time.Now()
		}
		if time.Now().After(deadline) {
			p.t.Fatal("it goes on asking, though it is told")
		}
	}
}

// show makes a page one that is looked at, or not, as another tab in front of it does.
func (p *page) show(shown bool) {
	p.t.Helper()
	state := map[bool]string{true: "visible", false: "hidden"}[shown]
	js[bool](p, `(Object.defineProperty(document, "visibilityState", {configurable: true, get: () => `+quote(state)+`}), document.dispatchEvent(new Event("visibilitychange")))`)
}

// TestLive: two browsers, one wallet. What one of them adds comes to the other because the relay says so, not because it
// asked in time; a page that nobody looks at is told nothing; and where no stream comes through, asking does.
func TestLive(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	old := newBrowser(t).open(t, p.App)
	old.wear(looks[0])
	oldWords := old.createWallet("Meera Sample")
	fresh := newBrowser(t).open(t, p.App)
	fresh.wear(looks[0])
	fresh.there("#try")
	fresh.beDevice()
	words := fresh.onboard("blue phone")
	fresh.write("#pair-code", old.showCode(oldWords))
	fresh.click("#pair-connect")
	fresh.digits()
	old.click("#pair-match")
	old.there(".pair-compare .wait")
	fresh.click("#pair-match")
	fresh.there("#person")
	old.there("#pair-done")
	old.to("/")
	fresh.to("/")

	for _, w := range []*page{old, fresh} {
		eventually(t, "it has streams", func() bool { return w.askedFor(streams) > 0 })
	}
	fresh.restful()
	begun := time.Now()
	old.bring(allergyFile(t, "Peanut"))
	fresh.hears("Peanut")
	t.Logf("from the file to the other screen: %v", time.Since(begun).Round(10*time.Millisecond))

	// In the background nothing is heard, and asking is slow; at the front everything is there at once.
	fresh.show(false)
	before := fresh.askedFor(streams)
	old.bring(allergyFile(t, "Milk"))
	fresh.show(true)
	fresh.hears("Milk")
	eventually(t, "it listens again", func() bool { return fresh.askedFor(streams) > before })

	// Something between here and the relay lets no stream through.
	tell(fresh, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{{URLPattern: "*://*:*/*/live", Block: true}}})
	fresh.anew(func() { fresh.reload() }, `document.querySelector("#passphrase")`)
	fresh.write("#passphrase", words)
	fresh.click("#unlock")
	fresh.there("#person")
	fresh.to("/")
	old.bring(allergyFile(t, "Wheat"))
	fresh.hears("Wheat")
	fresh.complaints() // the browser says that it blocked what it was told to block
	old.quiet()
}
