package family

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"sync"

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
	to     string // the user's own key, to which is sealed
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
	p := &public{raw: raw, hash: sha256.Sum256(raw), user: u.ID, epoch: u.Epoch, seq: u.Seq, to: u.Recipient.String(), parsed: u}
	for _, d := range u.Devices {
		device := Device{d.ID, string(d.Verifier)}
		if d.Active() {
			p.active = append(p.active, device)
		} else {
			p.ended = append(p.ended, device)
		}
	}
	p.follows = tie(u)
	return p, nil
}

// tie is Follows, which verifies a signature, asked once for each older part.
func tie(u *keyring.UserPublic) func(old *public) bool {
	var mu sync.Mutex
	known := map[chain.Hash]bool{}
	return func(old *public) bool {
		mu.Lock()
		defer mu.Unlock()
		ok, asked := known[old.hash]
		if !asked {
			ok = old.parsed != nil && u.Follows(old.parsed) == nil
			known[old.hash] = ok
		}
		return ok
	}
}

// later says which of two public parts holds, when neither was made after the other.
func (p *public) later(old *public) bool {
	return cmp.Or(cmp.Compare(p.epoch, old.epoch), cmp.Compare(p.seq, old.seq), old.hash.Compare(p.hash)) > 0
}

// older says whether a public part is from before another one.
func (p *public) older(than *public) bool { return p.epoch < than.epoch || p.seq < than.seq }

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
