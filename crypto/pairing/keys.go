package pairing

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
)

// label begins whatever is hashed or derived here.
const label = "potli-pairing/1 "

const keySize = 32

// Box is the mailbox of one attempt: both sides deposit in it and both read it.
type Box struct {
	ID    string // base64url of 32 bytes
	Token string // of its owner, the same; both sides are
}

// Format keeps tokens out of logs whatever the verb.
func (b Box) Format(s fmt.State, _ rune) { io.WriteString(s, "pairing.Box{…}") }

// keys are what the code gives: where to meet, and a key for each direction.
type keys struct {
	box       Box
	toShower  []byte
	toScanner []byte
}

func (c Code) keys() keys {
	prk := extract(c.secret[:], []byte(label+"code"))
	derive := func(what string) []byte { return expand(prk, what+"\x00"+string(rune(c.Purpose))) }
	return keys{
		box: Box{
			ID:    base64.RawURLEncoding.EncodeToString(derive("mailbox")),
			Token: base64.RawURLEncoding.EncodeToString(derive("token")),
		},
		toShower:  derive("to shower"),
		toScanner: derive("to scanner"),
	}
}

// Box is where the two devices meet.
func (c Code) Box() Box { return c.keys().box }

func extract(secret, salt []byte) []byte {
	prk, err := hkdf.Extract(sha256.New, secret, salt)
	if err != nil {
		panic(err) // only in FIPS mode, for keys shorter than ours
	}
	return prk
}

func expand(prk []byte, what string) []byte {
	key, err := hkdf.Expand(sha256.New, prk, label+what, keySize)
	if err != nil {
		panic(err) // only for lengths that are not ours
	}
	return key
}
