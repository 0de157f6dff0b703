package relay

import (
	"sync"
	"sync/atomic"
	"time"

	"potli/relay/metrics"
)

// countsEvery is how often published counts change: so coarse that nobody who
// watches them learns when one link was opened (RL6).
const countsEvery = 10 * time.Minute

// counts are totals since the start, of no link in particular.
type counts struct {
	created, changed, revoked, opened, refused, exhausted, gone, limited, failed, unpurged,
	deposits, pushes atomic.Int64

	sizes *metrics.Histogram               // bytes of what was brought to be kept
	took  [len(classes)]*metrics.Histogram // microseconds until it was answered, by plane

	mu     sync.Mutex // guards what follows
	totals Totals
	added  int64 // bytes of ciphertext since totals were taken
	slot   int64 // of what is published
	shown  []byte
}

func newCounts(now time.Time) *counts {
	c := &counts{slot: slotOf(now), sizes: metrics.NewHistogram(16<<10, 128<<10, 1<<20, 5<<20)}
	for i := range c.took {
		c.took[i] = metrics.NewHistogram(1_000, 5_000, 25_000, 100_000, 250_000, 1_000_000, 5_000_000)
	}
	c.shown = c.text()
	return c
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
	return c.totals.Bytes + c.totals.Loose + c.added
}

// publish takes what is shown for the next ten minutes, when it is time. It is
// called by the clock, not by who asks: whoever chooses the moment could ask just
// before and just after somebody came.
func (c *counts) publish(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slot := slotOf(now); slot != c.slot {
		c.slot, c.shown = slot, c.text()
	}
}

func (c *counts) published() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shown
}
