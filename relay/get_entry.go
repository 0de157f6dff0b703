package relay

import (
	"net/http"
	"strconv"
)

// getEntry streams the sealed text of one entry.
func (h *Handler) getEntry(w http.ResponseWriter, r *http.Request, id string) {
	seq, ok := count(w, r, "seq", maxSequence)
	if !ok {
		return
	}
	m, ok := h.ownedMailbox(w, r, id)
	if !ok {
		return
	}
	e, err := h.store.Entry(r.Context(), m.ID, seq, h.now().Unix())
	if err != nil {
		h.lost(w, err)
		return
	}
	giveBack, ok := h.room(w, r, h.sends, min(e.Size, PartSize))
	if !ok {
		return
	}
	defer giveBack()
	part, err := h.store.EntryPart(r.Context(), e.File, 0)
	if err != nil {
		h.lost(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(e.Size, 10))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		sendAll(w, part, e.Size, func(n int) ([]byte, error) { return h.store.EntryPart(r.Context(), e.File, n) })
	}
}
