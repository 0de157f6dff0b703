package relay

import (
	"net/http"

	"potli/relay/keys"
	"potli/relay/wire"
)

// getNote tells a sender what there is to know before anything is sealed.
func (h *Handler) getNote(w http.ResponseWriter, r *http.Request, id string) {
	hash, ok := keys.HashID(id)
	if !ok {
		h.gone(w)
		return
	}
	m, err := h.store.Mailbox(r.Context(), hash, h.now().Unix())
	if err != nil {
		h.lost(w, err)
		return
	}
	answer(w, http.StatusOK, wire.MailboxNote{Note: m.Note, Most: min(wire.MaxEntry, m.MostBytes), Room: room(m)})
}

// room says coarsely how much goes in.
func room(m Mailbox) string {
	switch {
	case !m.Holds(wire.MinEntryPlain):
		return wire.RoomNone
	case 2*m.Entries < m.MostEntries && 2*m.Bytes < m.MostBytes:
		return wire.RoomAmple
	}
	return wire.RoomLittle
}
