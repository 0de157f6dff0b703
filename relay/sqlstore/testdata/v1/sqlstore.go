// Package v1 is the store of the first release, frozen: its statements are as
// they went out, to be run beside today's over one database. Changed are only the
// package's name, and Open, which takes a translation for PostgreSQL, where the
// first release never ran.
package v1

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
)

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

// Store implements relay.Store.
type Store struct {
	db    *sql.DB
	file  bool // SQLite
	stmts map[string]*sql.Stmt
	swept atomic.Bool // a purge has looked at every part once
}

// Open makes the tables where they are missing and returns a store over db, or
// an error when the database would not keep what it acknowledged. The caller
// closes the store, then db.
func Open(ctx context.Context, db *sql.DB, translate func(string) string) (*Store, error) {
	file := translate == nil
	if file {
		translate = func(s string) string { return s }
		// One connection: SQLite has one writer, and waiting for it here is faster
		// and fairer than its own busy loop.
		db.SetMaxOpenConns(1)
		if err := checkSettings(ctx, db); err != nil {
			return nil, err
		}
	}
	for _, s := range schema {
		if _, err := db.ExecContext(ctx, translate(s)); err != nil {
			return nil, fmt.Errorf("making the relay's tables: %w", err)
		}
	}
	if err := checkVersion(ctx, db, translate); err != nil {
		return nil, err
	}
	s := &Store{db: db, file: file, stmts: make(map[string]*sql.Stmt)}
	for _, text := range statements {
		if text == truncateLog && !file {
			continue
		}
		st, err := db.PrepareContext(ctx, translate(text))
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("preparing the relay's statements: %w", err)
		}
		s.stmts[text] = st
	}
	return s, nil
}

// Close releases the prepared statements, not the database.
func (s *Store) Close() error {
	var errs []error
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	return errors.Join(errs...)
}

// checkSettings refuses a SQLite database that was opened with other settings
// than those of DSN.
func checkSettings(ctx context.Context, db *sql.DB) error {
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "secure_delete": "1"} {
		var got string
		if err := db.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil {
			return fmt.Errorf("reading the setting %s: %w", pragma, err)
		}
		if !strings.EqualFold(got, want) {
			return fmt.Errorf("the database has %s = %s, want %s, or a power cut would give back spent passcode attempts or erased files would linger", pragma, got, want)
		}
	}
	return nil
}

// checkVersion refuses tables of a later program.
func checkVersion(ctx context.Context, db *sql.DB, translate func(string) string) error {
	if _, err := db.ExecContext(ctx, translate(`INSERT INTO meta (name, value) VALUES ('schema', ?1) ON CONFLICT DO NOTHING`), version); err != nil {
		return fmt.Errorf("writing the version of the tables: %w", err)
	}
	var got int64
	if err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'schema'`).Scan(&got); err != nil {
		return fmt.Errorf("reading the version of the tables: %w", err)
	}
	if got != version {
		return fmt.Errorf("the tables are of version %d, this program knows %d", got, version)
	}
	return nil
}
