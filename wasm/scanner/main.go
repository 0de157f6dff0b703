//go:build js

// Command scanner is the reader of QR codes for browsers that have none of their
// own. It runs in a dedicated worker, beside the wallet and apart from it: it is
// fetched and compiled when a camera is first turned on, knows no key and no
// record, and ends with the page. web/worker.js starts it as it starts the
// wallet's own workers, and the messages are the same (wasm/browser, Workers):
//
//	page                                        worker
//	  │◀────────────────────────────── {ready}    │
//	  │ {id, job: "square", input: Uint8Array}    │ pixels of a square, RGBA; handed over
//	  ├──────────────────────────────────────────▶│
//	  │◀───────────────────── {id, output: …}     │ the text in UTF-8, or nothing
//	  │◀──────────────────────── {id, error}      │ these were no pixels
//
// One picture at a time: the next is sent when the last was answered.
package main

import (
	"errors"
	"syscall/js"

	"potli/app/scan/decode"
)

func main() {
	// Lives as long as the worker. It is set, not added, because worker.js keeps
	// what came early until onmessage is another's.
	js.Global().Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if len(args) > 0 {
			answer(args[0].Get("data"))
		}
		return nil
	}))
	say(map[string]any{"ready": true})
	select {}
}

// answer reads one picture. What is not the page's message is left alone.
func answer(data js.Value) {
	if data.Type() != js.TypeObject || data.Get("id").Type() != js.TypeNumber {
		return
	}
	id := data.Get("id").Int()
	pixels, err := input(data.Get("input"))
	if err != nil {
		say(map[string]any{"id": id, "error": err.Error()})
		return
	}
	text, err := decode.Read(pixels)
	if err != nil && !errors.Is(err, decode.ErrNothing) {
		say(map[string]any{"id": id, "error": err.Error()})
		return
	}
	output := js.Global().Get("Uint8Array").New(len(text))
	js.CopyBytesToJS(output, []byte(text))
	say(map[string]any{"id": id, "output": output})
}

// input copies the pixels, if they are as many as a square has.
func input(v js.Value) ([]byte, error) {
	if v.Type() != js.TypeObject || !v.InstanceOf(js.Global().Get("Uint8Array")) {
		return nil, decode.ErrPicture
	}
	n := v.Get("length").Int()
	if _, err := decode.Side(n); err != nil {
		return nil, err
	}
	pixels := make([]byte, n)
	js.CopyBytesToGo(pixels, v)
	return pixels, nil
}

func say(message map[string]any) { js.Global().Call("postMessage", message) }
