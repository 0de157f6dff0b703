package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"potli/app/share"
)

// Refresh asks the relay for status and access receipts; without ids, of all
// links that might still be opened. One that has expired by this device's clock
// alone is asked after once more: then it has ended by the relay's word.
func (w *Wallet) Refresh(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		for _, s := range w.Snapshot().Shares {
			if s.MayOpen() {
				ids = append(ids, s.ID)
			}
		}
	}
	var errs []error
	for _, id := range ids {
		if s, err := w.share(id); err == nil && s.Preset == share.PresetScreen {
			continue // no relay knows of it
		}
		if err := w.refresh(ctx, id); err != nil && !errors.Is(err, share.ErrGone) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// news is what the relay told of one link.
type news struct {
	of       share.Share // as it stood when the relay was asked
	status   share.Status
	heard    time.Time
	receipts []share.SealedReceipt
	dropped  int
	err      error // of the status
	errList  error // of the receipts
}

// refresh asks after one link. It holds the link only to write the answer down,
// so that nobody who takes it back has to wait for a slow network; and an answer
// that comes while the link is being changed is not written, since it is older
// than what will be known. It does not ask after one that is still being made:
// whoever makes it writes down what comes of it.
func (w *Wallet) refresh(ctx context.Context, id string) error {
	if w.isMaking(id) {
		return nil
	}
	n, err := w.ask(ctx, id)
	if err != nil {
		return err
	}
	m := w.lockOf(id)
	if !m.TryLock() {
		return nil
	}
	defer m.Unlock()
	s, err := w.share(id)
	if err != nil {
		return nil // forgotten meanwhile
	}
	if s.Ref.Seq != n.of.Ref.Seq || s.Pending != n.of.Pending {
		return nil // changed meanwhile
	}
	if errors.Is(n.err, share.ErrGone) && s.Pending == pendingCreate {
		return errors.Join(n.err, w.dropShare(ctx, id)) // it never came to be
	}
	return errors.Join(n.err, n.errList, w.keepNews(ctx, n.tell(s)))
}

// isMaking says whether this tab is uploading a link, so that the relay may not
// have it yet: its entry is written while the link is held, and not released
// before the relay has answered.
func (w *Wallet) isMaking(id string) bool {
	if s, err := w.share(id); err != nil || s.Pending != pendingCreate {
		return false
	}
	m := w.lockOf(id)
	if !m.TryLock() {
		return true
	}
	m.Unlock()
	return false
}

func (w *Wallet) ask(ctx context.Context, id string) (n news, err error) {
	if n.of, err = w.share(id); err != nil {
		return n, err
	}
	n.status, n.err = w.d.Relay.Status(ctx, n.of.Ref)
	n.heard = w.d.Now()
	if n.err == nil {
		n.receipts, n.dropped, n.errList = w.d.Relay.Receipts(ctx, n.of.Ref, n.of.LastReceipt())
	}
	return n, nil
}

// tell returns s as it stands after the news.
func (n *news) tell(s share.Share) share.Share {
	switch {
	case errors.Is(n.err, share.ErrGone):
		s.Lost(n.heard)
	case n.err == nil:
		if s.Pending == pendingCreate {
			s.Pending = ""
		}
		s.Heard(n.status, n.heard)
		if n.errList == nil {
			s.OpenReceipts(n.receipts, n.dropped)
		}
	}
	return s
}

// keepNews writes an entry down when there is news in it. When it was heard, and
// a clock that went a little wrong, are worth showing and not worth a write.
func (w *Wallet) keepNews(ctx context.Context, s share.Share) error {
	old, err := w.share(s.ID)
	if err != nil {
		return err
	}
	if !same(old, s) {
		return w.putShare(context.WithoutCancel(ctx), s)
	}
	w.mu.Lock()
	w.shares[s.ID] = s
	w.mu.Unlock()
	w.publishShares()
	return nil
}

func same(a, b share.Share) bool {
	a.Checked = b.Checked
	if (a.Skew - b.Skew).Abs() < time.Minute {
		a.Skew = b.Skew
	}
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// Retry does what had to wait for the network, at most every ten seconds. The
// wiring calls it about once a second, apart from Tick: the relay may be slow to
// answer, and locking must not wait for it.
func (w *Wallet) Retry(ctx context.Context) {
	w.mu.Lock()
	now := w.d.Now()
	// Before, too: the clock may have been set back since.
	due := w.vault != nil && (now.Before(w.retried) || now.Sub(w.retried) >= 10*time.Second)
	if due {
		w.retried = now
	}
	w.mu.Unlock()
	if !due || !w.leads(ctx) {
		return
	}
	for _, s := range w.waitingShares() {
		if !w.madeElsewhere(s.ID) {
			w.retryShare(ctx, s)
		}
	}
	w.workConsents(ctx, "")
}

// unmake sees to it that no link stays behind of one that could not be made: the
// relay may have it all the same, when the answer was lost. Nobody was given its
// key.
func (w *Wallet) unmake(ctx context.Context, s share.Share, cause error) error {
	ctx = context.WithoutCancel(ctx)
	if errors.Is(cause, share.ErrRefused) || errors.Is(cause, share.ErrTooBig) {
		return w.dropShare(ctx, s.ID) // the relay said that it has none
	}
	s.Pending = pendingDrop
	s.Ref.Seq++
	return w.putShare(ctx, s)
}

func (w *Wallet) unmakeLater(ctx context.Context, id string) error {
	defer w.hold(id)()
	s, err := w.share(id)
	if err != nil {
		return err
	}
	if err := w.d.Relay.Revoke(ctx, s.Ref); err != nil && !errors.Is(err, share.ErrGone) {
		return err
	}
	return w.dropShare(context.WithoutCancel(ctx), id)
}
