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

// tally adds up what the answers of many callers said.
type tally struct {
	mu                      sync.Mutex
	opened, repeated, wrong int
	added                   int
	numbers                 []int // of receipts
}

func (y *tally) add(c relay.Charged) {
	y.mu.Lock()
	defer y.mu.Unlock()
	switch {
	case !c.Open:
		y.wrong++
	case c.Receipt == 0:
		y.repeated++
	default:
		y.opened++
	}
	if c.Receipt > 0 {
		y.numbers = append(y.numbers, c.Receipt)
	}
}

// testSums lets readers, guessers, the owner and the keeper at one link at the
// same time. In whatever order it happened, the answers must add up to what is
// left, and no receipt's number may be missing or given twice.
func testSums(t *testing.T, s relay.Store) {
	l := newLink("a")
	l.UsesLeft, l.AttemptsLeft = 100, 100
	create(t, s, l, "x")
	var y tally
	var sequence int64 // the owner's: one caller alone writes it
	parallel(40, func(i int) {
		for n := range 10 {
			switch {
			case i == 0:
				sequence++
				_, err := s.Change(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: sequence, Now: T0}, relay.Terms{AddUses: 2})
				if err != nil {
					t.Errorf("more uses: %v", err)
				}
				y.added += 2
			case i == 1:
				if err := s.Purge(ctx, T0); err != nil {
					t.Errorf("purge: %v", err)
				}
			default:
				mac := pass
				if (i+n)%3 == 0 {
					mac = wrong
				}
				c, err := s.Charge(ctx, reader("a", fmt.Sprint(i, n/2), T0), mac)
				if err != nil && !errors.Is(err, relay.ErrGone) {
					t.Errorf("charge: %v", err)
				}
				if err == nil {
					y.add(c)
				}
			}
		}
	})
	got := owned(t, s, l)
	if want := 100 + y.added - y.opened; got.UsesLeft != want {
		t.Errorf("%d uses left after %d openings and %d more uses, want %d", got.UsesLeft, y.opened, y.added, want)
	}
	if want := 100 - y.wrong; got.AttemptsLeft != want {
		t.Errorf("%d attempts left after %d refusals, want %d", got.AttemptsLeft, y.wrong, want)
	}
	slices.Sort(y.numbers)
	for i, n := range y.numbers {
		if n != i+1 {
			t.Fatalf("the receipts are numbered %v", y.numbers)
		}
	}
	if got.Receipts != len(y.numbers) || y.opened+y.wrong != len(y.numbers) {
		t.Errorf("%d receipts, %d numbers, %d openings and %d refusals", got.Receipts, len(y.numbers), y.opened, y.wrong)
	}
}

// testEndsAtOnce: once a revocation, a pause or the last wrong passcode has been
// answered, nobody who asks afterwards is served.
func testEndsAtOnce(t *testing.T, s relay.Store) {
	yes := true
	for name, end := range map[string]func(relay.Claim) error{
		"revoke": func(c relay.Claim) error { return s.Revoke(ctx, c, T0) },
		"pause":  func(c relay.Claim) error { _, err := s.Change(ctx, c, relay.Terms{Paused: &yes}); return err },
		"lock": func(c relay.Claim) error {
			_, err := s.Charge(ctx, relay.Reader{ID: c.ID, Now: T0, By: "x"}, wrong)
			return err
		},
	} {
		l := newLink(name)
		l.UsesLeft, l.AttemptsLeft = 1000, 1
		create(t, s, l, "x")
		var ended atomic.Bool
		var served atomic.Int32
		parallel(20, func(i int) {
			for n := range 10 {
				if i == 0 && n == 5 {
					if err := end(relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: T0}); err != nil {
						t.Errorf("%s: %v", name, err)
					}
					ended.Store(true)
				}
				late := ended.Load()
				_, err := s.Charge(ctx, reader(name, fmt.Sprint(i, n), T0), pass)
				if late && !errors.Is(err, relay.ErrGone) {
					t.Errorf("%s: asked afterwards and got %v", name, err)
				}
				if err == nil {
					served.Add(1)
				}
			}
		})
		if served.Load() == 0 {
			t.Errorf("%s: nobody was served before", name)
		}
	}
}

// testPurgeParallel: several relays over one database purge at the same minute.
func testPurgeParallel(t *testing.T, s relay.Store) {
	for i := range 60 {
		l := newLink(fmt.Sprint(i))
		l.Expires = T0 + 10 + int64(i%2)*1000
		create(t, s, l, "x")
	}
	parallel(8, func(int) {
		if err := s.Purge(ctx, T0+10); err != nil {
			t.Errorf("purge: %v", err)
		}
	})
	got, err := s.Count(ctx, T0+10)
	if want := (relay.Totals{Links: 30, Bytes: 30}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}
