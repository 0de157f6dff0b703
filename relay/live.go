package relay

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// listenersEach is how many may wait at one mailbox: a family's devices.
const listenersEach = 32

// pollPast is how far back Poll looks, in seconds: the clocks of relays over one
// database agree to within this.
const pollPast = 15

// live wakes those who wait at a mailbox.
type live struct {
	done chan struct{} // closed when nobody shall wait any more

	mu    sync.Mutex // guards what follows
	boxes map[string]*waiting
	ended bool
}

// waiting is who waits at one mailbox.
type waiting struct {
	told  int64 // the highest number they were woken for
	wakes map[chan struct{}]bool
}

func newLive() *live {
	return &live{done: make(chan struct{}), boxes: make(map[string]*waiting)}
}

// listen returns what receives after an arrival, or false when too many listen.
func (l *live) listen(mailbox string) (wake chan struct{}, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.boxes[mailbox]
	if b == nil {
		b = &waiting{wakes: make(map[chan struct{}]bool)}
		l.boxes[mailbox] = b
	}
	if len(b.wakes) >= listenersEach {
		return nil, false
	}
	wake = make(chan struct{}, 1)
	b.wakes[wake] = true
	return wake, true
}

func (l *live) leave(mailbox string, wake chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.boxes[mailbox]
	if delete(b.wakes, wake); len(b.wakes) == 0 {
		delete(l.boxes, mailbox)
	}
}

// arrived wakes all who wait at mailbox, once for a number.
func (l *live) arrived(mailbox string, seq int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.boxes[mailbox]
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

func (l *live) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.boxes) == 0
}

func (l *live) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended = true
		close(l.done)
	}
}

func (l *live) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// listen takes a place among those who wait, or answers that there is none. The
// caller then looks once more: what comes after that wakes it.
func (h *Handler) listen(w http.ResponseWriter, r *http.Request, mailbox string) (woken <-chan struct{}, stop func(), ok bool) {
	giveBack, ok := h.room(w, r, h.listeners, 1)
	if !ok {
		return nil, nil, false
	}
	wake, ok := h.live.listen(mailbox)
	if !ok {
		giveBack()
		h.limited(w, 30)
		return nil, nil, false
	}
	// The deadline that the server sets for reading would end the waiting.
	http.NewResponseController(w).SetReadDeadline(time.Time{})
	return wake, func() { h.live.leave(mailbox, wake); giveBack() }, true
}

// await returns when something arrived, the time is up, the client has gone or
// the relay stops.
func (h *Handler) await(w http.ResponseWriter, r *http.Request, woken <-chan struct{}, most time.Duration) {
	up, stop := h.timer(most)
	defer stop()
	select {
	case <-woken:
	case <-up:
	case <-r.Context().Done():
	case <-h.live.done:
	}
	hasten(w)
}

func newTimer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// Poll wakes those who wait here for what other relays over the same database
// have taken. Call it every second when there are others.
func (h *Handler) Poll(ctx context.Context) error {
	if h.live.idle() {
		return nil
	}
	highest, err := h.store.Arrivals(ctx, h.now().Unix()-pollPast)
	for mailbox, seq := range highest {
		h.live.arrived(mailbox, seq)
	}
	return err
}

// EndLive answers all who wait, and lets nobody wait any more: http.Server's
// Shutdown would wait for them.
func (h *Handler) EndLive() { h.live.end() }
