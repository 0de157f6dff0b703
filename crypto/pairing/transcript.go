package pairing

import (
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"
)

const (
	nonceSize     = 32
	challengeSize = nonceSize + keySize
)

// opening is what the scanner commits to and reveals later.
//
//	nonce, 32 bytes | X25519 key, 32 bytes | length of recipient, 2 bytes, big endian | recipient | offer
type opening struct {
	nonce     []byte
	key       *ecdh.PublicKey
	recipient *age.HybridRecipient
	offer     []byte
}

func (o opening) marshal() []byte {
	recipient := o.recipient.String()
	b := make([]byte, 0, challengeSize+2+len(recipient)+len(o.offer))
	b = append(b, o.nonce...)
	b = append(b, o.key.Bytes()...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(recipient)))
	b = append(b, recipient...)
	return append(b, o.offer...)
}

func unmarshalOpening(b []byte) (opening, error) {
	if len(b) < challengeSize+2 {
		return opening{}, ErrTampered
	}
	key, err := ecdh.X25519().NewPublicKey(b[nonceSize:challengeSize])
	if err != nil {
		return opening{}, ErrTampered
	}
	rest := b[challengeSize+2:]
	n := int(binary.BigEndian.Uint16(b[challengeSize:]))
	if n > len(rest) || len(rest)-n > MaxOffer {
		return opening{}, ErrTampered
	}
	recipient, err := age.ParseHybridRecipient(string(rest[:n]))
	if err != nil || recipient.String() != string(rest[:n]) { // one spelling: what was committed to is what is used
		return opening{}, ErrTampered
	}
	return opening{b[:nonceSize], key, recipient, rest[n:]}, nil
}

// commitment hides an opening, by its nonce, and binds to it.
func commitment(opening []byte) [sha256.Size]byte {
	return sha256.Sum256(append([]byte(label+"commit\x00"), opening...))
}

// newKey makes a key of one attempt. The bytes are read here because the
// library's own GenerateKey ignores the reader it is given (Go 1.26).
func newKey(rand io.Reader) (*ecdh.PrivateKey, error) {
	b := make([]byte, keySize)
	if _, err := io.ReadFull(rand, b); err != nil {
		return nil, fmt.Errorf("no randomness for a key: %w", err)
	}
	return ecdh.X25519().NewPrivateKey(b)
}

func newNonce(rand io.Reader) ([]byte, error) {
	b := make([]byte, nonceSize)
	if _, err := io.ReadFull(rand, b); err != nil {
		return nil, fmt.Errorf("no randomness for a nonce: %w", err)
	}
	return b, nil
}

// transcript is the hash of all that was said before people compare. Each part
// has a length of its own, the last is hashed.
func transcript(p Purpose, b Box, commit, challenge, opening []byte) []byte {
	sum := sha256.Sum256(opening)
	h := sha256.New()
	for _, part := range [][]byte{[]byte(label + "transcript\x00"), {byte(p)}, []byte(b.ID), commit, challenge, sum[:]} {
		h.Write(part)
	}
	return h.Sum(nil)
}

// digits draws six digits from a transcript, each code equally likely: numbers
// that would favour some are thrown away.
func digits(transcript []byte) string {
	const bound = 1 << 32 / Digits * Digits
	for i := byte(0); ; i++ {
		sum := sha256.Sum256(slices.Concat([]byte(label+"digits\x00"), []byte{i}, transcript))
		if v := uint64(binary.BigEndian.Uint32(sum[:])); v < bound {
			return fmt.Sprintf("%06d", v%Digits)
		}
	}
}

// session is what both sides have once everything is revealed.
type session struct {
	digits string
	yes    []byte // said by the scanner: proof that it has the key
	answer []byte // key of the answer
	done   []byte // said by the scanner
}

// newSession agrees on a key. Error: ErrTampered for a key that makes the
// result predictable (of low order).
func newSession(mine *ecdh.PrivateKey, theirs *ecdh.PublicKey, transcript []byte) (*session, error) {
	shared, err := mine.ECDH(theirs)
	if err != nil {
		return nil, ErrTampered
	}
	prk := extract(shared, transcript)
	return &session{
		digits: digits(transcript),
		yes:    expand(prk, "yes"),
		answer: expand(prk, "answer"),
		done:   expand(prk, "done"),
	}, nil
}
