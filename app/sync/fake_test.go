package sync_test

import (
	"context"
	"slices"
	stdsync "sync"
	"time"

	"potli/app/sync"
)

// relay is an honest relay: a map and a mutex. What is tested with it is tested
// with the real one too, as far as time allows.
type relay struct {
	mu    stdsync.Mutex
	now   func() time.Time
	boxes map[string]*mailbox
	calls int
	bytes int
	all   []posted // every letter that was ever put in

	entries int   // most letters in a mailbox
	room    int64 // most characters
}

// posted is a letter and where it was put.
type posted struct {
	box sync.Box
	sync.Letter
}

type mailbox struct {
	token   string
	created int64
	expires int64
	next    int64
	letters []sync.Letter
	time    map[int64]int64
	known   map[string]bool
	closed  bool
}

func newRelay(now func() time.Time) *relay {
	return &relay{now: now, boxes: map[string]*mailbox{}, entries: 1000, room: 100 << 20}
}

func (r *relay) begin() func() {
	r.mu.Lock()
	r.calls++
	return r.mu.Unlock
}

func (r *relay) box(b sync.Box) *mailbox {
	m := r.boxes[b.ID]
	now := r.now().Unix()
	if m == nil || m.token != b.Token || m.closed || m.expires <= now {
		return nil
	}
	m.letters = slices.DeleteFunc(m.letters, func(l sync.Letter) bool { return m.time[l.Number] <= now-30*24*60*60 })
	return m
}

func (r *relay) Open(_ context.Context, b sync.Box, life time.Duration) (sync.Standing, error) {
	defer r.begin()()
	now := r.now().Unix()
	if m := r.boxes[b.ID]; m != nil && (m.token != b.Token || m.closed) {
		return sync.Standing{}, sync.ErrClosed
	}
	m := r.box(b)
	if m == nil {
		m = &mailbox{token: b.Token, created: now, time: map[int64]int64{}, known: map[string]bool{}}
		r.boxes[b.ID] = m
	}
	m.expires = max(m.expires, now+int64(life.Seconds()))
	return sync.Standing{Now: now, Created: m.created, Expires: m.expires, Highest: m.next}, nil
}

func (r *relay) List(_ context.Context, b sync.Box, after int64) (list []sync.Letter, more bool, err error) {
	defer r.begin()()
	m := r.box(b)
	if m == nil {
		return nil, false, sync.ErrGone
	}
	size := 0
	for _, l := range m.letters {
		if l.Number <= after {
			continue
		}
		if size > 1<<20 || len(list) == 200 {
			return list, true, nil
		}
		if l.Size > 64<<10 {
			l.Sealed = ""
		}
		size += len(l.Sealed)
		list = append(list, l)
	}
	return list, false, nil
}

func (r *relay) Fetch(_ context.Context, b sync.Box, l sync.Letter) (string, error) {
	defer r.begin()()
	if m := r.box(b); m != nil {
		for _, o := range m.letters {
			if o.Number == l.Number {
				return o.Sealed, nil
			}
		}
	}
	return "", sync.ErrGone
}

func (r *relay) Deposit(_ context.Context, b sync.Box, id, sealed string) error {
	defer r.begin()()
	m := r.box(b)
	if m == nil {
		return sync.ErrGone
	}
	if m.known[id] {
		return sync.ErrKnown
	}
	size := int64(len(sealed))
	for _, l := range m.letters {
		size += l.Size
	}
	if size > r.room || len(m.letters) == r.entries {
		return sync.ErrFull
	}
	m.put(sync.Letter{ID: id, Size: int64(len(sealed)), Sealed: sealed}, r.now())
	r.bytes += len(sealed)
	r.all = append(r.all, posted{b, sync.Letter{ID: id, Size: int64(len(sealed)), Sealed: sealed}})
	return nil
}

func (m *mailbox) put(l sync.Letter, now time.Time) {
	m.next++
	l.Number = m.next
	m.letters = append(m.letters, l)
	m.time[l.Number] = now.Unix()
	m.known[l.ID] = true
}

func (r *relay) Ack(_ context.Context, b sync.Box, numbers []int64) error {
	defer r.begin()()
	m := r.box(b)
	if m == nil {
		return sync.ErrGone
	}
	m.letters = slices.DeleteFunc(m.letters, func(l sync.Letter) bool { return slices.Contains(numbers, l.Number) })
	return nil
}
