// Package keyring holds the keys of a wallet and the ways to unlock them.
package keyring

import (
	"crypto/ed25519"
	"io"

	"filippo.io/age"
)

// Keys are what opens a wallet. Never logged, never stored but sealed.
type Keys struct {
	Identity *age.HybridIdentity
	Signer   ed25519.PrivateKey
	Device   string // random id of this browser profile
	Wallet   string // random id of the wallet
}

// New makes fresh keys from crypto/rand.
func New() (*Keys, error) { panic("stub") }

// WorkFactor is log2 of scrypt's N for files we write; MaxWorkFactor for files we read.
const (
	WorkFactor    = 17
	MaxWorkFactor = 18
)

// Lock returns the unlock file: a stock age file under passphrase (scrypt, logN).
func Lock(k *Keys, passphrase string, logN int) ([]byte, error) { panic("stub") }

// Unlock opens an unlock file. Errors: ErrWrongPassphrase, ErrTooCostly, ErrDamaged.
func Unlock(file []byte, passphrase string) (*Keys, error) { panic("stub") }

// Marshal and Unmarshal carry Keys between the page and its worker (never to storage).
func (k *Keys) Marshal() ([]byte, error) { panic("stub") }
func Unmarshal(b []byte) (*Keys, error)  { panic("stub") }

// RecoveryText is what a person keeps on paper or in a file: comment lines and the identity in age's own form,
// so that `age -d -i recovery.txt backup.age` works.
func (k *Keys) RecoveryText() string { panic("stub") }

// FromRecovery reads an identity out of a recovery text and makes new device keys around it.
func FromRecovery(text string) (*Keys, error) { panic("stub") }

// GeneratePassphrase returns n words of the EFF large list joined with "-".
func GeneratePassphrase(rand io.Reader, n int) (string, error) { panic("stub") }

// Strength estimates the entropy of a passphrase in bits, from below; MinStrength is what a person's own needs.
func Strength(passphrase string) float64 { panic("stub") }

const MinStrength = 60

// Normalize maps what a person types (spaces for "-", capitals for generated words) to the passphrase. See tests.
func Normalize(s string) string { panic("stub") }
