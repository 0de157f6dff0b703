package wallet

import (
	"context"
	"errors"

	"potli/app/history"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// severalDevices says whether the wallet has, or ever had, another device: one that
// was shut out is told so too.
func severalDevices(r *keyring.Ring) bool {
	n := 0
	for _, d := range r.User().Devices() {
		if !d.Legacy() {
			n++
		}
	}
	return n > 1
}

// syncOwn brings the wallet's own devices together.
func (w *Wallet) syncOwn(ctx context.Context, s *syncing) error {
	if !severalDevices(s.v.Ring()) {
		return nil
	}
	before, ring := s.v.Seq(), s.v.Ring()
	err := w.rollDue(ctx, s.v)
	if err == nil {
		err = s.engine.OwnRound(ctx, s.own)
	}
	if s.v.Seq() != before {
		w.setSentinel(s.v)
	}
	if s.v.Ring() != ring {
		w.publishKeys(ctx, s.v)
	}
	w.showDevices(ctx, s)
	return err
}

// rollDue begins another epoch where the newest was made by a device that is gone: it
// knows the secret. (Keybase's rule for per-user keys.)
func (w *Wallet) rollDue(ctx context.Context, v *vault.Vault) error {
	if !v.Ring().User().NeedsRoll() {
		return nil
	}
	return w.changeUser(ctx, v, func(u *keyring.User, d *keyring.Keys) (*keyring.User, error) { return u.Roll(d, w.d.Now()) })
}

// showDevices shows what there is to know of the wallet's devices.
func (w *Wallet) showDevices(ctx context.Context, s *syncing) {
	trouble := DeviceTrouble("")
	switch t := s.keeper.Trouble(ctx); {
	case t == nil:
	case errors.Is(t, keyring.ErrRemoved):
		trouble = DeviceShutOut
	case errors.Is(t, history.ErrSplit):
		trouble = DeviceSplit
	default:
		trouble = DeviceRefused
	}
	if w.Snapshot().Trouble != trouble {
		w.publish(func(s *Snapshot) { s.Trouble = trouble })
	}
	w.publishNewcomers(ctx, s.v)
}

// ReadTrouble puts away what is said of a trouble between devices, until there is
// another. That this device was removed stays.
func (w *Wallet) ReadTrouble(ctx context.Context) error {
	w.mu.Lock()
	s := w.sync
	w.mu.Unlock()
	if s == nil {
		return ErrLocked
	}
	if err := s.keeper.DropTrouble(ctx); err != nil {
		return err
	}
	w.showDevices(ctx, s)
	return nil
}

// DeviceTrouble is what another device of the same wallet has done to its keys that
// this one does not go along with.
type DeviceTrouble string

const (
	// DeviceShutOut: this device was removed. It shows what it has, and gets nothing new.
	DeviceShutOut DeviceTrouble = "shut-out"
	// DeviceRefused: another device has tried to shut others out, or to change keys, as
	// one that is new may not. It is not believed; the person should look at the devices.
	DeviceRefused DeviceTrouble = "refused"
	// DeviceSplit: another device left this one out while this one left it out, or changed
	// the keys at the same time. What is on the one comes to the other by a backup.
	DeviceSplit DeviceTrouble = "split"
)
