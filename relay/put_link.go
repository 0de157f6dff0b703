package relay

import (
	"errors"
	"net/http"

	"potli/relay/wire"
)

// putLink creates a link. The id is the owner's choice (RL13).
func (h *Handler) putLink(w http.ResponseWriter, r *http.Request, id string) {
	hash, ok := h.creating(w, r, id, "A link is created")
	if !ok {
		return
	}
	var c wire.Create
	giveBack, ok := h.upload(w, r, &c)
	if !ok {
		return
	}
	defer giveBack()
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
