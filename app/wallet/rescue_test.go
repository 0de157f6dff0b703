package wallet_test

import (
	"errors"
	"testing"

	"potli/app/vault"
	"potli/app/wallet"
	"potli/crypto/keyring"
)

const otherWords = "orbit-velvet-lantern-copper-island-meadow"

func TestRescue(t *testing.T) {
	b := newBench(t)
	b.worker.real = true // new words must open what the old ones did
	b.create()
	id := b.importOne(file("a.json", []byte(allergy)))
	text, err := b.RecoveryText(t.Context(), words)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Rescue(t.Context(), text, otherWords); err == nil {
		t.Fatal("an open wallet was rescued")
	}
	b.restart()
	b.worker.real = false // wrong is wrong, without the work
	for range 8 {         // tried until it has to wait
		_ = b.Unlock(t.Context(), "not-these-words-at-all-no")
	}
	b.worker.real = true
	var wait *wallet.WaitError
	if err := b.Unlock(t.Context(), words); !errors.As(err, &wait) {
		t.Fatalf("Unlock = %v, want a wait", err)
	}
	if err := b.Rescue(t.Context(), text, otherWords); err != nil {
		t.Fatal(err)
	}
	b.wantPhase(wallet.PhaseOpen)
	if _, ok := b.Record(id); !ok || b.Snapshot().Records != 1 || b.Snapshot().Work != nil {
		t.Errorf("%d records, work %v", b.Snapshot().Records, b.Snapshot().Work)
	}
	if _, _, body, err := b.Original(t.Context(), id); err != nil || string(body) != allergy {
		t.Errorf("the record: %v", err)
	}
	b.restart()
	if err := b.Unlock(t.Context(), words); !errors.Is(err, wallet.ErrWrongPassphrase) {
		t.Errorf("the old words: %v, want ErrWrongPassphrase", err)
	}
	if err := b.Unlock(t.Context(), otherWords); err != nil {
		t.Errorf("the new words: %v", err)
	}
	if !b.Snapshot().Kit.Due {
		t.Error("no new kit is asked for after the old one was used")
	}
	// The device whose words are lost may be in other hands: it opens nothing new.
	devices, err := b.Devices(t.Context())
	if err != nil || len(devices) != 2 || devices[0].This || !devices[1].This {
		t.Errorf("devices %+v, %v", devices, err)
	}
	// A new kit takes the place of the old one.
	again, err := b.RecoveryText(t.Context(), otherWords)
	if err != nil || again == text || b.Snapshot().Kit.Due {
		t.Errorf("a new kit: %v, due %v", err, b.Snapshot().Kit.Due)
	}
	b.restart()
	if err := b.Rescue(t.Context(), text, words); !errors.Is(err, wallet.ErrOtherWallet) {
		t.Errorf("the kit of before: %v, want ErrOtherWallet", err)
	}
	if err := b.Rescue(t.Context(), again, words); err != nil {
		t.Errorf("the new kit: %v", err)
	}
	if _, ok := b.Record(id); !ok {
		t.Error("the record is gone")
	}
}

// What is refused changes nothing.
func TestRescueRefuses(t *testing.T) {
	b := newBench(t).create()
	text, err := b.RecoveryText(t.Context(), words)
	if err != nil {
		t.Fatal(err)
	}
	other, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	b.restart()
	for _, tt := range []struct {
		name, recovery, words string
		want                  error
	}{
		{"weak words", text, "password", wallet.ErrWeak},
		{"no words", text, "", wallet.ErrWeak},
		{"no text", "", otherWords, keyring.ErrBadRecovery},
		{"a mistyped text", text[:len(text)-3], otherWords, keyring.ErrBadRecovery},
		{"the text of another wallet", other.RecoveryText(), otherWords, wallet.ErrOtherWallet},
	} {
		if err := b.Rescue(t.Context(), tt.recovery, tt.words); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		b.wantPhase(wallet.PhaseLocked)
	}
	user, err := b.deps.Blobs.Get(t.Context(), "user")
	if err != nil {
		t.Fatal(err)
	}
	commit := func(batch vault.Batch) {
		t.Helper()
		if err := b.deps.Blobs.Commit(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	commit(vault.Batch{Delete: []string{"user", "spare/user"}})
	if err := b.Rescue(t.Context(), text, otherWords); !errors.Is(err, wallet.ErrNoRescue) {
		t.Errorf("without keys in storage: %v, want ErrNoRescue", err)
	}
	commit(vault.Batch{Put: map[string][]byte{"user": user[:len(user)-1], "spare/user": user[:len(user)-1]}})
	if err := b.Rescue(t.Context(), text, otherWords); !errors.Is(err, wallet.ErrNoRescue) {
		t.Errorf("with damaged keys: %v, want ErrNoRescue", err)
	}
	commit(vault.Batch{Put: map[string][]byte{"spare/user": user}})
	b.unlock() // one copy is enough
	b.restart()
	if err := b.Rescue(t.Context(), text, otherWords); err != nil {
		t.Errorf("after an opening has put the keys back: %v", err)
	}
	if err := newBench(t).Rescue(t.Context(), text, otherWords); err == nil {
		t.Error("rescued where there is no wallet")
	}
}
