//go:build js

package browser

import (
	"context"
	"errors"
	"strings"
	"syscall/js"
)

// ErrTooLong: the answer was longer than the caller wanted to read.
var ErrTooLong = errors.New("the answer is too long")

// ask is one HTTP request.
type ask struct {
	method, url string
	header      map[string]string
	body        []byte      // nil: none
	max         int64       // bytes of the answer that are read
	ours        bool        // of our own release: the service worker and its cache may answer
	got         func(n int) // is told of bytes as they come; nil: nobody is
}

// answer is what came back.
type answer struct {
	status int
	header js.Value // a Headers object
	body   []byte
}

// fetch performs one request. The body is read piece by piece, so that a host
// cannot fill the memory.
func fetch(ctx context.Context, q ask) (a answer, err error) {
	err = fetching(ctx, q, func(response js.Value) error {
		body, err := readAll(ctx, response, q.max, q.got)
		a = answer{integer(get(response, "status"), 0), get(response, "headers"), body}
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return a, nil
}

// fetching performs one request and gives its Response to read. Whatever the
// other side is, it learns neither a cookie nor where the request came from, and
// nothing of the answer stays in the browser's cache.
func fetching(ctx context.Context, q ask, read func(response js.Value) error) error {
	abort, err := construct("AbortController")
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { call(abort, "abort") })()
	// Once the answer is whole this does nothing; otherwise it ends the transfer.
	defer call(abort, "abort")

	options := map[string]any{
		"method":         q.method,
		"credentials":    "omit",
		"referrerPolicy": "no-referrer",
		"redirect":       "error",
		"cache":          "no-store",
		"signal":         abort.Get("signal"),
	}
	if q.ours {
		options["cache"] = "default"
	}
	if len(q.header) > 0 {
		h := map[string]any{}
		for k, v := range q.header {
			h[k] = v
		}
		options["headers"] = h
	}
	if q.body != nil {
		b, err := toJS(q.body)
		if err != nil {
			return err
		}
		options["body"] = b
	}
	response, err := promised(ctx, js.Global(), "fetch", q.url, options)
	if err == nil {
		err = read(response)
	}
	if err != nil {
		return ended(ctx, err)
	}
	return nil
}

// ended prefers the reason of the context to the AbortError it caused.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// readAll reads a Response up to max bytes.
func readAll(ctx context.Context, response js.Value, max int64, got func(int)) ([]byte, error) {
	if n, ok := length(response); ok && n > max {
		return nil, ErrTooLong
	}
	var all []byte
	err := pieces(ctx, response, func(chunk js.Value) error {
		n := integer(get(chunk, "byteLength"), 0)
		if got != nil {
			got(n)
		}
		if int64(len(all)+n) > max {
			return ErrTooLong
		}
		b, err := fromJS(chunk)
		all = append(all, b...)
		return err
	})
	return all, err
}

// pieces calls each for every piece of a Response's body as it comes.
func pieces(ctx context.Context, response js.Value, each func(chunk js.Value) error) error {
	stream := get(response, "body")
	if !stream.Truthy() {
		return nil
	}
	reader, err := call(stream, "getReader")
	if err != nil {
		return err
	}
	for {
		part, err := promised(ctx, reader, "read")
		if err != nil {
			return err
		}
		if get(part, "done").Truthy() {
			return nil
		}
		if err := each(get(part, "value")); err != nil {
			return err
		}
	}
}

// length is the Content-Length, where the body is not compressed.
func length(response js.Value) (int64, bool) {
	h := get(response, "headers")
	if v, err := call(h, "get", "Content-Encoding"); err != nil || text(v) != "" {
		return 0, false
	}
	v, err := call(h, "get", "Content-Length")
	if err != nil || text(v) == "" {
		return 0, false
	}
	var n int64
	for _, c := range text(v) {
		if c < '0' || c > '9' || n > 1<<40 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// Asset returns a file of our own release, such as "/web/messages/en.json".
func Asset(ctx context.Context, path string, max int64) ([]byte, error) {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return nil, errors.New("not a path of this site")
	}
	if b, ok := ahead(ctx, path, max); ok {
		return b, nil
	}
	a, err := fetch(ctx, ask{method: "GET", url: path, max: max, ours: true})
	if err != nil {
		return nil, err
	}
	if a.status != 200 {
		return nil, errors.New("a file of this release is missing")
	}
	return a.body, nil
}

// ahead returns a file that the page asked for while the program came (web/boot.js),
// once. Where that failed it is asked for again.
func ahead(ctx context.Context, path string, max int64) ([]byte, bool) {
	all := global("potliAhead")
	if !all.Truthy() {
		return nil, false
	}
	answer, err := call(all, "get", path)
	if err != nil || !answer.Truthy() {
		return nil, false
	}
	call(all, "delete", path)
	response, err := await(ctx, answer)
	if err != nil || integer(get(response, "status"), 0) != 200 {
		return nil, false
	}
	b, err := readAll(ctx, response, max, nil)
	return b, err == nil
}
