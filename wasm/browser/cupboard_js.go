//go:build js

package browser

import (
	"context"
	"errors"
	"syscall/js"
)

// cupboard is a small IndexedDB database for what only a browser can keep: keys
// that cannot be read out, handles of folders. It lies apart from the wallet's.
type cupboard struct{ name string }

const shelf = "keys" // the only store

var errNothing = errors.New("browser: nothing is kept")

// empty removes everything, and the database too unless another page stands in its
// way. It is no error that there was nothing. An error means that it may still be
// there.
func (c cupboard) empty(ctx context.Context) error {
	_, err := c.transact(ctx, "readwrite", false, func(s js.Value) (js.Value, error) {
		return call(s, "clear")
	})
	if err != nil && !errors.Is(err, errNothing) {
		return err
	}
	req, err := call(global("indexedDB"), "deleteDatabase", c.name)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	first(ctx, req, "success", "error", "blocked")
	return nil
}

// transact does one request in a transaction of its own and returns its result
// once the transaction is complete, and durable where it wrote.
func (c cupboard) transact(ctx context.Context, mode string, create bool, do func(store js.Value) (js.Value, error)) (js.Value, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	db, err := c.open(ctx, create)
	if err != nil {
		return js.Undefined(), err
	}
	defer call(db, "close")
	if mode == "readwrite" {
		renew(ctx, db, shelf)
	}
	tx, err := call(db, "transaction", shelf, mode, object("durability", "strict"))
	if err != nil {
		return js.Undefined(), err
	}
	store, err := call(tx, "objectStore", shelf)
	if err != nil {
		return js.Undefined(), err
	}
	req, err := do(store)
	if err != nil {
		call(tx, "abort")
		return js.Undefined(), err
	}
	event, err := first(ctx, tx, "complete", "abort")
	if err != nil {
		return js.Undefined(), err
	}
	if event == "abort" {
		return js.Undefined(), exception(get(tx, "error"))
	}
	return get(req, "result"), nil
}

// open opens the database, and makes it only where create says so: looking for
// something must not leave an empty database behind. Error: errNothing where there is none.
func (c cupboard) open(ctx context.Context, create bool) (js.Value, error) {
	req, err := openStore(c.name, shelf, create)
	if err != nil {
		return js.Undefined(), err
	}
	err = request(ctx, req)
	switch {
	case yes(get(req, "missing")):
		return js.Undefined(), errNothing
	case err != nil:
		abandon(req)
		return js.Undefined(), err
	}
	return get(req, "result"), nil
}
