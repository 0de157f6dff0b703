package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"potli/relay"
)

// testAgain: Live says "again" exactly where a charge with the right passcode
// would count nothing, and such a charge leaves the link as it is.
func testAgain(t *testing.T, s relay.Store) {
	l := create(t, s, newLink("a"), "x")
	for i, step := range []struct {
		by   string
		at   int64
		want bool
	}{
		{"x", 0, false}, {"x", 0, true}, {"x", 59, true}, {"x", 60, false}, // the window does not slide
		{"x", 61, true}, {"y", 62, false}, {"y", 62, true},
		{"y", 121, true},              // used up, and still the last reader's
		{"y", 0, true},                // a clock that goes back
		{"x", 63, false},              // gone
		{"y", 123, false},             // gone
		{"nobody", T0, false},         // gone
		{"y", 122 + 86400*365, false}, // gone
	} {
		r := reader("a", step.by, T0+step.at)
		before, liveErr := s.Live(ctx, r)
		if before.Again != step.want {
			t.Errorf("step %d: again %v, want %v", i, before.Again, step.want)
		}
		held := owned(t, s, l)
		c, err := s.Charge(ctx, r, pass)
		if errors.Is(liveErr, relay.ErrGone) != errors.Is(err, relay.ErrGone) {
			t.Errorf("step %d: to be read %v, to be charged %v", i, liveErr, err)
		}
		if err == nil && step.want != (c.Receipt == 0) {
			t.Errorf("step %d: again %v, and the charge says %+v", i, step.want, c)
		}
		if after := owned(t, s, l); step.want && fmt.Sprint(after) != fmt.Sprint(held) {
			t.Errorf("step %d: a repeat changed the link:\n%+v\n%+v", i, held, after)
		}
	}
	if owned(t, s, l).Again {
		t.Error("again, for no reader")
	}
}

// testAgainParallel opens as the relay does, without a charge where Live says
// "again": what is spent is the same as if all had been charged.
func testAgainParallel(t *testing.T, s relay.Store) {
	for round := range 5 {
		name := fmt.Sprint("again", round)
		l := newLink(name)
		l.UsesLeft = 1000
		create(t, s, l, "x")
		want := 0
		for _, at := range []int64{T0, T0 + 60, T0 + 120} {
			var served, charged atomic.Int32
			parallel(100, func(int) {
				r := reader(name, "x", at)
				got, err := s.Live(ctx, r)
				if err == nil && !got.Again {
					var c relay.Charged
					c, err = s.Charge(ctx, r, pass)
					if c.Receipt > 0 {
						charged.Add(1)
					}
				}
				if err == nil {
					served.Add(1)
				}
			})
			want++
			if served.Load() != 100 || charged.Load() != 1 {
				t.Errorf("%d of 100 served, %d charged, want 100 and 1", served.Load(), charged.Load())
			}
			if got := owned(t, s, l); got.UsesLeft != 1000-want || got.Receipts != want {
				t.Errorf("%d uses left and %d receipts, want %d and %d", got.UsesLeft, got.Receipts, 1000-want, want)
			}
		}
	}
}
