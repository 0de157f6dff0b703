package recovery

import (
	"crypto/subtle"
	"fmt"
	"io"
	"strings"
	"unicode"

	"filippo.io/age"

	"potli/crypto/bech32"
)

const (
	secretSize   = 32
	secretPrefix = "AGE-SECRET-KEY-PQ-"
	secretFamily = "AGE-SECRET-KEY-" // of every kind of age identity
	maxText      = 64 << 10          // a kit has under 1 KiB
	maxNote      = 200               // letters of one comment line
)

// Kit is a secret for paper. It does not change. Never logged, never stored.
type Kit struct {
	secret   [secretSize]byte
	identity *age.HybridIdentity
}

// New makes a kit from 32 bytes of rand.
func New(rand io.Reader) (*Kit, error) {
	var secret [secretSize]byte
	if _, err := io.ReadFull(rand, secret[:]); err != nil {
		return nil, fmt.Errorf("no randomness for a kit: %w", err)
	}
	return from(secret)
}

// from lets age make the identity. age takes any 32 bytes: they are the seed of
// both halves of the hybrid key (filippo.io/hpke, MLKEM768X25519).
func from(secret [secretSize]byte) (*Kit, error) {
	id, err := age.ParseHybridIdentity(bech32.Encode(secretPrefix, secret[:]))
	if err != nil {
		return nil, ErrMistyped // age's own error would quote what it read
	}
	return &Kit{secret: secret, identity: id}, nil
}

// Identity opens what was sealed to Recipient.
func (k *Kit) Identity() *age.HybridIdentity { return k.identity }

// Recipient is what a wallet keeps of a kit.
func (k *Kit) Recipient() *age.HybridRecipient { return k.identity.Recipient() }

// Is says whether the kit is the one of which this recipient was kept.
func (k *Kit) Is(recipient *age.HybridRecipient) bool {
	return recipient != nil && subtle.ConstantTimeCompare([]byte(k.Recipient().String()), []byte(recipient.String())) == 1
}

// Code is the key in age's own form: 77 capitals, digits and hyphens, which a QR
// of version 4 holds at level M.
func (k *Kit) Code() string { return k.identity.String() }

// Text is a file for `age -d -i`: notes as comments, then the key. Notes are the
// caller's, in the person's language; line breaks and control characters in them
// become spaces, so that no name can write a line of its own. Without notes the
// text says in English what it is.
func (k *Kit) Text(notes ...string) string {
	if len(notes) == 0 {
		notes = []string{
			"Potli recovery kit. Whoever has this and a backup can read every record in it.",
			"Keep it on paper, apart from the backup.",
			"Without Potli: age -d -i kit.txt backup.age > backup.zip (https://age-encryption.org)",
		}
	}
	var b strings.Builder
	for _, note := range notes {
		b.WriteString("# " + clean(note) + "\n")
	}
	return b.String() + k.Code() + "\n"
}

// clean makes one line of a note.
func clean(note string) string {
	line := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, note)
	if r := []rune(line); len(r) > maxNote {
		line = string(r[:maxNote])
	}
	return strings.TrimSpace(line)
}

// Parse reads a kit from what a person types, pastes or scans: 24 words, the key,
// or the text of a file with either. It forgives case, numbers, spaces, line
// breaks and signs between the words, and words cut after their fourth letter.
// The recovery texts that Potli wrote before there were kits are read too.
//
// Errors: ErrNotKit, ErrMistyped, a *WordError, ErrWordCount, ErrChecksum.
func Parse(text string) (*Kit, error) {
	if len(text) > maxText {
		return nil, ErrNotKit
	}
	body := uncommented(text)
	if key := typedKey(body); strings.HasPrefix(key, secretFamily) {
		return fromCode(key)
	}
	return fromWords(body)
}

// uncommented leaves out comment lines and byte order marks.
func uncommented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		line = strings.TrimLeft(line, "\ufeff \t")
		if !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// typedKey is text as a key would be written: capitals, nothing between them.
// Word processors turn hyphens into other ones.
func typedKey(text string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		switch {
		case r == '‐' || r == '‑' || r == '–':
			return '-'
		case unicode.IsSpace(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text))
}

func fromCode(key string) (*Kit, error) {
	prefix, secret, err := bech32.Decode(key)
	if err != nil {
		return nil, ErrMistyped
	}
	if prefix != secretPrefix || len(secret) != secretSize {
		return nil, ErrNotKit // a sound key of another kind
	}
	return from([secretSize]byte(secret))
}

// String keeps kits out of logs.
func (k Kit) String() string { return "recovery.Kit{…}" }

// GoString keeps kits out of logs written with %#v.
func (k Kit) GoString() string { return k.String() }

// Format keeps kits out of logs whatever the verb.
func (k Kit) Format(s fmt.State, _ rune) { io.WriteString(s, k.String()) }
