package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"potli/relay/webpush"
)

// Push messages are the only requests that this program makes. Their addresses
// come from strangers, so they go nowhere but to the push services that package
// webpush lists, and there only to public addresses (RL11).
const (
	pushEvery  = 2 * time.Second // between two looks at what is due
	dialTime   = 5 * time.Second
	pushTime   = 15 * time.Second // for a whole request
	pushHeader = 16 << 10
	pushBody   = 4 << 10 // of an answer, which nobody reads
)

var errAddress = errors.New("not a public address on port 443")

// pushConfig is what the flags say of push messages.
type pushConfig struct{ subject, file string }

func (c *pushConfig) flags(f flags) {
	f.StringVar(&c.subject, "vapid-subject", "", "`address`, mailto: or https:, at which the push services of browser makers reach you; none: wallets are not told when something arrives while they are closed (default: the wallet's own origin)")
	f.StringVar(&c.file, "vapid-key-file", "", "`file` of the key that push messages are signed with (default: relay.vapid beside the relay's key)")
}

// Whom push services may write to, where nobody is named. They want an address that
// could be anybody's elsewhere, and a relay that is tried out on one machine has
// none: .invalid (RFC 2606) says so.
const (
	noPush   = "none"
	unstated = "mailto:nobody@potli.invalid"
)

func (c config) subject() string {
	switch app, err := url.Parse(c.appURL); {
	case c.push.subject != "":
		return c.push.subject
	case err == nil && app.Scheme == "https" && strings.Contains(app.Hostname(), "."):
		return c.appURL
	}
	return unstated
}

// newSender returns nil where the operator wants no push messages: then wallets see
// what arrived when they are opened. Where nobody allows notices in a wallet, none is
// sent.
func newSender(c config) (*webpush.Sender, error) {
	if c.push.subject == noPush {
		return nil, nil
	}
	file := c.push.file
	if file == "" {
		file = filepath.Join(filepath.Dir(c.key), "relay.vapid")
	}
	key, err := readVAPIDKey(file)
	if err != nil {
		return nil, err
	}
	s, err := webpush.New(key, c.subject(), poster(pushClient(checkPublic, nil)))
	if err != nil {
		return nil, fmt.Errorf("-vapid-subject or %s: %w", file, err)
	}
	return s, nil
}

// readVAPIDKey reads the key that push messages are signed with, and makes one
// where there is none. Browsers' subscriptions hang on it: under another key
// nobody is told any more until the wallet is opened again. Relays over one
// database share one.
func readVAPIDKey(file string) (string, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeVAPIDKey(file)
	}
	if err != nil {
		return "", fmt.Errorf("reading the push key: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

func makeVAPIDKey(file string) (string, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("making a push key: %w", err)
	}
	scalar, err := k.Bytes()
	if err != nil {
		return "", fmt.Errorf("making a push key: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(scalar)
	return text, writeSecret(file, "push key", text)
}

// pushClient asks check for every address it is about to connect to, after the
// name has been resolved: so a name that leads to a public address now and to our
// own network a moment later gains nothing. It follows no redirect and takes no
// proxy from the environment.
func pushClient(check func(netip.AddrPort) error, r *net.Resolver) *http.Client {
	dialer := &net.Dialer{Timeout: dialTime, Resolver: r, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return errAddress
		}
		return check(to)
	}}
	return &http.Client{
		Timeout:       pushTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true, // RFC 8030 is about HTTP/2
			TLSHandshakeTimeout:    dialTime,
			MaxResponseHeaderBytes: pushHeader,
			MaxConnsPerHost:        8,
			MaxIdleConns:           8,
			IdleConnTimeout:        time.Minute,
		},
	}
}

// poster is a webpush.Post that forgets the answer but for its status.
func poster(client *http.Client) webpush.Post {
	return func(ctx context.Context, url string, header map[string]string, body []byte) (int, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return 0, err
		}
		for name, value := range header {
			req.Header.Set(name, value)
		}
		res, err := client.Do(req)
		if err != nil {
			return 0, err
		}
		defer res.Body.Close()
		io.CopyN(io.Discard, res.Body, pushBody) // so that the connection can be used again
		return res.StatusCode, nil
	}
}

// checkPublic refuses what does not lead to a server of the public internet on
// the port of https.
func checkPublic(to netip.AddrPort) error {
	if to.Port() != 443 || !public(to.Addr()) {
		return errAddress
	}
	return nil
}

func public(a netip.Addr) bool {
	a = a.Unmap()
	if nat64.Contains(a) { // a network without IPv4 reaches it so (RFC 6052)
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" || (a.Is6() && !global6.Contains(a)) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

var (
	nat64   = netip.MustParsePrefix("64:ff9b::/96")
	global6 = netip.MustParsePrefix("2000::/3")
	// special are the blocks that package netip does not know as special: IANA IPv4
	// and IPv6 Special-Purpose Address Registries. Clouds answer their machines'
	// metadata at link-local, shared and unique-local addresses, and Azure at one
	// that looks public.
	special = prefixes("0.0.0.0/8 100.64.0.0/10 168.63.129.16/32 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 " +
		"198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 2001::/23 2001:db8::/32 2002::/16 3fff::/20")
)

func prefixes(list string) (all []netip.Prefix) {
	for _, s := range strings.Fields(list) {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

// sendPushes sends what is due, at once and then every two seconds.
func (s *service) sendPushes(ctx context.Context) {
	tick := time.NewTicker(pushEvery)
	defer tick.Stop()
	for {
		if err := s.relay.Push(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("push messages failed, trying again in a moment", class(err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
