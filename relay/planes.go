package relay

import "net/http"

// serveData answers readers: any origin, no credentials, errors as JSON, since
// deployed viewers parse a body before they look at the status.
func (h *Handler) serveData(w http.ResponseWriter, r *http.Request, rt route, arg string) {
	common(w)
	openCORS(w)
	if r.Method == http.MethodOptions {
		openPreflight(w)
		return
	}
	if wait, ok := h.data.Take(h.addr(r), h.now()); !ok {
		h.limited(w, wait)
		return
	}
	if rt.plane == planeNone {
		h.gone(w)
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet // which then spends nothing
	}
	serve, ok := rt.methods[method]
	if !ok {
		wrongMethod(w, allow(rt.methods))
		return
	}
	serve(h, w, r, arg)
}

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
	if wait, ok := h.control.Take(h.addr(r), h.now()); !ok {
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

func (h *Handler) serveCounts(w http.ResponseWriter, r *http.Request, rt route) {
	common(w)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		wrongMethod(w, "GET, HEAD")
		return
	}
	if wait, ok := h.control.Take(h.addr(r), h.now()); !ok {
		h.limited(w, wait)
		return
	}
	rt.methods["GET"](h, w, r, "")
}
