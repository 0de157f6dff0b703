package relay

import (
	"net/http"
	"strings"

	"potli/relay/wire"
)

func (h *Handler) getStatus(w http.ResponseWriter, r *http.Request, id string) {
	if link, ok := h.owned(w, r, id); ok {
		answer(w, http.StatusOK, status(link, h.now().Unix()))
	}
}

// status is what the owner may know of a link at a moment.
func status(l Link, now int64) wire.Status {
	attempts := l.AttemptsLeft
	if !strings.Contains(l.Flag, "P") {
		attempts = -1
	}
	return wire.Status{
		Now: now, Expires: l.Expires, Paused: l.Paused, UsesLeft: max(0, l.UsesLeft), AttemptsLeft: attempts,
		Receipts: min(l.Receipts, wire.MaxReceipts), Sequence: l.Sequence, Flag: l.Flag,
	}
}
