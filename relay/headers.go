package relay

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"potli/relay/limit"
	"potli/relay/wire"
)

// common sets what every answer carries. The answer is opaque bytes for a
// program; should a browser be led to it as a page, it must not become one.
func common(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Disposition", "attachment")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
}

// openCORS lets any page read the answer, errors too: clinics' viewers live on
// origins we do not know. No credentials exist that this could expose.
func openCORS(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
}

func openPreflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "content-type")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// ours reports whether origin is one whose pages may use a route of owners: the
// wallet's and, for mailboxes, the clinic's page, whose desk has the answers to what
// it asks sent to one. Links are the wallet's alone, and so are push messages.
func (h *Handler) ours(origin string, rt route) bool {
	desk := strings.HasPrefix(rt.pattern, wire.MailboxesPath) && !strings.HasSuffix(rt.pattern, "/push")
	return origin == h.app || desk && h.viewer != "" && origin == h.viewer
}

// ownCORS lets the pages that may use a route read the answer, and no others.
func (h *Handler) ownCORS(w http.ResponseWriter, r *http.Request, rt route) {
	w.Header().Set("Vary", "Origin")
	if origin := r.Header.Get("Origin"); h.ours(origin, rt) {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
	}
}

func ownPreflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", strings.ToLower("authorization, content-type, if-none-match, "+wire.SequenceHeader+", "+wire.WorkHeader))
	h.Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
}

// fromOurs reports whether no page but one that may use the route is behind the
// request. Programs send neither header. A browser sends Origin with all but plain
// same-origin GETs, and we have no pages of our own. The owner's token is what
// protects a link; this is the second lock (RL1).
func (h *Handler) fromOurs(r *http.Request, rt route) bool {
	if origin := r.Header["Origin"]; len(origin) > 0 {
		return len(origin) == 1 && h.ours(origin[0], rt)
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "none"
}

// allow lists the methods of a route as an Allow header.
func allow(ms methods) string {
	list := slices.Collect(maps.Keys(ms))
	if _, ok := ms["GET"]; ok {
		list = append(list, "HEAD")
	}
	list = append(list, "OPTIONS")
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types, which marshal
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

func fail(w http.ResponseWriter, status int, message string) {
	answer(w, status, wire.Problem{Message: message})
}

// gone is the one 404 (RL3).
func (h *Handler) gone(w http.ResponseWriter) {
	h.counts.gone.Add(1)
	fail(w, http.StatusNotFound, "This link is no longer available")
}

// broken answers when the store does not: what was asked may have happened.
func (h *Handler) broken(w http.ResponseWriter) {
	h.counts.failed.Add(1)
	w.Header().Set("Retry-After", "5")
	fail(w, http.StatusServiceUnavailable, "The relay cannot reach its store")
}

func wrongMethod(w http.ResponseWriter, allowed string) {
	w.Header().Set("Allow", allowed)
	fail(w, http.StatusMethodNotAllowed, "Not with this method")
}

// limited answers 429 with the seconds to wait.
func (h *Handler) limited(w http.ResponseWriter, seconds int) {
	h.counts.limited.Add(1)
	w.Header().Set("Retry-After", strconv.Itoa(max(1, seconds)))
	fail(w, http.StatusTooManyRequests, "Too many requests, try again later")
}

// room borrows n bytes for the network that asks, or answers that there are none.
func (h *Handler) room(w http.ResponseWriter, r *http.Request, b *limit.Budget, n int64) (giveBack func(), ok bool) {
	who := h.data.Who(h.addr(r), h.now())
	if !b.Borrow(who, n) {
		h.full(w, 2)
		return nil, false
	}
	return func() { b.GiveBack(who, n) }, true
}

// full answers that there is no room, and when to ask again.
func (h *Handler) full(w http.ResponseWriter, seconds int) {
	h.counts.limited.Add(1)
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	fail(w, http.StatusServiceUnavailable, "The relay has no room at the moment, try again")
}
