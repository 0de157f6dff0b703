package wallet

import (
	"context"
	"errors"

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/recovery"
)

// Rescue opens the wallet of this device for somebody who has lost the words and
// kept the recovery kit, and gives it new words; the old ones, a passkey and quick
// unlock open nothing here any more. To the wallet it is a new device, with new
// keys for all that comes. Until it has opened, nothing is changed.
//
// The recovery text of an earlier release does the same. Errors: ErrWeak,
// keyring.ErrBadRecovery, ErrOtherWallet, and ErrNoRescue where only a backup
// helps: what it needs is damaged, or this wallet was last opened by a release
// that kept no keys for it.
func (w *Wallet) Rescue(ctx context.Context, text, newPassphrase string) error {
	if w.Snapshot().Phase != PhaseLocked {
		return errNotLocked
	}
	if _, enough := w.Strength(newPassphrase); !enough {
		return ErrWeak
	}
	kit, err := parseKit(text)
	if err != nil {
		return err
	}
	_, end := w.work(JobUnlock, "", false)
	defer end()
	v, err := w.rescue(ctx, kit, newPassphrase)
	switch {
	case errors.Is(err, vault.ErrWrongKey):
		return ErrOtherWallet
	case errors.Is(err, vault.ErrNotFound), errors.Is(err, record.ErrDamaged):
		return ErrNoRescue
	case err != nil:
		return err
	}
	if err := w.forgetFailures(ctx); err != nil {
		return err
	}
	return w.opened(ctx, v, w.d.Host.Storage(ctx))
}

func (w *Wallet) rescue(ctx context.Context, kit *recovery.Kit, words string) (*vault.Vault, error) {
	b := newBreather()
	v, err := vault.Recover(ctx, w.kept(), kit.Identity(), w.deviceName(), func(int, int) { b.rest() })
	if errors.Is(err, vault.ErrNotFound) {
		return w.rescueOlder(ctx, kit, words)
	}
	if err != nil {
		return nil, err
	}
	numbers, err := nextEpochs(ctx, w.keeperOf(v), v.Ring())
	if err != nil {
		return nil, err
	}
	r, err := rollAll(v.Ring(), numbers) // the device whose words are lost may be in other hands
	if err != nil {
		return nil, err
	}
	unlock, err := w.lockFile(ctx, r.Keys(), words)
	if err != nil {
		return nil, err
	}
	return v, v.Apply(ctx, vault.Change{Ring: r, Unlock: map[vault.Method][]byte{vault.Words: unlock, vault.Passkey: nil, vault.Quick: nil}})
}

// rescueOlder opens a wallet of an earlier release by the keys it kept for this
// day, and migrates it.
func (w *Wallet) rescueOlder(ctx context.Context, kit *recovery.Kit, words string) (*vault.Vault, error) {
	keys, err := legacyKeys(kit)
	if err != nil {
		return nil, err
	}
	if keys, err = vault.DeviceKeys(ctx, w.d.Blobs, keys); err != nil {
		return nil, err
	}
	v, err := w.openVault(ctx, keys)
	if err != nil {
		return nil, err
	}
	if err := w.migrate(ctx, v, words); err != nil {
		return nil, err
	}
	if v.Older() {
		return nil, vault.ErrFull // there are no words to it
	}
	return v, nil
}

// errNotLocked is a mistake of a page.
var errNotLocked = errors.New("only a locked wallet can be rescued")
