package ledger_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/crypto/jose/josetest"
)

// TestFigures measures a long log where it is opened, natively or in Node: with a
// checkpoint after each ledger.Every entries, as a witness has them.
func TestFigures(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	const entries = 10_000
	l, device := newLog(t, "phone", 0), josetest.EdDSA("device")
	var notes []string
	for l.Size() < entries {
		grow(t, l, ledger.Every)
		notes = append(notes, checkpoint(t, l, now).Note)
	}
	b := l.Marshal()
	figure := func(what string, do func() error) {
		t.Helper()
		begun := time.Now()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		t.Logf("FIGURE %s: %v", what, time.Since(begun).Round(100*time.Microsecond))
	}
	var again *ledger.Log
	figure(fmt.Sprintf("a log of %d consents' entries (%.1f MB) opened, its chain made anew", entries, float64(len(b))/1e6), func() (err error) {
		again, err = ledger.Open(b)
		return err
	})
	figure(fmt.Sprintf("held against %d signed checkpoints of it", len(notes)), func() error {
		var seen []*ledger.Checkpoint
		for _, n := range notes {
			c, err := ledger.ParseCheckpoint(n, device.Public())
			if err != nil {
				return err
			}
			seen = append(seen, c)
		}
		if v := ledger.Witness(again, seen); v.Finding != ledger.Whole || v.Agreed != again.Size() {
			return fmt.Errorf("%+v", v)
		}
		return nil
	})
	figure("who has what today, of all of it", func() error {
		if n := len(ledger.Today(ledger.Merge(again), now.Add(time.Hour))); n != 0 { // each was taken back
			return fmt.Errorf("%d providers", n)
		}
		return nil
	})
	figure("searched for the words of a purpose", func() error {
		if n := len(ledger.Search(again.Entries(), ledger.Query{Kinds: []consent.EventKind{consent.Granted}, Words: "cough"})); n != entries/5 {
			return fmt.Errorf("%d found", n)
		}
		return nil
	})
}
