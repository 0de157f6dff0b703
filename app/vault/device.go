package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"potli/app/record"
	"potli/crypto/keyring"
)

// maxDevice is far above what sealed keys weigh.
const maxDevice = 64 << 10

// The object "device" holds all keys, sealed to the wallet's own recipient.
// Whoever has lost the words and kept the recovery text has the identity and not
// the signer, and without the signer nothing here verifies. age authenticates
// nobody, but nothing is to be won by putting another in its place: another
// identity is refused, and another signer opens nothing.
func sealDevice(k *keyring.Keys) ([]byte, error) {
	plain, err := k.Marshal()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, k.Identity.Recipient())
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

// DeviceKeys returns the keys of the vault in b, given its identity: what
// keyring.FromRecovery makes of a recovery text. Errors: ErrNotFound (a vault
// that was never opened since there are device keys in storage), ErrWrongKey (of
// another wallet), record.ErrDamaged, keyring.ErrVersion.
func DeviceKeys(ctx context.Context, b Blobs, recovered *keyring.Keys) (*keyring.Keys, error) {
	sealed, err := get(ctx, b, nameDevice)
	if err != nil {
		return nil, fmt.Errorf("looking for the device's keys: %w", err)
	}
	return openDevice(sealed, recovered)
}

func openDevice(sealed []byte, recovered *keyring.Keys) (*keyring.Keys, error) {
	if len(sealed) > maxDevice {
		return nil, record.ErrDamaged
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), recovered.Identity)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrWrongKey
	}
	if err != nil {
		return nil, record.ErrDamaged
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, record.ErrDamaged
	}
	k, err := keyring.Unmarshal(plain)
	switch {
	case errors.Is(err, keyring.ErrVersion):
		return nil, err
	case err != nil:
		return nil, record.ErrDamaged
	case k.Wallet != recovered.Wallet || k.Identity.String() != recovered.Identity.String():
		return nil, ErrWrongKey
	}
	return k, nil
}

// keepDevice writes the device's keys where they are missing (a vault of an
// earlier release) or not what they should be: it would be noticed only on the
// day they are needed. Failure is no matter: it is tried again at the next Open.
func (v *Vault) keepDevice(ctx context.Context) {
	sealed, err := get(ctx, v.o.Blobs, nameDevice)
	if err == nil {
		k, err := openDevice(sealed, v.k)
		if err == nil && k.Device == v.k.Device && k.Signer.Equal(v.k.Signer) {
			return
		}
	} else if !errors.Is(err, ErrNotFound) {
		return
	}
	if sealed, err = sealDevice(v.k); err == nil {
		_ = v.o.Blobs.Commit(ctx, Batch{Put: map[string][]byte{nameDevice: sealed}})
	}
}
