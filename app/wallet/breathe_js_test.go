package wallet_test

import (
	"syscall/js"
	"testing"
	"time"

	"potli/app/wallet"
)

// pulse counts how often the event loop comes to its turn, and the longest it
// had to wait.
func pulse(t *testing.T) func() (turns int, longest time.Duration) {
	turns, longest, last := 0, time.Duration(0), time.Now()
	f := js.FuncOf(func(js.Value, []js.Value) any {
		turns, longest, last = turns+1, max(longest, time.Since(last)), time.Now()
		return nil
	})
	id := js.Global().Call("setInterval", f, 1)
	return func() (int, time.Duration) {
		js.Global().Call("clearInterval", id)
		f.Release()
		return turns, longest
	}
}

// Opening and preparing the timeline of many records leave the page alive: how
// long one step takes depends on the machine, so it is only logged here.
func TestOpeningLetsThePageBreathe(t *testing.T) {
	b := newBench(t).create()
	b.reports(3000)
	stop := pulse(t)
	start := time.Now()
	b.unlock()
	took := time.Since(start)
	turns, longest := stop()
	t.Logf("%d turns in %v, the longest wait %v", turns, took, longest)
	if len(b.Timeline(wallet.Query{}).Groups) != 50 {
		t.Error("records are missing")
	}
	if need := int(took / (100 * time.Millisecond)); turns < max(need, 1) {
		t.Errorf("the page had %d turns in %v", turns, took)
	}
}
