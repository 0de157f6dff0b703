package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// clocked is a tab whose clock is set from outside: the page is told another date by the browser's debugging protocol, from
// the next document on. Nothing of it is in the program.
type clocked struct {
	*page
	passphrase string
	script     cdppage.ScriptIdentifier
}

func clockedTab(t *testing.T, at time.Time) *clocked {
	t.Helper()
	c := &clocked{page: newBrowser(t).open(t, "")}
	c.set(at)
	c.wear(looks[0])
	return c
}

// set sets the clock, which goes on from there.
func (c *clocked) set(at time.Time) {
	c.t.Helper()
	c.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if c.script != "" {
			if _, err := cdp.Call(ctx, target, cdppage.RemoveScriptToEvaluateOnNewDocument, cdppage.RemoveScriptToEvaluateOnNewDocumentParams{Identifier: c.script}); err != nil {
				return err
			}
		}
		r, err := cdp.Call(ctx, target, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(`(() => {
			const by = %d - Date.now(), True = Date;
			globalThis.Date = class extends True {
				constructor(...a) { if (a.length) super(...a); else super(True.now() + by); }
				static now() { return True.now() + by; }
			};
		})()`, at.UnixMilli())})
		if err == nil {
			c.script = r.Identifier
		}
		return err
	}))
}

// on opens the wallet at another time.
func (c *clocked) on(at time.Time) {
	c.t.Helper()
	c.set(at)
	c.anew(func() { c.reload() }, `document.querySelector("#passphrase")`)
	c.write("#passphrase", c.passphrase)
	c.click("#unlock")
	c.there("#person")
	if got := js[float64](c.page, `Date.now()`) - float64(at.UnixMilli()); got < 0 || got > 120_000 {
		c.t.Fatalf("the clock is %v ms ahead", got)
	}
}

// inIndia is a time of the day there.
func inIndia(y int, m time.Month, d, hour, minute int) time.Time {
	return time.Date(y, m, d, hour, minute, 0, 0, time.FixedZone("IST", 330*60))
}

// seen draws a page in the looks that break pages first, and comes back in English.
func (c *clocked) seen(path, name string) {
	c.t.Helper()
	for _, l := range append([]look{looks[1], looks[2]}, large...) {
		c.wear(l)
		c.to("/settings")
		c.speak(l.lang)
		c.to(path)
		c.arrived(l, name)
		c.accessible(l, name)
	}
	c.wear(looks[0])
	c.to("/settings")
	c.speak("en")
	c.to(path)
}

// TestHandover (F2, T27): somebody born on 29 February 2012 is of age when 1 March 2030 begins in India. They come with a
// phone of their own, say that the records are theirs, and are handed them on the day; until a minute before the mother
// writes, and from then on she cannot. Whom they do not choose reads nothing new.
func TestHandover(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	start := inIndia(2029, time.December, 24, 10, 0)
	mother, young := clockedTab(t, start), clockedTab(t, start)
	for w, name := range map[*clocked]string{mother: "Meera Sample", young: "Aarav"} {
		w.visit(p.App)
		w.passphrase = w.createWallet(name)
	}
	child := mother.addPerson("Aarav Sample", "child", "2012-02-29")
	mother.to("/")
	mother.actFor("Aarav Sample")
	mother.bring(allergyFile(t, "Peanut"))
	handover := strings.Replace(child, "/settings/people/", "/handover/", 1)
	onTheTimeline := "#handover-" + strings.TrimPrefix(handover, "/handover/")

	// The notice leads there, and the young person is let in.
	mother.to("/")
	mother.sees("Aarav Sample turns 18 on 1 March 2030")
	mother.click(`.coming a[href="` + handover + `"]`)
	mother.there("#invite-by")
	mother.seen(handover, "handover-invite")
	mother.settled()
	mother.write("#passphrase", mother.passphrase)
	mother.click("#pair-long")
	mother.click("#pair-show")
	mother.there("#pair-typed")
	young.to("/join")
	young.settled()
	young.write("#pair-code", js[string](mother.page, `document.querySelector("#pair-typed").textContent`))
	young.click("#pair-connect")
	if a, b := mother.digits(), young.digits(); a != b {
		t.Fatalf("digits %q and %q", a, b)
	}
	mother.click("#pair-match")
	young.click("#pair-match")
	mother.there("#pair-done")
	young.there("#pair-done")
	mother.click("#handover-on")
	mother.sees("Aarav has to say yes, on their own phone.")

	// They say that these are their records.
	young.to("/")
	young.hears("Records are offered to you as yours")
	young.seen(handover, "handover-yours")
	young.to("/")
	young.click(onTheTimeline)
	young.click("#handover-accept")
	young.sees("You have said that these are your records.")
	mother.hears("Aarav has said yes.")

	// A minute before the day she writes, and on its first she does not.
	mother.on(inIndia(2030, time.February, 28, 23, 55))
	mother.to("/")
	mother.actFor("Aarav Sample")
	if n := mother.bring(allergyFile(t, "Dust")); n != 1 {
		t.Errorf("%d records came in on the evening before", n)
	}
	mother.on(inIndia(2030, time.March, 1, 0, 0))
	mother.to("/")
	mother.sees("Aarav Sample is 18 now")
	mother.actFor("Aarav Sample")
	if n := mother.bring(allergyFile(t, "Latex")); n != 0 {
		t.Errorf("%d records came in on the day", n)
	}
	mother.sees("This person is of age and decides themselves.")
	mother.to("/show")
	mother.sees("This person is of age and decides themselves.")

	mother.to(handover)
	mother.seen(handover, "handover-now")
	mother.click("#handover-go")
	mother.there("#handover-done")

	// It is theirs; nobody is chosen to read on.
	young.on(inIndia(2030, time.March, 1, 9, 0))
	young.to("/")
	young.hears("Your records were handed over to you")
	young.seen(handover, "handover-choose")
	young.sees("Everybody else keeps what they have opened so far.")
	young.click("#handover-keep")
	young.there("#handover-done")
	young.to("/")
	young.hears("Dust")
	if js[bool](young.page, `!!document.querySelector(".top-acting")`) {
		t.Error("they still act for somebody")
	}
	if n := young.bring(allergyFile(t, "Milk")); n != 1 {
		t.Errorf("%d records of their own came in", n)
	}
	mother.to("/")
	mother.hears("Aarav has taken you out.")
	if shown := mother.visible(); strings.Contains(shown, "Milk") || !strings.Contains(shown, "Peanut") {
		t.Errorf("she sees:\n%.1000s", shown)
	}
	for _, w := range []*clocked{mother, young} {
		w.sent(t, []string{"Meera", "Aarav", "Peanut", "Milk", "Dust", w.passphrase, "AGE-SECRET-KEY", "age1pq1"})
		w.quietBut(sentAgain) // a clock that leaps ends requests that are under way
	}
}
