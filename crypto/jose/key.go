package jose

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// Limits of what a stranger publishes.
const (
	MaxJWKS = 64 << 10 // bytes of a set of keys
	MaxKeys = 32       // keys in it
)

// ErrPrivate: a set or a key that holds a secret. Whoever published it has to
// replace it; nothing that it signed means anything.
var ErrPrivate = errors.New("a private key where a public one belongs: whoever read it can sign with it")

// Key is a public key whose signatures are read: Ed25519 or P-256. Keys are
// compared with ==. The zero Key is none, and verifies nothing.
type Key struct {
	alg string // "EdDSA" or "ES256"
	raw string // 32 bytes; of P-256 x and y, 32 each
}

// Ed25519Key is the key as a Key. Error: ErrUnusable, for one that is no point, not
// written in its one way, or one of the eight points of small order, for which
// somebody can make a signature that fits any text.
func Ed25519Key(key ed25519.PublicKey) (Key, error) {
	if len(key) != ed25519.PublicKeySize || !sound(key) {
		return Key{}, fmt.Errorf("%w: not a sound point of Ed25519", ErrUnusable)
	}
	return Key{"EdDSA", string(key)}, nil
}

// P256Key is the key as a Key. Error: ErrUnusable, for one of another curve.
func P256Key(key *ecdsa.PublicKey) (Key, error) {
	if key == nil || key.Curve != elliptic.P256() {
		return Key{}, fmt.Errorf("%w: not of P-256", ErrUnusable)
	}
	b, err := key.Bytes() // 4, x, y
	if err != nil || len(b) != 1+signatureSize {
		return Key{}, fmt.Errorf("%w: not a point of P-256", ErrUnusable)
	}
	return Key{"ES256", string(b[1:])}, nil
}

// Alg is the algorithm the key signs by: "EdDSA", "ES256", "" for none.
func (k Key) Alg() string { return k.alg }

// IsZero says whether there is no key.
func (k Key) IsZero() bool { return k == Key{} }

// Ed25519 returns the bytes of a key of Ed25519, nil for another.
func (k Key) Ed25519() ed25519.PublicKey {
	if k.alg != "EdDSA" {
		return nil
	}
	return ed25519.PublicKey(k.raw)
}

// required are the members by which RFC 7638 names a key, in its order.
func (k Key) required() string {
	enc := base64.RawURLEncoding
	if k.alg == "EdDSA" { // RFC 8037, section 2
		return `"crv":"Ed25519","kty":"OKP","x":"` + enc.EncodeToString([]byte(k.raw)) + `"`
	}
	x, y := enc.EncodeToString([]byte(k.raw[:coordinateSize])), enc.EncodeToString([]byte(k.raw[coordinateSize:]))
	return `"crv":"P-256","kty":"EC","x":"` + x + `","y":"` + y + `"`
}

// Thumbprint is that of RFC 7638, 43 characters of base64url; "" for no key.
func (k Key) Thumbprint() string {
	if k.IsZero() {
		return ""
	}
	sum := sha256.Sum256([]byte("{" + k.required() + "}"))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// JWK is the key as a JSON object, always the same bytes: only what the
// thumbprint is made of. Null for no key.
func (k Key) JWK() json.RawMessage {
	if k.IsZero() {
		return json.RawMessage("null")
	}
	return json.RawMessage("{" + k.required() + "}")
}

// JWKS is a set of keys as an origin publishes it, each with its thumbprint as
// its kid, its use and its algorithm (RFC 7517, section 5).
func JWKS(keys ...Key) []byte {
	var b bytes.Buffer
	b.WriteString(`{"keys":[`)
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"alg":%q,%s,"kid":%q,"use":"sig"}`, k.alg, k.required(), k.Thumbprint())
	}
	b.WriteString("]}")
	return b.Bytes()
}

// ParseJWK reads a public key: OKP with Ed25519 (RFC 8037) or EC with P-256 (RFC
// 7518, section 6.2). A "use", "alg" or "key_ops" beside it must allow the key to
// verify; its "kid" is not asked, since a key is known by its thumbprint.
//
// Errors: ErrPrivate, ErrUnusable.
func ParseJWK(jwk []byte) (Key, error) {
	if len(jwk) > maxHeader {
		return Key{}, fmt.Errorf("%w: too long", ErrUnusable)
	}
	m, err := members(jwk)
	if err != nil || twice(jwk) {
		return Key{}, fmt.Errorf("%w: not an object of JSON", ErrUnusable)
	}
	if m["d"] != nil || m["k"] != nil {
		return Key{}, ErrPrivate
	}
	key, err := parseKind(m)
	if err != nil {
		return Key{}, err
	}
	if !verifies(m, key) {
		return Key{}, fmt.Errorf("%w: it is meant for something else", ErrUnusable)
	}
	return key, nil
}

func parseKind(m map[string]json.RawMessage) (Key, error) {
	switch kty, crv := text(m["kty"]), text(m["crv"]); {
	case kty == "OKP" && crv == "Ed25519":
		x, err := decodeBare(text(m["x"]))
		if err != nil {
			return Key{}, fmt.Errorf("%w: its x is not base64url", ErrUnusable)
		}
		return Ed25519Key(x)
	case kty == "EC" && crv == "P-256":
		key, err := point(text(m["x"]), text(m["y"]))
		if err != nil {
			return Key{}, err
		}
		return P256Key(key)
	}
	return Key{}, fmt.Errorf("%w: of another kind", ErrUnusable)
}

// verifies says whether what stands beside a key lets it verify signatures.
func verifies(m map[string]json.RawMessage, key Key) bool {
	if v, ok := m["use"]; ok && text(v) != "sig" {
		return false
	}
	if v, ok := m["alg"]; ok && !key.reads(text(v)) {
		return false
	}
	v, ok := m["key_ops"]
	var ops []string
	return !ok || json.Unmarshal(v, &ops) == nil && slices.Contains(ops, "verify")
}

// reads says whether a name of an algorithm is one of the key's. RFC 9864 calls
// "Ed25519" what RFC 8037 called "EdDSA"; we write the older name.
func (k Key) reads(alg string) bool {
	return !k.IsZero() && (alg == k.alg || k.alg == "EdDSA" && alg == "Ed25519")
}

// ParseJWKS reads the keys of a set that can verify here; others are passed over,
// as RFC 7517 section 5 asks. Errors: ErrMalformed, ErrTooBig, ErrPrivate.
func ParseJWKS(set []byte) ([]Key, error) {
	if len(set) > MaxJWKS {
		return nil, ErrTooBig
	}
	m, err := members(set)
	var list []json.RawMessage
	if err != nil || twice(set) || m["keys"] == nil || json.Unmarshal(m["keys"], &list) != nil || list == nil {
		return nil, ErrMalformed
	}
	if len(list) > MaxKeys {
		return nil, ErrTooBig
	}
	var keys []Key
	for _, b := range list {
		key, err := ParseJWK(b)
		if errors.Is(err, ErrPrivate) {
			return nil, err
		}
		if err == nil && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// twice says whether an object of JSON has two members of one name: which of them
// counts is another for each reader.
func twice(object []byte) bool {
	d := json.NewDecoder(bytes.NewReader(object))
	d.Token() // {
	seen := map[string]bool{}
	for d.More() {
		name, err := d.Token()
		s, ok := name.(string)
		if err != nil || !ok || seen[s] {
			return true
		}
		seen[s] = true
		var skip json.RawMessage
		if d.Decode(&skip) != nil {
			return true
		}
	}
	return false
}

// The field of Ed25519 and its curve's d (RFC 8032, section 5.1).
var (
	field, _  = new(big.Int).SetString("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed", 16)
	curveD, _ = new(big.Int).SetString("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3", 16)
)

// small are the y of the eight points whose order divides 8: of order 1, 2, 4 and,
// twice, 8.
var small = []string{
	"1",
	"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
	"0",
	"5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
	"7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
}

// sound says whether the 32 bytes are a point of the curve in its one spelling, and
// not of small order. A Verify of the standard library that says false in time would
// do for most of these, but not for the last.
func sound(key []byte) bool {
	b := slices.Clone(key)
	slices.Reverse(b)
	b[0] &= 0x7f // the sign of x
	y := new(big.Int).SetBytes(b)
	if y.Cmp(field) >= 0 || slices.Contains(small, y.Text(16)) {
		return false
	}
	// x² = (y²-1)/(dy²+1): a square where the product of both is one.
	square := new(big.Int).Mul(y, y)
	u := new(big.Int).Sub(square, big.NewInt(1))
	v := square.Mul(square, curveD)
	v.Add(v, big.NewInt(1))
	return big.Jacobi(u.Mod(u.Mul(u, v), field), field) == 1
}
