package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// What a person does, in words the journeys are written in.

// there waits until an element is on the page.
func (p *page) there(css string) {
	p.t.Helper()
	p.until(css+" is there", `!!document.querySelector(`+strconv.Quote(css)+`)`)
}

func (p *page) gone(css string) {
	p.t.Helper()
	p.until(css+" is gone", `!document.querySelector(`+strconv.Quote(css)+`)`)
}

func (p *page) until(what, condition string) {
	p.t.Helper()
	for deadline := time.Now().Add(40 * time.Second); !p.holds(condition); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("waited 40 s in vain: %s. The page shows:\n%.2000s\nand complained: %q", what, p.visible(), p.complaints())
		}
	}
}

// click presses an element the way a finger does, once it is enabled.
func (p *page) click(css string) {
	p.t.Helper()
	// Not while it moves: a picture above it may just be coming in. Nor while the program
	// waits for its rest, and the page is covered or about to be.
	p.until(css+" can be pressed", `(e => {
		const at = e && !e.disabled && !document.body.ariaBusy && JSON.stringify(e.getBoundingClientRect());
		const rests = !!at && globalThis.testSeenAt === at;
		globalThis.testSeenAt = at;
		return rests;
	})(document.querySelector(`+strconv.Quote(css)+`))`)
	p.do(chromedp.Click(chromedp.CSS(css)))
}

// clickUntil presses an element until another one comes up: a page that still
// moves may slip away from under the finger, and a person presses again.
func (p *page) clickUntil(css, then string) {
	p.t.Helper()
	p.there(css)
	for range 5 {
		p.until(css+" can be pressed, or was", `(e => !e || !e.disabled)(document.querySelector(`+strconv.Quote(css)+`))`)
		if !p.holds(`!!document.querySelector(` + strconv.Quote(css) + `)`) {
			break // pressed, and the page is on its way
		}
		p.click(css)
		for range 100 {
			if p.holds(`!!document.querySelector(` + strconv.Quote(then) + `)`) {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	p.there(then)
}

// deleteRecord deletes the record that is open, up to the offer to take it back.
func (p *page) deleteRecord() {
	p.t.Helper()
	p.clickUntil("#delete", "#delete-yes")
	p.clickUntil("#delete-yes", "#undo")
}

// press presses the button or link that carries these words.
func (p *page) press(words string) {
	p.t.Helper()
	p.until("a button says "+words, `(() => {
		const all = [...document.querySelectorAll("button, a, label, summary")].filter(e => e.textContent.includes(`+strconv.Quote(words)+`) && !e.disabled);
		const e = all.at(-1);
		if (!e || document.body.ariaBusy) return false;
		document.querySelectorAll("[data-test]").forEach(o => o.removeAttribute("data-test"));
		e.setAttribute("data-test", "");
		return true;
	})()`)
	p.do(chromedp.Click(chromedp.CSS("[data-test]")))
}

// write types into a field. A page that has just opened moves the focus to its
// heading and may take a key with it; a person would see that and type again.
func (p *page) write(css, text string) {
	p.t.Helper()
	p.there(css)
	for range 5 {
		p.do(chromedp.SendKeys(chromedp.CSS(css), text))
		if strings.HasSuffix(js[string](p, `document.querySelector(`+strconv.Quote(css)+`)?.value ?? ""`), text) {
			return
		}
		p.empty(css)
	}
	p.t.Fatalf("%s does not take what is typed", css)
}

// empty clears a field, as select-all and delete do.
func (p *page) empty(css string) {
	p.t.Helper()
	js[bool](p, `(e => { e.value = ""; return e.dispatchEvent(new Event("input", {bubbles: true})); })(document.querySelector(`+strconv.Quote(css)+`))`)
}

// choose gives files to a file input, as the dialog does.
func (p *page) choose(css string, files ...string) {
	p.t.Helper()
	p.there(css)
	p.do(chromedp.SetUploadFiles(chromedp.CSS(css), files))
}

// words reads the passphrase off the page.
func (p *page) words() []string {
	p.t.Helper()
	p.there("#words")
	return js[[]string](p, `[...document.querySelectorAll("#words .word")].map(e => e.textContent.trim())`)
}

// settled waits until a page that has just opened has moved the focus to its
// heading: keys typed before would go astray, as a person's never would.
func (p *page) settled() {
	p.t.Helper()
	p.until("the heading has the focus", `document.activeElement?.id === "title"`)
}

// createWallet goes through the first visit and returns the passphrase.
func (p *page) createWallet(name string) string {
	p.t.Helper()
	words := p.beginWallet()
	p.write("#first-name", name)
	p.click("#make")
	p.clickUntil("#kit-later", ".home")
	return words
}

// beginWallet goes as far as the field for the first name, and returns the wallet's words.
func (p *page) beginWallet() string {
	p.t.Helper()
	p.press("Create my wallet")
	words := p.words()
	n := len(words)
	for i := range words[1:] {
		switch words[i] + "-" + words[i+1] {
		case "drop-down", "felt-tip", "t-shirt", "yo-yo": // one word of the list each
			n--
		}
	}
	if n != 6 {
		p.t.Fatalf("%d words: %q", n, words)
	}
	p.clickUntil("#written", "#checked")
	p.settled()
	for _, asked := range js[[]string](p, `[...document.querySelectorAll("form input[id^=asked-]")].map(e => e.id)`) {
		p.write("#"+asked, words[asked[len("asked-")]-'b'])
	}
	p.click("#checked")
	p.there("#first-name")
	p.settled()
	return strings.Join(words, "-")
}

// fixture returns a path of a file to import.
func fixture(t testing.TB, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{root(t)}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// ips is the guide's own example where it is present, else our synthetic twin,
// with an allergy and a name that no file of the site has: what is searched for
// on the disk afterwards must not be found in the sample family's records.
func ips(t testing.TB) string {
	t.Helper()
	real := filepath.Join(root(t), "..", "shared", "data", "ips", "IPS_IG-bundle-01.json")
	if _, err := os.Stat(real); err == nil {
		return real
	}
	t.Log("the guide's example is not here: using the project's synthetic twin")
	twin, err := os.ReadFile(fixture(t, "app", "fhir", "testdata", "ips-synthetic.json"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "twin.json")
	renamed := strings.NewReplacer("Penicillin", "Zerbinex", "Testa", "Tosmira", "Fictitious", "Quellbach").Replace(string(twin))
	if err := os.WriteFile(path, []byte(renamed), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// picture keeps a screenshot for people to look at.
func (p *page) picture(name string) []byte {
	p.t.Helper()
	b, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.MkdirAll("shots", 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("shots", name+".png"), b, 0o644); err != nil {
		p.t.Fatal(err)
	}
	return b
}
