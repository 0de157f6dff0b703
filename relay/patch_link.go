package relay

import (
	"net/http"

	"potli/relay/wire"
)

func (h *Handler) patchLink(w http.ResponseWriter, r *http.Request, id string) {
	c, ok := h.claim(w, r, id)
	if !ok {
		return
	}
	var change wire.Change
	if !reads(w, r, wire.MaxManifestBody, &change) {
		return
	}
	c.Now = h.now().Unix() // when all of it was there
	terms, err := newTerms(change, c.Now)
	if err != nil {
		fail(w, refusal(err), err.Error())
		return
	}
	link, err := h.store.Change(r.Context(), c, terms)
	h.changed(w, link, c.Now, err)
}

func (h *Handler) changed(w http.ResponseWriter, link Link, now int64, err error) {
	if err != nil {
		h.lost(w, err)
		return
	}
	h.counts.changed.Add(1)
	answer(w, http.StatusOK, status(link, now))
}
