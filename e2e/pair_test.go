package e2e_test

import (
	"strings"
	"testing"
)

// beDevice leads from the first page to the one that reads a code.
func (p *page) beDevice() {
	p.t.Helper()
	p.click(`a[href="/device"]`)
	p.there("#pair-code")
}

// onboard fills in all but the code, and returns the words that are to open the wallet here.
func (p *page) onboard(device string) (passphrase string) {
	p.t.Helper()
	p.settled()
	p.write("#device-name", device)
	p.click("#suggest")
	return strings.Join(p.words(), "-")
}

// showCode asks for the code that links a device, to be typed, and returns it as it stands there.
func (p *page) showCode(passphrase string) string {
	p.t.Helper()
	p.to("/settings/link")
	p.write("#passphrase", passphrase)
	if !js[bool](p, `document.querySelector("#pair-long").checked`) {
		p.click("#pair-long")
	}
	p.click("#pair-show")
	p.there("#pair-typed")
	return js[string](p, `document.querySelector("#pair-typed").textContent`)
}

func (p *page) digits() string {
	p.t.Helper()
	p.there("#pair-digits")
	return js[string](p, `document.querySelector("#pair-digits").textContent`)
}

// TestLinkDevice: two browsers, one wallet. Nothing is given before both people have compared, and then everything is; no
// address begins it.
func TestLinkDevice(t *testing.T) {
	p := startPotli(t, "")
	old := newBrowser(t).open(t, p.App)
	old.wear(looks[0])
	oldWords := old.createWallet("Meera Sample")

	fresh := newBrowser(t).open(t, p.App+"/device?POTLI-PAIR-1:"+strings.Repeat("ABCD", 14)+"#POTLI-PAIR-1:"+strings.Repeat("ABCD", 14))
	fresh.wear(looks[0])
	fresh.there("#pair-code")
	if js[string](fresh, `document.querySelector("#pair-code").value`) != "" || js[bool](fresh, `!!document.querySelector("#pair-digits, #fault")`) {
		t.Error("an address began a pairing")
	}

	// A first try, which somebody declines: nothing has come of it.
	fresh.visit(p.App)
	fresh.there("#try")
	fresh.beDevice()
	words := fresh.onboard("blue phone")
	fresh.write("#pair-code", strings.ToLower(old.showCode(oldWords)))
	fresh.click("#pair-connect")
	if a, b := old.digits(), fresh.digits(); a != b || len(a) != len("042 917") {
		t.Fatalf("digits %q and %q", a, b)
	}
	old.sees("blue phone")
	fresh.click("#pair-differ")
	old.there("#pair-failed")
	old.sees("Nothing was handed over")
	fresh.there("#pair-failed")

	// Another code, and the name and the words as they were.
	fresh.click("#pair-again")
	old.click("#pair-again")
	code := old.showCode(oldWords)
	fresh.write("#pair-code", code)
	fresh.click("#pair-connect")
	if a, b := old.digits(), fresh.digits(); a != b {
		t.Fatalf("digits %q and %q", a, b)
	}
	old.click("#pair-match")
	old.there(".pair-compare .wait")
	fresh.click("#pair-match")
	fresh.there("#person")
	fresh.sees("Meera Sample")
	old.there("#pair-done")

	// The new device opens with its own words, also after a restart.
	fresh.anew(func() { fresh.reload() }, `document.querySelector("#passphrase")`)
	fresh.write("#passphrase", words)
	fresh.click("#unlock")
	fresh.there("#person")
	fresh.sees("Meera Sample")

	// What went over the network holds neither name nor words nor code nor keys.
	for _, w := range []*page{old, fresh} {
		w.sent(t, []string{"Meera", "blue phone", strings.ReplaceAll(code, " ", ""), words, oldWords, "AGE-SECRET-KEY", "age1pq1"})
		w.quiet()
	}
}

// TestLinkAccess is A1 to A4 over the stages of a pairing, on both devices.
func TestLinkAccess(t *testing.T) {
	p := startPotli(t, "")
	old, fresh := newBrowser(t).open(t, p.App), newBrowser(t).open(t, p.App)
	old.wear(looks[0])
	passphrase := old.createWallet("Meera Sample")
	for _, l := range append([]look{looks[1], looks[2]}, large...) {
		for w, path := range map[*page]string{old: "/settings", fresh: "/"} {
			w.wear(l)
			w.to(path)
			w.speak(l.lang)
		}
		fresh.beDevice()
		fresh.arrived(l, "device")
		fresh.onboard("blue phone")
		fresh.accessible(l, "device")
		old.to("/settings/link")
		old.arrived(l, "link")
		old.accessible(l, "link")
		code := old.showCode(passphrase)
		old.accessible(l, "link-code")
		fresh.write("#pair-code", code)
		fresh.click("#pair-connect")
		for w, name := range map[*page]string{old: "link-digits", fresh: "device-digits"} {
			w.digits()
			w.accessible(l, name)
		}
		old.click("#pair-match")
		old.there(".pair-compare .wait")
		fresh.click("#pair-differ")
		for w, name := range map[*page]string{old: "link-failed", fresh: "device-failed"} {
			w.there("#pair-failed")
			w.accessible(l, name)
		}
	}
	old.quiet()
	fresh.quiet()
}
