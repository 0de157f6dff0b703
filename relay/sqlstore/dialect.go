package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
)

// Dialect is the kind of database beneath a store. The statements are the same
// text for all; only what is said here differs.
type Dialect int

const (
	// SQLite is a file of this machine, opened with DSN.
	SQLite Dialect = iota + 1
	// Postgres is PostgreSQL 12 or later at READ COMMITTED, its default: a
	// statement that waited for a row looks again at the newest version of it,
	// which is what makes one conditional UPDATE exact. Several relays may share
	// one database. Connections must not pass through a pooler that mixes
	// sessions.
	Postgres
	// DurableObject is the SQLite inside a Durable Object, which keeps house
	// itself and refuses every PRAGMA.
	DurableObject
)

// String names d as a person would.
func (d Dialect) String() string {
	return [...]string{"no database", "SQLite", "PostgreSQL", "Durable Object"}[d]
}

// connections says how many a store may open. SQLite has one writer, and waiting
// for it here is faster and fairer than its own busy loop; one more is for
// whoever looks after the file. Two relays over one PostgreSQL stay well below
// the hundred it allows by default.
func (d Dialect) connections() int {
	switch d {
	case Postgres:
		return 16
	case SQLite:
		return 1 + readers + 1
	}
	return 1
}

// text is a statement in this dialect. There are no question marks in literals.
func (d Dialect) text(s string) string {
	if d != Postgres {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "?", "$"), " BLOB ", " BYTEA ")
}

// DSN returns the data source name for a SQLite file at path, for the driver
// modernc.org/sqlite. synchronous(FULL) is what makes a spent attempt survive a
// power cut; secure_delete is what makes erased ciphertext gone from the file.
func DSN(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_txlock=immediate" +
		"&_pragma=busy_timeout(5000)" +
		"&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)" +
		"&_pragma=secure_delete(1)"
}

// setting is what a database must answer to a question, or it would not keep
// what it acknowledged.
type setting struct {
	ask, name string
	ok        []string
}

func (d Dialect) settings() []setting {
	switch d {
	case SQLite:
		return []setting{
			{"PRAGMA synchronous", "synchronous", []string{"2"}},
			{"PRAGMA journal_mode", "journal_mode", []string{"wal"}},
			{"PRAGMA secure_delete", "secure_delete", []string{"1"}},
		}
	case Postgres:
		return []setting{
			{"SHOW synchronous_commit", "synchronous_commit", []string{"on", "local", "remote_write", "remote_apply"}},
			{"SHOW fsync", "fsync", []string{"on"}},
			{"SHOW full_page_writes", "full_page_writes", []string{"on"}},
			{"SHOW transaction_isolation", "transaction_isolation", []string{"read committed"}},
		}
	}
	return nil
}

// check refuses a database with other settings than those.
func (d Dialect) check(ctx context.Context, db *sql.DB) error {
	for _, s := range d.settings() {
		var got string
		if err := db.QueryRowContext(ctx, s.ask).Scan(&got); err != nil {
			return fmt.Errorf("reading the setting %s: %w", s.name, err)
		}
		if !s.allows(got) {
			return fmt.Errorf("the database has %s = %s, want %s, or a power cut would give back spent passcode attempts or erased files would linger",
				s.name, got, strings.Join(s.ok, " or "))
		}
	}
	return nil
}

func (s setting) allows(got string) bool {
	for _, ok := range s.ok {
		if strings.EqualFold(got, ok) {
			return true
		}
	}
	return false
}
