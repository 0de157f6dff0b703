package vault_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/record"
	"potli/app/vault"
	"potli/app/vault/blobstest"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// legacy is the ring that an earlier release's keys become.
func legacy(t testing.TB, k *keyring.Keys) *keyring.Ring {
	t.Helper()
	r, err := keyring.FromLegacy(k, nil, "phone", clock()())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// openOlder opens a vault of an earlier release, to be read.
func openOlder(t testing.TB, b vault.Blobs, k *keyring.Keys) *vault.Vault {
	t.Helper()
	v, err := vault.Open(ctx, options(b), legacy(t, k), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Older() {
		t.Fatal("a vault of an earlier release is not known for one")
	}
	return v
}

// migrate gives a vault of an earlier release keys for those who have records.
func migrate(t testing.TB, v *vault.Vault) error {
	t.Helper()
	r := v.Ring()
	for _, m := range v.Metas() {
		r = with(r, string(m.Profile))
	}
	return v.Migrate(ctx, r, []byte("the new unlock file"))
}

// older makes a vault as the first release did: n records, the index in JSON,
// everything sealed to one identity.
func older(t testing.TB, b vault.Blobs, n int) *keyring.Keys {
	t.Helper()
	k, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	seal := func(h envelope.Header, body string) []byte {
		h.Device = k.Device
		s, err := envelope.Seal(h, []byte(body), k.Identity.Recipient(), k.Signer)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	put := map[string][]byte{"unlock": []byte("the old unlock file")}
	var rows []map[string]any
	now := clock()
	for i := range n {
		body := fmt.Sprint("body ", i)
		m := meta(people[i%2], fmt.Sprint("file ", i))
		m.ID, m.Size, m.SHA256, m.Added = record.ID(fmt.Sprintf("%043d", i)), len(body), sha(body), now().UTC().Truncate(time.Millisecond).AddDate(-1, 0, 0)
		m.Outline, _ = outline(m.Format, m.Source.Name, []byte(body))
		stamp, err := json.Marshal(map[string]any{"sha256": m.SHA256, "source": m.Source})
		if err != nil {
			t.Fatal(err)
		}
		name := "rec/" + string(m.ID)
		put[name] = seal(envelope.Header{
			Kind: "record", Profile: string(m.Profile), ID: string(m.ID), Seq: uint64(i + 1),
			Created: m.Added.Format(time.RFC3339Nano), Type: string(m.Format), Meta: string(stamp),
		}, body)
		rows = append(rows, map[string]any{"object": name, "sealed": sha(string(put[name])), "seq": i + 1, "meta": m})
	}
	put["doc/settings"] = seal(envelope.Header{Kind: "doc", ID: "settings", Seq: 1, Meta: `{"name":"settings"}`}, "{}")
	rows = append(rows, map[string]any{"object": "doc/settings", "sealed": sha(string(put["doc/settings"])), "seq": 1, "doc": "settings"})
	page, err := json.Marshal(map[string]any{"version": "potli-index/1", "rows": rows})
	if err != nil {
		t.Fatal(err)
	}
	put["index/x"] = seal(envelope.Header{Kind: "index", ID: "x", Seq: uint64(n + 1)}, string(page))
	head := `{"version":"potli-vault/1","edition":1,"pages":[{"name":"index/x","size":1,"sha256":"` + sha(string(put["index/x"])) + `"}]}`
	put["head"] = seal(envelope.Header{Kind: "head", ID: "head", Seq: uint64(n + 1)}, head)
	set(t, b, put)
	return k
}

// A vault of an earlier release is read without a look at its records and without
// a write; nothing is written before it is migrated, and that is one commit.
func TestMigrate(t *testing.T) {
	b := vault.Memory()
	k := older(t, b, 120)
	w := watch(b)
	v := openOlder(t, w, k)
	want := v.Metas()
	if len(want) != 120 || len(v.Faults()) > 0 || v.Rebuilt() || w.reads["rec"] != 0 || len(w.writes) != 0 {
		t.Fatalf("%d records, faults %v, rebuilt %v, reads %v, %d writes", len(want), v.Faults(), v.Rebuilt(), w.reads, len(w.writes))
	}
	wantBody(t, v, want[7].ID, "body "+strings.TrimPrefix(want[7].Source.Name, "file "))
	before := copyOf(t, b)
	for what, err := range map[string]error{
		"Add":     func() error { _, err := v.Add(ctx, meta("asha", "x"), []byte("x")); return err }(),
		"PutDocs": v.PutDocs(ctx, map[string][]byte{"settings": []byte("other")}),
		"Remove":  v.Remove(ctx, want[0].ID),
		"SetRing": v.SetRing(ctx, v.Ring()),
		"unlock":  v.SetUnlockFile(ctx, vault.Words, []byte("x")),
		"Export":  v.Export(ctx, &bytes.Buffer{}, nil),
	} {
		if err == nil {
			t.Errorf("%s was done in a vault that is not migrated", what)
		}
	}
	sameStore(t, before, b)

	if err := migrate(t, v); err != nil {
		t.Fatal(err)
	}
	if len(w.writes) != 1 || v.Older() {
		t.Errorf("%d commits, older %v", len(w.writes), v.Older())
	}
	for _, name := range []string{"device"} {
		if _, err := b.Get(ctx, name); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("%s was left", name)
		}
	}
	if file, other, err := vault.UnlockFile(ctx, b); err != nil || string(file) != "the new unlock file" || other != nil {
		t.Errorf("unlock file %q, %v", file, err)
	}
	add(t, v, "asha", "newer")
	d := v.Ring().Keys()
	r, err := vault.Ring(ctx, b, d)
	if err != nil {
		t.Fatal(err)
	}
	w = watch(b)
	again, err := vault.Open(ctx, options(w), r, nil)
	if err != nil || len(w.writes) != 0 || again.Rebuilt() || len(again.Faults()) > 0 {
		t.Fatalf("%v: %d writes, rebuilt %v, faults %v", err, len(w.writes), again.Rebuilt(), again.Faults())
	}
	if got := again.Metas(); !reflect.DeepEqual(got[1:], want) || len(got) != 121 {
		t.Error("other records than before")
	}
	// The old key opens the vault no more; what it sealed is made again without an index.
	if _, err := vault.Open(ctx, options(b), legacy(t, k), nil); err == nil {
		t.Error("the old keys still open the index")
	}
	set(t, b, nil, append(names(t, b, "index/"), "head")...)
	if again, err = vault.Open(ctx, options(b), r, nil); err != nil || len(again.Metas()) != 121 || len(again.Faults()) > 0 {
		t.Fatalf("made again: %v", err)
	}
	for _, m := range again.Metas() {
		if _, _, err := again.Original(ctx, m.ID); err != nil {
			t.Errorf("Original: %v", err)
		}
	}
}

// T29: wherever a migration stops, the vault is the old one or the new one, and
// the next opening goes on from there.
func TestMigrateIsAllOrNothing(t *testing.T) {
	for _, dir := range []string{"testdata/vault", "testdata/vault2"} {
		for _, fate := range []blobstest.Fate{blobstest.DieBefore, blobstest.DieAfter, blobstest.Refuse, blobstest.Forget, blobstest.Full} {
			t.Run(fmt.Sprint(filepath.Base(dir), " ", fate), func(t *testing.T) {
				disk, k := readGolden(t, dir)
				before := copyOf(t, disk)
				f := &blobstest.Faulty{Blobs: disk}
				v := openOlder(t, f, k)
				want := held(t, v)
				f.At(1, fate)
				f.At(2, fate) // when it is tried again
				err := migrate(t, v)
				if err == nil {
					t.Fatal("it was not told of the failure")
				}
				d := v.Ring().Keys()
				arrived := fate == blobstest.DieAfter || fate == blobstest.Forget
				if !arrived {
					sameStore(t, before, disk)
					v = openOlder(t, disk, k)
				} else {
					r, err := vault.Ring(ctx, disk, d)
					if err != nil {
						t.Fatal(err)
					}
					if v, err = vault.Open(ctx, options(disk), r, nil); err != nil {
						t.Fatal(err)
					}
					if _, err := vault.Open(ctx, options(disk), legacy(t, k), nil); err == nil {
						t.Error("the old keys open the new vault")
					}
				}
				if got := held(t, v); !same(got, want) || v.Older() == arrived || v.Rebuilt() || len(v.Faults()) > 0 {
					t.Errorf("%d records, older %v, rebuilt %v, faults %v", len(got.records), v.Older(), v.Rebuilt(), v.Faults())
				}
				if !arrived {
					if err := migrate(t, v); err != nil {
						t.Fatal(err)
					}
				}
				add(t, v, "asha", "goes on")
			})
		}
	}
}

// The same vault object goes on after a migration of which no answer came.
func TestMigrationWithoutAnswer(t *testing.T) {
	disk, k := readGolden(t, "testdata/vault2")
	f := &blobstest.Faulty{Blobs: disk}
	v := openOlder(t, f, k)
	f.At(1, blobstest.Forget)
	f.At(2, blobstest.Forget)
	if err := migrate(t, v); err == nil {
		t.Fatal("it was not told of the failure")
	}
	add(t, v, "asha", "goes on")
	if v.Older() || len(v.Metas()) != 4 || v.Rebuilt() || len(v.Faults()) > 0 {
		t.Errorf("older %v, %d records, faults %v", v.Older(), len(v.Metas()), v.Faults())
	}
	r, err := vault.Ring(ctx, disk, v.Ring().Keys())
	if err != nil {
		t.Fatal(err)
	}
	if v, err = vault.Open(ctx, options(disk), r, nil); err != nil || len(v.Metas()) != 4 {
		t.Fatalf("%v", err)
	}
}

// What a later release wrote is left alone, in an older vault as in a newer.
func TestOlderWithLaterPage(t *testing.T) {
	b := vault.Memory()
	k := older(t, b, 3)
	seal := func(kind, id, body string) []byte {
		s, err := envelope.Seal(envelope.Header{Kind: kind, ID: id, Seq: 9, Device: k.Device}, []byte(body), k.Identity.Recipient(), k.Signer)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	page := seal("index", "x", `{"version":"potli-index/3"}`)
	set(t, b, map[string][]byte{
		"index/x": page,
		"head":    seal("head", "head", `{"version":"potli-vault/1","pages":[{"name":"index/x","sha256":"`+sha(string(page))+`"}]}`),
	})
	before := copyOf(t, b)
	if _, err := vault.Open(ctx, options(b), legacy(t, k), nil); !errors.Is(err, vault.ErrVersion) {
		t.Errorf("Open = %v, want ErrVersion", err)
	}
	sameStore(t, before, b)
}

// A vault of an earlier release whose index was lost is made again and migrated.
func TestMigrateWithoutIndex(t *testing.T) {
	b, k := readGolden(t, "testdata/vault2")
	set(t, b, nil, append(names(t, b, "index/"), "head")...)
	v := openOlder(t, b, k)
	want := held(t, v)
	if len(want.records) != 3 || !v.Rebuilt() {
		t.Fatalf("%d records", len(want.records))
	}
	if err := migrate(t, v); err != nil {
		t.Fatal(err)
	}
	r, err := vault.Ring(ctx, b, v.Ring().Keys())
	if err != nil {
		t.Fatal(err)
	}
	if v, err = vault.Open(ctx, options(b), r, nil); err != nil || !same(held(t, v), want) || v.Rebuilt() {
		t.Errorf("after: %v", err)
	}
}

func TestDeviceKeysRefuses(t *testing.T) {
	other, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	seal := func(plain []byte, to *keyring.Keys) []byte {
		var out bytes.Buffer
		w, err := age.Encrypt(&out, to.Identity.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	theirs, err := other.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	b, k := readGolden(t, "testdata/vault2")
	good := raw(t, b, "device")
	for _, tt := range []struct {
		name   string
		device []byte
		by     *keyring.Keys
		want   error
	}{
		{"as written", good, k, nil},
		{"another wallet's text", good, other, vault.ErrWrongKey},
		{"another wallet's keys, sealed to us", seal(theirs, k), k, vault.ErrWrongKey},
		{"another wallet's keys", seal(theirs, other), k, vault.ErrWrongKey},
		{"cut short", good[:len(good)-1], k, record.ErrDamaged},
		{"empty", nil, k, record.ErrDamaged},
		{"not age", []byte("hello"), k, record.ErrDamaged},
		{"huge", make([]byte, 1<<20), k, record.ErrDamaged},
		{"no keys inside", seal([]byte("{"), k), k, record.ErrDamaged},
		{"a later release", seal([]byte(`{"version":"potli-device/9"}`), k), k, keyring.ErrVersion},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set(t, b, map[string][]byte{"device": tt.device})
			got, err := vault.DeviceKeys(ctx, b, fromText(t, tt.by.RecoveryText()))
			if !errors.Is(err, tt.want) || (got == nil) != (tt.want != nil) {
				t.Errorf("DeviceKeys = %v, want %v", err, tt.want)
			}
		})
	}
	set(t, b, nil, "device")
	if _, err := vault.DeviceKeys(ctx, b, k); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("without the object: %v, want ErrNotFound", err)
	}
	if _, err := vault.DeviceKeys(ctx, vault.Memory(), k); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("without a vault: %v, want ErrNotFound", err)
	}
}

// fromText is what a recovery text gives: the identity with other device keys.
func fromText(t testing.TB, text string) *keyring.Keys {
	t.Helper()
	r, err := keyring.FromRecovery(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What a release sealed for the day the words are lost opens for ever: its
// device's keys, and through them the vault. Once that is migrated, the same text
// opens the user file.
func TestGoldenDeviceKeys(t *testing.T) {
	b, k := readGolden(t, "testdata/vault2")
	text, err := os.ReadFile("testdata/vault2/recovery.txt")
	if err != nil {
		t.Fatal(err)
	}
	got, err := vault.DeviceKeys(ctx, b, fromText(t, string(text)))
	if err != nil || !got.Signer.Equal(k.Signer) || got.Device != k.Device {
		t.Fatalf("DeviceKeys: %v", err)
	}
	if err := migrate(t, openOlder(t, b, got)); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.DeviceKeys(ctx, b, got); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("after: %v, want ErrNotFound", err)
	}
	u, err := vault.User(ctx, b, got.Identity)
	if err != nil || u.ID() != k.Wallet {
		t.Errorf("the recovery text of before opens no user file: %v", err)
	}
}
