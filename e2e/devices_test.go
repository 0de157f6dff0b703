package e2e_test

import (
	"strings"
	"testing"
)

// linkTo makes p, a browser without a wallet, a device of the wallet that is open in old; it returns the words that open
// it there.
func (p *page) linkTo(old *page, oldWords, name string) (words string) {
	p.t.Helper()
	p.beDevice()
	words = p.onboard(name)
	p.write("#pair-code", old.showCode(oldWords))
	p.click("#pair-connect")
	if a, b := old.digits(), p.digits(); a != b {
		p.t.Fatalf("digits %q and %q", a, b)
	}
	old.click("#pair-match")
	p.click("#pair-match")
	p.there("#person")
	old.there("#pair-done")
	return words
}

// listed waits for the devices that the page of them lists.
func (p *page) listed(names ...string) {
	p.t.Helper()
	p.to("/settings")
	p.to("/settings/devices")
	p.there("#devices .carer")
	for _, name := range names {
		p.sees(name)
	}
}

// TestDevices: a phone, a laptop, and a tablet that somebody else had linked to the laptop. The phone asks about the tablet
// and shuts it out; the tablet is told, and what is written then reaches the laptop and not the tablet.
func TestDevices(t *testing.T) {
	t.Parallel()
	// One address for three devices that do in two minutes what takes people a day.
	p := startPotli(t, "", "-rate", "900/900")
	phone, laptop, tablet := newBrowser(t).open(t, p.App), newBrowser(t).open(t, p.App), newBrowser(t).open(t, p.App)
	for _, w := range []*page{phone, laptop, tablet} {
		w.wear(looks[0])
	}
	words := phone.createWallet("Meera Sample")
	phone.bring(allergyFile(t, "Peanut"))
	laptopWords := laptop.linkTo(phone, words, "blue laptop")
	phone.listed("This device", "blue laptop")
	laptop.listed("This device", "blue laptop")
	if n := js[int](phone, `document.querySelectorAll("#devices .carer").length`); n != 2 {
		t.Errorf("the phone lists %d devices", n)
	}
	phone.to("/")
	if js[bool](phone, `!!document.querySelector(".newcomer")`) {
		t.Error("the phone asks about what it has added itself")
	}

	// Another name, which the other device has soon.
	phone.listed("blue laptop")
	phone.click(`[id^="device-rename-"]`)
	phone.there(`[id^="name-"]`)
	phone.empty(`[id^="name-"]`)
	phone.write(`[id^="name-"]`, "my phone")
	phone.click(`#devices button[type=submit]`)
	phone.sees("my phone")

	tablet.linkTo(laptop, laptopWords, "grey tablet")
	tablet.to("/")
	phone.to("/")
	phone.hears("A new device: grey tablet")
	phone.sees("by blue laptop. Was that you?")
	for _, l := range []look{looks[1], large[0]} {
		phone.wear(l)
		phone.to("/settings")
		phone.speak(l.lang)
		phone.to("/settings/devices")
		phone.arrived(l, "devices")
		phone.accessible(l, "devices")
		phone.to("/")
		phone.there(".newcomer")
		phone.accessible(l, "devices-new")
		phone.click(`[id^="newcomer-no-"]`)
		phone.there(`[id^="remove-"].ask`)
		phone.accessible(l, "devices-remove")
	}
	phone.wear(looks[0])
	phone.to("/settings")
	phone.speak("en")

	// It stays after a restart, until it is answered.
	phone.anew(func() { phone.reload() }, `document.querySelector("#passphrase")`)
	unlock(phone, words)
	phone.to("/")
	phone.there(".newcomer")
	phone.click(`[id^="newcomer-no-"]`)
	phone.there(`[id^="remove-"].ask`)
	phone.sees("What is on grey tablet already stays there.")
	phone.write(`[id^="remove-"].ask input[type=password]`, words)
	phone.click(`[id^="remove-"].ask button[type=submit]`)
	phone.gone(".newcomer")
	phone.bring(allergyFile(t, "Milk"))

	tablet.hears("This device was removed")
	laptop.to("/")
	laptop.hears("Milk")
	tablet.to("/settings")
	tablet.to("/")
	if seen := tablet.visible(); strings.Contains(seen, "Milk") {
		t.Errorf("the tablet shows:\n%.1500s", seen)
	}
	phone.listed("grey tablet", "Removed on")
	for _, w := range []*page{phone, laptop, tablet} {
		w.sent(t, []string{"Meera", "laptop", "tablet", "my phone", "Peanut", "Milk", words, laptopWords, "AGE-SECRET-KEY", "age1pq1"})
		w.quietBut(sentAgain)
	}
}
