package e2e_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestLongTimeline: two thousand records are a page as long as they are, of which some
// dozens of rows are there. What is scrolled to is drawn, each row says which of how
// many it is, keyboard and way back keep their place, and a month is one step away.
func TestLongTimeline(t *testing.T) {
	t.Parallel()
	const n = 2000
	w := newBrowser(t).open(t, startPotli(t, "").App)
	passphrase := w.createWallet("Kamla Sample")
	w.lock()
	w.live(passphrase, n)
	w.anew(w.reload, `document.querySelector("#passphrase")`)
	w.write("#passphrase", passphrase)
	w.click("#unlock")
	w.there("#timeline .group")

	const rows = `document.querySelectorAll("#timeline .group").length`
	inView := func(condition string) string {
		return `[...document.querySelectorAll("#timeline .group")].some(g => { const b = g.getBoundingClientRect(); return b.bottom > 100 && b.top < innerHeight - 100 && (` + condition + `); })`
	}
	js[bool](w, `(document.querySelector("#timeline").scrollIntoView({behavior: "instant"}), true)`) // what matters stands above it
	w.until("some rows of all are there", rows+` >= 8 && `+rows+` < 200`)
	if got := js[string](w, `document.querySelector("#timeline .group").ariaSetSize`); got != "2000" {
		t.Errorf("the first row is one of %s, want 2000", got)
	}
	w.until("the page is as long as its rows", `document.documentElement.scrollHeight > 1000 * 60`)

	// Down in steps, then to the end: never an empty screen that stays, never more than a part.
	for range 5 {
		js[bool](w, `(scrollBy({top: 1500, behavior: "instant"}), true)`)
		w.until("what is scrolled to is drawn", inView("true"))
	}
	js[bool](w, `(scrollTo({top: 1e9, behavior: "instant"}), true)`)
	w.until("the last row is there", `[...document.querySelectorAll("#timeline .group")].at(-1).ariaPosInSet === "2000"`)
	w.until("and those passed are gone", rows+` < 200`)

	// A month of long ago: the focus is on its heading, its rows under it.
	w.pick("#jump-year", "1999")
	w.pick("#jump-month", "6")
	w.click("#jump-go")
	w.until("the heading has the focus", `document.activeElement?.id === "month-1999-06"`)
	w.until("and is in sight", `(b => b.top >= 0 && b.bottom <= innerHeight)(document.activeElement.getBoundingClientRect())`)

	// By the keyboard from there: row after row, each in its order, without a hole.
	before := 0
	for range 40 {
		w.do(chromedp.KeyEvent("\t"))
		at := js[int](w, `Number(document.activeElement?.closest(".group")?.ariaPosInSet ?? 0)`)
		if at == 0 || at < before || at > before+1 && before > 0 {
			t.Fatalf("from row %d the keyboard comes to %d", before, at)
		}
		before = at
		w.until("the row after it is there", `!!document.querySelector('#timeline .group[aria-posinset="'+(`+strconv.Itoa(at)+` + 1)+'"]')`)
	}
	js[bool](w, `(scrollTo({top: 0, behavior: "instant"}), true)`)
	// Into a record from far down, and back: the same row, at the same height, with the focus.
	js[bool](w, `(scrollTo({top: 40000, behavior: "instant"}), true)`)
	w.until("rows are in sight", inView("true"))
	w.settle()
	const there = `(() => { const a = [...document.querySelectorAll("#timeline .group-head")].find(a => a.getBoundingClientRect().top > 200); return a.id + " " + Math.round(a.getBoundingClientRect().top); })()`
	place := js[string](w, there)
	id, height, _ := strings.Cut(place, " ")
	js[bool](w, `(document.getElementById("`+id+`").click(), true)`)
	w.there(".record .view")
	w.click("a.back")
	w.until("the row has the focus again", `document.activeElement?.id === "`+id+`"`)
	w.settle()
	got := js[string](w, there)
	row, top, _ := strings.Cut(got, " ")
	left, _ := strconv.Atoi(height)
	back, _ := strconv.Atoi(top)
	if row != id || back < left-2 || back > left+2 { // heights are no whole pixels
		t.Errorf("back at %s, left at %s", got, place)
	}

	// A search is drawn at once, from the top.
	js[bool](w, `(scrollTo({top: 0, behavior: "instant"}), true)`)
	w.write("#search", "typhoid")
	w.until("what was looked for is there", `[...document.querySelectorAll("#timeline .group")].length > 3 && [...document.querySelectorAll("#timeline .group")].every(g => /typhoid/i.test(g.textContent))`)
	w.quiet()
}
