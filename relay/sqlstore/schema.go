package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// The tables have a version, and it only grows. A relay of the release before
// must be able to go on while the first of the new release starts, and to be
// started again when the new one disappoints, so:
//
//   - a column is added, never removed, renamed or given another meaning, and
//     has a default, so that an INSERT which does not know it still works;
//   - a table or an index is added, never changed;
//   - a release that cannot keep this says with needs which version a program
//     must know at the least. All older ones then refuse to start.
//
// Two rows of meta say where a database stands. "version" is that of the
// tables. "schema" is the oldest version a program must know to use them: a
// program refuses a larger number than its own. The first release wrote and
// compared "schema" alone, for equality with 1; it therefore goes on working
// with every version that has "schema" 1.

// migration leads from the version before to the next.
type migration struct {
	needs int64 // the least version of a program that may use the tables from here on
	steps []step
}

// step is one statement that does no harm when repeated: a process may have died
// after it. SQLite cannot say ADD COLUMN IF NOT EXISTS, hence the probe, a query
// that fails until the step has been done.
type step struct{ probe, text string }

func steps(texts ...string) []step {
	list := make([]step, len(texts))
	for i, text := range texts {
		list[i].text = text
	}
	return list
}

// column adds one to a table; definition must end in NOT NULL DEFAULT and a value.
func column(table, name, definition string) step {
	return step{
		probe: `SELECT ` + name + ` FROM ` + table + ` WHERE 1 = 0`,
		text:  `ALTER TABLE ` + table + ` ADD COLUMN ` + name + ` ` + definition,
	}
}

// version is the one this program knows.
var version = int64(len(migrations))

var migrations = []migration{
	{needs: 1, steps: steps(schema1...)},
	{needs: 1, steps: slices.Concat(
		// kid says which of the relay's keys made pass_mac; 0 is the first.
		[]step{column("links", "kid", `BIGINT NOT NULL DEFAULT 0`)},
		steps(`INSERT INTO meta (name, value) VALUES ('tick', 0) ON CONFLICT DO NOTHING`),
		steps(mailboxSchema...),
		steps(pushSchema...),
	)},
}

const createMeta = `CREATE TABLE IF NOT EXISTS meta (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL)`

// schema1 is what the first release made.
var schema1 = []string{
	// seen_by and seen_at are the last reader charged and when; mark is the random
	// number of the opening that last counted; keep_until is for how long a
	// link's receipts outlive it. uses_left is -1 once a used-up link is closed.
	`CREATE TABLE IF NOT EXISTS links (
		id_hash TEXT NOT NULL PRIMARY KEY,
		flag TEXT NOT NULL,
		strict BIGINT NOT NULL,
		expires_at BIGINT NOT NULL,
		keep_until BIGINT NOT NULL,
		paused BIGINT NOT NULL,
		uses_left BIGINT NOT NULL,
		attempts_left BIGINT NOT NULL,
		pass_salt BLOB NOT NULL,
		pass_mac TEXT NOT NULL,
		manage_hash TEXT NOT NULL,
		manage_seq BIGINT NOT NULL,
		receipt_key BLOB NOT NULL,
		receipts BIGINT NOT NULL,
		seen_by TEXT NOT NULL,
		seen_at BIGINT NOT NULL,
		mark TEXT NOT NULL,
		file TEXT NOT NULL,
		size BIGINT NOT NULL,
		content_type TEXT NOT NULL,
		updated_at BIGINT NOT NULL)`,
	// What the purge looks for, so that it never reads links that are well.
	`CREATE INDEX IF NOT EXISTS links_file ON links (expires_at, size) WHERE file <> ''`,
	`CREATE INDEX IF NOT EXISTS links_spent ON links (id_hash) WHERE file <> '' AND (attempts_left <= 0 OR uses_left <= 0)`,
	`CREATE INDEX IF NOT EXISTS links_empty ON links (keep_until) WHERE file = ''`,
	`CREATE TABLE IF NOT EXISTS parts (
		file TEXT NOT NULL,
		n BIGINT NOT NULL,
		link TEXT NOT NULL,
		added_at BIGINT NOT NULL,
		body BLOB NOT NULL,
		PRIMARY KEY (file, n))`,
	`CREATE INDEX IF NOT EXISTS parts_added ON parts (added_at, link, file)`,
	`CREATE TABLE IF NOT EXISTS receipts (
		link TEXT NOT NULL,
		n BIGINT NOT NULL,
		sealed BLOB NOT NULL,
		PRIMARY KEY (link, n))`,
}

const (
	readMeta = `SELECT value FROM meta WHERE name = ?1`
	// Two programs may start at once: the larger number stays.
	raiseMeta = `INSERT INTO meta (name, value) VALUES (?1, ?2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE meta.value < excluded.value`

	// schemaLock is the number of the advisory lock under which one PostgreSQL
	// session at a time changes the tables: there, two CREATE IF NOT EXISTS at
	// once can fail. It spells "potli".
	schemaLock = 0x706f746c69
)

// migrate brings the tables to this program's version, and refuses those that
// need a later one.
func migrate(ctx context.Context, db *sql.DB, d Dialect) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reaching the database: %w", err)
	}
	defer conn.Close()
	if d == Postgres {
		if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, schemaLock); err != nil {
			return fmt.Errorf("waiting for the tables: %w", err)
		}
		defer conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, schemaLock)
	}
	t := tables{conn, d}
	if err := t.apply(ctx, step{text: createMeta}); err != nil {
		return err
	}
	have, needs, err := t.versions(ctx)
	if err != nil {
		return err
	}
	if needs > version {
		return fmt.Errorf("the tables are of version %d and need a program that knows version %d; this one knows %d", have, needs, version)
	}
	for ; have < version; have++ {
		if err := t.raise(ctx, have+1, migrations[have]); err != nil {
			return err
		}
	}
	return nil
}

// tables changes the schema over one connection.
type tables struct {
	conn *sql.Conn
	d    Dialect
}

// versions are 0 and 0 of an empty database. Tables of the first release say
// only what they need.
func (t tables) versions(ctx context.Context) (have, needs int64, err error) {
	if have, err = t.read(ctx, "version"); err != nil {
		return 0, 0, err
	}
	needs, err = t.read(ctx, "schema")
	return max(have, needs), needs, err
}

func (t tables) read(ctx context.Context, name string) (int64, error) {
	var v int64
	err := t.conn.QueryRowContext(ctx, t.d.text(readMeta), name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the version of the tables: %w", err)
	}
	return v, nil
}

// raise does one migration, and says so last.
func (t tables) raise(ctx context.Context, to int64, m migration) error {
	for _, s := range m.steps {
		if err := t.apply(ctx, s); err != nil {
			return err
		}
	}
	for name, value := range map[string]int64{"schema": m.needs, "version": to} {
		if _, err := t.conn.ExecContext(ctx, t.d.text(raiseMeta), name, value); err != nil {
			return fmt.Errorf("writing the version of the tables: %w", err)
		}
	}
	return nil
}

// apply does a step, unless it has been done; another process may be doing it.
func (t tables) apply(ctx context.Context, s step) error {
	if t.done(ctx, s) {
		return nil
	}
	if _, err := t.conn.ExecContext(ctx, t.d.text(s.text)); err != nil && !t.done(ctx, s) {
		return fmt.Errorf("making the relay's tables: %w", err)
	}
	return nil
}

func (t tables) done(ctx context.Context, s step) bool {
	if s.probe == "" {
		return false
	}
	rows, err := t.conn.QueryContext(ctx, s.probe)
	if err != nil {
		return false
	}
	for rows.Next() { // there are none
	}
	return errors.Join(rows.Err(), rows.Close()) == nil
}
