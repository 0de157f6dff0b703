package relay

import (
	"encoding/base64"
	"errors"
	"strings"

	"potli/relay/wire"
)

var (
	errNotSealed = errors.New("sealed must be a compact JWE of cty " + wire.ContentTypeEntry + ", or an age file in base64url without padding")
	errPadding   = errors.New("the plaintext must be padded to a Padmé size of 1,024 bytes or more")
	errEntryID   = errors.New("id must be 16 random bytes in base64url without padding")
	errNote      = errors.New("note must be a hybrid age recipient (age1pq1…) or empty")
)

// CheckSealed reports whether s can be an entry of a mailbox: one of two shapes,
// and padded. How long a plaintext is follows from either shape without a key.
func CheckSealed(s string) error {
	if len(s) > wire.MaxEntry {
		return errTooBig
	}
	n, ok := plainOfJWE(s, wire.ContentTypeEntry)
	if !ok {
		n, ok = plainOfAge(s)
	}
	switch {
	case !ok:
		return errNotSealed
	case n != wire.SizeClass(n):
		return errPadding
	}
	return nil
}

// An age file (age-encryption.org/v1): a line of version, stanzas, a line with
// the header's MAC, then 16 bytes of nonce and chunks of 64 KiB, each with a tag
// of 16 bytes, of which the last is not empty here. Some programs add a stanza
// that means nothing, so that there may be more than the one of the recipient.
const (
	ageChunk   = 64 << 10
	ageHeader  = 8 << 10 // bytes; a hybrid stanza is 1.6 KiB
	ageStanzas = 4
)

// plainOfAge is plainOfJWE for an age file in base64url. Only the header is
// decoded.
func plainOfAge(s string) (n int, ok bool) {
	if !strings.HasPrefix(s, "YWdlLWVuY3J5cHRpb24ub3Jn") || !isBase64Text(s) { // "age-encryption.org"
		return 0, false
	}
	head, err := b64.DecodeString(s[:min(len(s), ageHeader/3*4)])
	if err != nil {
		return 0, false
	}
	rest, ok := afterHeader(string(head))
	header := len(head) - len(rest)
	payload := b64.DecodedLen(len(s)) - header
	chunks := (payload - 16 + ageChunk + 16 - 1) / (ageChunk + 16)
	n = payload - 16 - 16*chunks
	ok = ok && n > 0 && (n+ageChunk-1)/ageChunk == chunks
	return n, ok && looksSealed(s[(header+2)/3*4:])
}

// afterHeader returns what follows the header that text begins with.
func afterHeader(text string) (string, bool) {
	text, ok := strings.CutPrefix(text, "age-encryption.org/v1\n")
	for stanzas := 0; ok && stanzas <= ageStanzas; stanzas++ {
		line, rest, whole := strings.Cut(text, "\n")
		if mac, last := strings.CutPrefix(line, "--- "); last {
			return rest, whole && stanzas > 0 && len(mac) == 43 && isStdBase64(mac)
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
		if !ok || len(line) > 64 || !isStdBase64(line) {
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

func isStdBase64(s string) bool {
	_, err := base64.RawStdEncoding.Strict().DecodeString(s)
	return err == nil && !strings.Contains(s, "\r") // which the decoder skips
}

// isNote reports whether s is what an owner may tell senders: the relay is no
// place for a text of one's own.
func isNote(s string) bool {
	key, ok := strings.CutPrefix(s, wire.NotePrefix)
	foreign := func(r rune) bool { return !strings.ContainsRune("qpzry9x8gf2tvdw0s3jn54khce6mua7l", r) } // BIP 173
	return s == "" || ok && len(s) == wire.NoteSize && !strings.ContainsFunc(key, foreign)
}
