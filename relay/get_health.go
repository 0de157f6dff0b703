package relay

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Health answers GET /healthz.
type Health struct {
	Status string `json:"status"` // "ok" or "store"
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
