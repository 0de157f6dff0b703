//go:build js

package browser_test

import (
	"strings"
	"syscall/js"
	"testing"
	"time"

	"potli/app/wallet"
	"potli/wasm/browser"
)

// A tab of an earlier release kept the lock for as long as it was open.
func TestOldTab(t *testing.T) {
	inScene(t, "old-tab")
	held := make(chan bool, 1)
	forever := js.Global().Get("Promise").New(function(t, func(js.Value, []js.Value) any { return nil }))
	keep := js.FuncOf(func(js.Value, []js.Value) any { // lives as long as the page
		held <- true
		return forever
	})
	js.Global().Get("navigator").Get("locks").Call("request", "vault-write", keep)
	<-held
}

// Run in a second tab while the first holds the lock.
func TestClaimElsewhere(t *testing.T) {
	inScene(t, "second-tab")
	begin := time.Now()
	h := &browser.Host{}
	if ok, err := h.Claim(t.Context()); ok || err != nil {
		t.Errorf("got %v, %v; want false", ok, err)
	}
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

// Run in that tab after the first has gone, and then in both.
func TestClaimAfter(t *testing.T) {
	inScene(t, "after")
	h := &browser.Host{}
	for range 2 {
		if ok, err := h.Claim(t.Context()); !ok || err != nil {
			t.Errorf("got %v, %v; want true", ok, err)
		}
	}
	// One that writes is no hindrance: it takes turns.
	end, err := (&browser.Tabs{}).Turn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer end(false)
	if ok, err := (&browser.Host{}).Claim(t.Context()); !ok || err != nil {
		t.Errorf("beside a tab that writes: %v, %v; want true", ok, err)
	}
}

func TestClaimWithoutLocks(t *testing.T) {
	onPage(t)
	locks := js.Global().Get("Object").Call("getOwnPropertyDescriptor", js.Global().Get("Navigator").Get("prototype"), "locks")
	js.Global().Get("Object").Call("defineProperty", js.Global().Get("Navigator").Get("prototype"), "locks",
		map[string]any{"value": js.Undefined(), "configurable": true})
	t.Cleanup(func() {
		js.Global().Get("Object").Call("defineProperty", js.Global().Get("Navigator").Get("prototype"), "locks", locks)
	})
	if ok, err := (&browser.Host{}).Claim(t.Context()); ok || err != browser.ErrNoLocks {
		t.Errorf("got %v, %v; want ErrNoLocks", ok, err)
	}
}

func TestSentinel(t *testing.T) {
	onPage(t)
	h := &browser.Host{}
	h.SetSentinel("")
	if got := h.Sentinel(); got != "" {
		t.Fatalf("before: got %q", got)
	}
	h.SetSentinel(`{"vault":"x","seq":7}`)
	if got := h.Sentinel(); got != `{"vault":"x","seq":7}` {
		t.Errorf("got %q", got)
	}
	cookie := js.Global().Get("document").Get("cookie").String()
	if cookie != "vault=1" {
		t.Errorf("cookie: got %q, want only vault=1", cookie)
	}
	js.Global().Get("localStorage").Call("clear")
	if got := h.Sentinel(); got != browser.CookieSentinel {
		t.Errorf("only the cookie left: got %q", got)
	}
	h.SetSentinel("")
	if got := h.Sentinel(); got != "" || strings.Contains(js.Global().Get("document").Get("cookie").String(), "vault") {
		t.Errorf("after forgetting: got %q", got)
	}
}

func TestStorage(t *testing.T) {
	onPage(t)
	var h wallet.Host = &browser.Host{}
	s := h.Storage(t.Context())
	if !s.Known || s.Quota <= 0 || s.Used < 0 {
		t.Errorf("got %+v", s)
	}
	// Headless Chromium refuses to persist; the answer must be its own.
	if p := h.Persist(t.Context()); !p.Known {
		t.Errorf("Persist: got %+v", p)
	}
}
