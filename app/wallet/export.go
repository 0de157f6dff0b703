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
	"potli/crypto/recovery"
)

// Export returns everything as one .age file and its name: sealed to the
// wallet's own key and to the recovery kit, with which the stock age tool opens
// it. Without a kit no other device can read it: see Snapshot.Kit.
func (w *Wallet) Export(ctx context.Context) (name string, b []byte, err error) {
	v, err := w.open()
	if err != nil {
		return "", nil, err
	}
	progress, end := w.work(JobExport, "", false)
	defer end()
	return w.export(ctx, v, progress)
}

// Pack is Export as text, under a name that says so, for another program: browsers
// hand on few kinds of files, and .age is none of them. Nothing has been taken out
// until HandedOver, for the person may think better of it.
func (w *Wallet) Pack(ctx context.Context) (name string, b []byte, err error) {
	v, err := w.open()
	if err != nil {
		return "", nil, err
	}
	progress, end := w.work(JobExport, "", false)
	defer end()
	if b, err = w.seal(ctx, v, progress); err == nil {
		b, err = vault.Armor(b)
	}
	return backupName(w.d.Now()) + ".txt", b, err
}

// HandedOver notes that what Pack returned has left this device. It is a backup once
// it was read back, as any other (VerifyBackup).
func (w *Wallet) HandedOver(ctx context.Context) error {
	v, err := w.open()
	if err != nil {
		return err
	}
	return w.takenOut(ctx, v)
}

func (w *Wallet) export(ctx context.Context, v *vault.Vault, p vault.Progress) (name string, b []byte, err error) {
	if b, err = w.seal(ctx, v, p); err == nil {
		err = w.takenOut(ctx, v)
	}
	if err != nil {
		return "", nil, err
	}
	return backupName(w.d.Now()), b, nil
}

func (w *Wallet) seal(ctx context.Context, v *vault.Vault, p vault.Progress) ([]byte, error) {
	var out bytes.Buffer
	contacts, err := sealedFor(ctx, v)
	if err != nil {
		return nil, err
	}
	size := v.Size()
	out.Grow(size + size/50 + 256<<10) // a buffer that grows holds everything up to three times
	err = v.Export(ctx, &out, p, contacts.Recipients()...)
	return out.Bytes(), err
}

// takenOut notes that everything was taken out.
func (w *Wallet) takenOut(ctx context.Context, v *vault.Vault) error {
	now := w.d.Now()
	if err := putJSON(ctx, v, docOut, now); err != nil {
		return err
	}
	w.publish(func(s *Snapshot) { s.LastOut = now })
	w.mark(v)
	return nil
}

// BackupReport says what a backup that was read back holds.
type BackupReport struct {
	Made    time.Time
	Records int
	Missing int // what could not be read when it was made
	Newer   int // records that came since, and are not in it
}

// VerifyBackup reads a backup of this wallet back, every file of it to its last
// byte and the keys in it, and changes nothing but the day that this was last
// done: Snapshot.LastVerified.
// Errors: ErrOtherWallet, record.ErrDamaged, vault.ErrVersion.
func (w *Wallet) VerifyBackup(ctx context.Context, file []byte) (*BackupReport, error) {
	v, err := w.open()
	if err != nil {
		return nil, err
	}
	progress, end := w.work(JobVerify, "", false)
	defer end()
	return w.verify(ctx, v, file, progress)
}

func (w *Wallet) verify(ctx context.Context, v *vault.Vault, file []byte, p vault.Progress) (*BackupReport, error) {
	r := v.Ring()
	b, err := vault.OpenBackup(ctx, file, p, r.Identities("")...)
	if errors.Is(err, vault.ErrWrongKey) || err == nil && b.WalletID() != v.WalletID() {
		return nil, ErrOtherWallet
	}
	if err != nil {
		return nil, err
	}
	if err := checkKeys(b, r); err != nil {
		return nil, err
	}
	report := &BackupReport{Made: b.Created(), Records: len(b.Metas()), Missing: b.Missing()}
	type twin struct {
		profile record.ProfileID
		sha256  string
	}
	saved := make(map[twin]bool)
	for _, m := range b.Metas() {
		saved[twin{m.Profile, m.SHA256}] = true
	}
	for _, e := range v.Entries() {
		if m := e.Meta(); !saved[twin{m.Profile, m.SHA256}] {
			report.Newer++
		}
	}
	now := w.d.Now()
	if err := putJSON(ctx, v, docVerified, now); err != nil {
		return nil, err
	}
	w.publish(func(s *Snapshot) { s.LastVerified = now })
	w.mark(v)
	return report, nil
}

// checkKeys opens the keys in a backup. A device that was added since is not
// among those that its user file is sealed to; the rest is checked all the same.
func checkKeys(b *vault.Backup, r *keyring.Ring) error {
	if b.User() == nil {
		return nil // of a release before there were epochs
	}
	u, err := keyring.OpenUser(b.User(), r.Keys().Identity, keyring.Pin{})
	switch {
	case errors.Is(err, keyring.ErrNotForUs):
	case err != nil || r.User().Follows(u.Pin()) != nil:
		return record.ErrDamaged
	}
	_, err = b.Ring(r)
	return err
}

// Restore reads a backup. papers are the kit, or the sheets of two trusted
// contacts; in an open wallet none if the backup is its own. Where there is no
// wallet it makes one from paper and backup, under a new passphrase, as a new
// device; a new kit is due then. The whole backup is opened
// and verified before anything is changed, and comes in in one step.
// Errors: keyring.ErrBadRecovery, ErrOtherWallet, record.ErrDamaged, ErrWeak.
func (w *Wallet) Restore(ctx context.Context, file []byte, papers []string, passphrase string) (added int, err error) {
	progress, end := w.work(JobRestore, "", false)
	defer end()
	v, _ := w.open()
	b, parsed, err := openBackup(ctx, v, file, papers, progress)
	if errors.Is(err, vault.ErrWrongKey) {
		return 0, ErrOtherWallet
	}
	if err != nil {
		return 0, err
	}
	if v == nil {
		return w.restoreHere(ctx, b, parsed, passphrase, progress)
	}
	if added, err = w.restoreInto(ctx, v, b, progress); err != nil {
		return added, err
	}
	return added, w.opened(ctx, v, w.Snapshot().Storage)
}

// openBackup opens a backup with what is on paper or, where that is nothing, with
// the keys of the open wallet.
func openBackup(ctx context.Context, v *vault.Vault, file []byte, papers []string, p vault.Progress) (*vault.Backup, *recovery.Kit, error) {
	if len(papers) == 0 && v != nil {
		b, err := vault.OpenBackup(ctx, file, p, v.Ring().Identities("")...)
		return b, nil, err
	}
	kit, err := openerOf(file, papers...)
	if err != nil {
		return nil, nil, err
	}
	b, err := vault.OpenBackup(ctx, file, p, kit.Identity())
	return b, kit, err
}

// restoreHere makes a wallet of a backup and the kit that opened it.
func (w *Wallet) restoreHere(ctx context.Context, b *vault.Backup, kit *recovery.Kit, passphrase string, progress vault.Progress) (int, error) {
	if _, enough := w.Strength(passphrase); !enough {
		return 0, ErrWeak
	}
	r, err := w.recoveredRing(b, kit)
	if err != nil {
		return 0, err
	}
	unlock, err := w.lockFile(ctx, r.Keys(), passphrase)
	if err != nil {
		return 0, err
	}
	v, added, err := vault.CreateFrom(ctx, w.kept(), r, unlock, b, progress)
	if errors.Is(err, vault.ErrExists) {
		return 0, ErrExists
	}
	if err != nil {
		return 0, err
	}
	return added, w.opened(ctx, v, w.d.Host.Persist(ctx))
}

// recoveredRing is what kit and backup give a new device: everything that was
// ever sealed opens, and all that comes is sealed to new epochs.
func (w *Wallet) recoveredRing(b *vault.Backup, kit *recovery.Kit) (*keyring.Ring, error) {
	ids, err := peopleOf(b)
	if err != nil {
		return nil, err
	}
	if b.User() == nil { // a backup from before there were epochs
		keys, err := legacyKeys(kit)
		if err != nil {
			return nil, err
		}
		r, err := keyring.FromLegacy(keys, nil, w.deviceName(), w.d.Now())
		if err != nil {
			return nil, err
		}
		return withProfiles(r, ids)
	}
	u, d, err := keyring.RecoverUser(b.User(), kit.Identity(), keyring.Pin{}, w.deviceName(), w.d.Now())
	if errors.Is(err, keyring.ErrNotForUs) {
		return nil, ErrOtherWallet
	}
	if err != nil {
		return nil, record.ErrDamaged
	}
	r, err := keyring.NewRing(d, u)
	if err != nil {
		return nil, err
	}
	if r, err = b.Ring(r); err != nil {
		return nil, err
	}
	if r, err = rollAll(r, nil); err != nil {
		return nil, err
	}
	return withProfiles(r, ids)
}

// peopleOf are all who have anything in a backup.
func peopleOf(b *vault.Backup) ([]record.ProfileID, error) {
	people, err := personsOf(b)
	if err != nil {
		return nil, err
	}
	return append(b.Profiles(), idsOf(people)...), nil
}

func personsOf(b *vault.Backup) ([]Person, error) {
	var people []Person
	if doc, ok := b.Docs()[docPeople]; ok && json.Unmarshal(doc, &people) != nil {
		return nil, record.ErrDamaged
	}
	return people, nil
}

// restoreInto brings a backup into an open wallet, with its people and, where it
// is one of this wallet, keys that were lost here.
func (w *Wallet) restoreInto(ctx context.Context, v *vault.Vault, b *vault.Backup, progress vault.Progress) (int, error) {
	ids, err := peopleOf(b)
	if err != nil {
		return 0, err
	}
	added, err := v.Restore(ctx, b, func(r *keyring.Ring) (*keyring.Ring, error) {
		if b.WalletID() == r.Wallet() && b.User() != nil {
			if more, err := b.Ring(r); err == nil {
				r = more
			}
		}
		return withProfiles(r, ids)
	}, progress)
	if k, err := w.histories(); err == nil {
		k.Forget() // there may be more of them in storage now
	}
	if err != nil {
		return 0, err
	}
	return added, w.takeInPeople(ctx, b)
}

// takeInPeople adds the people of a backup who are not here yet, so that no
// restored record belongs to nobody.
func (w *Wallet) takeInPeople(ctx context.Context, b *vault.Backup) error {
	theirs, err := personsOf(b)
	if err != nil {
		return err
	}
	return w.changePeople(ctx, nil, func(people []Person) ([]Person, error) {
		for _, p := range theirs {
			if !slices.ContainsFunc(people, func(o Person) bool { return o.ID == p.ID }) {
				people = append(people, p)
			}
		}
		return firstSelf(people), nil
	})
}

// lastOut reads when everything was last taken out, and last read back.
func lastOut(ctx context.Context, v *vault.Vault) (out, verified time.Time, err error) {
	if err = getJSON(ctx, v, docOut, &out); err == nil {
		err = getJSON(ctx, v, docVerified, &verified)
	}
	return out, verified, err
}
