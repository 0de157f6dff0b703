package wallet

import (
	"context"
	"errors"
	"slices"

	"potli/app/consent"
	"potli/app/message"
	"potli/app/vault"
)

// takeReceipt takes what a receiver put into the way back of a consent: its
// countersignature. It is kept where it is of a receipt of this very consent and by the
// key that the receipt names; anything else is dropped. true: nothing of it is left to
// be done.
func (w *Wallet) takeReceipt(ctx context.Context, id string, m *message.Message) (bool, error) {
	v, err := w.open()
	if err != nil {
		return false, err
	}
	b, err := w.bookOf(ctx, id)
	if errors.Is(err, ErrNoConsent) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for _, e := range slices.Backward(b.of(id)) {
		if e.Receipt == "" {
			continue
		}
		jws, err := v.Doc(ctx, docReceipt+e.Receipt)
		if errors.Is(err, vault.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		if _, err := consent.CheckCountersigned(string(jws), m.Receipt); err != nil {
			continue
		}
		if err := w.confirmed(ctx, b, e, m.Receipt); err != nil {
			return false, err
		}
		return true, nil
	}
	return true, nil
}
