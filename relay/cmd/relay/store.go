package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"potli/relay/sqlstore"
)

// sqliteStore is the relay's store together with its database.
type sqliteStore struct {
	*sqlstore.Store
	db *sql.DB
}

// openStore opens relay.db in the data folder.
func openStore(ctx context.Context, c config) (*sqliteStore, error) {
	if err := makeData(c.data); err != nil {
		return nil, err
	}
	path := c.store
	if err := forUserOnly(path); err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	db, err := sql.Open("sqlite", sqlstore.DSN(path))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	s, err := sqlstore.Open(ctx, db, sqlstore.SQLite)
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return &sqliteStore{s, db}, nil
}

// forUserOnly makes the file of the database, or takes it from others: the folder
// may have been there before, open to all. SQLite gives its other files the same
// mode.
func forUserOnly(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// Close moves the write-ahead log into the database, so that one file is left
// and nothing erased lingers in the other, and closes it.
func (s *sqliteStore) Close() error {
	_, err := s.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, s.Store.Close(), s.db.Close())
}
