package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"potli/app/share"
	"potli/app/vault"
)

func loadShares(ctx context.Context, v *vault.Vault) (map[string]share.Share, error) {
	docs, err := v.Docs(ctx, docShares)
	if err != nil {
		return nil, err
	}
	shares := map[string]share.Share{}
	for _, b := range docs {
		var s share.Share
		if err := json.Unmarshal(b, &s); err != nil {
			return nil, err
		}
		shares[s.ID] = s
	}
	return shares, nil
}

func (w *Wallet) share(id string) (share.Share, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.shares[id]
	if !ok {
		return s, ErrNoShare
	}
	return s, nil
}

func (w *Wallet) putShare(ctx context.Context, s share.Share) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if err := putJSON(ctx, v, docShares+s.ID, s); err != nil {
		return err
	}
	w.mu.Lock()
	w.shares[s.ID] = s
	w.mu.Unlock()
	w.publishShares()
	w.mark(v)
	return nil
}

func (w *Wallet) dropShare(ctx context.Context, id string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if err := v.PutDocs(ctx, map[string][]byte{docShares + id: nil}); err != nil {
		return err
	}
	w.mu.Lock()
	delete(w.shares, id)
	w.mu.Unlock()
	w.publishShares()
	return nil
}

// publishShares puts the ledger into the snapshot, without the links of people
// who are hidden.
func (w *Wallet) publishShares() {
	list := w.links()
	w.publish(func(s *Snapshot) {
		s.Shares = slices.DeleteFunc(list, func(l share.Share) bool { return s.Hidden[l.Profile] })
	})
}

// links returns the ledger, newest first. What never came to be a link is left out.
func (w *Wallet) links() []share.Share {
	list := slices.DeleteFunc(w.ledger(), func(s share.Share) bool { return s.Pending == pendingDrop })
	slices.SortFunc(list, func(a, b share.Share) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list
}

// ledger returns every entry.
func (w *Wallet) ledger() []share.Share {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Values(w.shares))
}

// hold lets nobody else change one link until release: what the relay says of
// it is written down before the next question. Other links go on, so that one
// that is being uploaded keeps nobody from taking back another.
func (w *Wallet) hold(id string) (release func()) {
	m := w.lockOf(id)
	m.Lock()
	return m.Unlock
}

func (w *Wallet) lockOf(id string) *sync.Mutex {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.holds[id]
	if m == nil {
		m = new(sync.Mutex)
		w.holds[id] = m
	}
	return m
}

// change asks the relay for a change of one link and notes the answer. Every
// request carries a number that grows, written down before it is sent. What the
// relay answered is written down even if the person has left the page.
func (w *Wallet) change(ctx context.Context, id string, do func(s *share.Share) (share.Status, error)) error {
	defer w.hold(id)()
	s, err := w.share(id)
	if err != nil {
		return err
	}
	s.Ref.Seq++
	if err := w.putShare(ctx, s); err != nil {
		return err
	}
	status, err := do(&s)
	switch {
	case err == nil:
		s.Heard(status, w.d.Now())
	case errors.Is(err, share.ErrGone):
		w.learnEnd(ctx, &s)
	default:
		return err
	}
	return errors.Join(err, w.putShare(context.WithoutCancel(ctx), s))
}

// learnEnd asks why a link cannot be changed: the relay tells its owner as long
// as it keeps receipts. Without an answer everything stays as it is.
func (w *Wallet) learnEnd(ctx context.Context, s *share.Share) {
	switch status, err := w.d.Relay.Status(ctx, s.Ref); {
	case err == nil:
		s.Heard(status, w.d.Now())
	case errors.Is(err, share.ErrGone):
		s.Lost(w.d.Now())
	}
}

// Pause stops a link for a while, or lets it go on. Without network that waits, and nil is returned: see Waiting.
func (w *Wallet) Pause(ctx context.Context, id string, paused bool) error {
	if !paused {
		if err := w.mayShowAgain(ctx, id); err != nil {
			return err
		}
	}
	return w.want(ctx, id, &paused, 0)
}

// Extend lets a link live longer than it would. By how much it would is asked
// first: this device's clock may have been set since. What has ended stays so. Without network that waits, and nil is
// returned: see Waiting.
func (w *Wallet) Extend(ctx context.Context, id string, by time.Duration) error {
	if err := w.mayShowAgain(ctx, id); err != nil {
		return err
	}
	return w.want(ctx, id, nil, by)
}

// Revoke ends a link. That it shall end is written down first and done as soon
// as the relay answers, whatever becomes of the page or the network; the ledger
// says so until then.
func (w *Wallet) Revoke(ctx context.Context, id string) error {
	defer w.hold(id)()
	s, err := w.share(id)
	if err != nil {
		return err
	}
	if s, err = w.noteRevoke(ctx, s); err != nil {
		return err
	}
	err = w.d.Relay.Revoke(ctx, s.Ref)
	switch {
	case err == nil || errors.Is(err, share.ErrGone):
		if s.Pending = ""; s.Revoked.IsZero() {
			s.Revoked = w.d.Now()
		}
		s.Settled()
		return w.putShare(context.WithoutCancel(ctx), s)
	case errors.Is(err, share.ErrOffline), errors.Is(err, share.ErrBusy):
		return nil // tried again: see Retry
	}
	return err
}

// noteRevoke writes down that a link shall end. A second try carries the number
// of the first.
func (w *Wallet) noteRevoke(ctx context.Context, s share.Share) (share.Share, error) {
	if s.Pending == share.PendingRevoke {
		return s, nil
	}
	s.Settled() // what else was asked for is of no use any more
	s.Pending, s.Asked = share.PendingRevoke, w.d.Now()
	s.Ref.Seq++
	return s, w.putShare(context.WithoutCancel(ctx), s)
}

// RevokeAll ends every link that could still be opened, of every person. This
// device's clock has no say in which those are: a link that seems to have
// expired is asked after, and taken back if it lives or the relay does not
// answer. So is one that is being made, at the end: an upload may take long.
func (w *Wallet) RevokeAll(ctx context.Context) error {
	var sure, ask []string
	for _, s := range w.links() {
		switch state := s.State(w.d.Now()); {
		case !s.MayOpen() || state == share.StateUsedUp || state == share.StateLocked:
		case state == share.StateExpired || s.Pending == pendingCreate:
			ask = append(ask, s.ID)
		default:
			sure = append(sure, s.ID)
		}
	}
	var errs []error
	for _, id := range sure {
		errs = append(errs, w.shallEnd(ctx, id))
	}
	for _, id := range sure {
		errs = append(errs, w.Revoke(ctx, id))
	}
	for _, id := range ask {
		_ = w.refresh(ctx, id) // without an answer it may be open
		if s, err := w.share(id); err == nil && s.MayOpen() {
			errs = append(errs, w.Revoke(ctx, id))
		}
	}
	return errors.Join(errs...)
}

// shallEnd is noteRevoke for a link that is not held: all of them are noted
// before the first request, which may be the last that this page makes.
func (w *Wallet) shallEnd(ctx context.Context, id string) error {
	defer w.hold(id)()
	s, err := w.share(id)
	if err == nil {
		_, err = w.noteRevoke(ctx, s)
	}
	return err
}

// Forget takes an ended share off the list. That it has ended must be the
// relay's word: one that has expired by this device's clock is asked after.
// Errors: ErrStillOpen, and share.ErrOffline … when the relay must be asked.
func (w *Wallet) Forget(ctx context.Context, id string) error {
	s, err := w.share(id)
	if err != nil {
		return err
	}
	if s.State(w.d.Now()) == share.StateExpired && s.MayOpen() {
		if err := w.refresh(ctx, id); err != nil && !errors.Is(err, share.ErrGone) {
			return err
		}
	}
	defer w.hold(id)()
	if s, err = w.share(id); err != nil {
		return err
	}
	switch s.State(w.d.Now()) {
	case share.StateUsedUp, share.StateLocked:
	default:
		if s.MayOpen() {
			return ErrStillOpen
		}
	}
	return w.dropShare(ctx, id)
}
