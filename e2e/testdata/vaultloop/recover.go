//go:build js

package main

import (
	"context"
	"time"

	"potli/app/vault"
	"potli/crypto/keyring"
	"potli/crypto/recovery"
)

// recover makes a vault where there is none, of the backup and the kit, as the
// wallet does on another phone: a new device, and new epochs.
func (l *loop) recover(ctx context.Context) (report, error) {
	file, err := l.backup()
	if err != nil {
		return report{}, err
	}
	kit, err := recovery.Parse(l.start.Kit)
	if err != nil {
		return report{}, err
	}
	b, err := vault.OpenBackup(ctx, file, nil, kit.Identity())
	if err != nil {
		return report{}, err
	}
	r, err := recovered(b, kit)
	if err != nil {
		return report{}, err
	}
	unlock, err := r.Keys().Marshal()
	if err != nil {
		return report{}, err
	}
	if l.vault, _, err = vault.CreateFrom(ctx, vault.Options{Blobs: l.blobs}, r, unlock, b, nil); err != nil {
		return report{}, err
	}
	return l.held(ctx)
}

func recovered(b *vault.Backup, kit *recovery.Kit) (*keyring.Ring, error) {
	u, keys, err := keyring.RecoverUser(b.User(), kit.Identity(), keyring.Pin{}, "another browser", time.Now())
	if err != nil {
		return nil, err
	}
	r, err := keyring.NewRing(keys, u)
	if err != nil {
		return nil, err
	}
	if r, err = b.Ring(r); err != nil {
		return nil, err
	}
	r, _, err = r.Roll("p", 0)
	return r, err
}
