package main

import (
	"errors"
	"net/http"
	"time"

	"potli/app/relayclient"
	"potli/app/relayclient/direct"
)

// redirects that a GET follows; nothing else follows any (relayclient.HTTP).
const redirects = 5

var errRedirect = errors.New("sent on too often, or to where nothing is encrypted")

// newHTTP speaks to the relay, and to hosts of links. The proxies of the environment are used.
func newHTTP() relayclient.HTTP {
	return direct.HTTP{Client: &http.Client{Timeout: 5 * time.Minute, CheckRedirect: func(r *http.Request, via []*http.Request) error {
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
