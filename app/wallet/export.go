package wallet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// Export returns everything as one .age file and its name. The stock age tool
// opens it with the identity from the recovery text.
func (w *Wallet) Export(ctx context.Context) (name string, b []byte, err error) {
	v, err := w.open()
	if err != nil {
		return "", nil, err
	}
	progress, end := w.work(JobExport, "", false)
	defer end()
	var out bytes.Buffer
	if err := v.Export(ctx, &out, progress); err != nil {
		return "", nil, err
	}
	now := w.d.Now()
	if err := putJSON(ctx, v, docOut, now); err != nil {
		return "", nil, err
	}
	w.publish(func(s *Snapshot) { s.LastOut = now })
	return "potli-" + now.Format("2006-01-02") + ".age", out.Bytes(), nil
}

// Restore reads a backup. In an open wallet recovery may be "" if the backup
// is its own. Where there is no wallet it makes one from recovery text and
// backup, under a new passphrase. The whole backup is opened and verified
// before anything is changed.
// Errors: keyring.ErrBadRecovery, ErrOtherWallet, record.ErrDamaged, ErrWeak.
func (w *Wallet) Restore(ctx context.Context, file []byte, recovery, passphrase string) (added int, err error) {
	progress, end := w.work(JobRestore, "", false)
	defer end()
	keys, fresh, err := w.restoreKeys(recovery)
	if err != nil {
		return 0, err
	}
	backup, err := vault.OpenBackup(ctx, file, keys, progress)
	if errors.Is(err, vault.ErrWrongKey) {
		return 0, ErrOtherWallet
	}
	if err != nil {
		return 0, err
	}
	if fresh {
		v, err := w.create(ctx, keys, passphrase)
		if err != nil {
			return 0, err
		}
		if added, err = v.Restore(ctx, backup, progress); err != nil {
			return 0, err
		}
		return added, w.opened(ctx, v, keys, w.d.Host.Persist(ctx))
	}
	v, err := w.open()
	if err != nil {
		return 0, err
	}
	if added, err = v.Restore(ctx, backup, progress); err != nil {
		return 0, err
	}
	if err := w.takeInPeople(ctx, backup); err != nil {
		return added, err
	}
	w.mu.Lock()
	own := w.keys
	w.mu.Unlock()
	return added, w.opened(ctx, v, own, w.Snapshot().Storage)
}

// takeInPeople adds the people of a backup who are not here yet, so that no
// restored record belongs to nobody.
func (w *Wallet) takeInPeople(ctx context.Context, b *vault.Backup) error {
	var theirs []Person
	if doc, ok := b.Docs()[docPeople]; ok {
		if err := json.Unmarshal(doc, &theirs); err != nil {
			return record.ErrDamaged
		}
	}
	s := w.Snapshot()
	people := slices.Clone(s.People)
	for _, p := range theirs {
		if _, ok := s.person(p.ID); !ok {
			people = append(people, p)
		}
	}
	if len(people) == len(s.People) {
		return nil
	}
	return w.setPeople(ctx, people)
}

// restoreKeys says with which keys a backup is opened, and whether they make a
// new wallet.
func (w *Wallet) restoreKeys(recovery string) (keys *keyring.Keys, fresh bool, err error) {
	w.mu.Lock()
	keys = w.keys
	w.mu.Unlock()
	fresh = keys == nil
	if recovery != "" {
		keys, err = keyring.FromRecovery(recovery)
	}
	if err == nil && keys == nil {
		err = keyring.ErrBadRecovery
	}
	return keys, fresh, err
}

// lastOut reads when everything was last taken out.
func lastOut(ctx context.Context, v *vault.Vault) (time.Time, error) {
	var t time.Time
	err := getJSON(ctx, v, docOut, &t)
	return t, err
}
