package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"potli/app/history"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/keyring"
	"potli/crypto/recovery"
)

// keyring's ring is everything an unlocked device holds. The vault has it; what
// changes it goes through vault.Update, so that two changes never meet.

// newRing makes the keys of a new wallet, with those of its people.
func (w *Wallet) newRing(people ...record.ProfileID) (*keyring.Ring, error) {
	d, err := keyring.New()
	if err != nil {
		return nil, err
	}
	u, err := keyring.NewUser(d, w.deviceName(), nil, w.d.Now())
	if err != nil {
		return nil, err
	}
	r, err := keyring.NewRing(d, u)
	if err != nil {
		return nil, err
	}
	return withProfiles(r, people)
}

// withProfiles returns a ring that has keys for everyone in people.
func withProfiles(r *keyring.Ring, people []record.ProfileID) (*keyring.Ring, error) {
	for _, id := range people {
		next, err := r.AddProfile(string(id))
		if errors.Is(err, keyring.ErrProfileExists) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r = next
	}
	return r, nil
}

func idsOf(people []Person) []record.ProfileID {
	ids := make([]record.ProfileID, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	return ids
}

// putPeople changes the people as they are in storage, with documents, and makes keys
// for those who have none, in one commit. Where keys are damaged none are made: they
// would take the place of those that a backup or another device still has.
func putPeople(ctx context.Context, v *vault.Vault, docs map[string][]byte, change func([]Person) ([]Person, error)) (people []Person, err error) {
	err = v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
		people = nil
		if err := peekJSON(ctx, v, docPeople, &people); err != nil {
			return vault.Change{}, err
		}
		if people, err = change(people); err != nil {
			return vault.Change{}, err
		}
		body, err := json.Marshal(people)
		if err != nil {
			return vault.Change{}, err
		}
		c := vault.Change{Docs: map[string]vault.Doc{docPeople: {Body: body}}}
		for name, body := range docs {
			c.Docs[name] = vault.Doc{Body: body}
		}
		if v.KeysLost() {
			return c, nil
		}
		next, err := withProfiles(r, idsOf(people))
		if next != r {
			c.Ring = next
		}
		return c, err
	})
	return people, err
}

// openVault opens the vault in storage with this device's keys, without holding
// on to the thread. One of an earlier release is Older then: see migrate.
func (w *Wallet) openVault(ctx context.Context, d *keyring.Keys) (*vault.Vault, error) {
	r, err := vault.Ring(ctx, w.d.Blobs, d)
	if errors.Is(err, vault.ErrNotFound) {
		// The keys of a wallet from before there were epochs.
		r, err = keyring.FromLegacy(d, nil, w.deviceName(), w.d.Now())
	}
	if err != nil {
		return nil, err
	}
	b := newBreather()
	return vault.Open(ctx, w.kept(), r, func(int, int) { b.rest() })
}

// migrate gives an older wallet the keys of today: everyone in it, and an unlock
// file for this device's new keys under the same words. On a full disk it stays
// as it is, to be read; the next time it is opened there may be room.
func (w *Wallet) migrate(ctx context.Context, v *vault.Vault, words string) error {
	var people []Person
	if err := getJSON(ctx, v, docPeople, &people); err != nil {
		return err
	}
	ids := idsOf(people)
	for _, e := range v.Entries() {
		if !slices.Contains(ids, e.Profile()) {
			ids = append(ids, e.Profile())
		}
	}
	r, err := withProfiles(v.Ring(), ids)
	if err != nil {
		return err
	}
	unlock, err := w.lockFile(ctx, r.Keys(), words)
	if err != nil {
		return err
	}
	if err := v.Migrate(ctx, r, unlock); !errors.Is(err, vault.ErrFull) {
		return err
	}
	return nil
}

// ChangePassphrase wraps the same keys under new words. The old words open
// copies of this storage that were made before.
// Errors: ErrWrongPassphrase, ErrWeak.
func (w *Wallet) ChangePassphrase(ctx context.Context, old, new string) error {
	if _, enough := w.Strength(new); !enough {
		return ErrWeak
	}
	keys, err := w.reauthenticate(ctx, old)
	if err != nil {
		return err
	}
	v, err := w.open()
	if err != nil {
		return err
	}
	_, end := w.work(JobCreate, "", false)
	defer end()
	unlock, err := w.lockFile(ctx, keys, new)
	if err != nil {
		return err
	}
	if err := v.SetUnlockFile(ctx, vault.Words, unlock); err != nil {
		return err
	}
	w.mark(v)
	return nil
}

// changeUser changes the user document. Where that begins a new epoch of the
// user, somebody or something is shut out, and everyone's keys get a new epoch
// with it: or what is written for them would stay open to whoever has left.
func (w *Wallet) changeUser(ctx context.Context, v *vault.Vault, change func(*keyring.User, *keyring.Keys) (*keyring.User, error)) error {
	return w.changeUserWith(ctx, v, nil, change)
}

// changeUserWith is changeUser with documents in the same commit.
func (w *Wallet) changeUserWith(ctx context.Context, v *vault.Vault, docs map[string]vault.Doc, change func(*keyring.User, *keyring.Keys) (*keyring.User, error)) error {
	numbers, err := nextEpochs(ctx, w.keeperOf(v), v.Ring())
	if err != nil {
		return err
	}
	err = v.Update(ctx, func(r *keyring.Ring) (vault.Change, error) {
		u, err := change(r.User(), r.Keys())
		if err != nil {
			return vault.Change{}, err
		}
		next, err := r.WithUser(u, w.d.Now())
		if err != nil {
			return vault.Change{}, err
		}
		if u.Epoch() > r.User().Epoch() {
			next, err = rollAll(next, numbers)
		}
		return vault.Change{Ring: next, Docs: docs}, err
	})
	switch {
	case errors.Is(err, keyring.ErrTooNew):
		return ErrTooNew
	case err != nil:
		return err
	}
	w.mark(v)
	w.publishKeys(ctx, v)
	return nil
}

// resealStep is how many objects a Tick seals anew: a hundred milliseconds of a
// slow phone.
const resealStep = 4

// resealSome seals a little of what is of older epochs to the newest, while
// nothing else goes on: what is the user's own, and of people's records those
// that nobody else can have. What does not open stays, among the faults.
func (w *Wallet) resealSome(ctx context.Context, v *vault.Vault) {
	w.mu.Lock()
	settled := w.resealed == v.Ring()
	w.mu.Unlock()
	if settled || v.Older() || w.Snapshot().Work != nil {
		return
	}
	ring := v.Ring()
	for _, profile := range append(ring.Profiles(), "") {
		reseal := v.ResealOlder
		if profile == "" {
			reseal = v.ResealSome
		}
		n, err := reseal(ctx, record.ProfileID(profile), resealStep)
		if err != nil {
			return // tried again
		}
		if n > 0 {
			w.mark(v) // what is known of them is as it was: nothing to redraw
			return
		}
	}
	w.mu.Lock()
	w.resealed = ring
	w.mu.Unlock()
}

// nextEpochs are the numbers that people's histories give to the epochs that are made
// now. Where one is taken meanwhile, package history settles it.
func nextEpochs(ctx context.Context, k *history.Keeper, r *keyring.Ring) (map[string]int, error) {
	numbers := map[string]int{}
	for _, p := range r.Profiles() {
		n, err := k.NextEpoch(ctx, record.ProfileID(p))
		if err != nil {
			return nil, err
		}
		numbers[p] = n
	}
	return numbers, nil
}

// keeperOf has the histories of an open vault, also while the wallet is opened.
func (w *Wallet) keeperOf(v *vault.Vault) *history.Keeper {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.keeper != nil {
		return w.keeper
	}
	return history.Open(v, w.d.Now, nil)
}

// rollAll begins another epoch of everyone, under these numbers; nil: where no
// history can be asked yet.
func rollAll(r *keyring.Ring, numbers map[string]int) (*keyring.Ring, error) {
	for _, p := range r.Profiles() {
		next, _, err := r.Roll(p, numbers[p])
		if err != nil {
			return nil, err
		}
		r = next
	}
	return r, nil
}

// kitIsLegacy says whether the kit is the recovery text of an earlier release.
func kitIsLegacy(r *keyring.Ring) bool {
	to, _ := r.User().Recovery()
	old := r.Identity("", 0)
	return to != nil && old != nil && old.Recipient().String() == to.String()
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

// parseKit reads a kit, in any of its forms. Error: keyring.ErrBadRecovery, which
// wraps what recovery.Parse says.
func parseKit(text string) (*recovery.Kit, error) {
	kit, err := recovery.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", keyring.ErrBadRecovery, err)
	}
	return kit, nil
}

// legacyKeys makes a wallet of an earlier release of its recovery text.
func legacyKeys(kit *recovery.Kit) (*keyring.Keys, error) { return keyring.FromRecovery(kit.Code()) }
