//go:build js && wasm && storetest

package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/cf"
)

// driver tests what relay/cf promises of database/sql. The object's storage is
// not the relay's any more afterwards.
func driver(t *testing.T) {
	db := cf.OpenDB()
	defer db.Close()
	empty(t, db)
	if _, err := db.Exec(`CREATE TABLE t (k TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL, v BLOB)`); err != nil {
		t.Fatal(err)
	}
	t.Run("values", func(t *testing.T) { values(t, db) })
	t.Run("refused", func(t *testing.T) { refused(t, db) })
	t.Run("counts", func(t *testing.T) { counts(t, db) })
	t.Run("blob", func(t *testing.T) { blob(t, db) })
	t.Run("goroutines", func(t *testing.T) { goroutines(t, db) })
}

// values go in and come out the same.
func values(t *testing.T, db *sql.DB) {
	for _, c := range []struct{ in, want any }{
		{"", ""}, {"text", "text"}, {"पोटली \x00 '?", "पोटली \x00 '?"},
		{int64(0), int64(0)}, {int64(-7), int64(-7)}, {int64(1<<53 - 1), int64(1<<53 - 1)}, {int64(-1<<53 + 1), int64(-1<<53 + 1)},
		{true, int64(1)}, {false, int64(0)}, {nil, nil},
		{[]byte{}, []byte{}}, {[]byte(nil), nil}, {[]byte{0, 255, 10}, []byte{0, 255, 10}},
	} {
		var got any
		if err := db.QueryRow(`SELECT ?1`, c.in).Scan(&got); err != nil || fmt.Sprintf("%T %v", got, got) != fmt.Sprintf("%T %v", c.want, c.want) {
			t.Errorf("%T %v came back as %T %v, %v", c.in, c.in, got, got, err)
		}
	}
	var kind string
	var n int64
	if _, err := db.Exec(`INSERT INTO t VALUES ('n', ?1, NULL)`, int64(1<<40)); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow(`SELECT typeof(n), n FROM t WHERE k = 'n'`).Scan(&kind, &n); err != nil || kind != "integer" || n != 1<<40 {
		t.Errorf("an integer is kept as %s %d, %v", kind, n, err)
	}
}

// refused is what cannot be carried exactly, and what there is not. It is an
// error, never a panic, and the error quotes nothing.
func refused(t *testing.T, db *sql.DB) {
	for name, v := range map[string]any{
		"above": int64(1 << 53), "below": int64(-1 << 53), "far": int64(math.MaxInt64), "float": 1.5, "time": time.Now(), "not UTF-8": "a\xff",
	} {
		if err := db.QueryRow(`SELECT ?1`, v).Scan(new(any)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	for name, query := range map[string]string{
		"a fraction": `SELECT 1.5`, "too large": `SELECT 9223372036854775807`, "nonsense": `SELECT nothing`, "a missing argument": `SELECT ?1`,
		"a second key": `INSERT INTO t VALUES ('n', 1, 'CANARY')`, "a missing value": `INSERT INTO t (k) VALUES ('CANARY')`, "a setting": `PRAGMA synchronous = 0`,
	} {
		err := db.QueryRow(query).Scan(new(any))
		if err == nil || err == sql.ErrNoRows || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := db.Begin(); err == nil {
		t.Error("a transaction began")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := db.ExecContext(ctx, `DELETE FROM t`); err == nil {
		t.Error("a statement began for somebody who had gone")
	}
}

func counts(t *testing.T, db *sql.DB) {
	exec := func(want int64, query string, args ...any) {
		t.Helper()
		res, err := db.Exec(query, args...)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := res.RowsAffected(); n != want || err != nil {
			t.Errorf("%s: %d rows, %v, want %d", query, n, err, want)
		}
	}
	exec(1, `INSERT INTO t VALUES ('once', 1, NULL) ON CONFLICT DO NOTHING`)
	exec(0, `INSERT INTO t VALUES ('once', 1, NULL) ON CONFLICT DO NOTHING`)
	exec(2, `INSERT INTO t VALUES ('a', 1, NULL), ('b', 1, NULL)`)
	exec(2, `UPDATE t SET n = n + 1 WHERE k IN ('a', 'b')`)
	exec(0, `UPDATE t SET n = 5 WHERE k = 'nobody'`)
	exec(2, `DELETE FROM t WHERE k IN ('a', 'b')`)
}

// blob: the largest row there is, byte for byte.
func blob(t *testing.T, db *sql.DB) {
	want := make([]byte, relay.PartSize)
	for i := range want {
		want[i] = byte(i ^ i>>8 ^ i>>16)
	}
	if _, err := db.Exec(`INSERT INTO t VALUES ('blob', 1, ?1)`, want); err != nil {
		t.Fatal(err)
	}
	var got []byte
	if err := db.QueryRow(`SELECT v FROM t WHERE k = 'blob'`).Scan(&got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
}

// goroutines take from one row, no more than there is.
func goroutines(t *testing.T, db *sql.DB) {
	if _, err := db.Exec(`INSERT INTO t VALUES ('row', 50, NULL)`); err != nil {
		t.Fatal(err)
	}
	left := make(chan int64, 100)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			var n int64
			if db.QueryRow(`UPDATE t SET n = n - 1 WHERE k = 'row' AND n > 0 RETURNING n`).Scan(&n) == nil {
				left <- n
			}
		})
	}
	all.Wait()
	close(left)
	seen := map[int64]bool{}
	for n := range left {
		seen[n] = true
	}
	if len(seen) != 50 {
		t.Errorf("100 takers found %d different numbers of 50", len(seen))
	}
}
