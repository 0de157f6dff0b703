// Package jose is the corners of JOSE that are needed here, on the standard library:
//
//	compact JWE (RFC 7516)   "dir", "A256GCM"           SMART Health Links: made and opened
//	compact JWS (RFC 7515)   "ES256", deflated          SMART Health Cards: Verify, never made
//	                         "EdDSA", "ES256", a typ    receipts, requests, messages: Sign, SignedBy
//	JWK, JWKS, thumbprint    OKP Ed25519, EC P-256      (RFC 7517, 7638, 8037, 9864)
//
// A Key knows its algorithm, so that what a header says never chooses one.
//
// It is strict in what it writes and reads what the rules allow others to
// write: any order of header members, no "cty", "zip":"DEF" inflated under a
// cap, base64url with its padding left on. (HL7 SMART Health Cards and Links
// 1.0.0, "Encrypting and Decrypting Files".)
package jose

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	cryptorand "crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// KeySize is the length of a content key.
const KeySize = 32

const (
	ivSize  = 12
	tagSize = 16
)

// MaxInflated and MaxRatio bound what "zip":"DEF" may grow to: the smaller of
// the two. A valid bundle of 4,000 vital signs shrinks 31 times, so a lower
// ratio would refuse real records.
const (
	MaxInflated = 20_000_000
	MaxRatio    = 100
)

// Errors of Encrypt, Decrypt and ParseJWS.
var (
	// ErrMalformed: not a compact JWE, or JWS.
	ErrMalformed = errors.New("not a compact JWE or JWS")
	// ErrUnsupported: a JWE or JWS, but of another algorithm or with a critical
	// extension.
	ErrUnsupported = errors.New("a kind of JWE or JWS that health links and cards do not use")
	// ErrDecrypt: wrong key, or changed on the way; the two cannot be told apart.
	ErrDecrypt = errors.New("the JWE does not open with this key")
	// ErrTooBig: inflates beyond MaxInflated or MaxRatio.
	ErrTooBig = errors.New("inflates beyond the limit")
	// ErrKey: the key is not 32 bytes.
	ErrKey = errors.New("the key is not 32 bytes")
)

// header is the protected header, in the order in which we write it.
type header struct {
	Alg  string          `json:"alg"`
	Enc  string          `json:"enc"`
	Cty  string          `json:"cty,omitempty"`
	Zip  *string         `json:"zip,omitempty"`
	Crit json.RawMessage `json:"crit,omitempty"`
}

// Encrypt returns a compact JWE with header {"alg":"dir","enc":"A256GCM","cty":cty},
// never compressed, with a fresh random IV read from rand (nil: crypto/rand).
// One key serves one link: at 2^20 encryptions make a new link, long before
// random IVs of 96 bits could meet.
func Encrypt(key []byte, cty string, plaintext []byte, rand io.Reader) (string, error) {
	if cty == "" {
		return "", fmt.Errorf("%w: no cty", ErrMalformed)
	}
	aead, err := newAEAD(key)
	if err != nil {
		return "", err
	}
	protected, err := json.Marshal(header{Alg: "dir", Enc: "A256GCM", Cty: cty})
	if err != nil {
		return "", err
	}
	if rand == nil {
		rand = cryptorand.Reader
	}
	iv := make([]byte, ivSize)
	if _, err := io.ReadFull(rand, iv); err != nil {
		return "", fmt.Errorf("no randomness for the IV: %w", err)
	}
	first := base64.RawURLEncoding.EncodeToString(protected)
	sealed := aead.Seal(make([]byte, 0, len(plaintext)+tagSize), iv, plaintext, []byte(first))
	return compact(first, iv, sealed), nil
}

// compact joins the five segments without a second copy of a large body.
func compact(first string, iv, sealed []byte) string {
	enc := base64.RawURLEncoding
	body, tag := sealed[:len(sealed)-tagSize], sealed[len(sealed)-tagSize:]
	var b strings.Builder
	b.Grow(len(first) + enc.EncodedLen(ivSize) + enc.EncodedLen(len(body)) + enc.EncodedLen(tagSize) + 4)
	b.WriteString(first)
	b.WriteString("..")
	b.WriteString(enc.EncodeToString(iv))
	b.WriteByte('.')
	const step = 3 << 14 // whole groups of three, so that the pieces join
	buf := make([]byte, 0, enc.EncodedLen(min(step, len(body))))
	for len(body) > 0 {
		n := min(step, len(body))
		b.Write(enc.AppendEncode(buf[:0], body[:n]))
		body = body[n:]
	}
	b.WriteByte('.')
	b.WriteString(enc.EncodeToString(tag))
	return b.String()
}

// Decrypt opens a compact JWE; zip DEF is inflated with a cap. White space
// around it is ignored. cty is "" where the header has none.
//
// Errors: ErrMalformed, ErrUnsupported, ErrDecrypt, ErrTooBig, ErrKey.
func Decrypt(key []byte, jwe string) (plaintext []byte, cty string, err error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, "", err
	}
	seg := strings.SplitN(strings.TrimSpace(jwe), ".", 6)
	if len(seg) != 5 || seg[1] != "" {
		return nil, "", ErrMalformed
	}
	h, err := readHeader(seg[0])
	if err != nil {
		return nil, "", err
	}
	iv, err := decode(seg[2], 0)
	if err != nil || len(iv) != ivSize {
		return nil, "", ErrMalformed
	}
	tag, err := decode(seg[4], 0)
	if err != nil || len(tag) != tagSize {
		return nil, "", ErrMalformed
	}
	body, err := decode(seg[3], tagSize)
	if err != nil {
		return nil, "", ErrMalformed
	}
	// Decrypted in place: the ciphertext is our own copy.
	sealed := append(body, tag...)
	plaintext, err = aead.Open(sealed[:0], iv, sealed, []byte(seg[0]))
	if err != nil {
		return nil, "", ErrDecrypt
	}
	if h.Zip != nil {
		if plaintext, err = inflate(plaintext); err != nil {
			return nil, "", err
		}
	}
	return plaintext, h.Cty, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != KeySize {
		return nil, ErrKey
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, ErrKey
	}
	return cipher.NewGCM(block)
}

// readHeader ignores members it does not know, as RFC 7516 section 4 asks, but
// not those it must understand.
func readHeader(seg string) (header, error) {
	var h header
	b, err := decode(seg, 0)
	if err != nil || !bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) {
		return h, ErrMalformed
	}
	if err := json.Unmarshal(b, &h); err != nil {
		return h, ErrMalformed
	}
	if h.Alg != "dir" || h.Enc != "A256GCM" || h.Crit != nil || h.Zip != nil && *h.Zip != "DEF" {
		return h, ErrUnsupported
	}
	return h, nil
}

// decode reads base64url with or without padding, with room for extra bytes.
func decode(s string, extra int) ([]byte, error) {
	s = strings.TrimRight(s, "=")
	enc := base64.RawURLEncoding.Strict() // one spelling for each value
	// The package skips line breaks inside; a JWE has none.
	if strings.ContainsAny(s, "\r\n") {
		return nil, ErrMalformed
	}
	out := make([]byte, enc.DecodedLen(len(s)), enc.DecodedLen(len(s))+extra)
	n, err := enc.Decode(out, []byte(s))
	return out[:n], err
}

// inflate reads raw DEFLATE (RFC 1951), not zlib's wrapping of it, to its end
// and not beyond.
func inflate(b []byte) ([]byte, error) {
	limit := min(MaxInflated, MaxRatio*len(b))
	src := bytes.NewReader(b)
	r := flate.NewReader(src)
	out := make([]byte, 0, min(limit+1, 8*len(b)+512))
	for {
		if len(out) == cap(out) {
			grown := make([]byte, len(out), min(limit+1, 2*cap(out)))
			copy(grown, out)
			out = grown
		}
		n, err := r.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		switch {
		case len(out) > limit:
			return nil, ErrTooBig
		case err == io.EOF && src.Len() > 0:
			return nil, fmt.Errorf("%w: data after the end of zip", ErrMalformed)
		case err == io.EOF:
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("%w: zip is not raw DEFLATE", ErrMalformed)
		}
	}
}
