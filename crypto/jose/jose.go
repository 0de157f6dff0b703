// Package jose is the one corner of JOSE that SMART Health Links need: compact JWE, dir, A256GCM.
package jose

import "io"

// KeySize is the length of a content key.
const KeySize = 32

// Encrypt returns a compact JWE with header {"alg":"dir","enc":"A256GCM","cty":cty}, never compressed, with a fresh random IV.
func Encrypt(key []byte, cty string, plaintext []byte, rand io.Reader) (string, error) { panic("stub") }

// Decrypt opens a compact JWE; zip DEF is inflated with a cap. Errors: ErrMalformed, ErrUnsupported, ErrDecrypt, ErrTooBig.
func Decrypt(key []byte, jwe string) (plaintext []byte, cty string, err error) { panic("stub") }
