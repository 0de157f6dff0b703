package relay

import (
	"errors"
	"net/http"

	"potli/relay/wire"
)

// putLink creates a link. The id is the owner's choice (RL13).
func (h *Handler) putLink(w http.ResponseWriter, r *http.Request, id string) {
	hash, ok := hashID(id)
	if !ok {
		fail(w, http.StatusBadRequest, "The id must be 32 bytes in base64url without padding")
		return
	}
	if r.Header.Get("If-None-Match") != "*" {
		fail(w, http.StatusPreconditionRequired, "A link is created with If-None-Match: *")
		return
	}
	if !h.paid(w, r, id) {
		return
	}
	giveBack, ok := h.lend(w, r)
	if !ok {
		return
	}
	defer giveBack()
	var c wire.Create
	if status, err := readJSON(w, r, maxUpload, true, &c); err != nil {
		fail(w, status, err.Error())
		return
	}
	now := h.now().Unix()
	link, err := h.newLink(hash, c, now)
	if err == nil {
		link.Sequence, err = sequence(r, true)
	}
	if err != nil {
		fail(w, refusal(err), err.Error())
		return
	}
	if !h.keeps(w, len(c.File.JWE)) {
		return
	}
	h.load.Count(h.now())
	switch made, err := h.store.Create(r.Context(), link, []byte(c.File.JWE), now); {
	case err != nil:
		h.broken(w)
	case made:
		h.counts.created.Add(1)
		answer(w, http.StatusCreated, status(link, now))
	default:
		h.createdBefore(w, r, link, now)
	}
}

// createdBefore answers a create whose id is taken: a repeat whose first answer
// was lost, or a collision.
func (h *Handler) createdBefore(w http.ResponseWriter, r *http.Request, link Link, now int64) {
	switch old, err := h.store.Owned(r.Context(), link.ID, link.Token); {
	case err == nil:
		answer(w, http.StatusOK, status(old, now))
	case errors.Is(err, ErrGone):
		fail(w, http.StatusPreconditionFailed, "This id is taken")
	default:
		h.broken(w)
	}
}
