//go:build js

package browser_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"sync"
	"syscall/js"
	"testing"

	"potli/app/vault"
	"potli/app/vault/blobstest"
	"potli/wasm/browser"
)

// database is a fresh one, erased at the end.
func database(t *testing.T) (*browser.IndexedDB, string) {
	t.Helper()
	onPage(t)
	name := "test-" + t.Name()
	d := browser.NewIndexedDB(name)
	t.Cleanup(func() {
		d.Close()
		js.Global().Get("indexedDB").Call("deleteDatabase", name)
	})
	return d, name
}

// reopening is a store that the contract can close and open again.
type reopening struct {
	*browser.IndexedDB
	name string
}

func (r reopening) Reopen(*testing.T) vault.Blobs {
	r.Close()
	return reopening{browser.NewIndexedDB(r.name), r.name}
}

func TestBlobsContract(t *testing.T) {
	onPage(t)
	blobstest.Run(t, func(t *testing.T) vault.Blobs {
		d, name := database(t)
		return reopening{d, name}
	})
}

func put(t *testing.T, d vault.Blobs, name, value string) {
	t.Helper()
	if err := d.Commit(t.Context(), vault.Batch{Put: map[string][]byte{name: []byte(value)}}); err != nil {
		t.Fatalf("Commit(%s): %v", name, err)
	}
}

func TestCommitIsStrict(t *testing.T) {
	d, _ := database(t)
	put(t, d, "a", "1")
	proto := js.Global().Get("IDBDatabase").Get("prototype")
	real := proto.Get("transaction")
	var modes []string
	patch(t, proto, "transaction", function(t, func(this js.Value, args []js.Value) any {
		tx := real.Call("apply", this, js.ValueOf([]any{args[0], args[1], at(args, 2)}))
		modes = append(modes, tx.Get("mode").String()+" "+tx.Get("durability").String())
		return tx
	}))
	put(t, d, "b", "2")
	if err := d.Erase(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"readwrite strict", "readwrite strict"}; !slices.Equal(modes, want) {
		t.Errorf("transactions: got %q, want %q", modes, want)
	}
}

func at(args []js.Value, i int) js.Value {
	if i < len(args) {
		return args[i]
	}
	return js.Undefined()
}

func TestCommitIsOneTransaction(t *testing.T) {
	d, _ := database(t)
	put(t, d, "old", "1")
	// The second put of the batch throws: neither it nor the first may stay, nor
	// may the deletion happen.
	js.Global().Call("failPut", 2)
	err := d.Commit(t.Context(), vault.Batch{
		Put:    map[string][]byte{"x": {1}, "y": {2}, "z": {3}},
		Delete: []string{"old"},
	})
	if err == nil {
		t.Fatal("Commit of what cannot be stored: got nil")
	}
	names, err := d.List(t.Context(), "")
	if err != nil || !slices.Equal(names, []string{"old"}) {
		t.Errorf("List: got %q, %v; want only old", names, err)
	}
}

func TestValuesComeBackAsTheyWere(t *testing.T) {
	d, name := database(t)
	big := bytes.Repeat([]byte{0, 1, 2, 0xff}, 2<<20)
	for label, value := range map[string][]byte{"empty": {}, "zero": {0}, "big": big} {
		if err := d.Commit(t.Context(), vault.Batch{Put: map[string][]byte{label: value}}); err != nil {
			t.Fatal(err)
		}
		got, err := browser.NewIndexedDB(name).Get(t.Context(), label)
		if err != nil || !bytes.Equal(got, value) {
			t.Errorf("%s: got %d bytes, %v; want %d", label, len(got), err, len(value))
		}
	}
	if _, err := d.Get(t.Context(), "none"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Get of nothing: got %v", err)
	}
}

func TestListByPrefix(t *testing.T) {
	d, _ := database(t)
	for _, n := range []string{"r/1", "r/2", "r", "rs", "q/1", "r/~"} {
		put(t, d, n, "x")
	}
	for prefix, want := range map[string][]string{
		"r/": {"r/1", "r/2", "r/~"}, "": {"q/1", "r", "r/1", "r/2", "r/~", "rs"}, "none": {},
	} {
		got, err := d.List(t.Context(), prefix)
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("List(%q): got %q, %v; want %q", prefix, got, err, want)
		}
	}
}

// iOS loses the connection while the page sleeps: once is mended, always is told.
func TestLostConnection(t *testing.T) {
	for _, name := range []string{"InvalidStateError", "UnknownError"} {
		t.Run(name, func(t *testing.T) {
			d, _ := database(t)
			put(t, d, "a", "1")
			proto := js.Global().Get("IDBDatabase").Get("prototype")
			real := proto.Get("transaction")
			failing := 0
			// A js.Func cannot throw; a call that rejects its receiver can.
			patch(t, proto, "transaction", function(t, func(this js.Value, args []js.Value) any {
				if failing > 0 {
					failing--
					return thrower(name)
				}
				return real.Call("apply", this, js.ValueOf([]any{args[0], args[1], at(args, 2)}))
			}))
			failing = 1
			put(t, d, "b", "2")
			got, err := d.Get(t.Context(), "b")
			if err != nil || string(got) != "2" {
				t.Errorf("after one loss: got %q, %v", got, err)
			}
			failing = 2
			err = d.Commit(t.Context(), vault.Batch{Put: map[string][]byte{"c": {3}}})
			if !errors.Is(err, vault.ErrGone) {
				t.Errorf("after two losses: got %v, want ErrGone", err)
			}
			put(t, d, "c", "3")
		})
	}
}

// thrower is a transaction whose objectStore throws a DOMException of that name
// (probe.js makes it, since a js.Func cannot throw).
func thrower(name string) js.Value { return js.Global().Call("brokenTransaction", name) }

func TestDatabaseDeletedBehindIsNotReplaced(t *testing.T) {
	d, name := database(t)
	put(t, d, "a", "1")
	deleted := make(chan string, 3)
	req := js.Global().Get("indexedDB").Call("deleteDatabase", name)
	for _, e := range []string{"success", "blocked", "error"} {
		on(t, req, e, func(js.Value) { deleted <- e })
	}
	if got := <-deleted; got != "success" {
		t.Fatalf("deleting while a connection is open: %s; the connection must give way", got)
	}
	if err := d.Commit(t.Context(), vault.Batch{Put: map[string][]byte{"b": {2}}}); !errors.Is(err, vault.ErrGone) {
		t.Errorf("Commit: got %v, want ErrGone", err)
	}
	if _, err := d.Get(t.Context(), "a"); !errors.Is(err, vault.ErrGone) {
		t.Errorf("Get: got %v, want ErrGone", err)
	}
	names, err := browser.NewIndexedDB(name).List(t.Context(), "")
	if err != nil || len(names) != 0 {
		t.Errorf("a new instance: got %q, %v; want nothing", names, err)
	}
}

func TestCancelledCommit(t *testing.T) {
	d, _ := database(t)
	put(t, d, "a", "1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Commit(ctx, vault.Batch{Put: map[string][]byte{"b": {2}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("before it began: got %v", err)
	}
	// Cancelled on the way it is either undone or done, and says which.
	for i := range 30 {
		ctx, cancel := context.WithCancel(t.Context())
		name := "c" + strconv.Itoa(i)
		go cancel()
		err := d.Commit(ctx, vault.Batch{Put: map[string][]byte{name: make([]byte, 1<<16)}})
		_, there := d.Get(t.Context(), name)
		if (err == nil) != (there == nil) {
			t.Fatalf("Commit said %v, Get says %v", err, there)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	d, _ := database(t)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			name := "n" + strconv.Itoa(i)
			if err := d.Commit(t.Context(), vault.Batch{Put: map[string][]byte{name: []byte(name)}}); err != nil {
				t.Error(err)
			}
			if got, err := d.Get(t.Context(), name); err != nil || string(got) != name {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
		})
	}
	all.Wait()
	names, err := d.List(t.Context(), "n")
	if err != nil || len(names) != 50 {
		t.Errorf("List: %d names, %v", len(names), err)
	}
}

// A full disk is ErrFull, nothing of the batch stays, and what was there does.
func TestQuota(t *testing.T) {
	inScene(t, "quota")
	d, _ := database(t)
	put(t, d, "small", "1")
	big := make([]byte, 1<<20)
	var err error
	for i := range 64 {
		rand.Read(big) // the store compresses
		if err = d.Commit(t.Context(), vault.Batch{Put: map[string][]byte{"big" + strconv.Itoa(i): big, "other" + strconv.Itoa(i): {1}}}); err != nil {
			if _, there := d.Get(t.Context(), "other"+strconv.Itoa(i)); !errors.Is(there, vault.ErrNotFound) {
				t.Errorf("half a batch stayed: %v", there)
			}
			break
		}
	}
	if !errors.Is(err, vault.ErrFull) {
		t.Fatalf("filling the disk: got %v, want ErrFull", err)
	}
	if got, err := d.Get(t.Context(), "small"); err != nil || string(got) != "1" {
		t.Errorf("what was there: got %q, %v", got, err)
	}
	if err := d.Commit(t.Context(), vault.Batch{Delete: []string{"big0", "big1", "big2"}}); err != nil {
		t.Errorf("making room: %v", err)
	}
	put(t, d, "last", "small record")
}
