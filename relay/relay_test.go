package relay_test

import (
	"context"
	"database/sql"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"potli/relay"
	"potli/relay/sqlstore"
	"potli/relay/storetest"
)

const appOrigin = "https://app.example"

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// world is a relay on loopback over a SQLite file.
type world struct {
	storetest.Client
	clock   *clock
	handler *relay.Handler
	store   relay.Store
	path    string // of the database
}

// openStore opens a SQLite file, or a PostgreSQL database by its URL.
func openStore(t testing.TB, database string) *sqlstore.Store {
	t.Helper()
	driver, dsn, dialect := "sqlite", sqlstore.DSN(database), sqlstore.SQLite
	if strings.HasPrefix(database, "postgres:") {
		driver, dsn, dialect = "pgx", database, sqlstore.Postgres
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlstore.Open(context.Background(), db, dialect)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); db.Close() })
	return s
}

// newWorld starts a relay without rate limits; edit changes its options.
func newWorld(t testing.TB, edit func(*relay.Options)) *world {
	t.Helper()
	w := &world{clock: &clock{t: time.Unix(1_800_000_137, 0)}, path: filepath.Join(t.TempDir(), "relay.db")}
	w.store = openStore(t, w.path)
	srv := httptest.NewUnstartedServer(nil)
	url := "http://" + srv.Listener.Addr().String()
	o := relay.Options{
		Store: w.store, Now: w.clock.now, Key: [32]byte{1}, PublicURL: url, AppOrigin: appOrigin,
		Limits: relay.Limits{Data: relay.Rate{PerMinute: -1}, Control: relay.Rate{PerMinute: -1}},
	}
	if edit != nil {
		edit(&o)
	}
	h, err := relay.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w.handler = h
	srv.Config.Handler = h
	srv.Start()
	t.Cleanup(srv.Close)
	w.Client = storetest.Client{Base: url, App: appOrigin, HTTP: srv.Client(), Now: w.clock.now}
	return w
}
