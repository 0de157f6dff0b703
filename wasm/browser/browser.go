//go:build js

// Package browser is everything Potli asks of the browser: storage, locks, a
// worker, the network, files, the clipboard, the screen. All use of syscall/js
// is here. It satisfies interfaces that other packages define and decides
// nothing: a rule about records, keys or links does not belong here.
//
//	vault.Blobs          IndexedDB   one strict transaction a commit
//	wallet.Host          Host        the sentinel, persistence
//	wallet.Tabs          Tabs        the locks that tabs take turns by, and their channel
//	wallet.Worker        Workers     jobs in a second instance of the same wasm
//	relayclient.HTTP     Network     fetch without cookies, referrer or cache
//	share.Fetcher        Frame       the framed viewer page, on an origin of its own
//	wallet.Passkeys      Passkeys    WebAuthn with the PRF extension
//	wallet.QuickKeys     QuickKeys   a WebCrypto key that never leaves
//	ui.Device            Device      files, clipboard, pictures, camera, wake lock, …
//
// Three rules hold throughout. A JavaScript exception becomes a Go error and
// never a panic, because a panic ends the program with the person's work in it.
// Every js.Func is released: by listen and await for the short-lived ones, and
// where one must live as long as the page its comment says so. No error text
// holds what the browser wrote, since browsers quote URLs and file names there;
// the name of the exception is kept.
package browser

import (
	"context"
	"errors"
	"strings"
	"sync"
	"syscall/js"
)

// Error is an exception of the browser, known by its name alone:
// "QuotaExceededError", "AbortError", "TypeError".
type Error struct{ Name string }

func (e *Error) Error() string { return "browser: " + e.Name }

// named says whether err is a browser exception with one of names.
func named(err error, names ...string) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	for _, n := range names {
		if e.Name == n {
			return true
		}
	}
	return false
}

// exception makes an Error of whatever JavaScript threw.
func exception(v js.Value) error {
	if v.Type() == js.TypeObject {
		if name := text(v.Get("name")); name != "" {
			return &Error{name}
		}
	}
	return &Error{"Error"}
}

// try runs f and turns an exception, or the use of a value as something it is
// not, into an error.
func try(f func() js.Value) (v js.Value, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case js.Error:
			v, err = js.Undefined(), exception(r.Value)
		case *js.ValueError:
			v, err = js.Undefined(), &Error{"TypeError"}
		case string: // "syscall/js: Value.Call: property … is not a function"
			if !strings.HasPrefix(r, "syscall/js:") {
				panic(r)
			}
			v, err = js.Undefined(), &Error{"TypeError"}
		default:
			panic(r)
		}
	}()
	return f(), nil
}

// call is v.Call with an error.
func call(v js.Value, method string, args ...any) (js.Value, error) {
	return try(func() js.Value { return v.Call(method, args...) })
}

// construct is the new operator on a global, with an error.
func construct(global string, args ...any) (js.Value, error) {
	return try(func() js.Value { return js.Global().Get(global).New(args...) })
}

// get walks properties; undefined where there is nothing.
func get(v js.Value, keys ...string) js.Value {
	for _, k := range keys {
		switch v.Type() {
		case js.TypeObject, js.TypeFunction:
		default:
			return js.Undefined()
		}
		next, err := try(func() js.Value { return v.Get(k) })
		if err != nil {
			return js.Undefined()
		}
		v = next
	}
	return v
}

// global is get on globalThis.
func global(keys ...string) js.Value { return get(js.Global(), keys...) }

// text is v if it is a string, and "" otherwise.
func text(v js.Value) string {
	if v.Type() != js.TypeString {
		return ""
	}
	return v.String()
}

// integer is v if it is a number, and otherwise.
func integer(v js.Value, otherwise int) int {
	if v.Type() != js.TypeNumber || v.IsNaN() {
		return otherwise
	}
	return v.Int()
}

// yes says whether v is the boolean true.
func yes(v js.Value) bool { return v.Type() == js.TypeBoolean && v.Bool() }

// listen adds a listener to target and returns what removes and releases it.
// f must not block: the page stands still while it runs.
func listen(target js.Value, event string, f func(e js.Value), options ...any) (cancel func()) {
	if get(target, "addEventListener").Type() != js.TypeFunction {
		return func() {}
	}
	fn := js.FuncOf(func(_ js.Value, args []js.Value) any {
		try(func() js.Value {
			if len(args) > 0 {
				f(args[0])
			}
			return js.Undefined()
		})
		return nil
	})
	call(target, "addEventListener", append([]any{event, fn}, options...)...)
	return sync.OnceFunc(func() {
		call(target, "removeEventListener", append([]any{event, fn}, options...)...)
		fn.Release()
	})
}

// first waits for the first of events on target and returns its name. The
// listeners are there before it blocks, so an operation started in the same
// breath cannot answer too early.
func first(ctx context.Context, target js.Value, events ...string) (string, error) {
	came := make(chan string, len(events))
	for _, name := range events {
		defer listen(target, name, func(js.Value) { came <- name })()
	}
	select {
	case name := <-came:
		return name, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// await waits for a promise. When ctx ends first it returns at once; the two
// functions are released when the promise settles all the same.
func await(ctx context.Context, promise js.Value) (js.Value, error) {
	if get(promise, "then").Type() != js.TypeFunction {
		return promise, nil
	}
	type outcome struct {
		v   js.Value
		err error
	}
	settled := make(chan outcome, 1)
	var done, failed js.Func
	release := func() { done.Release(); failed.Release() }
	done = js.FuncOf(func(_ js.Value, args []js.Value) any {
		release()
		v := js.Undefined()
		if len(args) > 0 {
			v = args[0]
		}
		settled <- outcome{v, nil}
		return nil
	})
	failed = js.FuncOf(func(_ js.Value, args []js.Value) any {
		release()
		err := error(&Error{"Error"})
		if len(args) > 0 {
			err = exception(args[0])
		}
		settled <- outcome{js.Undefined(), err}
		return nil
	})
	if _, err := call(promise, "then", done, failed); err != nil {
		release()
		return js.Undefined(), err
	}
	select {
	case o := <-settled:
		return o.v, o.err
	case <-ctx.Done():
		return js.Undefined(), ctx.Err()
	}
}

// promised calls an asynchronous method and waits for it.
func promised(ctx context.Context, v js.Value, method string, args ...any) (js.Value, error) {
	p, err := call(v, method, args...)
	if err != nil {
		return js.Undefined(), err
	}
	return await(ctx, p)
}

// toJS copies b into a Uint8Array with a buffer of its own.
func toJS(b []byte) (js.Value, error) {
	a, err := construct("Uint8Array", len(b))
	if err != nil {
		return a, err // RangeError: no memory
	}
	js.CopyBytesToJS(a, b)
	return a, nil
}

// fromJS copies a Uint8Array or an ArrayBuffer.
func fromJS(v js.Value) ([]byte, error) {
	if v.Type() == js.TypeObject && v.InstanceOf(js.Global().Get("ArrayBuffer")) {
		v = js.Global().Get("Uint8Array").New(v)
	}
	if v.Type() != js.TypeObject || !v.InstanceOf(js.Global().Get("Uint8Array")) {
		return nil, &Error{"TypeError"}
	}
	b := make([]byte, v.Get("length").Int())
	js.CopyBytesToGo(b, v)
	return b, nil
}

// OnPage says whether this instance has a page, rather than being a worker.
func OnPage() bool { return global("document").Truthy() }
