//go:build js

package browser

import (
	"context"
	"sync"
	"syscall/js"
)

// KeepAwake holds a screen wake lock until release. The browser takes it away
// when the page is hidden, so it is asked for again when the page returns.
func (d *Device) KeepAwake() (release func()) {
	k := &awake{}
	stop := listen(global("document"), "visibilitychange", func(js.Value) {
		if visible() {
			go k.take()
		}
	})
	go k.take()
	return sync.OnceFunc(func() { stop(); k.end() })
}

// awake is one wish to stay awake and the lock that grants it, if any.
type awake struct {
	mu    sync.Mutex // owns the fields below
	lock  js.Value
	ended bool
}

func (k *awake) take() {
	wake := global("navigator", "wakeLock")
	if !wake.Truthy() {
		return
	}
	lock, err := promised(context.Background(), wake, "request", "screen")
	if err != nil {
		return // battery saver, or the page is hidden again
	}
	k.mu.Lock()
	old, ended := k.lock, k.ended
	k.lock = lock
	k.mu.Unlock()
	if old.Truthy() {
		call(old, "release")
	}
	if ended {
		call(lock, "release")
	}
}

func (k *awake) end() {
	k.mu.Lock()
	lock := k.lock
	k.ended = true
	k.mu.Unlock()
	if lock.Truthy() {
		call(lock, "release")
	}
}
