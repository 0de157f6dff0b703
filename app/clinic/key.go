package clinic

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"

	"potli/crypto/jose"
)

// ErrKey: not a private key as NewKey writes it.
var ErrKey = errors.New("not a private key of a clinic")

// secret is a private JWK of Ed25519 (RFC 8037, section 2).
type secret struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	D   string `json:"d"`
}

// NewKey returns a fresh signing key of Ed25519 as a private JWK. It is a secret:
// whoever has it writes in the provider's name. random: nil is crypto/rand.
func NewKey(random io.Reader) ([]byte, error) {
	if random == nil {
		random = rand.Reader
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, err
	}
	enc := base64.RawURLEncoding
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	return json.Marshal(secret{"OKP", "Ed25519", enc.EncodeToString(public), enc.EncodeToString(seed)})
}

// ParseKey reads a private JWK of Ed25519, which other programs write too. Error:
// ErrKey.
func ParseKey(jwk []byte) (*jose.Signer, error) {
	var s secret
	if json.Unmarshal(jwk, &s) != nil || s.Kty != "OKP" || s.Crv != "Ed25519" {
		return nil, ErrKey
	}
	seed, err := base64.RawURLEncoding.DecodeString(s.D)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, ErrKey
	}
	by, err := jose.EdDSA(ed25519.NewKeyFromSeed(seed))
	if err != nil || s.X != base64.RawURLEncoding.EncodeToString(by.Public().Ed25519()) {
		return nil, ErrKey // the public half is another's
	}
	return by, nil
}
