package keyring

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"filippo.io/age"
)

// Bounds of a user document. Two thousand changes are one a week for forty years.
const (
	maxDevices    = 256  // that there ever were
	maxActive     = 32   // at one time
	maxRecoveries = 512  // recovery keys that there ever were
	maxChanges    = 8192 // predecessors
	maxName       = 120  // bytes of a device's name
)

// Newcomer is a device that is to be added: what it says of itself, compared by
// the two people or the two screens before anybody believes it.
type Newcomer struct {
	ID        string
	Name      string
	Recipient *age.HybridRecipient
	Verifier  ed25519.PublicKey
}

// NewDevice makes the keys D of a device that is about to be added to a user's
// wallet, and what to tell the device that adds it. A device that is being
// linked learns the user's id last: see Keys.For.
func NewDevice(wallet, name string) (*Keys, Newcomer, error) {
	k, err := New()
	if err != nil {
		return nil, Newcomer{}, err
	}
	k.Wallet = wallet
	return k, k.info(name), nil
}

// For returns the same keys as a device of that wallet.
func (k *Keys) For(wallet string) *Keys {
	c := *k
	c.Wallet = wallet
	return &c
}

// info is what these keys are in a device list.
func (k *Keys) info(name string) Newcomer {
	return Newcomer{ID: k.Device, Name: name, Recipient: k.Identity.Recipient(), Verifier: k.Verifier()}
}

// AddDevice returns the document with one more device, which opens everything
// the user can open. It begins no epoch. Errors: ErrRemoved (by is not an
// active device), ErrDeviceExists, ErrName, ErrLimit.
func (u *User) AddDevice(by *Keys, d Newcomer, now time.Time) (*User, error) {
	next, err := u.draft(by, now)
	if err != nil {
		return nil, err
	}
	if err := next.enter(d, by.Device, by.Signer, next.listed(by.Device)); err != nil {
		return nil, err
	}
	return next.sign(by)
}

// RemoveDevice returns the document without a device, and with a new epoch: what
// is sealed to the user from now on does not open on it. A device may remove
// itself; as it made the newest epoch then, NeedsRoll tells those that stay.
// Errors: ErrRemoved, ErrNoDevice, ErrTooNew, ErrLastDevice, ErrLimit.
func (u *User) RemoveDevice(by *Keys, id string, now time.Time) (*User, error) {
	next, err := u.draft(by, now)
	if err != nil {
		return nil, err
	}
	i := next.index(id)
	switch {
	case i < 0 || !next.devices[i].Active():
		return nil, ErrNoDevice
	case next.active() == 1:
		return nil, ErrLastDevice
	case id != by.Device && next.fresh(by.Device):
		return nil, ErrTooNew
	}
	// The kit that the lost device set is still the person's kit.
	kit := next.recovery()
	next.end(i, by)
	if kit.by == id && id != by.Device {
		if len(next.recoveries) >= maxRecoveries {
			return nil, ErrLimit
		}
		next.setRecovery(by, kit)
	}
	if err := next.begin(); err != nil {
		return nil, err
	}
	return next.sign(by)
}

// Roll returns the document with a new epoch. Errors: ErrRemoved, ErrLimit.
func (u *User) Roll(by *Keys, now time.Time) (*User, error) {
	next, err := u.draft(by, now)
	if err != nil {
		return nil, err
	}
	if err := next.begin(); err != nil {
		return nil, err
	}
	return next.sign(by)
}

// SetRecovery returns the document with another recovery key, nil for none. Only
// what is public of it is kept. A kit that is replaced must open nothing written
// later, so that begins an epoch; what it opened before it opens for ever.
// Errors: ErrRemoved, ErrTooNew, ErrLimit.
func (u *User) SetRecovery(by *Keys, kit *age.HybridIdentity, now time.Time) (*User, error) {
	next, err := u.draft(by, now)
	if err != nil {
		return nil, err
	}
	if len(next.recoveries) >= maxRecoveries {
		return nil, ErrLimit
	}
	if d, _ := next.Device(by.Device); d.By != byRecovery && next.fresh(by.Device) {
		return nil, ErrTooNew
	}
	if next.recovery().to != nil {
		if err := next.begin(); err != nil {
			return nil, err
		}
	}
	r, err := publicOf(kit)
	if err != nil {
		return nil, err
	}
	next.setRecovery(by, r)
	return next.sign(by)
}

// draft is the next document before its change: not signed yet.
func (u *User) draft(by *Keys, now time.Time) (*User, error) {
	if !u.lists(by) {
		return nil, ErrRemoved
	}
	return u.successor(by, now)
}

func (u *User) successor(by *Keys, now time.Time) (*User, error) {
	if len(u.previous) >= maxChanges {
		return nil, ErrLimit
	}
	next := *u
	next.epochs, next.devices, next.recoveries = slices.Clone(u.epochs), slices.Clone(u.devices), slices.Clone(u.recoveries)
	next.previous = append(slices.Clone(u.previous), u.hash())
	next.seq, next.by, next.at = u.seq+1, by.Device, stamp(now)
	next.body, next.sigs = nil, userSigs{}
	return &next, nil
}

// listed is since when a device is on the list.
func (u *User) listed(id string) time.Time {
	d, _ := u.Device(id)
	return d.Added
}

// enter puts a device on the list of a draft, signed by who lets it in. It is
// never on the list for longer than they are, whatever the clocks say, or a
// device on probation could bring one that is not.
func (u *User) enter(d Newcomer, by string, signer ed25519.PrivateKey, since time.Time) error {
	switch {
	case !validID(d.ID) || d.ID == byRecovery || d.Recipient == nil || len(d.Verifier) != ed25519.PublicKeySize:
		return ErrNoDevice
	case d.Name == "" || !validName(d.Name):
		return ErrName
	case u.index(d.ID) >= 0:
		return ErrDeviceExists
	case len(u.devices) >= maxDevices || u.active() >= maxActive:
		return ErrLimit
	}
	entry := Device{
		ID: d.ID, Name: d.Name, Recipient: d.Recipient, Verifier: slices.Clone(d.Verifier), Added: later(u.at, since), By: by,
		key: hashOf([]byte(d.Recipient.String())),
	}
	entry.sig = ed25519.Sign(signer, entry.added(u.id))
	u.devices = append(u.devices, entry)
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func validName(s string) bool { return len(s) <= maxName && plainText(s) }

// end takes a device of a draft out of use.
func (u *User) end(i int, by *Keys) {
	d := &u.devices[i]
	d.Ended, d.EndedBy, d.Recipient = u.at, by.Device, nil
	d.endSig = ed25519.Sign(by.Signer, d.ended(u.id))
}

// begin adds a new epoch to a draft.
func (u *User) begin() error {
	n := 1
	if len(u.epochs) > 0 {
		n = u.epochs[len(u.epochs)-1].n + 1
	}
	if len(u.epochs) >= maxEpochs {
		return ErrLimit
	}
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return fmt.Errorf("making an epoch's key: %w", err)
	}
	_, signer, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("making an epoch's key: %w", err)
	}
	u.epochs = append(u.epochs, userEpoch{epochKey: epochKey{n: n, id: id}, signer: signer, by: u.by, at: u.at})
	return nil
}

// active counts the devices in use.
func (u *User) active() (n int) {
	for _, d := range u.devices {
		if d.Active() {
			n++
		}
	}
	return n
}

// fresh says whether a device of the list is still on probation at u.at. A clock
// that was put back makes it longer, never shorter.
func (u *User) fresh(id string) bool {
	d, _ := u.Device(id)
	return !d.First() && u.at.Sub(d.Added) < Probation
}
