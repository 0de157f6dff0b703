//go:build js

package browser

import (
	"context"
	"strings"
	"syscall/js"

	"potli/app/relayclient"
)

// Network is relayclient.HTTP over fetch. The only host the page's policy lets
// it reach is our relay, which never redirects: a redirect is an error.
type Network struct{}

var _ relayclient.HTTP = Network{}

// noLimit stands for a request that names none; it is more than any answer of
// the relay, and less than the memory of a phone.
const noLimit = 64 << 20

// Do performs one request.
func (Network) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
	limit := int64(r.Limit)
	if limit <= 0 {
		limit = noLimit
	}
	a, err := fetch(ctx, ask{method: r.Method, url: r.URL, header: r.Header, body: r.Body, max: limit})
	if err != nil {
		return relayclient.Response{}, err
	}
	return relayclient.Response{Status: a.status, Header: headers(a.header), Body: a.body}, nil
}

// headers lists what the other side lets us see, names in lower case as fetch
// gives them.
func headers(h js.Value) map[string]string {
	out := map[string]string{}
	entries, err := try(func() js.Value {
		return js.Global().Get("Array").Call("from", h.Call("entries"))
	})
	if err != nil {
		return out
	}
	for i := range entries.Length() {
		pair := entries.Index(i)
		out[strings.ToLower(text(pair.Index(0)))] = text(pair.Index(1))
	}
	return out
}
