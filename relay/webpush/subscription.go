package webpush

import (
	"crypto/ecdh"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// MaxEndpoint bounds an endpoint, in characters; browsers' have a few hundred.
const MaxEndpoint = 1024

// The push services of the browsers. A relay sends nowhere else: a filter over
// all addresses that a stranger can think of has holes, a list has none (RL11).
var (
	hosts   = []string{"fcm.googleapis.com", "updates.push.services.mozilla.com"}
	parents = []string{"push.apple.com", "notify.windows.com"} // of hosts with one label more
)

var (
	ErrEndpoint = errors.New("the endpoint must be an https address at a push service that this relay knows")
	ErrKeys     = errors.New("p256dh must be a P-256 point of 65 bytes and auth 16 bytes, in base64url, or both be missing")
)

// Subscription is what a browser's PushSubscription says. Its keys are for
// messages with a body, which are not sent here; they may be missing, but when
// they are given they must be good, since a wallet that mixes them up has mixed
// up more.
type Subscription struct {
	Endpoint, P256dh, Auth string
}

// Check returns ErrEndpoint, ErrKeys or nil.
func (s Subscription) Check() error {
	if _, err := hostOf(s.Endpoint); err != nil {
		return err
	}
	if s.P256dh == "" && s.Auth == "" {
		return nil
	}
	point, err := b64.DecodeString(s.P256dh)
	if err != nil {
		return ErrKeys
	}
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		return ErrKeys
	}
	if auth, err := b64.DecodeString(s.Auth); err != nil || len(auth) != 16 {
		return ErrKeys
	}
	return nil
}

// hostOf returns the host of an endpoint. It allows so few characters that every
// program that reads the URL, be it Go's or a browser's, sees the same host: no
// user, no other port, no backslash, nothing to unescape.
func hostOf(endpoint string) (string, error) {
	rest, ok := strings.CutPrefix(endpoint, "https://")
	authority, path, slash := strings.Cut(rest, "/")
	host := strings.TrimSuffix(authority, ":443")
	if !ok || !slash || len(endpoint) > MaxEndpoint || !known(host) || strings.Trim(path, pathCharacters) != "" {
		return "", ErrEndpoint
	}
	if _, err := url.Parse(endpoint); err != nil { // a bad escape
		return "", ErrEndpoint
	}
	return host, nil
}

func known(host string) bool {
	label, parent, _ := strings.Cut(host, ".")
	under := label != "" && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && slices.Contains(parents, parent)
	return under || slices.Contains(hosts, host)
}

// pathCharacters are those of RFC 3986's path and query.
const pathCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/?%"
