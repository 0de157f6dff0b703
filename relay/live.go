package relay

import (
	"context"
	"net/http"
	"time"
)

// listenersEach is how many may wait at one mailbox: a family's devices.
const listenersEach = 32

// pollPast is how far back Poll looks, in seconds: the clocks of relays over one
// database agree to within this.
const pollPast = 15

// listen takes a place among those who wait, or answers that there is none. The
// caller then looks once more: what comes after that wakes it.
func (h *Handler) listen(w http.ResponseWriter, r *http.Request, mailbox string) (woken <-chan struct{}, stop func(), ok bool) {
	giveBack, ok := h.room(w, r, h.listeners, 1)
	if !ok {
		return nil, nil, false
	}
	woken, leave, ok := h.live.Listen(mailbox)
	if !ok {
		giveBack()
		h.limited(w, 30)
		return nil, nil, false
	}
	// The deadline that the server sets for reading would end the waiting.
	http.NewResponseController(w).SetReadDeadline(time.Time{})
	return woken, func() { leave(); giveBack() }, true
}

// await returns when something arrived, the time is up, the client has gone or
// the relay stops; then it is false.
func (h *Handler) await(w http.ResponseWriter, r *http.Request, woken <-chan struct{}, most time.Duration) bool {
	up, stop := h.timer(most)
	defer stop()
	defer hasten(w)
	select {
	case <-h.live.Done():
		return false
	case <-woken:
	case <-up:
	case <-r.Context().Done():
	}
	return true
}

func newTimer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// Poll wakes those who wait here for what other relays over the same database
// have taken. Call it every second when there are others.
func (h *Handler) Poll(ctx context.Context) error {
	if h.live.Boxes() == 0 {
		return nil
	}
	highest, err := h.store.Arrivals(ctx, h.now().Unix()-pollPast)
	for mailbox, seq := range highest {
		h.live.Arrived(mailbox, seq)
	}
	return err
}

// EndLive answers all who wait, and lets nobody wait any more: http.Server's
// Shutdown would wait for them.
func (h *Handler) EndLive() { h.live.End() }
