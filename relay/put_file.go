package relay

import (
	"net/http"

	"potli/relay/shape"
	"potli/relay/wire"
)

func (h *Handler) putFile(w http.ResponseWriter, r *http.Request, id string) {
	c, ok := h.claim(w, r, id)
	if !ok {
		return
	}
	// Asked before megabytes are read and written for somebody who is not the
	// owner. What decides is the statement in Replace.
	if _, err := h.store.Owned(r.Context(), c.ID, c.Token); err != nil {
		h.lost(w, err)
		return
	}
	var f wire.File
	giveBack, ok := h.upload(w, r, &f)
	if !ok {
		return
	}
	defer giveBack()
	if err := shape.CheckFile(f); err != nil {
		fail(w, refusal(err), err.Error())
		return
	}
	if !h.keeps(w, len(f.JWE)) {
		return
	}
	c.Now = h.now().Unix() // a long upload may have outlived the link, and its parts are as old as this
	link, err := h.store.Replace(r.Context(), c, f.ContentType, []byte(f.JWE))
	h.changed(w, link, c.Now, err)
}
