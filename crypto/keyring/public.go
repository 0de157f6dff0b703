package keyring

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
)

// Errors of UserPublic, beside ErrForged, ErrOlder, ErrForked and ErrVersion.
var (
	// ErrBadPublic: not the public part of a user, or a changed one.
	ErrBadPublic = errors.New("the public part of a user is damaged")
	// ErrUnlinked: nothing ties it to the one seen before. The two people have
	// to compare the words again.
	ErrUnlinked = errors.New("nothing ties this to what was seen before")
)

const (
	publicVersion = "potli-user-public/1"
	publicContext = publicVersion + "\x00"

	maxPublic = 256 << 10
	// maxLinks is by how many epochs a caregiver may be behind before the words
	// have to be compared again.
	maxLinks = 64
)

// UserPublic is what caregivers exchange of a user: whom to seal to, and whose
// signatures count. It says how many devices the user has and had, and neither
// their names nor what opens anything.
//
//	{"version":"potli-user-public/1","user":…,"seq":…,"epoch":…,"recipient":…,"verifier":…,"devices":[…],…}\n
//	{"device":"<64 bytes, base64>","epochs":[{"n":…,"sig":…},…]}\n
//
// All signatures are Ed25519 over "potli-user-public/1" 0x00 || SHA-256(first
// line): by the device that wrote it, and by every U so far (the newest 64),
// so that whoever knows an older one can tell that this is the same user.
//
// Words and Digits are for two people to compare, once, when they first exchange
// it; from then on Follows ties the next to the last. A device that was removed
// knows the older U: until a caregiver has seen a public part from after the
// removal, it could still write one. So a change goes to the caregivers at once.
type UserPublic struct {
	ID        string
	Seq       uint64 // of the user document it was taken from
	Epoch     int
	Recipient *age.HybridRecipient
	Verifier  ed25519.PublicKey // of the newest U
	Devices   []PublicDevice
	By        string // the device that wrote it
	At        time.Time

	source string // hash of the user document
	body   []byte
	sigs   publicSigs
}

// PublicDevice is a device as others see it.
type PublicDevice struct {
	ID       string
	Verifier ed25519.PublicKey
	Added    time.Time
	Ended    time.Time // zero while it is active
}

// Active says whether the device is in use.
func (d PublicDevice) Active() bool { return d.Ended.IsZero() }

type publicDoc struct {
	Version   string            `json:"version"`
	User      string            `json:"user"`
	Seq       uint64            `json:"seq"`
	Source    string            `json:"source"`
	Epoch     int               `json:"epoch"`
	Recipient string            `json:"recipient"`
	Verifier  string            `json:"verifier"`
	Devices   []publicDeviceDoc `json:"devices"`
	By        string            `json:"by"`
	At        time.Time         `json:"at"`
}

type publicDeviceDoc struct {
	ID       string    `json:"id"`
	Verifier string    `json:"verifier"`
	Added    time.Time `json:"added"`
	Ended    time.Time `json:"ended,omitzero"`
}

type publicSigs struct {
	Device []byte      `json:"device"`
	Epochs []publicSig `json:"epochs"` // descending, the newest first
}

type publicSig struct {
	N   int    `json:"n"`
	Sig []byte `json:"sig"`
}

// Public takes the public part out of a user document. Error: ErrRemoved.
func (u *User) Public(by *Keys, now time.Time) (*UserPublic, error) {
	if !u.lists(by) {
		return nil, ErrRemoved
	}
	e := u.newest()
	p := &UserPublic{
		ID: u.id, Seq: u.seq, Epoch: e.n, Recipient: e.id.Recipient(), Verifier: e.verifier(),
		By: by.Device, At: stamp(now), source: u.hash(),
	}
	for _, d := range u.devices {
		p.Devices = append(p.Devices, PublicDevice{d.ID, d.Verifier, d.Added, d.Ended})
	}
	body, err := json.Marshal(p.document())
	if err != nil {
		return nil, err
	}
	p.body = body
	m := signed(publicContext, body)
	p.sigs.Device = ed25519.Sign(by.Signer, m)
	for _, e := range slices.Backward(u.epochs) {
		if len(p.sigs.Epochs) < maxLinks {
			p.sigs.Epochs = append(p.sigs.Epochs, publicSig{e.n, ed25519.Sign(e.signer, m)})
		}
	}
	return p, nil
}

func (e userEpoch) verifier() ed25519.PublicKey { return e.signer.Public().(ed25519.PublicKey) }

func (p *UserPublic) document() publicDoc {
	d := publicDoc{
		Version: publicVersion, User: p.ID, Seq: p.Seq, Source: p.source, Epoch: p.Epoch,
		Recipient: p.Recipient.String(), Verifier: encode(p.Verifier), By: p.By, At: p.At,
	}
	for _, v := range p.Devices {
		d.Devices = append(d.Devices, publicDeviceDoc{v.ID, encode(v.Verifier), v.Added, v.Ended})
	}
	return d
}

// Marshal writes it as text, about 3 KiB: no secret, and not for everybody
// either, since whoever knows a recipient can write to it.
func (p *UserPublic) Marshal() ([]byte, error) { return lines(p.body, p.sigs) }

// ParsePublic reads what Marshal wrote and checks its signatures: that it is
// whole, not whose it is. Errors: ErrBadPublic, ErrVersion, ErrForged.
func ParsePublic(b []byte) (*UserPublic, error) {
	if len(b) > maxPublic {
		return nil, ErrBadPublic
	}
	body, last, rest, err := cutLines(b)
	if err != nil || len(rest) > 0 {
		return nil, ErrBadPublic
	}
	var d publicDoc
	if err := parseVersioned(body, publicVersion, &d); err != nil {
		return nil, orBad(err, ErrBadPublic)
	}
	p, err := d.public()
	if err != nil || strict(last, &p.sigs) != nil || len(p.sigs.Epochs) > maxLinks {
		return nil, ErrBadPublic
	}
	p.body = bytes.Clone(body)
	by, ok := p.Device(p.By)
	if m := signed(publicContext, body); !ok || !by.Active() || !ed25519.Verify(by.Verifier, m, p.sigs.Device) || !p.signedBy(p.Epoch, p.Verifier) {
		return nil, ErrForged
	}
	return p, nil
}

func (d *publicDoc) public() (*UserPublic, error) {
	p := &UserPublic{ID: d.User, Seq: d.Seq, Epoch: d.Epoch, By: d.By, At: d.At, source: d.Source}
	if !validID(d.User) || d.Seq == 0 || d.Epoch < 1 || d.Epoch > maxEpoch || len(d.Devices) == 0 || len(d.Devices) > maxDevices {
		return nil, errShape
	}
	var err error
	if p.Recipient, err = age.ParseHybridRecipient(d.Recipient); err != nil {
		return nil, errShape
	}
	if p.Verifier, err = parseVerifier(d.Verifier); err != nil {
		return nil, err
	}
	for _, v := range d.Devices {
		verifier, err := parseVerifier(v.Verifier)
		if _, twice := p.Device(v.ID); err != nil || twice || !validID(v.ID) {
			return nil, errShape
		}
		p.Devices = append(p.Devices, PublicDevice{v.ID, verifier, v.Added, v.Ended})
	}
	return p, nil
}

// Device returns the device of that id.
func (p *UserPublic) Device(id string) (PublicDevice, bool) {
	if i := slices.IndexFunc(p.Devices, func(d PublicDevice) bool { return d.ID == id }); i >= 0 {
		return p.Devices[i], true
	}
	return PublicDevice{}, false
}

// signedBy says whether the U of that number and key signed it.
func (p *UserPublic) signedBy(n int, key ed25519.PublicKey) bool {
	m := signed(publicContext, p.body)
	return slices.ContainsFunc(p.sigs.Epochs, func(s publicSig) bool { return s.N == n && ed25519.Verify(key, m, s.Sig) })
}

// Follows checks that p may take the place of old, whose words were compared or
// which followed from such a one. Errors: ErrUnlinked (another user, or one that
// old's key did not sign), ErrOlder, ErrForked (two documents of one number: a
// device may have been removed by the one and not by the other), ErrRewritten (a
// device is gone from the list, has another key, or is back).
func (p *UserPublic) Follows(old *UserPublic) error {
	switch {
	case p.ID != old.ID || !p.signedBy(old.Epoch, old.Verifier):
		return ErrUnlinked
	case p.Seq < old.Seq || p.Epoch < old.Epoch:
		return ErrOlder
	case p.Seq == old.Seq && p.source != old.source:
		return ErrForked
	}
	for _, was := range old.Devices {
		is, ok := p.Device(was.ID)
		if !ok || !is.Verifier.Equal(was.Verifier) || is.Active() && !was.Active() {
			return ErrRewritten
		}
	}
	return nil
}

// fingerprint is what is compared. SHA-512 of
// "potli-words/1" 0x00 || SHA-256(user id) || SHA-256(recipient) || SHA-256(verifier),
// each as it is written in the public part.
func (p *UserPublic) fingerprint() [sha512.Size]byte {
	return sha512.Sum512(statement("potli-words/1", p.ID, p.Recipient.String(), encode(p.Verifier)))
}

// Words are six words of the EFF large list for two people to compare, by voice
// or on two screens: 77.5 bits, so that keys with the words of another user take
// about 2^77 tries. They come from the fingerprint, in pairs of bytes from its
// beginning, as GeneratePassphrase takes randomness.
func (p *UserPublic) Words() []string {
	list, _ := words()
	sum := p.fingerprint()
	picked := make([]string, 0, 6)
	for b := sum[:]; len(picked) < 6; b = b[2:] {
		// 32 pairs, of which one in twenty is skipped: there are always six.
		if v := int(binary.BigEndian.Uint16(b)); v < bound(list) {
			picked = append(picked, list[v%len(list)])
		}
	}
	return picked
}

// Digits are the same for who does not read English words: six groups of four
// digits, 79.7 bits. Each is a pair of bytes, from the end of the fingerprint,
// modulo 10,000; numbers that would favour some groups are skipped.
func (p *UserPublic) Digits() string {
	sum := p.fingerprint()
	var groups []string
	for b := sum[:]; len(groups) < 6; b = b[:len(b)-2] {
		if v := binary.BigEndian.Uint16(b[len(b)-2:]); v < 60_000 {
			groups = append(groups, fmt.Sprintf("%04d", v%10_000))
		}
	}
	return strings.Join(groups, " ")
}
