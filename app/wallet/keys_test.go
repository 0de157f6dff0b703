package wallet_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/record"
	"potli/app/vault"
	"potli/app/vault/blobstest"
	"potli/app/wallet"
	"potli/crypto/keyring"
)

func (b *bench) blob(name string) []byte {
	b.t.Helper()
	body, err := b.deps.Blobs.Get(b.t.Context(), name)
	if err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	return body
}

func (b *bench) put(batch vault.Batch) {
	b.t.Helper()
	if err := b.deps.Blobs.Commit(b.t.Context(), batch); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) kit(words string) string {
	b.t.Helper()
	text, err := b.RecoveryText(b.t.Context(), words)
	if err != nil {
		b.t.Fatal(err)
	}
	return text
}

func (b *bench) export() []byte {
	b.t.Helper()
	_, file, err := b.Export(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return file
}

// goldenKeys are those of the golden wallet: making them out of its words once is
// enough for all tests.
var goldenKeys = sync.OnceValue(func() []byte {
	file, err := os.ReadFile(goldenDir + "/blobs/unlock")
	if err != nil {
		panic(err)
	}
	k, err := keyring.Unlock(file, words)
	if err != nil {
		panic(err)
	}
	b, err := k.Marshal()
	if err != nil {
		panic(err)
	}
	return b
})

// noWork lets the words open the golden wallet without the work.
func (b *bench) noWork() {
	b.t.Helper()
	b.worker.real = false
	b.worker.keys[string(b.blob("unlock"))+words] = goldenKeys()
}

// T29: a wallet of the release before epochs, killed at every point of its
// migration: it opens with its words as it was or as it will be, and the next
// opening goes on.
func TestMigrationIsAllOrNothing(t *testing.T) {
	for _, fate := range []blobstest.Fate{blobstest.DieBefore, blobstest.DieAfter, blobstest.Refuse, blobstest.Forget, blobstest.Full} {
		for n := 1; ; n++ {
			b, want := goldenBench(t)
			b.noWork()
			disk := b.deps.Blobs
			f := &blobstest.Faulty{Blobs: disk}
			b.deps.Blobs = f
			b.restart()
			f.At(n, fate)
			f.At(n+1, fate)
			err := b.Unlock(t.Context(), words)
			b.deps.Blobs = disk
			b.restart()
			b.unlock()
			b.wantGolden(want)
			if _, err := disk.Get(t.Context(), "device"); !errors.Is(err, vault.ErrNotFound) {
				t.Fatalf("fate %v, commit %d: not migrated: %v", fate, n, err)
			}
			if err == nil && n > 1 {
				break
			}
			if n > 12 {
				t.Fatalf("fate %v: it still fails at commit %d: %v", fate, n, err)
			}
		}
	}
}

// On a full disk an older wallet is there to be read, and is migrated when there
// is room.
func TestMigrationOnAFullDisk(t *testing.T) {
	b, want := goldenBench(t)
	b.noWork()
	disk := b.deps.Blobs
	f := &blobstest.Faulty{Blobs: disk}
	f.Limit(1)
	b.deps.Blobs = f
	b.restart()
	b.unlock()
	b.wantGolden(want)
	if r := b.Import(t.Context(), []wallet.File{file("new.json", []byte(strings.ReplaceAll(allergy, "Peanut", "Soy")))}); r.Files[0].Err == nil {
		t.Error("something was written")
	}
	f.Limit(0)
	b.restart()
	b.unlock()
	b.wantGolden(want)
	b.importOne(file("new.json", []byte(strings.ReplaceAll(allergy, "Peanut", "Soy"))))
}

// After the migration everything goes on: what is new has new keys, what is old is
// sealed anew little by little, and the recovery text of before is a kit until
// there is a new one.
func TestAfterMigration(t *testing.T) {
	b, want := goldenBench(t)
	b.noWork()
	_, _, backup, recovery := readGolden(t)
	b.unlock()
	if k := b.Snapshot().Kit; !k.Due || k.Made.IsZero() {
		t.Errorf("kit %+v: a new one is due, and there is the old", k)
	}
	if devices, err := b.Devices(t.Context()); err != nil || len(devices) != 1 || !devices[0].This {
		t.Errorf("devices %+v, %v", devices, err)
	}
	if n, err := b.Restore(t.Context(), backup, nil, ""); err != nil || n != 0 {
		t.Errorf("its own backup of before: %d, %v", n, err)
	}
	if r, err := b.VerifyBackup(t.Context(), backup); err != nil || r.Records != len(want.Records) || r.Newer != 0 {
		t.Errorf("VerifyBackup = %+v, %v", r, err)
	}
	ledger := b.Snapshot().Shares
	for range 30 {
		b.Touch()
		b.Tick(t.Context())
	}
	v := b.vaultOf(words)
	for _, p := range append(v.Ring().Profiles(), "") {
		if n := v.Stale(record.ProfileID(p)); n > 0 {
			t.Errorf("%d objects are still of epoch 0", n)
		}
	}
	for _, name := range mustList(t, b.deps.Blobs) {
		if old := keyOf(t, recovery).Identity; strings.Contains("rec/ side/ doc/ index/ ring/ head", name[:4]) {
			if opens(b.blob(name), old) {
				t.Errorf("%s opens with the key of before", name)
			}
		}
	}
	if len(ledger) != len(want.Shares) {
		t.Errorf("%d links", len(ledger))
	}
	b.restart()
	if err := b.Rescue(t.Context(), recovery, otherWords); err != nil {
		t.Fatalf("the recovery text of before: %v", err)
	}
	kit := b.kit(otherWords)
	file := b.export()
	b.restart()
	if err := b.Rescue(t.Context(), recovery, words); !errors.Is(err, wallet.ErrOtherWallet) {
		t.Errorf("the old recovery text after a new kit: %v, want ErrOtherWallet", err)
	}
	c := newBench(t)
	c.clock.add(b.clock.now().Sub(c.clock.now()))
	if _, err := c.Restore(t.Context(), file, []string{recovery}, words); !errors.Is(err, wallet.ErrOtherWallet) {
		t.Errorf("a new backup with the old text: %v, want ErrOtherWallet", err)
	}
	if n, err := c.Restore(t.Context(), file, []string{kit}, words); err != nil || n != len(want.Records) {
		t.Errorf("a new backup with the new kit: %d, %v", n, err)
	}
	if n, err := c.Restore(t.Context(), backup, nil, ""); err != nil || n != 0 {
		t.Errorf("an old backup in the restored wallet: %d, %v", n, err)
	}
}

// Rescue works for a wallet of before, too, without its words.
func TestRescueOfAnOlderWallet(t *testing.T) {
	b, want := goldenBench(t)
	_, _, _, recovery := readGolden(t)
	if err := b.Rescue(t.Context(), recovery, otherWords); err != nil {
		t.Fatal(err)
	}
	b.wantGolden(want)
	b.restart()
	b.worker.real = true
	if err := b.Unlock(t.Context(), words); !errors.Is(err, wallet.ErrWrongPassphrase) {
		t.Errorf("the old words: %v", err)
	}
	if err := b.Unlock(t.Context(), otherWords); err != nil {
		t.Fatal(err)
	}
	b.wantGolden(want)
}

// One copy of what everything else hangs on may be damaged, and nobody notices.
func TestOneCopyIsEnough(t *testing.T) {
	for _, name := range []string{"unlock", "spare/unlock", "user", "spare/user"} {
		b := newBench(t)
		b.worker.real = true
		b.create()
		id := b.importOne(file("a.json", []byte(allergy)))
		body := bytes.Clone(b.blob(name))
		body[len(body)-5] ^= 1
		b.put(vault.Batch{Put: map[string][]byte{name: body}})
		b.restart()
		if err := b.Unlock(t.Context(), words); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, _, body, err := b.Original(t.Context(), id); err != nil || string(body) != allergy || b.Snapshot().Faults != 0 {
			t.Errorf("%s: %v, %d faults", name, err, b.Snapshot().Faults)
		}
	}
}

// T5: keys that were put back from before a device was removed open nothing, and
// nothing is written with them.
func TestKeysPutBack(t *testing.T) {
	b := newBench(t).create()
	b.kit(words)
	old := map[string][]byte{"user": b.blob("user"), "spare/user": b.blob("spare/user")}
	b.importOne(file("a.json", []byte(allergy)))
	b.kit(words)
	b.put(vault.Batch{Put: old})
	b.restart()
	if err := b.Unlock(t.Context(), words); !errors.Is(err, wallet.ErrPutBack) {
		t.Errorf("Unlock = %v, want ErrPutBack", err)
	}
	b.wantPhase(wallet.PhaseLocked)
}

// spy notes what goes to the worker.
type spy struct {
	wallet.Worker
	mu   sync.Mutex
	sent map[string][][]byte
}

func (s *spy) Run(ctx context.Context, job string, in []byte, p func(int, int)) ([]byte, error) {
	s.mu.Lock()
	s.sent[job] = append(s.sent[job], bytes.Clone(in))
	s.mu.Unlock()
	return s.Worker.Run(ctx, job, in, p)
}

// To a worker go the keys that one object takes, and no others.
func TestWorkerGetsTheKeysOfOneObject(t *testing.T) {
	b := newBench(t)
	s := &spy{Worker: b.deps.Worker, sent: map[string][][]byte{}}
	b.deps.Worker = s
	b.restart()
	b.create()
	b.kit(words)
	b.kit(words) // the wallet and everyone in it have several epochs now
	large := []byte("%PDF-1.4\n" + strings.Repeat("% a long report\n", 10_000) + "startxref\n0\n%%EOF\n")
	id := b.importOne(file("large.pdf", large))
	if _, _, got, err := b.Original(t.Context(), id); err != nil || !bytes.Equal(got, large) {
		t.Fatalf("Original: %v", err)
	}
	r := b.vaultOf(words).Ring()
	secrets := func(in []byte) (n int) { return bytes.Count(in, []byte("AGE-SECRET-KEY")) }
	if len(s.sent["seal"]) == 0 || len(s.sent["open"]) == 0 {
		t.Fatal("nothing went to the worker")
	}
	for _, in := range s.sent["seal"] {
		if secrets(in) > 0 {
			t.Error("a key that opens went along to seal")
		}
	}
	p := string(b.Snapshot().Current)
	epoch, newest, _ := r.Newest(p)
	for _, in := range s.sent["open"] {
		if secrets(in) != 1 || !bytes.Contains(in, []byte(newest.String())) || epoch < 2 {
			t.Errorf("%d keys went along to open", secrets(in))
		}
	}
	seed := keyring.Keys{Identity: r.Keys().Identity, Signer: r.Signer(), Device: r.Device(), Wallet: r.Wallet()}
	all, err := seed.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	_, signer, _ := bytes.Cut(all, []byte(`"signer":"`))
	for job, list := range s.sent {
		for _, in := range list {
			if job != "lock" && bytes.Contains(in, []byte(r.Keys().Identity.String())) {
				t.Errorf("the device's own key went along to %s", job)
			}
			if job != "lock" && job != "seal" && bytes.Contains(in, signer[:43]) {
				t.Errorf("the signer went along to %s", job)
			}
		}
	}
}

// Kit and backup make the wallet again on an empty browser: as a new device, with
// new keys for what comes, and a new kit is asked for.
func TestRestoreElsewhere(t *testing.T) {
	b := newBench(t).create()
	id := b.importOne(file("a.json", []byte(allergy)))
	kit := b.kit(words)
	if k := b.Snapshot().Kit; k.Due || k.Made.IsZero() {
		t.Errorf("kit %+v", k)
	}
	file1 := b.export()
	before := b.vaultOf(words).Ring()

	c := newBench(t)
	c.clock.add(48 * time.Hour)
	if n, err := c.Restore(t.Context(), file1, []string{kit}, otherWords); err != nil || n != 1 {
		t.Fatalf("Restore = %d, %v", n, err)
	}
	s := c.Snapshot()
	if !s.Kit.Due || s.Person().Name != "Meera Sample" || s.Records != 1 {
		t.Errorf("kit %+v, %d records of %q", s.Kit, s.Records, s.Person().Name)
	}
	if _, _, body, err := c.Original(t.Context(), id); err != nil || string(body) != allergy {
		t.Errorf("the record: %v", err)
	}
	r := c.vaultOf(otherWords).Ring()
	if r.Wallet() != before.Wallet() || r.Device() == before.Device() || r.User().Epoch() <= before.User().Epoch() {
		t.Errorf("epoch %d after %d", r.User().Epoch(), before.User().Epoch())
	}
	if n, _, _ := r.Newest(string(s.Current)); n < 2 || r.Identity(string(s.Current), 1) == nil {
		t.Errorf("the person's epoch is %d", n)
	}
	devices, err := c.Devices(t.Context())
	if err != nil || len(devices) != 2 || devices[0].This || !devices[1].This || !devices[0].Active() {
		t.Errorf("devices %+v, %v", devices, err)
	}
	// The lost one can be shut out a day later, not at once: whoever found the kit
	// does not lock the person out.
	if err := c.RemoveDevice(t.Context(), otherWords, devices[0].ID); !errors.Is(err, wallet.ErrTooNew) {
		t.Errorf("at once: %v, want ErrTooNew", err)
	}
	if err := c.RemoveDevice(t.Context(), otherWords, devices[1].ID); !errors.Is(err, wallet.ErrThisDevice) {
		t.Errorf("itself: %v, want ErrThisDevice", err)
	}
	c.clock.add(25 * time.Hour)
	if err := c.RemoveDevice(t.Context(), words, devices[0].ID); !errors.Is(err, wallet.ErrWrongPassphrase) {
		t.Errorf("with other words: %v", err)
	}
	if err := c.RemoveDevice(t.Context(), otherWords, devices[0].ID); err != nil {
		t.Fatal(err)
	}
	c.importOne(file("later.json", []byte(strings.ReplaceAll(allergy, "Peanut", "Later"))))
	after := c.vaultOf(otherWords).Ring()
	for _, profile := range []string{"", string(s.Current)} {
		n, newest, _ := after.Newest(profile)
		for _, old := range append(before.Identities(profile), r.Identities(profile)...) {
			if old.String() == newest.String() {
				t.Errorf("%q: epoch %d is known to the device that was removed", profile, n)
			}
		}
	}
	if devices, _ := c.Devices(t.Context()); devices[0].Active() {
		t.Error("the removed device is listed as active")
	}
	if err := c.RemoveDevice(t.Context(), otherWords, devices[0].ID); !errors.Is(err, wallet.ErrNoDevice) {
		t.Errorf("twice: %v, want ErrNoDevice", err)
	}
	// A new kit, and the old one opens no backup from now on.
	again := c.kit(otherWords)
	file2 := c.export()
	d := newBench(t)
	if _, err := d.Restore(t.Context(), file2, []string{kit}, words); !errors.Is(err, wallet.ErrOtherWallet) {
		t.Errorf("the old kit and a new backup: %v", err)
	}
	d.clock.add(100 * time.Hour)
	if n, err := d.Restore(t.Context(), file2, []string{again}, words); err != nil || n != 2 {
		t.Errorf("the new kit: %d, %v", n, err)
	}
}

// Wherever a restore into an empty browser is stopped, there is no wallet, or the
// whole of it; it can be begun again.
func TestRestoreElsewhereIsAllOrNothing(t *testing.T) {
	b := newBench(t).create()
	for _, what := range []string{"Peanut", "Milk", "Egg"} {
		b.importOne(file(what+".json", []byte(strings.ReplaceAll(allergy, "Peanut", what))))
	}
	kit, backup := b.kit(words), b.export()
	for _, fate := range []blobstest.Fate{blobstest.DieBefore, blobstest.DieAfter, blobstest.Forget, blobstest.Full} {
		for n := 1; ; n++ {
			c := newBench(t)
			disk := c.deps.Blobs
			f := &blobstest.Faulty{Blobs: disk}
			c.deps.Blobs = f
			c.restart()
			f.At(n, fate)
			f.At(n+1, fate)
			_, err := c.Restore(t.Context(), backup, []string{kit}, otherWords)
			c.deps.Blobs = disk
			c.host.sentinel = ""
			c.restart()
			if c.Snapshot().Phase == wallet.PhaseNew {
				if err == nil {
					t.Fatalf("fate %v, commit %d: it says there is a wallet", fate, n)
				}
				if got, err := c.Restore(t.Context(), backup, []string{kit}, otherWords); err != nil || got != 3 {
					t.Fatalf("fate %v, commit %d: begun again: %d, %v", fate, n, got, err)
				}
				c.restart()
			}
			if err := c.Unlock(t.Context(), otherWords); err != nil {
				t.Fatalf("fate %v, commit %d: %v", fate, n, err)
			}
			if s := c.Snapshot(); s.Records != 3 || s.Person().Name != "Meera Sample" || s.Faults != 0 {
				t.Errorf("fate %v, commit %d: %d records of %q, %d faults", fate, n, s.Records, s.Person().Name, s.Faults)
			}
			if err == nil {
				break
			}
		}
	}
}

// The drill reads a backup back whole, changes nothing, and remembers the day.
func TestVerifyBackup(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	b.kit(words)
	backup := b.export()
	if !b.Snapshot().LastVerified.IsZero() {
		t.Error("verified before it was read back")
	}
	b.clock.add(24 * time.Hour)
	b.Touch()
	b.importOne(file("b.json", []byte(strings.ReplaceAll(allergy, "Peanut", "Milk"))))
	b.kit(words) // a new epoch does not make an older backup worthless here
	records := objects(t, b.deps.Blobs)
	r, err := b.VerifyBackup(t.Context(), backup)
	if err != nil || r.Records != 1 || r.Newer != 1 || r.Missing != 0 || !r.Made.Equal(b.Snapshot().LastOut) {
		t.Errorf("VerifyBackup = %+v, %v", r, err)
	}
	if !b.Snapshot().LastVerified.Equal(b.clock.now()) || b.Snapshot().Work != nil {
		t.Errorf("verified %v", b.Snapshot().LastVerified)
	}
	if !maps.EqualFunc(records, objects(t, b.deps.Blobs), bytes.Equal) {
		t.Error("reading a backup back changed a record")
	}
	verified := b.Snapshot().LastVerified
	b.clock.add(time.Minute)
	other := newBench(t).create()
	other.kit(words)
	for name, tt := range map[string]struct {
		file []byte
		want error
	}{
		"flipped":           {flipped(backup, len(backup)/2), record.ErrDamaged},
		"cut":               {backup[:len(backup)-1000], record.ErrDamaged},
		"empty":             {nil, record.ErrDamaged},
		"of another wallet": {other.export(), wallet.ErrOtherWallet},
	} {
		if _, err := b.VerifyBackup(t.Context(), tt.file); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	b.restart()
	b.unlock()
	if !b.Snapshot().LastVerified.Equal(verified) {
		t.Errorf("verified %v, want %v: a bad backup counts, or the day is forgotten", b.Snapshot().LastVerified, verified)
	}
}

func TestDeviceNames(t *testing.T) {
	b := newBench(t)
	b.deps.Device = "Phone"
	b.restart()
	b.create()
	list := func() []wallet.Device {
		t.Helper()
		devices, err := b.Devices(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return devices
	}
	d := list()[0]
	if d.Name != "Phone" || !d.This || !d.Active() || !d.Added.Equal(b.clock.now().Truncate(time.Second)) {
		t.Errorf("%+v", d)
	}
	if err := b.SetDeviceName(t.Context(), d.ID, "  मेरा\u202e  फ़ोन "); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"empty":   b.SetDeviceName(t.Context(), d.ID, "  "),
		"long":    b.SetDeviceName(t.Context(), d.ID, strings.Repeat("n", 500)),
		"nothing": b.SetDeviceName(t.Context(), d.ID, "\u202e"),
	} {
		if !errors.Is(err, wallet.ErrName) {
			t.Errorf("%s: %v, want ErrName", name, err)
		}
	}
	if err := b.SetDeviceName(t.Context(), "nobody", "x"); !errors.Is(err, wallet.ErrNoDevice) {
		t.Errorf("no such device: %v", err)
	}
	b.restart()
	b.unlock()
	if got := list()[0].Name; got != "मेरा फ़ोन" {
		t.Errorf("name %q", got)
	}
	b.restart()
	if _, err := b.Devices(t.Context()); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

// Everyone who is added has keys of their own from the first moment.
func TestPeopleHaveKeysOfTheirOwn(t *testing.T) {
	b := newBench(t).create()
	p, err := b.AddPerson(t.Context(), wallet.Person{Name: "Aarav Sample"})
	if err != nil {
		t.Fatal(err)
	}
	r := b.vaultOf(words).Ring()
	self := string(b.Snapshot().Current)
	if want := []string{self, string(p.ID)}; !slices.Equal(r.Profiles(), slices.Sorted(slices.Values(want))) {
		t.Errorf("profiles %q", r.Profiles())
	}
	b.Choose(p.ID)
	id := b.importOne(file("a.json", []byte(allergy)))
	if opens(b.blob("rec/"+string(id)), r.Identity(self, 1)) || !opens(b.blob("rec/"+string(id)), r.Identity(string(p.ID), 1)) {
		t.Error("the record is sealed to the wrong person's key")
	}
}

// Where a person's keys are damaged nothing is made in their place: a backup has
// them, and brings them back.
func TestLostKeysComeBackWithABackup(t *testing.T) {
	b := newBench(t).create()
	id := b.importOne(file("a.json", []byte(allergy)))
	b.kit(words)
	backup := b.export()
	rings, err := b.deps.Blobs.List(t.Context(), "ring/")
	if err != nil || len(rings) != 1 {
		t.Fatal(err)
	}
	b.put(vault.Batch{Put: map[string][]byte{rings[0]: []byte("x"), "spare/" + rings[0]: []byte("x")}})
	b.restart()
	b.unlock()
	if b.Snapshot().Faults == 0 {
		t.Error("damaged keys are not reported")
	}
	if _, _, _, err := b.Original(t.Context(), id); !errors.Is(err, record.ErrDamaged) {
		t.Errorf("the record: %v", err)
	}
	p := b.Snapshot().Person()
	if err := b.EditPerson(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if r := b.Import(t.Context(), []wallet.File{file("b.json", []byte(strings.ReplaceAll(allergy, "Peanut", "Milk")))}); !errors.Is(r.Files[0].Err, keyring.ErrNoProfile) {
		t.Errorf("a record without keys: %v", r.Files[0].Err)
	}
	if _, err := b.Restore(t.Context(), backup, nil, ""); err != nil {
		t.Fatal(err)
	}
	b.importOne(file("c.json", []byte(strings.ReplaceAll(allergy, "Peanut", "Egg"))))
	b.restart()
	b.unlock()
	if _, _, body, err := b.Original(t.Context(), id); err != nil || string(body) != allergy || b.Snapshot().Faults != 0 {
		t.Errorf("after the backup: %v, %d faults", err, b.Snapshot().Faults)
	}
}

// vaultOf opens the vault of the bench beside the wallet, by words.
func (b *bench) vaultOf(words string) *vault.Vault {
	b.t.Helper()
	var k *keyring.Keys
	var err error
	if b.worker.real {
		k, err = keyring.Unlock(b.blob("unlock"), words)
	} else {
		k, err = keyring.Unmarshal(b.worker.keys[string(b.blob("unlock"))+words])
	}
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := vault.Ring(b.t.Context(), b.deps.Blobs, k)
	if err != nil {
		b.t.Fatal(err)
	}
	v, err := vault.Open(b.t.Context(), vault.Options{Blobs: b.deps.Blobs, Now: b.clock.now}, r, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

func keyOf(t testing.TB, recovery string) *keyring.Keys {
	t.Helper()
	k, err := keyring.FromRecovery(recovery)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustList(t testing.TB, b vault.Blobs) []string {
	t.Helper()
	names, err := b.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// objects are the sealed records in storage.
func objects(t testing.TB, b vault.Blobs) map[string][]byte {
	t.Helper()
	m := map[string][]byte{}
	for _, name := range mustList(t, b) {
		if strings.HasPrefix(name, "rec/") || strings.HasPrefix(name, "side/") {
			body, err := b.Get(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			m[name] = body
		}
	}
	return m
}

func flipped(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1
	return b
}

// opens says whether a key fits a sealed object.
func opens(sealed []byte, id *age.HybridIdentity) bool {
	_, err := age.Decrypt(bytes.NewReader(sealed), id)
	return err == nil
}

// A device that is removed knows the recovery text of an earlier release, since
// that is the key of what was sealed then: it is a kit no more.
func TestRemovedDeviceDoesNotKeepTheOldKit(t *testing.T) {
	b, _ := goldenBench(t)
	b.noWork()
	b.unlock()
	_, _, _, recovery := readGolden(t)
	b.clock.add(time.Hour)
	v := b.vaultOf(words)
	_, second, err := keyring.NewDevice(v.Ring().Wallet(), "second")
	if err != nil {
		t.Fatal(err)
	}
	u, err := v.Ring().User().AddDevice(v.Ring().Keys(), second, b.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	r, err := v.Ring().WithUser(u, b.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	if err := v.SetRing(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	b.restart()
	b.unlock()
	if err := b.RemoveDevice(t.Context(), words, second.ID); err != nil {
		t.Fatal(err)
	}
	if k := b.Snapshot().Kit; !k.Made.IsZero() || !k.Due {
		t.Errorf("kit %+v, want none", k)
	}
	file := b.export()
	b.restart()
	if err := b.Rescue(t.Context(), recovery, otherWords); !errors.Is(err, wallet.ErrOtherWallet) {
		t.Errorf("the old recovery text: %v, want ErrOtherWallet", err)
	}
	if opens(file, keyOf(t, recovery).Identity) {
		t.Error("the old recovery text opens a new backup")
	}
	b.unlock()
	b.kit(words)
	if k := b.Snapshot().Kit; k.Made.IsZero() || k.Due {
		t.Errorf("kit %+v, want a new one", k)
	}
}
