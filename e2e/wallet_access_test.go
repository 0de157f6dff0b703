package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tell gives the browser one command of its debugging protocol.
func tell[P, R any](p *page, command cdp.Command[P, R], params P) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, params)
		return err
	}))
}

// look is how a person has the page before them.
type look struct {
	name        string
	lang, theme string
	width       int64
	height      int64 // 0: that of a small phone
	text        int64 // size of ordinary text in CSS pixels, as set in the browser; 16 is 100 %
}

// looks are the table of A1: both languages, both themes, a phone.
var looks = []look{
	{"phone-en", "en", "light", 360, 0, 16},
	{"phone-hi", "hi", "light", 360, 0, 16},
	{"dark-en", "en", "dark", 360, 0, 16},
	{"dark-hi", "hi", "dark", 360, 0, 16},
}

// large is the small phone of somebody who needs large text (A3).
var large = []look{
	{"large-en", "en", "light", 320, 0, 32},
	{"large-hi", "hi", "light", 320, 0, 32},
}

func (p *page) wear(l look) {
	p.t.Helper()
	tell(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: max(l.height, 740), DeviceScaleFactor: 1})
	tell(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.theme}}})
	tell(p, cdppage.SetFontSizes, cdppage.SetFontSizesParams{FontSizes: &cdppage.FontSizes{Standard: l.text, Fixed: l.text * 13 / 16}})
}

// speak presses the button of a language, which is on this page.
func (p *page) speak(lang string) {
	p.t.Helper()
	p.click(`.languages [lang=` + lang + `]`)
	p.until("the page speaks "+lang, `document.documentElement.lang === "`+lang+`"`)
}

const (
	// unreachable lists what is too small for a finger: nothing under 24 px but a
	// link inside a sentence (WCAG 2.5.8), and what is there to be pressed at
	// least 48 (A2).
	unreachable = `(() => {
		const bad = [];
		for (let e of document.querySelectorAll("a, button, input, select, textarea, summary")) {
			if (e.closest(".away, .skip") || e.matches(".away")) continue;
			if (e.matches(".check-box")) e = e.closest(".check");      // its label is pressed too
			if (e.matches(".pick-input")) e = e.closest(".pick");
			const {width, height} = e.getBoundingClientRect();
			if (width === 0 && height === 0) continue;                  // folded away
			const least = e.matches(".text-link") ? 24 : 48;
			if (height < least - 0.5 || width < least - 0.5) bad.push(e.outerHTML.slice(0, 90) + " " + Math.round(width) + "x" + Math.round(height));
		}
		return bad;
	})()`

	// sideways lists what sticks out of the page.
	sideways = `(() => {
		const wide = innerWidth, bad = [];
		if (document.documentElement.scrollWidth <= wide) return bad;
		for (const e of document.querySelectorAll("body *"))
			if (e.getBoundingClientRect().right > wide + 0.5) bad.push(e.localName + "." + e.getAttribute("class") + " " + Math.round(e.getBoundingClientRect().right));
		return bad.slice(0, 5).concat("page " + document.documentElement.scrollWidth + " of " + wide);
	})()`

	// cut lists words that do not fit where they stand.
	cut = `[...document.querySelectorAll("button, a, .chip, h1, h2, h3, label, .nav-item span")]
		.filter(e => { const s = getComputedStyle(e); return s.overflow !== "visible" && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1; })
		.map(e => e.outerHTML.slice(0, 90))`

	// barriers asks axe-core, which says nothing of what a person would have to judge.
	barriers = `axe.run(document, {iframes: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ") + " " + n.html.slice(0, 120) + " " + (n.any[0]?.message ?? "")).slice(0, 3).join(" | ")))`
)

// axe brings axe-core into the tab. The debugger evaluates it, so the page's
// policy need not allow it, and the page does not load it.
func (p *page) axe() {
	p.t.Helper()
	if js[bool](p, `typeof axe === "object"`) {
		return
	}
	source, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		p.t.Fatalf("axe-core is not installed (make deps): %v", err)
	}
	js[bool](p, string(source)+`; true`)
}

// accessible judges the page as it stands, and keeps a picture of it.
func (p *page) accessible(l look, name string) {
	p.t.Helper()
	p.axe()
	where := l.name + " " + name
	js[bool](p, `Promise.all(document.getAnimations().map(a => a.finished.catch(() => 0))).then(() => true)`)
	for what, question := range map[string]string{"axe": barriers, "too small": unreachable, "sticks out": sideways, "is cut": cut} {
		for _, v := range js[[]string](p, question) {
			p.t.Errorf("%s: %s: %s", where, what, v)
		}
	}
	if got, want := js[string](p, `getComputedStyle(document.documentElement).fontSize`), fmt.Sprintf("%dpx", l.text*17/16); got != want {
		p.t.Errorf("%s: text is %s, want %s", where, got, want)
	}
	p.wholePicture(l, name)
	p.wear(l)
}

// arrived checks what a page does when it opens: a title of its own, and the
// focus on its heading (A4).
func (p *page) arrived(l look, name string) {
	p.t.Helper()
	p.until(name+" has the focus on its heading", `document.activeElement?.id === "title"`)
	title, heading := js[string](p, `document.title`), js[string](p, `document.querySelector("#title").textContent`)
	if suffix := map[string]string{"en": " – Potli", "hi": " – पोटली"}[l.lang]; !strings.HasSuffix(title, suffix) || title == suffix {
		p.t.Errorf("%s %s: the title is %q", l.name, name, title)
	}
	if heading == "" || js[int](p, `document.querySelectorAll("h1").length`) != 1 {
		p.t.Errorf("%s %s: the heading is %q", l.name, name, heading)
	}
}

// wholePicture keeps a picture of all of the page.
func (p *page) wholePicture(l look, name string) {
	p.t.Helper()
	if os.Getenv("POTLI_SHOTS") == "" {
		return
	}
	// A screen as tall as the page, within reason, so that what stands fixed does not lie over its middle.
	l.height = min(js[int64](p, `document.documentElement.scrollHeight`), 2400)
	p.wear(l)
	js[bool](p, `(scrollTo(0, 0), true)`)
	b, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.MkdirAll("shots", 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("shots", l.name+"-"+name+".png"), b, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// TestAccess is A1 to A4 over routes, states, languages, themes and text sizes.
func TestAccess(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	w := b.open(t, p.App)
	w.there("#try")
	every := append(looks[:len(looks):len(looks)], large...)
	for _, l := range every {
		w.wear(l)
		w.to("/")
		w.speak(l.lang)
		newcomer(w, l)
	}
	w.wear(looks[0])
	w.to("/")
	w.speak("en")
	w.to("/")
	passphrase := w.createWallet("Meera Sample")
	record := furnish(w, p)
	for _, l := range every {
		w.wear(l)
		w.to("/settings")
		w.speak(l.lang)
		owner(w, l, record)
	}
	w.wear(looks[0])
	w.to("/settings")
	w.speak("en")
	w.click("#lock")
	w.there("#passphrase")
	w.arrived(looks[0], "unlock")
	for _, l := range every {
		w.wear(l)
		w.speak(l.lang)
		locked(w, b, p, l)
	}
	w.empty("#passphrase")
	unlock(w, passphrase)
	w.quiet()
}

// newcomer walks through what is there before there is a wallet.
func newcomer(w *page, l look) {
	w.t.Helper()
	at := func(name string) { w.t.Helper(); w.arrived(l, name); w.accessible(l, name) }
	w.to("/about")
	at("about-new")
	w.to("/")
	at("welcome")
	w.to("/restore")
	at("restore")
	w.to("/create")
	at("create-words")
	w.click("#own")
	w.there("#own-words")
	w.write("#own-words", "a b c")
	w.accessible(l, "create-own")
	w.to("/")
	w.to("/create")
	words := w.words()
	w.click("#written")
	w.there("#checked")
	at("create-check")
	w.click("#checked")
	w.there(".notice")
	w.accessible(l, "create-check-wrong")
	for _, asked := range js[[]string](w, `[...document.querySelectorAll("form input[id^=asked-]")].map(e => e.id)`) {
		w.write("#"+asked, words[asked[len("asked-")]-'b'])
	}
	w.click("#checked")
	w.there("#first-name")
	at("create-name")
	w.to("/")
	w.click("#try")
	w.there("#timeline .group")
	at("demo")
	w.click(".demo .button")
	w.there("#try")
}

// furnish fills the wallet so that no page is bare, and returns a record.
func furnish(w *page, p *potli) string {
	w.t.Helper()
	w.to("/add")
	broken := filepath.Join(w.t.TempDir(), "a_report_that_was_cut_off_while_it_was_downloaded_from_the_laboratory.json")
	if err := os.WriteFile(broken, []byte(`{"resourceType": "Bundle", "type": "docu`), 0o600); err != nil {
		w.t.Fatal(err)
	}
	sample := func(name string) string { return fixture(w.t, "web", "sample", name) }
	w.choose("#files", ips(w.t), sample("meera_consultation.json"), sample("meera_prescription.json"), sample("sample_eye_report.pdf"),
		sample("sample_vaccination_card.jpg"), sample("raghunath_laboratory_report.json"), broken)
	w.brought()
	w.wear(looks[0])
	w.accessible(looks[0], "report")
	for js[bool](w, `!!document.querySelector("#report .ask .button-plain")`) {
		left := js[int](w, `document.querySelectorAll("#report .ask").length`)
		w.click("#report .ask .button-plain")
		w.until("answered", fmt.Sprintf(`document.querySelectorAll("#report .ask").length < %d`, left))
	}
	record := js[string](w, `document.querySelector("#report .report-in").getAttribute("href")`)
	w.to("/settings/people")
	w.write("#add-person input[type=text]", "Raghunath Sample")
	w.click("#add-person button[type=submit]")
	w.until("two people", `document.querySelectorAll(".person").length === 2`)
	for i, ask := range []string{"", "passcode"} {
		w.to("/send")
		w.there("#send-go")
		w.write("#for", []string{"Dr Rao at the City Clinic", "My sister in Pune"}[i])
		if ask != "" {
			w.click("#" + ask)
		}
		w.click("#send-go")
		w.there("#countdown")
	}
	link := w.tellLink()
	w.to("/shared")
	w.click(".ledger-row:last-child .ledger-link")
	w.click("#revoke")
	w.click("#revoke-yes")
	w.sees("Taken back")
	_ = link
	return record
}

// tellLink returns the path of the code on the screen.
func (p *page) tellLink() string { return js[string](p, `location.pathname`) }

// owner walks through an open wallet.
func owner(w *page, l look, record string) {
	w.t.Helper()
	at := func(path, name, ready string) {
		w.t.Helper()
		w.to(path)
		w.there(ready)
		w.arrived(l, name)
		w.accessible(l, name)
	}
	at("/", "home", "#timeline .group")
	w.click("#person")
	w.there(".people-panel")
	w.accessible(l, "home-people")
	w.click("#person")
	at("/add", "add", "#files")
	at("/receive", "receive", "#link")
	w.paste("shlink:/eyJ1cmwiOiJodHRwczovL3JlY29yZHMuY2xpbmljLmV4YW1wbGUvbC94IiwiZmxhZyI6IlAiLCJrZXkiOiJyeFRnWWxPYUtKUEZ0Y0VkMHFjY2VONXdFVTRwOTRTcUF3SVdRZTZ1WDdRIiwibGFiZWwiOiJEaXNjaGFyZ2Ugc3VtbWFyeSJ9")
	w.there("#receive-open")
	w.accessible(l, "receive-link")
	at("/inbox", "inbox", "#inbox-drop")
	at(record, "record", ".section .view")
	js[bool](w, `(document.querySelectorAll("details").forEach(d => d.open = true), true)`)
	w.accessible(l, "record-unfolded")
	w.click("#delete")
	w.there("#delete-sure")
	w.accessible(l, "record-delete")
	at("/show", "show", "#show-go")
	at("/send", "send", "#send-go")
	at("/shared", "shared", ".ledger-link")
	w.click(".ledger-row:first-child .ledger-link")
	w.there("#extend")
	w.arrived(l, "share")
	w.accessible(l, "share")
	w.click("#extend")
	w.there("#extend-by")
	w.accessible(l, "share-extend")
	w.click("#revoke")
	w.there("#revoke-sure")
	w.accessible(l, "share-revoke")
	w.click(`.actions a[href^="/code/"]`)
	w.there("#countdown")
	w.arrived(l, "code")
	w.accessible(l, "code")
	at("/settings", "settings", "#lock-after")
	at("/settings/people", "people", "#add-person")
	at("/settings/words", "words", "#old-words")
	w.click("#suggest")
	w.there("#words")
	w.accessible(l, "words-suggested")
	at("/settings/ways", "ways", "#prove")
	at("/settings/recovery", "recovery", "#kit-new")
	at("/settings/recovery/contacts", "contacts", "main .button-main")
	at("/settings/recovery/kit", "kit", "#kit-make")
	w.click("#kit-make")
	w.there("#sheet")
	w.accessible(l, "kit-sheet")
	w.click("#kit-paper")
	w.there("#kit-proved")
	w.accessible(l, "kit-prove")
	at("/settings/recovery", "recovery-kit", "#kit-check")
	at("/settings/recovery/contacts", "contacts-begin", "#contacts-begin")
	w.click("#contacts-begin")
	w.there("#contact-3")
	w.accessible(l, "contacts-choose")
	at("/settings/backup", "backup", "#export-go")
	at("/settings/wipe", "wipe", "#wipe-go")
	at("/about", "about", "#title")
	at("/record/none-of-that-name", "no-record", ".notice")
	at("/", "home-again", "#timeline .kind-photo")
	w.click("#timeline .kind-photo")
	w.there("main img")
	w.accessible(l, "photo")
	w.deleteRecord()
	w.accessible(l, "undo")
	w.click("#undo .button")
	w.gone("#undo")
}

// locked is the door, wrong words at it, and a second tab.
func locked(w *page, b *browser, p *potli, l look) {
	w.t.Helper()
	w.accessible(l, "unlock")
	second := b.open(w.t, "")
	second.wear(l)
	second.visit(p.App)
	second.there("main .button-main")
	second.arrived(l, "elsewhere")
	second.accessible(l, "elsewhere")
	second.do(chromedp.Navigate("about:blank"))
}

// --- without a mouse ---

func (p *page) key(keys string) { p.t.Helper(); p.do(chromedp.KeyEvent(keys)) }

// tabTo moves on with the Tab key until an element has the focus. Each stop on
// the way must be seen: marked, and not under what lies over the page.
func (p *page) tabTo(css string) {
	p.t.Helper()
	for range 120 {
		p.key(kb.Tab)
		stop := js[struct {
			There, Marked, Covered bool
			What                   string
		}](p, `(() => {
			const e = document.activeElement;
			const seen = e.matches(".pick-input") ? e.nextElementSibling : e, box = seen.getBoundingClientRect(), style = getComputedStyle(seen);
			const x = Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1), y = Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1);
			const top = document.elementFromPoint(x, y);
			return {
				There: e.matches(`+quote(css)+`), What: e.outerHTML.slice(0, 100),
				Marked: e === document.body || e.id === "title" || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
				Covered: e !== document.body && !(top && (seen.contains(top) || top.contains(seen) || e === top)),
			};
		})()`)
		if !stop.Marked {
			p.t.Errorf("the focus is not to be seen on %s", stop.What)
		}
		if stop.Covered {
			p.t.Errorf("the focus is hidden under something on %s", stop.What)
		}
		if stop.There {
			return
		}
	}
	p.t.Fatalf("120 times Tab do not lead to %s. The page shows:\n%.1500s", css, p.visible())
}

// insert is a paste or an input method: text without keys.
func (p *page) insert(text string) {
	p.t.Helper()
	tell(p, input.InsertText, input.InsertTextParams{Text: text})
}

// TestWithoutAMouse makes a wallet, brings a record in, reads it and shows it at
// the counter with the keyboard alone.
func TestWithoutAMouse(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	w.there("#try")
	w.arrived(looks[0], "welcome")
	w.tabTo(`a[href="/create"]`)
	w.key(kb.Enter)
	words := w.words()
	w.tabTo("#written")
	w.key(" ")
	w.there("#checked")
	w.arrived(looks[0], "check")
	for _, asked := range js[[]string](w, `[...document.querySelectorAll("form input[id^=asked-]")].map(e => e.id)`) {
		w.tabTo("#" + asked)
		w.key(words[asked[len("asked-")]-'b'])
	}
	w.key(kb.Enter)
	w.there("#first-name")
	w.arrived(looks[0], "name")
	w.tabTo("#first-name")
	w.key("Meera Sample")
	w.key(kb.Enter)
	w.there("#lock")
	w.arrived(looks[0], "home")
	w.tabTo(`nav a[href="/add"]`)
	w.key(kb.Enter)
	w.there("#paste")
	w.arrived(looks[0], "add")
	w.tabTo("#paste")
	w.insert(`{"resourceType":"AllergyIntolerance","criticality":"high","code":{"text":"Penicillin G"}}`)
	w.tabTo("#paste-go")
	w.key(kb.Enter)
	w.there("#report")
	w.tabTo("#report .report-in")
	w.key(kb.Enter)
	w.sees("Penicillin G")
	w.arrived(looks[0], "record")
	w.tabTo(`a[href^="/show/"]`)
	w.key(kb.Enter)
	w.there("#show-go")
	w.until("the preview is there", `document.querySelector("#preview").textContent.includes("Penicillin G")`)
	w.tabTo("#show-go")
	w.key(kb.Enter)
	w.there("#countdown")
	w.arrived(looks[0], "code")
	label := js[string](w, `document.querySelector("svg.code[role=img]").getAttribute("aria-label")`)
	if want := "Code for the clinic, in the middle of the screen, valid 10 minutes."; label != want {
		t.Errorf("the code is spoken as %q, want %q", label, want)
	}
	w.tabTo("#code-close")
	w.key(kb.Enter)
	w.there("#timeline")
	w.tabTo("#lock")
	w.key(kb.Enter)
	w.there("#passphrase")
	w.arrived(looks[0], "unlock")
	w.tabTo("#passphrase")
	w.insert(strings.Join(words, " ")) // pasted from a password manager, with spaces
	w.key(kb.Enter)
	w.there("#counter")
	w.quiet()
}
