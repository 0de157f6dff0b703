package relay

import (
	"net/http"

	"potli/relay/wire"
)

// getAbout says what this relay offers.
func (h *Handler) getAbout(w http.ResponseWriter, _ *http.Request, _ string) {
	live := []string{wire.LivePoll, wire.LiveSSE}
	if h.webSocket {
		live[1] = wire.LiveWebSocket
	}
	about := wire.About{Live: live}
	if h.push != nil {
		about.Push = h.push.Key()
	}
	answer(w, http.StatusOK, about)
}
