package wallet_test

import (
	"syscall/js"
	"testing"

	"potli/app/wallet"
)

// pulse is run by the event loop whenever it comes to its turn. It is not in Go,
// so that it runs beside Go as a page does, and a timer, because Node runs all
// timers that are due before it does anything else; a browser does not.
const pulse = `
	const p = {turns: 0, longest: 0, stopped: false};
	let last = performance.now();
	const beat = () => {
		const now = performance.now();
		p.longest = Math.max(p.longest, now - last);
		p.turns++;
		last = now;
		if (!p.stopped) setTimeout(beat, 1);
	};
	setTimeout(beat, 1);
	return p;
`

// Opening and preparing the timeline of many records leave the page alive. How
// long one step takes depends on the machine and who else uses it, so that is
// only logged here.
func TestOpeningLetsThePageBreathe(t *testing.T) {
	b := newBench(t).create()
	b.reports(1600, 100)
	now := func() float64 { return js.Global().Get("performance").Call("now").Float() }
	p, start := js.Global().Get("Function").New(pulse).Invoke(), now()
	for range 4 { // on a quick machine one alone has two or three
		b.restart()
		b.unlock()
	}
	took := now() - start
	p.Set("stopped", true)
	turns := p.Get("turns").Int()
	t.Logf("%d turns in %.0f ms, the longest wait %.0f ms", turns, took, p.Get("longest").Float())
	if len(b.Timeline(wallet.Query{}).Groups) != 50 {
		t.Error("records are missing")
	}
	if turns < 2 { // without a rest there is none
		t.Errorf("the page had %d turns in %.0f ms", turns, took)
	}
}
