//go:build !js

package wallet_test

// A wallet for each case: natively only, since a browser's program takes half a second to make the keys of one.

import (
	"testing"
	"time"

	"potli/app/share"
	"potli/app/wallet"
)

// TestReadyGoes: by every way there is.
func TestReadyGoes(t *testing.T) {
	for name, act := range map[string]func(b *bench, s share.Share) error{
		"turned off": func(b *bench, s share.Share) error { return b.SetReady(b.t.Context(), s.ID, false) },
		"taken back": func(b *bench, s share.Share) error { return b.Revoke(b.t.Context(), s.ID) },
		"taken back without network": func(b *bench, s share.Share) error {
			b.relay.offline = true
			return b.Revoke(b.t.Context(), s.ID)
		},
		"paused": func(b *bench, s share.Share) error { return b.Pause(b.t.Context(), s.ID, true) },
		"paused without network": func(b *bench, s share.Share) error {
			b.relay.offline = true
			return b.Pause(b.t.Context(), s.ID, true)
		},
		"over": func(b *bench, s share.Share) error { b.clock.add(time.Hour); b.Tick(b.t.Context()); return nil },
		"over while locked": func(b *bench, s share.Share) error {
			b.Lock()
			b.clock.add(time.Hour)
			b.Tick(b.t.Context())
			return nil
		},
		"over, started anew":   func(b *bench, s share.Share) error { b.clock.add(time.Hour); b.restart(); return nil },
		"its person is hidden": func(b *bench, s share.Share) error { return b.Hide(s.Profile) },
		"put aside":            func(b *bench, s share.Share) error { return b.SetAside(b.t.Context(), s.Profile) },
		"wiped":                func(b *bench, s share.Share) error { return b.Wipe(b.t.Context()) },
		"hidden and locked": func(b *bench, s share.Share) error {
			err := b.Hide(s.Profile)
			b.Lock()
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, open, s := newReady(t)
			if _, err := b.AddPerson(t.Context(), wallet.Person{Name: "Arjun Sample"}); err != nil {
				t.Fatal(err)
			}
			b.ready(s.ID)
			if err := act(b, s); err != nil {
				t.Fatal(err)
			}
			open.becomes(t, "shlink", false)
			for range 2_000 {
				if text, _ := open.Read(t.Context()); text == "" {
					return
				}
				time.Sleep(time.Millisecond)
			}
			t.Errorf("covered, and still there: %s", open.body)
		})
	}
}
