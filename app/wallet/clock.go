package wallet

import (
	"context"
	"time"
)

// hiddenLock is how long an open wallet may stay in the background.
const hiddenLock = 2 * time.Minute

// Touch notes that the person did something: auto-lock counts from it.
func (w *Wallet) Touch() {
	w.mu.Lock()
	w.touched = w.d.Now()
	open := w.vault != nil
	w.mu.Unlock()
	if open {
		w.tell(TabHere, tabsHere)
	}
}

// Hidden notes that the page went to the background or came back.
func (w *Wallet) Hidden(hidden bool) {
	w.mu.Lock()
	switch {
	case hidden && w.hiddenAt.IsZero():
		w.hiddenAt = w.d.Now()
		if w.sync != nil {
			w.sync.ears.keep(nil)
		}
	case !hidden:
		// Timers sleep in the background, so what they missed is done here.
		expired := w.lockIn() <= 0 && w.vault != nil && !w.demo
		if w.sync != nil && !w.hiddenAt.IsZero() {
			w.sync.wake(w.d.Now(), 0, 0)
		}
		w.hiddenAt = time.Time{}
		if !expired {
			break
		}
		w.mu.Unlock()
		w.Lock()
		return
	}
	w.mu.Unlock()
	if hidden { // the browser may end the page without another word
		go w.keepTrafficNow()
	} else { // a word may have been lost while the page slept
		go w.lookSoon(context.Background())
	}
}

// passed is how long ago then was, by whichever clock says more: the one that nobody
// sets stands still in some browsers while the device sleeps (crbug 1206450, WebKit
// 225610), and the other can be set back.
func passed(now, then time.Time) time.Duration {
	return max(now.Sub(then), now.Round(0).Sub(then.Round(0)))
}

// never is what LockIn says when nothing will lock by itself.
const never = 365 * 24 * time.Hour

// LockIn is how long until auto-lock; a year and more when it is off. Under a
// minute the pages offer to stay open.
func (w *Wallet) LockIn() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.vault == nil || w.demo {
		return never
	}
	return w.lockIn()
}

func (w *Wallet) lockIn() time.Duration {
	after := w.Snapshot().Settings.AutoLock
	in := never
	now := w.d.Now()
	if after > 0 {
		in = after - passed(now, w.touched)
	}
	if since := w.hiddenAt; !since.IsZero() {
		if w.tabs.shown.After(since) {
			since = w.tabs.shown
		}
		in = min(in, hiddenLock-passed(now, since))
	}
	return in
}

// Tick does what is due: lock after inactivity, in any tab, and finish deletions; where
// this tab leads, seal a little of what is of older epochs anew, and look at the day.
// The wiring calls it about once a second.
func (w *Wallet) Tick(ctx context.Context) {
	w.sweepReady(ctx)
	v, err := w.open()
	if err != nil {
		return
	}
	if w.LockIn() <= 0 {
		w.Lock()
		return
	}
	w.onScreen()
	_ = w.noteTraffic(ctx, v)      // tried again
	_ = w.dropTrash(ctx, v, false) // tried again
	w.lapseUndo()
	if !w.leads(ctx) {
		return
	}
	w.inherit(ctx, v)
	if !w.lookedLately() {
		w.lookAhead(ctx)
	}
	if !w.lookedRound(v) {
		w.lookRound(ctx)
	}
	w.resealSome(ctx, v)
}

// onScreen tells the other tabs, now and then, that this one is on the screen: the
// wallet is not locked then because they are not.
func (w *Wallet) onScreen() {
	w.mu.Lock()
	hidden := !w.hiddenAt.IsZero()
	w.mu.Unlock()
	if !hidden {
		w.tell(TabShown, tabsShown)
	}
}

// Offline notes what the browser believes of the network; coming back sends
// what had to wait.
func (w *Wallet) Offline(offline bool) {
	w.publish(func(s *Snapshot) { s.Offline = offline })
	if !offline {
		w.wakeSync(0)
		w.hurry()
	}
}
