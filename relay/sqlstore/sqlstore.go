// Package sqlstore keeps a relay's links in a SQL database, through
// database/sql and without a driver of its own: the caller opens the database,
// for SQLite with DSN, and says which Dialect it speaks.
//
// The rules the statements keep, so that they are exact on any engine:
//
//   - What decides (an attempt, a use, a create, a change) is one statement with
//     its whole condition in WHERE and its outcome in RETURNING or a row count.
//     What is read before informs; it never decides.
//   - There is no BEGIN. Of several rows the deciding one is written last, and
//     made dead first when they are erased. Erasing is idempotent and repeated.
//   - Columns are TEXT, BIGINT or BLOB, never NULL; times are unix seconds.
//     Parameters are ?1, ?2 …, and no literal holds a question mark.
//   - No row is larger than relay.PartSize and a little.
package sqlstore

import (
	"context"
	"database/sql"
	"sync/atomic"

	"potli/relay"
)

// Store implements relay.Store.
type Store struct {
	db      *sql.DB
	dialect Dialect
	run     runner
	purged  atomic.Int64 // when the last purge came to its end; 0 when none did
}

var _ relay.Store = (*Store)(nil)

// Open makes the tables where they are missing and returns a store over db, or
// an error when the database would not keep what it acknowledged or its tables
// need a later program. The caller closes the store, then db.
func Open(ctx context.Context, db *sql.DB, d Dialect) (*Store, error) {
	return open(ctx, db, d, false)
}

// open is Open, and with singly runs each statement by itself on every engine.
func open(ctx context.Context, db *sql.DB, d Dialect, singly bool) (*Store, error) {
	n := d.connections()
	if singly && d == SQLite {
		n = 1
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	if err := d.check(ctx, db); err != nil {
		return nil, err
	}
	if err := migrate(ctx, db, d); err != nil {
		return nil, err
	}
	s := &Store{db: db, dialect: d}
	var err error
	if d == SQLite && !singly {
		s.run, err = newGroup(ctx, db, statements(d))
	} else {
		s.run, err = prepare(ctx, db, d, statements(d), all)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Close releases the connections and statements, not the database.
func (s *Store) Close() error { return s.run.Close() }
