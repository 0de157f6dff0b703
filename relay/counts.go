package relay

import (
	"sync"
	"sync/atomic"
	"time"
)

// countsEvery is how often published counts change: so coarse that nobody who
// watches them learns when one link was opened (RL6).
const countsEvery = 10 * time.Minute

// counts are totals since the start, of no link in particular.
type counts struct {
	created, changed, revoked, opened, refused, gone, limited, failed atomic.Int64

	mu     sync.Mutex // guards what follows
	totals Totals
	added  int64 // bytes of ciphertext since totals were taken
	slot   int64 // of what is published
	shown  Metrics
}

func newCounts(now time.Time) *counts {
	return &counts{slot: slotOf(now)}
}

func slotOf(now time.Time) int64 { return now.Unix() / int64(countsEvery/time.Second) }

func (c *counts) setTotals(t Totals) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.totals, c.added = t, 0
}

// add notes that n bytes will be stored, and returns about how many are then.
func (c *counts) add(n int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.added += n
	return c.totals.Bytes + c.added
}

func (c *counts) publish(now time.Time) Metrics {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slot := slotOf(now); slot != c.slot {
		c.slot = slot
		c.shown = Metrics{
			Created: c.created.Load(), Changed: c.changed.Load(), Revoked: c.revoked.Load(), Opened: c.opened.Load(),
			Refused: c.refused.Load(), Gone: c.gone.Load(), Limited: c.limited.Load(), Failed: c.failed.Load(),
			Links: c.totals.Links, Bytes: c.totals.Bytes, OldestExpired: c.totals.OldestExpired,
		}
	}
	return c.shown
}
