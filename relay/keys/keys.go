// Package keys has the relay's secrets, and what is made under them: the MACs in
// its tables, tickets, challenges, and the sealed addresses of devices. It also
// says as what an id and an owner's token are kept, which needs no secret.
package keys

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"potli/relay/shape"
	"potli/relay/wire"
)

var b64 = base64.RawURLEncoding

// Keys are made of one of the server's secrets, each for one purpose.
//
// What a thief could do, and what the passcode's scrypt is good for. The wallet
// makes passcodes: 8 of 20 characters, 34.6 bits. A passcode decrypts nothing;
// the 32-byte key of a file is in the link, and never comes here.
//
//   - The tables alone: not even begin to guess, because the MAC's key is
//     elsewhere. Nor fetch anything: ids and tokens are there as hashes of 32
//     random bytes. The ciphertext is in the thief's hands, and stays shut.
//   - The file of secrets alone: make tickets, but only for whoever knows the
//     hashes of a link and of its file; skip the proof of work. No passcode can be
//     guessed, but by asking, at most wire.MaxAttempts times in a link's life.
//   - Both: guess passcodes at home, each guess an scrypt of N = 2^14: 40 ms and
//     16 MiB, so 2^33.6 guesses, half of all, are 16 years of one core, and less
//     than a day of ten thousand. What is won is a code for a file that the thief
//     has, and that opens with the link alone.
//
// So the MAC guards the tables, the attempts guard the door, and scrypt guards
// what is behind a passcode that a person chose, at another wallet, and uses
// elsewhere too. On Workers, where its 52 ms are metered, it stays all the same:
// the wallet cannot know what its relay runs on, and one verifier has to mean the
// same on every engine. Who opens without a passcode never pays for it.
type Keys struct {
	kid                        int // 1 to 255: which secret this is
	ticket, pass, reader, work []byte
	endpoint, device           []byte // of push subscriptions
}

func derive(secret [32]byte) (Keys, error) {
	var k Keys
	var kid []byte
	for label, to := range map[string]*[]byte{
		"potli-ticket/1": &k.ticket, "potli-passcode/1": &k.pass, "potli-reader/1": &k.reader,
		"potli-work/1": &k.work, "potli-endpoint/1": &k.endpoint, "potli-device/1": &k.device, "potli-kid/1": &kid,
	} {
		key, err := hkdf.Key(sha256.New, secret[:], nil, label, 32)
		if err != nil {
			return Keys{}, fmt.Errorf("deriving keys: %w", err)
		}
		*to = key
	}
	k.kid = 1 + int(kid[0])%255
	return k, nil
}

// Ring is the current keys, under which all that is new is made, and those
// before them. Make one with New.
type Ring struct {
	Keys
	old   []Keys    // newest first
	brief time.Time // until when the old ones hold for what lives five minutes
}

// New makes the keys of the current secret, and of those before it, newest first. It
// refuses two that go by the same number. Now is when the process starts.
func New(current [32]byte, old [][32]byte, now time.Time) (Ring, error) {
	r := Ring{brief: now.Add(wire.TicketLife)}
	var err error
	if r.Keys, err = derive(current); err != nil {
		return r, err
	}
	seen := map[int]bool{r.kid: true}
	for _, secret := range old {
		k, err := derive(secret)
		if err != nil {
			return r, err
		}
		if seen[k.kid] {
			return r, errors.New("two of the keys are the same or go by the same number (1 in 255 pairs does): make another")
		}
		seen[k.kid] = true
		r.old = append(r.old, k)
	}
	return r, nil
}

// Kid is the number, 1 to 255, that the current keys go by.
func (k Keys) Kid() int { return k.kid }

// Old returns the keys before the current ones.
func (r Ring) Old() []Keys { return r.old }

// All returns the current keys and those before them.
func (r Ring) All() []Keys { return append([]Keys{r.Keys}, r.old...) }

// Of returns the keys that a row was made under. 0 is of before rows said so, and
// means the oldest.
func (r Ring) Of(kid int) (Keys, bool) {
	if kid == r.kid || kid == 0 && len(r.old) == 0 {
		return r.Keys, true
	}
	for i, k := range r.old {
		if kid == k.kid || kid == 0 && i == len(r.old)-1 {
			return k, true
		}
	}
	return Keys{}, false
}

// lately returns the keys of something that lives five minutes. Old ones hold
// that long from the start of the process, which is when keys change: a secret
// may have been replaced because it was stolen.
func (r Ring) lately(kid byte, now time.Time) (Keys, bool) {
	k, ok := r.Of(int(kid))
	return k, ok && kid != 0 && (k.kid == r.kid || now.Before(r.brief))
}

func mac(key []byte, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, key)
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// PassMAC is what a table holds in place of a passcode's scrypt hash. A link
// without passcode holds the MAC of nothing: one way for all. A thief of the
// table alone cannot even begin to guess.
func (k Keys) PassMAC(id string, scrypted []byte) string {
	return hex.EncodeToString(mac(k.pass, []byte(id), scrypted))
}

// ReaderMAC stands for a recipient's name in the table, to know a repeat by.
func (k Keys) ReaderMAC(id, recipient string) string {
	return hex.EncodeToString(mac(k.reader, []byte(id), []byte(recipient)))
}

// HashID returns how a link is named in the tables, and whether id has the
// shape of one: 43 characters that are 32 bytes.
func HashID(id string) (string, bool) {
	if !shape.IsBase64(id, wire.IDBytes) {
		return "", false
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:]), true
}

// HashToken returns what is stored of an owner's token.
func HashToken(token string) (string, bool) {
	if !shape.IsBase64(token, wire.IDBytes) {
		return "", false
	}
	sum := sha256.Sum256([]byte(token))
	return b64.EncodeToString(sum[:]), true
}
