package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// voicesOf gives the tab a speechSynthesis of our own, since a browser without a screen
// has none: with voices, which come late, and a list of what was spoken. Each breath ends
// when the test says so.
func voicesOf(voices string) string {
	return `(() => {
		const heard = globalThis.heard = [], all = ` + voices + `;
		let known = [];
		const speech = new EventTarget();
		speech.getVoices = () => known;
		speech.speak = u => { heard.push({text: u.text, lang: u.lang, local: u.voice?.localService === true}); globalThis.speaking = u; };
		speech.cancel = () => { globalThis.speaking = null; };
		globalThis.breathes = () => { const u = globalThis.speaking; if (u) { globalThis.speaking = null; u.dispatchEvent(new Event("end")); } return !!u; };
		Object.defineProperty(globalThis, "speechSynthesis", {configurable: true, value: speech});
		globalThis.SpeechSynthesisUtterance = class extends EventTarget { constructor(text) { super(); this.text = text; } };
		setTimeout(() => { known = all; speech.dispatchEvent(new Event("voiceschanged")); }, 50);
	})()`
}

type utterance struct {
	Text, Lang string
	Local      bool
}

// listens reads all that is spoken from now on, to its end.
func (p *page) listens(button string) []utterance {
	p.t.Helper()
	js[bool](p, `(heard.length = 0, true)`)
	p.click(button)
	p.until("it reads", `heard.length > 0`)
	for js[bool](p, `breathes()`) {
	}
	p.until("it has ended", `!document.querySelector(".aloud-on")`)
	return js[[]utterance](p, `heard`)
}

func allOf(list []utterance) string {
	var b strings.Builder
	for _, u := range list {
		b.WriteString(u.Text + "\n")
	}
	return b.String()
}

const (
	ownVoices   = `[{lang: "en_US", name: "far", localService: true}, {lang: "hi-IN", name: "Lekha", localService: true}, {lang: "en-IN", name: "Veena", localService: true}, {lang: "en-IN", name: "cloud", localService: false}]`
	cloudVoices = `[{lang: "en-IN", name: "cloud", localService: false}]`
)

// TestReadAloud: a record, a consent's page and a help text are read from the page, with the same facts in the same order,
// each language by its own voice; no word goes to a voice elsewhere unasked; and nothing is read on after the page was
// left, hidden or locked.
func TestReadAloud(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	w := b.open(t, "")
	w.begins(voicesOf(ownVoices))
	w.visit(p.App)
	w.wear(looks[0])
	w.there("#try")
	w.createWallet("Meera Sample")
	w.to("/add")
	w.give("#files", named{"a.json", "application/json", `{"resourceType":"Bundle","type":"collection","entry":[
		{"resource":{"resourceType":"AllergyIntolerance","criticality":"high","code":{"text":"Penicillin G","coding":[{"system":"http://snomed.info/sct","code":"91936005"}]},"recordedDate":"2024-03-01"}},
		{"resource":{"resourceType":"Condition","code":{"text":"मधुमेह (Diabetes)"},"onsetDateTime":"2019"}}]}`})
	w.brought()
	record := "/record/" + w.after("#report .report-in", "/record/")
	w.to(record)
	w.there(".section .view")
	readsAll(t, w)
	stops(t, w, record)
	readsHelp(t, w)
	consentAloud(t, p, w)
	elsewhereOnly(t, p)
	w.quiet()
}

// readsAll compares what is heard with what is seen.
func readsAll(t *testing.T, w *page) {
	t.Helper()
	heard := w.listens(".aloud .button")
	at := 0
	spoken := strings.ReplaceAll(allOf(heard), "\n", " ")
	for _, fact := range js[[]string](w, `[...document.querySelectorAll("#title, .view-kind, .view-title, .facts dt, .facts dd > span:first-child")].filter(e => e.checkVisibility()).map(e => e.textContent.trim())`) {
		for _, word := range wordsIn(fact) { // what stands in two languages is spoken in two breaths
			i := strings.Index(spoken[at:], word)
			if i < 0 {
				t.Fatalf("%q of %q is not read, or not in its place: %q", word, fact, spoken)
			}
			at += i
		}
	}
	for _, never := range []string{"91936005", "Read aloud", "Stop reading", "Delete"} {
		if strings.Contains(spoken, never) {
			t.Errorf("%q is read: %q", never, spoken)
		}
	}
	for _, u := range heard {
		if want := map[bool]string{true: "hi-IN", false: "en-IN"}[strings.Contains(u.Text, "मधुमेह")]; u.Lang != want || !u.Local {
			t.Errorf("%q is read in %s, by a voice of this phone: %v; want %s", u.Text, u.Lang, u.Local, want)
		}
	}
}

// stops ends a reading in each way there is.
func stops(t *testing.T, w *page, record string) {
	t.Helper()
	begins := func() {
		t.Helper()
		w.to("/settings")
		w.to(record)
		w.there(".section .view")
		w.settled()
		w.tabTo(".aloud .button")
		w.key(kb.Enter)
		w.until("it reads", `!!globalThis.speaking && document.activeElement.matches(".aloud-on .button")`)
	}
	begins()
	if !js[bool](w, `!CSS.highlights || CSS.highlights.has("aloud")`) {
		t.Error("what is read is not marked")
	}
	w.accessible(looks[0], "reading")
	w.key(kb.Enter)
	w.until("a second press stops it", `!globalThis.speaking && !document.querySelector(".aloud-on")`)
	begins()
	w.to("/settings")
	w.until("leaving stops it", `!globalThis.speaking`)
	begins()
	js[bool](w, `(Object.defineProperty(document, "visibilityState", {configurable: true, get: () => "hidden"}), document.dispatchEvent(new Event("visibilitychange")), true)`)
	w.until("being hidden stops it", `!globalThis.speaking`)
	js[bool](w, `(delete document.visibilityState, document.dispatchEvent(new Event("visibilitychange")), true)`)
	if js[bool](w, `!!CSS.highlights?.has("aloud")`) {
		t.Error("what was read stays marked")
	}
}

// readsHelp hears the help, and only that.
func readsHelp(t *testing.T, w *page) {
	t.Helper()
	w.to("/send")
	w.click("#help-open")
	w.there("#help .help-part")
	heard := allOf(w.listens("#help .aloud .button"))
	for _, text := range js[[]string](w, `[...document.querySelectorAll("#help .text")].map(e => e.textContent)`) {
		first, _, _ := strings.Cut(text, ".")
		if !strings.Contains(heard, first) {
			t.Errorf("%q is not read: %q", text, heard)
		}
	}
	if title := js[string](w, `document.querySelector("#title").textContent`); strings.HasPrefix(heard, title) {
		t.Errorf("the page below is read too: %q", heard)
	}
}

// consentAloud hears what a clinic asks for before anybody agrees.
func consentAloud(t *testing.T, p *potli, w *page) {
	t.Helper()
	desk := opensDesk(t, p, "City Clinic")
	link := desk.asks("today", "Token 14")
	w.to("/scan")
	w.write("#scan-text", link)
	w.click("#scan-go")
	w.there("#ask-no")
	w.there(".consent-kinds, .facts dd")
	heard := allOf(w.listens(".aloud .button"))
	facts := js[[]string](w, `[...document.querySelectorAll("#title, main .facts dd, .consent-kinds .chip")].filter(e => e.checkVisibility()).map(e => e.textContent.trim().split(/[\n.]/)[0])`)
	if !slices.ContainsFunc(facts, func(f string) bool { return strings.Contains(f, "City Clinic") }) {
		t.Fatalf("the page says %q", facts)
	}
	for _, f := range facts {
		for _, word := range strings.Fields(f) {
			if !strings.Contains(heard, word) {
				t.Errorf("%q of %q is not read: %q", word, f, heard)
			}
		}
	}
}

// elsewhereOnly is a phone whose only voice is somebody's computer, and then one without
// any.
func elsewhereOnly(t *testing.T, p *potli) {
	t.Helper()
	for voices, want := range map[string]string{cloudVoices: "aloud.away", `[]`: "aloud.none-text"} {
		w := newBrowser(t).open(t, "")
		w.begins(voicesOf(voices))
		w.visit(p.App)
		w.wear(looks[0])
		w.there("#learn")
		w.click("#learn")
		w.click("#learn-abha summary")
		w.click("#learn-abha .aloud .button")
		w.sees(sentence(t, want))
		if n := js[int](w, `heard.length`); n != 0 {
			t.Errorf("%d breaths were spoken before anybody agreed", n)
		}
		w.accessible(looks[0], want)
		if want == "aloud.away" {
			w.press(sentence(t, "aloud.away-yes"))
			w.until("it reads, since the person agreed", `heard.length > 0`)
		}
		w.quiet()
	}
}
