package limit_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"potli/relay/limit"
)

var start = time.Unix(1_800_000_000, 0)

func TestRate(t *testing.T) {
	r := limit.NewRate(60, 3, 100)
	take := func(addr string, at time.Duration, want int) {
		t.Helper()
		wait, ok := r.Take(addr, start.Add(at))
		if wait != want || ok != (want == 0) {
			t.Errorf("%s after %v: wait %d, %v, want %d", addr, at, wait, ok, want)
		}
	}
	for range 3 {
		take("192.0.2.1:80", 0, 0)
	}
	take("192.0.2.200", 0, 1)      // the same /24
	take("::ffff:192.0.2.9", 0, 1) // and in IPv6's clothes
	take("192.0.3.1", 0, 0)        // another
	take("192.0.2.1", time.Second, 0)
	take("192.0.2.1", time.Second, 1)
	for range 3 {
		take("[2001:db8:0:1::1]:443", 0, 0)
	}
	take("2001:db8:0:1:ffff::2%eth0", 0, 1) // the same /64
	take("2001:db8:0:2::1", 0, 0)
	for range 3 {
		take("no address", 0, 0)
	}
	take("none either", 0, 1)
	take("192.0.2.1", time.Minute, 0)
}

func TestRateOfNone(t *testing.T) {
	r := limit.NewRate(-1, 0, 1)
	for range 1000 {
		if _, ok := r.Take("192.0.2.1", start); !ok {
			t.Fatal("there is a limit")
		}
	}
}

// TestRateForgets: a flood of networks costs no memory without end, and who is
// forgotten first has nothing to lose by it.
func TestRateForgets(t *testing.T) {
	r := limit.NewRate(1, 1, 10)
	take := func(n int, at time.Duration) bool {
		_, ok := r.Take(fmt.Sprintf("192.0.%d.1", n), start.Add(at))
		return ok
	}
	for i := range 9 {
		take(i, 0)
	}
	r.Sweep(start.Add(time.Second))
	if take(0, time.Second) {
		t.Error("a sweep gave back what was spent")
	}
	take(9, 30*time.Second)
	take(10, time.Minute) // there is no room for it, but nine have their burst again
	if take(9, time.Minute) {
		t.Error("who has not yet his burst again was forgotten")
	}
	for i := range 9 {
		take(100+i, time.Minute) // now there is no such network
	}
	if !take(10, time.Minute) {
		t.Error("more than ten networks are kept apart")
	}
}

// TestNetworkTurns: a network is called otherwise tomorrow, and in another rate.
func TestNetworkTurns(t *testing.T) {
	r := limit.NewRate(1, 1, 10)
	today := r.Who("192.0.2.1", start)
	if r.Who("192.0.2.77:1", start.Add(time.Minute)) != today {
		t.Error("the same network has two names")
	}
	if r.Who("192.0.3.1", start) == today {
		t.Error("another network has the same name")
	}
	if limit.NewRate(1, 1, 10).Who("192.0.2.1", start) == today {
		t.Error("the name is no secret's")
	}
	if r.Who("192.0.2.1", start.Add(24*time.Hour)) == today {
		t.Error("the name is the same on the next day")
	}
}

func TestBudget(t *testing.T) {
	b := limit.NewBudget(100, 1)
	borrow := func(who byte, n int64, want bool) {
		t.Helper()
		if got := b.Borrow(limit.Network{who}, n); got != want {
			t.Errorf("%d for %d: %v", n, who, got)
		}
	}
	borrow(1, 20, true)
	borrow(1, 6, false) // more than a quarter
	borrow(1, 5, true)
	for who := range byte(3) {
		borrow(2+who, 25, true)
	}
	borrow(9, 1, false) // nothing is left
	b.GiveBack(limit.Network{1}, 20)
	borrow(9, 20, true)
	borrow(1, 1, false)
	b.GiveBack(limit.Network{9}, 20)
	b.GiveBack(limit.Network{1}, 5)
	borrow(1, 25, true)

	small := limit.NewBudget(10, 4)
	if !small.Borrow(limit.Network{1}, 4) || !small.Borrow(limit.Network{1}, 4) || small.Borrow(limit.Network{1}, 1) {
		t.Error("a share is not two pieces")
	}
}

func TestQueue(t *testing.T) {
	q := limit.NewQueue(1, 0)
	if !q.Enter(t.Context()) {
		t.Fatal("it does not run")
	}
	if q.Enter(t.Context()) {
		t.Fatal("two run")
	}
	q.Leave()

	q = limit.NewQueue(1, 1)
	q.Enter(t.Context())
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	for range 3 { // who hung up leaves no place taken
		if q.Enter(gone) {
			t.Fatal("who hung up runs")
		}
	}
	entered := make(chan bool, 1)
	go func() { entered <- q.Enter(t.Context()) }()
	q.Leave()
	if !<-entered {
		t.Error("who waited does not run")
	}
}

func TestLoad(t *testing.T) {
	var l limit.Load
	for range 100 {
		l.Count(start)
	}
	for minutes, want := range []float64{100, 100 / math.E, 100 / (math.E * math.E)} {
		if got := l.PerMinute(start.Add(time.Duration(minutes) * time.Minute)); math.Abs(got-want) > 1e-9 {
			t.Errorf("after %d minutes: %v, want %v", minutes, got, want)
		}
	}
	if got := l.PerMinute(start.Add(-time.Hour)); got > 100 {
		t.Errorf("a clock that was set back makes %v", got)
	}
}
