package relay

import "net/http"

func (h *Handler) deleteLink(w http.ResponseWriter, r *http.Request, id string) {
	c, ok := h.claim(w, r, id)
	if !ok {
		return
	}
	if err := h.store.Revoke(r.Context(), c, c.Now+keepSeconds); err != nil {
		h.lost(w, err)
		return
	}
	h.counts.revoked.Add(1)
	w.WriteHeader(http.StatusNoContent)
}
