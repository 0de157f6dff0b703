//go:build js

package browser

import (
	"context"
	"sync"
	"syscall/js"

	"potli/app/wallet"
)

// Host is wallet.Host.
type Host struct {
	mu   sync.Mutex // owns held
	held bool       // the lock that says that this page takes turns
}

var _ wallet.Host = (*Host)(nil)

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
