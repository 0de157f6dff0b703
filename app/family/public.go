package family

import (
	"crypto/sha256"
	"errors"

	"potli/crypto/chain"
	"potli/crypto/keyring"
)

// Device is a device of a member, as their own signed list has it.
type Device struct {
	ID  string `json:"id"`
	Key string `json:"-"` // Ed25519 public key, its bytes
}

// public is a member's public part at one time.
type public struct {
	raw    []byte
	hash   chain.Hash
	user   string
	epoch  int    // of the user's own key
	seq    uint64 // of the user's document
	active []Device
	ended  []Device
	// follows says whether the user's own keys tie this one to an earlier one.
	follows func(old *public) bool
	parsed  *keyring.UserPublic
}

// publicOf reads the public part that an operation brings, nil for most.
// Errors: ErrPublic, ErrLater.
func publicOf(a Act) (*public, error) {
	switch a := a.(type) {
	case *Found:
		return readPublic(a.Public)
	case *Add:
		p, err := readPublic(a.Public)
		if err == nil && p.user != a.User {
			return nil, ErrPublic
		}
		return p, err
	case *Devices:
		return readPublic(a.Public)
	}
	return nil, nil
}

func readPublic(raw []byte) (*public, error) {
	u, err := keyring.ParsePublic(raw)
	if errors.Is(err, keyring.ErrVersion) {
		return nil, ErrLater
	}
	if err != nil {
		return nil, ErrPublic
	}
	p := &public{raw: raw, hash: sha256.Sum256(raw), user: u.ID, epoch: u.Epoch, seq: u.Seq, parsed: u}
	for _, d := range u.Devices {
		device := Device{d.ID, string(d.Verifier)}
		if d.Active() {
			p.active = append(p.active, device)
		} else {
			p.ended = append(p.ended, device)
		}
	}
	p.follows = func(old *public) bool { return old.parsed != nil && u.Follows(old.parsed) == nil }
	return p, nil
}

func (p *public) has(d Device) bool { return contains(p.active, d) }

// covers says whether p was made knowing that all of these devices are out: then
// none of them opens what is sealed to it.
func (p *public) covers(out []Device) bool {
	for _, d := range out {
		if !contains(p.ended, d) {
			return false
		}
	}
	return true
}

func contains(list []Device, d Device) bool {
	for _, o := range list {
		if o == d {
			return true
		}
	}
	return false
}
