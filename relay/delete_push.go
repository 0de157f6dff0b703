package relay

import "net/http"

// deletePush has a device told no longer. Repeating it is harmless.
func (h *Handler) deletePush(w http.ResponseWriter, r *http.Request, id string) {
	m, endpoint, ok := h.subscription(w, r, id)
	if !ok {
		return
	}
	for _, k := range append([]keys{h.keys.keys}, h.keys.old...) {
		if err := h.store.DeletePush(r.Context(), m.ID, k.deviceOf(m.ID, endpoint)); err != nil {
			h.lost(w, err)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
