//go:build unix

package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/sqlstore"
	"potli/relay/storetest/postgres"
	"potli/relay/wire"
)

// backups are how an operator of an engine makes a consistent copy of the store
// that c names, while it is in use or not, and what c is with that copy put back.
type backups struct {
	fresh   func(*testing.T) config
	copy    func(*testing.T, config) (putBack func() config)
	running bool // it may be in use while it is copied
}

// fileBackups copies with VACUUM INTO, as the README says. A plain copy of
// relay.db alone would lack what is in its write-ahead log.
func fileBackups() backups {
	return backups{fresh: testConfig, running: true, copy: func(t *testing.T, c config) func() config {
		t.Helper()
		db, err := sql.Open("sqlite", sqlstore.DSN(c.store))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		kept := filepath.Join(t.TempDir(), "backup.db")
		if _, err := db.Exec("VACUUM INTO ?", kept); err != nil {
			t.Fatal(err)
		}
		return func() config {
			for _, suffix := range []string{"-wal", "-shm"} {
				os.Remove(c.store + suffix)
			}
			b, err := os.ReadFile(kept)
			if err == nil {
				err = os.WriteFile(c.store, b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
	}}
}

func postgresBackups(server *postgres.Server) backups {
	return backups{
		fresh: func(t *testing.T) config {
			c := testConfig(t)
			c.store = server.Database(t)
			return c
		},
		copy: func(t *testing.T, c config) func() config {
			c.store = server.Copy(t, c.store)
			return func() config { return c }
		},
	}
}

func TestRestore(t *testing.T) { restores(t, fileBackups()) }

func TestRestorePostgres(t *testing.T) { restores(t, postgresBackups(postgres.Start(t))) }

func restores(t *testing.T, b backups) {
	t.Run("old_copy", func(t *testing.T) { oldCopy(t, b) })
	t.Run("ordinary_restart", func(t *testing.T) { ordinaryRestart(t, b.fresh(t)) })
	t.Run("fresh_database_old_witness", func(t *testing.T) { freshDatabase(t, b) })
	t.Run("another_between", func(t *testing.T) { anotherBetween(t, b) })
	t.Run("while_it_runs", func(t *testing.T) { oldWhileRunning(t, b.fresh(t)) })
	t.Run("said_by_the_operator", func(t *testing.T) { saidByOperator(t, b.fresh(t)) })
}

// holder is a store that is open, with what it has printed.
type holder struct {
	*testing.T
	*watched
	out bytes.Buffer
}

func openHolder(t *testing.T, c config) *holder {
	t.Helper()
	k := &holder{T: t}
	var err error
	if k.watched, err = openStore(t.Context(), c, &k.out); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *holder) stop() {
	k.Helper()
	if err := k.watched.Close(); err != nil {
		k.Fatal(err)
	}
}

func (k *holder) distrusted(want bool) {
	k.Helper()
	if got := strings.Contains(k.out.String(), "an old copy was put back"); got != want {
		k.Errorf("distrusted: %v, want %v; it said:\n%s", got, want, &k.out)
	}
}

func name(n int) string { return fmt.Sprintf("%064d", n) }

func (k *holder) make(n int, flag string) {
	k.Helper()
	end := time.Now().Add(time.Hour).Unix()
	l := relay.Link{ID: name(n), Token: fmt.Sprint("token", n), Flag: flag, Expires: end, Keep: end, UsesLeft: 9, AttemptsLeft: 5,
		PassMAC: "right", ContentType: wire.ContentTypeFHIR}
	if ok, err := k.Create(k.Context(), l, []byte("sealed"), time.Now().Unix()); !ok || err != nil {
		k.Fatal(ok, err)
	}
}

func (k *holder) open(n int, mac string) error {
	_, err := k.Charge(k.Context(), relay.Reader{ID: name(n), Now: time.Now().Unix(), By: "somebody"}, mac)
	return err
}

func (k *holder) state(n int) relay.Link {
	k.Helper()
	l, err := k.Owned(k.Context(), name(n), fmt.Sprint("token", n))
	if err != nil {
		k.Fatal(err)
	}
	return l
}

func (k *holder) claim(n int, sequence int64) relay.Claim {
	return relay.Claim{ID: name(n), Token: fmt.Sprint("token", n), Sequence: sequence, Now: time.Now().Unix()}
}

const (
	locked = iota
	guessed
	revoked
	alive
)

// makeFour makes one link for each of those names.
func (k *holder) makeFour() {
	k.Helper()
	k.make(locked, "P")
	k.make(guessed, "LP")
	k.make(revoked, "U")
	k.make(alive, "")
}

// oldCopy: after a copy was made, attempts are spent, and a link is revoked. The
// copy, put back, gives nothing of that back.
func oldCopy(t *testing.T, b backups) {
	c := b.fresh(t)
	k := openHolder(t, c)
	k.makeFour()
	mailbox := relay.Mailbox{ID: name(9), Token: "token9", Expires: time.Now().Add(time.Hour).Unix(), MostEntries: 9, MostBytes: 999}
	if _, err := k.OpenMailbox(t.Context(), mailbox, time.Now().Unix()); err != nil {
		t.Fatal(err)
	}
	deposit := func(k *holder, id string) int64 {
		t.Helper()
		n, err := k.Deposit(t.Context(), mailbox.ID, id, []byte("sealed"), time.Now().Unix())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	deposit(k, "a")
	if !b.running {
		k.stop()
	}
	putBack := b.copy(t, c)
	if !b.running {
		k = openHolder(t, c)
	}
	for range 5 {
		if err := k.open(locked, "wrong"); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.open(guessed, "wrong"); err != nil {
		t.Fatal(err)
	}
	if err := k.Revoke(t.Context(), k.claim(revoked, 1), time.Now().Unix()); err != nil {
		t.Fatal(err)
	}
	heard := deposit(k, "b")
	k.stop()

	c = putBack()
	k = openHolder(t, c)
	k.distrusted(true)
	if !strings.Contains(k.out.String(), "2 links with a passcode") || !strings.Contains(k.out.String(), "2 others") {
		t.Errorf("it said:\n%s", &k.out)
	}
	for _, n := range []int{locked, guessed, revoked, alive} {
		if err := k.open(n, "right"); !errors.Is(err, relay.ErrGone) {
			t.Errorf("link %d is served: %v", n, err)
		}
	}
	if a, b := k.state(locked).AttemptsLeft, k.state(guessed).AttemptsLeft; a != 0 || b != 0 {
		t.Errorf("%d and %d attempts left", a, b)
	}
	if got := deposit(k, "c"); got <= heard {
		t.Errorf("the next entry has the number %d, and %d was given out", got, heard)
	}
	no := false
	if _, err := k.Change(t.Context(), k.claim(alive, 1), relay.Terms{Paused: &no}); err != nil {
		t.Errorf("its owner resumes a link: %v", err)
	}
	if _, err := k.Change(t.Context(), k.claim(guessed, 1), relay.Terms{Paused: &no}); !errors.Is(err, relay.ErrGone) {
		t.Errorf("a link that was locked is resumed: %v", err)
	}
	k.stop()

	k = openHolder(t, c) // it is the database now, and this is one start like others
	k.distrusted(false)
	if err := k.open(alive, "right"); err != nil {
		t.Errorf("a resumed link: %v", err)
	}
	if !k.state(revoked).Paused {
		t.Error("the revoked link is paused no longer")
	}
	k.stop()
}

// ordinaryRestart: clean or not, and with the relay of another machine beside
// it, nothing changes.
func ordinaryRestart(t *testing.T, c config) {
	k := openHolder(t, c)
	k.makeFour()
	if err := k.open(guessed, "wrong"); err != nil {
		t.Fatal(err)
	}
	k.stop()
	for range 3 {
		k = openHolder(t, c)
		k.distrusted(false)
		if err := k.Purge(t.Context(), time.Now().Unix()); err != nil {
			t.Fatal(err)
		}
		k.close() // and no last tick, as after a crash
	}
	other := c
	other.witness = filepath.Join(t.TempDir(), "relay.witness")
	beside := openHolder(t, other)
	k = openHolder(t, c)
	for range 3 {
		for _, one := range []*holder{k, beside} {
			if err := one.Purge(t.Context(), time.Now().Unix()); err != nil {
				t.Fatal(err)
			}
			one.distrusted(false)
		}
	}
	beside.stop()
	if got := k.state(guessed); got.AttemptsLeft != 4 || got.Paused {
		t.Errorf("got %+v", got)
	}
	if err := k.open(alive, "right"); err != nil {
		t.Error(err)
	}
	k.stop()
	if info, err := os.Stat(c.witness); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the witness: %v, %v", info, err)
	}
}

// freshDatabase: an empty database under an old witness is said to be one, once,
// and then used like any.
func freshDatabase(t *testing.T, b backups) {
	c := b.fresh(t)
	k := openHolder(t, c)
	k.stop()
	fresh := b.fresh(t)
	fresh.witness = c.witness
	k = openHolder(t, fresh)
	k.distrusted(true)
	k.makeFour()
	k.stop()
	k = openHolder(t, fresh)
	k.distrusted(false)
	if err := k.open(alive, "right"); err != nil {
		t.Error(err)
	}
	k.stop()
}

// anotherBetween: an operator tries another database with the same key, and comes
// back. The first one is behind the other's time, and no old copy.
func anotherBetween(t *testing.T, b backups) {
	c := b.fresh(t)
	k := openHolder(t, c)
	k.makeFour()
	k.stop()
	putBack := b.copy(t, c)
	other := testConfig(t)
	other.witness = c.witness
	between := openHolder(t, other)
	for i := range int64(3) {
		if err := between.Purge(t.Context(), time.Now().Unix()+60*i); err != nil {
			t.Fatal(err)
		}
	}
	between.stop()
	for range 2 {
		k = openHolder(t, c)
		k.distrusted(false)
		if err := k.open(alive, "right"); err != nil {
			t.Errorf("locked for good: %v", err)
		}
		k.stop()
	}
	between = openHolder(t, other)
	between.distrusted(false)
	between.stop()
	// The first one's own line is there all the while.
	k = openHolder(t, putBack())
	k.distrusted(true)
	k.stop()
}

// oldWhileRunning: a database that is wound back under a running relay is noticed
// within the minute.
func oldWhileRunning(t *testing.T, c config) {
	k := openHolder(t, c)
	k.makeFour()
	driver, dsn := "sqlite", sqlstore.DSN(c.store)
	if isPostgres(c.store) {
		driver, dsn = "pgx", c.store
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE meta SET value = value - 60 WHERE name = 'tick'`); err != nil {
		t.Fatal(err)
	}
	if err := k.Purge(t.Context(), time.Now().Unix()); err != nil {
		t.Fatal(err)
	}
	k.distrusted(true)
	for _, n := range []int{locked, alive} {
		if err := k.open(n, "right"); !errors.Is(err, relay.ErrGone) {
			t.Errorf("link %d is served: %v", n, err)
		}
	}
	k.stop()
}

// saidByOperator: the command restored distrusts a database that nothing else
// gives away.
func saidByOperator(t *testing.T, c config) {
	k := openHolder(t, c)
	k.makeFour()
	k.stop()
	var out bytes.Buffer
	p := program{args: []string{"-data", c.data, "-store", c.store, "-key", c.key}, getenv: func(string) string { return "" }, out: &out, errs: &out}
	if err := restored(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "2 links with a passcode") {
		t.Errorf("it said:\n%s", &out)
	}
	k = openHolder(t, c)
	k.distrusted(false)
	if !k.state(alive).Paused || k.state(guessed).AttemptsLeft != 0 {
		t.Errorf("got %+v and %+v", k.state(alive), k.state(guessed))
	}
	k.stop()
}

// TestWitness: what is no witness stops the start, and says what to do.
func TestWitness(t *testing.T) {
	c := testConfig(t)
	openHolder(t, c).stop()
	for _, bad := range []string{"", "x", "12x", "-3", "0", "99999999999999999999", "1", "1 2 3", "1 2\n3", "1 0", "1 99999999999999999999"} {
		if err := os.WriteFile(c.witness, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := openStore(t.Context(), c, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), "is no witness") {
			t.Errorf("%q: got %v", bad, err)
		}
	}
	if left, _ := filepath.Glob(c.witness + ".*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestPostgresAddress: a bad address is refused without repeating its password.
func TestPostgresAddress(t *testing.T) {
	for _, bad := range []string{"postgres://u:SECRET@[::bad/x", "postgres://u:SECRET@127.0.0.1:1/x?connect_timeout=2", "postgresql://u:SECRET@h/x?sslmode=never"} {
		c := testConfig(t)
		c.store = bad
		_, err := openStore(t.Context(), c, &bytes.Buffer{})
		if err == nil || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), "PostgreSQL") {
			t.Errorf("got %v", err)
		}
	}
}
