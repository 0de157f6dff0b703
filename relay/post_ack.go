package relay

import (
	"net/http"
	"slices"

	"potli/relay/wire"
)

// postAck erases what the owner has. Repeating it is harmless.
func (h *Handler) postAck(w http.ResponseWriter, r *http.Request, id string) {
	m, ok := h.ownedMailbox(w, r, id)
	if !ok {
		return
	}
	var a wire.Acknowledge
	if !reads(w, r, wire.MaxAckBody, &a) {
		return
	}
	outside := func(seq int64) bool { return seq < 1 || seq > maxSequence }
	if len(a.Seqs) < 1 || len(a.Seqs) > wire.MaxMailboxEntries || slices.ContainsFunc(a.Seqs, outside) {
		fail(w, http.StatusBadRequest, "seqs must be 1 to 1000 numbers of entries")
		return
	}
	if err := h.store.Acknowledge(r.Context(), m.ID, a.Seqs); err != nil {
		h.lost(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
