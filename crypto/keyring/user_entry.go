package keyring

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"slices"
	"time"

	"filippo.io/age"
)

// Entries of the user document are signed one by one, by the device that made
// them, apart from the signatures over the whole. A device that sees the result
// of several changes can so tell who made which: nobody can remove a device, or
// replace the recovery key, in another's name.
//
//	added    "potli-device-added/1"  by Device.By, or by the recovery key's own signer
//	ended    "potli-device-ended/1"  by Device.EndedBy
//	recovery "potli-recovery-set/1"  by the device that set it
//
// What is signed is the context, 0x00, and the SHA-256 of each field in turn.

// Device is one browser profile in the user document.
type Device struct {
	ID   string
	Name string // what the person called it; may be "" for one of an older release
	// Recipient is what the user file is sealed to; nil once the device has
	// ended: nothing is sealed to it any more.
	Recipient *age.HybridRecipient
	Verifier  ed25519.PublicKey // stays for ever: what it wrote remains verifiable
	Added     time.Time
	By        string    // the device that added it; its own id for the first one, "recovery" after a recovery
	Ended     time.Time // zero while it is active
	EndedBy   string

	key         string // hash of the recipient, which outlives it
	sig, endSig []byte
}

// byRecovery stands in Device.By for a device that the recovery key let in.
const byRecovery = "recovery"

// Active says whether the device is in use.
func (d Device) Active() bool { return d.Ended.IsZero() }

// First says whether the wallet began on this device.
func (d Device) First() bool { return d.By == d.ID }

// recovery is R at one time: of the key only what is public is kept.
//
// The entry that stands is the latest of those that were not made by a device
// which another device removed: the remover sets the same key again, in its own
// name. So two documents that are merged, in whatever order, have one answer.
type recovery struct {
	to       *age.HybridRecipient // nil: given up without another
	key      string               // hash of the recipient, or ""
	verifier ed25519.PublicKey    // of recoverySigner
	by       string
	at       time.Time
	sig      []byte
}

// statement is the message that an entry's signature covers.
func statement(context string, fields ...string) []byte {
	m := []byte(context + "\x00")
	for _, f := range fields {
		m = append(m, digestOf([]byte(f))...)
	}
	return m
}

func (d Device) added(user string) []byte {
	return statement("potli-device-added/1", user, d.ID, d.Name, d.key, encode(d.Verifier), d.By, when(d.Added))
}

func (d Device) ended(user string) []byte {
	return statement("potli-device-ended/1", user, d.ID, d.EndedBy, when(d.Ended))
}

func (r recovery) set(user string) []byte {
	return statement("potli-recovery-set/1", user, r.key, encode(r.verifier), r.by, when(r.at))
}

func when(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// recoverySigner is the signing half of a recovery key: age keys do not sign, and
// a device that comes by the kit must show that it had it. The seed is
// HKDF-SHA-256 of the identity as age writes it.
func recoverySigner(kit *age.HybridIdentity) (ed25519.PrivateKey, error) {
	seed, err := hkdf.Key(sha256.New, []byte(kit.String()), nil, "potli-recovery-signer/1", ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// publicOf is what is kept of a kit; nil for giving up the one there is.
func publicOf(kit *age.HybridIdentity) (recovery, error) {
	if kit == nil {
		return recovery{}, nil
	}
	signer, err := recoverySigner(kit)
	if err != nil {
		return recovery{}, err
	}
	to := kit.Recipient()
	return recovery{to: to, key: hashOf([]byte(to.String())), verifier: signer.Public().(ed25519.PublicKey)}, nil
}

// setRecovery enters a recovery key into a draft. It is later than all that were
// set before, whatever the clock says.
func (u *User) setRecovery(by *Keys, r recovery) {
	r.by, r.at = by.Device, later(u.at, u.listed(by.Device))
	for _, o := range u.recoveries {
		r.at = later(r.at, o.at.Add(time.Second))
	}
	r.sig = ed25519.Sign(by.Signer, r.set(u.id))
	u.recoveries = append(u.recoveries, r)
}

// recovery is the entry that stands: a key, or that it was given up; zero for
// none.
func (u *User) recovery() (stands recovery) {
	for _, r := range u.recoveries {
		by, _ := u.Device(r.by)
		if fallen := !by.Active() && by.EndedBy != by.ID; !fallen && stands.compare(r) < 0 {
			stands = r
		}
	}
	return stands
}

func (r recovery) same(o recovery) bool { return bytes.Equal(r.sig, o.sig) }

func (r recovery) compare(o recovery) int {
	return cmp.Or(r.at.Compare(o.at), bytes.Compare(r.sig, o.sig))
}

// genuine checks the signatures of all entries.
func (u *User) genuine() bool {
	for _, d := range u.devices {
		if !u.genuineDevice(d) {
			return false
		}
	}
	for _, r := range u.recoveries {
		by, ok := u.Device(r.by)
		if !ok || r.at.Before(by.Added) || !ed25519.Verify(by.Verifier, r.set(u.id), r.sig) {
			return false
		}
	}
	return true
}

func (u *User) genuineDevice(d Device) bool {
	if !d.Active() {
		by, ok := u.Device(d.EndedBy)
		if !ok || !ed25519.Verify(by.Verifier, d.ended(u.id), d.endSig) {
			return false
		}
	}
	if d.By == byRecovery {
		return slices.ContainsFunc(u.recoveries, func(r recovery) bool { return r.letIn(u.id, d) })
	}
	by, ok := u.Device(d.By)
	return ok && !d.Added.Before(by.Added) && ed25519.Verify(by.Verifier, d.added(u.id), d.sig)
}

// letIn says whether a device came by this recovery key.
func (r recovery) letIn(user string, d Device) bool {
	return d.By == byRecovery && r.to != nil && !d.Added.Before(r.at) && ed25519.Verify(r.verifier, d.added(user), d.sig)
}
