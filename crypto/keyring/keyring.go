// Package keyring holds the keys of a wallet and the ways to unlock them.
//
//	passphrase ──scrypt 2^17──▶ unlock file ──▶ Keys: identity (ML-KEM-768 + X25519), signer (Ed25519)
//	recovery text ─────────────────────────────▶ the identity alone, with new device keys around it
//
// The unlock file is a stock age file with one scrypt stanza; inside is a JSON
// document "potli-device/1" that holds the identity as age writes it, so that
// the way out of Potli is `age -d` and a text editor. Parameters are constants
// here: nothing that arrives can lower or raise them.
//
// Every unlock file and recovery text of any release can be read for ever.
package keyring

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"filippo.io/age"
)

// Keys are what opens a wallet. Never logged, never stored but sealed.
type Keys struct {
	Identity *age.HybridIdentity
	Signer   ed25519.PrivateKey
	Device   string // random id of this browser profile
	Wallet   string // id of the wallet: a hash of its first recipient, so that it says nothing and outlives a device
}

// Errors of this package. None says anything about the keys.
var (
	// ErrWrongPassphrase: the file is sound and the passphrase is another.
	ErrWrongPassphrase = errors.New("wrong passphrase")
	// ErrTooCostly: the file asks for more work than MaxWorkFactor. Nothing was
	// allocated for it.
	ErrTooCostly = errors.New("the unlock file asks for too much work")
	// ErrDamaged: not an unlock file, or a changed one.
	ErrDamaged = errors.New("the unlock file is damaged")
	// ErrVersion: keys written by a later release.
	ErrVersion = errors.New("keys of a later version")
	// ErrBadRecovery: no identity in the text, or a mistyped one.
	ErrBadRecovery = errors.New("not a recovery text, or mistyped")
	// ErrWork: a work factor outside what we write.
	ErrWork = errors.New("work factor out of range")
)

const version = "potli-device/1"

// document is what an unlock file holds.
type document struct {
	Version  string `json:"version"`
	Wallet   string `json:"wallet"`
	Device   string `json:"device"`
	Identity string `json:"identity"` // AGE-SECRET-KEY-PQ-1…
	Signer   string `json:"signer"`   // Ed25519 seed, base64url
}

// New makes fresh keys from crypto/rand.
func New() (*Keys, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, err
	}
	return around(id)
}

// around makes new device keys for an identity.
func around(id *age.HybridIdentity) (*Keys, error) {
	_, signer, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	device := make([]byte, 16)
	if _, err := rand.Read(device); err != nil {
		return nil, err
	}
	wallet := sha256.Sum256([]byte("potli-wallet/1\x00" + id.Recipient().String()))
	return &Keys{
		Identity: id,
		Signer:   signer,
		Device:   base64.RawURLEncoding.EncodeToString(device),
		Wallet:   base64.RawURLEncoding.EncodeToString(wallet[:16]),
	}, nil
}

// Verifier is the public half of Signer.
func (k *Keys) Verifier() ed25519.PublicKey { return k.Signer.Public().(ed25519.PublicKey) }

// Marshal carries Keys between the page and its worker (never to storage).
func (k *Keys) Marshal() ([]byte, error) {
	if k == nil || k.Identity == nil || len(k.Signer) != ed25519.PrivateKeySize {
		return nil, errors.New("incomplete keys")
	}
	return json.Marshal(document{
		Version:  version,
		Wallet:   k.Wallet,
		Device:   k.Device,
		Identity: k.Identity.String(),
		Signer:   base64.RawURLEncoding.EncodeToString(k.Signer.Seed()),
	})
}

// Unmarshal reads what Marshal wrote. Errors: ErrDamaged, ErrVersion.
func Unmarshal(b []byte) (*Keys, error) {
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, ErrDamaged
	}
	if d.Version != version {
		return nil, ErrVersion
	}
	id, err := age.ParseHybridIdentity(d.Identity)
	if err != nil {
		return nil, ErrDamaged // age's own error would quote what it read
	}
	seed, err := base64.RawURLEncoding.DecodeString(d.Signer)
	if err != nil || len(seed) != ed25519.SeedSize || d.Wallet == "" || d.Device == "" {
		return nil, ErrDamaged
	}
	return &Keys{Identity: id, Signer: ed25519.NewKeyFromSeed(seed), Device: d.Device, Wallet: d.Wallet}, nil
}

// String keeps keys out of logs.
func (k Keys) String() string { return "keyring.Keys{…}" }

// GoString keeps keys out of logs written with %#v.
func (k Keys) GoString() string { return k.String() }

// Format keeps keys out of logs whatever the verb.
func (k Keys) Format(s fmt.State, _ rune) { s.Write([]byte(k.String())) }
