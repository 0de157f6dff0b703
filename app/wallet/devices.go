package wallet

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// Device is one browser profile that opens the wallet, or did.
type Device struct {
	ID    string
	Name  string
	Added time.Time
	Ended time.Time // zero while it opens the wallet
	This  bool
	By    string // name of the device that added it; "": none that is known, as by a kit
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
	return devicesOf(ctx, v)
}

func devicesOf(ctx context.Context, v *vault.Vault) ([]Device, error) {
	names := map[string]string{}
	if err := getJSON(ctx, v, docDevices, &names); err != nil {
		return nil, err
	}
	r := v.Ring()
	name := func(d keyring.Device) string {
		if d.Legacy() {
			return ""
		}
		return cmp.Or(names[d.ID], d.Name)
	}
	var list []Device
	for _, d := range r.User().Devices() {
		if d.Legacy() {
			continue
		}
		by, _ := r.User().Device(d.By)
		if by.ID == d.ID {
			by = keyring.Device{}
		}
		list = append(list, Device{ID: d.ID, Name: name(d), Added: d.Added, Ended: d.Ended, This: d.ID == r.Device(), By: name(by)})
	}
	return list, nil
}

// docMet holds which devices the person has said here to be theirs. It stays on this
// device, and is of this device: neither another one nor a backup can say it.
const docMet = "devices-met"

type met struct {
	Device string   `json:"device"`
	IDs    []string `json:"ids"`
}

// newcomers are the devices in use that somebody else than this device has added and
// that the person was not asked about here, or has not answered. Those that were there
// before this one are not among them: it came by one of them.
func newcomers(ctx context.Context, v *vault.Vault) ([]Device, error) {
	list, err := devicesOf(ctx, v)
	if err != nil {
		return nil, err
	}
	seen, err := metDevices(ctx, v)
	if err != nil {
		return nil, err
	}
	u, self := v.Ring().User(), v.Ring().Device()
	return slices.DeleteFunc(list, func(d Device) bool {
		entry, _ := u.Device(d.ID)
		return d.This || !d.Active() || entry.By == self || slices.Contains(seen.IDs, d.ID)
	}), nil
}

// metDevices reads that document. Where this device has none yet it is written, with
// those that came before.
func metDevices(ctx context.Context, v *vault.Vault) (met, error) {
	var m met
	self := v.Ring().Device()
	if err := getJSON(ctx, v, docMet, &m); err != nil || m.Device == self {
		return m, err
	}
	m = met{Device: self, IDs: []string{}}
	for _, d := range v.Ring().User().Devices() {
		if d.ID == self {
			break
		}
		m.IDs = append(m.IDs, d.ID)
	}
	return m, putJSON(ctx, v, docMet, m)
}

// publishNewcomers shows them.
func (w *Wallet) publishNewcomers(ctx context.Context, v *vault.Vault) {
	if w.Snapshot().Demo || v.Older() {
		return
	}
	list, err := newcomers(ctx, v)
	if err != nil || slices.Equal(list, w.Snapshot().Newcomers) {
		return // tried again at the next round
	}
	w.publish(func(s *Snapshot) { s.Newcomers = list })
}

// ConfirmDevice says that a device is the person's own: they are not asked about it
// here any more. Error: ErrNoDevice.
func (w *Wallet) ConfirmDevice(ctx context.Context, id string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if _, ok := v.Ring().User().Device(id); !ok {
		return ErrNoDevice
	}
	w.family.Lock()
	defer w.family.Unlock()
	m, err := metDevices(ctx, v)
	if err != nil {
		return err
	}
	if !slices.Contains(m.IDs, id) {
		m.IDs = append(slices.Clone(m.IDs), id)
		if err := putJSON(ctx, v, docMet, m); err != nil {
			return err
		}
	}
	w.mark(v)
	w.publishNewcomers(ctx, v)
	return nil
}

// SetDeviceName calls a device what the person likes. Errors: ErrName,
// ErrNoDevice.
func (w *Wallet) SetDeviceName(ctx context.Context, id, name string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if name = record.Tidy(name); name == "" || len(name) > maxDeviceName {
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
	w.publishNewcomers(ctx, v)
	return nil
}

// RemoveDevice shuts a device out, asked for with the words, or the passkey where
// they are "": new keys for the wallet and everyone in it, of which it gets none. What
// it has opened before it has seen. The recovery text of an earlier release ends with
// it: see Snapshot.Kit. Errors: those of authenticate, ErrNoDevice, ErrThisDevice,
// ErrTooNew.
func (w *Wallet) RemoveDevice(ctx context.Context, words, id string) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if id == v.Ring().Device() {
		return ErrThisDevice
	}
	if err := w.authenticate(ctx, words); err != nil {
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
	if err == nil {
		w.publishNewcomers(ctx, v)
	}
	return err
}
