//go:build js && wasm

package cf

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
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
	return sql.OpenDB(&connector{sql: host.Get("sql")})
}

type connector struct {
	mu  sync.Mutex // held while a statement runs and what it yields is copied
	sql js.Value   // exec and query, see link.go
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
	var n int64
	err := c.run(ctx, "exec", text, args, func(v js.Value) { n = int64(v.Float()) })
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(n), nil
}

func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	var b []byte
	err := c.run(ctx, "query", text, args, func(v js.Value) {
		b = make([]byte, v.Length())
		js.CopyBytesToGo(b, v)
	})
	if err != nil {
		return nil, err
	}
	return newRows(b)
}

// run calls a function of sql.mjs for one statement, and read for what it returns.
func (c *connector) run(ctx context.Context, how, text string, args []driver.NamedValue, read func(js.Value)) error {
	runtime.Gosched()
	if err := ctx.Err(); err != nil {
		return err
	}
	list := make([]any, 1, 1+len(args))
	list[0] = text
	for _, a := range args {
		v, err := toJS(a.Value)
		if err != nil {
			return err
		}
		list = append(list, v)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return try(func() { read(c.sql.Call(how, list...)) })
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
