package wallet

import (
	"context"
	"errors"
	"fmt"

	"potli/app/vault"
	"potli/crypto/keyring"
	"potli/crypto/passkey"
	"potli/crypto/quick"
)

// Offers says which ways this browser can be offered, beside words.
func (w *Wallet) Offers(ctx context.Context) (passkeys, quickKeys bool) {
	return w.d.Passkeys != nil && w.d.Passkeys.Available(ctx), w.d.QuickKeys != nil
}

// Prove shows that whoever holds the phone knows the words. Ways to unlock can
// then be added for five minutes: it must come before, because a browser opens
// its prompt only right after a click, and checking words takes longer.
// Errors: ErrWrongPassphrase, *WaitError, ErrLocked.
func (w *Wallet) Prove(ctx context.Context, passphrase string) error {
	if _, err := w.reauthenticate(ctx, passphrase); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unlocking.proved = w.d.Now()
	return nil
}

// AddPasskey makes a passkey and lets it open this wallet, in place of the one
// there was. It prompts twice, to make it and to see that it answers. name is for
// the browser's list. Call it first in what a click does.
// Errors: ErrProve, ErrAgain, ErrNoPasskey, ErrPrompt, ErrLocked, vault.ErrFull.
func (w *Wallet) AddPasskey(ctx context.Context, name string) error {
	keys, err := w.provedKeys()
	if err != nil {
		return err
	}
	defer clear(keys)
	c, err := w.newPasskey(ctx, name)
	if err != nil {
		return err
	}
	file, err := passkey.Lock(ctx, w.d.Passkeys, c, keys)
	switch {
	case errors.Is(err, ErrPrompt):
		return ErrAgain
	case err != nil:
		w.setPending(nil)
		w.d.Passkeys.Forget(ctx, c)
		return err
	}
	way := &passkeyWay{Identity: c.String(), Added: w.d.Now(), credential: c, file: file}
	old, err := w.setWays(ctx, vault.Batch{Put: map[string][]byte{blobPasskey: file}}, func(s *ways) { s.Passkey = way })
	if err != nil {
		return err
	}
	w.setPending(nil)
	if old.Passkey != nil {
		w.d.Passkeys.Forget(ctx, old.Passkey.credential)
	}
	return nil
}

// newPasskey registers one, or returns the one that waits for its first answer.
func (w *Wallet) newPasskey(ctx context.Context, name string) (passkey.Credential, error) {
	if w.d.Passkeys == nil {
		return passkey.Credential{}, ErrNoPasskey
	}
	w.mu.Lock()
	pending := w.unlocking.pending
	w.mu.Unlock()
	if pending != nil {
		return *pending, nil
	}
	c, err := w.d.Passkeys.Register(ctx, name)
	if err == nil {
		w.setPending(&c)
	}
	return c, err
}

func (w *Wallet) setPending(c *passkey.Credential) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unlocking.pending = c
}

// UnlockWithPasskey prompts and opens the wallet. Call it first in what a click
// does. Errors: ErrNoWay, ErrPrompt, ErrNoPasskey, ErrOtherSite, ErrStale, those
// of opening a vault.
func (w *Wallet) UnlockWithPasskey(ctx context.Context) error {
	w.mu.Lock()
	way := w.unlocking.Passkey
	w.mu.Unlock()
	if way == nil || w.d.Passkeys == nil {
		return ErrNoWay
	}
	keys, err := passkey.Unlock(ctx, w.d.Passkeys, way.credential, way.file)
	if err != nil {
		return stale(err)
	}
	w.warmUp(ctx)
	return w.enter(ctx, keys)
}

// authenticate proves that whoever holds the phone is whom it belongs to, before a
// device or somebody who cares for a person comes in or goes: by the words or, where
// they are "", by the passkey that opens this wallet. Quick unlock asks nobody
// anything, and so proves nothing. For the passkey it is called first in what a click
// does. Errors: ErrWrongPassphrase, *WaitError, ErrLocked; ErrProve where there is no
// passkey; those of UnlockWithPasskey.
func (w *Wallet) authenticate(ctx context.Context, words string) error {
	w.mu.Lock()
	way, keys, demo := w.unlocking.Passkey, w.keys, w.demo
	w.mu.Unlock()
	switch {
	case words != "" || demo:
		_, err := w.reauthenticate(ctx, words)
		return err
	case keys == nil:
		return ErrLocked
	case way == nil || w.d.Passkeys == nil:
		return ErrProve
	}
	plain, err := passkey.Unlock(ctx, w.d.Passkeys, way.credential, way.file)
	if err != nil {
		return stale(err)
	}
	defer clear(plain)
	proved, err := keyring.Unmarshal(plain)
	if err != nil {
		return stale(err)
	}
	if proved.Device != keys.Device || !proved.Signer.Equal(keys.Signer) {
		return ErrStale // the file was put there by somebody
	}
	return nil
}

// AddQuick lets this browser open the wallet without a question, in place of the
// key there was. Errors: ErrProve, ErrNoQuick, ErrLocked, vault.ErrFull.
func (w *Wallet) AddQuick(ctx context.Context) error {
	keys, err := w.provedKeys()
	if err != nil {
		return err
	}
	defer clear(keys)
	if w.d.QuickKeys == nil {
		return ErrNoQuick
	}
	file, secret, err := quick.Lock(keys)
	if err != nil {
		return err
	}
	defer clear(secret)
	// The secret first: a crash in between leaves a file that opens no more, or a
	// secret that opens nothing.
	if err := w.d.QuickKeys.Create(ctx, secret); err != nil {
		return err
	}
	way := &quickWay{Added: w.d.Now(), file: file}
	_, err = w.setWays(ctx, vault.Batch{Put: map[string][]byte{blobQuick: file}}, func(s *ways) { s.Quick = way })
	return err
}

// UnlockQuick opens the wallet with the key that the browser keeps. Errors:
// ErrNoWay, ErrStale, those of opening a vault.
func (w *Wallet) UnlockQuick(ctx context.Context) error {
	w.mu.Lock()
	way := w.unlocking.Quick
	w.mu.Unlock()
	if way == nil || w.d.QuickKeys == nil {
		return ErrNoWay
	}
	w.warmUp(ctx)
	secret, err := w.d.QuickKeys.Open(ctx)
	if err != nil {
		return stale(err)
	}
	defer clear(secret)
	keys, err := quick.Unlock(way.file, secret)
	if err != nil {
		return stale(err)
	}
	return w.enter(ctx, keys)
}

// provedKeys are the keys that an unlock file wraps, of an open wallet whose
// words were given to Prove just now.
func (w *Wallet) provedKeys() ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	since := passed(w.d.Now(), w.unlocking.proved)
	switch {
	case w.vault == nil:
		return nil, ErrLocked
	case w.demo:
		return nil, errDemo
	case since < 0 || since > proofLasts: // never, or the clock went back
		return nil, ErrProve
	}
	return w.keys.Marshal()
}

// errDemo is a mistake of a page: the sample family lives in memory.
var errDemo = errors.New("the sample family needs no way in")

// enter opens the vault with keys that an unlock file held.
func (w *Wallet) enter(ctx context.Context, plain []byte) error {
	defer clear(plain)
	keys, err := keyring.Unmarshal(plain)
	if err != nil {
		return stale(err)
	}
	_, end := w.work(JobUnlock, "", false)
	defer end()
	v, err := w.openVault(ctx, keys)
	if err != nil {
		return stale(err)
	}
	return w.opened(ctx, v, w.d.Host.Storage(ctx))
}

// stale marks the errors after which only another way helps.
func stale(err error) error {
	for _, e := range []error{
		passkey.ErrWrongPasskey, passkey.ErrDamaged, quick.ErrNoKey, quick.ErrWrongKey, quick.ErrDamaged,
		keyring.ErrDamaged, vault.ErrWrongKey,
	} {
		if errors.Is(err, e) {
			return fmt.Errorf("%w: %w", ErrStale, err)
		}
	}
	return err
}
