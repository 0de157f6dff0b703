package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"potli/relay/sqlstore"
)

// openStore opens the store that c names, and makes sure that it is no old copy;
// if it is, out says so.
func openStore(ctx context.Context, c config, out io.Writer) (*watched, error) {
	if err := makeData(c.data); err != nil {
		return nil, err
	}
	open := openFile
	if isPostgres(c.store) {
		open = openPostgres
	}
	s, close, err := open(ctx, c.store)
	if err != nil {
		return nil, err
	}
	w, err := watch(ctx, s, c.witness, out, close)
	if err != nil {
		return nil, errors.Join(err, close())
	}
	return w, nil
}

func isPostgres(store string) bool {
	return strings.HasPrefix(store, "postgres://") || strings.HasPrefix(store, "postgresql://")
}

// openFile opens a SQLite file, and returns what closes it. It moves the
// write-ahead log into the database, so that one file is left and nothing erased
// lingers in the other.
func openFile(ctx context.Context, path string) (*sqlstore.Store, func() error, error) {
	if err := forUserOnly(path); err != nil {
		return nil, nil, fmt.Errorf("opening %s: %w", path, err)
	}
	db, err := sql.Open("sqlite", sqlstore.DSN(path))
	if err != nil {
		return nil, nil, fmt.Errorf("opening %s: %w", path, err)
	}
	s, err := sqlstore.Open(ctx, db, sqlstore.SQLite)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), db.Close())
	}
	return s, func() error {
		err := s.Close()
		_, e := db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		return errors.Join(err, e, db.Close())
	}, nil
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

const (
	connectTime = 10 * time.Second
	idleConn    = 5 * time.Minute // shorter than what lies between may remember one
)

// openPostgres opens a database of a PostgreSQL server. The address may hold a
// password, so that no error repeats it.
func openPostgres(ctx context.Context, url string) (*sqlstore.Store, func() error, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, nil, errors.New("-store is no address of a PostgreSQL database; it looks like postgres://user@host/database")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTime
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "potli"
	}
	db := stdlib.OpenDB(*config)
	db.SetConnMaxIdleTime(idleConn)
	s, err := sqlstore.Open(ctx, db, sqlstore.Postgres)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("opening the PostgreSQL store: %w", err), db.Close())
	}
	return s, func() error { return errors.Join(s.Close(), db.Close()) }, nil
}
