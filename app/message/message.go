// Package message is what passes between a wallet and a provider: documents, a
// request, the answer to it, receipts. One message is sealed for one mailbox of
// the relay, which learns neither what it is nor from whom.
//
//	sender                                          relay                 owner
//	  │  {"v":"potli-message/1", …}                   │                     │
//	  │  signed: compact JWS around it; or bare       │                     │
//	  │  spaces up to a Padmé size                    │                     │
//	  │  JWE under the drop's key, or age to its      │                     │
//	  │  one-time recipient                           │                     │
//	  ├─ POST /m/{mailbox} ──────────────────────────▶│                     │
//	  │                                               ├─ entry ────────────▶│
//	  │                                               │   opened, parsed, the signature
//	  │                                               │   looked at, documents held
//	  │                                               │   against what they claim to be
//
// The JSON, in UTF-8; what is not named here is ignored, and signed with the rest:
//
//	v          "potli-message/1"
//	type       "documents", "request", "answer", "delivery", "receipt", "revoked"
//	id         16 random bytes in base64url
//	to         SHA-256 of the mailbox's id, in base64url: a copy of the message in
//	           another mailbox is refused there
//	at         when it was written by the sender's clock, unix seconds
//	from       {"name", "ids": [{"system","value"}], "origin", "jwk"}; the key is
//	           there when the message is signed, and only then
//	documents  [{"name", "type", "body"}], the body in base64url
//	text       a note
//	request    a request for consent
//	receipt    a receipt, compact JWS
//	re         the id of the message that this one answers
//	reply      a drop code: where the receiver puts its countersignature
//
// A signed message is a compact JWS of that JSON with the header
// {"alg":"EdDSA"|"ES256","kid":…,"typ":"potli-message+jws"}, where kid is the
// RFC 7638 thumbprint of from.jwk. That shows who holds the key and not whose it
// is: what is known of a key is for the caller to say. No claim of an unsigned
// message is more than a claim.
//
// Names of members are taken letter by letter, none may come twice, and none may
// be null, so that no other reader of a signed message reads another message.
// What a release sealed opens for ever: the files in testdata are never made anew.
package message

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"potli/app/party"
	"potli/app/record"
)

// Type says what a message is for.
type Type string

const (
	Documents Type = "documents" // a provider gives documents, or a note
	Request   Type = "request"   // a provider asks for records
	Answer    Type = "answer"    // a person says yes or no to a request
	Delivery  Type = "delivery"  // a person gives what was granted
	Receipt   Type = "receipt"   // of what was agreed, or its countersignature
	Revoked   Type = "revoked"   // a person has ended what was granted
)

// Version is the "v" of what this package writes.
const Version = "potli-message/1"

// ContentType is the only cty of a sealed message that is a JWE.
const ContentType = "application/potli-entry"

// Limits. Every message within them fits into an entry of the relay, 25 MiB of
// sealed text, signed or not: base64 comes upon base64 upon base64.
const (
	MaxPlain     = 37 << 19 // bytes of a padded message: a Padmé size
	MaxBytes     = 10 << 20 // of the documents of a message together
	MaxDocuments = 20
	MaxText      = 64 << 10 // bytes of the note, of the request, of the receipt
	MaxName      = 120      // characters of a name
	MaxIDs       = 8        // registry numbers of a sender
	maxValue     = 64
	maxJWK       = 2 << 10
	maxType      = 100
	maxReply     = 2 << 10 // of a drop code
	maxWord      = 64      // bytes of a version, of a type
	minPlain     = 1 << 10 // what the relay asks for
	idBytes      = 16
	year10000    = 253_402_300_800
)

// Errors of this package.
var (
	// ErrMalformed: not a message, or one that breaks the rules above. What is
	// wrapped around it names the member.
	ErrMalformed = errors.New("not a message")
	// ErrVersion: of a later version, or of a type that is not known yet.
	ErrVersion = errors.New("a message of a later version")
	// ErrForged: it says that it is signed, and the signature does not hold.
	ErrForged = errors.New("the signature of the message does not hold")
	// ErrSealed: it does not open with this key; whether it was sealed to another
	// one or changed on the way cannot be told.
	ErrSealed = errors.New("the message does not open with this key")
	// ErrTooBig: beyond one of the limits.
	ErrTooBig = errors.New("larger than a message may be")
	// ErrEmpty: a message of its type without what the type is for.
	ErrEmpty = errors.New("there is nothing in the message")
)

// Message is one message. What a stranger wrote into it is made fit to be shown:
// names are one line, and nothing turns the direction of writing.
type Message struct {
	Type      Type
	ID        string
	To        string
	At        time.Time // in whole seconds
	From      Sender
	Documents []Document
	Text      string
	Request   string
	Receipt   string
	Re        string
	Reply     string // of an Answer: a drop code as a link, "" for none
	// Signer is the thumbprint of the key that signed the message, "" when none
	// did. It is filled by Parse.
	Signer string
}

// Sender is who a message says it is from.
type Sender struct {
	Name   string       `json:"name,omitempty"`
	IDs    []Identifier `json:"ids,omitempty"`
	Origin string       `json:"origin,omitempty"` // "https://clinic.example", or ""
	JWK    []byte       `json:"jwk,omitempty"`    // the public key of a signed message, as it stands there
}

// Identifier is a number in a registry, such as that of a health facility.
type Identifier = party.Identifier

// Party is the sender as receipts name it, by the thumbprint of its key; "" where it
// has none.
func (s Sender) Party(key string) party.Party {
	return party.Party{Name: s.Name, IDs: s.IDs, Origin: s.Origin, Key: key}
}

// Address is the "to" of messages for a mailbox.
func Address(mailbox string) string {
	sum := sha256.Sum256([]byte(mailbox))
	return b64.EncodeToString(sum[:])
}

var b64 = base64.RawURLEncoding.Strict()

// New returns a message for a mailbox, with a fresh id from random (nil:
// crypto/rand) and nothing in it yet.
func New(t Type, mailbox string, from Sender, now time.Time, random io.Reader) (*Message, error) {
	if random == nil {
		random = rand.Reader
	}
	id := make([]byte, idBytes)
	if _, err := io.ReadFull(random, id); err != nil {
		return nil, fmt.Errorf("no randomness for a message: %w", err)
	}
	return &Message{Type: t, ID: b64.EncodeToString(id), To: Address(mailbox), At: now.UTC().Truncate(time.Second), From: from}, nil
}

// check says whether there is in a message what its type is for.
func (m *Message) check() error {
	given := len(m.Documents) > 0 || m.Text != ""
	switch m.Type {
	case Documents, Delivery:
	case Request:
		given = m.Request != ""
	case Receipt:
		given = m.Receipt != ""
	case Answer, Revoked:
		given = m.Re != ""
	default:
		return ErrVersion
	}
	if !given {
		return ErrEmpty
	}
	size := 0
	for _, d := range m.Documents {
		size += len(d.Body)
	}
	if size > MaxBytes || len(m.Documents) > MaxDocuments || max(len(m.Text), len(m.Request), len(m.Receipt)) > MaxText || len(m.Reply) > maxReply {
		return ErrTooBig
	}
	return nil
}

// malformed names what is wrong with a message, never what stands there.
func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

// line makes one line of at most n characters of what a stranger wrote.
func line(s string, n int) string {
	s = record.Tidy(s)
	for i := range s {
		if n--; n < 0 {
			return record.Tidy(s[:i])
		}
	}
	return s
}
