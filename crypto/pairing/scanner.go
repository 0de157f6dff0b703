package pairing

import (
	"bytes"
	"crypto/ecdh"
	"crypto/sha256"
	"io"
	"time"

	"filippo.io/age"
)

// Scanner is the side that reads the code and is given something. Not safe for
// concurrent use. All its messages come out of its methods; every one of them is
// sent, in order.
type Scanner struct {
	party
	identity *age.HybridIdentity
	key      *ecdh.PrivateKey
	opening  []byte
	commit   [sha256.Size]byte
	payload  []byte

	mine, given bool
}

// NewScanner answers a code. identity is what the answer will be sealed to; nil:
// one that is made for this attempt alone. offer is what the other side is told:
// public keys and what this device calls itself, nothing that whoever
// photographed the code may not know. commit is the first message. Errors:
// ErrTooLong.
func NewScanner(c Code, identity *age.HybridIdentity, offer []byte, now time.Time, rand io.Reader) (s *Scanner, commit string, err error) {
	if len(offer) > MaxOffer {
		return nil, "", ErrTooLong
	}
	if identity == nil {
		if identity, err = age.GenerateHybridIdentity(); err != nil {
			return nil, "", err
		}
	}
	nonce, err := newNonce(rand)
	if err != nil {
		return nil, "", err
	}
	key, err := newKey(rand)
	if err != nil {
		return nil, "", err
	}
	s = &Scanner{identity: identity, key: key, party: party{
		me: scanner, purpose: c.Purpose, keys: c.keys(), rand: rand,
		began: now, until: now.Add(Patience), limit: now.Add(Limit), next: stepChallenge,
	}}
	s.opening = opening{nonce, key.PublicKey(), identity.Recipient(), offer}.marshal()
	s.commit = commitment(s.opening)
	commit, err = s.say(stepCommit, s.commit[:])
	return s, commit, err
}

// Receive takes the next message of the mailbox that is not one's own. reply, if
// there is one, is to be sent, also beside an error, which ends the attempt:
// ErrExpired, ErrTampered, ErrDeclined, ErrUsed, ErrVersion.
func (s *Scanner) Receive(now time.Time, sealed string) (reply string, err error) {
	m, err := s.take(now, sealed)
	if err == nil {
		reply, err = s.step(m)
	} else if s.fate == nil && s.rival(sealed) {
		err = ErrUsed
	}
	if err != nil {
		return s.failed(err)
	}
	return reply, nil
}

// rival says whether this is what another device says that read the same code.
// One's own words, sent back, are not.
func (s *Scanner) rival(sealed string) bool {
	m, err := open(s.outward(), sealed)
	return err == nil && m.step == stepCommit && !bytes.Equal(m.body, s.commit[:])
}

func (s *Scanner) step(m message) (reply string, err error) {
	switch {
	case m.step != s.next:
		return "", ErrTampered
	case m.step == stepChallenge:
		return s.onChallenge(m.body)
	default:
		return "", s.onAnswer(m.body)
	}
}

// onChallenge reveals what was committed to.
func (s *Scanner) onChallenge(body []byte) (string, error) {
	if len(body) != challengeSize {
		return "", ErrTampered
	}
	theirs, err := ecdh.X25519().NewPublicKey(body[nonceSize:])
	if err != nil {
		return "", ErrTampered
	}
	s.agree, err = newSession(s.key, theirs, transcript(s.purpose, s.keys.box, s.commit[:], body, s.opening))
	if err != nil {
		return "", err
	}
	s.next, s.until = stepNone, s.limit // until a person has compared
	return s.say(stepReveal, s.opening)
}

// Accept says that a person compared the digits on both screens and they match;
// yes is to be sent. Errors: ErrNotYet, ErrUsed the second time, or how the
// attempt ended.
func (s *Scanner) Accept(now time.Time) (yes string, err error) {
	switch err := s.alive(now); {
	case err != nil:
		return "", err
	case s.agree == nil:
		return "", ErrNotYet
	case s.mine:
		return "", ErrUsed
	}
	s.mine, s.next = true, stepAnswer
	return s.say(stepYes, s.agree.yes)
}

func (s *Scanner) onAnswer(body []byte) error {
	file, err := openOnce(s.agree.answer, body)
	if err != nil {
		return err
	}
	r, err := age.Decrypt(bytes.NewReader(file), s.identity)
	if err != nil {
		return ErrTampered
	}
	payload, err := io.ReadAll(io.LimitReader(r, MaxAnswer+1))
	if err != nil || len(payload) > MaxAnswer {
		return ErrTampered
	}
	s.payload, s.given, s.next = payload, true, stepNone
	return nil
}

// Payload is the answer, false before it is there. The device that showed the
// same digits wrote it, and nobody else.
func (s *Scanner) Payload() ([]byte, bool) { return s.payload, s.given && s.fate == nil }

// Finish says that the answer is stored; done is to be sent. Errors: ErrNotYet,
// ErrUsed the second time, or how the attempt ended.
func (s *Scanner) Finish(now time.Time) (done string, err error) {
	switch err := s.alive(now); {
	case err != nil:
		return "", err
	case !s.given:
		return "", ErrNotYet
	}
	if done, err = s.say(stepDone, s.agree.done); err == nil {
		s.succeed()
	}
	return done, err
}
