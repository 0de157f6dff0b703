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

// In a vault of a release before there were epochs, the object "device" holds all
// keys, sealed to the wallet's own recipient. Whoever has lost the words and kept
// the recovery text has the identity and not the signer, and without the signer
// nothing there verifies. The user file took its place.

// DeviceKeys returns the keys of the older vault in b, given its identity: what
// keyring.FromRecovery makes of a recovery text. Errors: ErrNotFound (there are
// none: the vault was migrated, or last opened by the first releases),
// ErrWrongKey (of another wallet), record.ErrDamaged, keyring.ErrVersion.
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
