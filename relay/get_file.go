package relay

import "net/http"

// getFile serves a manifest's location. The opening was charged when the ticket
// was made, so that a repeat within its life costs nothing.
func (h *Handler) getFile(w http.ResponseWriter, r *http.Request, ticket string) {
	now := h.now()
	id, file, ok := h.keys.ReadTicket(ticket, now)
	if !ok {
		h.gone(w)
		return
	}
	link, err := h.store.Live(r.Context(), Reader{ID: id, Now: now.Unix(), Ticket: true})
	if err == nil && link.File != file {
		err = ErrGone // replaced since: the reader asks for a fresh manifest (SHL: Manifest Response)
	}
	switch {
	case err != nil:
		h.lost(w, err)
	case r.Method == http.MethodHead:
		fileHeaders(w, link)
	default:
		h.answering(w, r, link, func() { h.sendFile(w, r, link) })
	}
}
