package relay

import (
	"context"
	"errors"
	"net/http"
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

// Metrics answers GET /metrics, as it stood at the last full 10 minutes.
type Metrics struct {
	Created       int64 `json:"created"`       // links made since the start
	Changed       int64 `json:"changed"`       // changes and new files
	Revoked       int64 `json:"revoked"`       // links ended by their owners
	Opened        int64 `json:"opened"`        // openings that counted as a use
	Refused       int64 `json:"refused"`       // wrong passcodes
	Gone          int64 `json:"gone"`          // answers 404
	Limited       int64 `json:"limited"`       // answers 429, and 503 for want of room
	Failed        int64 `json:"failed"`        // answers 500, and 503 of a store that did not answer
	Links         int64 `json:"links"`         // live now
	Bytes         int64 `json:"bytes"`         // of ciphertext kept now
	OldestExpired int64 `json:"oldestExpired"` // seconds; above 120 the purge does not work
}

// Health answers GET /healthz.
type Health struct {
	Status string `json:"status"` // "ok" or "store"
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

func (h *Handler) serveCounts(w http.ResponseWriter, r *http.Request, rt route) {
	common(w)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		wrongMethod(w, "GET, HEAD")
		return
	}
	if wait, ok := h.control.take(h.addr(r), h.now()); !ok {
		h.limited(w, wait)
		return
	}
	rt.methods["GET"](h, w, r, "")
}

// getHealth asks the store one cheap question. The id is the hash of no link.
func (h *Handler) getHealth(w http.ResponseWriter, r *http.Request, _ string) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if _, err := h.store.Owned(ctx, "", ""); err != nil && !errors.Is(err, ErrGone) {
		h.counts.failed.Add(1)
		answer(w, http.StatusServiceUnavailable, Health{Status: "store"})
		return
	}
	answer(w, http.StatusOK, Health{Status: "ok"})
}

func (h *Handler) getMetrics(w http.ResponseWriter, _ *http.Request, _ string) {
	answer(w, http.StatusOK, h.counts.publish(h.now()))
}
