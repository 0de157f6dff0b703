package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	units "unicode/utf16"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// restless makes the wallet draw itself anew all the time, with a word in the bar that comes and goes, as a bad network does.
const restless = `clearInterval(globalThis.testRest), globalThis.testRest = setInterval(() => dispatchEvent(new Event((globalThis.testTurn ^= 1) ? "offline" : "online")), 70)`

const atRest = `clearInterval(globalThis.testRest), dispatchEvent(new Event("online"))`

// hammer presses keys as fast as the browser takes them.
func (p *page) hammer(text string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for _, key := range text {
			if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "char", Text: string(key)}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// flood presses a key many times without waiting for the page to take even one.
func (p *page) flood(key string, times int) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		errs := make(chan error, times)
		for range times {
			go func() {
				_, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "char", Text: key})
				errs <- err
			}()
		}
		var failed error
		for range times {
			failed = errors.Join(failed, <-errs)
		}
		return failed
	}))
}

// compose types a word as keyboards for Hindi do: it grows and changes, and stands only once it was chosen.
func (p *page) compose(word string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		whole := []rune(word)
		for n := range whole {
			growing := string(whole[:n+1])
			at := int64(len(units.Encode([]rune(growing))))
			if _, err := chromedp.Call(ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: growing, SelectionStart: at, SelectionEnd: at}); err != nil {
				return err
			}
		}
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: word + " "})
		return err
	}))
}

// caret puts the focus into a field, at a letter, and marks the field to be known again.
func (p *page) caret(css string, at int) {
	p.t.Helper()
	p.there(css)
	js[bool](p, fmt.Sprintf(`(e => { e.closest("details")?.setAttribute("open", ""); e.testKept = true; e.focus(); e.setSelectionRange(%d, %[1]d); return true; })(document.querySelector(%s))`, at, quote(css)))
}

// field is what a person sees of the field they type into.
type field struct {
	Value          string
	Caret          int
	Focused, Stays bool // it is the very one that was typed into
}

func (p *page) field(css string) field {
	p.t.Helper()
	js[bool](p, `new Promise(done => setTimeout(() => requestAnimationFrame(() => done(true)), 300))`) // what is late comes now
	return js[field](p, `(e => ({Value: e.value, Caret: e.selectionStart, Focused: document.activeElement === e, Stays: !!e.testKept}))(document.querySelector(`+quote(css)+`))`)
}

func (p *page) standsIn(css, want string, caret int) {
	p.t.Helper()
	if got := p.field(css); got != (field{want, caret, true, true}) {
		p.t.Errorf("%s: %+v, want %q with the caret at %d, focused, not made anew", css, got, want, caret)
	}
}

// TestWhatIsTypedStays: on a slow phone, while the page is drawn anew all the time, no key is lost, nor the caret, nor a
// word that a Hindi keyboard is still composing, nor a press.
func TestWhatIsTypedStays(t *testing.T) {
	t.Parallel()
	const sentence, more, hindi = "The quick brown fox", " and what", "कमला देवी "
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	passphrase := w.createWallet("Meera Sample")
	w.writes("allergy", "name", "Pollen")
	w.there("#write-kept")
	w.to("/settings/people")
	w.there("a[href^='/settings/people/']")
	person := js[string](w, `document.querySelector("a[href^='/settings/people/']").getAttribute("href")`)

	w.throttle(6)
	for _, at := range []struct{ path, css, ready string }{
		{person, "#name", "#person-form"},
		{"/write/visit", "#ask-said", "#write-form"},
		{"/send", "#label", "#preview .tick-row"},
	} {
		w.to(at.path)
		w.there(at.ready)
		w.settled()
		w.caret(at.css, 1000)
		was := js[string](w, `document.querySelector(`+quote(at.css)+`).value`)
		js[int](w, restless)
		w.hammer(sentence)
		w.flood("!", 25)
		said := sentence + strings.Repeat("!", 25)
		w.standsIn(at.css, was+said, len(was+said))
		w.caret(at.css, len(was)+9) // The quick| brown
		w.hammer(more)
		want := was + said[:9] + more + said[9:]
		w.standsIn(at.css, want, len(was)+9+len(more))
		w.caret(at.css, 0)
		for _, word := range strings.Fields(hindi) {
			w.compose(word)
		}
		w.standsIn(at.css, hindi+want, len(units.Encode([]rune(hindi))))
		js[bool](w, atRest)
	}

	// Of the person it is kept; and the list of people that opens above the form takes nothing away.
	w.to(person)
	w.there("#person-form")
	w.settled()
	w.caret("#relation", 0)
	w.hammer(sentence)
	for range 2 {
		w.click("#person")
	}
	if got := w.field("#relation"); got.Value != sentence || !got.Stays {
		t.Errorf("once the people were looked at: %+v", got)
	}

	// Who leaves the name out is led to it and told there; a code that is wrong is still there to be compared.
	w.empty("#name")
	w.click("#person-save")
	w.until("it says what is missing, and where", `document.activeElement?.id === "name" && !!document.querySelector(".field:has(#name) + .held .notice")`)
	w.to("/join")
	w.settled()
	w.caret("#pair-code", 0)
	w.hammer("not a code")
	w.click("#pair-connect")
	w.there("#fault")
	w.standsIn("#pair-code", "not a code", len("not a code"))

	// The bar changes while the finger is on the button.
	w.anew(func() {
		w.pressedWhile("#lock", `dispatchEvent(new Event("offline"))`, `!!document.querySelector(".chip-offline")`)
	}, `document.querySelector("#passphrase")`)

	w.throttle(1)

	// Words that do not open the wallet are still there to be looked at, with the focus and the choice to see them.
	w.settled()
	w.click("#show-words")
	w.caret("#passphrase", 0)
	w.hammer("some words")
	w.hammer("\r")
	w.there("#fault")
	if got := w.field("#passphrase"); got.Value != "some words" || !got.Focused || !got.Stays {
		t.Errorf("after words that do not open it: %+v", got)
	}
	if !js[bool](w, `document.querySelector("#show-words").checked && document.querySelector("#passphrase").type === "text"`) {
		t.Error("the words are hidden again")
	}
	w.empty("#passphrase")
	w.write("#passphrase", passphrase)
	w.click("#unlock")
	w.there("#person")
	w.quiet()
}

// pressedWhile puts the finger on a button, lets something happen until a condition holds, and takes the finger away.
func (p *page) pressedWhile(css, happens, until string) {
	p.t.Helper()
	finger := func(kind input.DispatchMouseEventType) {
		at := js[[]float64](p, `(e => { const r = e.getBoundingClientRect(); return [r.right - 12, r.top + r.height / 2]; })(document.querySelector(`+quote(css)+`))`)
		tell(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at[0], Y: at[1], Button: "left", ClickCount: 1})
	}
	js[bool](p, `document.querySelector(`+quote(css)+`).scrollIntoView() === undefined`)
	finger("mousePressed")
	js[bool](p, happens)
	p.until("it happens", until)
	finger("mouseReleased")
}
