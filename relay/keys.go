package relay

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"potli/relay/wire"
)

// b64 is base64url without padding, strict: one text for one value.
var b64 = base64.RawURLEncoding.Strict()

// keys are the server's secrets, each for one purpose.
type keys struct {
	ticket, pass, reader []byte
}

func derive(secret [32]byte) (keys, error) {
	var k keys
	for label, to := range map[string]*[]byte{
		"potli-ticket/1": &k.ticket, "potli-passcode/1": &k.pass, "potli-reader/1": &k.reader,
	} {
		key, err := hkdf.Key(sha256.New, secret[:], nil, label, 32)
		if err != nil {
			return keys{}, fmt.Errorf("deriving keys: %w", err)
		}
		*to = key
	}
	return k, nil
}

func mac(key []byte, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, key)
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// passMAC is what a table holds in place of a passcode's scrypt hash. A link
// without passcode holds the MAC of nothing: one way for all. A thief of the
// table alone cannot even begin to guess.
func (k keys) passMAC(id string, scrypted []byte) string {
	return hex.EncodeToString(mac(k.pass, []byte(id), scrypted))
}

// readerMAC stands for a recipient's name in the table, to know a repeat by.
func (k keys) readerMAC(id, recipient string) string {
	return hex.EncodeToString(mac(k.reader, []byte(id), []byte(recipient)))
}

// hashID returns how a link is named in the tables, and whether id has the
// shape of one: 43 characters that are 32 bytes.
func hashID(id string) (string, bool) {
	if !isBase64Of(id, wire.IDBytes) {
		return "", false
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:]), true
}

// hashToken returns what is stored of an owner's token.
func hashToken(token string) (string, bool) {
	if !isBase64Of(token, wire.IDBytes) {
		return "", false
	}
	sum := sha256.Sum256([]byte(token))
	return b64.EncodeToString(sum[:]), true
}

// isBase64Of reports whether s is n bytes in base64url without padding.
func isBase64Of(s string, n int) bool {
	if len(s) != b64.EncodedLen(n) || !isBase64(s) {
		return false
	}
	_, err := b64.DecodeString(s)
	return err == nil
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
