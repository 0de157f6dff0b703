// Command hello is the smallest program that go-app starts: the tests of the
// shell, the service worker and the dedicated worker run it in place of the
// wallet, so that they fail for their own reasons alone.
package main

import (
	"syscall/js"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

type page struct{ app.Compo }

func (p *page) Render() app.UI {
	return app.Main().ID("hello").Body(app.H1().Text("hello from wasm"))
}

func main() {
	if js.Global().Get("document").IsUndefined() {
		echo()
	}
	app.RouteWithRegexp(".*", func() app.Composer { return &page{} })
	app.RunWhenOnBrowser()
}

// echo is the program in a dedicated worker. It listens late, so that what came
// before must have been kept for it.
func echo() {
	time.Sleep(50 * time.Millisecond)
	js.Global().Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		switch data := args[0].Get("data"); {
		case data.Get("say").Truthy():
			js.Global().Call("postMessage", map[string]any{"heard": data.Get("say")})
		case data.Get("die").Truthy():
			go panic("asked to")
		}
		return nil
	}))
	js.Global().Call("postMessage", map[string]any{"ready": true})
	select {}
}
