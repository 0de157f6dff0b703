package v1

import (
	"context"
	"database/sql"
	"fmt"

	"potli/relay"
)

// exec runs one statement and returns how many rows it changed.
//
// A statement that has begun is never interrupted: the driver would throw the
// connection away, and whoever hangs up often could make everybody wait.
func (s *Store) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	res, err := s.stmts[text].ExecContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	return res.RowsAffected()
}

// one runs a statement that yields one row or none (relay.ErrGone). It reads to
// the end, because a writing statement is committed there and not before.
func (s *Store) one(ctx context.Context, text string, args []any, dest ...any) error {
	n := 0
	err := s.each(ctx, text, args, func(rows *sql.Rows) error {
		n++
		return rows.Scan(dest...)
	})
	if err == nil && n == 0 {
		err = relay.ErrGone
	}
	return err
}

// each calls f for every row.
func (s *Store) each(ctx context.Context, text string, args []any, f func(*sql.Rows) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	rows, err := s.stmts[text].QueryContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer func() {
		if e := rows.Close(); err == nil && e != nil {
			err = fmt.Errorf("store: %w", e)
		}
	}()
	for rows.Next() {
		if err := f(rows); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
