// Package envelope seals one document into one age file and opens it again.
// (Contract of specs/security.md section 6; golden files in testdata open for ever.)
package envelope

import (
	"crypto/ed25519"

	"filippo.io/age"
)

// Header is bound to the body and signed, inside the ciphertext.
type Header struct {
	Kind    string `json:"kind"`    // "record", "doc", "index", "head"
	Profile string `json:"profile"` // whose it is; "" for what belongs to the wallet
	Epoch   int    `json:"epoch"`
	ID      string `json:"id"`
	Seq     uint64 `json:"seq"`
	Device  string `json:"device"`
	Created string `json:"created"`        // RFC 3339
	Type    string `json:"type"`           // media type of the body
	Len     int    `json:"len"`            // of the body
	Meta    string `json:"meta,omitempty"` // small JSON of the caller's; the line stays within 4,096 bytes
}

// Seal returns an age file with one stanza, to recipient.
func Seal(h Header, body []byte, recipient *age.HybridRecipient, signer ed25519.PrivateKey) ([]byte, error) {
	panic("stub")
}

// Open returns the header and the body. The caller compares ID and Profile with what it asked for
// by Expect. Errors: ErrNotForUs, ErrDamaged, ErrForged, ErrVersion, ErrMismatch.
func Open(sealed []byte, identity *age.HybridIdentity, signer ed25519.PublicKey, expect Expect) (Header, []byte, error) {
	panic("stub")
}

// Expect is what the caller knows of the file before opening it.
type Expect struct{ Kind, ID string }
