package relay

import "net/http"

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

func (h *Handler) getMetrics(w http.ResponseWriter, _ *http.Request, _ string) {
	answer(w, http.StatusOK, h.counts.publish(h.now()))
}
