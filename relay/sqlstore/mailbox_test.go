package sqlstore_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

func openMailbox(t *testing.T, s relay.Store, i int, expires int64) relay.Mailbox {
	t.Helper()
	m := relay.Mailbox{ID: fmt.Sprintf("%064d", i), Token: fmt.Sprint("token", i), Expires: expires, MostEntries: 1000, MostBytes: 50 << 20, Note: "NOTE-CANARY"}
	if made, err := s.OpenMailbox(ctx, m, storetest.T0); !made || err != nil {
		t.Fatal(made, err)
	}
	return m
}

func bring(t *testing.T, s relay.Store, m relay.Mailbox, entry, body string, now int64) {
	t.Helper()
	if _, err := s.Deposit(ctx, m.ID, entry, []byte(body), now); err != nil {
		t.Fatal(err)
	}
}

// TestT40_RL12_NoEntryLingers: what was acknowledged, closed, has expired or was
// not fetched in time is neither in the file nor in its log after the purge.
func TestT40_RL12_NoEntryLingers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.db")
	s, db := open(t, path)
	large := strings.Repeat("CANARY-", relay.PartSize/3)
	end := storetest.T0 + 60
	expired, closed := openMailbox(t, s, 1, end), openMailbox(t, s, 2, end)
	acked, stale := openMailbox(t, s, 3, end+1e9), openMailbox(t, s, 4, end+1e9)
	for _, m := range []relay.Mailbox{expired, closed, acked} {
		bring(t, s, m, "small", "CANARY", storetest.T0)
		bring(t, s, m, "large", large, storetest.T0)
	}
	bring(t, s, stale, "old", large, end-int64(wire.EntryLife/time.Second))
	if onDisk(t, path, "CANARY") < 4 {
		t.Fatal("the search does not even find the living")
	}
	var rows int
	if err := db.QueryRow(`SELECT COALESCE(MAX(LENGTH(body)), 0) FROM bodies`).Scan(&rows); err != nil || rows > relay.PartSize {
		t.Errorf("the largest row has %d bytes, %v", rows, err)
	}
	if err := s.Acknowledge(ctx, acked.ID, []int64{1, 2}); err != nil {
		t.Fatal(err)
	}
	if err := s.CloseMailbox(ctx, closed.ID, closed.Token, storetest.T0); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "bodies"); n != 1+3+3 { // those of the other two
		t.Errorf("%d pieces of bodies before the purge", n)
	}
	if err := s.Purge(ctx, end); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "bodies") + onDisk(t, path, "CANARY-CANARY"); n != 0 {
		t.Errorf("%d pieces linger", n)
	}
	if err := s.Purge(ctx, end+60); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]int{"mailboxes": 2, "entries": 3} { // the living, and what keeps their numbers
		if got := count(t, db, table); got != want {
			t.Errorf("%d %s left, want %d", got, table, want)
		}
	}
}

// TestMailboxCrash: whatever a process that died left half done is finished by
// the first purge of the next.
func TestMailboxCrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.db")
	s, db := open(t, path)
	m := openMailbox(t, s, 1, storetest.T0+1e9)
	bring(t, s, m, "alive", "ALIVE", storetest.T0)
	bring(t, s, m, "acked", "CANARY", storetest.T0)
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := db.Exec(text, args...); err != nil {
			t.Fatal(err)
		}
	}
	// Amid an acknowledgement; amid a deposit, long ago; amid one a moment ago; amid a close.
	exec(`UPDATE entries SET kept = 0 WHERE entry = 'acked'`)
	exec(`INSERT INTO bodies (file, n, added_at, body) VALUES ('old', 0, ?1, 'CANARY')`, storetest.T0-1e6)
	exec(`INSERT INTO bodies (file, n, added_at, body) VALUES ('new', 0, ?1, 'YOUNG')`, storetest.T0+1e4-599)
	closed := openMailbox(t, s, 2, storetest.T0+1e9)
	bring(t, s, closed, "a", "CANARY", storetest.T0)
	exec(`UPDATE mailboxes SET state = 1 WHERE id_hash = ?1`, closed.ID)
	if err := s.Purge(ctx, storetest.T0+1e4); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{"'ALIVE'": 1, "'YOUNG'": 1, "'CANARY'": 0} {
		var n int
		if err := db.QueryRow(`SELECT COUNT(*) FROM bodies WHERE CAST(body AS TEXT) = ` + text).Scan(&n); err != nil || n != want {
			t.Errorf("%d bodies %s, %v, want %d", n, text, err, want)
		}
	}
	if seq, err := s.Deposit(ctx, m.ID, "next", []byte("x"), storetest.T0+1e4); seq != 3 || err != nil {
		t.Errorf("the next number is %d, %v", seq, err)
	}
}

// TestTombstonesGo: what remains of acknowledged entries goes too, but for what
// keeps the highest number.
func TestTombstonesGo(t *testing.T) {
	s, db := open(t, filepath.Join(t.TempDir(), "relay.db"))
	m := openMailbox(t, s, 1, storetest.T0+1e9)
	var seqs []int64
	for i := range 50 {
		bring(t, s, m, fmt.Sprint(i), "x", storetest.T0)
		seqs = append(seqs, int64(i+1))
	}
	if err := s.Acknowledge(ctx, m.ID, seqs); err != nil {
		t.Fatal(err)
	}
	life := int64(wire.EntryLife / time.Second)
	for _, step := range []struct {
		now  int64
		want int
	}{{storetest.T0 + life - 1, 50}, {storetest.T0 + life, 1}, {storetest.T0 + 3*life, 1}} {
		if err := s.Purge(ctx, step.now); err != nil {
			t.Fatal(err)
		}
		if got := count(t, db, "entries"); got != step.want {
			t.Errorf("at %d: %d rows, want %d", step.now-storetest.T0, got, step.want)
		}
	}
}
