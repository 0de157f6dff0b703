package chain_test

import (
	"encoding/json"
	"math/rand/v2"
	"runtime"
	"testing"

	"potli/crypto/chain"
)

// Two devices with any parts of a history have the same after telling each other
// what they have a few times, forks or not.
func TestSinceBringsBothUpToDate(t *testing.T) {
	rounds := 60
	if testing.Short() || raced || runtime.GOOS == "js" {
		rounds = 8
	}
	for seed := range uint64(rounds) {
		rng := rand.New(rand.NewPCG(seed, 3))
		all := history(t, rng, 4, 30)
		a, b := chain.NewLog("asha", all[0].Hash()), chain.NewLog("asha", all[0].Hash())
		for _, l := range []*chain.Log{a, b} {
			for _, e := range all {
				if rng.IntN(4) > 0 {
					l.Add(e)
				}
			}
		}
		for range 6 {
			tell(a, b)
			tell(b, a)
		}
		for _, h := range append(a.Missing(), b.Missing()...) {
			if a.Get(h) != nil || b.Get(h) != nil {
				t.Fatalf("seed %d: one has what the other misses", seed)
			}
		}
		if got, want := admitted(a), admitted(b); got != want {
			t.Fatalf("seed %d:\n%s\n%s", seed, got, want)
		}
		if more := a.Since(b.Summary()); len(more) > 0 {
			t.Fatalf("seed %d: %d entries are sent to one that has them", seed, len(more))
		}
	}
}

// admitted leaves out what is held back, which is each device's own affair.
func admitted(l *chain.Log) string {
	b, _ := json.Marshal([]any{l.Heads(), l.Summary(), l.Len()})
	return string(b)
}

// tell: to says what it has, from sends the rest and what is asked for by name.
func tell(from, to *chain.Log) {
	said, _ := json.Marshal(to.Summary())
	var s chain.Summary
	_ = json.Unmarshal(said, &s)
	for _, e := range from.Since(s) {
		to.Add(e)
	}
	for _, h := range append(to.Unknown(from.Summary()), to.Missing()...) {
		if e := from.Get(h); e != nil {
			to.Add(e)
		}
	}
}

func TestSinceOfASmallStep(t *testing.T) {
	first := root(t, "a")
	l := chain.NewLog("asha", first.Hash())
	l.Add(first)
	for range 50 {
		write(t, l, "a", "x")
		write(t, l, "b", "y")
	}
	s := l.Summary()
	e := write(t, l, "a", "new")
	if got := l.Since(s); len(got) != 1 || got[0] != e {
		t.Errorf("%d entries, want the new one", len(got))
	}
	if got := l.Since(nil); len(got) != l.Len() {
		t.Errorf("%d entries to one that has none, want all", len(got))
	}
	if len(s) != 2 || s[0].N+s[1].N != 101 {
		t.Errorf("Summary = %+v", s)
	}
}
