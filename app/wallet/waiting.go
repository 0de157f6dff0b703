package wallet

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"potli/app/share"
)

// What has to wait for the network is written down where it belongs: a change of a link with the link, an answer to a
// provider as a mailing, the end of a code with the code. It counts here at once. There is no queue besides, which could
// say something else than what it is about; Waiting gathers what waits, and Retry works it off, oldest first. Links
// come before answers to providers: a link that was taken back may be opened by somebody until the relay knows.

// WaitKind is what the relay is to be told.
type WaitKind string

const (
	WaitRevoke   WaitKind = "revoke" // of a link
	WaitPause    WaitKind = "pause"
	WaitResume   WaitKind = "resume"
	WaitExtend   WaitKind = "extend"
	WaitDrop     WaitKind = "drop"     // a code for clinics has ended, or lives longer
	WaitGranted  WaitKind = "granted"  // an answer to a provider
	WaitRefused  WaitKind = "refused"  // no
	WaitDelivery WaitKind = "delivery" // records, under a consent
	WaitNarrowed WaitKind = "narrowed"
	WaitEnded    WaitKind = "ended" // a consent was taken back
)

// Waiting is one thing that goes out as soon as there is a network.
type Waiting struct {
	What  WaitKind
	Share string    // id of the link, "" for others
	Name  string    // of the provider, where one is told
	At    time.Time // when it was asked for; zero: not known
}

// Waiting is what the relay has not heard of yet, oldest first, of the people who are shown. Error: ErrLocked.
func (w *Wallet) Waiting(ctx context.Context) ([]Waiting, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	snap := w.Snapshot()
	var list []Waiting
	for _, s := range w.waitingShares() {
		if !snap.concealed(s.Profile) {
			list = append(list, Waiting{What: waitOf(&s), Share: s.ID, At: s.Asked})
		}
	}
	mailings, err := readMailings(ctx, w.docs)
	if err != nil {
		return nil, err
	}
	for _, m := range inOrder(mailings) {
		if snap.concealed(m.Person) {
			continue
		}
		it := Waiting{What: mailWaits[m.Kind], At: time.Unix(m.At, 0)}
		if q, _, err := w.askOf(ctx, m); err == nil {
			it.Name = q.From.Name
		}
		list = append(list, it)
	}
	farewells, err := w.keptFarewells(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range farewells {
		it := Waiting{What: WaitEnded, At: time.Unix(f.At, 0)}
		if q, err := readAsk(f.Request); err == nil {
			it.Name = q.From.Name
		}
		list = append(list, it)
	}
	if w.d.Drops != nil {
		b, err := w.inbox.read(ctx, v)
		if err != nil {
			return nil, err
		}
		for _, k := range b.drops {
			if k.Pending && k.Profile != "" && !snap.concealed(k.Profile) {
				list = append(list, Waiting{What: WaitDrop})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Waiting) int { return a.At.Compare(b.At) })
	return list, nil
}

var mailWaits = map[mailKind]WaitKind{mailGranted: WaitGranted, mailRefused: WaitRefused, mailDelivery: WaitDelivery, mailNarrowed: WaitNarrowed, mailRevoked: WaitEnded}

// waitOf names what a link waits for: of several things, what matters most.
func waitOf(s *share.Share) WaitKind {
	switch {
	case s.Pending == share.PendingRevoke:
		return WaitRevoke
	case s.Wants.Paused != nil && *s.Wants.Paused:
		return WaitPause
	case s.Wants.Paused != nil:
		return WaitResume
	}
	return WaitExtend
}

// waitingShares are the links of which the relay is to be told something, oldest first.
func (w *Wallet) waitingShares() []share.Share {
	list := slices.DeleteFunc(w.ledger(), func(s share.Share) bool { return !s.Waits() && s.Pending == "" })
	slices.SortFunc(list, func(a, b share.Share) int {
		if c := a.Asked.Compare(b.Asked); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list
}

// want writes down a change of a link and tells the relay, if it can be reached. nil: it is done, or waits. Errors:
// ErrNoShare, and what the relay says that will not change: share.ErrGone, share.ErrRefused.
func (w *Wallet) want(ctx context.Context, id string, paused *bool, by time.Duration) error {
	defer w.hold(id)()
	s, err := w.share(id)
	if err != nil {
		return err
	}
	v, err := w.open()
	if err != nil {
		return err
	}
	first := !s.Waits() && by == 0
	s.Want(v.Ring().Keys().Device, w.d.Now(), paused, by)
	if first {
		s.Ref.Seq++
	}
	if err := w.putShare(ctx, s); err != nil {
		return err
	}
	if first { // nothing to ask before: it is the same whatever the relay says
		status, err := w.d.Relay.Change(ctx, s.Ref, share.Change{Paused: paused})
		return w.settled(ctx, s, status, err)
	}
	return w.settle(ctx, s)
}

// settle tells the relay what a link waits for. The link must be held.
func (w *Wallet) settle(ctx context.Context, s share.Share) error {
	status, err := w.d.Relay.Status(ctx, s.Ref)
	if err == nil {
		status, err = w.tellChange(ctx, &s, status)
	}
	return w.settled(ctx, s, status, err)
}

// settled writes down what the relay answered, even if the person has left the page; that it cannot be reached is no error.
func (w *Wallet) settled(ctx context.Context, s share.Share, status share.Status, err error) error {
	switch {
	case errors.Is(err, share.ErrOffline), errors.Is(err, share.ErrBusy):
		return nil // tried again: see Retry
	case errors.Is(err, ErrLocked), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, share.ErrGone):
		w.learnEnd(ctx, &s)
	case err == nil:
		s.Heard(status, w.d.Now())
	}
	s.Settled()
	return errors.Join(err, w.putShare(context.WithoutCancel(ctx), s))
}

// tellChange asks for what is still to be asked for, by what the relay says of the link. Each question has a number that
// grows, which is written down before it is sent, with the end it leads to.
func (w *Wallet) tellChange(ctx context.Context, s *share.Share, status share.Status) (share.Status, error) {
	if wants := s.Wants; wants.By > 0 || wants.Paused != nil && !*wants.Paused {
		if err := w.mayShow(ctx, s.Profile); err != nil {
			return status, err // it may have become somebody else's to decide meanwhile
		}
	}
	wants := *s.Wants
	wants.Aim(status)
	change := wants.Change(status)
	if change.IsZero() && status.Now.Before(status.Expires) {
		return status, nil // it was done, and the answer lost
	}
	s.Wants, s.Ref.Seq = &wants, max(s.Ref.Seq, status.Seq)+1
	if err := w.putShare(ctx, *s); err != nil {
		return status, err
	}
	return w.d.Relay.Change(ctx, s.Ref, change)
}

// retryShare does what one link waits for. Whatever fails stays as it is, and is tried again.
func (w *Wallet) retryShare(ctx context.Context, s share.Share) {
	switch s.Pending {
	case share.PendingRevoke:
		_ = w.Revoke(ctx, s.ID)
		return
	case pendingCreate:
		_ = w.refresh(ctx, s.ID)
		return
	case pendingDrop:
		_ = w.unmakeLater(ctx, s.ID)
		return
	}
	if v, err := w.open(); err != nil || s.Wants == nil || s.Wants.Device != v.Ring().Keys().Device {
		return // another device tells its own
	}
	defer w.hold(s.ID)()
	if s, err := w.share(s.ID); err == nil && s.Wants != nil && s.Pending == "" {
		_ = w.settle(ctx, s)
	}
}

// joinWants is what waits of a link of which another device has told: every device tells its own.
func joinWants(ours, joined share.Share, device string) share.Share {
	switch {
	case joined.Ended || !joined.Revoked.IsZero():
		joined.Settled()
	case ours.Wants != nil && ours.Wants.Device == device:
		joined.Wants, joined.Asked = ours.Wants, ours.Asked
	case joined.Wants != nil && joined.Wants.Device == device: // told long ago, and not yet heard of there
		joined.Settled()
	}
	return joined
}
