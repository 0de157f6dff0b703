package wallet

import (
	"context"
	"errors"

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// Rescue opens the wallet of this device for somebody who has lost the words and
// kept the recovery text, and gives it new words; the old ones open nothing here
// any more. Until it has opened, nothing is changed.
// Errors: ErrWeak, keyring.ErrBadRecovery, ErrOtherWallet, and ErrNoRescue where
// only a backup helps: what it needs is damaged, or this wallet was last opened by
// a release that kept no keys for it.
func (w *Wallet) Rescue(ctx context.Context, recovery, newPassphrase string) error {
	if w.Snapshot().Phase != PhaseLocked {
		return errNotLocked
	}
	if _, enough := w.Strength(newPassphrase); !enough {
		return ErrWeak
	}
	recovered, err := keyring.FromRecovery(recovery)
	if err != nil {
		return err
	}
	_, end := w.work(JobUnlock, "", false)
	defer end()
	keys, err := vault.DeviceKeys(ctx, w.d.Blobs, recovered)
	switch {
	case errors.Is(err, vault.ErrWrongKey):
		return ErrOtherWallet
	case errors.Is(err, vault.ErrNotFound), errors.Is(err, record.ErrDamaged):
		return ErrNoRescue
	case err != nil:
		return err
	}
	v, err := w.openVault(ctx, keys)
	if err != nil {
		return err
	}
	unlock, err := w.lockFile(ctx, keys, newPassphrase)
	if err != nil {
		return err
	}
	if err := v.SetUnlockFile(ctx, unlock); err != nil {
		return err
	}
	if err := w.forgetFailures(ctx); err != nil {
		return err
	}
	return w.opened(ctx, v, keys, w.d.Host.Storage(ctx))
}

// errNotLocked is a mistake of a page.
var errNotLocked = errors.New("only a locked wallet can be rescued")
