package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// learners are those who need help most: a small phone and text of twice the size, in both languages.
var learners = []look{
	{"learn-en", "en", "light", 360, 0, 32},
	{"learn-hi", "hi", "dark", 360, 0, 32},
}

// stop says where the tour is: its sentence, and what it has marked.
type stop struct {
	Text, Marked, Focus string
}

func (p *page) stop() stop {
	p.t.Helper()
	return js[stop](p, `({
		Text: document.querySelector("#tour-text")?.textContent ?? "",
		Marked: [...document.querySelectorAll("header *, nav *, main *")].filter(e => { const s = getComputedStyle(e); return s.outlineStyle === "double" && parseFloat(s.outlineWidth) >= 3; }).map(e => e.id).join(" "),
		Focus: document.activeElement?.id ?? "",
	})`)
}

// arrives waits until the tour stands before a thing, with the focus on its card.
func (p *page) arrives(at string) {
	p.t.Helper()
	p.until("the tour is at "+at, `document.activeElement?.id === "tour" && getComputedStyle(document.querySelector("#`+at+`")).outlineStyle === "double"`)
	if s := p.stop(); s.Marked != at || s.Text == "" || strings.ContainsAny(s.Text, "{}") {
		p.t.Errorf("at %s: %+v", at, s)
	}
}

// tour walks through all of it with the keyboard.
func (p *page) tour(l look) {
	p.t.Helper()
	places := []string{"nav-home", "person", "nav-plus", "nav-qr", "nav-list", "title", "lock"}
	seen := map[string]bool{}
	for i, at := range places {
		p.arrives(at)
		seen[p.stop().Text] = true
		switch at {
		case "nav-home":
			p.accessible(l, "tour")
			js[bool](p, `(document.querySelector("#tour").focus(), true)`)
		case "person":
			p.tabTo("#tour-back")
			p.key(kb.Enter)
			p.arrives("nav-home")
			p.tabTo("#tour-next")
			p.key(kb.Enter)
			p.arrives(at)
		case "nav-plus":
			p.tabTo("#tour-show")
			p.key(kb.Enter)
			p.until("the thing itself has the focus", `document.activeElement?.id === "nav-plus"`)
			js[bool](p, `(document.querySelector("#tour").focus(), true)`)
		}
		if i < len(places)-1 {
			p.tabTo("#tour-next")
			p.key(kb.Enter)
		}
	}
	if len(seen) != len(places) {
		p.t.Errorf("%s: %d sentences for %d places", l.name, len(seen), len(places))
	}
	p.accessible(l, "tour-end")
	js[bool](p, `(document.querySelector("#tour").focus(), true)`)
	p.tabTo("#tour-done")
	p.key(kb.Enter)
	p.gone("#tour")
	p.settled()
	if s := p.stop(); s.Marked != "" {
		p.t.Errorf("the tour is over, and %s is still marked", s.Marked)
	}
}

// TestLearn: what is what before there is a wallet, a tour by keyboard in the sample family, help in the middle of a form
// that takes nothing away, and all of it without a network.
func TestLearn(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	l := learners[0]
	w.wear(l)
	w.there("#learn")
	w.click("#learn")
	w.there("#learn-abha")
	w.arrived(l, "learn")
	w.click("#learn-abha summary")
	w.sees("not insurance")
	w.accessible(l, "learn")
	js[bool](w, `(document.querySelector("#title").focus(), true)`)
	w.tabTo("#tour-start")
	w.key(kb.Enter)
	w.tour(l)
	w.to("/")
	w.there("#timeline .group")
	if js[bool](w, `!!document.querySelector("#tour-start")`) {
		t.Error("the tour is offered again to who has made it")
	}

	// In Hindi, begun again, and left at once.
	l = learners[1]
	w.wear(l)
	w.to("/settings")
	w.there(".languages")
	w.speak("hi")
	w.to("/learn")
	w.there("#learn-abha")
	w.accessible(l, "learn")
	w.click("#tour-start")
	w.tour(l)
	w.to("/learn")
	w.click("#tour-start")
	w.arrives("nav-home")
	w.key(kb.Escape)
	w.gone("#tour")

	helpInAForm(w, l)

	// Without a network a program that is begun anew has all of it.
	w.keeps()
	w.cutOff(true)
	w.reload()
	w.there("#title")
	w.to("/learn")
	w.there("#learn-kit")
	w.to("/create")
	w.click("#help-open")
	w.there("#help .help-part")
	w.cutOff(false)
	w.quiet()
}

// helpInAForm opens and closes the help while something is being typed: the words, the field that holds them and the page
// stay.
func helpInAForm(w *page, l look) {
	w.t.Helper()
	const words = "कल से बुखार"
	w.to("/write/visit")
	w.there("#ask-said")
	w.settled()
	w.caret("#ask-said", 0)
	w.insert(words)
	js[bool](w, `(document.querySelector("#ask-said").mine = true)`)
	stays := func(when string) {
		w.t.Helper()
		if got := js[string](w, `(e => e?.mine ? e.value : "another field")(document.querySelector("#ask-said"))`); got != words {
			w.t.Errorf("%s the field holds %q", when, got)
		}
	}
	closed := func(when string) {
		w.t.Helper()
		w.gone("#help")
		w.until("the focus is where it was", `document.activeElement?.id === "help-open"`)
		stays(when)
		if at := js[string](w, `location.pathname + location.search`); at != "/write/visit" {
			w.t.Errorf("%s the page is %s", when, at)
		}
	}
	w.click("#help-open")
	w.until("the help is open and has the focus", `document.activeElement?.id === "help" && !!document.querySelector("#help .help-part")`)
	stays("with the help open")
	w.accessible(l, "help")
	js[bool](w, `(history.back(), true)`)
	closed("after Back")
	w.key(kb.Enter)
	w.until("the help is open", `document.activeElement?.id === "help"`)
	w.key(kb.Escape)
	closed("after Escape")
	w.click("#help-open")
	w.there("#help-close")
	w.click("#help-close")
	closed("after it was closed")
}
