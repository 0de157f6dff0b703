package inbox

import (
	"errors"
	"slices"
	"time"

	"filippo.io/age"

	"potli/app/message"
	"potli/app/record"
)

// ErrRecipient: the relay names another recipient than the mailbox's hash. Whoever runs
// it, or stands before it, wants to read what is sent. Nothing may be.
var ErrRecipient = errors.New("the relay names another recipient, who would read what is sent")

// Seal seals a packed message for a stranger's mailbox: under its one-time key, in
// base64url, or to the recipient whose hash is to and whom the relay names in note.
// Errors: ErrRecipient, message.ErrSealed for a key that is none.
func Seal(packed []byte, key, to, note string) (string, error) {
	if key != "" {
		k, ok := bytes32(key)
		if !ok {
			return "", message.ErrSealed
		}
		return message.SealKey(packed, k, nil)
	}
	recipient, err := age.ParseHybridRecipient(note)
	if err != nil || Fingerprint(note) != to {
		return "", ErrRecipient
	}
	return message.SealTo(packed, recipient)
}

// FromRequest makes an item of a request that the person scanned or was handed as a
// link. m is the message that it would have come in; signer is the thumbprint of the
// key that signed the request itself, "" for none. The same request is the same item.
func FromRequest(m *message.Message, signer string, profile record.ProfileID, now time.Time) (*Arrival, error) {
	plain, err := m.Pack()
	if err != nil {
		return nil, err
	}
	if m, err = message.Parse(plain); err != nil {
		return nil, err
	}
	it := itemOf(&Drop{Profile: profile}, Letter{Time: now}, m, now)
	it.Signer = signer
	return &Arrival{Item: it, Body: slices.Clone(message.Trim(plain))}, nil
}
