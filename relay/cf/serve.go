//go:build js && wasm

package cf

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/syumai/workers"
)

// Serve tells worker.mjs that requests may come, answers them by h, and does not
// return.
func Serve(h http.Handler) {
	workers.ServeNonBlock(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(h, w.(inner), r)
	}))
	workers.Ready()
	select {}
}

// answer runs h for one request. The context ends when the reader of a stream
// leaves, and when h returns.
func answer(h http.Handler, w inner, r *http.Request) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	res := newResponse(w, r.Method, cancel)
	r = repair(r).WithContext(ctx)
	to := http.ResponseWriter(res)
	if b, ok := newBody(r); ok {
		r.Body = b
		defer b.Close()
		to = withBody{res, b}
	}
	defer func() {
		// A panic that gets out of here would end every other request too.
		if recover() != nil {
			res.fail()
		}
	}()
	h.ServeHTTP(to, r)
	res.finish()
}

// withBody is a response whose request has a body.
type withBody struct {
	*response
	body *body
}

// SetReadDeadline bounds the waiting of later reads (http.ResponseController).
func (w withBody) SetReadDeadline(t time.Time) error {
	w.body.deadline = t
	return nil
}

// repair makes r look as net/http's server would have it: the library splits
// every header at its commas, dates included, and leaves the host in the URL.
func repair(r *http.Request) *http.Request {
	r = r.Clone(context.Background())
	for name, values := range r.Header {
		r.Header[name] = []string{strings.Join(values, ",")}
	}
	r.Host = r.URL.Host
	r.URL.Scheme, r.URL.Host = "", ""
	r.RequestURI = r.URL.RequestURI()
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	r.TransferEncoding = nil
	if _, body := newBody(r); body && r.Header.Get("Content-Length") == "" {
		r.ContentLength = -1
	}
	return r
}
