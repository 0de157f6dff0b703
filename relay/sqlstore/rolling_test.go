package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"potli/relay"
	"potli/relay/sqlstore"
	v1 "potli/relay/sqlstore/testdata/v1"
	"potli/relay/storetest"
)

// twoReleases is the release before and this one over one database, as they are
// during an upgrade: the calls go to one and the other in turn. Kid is new, and
// keys must not change before all relays know it: a link that has one is the new
// one's alone. So is one that was taken down, whose id an owner's revocation at the
// old one would make free again: that is the one thing to wait with until the
// upgrade is through. Live too is the new one's, because the old one does not
// know repeats.
type twoReleases struct {
	*sqlstore.Store
	old  *v1.Store
	turn atomic.Int64
	kept sync.Map // ids of links that are the new one's
}

func (s *twoReleases) useOld(id string) bool {
	_, kept := s.kept.Load(id)
	return !kept && s.turn.Add(1)%2 == 0
}

func (s *twoReleases) Charge(ctx context.Context, r relay.Reader, mac string) (relay.Charged, error) {
	if s.useOld(r.ID) {
		return s.old.Charge(ctx, r, mac)
	}
	return s.Store.Charge(ctx, r, mac)
}

func (s *twoReleases) Create(ctx context.Context, l relay.Link, file []byte, now int64) (bool, error) {
	if l.Kid != 0 {
		s.kept.Store(l.ID, true)
	}
	if s.useOld(l.ID) {
		return s.old.Create(ctx, l, file, now)
	}
	return s.Store.Create(ctx, l, file, now)
}

func (s *twoReleases) Takedown(ctx context.Context, id string, now int64) error {
	s.kept.Store(id, true)
	return s.Store.Takedown(ctx, id, now)
}

func (s *twoReleases) Owned(ctx context.Context, id, token string) (relay.Link, error) {
	if s.useOld(id) {
		l, err := s.old.Owned(ctx, id, token)
		// What has ended is written over now, with zeros and a time that is none, and
		// was emptied then. Nobody opens it with either; its owner may be told that
		// time as its end by the release before, which to a wallet is one that is over.
		if l.Expires <= 1_000_000_000 {
			l.Expires = 0
		}
		if strings.Trim(l.PassMAC, "0") == "" {
			l.PassMAC = ""
		}
		if strings.Trim(string(l.ReceiptKey), "0") == "" {
			l.ReceiptKey = nil
		}
		return l, err
	}
	return s.Store.Owned(ctx, id, token)
}

func (s *twoReleases) Change(ctx context.Context, c relay.Claim, to relay.Terms) (relay.Link, error) {
	if s.useOld(c.ID) {
		return s.old.Change(ctx, c, to)
	}
	return s.Store.Change(ctx, c, to)
}

func (s *twoReleases) Replace(ctx context.Context, c relay.Claim, contentType string, file []byte) (relay.Link, error) {
	if s.useOld(c.ID) {
		return s.old.Replace(ctx, c, contentType, file)
	}
	return s.Store.Replace(ctx, c, contentType, file)
}

func (s *twoReleases) Revoke(ctx context.Context, c relay.Claim, keep int64) error {
	if s.useOld(c.ID) {
		return s.old.Revoke(ctx, c, keep)
	}
	return s.Store.Revoke(ctx, c, keep)
}

func (s *twoReleases) Part(ctx context.Context, file string, n int) ([]byte, error) {
	if s.useOld("") {
		return s.old.Part(ctx, file, n)
	}
	return s.Store.Part(ctx, file, n)
}

func (s *twoReleases) Erase(ctx context.Context, l relay.Link) error {
	if s.useOld(l.ID) {
		return s.old.Erase(ctx, l)
	}
	return s.Store.Erase(ctx, l)
}

func (s *twoReleases) AddReceipt(ctx context.Context, id string, n int, sealed []byte) error {
	if s.useOld(id) {
		return s.old.AddReceipt(ctx, id, n, sealed)
	}
	return s.Store.AddReceipt(ctx, id, n, sealed)
}

func (s *twoReleases) ReceiptsAfter(ctx context.Context, id string, n int) ([]relay.Receipt, error) {
	if s.useOld(id) {
		return s.old.ReceiptsAfter(ctx, id, n)
	}
	return s.Store.ReceiptsAfter(ctx, id, n)
}

// Purge is both's: they do it each minute, and the new one has more to do.
func (s *twoReleases) Purge(ctx context.Context, now int64) error {
	if err := s.old.Purge(ctx, now); err != nil {
		return err
	}
	return s.Store.Purge(ctx, now)
}

// engine opens one database again and again.
type engine struct {
	driver, dsn string
	dialect     sqlstore.Dialect
	translate   func(string) string // of the first release's statements
}

func file(t *testing.T) engine {
	return engine{"sqlite", sqlstore.DSN(filepath.Join(t.TempDir(), "relay.db")), sqlstore.SQLite, nil}
}

func (e engine) db(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open(e.driver, e.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (e engine) today(t *testing.T) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(ctx, e.db(t), e.dialect)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (e engine) before(t *testing.T) *v1.Store {
	t.Helper()
	s, err := v1.Open(ctx, e.db(t), e.translate)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// rolling runs on every engine.
func rolling(t *testing.T, fresh func(*testing.T) engine) {
	t.Run("both_at_once", func(t *testing.T) {
		storetest.RunLinks(t, func(t *testing.T) relay.Store {
			e := fresh(t)
			old := e.before(t) // it has prepared its statements before the tables change
			return &twoReleases{Store: e.today(t), old: old}
		})
	})
	t.Run("forth_and_back", func(t *testing.T) { forthAndBack(t, fresh(t)) })
	t.Run("versions", func(t *testing.T) { versions(t, fresh(t)) })
	t.Run("at_the_same_time", func(t *testing.T) { atTheSameTime(t, fresh(t)) })
	t.Run("died_half_way", func(t *testing.T) { diedHalfWay(t, fresh(t)) })
}

func TestRollingUpgrade(t *testing.T) { rolling(t, file) }

// forthAndBack: links made before an upgrade are there after it, and those made
// after it when it is taken back.
func forthAndBack(t *testing.T, e engine) {
	old := e.before(t)
	put := func(i int, s interface {
		Create(context.Context, relay.Link, []byte, int64) (bool, error)
	}) {
		if ok, err := s.Create(ctx, link(i, storetest.T0+60), []byte("x"), storetest.T0); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	guess := func(i, left int, s relay.Counters) {
		t.Helper()
		c, err := s.Charge(ctx, relay.Reader{ID: link(i, 0).ID, Now: storetest.T0, By: "b"}, "wrong")
		if err != nil || c.AttemptsLeft != left {
			t.Errorf("link %d: got %+v, %v, want %d attempts left", i, c, err, left)
		}
	}
	put(1, old)
	guess(1, 4, old)
	old.Close()
	today := e.today(t)
	put(2, today)
	guess(1, 3, today)
	guess(2, 4, today)
	today.Close()
	again := e.before(t) // the upgrade is taken back
	for i := 1; i <= 2; i++ {
		if _, err := again.Live(ctx, relay.Reader{ID: link(i, 0).ID, Now: storetest.T0, By: "b"}); err != nil {
			t.Errorf("link %d: %v", i, err)
		}
	}
	guess(1, 2, again)
	guess(2, 3, again)
	put(3, again)
	l, err := e.today(t).Owned(ctx, link(3, 0).ID, link(3, 0).Token)
	if err != nil || l.Kid != 0 {
		t.Errorf("what the release before made: %+v, %v", l, err)
	}
}

// versions: tables of a later program are used as long as they say that this
// program may, and left as they are.
func versions(t *testing.T, e engine) {
	e.today(t)
	db := e.db(t)
	set := func(name string, value int64) {
		t.Helper()
		if _, err := db.Exec(fmt.Sprintf(`UPDATE meta SET value = %d WHERE name = '%s'`, value, name)); err != nil {
			t.Fatal(err)
		}
	}
	set("version", 99)
	e.today(t)
	e.before(t)
	var got int64
	if err := db.QueryRow(`SELECT value FROM meta WHERE name = 'version'`).Scan(&got); err != nil || got != 99 {
		t.Errorf("the version of a later program is now %d, %v", got, err)
	}
	set("schema", 2) // from here on the first release must not touch them
	e.today(t)
	if _, err := v1.Open(ctx, e.db(t), e.translate); err == nil {
		t.Error("the first release opened tables that it does not understand")
	}
	set("schema", 99)
	if _, err := sqlstore.Open(ctx, e.db(t), e.dialect); err == nil {
		t.Error("tables were opened that need a later program")
	}
}

// atTheSameTime: all relays of a cluster are upgraded in the same moment.
func atTheSameTime(t *testing.T, e engine) {
	e.before(t)
	const many = 8
	dbs := make([]*sql.DB, many)
	for i := range dbs {
		dbs[i] = e.db(t)
	}
	done := make(chan error, many)
	for _, db := range dbs {
		go func() {
			s, err := sqlstore.Open(ctx, db, e.dialect)
			if err == nil {
				s.Close()
			}
			done <- err
		}()
	}
	for range dbs {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// diedHalfWay: an upgrade that broke off is taken up again, wherever that was.
func diedHalfWay(t *testing.T, e engine) {
	e.before(t)
	e.today(t)
	db := e.db(t)
	for _, left := range []string{`DELETE FROM meta WHERE name = 'version'`, `DELETE FROM meta WHERE name = 'tick'`, `DELETE FROM meta`} {
		if _, err := db.Exec(left); err != nil {
			t.Fatal(err)
		}
		if _, err := e.today(t).Tick(ctx, 0, 1); err != nil && left != `DELETE FROM meta WHERE name = 'tick'` {
			t.Errorf("after %s: %v", left, err)
		}
	}
}
