package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"potli/app/vault"
	"potli/crypto/keyring"
)

// Documents the wallet keeps sealed beside the records.
const (
	docPeople   = "people"
	docSettings = "settings"
	docTrash    = "trash"
	docShares   = "share/" // prefix
	docOut      = "out"    // when everything was last taken out
)

// colours is how many person colours the style sheet has.
const colours = 8

func defaultSettings() Settings { return Settings{AutoLock: 5 * time.Minute} }

func getJSON(ctx context.Context, v *vault.Vault, name string, into any) error {
	b, err := v.Doc(ctx, name)
	if errors.Is(err, vault.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

func putJSON(ctx context.Context, v *vault.Vault, name string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return v.PutDocs(ctx, map[string][]byte{name: b})
}

// SetSettings keeps the person's choices.
func (w *Wallet) SetSettings(ctx context.Context, settings Settings) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	if err := putJSON(ctx, v, docSettings, settings); err != nil {
		return err
	}
	w.publish(func(s *Snapshot) { s.Settings = settings })
	w.mark(v)
	return nil
}

// ChangePassphrase wraps the same keys under new words. The old words open
// copies of this storage that were made before.
// Errors: ErrWrongPassphrase, ErrWeak.
func (w *Wallet) ChangePassphrase(ctx context.Context, old, new string) error {
	if _, enough := w.Strength(new); !enough {
		return ErrWeak
	}
	v, err := w.open()
	if err != nil {
		return err
	}
	keys, err := w.reauthenticate(ctx, old)
	if err != nil {
		return err
	}
	_, end := w.work(JobCreate, "", false)
	defer end()
	unlock, err := w.lockFile(ctx, keys, new)
	if err != nil {
		return err
	}
	return v.SetUnlockFile(ctx, unlock)
}

// RecoveryText is asked for with the passphrase, again.
// Errors: ErrWrongPassphrase.
func (w *Wallet) RecoveryText(ctx context.Context, passphrase string) (string, error) {
	keys, err := w.reauthenticate(ctx, passphrase)
	if err != nil {
		return "", err
	}
	return keys.RecoveryText(), nil
}

// reauthenticate proves that whoever holds the phone knows the words.
func (w *Wallet) reauthenticate(ctx context.Context, passphrase string) (*keyring.Keys, error) {
	if _, err := w.open(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	keys, demo := w.keys, w.demo
	w.mu.Unlock()
	if demo {
		return keys, nil // nothing to protect, and it has no words
	}
	_, end := w.work(JobUnlock, "", false)
	defer end()
	keys, err := w.tryWords(ctx, passphrase)
	if err != nil {
		return nil, err
	}
	return keys, w.forgetFailures(ctx)
}
