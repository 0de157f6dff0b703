package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"potli/relay"
)

// testCharge is the truth table of an opening.
func testCharge(t *testing.T, s relay.Store) {
	create(t, s, newLink("a"), "x")
	gone := relay.Charged{}
	for i, step := range []struct {
		by   string
		at   int64
		mac  string
		want relay.Charged
	}{
		{"x", 0, wrong, relay.Charged{Open: false, AttemptsLeft: 4, UsesLeft: 3, Receipt: 1}},
		{"x", 1, pass, relay.Charged{Open: true, AttemptsLeft: 4, UsesLeft: 2, Receipt: 2}},
		{"x", 2, pass, relay.Charged{Open: true, AttemptsLeft: 4, UsesLeft: 2}},               // a repeat
		{"x", 3, wrong, relay.Charged{Open: false, AttemptsLeft: 3, UsesLeft: 2, Receipt: 3}}, // also after success
		{"x", 60, pass, relay.Charged{Open: true, AttemptsLeft: 3, UsesLeft: 2}},
		{"x", 61, pass, relay.Charged{Open: true, AttemptsLeft: 3, UsesLeft: 1, Receipt: 4}}, // the window does not slide
		{"y", 62, pass, relay.Charged{Open: true, AttemptsLeft: 3, UsesLeft: 0, Receipt: 5}},
		{"x", 63, pass, gone},
		{"y", 64, pass, relay.Charged{Open: true, AttemptsLeft: 3, UsesLeft: 0}}, // the last reader, once more
		{"y", 65, wrong, relay.Charged{Open: false, AttemptsLeft: 2, UsesLeft: 0, Receipt: 6}},
		{"y", 122, pass, gone},
		{"y", 122, wrong, gone},
	} {
		got, err := s.Charge(ctx, reader("a", step.by, T0+step.at), step.mac)
		if step.want == gone {
			wantGone(t, fmt.Sprint("step ", i), err)
		} else if err != nil || got != step.want {
			t.Errorf("step %d: got %+v, %v, want %+v", i, got, err, step.want)
		}
	}
}

func testWrongParallel(t *testing.T, s relay.Store) {
	for round := range 5 {
		name := fmt.Sprint(round)
		l := newLink(name)
		l.UsesLeft = 1000
		create(t, s, l, "x")
		var mu sync.Mutex
		var left []int
		parallel(200, func(i int) {
			c, err := s.Charge(ctx, reader(name, fmt.Sprint(i), T0), wrong)
			if errors.Is(err, relay.ErrGone) {
				return
			}
			if err != nil || c.Open {
				t.Errorf("got %+v, %v", c, err)
			}
			mu.Lock()
			defer mu.Unlock()
			left = append(left, c.AttemptsLeft)
		})
		slices.Sort(left)
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(left, want) {
			t.Errorf("200 wrong passcodes at once were told %v left, want %v", left, want)
		}
		_, err := s.Charge(ctx, reader(name, "owner", T0), pass)
		wantGone(t, "the right passcode afterwards", err)
	}
}

func testUsesParallel(t *testing.T, s relay.Store) {
	for name, tt := range map[string]struct {
		readers      int
		served, left int
		receipts     int
	}{
		"200 readers": {200, 3, 0, 3},
		"one reader":  {1, 200, 2, 1},
	} {
		l := newLink(name)
		create(t, s, l, "x")
		var served, receipts atomic.Int32
		parallel(200, func(i int) {
			c, err := s.Charge(ctx, reader(name, fmt.Sprint(i%tt.readers), T0), pass)
			if err == nil && c.Open {
				served.Add(1)
			}
			if c.Receipt > 0 {
				receipts.Add(1)
			}
		})
		if got := int(served.Load()); got != tt.served {
			t.Errorf("%s: %d served, want %d", name, got, tt.served)
		}
		if got := int(receipts.Load()); got != tt.receipts {
			t.Errorf("%s: %d receipts, want %d", name, got, tt.receipts)
		}
		if got := owned(t, s, l).UsesLeft; got != tt.left {
			t.Errorf("%s: %d uses left, want %d", name, got, tt.left)
		}
	}
}

// testAgainGone: whoever opened a link a moment ago, with uses left, is refused
// like anybody else when the link is not live, and gets no other link either.
func testAgainGone(t *testing.T, s relay.Store) {
	yes := true
	for name, end := range map[string]func(l relay.Link) (now int64, err error){
		"expired": func(l relay.Link) (int64, error) { return l.Expires, nil },
		"paused": func(l relay.Link) (int64, error) {
			_, err := s.Change(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: T0}, relay.Terms{Paused: &yes})
			return T0 + 1, err
		},
		"revoked": func(l relay.Link) (int64, error) {
			return T0 + 1, s.Revoke(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: T0}, l.Keep)
		},
		"locked": func(l relay.Link) (int64, error) {
			_, err := s.Charge(ctx, reader("locked", "y", T0+1), wrong)
			return T0 + 2, err
		},
	} {
		l := newLink(name)
		l.Expires, l.AttemptsLeft = T0+30, 1
		l = create(t, s, l, "x")
		if c, err := s.Charge(ctx, reader(name, "x", T0), pass); err != nil || !c.Open || c.UsesLeft < 1 {
			t.Fatalf("%s: %+v, %v", name, c, err)
		}
		now, err := end(l)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, err = s.Live(ctx, reader(name, "x", now))
		wantGone(t, name, err)
		_, err = s.Charge(ctx, reader(name, "x", now), pass)
		wantGone(t, name+", charged", err)
	}
	create(t, s, newLink("m"), "x")
	if _, err := s.Charge(ctx, reader("m", "x", T0), pass); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{hash(""), hash("l"), hash("n"), "", "g", "zz"} {
		_, err := s.Live(ctx, relay.Reader{ID: id, Now: T0, By: hash("by x")})
		wantGone(t, "a neighbour", err)
		_, err = s.Live(ctx, relay.Reader{ID: id, Now: T0, By: hash("by x"), Ticket: true})
		wantGone(t, "a neighbour, with a ticket", err)
	}
}
