package wallet_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/record"
	"potli/app/wallet"
	"potli/crypto/recovery"
)

// RecoveryText makes a kit and proves it, as a person does, and returns its text.
func (b *bench) RecoveryText(ctx context.Context, passphrase string) (string, error) {
	k, err := b.MakeKit(ctx, passphrase)
	if err != nil {
		return "", err
	}
	return k.Text(), b.KeepKitText(ctx, k, k.Code())
}

// onPaper is a kit that stands and was read back.
func (b *bench) onPaper() *wallet.Kit {
	b.t.Helper()
	k, err := b.MakeKit(b.t.Context(), words)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.KeepKitText(b.t.Context(), k, k.Code()); err != nil {
		b.t.Fatal(err)
	}
	return k
}

func (b *bench) backup() []byte {
	b.t.Helper()
	_, file, err := b.Export(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return file
}

// answers are the words that are asked for.
func answers(k *wallet.Kit) (list []string) {
	for _, place := range k.Asked() {
		list = append(list, k.Words()[place-1])
	}
	return list
}

// The kit is proved when it was read back from paper and a backup was opened with
// it, and not before; and what is proved is remembered.
func TestKitIsProvedByHalves(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	if s := b.Snapshot().Kit; !s.Made.IsZero() || s.Proved() || !s.Due {
		t.Errorf("before there is a kit: %+v", s)
	}
	k, err := b.MakeKit(t.Context(), "") // Create has just asked for the words
	if err != nil {
		t.Fatal(err)
	}
	if s := b.Snapshot().Kit; s.Made.IsZero() || !s.Typed.IsZero() || s.Proved() || !k.Stands() {
		t.Errorf("shown: %+v", s)
	}
	asked := k.Asked()
	wrong, err := b.KeepKit(t.Context(), k, []string{answers(k)[0], "zoo", "recieve"})
	if err != nil || !slices.Equal(wrong, asked[1:]) || !b.Snapshot().Kit.Typed.IsZero() {
		t.Errorf("wrong answers: %v, %v", wrong, err)
	}
	if wrong, err = b.KeepKit(t.Context(), k, answers(k)); err != nil || len(wrong) > 0 {
		t.Fatalf("right answers: %v, %v", wrong, err)
	}
	if s := b.Snapshot().Kit; s.Typed.IsZero() || !s.Opened.IsZero() || s.Proved() {
		t.Errorf("one half: %+v", s)
	}
	backup := b.backup()
	b.clock.add(time.Hour)
	check, err := b.CheckKit(t.Context(), strings.Join(k.Words(), " "), backup)
	if err != nil || check.Records != 1 || check.Missing != 0 || check.Created.IsZero() {
		t.Fatalf("CheckKit = %+v, %v", check, err)
	}
	if s := b.Snapshot().Kit; !s.Proved() || !s.Typed.Equal(b.clock.now()) {
		t.Errorf("both halves: %+v", s)
	}
	b.restart()
	if s := b.unlock().Snapshot().Kit; !s.Proved() {
		t.Errorf("after a reload: %+v", s)
	}
}

// The phone may be in another hand: a kit is made for who knows the words.
func TestMakeKitAsks(t *testing.T) {
	b := newBench(t).create()
	b.clock.add(time.Hour)
	if !b.KitAsks() {
		t.Error("an hour later it asks no more")
	}
	for _, p := range []string{"", "not-these-words-at-all-no"} {
		if _, err := b.MakeKit(t.Context(), p); !errors.Is(err, wallet.ErrWrongPassphrase) {
			t.Errorf("MakeKit(%q) = %v, want ErrWrongPassphrase", p, err)
		}
	}
	if s := b.Snapshot().Kit; !s.Made.IsZero() {
		t.Error("there is a kit")
	}
	if _, err := b.MakeKit(t.Context(), words); err != nil {
		t.Error(err)
	}
	b.restart()
	b.unlock()
	if !b.KitAsks() {
		t.Error("another run does not ask")
	}
	b.Lock()
	if _, err := b.MakeKit(t.Context(), words); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

// A second kit opens nothing, and takes nothing's place, until it was read back.
func TestNewKitTakesThePlaceWhenProved(t *testing.T) {
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(allergy)))
	old := b.onPaper()
	first := b.backup()
	k, err := b.MakeKit(t.Context(), words)
	if err != nil || k.Stands() {
		t.Fatalf("a second kit: %v", err)
	}
	if _, err := b.CheckKit(t.Context(), k.Code(), nil); !errors.Is(err, wallet.ErrOtherKit) {
		t.Errorf("not proved yet: %v", err)
	}
	if _, err := b.CheckKit(t.Context(), old.Code(), b.backup()); err != nil {
		t.Errorf("the old one meanwhile: %v", err)
	}
	if err := b.KeepKitText(t.Context(), k, old.Code()); !errors.Is(err, wallet.ErrOtherKit) {
		t.Errorf("the old one typed for the new: %v", err)
	}
	b.clock.add(time.Minute)
	if wrong, err := b.KeepKit(t.Context(), k, answers(k)); err != nil || len(wrong) > 0 {
		t.Fatalf("%v, %v", wrong, err)
	}
	if s := b.Snapshot().Kit; s.Proved() || !s.Opened.IsZero() || s.Typed.IsZero() {
		t.Errorf("what the old kit opened counts for the new: %+v", s)
	}
	second := b.backup()
	if _, err := b.CheckKit(t.Context(), k.Code(), second); err != nil {
		t.Errorf("the new kit: %v", err)
	}
	if _, err := b.CheckKit(t.Context(), k.Code(), first); !errors.Is(err, wallet.ErrKitBackup) {
		t.Errorf("a backup from before: %v", err)
	}
	if _, err := b.CheckKit(t.Context(), old.Code(), second); !errors.Is(err, wallet.ErrOtherKit) {
		t.Errorf("the old kit: %v", err)
	}
	if _, err := newBench(t).Restore(t.Context(), second, []string{old.Code()}, otherWords); !errors.Is(err, wallet.ErrOtherWallet) {
		t.Errorf("the old kit opens a later backup: %v", err)
	}
}

func TestCheckKitRefuses(t *testing.T) {
	b := newBench(t).create()
	if _, err := b.CheckKit(t.Context(), strings.Repeat("abandon ", 23)+"art", nil); !errors.Is(err, wallet.ErrNoKit) {
		t.Errorf("without a kit: %v", err)
	}
	k := b.onPaper()
	backup := b.backup()
	w := k.Words()
	w[6] = "recieve"
	other, err := recovery.New(strings.NewReader(strings.Repeat("x", 32)))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text string
		backup     []byte
		want       error
	}{
		{"nothing", "", nil, wallet.ErrNotKit},
		{"a key cut off", k.Code()[:70], nil, wallet.ErrKitMistyped},
		{"23 words", strings.Join(k.Words()[:23], " "), nil, wallet.ErrKitCount},
		{"words of no kit", strings.Repeat("abandon ", 24), nil, wallet.ErrKitChecksum},
		{"another kit", other.Code(), backup, wallet.ErrOtherKit},
		{"no backup at all", k.Code(), []byte("hello"), record.ErrDamaged},
		{"a backup cut short", k.Code(), backup[:len(backup)-1], record.ErrDamaged},
		{"the backup of another", k.Code(), newBench(t).create().backup(), wallet.ErrKitBackup},
	} {
		if _, err := b.CheckKit(t.Context(), tt.text, tt.backup); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	var at *wallet.KitWordError
	if _, err := b.CheckKit(t.Context(), strings.Join(w, " "), nil); !errors.As(err, &at) || !slices.Equal(at.Places, []int{7}) {
		t.Errorf("a wrong word: %v", err)
	}
	if b.Snapshot().Kit.Proved() {
		t.Error("proved by what was refused")
	}
}

// Paper and file bring everything back where nothing is, whatever form the paper
// is given in, and a new kit is due then.
func TestKitAndBackupRestore(t *testing.T) {
	b := newBench(t).create()
	id := b.importOne(file("a.json", []byte(allergy)))
	k := b.onPaper()
	backup := b.backup()
	if _, err := b.CheckKit(t.Context(), k.Code(), backup); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"words": strings.Join(k.Words(), "\n"), "code": k.Code(), "file": k.Text()} {
		fresh := newBench(t)
		fresh.clock.add(24 * time.Hour)
		if added, err := fresh.Restore(t.Context(), backup, []string{text}, otherWords); err != nil || added != 1 {
			t.Fatalf("%s: %d, %v", name, added, err)
		}
		if _, _, body, err := fresh.Original(t.Context(), id); err != nil || string(body) != allergy {
			t.Errorf("%s: the record: %v", name, err)
		}
		s := fresh.Snapshot()
		if s.Person().Name != "Meera Sample" || !s.Kit.Due || s.Kit.Proved() || s.Kit.Made.IsZero() {
			t.Errorf("%s: of %q, kit %+v", name, s.Person().Name, s.Kit)
		}
		fresh.clock.add(time.Minute)
		next, err := fresh.MakeKit(t.Context(), otherWords)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fresh.KeepKit(t.Context(), next, answers(next)); err != nil {
			t.Fatal(err)
		}
		if s := fresh.Snapshot().Kit; s.Due || s.Typed.IsZero() {
			t.Errorf("%s: after a new kit: %+v", name, s)
		}
	}
}

// Neither storage nor backup nor any snapshot holds the kit.
func TestKitIsForgotten(t *testing.T) {
	b := newBench(t).create()
	k := b.onPaper()
	file := b.backup()
	kit, err := recovery.Parse(k.Code())
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range unpacked(t, file, kit) {
		if bytes.Contains(body, []byte(k.Code())) || bytes.Contains(body, []byte(strings.Join(k.Words(), " "))) {
			t.Errorf("%s of the backup holds the kit", name)
		}
	}
	for _, v := range []any{k, *k, b.Snapshot(), b.Snapshot().Kit} {
		if out := sprint(v); strings.Contains(out, "SECRET") || strings.Contains(out, k.Words()[0]+" ") {
			t.Errorf("%T shows the kit", v)
		}
	}
}
