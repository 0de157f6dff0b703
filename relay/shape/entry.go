package shape

import (
	"errors"
	"strings"

	"potli/relay/agefile"
	"potli/relay/wire"
)

var (
	errNotSealed = errors.New("sealed must be a compact JWE of cty " + wire.ContentTypeEntry + ", or an age file in base64url without padding")
	errPadding   = errors.New("the plaintext must be padded to a Padmé size of 1,024 bytes or more")
	errEntryID   = errors.New("id must be 16 random bytes in base64url without padding")
	errNote      = errors.New("note must be a hybrid age recipient (age1pq1…) or empty")
)

// CheckDeposit reports whether d can be an entry of a mailbox: an id, and one of two
// shapes, padded. How long a plaintext is follows from either shape without a key.
func CheckDeposit(d wire.Deposit) error {
	if !IsBase64(d.ID, wire.EntryIDBytes) {
		return errEntryID
	}
	if len(d.Sealed) > wire.MaxEntry {
		return ErrTooBig
	}
	n, ok := plainOfJWE(d.Sealed, wire.ContentTypeEntry)
	if !ok {
		n, ok = plainOfAge(d.Sealed)
	}
	switch {
	case !ok:
		return errNotSealed
	case n != wire.SizeClass(n):
		return errPadding
	}
	return nil
}

// plainOfAge is plainOfJWE for an age file in base64url. Only what stands before
// the ciphertext is decoded.
func plainOfAge(s string) (n int, ok bool) {
	if !strings.HasPrefix(s, "YWdlLWVuY3J5cHRpb24ub3Jn") || !isBase64Text(s) { // "age-encryption.org"
		return 0, false
	}
	first, err := b64.DecodeString(s[:min(len(s), (agefile.MaxHeader+2)/3*4)])
	if err != nil {
		return 0, false
	}
	header, n, ok := agefile.Measure(first, b64.DecodedLen(len(s)))
	return n, ok && looksSealed(s[(header+2)/3*4:])
}

// CheckNote reports whether s is what an owner may tell senders: the relay is no
// place for a text of one's own.
func CheckNote(s string) error {
	key, ok := strings.CutPrefix(s, wire.NotePrefix)
	foreign := func(r rune) bool { return !strings.ContainsRune("qpzry9x8gf2tvdw0s3jn54khce6mua7l", r) } // BIP 173
	if s == "" || ok && len(s) == wire.NoteSize && !strings.ContainsFunc(key, foreign) {
		return nil
	}
	return errNote
}
