package wallet

import (
	"context"
	"errors"
	"time"

	"potli/app/inbox"
	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
)

// mostDrops is how many codes may be open at a time: each is asked for every minute.
const mostDrops = 30

// MakeDrop makes a code under which others may send documents for a person. It is
// written down before the relay hears of it, and the relay has its mailbox when it
// returns: a link that is shown leads somewhere. Errors: ErrNoInbox, ErrNoPerson,
// inbox.ErrTerms, ErrManyDrops, and those of inbox.Mail.
func (w *Wallet) MakeDrop(ctx context.Context, o DropOffer) (id string, err error) {
	if _, ok := w.Snapshot().person(o.Person); !ok || w.Snapshot().concealed(o.Person) {
		return "", ErrNoPerson
	}
	d, err := w.makeDrop(ctx, inbox.Terms{
		Profile: o.Person, Name: o.Name, Life: o.Life, Most: o.Most, Bytes: o.Bytes, System: o.System,
	}, "")
	if err != nil {
		return "", err
	}
	return d.ID, nil
}

// makeDrop is MakeDrop. consent is the consent of which the code is the way back: the
// person does not see such a one.
func (w *Wallet) makeDrop(ctx context.Context, t inbox.Terms, consent string) (*inbox.Drop, error) {
	v, err := w.open()
	switch {
	case err != nil:
		return nil, err
	case w.d.Drops == nil:
		return nil, ErrNoInbox
	case consent == "" && w.openDrops(ctx, v) >= mostDrops:
		return nil, ErrManyDrops
	}
	t.Relay = w.d.RelayOrigin
	d, err := inbox.NewDrop(t, w.d.Now(), w.d.Rand)
	if err != nil {
		return nil, err
	}
	defer w.beginOpening(d.ID)()
	if err := w.amend(ctx, v, func(desk *desk) error { return desk.putDrop(keptDrop{Drop: d, Consent: consent}) }); err != nil {
		return nil, err
	}
	open := *d
	if err := open.Open(ctx, w.d.Drops, w.d.Now); err != nil {
		// The relay may have it all the same, when its answer was lost.
		_ = w.RevokeDrop(context.WithoutCancel(ctx), d.ID)
		return nil, err
	}
	made := keptDrop{Drop: d, Rev: 1}
	err = w.changeDrop(ctx, v, made, func(k *keptDrop) { k.Drop = &open })
	if err != nil {
		return nil, err
	}
	w.noteChecked(&open, w.d.Now())
	w.mark(v)
	w.wakeSync(0) // to listen at it
	if consent == "" {
		_ = w.tellPush(ctx, v) // tried again in a minute
	}
	w.reshow(ctx)
	return &open, nil
}

// openDrops counts the codes that are open.
func (w *Wallet) openDrops(ctx context.Context, v *vault.Vault) (n int) {
	b, _ := w.inbox.read(ctx, v)
	for _, k := range b.drops {
		if k.Consent == "" && k.State(w.d.Now()) == inbox.DropOpen {
			n++
		}
	}
	return n
}

// beginOpening notes that a code is being made, so that nobody takes it for one that
// was left behind.
func (w *Wallet) beginOpening(id string) (end func()) {
	set := func(on bool) {
		w.inbox.at.Lock()
		defer w.inbox.at.Unlock()
		if w.inbox.due.opening == nil {
			w.inbox.due.opening = map[string]bool{}
		}
		if w.inbox.due.opening[id] = on; !on {
			delete(w.inbox.due.opening, id)
		}
	}
	set(true)
	return func() { set(false) }
}

func (w *Wallet) isOpening(id string) bool {
	w.inbox.at.Lock()
	defer w.inbox.at.Unlock()
	return w.inbox.due.opening[id]
}

// DropLink is the code as a link, for a QR code; false: there is none that leads
// anywhere.
func (w *Wallet) DropLink(id string) (string, bool) {
	k, _, err := w.shownDrop(context.Background(), id)
	if err != nil || k.Closed || k.State(w.d.Now()) != inbox.DropOpen {
		return "", false
	}
	link, err := k.Link(w.d.Viewer)
	return link, err == nil
}

// shownDrop is a code that the person may see. Errors: ErrLocked, ErrNoDrop.
func (w *Wallet) shownDrop(ctx context.Context, id string) (keptDrop, *vault.Vault, error) {
	v, err := w.open()
	if err != nil {
		return keptDrop{}, nil, err
	}
	b, err := w.inbox.read(ctx, v)
	if err != nil {
		return keptDrop{}, nil, err
	}
	k, ok := b.drops[id]
	if !ok || k.Consent != "" || w.Snapshot().concealed(k.Profile) {
		return keptDrop{}, nil, ErrNoDrop
	}
	return k, v, nil
}

// ProlongDrop lets a code live for so long from now. The link says when it ends, so
// it has to be shown anew. Errors: ErrNoDrop, ErrDropOver, inbox.ErrTerms.
func (w *Wallet) ProlongDrop(ctx context.Context, id string, by time.Duration) error {
	_, v, err := w.shownDrop(ctx, id)
	if err != nil {
		return err
	}
	var next keptDrop
	err = w.amend(ctx, v, func(d *desk) error {
		k, err := d.drop(id)
		if err != nil {
			return err
		}
		if k.Closed || !k.Revoked.IsZero() {
			return ErrDropOver
		}
		k.Pending = true
		if err := k.Prolong(by, w.d.Now()); err != nil {
			return err
		}
		next = k
		next.Rev++
		return d.putDrop(k)
	})
	if err != nil {
		return err
	}
	w.mark(v)
	_ = w.prolongDrop(ctx, v, next) // what fails is pending, and tried again
	w.reshow(ctx)
	return nil
}

// prolongDrop tells the relay how long a code lives, or makes its mailbox again.
func (w *Wallet) prolongDrop(ctx context.Context, v *vault.Vault, k keptDrop) error {
	d := *k.Drop
	if err := d.Open(ctx, w.d.Drops, w.d.Now); err != nil {
		return err
	}
	return w.changeDrop(ctx, v, k, func(k *keptDrop) { k.Drop, k.Pending = &d, false })
}

// changeDrop writes a code as it is after what the relay said, if nobody else has
// changed it since it was read: errMoved.
func (w *Wallet) changeDrop(ctx context.Context, v *vault.Vault, read keptDrop, change func(*keptDrop)) error {
	return w.amend(ctx, v, func(d *desk) error {
		k, err := d.drop(read.ID)
		if err != nil {
			return err
		}
		if k.Rev != read.Rev {
			return errMoved
		}
		change(&k)
		return d.putDrop(k)
	})
}

// RevokeDrop ends a code here and now, and at the relay as soon as it can be reached;
// what came before stays. Error: ErrNoDrop.
func (w *Wallet) RevokeDrop(ctx context.Context, id string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	var next keptDrop
	err = w.amend(ctx, v, func(d *desk) error {
		k, err := d.drop(id)
		if err != nil || k.Closed {
			return err
		}
		k.Revoke(w.d.Now())
		k.Pending = true
		next = k
		next.Rev++
		return d.putDrop(k)
	})
	if err != nil {
		return err
	}
	w.mark(v)
	if next.Drop != nil && w.d.Drops != nil {
		_ = w.closeDrop(ctx, v, next) // what fails is pending, and tried again
	}
	w.reshow(ctx)
	return nil
}

// closeDrop ends the mailbox of a code that has ended.
func (w *Wallet) closeDrop(ctx context.Context, v *vault.Vault, k keptDrop) error {
	if err := w.d.Drops.Close(ctx, k.Box()); err != nil && !errors.Is(err, share.ErrGone) {
		return err
	}
	return w.endDrop(ctx, v, k, false)
}

// endDrop forgets the secrets of a code whose mailbox is gone.
func (w *Wallet) endDrop(ctx context.Context, v *vault.Vault, read keptDrop, lost bool) error {
	return w.amend(ctx, v, func(d *desk) error {
		k, err := d.drop(read.ID)
		switch {
		case err != nil:
			return err
		case k.Rev != read.Rev:
			return errMoved
		case k.Profile == "" && k.Consent == "": // of somebody who was erased
			d.put[docDrop+k.ID] = nil
			return nil
		}
		k.Closed, k.Pending, k.Lost, k.Waits, k.Done, k.Told = true, false, lost, 0, nil, ""
		k.Token, k.Key, k.Identity = "", "", ""
		return d.putDrop(k)
	})
}

// closeAll ends the mailboxes of all codes, as far as the relay can be reached, before
// what is known of them is erased.
func (w *Wallet) closeAll(ctx context.Context) {
	v, err := w.open()
	if err != nil || w.d.Drops == nil {
		return
	}
	b, err := w.inbox.read(ctx, v)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, closeAllWithin)
	defer cancel()
	for _, k := range b.drops {
		if !k.Closed && ctx.Err() == nil {
			_ = w.d.Drops.Close(ctx, k.Box())
		}
	}
}

// closeAllWithin is how long somebody who erases the wallet waits for the relay.
const closeAllWithin = 5 * time.Second

// dropsOf takes the codes and items of somebody who is erased away. Of a code whose
// mailbox is still there what closes it stays, and nothing else.
func (w *Wallet) dropsOf(ctx context.Context, v *vault.Vault, id record.ProfileID) error {
	w.inbox.forget()
	b, err := w.inbox.read(ctx, v)
	if err != nil {
		return err
	}
	return w.amend(ctx, v, func(d *desk) error {
		for _, k := range b.items {
			if k.Profile == id {
				d.erase(k)
				d.put[docItem+k.ID] = nil
			}
		}
		for _, known := range b.drops {
			if known.Profile != id {
				continue
			}
			k, err := d.drop(known.ID)
			if err != nil {
				return err
			}
			if k.Closed {
				d.put[docDrop+k.ID] = nil
				continue
			}
			k.Revoke(w.d.Now())
			k.Profile, k.Name, k.Consent, k.Taken, k.Refused, k.Pending = "", "", "", nil, nil, true
			if err := d.putDrop(k); err != nil {
				return err
			}
		}
		return nil
	})
}
