package jose

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	cryptorand "crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
)

// Signer makes signatures by one key. Which of the two algorithms it carries is
// decided where it is made, so that a program that signs by one does not carry the
// other.
type Signer struct {
	public Key
	sign   func(text []byte) ([]byte, error)
}

// EdDSA signs by Ed25519 (RFC 8037, section 3.1). Error: ErrUnusable.
func EdDSA(key ed25519.PrivateKey) (*Signer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("%w: not a private key of Ed25519", ErrUnusable)
	}
	// The public half is made anew: one that does not belong to the secret would
	// give the secret away with two signatures.
	key = ed25519.NewKeyFromSeed(key.Seed())
	public, err := Ed25519Key(key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	return &Signer{public, func(text []byte) ([]byte, error) { return ed25519.Sign(key, text), nil }}, nil
}

// ES256 signs by ECDSA on P-256 (RFC 7518, section 3.4), with randomness from rand
// (nil: crypto/rand). Error: ErrUnusable.
func ES256(key *ecdsa.PrivateKey, rand io.Reader) (*Signer, error) {
	if key == nil {
		return nil, fmt.Errorf("%w: no private key", ErrUnusable)
	}
	public, err := P256Key(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	if rand == nil {
		rand = cryptorand.Reader
	}
	return &Signer{public, func(text []byte) ([]byte, error) {
		sum := sha256.Sum256(text)
		r, s, err := ecdsa.Sign(rand, key, sum[:])
		if err != nil {
			return nil, fmt.Errorf("signing by ES256: %w", err)
		}
		out := make([]byte, signatureSize)
		r.FillBytes(out[:coordinateSize])
		s.FillBytes(out[coordinateSize:])
		return out, nil
	}}, nil
}

// Public is the key that verifies.
func (s *Signer) Public() Key { return s.public }

// Raw signs text as it is, with no header around it: a signed note, a stanza.
func (s *Signer) Raw(text []byte) ([]byte, error) { return s.sign(text) }

// Sign returns a compact JWS over payload with the header
//
//	{"alg":"EdDSA","kid":"<thumbprint>","typ":"<typ>"}
//
// and nothing else in it. typ says what is signed, so that a signature under one
// kind of thing is none under another (RFC 8725, section 3.11). The payload is
// written as it is; what Verify returns years later are these bytes.
func (s *Signer) Sign(typ string, payload []byte) (string, error) {
	if typ == "" {
		return "", fmt.Errorf("%w: no typ", ErrMalformed)
	}
	header, err := json.Marshal(struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
		Typ string `json:"typ"`
	}{s.public.alg, s.public.Thumbprint(), typ})
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding
	text := make([]byte, 0, enc.EncodedLen(len(header))+enc.EncodedLen(len(payload))+2+enc.EncodedLen(signatureSize))
	text = append(enc.AppendEncode(text, header), '.')
	text = enc.AppendEncode(text, payload)
	signature, err := s.sign(text)
	if err != nil {
		return "", err
	}
	return string(enc.AppendEncode(append(text, '.'), signature)), nil
}

// SignedBy says whether key made the signature over something of kind typ. The
// algorithm is the key's and never the header's to choose; the header has to name
// the key by its thumbprint; a "jwk" or "jku" in it is not looked at, and a payload
// that is inflated before it is known is refused.
func (j *JWS) SignedBy(key Key, typ string) bool {
	if key.IsZero() || typ == "" || j.Typ != typ || j.Zip != "" || j.twice ||
		!key.reads(j.Alg) || j.Kid != key.Thumbprint() {
		return false
	}
	return key.VerifyRaw([]byte(j.signed), j.signature)
}

// VerifyRaw says whether key made the signature over text as it is: what Raw made.
func (k Key) VerifyRaw(text, signature []byte) bool {
	if k.IsZero() || len(signature) != signatureSize {
		return false
	}
	if k.alg == "EdDSA" {
		return ed25519.Verify(ed25519.PublicKey(k.raw), text, signature)
	}
	j := JWS{Alg: k.alg, signed: string(text), signature: signature}
	public, err := ecdsa.ParseUncompressedPublicKey(p256, append([]byte{4}, k.raw...))
	return err == nil && j.Verify(public)
}
