package relay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"potli/relay/keys"
	"potli/relay/limit"
	"potli/relay/live"
	"potli/relay/webpush"
)

// Options of a Handler. Store, Key, PublicURL and AppOrigin must be given.
type Options struct {
	Store Store
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Key is the server's secret: tickets, passcode MACs and reader MACs are made
	// under keys derived from it. Without it every link with a passcode is gone.
	Key [32]byte
	// OldKeys were Key before, newest first. One is needed until the links made
	// under it have ended, wire.MaxLife after it was replaced unless their owners
	// prolonged them.
	OldKeys [][32]byte
	// PublicURL is where clients reach this handler, without a slash at the end.
	PublicURL string
	// AppOrigin is the one origin whose pages may use all of the control plane.
	AppOrigin string
	// ViewerOrigin is where the clinic's page is, which may use mailboxes too; "" for
	// none.
	ViewerOrigin string
	Limits       Limits
	// RemoteAddr says from where a request comes, as an address with or without a
	// port, for the rate limit alone; r.RemoteAddr when nil.
	RemoteAddr func(*http.Request) string
	// Timer receives once after d, unless it is stopped; by the system's timers
	// when nil. Waiting for entries is by it.
	Timer func(d time.Duration) (up <-chan time.Time, stop func())
	// WebSocket says that the engine upgrades …/live once the handler has answered
	// 204 to the same GET; the handler then offers no stream of its own. Publish
	// is called when an entry of a mailbox (its hash) is durable, before the
	// answer; it must not block.
	WebSocket bool
	Publish   func(mailbox string, seq int64)
	// Push sends push messages; nil offers none.
	Push *webpush.Sender
}

// Handler serves both planes. Make one with New.
type Handler struct {
	store   Store
	now     func() time.Time
	public  string
	app     string
	viewer  string // or ""
	addr    func(*http.Request) string
	keys    keys.Ring
	data    *limit.Rate
	control *limit.Rate
	checks  *limit.Queue
	calm    float64 // creations a minute; negative: none ever costs work
	load    limit.Load
	uploads *limit.Budget
	sends   *limit.Budget
	stored  int64 // most bytes of ciphertext to keep
	counts  *counts

	live      *live.Hub
	listeners *limit.Budget // places to wait in
	timer     func(time.Duration) (<-chan time.Time, func())
	webSocket bool
	publish   func(mailbox string, seq int64)
	push      *webpush.Sender

	draining atomic.Bool
}

// New returns a handler, or an error that says which option is wrong.
func New(o Options) (*Handler, error) {
	if o.Store == nil {
		return nil, errors.New("relay: no store")
	}
	if o.Key == [32]byte{} || slices.Contains(o.OldKeys, [32]byte{}) {
		return nil, errors.New("relay: a key is all zeros, or passcodes and tickets could be forged")
	}
	for name, u := range map[string]string{"public URL": o.PublicURL, "app origin": o.AppOrigin, "viewer origin": cmp.Or(o.ViewerOrigin, o.AppOrigin)} {
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
	if o.Timer == nil {
		o.Timer = newTimer
	}
	ring, err := keys.New(o.Key, o.OldKeys, o.Now())
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	l := o.Limits.withDefaults()
	return &Handler{
		store: o.Store, now: o.Now, public: o.PublicURL, app: o.AppOrigin, viewer: o.ViewerOrigin, addr: o.RemoteAddr, keys: ring,
		data:    limit.NewRate(l.Data.PerMinute, l.Data.Burst, l.Networks),
		control: limit.NewRate(l.Control.PerMinute, l.Control.Burst, l.Networks),
		checks:  limit.NewQueue(l.Checks, l.Waiting),
		calm:    float64(l.Creates),
		uploads: limit.NewBudget(l.Uploads, maxUpload),
		sends:   limit.NewBudget(l.Sends, PartSize),
		stored:  l.Stored,
		counts:  newCounts(o.Now()),
		live:    live.New(listenersEach), listeners: limit.NewBudget(int64(l.Listeners), 1),
		timer: o.Timer, webSocket: o.WebSocket, publish: o.Publish, push: o.Push,
	}, nil
}

func checkOrigin(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || s != u.Scheme+"://"+u.Host {
		return errors.New("want scheme://host or scheme://host:port and nothing more")
	}
	return nil
}

// Purge erases what has ended; call it every minute. It also brings what
// ServeMetrics shows up to date.
func (h *Handler) Purge(ctx context.Context) error {
	now := h.now()
	defer h.counts.publish(now)
	if err := h.store.Purge(ctx, now.Unix()); err != nil {
		h.counts.unpurged.Add(1)
		return fmt.Errorf("purging: %w", err)
	}
	totals, err := h.store.Count(ctx, now.Unix())
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	h.counts.setTotals(totals)
	h.data.Sweep(now)
	h.control.Sweep(now)
	return nil
}
