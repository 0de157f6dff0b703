// Package live wakes those who wait for something to arrive in a mailbox. It
// knows mailboxes by a name that the caller gives them, and keeps nothing: who
// was woken looks for himself what there is.
package live

import "sync"

// Hub is where they wait. Make one with New.
type Hub struct {
	each int           // at most, at one mailbox
	done chan struct{} // closed when nobody shall wait any more

	mu    sync.Mutex // guards what follows
	boxes map[string]*box
	ended bool
}

// box is who waits at one mailbox.
type box struct {
	told  int64 // the highest number they were woken for
	wakes map[chan struct{}]bool
}

// New returns a hub for so many at each mailbox.
func New(each int) *Hub {
	return &Hub{each: each, done: make(chan struct{}), boxes: make(map[string]*box)}
}

// Listen returns what receives after an arrival, and what the caller calls when
// it waits no more; or false when too many wait at mailbox. The caller looks once
// more after Listen: what comes later wakes it.
func (h *Hub) Listen(mailbox string) (woken <-chan struct{}, leave func(), ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.boxes[mailbox]
	if b == nil {
		b = &box{wakes: make(map[chan struct{}]bool)}
		h.boxes[mailbox] = b
	}
	if len(b.wakes) >= h.each {
		return nil, nil, false
	}
	wake := make(chan struct{}, 1)
	b.wakes[wake] = true
	return wake, func() { h.leave(mailbox, wake) }, true
}

func (h *Hub) leave(mailbox string, wake chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.boxes[mailbox]
	if delete(b.wakes, wake); len(b.wakes) == 0 {
		delete(h.boxes, mailbox)
	}
}

// Arrived wakes all who wait at mailbox, once for a number.
func (h *Hub) Arrived(mailbox string, seq int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.boxes[mailbox]
	if b == nil || seq <= b.told {
		return
	}
	b.told = seq
	for wake := range b.wakes {
		select {
		case wake <- struct{}{}:
		default: // it has yet to look
		}
	}
}

// Boxes is at how many mailboxes somebody waits.
func (h *Hub) Boxes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.boxes)
}

// End closes Done. It may be called again.
func (h *Hub) End() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.ended {
		h.ended = true
		close(h.done)
	}
}

// Done is closed when nobody shall wait any more.
func (h *Hub) Done() <-chan struct{} { return h.done }
