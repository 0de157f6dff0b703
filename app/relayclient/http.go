// Package relayclient speaks HTTP: to the relay as the owner of links (Client), and to the host of any link as a
// conformant SMART Health Link receiver (Fetcher). It sees ciphertext, ids and tokens; keys of records never come here.
//
// The requests themselves are made by whoever implements HTTP: the browser's fetch in the wallet, net/http in tests. So
// the package builds for the browser without Go's own HTTP client, which would cost it megabytes.
package relayclient

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"potli/app/share"
	"potli/app/traffic"
)

// HTTP performs one request. Its context says why (package traffic): a request without a reason is not sent. It follows at most five redirects (none for anything but GET), sends no cookies and no
// referrer. It returns an error only when there was no answer at all, or the answer was larger than Request.Limit; any
// status is an answer. It does not retry.
type HTTP interface {
	Do(ctx context.Context, r Request) (Response, error)
}

// Request is what is sent. Header names are in canonical form.
type Request struct {
	Method string
	URL    string
	Header map[string]string
	Body   []byte
	Limit  int // bytes of an answer's body that are wanted at most; more is an error
}

// Response is what came back. Header keys are in lower case.
type Response struct {
	Status int
	Header map[string]string
	Body   []byte
}

// Limits of answers.
const (
	maxAnswer   = 1 << 20              // of the control plane; 64 receipts are 100 KB
	maxManifest = share.MaxJWE + 1<<20 // a file may be embedded
	maxFile     = share.MaxJWE + 1<<10
)

// do sends r. What the transport says of a failure is not passed on: it would hold the URL, and the URL is a capability.
func do(ctx context.Context, h HTTP, r Request) (Response, error) {
	if traffic.Why(ctx) == "" {
		return Response{}, traffic.ErrNoReason
	}
	resp, err := h.Do(ctx, r)
	if err != nil {
		if ctx.Err() != nil {
			return Response{}, ctx.Err()
		}
		return Response{}, share.ErrOffline
	}
	if r.Limit > 0 && len(resp.Body) > r.Limit {
		return Response{}, share.ErrTooBig
	}
	return resp, nil
}

// retryAfter reads the seconds form of Retry-After; a date is taken as "did not say".
func retryAfter(r Response) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(r.Header["retry-after"]))
	if err != nil || n < 0 || n > 24*60*60 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// failure turns a status that means the same everywhere into one of share's errors.
func failure(r Response) error {
	switch {
	case r.Status == 404 || r.Status == 410:
		return share.ErrGone
	case r.Status == 413:
		return share.ErrTooBig
	case r.Status == 429 || r.Status >= 500:
		return &share.BusyError{Wait: retryAfter(r)}
	}
	return fmt.Errorf("%w (status %d)", share.ErrRefused, r.Status)
}

// isObject says whether b is a JSON object, as every answer of the relay's control plane is, errors too.
func isObject(b []byte) bool {
	var m map[string]json.RawMessage
	return json.Unmarshal(b, &m) == nil && m != nil
}
