package worker_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"

	"potli/relay/storetest"
	"potli/relay/wire"
)

const shards = 16

// shardOf is what the front makes of an id.
func shardOf(id string) int { return int(sha(id)[0]) % shards }

func sha(text string) [32]byte { return sha256.Sum256([]byte(text)) }

// inShard makes a link there.
func inShard(t *testing.T, c storetest.Client, shard int, name, flag string, edit func(*wire.Create)) *storetest.Owned {
	t.Helper()
	for i := 0; ; i++ {
		seed := fmt.Sprintf("%s, shard %d, %d", name, shard, i)
		if shardOf(storetest.ID(t.Name()+seed)) == shard {
			return c.Create(t, seed, flag, edit)
		}
	}
}

func guarded(w *wire.Create) {
	w.Passcode = storetest.Verifier("secret", wire.MaxAttempts)
	w.Uses = wire.MaxUses
}

// guesses asks n times with a wrong passcode, all at once, each time the next of
// links, and returns how often a link said how many attempts it has left.
func guesses(t *testing.T, c storetest.Client, links []*storetest.Owned, n int) (left map[string]map[int]int, statuses map[int]int) {
	t.Helper()
	left, statuses = map[string]map[int]int{}, map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-begin
			id := links[i%len(links)].ID
			a := storetest.Answer{Status: http.StatusTooManyRequests}
			for err := error(nil); a.Status == http.StatusTooManyRequests; {
				// Turned away before it was looked at.
				if a, err = c.Try("POST", wire.LinkPath+id, wire.ManifestRequest{Recipient: fmt.Sprint(i), Passcode: "wrong"}, nil); err != nil {
					t.Error(err)
					return
				}
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[a.Status]++
			var p wire.Problem
			if json.Unmarshal(a.Body, &p) == nil && p.RemainingAttempts != nil {
				if left[id] == nil {
					left[id] = map[int]int{}
				}
				left[id][*p.RemainingAttempts]++
			}
		})
	}
	close(begin)
	all.Wait()
	return left, statuses
}

// TestT9_Guesses: of 10,000 wrong guesses at once, half of them at one link and
// half at links in every shard, exactly as many are taken as there are attempts,
// each number once.
func TestT9_Guesses(t *testing.T) {
	s := start(t, program(t))
	c := s.client()
	alone := inShard(t, c, 3, "alone", "P", guarded)
	var links []*storetest.Owned
	for i := range shards {
		links = append(links, inShard(t, c, i, "everywhere", "P", guarded), alone)
	}
	left, statuses := guesses(t, c, links, 10_000)
	taken := (shards + 1) * wire.MaxAttempts
	if want := map[int]int{401: taken, 404: 10_000 - taken}; !maps.Equal(statuses, want) {
		t.Errorf("got %v, want %v", statuses, want)
	}
	each := map[int]int{0: 1, 1: 1, 2: 1, 3: 1, 4: 1}
	for i, l := range links {
		if !maps.Equal(left[l.ID], each) {
			t.Errorf("link %d: %v, want each number once", i, left[l.ID])
		}
		if got := l.Status(t); got.AttemptsLeft != 0 || got.Receipts != wire.MaxAttempts {
			t.Errorf("link %d: %+v", i, got)
		}
	}
}

// TestRL5_Readers: 200 readers at once, three uses; and one reader 200 times,
// which is one use.
func TestRL5_Readers(t *testing.T) {
	s := start(t, program(t))
	c := s.client()
	for name, of := range map[string]struct {
		recipient func(i int) string
		served    int
		usesLeft  int
	}{
		"many readers": {func(i int) string { return fmt.Sprint("reader", i) }, 3, 0},
		"one reader":   {func(int) string { return "reader" }, 200, 2},
	} {
		t.Run(name, func(t *testing.T) {
			o := c.Create(t, "", "U", func(w *wire.Create) { w.Uses = 3 })
			var mu sync.Mutex
			var all sync.WaitGroup
			served := 0
			for i := range 200 {
				all.Go(func() {
					a, err := c.Try("GET", wire.LinkPath+o.ID+"?recipient="+of.recipient(i), nil, nil)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					defer mu.Unlock()
					if a.Status == http.StatusOK {
						served++
					} else if a.Status != http.StatusNotFound {
						t.Errorf("got %d", a.Status)
					}
				})
			}
			all.Wait()
			if served != of.served {
				t.Errorf("served %d, want %d", served, of.served)
			}
			if got := o.Status(t); got.UsesLeft != of.usesLeft {
				t.Errorf("%d uses left, want %d", got.UsesLeft, of.usesLeft)
			}
		})
	}
}
