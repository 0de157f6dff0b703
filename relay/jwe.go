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
	ok = ok && isBase64Of(iv, 12) && isBase64Of(tag, 16) && text != "" && isBase64Text(text) && looksSealed(text)
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

// looksSealed reports whether text, base64url, can be what a good cipher writes.
// It looks at eight places of 258 bytes, the first and the last among them, and
// refuses where one byte value comes up 23 times, as in programs, pages, images
// of disks and the directory that ends a zip, or where text stands: more than
// 11/20 printable bytes and 36. True ciphertext is refused with a probability
// below 2^-60; a test adds it up. What was compressed well, and no more, passes.
func looksSealed(text string) bool {
	const places, size = 8, 344 // characters
	var b [size / 4 * 3]byte
	last := max(0, len(text)-size)
	for i := range places {
		at := last * i / (places - 1) &^ 3 // whole groups of four
		n, err := b64.Decode(b[:], []byte(text[at:min(at+size, len(text))]))
		if err != nil || !looksRandom(b[:n]) {
			return false
		}
	}
	return true
}

func looksRandom(b []byte) bool {
	var seen [256]int
	most, printable := 0, 0
	for _, c := range b {
		seen[c]++
		most = max(most, seen[c])
		if ' ' <= c && c <= '~' || c == '\t' || c == '\n' || c == '\r' {
			printable++
		}
	}
	return most < 23 && printable <= 36+len(b)*11/20
}
