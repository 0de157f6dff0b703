package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	t.Parallel()
	p := startPotli(t, "")
	old := newBrowser(t).open(t, p.App)
	old.wear(looks[0])
	oldWords := old.createWallet("Meera Sample")
	old.bring(allergyFile(t, "Peanut"))

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

	// The records come by themselves, and go back the same way.
	fresh.to("/")
	fresh.hears("Peanut")
	fresh.bring(allergyFile(t, "Milk"))
	old.to("/")
	old.hears("Milk")

	// What went over the network holds neither name nor words nor code nor keys.
	for _, w := range []*page{old, fresh} {
		w.sent(t, []string{"Meera", "blue phone", "Peanut", "Milk", strings.ReplaceAll(code, " ", ""), words, oldWords, "AGE-SECRET-KEY", "age1pq1"})
		w.quietBut(sentAgain)
	}
}

// hears waits for what comes by sync, which takes a few rounds of 20 seconds.
func (p *page) hears(text string) {
	p.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !strings.Contains(p.visible(), text); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%q never came. The page shows:\n%.2000s\nand complained: %q", text, p.visible(), p.complaints())
		}
	}
}

// allergyFile is a record with a word of its own.
func allergyFile(t testing.TB, to string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), to+".json")
	body := `{"resourceType":"AllergyIntolerance","id":"` + to + `","clinicalStatus":{"coding":[{"code":"active"}]},"code":{"text":"` + to + `"},` +
		`"patient":{"reference":"Patient/p"},"recordedDate":"2024-03-01"}`
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestInviteCaregiver: mother and father, each with a wallet of their own. He is let in to care for the child from now on:
// what was there before he does not see, what comes then they both do.
func TestInviteCaregiver(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	mother, father := newBrowser(t).open(t, p.App), newBrowser(t).open(t, p.App)
	mother.wear(looks[0])
	father.wear(looks[0])
	passphrase := mother.createWallet("Meera Sample")
	father.createWallet("Arjun Sample")
	child := mother.addPerson("Aarav Sample", "child", "2020")
	mother.to("/")
	mother.actFor("Aarav Sample")
	mother.bring(allergyFile(t, "Peanut"))

	invitation := strings.Replace(child, "/settings/people/", "/invite/", 1)
	for _, l := range append([]look{looks[1], looks[2]}, large...) {
		for w, path := range map[*page]string{mother: invitation, father: "/join"} {
			w.wear(l)
			w.to("/settings")
			w.speak(l.lang)
			w.to(path)
			w.arrived(l, path[1:5])
			w.accessible(l, path[1:5])
		}
	}
	for _, w := range []*page{mother, father} {
		w.wear(looks[0])
		w.to("/settings")
		w.speak("en")
	}

	mother.to(child)
	mother.click("#invite")
	mother.there("#invite-by")
	mother.settled()
	mother.click("#invite-role-0")
	mother.click("#invite-past-0")
	mother.empty("#invite-by")
	mother.write("#invite-by", "Meera")
	mother.write("#passphrase", passphrase)
	mother.click("#pair-long")
	mother.click("#pair-show")
	mother.there("#pair-typed")

	father.to("/settings/people")
	father.click("#join")
	father.there("#join-name")
	father.settled()
	father.empty("#join-name")
	father.write("#join-name", "Arjun")
	father.write("#pair-code", js[string](mother, `document.querySelector("#pair-typed").textContent`))
	father.click("#pair-connect")
	if a, b := mother.digits(), father.digits(); a != b {
		t.Fatalf("digits %q and %q", a, b)
	}
	mother.sees("Arjun")
	mother.click("#pair-match")
	father.click("#pair-match")
	mother.there("#pair-done")
	father.there("#pair-done")
	father.sees("You may look, and change nothing.")
	father.sees("You see what is written from now on.")

	mother.to("/")
	mother.bring(allergyFile(t, "Milk"))
	father.to("/")
	father.actFor("Aarav Sample")
	father.hears("Milk")
	if strings.Contains(father.visible(), "Peanut") {
		t.Error("he sees what was there before")
	}
	for _, w := range []*page{mother, father} {
		w.sent(t, []string{"Meera", "Arjun", "Aarav", "Peanut", "Milk", passphrase, "AGE-SECRET-KEY", "age1pq1"})
		w.quietBut(sentAgain)
	}
}

// TestLinkAccess is A1 to A4 over the stages of a pairing, on both devices.
func TestLinkAccess(t *testing.T) {
	t.Parallel()
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
