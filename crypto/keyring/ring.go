package keyring

import (
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"
)

// Errors of Ring.
var (
	// ErrNoProfile: the ring holds no key of this profile.
	ErrNoProfile = errors.New("no key of this profile")
	// ErrProfileExists: the profile has keys already.
	ErrProfileExists = errors.New("the profile has keys already")
	// ErrEpoch: another secret is known under this number, or the number is
	// not one that an epoch can have.
	ErrEpoch = errors.New("not the known secret of this epoch")
	// ErrDevice: the device is known with another verifier.
	ErrDevice = errors.New("not the known verifier of this device")
	// ErrLimit: more epochs, devices or changes than a document may hold.
	ErrLimit = errors.New("more than a document of keys may hold")
	// ErrRemoved: the device is not, or no longer, one of the user's.
	ErrRemoved = errors.New("not an active device of this user")
)

// Bounds on epochs: the highest number that is taken from others (nobody rolls
// that often, and a hostile number must not bring ours to an end), and how many
// one document holds.
const (
	maxEpoch  = 1 << 20
	maxEpochs = 2048
	maxFirst  = 1 << 16 // of a profile that is new here
	maxAhead  = 1024
)

// Ring is everything that one unlocked device holds: its own keys D, the user
// document with the epochs U, and of each profile those epochs P that the user
// was given.
//
//	Newest("", …)       seal: wallet-wide documents, the index   U_e
//	Newest(profile)     seal: records of that profile            P_e
//	Identity(…, 1…e)    open what was sealed at that epoch
//	Identity(…, 0)      open what was sealed before there were epochs
//
// A Ring never changes: what changes it returns another. Safe for concurrent use.
type Ring struct {
	keys     *Keys
	user     *User
	profiles map[string]profileKeys
	trusted  map[string]ed25519.PublicKey // devices of other users
}

// profileKeys are the epochs of one profile, ascending; under one number the
// one that stands comes first.
type profileKeys struct {
	seq    uint64 // changes so far
	epochs []epochKey
}

// epochKey is one epoch's secret.
type epochKey struct {
	n         int
	id        *age.HybridIdentity
	displaced bool // another one stands under this number: opens, never seals
}

// NewRing puts together what an unlocked device holds. Profiles come by
// AddProfile, Learn and WithCopy. Error: ErrRemoved when u does not list d as active.
func NewRing(d *Keys, u *User) (*Ring, error) {
	if !u.lists(d) {
		return nil, ErrRemoved
	}
	return &Ring{keys: d, user: u}, nil
}

// Wallet is the user's id.
func (r *Ring) Wallet() string { return r.user.id }

// Device is the id of this browser profile.
func (r *Ring) Device() string { return r.keys.Device }

// Signer is this device's, for everything it writes.
func (r *Ring) Signer() ed25519.PrivateKey { return r.keys.Signer }

// EpochSigner is the user's own key of the newest epoch, and which epoch that is: every
// device of the user has it, and the others know it (UserPublic). It is not for records,
// which a device signs with its own; see package consent on certificates.
func (r *Ring) EpochSigner() (by ed25519.PrivateKey, epoch int) {
	e := r.user.newest()
	return e.signer, e.n
}

// Keys are D, what unlock files wrap.
func (r *Ring) Keys() *Keys { return r.keys }

// User is the user document.
func (r *Ring) User() *User { return r.user }

// WithUser returns a ring with a later user document, made here or by another
// device of the user. Errors: those of User.Accept, and ErrRemoved when it no
// longer lists this device.
func (r *Ring) WithUser(next *User, now time.Time) (*Ring, error) {
	if err := r.user.Accept(next, now); err != nil {
		return nil, err
	}
	if !next.lists(r.keys) {
		return nil, ErrRemoved
	}
	c := *r
	c.user = next
	return &c, nil
}

// Profiles lists the profiles that the ring has keys of, sorted.
func (r *Ring) Profiles() []string { return slices.Sorted(maps.Keys(r.profiles)) }

// Epochs lists the numbers of the epochs of a profile (or "", the user's own)
// that can be opened, ascending, without 0. They may have gaps and begin late:
// who was let in "from now on" holds no earlier ones.
func (r *Ring) Epochs(profile string) []int {
	var list []int
	for _, e := range r.epochs(profile) {
		if !e.displaced {
			list = append(list, e.n)
		}
	}
	return list
}

// Newest is what to seal to: the highest epoch of the profile, or of the user
// for "". Never the legacy identity. false: no such profile.
func (r *Ring) Newest(profile string) (epoch int, identity *age.HybridIdentity, ok bool) {
	for _, e := range slices.Backward(r.epochs(profile)) {
		if !e.displaced {
			return e.n, e.id, true
		}
	}
	return 0, nil, false
}

// Identity opens what was sealed at an epoch of a profile (or ""), nil when the
// ring does not hold it. Epoch 0 is the legacy identity, for every profile: it
// opens what an older release sealed, whatever profile it belonged to, and so
// it must never be given to another person nor sealed to again.
func (r *Ring) Identity(profile string, epoch int) *age.HybridIdentity {
	if epoch == 0 {
		return r.user.legacy
	}
	for _, e := range r.epochs(profile) {
		if e.n == epoch && !e.displaced {
			return e.id
		}
	}
	return nil
}

func (r *Ring) epochs(profile string) []epochKey {
	if profile == "" {
		return r.user.keys()
	}
	return r.profiles[profile].epochs
}

// Verifier checks what a device signed: one of the user's own, also when it was
// removed since, or a trusted one. nil: unknown.
func (r *Ring) Verifier(device string) ed25519.PublicKey {
	if d, ok := r.user.Device(device); ok {
		return d.Verifier
	}
	return r.trusted[device]
}

// Trust tells the ring of a device of another user, as a member's signed
// UserPublic lists it. Nothing is decided by it but whose signature is whose.
// Error: ErrDevice for a known device with another verifier, one's own above all.
func (r *Ring) Trust(device string, verifier ed25519.PublicKey) (*Ring, error) {
	if !validID(device) || len(verifier) != ed25519.PublicKeySize {
		return nil, ErrDevice
	}
	if known := r.Verifier(device); known != nil {
		if !known.Equal(verifier) {
			return nil, ErrDevice
		}
		return r, nil
	}
	c := *r
	if c.trusted = maps.Clone(r.trusted); c.trusted == nil {
		c.trusted = make(map[string]ed25519.PublicKey)
	}
	c.trusted[device] = slices.Clone(verifier)
	return &c, nil
}

// AddProfile makes epoch 1 of a new profile. Error: ErrProfileExists.
func (r *Ring) AddProfile(profile string) (*Ring, error) {
	if !validProfile(profile) {
		return nil, ErrNoProfile
	}
	if _, ok := r.profiles[profile]; ok {
		return nil, ErrProfileExists
	}
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fmt.Errorf("making a profile's key: %w", err)
	}
	return r.with(profile, epochKey{n: 1, id: id}), nil
}

// Roll makes another epoch of a profile and returns its number. What is sealed
// from then on opens only for those who are given it. next is the number that the
// profile's history gives to the epoch that is made now, 0 where there is none:
// others may have made some that this ring does not hold. It is never one that the
// ring has. Errors: ErrNoProfile, ErrLimit.
func (r *Ring) Roll(profile string, next int) (*Ring, int, error) {
	p, ok := r.profiles[profile]
	if !ok {
		return nil, 0, ErrNoProfile
	}
	next = max(next, p.epochs[len(p.epochs)-1].n+1)
	if next > maxEpoch || len(p.epochs) >= maxEpochs {
		return nil, 0, ErrLimit
	}
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, 0, fmt.Errorf("making an epoch's key: %w", err)
	}
	return r.with(profile, epochKey{n: next, id: id}), next, nil
}

// Retire is for an epoch that was made here and that the profile's history will
// never know: it opens what was sealed to it, and nothing is sealed to it any more.
// Errors: ErrNoProfile, and ErrEpoch where none stands under the number or no other
// one stands at all.
func (r *Ring) Retire(profile string, epoch int) (*Ring, error) {
	p, ok := r.profiles[profile]
	if !ok {
		return nil, ErrNoProfile
	}
	stands := r.Epochs(profile)
	if !slices.Contains(stands, epoch) || len(stands) == 1 {
		return nil, ErrEpoch
	}
	list := slices.Clone(p.epochs)
	for i := range list {
		list[i].displaced = list[i].displaced || list[i].n == epoch
	}
	slices.SortStableFunc(list, epochKey.compare)
	return r.put(profile, profileKeys{seq: p.seq + 1, epochs: list}), nil
}

// Learn takes in an epoch that another caregiver or another device made; the
// profile may be new here. The same secret again changes nothing. Errors:
// ErrEpoch for another secret under a known number, ErrLimit.
func (r *Ring) Learn(profile string, epoch int, identity *age.HybridIdentity) (*Ring, error) {
	return r.learn(profile, epoch, identity, false)
}

// Settle is Learn after two caregivers made the same epoch at once and the
// profile's chain decided which of them stands: identity stands under the
// number from now on. What was held there before is kept, since records may be
// sealed to it already; it opens them, and nothing is sealed to it any more.
func (r *Ring) Settle(profile string, epoch int, identity *age.HybridIdentity) (*Ring, error) {
	return r.learn(profile, epoch, identity, true)
}

// Displace takes in an epoch that lost against the one that stands under its
// number: it opens what was sealed to it, and nothing else.
func (r *Ring) Displace(profile string, epoch int, identity *age.HybridIdentity) (*Ring, error) {
	if !validProfile(profile) {
		return nil, ErrNoProfile
	}
	return r.add(profile, epochKey{n: epoch, id: identity, displaced: true})
}

// learn adds an epoch that stands under its number.
func (r *Ring) learn(profile string, epoch int, id *age.HybridIdentity, settle bool) (*Ring, error) {
	if !validProfile(profile) {
		return nil, ErrNoProfile
	}
	standing := r.Identity(profile, epoch)
	switch {
	case epoch == 0 || id == nil:
		return nil, ErrEpoch
	case standing != nil && sameSecret(standing, id):
		return r, nil
	case settle:
		return r.add(profile, epochKey{n: epoch, id: id})
	case standing != nil || r.knows(profile, epoch, id):
		return nil, ErrEpoch
	}
	return r.add(profile, epochKey{n: epoch, id: id})
}

// knows says whether the secret is held under that number, standing or not.
func (r *Ring) knows(profile string, epoch int, id *age.HybridIdentity) bool {
	return slices.ContainsFunc(r.profiles[profile].epochs, func(e epochKey) bool {
		return e.n == epoch && sameSecret(e.id, id)
	})
}

// add checks the number and returns a ring with the epoch in its place. One that
// stands displaces what stood under its number.
func (r *Ring) add(profile string, e epochKey) (*Ring, error) {
	switch standing := r.Identity(profile, e.n); {
	case e.n < 1 || e.n > maxEpoch || e.id == nil, e.n > r.farthest(profile):
		return nil, ErrEpoch
	case e.displaced && standing != nil && sameSecret(standing, e.id):
		return nil, ErrEpoch
	case e.displaced && r.knows(profile, e.n, e.id):
		return r, nil
	case len(r.profiles[profile].epochs) >= maxEpochs:
		return nil, ErrLimit
	}
	return r.with(profile, e), nil
}

// farthest is the highest number under which somebody else's epoch is taken in: one
// near the end would leave none for the epochs that this ring has to make.
func (r *Ring) farthest(profile string) int {
	if e := r.profiles[profile].epochs; len(e) > 0 {
		return e[len(e)-1].n + maxAhead
	}
	return maxFirst
}

// with returns a ring in which e is in its place.
func (r *Ring) with(profile string, e epochKey) *Ring {
	p := r.profiles[profile]
	list := []epochKey{e}
	for _, old := range p.epochs {
		if old.n == e.n && sameSecret(old.id, e.id) {
			continue
		}
		old.displaced = old.displaced || old.n == e.n && !e.displaced
		list = append(list, old)
	}
	slices.SortStableFunc(list, epochKey.compare)
	return r.put(profile, profileKeys{seq: p.seq + 1, epochs: list})
}

// put returns a ring with these keys of a profile.
func (r *Ring) put(profile string, p profileKeys) *Ring {
	c := *r
	if c.profiles = maps.Clone(r.profiles); c.profiles == nil {
		c.profiles = make(map[string]profileKeys)
	}
	c.profiles[profile] = p
	return &c
}

// compare sorts by number, what stands before what was displaced.
func (e epochKey) compare(o epochKey) int {
	if n := cmp.Compare(e.n, o.n); n != 0 || e.displaced == o.displaced {
		return n
	}
	if e.displaced {
		return 1
	}
	return -1
}

func sameSecret(a, b *age.HybridIdentity) bool { return a.String() == b.String() }

// validProfile bounds the ids of profiles, which are random in ours.
func validProfile(s string) bool { return s != "" && len(s) <= 128 && plainText(s) }

// validID bounds the ids of users and devices.
func validID(s string) bool { return s != "" && len(s) <= 64 && plainText(s) }

func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// String keeps keys out of logs.
func (r Ring) String() string { return "keyring.Ring{…}" }

// GoString keeps keys out of logs written with %#v.
func (r Ring) GoString() string { return r.String() }

// Format keeps keys out of logs whatever the verb.
func (r Ring) Format(s fmt.State, _ rune) { s.Write([]byte(r.String())) }
