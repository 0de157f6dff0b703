package passkey

import (
	"strings"

	"potli/crypto/bech32"
)

// Credential names a passkey. It is no secret, but says which site and which
// device, so it stays in this browser beside the unlock file.
type Credential struct {
	ID         []byte   // as the authenticator chose it, 1 to 1,023 bytes
	RPID       string   // host name the passkey is bound to, for ever
	Transports []string // hints for the browser: "internal", "hybrid", "usb", …
}

// Limits of what is read. WebAuthn allows IDs of up to 1,023 bytes, DNS names of
// up to 253; there are seven transports today.
const (
	maxID         = 1023
	maxRPID       = 253
	maxTransports = 8
	maxTransport  = 32
)

const (
	prefix  = "AGE-PLUGIN-FIDO2PRF-"
	version = 1
)

// String is the identity string of typage and of its age plugin, so that a file
// of a passkey opens without Potli too:
//
//	Bech32, in capitals, of CBOR items one after the other:
//	uint 1 | bytes ID | text RPID | array of text Transports
//
// It is "" for a credential that Parse would refuse.
func (c Credential) String() string {
	if !c.sound() {
		return ""
	}
	b := appendHead(nil, cborUint, version)
	b = appendString(b, cborBytes, string(c.ID))
	b = appendString(b, cborText, c.RPID)
	b = appendHead(b, cborArray, len(c.Transports))
	for _, t := range c.Transports {
		b = appendString(b, cborText, t)
	}
	return bech32.Encode(prefix, b)
}

// Parse reads what String wrote. Another way to write the same is not accepted.
// Error: ErrDamaged.
func Parse(s string) (Credential, error) {
	hrp, data, err := bech32.Decode(s)
	if err != nil || hrp != prefix {
		return Credential{}, ErrDamaged
	}
	r := reader{rest: data}
	if r.head(cborUint) != version {
		return Credential{}, ErrDamaged
	}
	c := Credential{ID: r.bytes(cborBytes, maxID), RPID: string(r.bytes(cborText, maxRPID))}
	for range r.count(maxTransports) {
		c.Transports = append(c.Transports, string(r.bytes(cborText, maxTransport)))
	}
	if r.bad || len(r.rest) != 0 || c.String() != s {
		return Credential{}, ErrDamaged
	}
	return c, nil
}

// sound says whether c can be written, and read again.
func (c Credential) sound() bool {
	if len(c.ID) == 0 || len(c.ID) > maxID || !plain(c.RPID, maxRPID) || len(c.Transports) > maxTransports {
		return false
	}
	for _, t := range c.Transports {
		if !plain(t, maxTransport) {
			return false
		}
	}
	return true
}

// plain says whether s is of letters, digits, dots and hyphens: host names are,
// in ASCII form, and so is every transport.
func plain(s string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == ""
}
