//go:build js && wasm

package cf

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"runtime"
	"sync"
	"syscall/js"
)

// OpenDB returns the object's own SQLite as a database.
//
// A statement runs at once and to its end: nothing else of the object can come
// between, so that each is atomic, and nobody is answered before it is safe
// (the platform holds every answer back until what was written before it is on
// disk). There are no transactions. Results are read whole. Nothing here waits, and
// WebAssembly has one thread, so a goroutine gives way before each statement: one
// that asks again and again would be the only one that runs.
func OpenDB() *sql.DB {
	return sql.OpenDB(&connector{sql: host.Get("ctx").Get("storage").Get("sql")})
}

type connector struct {
	mu  sync.Mutex // held from a statement until its rows have been counted
	sql js.Value
}

var (
	_ driver.Connector      = (*connector)(nil)
	_ driver.ExecerContext  = (*conn)(nil)
	_ driver.QueryerContext = (*conn)(nil)
)

func (c *connector) Connect(context.Context) (driver.Conn, error) { return &conn{c}, nil }
func (c *connector) Driver() driver.Driver                        { return noDriver{} }

// noDriver is there because database/sql asks for one.
type noDriver struct{}

func (noDriver) Open(string) (driver.Conn, error) {
	return nil, errors.New("an object has one database, and it has no name")
}

// conn is not a connection to anything: all share the one storage.
type conn struct{ *connector }

func (c *conn) Close() error { return nil }
func (c *conn) Begin() (driver.Tx, error) {
	return nil, errors.New("the object's storage has no transactions")
}

// Prepare keeps the text; the platform keeps what it has compiled, by text.
func (c *conn) Prepare(text string) (driver.Stmt, error) { return &stmt{c, text}, nil }

func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	runtime.Gosched()
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.run(ctx, text, args); err != nil {
		return nil, err
	}
	// The cursor's own rowsWritten counts rows of indexes too.
	n, err := c.run(context.Background(), `SELECT changes()`, nil)
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(n.cells.Index(0).Index(0).Int()), nil
}

func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	runtime.Gosched()
	c.mu.Lock()
	defer c.mu.Unlock()
	r, err := c.run(ctx, text, args)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// run does one statement and reads what it yields. The caller holds c.mu.
func (c *connector) run(ctx context.Context, text string, args []driver.NamedValue) (*rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list := make([]any, 1, 1+len(args))
	list[0] = text
	for _, a := range args {
		v, err := toJS(a.Value)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	r := &rows{}
	err := try(func() {
		cursor := c.sql.Call("exec", list...)
		r.cells = cursor.Call("raw").Call("toArray")
		r.names = cursor.Get("columnNames")
		r.size = r.cells.Length()
	})
	return r, err
}

// stmt is a text.
type stmt struct {
	c    *conn
	text string
}

var (
	_ driver.StmtExecContext  = (*stmt)(nil)
	_ driver.StmtQueryContext = (*stmt)(nil)
)

func (s *stmt) Close() error  { return nil }
func (s *stmt) NumInput() int { return -1 } // the platform counts them

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.c.ExecContext(ctx, s.text, args)
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.c.QueryContext(ctx, s.text, args)
}

// Exec and Query are asked for by the interface and never called.
func (s *stmt) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }
func (s *stmt) Query([]driver.Value) (driver.Rows, error)  { return nil, driver.ErrSkip }

// rows are a whole result.
type rows struct {
	names, cells js.Value
	next, size   int
}

func (r *rows) Columns() []string {
	names := make([]string, r.names.Length())
	for i := range names {
		names[i] = r.names.Index(i).String()
	}
	return names
}

func (r *rows) Close() error { return nil }

func (r *rows) Next(dest []driver.Value) error {
	if r.next >= r.size {
		return io.EOF
	}
	row := r.cells.Index(r.next)
	r.next++
	for i := range dest {
		v, err := fromJS(row.Index(i))
		if err != nil {
			return err
		}
		dest[i] = v
	}
	return nil
}
