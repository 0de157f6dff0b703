//go:build js

package browser

import (
	"context"
	"errors"
	"strings"
	"syscall/js"

	"potli/app/relayclient"
	"potli/app/traffic"
)

// Network is relayclient.HTTP over fetch. The only host the page's policy lets
// it reach is our relay, which never redirects: a redirect is an error. What is sent
// is noted before it leaves, with its reason; what has none does not leave.
type Network struct {
	Meter *traffic.Meter // nil in tests alone
}

var _ relayclient.HTTP = Network{}

// noLimit stands for a request that names none; it is more than any answer of
// the relay, and less than the memory of a phone.
const noLimit = 64 << 20

// Do performs one request.
func (n Network) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
	limit := int64(r.Limit)
	if limit <= 0 {
		limit = noLimit
	}
	noted, err := n.Meter.Begin(ctx, r.URL, weight(r))
	if err != nil {
		return relayclient.Response{}, err
	}
	a, err := fetch(ctx, ask{method: r.Method, url: r.URL, header: r.Header, body: r.Body, max: limit, got: noted.Got})
	noted.End(errors.Join(err, overloaded(a.status)))
	if err != nil {
		return relayclient.Response{}, err
	}
	return relayclient.Response{Status: a.status, Header: headers(a.header), Body: a.body}, nil
}

// weight is how many bytes of a request are the program's own: its address, its
// headers and its body. The browser adds some hundred of headers that name itself.
func weight(r relayclient.Request) int {
	n := len(r.Method) + len(r.URL) + len(r.Body)
	for k, v := range r.Header {
		n += len(k) + len(v)
	}
	return n
}

// overloaded says whether an answer is that there is none for now. Any other is one,
// though it may say no.
func overloaded(status int) error {
	if status == 429 || status >= 500 {
		return errors.New("no answer for now")
	}
	return nil
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
