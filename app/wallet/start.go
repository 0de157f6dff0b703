package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"potli/app/record"
	"potli/app/share"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// Start decides the phase, and begins to hear other tabs.
func (w *Wallet) Start(ctx context.Context) {
	w.heedTabs()
	phase := w.phase(ctx)
	var ways []Way
	if phase == PhaseLocked {
		ways = w.loadWays(ctx)
	}
	w.publish(func(s *Snapshot) { s.Phase, s.Ways = phase, ways })
	w.sweepReady(ctx)
	if phase == PhaseNew || phase == PhaseCleared {
		_ = w.unpostReady(ctx) // whose it was is not here any more; tried again at the next start
	}
}

func (w *Wallet) phase(ctx context.Context) Phase {
	claimed, err := w.d.Host.Claim(ctx)
	if err != nil {
		return PhaseBroken
	}
	if !claimed {
		return PhaseElsewhere
	}
	return w.storage(ctx)
}

// storage is the phase by what lies in storage.
func (w *Wallet) storage(ctx context.Context) Phase {
	exists, err := vault.Exists(ctx, w.d.Blobs)
	switch {
	case err != nil:
		return PhaseBroken
	case exists:
		return PhaseLocked
	case w.d.Host.Sentinel() != "":
		return PhaseCleared
	}
	return PhaseNew
}

// Suggest returns six generated words joined with "-".
func (w *Wallet) Suggest() string {
	p, err := keyring.GeneratePassphrase(w.d.Rand, 6)
	if err != nil {
		panic(err) // the system's randomness failed: nothing safe can be done
	}
	return p
}

// Strength judges a passphrase of the person's own: estimated bits, and
// whether that is enough.
func (w *Wallet) Strength(passphrase string) (bits float64, enough bool) {
	bits = keyring.Strength(passphrase)
	return bits, bits >= keyring.MinStrength
}

// Create makes a wallet for one first person. Errors: ErrWeak, ErrName,
// ErrExists.
func (w *Wallet) Create(ctx context.Context, passphrase string, first Person) error {
	first, err := first.checked(w.d.Now())
	if err != nil {
		return err
	}
	if _, enough := w.Strength(passphrase); !enough {
		return ErrWeak
	}
	_, end := w.work(JobCreate, "", false)
	defer end()
	first.ID, first.Since = record.ProfileID(w.randomID()), w.d.Now().UTC()
	v, err := w.create(ctx, passphrase, first)
	if errors.Is(err, vault.ErrExists) {
		return ErrExists
	}
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.made = w.d.Now()
	w.mu.Unlock()
	return w.opened(ctx, v, w.d.Host.Persist(ctx))
}

// create writes a vault with one person in it, in one commit.
func (w *Wallet) create(ctx context.Context, passphrase string, first Person) (*vault.Vault, error) {
	r, err := w.newRing(first.ID)
	if err != nil {
		return nil, err
	}
	unlock, err := w.lockFile(ctx, r.Keys(), passphrase)
	if err != nil {
		return nil, err
	}
	people, err := json.Marshal([]Person{first})
	if err != nil {
		return nil, err
	}
	return vault.CreateWith(ctx, w.kept(), vault.Change{
		Ring: r, Unlock: map[vault.Method][]byte{vault.Words: unlock}, Docs: map[string]vault.Doc{docPeople: {Body: people}},
	})
}

// lockFile wraps keys under a passphrase, in the worker: scrypt takes a second
// or more and 128 MiB, which are given back when the worker ends.
func (w *Wallet) lockFile(ctx context.Context, keys *keyring.Keys, passphrase string) ([]byte, error) {
	k, err := keys.Marshal()
	if err != nil {
		return nil, err
	}
	file, err := w.runLock(ctx, k, passphrase, keyring.WorkFactor)
	if err != nil && ctx.Err() == nil {
		// A phone without 128 MiB to spare ends the worker: half of it is the
		// least that is allowed, and six words make up for it.
		file, err = w.runLock(ctx, k, passphrase, keyring.WorkFactor-1)
	}
	return file, err
}

func (w *Wallet) runLock(ctx context.Context, keys []byte, passphrase string, logN int) ([]byte, error) {
	in, err := pack(lockArgs{Keys: string(keys), Passphrase: keyring.Normalize(passphrase), LogN: logN})
	if err != nil {
		return nil, err
	}
	return w.d.Worker.Run(ctx, jobLock, in, nil)
}

// reserve is kept back for the day the disk is full, so that one last small
// record can still be saved (R8).
const reserve = 5 << 20

// outlineEdition grows when outlines say more than before: every record is read again
// at the next unlock. Since 1 their lines have codes, states and measures.
const outlineEdition = 1

func (w *Wallet) vaultOptions(b vault.Blobs) vault.Options {
	return vault.Options{
		Blobs:   b,
		Crypto:  workerCrypto{worker: w.d.Worker},
		Outline: record.Summarise,
		Edition: outlineEdition,
		Now:     w.d.Now,
		Rand:    w.d.Rand,
		Reserve: reserve,
	}
}

// kept are the options of the vault in storage, which other tabs may have open.
func (w *Wallet) kept() vault.Options {
	o := w.vaultOptions(w.d.Blobs)
	if w.d.Tabs != nil {
		o.Turns = w.d.Tabs
	}
	return o
}

// TryDemo opens a throw-away wallet with the sample family. It lives in memory
// alone: leaving the page wipes it.
func (w *Wallet) TryDemo(ctx context.Context) error {
	files, err := w.d.Sample(ctx)
	if err != nil {
		return err
	}
	var people []Person
	for i, f := range files {
		p := *f.Person
		j := indexPerson(people, p.Name)
		if j < 0 {
			p.ID = record.ProfileID(w.randomID())
			p.Colour = len(people) % colours
			people = append(people, p)
			j = len(people) - 1
		}
		files[i].Person = &people[j]
	}
	r, err := w.newRing(idsOf(people)...)
	if err != nil {
		return err
	}
	v, err := vault.Create(ctx, w.vaultOptions(vault.Memory()), r, []byte("demo"))
	if err != nil {
		return err
	}
	if err := putJSON(ctx, v, docPeople, people); err != nil {
		return err
	}
	w.mu.Lock()
	w.demo = true
	w.mu.Unlock()
	if err := w.opened(ctx, v, Storage{}); err != nil {
		return err
	}
	w.Import(ctx, files)
	w.DismissImport()
	return nil
}

func indexPerson(people []Person, name string) int {
	for i, p := range people {
		if p.Name == name {
			return i
		}
	}
	return -1
}

// Unlock opens the wallet. Errors: ErrWrongPassphrase; *WaitError after
// repeated failures, also across reloads; ErrPutBack.
func (w *Wallet) Unlock(ctx context.Context, passphrase string) error {
	_, end := w.work(JobUnlock, "", false)
	defer end()
	keys, err := w.tryWords(ctx, passphrase)
	if err != nil {
		return err
	}
	v, err := w.openVault(ctx, keys)
	if err == nil && v.Older() {
		err = w.migrate(ctx, v, passphrase)
	}
	if err != nil {
		return err
	}
	if err := w.forgetFailures(ctx); err != nil {
		return err
	}
	return w.opened(ctx, v, w.d.Host.Storage(ctx))
}

// tryWords opens the unlock file, and notes it when the words are wrong.
func (w *Wallet) tryWords(ctx context.Context, passphrase string) (*keyring.Keys, error) {
	if err := w.mayTry(ctx); err != nil {
		return nil, err
	}
	file, other, err := vault.UnlockFile(ctx, w.d.Blobs)
	if err != nil {
		return nil, err
	}
	keys, err := w.unlockKeys(ctx, file, passphrase)
	if err != nil && other != nil { // one of the two is damaged
		keys, err = w.unlockKeys(ctx, other, passphrase)
	}
	if errors.Is(err, ErrWrongPassphrase) {
		err = errors.Join(err, w.noteFailure(ctx))
	}
	return keys, err
}

func (w *Wallet) unlockKeys(ctx context.Context, file []byte, passphrase string) (*keyring.Keys, error) {
	// As it was typed: Unlock also knows what earlier releases made of it.
	in, err := pack(passphrase, file)
	if err != nil {
		return nil, err
	}
	out, err := w.d.Worker.Run(ctx, jobUnlock, in, nil)
	if err != nil {
		return nil, err
	}
	return keyring.Unmarshal(out)
}

// Wrong tries are remembered in storage, not in memory, so that a reload does
// not give new ones. The first few cost nothing: people mistype.
type failures struct {
	Count int       `json:"count"`
	Until time.Time `json:"until"`
}

const (
	blobFailures = "failures"
	freeTries    = 5
	maxWait      = 5 * time.Minute
)

func (w *Wallet) failures(ctx context.Context) failures {
	var f failures
	if b, err := w.d.Blobs.Get(ctx, blobFailures); err == nil {
		_ = json.Unmarshal(b, &f) // unreadable: as if there were none
	}
	return f
}

func (w *Wallet) mayTry(ctx context.Context) error {
	until := w.failures(ctx).Until
	// A clock that was set back must not lock anyone out for longer than maxWait.
	if now := w.d.Now(); now.Before(until) && until.Sub(now) <= maxWait {
		return &WaitError{Until: until}
	}
	return nil
}

func (w *Wallet) noteFailure(ctx context.Context) error {
	end, err := w.turn(ctx)
	if err != nil {
		return err
	}
	defer end(false)
	f := w.failures(ctx)
	f.Count++
	if over := f.Count - freeTries; over >= 0 {
		wait := min(10*time.Second<<min(over, 10), maxWait)
		f.Until = w.d.Now().Add(wait)
	}
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return w.d.Blobs.Commit(ctx, vault.Batch{Put: map[string][]byte{blobFailures: b}})
}

func (w *Wallet) forgetFailures(ctx context.Context) error {
	if w.failures(ctx).Count == 0 {
		return nil
	}
	return w.d.Blobs.Commit(ctx, vault.Batch{Delete: []string{blobFailures}})
}

// opened takes an open vault in and shows it.
func (w *Wallet) opened(ctx context.Context, v *vault.Vault, storage Storage) error {
	var people []Person
	if err := getJSON(ctx, v, docPeople, &people); err != nil {
		return err
	}
	leads := w.leads(ctx)
	if leads { // else it may be what another tab could still take back
		if err := w.emptyTrash(ctx, v); err != nil && !errors.Is(err, vault.ErrOlder) {
			return err
		}
	}
	taken := v.Taken()
	d, err := readPapers(ctx, v)
	if err != nil {
		return err
	}
	w.inbox.forget() // a backup may have come in
	w.mu.Lock()
	w.vault, w.keys, w.shares = v, v.Ring().Keys(), d.shares
	w.tabs.taken, w.tabs.heir, w.tabs.trash = taken, leads, map[record.ID]struct{}{}
	for _, id := range d.trash {
		w.tabs.trash[id] = struct{}{}
	}
	w.beginSync(v)
	w.touched = w.d.Now()
	demo := w.demo
	w.mu.Unlock()
	current := firstShown(people)
	kit, contacts := recoveryState(ctx, v)
	ways := w.loadWays(ctx)
	folder := w.folderState(ctx, v)
	// What is written is written before the page changes: whoever made the wallet is
	// led on by the page that they leave.
	var newcome []Device
	if !demo && !v.Older() {
		newcome, _ = newcomers(ctx, v) // tried again at the next round
	}
	w.preparing.Lock()
	defer w.preparing.Unlock()
	faults := len(v.Faults()) + w.wentBack(ctx, v)
	records := w.prepareOnly(current, true) // before the page asks for it
	if now, err := w.open(); err != nil || now != v {
		return ErrLocked // while it was prepared
	}
	w.publish(func(s *Snapshot) {
		s.Phase, s.Demo = PhaseOpen, demo
		s.People, s.Hidden, s.Settings = people, nil, d.settings
		s.Current, s.Records = current, records
		s.Storage, s.LastOut, s.LastVerified, s.Cards = storage, d.out, d.verified, d.cards
		s.Kit, s.Contacts, s.Ways = kit, contacts, ways
		s.Folder, s.Newcomers = folder, newcome
		s.Faults, s.Ready = faults, d.ready
	})
	w.publishShares()
	w.mark(v)
	w.lookAhead(ctx)
	if w.d.Drops != nil { // apart: what came in a lifetime takes a while to read
		go w.reshow(context.WithoutCancel(ctx))
	}
	return nil
}

// The sentinel lies outside the database: vault id and sequence. It tells that
// storage was erased (there is a sentinel and no vault) or went back (a vault
// older than what was seen).
type sentinel struct {
	Vault string `json:"vault"`
	Seq   uint64 `json:"seq"`
}

func (w *Wallet) mark(v *vault.Vault) {
	w.setSentinel(v)
	w.wakeSync(syncSoon)
}

func (w *Wallet) setSentinel(v *vault.Vault) {
	w.mu.Lock()
	demo := w.demo
	w.mu.Unlock()
	if demo {
		return
	}
	if b, err := json.Marshal(sentinel{v.WalletID(), v.Seq()}); err == nil {
		w.d.Host.SetSentinel(string(b))
	}
}

func (w *Wallet) wentBack(ctx context.Context, v *vault.Vault) int {
	_ = v.Refresh(ctx) // another tab may have written since it was opened
	var s sentinel
	if json.Unmarshal([]byte(w.d.Host.Sentinel()), &s) != nil || s.Vault != v.WalletID() || s.Seq <= v.Seq() {
		return 0
	}
	return 1
}

// Lock drops the keys, in every tab: the page starts again at the lock screen. What
// was deleted and could still be taken back is gone with it.
func (w *Wallet) Lock() {
	if _, err := w.open(); err == nil {
		w.tell(TabLocked, 0)
	}
	w.lock()
}

// lock is Lock in this tab alone.
func (w *Wallet) lock() {
	if w.shut() {
		w.d.Host.Drop()
	}
}

// shut forgets the keys and says so; false: nothing was open.
func (w *Wallet) shut() bool {
	w.DropPairing()
	w.mu.Lock()
	v, demo := w.vault, w.demo
	w.endSync()
	w.vault, w.keys = nil, nil
	w.shares = map[string]share.Share{}
	w.lists, w.searched = map[record.ProfileID]*list{}, searched{}
	w.held, w.health = nil, nil
	if w.cancel != nil {
		w.cancel()
	}
	w.mu.Unlock()
	if v == nil && !demo {
		return false
	}
	w.d.Worker.Stop()
	go w.summed.drop()
	go w.charted.drop()
	w.consents.forget()
	w.publish(func(s *Snapshot) {
		*s = Snapshot{Phase: PhaseLocked, Seq: s.Seq, Ways: s.Ways, Settings: Settings{Language: s.Settings.Language}}
		if demo {
			s.Phase = PhaseNew
		}
	})
	if v != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		w.clearOwed(ctx)
		w.sweepReady(ctx)
		w.tell(TabShut, 0)
		_ = w.keepTraffic(ctx, v)
		_ = w.dropTrash(ctx, v, true) // the list of what to delete is stored: the next start finishes it
	}
	w.mu.Lock()
	w.keeper = nil
	w.mu.Unlock()
	return true
}

// Wipe erases everything on this device: the demo without a question, a wallet
// after the UI's confirmation.
func (w *Wallet) Wipe(ctx context.Context) error {
	w.DropPairing()
	w.closeAll(ctx)
	w.mu.Lock()
	demo := w.demo
	w.endSync()
	w.vault, w.keys = nil, nil
	w.mu.Unlock()
	if !demo {
		if err := errors.Join(w.unpost(ctx), w.unpostReady(ctx)); err != nil {
			return err
		}
		if err := w.erasing(ctx); err != nil {
			return err
		}
		if err := w.forgetWays(ctx); err != nil {
			return err
		}
		w.d.Host.SetSentinel("")
		w.tell(TabErased, 0)
	}
	w.d.Worker.Stop()
	w.publish(func(s *Snapshot) { *s = Snapshot{Phase: PhaseNew, Seq: s.Seq, Settings: defaultSettings()} })
	w.d.Host.Drop()
	return nil
}

// erasing erases the storage while no other tab writes.
func (w *Wallet) erasing(ctx context.Context) error {
	end, err := w.turn(ctx)
	if err != nil {
		return err
	}
	defer end(false)
	return w.d.Blobs.Erase(ctx)
}
