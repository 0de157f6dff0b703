package relay

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// getReady says whether to send readers here: the store answers, and the relay is
// not about to stop.
func (h *Handler) getReady(w http.ResponseWriter, r *http.Request, _ string) {
	if h.draining.Load() {
		answer(w, http.StatusServiceUnavailable, Health{Status: "draining"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	// One cheap question. The id is the hash of no link.
	if _, err := h.store.Owned(ctx, "", ""); err != nil && !errors.Is(err, ErrGone) {
		h.counts.failed.Add(1)
		answer(w, http.StatusServiceUnavailable, Health{Status: "store"})
		return
	}
	answer(w, http.StatusOK, Health{Status: "ok"})
}

// Drain makes GET /readyz say no from now on. All else is answered as before.
func (h *Handler) Drain() { h.draining.Store(true) }
