// Package synctest is an honest relay for tests: a map and a mutex. What is tested
// with it is tested with the real one too, as far as time allows.
package synctest

import (
	"context"
	"maps"
	"slices"
	stdsync "sync"
	"time"

	"potli/app/sync"
)

// Relay is one. Its fields are a test's to look at and to change, while nobody calls.
type Relay struct {
	Boxes map[string]*Mailbox
	Calls int
	Bytes int      // of letters that were put in
	All   []Posted // every letter that was ever put in

	Letters int   // most letters in a mailbox
	Room    int64 // most characters

	mu  stdsync.Mutex
	now func() time.Time
}

// Posted is a letter and where it was put.
type Posted struct {
	Box sync.Box
	sync.Letter
}

// Mailbox is one mailbox.
type Mailbox struct {
	Letters []sync.Letter
	Closed  bool

	token   string
	created int64
	expires int64
	next    int64
	time    map[int64]int64 // when a letter came, by number
	known   map[string]bool
}

// New returns a relay without mailboxes.
func New(now func() time.Time) *Relay {
	return &Relay{now: now, Boxes: map[string]*Mailbox{}, Letters: 1000, Room: 100 << 20}
}

// Copy is a relay that is the same now.
func (r *Relay) Copy() *Relay {
	c := New(r.now)
	for id, m := range r.Boxes {
		box := m.Copy()
		c.Boxes[id] = &box
	}
	return c
}

// Copy is a mailbox that is the same now.
func (m *Mailbox) Copy() Mailbox {
	c := *m
	c.Letters, c.time, c.known = slices.Clone(m.Letters), maps.Clone(m.time), maps.Clone(m.known)
	return c
}

func (r *Relay) begin() func() {
	r.mu.Lock()
	r.Calls++
	return r.mu.Unlock
}

func (r *Relay) box(b sync.Box) *Mailbox {
	m := r.Boxes[b.ID]
	now := r.now().Unix()
	if m == nil || m.token != b.Token || m.Closed || m.expires <= now {
		return nil
	}
	m.Letters = slices.DeleteFunc(m.Letters, func(l sync.Letter) bool { return m.time[l.Number] <= now-30*24*60*60 })
	return m
}

// Open implements sync.Mail.
func (r *Relay) Open(_ context.Context, b sync.Box, life time.Duration) (sync.Standing, error) {
	defer r.begin()()
	now := r.now().Unix()
	if m := r.Boxes[b.ID]; m != nil && (m.token != b.Token || m.Closed) {
		return sync.Standing{}, sync.ErrClosed
	}
	m := r.box(b)
	if m == nil {
		m = &Mailbox{token: b.Token, created: now, time: map[int64]int64{}, known: map[string]bool{}}
		r.Boxes[b.ID] = m
	}
	m.expires = max(m.expires, now+int64(life.Seconds()))
	return sync.Standing{Now: now, Created: m.created, Expires: m.expires, Highest: m.next}, nil
}

// List implements sync.Mail.
func (r *Relay) List(_ context.Context, b sync.Box, after int64) (list []sync.Letter, more bool, err error) {
	defer r.begin()()
	m := r.box(b)
	if m == nil {
		return nil, false, sync.ErrGone
	}
	size := 0
	for _, l := range m.Letters {
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

// Fetch implements sync.Mail.
func (r *Relay) Fetch(_ context.Context, b sync.Box, l sync.Letter) (string, error) {
	defer r.begin()()
	if m := r.box(b); m != nil {
		for _, o := range m.Letters {
			if o.Number == l.Number {
				return o.Sealed, nil
			}
		}
	}
	return "", sync.ErrGone
}

// Deposit implements sync.Mail.
func (r *Relay) Deposit(_ context.Context, b sync.Box, id, sealed string) error {
	defer r.begin()()
	m := r.box(b)
	if m == nil {
		return sync.ErrGone
	}
	if m.known[id] {
		return sync.ErrKnown
	}
	size := int64(len(sealed))
	for _, l := range m.Letters {
		size += l.Size
	}
	if size > r.Room || len(m.Letters) == r.Letters {
		return sync.ErrFull
	}
	m.put(sync.Letter{ID: id, Size: int64(len(sealed)), Sealed: sealed}, r.now())
	r.Bytes += len(sealed)
	r.All = append(r.All, Posted{b, sync.Letter{ID: id, Size: int64(len(sealed)), Sealed: sealed}})
	return nil
}

func (m *Mailbox) put(l sync.Letter, now time.Time) {
	m.next++
	l.Number = m.next
	m.Letters = append(m.Letters, l)
	m.time[l.Number] = now.Unix()
	m.known[l.ID] = true
}

// Ack implements sync.Mail.
func (r *Relay) Ack(_ context.Context, b sync.Box, numbers []int64) error {
	defer r.begin()()
	m := r.box(b)
	if m == nil {
		return sync.ErrGone
	}
	m.Letters = slices.DeleteFunc(m.Letters, func(l sync.Letter) bool { return slices.Contains(numbers, l.Number) })
	return nil
}
