package pairing

import (
	"bytes"
	"io"
	"time"

	"filippo.io/age"

	"potli/crypto/jose"
)

// What follows is what somebody can do who has seen the code: speak for either
// side, read what was said, say something else. Tests attack with it.

// Impersonate is a shower of a code that another one showed.
func Impersonate(c Code, now time.Time, rand io.Reader) *Shower {
	s, err := NewShower(c.Purpose, Life, now, rand)
	if err != nil {
		panic(err)
	}
	s.code, s.keys = c, c.keys()
	return s
}

// Forge seals a message of a side.
func Forge(c Code, from, what string, body []byte, rand io.Reader) string {
	sealed, err := message{side(from), step(what), body}.seal(c.towards(from), rand)
	if err != nil {
		panic(err)
	}
	return sealed
}

// ForgePlain seals what may not even be a message.
func ForgePlain(c Code, from string, plain []byte, rand io.Reader) string {
	sealed, err := jose.Encrypt(c.towards(from), ContentType, plain, rand)
	if err != nil {
		panic(err)
	}
	return sealed
}

// Body reads the body of a side's message.
func Body(c Code, from, sealed string) []byte {
	m, err := open(c.towards(from), sealed)
	if err != nil {
		panic(err)
	}
	return m.body
}

func (c Code) towards(from string) []byte {
	if side(from) == shower {
		return c.keys().toScanner
	}
	return c.keys().toShower
}

// Opening is what a scanner is going to reveal.
func Opening(s *Scanner) []byte { return bytes.Clone(s.opening) }

// SwapRecipient puts another recipient into an opening.
func SwapRecipient(b []byte, r *age.HybridRecipient) []byte {
	o, err := unmarshalOpening(b)
	if err != nil {
		panic(err)
	}
	o.recipient = r
	return o.marshal()
}

// Commitment is the commitment to an opening.
func Commitment(opening []byte) []byte {
	sum := commitment(opening)
	return sum[:]
}

// DigitsOf are the digits that follow from what was said.
func DigitsOf(c Code, commit, challenge, opening []byte) string {
	return digits(transcript(c.Purpose, c.Box(), commit, challenge, opening))
}

// DigitsOfTranscript are the digits of any transcript.
func DigitsOfTranscript(t []byte) string { return digits(t) }

// Forget is the fault that a simulation has to find: a shower that does not
// care what was committed to.
func Forget(s *Shower, opening []byte) { s.commit = Commitment(opening) }

// Unmarshal reads the inside of a message and writes it again.
func Unmarshal(plain []byte) (again []byte, err error) {
	m, err := unmarshal(plain)
	if err != nil {
		return nil, err
	}
	return m.marshal(), nil
}

// UnmarshalOpening does the same for what a scanner reveals.
func UnmarshalOpening(b []byte) (again []byte, err error) {
	o, err := unmarshalOpening(b)
	if err != nil {
		return nil, err
	}
	return o.marshal(), nil
}

// Plain is the inside of a side's message, padding and all.
func Plain(from, what string, body []byte) []byte {
	return message{side(from), step(what), body}.marshal()
}

// CodeOf makes a code of any purpose and secret.
func CodeOf(p Purpose, secret [32]byte) Code { return Code{p, secret} }
