// Package keyring holds the keys of a wallet: how they are unlocked, which
// devices have them, and what each of them opens.
//
//	passphrase ──scrypt 2^17──▶ unlock file ─┐   (or a passkey, or a browser's own key: one file each)
//	                                         ▼
//	                              Keys D     of one device: identity (ML-KEM-768 + X25519), signer (Ed25519)
//	                                         │
//	recovery key R ──────────────▶ User file │   potli-user/1: U of each epoch, the devices, what became of them
//	                                         ▼
//	                              Ring       U_1…U_e, and of each profile P_1…P_e
//	                                         ▼
//	                              objects    one stanza each, to the newest P (or U), signed by the device
//
// A ring is what one unlocked device holds, and all that the rest of the program
// asks for keys. Epochs are what makes a removal mean something: who was
// removed keeps what they had, and what is sealed to the next epoch they can not
// open. The user document is signed as a whole and entry by entry, numbered and
// chained, so that an older one, a forged one and one that somebody made up
// beside it are told from the right one; two that two devices made at once merge.
//
// Everything at rest is a stock age file, and keys inside are as age writes them:
// the way out of Potli is `age -d` and a text editor (see user_file.go).
// Parameters are constants here: nothing that arrives can lower or raise them.
// Secrets come from crypto/rand, as they do in age, and time is told.
//
// Every unlock file, recovery text and document of any release can be read for
// ever. What this package does not do: store anything, talk to anybody, or decide
// who may be given which profile.
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

// Keys are D: what one device has of its own, and what an unlock file holds. (In
// a wallet of the first releases they were all keys there were: see FromLegacy.)
// Never logged, never stored but sealed.
type Keys struct {
	Identity *age.HybridIdentity
	Signer   ed25519.PrivateKey
	Device   string // random id of this browser profile
	Wallet   string // the user's id: a hash of the wallet's first recipient, so that it says nothing and outlives a device
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

// New makes the keys of the first device of a new wallet, from crypto/rand.
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
