//go:build !js

package relayclient_test

import (
	"errors"
	"testing"
	"time"

	"potli/app/pair"
	"potli/app/share"
	"potli/relay/storetest"
)

// TestPairing is the mailbox of two devices on a network that loses every answer once: both deposit, both read, and
// whatever is repeated happens once.
func TestPairing(t *testing.T) {
	w := newWorld(t)
	mail := w.client.Pairing()
	box := pair.Box{ID: storetest.ID("box"), Token: storetest.ID("token")}
	again := func(what string, f func() error) {
		t.Helper()
		w.net.answers = 1
		if err := f(); !errors.Is(err, pair.ErrOffline) {
			t.Fatalf("%s with a lost answer: %v", what, err)
		}
		if err := f(); err != nil {
			t.Fatalf("%s again: %v", what, err)
		}
	}
	again("open", func() error { return mail.Open(ctx, box, 10*time.Minute) })
	large := storetest.Sealed("large", 1<<20)
	again("deposit", func() error { return mail.Deposit(ctx, box, storetest.EntryID("a"), large) })
	aid, sealed := entry("b")
	again("deposit", func() error { return mail.Deposit(ctx, box, aid, sealed) })
	var list []pair.Entry
	again("wait", func() (err error) { list, err = mail.Wait(ctx, box, 0); return err })
	if len(list) != 2 || list[0].Sealed != large || list[1] != (pair.Entry{Seq: 2, ID: aid, Sealed: sealed}) {
		t.Errorf("got %d entries", len(list))
	}
	again("close", func() error { return mail.Close(ctx, box) })
	for what, err := range map[string]error{
		"wait": second(mail.Wait(ctx, box, 0)), "deposit": mail.Deposit(ctx, box, storetest.EntryID("c"), sealed),
	} {
		if !errors.Is(err, pair.ErrGone) {
			t.Errorf("%s after closing: %v", what, err)
		}
	}
	if err := mail.Close(ctx, box); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

// What is larger than any message of a pairing is not even fetched.
func TestPairingFetchesNoMore(t *testing.T) {
	w := newWorld(t)
	mail := w.client.Pairing()
	box := pair.Box{ID: storetest.ID("box"), Token: storetest.ID("token")}
	if err := mail.Open(ctx, box, time.Minute); err != nil {
		t.Fatal(err)
	}
	big := storetest.Sealed("big", 2<<20)
	if len(big) <= pair.MaxMessage {
		t.Fatal("not too large")
	}
	if err := mail.Deposit(ctx, box, storetest.EntryID("big"), big); err != nil {
		t.Fatal(err)
	}
	list, err := mail.Wait(ctx, box, 0)
	if err != nil || len(list) != 1 || list[0].Sealed != "" {
		t.Errorf("got %d entries, %v", len(list), err)
	}
	// Refusals keep their own name: trying again would not help.
	if err := mail.Open(ctx, box, 0); !errors.Is(err, share.ErrRefused) || errors.Is(err, pair.ErrOffline) {
		t.Errorf("no life: %v", err)
	}
}
