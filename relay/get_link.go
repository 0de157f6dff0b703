package relay

import (
	"net/http"
	"strings"
)

// getLink serves a direct file (flag U) to GET, and to HEAD without a charge.
func (h *Handler) getLink(w http.ResponseWriter, r *http.Request, id string) {
	o, ok := h.newOpening(id, r.URL.Query().Get("recipient"), "")
	if !ok {
		h.gone(w)
		return
	}
	link, err := h.store.Live(r.Context(), o.reader)
	switch {
	case err != nil:
		h.lost(w, err)
	case !strings.Contains(link.Flag, "U"):
		wrongMethod(w, "OPTIONS, POST")
	case link.Strict && o.recipient == "":
		fail(w, http.StatusBadRequest, "Say who is asking: recipient is missing")
	case r.Method == http.MethodHead:
		fileHeaders(w, link)
	default:
		h.answering(w, r, link, func() {
			if h.open(w, r, o, &link) {
				h.sendFile(w, r, link)
			}
		})
	}
}
