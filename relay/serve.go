package relay

import (
	"net/http"
	"strings"
	"time"
)

// ServeHTTP routes by path and nothing else: net/http's ServeMux would answer an
// unclean path with a redirect, and receivers follow none.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer h.rescue(w)
	hasten(w)
	rt, arg := match(r.URL.Path)
	defer h.timed(rt, stopwatch())
	switch rt.plane {
	case planeControl:
		h.serveControl(w, r, rt, arg)
	case planeCounts:
		h.serveCounts(w, r, rt)
	default:
		h.serveData(w, r, rt, arg)
	}
}

func (h *Handler) timed(rt route, took func() time.Duration) {
	class := int(rt.plane)
	if strings.HasSuffix(rt.pattern, "/live") || strings.HasSuffix(rt.pattern, "/entries") {
		class = classWait
	}
	h.counts.took[class].Add(took().Microseconds())
}

// rescue turns a panic into a plain 500: net/http would log it with a stack.
func (h *Handler) rescue(w http.ResponseWriter) {
	switch e := recover(); e {
	case nil:
	case http.ErrAbortHandler: // net/http drops the connection and logs nothing
		panic(e)
	default:
		h.counts.failed.Add(1)
		fail(w, http.StatusInternalServerError, "The relay failed")
	}
}

type plane int

const (
	planeNone plane = iota // an unknown path: answered as a link that is gone
	planeData
	planeControl
	planeCounts
)

// classes are the planes as metrics call them, and apart from these the answers
// that come when there is news.
var classes = [...]string{planeNone: "none", planeData: "read", planeControl: "own", planeCounts: "watch", classWait: "wait"}

const classWait = int(planeCounts) + 1

// route is one path of the relay.
type route struct {
	pattern string // as in openapi.json, with one {name} at most
	plane   plane
	methods map[string]func(h *Handler, w http.ResponseWriter, r *http.Request, arg string)
}

func match(path string) (route, string) {
	for _, rt := range routes {
		before, after, param := strings.Cut(rt.pattern, "{")
		if !param {
			if path == rt.pattern {
				return rt, ""
			}
			continue
		}
		_, after, _ = strings.Cut(after, "}")
		arg, ok := strings.CutPrefix(path, before)
		if !ok {
			continue
		}
		if arg, ok = strings.CutSuffix(arg, after); ok && arg != "" && !strings.Contains(arg, "/") {
			return rt, arg
		}
	}
	return route{}, ""
}
