package relay

import "net/http"

// deleteMailbox closes a mailbox for good. Whoever waits for it is told so.
func (h *Handler) deleteMailbox(w http.ResponseWriter, r *http.Request, id string) {
	hash, token, ok := h.credentials(w, r, id)
	if !ok {
		return
	}
	if err := h.store.CloseMailbox(r.Context(), hash, token, h.now().Unix()); err != nil {
		h.lost(w, err)
		return
	}
	h.counts.revoked.Add(1)
	h.live.Arrived(hash, maxSequence)
	w.WriteHeader(http.StatusNoContent)
}
