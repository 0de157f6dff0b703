// Package josetest makes signers for tests: of a name, which is the same key in
// every run and every package, or with a new key on P-256.
package josetest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"

	"potli/crypto/jose"
)

// EdDSA returns the signer of a name. The key is Ed25519's of the name's first 32
// bytes, zeros after it: golden files are signed with such keys.
func EdDSA(name string) *jose.Signer {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, name)
	s, err := jose.EdDSA(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		panic(err) // a seed of that size is a key
	}
	return s
}

// ES256 returns a signer with a new key.
func ES256() *jose.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	s, err := jose.ES256(key, nil)
	if err != nil {
		panic(err)
	}
	return s
}
