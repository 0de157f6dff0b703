//go:build js

package browser_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"syscall/js"
	"testing"

	"potli/crypto/quick"
	"potli/wasm/browser"
)

// quickKeys is a fresh database, forgotten at the end.
func quickKeys(t *testing.T) (*browser.QuickKeys, string) {
	t.Helper()
	onPage(t)
	name := "test-" + t.Name()
	t.Cleanup(func() { js.Global().Get("indexedDB").Call("deleteDatabase", name) })
	return browser.NewQuickKeys(name), name
}

// settle waits for a promise.
func settle(t *testing.T, promise js.Value) (v js.Value, failed string) {
	t.Helper()
	type outcome struct {
		v      js.Value
		failed string
	}
	done := make(chan outcome, 1)
	promise.Call("then",
		function(t, func(_ js.Value, args []js.Value) any { done <- outcome{v: args[0]}; return nil }),
		function(t, func(_ js.Value, args []js.Value) any {
			done <- outcome{failed: args[0].Get("name").String()}
			return nil
		}))
	o := <-done
	return o.v, o.failed
}

// stored returns what the database holds, read without the code under test.
func stored(t *testing.T, name string) js.Value {
	t.Helper()
	result := func(req js.Value) js.Value {
		done := make(chan bool, 1)
		on(t, req, "success", func(js.Value) { done <- true })
		on(t, req, "error", func(js.Value) { done <- false })
		if !<-done {
			t.Fatal("the database cannot be read")
		}
		return req.Get("result")
	}
	db := result(js.Global().Get("indexedDB").Call("open", name, 1))
	defer db.Call("close")
	return result(db.Call("transaction", "keys").Call("objectStore", "keys").Call("get", "quick"))
}

// databases lists the names of this origin's databases.
func databases(t *testing.T) (names []string) {
	t.Helper()
	list, _ := settle(t, js.Global().Get("indexedDB").Call("databases"))
	for i := range list.Length() {
		names = append(names, list.Index(i).Get("name").String())
	}
	return names
}

func TestQuickKeys(t *testing.T) {
	q, name := quickKeys(t)
	if _, err := q.Open(t.Context()); !errors.Is(err, quick.ErrNoKey) {
		t.Errorf("Open before there is one: %v, want ErrNoKey", err)
	}
	if slices.Contains(databases(t), name) {
		t.Error("looking left an empty database behind")
	}
	for _, secret := range []string{"a secret", "another in its place"} {
		if err := q.Create(t.Context(), []byte(secret)); err != nil {
			t.Fatal(err)
		}
		got, err := browser.NewQuickKeys(name).Open(t.Context())
		if err != nil || string(got) != secret {
			t.Errorf("Open: %q, %v; want %q", got, err, secret)
		}
	}
	if err := q.Forget(t.Context()); err != nil {
		t.Errorf("Forget: %v", err)
	}
	if _, err := q.Open(t.Context()); !errors.Is(err, quick.ErrNoKey) {
		t.Errorf("Open after Forget: %v, want ErrNoKey", err)
	}
	if slices.Contains(databases(t), name) {
		t.Error("Forget left the database")
	}
	if err := q.Forget(t.Context()); err != nil {
		t.Errorf("Forget again: %v", err)
	}
}

// The key leaves the browser in no form, and what lies beside it is ciphertext.
func TestQuickKeyIsNotExtractable(t *testing.T) {
	q, name := quickKeys(t)
	secret := []byte("AGE-SECRET-KEY-1 and so on, long enough to be found")
	if err := q.Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	entry := stored(t, name)
	key := entry.Get("key")
	if key.Get("extractable").Bool() || key.Get("type").String() != "secret" || key.Get("algorithm").Get("length").Int() != 256 {
		t.Error("not a secret key of 256 bits that stays")
	}
	cipher := js.Global().Get("crypto").Get("subtle")
	for _, format := range []string{"raw", "jwk"} {
		if _, failed := settle(t, cipher.Call("exportKey", format, key)); failed != "InvalidAccessError" {
			t.Errorf("exportKey as %s: %q, want InvalidAccessError", format, failed)
		}
	}
	wrapper, _ := settle(t, cipher.Call("generateKey", map[string]any{"name": "AES-GCM", "length": 256}, false, []any{"wrapKey"}))
	iv := map[string]any{"name": "AES-GCM", "iv": array(make([]byte, 12))}
	if _, failed := settle(t, cipher.Call("wrapKey", "raw", key, wrapper, iv)); failed != "InvalidAccessError" {
		t.Errorf("wrapKey: %q, want InvalidAccessError", failed)
	}
	sealed := js.Global().Get("Uint8Array").New(entry.Get("sealed"))
	b := make([]byte, sealed.Length())
	js.CopyBytesToGo(b, sealed)
	if len(b) != len(secret)+16 || bytes.Contains(b, secret[:8]) {
		t.Errorf("%d bytes are stored, not ciphertext of %d", len(b), len(secret))
	}
	names := js.Global().Get("Object").Call("keys", entry).Call("join", " ").String()
	if names != "key iv sealed" {
		t.Errorf("stored beside the key: %s", names)
	}
}

// A new key each time, and a new nonce.
func TestQuickKeyIsFresh(t *testing.T) {
	q, name := quickKeys(t)
	var sealed, ivs []string
	for range 3 {
		if err := q.Create(t.Context(), []byte("one and the same")); err != nil {
			t.Fatal(err)
		}
		entry := stored(t, name)
		sealed = append(sealed, jsText(js.Global().Get("Uint8Array").New(entry.Get("sealed"))))
		ivs = append(ivs, jsText(entry.Get("iv")))
	}
	slices.Sort(sealed)
	slices.Sort(ivs)
	if len(slices.Compact(sealed)) != 3 || len(slices.Compact(ivs)) != 3 {
		t.Error("ciphertext or nonce came twice")
	}
}

func TestQuickKeyDamaged(t *testing.T) {
	q, name := quickKeys(t)
	if err := q.Create(t.Context(), []byte("secret")); err != nil {
		t.Fatal(err)
	}
	entry := stored(t, name)
	sealed := js.Global().Get("Uint8Array").New(entry.Get("sealed"))
	sealed.SetIndex(0, sealed.Index(0).Int()^1)
	restore(t, name, entry)
	if _, err := q.Open(t.Context()); !errors.Is(err, quick.ErrDamaged) {
		t.Errorf("Open of a flipped bit: %v, want ErrDamaged", err)
	}
	entry.Set("key", "no key")
	restore(t, name, entry)
	if _, err := q.Open(t.Context()); !errors.Is(err, quick.ErrDamaged) {
		t.Errorf("Open without a key: %v, want ErrDamaged", err)
	}
}

// restore writes an entry, without the code under test.
func restore(t *testing.T, name string, entry js.Value) {
	t.Helper()
	done := make(chan bool, 1)
	req := js.Global().Get("indexedDB").Call("open", name, 1)
	on(t, req, "success", func(js.Value) { done <- true })
	<-done
	db := req.Get("result")
	defer db.Call("close")
	tx := db.Call("transaction", "keys", "readwrite")
	on(t, tx, "complete", func(js.Value) { done <- true })
	tx.Call("objectStore", "keys").Call("put", entry, "quick")
	<-done
}

// A browser that cannot keep such a key says so, and nothing stays behind.
func TestQuickKeyCannotBeKept(t *testing.T) {
	q, name := quickKeys(t)
	js.Global().Call("failPut", 1) // DataCloneError, as in some private windows
	if err := q.Create(t.Context(), []byte("secret")); !errors.Is(err, quick.ErrNoKey) {
		t.Errorf("Create: %v, want ErrNoKey", err)
	}
	if _, err := q.Open(t.Context()); !errors.Is(err, quick.ErrNoKey) {
		t.Errorf("Open: %v, want ErrNoKey", err)
	}
	if err := q.Create(t.Context(), []byte("secret")); err != nil {
		t.Errorf("Create when it can: %v", err)
	}
	_ = name
}

// Where WebCrypto is missing (a page without TLS), an error and no panic.
func TestQuickKeyWithoutWebCrypto(t *testing.T) {
	q, _ := quickKeys(t)
	js.Global().Get("Object").Call("defineProperty", js.Global().Get("crypto"), "subtle", map[string]any{"value": js.Undefined(), "configurable": true})
	t.Cleanup(func() { js.Global().Get("Reflect").Call("deleteProperty", js.Global().Get("crypto"), "subtle") })
	if err := q.Create(t.Context(), []byte("secret")); !errors.Is(err, quick.ErrNoKey) {
		t.Errorf("Create: %v, want ErrNoKey", err)
	}
}

// The whole way: lock, reload the page, open, forget.
func TestQuickLock(t *testing.T) {
	inScene(t, "quick-lock")
	file, secret, err := quick.Lock([]byte(deviceKeys))
	if err != nil {
		t.Fatal(err)
	}
	if err := browser.NewQuickKeys("test-quick").Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	keep("quick", file)
}

func TestQuickOpen(t *testing.T) {
	inScene(t, "quick-open")
	q := browser.NewQuickKeys("test-quick")
	secret, err := q.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := quick.Unlock(kept("quick"), secret)
	if err != nil || string(got) != deviceKeys {
		t.Errorf("Unlock: %q, %v", got, err)
	}
	if err := q.Forget(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestQuickForgotten(t *testing.T) {
	inScene(t, "quick-forgotten")
	if _, err := browser.NewQuickKeys("test-quick").Open(t.Context()); !errors.Is(err, quick.ErrNoKey) {
		t.Errorf("Open after Forget and a reload: %v, want ErrNoKey", err)
	}
	if strings.Contains(strings.Join(databases(t), " "), "test-quick") {
		t.Error("the database is still there")
	}
}
