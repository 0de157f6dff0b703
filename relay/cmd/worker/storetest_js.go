//go:build js && wasm && storetest

package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/cf"
	"potli/relay/sqlstore"
	"potli/relay/storetest"
)

// A test build offers what a test asks of a shard that no client may. The
// program that is deployed has none of it: this file is not in it.
func init() {
	os.Args = []string{"relay", "-test.v"}
	var forward atomic.Int64
	clock = func() time.Time { return time.Now().Add(time.Duration(forward.Load())) }
	cf.Offer("hour", func() (any, error) { return nil, add(&forward, time.Hour) })
	cf.Offer("collect", collect)
	cf.Offer("crash", func() (any, error) { panic("as a test wants it") })
	cf.Offer("contract", func() (any, error) { return nil, runTests("contract", contract) })
	cf.Offer("driver", func() (any, error) { return nil, runTests("driver", driver) })
	cf.Offer("rows", rows)
	cf.Offer("post", post)
}

func add(to *atomic.Int64, d time.Duration) error {
	to.Add(int64(d))
	return nil
}

// runTests ends the program, as tests do.
// collect lets go of what nobody uses: Go keeps values of JavaScript until then.
func collect() (any, error) {
	for range 3 { // a finalizer runs after a collection, and frees for the next
		runtime.GC()
		runtime.Gosched()
	}
	return nil, nil
}

func runTests(name string, f func(*testing.T)) error {
	every := func(string, string) (bool, error) { return true, nil }
	testing.Main(every, []testing.InternalTest{{Name: name, F: f}}, nil, nil)
	return nil
}

// contract is the store's, over this object's storage, emptied for each test.
func contract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) relay.Store {
		db := cf.OpenDB()
		empty(t, db)
		s, err := sqlstore.Open(context.Background(), db, sqlstore.DurableObject)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			s.Close()
			db.Close()
		})
		return s
	})
}

// tables are ours; the platform's own begin with an underscore.
const tables = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\_%' ESCAPE '\' AND name NOT LIKE 'sqlite%'`

func names(db *sql.DB) (list []string, err error) {
	rs, err := db.Query(tables)
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	for rs.Next() {
		var name string
		if err := rs.Scan(&name); err != nil {
			return nil, err
		}
		list = append(list, name)
	}
	return list, rs.Err()
}

func empty(t *testing.T, db *sql.DB) {
	list, err := names(db)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range list {
		if _, err := db.Exec(`DROP TABLE ` + name); err != nil {
			t.Fatal(err)
		}
	}
}

// rows counts what the object keeps, but for what it says of itself.
func rows() (any, error) {
	db := cf.OpenDB()
	defer db.Close()
	list, err := names(db)
	total := 0
	for _, name := range list {
		var n int
		if name == "meta" {
			continue
		}
		if err := db.QueryRow(`SELECT COUNT(*) FROM ` + name).Scan(&n); err != nil {
			return nil, err
		}
		total += n
	}
	return total, err
}

// post sends to where the test listens.
func post() (any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	status, err := cf.Post(ctx, cf.TestURL(), map[string]string{"TTL": "60", "X-Comma": "a, b"}, []byte("body"))
	if err != nil {
		return fmt.Sprint(err), nil
	}
	return status, nil
}
