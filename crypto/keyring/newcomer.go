package keyring

import (
	"encoding/json"
	"errors"

	"filippo.io/age"
)

// ErrBadNewcomer: not what a device says of itself, or beyond what a list of devices
// may hold.
var ErrBadNewcomer = errors.New("not what a new device says of itself")

// newcomerVersion is the document by which a device asks to be added. It is read
// within minutes, and by other releases.
const (
	newcomerVersion = "potli-newcomer/1"
	maxNewcomer     = 8 << 10
)

type newcomerDoc struct {
	Version   string `json:"version"`
	ID        string `json:"id"`
	Name      string `json:"name"`
	Recipient string `json:"recipient"` // age1pq1…
	Verifier  string `json:"verifier"`  // Ed25519 public key, base64url
}

// Marshal writes what a device says of itself, about 2.2 KB. Nothing in it is
// secret, and nothing in it is proof: whoever reads it compares with the device.
func (n Newcomer) Marshal() ([]byte, error) {
	if n.Recipient == nil || n.check() != nil {
		return nil, ErrName
	}
	return json.Marshal(newcomerDoc{newcomerVersion, n.ID, n.Name, n.Recipient.String(), encode(n.Verifier)})
}

func (n Newcomer) check() error {
	if n.Name == "" || !validName(n.Name) || !validID(n.ID) {
		return ErrName
	}
	return nil
}

// ParseNewcomer reads what Marshal wrote. Errors: ErrBadNewcomer, ErrVersion.
func ParseNewcomer(b []byte) (Newcomer, error) {
	if len(b) > maxNewcomer {
		return Newcomer{}, ErrBadNewcomer
	}
	var d newcomerDoc
	if err := parseVersioned(b, newcomerVersion, &d); err != nil {
		return Newcomer{}, orBad(err, ErrBadNewcomer)
	}
	n := Newcomer{ID: d.ID, Name: d.Name}
	var err error
	if n.Recipient, err = age.ParseHybridRecipient(d.Recipient); err != nil {
		return Newcomer{}, ErrBadNewcomer
	}
	if n.Verifier, err = parseVerifier(d.Verifier); err != nil || n.check() != nil {
		return Newcomer{}, ErrBadNewcomer
	}
	return n, nil
}
