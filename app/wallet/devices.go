package wallet

import (
	"context"
	"errors"
	"maps"
	"time"

	"potli/crypto/keyring"
)

// Device is one browser profile that opens the wallet, or did.
type Device struct {
	ID    string
	Name  string
	Added time.Time
	Ended time.Time // zero while it opens the wallet
	This  bool
}

// Active says whether the device opens the wallet.
func (d Device) Active() bool { return d.Ended.IsZero() }

// maxDeviceName is how many bytes the name of a device has at most.
const maxDeviceName = 120

// docDevices holds the names that the person gave to devices after they were
// added, by id: what a device signed when it came is never changed.
const docDevices = "device-names"

// deviceName is what this device is called until the person calls it otherwise.
func (w *Wallet) deviceName() string {
	if w.d.Device != "" {
		return w.d.Device
	}
	return "Potli"
}

// Devices lists the devices of the wallet, in the order they came; those of
// releases that had no devices are left out.
func (w *Wallet) Devices(ctx context.Context) ([]Device, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	if err := getJSON(ctx, v, docDevices, &names); err != nil {
		return nil, err
	}
	r := v.Ring()
	var list []Device
	for _, d := range r.User().Devices() {
		if d.Legacy() {
			continue
		}
		name := d.Name
		if names[d.ID] != "" {
			name = names[d.ID]
		}
		list = append(list, Device{ID: d.ID, Name: name, Added: d.Added, Ended: d.Ended, This: d.ID == r.Device()})
	}
	return list, nil
}

// SetDeviceName calls a device what the person likes. Errors: ErrName,
// ErrNoDevice.
func (w *Wallet) SetDeviceName(ctx context.Context, id, name string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if name = tidy(name); name == "" || len(name) > maxDeviceName {
		return ErrName
	}
	if _, ok := v.Ring().User().Device(id); !ok {
		return ErrNoDevice
	}
	w.family.Lock()
	defer w.family.Unlock()
	names := map[string]string{}
	if err := getJSON(ctx, v, docDevices, &names); err != nil {
		return err
	}
	names = maps.Clone(names)
	names[id] = name
	if err := putJSON(ctx, v, docDevices, names); err != nil {
		return err
	}
	w.mark(v)
	return nil
}

// RemoveDevice shuts a device out, asked for with the words: new keys for the
// wallet and everyone in it, of which it gets none. What it has opened before it
// has seen. The recovery text of an earlier release ends with it: see Snapshot.Kit.
// Errors: ErrWrongPassphrase, ErrNoDevice, ErrThisDevice, ErrTooNew.
func (w *Wallet) RemoveDevice(ctx context.Context, words, id string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if id == v.Ring().Device() {
		return ErrThisDevice
	}
	if _, err := w.reauthenticate(ctx, words); err != nil {
		return err
	}
	oldKit := kitIsLegacy(v.Ring())
	err = w.changeUser(ctx, v, func(u *keyring.User, d *keyring.Keys) (*keyring.User, error) {
		u, err := u.RemoveDevice(d, id, w.d.Now())
		if err != nil || !oldKit {
			return u, err
		}
		// Every device knows the recovery text of an earlier release: it is the key
		// that opens what was sealed then.
		return u.SetRecovery(d, nil, w.d.Now())
	})
	if errors.Is(err, keyring.ErrNoDevice) {
		return ErrNoDevice
	}
	return err
}
