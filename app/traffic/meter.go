package traffic

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Meter counts what is sent until somebody takes the account into a Book. A nil Meter
// counts nothing, and asks for a reason all the same. Safe for concurrent use.
type Meter struct {
	now func() time.Time

	mu      sync.Mutex // owns what follows
	pending []Row
	since   time.Time // when the oldest of pending came
	begun   time.Time // when the oldest request among them was begun; zero: none was
}

// NewMeter returns a meter by a clock.
func NewMeter(now func() time.Time) *Meter { return &Meter{now: now} }

// Request is one that was begun.
type Request struct {
	m      *Meter
	reason Reason
	host   string
	heard  atomic.Bool
	once   sync.Once
}

// Begin notes a request before it is sent: whatever becomes of it, it may have left.
// out is how many bytes it has, url where it goes; of url the host alone is kept.
// Error: ErrNoReason, and then it must not be sent.
func (m *Meter) Begin(ctx context.Context, url string, out int) (*Request, error) {
	why := Why(ctx)
	if why == "" {
		return nil, ErrNoReason
	}
	r := &Request{m: m, reason: why, host: Host(url)}
	r.add(Row{N: 1, Out: int64(out)})
	return r, nil
}

// Got notes bytes that came.
func (r *Request) Got(n int) {
	if n > 0 {
		r.heard.Store(true)
		r.add(Row{In: int64(n)})
	}
}

// Sent notes bytes that went over a connection that is open.
func (r *Request) Sent(n int) { r.add(Row{Out: int64(n)}) }

// End notes that it is over; err: it did not work. Only the first call counts.
func (r *Request) End(err error) {
	r.once.Do(func() {
		if err != nil {
			r.add(Row{Failed: 1})
		}
	})
}

// Over is End of a connection that was held open: one over which something came has
// worked, however it ended.
func (r *Request) Over(err error) {
	if r.heard.Load() {
		err = nil
	}
	r.End(err)
}

func (r *Request) add(row Row) {
	if r.m == nil {
		return
	}
	m := r.m
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	row.Reason, row.Host, row.From, row.To = r.reason, r.host, now.Unix(), now.Unix()
	if len(m.pending) == 0 {
		m.since = now
	}
	if row.N > 0 && m.begun.IsZero() {
		m.begun = now
	}
	m.pending = join(m.pending, row)
}

// Waiting is since when a request has waited to be taken, and since when anything has, as
// the few bytes that keep a connection open; zero: nothing does.
func (m *Meter) Waiting() (request, any time.Time) {
	if m == nil {
		return time.Time{}, time.Time{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.pending) == 0 {
		return time.Time{}, time.Time{}
	}
	return m.begun, m.since
}

// Take returns what was counted since the last time. Who cannot keep it gives it back.
func (m *Meter) Take() []Row {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	rows := m.pending
	m.pending, m.begun = nil, time.Time{}
	return rows
}

// Back undoes Take.
func (m *Meter) Back(rows []Row) {
	if m == nil || len(rows) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.Clone(rows)
	for _, r := range m.pending {
		all = join(all, r)
	}
	m.pending, m.since, m.begun = all, m.now(), m.now()
}

// maxHost bounds the name of a host (RFC 1035: 253) with its port.
const maxHost = 260

// Host is the part of an address that says who answers, with its port where it has
// one; nothing that stands before an @ nor after the host is part of it.
func Host(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	if i := strings.IndexAny(url, "/?#"); i >= 0 {
		url = url[:i]
	}
	if i := strings.LastIndexByte(url, '@'); i >= 0 {
		url = url[i+1:]
	}
	return strings.ToLower(url[:min(len(url), maxHost)])
}
