package sqlstore_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"potli/relay"
	"potli/relay/sqlstore"
	"potli/relay/storetest"
)

func open(t *testing.T, path string) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	db, err := sql.Open("sqlite", sqlstore.DSN(path))
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlstore.Open(context.Background(), db, sqlstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); db.Close() })
	return s, db
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) relay.Store {
		s, _ := open(t, filepath.Join(t.TempDir(), "relay.db"))
		return s
	})
}

// TestSettings: a database that forgets what it acknowledged, or keeps what it
// erased, is refused.
func TestSettings(t *testing.T) {
	for _, tt := range []struct{ from, to, setting string }{
		{"synchronous(FULL)", "synchronous(NORMAL)", "synchronous"},
		{"journal_mode(WAL)", "journal_mode(DELETE)", "journal_mode"},
		{"secure_delete(1)", "secure_delete(0)", "secure_delete"},
	} {
		dsn := sqlstore.DSN(filepath.Join(t.TempDir(), "relay.db"))
		bad := strings.Replace(dsn, tt.from, tt.to, 1)
		if bad == dsn {
			t.Fatalf("the DSN does not set %s", tt.setting)
		}
		db, err := sql.Open("sqlite", bad)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := sqlstore.Open(context.Background(), db, sqlstore.SQLite); err == nil || !strings.Contains(err.Error(), tt.setting) {
			t.Errorf("%s: got %v, want a refusal", tt.to, err)
		}
	}
}

func TestOddPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder? with #100% odd &names")
	_, db := open(t, path)
	var got string
	if err := db.QueryRow(`SELECT file FROM pragma_database_list`).Scan(&got); err != nil || got != path {
		t.Errorf("the file is %q, %v, want %q", got, err, path)
	}
}

func TestLaterVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.db")
	_, db := open(t, path)
	if _, err := db.Exec(`UPDATE meta SET value = 99`); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlstore.Open(context.Background(), db, sqlstore.SQLite); err == nil {
		t.Error("tables of a later version were opened")
	}
}
