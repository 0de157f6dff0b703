//go:build js && wasm

package cf

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"syscall/js"
	"time"
)

// inner is the library's writer. Its own way to send a body closes a channel
// that there is once in a program, so that the second answer would panic
// (github.com/syumai/workers-go/issues/193). A raw body, null where there is
// none, goes round that: WriteRawJSBody is always called, Write never.
type inner interface {
	http.ResponseWriter
	WriteRawJSBody(body js.Value)
	Ready()
}

// mostWhole is how much of an answer is gathered before it is sent in pieces.
const mostWhole = 256 << 10

// response is what net/http's own would be. Status and headers are settled by the
// first write. A small answer goes in one piece; one that is larger, or that is
// flushed, goes as a stream which waits for its reader, so that memory holds one
// piece of it.
type response struct {
	inner    inner
	method   string
	cancel   context.CancelFunc // of the request's context
	header   http.Header        // the handler's, until settled
	settled  bool
	status   int
	length   int64 // as announced, -1 when not
	whole    []byte
	out      js.Value // the stream's writer, once there is one
	deadline time.Time
	gone     bool // the reader has left, or was too slow
}

var (
	errGone = errors.New("the reader has gone")

	_ http.Flusher = (*response)(nil)
)

func newResponse(w inner, method string, cancel context.CancelFunc) *response {
	return &response{inner: w, method: method, cancel: cancel, header: http.Header{}, length: -1}
}

func (w *response) Header() http.Header { return w.header }

// SetReadDeadline is not here: the request's body keeps that one, see serve.go.

// SetWriteDeadline bounds the waiting of later writes (http.ResponseController).
func (w *response) SetWriteDeadline(t time.Time) error {
	w.deadline = t
	return nil
}

func (w *response) WriteHeader(status int) {
	if w.settled || status < 200 && status != http.StatusSwitchingProtocols {
		return // informational answers are not for us
	}
	if status == http.StatusSwitchingProtocols {
		status = http.StatusInternalServerError // worker.mjs alone accepts sockets
	}
	w.settled, w.status = true, status
	for name, values := range w.header {
		w.inner.Header()[name] = append([]string(nil), values...)
	}
	w.inner.WriteHeader(status)
	if n, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		w.length = n
	}
}

// bodiless reports whether the answer has headers only.
func (w *response) bodiless() bool {
	return w.method == http.MethodHead || w.status == http.StatusNoContent || w.status == http.StatusNotModified
}

func (w *response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case w.status == http.StatusNoContent || w.status == http.StatusNotModified:
		return 0, http.ErrBodyNotAllowed
	case w.bodiless():
		return len(p), nil
	case w.out.IsUndefined() && len(w.whole)+len(p) <= mostWhole:
		w.whole = append(w.whole, p...)
		return len(p), nil
	case w.out.IsUndefined():
		if err := w.stream(); err != nil {
			return 0, err
		}
	}
	return w.send(p)
}

// Flush sends what there is and turns the answer into a stream.
func (w *response) Flush() {
	w.WriteHeader(http.StatusOK)
	if w.out.IsUndefined() && !w.bodiless() {
		w.stream() // an error comes again with the next write
	}
}

// stream hands the answer over with a body that is written piece by piece.
func (w *response) stream() error {
	length := any(nil)
	if w.length >= 0 {
		length = float64(w.length)
	}
	pair := host.Call("stream", length)
	w.out = pair.Get("writer")
	w.inner.WriteRawJSBody(pair.Get("readable"))
	w.inner.Ready()
	ended := begin(w.out.Get("closed"))
	go func() {
		if s := <-ended; s.err != nil {
			w.gone = true
			w.cancel()
		}
	}()
	whole := w.whole
	w.whole = nil
	if len(whole) == 0 {
		return nil
	}
	_, err := w.send(whole)
	return err
}

// send waits until the reader has taken p.
func (w *response) send(p []byte) (int, error) {
	if w.gone {
		return 0, errGone
	}
	piece := uint8Array.New(len(p))
	js.CopyBytesToJS(piece, p)
	if _, err := await(w.out.Call("write", piece), w.deadline); err != nil {
		w.abort()
		return 0, err
	}
	return len(p), nil
}

// abort ends a stream so that its reader sees it broken off.
func (w *response) abort() {
	w.gone = true
	w.cancel()
	if !w.out.IsUndefined() {
		ignore(w.out.Call("abort"))
	}
}

// finish sends the rest, after the handler has returned.
func (w *response) finish() {
	w.WriteHeader(http.StatusOK)
	switch {
	case !w.out.IsUndefined():
		if !w.gone {
			ignore(w.out.Call("close"))
		}
	case w.bodiless() || len(w.whole) == 0:
		w.inner.WriteRawJSBody(js.Null())
	default:
		piece := uint8Array.New(len(w.whole))
		js.CopyBytesToJS(piece, w.whole)
		w.inner.WriteRawJSBody(piece)
	}
}

const failed = `{"message":"The relay failed"}`

// fail is finish after a panic: the fixed 500, or where the answer has begun, one
// that is visibly broken off.
func (w *response) fail() {
	if !w.out.IsUndefined() {
		w.abort()
		return
	}
	h := w.inner.Header()
	clear(h)
	for name, values := range w.header { // the policy, which was set first
		h[name] = values
	}
	h.Set("Content-Type", "application/json")
	h.Del("Content-Length")
	w.settled, w.status, w.whole = true, http.StatusInternalServerError, nil
	w.inner.WriteHeader(w.status)
	if !w.bodiless() {
		w.whole = []byte(failed)
	}
	w.finish()
}

var _ io.Writer = (*response)(nil)
