package relay

import "net/http"

// Health answers GET /healthz and /readyz.
type Health struct {
	Status string `json:"status"` // "ok", "store" or "draining"
}

// getHealth says that the process lives, for whoever would start it again if it
// did not: a store that is away is no reason for that.
func (h *Handler) getHealth(w http.ResponseWriter, _ *http.Request, _ string) {
	answer(w, http.StatusOK, Health{Status: "ok"})
}
