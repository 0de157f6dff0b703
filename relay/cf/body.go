//go:build js && wasm

package cf

import (
	"errors"
	"io"
	"net/http"
	"syscall/js"
	"time"
)

// body reads a request's stream. The library's own reader does too, and keeps a
// function for every piece it has read.
type body struct {
	stream, reader js.Value
	piece          js.Value // what has come and has not been read
	at, size       int      // within piece
	deadline       time.Time
	err            error // that ended it
}

// newBody takes the stream out of what the library made of the request.
func newBody(r *http.Request) (*body, bool) {
	raw, ok := r.Body.(interface{ GetRawJSBody() js.Value })
	if !ok {
		return nil, false // there is none
	}
	return &body{stream: raw.GetRawJSBody()}, true
}

func (b *body) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if b.at == b.size && b.err == nil {
		b.err = b.fetch()
	}
	if b.at == b.size {
		return 0, b.err
	}
	n := min(len(p), b.size-b.at)
	js.CopyBytesToGo(p[:n], b.piece.Call("subarray", b.at, b.at+n))
	b.at += n
	return n, nil
}

// fetch waits for the next piece.
func (b *body) fetch() error {
	if b.reader.IsUndefined() {
		if err := try(func() { b.reader = b.stream.Call("getReader") }); err != nil {
			return err
		}
	}
	v, err := await(b.reader.Call("read"), b.deadline)
	switch {
	case err != nil:
		return err
	case v.Get("done").Bool():
		return io.EOF
	}
	b.piece, b.at = v.Get("value"), 0
	b.size = b.piece.Length()
	return nil
}

var errClosedBody = errors.New("the body has been closed")

// Close lets go of what has not been read. Cancelling it would close the
// connection under a client that is still sending, before it hears why not.
func (b *body) Close() error {
	if b.err == io.EOF || b.err == errClosedBody {
		return nil
	}
	b.err = errClosedBody
	b.at, b.size = 0, 0
	return try(func() {
		if b.reader.IsUndefined() {
			b.reader = b.stream.Call("getReader")
		}
		ignore(host.Call("discard", b.stream, b.reader))
	})
}
