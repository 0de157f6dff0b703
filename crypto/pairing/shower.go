package pairing

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hmac"
	"io"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// Shower is the side that shows the code and has something to give. Not safe
// for concurrent use. All its messages come out of its methods; every one of
// them is sent, in order.
type Shower struct {
	party
	code      Code
	commit    []byte
	challenge []byte
	key       *ecdh.PrivateKey
	theirs    opening

	mine, yes, answered bool
}

// NewShower makes a code that lives for life: Life, or TypedLife where somebody
// has to type it, and never for longer. rand is crypto/rand's.
func NewShower(p Purpose, life time.Duration, now time.Time, rand io.Reader) (*Shower, error) {
	code, err := NewCode(p, rand)
	if err != nil {
		return nil, err
	}
	return &Shower{code: code, party: party{
		me: shower, purpose: p, keys: code.keys(), rand: rand,
		began: now, until: now.Add(min(life, TypedLife)), next: stepCommit,
	}}, nil
}

// Code is what to show.
func (s *Shower) Code() Code { return s.code }

// Receive takes the next message of the mailbox that is not one's own. reply, if
// there is one, is to be sent, also beside an error, which ends the attempt:
// ErrExpired, ErrTampered, ErrDeclined, ErrUsed, ErrVersion.
func (s *Shower) Receive(now time.Time, sealed string) (reply string, err error) {
	m, err := s.take(now, sealed)
	if err == nil {
		reply, err = s.step(now, m)
	}
	if err != nil {
		return s.failed(err)
	}
	return reply, nil
}

func (s *Shower) step(now time.Time, m message) (reply string, err error) {
	switch {
	case m.step == stepCommit && s.next != stepCommit && !bytes.Equal(m.body, s.commit):
		return "", ErrUsed // two devices read the code; which of them is the right one?
	case m.step != s.next:
		return "", ErrTampered
	case m.step == stepCommit:
		return s.onCommit(now, m.body)
	case m.step == stepReveal:
		return "", s.onReveal(m.body)
	case m.step == stepYes:
		return "", s.onYes(m.body)
	default:
		return "", s.onDone(m.body)
	}
}

// onCommit answers with the challenge: from here on the other side cannot change
// what it will reveal.
func (s *Shower) onCommit(now time.Time, body []byte) (string, error) {
	if len(body) != len(commitment(nil)) {
		return "", ErrTampered
	}
	nonce, err := newNonce(s.rand)
	if err != nil {
		return "", err
	}
	if s.key, err = newKey(s.rand); err != nil {
		return "", err
	}
	s.commit, s.challenge = body, append(nonce, s.key.PublicKey().Bytes()...)
	s.next, s.until, s.limit = stepReveal, now.Add(Patience), now.Add(Limit)
	return s.say(stepChallenge, s.challenge)
}

func (s *Shower) onReveal(body []byte) error {
	if sum := commitment(body); !bytes.Equal(sum[:], s.commit) {
		return ErrTampered
	}
	theirs, err := unmarshalOpening(body)
	if err != nil {
		return err
	}
	s.agree, err = newSession(s.key, theirs.key, transcript(s.purpose, s.keys.box, s.commit, s.challenge, body))
	if err != nil {
		return err
	}
	s.theirs, s.next, s.until = theirs, stepYes, s.limit
	return nil
}

func (s *Shower) onYes(body []byte) error {
	if !hmac.Equal(body, s.agree.yes) {
		return ErrTampered
	}
	s.yes, s.next = true, stepNone
	return nil
}

func (s *Shower) onDone(body []byte) error {
	if !hmac.Equal(body, s.agree.done) {
		return ErrTampered
	}
	s.succeed()
	return nil
}

// Offer is what the other device says of itself; false before there are digits.
// Nobody is known to have written it until Agreed.
func (s *Shower) Offer() ([]byte, bool) { return s.theirs.offer, s.agree != nil }

// Accept says that a person compared the digits on both screens and they match.
// Errors: ErrNotYet, or how the attempt ended.
func (s *Shower) Accept(now time.Time) error {
	if err := s.alive(now); err != nil {
		return err
	}
	if s.agree == nil {
		return ErrNotYet
	}
	s.mine = true
	return nil
}

// Heard says whether the other person has said that the digits match.
func (s *Shower) Heard() bool { return s.fate == nil && s.yes }

// Agreed says whether people on both sides have said that the digits match.
func (s *Shower) Agreed() bool { return s.mine && s.Heard() }

// Answer seals what is given to the other device, once. Errors: ErrNotYet before
// Agreed, ErrTooLong, ErrUsed, or how the attempt ended.
func (s *Shower) Answer(now time.Time, payload []byte) (string, error) {
	switch err := s.alive(now); {
	case err != nil:
		return "", err
	case s.answered:
		return "", ErrUsed
	case !s.Agreed():
		return "", ErrNotYet
	case len(payload) > MaxAnswer:
		return "", ErrTooLong
	}
	var file bytes.Buffer
	w, err := age.Encrypt(&file, s.theirs.recipient)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(payload); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	s.answered, s.next = true, stepDone
	return s.say(stepAnswer, sealOnce(s.agree.answer, file.Bytes()))
}

// Done says whether the other device has stored the answer.
func (s *Shower) Done() bool { return s.over }

// sealOnce encrypts under a key that seals nothing else, so the nonce is zero.
func sealOnce(key, plain []byte) []byte {
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		panic(err) // the size of the key is ours
	}
	return aead.Seal(nil, make([]byte, aead.NonceSize()), plain, nil)
}

func openOnce(key, sealed []byte) ([]byte, error) {
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		panic(err)
	}
	plain, err := aead.Open(nil, make([]byte, aead.NonceSize()), sealed, nil)
	if err != nil {
		return nil, ErrTampered
	}
	return plain, nil
}
