// Package receipt opens the access receipts that a relay seals to a link's one-time key (RL16).
package receipt

// Generate returns a fresh key pair (HPKE MLKEM768X25519): 32 secret bytes and the public key.
func Generate() (secret, public []byte, err error) { panic("stub") }

// Open returns the plaintext of a receipt, trailing spaces removed. info is the suite's info string.
func Open(secret, info, sealed []byte) ([]byte, error) { panic("stub") }
