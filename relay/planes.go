package relay

import (
	"net/http"

	"potli/relay/limit"
)

// serveData answers readers: any origin, no credentials, errors as JSON, since
// deployed viewers parse a body before they look at the status.
func (h *Handler) serveData(w http.ResponseWriter, r *http.Request, rt route, arg string) {
	common(w)
	openCORS(w)
	if r.Method == http.MethodOptions {
		openPreflight(w)
		return
	}
	if !h.admits(w, r, h.data) {
		return
	}
	if rt.plane == planeNone {
		h.gone(w)
		return
	}
	h.dispatch(w, r, rt, arg)
}

// serveControl answers owners, from a page of ours or from a program.
func (h *Handler) serveControl(w http.ResponseWriter, r *http.Request, rt route, id string) {
	common(w)
	h.ownCORS(w, r, rt)
	if !h.fromOurs(r, rt) {
		fail(w, http.StatusForbidden, "Not from this page")
		return
	}
	if r.Method == http.MethodOptions {
		ownPreflight(w)
		return
	}
	if h.admits(w, r, h.control) {
		h.dispatch(w, r, rt, id)
	}
}

func (h *Handler) serveCounts(w http.ResponseWriter, r *http.Request, rt route) {
	common(w)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		wrongMethod(w, "GET, HEAD")
		return
	}
	if h.admits(w, r, h.control) {
		h.dispatch(w, r, rt, "")
	}
}

// admits spends one request of the network that asks, or answers when to come again.
func (h *Handler) admits(w http.ResponseWriter, r *http.Request, rate *limit.Rate) bool {
	wait, ok := rate.Take(h.addr(r), h.now())
	if !ok {
		h.limited(w, wait)
	}
	return ok
}

// dispatch calls the endpoint of a method. HEAD is GET, which then spends nothing.
func (h *Handler) dispatch(w http.ResponseWriter, r *http.Request, rt route, arg string) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	serve, ok := rt.methods[method]
	if !ok {
		wrongMethod(w, allow(rt.methods))
		return
	}
	serve(h, w, r, arg)
}
