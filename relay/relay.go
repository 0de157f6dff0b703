// Package relay carries ciphertext between a family's wallet and the clinic
// that opens a link, and remembers as little as that takes.
//
// It is one http.Handler over a Store. The data plane is a SMART Health Links
// server (HL7 hl7.fhir.uv.smart-health-cards-and-links 1.0.0): GET and POST on
// /l/{id}, GET on /f/{ticket}. The control plane under /v1/links/ is how the
// owner makes, changes and ends a link. Package wire has the ladder.
//
// What it cannot do, by construction: read a file (it has no key), learn an id
// or a passcode from its own disk (hashes), or tell who opened a link once the
// answer is out (receipts are sealed to the owner's one-time key). What it
// does learn is sizes, times and network addresses; it writes none of them to a
// log. Nothing in this package logs.
//
// An opening, in the order that makes a crash harmless:
//
//	live?          one read; no → the 404, the same bytes for every reason
//	passcode?      none given → 401, nothing spent
//	scrypt         at most two at once
//	charge         one statement: an attempt or a use, committed
//	receipt        sealed and committed
//	answer         if this is lost, the attempt or use is spent all the same
package relay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options of a Handler. Store, Key, PublicURL and AppOrigin must be given.
type Options struct {
	Store Store
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Key is the server's secret: tickets, passcode MACs and reader MACs are made
	// under keys derived from it. Another Key locks every link with a passcode.
	Key [32]byte
	// PublicURL is where clients reach this handler, without a slash at the end.
	PublicURL string
	// AppOrigin is the one origin whose pages may use the control plane.
	AppOrigin string
	Limits    Limits
	// RemoteAddr says from where a request comes, as an address with or without a
	// port, for the rate limit alone; r.RemoteAddr when nil.
	RemoteAddr func(*http.Request) string
}

// Handler serves both planes. Make one with New.
type Handler struct {
	store   Store
	now     func() time.Time
	public  string
	app     string
	addr    func(*http.Request) string
	keys    keys
	data    *limiter
	control *limiter
	checks  *checks
	uploads *budget
	sends   *budget
	stored  int64 // most bytes of ciphertext to keep
	counts  *counts
}

// New returns a handler, or an error that says which option is wrong.
func New(o Options) (*Handler, error) {
	if o.Store == nil {
		return nil, errors.New("relay: no store")
	}
	if o.Key == [32]byte{} {
		return nil, errors.New("relay: the key is all zeros, or passcodes and tickets could be forged")
	}
	for name, u := range map[string]string{"public URL": o.PublicURL, "app origin": o.AppOrigin} {
		if err := checkOrigin(u); err != nil {
			return nil, fmt.Errorf("relay: %s: %w", name, err)
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.RemoteAddr == nil {
		o.RemoteAddr = func(r *http.Request) string { return r.RemoteAddr }
	}
	keys, err := derive(o.Key)
	if err != nil {
		return nil, err
	}
	l := o.Limits.withDefaults()
	return &Handler{
		store: o.Store, now: o.Now, public: o.PublicURL, app: o.AppOrigin, addr: o.RemoteAddr, keys: keys,
		data:    newLimiter(l.Data, l.Networks),
		control: newLimiter(l.Control, l.Networks),
		checks:  newChecks(l.Checks, l.Waiting),
		uploads: newBudget(l.Uploads, maxUpload),
		sends:   newBudget(l.Sends, PartSize),
		stored:  l.Stored,
		counts:  newCounts(o.Now()),
	}, nil
}

func checkOrigin(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || s != u.Scheme+"://"+u.Host {
		return errors.New("want scheme://host or scheme://host:port and nothing more")
	}
	return nil
}

// Purge erases what has ended; call it every minute. It also brings the totals
// of health and metrics up to date.
func (h *Handler) Purge(ctx context.Context) error {
	now := h.now()
	if err := h.store.Purge(ctx, now.Unix()); err != nil {
		return fmt.Errorf("purging: %w", err)
	}
	totals, err := h.store.Count(ctx, now.Unix())
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	h.counts.setTotals(totals)
	h.data.sweep(now)
	h.control.sweep(now)
	return nil
}

// ServeHTTP routes by path and nothing else: net/http's ServeMux would answer an
// unclean path with a redirect, and receivers follow none.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer h.rescue(w)
	rt, arg := match(r.URL.Path)
	switch rt.plane {
	case planeControl:
		h.serveControl(w, r, rt, arg)
	case planeCounts:
		h.serveCounts(w, r, rt)
	default:
		h.serveData(w, r, rt, arg)
	}
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
