//go:build js

package browser

import (
	"context"
	"errors"
	"sync"
	"syscall/js"
	"time"

	"potli/app/wallet"
)

// Host is wallet.Host.
type Host struct {
	mu   sync.Mutex // owns held
	held bool
}

var _ wallet.Host = (*Host)(nil)

// ErrNoLocks: without the Web Locks API two tabs could write at once.
var ErrNoLocks = errors.New("this browser has no Web Locks")

// lockName is the Web Lock of the one writer (R6).
const lockName = "vault-write"

// claimWait is how long Claim asks again. A page that just went away gives its
// lock back a moment after its successor has started.
const (
	claimWait = 2 * time.Second
	claimStep = 100 * time.Millisecond
)

// Claim takes the exclusive lock and keeps it until the page goes. It says no
// only when the browser itself has said, at each try, that somebody holds it:
// a slow machine must not be taken for a second tab.
func (h *Host) Claim(ctx context.Context) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held {
		return true, nil
	}
	locks := global("navigator", "locks")
	if !locks.Truthy() || !global("indexedDB").Truthy() {
		return false, ErrNoLocks
	}
	for waited := time.Duration(0); ; waited += claimStep {
		held, err := tryLock(locks)
		if err != nil || held {
			h.held = held
			return held, err
		}
		if waited >= claimWait {
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(claimStep):
		}
	}
}

// tryLock asks once for a lock that is free now.
func tryLock(locks js.Value) (bool, error) {
	answer, page := make(chan bool, 1), pending()
	// When the lock is granted, answered lives as long as the page, as does the
	// promise that the lock is held for.
	answered := js.FuncOf(func(_ js.Value, args []js.Value) any {
		granted := len(args) > 0 && args[0].Truthy()
		answer <- granted
		if granted {
			return page
		}
		return nil
	})
	request, err := call(locks, "request", lockName, map[string]any{"mode": "exclusive", "ifAvailable": true}, answered)
	if err != nil {
		answered.Release()
		return false, ErrNoLocks
	}
	ended := make(chan error, 1)
	go func() { // ends when the lock is not granted, or with the page
		_, err := await(context.Background(), request)
		ended <- err
	}()
	select {
	case granted := <-answer:
		if !granted {
			<-ended
			answered.Release()
		}
		return granted, nil
	case <-ended:
	}
	answered.Release()
	select {
	case <-answer: // it ended after the answer: somebody else has it
		return false, nil
	default: // SecurityError, or the page is not active
		return false, ErrNoLocks
	}
}

// pending returns a promise that never settles.
func pending() js.Value {
	nothing := js.FuncOf(func(js.Value, []js.Value) any { return nil })
	defer nothing.Release()
	p, _ := construct("Promise", nothing)
	return p
}

// The sentinel lies in localStorage, and a cookie says that there is one (R4).
// The cookie holds no more than that because it travels to the app's server;
// it is all that iOS copies when the app is put on the home screen.
const (
	sentinelKey    = "potli.sentinel"
	sentinelCookie = "vault"
	cookieLife     = "34560000" // seconds; browsers allow 400 days at most
)

// CookieSentinel is what Sentinel returns when only the cookie was left.
const CookieSentinel = "vault=1"

// Sentinel returns what SetSentinel kept, CookieSentinel when only the cookie
// survived, and "" when there never was a vault.
func (h *Host) Sentinel() string {
	if s := recall(sentinelKey); s != "" {
		return s
	}
	if hasCookie(sentinelCookie, "1") {
		return CookieSentinel
	}
	return ""
}

// SetSentinel keeps s; "" forgets.
func (h *Host) SetSentinel(s string) {
	remember(sentinelKey, s)
	life := cookieLife
	if s == "" {
		life = "0"
	}
	cookie := sentinelCookie + "=1; Path=/; SameSite=Strict; Max-Age=" + life
	if text(global("location", "protocol")) == "https:" {
		cookie += "; Secure"
	}
	try(func() js.Value { js.Global().Get("document").Set("cookie", cookie); return js.Undefined() })
}

// Persist asks the browser to keep the storage. Call it in a gesture.
func (h *Host) Persist(ctx context.Context) wallet.Storage {
	if storage := global("navigator", "storage"); storage.Truthy() {
		promised(ctx, storage, "persist")
	}
	return h.Storage(ctx)
}

// Storage says how the browser keeps it. Known is false where it does not say.
func (h *Host) Storage(ctx context.Context) wallet.Storage {
	var s wallet.Storage
	storage := global("navigator", "storage")
	if !storage.Truthy() {
		return s
	}
	if v, err := promised(ctx, storage, "persisted"); err == nil {
		s.Persisted, s.Known = yes(v), true
	}
	if v, err := promised(ctx, storage, "estimate"); err == nil {
		s.Used, s.Quota = number(get(v, "usage")), number(get(v, "quota"))
	}
	return s
}

func number(v js.Value) int64 {
	if v.Type() != js.TypeNumber || v.IsNaN() {
		return 0
	}
	return int64(v.Float())
}

// Drop blanks the screen and starts the program anew at "/": only a new
// instance has no keys, since Go copies memory freely (security.md §2).
func (h *Host) Drop() {
	try(func() js.Value {
		js.Global().Get("document").Get("documentElement").Set("hidden", true)
		return js.Undefined()
	})
	if _, err := call(global("location"), "replace", "/"); err != nil {
		call(global("location"), "reload")
	}
}
