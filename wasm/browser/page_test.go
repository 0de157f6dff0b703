//go:build js

// The tests of this package run in three places. Under Node they check what
// needs no browser, and the rest is skipped. In Chromium, where e2e/browser
// loads the test binary into a page under the app's real policy, all of them
// run. And the test binary is also what the page's workers run.
package browser_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"golang.org/x/crypto/scrypt"

	"potli/app/vault"
	"potli/wasm/browser"
)

func TestMain(m *testing.M) {
	if js.Global().Get("WorkerGlobalScope").Truthy() {
		browser.ServeJobs(jobs)
	}
	os.Exit(m.Run())
}

// jobs is what the workers of the tests can do.
func jobs(ctx context.Context, job string, in []byte, progress func(done, total int)) ([]byte, error) {
	switch job {
	case "upper":
		for i := range 3 {
			progress(i+1, 3)
		}
		return []byte(strings.ToUpper(string(in))), nil
	case "full":
		return nil, errors.Join(errors.New("sealing"), vault.ErrFull)
	case "panic":
		var none []int
		return nil, errors.New(string(rune(none[len(in)])))
	case "scrypt":
		return scrypt.Key(in, []byte("salt and pepper!"), 1<<17, 8, 1, 32)
	case "spin":
		for {
		}
	case "exit":
		os.Exit(2)
	case "id":
		return []byte(instanceID), nil
	}
	return nil, errors.New("no such job")
}

// instanceID tells one worker from another.
var instanceID = time.Now().Format(time.RFC3339Nano) + js.Global().Get("Math").Call("random").String()

// onPage skips a test where there is no page.
func onPage(t *testing.T) {
	t.Helper()
	if !browser.OnPage() {
		t.Skip("needs a page: run by e2e/browser")
	}
}

// inScene skips a test that only makes sense when e2e/browser has set a scene.
func inScene(t *testing.T, name string) {
	t.Helper()
	onPage(t)
	if param("scene") != name {
		t.Skip("needs the scene " + name + ": set by e2e/browser")
	}
}

// param is a parameter of the page's address.
func param(name string) string {
	if !browser.OnPage() {
		return ""
	}
	v := js.Global().Get("URLSearchParams").New(js.Global().Get("location").Get("search")).Call("get", name)
	if v.Type() != js.TypeString {
		return ""
	}
	return v.String()
}

// patch replaces a property for the length of a test.
func patch(t *testing.T, target js.Value, name string, value any) {
	t.Helper()
	old := target.Get(name)
	target.Set(name, value)
	t.Cleanup(func() { target.Set(name, old) })
}

// function is a js.Func released at the end of the test.
func function(t *testing.T, f func(this js.Value, args []js.Value) any) js.Func {
	fn := js.FuncOf(f)
	t.Cleanup(fn.Release)
	return fn
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 200 {
		if ok() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s: not within 5 s", what)
}

// on adds a listener for the length of a test.
func on(t *testing.T, target js.Value, event string, f func(js.Value)) {
	fn := js.FuncOf(func(_ js.Value, args []js.Value) any { f(args[0]); return nil })
	target.Call("addEventListener", event, fn)
	t.Cleanup(func() { target.Call("removeEventListener", event, fn); fn.Release() })
}
