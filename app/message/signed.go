package message

import (
	"errors"

	"potli/crypto/jose"
)

// SignedType is the typ of a signed message.
const SignedType = "potli-message+jws"

// PackSigned is Pack for a message that is signed by a key of the sender's, whose
// public half goes with it.
func (m *Message) PackSigned(by *jose.Signer) ([]byte, error) {
	b, err := m.marshal(by.Public().JWK())
	if err != nil {
		return nil, err
	}
	s, err := by.Sign(SignedType, b)
	if err != nil {
		return nil, err
	}
	return pad([]byte(s))
}

// parseSigned reads a message that is signed. Its key comes with it, so that a
// signature which holds says no more than that the holder of this very key wrote
// it all.
func parseSigned(s string) (*Message, error) {
	j, err := jose.ParseJWS(s)
	switch {
	case errors.Is(err, jose.ErrTooBig):
		return nil, ErrTooBig
	case err != nil:
		return nil, malformed("neither JSON nor signed JSON")
	}
	// Unpacked before it is known to be genuine, as its key stands inside. Of what
	// does not verify nothing is given back.
	m, err := parse(j.Payload)
	if err != nil {
		return nil, err
	}
	key, err := jose.ParseJWK(m.From.JWK)
	if err != nil || !j.SignedBy(key, SignedType) {
		return nil, ErrForged
	}
	m.Signer = key.Thumbprint()
	return m, nil
}
