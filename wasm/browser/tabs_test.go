//go:build js

package browser_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"potli/app/wallet"
	"potli/wasm/browser"
)

// R6: one turn at a time, in the order they were asked for; the others are told of what
// has changed, and of nothing else.
func TestTurns(t *testing.T) {
	onPage(t)
	a, b := &browser.Tabs{}, &browser.Tabs{}
	words := make(chan string, 100)
	b.Listen(func(word string) { words <- word })
	var mu sync.Mutex
	inside, most, total := 0, 0, 0
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			end, err := []*browser.Tabs{a, b}[i%2].Turn(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			inside, total = inside+1, total+1
			most = max(most, inside)
			mu.Unlock()
			time.Sleep(time.Millisecond)
			mu.Lock()
			inside--
			mu.Unlock()
			end(i%4 == 0)
		})
	}
	all.Wait()
	if most != 1 || total != 40 {
		t.Errorf("%d turns, %d at once", total, most)
	}
	for range 10 {
		if word := <-words; word != wallet.TabChanged {
			t.Errorf("told %q", word)
		}
	}
	a.Tell("last")
	if word := <-words; word != "last" {
		t.Errorf("told of a change more often than there was one: %q", word)
	}
}

// Whoever waits can be stopped, and holds nobody up.
func TestTurnIsStopped(t *testing.T) {
	onPage(t)
	tabs := &browser.Tabs{}
	end, err := tabs.Turn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() {
		_, err := tabs.Turn(ctx)
		stopped <- err
	}()
	cancel()
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	end(false)
	// Stopped and granted at once: it is one or the other, and the lock is free after.
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if end, err := tabs.Turn(ctx); err == nil {
			end(false)
		} else if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if end, err = tabs.Turn(t.Context()); err != nil {
		t.Fatal(err)
	}
	end(false)
}

func TestLead(t *testing.T) {
	onPage(t)
	a, b := &browser.Tabs{}, &browser.Tabs{}
	if !a.Lead(t.Context()) || b.Lead(t.Context()) || !a.Lead(t.Context()) {
		t.Error("not one of two leads")
	}
}
