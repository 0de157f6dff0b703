// Package direct is relayclient.HTTP over net/http, for commands, and for tests that
// need a real connection. The wallet itself asks the browser: net/http would weigh megabytes.
package direct

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"potli/app/relayclient"
)

// ErrTooLong: the answer was longer than the request wanted.
var ErrTooLong = errors.New("longer than was wanted")

// HTTP performs requests with Client, or where that is nil with http.DefaultClient.
type HTTP struct{ Client *http.Client }

var _ relayclient.HTTP = HTTP{}

// Do implements relayclient.HTTP.
func (h HTTP) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
	q, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return relayclient.Response{}, err
	}
	for k, v := range r.Header {
		q.Header.Set(k, v)
	}
	client := h.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(q)
	if err != nil {
		return relayclient.Response{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(r.Limit)+1))
	if err != nil {
		return relayclient.Response{}, err
	}
	if r.Limit > 0 && len(body) > r.Limit {
		return relayclient.Response{}, ErrTooLong
	}
	header := map[string]string{}
	for k := range resp.Header {
		header[strings.ToLower(k)] = resp.Header.Get(k)
	}
	return relayclient.Response{Status: resp.StatusCode, Header: header, Body: body}, nil
}
