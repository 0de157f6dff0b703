package shape

import "encoding/base64"

// b64 is base64url without padding, strict: one text for one value.
var b64 = base64.RawURLEncoding.Strict()

// Bytes returns the n bytes that s is in base64url without padding, and whether it
// is that.
func Bytes(s string, n int) ([]byte, bool) {
	if len(s) != b64.EncodedLen(n) || !isBase64(s) {
		return nil, false
	}
	b, err := b64.DecodeString(s)
	return b, err == nil
}

// IsBase64 reports whether s is n bytes in base64url without padding.
func IsBase64(s string, n int) bool {
	_, ok := Bytes(s, n)
	return ok
}

// isBase64 reports whether s has base64url characters only. The standard
// library's decoder skips line breaks, which must not get in.
func isBase64(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// isBase64Text is IsBase64 for any length, without decoding megabytes: only
// the last characters can hold bits that belong to no byte.
func isBase64Text(s string) bool {
	end := len(s) - len(s)%4
	if !isBase64(s) {
		return false
	}
	_, err := b64.DecodeString(s[end:])
	return err == nil
}
