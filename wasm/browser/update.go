//go:build js

package browser

import (
	"sync"
	"syscall/js"
)

// OnUpdate calls f once, when a new release is whole and waits for the next
// start. web/renew.js asks the service worker and keeps the answer.
func (d *Device) OnUpdate(f func()) (cancel func()) {
	var once sync.Once
	look := func(js.Value) {
		if text(global("potliUpdate")) != "" {
			once.Do(func() { go f() })
		}
	}
	cancel = listen(js.Global(), "potli-update", look)
	look(js.Undefined())
	return cancel
}

func visible() bool { return text(global("document", "visibilityState")) != "hidden" }
