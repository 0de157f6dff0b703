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

// begins has a script run in each document of the tab before its own.
func (p *page) begins(script string) {
	p.t.Helper()
	tell(p, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: script})
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
	js[bool](p, `(document.querySelector(".language-fold")?.setAttribute("open", ""), true)`)
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

// tellLink returns the path of the code on the screen.
func (p *page) tellLink() string { return js[string](p, `location.pathname`) }

// --- without a mouse ---

func (p *page) key(keys string) { p.t.Helper(); p.do(chromedp.KeyEvent(keys)) }

// tabTo moves on with the Tab key until an element has the focus. Each stop on
// the way must be seen: marked, and not under what lies over the page.
func (p *page) tabTo(css string) {
	p.t.Helper()
	for range 120 {
		p.key(kb.Tab)
		stop := js[struct {
			There, Marked bool
			What, By      string
		}](p, `(async () => {
			for (let was = 0, now; (now = document.activeElement.getBoundingClientRect().y) !== was; was = now) // it is brought into view
				await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
			const e = document.activeElement;
			const seen = e.matches(".pick-input") ? e.nextElementSibling : e, box = seen.getBoundingClientRect(), style = getComputedStyle(seen);
			const x = Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1), y = Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1);
			const top = document.elementFromPoint(x, y);
			return {
				There: e.matches(`+quote(css)+`), What: e.outerHTML.slice(0, 100),
				Marked: e === document.body || e.matches("[tabindex='-1']") || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
				By: e === document.body || top && (seen.contains(top) || top.contains(seen) || e === top) ? "" : top ? top.outerHTML.slice(0, 200) : "the window's edge",
			};
		})()`)
		if !stop.Marked {
			p.t.Errorf("the focus is not to be seen on %s", stop.What)
		}
		if stop.By != "" {
			p.t.Errorf("the focus is hidden on %s under %s", stop.What, stop.By)
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

// enter goes to a control with the Tab key and presses it with Enter.
func (p *page) enter(css string) {
	p.t.Helper()
	p.reachable(css)
	p.tabTo(css)
	p.key(kb.Enter)
}

// reachable waits until a control is there that the Tab key can stop at.
func (p *page) reachable(css string) {
	p.t.Helper()
	p.until(css+" can be reached", `(e => !!e && !e.disabled)(document.querySelector(`+quote(css)+`))`)
}

// backTo goes backwards with Shift and Tab: whoever went too far is not lost.
func (p *page) backTo(css string) {
	p.t.Helper()
	for range 120 {
		p.do(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift)))
		if js[bool](p, `document.activeElement.matches(`+quote(css)+`)`) {
			return
		}
	}
	p.t.Fatalf("120 times Shift and Tab do not lead to %s from below it", css)
}

// TestWithoutAMouse does the main jobs with the keyboard alone: makes a wallet, writes a
// record down, brings another in, finds it, shows it at the counter, takes that back, says
// no to a clinic, locks and unlocks.
func TestWithoutAMouse(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	w.there("#try")
	w.arrived(looks[0], "welcome")
	words := makesByKeys(w)
	writesByKeys(w)
	bringsByKeys(w)
	showsByKeys(t, w)
	refusesByKeys(t, p, w)
	w.anew(func() { w.enter("#lock") }, `document.querySelector("#passphrase")`) // a new program has no keys
	w.arrived(looks[0], "unlock")
	w.tabTo("#passphrase")
	w.insert(strings.Join(words, " ")) // pasted from a password manager, with spaces
	w.key(kb.Enter)
	w.there("#lock")
	w.quiet()
}

func makesByKeys(w *page) (words []string) {
	w.t.Helper()
	w.enter(`a[href="/create"]`)
	words = w.words()
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
	return words
}

// writesByKeys writes an allergy down, and goes back to a question above.
func writesByKeys(w *page) {
	w.t.Helper()
	w.enter(`nav a[href="/add"]`)
	w.there("#paste")
	w.arrived(looks[0], "add")
	w.enter(`main a[href="/write"]`)
	w.there("#write-allergy")
	w.arrived(looks[0], "write")
	w.enter("#write-allergy")
	w.there("#write-form")
	w.arrived(looks[0], "write-one")
	w.tabTo("#write-save")
	w.backTo("#ask-name")
	w.key("Dust")
	w.enter("#write-save")
	w.there("#write-kept")
}

// bringsByKeys pastes a record and finds it again among the others.
func bringsByKeys(w *page) {
	w.t.Helper()
	w.enter(`nav a[href="/add"]`)
	w.there("#paste")
	w.arrived(looks[0], "add")
	w.tabTo("#paste")
	w.insert(`{"resourceType":"AllergyIntolerance","criticality":"high","code":{"text":"Penicillin G"}}`)
	w.enter("#paste-go")
	w.there("#report")
	w.enter(`nav a[href="/"]`)
	w.there("#timeline .group")
	w.arrived(looks[0], "home")
	w.tabTo("#search")
	w.key("penicil")
	w.until("one is found", `document.querySelectorAll("#timeline .group").length === 1 && document.querySelector("#timeline").textContent.includes("Penicillin G")`)
	w.enter(`#timeline a[href^="/record/"]`)
	w.sees("Penicillin G")
	w.arrived(looks[0], "record")
}

// showsByKeys shows the record that is open as a code, and takes that back.
func showsByKeys(t *testing.T, w *page) {
	t.Helper()
	w.enter(`a[href^="/show/"]`)
	w.there("#show-go")
	w.until("the preview is there", `document.querySelector("#preview").textContent.includes("Penicillin G")`)
	w.enter("#show-go")
	w.there("#countdown")
	w.arrived(looks[0], "code")
	label := js[string](w, `document.querySelector("svg.code[role=img]").getAttribute("aria-label")`)
	if want := "Code for the clinic, in the middle of the screen, valid 10 minutes."; label != want {
		t.Errorf("the code is spoken as %q, want %q", label, want)
	}
	w.enter(`main a[href^="/shared/"]`)
	w.there("#revoke")
	w.arrived(looks[0], "share")
	w.enter("#revoke")
	w.there("#revoke-yes")
	w.enter("#revoke-yes")
	w.sees("Taken back")
}

// refusesByKeys says no to a clinic that asks for records.
func refusesByKeys(t *testing.T, p *potli, w *page) {
	t.Helper()
	desk := opensDesk(t, p, "City Clinic")
	link := desk.asks("today", "Token 15")
	w.to("/scan")
	w.settled()
	w.tabTo("#scan-text")
	w.insert(link)
	w.enter("#scan-go")
	w.there("#ask-no")
	w.arrived(looks[0], "ask")
	w.enter("#ask-no")
	w.enter("#no-yes")
	w.there("#ask-refused")
	desk.stands(`[data-state="refused"]`)
}
