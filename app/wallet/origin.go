package wallet

import (
	"context"
	"errors"

	"potli/app/history"
	"potli/app/record"
)

// Bringer is who brought a record into the records of a person whom others care for too.
type Bringer struct {
	Me     bool
	Name   string // of another who cares for them; "" when they are known by no name here
	Device string // of one's own; "" for this one, and of others: they do not tell
}

// BroughtBy says who brought a record in. nil: nobody but the wallet of this device, or
// nobody can say. Error: ErrNoRecord.
func (w *Wallet) BroughtBy(ctx context.Context, id record.ID) (*Bringer, error) {
	m, ok := w.Record(id)
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoRecord
	}
	k, err := w.histories()
	if err != nil {
		return nil, err
	}
	s, err := k.State(ctx, m.Profile)
	if errors.Is(err, history.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, r := range s.Records {
		if r.ID != id {
			continue
		}
		if r.User != v.WalletID() {
			names, err := w.knownNames(ctx)
			return &Bringer{Name: names[r.User]}, err
		}
		b := &Bringer{Me: true}
		for _, d := range v.Ring().User().Devices() {
			if d.ID == r.Device && d.ID != v.Ring().Device() {
				b.Device = d.Name
			}
		}
		return b, nil
	}
	return nil, nil
}
