//go:build js

package browser

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall/js"
	"time"

	"potli/app/vault"
)

// IndexedDB is vault.Blobs over one database with one object store, the names
// as keys and Uint8Arrays as values.
//
// A commit is one readwrite transaction with durability "strict" and is done
// only at its "complete" event (R1): all engines default to "relaxed", where
// complete may come before the disk has it.
//
// Safari on iOS loses its connection to the database while the page sleeps
// (InvalidStateError, UnknownError; WebKit 273827). The connection is then
// opened anew and the operation repeated, once (R7); a commit may be repeated
// because it sets values, whatever they were.
//
// A database that vanished is never replaced by an empty one behind the
// wallet's back: once this instance saw it, opening must find it again.
type IndexedDB struct {
	name string

	mu   sync.Mutex // owns conn and seen; held while opening
	conn *connection
	seen bool
}

// store is the only object store; version the only version of its shape.
const (
	store   = "blobs"
	version = 1
)

// patience bounds the wait for a browser that never answers.
const patience = 15 * time.Second

// NewIndexedDB returns the database of that name; it is opened when first used.
func NewIndexedDB(name string) *IndexedDB { return &IndexedDB{name: name} }

var _ vault.Blobs = (*IndexedDB)(nil)

// connection is an open IDBDatabase. closed is written by event handlers and
// read by goroutines; there is one thread.
type connection struct {
	db      js.Value
	closed  bool
	release []func()
}

func (c *connection) close() {
	c.closed = true
	call(c.db, "close")
	for _, f := range c.release {
		f()
	}
	c.release = nil
}

// Get returns the bytes of name.
func (d *IndexedDB) Get(ctx context.Context, name string) (b []byte, err error) {
	err = d.with(ctx, func(c *connection) error {
		v, err := c.read(ctx, "get", name)
		if err != nil {
			return err
		}
		if v.IsUndefined() {
			return vault.ErrNotFound
		}
		b, err = fromJS(v)
		return err
	})
	return b, err
}

// List returns every name that starts with prefix.
func (d *IndexedDB) List(ctx context.Context, prefix string) (names []string, err error) {
	err = d.with(ctx, func(c *connection) error {
		args := []any{}
		if prefix != "" {
			// Names are ASCII, so this is above all that start with prefix.
			r, err := call(global("IDBKeyRange"), "bound", prefix, prefix+"\uffff")
			if err != nil {
				return err
			}
			args = append(args, r)
		}
		keys, err := c.read(ctx, "getAllKeys", args...)
		if err != nil {
			return err
		}
		if keys.Length() == 0 {
			return nil
		}
		// One crossing for all: ten thousand of them would hold the page.
		joined, err := call(keys, "join", "\n")
		if err != nil {
			return err
		}
		names = strings.Split(text(joined), "\n")
		return nil
	})
	return names, err
}

// Commit makes b durable, all of it or nothing.
func (d *IndexedDB) Commit(ctx context.Context, b vault.Batch) error {
	return d.with(ctx, func(c *connection) error {
		return c.write(ctx, func(s js.Value) error {
			for name, value := range b.Put {
				a, err := toJS(value)
				if err != nil {
					return err
				}
				if _, err := call(s, "put", a, name); err != nil {
					return err
				}
			}
			for _, name := range b.Delete {
				if _, err := call(s, "delete", name); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// Erase removes everything, in one transaction. When that is impossible it
// deletes the database itself.
func (d *IndexedDB) Erase(ctx context.Context) error {
	err := d.with(ctx, func(c *connection) error {
		return c.write(ctx, func(s js.Value) error {
			_, err := call(s, "clear")
			return err
		})
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return d.destroy(ctx)
}

func (d *IndexedDB) destroy(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		d.conn.close()
		d.conn = nil
	}
	req, err := call(global("indexedDB"), "deleteDatabase", d.name)
	if err != nil {
		return gone(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := request(ctx, req); err != nil {
		return gone(err)
	}
	d.seen = false
	return nil
}

// Close gives the connection back; the next use opens it again.
func (d *IndexedDB) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		d.conn.close()
		d.conn = nil
	}
}

// with runs op on an open connection, and once more on a fresh one if the
// browser had lost it.
func (d *IndexedDB) with(ctx context.Context, op func(*connection) error) error {
	for again := false; ; again = true {
		if err := ctx.Err(); err != nil {
			return err
		}
		c, err := d.open(ctx)
		if err == nil {
			if err = op(c); err == nil || !lost(err) {
				return meaning(err)
			}
			c.close()
		} else if !lost(err) {
			return meaning(err)
		}
		if again {
			return gone(err)
		}
	}
}

// lost says whether err means that the connection is dead, rather than that
// the operation is wrong.
func lost(err error) bool {
	return named(err, "InvalidStateError", "UnknownError", "AbortError", "TransactionInactiveError")
}

// meaning turns exceptions into the errors of vault.Blobs.
func meaning(err error) error {
	switch {
	case named(err, "QuotaExceededError"):
		return fmt.Errorf("%w: %w", vault.ErrFull, err)
	case named(err, "NotFoundError", "VersionError", "SecurityError", "NotReadableError"):
		return gone(err)
	}
	return err
}

func gone(err error) error {
	if errors.Is(err, vault.ErrGone) {
		return err
	}
	return fmt.Errorf("%w: %w", vault.ErrGone, err)
}

// open returns the live connection or makes one.
func (d *IndexedDB) open(ctx context.Context) (*connection, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil && !d.conn.closed {
		return d.conn, nil
	}
	d.conn = nil
	if !global("indexedDB").Truthy() {
		return nil, vault.ErrGone
	}
	req, err := openStore(d.name, store, !d.seen)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := request(ctx, req); err != nil {
		abandon(req)
		if yes(get(req, "missing")) {
			return nil, vault.ErrGone
		}
		return nil, err
	}
	d.conn, d.seen = connect(get(req, "result")), true
	return d.conn, nil
}

// openStore asks for a database with one store, and for a new one only where make says
// so: the request that fails otherwise has missing = true. The page answers what the
// browser asks meanwhile (web/store.js).
func openStore(name, store string, make bool) (js.Value, error) {
	return call(js.Global(), "potliStore", name, version, store, make)
}

// abandon closes a connection that arrives after nobody waits for it any more:
// left open, it would block every later deletion.
func abandon(req js.Value) {
	var done, failed func()
	done = listen(req, "success", func(js.Value) { call(get(req, "result"), "close"); done(); failed() })
	failed = listen(req, "error", func(js.Value) { done(); failed() })
	if text(get(req, "readyState")) == "done" {
		done()
		failed()
	}
}

func connect(db js.Value) *connection {
	c := &connection{db: db}
	c.release = []func(){
		// Another page wants to delete the database: do not stand in its way.
		listen(db, "versionchange", func(js.Value) { c.closed = true; call(db, "close") }),
		// The browser closed it (storage cleared, disk gone).
		listen(db, "close", func(js.Value) { c.closed = true }),
	}
	return c
}

// request waits for an IDBRequest.
func request(ctx context.Context, req js.Value) error {
	event, err := first(ctx, req, "success", "error")
	if err != nil {
		return err
	}
	if event == "error" {
		return exception(get(req, "error"))
	}
	return nil
}

// read performs one request in a readonly transaction.
func (c *connection) read(ctx context.Context, method string, args ...any) (js.Value, error) {
	tx, err := call(c.db, "transaction", store, "readonly")
	if err != nil {
		return js.Undefined(), err
	}
	s, err := call(tx, "objectStore", store)
	if err != nil {
		return js.Undefined(), err
	}
	req, err := call(s, method, args...)
	if err != nil {
		return js.Undefined(), err
	}
	if err := request(ctx, req); err != nil {
		return js.Undefined(), err
	}
	return get(req, "result"), nil
}

// write performs fill in one strict readwrite transaction and waits until it is
// complete or undone. When ctx ends it asks for the abort and still waits: only
// the browser knows which of the two happened.
func (c *connection) write(ctx context.Context, fill func(store js.Value) error) error {
	renew(ctx, c.db, store)
	tx, err := call(c.db, "transaction", store, "readwrite", map[string]any{"durability": "strict"})
	if err != nil {
		return err
	}
	s, err := call(tx, "objectStore", store)
	if err != nil {
		return err
	}
	filled := fill(s)
	if filled != nil {
		call(tx, "abort")
	} else if get(tx, "commit").Type() == js.TypeFunction {
		call(tx, "commit") // no need to wait for the requests' own events
	}
	defer context.AfterFunc(ctx, func() { call(tx, "abort") })()
	// A disk may be slow with 25 MiB, but not for minutes.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 8*patience)
	defer cancel()
	event, err := first(end, tx, "complete", "abort")
	switch {
	case err != nil:
		return &Error{"UnknownError"}
	case event == "complete":
		return nil
	case filled != nil:
		return filled
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return exception(get(tx, "error"))
}
