package wallet

import (
	"context"
	"encoding/base64"
	"time"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/record"
)

// mostPins is how many providers' keys are remembered.
const mostPins = 500

// PinProvider keeps a provider's key as known, on all of the user's devices: what is
// signed with it is from Name, by the person's own word. Errors: ErrNoPin (no
// thumbprint, or no name), ErrManyPins.
func (w *Wallet) PinProvider(ctx context.Context, p inbox.Pin) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(p.Thumbprint)
	if p.Name = record.Tidy(p.Name); err != nil || len(b) != 32 || p.Name == "" || len(p.Name) > 4*message.MaxName {
		return ErrNoPin
	}
	if p.Since.IsZero() {
		p.Since = w.d.Now().UTC().Truncate(time.Second)
	}
	known, err := w.inbox.read(ctx, v)
	if err != nil {
		return err
	}
	if _, again := known.pins[p.Thumbprint]; !again && len(known.pins) >= mostPins {
		return ErrManyPins
	}
	return w.setPin(ctx, func(d *desk) error { return d.json(docPin+p.Thumbprint, p) })
}

// UnpinProvider forgets a provider's key, on all of the user's devices. Error: ErrNoPin.
func (w *Wallet) UnpinProvider(ctx context.Context, thumbprint string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	known, err := w.inbox.read(ctx, v)
	if err != nil {
		return err
	}
	if _, ok := known.pins[thumbprint]; !ok {
		return ErrNoPin
	}
	return w.setPin(ctx, func(d *desk) error { d.put[docPin+thumbprint] = nil; return nil })
}

func (w *Wallet) setPin(ctx context.Context, change func(*desk) error) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if err := w.amend(ctx, v, change); err != nil {
		return err
	}
	w.mark(v)
	w.reshow(ctx)
	return nil
}
