package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"potli/relay"
	"potli/relay/sqlstore"
	"potli/relay/storetest"
	"potli/relay/wire"
)

var ctx = context.Background()

// onDisk counts how often text occurs in the database and its log.
func onDisk(t *testing.T, path, text string) int {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no database: %v", err)
	}
	n := 0
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n += bytes.Count(b, []byte(text))
	}
	return n
}

func link(i int, expires int64) relay.Link {
	return relay.Link{
		ID: fmt.Sprintf("%064d", i), Expires: expires, Keep: expires + 100, UsesLeft: 3, AttemptsLeft: 5,
		Salt: []byte("SALT-CANARY"), PassMAC: "MAC-CANARY", Token: fmt.Sprint("token", i),
		ReceiptKey: []byte("KEY-CANARY"), ContentType: wire.ContentTypeFHIR,
	}
}

// TestT40_RL12_NothingLingers: two minutes after the end of many links, nothing
// of their ciphertext is in the file or in its log, also when the process died
// in the midst of erasing.
func TestT40_RL12_NothingLingers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.db")
	s, db := open(t, path)
	const many = 1000
	end := storetest.T0 + 60
	for i := range many {
		body := strings.Repeat(fmt.Sprintf("CANARY-%d-", i), 20)
		if i == 7 { // one of several parts
			body = strings.Repeat("CANARY-", relay.PartSize/2)
		}
		if ok, err := s.Create(ctx, link(i, end), []byte(body), storetest.T0); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	if onDisk(t, path, "CANARY") < many {
		t.Fatal("the search does not even find the living")
	}
	c, err := s.Charge(ctx, relay.Reader{ID: link(5, end).ID, Now: storetest.T0, By: "BY-CANARY"}, "MAC-CANARY")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddReceipt(ctx, link(5, end).ID, c.Receipt, []byte("sealed receipt")); err != nil {
		t.Fatal(err)
	}
	// What a purge that died half way leaves: parts gone, the row still there.
	if _, err := db.Exec(`DELETE FROM parts WHERE link = ?1`, link(3, end).ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(ctx, end); err != nil {
		t.Fatal(err)
	}
	if n := onDisk(t, path, "CANARY"); n != 0 {
		t.Errorf("%d pieces linger on disk", n)
	}
	if n := onDisk(t, path, "sealed receipt"); n != 1 {
		t.Errorf("%d receipts wait for their owner, want 1", n)
	}
	for table, want := range map[string]int{"links": 1, "parts": 0, "receipts": 1} {
		if got := count(t, db, table); got != want {
			t.Errorf("%d %s left, want %d", got, table, want)
		}
	}
	if err := s.Purge(ctx, end+100); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "links") + count(t, db, "receipts") + onDisk(t, path, "sealed receipt"); n != 0 {
		t.Errorf("%d remain after the keeping", n)
	}
}

// TestRL12_RevokedIsGone: what is revoked, replaced or locked does not wait for
// the purge, except for the copies in the log.
func TestRL12_RevokedIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.db")
	s, db := open(t, path)
	for i := range 3 {
		if _, err := s.Create(ctx, link(i, storetest.T0+60), []byte(strings.Repeat("CANARY", 100)), storetest.T0); err != nil {
			t.Fatal(err)
		}
	}
	claim := func(i int) relay.Claim {
		return relay.Claim{ID: link(i, 0).ID, Token: link(i, 0).Token, Sequence: 1, Now: storetest.T0}
	}
	if err := s.Revoke(ctx, claim(0), storetest.T0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Replace(ctx, claim(1), "t", []byte("new")); err != nil {
		t.Fatal(err)
	}
	l, err := s.Owned(ctx, link(2, 0).ID, link(2, 0).Token)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Erase(ctx, l); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "parts"); n != 1 {
		t.Errorf("%d parts, want that of the replaced file only", n)
	}
	if err := s.Purge(ctx, storetest.T0); err != nil {
		t.Fatal(err)
	}
	// The canaries of the link that lives are its salt, MAC and key.
	if n := onDisk(t, path, "CANARYCANARY"); n != 0 {
		t.Errorf("%d pieces linger on disk", n)
	}
}

// TestOrphans: uploads that never became a link go after ten minutes; after a
// restart even those of long ago.
func TestOrphans(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.db")
	s, db := open(t, path)
	orphan := func(name string, at int64) {
		t.Helper()
		if _, err := db.Exec(`INSERT INTO parts (file, n, link, added_at, body) VALUES (?1, 0, 'x', ?2, 'CANARY')`, name, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Create(ctx, link(1, storetest.T0+1e6), []byte("alive"), storetest.T0-1e6); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		added, purged int64
		want          int
	}{
		{storetest.T0 - 500_000, storetest.T0, 1}, // the first purge looks at everything
		{storetest.T0, storetest.T0 + 599, 2},     // perhaps still being uploaded
		{storetest.T0, storetest.T0 + 600, 1},
	} {
		orphan(fmt.Sprint("o", i), step.added)
		if err := s.Purge(ctx, step.purged); err != nil {
			t.Fatal(err)
		}
		if got := count(t, db, "parts"); got != step.want {
			t.Errorf("step %d: %d parts, want %d", i, got, step.want)
		}
	}
	// So do those of a change that was refused.
	late := relay.Claim{ID: link(1, 0).ID, Token: link(1, 0).Token, Sequence: 1, Now: storetest.T0 + 1e6}
	if _, err := s.Replace(ctx, late, "t", []byte("twice")); err == nil {
		t.Fatal("an expired link was replaced")
	}
	if got := count(t, db, "parts"); got != 2 {
		t.Errorf("%d parts, want 2", got)
	}
	if err := s.Purge(ctx, late.Now+600); err != nil {
		t.Fatal(err)
	}
	if got := count(t, db, "parts"); got != 0 {
		t.Errorf("%d parts, want 0", got)
	}
}

func count(t *testing.T, db *sql.DB, table string) int {
	t.Helper()
	var n int
	if err := db.QueryRow(`SELECT COUNT(*) FROM ` + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNoBegin runs the whole contract on a driver whose transactions fail: some
// engines have none, and no statement may need one.
func TestNoBegin(t *testing.T) {
	storetest.Run(t, func(t *testing.T) relay.Store {
		plain, err := sql.Open("sqlite", "")
		if err != nil {
			t.Fatal(err)
		}
		defer plain.Close()
		db := sql.OpenDB(noBegin{plain.Driver(), sqlstore.DSN(filepath.Join(t.TempDir(), "relay.db"))})
		s, err := sqlstore.OpenSingly(ctx, db, sqlstore.SQLite)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			var largest int
			if err := db.QueryRow(`SELECT COALESCE(MAX(LENGTH(body)), 0) FROM parts`).Scan(&largest); err != nil || largest > relay.PartSize {
				t.Errorf("the largest row has %d bytes, %v", largest, err)
			}
			s.Close()
			db.Close()
		})
		return s
	})
}

// noBegin hides the driver's transactions. What is left of the connection is
// the least that database/sql asks for.
type noBegin struct {
	d   driver.Driver
	dsn string
}

func (n noBegin) Driver() driver.Driver { return n.d }

func (n noBegin) Connect(context.Context) (driver.Conn, error) {
	c, err := n.d.Open(n.dsn)
	return noBeginConn{c}, err
}

type noBeginConn struct{ driver.Conn }

func (noBeginConn) Begin() (driver.Tx, error) { panic("the store began a transaction") }

// TestOrphansOfAPause: a relay that could not purge for hours, because its machine
// slept or the database was away, then finds what broke off just before.
func TestOrphansOfAPause(t *testing.T) {
	s, db := open(t, filepath.Join(t.TempDir(), "relay.db"))
	if err := s.Purge(ctx, storetest.T0); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`INSERT INTO parts (file, n, link, added_at, body) VALUES ('o', 0, 'x', ?1, 'CANARY')`,
		`INSERT INTO bodies (file, n, added_at, body) VALUES ('o', 0, ?1, 'CANARY')`,
	} {
		if _, err := db.Exec(text, storetest.T0+1); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Purge(ctx, storetest.T0+5*3600); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "parts") + count(t, db, "bodies"); n != 0 {
		t.Errorf("%d orphans linger", n)
	}
}

// TestOrphansCount: an upload that broke off fills the disk like any other until
// it is purged, so that it counts towards what is stored.
func TestOrphansCount(t *testing.T) {
	s, db := open(t, filepath.Join(t.TempDir(), "relay.db"))
	if _, err := s.Create(ctx, link(1, storetest.T0+1000), []byte("alive"), storetest.T0); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`INSERT INTO parts (file, n, link, added_at, body) VALUES ('o', 0, 'x', ?1, CAST('123456' AS BLOB))`,
		`INSERT INTO bodies (file, n, added_at, body) VALUES ('o', 0, ?1, CAST('1234567' AS BLOB))`,
	} {
		if _, err := db.Exec(text, storetest.T0); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct{ now, want int64 }{{storetest.T0, 6 + 7}, {storetest.T0 + 600, 0}} {
		if err := s.Purge(ctx, step.now); err != nil {
			t.Fatal(err)
		}
		got, err := s.Count(ctx, step.now)
		if err != nil || got.Loose != step.want || got.Bytes != 5 {
			t.Errorf("%d s later: %+v, %v, want %d bytes", step.now-storetest.T0, got, err, step.want)
		}
	}
}
