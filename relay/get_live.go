package relay

import (
	"fmt"
	"net/http"

	"potli/relay/wire"
)

// getLive is a stream of Server-Sent Events: the highest number of a mailbox, at
// once and whenever it grows. It ends when the mailbox does, or the reader is too
// slow. Where the engine has WebSockets it only says whether one may be opened.
func (h *Handler) getLive(w http.ResponseWriter, r *http.Request, id string) {
	m, ok := h.ownedMailbox(w, r, id)
	if !ok {
		return
	}
	if h.webSocket {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	woken, stop, ok := h.listen(w, r, m.ID)
	if !ok {
		return
	}
	defer stop()
	w.Header().Set("Content-Type", wire.ContentTypeEvents)
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep it back
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	_, token, _ := h.credentials(w, r, id)
	for told := int64(-1); r.Context().Err() == nil; {
		m, err := h.store.OwnedMailbox(r.Context(), m.ID, token, h.now().Unix())
		if err != nil {
			return
		}
		text := ":\n\n" // a comment, by which either side notices that the other has gone
		if m.Highest > told {
			told = m.Highest
			text = fmt.Sprintf("event: %s\ndata: %d\n\n", wire.LiveEvent, told)
		}
		hasten(w)
		if _, err := w.Write([]byte(text)); err != nil {
			return
		}
		if http.NewResponseController(w).Flush() != nil {
			return // nobody would ever hear
		}
		if !h.await(w, r, woken, wire.Heartbeat) {
			return
		}
	}
}
