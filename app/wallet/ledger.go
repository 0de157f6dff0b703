package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
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

// publishShares puts the ledger into the snapshot, newest first.
func (w *Wallet) publishShares() {
	w.mu.Lock()
	list := make([]share.Share, 0, len(w.shares))
	for _, s := range w.shares {
		list = append(list, s)
	}
	w.mu.Unlock()
	slices.SortFunc(list, func(a, b share.Share) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	w.publish(func(s *Snapshot) { s.Shares = list })
}

// change asks the relay for a change of one link and notes the answer. Every
// request carries a number that grows, written down before it is sent.
func (w *Wallet) change(ctx context.Context, id string, do func(s *share.Share) error) error {
	w.manage.Lock()
	defer w.manage.Unlock()
	s, err := w.share(id)
	if err != nil {
		return err
	}
	s.Ref.Seq++
	if err := w.putShare(ctx, s); err != nil {
		return err
	}
	err = do(&s)
	switch {
	case err == nil:
		s.Checked = w.d.Now()
	case errors.Is(err, share.ErrGone):
		s.Pending, s.Checked = "", w.d.Now()
		if s.Revoked.IsZero() && s.Status.Expires.After(w.d.Now()) {
			s.Revoked = w.d.Now() // the relay no longer has it, whatever the reason
		}
	default:
		return err
	}
	return errors.Join(err, w.putShare(ctx, s))
}

// Pause stops a link for a while, or lets it go on.
func (w *Wallet) Pause(ctx context.Context, id string, paused bool) error {
	return w.change(ctx, id, func(s *share.Share) error {
		status, err := w.d.Relay.Change(ctx, s.Ref, share.Change{Paused: &paused})
		if err == nil {
			s.Status = status
		}
		return err
	})
}

// Extend moves the expiry of a link; a link that has expired starts again from
// now, as far as the relay still has it.
func (w *Wallet) Extend(ctx context.Context, id string, by time.Duration) error {
	return w.change(ctx, id, func(s *share.Share) error {
		life := max(0, s.Status.Expires.Sub(w.d.Now())) + by
		status, err := w.d.Relay.Change(ctx, s.Ref, share.Change{Life: &life})
		if err == nil {
			s.Status = status
		}
		return err
	})
}

// Revoke ends a link. Without network it is noted and done as soon as the
// relay answers; the ledger says so until then.
func (w *Wallet) Revoke(ctx context.Context, id string) error {
	err := w.change(ctx, id, func(s *share.Share) error { return w.revoke(ctx, s) })
	if errors.Is(err, share.ErrGone) {
		return nil // it is gone: that is what was asked for
	}
	return err
}

func (w *Wallet) revoke(ctx context.Context, s *share.Share) error {
	s.Pending = share.PendingRevoke
	err := w.d.Relay.Revoke(ctx, s.Ref)
	switch {
	case err == nil || errors.Is(err, share.ErrGone):
		s.Pending = ""
		if s.Revoked.IsZero() {
			s.Revoked = w.d.Now()
		}
		return err
	case errors.Is(err, share.ErrOffline), errors.Is(err, share.ErrBusy):
		return nil // kept as pending
	}
	return err
}

// RevokeAll ends every link that could still be opened, of every person.
func (w *Wallet) RevokeAll(ctx context.Context) error {
	var errs []error
	for _, s := range w.Snapshot().Shares {
		switch s.State(w.d.Now()) {
		case share.StateLive, share.StatePaused:
			errs = append(errs, w.Revoke(ctx, s.ID))
		}
	}
	return errors.Join(errs...)
}

// Refresh asks the relay for status and access receipts; without ids, of all
// links that could still be opened.
func (w *Wallet) Refresh(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		for _, s := range w.Snapshot().Shares {
			if st := s.State(w.d.Now()); st == share.StateLive || st == share.StatePaused {
				ids = append(ids, s.ID)
			}
		}
	}
	var errs []error
	for _, id := range ids {
		if err := w.refresh(ctx, id); err != nil && !errors.Is(err, share.ErrGone) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (w *Wallet) refresh(ctx context.Context, id string) error {
	return w.changeQuietly(ctx, id, func(s *share.Share) error {
		status, err := w.d.Relay.Status(ctx, s.Ref)
		if err != nil {
			return err
		}
		s.Status = status
		if s.Pending == pendingCreate {
			s.Pending = ""
		}
		after := 0
		for _, o := range s.Opens {
			after = max(after, o.N)
		}
		list, dropped, err := w.d.Relay.Receipts(ctx, s.Ref, after)
		if err != nil {
			return err
		}
		_, bad := s.OpenReceipts(list)
		s.Dropped = dropped + bad
		return nil
	})
}

// changeQuietly is change for reading: it needs no new sequence, and writes
// the ledger only when something is new.
func (w *Wallet) changeQuietly(ctx context.Context, id string, do func(s *share.Share) error) error {
	w.manage.Lock()
	defer w.manage.Unlock()
	s, err := w.share(id)
	if err != nil {
		return err
	}
	before, _ := json.Marshal(s)
	err = do(&s)
	if errors.Is(err, share.ErrGone) && s.Revoked.IsZero() && s.Status.Expires.After(w.d.Now()) {
		s.Revoked, s.Pending = w.d.Now(), ""
	}
	if after, _ := json.Marshal(s); string(after) != string(before) {
		s.Checked = w.d.Now()
		return errors.Join(err, w.putShare(ctx, s))
	}
	w.mu.Lock()
	if kept, ok := w.shares[id]; ok && err == nil {
		kept.Checked = w.d.Now() // worth showing, not worth a write
		w.shares[id] = kept
	}
	w.mu.Unlock()
	w.publishShares()
	return err
}

// Forget takes an ended share off the list.
func (w *Wallet) Forget(ctx context.Context, id string) error {
	w.manage.Lock()
	defer w.manage.Unlock()
	s, err := w.share(id)
	if err != nil {
		return err
	}
	switch s.State(w.d.Now()) {
	case share.StateLive, share.StatePaused, share.StatePending:
		return ErrStillOpen
	}
	return w.dropShare(ctx, id)
}

// retryPending does what had to wait for the network, at most every ten
// seconds.
func (w *Wallet) retryPending(ctx context.Context) {
	w.mu.Lock()
	now := w.d.Now()
	due := now.Sub(w.retried) >= 10*time.Second
	if due {
		w.retried = now
	}
	w.mu.Unlock()
	if !due {
		return
	}
	for _, s := range w.Snapshot().Shares {
		switch s.Pending {
		case share.PendingRevoke:
			_ = w.Revoke(ctx, s.ID) // still pending if it fails: tried again
		case pendingCreate:
			_ = w.settleCreate(ctx, s.ID)
		}
	}
}

// settleCreate finds out what became of a link whose creation was cut off.
func (w *Wallet) settleCreate(ctx context.Context, id string) error {
	err := w.refresh(ctx, id)
	if errors.Is(err, share.ErrGone) {
		return w.dropShare(ctx, id)
	}
	return err
}
