package relay

import (
	"encoding/base64"
	"net/http"
	"strconv"

	"potli/relay/wire"
)

func (h *Handler) getReceipts(w http.ResponseWriter, r *http.Request, id string) {
	after := 0
	if s := r.URL.Query().Get("after"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			fail(w, http.StatusBadRequest, "after must be a whole number, 0 or more")
			return
		}
		after = n
	}
	link, ok := h.owned(w, r, id)
	if !ok {
		return
	}
	list, err := h.store.ReceiptsAfter(r.Context(), link.ID, after)
	if err != nil {
		h.lost(w, err)
		return
	}
	out := wire.Receipts{Receipts: []wire.SealedReceipt{}, Dropped: max(0, link.Receipts-wire.MaxReceipts)}
	for _, rc := range list {
		out.Receipts = append(out.Receipts, wire.SealedReceipt{N: rc.N, Sealed: base64.RawURLEncoding.EncodeToString(rc.Sealed)})
	}
	answer(w, http.StatusOK, out)
}
