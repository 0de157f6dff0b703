package sqlstore_test

import (
	"path/filepath"
	"testing"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// TestDue: an engine that sleeps until Due, and then purges, forgets all there is.
func TestDue(t *testing.T) {
	s, db := open(t, filepath.Join(t.TempDir(), "relay.db"))
	now := int64(storetest.T0)
	due := func() int64 {
		t.Helper()
		at, err := s.Due(ctx, now)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	if at := due(); at != 0 {
		t.Fatalf("an empty store is due at %d", at)
	}
	for i := range 3 {
		if ok, err := s.Create(ctx, link(i, now+1000*int64(i+1)), []byte("x"), now); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	if _, err := s.Charge(ctx, relay.Reader{ID: link(1, 0).ID, Now: now, By: "a"}, "MAC-CANARY"); err != nil {
		t.Fatal(err)
	}
	box := relay.Mailbox{ID: link(9, 0).ID, Token: "t", Created: now, Expires: now + 5000, MostEntries: 10, MostBytes: 1e6}
	if ok, err := s.OpenMailbox(ctx, box, now); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, err := s.Deposit(ctx, box.ID, storetest.EntryID("a"), []byte("sealed"), now); err != nil {
		t.Fatal(err)
	}
	wakes := 0
	for at := due(); at != 0; at = due() {
		if wakes++; wakes > 30 {
			t.Fatalf("woken %d times, and still due at T0+%d", wakes, at-storetest.T0)
		}
		now = max(at, now+60) // as a Durable Object does it
		if err := s.Purge(ctx, now); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"links", "parts", "receipts", "mailboxes", "entries", "bodies", "pushes"} {
		if n := count(t, db, table); n != 0 {
			t.Errorf("%d %s remain that nobody will wake for", n, table)
		}
	}
	if most := int64(storetest.T0) + 5000 + int64(wire.ReceiptKeep.Seconds()); now > most {
		t.Errorf("the last is forgotten %d seconds late", now-most)
	}
}
