//go:build !js

package wallet_test

// A wallet for each case: natively only, since a browser's program takes half a second to make the keys of one.

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestQueueCrashes: the page dies before and after each of the relay's answers. In the end everything was done, nothing
// twice that adds up, and in order.
func TestQueueCrashes(t *testing.T) {
	for die := range 8 {
		t.Run(fmt.Sprint(die), func(t *testing.T) {
			b, r, id := newQueue(t, "a", "b", "c", "d")
			ctx := t.Context()
			b.later(
				func() error { return b.Extend(ctx, id["c"], time.Hour) },
				func() error { return b.Pause(ctx, id["a"], true) },
				func() error { return b.Revoke(ctx, id["d"]) },
				func() error { return b.Extend(ctx, id["b"], 24*time.Hour) },
			)
			ends := map[string]time.Time{}
			for _, name := range []string{"b", "c"} {
				ends[name] = b.relay.status[b.ledger(id[name]).Ref.ID].Expires
			}
			b.relay.offline, r.die = false, die
			b.Offline(false)
			func() {
				defer func() {
					if p := recover(); p != nil && p != died {
						panic(p)
					}
				}()
				b.Retry(ctx)
			}()
			r.die = -1
			b.restart()
			b.unlock()
			b.clock.add(time.Minute)
			b.relay.clock.add(time.Minute)
			b.Retry(ctx)
			if got := b.waits(); len(got) != 0 {
				t.Errorf("%q still waits", got)
			}
			// What was done and not answered may be asked for once more where that changes nothing.
			if got := strings.Join(slices.Compact(slices.Clone(r.said)), ", "); got != "extend c, pause a, revoke d, extend b" {
				t.Errorf("the relay was told %s", got)
			}
			for name, by := range map[string]time.Duration{"b": 24 * time.Hour, "c": time.Hour} {
				if got := b.relay.status[b.ledger(id[name]).Ref.ID].Expires.Sub(ends[name]); got != by {
					t.Errorf("%s lives %v longer, want %v", name, got, by)
				}
			}
		})
	}
}
