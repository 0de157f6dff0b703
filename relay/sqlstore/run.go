package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"potli/relay"
)

// runner is how statements reach the database. A statement that has begun is
// never interrupted: the driver would throw the connection away, and whoever
// hangs up often could make everybody wait.
type runner interface {
	// exec returns how many rows were changed, once that is committed.
	exec(ctx context.Context, text string, args []any) (int64, error)
	// query lets read read all rows, and returns once what was changed is
	// committed. After an error what read has seen did not happen. read may be
	// called more than once, each time from the start.
	query(ctx context.Context, text string, args []any, read func(*sql.Rows) error) error
	Close() error
}

// exec runs one statement and returns how many rows it changed.
func (s *Store) exec(ctx context.Context, text string, args ...any) (int64, error) {
	n, err := s.run.exec(ctx, text, args)
	return n, naming(ctx, err)
}

// one runs a statement that yields one row or none (relay.ErrGone).
func (s *Store) one(ctx context.Context, text string, args []any, dest ...any) error {
	var found bool
	err := s.run.query(ctx, text, args, func(rows *sql.Rows) error {
		if found = rows.Next(); !found {
			return nil
		}
		return rows.Scan(dest...)
	})
	if err == nil && !found {
		return relay.ErrGone
	}
	return naming(ctx, err)
}

// each calls f for every row of a statement that changes nothing.
func (s *Store) each(ctx context.Context, text string, args []any, f func(*sql.Rows) error) error {
	return naming(ctx, s.run.query(ctx, text, args, func(rows *sql.Rows) error {
		for rows.Next() {
			if err := f(rows); err != nil {
				return err
			}
		}
		return nil
	}))
}

// naming says whose error it is, unless it is the caller's own.
func naming(ctx context.Context, err error) error {
	if err == nil || err == ctx.Err() {
		return err
	}
	return fmt.Errorf("store: %w", err)
}

// prepared are statements by their text, of one connection or of a pool.
type prepared map[string]*sql.Stmt

type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// prepare prepares those texts that which chooses, in a dialect.
func prepare(ctx context.Context, on preparer, d Dialect, texts []string, which func(string) bool) (prepared, error) {
	p := make(prepared)
	for _, text := range texts {
		if !which(text) {
			continue
		}
		st, err := on.PrepareContext(ctx, d.text(text))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("preparing the relay's statements: %w", err), p.Close())
		}
		p[text] = st
	}
	return p, nil
}

func all(string) bool { return true }

// reads reports whether a statement changes nothing.
func reads(text string) bool { return strings.HasPrefix(text, "SELECT") }

// exec and query make prepared the plainest runner: each statement by itself, as
// engines without transactions do it.
func (p prepared) exec(ctx context.Context, text string, args []any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	res, err := p[text].ExecContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// query reads to the end, because a writing statement is committed there and
// not before.
func (p prepared) query(ctx context.Context, text string, args []any, read func(*sql.Rows) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	rows, err := p[text].QueryContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return err
	}
	err = read(rows)
	for rows.Next() { // to the end
	}
	return errors.Join(err, rows.Err(), rows.Close())
}

// Close releases the statements, not the database.
func (p prepared) Close() error {
	var errs []error
	for _, st := range p {
		errs = append(errs, st.Close())
	}
	return errors.Join(errs...)
}
