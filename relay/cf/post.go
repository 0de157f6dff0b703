//go:build js && wasm

package cf

import (
	"context"
	"syscall/js"
)

// Post sends one POST request and returns the status of the answer, whatever it
// is. It follows no redirect, and takes its time from ctx. The body has a length,
// where the library would send a stream that push services may refuse; the
// answer's is dropped. It has the shape of webpush.Post.
func Post(ctx context.Context, url string, header map[string]string, body []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	abort := global.Get("AbortController").New()
	options := map[string]any{"method": "POST", "headers": headers(header), "redirect": "manual", "signal": abort.Get("signal")}
	if len(body) > 0 {
		b := uint8Array.New(len(body))
		js.CopyBytesToJS(b, body)
		options["body"] = b
	}
	var sent js.Value
	if err := try(func() { sent = global.Call("fetch", url, options) }); err != nil {
		return 0, err
	}
	select {
	case s := <-begin(sent):
		if s.err != nil {
			return 0, s.err
		}
		if b := s.v.Get("body"); !b.IsNull() {
			ignore(b.Call("cancel"))
		}
		return s.v.Get("status").Int(), nil
	case <-ctx.Done():
		abort.Call("abort")
		return 0, ctx.Err()
	}
}

func headers(h map[string]string) map[string]any {
	m := make(map[string]any, len(h))
	for name, value := range h {
		m[name] = value
	}
	return m
}
