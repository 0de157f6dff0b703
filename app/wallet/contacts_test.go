package wallet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/vault"
	"potli/app/wallet"
	"potli/crypto/keyring"
	"potli/crypto/recovery"
)

func sprint(v any) string { return fmt.Sprintf("%v %+v %#v", v, v, v) }

// unpacked are the files of a backup.
func unpacked(t testing.TB, backup []byte, k *recovery.Kit) map[string][]byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(backup), k.Identity())
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 3 {
		t.Fatalf("only %d files were found to look at", len(files))
	}
	return files
}

// sheets makes contacts and returns what stands on their paper.
func (b *bench) sheets(kit *wallet.Kit, names ...string) (codes []string) {
	b.t.Helper()
	s, err := b.MakeContacts(b.t.Context(), kit.Code(), names)
	if err != nil {
		b.t.Fatal(err)
	}
	for i, sheet := range s.List {
		others := slices.Concat(names[:i], names[i+1:])
		if sheet.Name != names[i] || !slices.Equal(sheet.Others, others) {
			b.t.Errorf("the sheet of %s names %q", sheet.Name, sheet.Others)
		}
		codes = append(codes, sheet.Kit.Code())
	}
	if b.Snapshot().Contacts != nil && b.Snapshot().Contacts.Made.Equal(b.clock.now()) {
		b.t.Error("the sheets were good before they were given out")
	}
	if err := b.KeepContacts(b.t.Context(), s); err != nil {
		b.t.Fatal(err)
	}
	return codes
}

// Any two of three open every backup made since, on an empty device too, and one
// alone is told that a second is needed.
func TestTwoContacts(t *testing.T) {
	for _, names := range [][]string{{"Asha", "Ravi"}, {"Asha", "Ravi", "Dr Sen"}} {
		b := newBench(t).create()
		id := b.importOne(file("a.json", []byte(allergy)))
		k := b.onPaper()
		before := b.backup()
		codes := b.sheets(k, names...)
		backup := b.backup()
		if c := b.Snapshot().Contacts; c == nil || !slices.Equal(c.Names, names) || !c.Tried.IsZero() {
			t.Fatalf("contacts: %+v", c)
		}
		for i, first := range codes {
			for j, second := range codes {
				check, err := b.TryContacts(t.Context(), first, second, backup)
				switch {
				case i == j && !errors.Is(err, wallet.ErrSameSheet):
					t.Errorf("%d alone: %v", i, err)
				case i != j && (err != nil || check.Records != 1):
					t.Errorf("%d and %d: %+v, %v", i, j, check, err)
				}
			}
		}
		first, last := codes[0], codes[len(codes)-1]
		fresh := newBench(t)
		if _, err := fresh.Restore(t.Context(), backup, []string{first}, otherWords); !errors.Is(err, wallet.ErrSecondSheet) {
			t.Errorf("one sheet: %v", err)
		}
		fresh.wantPhase(wallet.PhaseNew)
		var wrong *wallet.ContactSheetError
		if _, err := fresh.Restore(t.Context(), backup, []string{k.Code(), first}, otherWords); !errors.As(err, &wrong) || wrong.Sheet != 1 {
			t.Errorf("a sheet beside the kit: %v", err)
		}
		if _, err := fresh.Restore(t.Context(), backup, []string{first, "नमस्ते"}, otherWords); !errors.Is(err, keyring.ErrBadRecovery) || !errors.Is(err, wallet.ErrNotKit) {
			t.Errorf("a sheet and nonsense: %v", err)
		}
		if added, err := fresh.Restore(t.Context(), backup, []string{first, last}, otherWords); err != nil || added != 1 {
			t.Errorf("two sheets: %d, %v", added, err)
		}
		if _, _, body, err := fresh.Original(t.Context(), id); err != nil || string(body) != allergy {
			t.Errorf("the record: %v", err)
		}
		if c := b.Snapshot().Contacts; c.Tried.IsZero() {
			t.Error("it is not remembered that they were tried")
		}
		if _, err := b.TryContacts(t.Context(), codes[0], codes[1], before); !errors.Is(err, wallet.ErrNoContacts) {
			t.Errorf("a backup from before: %v", err)
		}
		b.restart()
		if c := b.unlock().Snapshot().Contacts; c == nil || c.Tried.IsZero() || !slices.Equal(c.Names, names) {
			t.Errorf("after a reload: %+v", c)
		}
	}
}

// A new kit is sealed for the same contacts: their sheets stay good, without them.
func TestContactsOfANewKit(t *testing.T) {
	b := newBench(t).create()
	codes := b.sheets(b.onPaper(), "Asha", "Ravi", "Dr Sen")
	old := b.backup()
	if _, err := b.TryContacts(t.Context(), codes[0], codes[2], old); err != nil {
		t.Fatal(err)
	}
	b.onPaper()
	if c := b.Snapshot().Contacts; c == nil || !c.Tried.IsZero() {
		t.Errorf("contacts: %+v", c)
	}
	if _, err := b.TryContacts(t.Context(), codes[0], codes[2], b.backup()); err != nil {
		t.Errorf("with the new kit: %v", err)
	}
	if _, err := b.TryContacts(t.Context(), codes[0], codes[2], old); !errors.Is(err, wallet.ErrOldContacts) {
		t.Errorf("an older backup: %v", err)
	}
}

func TestDropContacts(t *testing.T) {
	b := newBench(t).create()
	k := b.onPaper()
	codes := b.sheets(k, "Asha", "Ravi")
	if err := b.DropContacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.Snapshot().Contacts != nil {
		t.Error("there are contacts")
	}
	backup := b.backup()
	if _, err := newBench(t).Restore(t.Context(), backup, codes, otherWords); !errors.Is(err, wallet.ErrNoContacts) {
		t.Errorf("their sheets: %v", err)
	}
	if _, err := b.CheckKit(t.Context(), k.Code(), backup); err != nil {
		t.Errorf("the kit: %v", err)
	}
}

func TestMakeContactsRefuses(t *testing.T) {
	b := newBench(t).create()
	if _, err := b.MakeContacts(t.Context(), strings.Repeat("abandon ", 23)+"art", []string{"a", "b"}); !errors.Is(err, wallet.ErrNoKit) {
		t.Errorf("without a kit: %v", err)
	}
	k := b.onPaper()
	for _, names := range [][]string{nil, {"Asha"}, {"Asha", " asha "}, {"Asha", ""}, {"a", "b", "c", "d"}, {"Asha", strings.Repeat("x", 61)}} {
		if _, err := b.MakeContacts(t.Context(), k.Code(), names); !errors.Is(err, wallet.ErrContactNames) {
			t.Errorf("%q: %v", names, err)
		}
	}
	codes := b.sheets(k, "Asha", "Ravi")
	if _, err := b.MakeContacts(t.Context(), codes[0], []string{"Asha", "Ravi"}); !errors.Is(err, wallet.ErrIsSheet) {
		t.Errorf("a sheet for the kit: %v", err)
	}
	if _, err := b.CheckKit(t.Context(), codes[1], nil); !errors.Is(err, wallet.ErrIsSheet) {
		t.Errorf("a sheet for the kit: %v", err)
	}
}

// A kit that another device makes leaves the contacts behind, and that is said.
func TestContactsOfAnOldKit(t *testing.T) {
	b := newBench(t).create()
	codes := b.sheets(b.onPaper(), "Asha", "Ravi")
	if b.Snapshot().Contacts.Old {
		t.Error("they are behind from the start")
	}
	other, err := recovery.New(strings.NewReader(strings.Repeat("z", 32)))
	if err != nil {
		t.Fatal(err)
	}
	b.clock.add(time.Minute)
	b.restart()
	err = b.vaultOf(words).Update(t.Context(), func(r *keyring.Ring) (vault.Change, error) {
		u, err := r.User().SetRecovery(r.Keys(), other.Identity(), b.clock.now())
		if err != nil {
			return vault.Change{}, err
		}
		r, err = r.WithUser(u, b.clock.now())
		return vault.Change{Ring: r}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.unlock()
	if c := b.Snapshot().Contacts; c == nil || !c.Old {
		t.Errorf("contacts: %+v", c)
	}
	if _, err := newBench(t).Restore(t.Context(), b.backup(), codes, otherWords); !errors.Is(err, wallet.ErrNoContacts) {
		t.Errorf("their sheets: %v", err)
	}
}
