package jose

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Sizes of ES256 (RFC 7518, section 3.4): a coordinate, and a signature of two.
const (
	coordinateSize = 32
	signatureSize  = 2 * coordinateSize
)

// maxHeader bounds a protected header before it is parsed: those of health
// cards have about a hundred bytes.
const maxHeader = 8 << 10

// ErrUnusable: a key that is not one for the signatures that are made and read here.
var ErrUnusable = errors.New("not a key for the signatures read here")

var p256 = elliptic.P256()

// JWS is a compact JWS (RFC 7515) taken apart. Nothing in it is proven before
// Verify says so; what is made of a missing or strange Alg, Kid or Zip is the
// caller's to decide.
type JWS struct {
	Alg, Kid, Zip string
	Typ           string // what is signed; "" too where it is no string
	Payload       []byte // inflated where Zip is "DEF"

	signed    string // what the signature is over
	signature []byte
	twice     bool // a member of the header stands in it twice
}

// ParseJWS takes a compact JWS apart; zip DEF, which RFC 7515 does not know but
// health cards have, is inflated with the cap of Decrypt. White space around it
// is ignored.
//
// Errors: ErrMalformed, ErrUnsupported (a critical extension, another zip),
// ErrTooBig.
func ParseJWS(s string) (*JWS, error) {
	s = strings.TrimSpace(s)
	seg := strings.SplitN(s, ".", 4)
	if len(seg) != 3 || len(seg[0]) > maxHeader {
		return nil, ErrMalformed
	}
	j := &JWS{signed: s[:len(seg[0])+1+len(seg[1])]}
	if err := j.readHeader(seg[0]); err != nil {
		return nil, err
	}
	var err1, err2 error
	j.Payload, err1 = decodeBare(seg[1])
	j.signature, err2 = decodeBare(seg[2])
	if err1 != nil || err2 != nil {
		return nil, ErrMalformed
	}
	if j.Zip != "" {
		if j.Payload, err1 = inflate(j.Payload); err1 != nil {
			return nil, err1
		}
	}
	return j, nil
}

// decodeBare reads base64url without padding, one spelling for each value: what
// is signed is the text, so that a second spelling would be a second card.
func decodeBare(s string) ([]byte, error) {
	if strings.HasSuffix(s, "=") {
		return nil, ErrMalformed
	}
	return decode(s, 0)
}

func (j *JWS) readHeader(seg string) error {
	b, err := decodeBare(seg)
	if err != nil {
		return ErrMalformed
	}
	m, err := members(b)
	if err != nil {
		return ErrMalformed
	}
	for name, to := range map[string]*string{"alg": &j.Alg, "kid": &j.Kid, "zip": &j.Zip} {
		if v, ok := m[name]; ok && json.Unmarshal(v, to) != nil {
			return ErrMalformed
		}
	}
	j.Typ, j.twice = text(m["typ"]), twice(b)
	if m["crit"] != nil || j.Zip != "" && j.Zip != "DEF" {
		return ErrUnsupported
	}
	return nil
}

// members reads a JSON object by the exact names of its members: the decoder of
// the standard library takes "ALG" for "alg" when it fills a struct.
func members(b []byte) (map[string]json.RawMessage, error) {
	var m map[string]json.RawMessage
	if !bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) {
		return nil, ErrMalformed
	}
	err := json.Unmarshal(b, &m)
	return m, err
}

// Verify says whether key made the signature of a health card: ES256, r and s of 32 bytes each.
// The ASN.1 form that many libraries write is no JWS signature.
func (j *JWS) Verify(key *ecdsa.PublicKey) bool {
	if j.Alg != "ES256" || key.Curve != elliptic.P256() || len(j.signature) != signatureSize {
		return false
	}
	sum := sha256.Sum256([]byte(j.signed))
	r := new(big.Int).SetBytes(j.signature[:coordinateSize])
	s := new(big.Int).SetBytes(j.signature[coordinateSize:])
	return ecdsa.Verify(key, sum[:], r, s)
}

// ParseKey reads a JWK that may sign health cards: {"kty":"EC","use":"sig",
// "alg":"ES256","crv":"P-256","kid","x","y"}, where kid is the thumbprint and
// no private part stands beside it. Where it has "x5c", the first certificate
// must be for this very key; whether its issuer is to be trusted is not asked
// here. (HL7 SMART Health Cards 1.0.0, "Issuer Key Management" and "X.509
// Certificates".) Error: ErrUnusable.
func ParseKey(jwk []byte) (*ecdsa.PublicKey, error) {
	m, err := members(jwk)
	if err != nil || m["d"] != nil {
		return nil, ErrUnusable
	}
	for name, want := range map[string]string{"kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256"} {
		if text(m[name]) != want {
			return nil, fmt.Errorf("%w: its %s is another", ErrUnusable, name)
		}
	}
	key, err := point(text(m["x"]), text(m["y"]))
	if err != nil {
		return nil, err
	}
	if text(m["kid"]) != Thumbprint(key) {
		return nil, fmt.Errorf("%w: its kid is not its thumbprint", ErrUnusable)
	}
	if m["x5c"] != nil && !certified(m["x5c"], key) {
		return nil, fmt.Errorf("%w: its certificate is for another key", ErrUnusable)
	}
	return key, nil
}

// text is a JSON string, "" for anything else.
func text(b json.RawMessage) (s string) {
	if json.Unmarshal(b, &s) != nil {
		return ""
	}
	return s
}

// point is the public key at x and y, which must lie on the curve.
func point(x, y string) (*ecdsa.PublicKey, error) {
	a, err1 := decodeBare(x)
	b, err2 := decodeBare(y)
	if err1 != nil || err2 != nil || len(a) != coordinateSize || len(b) != coordinateSize {
		return nil, fmt.Errorf("%w: its point has no two coordinates", ErrUnusable)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, a...), b...))
	if err != nil {
		return nil, fmt.Errorf("%w: its point is not on the curve", ErrUnusable)
	}
	return key, nil
}

// certified says whether the first certificate of x5c (RFC 7517, section 4.7:
// base64 with padding, of DER) is for key. Of the certificate only that is
// read (RFC 5280, section 4.1): without an authority to lead to, nothing else
// in it would mean anything.
func certified(x5c json.RawMessage, key *ecdsa.PublicKey) bool {
	var chain []string
	if json.Unmarshal(x5c, &chain) != nil || len(chain) == 0 {
		return false
	}
	der, err := base64.StdEncoding.DecodeString(chain[0])
	if err != nil {
		return false
	}
	body, _ := element(der) // Certificate
	tbs, _ := element(body) // TBSCertificate
	if len(tbs) > 0 && tbs[0] == 0xa0 {
		_, tbs = element(tbs) // version
	}
	for range 5 { // serial number, algorithm, issuer, validity, subject
		_, tbs = element(tbs)
	}
	want, err := key.Bytes()
	return err == nil && bytes.HasPrefix(tbs, append([]byte(p256Key), want...))
}

// element returns the content of the first element of DER and what follows it;
// nothing where there is no whole one. The decoder of the standard library would
// do, and cost every visitor 23 kB more.
func element(b []byte) (content, rest []byte) {
	if len(b) < 2 {
		return nil, nil
	}
	n, at := int(b[1]), 2
	if long := n - 0x80; long > 0 && long < 4 && len(b) >= 2+long {
		for n = 0; at < 2+long; at++ {
			n = n<<8 | int(b[at])
		}
	} else if long >= 0 {
		return nil, nil
	}
	if n > len(b)-at {
		return nil, nil
	}
	return b[at : at+n], b[at+n:]
}

// p256Key is what stands before the point in a SubjectPublicKeyInfo of a key of
// P-256 (RFC 5480, section 2): the one DER of it.
const p256Key = "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"

// Thumbprint is that of RFC 7638: SHA-256 over the required members of the JWK
// in the order of their names, in base64url. key is one of P-256.
func Thumbprint(key *ecdsa.PublicKey) string {
	b, err := key.Bytes() // 4, x, y
	if err != nil || len(b) != 1+signatureSize {
		panic("jose: a thumbprint of a key that is not of P-256")
	}
	enc := base64.RawURLEncoding
	x, y := enc.EncodeToString(b[1:1+coordinateSize]), enc.EncodeToString(b[1+coordinateSize:])
	sum := sha256.Sum256([]byte(`{"crv":"P-256","kty":"EC","x":"` + x + `","y":"` + y + `"}`))
	return enc.EncodeToString(sum[:])
}
