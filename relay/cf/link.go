//go:build js && wasm

package cf

import (
	"context"
	"syscall/js"
	"time"

	"github.com/syumai/workers/cloudflare"
)

// host is what worker.mjs hands to this program when it starts it:
//
//	sql              exec(text, …) returns rows changed, query(text, …) a result as bytes
//	binding          where this program leaves the functions that are called from there
//	stream(length)   makes {readable, writer} for an answer sent in pieces, null for an unknown length
//	discard(stream, reader)  reads on and forgets
//	publish(tag, s)  sends a text to the hibernating sockets with a tag, and returns how many there are
var host = js.Global().Get("context")

var (
	uint8Array = js.Global().Get("Uint8Array")
	promise    = js.Global().Get("Promise")
	// The global object itself: functions of the platform refuse to be called on
	// the proxy that js.Global() is here.
	global = js.Global().Get("globalThis")
)

// Getenv returns a variable or secret of the deployment, "" where there is none.
func Getenv(name string) string {
	v := cloudflare.GetBinding(name)
	if v.Type() != js.TypeString {
		return "" // workerd has null for a variable of its environment that is not set
	}
	return v.String()
}

// Publish sends text to every socket that waits under tag, and returns to how
// many. The sockets stay open while this program is not in memory.
func Publish(tag, text string) int {
	return host.Call("publish", tag, text).Int()
}

// offer lets worker.mjs call f, which it sees as a function that returns a promise.
func offer(name string, f func() (any, error)) {
	host.Get("binding").Set(name, js.FuncOf(func(js.Value, []js.Value) any {
		var start js.Func
		start = js.FuncOf(func(_ js.Value, settle []js.Value) any {
			start.Release()
			go func() {
				v, err := f()
				if err != nil {
					settle[1].Invoke(global.Get("Error").New(err.Error()))
					return
				}
				settle[0].Invoke(v)
			}()
			return nil
		})
		return promise.New(start)
	}))
}

// ignore lets a promise end as it likes. Without it one that fails would be
// reported as unhandled.
func ignore(p js.Value) { p.Call("then", nothing, nothing) }

var nothing = js.FuncOf(func(js.Value, []js.Value) any { return nil })

// OnAlarm lets f be called when the object is woken. It returns when to be woken
// next, the zero time for not at all.
func OnAlarm(f func(ctx context.Context) (next time.Time, err error)) {
	offer("alarm", func() (any, error) {
		next, err := f(context.Background())
		if err != nil || next.IsZero() {
			return nil, err
		}
		return float64(next.UnixMilli()), nil
	})
}
