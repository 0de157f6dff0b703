package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// A commit waits for the disk, whether it holds one statement or fifty. So all
// statements that wait for the one writer of SQLite at the same time are
// committed together, and nobody is answered before that:
//
//	caller ──┐            ┌───────── writer ──────────┐
//	caller ──┼── queue ──▶│ BEGIN  a  b  c …  COMMIT  │──▶ each its own answer
//	caller ──┘            └───────────────────────────┘
//	caller ───── readers: SELECT on connections of their own
//
// This is beneath the statements, which know nothing of it: each is still whole
// by itself, and what it finds is as if those before it in the group had been
// committed, because nobody hears of it unless they are. There is no waiting for
// a group to fill; while one is committed the next one gathers.
//
// A SELECT begins after what was acknowledged before it was committed, and in
// WAL mode a new read sees all that is committed: so the readers are as exact
// as the writer, and do not wait for it.
const (
	// most statements of a group, and most bytes of their blobs: so many others
	// may be in front of who has just come, twice.
	mostOps   = 128
	mostBytes = 4 << 20
	readers   = 4 // connections that read at the same time
)

var errClosed = errors.New("the store is closed")

// group is the runner of a SQLite file.
type group struct {
	writer  *session
	readers chan *session
	queue   chan *op
	quit    chan struct{} // closed to stop the writer
	done    chan struct{} // closed when it has stopped
	close   func() error
}

// session is a connection with its prepared statements.
type session struct {
	prepared
	conn *sql.Conn
}

// op is one statement that waits to be committed. Its caller waits for done as
// soon as it is out of the queue.
type op struct {
	text string
	size int
	run  func(prepared) error // may be called again when the first time was rolled back
	err  error
	done chan struct{}
}

func newGroup(ctx context.Context, db *sql.DB, texts []string) (_ *group, err error) {
	g := &group{readers: make(chan *session, readers), queue: make(chan *op), quit: make(chan struct{}), done: make(chan struct{})}
	g.close = sync.OnceValue(g.stop)
	var made []*session
	defer func() {
		for _, s := range made {
			if err != nil {
				s.close()
			}
		}
	}()
	whole := append([]string{begin, commit, rollback}, texts...)
	if g.writer, err = newSession(ctx, db, whole, func(text string) bool { return !reads(text) }); err != nil {
		return nil, err
	}
	made = append(made, g.writer)
	for range readers {
		r, err := newSession(ctx, db, texts, reads)
		if err != nil {
			return nil, err
		}
		made = append(made, r)
		g.readers <- r
		// A statement that is taken for a read by mistake must not write past the group.
		if _, err := r.conn.ExecContext(ctx, `PRAGMA query_only = 1`); err != nil {
			return nil, fmt.Errorf("setting a connection to read: %w", err)
		}
	}
	go g.write()
	return g, nil
}

const (
	begin    = `BEGIN IMMEDIATE`
	commit   = `COMMIT`
	rollback = `ROLLBACK`
)

func newSession(ctx context.Context, db *sql.DB, texts []string, which func(string) bool) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("reaching the database: %w", err)
	}
	p, err := prepare(ctx, conn, SQLite, texts, which)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &session{p, conn}, nil
}

func (s *session) close() error { return errors.Join(s.prepared.Close(), s.conn.Close()) }

// Close lets what has begun come to its end, and refuses all after it.
func (g *group) Close() error { return g.close() }

func (g *group) stop() error {
	close(g.quit)
	<-g.done
	err := g.writer.close()
	for range readers {
		err = errors.Join(err, (<-g.readers).close())
	}
	return err
}

func (g *group) exec(ctx context.Context, text string, args []any) (n int64, err error) {
	err = g.submit(ctx, text, args, func(p prepared) (err error) {
		n, err = p.exec(context.WithoutCancel(ctx), text, args)
		return err
	})
	return n, err
}

func (g *group) query(ctx context.Context, text string, args []any, read func(*sql.Rows) error) error {
	if reads(text) {
		return g.read(ctx, text, args, read)
	}
	return g.submit(ctx, text, args, func(p prepared) error { return p.query(context.WithoutCancel(ctx), text, args, read) })
}

// read runs a SELECT beside the writer.
func (g *group) read(ctx context.Context, text string, args []any, read func(*sql.Rows) error) error {
	select {
	case s := <-g.readers:
		defer func() { g.readers <- s }()
		return s.query(ctx, text, args, read)
	case <-g.quit:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// submit hands a statement to the writer and waits until it is committed. Who
// gives up before that is out of the queue; afterwards it is too late, or whoever
// hangs up could break up groups.
func (g *group) submit(ctx context.Context, text string, args []any, run func(prepared) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o := &op{text: text, run: run, done: make(chan struct{})}
	for _, a := range args {
		if b, ok := a.([]byte); ok {
			o.size += len(b)
		}
	}
	select {
	case g.queue <- o:
		<-o.done
		return o.err
	case <-g.quit:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write commits group after group, in the order in which statements came.
func (g *group) write() {
	defer close(g.done)
	ops := make([]*op, 0, mostOps)
	for {
		select {
		case <-g.quit:
			return
		case o := <-g.queue:
			ops = g.gather(append(ops[:0], o))
		}
		g.settle(ops)
		for i, o := range ops {
			close(o.done)
			ops[i] = nil // the caller's
		}
	}
}

// gather adds who else is waiting.
func (g *group) gather(ops []*op) []*op {
	for size := ops[0].size; len(ops) < mostOps && size < mostBytes; {
		select {
		case o := <-g.queue:
			ops, size = append(ops, o), size+o.size
		default:
			return ops
		}
	}
	return ops
}

// settle commits ops together. When one of them fails, whether it has taken the
// whole transaction with it or not depends on the reason (a full disk does, a
// wrong value does not). So all is rolled back, and each goes by itself: who
// fails, fails alone.
func (g *group) settle(ops []*op) {
	if g.together(ops) == nil || len(ops) == 1 {
		return
	}
	for _, o := range ops {
		g.together([]*op{o})
	}
}

// together runs ops in one transaction and sets the err of each to what it
// returns.
func (g *group) together(ops []*op) (err error) {
	defer func() {
		for _, o := range ops {
			o.err = err
		}
	}()
	if len(ops) == 1 && aside(ops[0].text) {
		return ops[0].run(g.writer.prepared)
	}
	if err := g.writer.do(begin); err != nil {
		g.writer.do(rollback) // should an earlier one have failed: a transaction that stays open commits nothing
		return err
	}
	for _, o := range ops {
		if err := o.run(g.writer.prepared); err != nil {
			g.writer.do(rollback)
			return err
		}
	}
	if err := g.writer.do(commit); err != nil {
		g.writer.do(rollback)
		return err
	}
	return nil
}

// do runs one of begin, commit and rollback. Rollback fails when SQLite has
// already rolled back by itself, and is then not needed.
func (s *session) do(text string) error {
	_, err := s.exec(context.Background(), text, nil)
	return err
}

// aside reports whether a statement cannot be part of a transaction. In a group
// it fails, and then goes by itself.
func aside(text string) bool { return strings.HasPrefix(text, "PRAGMA") }
