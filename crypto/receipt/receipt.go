// Package receipt opens the access receipts that a relay seals to a link's
// one-time key (RL16).
//
// The suite is HPKE base mode (RFC 9180) with KEM MLKEM768X25519, KDF
// HKDF-SHA-256 and AEAD AES-256-GCM; a receipt is enc || ciphertext. The relay
// holds the public key alone, so what it has written it can not read again.
package receipt

import (
	"bytes"
	"crypto/hpke"
	"errors"
)

// SecretSize and PublicSize are the lengths in bytes of the two halves of a key.
const (
	SecretSize = 32
	PublicSize = 1216
)

// Errors of Open.
var (
	ErrKey     = errors.New("not a receipt key")
	ErrDamaged = errors.New("the receipt does not open with this link's key")
)

// Generate returns a fresh key pair (HPKE MLKEM768X25519): 32 secret bytes and
// the public key of 1,216.
func Generate() (secret, public []byte, err error) {
	k, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return nil, nil, err
	}
	secret, err = k.Bytes()
	if err != nil {
		return nil, nil, err
	}
	return secret, k.PublicKey().Bytes(), nil
}

// Open returns the plaintext of a receipt, trailing spaces removed. info is the
// suite's info string. Errors: ErrKey, ErrDamaged.
func Open(secret, info, sealed []byte) ([]byte, error) {
	k, err := hpke.MLKEM768X25519().NewPrivateKey(secret)
	if err != nil {
		return nil, ErrKey
	}
	plain, err := hpke.Open(k, hpke.HKDFSHA256(), hpke.AES256GCM(), info, sealed)
	if err != nil {
		return nil, ErrDamaged
	}
	return bytes.TrimRight(plain, " "), nil
}
