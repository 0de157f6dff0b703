package wallet

import (
	"context"
	"errors"
	"time"

	"potli/app/inbox"
	"potli/app/share"
	"potli/app/vault"
)

// Why something is not at the relay yet.
const (
	TroubleOffline = "offline"
	TroubleGone    = "gone"    // the receiver's mailbox is no more
	TroubleFull    = "full"    // the receiver's mailbox has no room, or the relay no time
	TroubleOther   = "other"   // the relay refuses
	TroubleForeign = "foreign" // the relay names another recipient than the request
)

// wait is how long something that failed rests.
type wait struct {
	until time.Time
	tries int
}

// Rests between two tries.
const (
	mailFirst = 10 * time.Second
	mailMost  = time.Hour
)

// noteFault notes why something of a consent does not go; nil: nothing is wrong.
func (w *Wallet) noteFault(v *vault.Vault, id string, err error) {
	c := &w.consents
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		delete(c.fault, id)
		delete(c.retry, id)
		return
	}
	if c.fault == nil {
		c.fault = map[string]string{}
	}
	if c.retry == nil {
		c.retry = map[string]wait{}
	}
	n := c.retry[id].tries
	rest := min(mailFirst<<min(n, 12), mailMost)
	switch {
	case errors.Is(err, share.ErrOffline), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		c.fault[id], rest, n = TroubleOffline, mailFirst, 0
	case errors.Is(err, share.ErrGone):
		c.fault[id] = TroubleGone
	case errors.Is(err, share.ErrBusy):
		c.fault[id] = TroubleFull
	case errors.Is(err, inbox.ErrRecipient):
		c.fault[id] = TroubleForeign
	default:
		c.fault[id] = TroubleOther
	}
	c.retry[id] = wait{until: w.d.Now().Add(rest), tries: n + 1}
}

// resting says whether something of a consent failed a moment ago.
func (w *Wallet) resting(id string) bool {
	c := &w.consents
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.retry[id]
	left := r.until.Sub(w.d.Now())
	return ok && left > 0 && left <= mailMost // else the clock was set back
}
