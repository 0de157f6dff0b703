package wallet

import (
	"context"
	"errors"

	"potli/app/inbox"
	"potli/app/share"
	"potli/app/vault"
)

// docNotify is where this device is told of arrivals while the page is closed.
const docNotify = "notify"

// subscription is what senders of notices need. A notice is empty: it says that there
// is something, to a service of the browser's maker.
type subscription struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"`
	Auth     string `json:"auth"`
	Off      bool   `json:"off,omitempty"` // to be taken back where it was given
	Device   string `json:"device"`        // whose it is: a backup may bring it to another
}

// Notify has this device told, or no longer, of what arrives while the page is closed.
// Call it on the person's own tap: the browser asks them. What cannot be told to the
// relay now is told later. Errors: ErrNoInbox, ErrNoPush, ErrPushDenied, and those of
// inbox.Mail.
func (w *Wallet) Notify(ctx context.Context, on bool) error {
	v, err := w.open()
	switch {
	case err != nil:
		return err
	case w.d.Drops == nil:
		return ErrNoInbox
	case w.d.Push == nil:
		return ErrNoPush
	}
	var sub subscription
	if on {
		sub, err = w.subscribe(ctx)
	} else {
		sub, err = subscribed(ctx, v)
		sub.Off = true
	}
	if err == nil && sub.Endpoint != "" {
		sub.Device = v.Ring().Device()
		err = putJSON(ctx, v, docNotify, sub)
	}
	if err == nil && !on {
		err = w.d.Push.Unsubscribe(ctx)
	}
	w.mark(v)
	_ = w.tellPush(ctx, v) // what fails is tried again in a minute
	w.reshow(ctx)
	return err
}

// subscribed is the subscription of this device, if there is one.
func subscribed(ctx context.Context, v *vault.Vault) (s subscription, err error) {
	if err = getJSON(ctx, v, docNotify, &s); err != nil || s.Device != v.Ring().Device() {
		s = subscription{}
	}
	return s, err
}

func (w *Wallet) subscribe(ctx context.Context) (s subscription, err error) {
	if err := w.d.Push.Ask(ctx); err != nil {
		return s, err
	}
	key, err := w.d.Drops.PushKey(ctx)
	if err == nil && key == "" {
		err = ErrNoPush
	}
	if err != nil {
		return s, err
	}
	s.Endpoint, s.P256dh, s.Auth, err = w.d.Push.Subscribe(ctx, key)
	return s, err
}

// tellPush has the relay tell this device of each open code, and of no other.
func (w *Wallet) tellPush(ctx context.Context, v *vault.Vault) error {
	w.inbox.telling.Lock()
	defer w.inbox.telling.Unlock()
	sub, err := subscribed(ctx, v)
	if err != nil || sub.Endpoint == "" {
		return err
	}
	b, err := w.inbox.read(ctx, v)
	if err != nil {
		return err
	}
	for _, k := range b.drops {
		if k.Consent == "" && !k.Closed && k.Begun != 0 {
			err = errors.Join(err, w.tellOne(ctx, v, k, sub))
		}
	}
	if err == nil && sub.Off {
		err = v.PutDocs(ctx, map[string][]byte{docNotify: nil})
	}
	return err
}

// tellOne brings what the relay tells of one code in line.
func (w *Wallet) tellOne(ctx context.Context, v *vault.Vault, k keptDrop, sub subscription) error {
	wants := sub.Endpoint
	if sub.Off || k.State(w.d.Now()) != inbox.DropOpen {
		wants = ""
	}
	var err error
	switch {
	case k.Told == wants:
		return nil
	case wants != "":
		err = w.d.Drops.SetPush(ctx, k.Box(), sub.Endpoint, sub.P256dh, sub.Auth)
	default:
		err = w.d.Drops.ClearPush(ctx, k.Box(), sub.Endpoint, sub.P256dh, sub.Auth)
	}
	if err != nil && !errors.Is(err, share.ErrGone) {
		return err
	}
	return w.changeDrop(ctx, v, k, func(k *keptDrop) { k.Told = wants })
}

// notifyState says whether this device is told.
func (w *Wallet) notifyState(ctx context.Context, v *vault.Vault) Notify {
	if w.d.Push == nil || w.d.Drops == nil {
		return NotifyNone
	}
	state := w.d.Push.State(ctx)
	if sub, err := subscribed(ctx, v); state == NotifyOn && (err != nil || sub.Endpoint == "" || sub.Off) {
		state = NotifyOff // of nothing that the relay knows of
	}
	return state
}
