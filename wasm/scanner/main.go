//go:build js

// Command scanner is the reader of QR codes for browsers that have none of their
// own, and draws them for the clinic's page, which has no other program. It runs in a dedicated worker, beside the wallet and apart from it: it is
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
//	  │ {id, job: "draw", input: Uint8Array}      │ a text in UTF-8
//	  ├──────────────────────────────────────────▶│
//	  │◀───────────────────── {id, output: …}     │ "<width> <path>", as SVG has them (app/qr)
//	  │◀──────────────────────── {id, error}      │ longer than a code
//
// One job at a time: the next is sent when the last was answered.
package main

import (
	"errors"
	"strconv"
	"syscall/js"

	"potli/app/qr"
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

// answer does one job. What is not the page's message is left alone.
func answer(data js.Value) {
	if data.Type() != js.TypeObject || data.Get("id").Type() != js.TypeNumber {
		return
	}
	id, job := data.Get("id").Int(), read
	if name := data.Get("job"); name.Type() == js.TypeString && name.String() == "draw" {
		job = draw
	}
	text, err := job(data.Get("input"))
	if err != nil {
		say(map[string]any{"id": id, "error": err.Error()})
		return
	}
	output := js.Global().Get("Uint8Array").New(len(text))
	js.CopyBytesToJS(output, []byte(text))
	say(map[string]any{"id": id, "output": output})
}

// read reads a picture, if it has as many pixels as a square; "" for one without a
// code.
func read(v js.Value) (string, error) {
	pixels, err := input(v, func(n int) error { _, err := decode.Side(n); return err })
	if err != nil {
		return "", err
	}
	text, err := decode.Read(pixels)
	if errors.Is(err, decode.ErrNothing) {
		return "", nil
	}
	return text, err
}

// draw makes the code of a text.
func draw(v js.Value) (string, error) {
	text, err := input(v, func(n int) error {
		if n > 4096 {
			return qr.ErrTooLong
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	code, err := qr.EncodeLong(string(text))
	if err != nil {
		return "", err
	}
	return strconv.Itoa(code.Size()) + " " + code.Path(), nil
}

// input copies bytes of a length that is right.
func input(v js.Value, right func(n int) error) ([]byte, error) {
	if v.Type() != js.TypeObject || !v.InstanceOf(js.Global().Get("Uint8Array")) {
		return nil, decode.ErrPicture
	}
	n := v.Get("length").Int()
	if err := right(n); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	js.CopyBytesToGo(b, v)
	return b, nil
}

func say(message map[string]any) { js.Global().Call("postMessage", message) }
