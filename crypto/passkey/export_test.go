package passkey

import "filippo.io/age"

// WrapWith is Wrap with a nonce that is known.
func (k *Key) WrapWith(nonce, fileKey []byte) ([]*age.Stanza, error) { return k.wrap(nonce, fileKey) }

// Derive is the key of a stanza.
func (k *Key) Derive(nonce []byte) ([]byte, error) { return k.derive(nonce) }
