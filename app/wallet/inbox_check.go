package wallet

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/share"
	"potli/app/vault"
)

// Rests between two questions to the relay.
const (
	inboxShown = time.Minute // while a code is open and the page is on the screen
	inboxSoon  = time.Second // after the relay has told of something
	// inboxSeldom is for the ways back of consents, in which nothing is urgent.
	inboxSeldom = 15 * time.Minute
	// inboxTries is how often a question is begun anew because the person changed the
	// code meanwhile.
	inboxTries = 4
)

// dueInbox is when the relay is asked. mailroom.at owns it.
type dueInbox struct {
	of      *vault.Vault // whose codes were all asked for since it was opened
	last    time.Time
	told    bool
	checked map[string]time.Time // codes, when they were last asked for
	opening map[string]bool      // codes that are being made
}

// CheckInbox asks the relay what came under every code. What came is kept when it
// returns, whatever else failed. Errors: ErrNoInbox, and those of inbox.Mail.
func (w *Wallet) CheckInbox(ctx context.Context) error {
	return w.check(ctx, func(keptDrop) bool { return true })
}

// Await asks the relay what came, when that is due: at opening, each minute while a code
// is open and the page is on the screen, and when the relay tells. The wiring calls it
// about once a second, apart from everything else: it takes as long as the network does.
func (w *Wallet) Await(ctx context.Context) {
	v, err := w.open()
	if err != nil || w.d.Drops == nil || !w.leads(ctx) {
		return
	}
	all, due := w.dueForInbox(v)
	if !due {
		return
	}
	w.minuteOfInbox(ctx, v, all)
}

func (w *Wallet) minuteOfInbox(ctx context.Context, v *vault.Vault, all bool) {
	now := w.d.Now()
	wants := func(k keptDrop) bool {
		if since := now.Sub(w.checked(k.ID)); !all && k.Consent != "" && since >= 0 && since < inboxSeldom {
			return false
		}
		unended := w.checked(k.ID).Before(k.Expires.Add(-k.Skew)) // when it was last asked for
		return all || k.Pending || unended || k.Waits > 0 || k.State(now) == inbox.DropOpen
	}
	if w.check(ctx, wants) == nil && all {
		w.inbox.at.Lock()
		w.inbox.due.of = v
		w.inbox.at.Unlock()
	}
	_ = w.tellPush(ctx, v) // tried again in a minute
}

// dueForInbox says whether to ask, and whether for all codes.
func (w *Wallet) dueForInbox(v *vault.Vault) (all, due bool) {
	w.mu.Lock()
	unseen := w.unseen()
	w.mu.Unlock()
	r := &w.inbox
	r.at.Lock()
	defer r.at.Unlock()
	all = r.due.of != v
	since := w.d.Now().Sub(r.due.last)
	switch {
	case r.due.told && (since < 0 || since >= inboxSoon):
	case unseen, since >= 0 && since < inboxShown:
		return all, false
	}
	r.due.last, r.due.told = w.d.Now(), false
	return all, true
}

// inboxTold notes that the relay has told of something.
func (w *Wallet) inboxTold() {
	w.inbox.at.Lock()
	defer w.inbox.at.Unlock()
	w.inbox.due.told = true
}

// checked is when a code was last asked for.
func (w *Wallet) checked(id string) time.Time {
	w.inbox.at.Lock()
	defer w.inbox.at.Unlock()
	return w.inbox.due.checked[id]
}

func (w *Wallet) noteChecked(d *inbox.Drop, now time.Time) {
	w.inbox.at.Lock()
	defer w.inbox.at.Unlock()
	w.inbox.skew, w.inbox.heard = d.Skew, true
	if w.inbox.due.checked == nil {
		w.inbox.due.checked = map[string]time.Time{}
	}
	w.inbox.due.checked[d.ID] = now
}

// check asks for the codes that are wanted, one after the other.
func (w *Wallet) check(ctx context.Context, wants func(keptDrop) bool) error {
	v, err := w.open()
	switch {
	case err != nil:
		return err
	case w.d.Drops == nil:
		return ErrNoInbox
	}
	w.inbox.asking.Lock()
	defer w.inbox.asking.Unlock()
	b, err := w.inbox.read(ctx, v)
	if err != nil {
		return err
	}
	before, asked := v.Seq(), w.Snapshot().Inbox == nil
	for _, id := range slices.Sorted(maps.Keys(b.drops)) {
		if k := b.drops[id]; !k.Closed && !w.isOpening(id) && wants(k) {
			asked, err = true, errors.Join(err, w.askDrop(ctx, v, id))
		}
	}
	err = errors.Join(err, w.sweep(ctx, v))
	if v.Seq() != before {
		w.mark(v)
		asked = true
	}
	if !asked {
		return err // as it was shown
	}
	return errors.Join(err, w.showInbox(ctx))
}

// askDrop asks for one code, and begins anew where the person has changed it meanwhile.
func (w *Wallet) askDrop(ctx context.Context, v *vault.Vault, id string) error {
	for range inboxTries {
		b, err := w.inbox.read(ctx, v)
		if err != nil {
			return err
		}
		k, ok := b.drops[id]
		switch {
		case !ok || k.Closed:
			return nil
		case !k.Revoked.IsZero():
			err = w.closeDrop(ctx, v, k)
		case k.unmade(w.d.Now()):
			err = w.RevokeDrop(ctx, id)
		case k.Begun == 0:
			return nil // another tab is about to
		case k.Pending:
			if err = w.prolongDrop(ctx, v, k); err == nil {
				continue
			}
		default:
			err = w.collect(ctx, v, b, k)
		}
		if !errors.Is(err, errMoved) {
			return err
		}
	}
	return errMoved
}

// unmade says whether the page went before the relay had the mailbox: nobody was shown
// the code. Until then another tab may be making it.
func (k keptDrop) unmade(now time.Time) bool {
	since := now.Sub(k.Made)
	return k.Begun == 0 && (since < 0 || since > tabsMaking)
}

// collect takes in what waits under one code.
func (w *Wallet) collect(ctx context.Context, v *vault.Vault, b book, k keptDrop) error {
	box, d := b.inbox(), *k.Drop
	box.Drops, box.Read = []*inbox.Drop{&d}, w.readLetter
	store := &shelf{w: w, v: v, rev: k.Rev}
	report, err := box.Collect(ctx, w.d.Drops, &d, store, w.d.Now)
	if errors.Is(err, share.ErrGone) {
		return w.dropGone(ctx, v, k)
	}
	if k.Consent != "" {
		err = errors.Join(err, w.takeReceipts(ctx, v, k))
	}
	if err != nil {
		return err
	}
	now := w.d.Now()
	w.noteChecked(&d, now)
	if report.Waits == 0 && d.State(now) == inbox.DropEnded {
		k.Drop, k.Rev = &d, store.rev
		return w.closeDrop(ctx, v, k)
	}
	return nil
}

// dropGone is for a code of which the relay says that it has no mailbox: it makes it
// again, as long as somebody may come with the code.
func (w *Wallet) dropGone(ctx context.Context, v *vault.Vault, k keptDrop) error {
	if now, err := w.inbox.read(ctx, v); err != nil || now.drops[k.ID].Rev != k.Rev {
		return errors.Join(err, errMoved) // the person may have ended it, which is why
	}
	lost := true
	if k.State(w.d.Now()) == inbox.DropOpen {
		err := w.prolongDrop(ctx, v, k)
		if lost = errors.Is(err, share.ErrGone); !lost {
			return err
		}
	}
	return w.endDrop(ctx, v, k, lost && k.State(w.d.Now()) == inbox.DropOpen)
}

// takeReceipts hands on what came in the way back of a consent. What is not taken
// waits, seen by nobody, for the next time.
func (w *Wallet) takeReceipts(ctx context.Context, v *vault.Vault, k keptDrop) error {
	b, err := w.inbox.read(ctx, v)
	if err != nil {
		return err
	}
	for _, it := range b.items {
		if it.Drop != k.ID {
			continue
		}
		m, err := w.message(ctx, it.ID)
		if err != nil {
			return err
		}
		taken, err := w.takeReceipt(ctx, k.Consent, m)
		if err == nil && taken {
			err = w.removeItem(ctx, v, it.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// removeItem takes an item and its letter away.
func (w *Wallet) removeItem(ctx context.Context, v *vault.Vault, id string) error {
	return w.amend(ctx, v, func(d *desk) error {
		k, err := d.item(id)
		if err != nil {
			return err
		}
		d.erase(k)
		d.put[docItem+id] = nil
		return nil
	})
}

// message is the message of an item, in full.
func (w *Wallet) message(ctx context.Context, id string) (*message.Message, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	b, err := w.inbox.read(ctx, v)
	if err != nil {
		return nil, err
	}
	k, ok := b.items[id]
	if !ok {
		return nil, ErrNoItem
	}
	body, err := w.letter(ctx, v, k)
	if err != nil {
		return nil, err
	}
	return message.Parse(body)
}
