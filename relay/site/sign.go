package site

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Key signs releases. It is a pair: Ed25519, and ECDSA over P-256 for browsers that
// do not know the first (Chromium before 137, Firefox before 130, Safari before 17).
// A worker checks the one or the other of the same pair, by what its browser knows
// and nobody else decides, so that a release is never taken unsigned.
type Key struct {
	ed   ed25519.PrivateKey
	p256 *ecdsa.PrivateKey
}

// NewKey makes a key.
func NewKey() (*Key, error) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return &Key{ed, p256}, nil
}

const pemType = "PRIVATE KEY" // PKCS #8, RFC 5958

// PEM is the key as a file: two blocks that openssl reads too. Keep it from others.
func (k *Key) PEM() ([]byte, error) {
	var b bytes.Buffer
	for _, half := range []any{k.ed, k.p256} {
		der, err := x509.MarshalPKCS8PrivateKey(half)
		if err != nil {
			return nil, err
		}
		if err := pem.Encode(&b, &pem.Block{Type: pemType, Bytes: der}); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

var errKey = errors.New("is not a release key: it holds one Ed25519 and one P-256 key as PKCS #8, and nothing else")

// ParseKey reads what PEM wrote.
func ParseKey(text []byte) (*Key, error) {
	var k Key
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		if block.Type != pemType {
			return nil, errKey
		}
		half, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, errKey
		}
		switch half := half.(type) {
		case ed25519.PrivateKey:
			if k.ed != nil {
				return nil, errKey
			}
			k.ed = half
		case *ecdsa.PrivateKey:
			if k.p256 != nil || half.Curve != elliptic.P256() {
				return nil, errKey
			}
			k.p256 = half
		default:
			return nil, errKey
		}
		text = rest
	}
	if k.ed == nil || k.p256 == nil || len(bytes.TrimSpace(text)) > 0 {
		return nil, errKey
	}
	return &k, nil
}

// Public is the half that wallets pin.
func (k *Key) Public() Pin {
	p256, err := k.p256.PublicKey.ECDH()
	if err != nil {
		panic(err) // a key of P-256
	}
	return Pin{Ed25519: bytes.Clone(k.ed.Public().(ed25519.PublicKey)), P256: p256.Bytes()}
}

// sign returns both signatures. They are deterministic (RFC 8032, RFC 6979), so that
// the same release signed twice is the same file.
func (k *Key) sign(text []byte) (signature, error) {
	sum := sha256.Sum256(text)
	der, err := k.p256.Sign(nil, sum[:], crypto.SHA256)
	if err != nil {
		return signature{}, err
	}
	var rs struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &rs); err != nil || len(rest) > 0 {
		return signature{}, errors.New("the P-256 signature is malformed")
	}
	raw := make([]byte, 64) // r and s, as WebCrypto wants them
	rs.R.FillBytes(raw[:32])
	rs.S.FillBytes(raw[32:])
	return signature{Ed25519: ed25519.Sign(k.ed, text), P256: raw}, nil
}

// Pin is the public half of a Key. Bytes are base64 in JSON, as encoding/json has it.
type Pin struct {
	Ed25519 []byte `json:"ed25519"` // 32 bytes
	P256    []byte `json:"p256"`    // an uncompressed point, 65 bytes
}

const pinPrefix = "potli-release-1:"

// String is the line by which people pass a public key on.
func (p Pin) String() string {
	return pinPrefix + base64.RawURLEncoding.EncodeToString(append(bytes.Clone(p.Ed25519), p.P256...))
}

// ParsePin reads such a line.
func ParsePin(text string) (Pin, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), pinPrefix)
	b, err := base64.RawURLEncoding.DecodeString(rest)
	if !ok || err != nil || len(b) != ed25519.PublicKeySize+65 {
		return Pin{}, fmt.Errorf("a public release key reads %s…, on one line", pinPrefix)
	}
	p := Pin{Ed25519: b[:ed25519.PublicKeySize], P256: b[ed25519.PublicKeySize:]}
	if _, err := ecdh.P256().NewPublicKey(p.P256); err != nil {
		return Pin{}, errors.New("the public release key is damaged")
	}
	return p, nil
}

func (p Pin) equal(q Pin) bool { return p.String() == q.String() }

func (p Pin) verify(text []byte, s signature) bool {
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), p.P256)
	if err != nil || len(s.P256) != 64 || len(p.Ed25519) != ed25519.PublicKeySize {
		return false
	}
	sum := sha256.Sum256(text)
	r, t := new(big.Int).SetBytes(s.P256[:32]), new(big.Int).SetBytes(s.P256[32:])
	return ed25519.Verify(p.Ed25519, text, s.Ed25519) && ecdsa.Verify(key, sum[:], r, t)
}

// Trust is what a wallet is told at its first visit and believes from then on:
// whose signatures a release needs, and how many of them.
type Trust struct {
	Need int   `json:"need"`
	Keys []Pin `json:"keys"`
}

// MostKeys bounds what a phone checks.
const MostKeys = 8

func (t Trust) check() error {
	switch {
	case len(t.Keys) == 0:
		return errors.New("the wallet needs a release key: potli release-key makes one")
	case len(t.Keys) > MostKeys:
		return fmt.Errorf("%d release keys, of which a wallet takes %d", len(t.Keys), MostKeys)
	case t.Need < 1 || t.Need > len(t.Keys):
		return fmt.Errorf("%d of %d release keys cannot be asked to sign", t.Need, len(t.Keys))
	}
	return nil
}

// signatures is release.sig.
type signatures struct {
	Signatures []signature `json:"signatures"`
}

// signature is one key's, over the exact bytes of release.json.
type signature struct {
	Ed25519 []byte `json:"ed25519"`
	P256    []byte `json:"p256"` // ECDSA with SHA-256; r and s, 32 bytes each
}

// missing is how many more of t's keys must sign text.
func (t Trust) missing(text []byte, all signatures) int {
	good := 0
	for _, pin := range t.Keys {
		for _, s := range all.Signatures {
			if pin.verify(text, s) {
				good++
				break
			}
		}
	}
	return max(0, t.Need-good)
}

func (all signatures) text() []byte {
	b, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		panic(err) // bytes
	}
	return append(b, '\n')
}

// trustLine stands before the service worker. That file's other bytes are the same
// for every release and every site.
const trustLine = "self.potliTrust = "

func (t Trust) before(worker []byte) []byte {
	b, err := json.Marshal(t)
	if err != nil {
		panic(err) // bytes
	}
	return append(append([]byte(trustLine), append(b, ";\n"...)...), worker...)
}

// trustOf reads the line back.
func trustOf(worker []byte) (t Trust, err error) {
	line, _, _ := bytes.Cut(worker, []byte(";\n"))
	text, ok := bytes.CutPrefix(line, []byte(trustLine))
	if !ok {
		return t, errors.New("the service worker names no release keys")
	}
	if err := json.Unmarshal(text, &t); err != nil {
		return t, fmt.Errorf("reading the release keys of the service worker: %w", err)
	}
	return t, t.check()
}

// Cosign adds a key's signature to those of a release that was written by Export, for
// where several people must sign and none has the others' keys. It returns the new
// release.sig, and how many more must sign.
func Cosign(worker, release, sigs []byte, k *Key) (text []byte, missing int, err error) {
	t, err := trustOf(worker)
	if err != nil {
		return nil, 0, err
	}
	var all signatures
	if err := json.Unmarshal(sigs, &all); err != nil {
		return nil, 0, fmt.Errorf("reading release.sig: %w", err)
	}
	if !slices.ContainsFunc(t.Keys, k.Public().equal) {
		return nil, 0, errors.New("wallets would not know this key: the release was made without -release-pin for it")
	}
	for _, s := range all.Signatures {
		if k.Public().verify(release, s) {
			return nil, 0, errors.New("this key has signed already")
		}
	}
	s, err := k.sign(release)
	if err != nil {
		return nil, 0, err
	}
	all.Signatures = append(all.Signatures, s)
	return all.text(), t.missing(release, all), nil
}
