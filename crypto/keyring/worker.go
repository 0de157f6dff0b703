package keyring

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"filippo.io/age"

	"potli/crypto/envelope"
)

// Sealer is what it takes to seal objects to one epoch, and no more: no identity,
// so that a worker that seals can open nothing.
type Sealer struct {
	profile   string
	epoch     int
	recipient *age.HybridRecipient
	device    string
	signer    ed25519.PrivateKey
}

// Sealer returns what seals to the newest epoch of a profile, or of the user for
// "". Error: ErrNoProfile.
func (r *Ring) Sealer(profile string) (*Sealer, error) {
	epoch, id, ok := r.Newest(profile)
	if !ok {
		return nil, ErrNoProfile
	}
	return &Sealer{profile: profile, epoch: epoch, recipient: id.Recipient(), device: r.keys.Device, signer: r.keys.Signer}, nil
}

// Epoch is the number of the epoch that it seals to.
func (s *Sealer) Epoch() int { return s.epoch }

// Seal is envelope.Seal; Profile, Epoch and Device of h are the Sealer's.
func (s *Sealer) Seal(h envelope.Header, body []byte) ([]byte, error) {
	h.Profile, h.Epoch, h.Device = s.profile, s.epoch, s.device
	return envelope.Seal(h, body, s.recipient, s.signer)
}

type sealerDoc struct {
	Profile   string `json:"profile"`
	Epoch     int    `json:"epoch"`
	Recipient string `json:"recipient"`
	Device    string `json:"device"`
	Signer    string `json:"signer"` // Ed25519 seed, base64url
}

// Marshal carries a Sealer to a worker (never to storage): about 2 KiB.
func (s *Sealer) Marshal() ([]byte, error) {
	return json.Marshal(sealerDoc{
		Profile: s.profile, Epoch: s.epoch, Recipient: s.recipient.String(), Device: s.device,
		Signer: base64.RawURLEncoding.EncodeToString(s.signer.Seed()),
	})
}

// UnmarshalSealer reads what Marshal wrote. Error: ErrDamaged.
func UnmarshalSealer(b []byte) (*Sealer, error) {
	var d sealerDoc
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, ErrDamaged
	}
	to, err := age.ParseHybridRecipient(d.Recipient)
	if err != nil {
		return nil, ErrDamaged
	}
	signer, err := parseSigner(d.Signer)
	if err != nil || !validID(d.Device) || d.Epoch < 1 {
		return nil, ErrDamaged
	}
	return &Sealer{profile: d.Profile, epoch: d.Epoch, recipient: to, device: d.Device, signer: signer}, nil
}

// Opener is what it takes to open objects of some epochs, and no more: their
// identities and the verifiers of the devices that may have written them.
//
// Other users' devices write to the profiles that are shared with them and
// nowhere else. They know this user's recipient, which they are sent keys under,
// so it is the verifier that keeps them out of the user's own documents.
type Opener struct {
	keys []openerKey
	own  map[string]ed25519.PublicKey
	all  map[string]ed25519.PublicKey
}

type openerKey struct {
	profile string
	epoch   int
	id      *age.HybridIdentity
}

// Opener returns what opens objects of a profile (or "") at the given epochs, or
// at every one when none is given: the newest first, epoch 0 last. Those that
// the ring does not hold are left out, displaced ones come with their number.
func (r *Ring) Opener(profile string, epochs ...int) *Opener {
	o := r.opener()
	o.add(r, profile, epochs)
	return o
}

// OpenerOfAll opens every object that the ring can open, for when nothing is
// known of one but its name. Each epoch costs a try: give an Opener of the right
// profile and epoch where they are known.
func (r *Ring) OpenerOfAll() *Opener {
	o := r.opener()
	for _, profile := range append([]string{""}, r.Profiles()...) {
		o.add(r, profile, nil)
	}
	// Epoch 0 is the same for every profile: once, at the end.
	o.keys = slices.DeleteFunc(o.keys, func(k openerKey) bool { return k.epoch == 0 })
	if r.user.legacy != nil {
		o.keys = append(o.keys, openerKey{id: r.user.legacy})
	}
	return o
}

func (o *Opener) add(r *Ring, profile string, epochs []int) {
	for _, e := range slices.Backward(r.epochs(profile)) {
		if len(epochs) == 0 || slices.Contains(epochs, e.n) {
			o.keys = append(o.keys, openerKey{profile, e.n, e.id})
		}
	}
	if r.user.legacy != nil && (len(epochs) == 0 || slices.Contains(epochs, 0)) {
		o.keys = append(o.keys, openerKey{profile, 0, r.user.legacy})
	}
}

// opener returns an Opener without keys.
func (r *Ring) opener() *Opener {
	own := make(map[string]ed25519.PublicKey, len(r.user.devices))
	for _, d := range r.user.devices {
		own[d.ID] = d.Verifier
	}
	return newOpener(own, r.trusted)
}

func newOpener(own, trusted map[string]ed25519.PublicKey) *Opener {
	all := make(map[string]ed25519.PublicKey, len(own)+len(trusted))
	maps.Copy(all, trusted)
	maps.Copy(all, own)
	return &Opener{own: own, all: all}
}

// verifier returns who may have written what k opens.
func (o *Opener) verifier(k openerKey) func(device string) ed25519.PublicKey {
	from := o.all
	if k.profile == "" || k.epoch == 0 {
		from = o.own
	}
	return func(device string) ed25519.PublicKey { return from[device] }
}

// Open is envelope.OpenBy with each identity until one fits. The header names
// the profile and the epoch of the key that opened it, or it is ErrMismatch:
// nobody who holds two keys can file a record under the wrong one. Objects of
// epoch 0 may name any profile, since all were sealed to one key.
//
// Errors: those of envelope.Open.
func (o *Opener) Open(sealed []byte, expect envelope.Expect) (envelope.Header, []byte, error) {
	for _, k := range o.keys {
		h, body, err := envelope.OpenBy(sealed, k.id, o.verifier(k), expect)
		if errors.Is(err, envelope.ErrNotForUs) {
			continue
		}
		if err == nil && (h.Epoch != k.epoch || k.epoch > 0 && h.Profile != k.profile) {
			return envelope.Header{}, nil, envelope.ErrMismatch
		}
		return h, body, err
	}
	return envelope.Header{}, nil, envelope.ErrNotForUs
}

type openerDoc struct {
	Keys    []openerKeyDoc    `json:"keys"`
	Own     map[string][]byte `json:"own"`
	Trusted map[string][]byte `json:"trusted"`
}

type openerKeyDoc struct {
	Profile  string `json:"profile"`
	Epoch    int    `json:"epoch"`
	Identity string `json:"identity"`
}

// Marshal carries an Opener to a worker (never to storage): about 120 bytes for
// each key and 80 for each device.
func (o *Opener) Marshal() ([]byte, error) {
	d := openerDoc{Keys: []openerKeyDoc{}, Own: make(map[string][]byte), Trusted: make(map[string][]byte)}
	for _, k := range o.keys {
		d.Keys = append(d.Keys, openerKeyDoc{k.profile, k.epoch, k.id.String()})
	}
	for id, v := range o.all {
		if o.own[id] != nil {
			d.Own[id] = v
		} else {
			d.Trusted[id] = v
		}
	}
	return json.Marshal(d)
}

// UnmarshalOpener reads what Marshal wrote. Error: ErrDamaged.
func UnmarshalOpener(b []byte) (*Opener, error) {
	var d openerDoc
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, ErrDamaged
	}
	own, err := verifiers(d.Own)
	if err != nil {
		return nil, err
	}
	trusted, err := verifiers(d.Trusted)
	if err != nil {
		return nil, err
	}
	o := newOpener(own, trusted)
	for _, k := range d.Keys {
		id, err := age.ParseHybridIdentity(k.Identity)
		if err != nil || k.Epoch < 0 {
			return nil, ErrDamaged // age's own error would quote what it read
		}
		o.keys = append(o.keys, openerKey{k.Profile, k.Epoch, id})
	}
	return o, nil
}

func verifiers(from map[string][]byte) (map[string]ed25519.PublicKey, error) {
	to := make(map[string]ed25519.PublicKey, len(from))
	for id, v := range from {
		if len(v) != ed25519.PublicKeySize {
			return nil, ErrDamaged
		}
		to[id] = v
	}
	return to, nil
}

// String keeps keys out of logs.
func (s Sealer) String() string { return "keyring.Sealer{…}" }

// GoString keeps keys out of logs written with %#v.
func (s Sealer) GoString() string { return s.String() }

// Format keeps keys out of logs whatever the verb.
func (s Sealer) Format(f fmt.State, _ rune) { f.Write([]byte(s.String())) }

// String keeps keys out of logs.
func (o Opener) String() string { return "keyring.Opener{…}" }

// GoString keeps keys out of logs written with %#v.
func (o Opener) GoString() string { return o.String() }

// Format keeps keys out of logs whatever the verb.
func (o Opener) Format(f fmt.State, _ rune) { f.Write([]byte(o.String())) }
