package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"potli/app/relayclient"
)

// redirects that a GET follows; nothing else follows any (relayclient.HTTP).
const redirects = 5

var (
	errRedirect = errors.New("sent on too often, or to where nothing is encrypted")
	errLong     = errors.New("longer than was wanted")
)

// web is relayclient.HTTP over net/http. The proxies of the environment are used.
type web struct{ client *http.Client }

func newHTTP() web {
	return web{&http.Client{Timeout: 5 * time.Minute, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		switch first := via[0]; {
		case first.Method != http.MethodGet:
			return http.ErrUseLastResponse
		case len(via) > redirects, first.URL.Scheme == "https" && r.URL.Scheme != "https":
			return errRedirect
		}
		r.Header.Del("Referer") // the address that sent us on is a capability
		return nil
	}}}
}

// Do implements relayclient.HTTP.
func (w web) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
	q, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return relayclient.Response{}, err
	}
	for k, v := range r.Header {
		q.Header.Set(k, v)
	}
	resp, err := w.client.Do(q)
	if err != nil {
		return relayclient.Response{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(r.Limit)+1))
	if err != nil {
		return relayclient.Response{}, err
	}
	if r.Limit > 0 && len(body) > r.Limit {
		return relayclient.Response{}, errLong
	}
	header := map[string]string{}
	for k := range resp.Header {
		header[strings.ToLower(k)] = resp.Header.Get(k)
	}
	return relayclient.Response{Status: resp.StatusCode, Header: header, Body: body}, nil
}
