package relay

import (
	"net/http"

	"potli/relay/webpush"
	"potli/relay/wire"
)

// putPush has one more device told when something arrives.
func (h *Handler) putPush(w http.ResponseWriter, r *http.Request, id string) {
	m, endpoint, ok := h.subscription(w, r, id)
	if !ok {
		return
	}
	p := Push{Mailbox: m.ID, Device: h.keys.Device(m.ID, endpoint), Sealed: h.keys.SealEndpoint(m.ID, endpoint)}
	kept, err := false, h.forget(r.Context(), m, endpoint, h.keys.Old()) // or it would be told twice
	if err == nil {
		kept, err = h.store.PutPush(r.Context(), p, h.now().Unix())
	}
	switch {
	case err != nil:
		h.lost(w, err)
	case !kept:
		fail(w, http.StatusConflict, "As many devices as may be are told already")
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// subscription reads what the owner of a mailbox says of a device.
func (h *Handler) subscription(w http.ResponseWriter, r *http.Request, id string) (m Mailbox, endpoint string, ok bool) {
	if h.push == nil {
		fail(w, http.StatusNotImplemented, "This relay sends no push messages")
		return m, "", false
	}
	if m, ok = h.ownedMailbox(w, r, id); !ok {
		return m, "", false
	}
	var p wire.Push
	if !reads(w, r, wire.MaxManifestBody, &p) {
		return m, "", false
	}
	if err := (webpush.Subscription{Endpoint: p.Endpoint, P256dh: p.P256dh, Auth: p.Auth}).Check(); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return m, "", false
	}
	return m, p.Endpoint, true
}
