package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"potli/relay"
	"potli/relay/sqlstore"
	"potli/relay/storetest"
)

// gate is a driver that lets a test look at the statements and get in their way.
type gate struct {
	of  driver.Driver
	dsn string

	mu   sync.Mutex // guards what follows
	seen map[string]int
	// before is asked before a statement is run; its error is the statement's.
	before hook
}

type hook = func(c driver.Conn, text string, args []driver.NamedValue) error

func (g *gate) Driver() driver.Driver { return g.of }

func (g *gate) Connect(context.Context) (driver.Conn, error) {
	c, err := g.of.Open(g.dsn)
	return gateConn{c, g}, err
}

// calls returns how often statements with a first word were run, and forgets them.
func (g *gate) calls() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.seen
	g.seen = map[string]int{}
	return n
}

func (g *gate) set(before hook) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.before = before
}

func (g *gate) pass(c driver.Conn, text string, args []driver.NamedValue) error {
	word, _, _ := strings.Cut(text, " ")
	g.mu.Lock()
	g.seen[word]++
	before := g.before
	g.mu.Unlock()
	if before == nil {
		return nil
	}
	return before(c, text, args)
}

// hold stops the next COMMIT until release is called; held is closed when it is
// there.
func (g *gate) hold() (held <-chan struct{}, release func()) {
	there, on := make(chan struct{}), make(chan struct{})
	var once sync.Once
	g.set(func(_ driver.Conn, text string, _ []driver.NamedValue) error {
		if text == "COMMIT" {
			once.Do(func() { close(there) })
			<-on
		}
		return nil
	})
	return there, func() { close(on) }
}

// The least that database/sql asks for, so that every statement is prepared.
type gateConn struct {
	driver.Conn
	g *gate
}

func (c gateConn) Prepare(text string) (driver.Stmt, error) {
	s, err := c.Conn.Prepare(text)
	return gateStmt{s, text, c}, err
}

type gateStmt struct {
	driver.Stmt
	text string
	c    gateConn
}

func (s gateStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.c.g.pass(s.c.Conn, s.text, args); err != nil {
		return nil, err
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (s gateStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.c.g.pass(s.c.Conn, s.text, args); err != nil {
		return nil, err
	}
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}

// raw runs a statement on a connection behind the back of all.
func raw(c driver.Conn, text string) {
	s, err := c.Prepare(text)
	if err != nil {
		panic(err)
	}
	defer s.Close()
	if _, err := s.(driver.StmtExecContext).ExecContext(ctx, nil); err != nil {
		panic(err)
	}
}

func openGate(t *testing.T) (*sqlstore.Store, *gate) {
	t.Helper()
	plain, err := sql.Open("sqlite", "")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	g := &gate{of: plain.Driver(), dsn: sqlstore.DSN(filepath.Join(t.TempDir(), "relay.db")), seen: map[string]int{}}
	db := sql.OpenDB(g)
	s, err := sqlstore.Open(ctx, db, sqlstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.set(nil); s.Close(); db.Close() })
	return s, g
}

const end = storetest.T0 + 1000

func put(t *testing.T, s *sqlstore.Store, i int) relay.Link {
	t.Helper()
	l := link(i, end)
	if ok, err := s.Create(ctx, l, []byte("file"), storetest.T0); !ok || err != nil {
		t.Fatal(ok, err)
	}
	return l
}

func by(i int, who string) relay.Reader {
	return relay.Reader{ID: link(i, 0).ID, Now: storetest.T0, By: who}
}

// crowd runs f(0) to f(n-1) behind a COMMIT that is held until all have begun,
// so that most of them are in one group, and returns their errors.
//
// From the release on, before is asked before each statement.
func crowd(t *testing.T, s *sqlstore.Store, g *gate, n int, before hook, f func(i int) error) []error {
	t.Helper()
	held, release := g.hold()
	first := make(chan error)
	go func() { first <- s.AddReceipt(ctx, "nobody", 1, []byte{}) }()
	<-held
	errs := make([]error, n)
	var begun, done sync.WaitGroup
	begun.Add(n)
	for i := range n {
		done.Go(func() {
			begun.Done()
			errs[i] = f(i)
		})
	}
	begun.Wait()
	for range 100 {
		runtime.Gosched()
	}
	g.set(before)
	g.calls()
	release()
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	done.Wait()
	return errs
}

// until repeats a round until it reports that it met what it is about: whether
// two callers get into one group is for the scheduler to say.
func until(t *testing.T, what string, round func(n int) bool) {
	t.Helper()
	for n := range 200 {
		if round(n) || t.Failed() {
			return
		}
	}
	t.Errorf("%s was not met in 200 rounds", what)
}

// TestGroupIsOneCommit: who waits at the same time is committed together.
func TestGroupIsOneCommit(t *testing.T) {
	s, g := openGate(t)
	until(t, "a group of many", func(n int) bool {
		l := link(n, end)
		l.UsesLeft = 100
		if ok, err := s.Create(ctx, l, []byte("file"), storetest.T0); !ok || err != nil {
			t.Fatal(ok, err)
		}
		for i, err := range crowd(t, s, g, 50, nil, func(i int) error {
			_, err := s.Charge(ctx, by(n, fmt.Sprint(i)), l.PassMAC)
			return err
		}) {
			if err != nil {
				t.Errorf("charge %d: %v", i, err)
			}
		}
		if got, err := s.Owned(ctx, l.ID, l.Token); err != nil || got.UsesLeft != 50 || got.Receipts != 50 {
			t.Errorf("after 50 of 100: %+v, %v", got, err)
		}
		calls := g.calls()
		return calls["UPDATE"] >= 50 && calls["COMMIT"] <= 5
	})
}

// TestAnswerWaitsForCommit: until its group is committed nobody is answered, and
// nobody sees what it did; afterwards everybody does.
func TestAnswerWaitsForCommit(t *testing.T) {
	s, g := openGate(t)
	l := put(t, s, 1)
	held, release := g.hold()
	answered := make(chan error, 1)
	go func() {
		answered <- s.Revoke(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: storetest.T0}, 0)
	}()
	<-held
	if _, err := s.Live(ctx, by(1, "x")); err != nil {
		t.Errorf("a revocation that is not committed was seen: %v", err)
	}
	select {
	case err := <-answered:
		t.Errorf("answered before COMMIT: %v", err)
	default:
	}
	release()
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	if _, err := s.Live(ctx, by(1, "x")); !errors.Is(err, relay.ErrGone) {
		t.Errorf("revoked, and the next reading finds %v", err)
	}
}

// TestOneFailsAlone: whatever makes a statement fail, its neighbours in the
// group do not notice.
func TestOneFailsAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		sealed []byte // of the one that fails
		before hook
	}{
		"a value that is refused": {nil, nil},
		"an error of the driver":  {[]byte("fail"), failing(false)},
		// As SQLite does by itself on a full disk.
		"an error that takes the transaction with it": {[]byte("fail"), failing(true)},
	} {
		t.Run(name, func(t *testing.T) {
			s, g := openGate(t)
			until(t, "a failure in company", func(n int) bool {
				l := put(t, s, n)
				const bad, many = 7, 20
				errs := crowd(t, s, g, many, tt.before, func(i int) error {
					sealed := []byte("sealed")
					if i == bad {
						sealed = tt.sealed
					}
					return s.AddReceipt(ctx, l.ID, i+1, sealed)
				})
				for i, err := range errs {
					if (err != nil) != (i == bad) {
						t.Errorf("receipt %d: %v", i, err)
					}
				}
				if list, err := s.ReceiptsAfter(ctx, l.ID, 0); err != nil || len(list) != many-1 {
					t.Errorf("%d receipts are kept, %v, want %d", len(list), err, many-1)
				}
				return g.calls()["INSERT"] > many+5 // some were run twice
			})
		})
	}
}

func failing(whole bool) hook {
	return func(c driver.Conn, text string, args []driver.NamedValue) error {
		if !strings.HasPrefix(text, "INSERT INTO receipts") || string(args[2].Value.([]byte)) != "fail" {
			return nil
		}
		if whole {
			raw(c, "ROLLBACK")
		}
		return errors.New("it fails")
	}
}

// TestCommitFails: then all of the group have failed, nothing of it is there, and
// the next one goes on.
func TestCommitFails(t *testing.T) {
	for _, word := range []string{"BEGIN", "COMMIT"} {
		s, g := openGate(t)
		l := put(t, s, 1)
		var broken atomic.Bool
		broken.Store(true)
		g.set(func(_ driver.Conn, text string, _ []driver.NamedValue) error {
			if strings.HasPrefix(text, word) && broken.Load() {
				return errors.New("no")
			}
			return nil
		})
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if err := s.AddReceipt(ctx, l.ID, i+1, []byte("sealed")); err == nil {
					t.Errorf("%s failed, and the caller heard nothing of it", word)
				}
			})
		}
		wg.Wait()
		if list, err := s.ReceiptsAfter(ctx, l.ID, 0); err != nil || len(list) != 0 {
			t.Errorf("%s: %d receipts, %v", word, len(list), err)
		}
		broken.Store(false)
		if err := s.AddReceipt(ctx, l.ID, 1, []byte("sealed")); err != nil {
			t.Errorf("after a failed %s: %v", word, err)
		}
		if list, err := s.ReceiptsAfter(ctx, l.ID, 0); err != nil || len(list) != 1 {
			t.Errorf("after a failed %s: %d receipts, %v", word, len(list), err)
		}
	}
}

// TestOpenTransactionIsClosed: a ROLLBACK that failed must not let later groups
// run inside a transaction that nobody commits.
func TestOpenTransactionIsClosed(t *testing.T) {
	s, g := openGate(t)
	l := put(t, s, 1)
	g.set(func(_ driver.Conn, text string, _ []driver.NamedValue) error {
		if text == "COMMIT" || text == "ROLLBACK" {
			return errors.New("no")
		}
		return nil
	})
	if err := s.AddReceipt(ctx, l.ID, 1, []byte("sealed")); err == nil {
		t.Fatal("acknowledged without COMMIT")
	}
	g.set(nil)
	s.AddReceipt(ctx, l.ID, 2, []byte("sealed")) // finds the transaction, and may fail
	if err := s.AddReceipt(ctx, l.ID, 3, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	list, err := s.ReceiptsAfter(ctx, l.ID, 0)
	if err != nil || len(list) == 0 || list[len(list)-1].N != 3 {
		t.Errorf("got %v, %v, want the third to be there", list, err)
	}
}

// TestGaveUp: who gives up before its turn has changed nothing, and does not
// wait for those in front.
func TestGaveUp(t *testing.T) {
	s, g := openGate(t)
	l := put(t, s, 1)
	held, release := g.hold()
	first := make(chan error, 1)
	go func() { first <- s.AddReceipt(ctx, l.ID, 1, []byte("sealed")) }()
	<-held
	some, cancel := context.WithCancel(ctx)
	second := make(chan error, 1)
	go func() {
		_, err := s.Charge(some, by(1, "x"), l.PassMAC)
		second <- err
	}()
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	release()
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	if got, err := s.Owned(ctx, l.ID, l.Token); err != nil || got.UsesLeft != l.UsesLeft {
		t.Errorf("%d uses left, %v, want %d", got.UsesLeft, err, l.UsesLeft)
	}
}

// TestCloseUnderLoad: every call gets an answer, and what was acknowledged is there.
func TestCloseUnderLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.db")
	s, _ := open(t, path)
	l := put(t, s, 1)
	kept := make([][]int, 8)
	var wg sync.WaitGroup
	var some sync.Once
	begun := make(chan struct{})
	for k := range kept {
		wg.Go(func() {
			for n := k + 1; ; n += len(kept) {
				if err := s.AddReceipt(ctx, l.ID, n, []byte("sealed")); err != nil {
					return
				}
				kept[k] = append(kept[k], n)
				some.Do(func() { close(begun) })
			}
		})
	}
	<-begun
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if _, err := s.Live(ctx, by(1, "x")); err == nil {
		t.Error("a closed store answers")
	}
	s, _ = open(t, path)
	list, err := s.ReceiptsAfter(ctx, l.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	there := map[int]bool{}
	for _, r := range list {
		there[r.N] = true
	}
	for _, ns := range kept {
		for _, n := range ns {
			if !there[n] {
				t.Errorf("receipt %d was acknowledged and is not there", n)
			}
		}
	}
}

// TestAcknowledgedIsSeen: reads on their own connections never miss what was
// acknowledged, under load.
func TestAcknowledgedIsSeen(t *testing.T) {
	s, _ := open(t, filepath.Join(t.TempDir(), "relay.db"))
	rounds := 100
	if testing.Short() {
		rounds = 20
	}
	var wg sync.WaitGroup
	for k := range 8 {
		wg.Go(func() {
			for n := range rounds {
				i := k*rounds + n
				l := link(i, end)
				if ok, err := s.Create(ctx, l, []byte("file"), storetest.T0); !ok || err != nil {
					t.Error(ok, err)
					return
				}
				if got, err := s.Live(ctx, by(i, "x")); err != nil || got.UsesLeft != 3 || got.Again {
					t.Errorf("created, then %+v, %v", got, err)
				}
				if _, err := s.Charge(ctx, by(i, "x"), l.PassMAC); err != nil {
					t.Error(err)
				}
				if got, err := s.Live(ctx, by(i, "x")); err != nil || got.UsesLeft != 2 || !got.Again {
					t.Errorf("charged, then %+v, %v", got, err)
				}
				if err := s.Revoke(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: storetest.T0}, 0); err != nil {
					t.Error(err)
				}
				if got, err := s.Live(ctx, by(i, "x")); !errors.Is(err, relay.ErrGone) {
					t.Errorf("revoked, then %+v, %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}

// TestPurgeAmidReads: readers who come without a pause do not keep the purge from
// emptying the log, nor a writer from its turn.
func TestPurgeAmidReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.db")
	s, _ := open(t, path)
	alive := put(t, s, 1)
	over := link(2, storetest.T0+1)
	if _, err := s.Create(ctx, over, []byte(strings.Repeat("CANARY", 100)), storetest.T0); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := s.Live(ctx, by(1, "x")); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 5 {
		if err := s.Purge(ctx, storetest.T0+1); err != nil {
			t.Error(err)
		}
		if n := onDisk(t, path, "CANARYCANARY"); n != 0 {
			t.Errorf("purge %d: %d pieces linger on disk", i, n)
		}
		if err := s.AddReceipt(ctx, alive.ID, i+1, []byte("CANARY sealed")); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wg.Wait()
}

// TestGaveUpTooLate: who hangs up once a group has been gathered does not break
// it up: strangers could make everybody wait for as many commits as there are
// statements.
func TestGaveUpTooLate(t *testing.T) {
	s, g := openGate(t)
	until(t, "somebody who hangs up within a group", func(n int) bool {
		l := link(n, end)
		l.UsesLeft = 100
		if ok, err := s.Create(ctx, l, []byte("file"), storetest.T0); !ok || err != nil {
			t.Fatal(ok, err)
		}
		some, cancel := context.WithCancel(ctx)
		defer cancel()
		gaveUp := func(_ driver.Conn, text string, _ []driver.NamedValue) error {
			if text == "BEGIN IMMEDIATE" {
				cancel()
			}
			return nil
		}
		errs := crowd(t, s, g, 20, gaveUp, func(i int) error {
			asking := ctx
			if i == 0 {
				asking = some
			}
			_, err := s.Charge(asking, by(n, fmt.Sprint(i)), l.PassMAC)
			return err
		})
		for i, err := range errs[1:] {
			if err != nil {
				t.Errorf("charge %d: %v", i+1, err)
			}
		}
		left := 80
		if errs[0] != nil { // it was not yet in a group
			left = 81
		}
		if got, err := s.Owned(ctx, l.ID, l.Token); err != nil || got.UsesLeft != left {
			t.Errorf("%d uses left, %v, want %d", got.UsesLeft, err, left)
		}
		calls := g.calls()
		if calls["ROLLBACK"] > 0 {
			t.Errorf("a group was broken up: %v", calls)
		}
		return errs[0] == nil && calls["COMMIT"] <= 5
	})
}
