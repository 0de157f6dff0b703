package wallet_test

import (
	"errors"
	"testing"

	"potli/app/vault"
	"potli/app/vault/blobstest"
	"potli/app/wallet"
)

// T31: on a full disk a change is made or not, whatever it is of, and that is said; what
// is shown is what is kept. With space again it is made.
func TestT31_FullDisk(t *testing.T) {
	backup := func(b *bench) []byte {
		_, file, err := b.Export(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		return file
	}
	for name, do := range map[string]func(b *bench, file []byte) error{
		"somebody is added": func(b *bench, _ []byte) error {
			_, err := b.AddPerson(b.t.Context(), wallet.Person{Name: "Ravi Sample", Kin: wallet.KinChild})
			return err
		},
		"other words": func(b *bench, _ []byte) error {
			return b.ChangePassphrase(b.t.Context(), words, "velvet-orbit-staple-battery-horse-correct")
		},
		"a choice": func(b *bench, _ []byte) error {
			s := b.Snapshot().Settings
			s.Language = "hi"
			return b.SetSettings(b.t.Context(), s)
		},
		"a backup comes in": func(b *bench, file []byte) error {
			_, err := b.Restore(b.t.Context(), file, nil, "")
			return err
		},
		"a record": func(b *bench, _ []byte) error {
			return b.Import(b.t.Context(), []wallet.File{paper("of the full disk")}).Files[0].Err
		},
		"keys": func(b *bench, _ []byte) error {
			return b.RollKeys(b.t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			disk := &blobstest.Faulty{Blobs: vault.Memory()}
			b.deps.Blobs = disk
			b.restart()
			b.create()
			id := b.importOne(paper("before"))
			file := backup(b)
			if err := b.Delete(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			b.clock.add(wallet.UndoFor)
			b.Tick(t.Context())
			b.importOne(paper("kept"))
			people, records := b.Snapshot().People, b.Snapshot().Records
			disk.Limit(1)
			if err := do(b, file); !errors.Is(err, vault.ErrFull) {
				t.Fatalf("on a full disk: %v", err)
			}
			disk.Limit(0)
			check := func() {
				t.Helper()
				s := b.Snapshot()
				if len(s.People) != len(people) || s.Records != records || s.Faults != 0 || s.Settings.Language != "" {
					t.Errorf("%d people, %d records, %d faults, %q", len(s.People), s.Records, s.Faults, s.Settings.Language)
				}
			}
			check()
			b.restart()
			b.unlock()
			check()
			if err := do(b, file); err != nil {
				t.Errorf("with space again: %v", err)
			}
		})
	}
}
