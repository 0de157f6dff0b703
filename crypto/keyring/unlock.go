package keyring

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"filippo.io/age"
)

// WorkFactor is log2 of scrypt's N for files we write; MaxWorkFactor for files
// we read. 17 is 128 MiB and OWASP's minimum for scrypt; age's own limit of 22
// would be 4 GiB, and a dead tab.
const (
	WorkFactor    = 17
	MaxWorkFactor = 18

	// minWorkFactor is what a device that runs out of memory may fall back to,
	// with a longer phrase.
	minWorkFactor = 16
)

// maxUnlockFile bounds what is read as an unlock file; a real one has about
// 500 bytes.
const maxUnlockFile = 16 << 10

// Lock returns the unlock file: a stock age file under passphrase (scrypt,
// logN). It takes about a second and 128 MiB at WorkFactor. The passphrase goes
// through Normalize, here as in Unlock. Errors: ErrWork outside 16 to 18.
func Lock(k *Keys, passphrase string, logN int) ([]byte, error) {
	if logN < minWorkFactor || logN > MaxWorkFactor {
		return nil, ErrWork
	}
	plain, err := k.Marshal()
	if err != nil {
		return nil, err
	}
	r, err := age.NewScryptRecipient(Normalize(passphrase))
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(logN)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, r)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Unlock opens an unlock file. Errors: ErrWrongPassphrase, ErrTooCostly,
// ErrDamaged, ErrVersion.
func Unlock(file []byte, passphrase string) (*Keys, error) {
	k, err := unlock(file, Normalize(passphrase))
	if !errors.Is(err, ErrWrongPassphrase) {
		return k, err
	}
	// Earlier releases took the characters as they were typed.
	if typed := generated(strings.TrimSpace(passphrase)); typed != Normalize(passphrase) {
		return unlock(file, typed)
	}
	return nil, err
}

func unlock(file []byte, passphrase string) (*Keys, error) {
	if len(file) > maxUnlockFile {
		return nil, ErrDamaged
	}
	if passphrase == "" {
		return nil, ErrWrongPassphrase
	}
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, ErrWrongPassphrase
	}
	id.SetMaxWorkFactor(MaxWorkFactor)
	r, err := age.Decrypt(bytes.NewReader(file), frugal{id})
	switch {
	case errors.Is(err, ErrTooCostly):
		return nil, ErrTooCostly
	case errors.Is(err, age.ErrIncorrectIdentity):
		return nil, ErrWrongPassphrase
	case err != nil:
		return nil, ErrDamaged
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, ErrDamaged
	}
	return Unmarshal(plain)
}

// frugal looks at the price before scrypt is asked: age refuses as well, but
// without an error that could be told from others.
type frugal struct{ *age.ScryptIdentity }

var errNotScrypt = errors.New("not one scrypt stanza")

func (f frugal) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != "scrypt" || len(stanzas[0].Args) != 2 {
		return nil, errNotScrypt
	}
	logN, err := strconv.Atoi(stanzas[0].Args[1])
	if errors.Is(err, strconv.ErrRange) || err == nil && logN > MaxWorkFactor {
		return nil, ErrTooCostly
	}
	if err != nil {
		return nil, errNotScrypt
	}
	return f.ScryptIdentity.Unwrap(stanzas)
}
