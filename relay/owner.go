package relay

import (
	"net/http"
	"strings"

	"potli/relay/keys"
)

// owned returns the link of id when the request carries its token.
func (h *Handler) owned(w http.ResponseWriter, r *http.Request, id string) (Link, bool) {
	hash, token, ok := h.credentials(w, r, id)
	if !ok {
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
	hash, token, ok := h.credentials(w, r, id)
	if !ok {
		return Claim{}, false
	}
	seq, err := sequence(r, false)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return Claim{}, false
	}
	return Claim{ID: hash, Token: token, Sequence: seq, Now: h.now().Unix()}, true
}

// credentials hashes the id and the owner's token, or answers; a token that cannot
// be one is no different from a wrong one.
func (h *Handler) credentials(w http.ResponseWriter, r *http.Request, id string) (hash, token string, ok bool) {
	bearer, bears := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	hash, named := keys.HashID(id)
	token, ok = keys.HashToken(bearer)
	if !bears || !named || !ok {
		h.gone(w)
		return "", "", false
	}
	return hash, token, true
}

// upload reads a body that may be as large as a file into v, or answers why not.
// It is in memory until it is given back. The upload has to keep coming.
func (h *Handler) upload(w http.ResponseWriter, r *http.Request, v any) (giveBack func(), ok bool) {
	n := int64(maxUpload)
	if r.ContentLength >= 0 {
		n = min(n, r.ContentLength)
	}
	if giveBack, ok = h.room(w, r, h.uploads, n); !ok {
		return nil, false
	}
	defer func() { // by a panic too
		if !ok {
			giveBack()
		}
	}()
	ok = false
	r.Body = newSteady(w, r.Body)
	ok = reads(w, r, maxUpload, v)
	return giveBack, ok
}

// creating returns what the id of something new is kept as, or answers: an id that
// is none, a request that could replace something, or one that work is asked for.
func (h *Handler) creating(w http.ResponseWriter, r *http.Request, id, how string) (hash string, ok bool) {
	if hash, ok = keys.HashID(id); !ok {
		fail(w, http.StatusBadRequest, "The id must be 32 bytes in base64url without padding")
		return "", false
	}
	if r.Header.Get("If-None-Match") != "*" {
		fail(w, http.StatusPreconditionRequired, how+" with If-None-Match: *")
		return "", false
	}
	return hash, h.paid(w, r, id)
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
