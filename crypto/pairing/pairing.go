// Package pairing lets two devices that lie beside each other find out that
// nobody stands between them, and carries what one then gives to the other: the
// keys of a person to a second device of theirs, or the invitation to care for a
// profile. It knows neither network nor screen: messages go in and come out.
//
//	shower, who has the keys                    scanner, who wants them
//	   │  a code: 32 random bytes, for a minute      │
//	   │─ ─ ─ ─ ─ ─ ─ ─ seen, never sent ─ ─ ─ ─ ─ ─▶│
//	   │◀─ commit     H(nonce, key, recipient, offer)┤
//	   ├─ challenge   nonce, key ───────────────────▶│
//	   │◀─ reveal     nonce, key, recipient, offer ──┤
//	   │     both show six digits, people compare    │
//	   │◀─ yes        proof of the agreed key ───────┤
//	   ├─ answer      under that key, to recipient ─▶│
//	   │◀─ done       proof, once it is stored ──────┤
//
// Two adversaries. Who carries the messages and does not know the code sees
// padded ciphertext and can only stop it. Who also saw the code, over a shoulder
// or on a photograph, can take both sides' places; then the two devices show
// digits that agree once in Digits tries. The scanner is bound to all it will say
// before it hears the challenge, and the shower has said all before the scanner
// reveals, so nobody can choose keys until the digits fit. (The scheme of ZRTP,
// RFC 6189 section 4.4.1.1.) One code is one try: whatever is unexpected ends it
// for good, on both sides.
//
// The answer is sealed under the key that both keys agree on (X25519, so that
// nobody but the device with the digits can have written it) and inside that to
// the scanner's hybrid age recipient, so that what is recorded today stays sealed
// to a quantum computer. The purpose is part of every key: a code for linking
// cannot be used to invite.
//
// Codes and messages live for minutes. A later version says so by its number;
// "potli-pair/1" will mean this for ever.
package pairing

import (
	"errors"
	"time"
)

// Purpose is what a code is for.
type Purpose byte

// The purposes. Their letters are part of the format.
const (
	Link   Purpose = 'D' // a second device of the same person
	Invite Purpose = 'C' // a caregiver, to a profile
)

func (p Purpose) known() bool { return p == Link || p == Invite }

// How long things may take. None of it is agreed with the other side.
const (
	Life      = time.Minute      // of a code that is scanned, until somebody answers it
	TypedLife = 10 * time.Minute // of a code that is typed
	Patience  = time.Minute      // for what the other device says by itself
	Limit     = 10 * time.Minute // for all that follows the code: people compare, choose, store
)

// Digits is how many comparison codes there are: who stands between two devices
// passes once in so many codes.
const Digits = 1_000_000

// Limits of what is carried, in bytes.
const (
	MaxOffer  = 64 << 10
	MaxAnswer = 1 << 20
	// MaxMessage bounds a message, in characters.
	MaxMessage = 2 << 20
)

// ContentType is the cty of the JWE that a message is: that of the relay's
// mailboxes.
const ContentType = "application/potli-entry"

// Errors. The first four are how an attempt can end without success; each then
// is what every later call returns.
var (
	// ErrExpired: nobody answered in time, or somebody took too long.
	ErrExpired = errors.New("the pairing took too long")
	// ErrTampered: a message was changed, forged, repeated, left out or not in
	// its turn. A friend does none of it.
	ErrTampered = errors.New("somebody interfered with the pairing")
	// ErrDeclined: a person said that the digits differ, or gave up.
	ErrDeclined = errors.New("the pairing was declined")
	// ErrUsed: another device has used this code, or the attempt is over.
	ErrUsed = errors.New("the pairing code was used already")

	// ErrNotCode: no pairing code, or a mistyped one.
	ErrNotCode = errors.New("not a pairing code, or mistyped")
	// ErrVersion: of a later release.
	ErrVersion = errors.New("a pairing of a later version")
	// ErrTooLong: more than MaxOffer or MaxAnswer.
	ErrTooLong = errors.New("too long for a pairing")
	// ErrNotYet: called before its turn. Nothing has changed.
	ErrNotYet = errors.New("the pairing is not there yet")
)
