package relay

import (
	"errors"
	"strings"

	"potli/relay/wire"
)

var (
	errNotJWE  = errors.New("the file is not a compact JWE with the header of its contentType")
	errTooBig  = errors.New("the file is larger than 25 MiB")
	errContent = errors.New("contentType is not one of the three that a SMART Health Link may carry")
)

// CheckFile reports whether f can be stored: a compact JWE whose protected
// header is, byte for byte, the one SMART Health Links asks for. The relay is
// thereby of no use as a host for anything else (RL9): whatever it hands out,
// no browser takes for a page, a program or a picture.
func CheckFile(f wire.File) error {
	switch f.ContentType {
	case wire.ContentTypeFHIR, wire.ContentTypeCard, wire.ContentTypeAccess:
	default:
		return errContent
	}
	if len(f.JWE) > wire.MaxFile {
		return errTooBig
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
	ok = ok && isBase64Of(iv, 12) && isBase64Of(tag, 16) && text != "" && isBase64Text(text)
	return b64.DecodedLen(len(text)), ok
}

// isBase64Text is isBase64Of for any length, without decoding megabytes: only
// the last characters can hold bits that belong to no byte.
func isBase64Text(s string) bool {
	end := len(s) - len(s)%4
	if !isBase64(s) {
		return false
	}
	_, err := b64.DecodeString(s[end:])
	return err == nil
}
