// Package agefile measures an age file (age-encryption.org/v1) without a key: a
// line of version, stanzas, a line with the header's MAC, then 16 bytes of nonce
// and chunks of 64 KiB, each with a tag of 16 bytes. It opens nothing, and does
// not ask who could. The format is at https://age-encryption.org/v1.
package agefile

import (
	"encoding/base64"
	"strings"
)

const (
	// MaxHeader is the most that a header may have: a hybrid stanza is 1.6 KiB.
	MaxHeader = 8 << 10
	// stanzas that a file may have. Some programs add one that means nothing, so
	// that there may be more than the recipient's.
	stanzas = 4
	chunk   = 64 << 10
	nonce   = 16
	tag     = 16
)

// Measure returns how long the header and the plaintext of a file of size bytes
// are, given its first bytes, MaxHeader of them if there are so many; or false
// when it is no age file around at least one byte.
func Measure(first []byte, size int) (header, plain int, ok bool) {
	rest, ok := afterHeader(string(first))
	header = len(first) - len(rest)
	sealed := size - header - nonce
	chunks := (sealed + chunk + tag - 1) / (chunk + tag)
	plain = sealed - tag*chunks
	// The last chunk is not empty.
	return header, plain, ok && plain > 0 && (plain+chunk-1)/chunk == chunks
}

// afterHeader returns what follows the header that text begins with.
func afterHeader(text string) (string, bool) {
	text, ok := strings.CutPrefix(text, "age-encryption.org/v1\n")
	for n := 0; ok && n <= stanzas; n++ {
		line, rest, whole := strings.Cut(text, "\n")
		if mac, last := strings.CutPrefix(line, "--- "); last {
			return rest, whole && n > 0 && len(mac) == 43 && isBase64(mac)
		}
		args, stanza := strings.CutPrefix(line, "-> ")
		if text, ok = afterBody(rest); !stanza || !isArguments(args) {
			return "", false
		}
	}
	return "", false
}

// afterBody skips a stanza's body: lines of 64 characters and a shorter one.
func afterBody(text string) (string, bool) {
	for {
		line, rest, ok := strings.Cut(text, "\n")
		if !ok || len(line) > 64 || !isBase64(line) {
			return "", false
		}
		if text = rest; len(line) < 64 {
			return text, true
		}
	}
}

// isArguments reports whether s is one or more words of visible ASCII.
func isArguments(s string) bool {
	for word := range strings.SplitSeq(s, " ") {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r < '!' || r > '~' }) {
			return false
		}
	}
	return true
}

func isBase64(s string) bool {
	_, err := base64.RawStdEncoding.Strict().DecodeString(s)
	return err == nil && !strings.Contains(s, "\r") // which the decoder skips
}
