package pairing

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Prefix begins the text of every code. It is no address: nothing on a phone
// opens it, so that a code can only be scanned by the app that was opened for it.
const Prefix = "POTLI-PAIR-1:"

const (
	anyPrefix  = "POTLI-PAIR-"
	secretSize = 32
	checkSize  = 2 // finds all but one of 65,536 mistyped codes
	codeSize   = 1 + secretSize + checkSize
	codeLetter = codeSize * 8 / 5 // 56, without a bit to spare
	maxText    = 256
)

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// Code is what one device shows and the other reads: a purpose and a secret that
// is used once.
//
//	"POTLI-PAIR-1:" base32(purpose, 1 byte | secret, 32 bytes | check, 2 bytes)
//
// That is 69 characters of a QR code's alphanumeric set.
type Code struct {
	Purpose Purpose
	secret  [secretSize]byte
}

// NewCode makes a code from rand.
func NewCode(p Purpose, rand io.Reader) (Code, error) {
	if !p.known() {
		panic("pairing: no such purpose")
	}
	c := Code{Purpose: p}
	if _, err := io.ReadFull(rand, c.secret[:]); err != nil {
		return Code{}, fmt.Errorf("no randomness for a code: %w", err)
	}
	return c, nil
}

// Text is what the QR code holds.
func (c Code) Text() string { return Prefix + c.letters() }

// Typed is the same for people: fourteen groups of four letters and digits, of
// which ParseCode forgives the usual mistakes.
func (c Code) Typed() string {
	s := c.letters()
	groups := make([]string, 0, codeLetter/4)
	for ; s != ""; s = s[4:] {
		groups = append(groups, s[:4])
	}
	return strings.Join(groups, " ")
}

func (c Code) letters() string {
	check := c.check()
	b := append([]byte{byte(c.Purpose)}, c.secret[:]...)
	return letters.EncodeToString(append(b, check[:]...))
}

func (c Code) check() (check [checkSize]byte) {
	sum := sha256.Sum256(append([]byte(label+"code\x00"+string(rune(c.Purpose))), c.secret[:]...))
	copy(check[:], sum[:])
	return check
}

// typed undoes what people do to letters and digits: 0, 1 and 8 are not among
// ours.
var typed = strings.NewReplacer("0", "O", "1", "I", "8", "B")

// ParseCode reads what was scanned, pasted or typed; when typed, the prefix may
// be missing, and case, spaces and hyphens do not matter. Errors: ErrNotCode,
// ErrVersion.
func ParseCode(text string) (Code, error) {
	if len(text) > maxText {
		return Code{}, ErrNotCode
	}
	s := strings.ToUpper(strings.TrimSpace(text))
	s, ok := strings.CutPrefix(s, Prefix)
	if !ok && strings.HasPrefix(s, anyPrefix) {
		return Code{}, ErrVersion
	}
	s = typed.Replace(strings.Map(func(r rune) rune {
		if r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
	b, err := letters.DecodeString(s)
	if err != nil || len(s) != codeLetter || len(b) != codeSize {
		return Code{}, ErrNotCode
	}
	c := Code{Purpose: Purpose(b[0]), secret: [secretSize]byte(b[1:])}
	check := c.check()
	if subtle.ConstantTimeCompare(check[:], b[1+secretSize:]) != 1 {
		return Code{}, ErrNotCode
	}
	if !c.Purpose.known() {
		return Code{}, ErrVersion
	}
	return c, nil
}

// Format keeps codes out of logs whatever the verb.
func (c Code) Format(s fmt.State, _ rune) { io.WriteString(s, "pairing.Code{…}") }
