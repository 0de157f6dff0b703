package wallet

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"time"

	"potli/app/inbox"
	"potli/app/sync"
	"potli/app/vault"
)

// While the wallet is open and looked at, the relay tells when something arrives.
// That costs less than asking all the time: a few bytes every twenty seconds, which
// keep the connection open, and no request. What it tells is only that it is time
// for a round; a relay that says nothing, or too much, changes no more than that.
const (
	// mostEars is how many mailboxes are heard at once. To a relay without HTTP/2 a
	// browser has six connections, and requests need some of them; whoever shares
	// more people than that is asked for as if nobody told anything.
	mostEars = 3

	hearSoon = time.Second // before a stream that ended is opened again
	hearLate = 5 * time.Minute
	steady   = time.Minute // a stream that lasted so long was a good one
)

// ears are the mailboxes that are listened at. Wallet.mu owns them.
type ears struct {
	boxes map[sync.Box]*ear
	more  bool          // there are mailboxes that nobody listens at
	never bool          // this relay tells of nothing
	apart time.Duration // from the last round to one that is due to something told
	told  bool          // the next round is
}

// ear is one of them.
type ear struct {
	end     context.CancelFunc
	highest int64
	hears   bool // now
	drop    bool // it is that of a code, which nobody has to ask for in rounds
}

func newEars() ears { return ears{boxes: map[sync.Box]*ear{}, apart: syncApart} }

// all says whether nothing can arrive that is not told.
func (e *ears) all() bool {
	for _, one := range e.boxes {
		if !one.hears {
			return false
		}
	}
	return len(e.boxes) > 0 && !e.more
}

// keep ends listening at all but these.
func (e *ears) keep(boxes []sync.Box) {
	for b, one := range e.boxes {
		if !slices.Contains(boxes, b) {
			one.end()
			delete(e.boxes, b)
		}
	}
}

// learn takes note of a round: what was told for nothing again and again is believed
// less and less.
func (e *ears) learn(changed bool) {
	switch {
	case changed:
		e.apart = syncApart
	case e.told:
		e.apart = min(2*e.apart, syncShown)
	}
	e.told = false
}

// listen listens at the mailboxes of now, and at no others.
func (w *Wallet) listen(ctx context.Context, s *syncing) {
	live, ok := w.d.Mail.(sync.Live)
	if !ok {
		return
	}
	boxes, more := w.whereToListen(ctx, s)
	code, coded := w.dropToHear(ctx, s.v)
	if coded {
		boxes = append([]sync.Box{code}, boxes...)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sync != s || s.paused || w.unseen() || s.ears.never {
		s.ears.keep(nil)
		return
	}
	s.ears.more = more || len(boxes) > mostEars
	boxes = boxes[:min(len(boxes), mostEars)]
	s.ears.keep(boxes)
	for _, b := range boxes {
		if s.ears.boxes[b] == nil {
			ctx, end := context.WithCancel(s.ctx)
			one := &ear{end: end, drop: coded && b == code}
			s.ears.boxes[b] = one
			go w.hear(ctx, live, s, b, one)
		}
	}
}

// whereToListen are the mailboxes in which something new can turn up, those of whom
// the person looks at and of their own devices first. more: there are others, which
// can not be reached now.
func (w *Wallet) whereToListen(ctx context.Context, s *syncing) (boxes []sync.Box, more bool) {
	add := func(b sync.Box, opened bool) {
		if opened {
			boxes = append(boxes, b)
		}
		more = more || !opened && b != sync.Box{}
	}
	snap := w.Snapshot()
	shown := snap.Person().ID
	add(s.engine.Ear(string(shown)))
	if severalDevices(s.v.Ring()) {
		add(s.engine.OwnEar(ctx, s.own))
	}
	for _, p := range snap.People {
		if p.ID != shown {
			add(s.engine.Ear(string(p.ID)))
		}
	}
	return boxes, more
}

// dropToHear is the mailbox of the newest code that is open: somebody may be about to
// put something in.
func (w *Wallet) dropToHear(ctx context.Context, v *vault.Vault) (sync.Box, bool) {
	if w.d.Drops == nil {
		return sync.Box{}, false
	}
	b, _ := w.inbox.read(ctx, v)
	var newest keptDrop
	for _, k := range b.drops {
		if k.Consent == "" && k.Begun != 0 && k.State(w.d.Now()) == inbox.DropOpen && (newest.Drop == nil || k.Made.After(newest.Made)) {
			newest = k
		}
	}
	if newest.Drop == nil {
		return sync.Box{}, false
	}
	return sync.Box{ID: newest.ID, Token: newest.Token}, true
}

// hear listens at one mailbox until ctx ends.
func (w *Wallet) hear(ctx context.Context, live sync.Live, s *syncing, b sync.Box, one *ear) {
	for rest := hearSoon; ; rest = min(2*rest, hearLate) {
		begun := w.d.Now()
		err := live.Hear(ctx, b, func(highest int64) { w.told(s, one, highest) })
		w.unheard(s, one, errors.Is(err, sync.ErrNoLive))
		if w.d.Now().Sub(begun) > steady {
			rest = hearSoon
		}
		if errors.Is(err, sync.ErrNoLive) || w.d.Sleep(ctx, w.about(rest)) != nil {
			return
		}
	}
}

// told: the relay says that there is something.
func (w *Wallet) told(s *syncing, one *ear, highest int64) {
	w.mu.Lock()
	news := highest > one.highest
	one.hears = true
	if highest != math.MaxInt64 {
		one.highest = max(one.highest, highest)
	}
	if news && !one.drop {
		s.ears.told = true
		s.wake(w.d.Now(), 0, s.ears.apart)
	}
	w.mu.Unlock()
	switch {
	case news && one.drop:
		w.inboxTold()
		go w.Await(s.ctx)
	case news:
		go w.Sync(s.ctx)
	}
}

// unheard: nothing is told any more, so it is asked for again.
func (w *Wallet) unheard(s *syncing, one *ear, never bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one.hears = false
	s.wake(w.d.Now(), syncShown, 0)
	if never {
		s.ears.never = true
		s.ears.keep(nil)
	}
}

// about is somewhat less than d, so that the wallets whose relay was away for a while
// do not all come back in the same second.
func (w *Wallet) about(d time.Duration) time.Duration {
	var r [1]byte
	if _, err := io.ReadFull(w.d.Rand, r[:]); err != nil {
		return d
	}
	return d - d/4*time.Duration(r[0])/255
}
