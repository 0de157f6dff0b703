package keyring

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"filippo.io/age"
)

// Errors of the user document.
var (
	// ErrNotForUs: the user file is sealed to other keys. That is also what a
	// device sees that was removed.
	ErrNotForUs = errors.New("the user file is sealed to other keys")
	// ErrBadUser: not a user file or document, or a changed one.
	ErrBadUser = errors.New("the user file is damaged")
	// ErrForged: not signed by the user's newest key and one of the devices.
	ErrForged = errors.New("not signed by the user")
	// ErrOlder: older than what was seen before; somebody put it back.
	ErrOlder = errors.New("older than what was seen before")
	// ErrForked: it does not descend from what was seen before. Two devices
	// changed the document at once (see Merge), or somebody split them.
	ErrForked = errors.New("does not follow from what was seen before")
	// ErrRewritten: it descends from what was seen before and contradicts it.
	ErrRewritten = errors.New("rewrites what was seen before")
	// ErrTooNew: the device was added less than a day ago, and until then it
	// can not remove other ways in.
	ErrTooNew = errors.New("this device was added less than a day ago")
	// ErrNoDevice: no active device of that id.
	ErrNoDevice = errors.New("no such active device")
	// ErrDeviceExists: there is, or was, a device of that id.
	ErrDeviceExists = errors.New("the device is listed already")
	// ErrLastDevice: the only device that is left is never removed.
	ErrLastDevice = errors.New("the last device can not be removed")
	// ErrName: a device's name that is empty, too long or not plain text.
	ErrName = errors.New("not a name for a device")
)

// Probation is how long after it was added a device can not remove others nor
// set the recovery key. Whoever tricks a person into linking a device can
// not lock them out the same hour; every device is told, and there is a day to
// remove it. The first device and one that was made with the recovery key are
// not on probation for the key, the first not for devices either.
const Probation = 24 * time.Hour

// Pin is what a device remembers of the user document it saw last. It is no
// secret, and small enough for a sentinel outside the database. Zero: none.
type Pin struct {
	Seq  uint64 `json:"seq"`
	Hash string `json:"hash"` // SHA-256 of the document, base64url
}

// User is the user document, potli-user/1: the epochs of the user's own key U,
// the user's devices and the recovery key's recipient. It never changes; each
// change returns the next one, signed by the newest U and by the device that
// made it, and carrying the hashes of all that came before.
//
// AddDevice lets a device see everything. RemoveDevice, and replacing the
// recovery key, always begin a new epoch of U; the caller then rolls the
// profiles too, or what is sealed to them stays open to who has left.
type User struct {
	id         string
	seq        uint64
	by         string // the device that made this one
	at         time.Time
	epochs     []userEpoch // ascending; what stands before what was displaced
	legacy     *age.HybridIdentity
	devices    []Device   // in the order they came
	recoveries []recovery // all there ever were
	previous   []string   // hashes of all predecessors

	body []byte // the document's bytes, which are what is signed and hashed
	sigs userSigs
}

// userEpoch is one U.
type userEpoch struct {
	epochKey
	signer ed25519.PrivateKey
	by     string
	at     time.Time
}

// NewUser makes the document of a new wallet: epoch 1 and one device, d. Its id
// is d.Wallet. kit is the recovery key, nil while there is none; only what is
// public of it is kept.
func NewUser(d *Keys, name string, kit *age.HybridIdentity, now time.Time) (*User, error) {
	u := &User{id: d.Wallet, seq: 1, by: d.Device, at: stamp(now)}
	if err := u.enter(d.info(name), d.Device, d.Signer, u.at); err != nil {
		return nil, err
	}
	if kit != nil {
		r, err := publicOf(kit)
		if err != nil {
			return nil, err
		}
		u.setRecovery(d, r)
	}
	if err := u.begin(); err != nil {
		return nil, err
	}
	return u.sign(d)
}

// ID is the user's id; it outlives every device.
func (u *User) ID() string { return u.id }

// Seq counts the changes, from 1.
func (u *User) Seq() uint64 { return u.seq }

// Epoch is the number of the newest U.
func (u *User) Epoch() int { return u.newest().n }

// Pin is what to remember of this document.
func (u *User) Pin() Pin { return Pin{u.seq, u.hash()} }

// Made says which device made this document, and when by its clock.
func (u *User) Made() (device string, at time.Time) { return u.by, u.at }

// Devices lists all devices there ever were, in the order they came.
func (u *User) Devices() []Device { return slices.Clone(u.devices) }

// Device returns the device of that id.
func (u *User) Device(id string) (Device, bool) {
	if i := u.index(id); i >= 0 {
		return u.devices[i], true
	}
	return Device{}, false
}

// Recovery returns the recipient of the recovery key and since when it is that
// one; nil when there is none.
func (u *User) Recovery() (*age.HybridRecipient, time.Time) {
	r := u.recovery()
	return r.to, r.at
}

// Recipients are those that open the user file, and that a backup is sealed to
// beside U: all active devices and the recovery key.
func (u *User) Recipients() []*age.HybridRecipient {
	var list []*age.HybridRecipient
	for _, d := range u.devices {
		if d.Active() {
			list = append(list, d.Recipient)
		}
	}
	if r := u.recovery(); r.to != nil {
		list = append(list, r.to)
	}
	return list
}

// NeedsRoll says whether the newest epoch was made by a device that is gone: it
// knows the secret. A device that is still there has to Roll before anything
// more is sealed. (Keybase's rule for per-user keys.)
func (u *User) NeedsRoll() bool {
	d, ok := u.Device(u.newest().by)
	return !ok || !d.Active()
}

func (u *User) index(id string) int {
	return slices.IndexFunc(u.devices, func(d Device) bool { return d.ID == id })
}

// lists says whether these are the keys of an active device.
func (u *User) lists(k *Keys) bool {
	d, ok := u.Device(k.Device)
	return ok && d.Active() && k.Wallet == u.id && d.Verifier.Equal(k.Verifier()) && d.Recipient.String() == k.Identity.Recipient().String()
}

// keys are the secrets of the epochs.
func (u *User) keys() []epochKey {
	list := make([]epochKey, len(u.epochs))
	for i, e := range u.epochs {
		list[i] = e.epochKey
	}
	return list
}

// newest is the highest epoch that stands. There always is one.
func (u *User) newest() userEpoch {
	for _, e := range slices.Backward(u.epochs) {
		if !e.displaced {
			return e
		}
	}
	panic("keyring: a user without an epoch")
}

func (u *User) hash() string { return hashOf(u.body) }

func hashOf(b []byte) string { return encode(digestOf(b)) }

func digestOf(b []byte) []byte {
	h := sha256.Sum256(b)
	return h[:]
}

// descends says whether the document of that hash came before this one.
func (u *User) descends(hash string) bool { return slices.Contains(u.previous, hash) }

// stamp is how times are written: UTC, to the second.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// String keeps keys out of logs.
func (u User) String() string { return "keyring.User{…}" }

// GoString keeps keys out of logs written with %#v.
func (u User) GoString() string { return u.String() }

// Format keeps keys out of logs whatever the verb.
func (u User) Format(s fmt.State, _ rune) { s.Write([]byte(u.String())) }
