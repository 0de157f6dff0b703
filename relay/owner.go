package relay

import (
	"net/http"
	"strings"
)

// owned returns the link of id when the request carries its token.
func (h *Handler) owned(w http.ResponseWriter, r *http.Request, id string) (Link, bool) {
	hash, token, ok := credentials(r, id)
	if !ok {
		h.gone(w)
		return Link{}, false
	}
	link, err := h.store.Owned(r.Context(), hash, token)
	if err != nil {
		h.lost(w, err)
		return Link{}, false
	}
	return link, true
}

// claim returns who asks for a change, and in which place of the row of changes.
func (h *Handler) claim(w http.ResponseWriter, r *http.Request, id string) (Claim, bool) {
	hash, token, ok := credentials(r, id)
	if !ok {
		h.gone(w)
		return Claim{}, false
	}
	seq, err := sequence(r, false)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return Claim{}, false
	}
	return Claim{ID: hash, Token: token, Sequence: seq, Now: h.now().Unix()}, true
}

// credentials hashes the id and the owner's token; a token that cannot be one
// is no different from a wrong one.
func credentials(r *http.Request, id string) (hash, token string, ok bool) {
	hash, ok = hashID(id)
	if !ok {
		return "", "", false
	}
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return "", "", false
	}
	token, ok = hashToken(bearer)
	return hash, token, ok
}

// lend takes room for one upload, or answers that there is none. The upload has
// to keep coming.
func (h *Handler) lend(w http.ResponseWriter, r *http.Request) (giveBack func(), ok bool) {
	n := int64(maxUpload)
	if r.ContentLength >= 0 {
		n = min(n, r.ContentLength)
	}
	if giveBack, ok = h.room(w, r, h.uploads, n); ok {
		r.Body = newSteady(w, r.Body)
	}
	return giveBack, ok
}

// keeps says whether n bytes more may be stored, or answers that they may not: on
// a disk that strangers have filled no attempt could be counted and no link
// revoked.
func (h *Handler) keeps(w http.ResponseWriter, n int) bool {
	if h.counts.add(int64(n)) <= h.stored {
		h.counts.sizes.Add(int64(n))
		return true
	}
	h.counts.add(-int64(n))
	h.full(w, 60)
	return false
}
