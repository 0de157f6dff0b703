package relay

import (
	"context"
	"net/http"

	"potli/relay/keys"
)

// deletePush has a device told no longer. Repeating it is harmless.
func (h *Handler) deletePush(w http.ResponseWriter, r *http.Request, id string) {
	m, endpoint, ok := h.subscription(w, r, id)
	if !ok {
		return
	}
	if err := h.forget(r.Context(), m, endpoint, h.keys.All()); err != nil {
		h.lost(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// forget deletes the rows of a device that were made under some keys.
func (h *Handler) forget(ctx context.Context, m Mailbox, endpoint string, made []keys.Keys) error {
	for _, k := range made {
		if err := h.store.DeletePush(ctx, m.ID, k.Device(m.ID, endpoint)); err != nil {
			return err
		}
	}
	return nil
}
