// Package shape says of what strangers bring whether it can be what it should be:
// a sealed file, a sealed entry, an identifier, the name that somebody gives
// himself. It looks from outside; it has no key, keeps nothing and knows no request.
package shape

import (
	"errors"
	"strings"

	"potli/relay/wire"
)

// ErrTooBig: what was brought may have the right shape, but is too much of it.
var ErrTooBig = errors.New("the file is larger than 25 MiB")

var (
	errNotJWE  = errors.New("the file is not a compact JWE with the header of its contentType")
	errContent = errors.New("contentType is not one of the three that a SMART Health Link may carry")
)

// CheckFile reports whether f can be stored: a compact JWE whose protected
// header is, byte for byte, the one SMART Health Links asks for, around what can
// be ciphertext.
//
// It does not make the relay useless as a host of other things (RL9): who has
// XORed a program with anything has ciphertext. What does is how a file comes
// out again: as application/jose, an attachment, never sniffed, in a sandbox, no
// ranges, at most wire.MaxUses times, for at most wire.MaxLife, so that whatever
// it is, no browser takes it for a page, a program or a picture. What is refused
// here is what somebody brings without that effort, and it costs no honest file:
// see looksSealed.
func CheckFile(f wire.File) error {
	switch f.ContentType {
	case wire.ContentTypeFHIR, wire.ContentTypeCard, wire.ContentTypeAccess:
	default:
		return errContent
	}
	if len(f.JWE) > wire.MaxFile {
		return ErrTooBig
	}
	if _, ok := plainOfJWE(f.JWE, f.ContentType); !ok {
		return errNotJWE
	}
	return nil
}

// plainOfJWE returns how long the plaintext of a compact JWE is, which needs no
// key, and whether it is one that has exactly our header.
func plainOfJWE(jwe, contentType string) (n int, ok bool) {
	header := b64.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM","cty":"` + contentType + `"}`))
	rest, ok := strings.CutPrefix(jwe, header+"..") // the second segment, a wrapped key, is empty with "dir"
	if !ok {
		return 0, false
	}
	iv, rest, _ := strings.Cut(rest, ".")
	text, tag, ok := strings.Cut(rest, ".")
	ok = ok && IsBase64(iv, 12) && IsBase64(tag, 16) && text != "" && isBase64Text(text) && looksSealed(text)
	return b64.DecodedLen(len(text)), ok
}
