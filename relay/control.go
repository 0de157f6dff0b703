package relay

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"potli/relay/wire"
)

// serveControl answers owners, from the wallet's origin or from a program.
func (h *Handler) serveControl(w http.ResponseWriter, r *http.Request, rt route, id string) {
	common(w)
	h.appCORS(w, r)
	if !h.fromApp(r) {
		fail(w, http.StatusForbidden, "Not from this page")
		return
	}
	if r.Method == http.MethodOptions {
		appPreflight(w)
		return
	}
	if wait, ok := h.control.take(h.addr(r), h.now()); !ok {
		h.limited(w, wait)
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	serve, ok := rt.methods[method]
	if !ok {
		wrongMethod(w, allow(rt.methods))
		return
	}
	serve(h, w, r, id)
}

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
	switch made, err := h.store.Create(r.Context(), link, []byte(c.File.JWE), now); {
	case err != nil:
		h.broken(w)
	case made:
		h.counts.created.Add(1)
		answer(w, http.StatusCreated, status(link))
	default:
		h.createdBefore(w, r, link)
	}
}

// createdBefore answers a create whose id is taken: a repeat whose first answer
// was lost, or a collision.
func (h *Handler) createdBefore(w http.ResponseWriter, r *http.Request, link Link) {
	switch old, err := h.store.Owned(r.Context(), link.ID, link.Token); {
	case err == nil:
		answer(w, http.StatusOK, status(old))
	case errors.Is(err, ErrGone):
		fail(w, http.StatusPreconditionFailed, "This id is taken")
	default:
		h.broken(w)
	}
}

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
	giveBack, ok := h.lend(w, r)
	if !ok {
		return
	}
	defer giveBack()
	var f wire.File
	if status, err := readJSON(w, r, maxUpload, true, &f); err != nil {
		fail(w, status, err.Error())
		return
	}
	if err := CheckFile(f); err != nil {
		fail(w, refusal(err), err.Error())
		return
	}
	if !h.keeps(w, len(f.JWE)) {
		return
	}
	link, err := h.store.Replace(r.Context(), c, f.ContentType, []byte(f.JWE))
	h.changed(w, link, err)
}

func (h *Handler) patchLink(w http.ResponseWriter, r *http.Request, id string) {
	c, ok := h.claim(w, r, id)
	if !ok {
		return
	}
	var change wire.Change
	if status, err := readJSON(w, r, wire.MaxManifestBody, true, &change); err != nil {
		fail(w, status, err.Error())
		return
	}
	terms, err := newTerms(change, c.Now)
	if err != nil {
		fail(w, refusal(err), err.Error())
		return
	}
	link, err := h.store.Change(r.Context(), c, terms)
	h.changed(w, link, err)
}

func (h *Handler) changed(w http.ResponseWriter, link Link, err error) {
	if err != nil {
		h.lost(w, err)
		return
	}
	h.counts.changed.Add(1)
	answer(w, http.StatusOK, status(link))
}

func (h *Handler) deleteLink(w http.ResponseWriter, r *http.Request, id string) {
	c, ok := h.claim(w, r, id)
	if !ok {
		return
	}
	if err := h.store.Revoke(r.Context(), c, c.Now+keepSeconds); err != nil {
		h.lost(w, err)
		return
	}
	h.counts.revoked.Add(1)
	w.WriteHeader(http.StatusNoContent)
}

func (h *Handler) getStatus(w http.ResponseWriter, r *http.Request, id string) {
	if link, ok := h.owned(w, r, id); ok {
		answer(w, http.StatusOK, status(link))
	}
}

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
		out.Receipts = append(out.Receipts, wire.SealedReceipt{N: rc.N, Sealed: b64.EncodeToString(rc.Sealed)})
	}
	answer(w, http.StatusOK, out)
}

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
		return true
	}
	h.counts.add(-int64(n))
	h.full(w, 60)
	return false
}

// status is what the owner may know of a link.
func status(l Link) wire.Status {
	attempts := l.AttemptsLeft
	if !strings.Contains(l.Flag, "P") {
		attempts = -1
	}
	return wire.Status{
		Expires: l.Expires, Paused: l.Paused, UsesLeft: max(0, l.UsesLeft), AttemptsLeft: attempts,
		Receipts: min(l.Receipts, wire.MaxReceipts), Sequence: l.Sequence, Flag: l.Flag,
	}
}
