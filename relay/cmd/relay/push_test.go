package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"potli/e2e/output"
	"potli/relay/storetest"
	"potli/relay/webpush"
	"potli/relay/wire"
)

func TestT34_RL11_Addresses(t *testing.T) {
	for address, want := range map[string]bool{
		"142.250.1.95":              true,
		"2a00:1450:4001:830::200a":  true,
		"::ffff:142.250.1.95":       true,
		"64:ff9b::8efa:15f":         true, // 142.250.1.95 from a network without IPv4
		"127.0.0.1":                 false,
		"127.255.255.254":           false,
		"0.0.0.0":                   false,
		"0.1.2.3":                   false,
		"10.1.2.3":                  false,
		"172.16.0.1":                false,
		"172.31.255.255":            false,
		"192.168.1.1":               false,
		"169.254.169.254":           false, // metadata of most clouds
		"169.254.170.2":             false,
		"100.64.0.1":                false,
		"100.100.100.200":           false, // metadata of Alibaba Cloud
		"168.63.129.16":             false, // Azure's
		"192.0.0.192":               false, // Oracle's
		"192.0.2.1":                 false,
		"192.88.99.1":               false,
		"198.18.0.1":                false,
		"198.51.100.1":              false,
		"203.0.113.1":               false,
		"224.0.0.1":                 false,
		"240.0.0.1":                 false,
		"255.255.255.255":           false,
		"::":                        false,
		"::1":                       false,
		"::127.0.0.1":               false,
		"::ffff:127.0.0.1":          false,
		"::ffff:169.254.169.254":    false,
		"::ffff:0:127.0.0.1":        false,
		"64:ff9b::7f00:1":           false,
		"64:ff9b::a9fe:a9fe":        false,
		"64:ff9b:1::7f00:1":         false,
		"100::1":                    false,
		"2001::1":                   false,
		"2001:db8::1":               false,
		"2002:7f00:1::1":            false,
		"3fff::1":                   false,
		"fc00::1":                   false,
		"fd00:ec2::254":             false, // metadata of AWS
		"fe80::1":                   false,
		"fe80::1%lo":                false,
		"2a00:1450:4001::200a%eth0": false,
		"fec0::1":                   false,
		"ff02::1":                   false,
	} {
		a := netip.MustParseAddr(address)
		if err := checkPublic(netip.AddrPortFrom(a, 443)); (err == nil) != want {
			t.Errorf("%s: %v, want allowed = %v", address, err, want)
		}
		if err := checkPublic(netip.AddrPortFrom(a, 80)); err == nil {
			t.Errorf("%s: port 80 is allowed", address)
		}
	}
}

// nameServer answers every question about an IPv4 address with what next says,
// and every other with nothing. It speaks what a resolver of Go asks, no more
// (RFC 1035, section 4.1).
func nameServer(t *testing.T, next func() [4]byte) *net.Resolver {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			end := 12
			for end < n && b[end] != 0 {
				end += 1 + int(b[end])
			}
			if end += 5; end > n {
				continue
			}
			answer := append([]byte(nil), b[:end]...)
			copy(answer[2:12], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
			if binary.BigEndian.Uint16(b[end-4:]) == 1 { // A
				ip := next()
				answer[7] = 1
				answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
				answer = append(answer, ip[:]...)
			}
			c.WriteTo(answer, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", c.LocalAddr().String())
	}}
}

// TestT34_RL11_Resolved: a name of the list that leads into our own network is
// refused when it is dialled, whatever was answered before.
func TestT34_RL11_Resolved(t *testing.T) {
	inside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	_, port, _ := net.SplitHostPort(inside.Addr().String())
	for name, c := range map[string]struct {
		url string
		ips [][4]byte // one after the other
	}{
		"loopback":                {"https://fcm.googleapis.com:" + port + "/x", [][4]byte{{127, 0, 0, 1}}},
		"loopback, port of https": {"https://fcm.googleapis.com/x", [][4]byte{{127, 0, 0, 1}}},
		"metadata":                {"https://web.push.apple.com/x", [][4]byte{{169, 254, 169, 254}}},
		"private":                 {"https://web.push.apple.com/x", [][4]byte{{192, 168, 1, 1}}},
		"unspecified":             {"https://web.push.apple.com/x", [][4]byte{{0, 0, 0, 0}}},
		"mapped":                  {"https://[::ffff:127.0.0.1]:" + port + "/x", nil},
		"mapped metadata":         {"https://[::ffff:a9fe:a9fe]/x", nil},
		"loopback by number":      {"https://127.0.0.1:" + port + "/x", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			client := pushClient(checkPublic, nameServer(t, func() [4]byte {
				return c.ips[min(int(asked.Add(1)), len(c.ips))-1]
			}))
			_, err := poster(client)(t.Context(), c.url, nil, nil)
			if !errors.Is(err, errAddress) {
				t.Errorf("got %v, want errAddress", err)
			}
		})
	}
	// Whether a name server is asked for this is the system's choice.
	if _, err := poster(pushClient(checkPublic, nil))(t.Context(), "https://127.1:"+port+"/x", nil, nil); err == nil {
		t.Error("127.1 was reached")
	}
	inside.(*net.TCPListener).SetDeadline(time.Now())
	if c, err := inside.Accept(); err == nil {
		c.Close()
		t.Error("somebody connected")
	}
}

// TestT34_RL11_Rebinding: the name server says something harmless first and
// changes its mind at once. What is connected to is what was checked.
func TestT34_RL11_Rebinding(t *testing.T) {
	var asked atomic.Int32
	var dialled []netip.Addr
	resolver := nameServer(t, func() [4]byte {
		if asked.Add(1) == 1 {
			return [4]byte{142, 250, 1, 95}
		}
		return [4]byte{127, 0, 0, 1}
	})
	errReached := errors.New("would have been connected")
	client := pushClient(func(to netip.AddrPort) error {
		dialled = append(dialled, to.Addr())
		if err := checkPublic(to); err != nil {
			return err
		}
		return errReached // nobody out there is bothered
	}, resolver)
	post := poster(client)
	if _, err := post(t.Context(), "https://fcm.googleapis.com/x", nil, nil); !errors.Is(err, errReached) {
		t.Errorf("first: %v", err)
	}
	for range 3 {
		if _, err := post(t.Context(), "https://fcm.googleapis.com/x", nil, nil); !errors.Is(err, errAddress) {
			t.Errorf("then: %v", err)
		}
	}
	if len(dialled) != 4 || dialled[0].String() != "142.250.1.95" || dialled[1].String() != "127.0.0.1" {
		t.Errorf("dialled %v", dialled)
	}
}

// trusting is a client for servers of the test: any address, and their
// certificate.
func trusting(srv *httptest.Server) *http.Client {
	c := pushClient(func(netip.AddrPort) error { return nil }, nil)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	c.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
	return c
}

func TestT34_RL11_Redirects(t *testing.T) {
	var reached atomic.Int32
	target := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer target.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := httptest.NewTLSServer(http.RedirectHandler(target.URL, status))
		defer srv.Close()
		got, err := poster(trusting(srv))(t.Context(), srv.URL, nil, nil)
		if err != nil || got != status {
			t.Errorf("%d: got %d, %v", status, got, err)
		}
	}
	if reached.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

func TestPoster(t *testing.T) {
	var got *http.Request
	var large atomic.Bool
	sent := make(chan struct{})
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Clone(context.Background())
		if b, _ := io.ReadAll(r.Body); len(b) != 0 {
			t.Errorf("a body of %d bytes", len(b))
		}
		w.WriteHeader(http.StatusCreated)
		if large.Load() {
			defer close(sent)
			for range 1 << 20 { // for ever, were it read
				if _, err := w.Write(make([]byte, 1<<10)); err != nil {
					return
				}
			}
		}
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	client := trusting(srv)
	if client.Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy would be asked to connect, unchecked")
	}
	post := poster(client)
	status, err := post(t.Context(), srv.URL+"/x", map[string]string{"TTL": "5", "Topic": "arrived"}, nil)
	if err != nil || status != http.StatusCreated {
		t.Fatal(status, err)
	}
	if got.Method != http.MethodPost || got.ProtoMajor != 2 || got.Header.Get("TTL") != "5" || got.Header.Get("Topic") != "arrived" || got.ContentLength != 0 {
		t.Errorf("%s %s, %d bytes, %v", got.Method, got.Proto, got.ContentLength, got.Header)
	}
	large.Store(true)
	if status, err := post(t.Context(), srv.URL+"/x", nil, nil); err != nil || status != http.StatusCreated {
		t.Fatal(status, err)
	}
	<-sent // the answer was cut off
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := post(ctx, srv.URL, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestVAPIDKey(t *testing.T) {
	dir := t.TempDir()
	c := config{key: filepath.Join(dir, "deep", "relay.key")}
	c.push.subject = "none"
	if s, err := newSender(c); s != nil || err != nil {
		t.Errorf("without push messages: %v, %v", s, err)
	}
	file := filepath.Join(dir, "deep", "relay.vapid")
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a key that nobody needs: %v", err)
	}
	c.push.subject = ""
	first, err := newSender(c)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	again, err := newSender(c)
	if err != nil || again.Key() != first.Key() {
		t.Errorf("read back: %v", err)
	}
	c.push.file = filepath.Join(dir, "other")
	if other, err := newSender(c); err != nil || other.Key() == first.Key() {
		t.Errorf("another file: %v", err)
	}
	for _, bad := range []string{"", "zz", strings.Repeat("A", 43), strings.Repeat("ab", 32)} {
		os.WriteFile(c.push.file, []byte(bad), 0o600)
		if _, err := newSender(c); err == nil || !strings.Contains(err.Error(), c.push.file) {
			t.Errorf("%q passed for a key: %v", bad, err)
		}
	}
	c.push.file, c.push.subject = "", "me"
	if _, err := newSender(c); err == nil {
		t.Error("a subject that is none passed")
	}
}

// TestVAPIDSubject: a relay that nobody configured tells wallets of arrivals too, and
// whom it names is one whom push services take for somebody.
func TestVAPIDSubject(t *testing.T) {
	for name, c := range map[string]struct{ flag, app, want string }{
		"on one machine":  {"", "http://localhost:8080", "mailto:nobody@potli.invalid"},
		"nothing is said": {"", "", "mailto:nobody@potli.invalid"},
		"deployed":        {"", "https://potli.example", "https://potli.example"},
		"without a dot":   {"", "https://potli", "mailto:nobody@potli.invalid"},
		"named":           {"mailto:me@clinic.example", "https://potli.example", "mailto:me@clinic.example"},
	} {
		config := config{appURL: c.app, key: filepath.Join(t.TempDir(), "relay.key")}
		config.push.subject = c.flag
		if got := config.subject(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if s, err := newSender(config); s == nil || err != nil {
			t.Errorf("%s: no push messages: %v", name, err)
		}
	}
}

// TestPushErrorsNameNobody: not even by the address that was asked for.
func TestPushErrorsNameNobody(t *testing.T) {
	client := pushClient(checkPublic, nameServer(t, func() [4]byte { return [4]byte{127, 0, 0, 1} }))
	s, err := webpush.New("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", "mailto:push@example.com", poster(client))
	if err != nil {
		t.Fatal(err)
	}
	err = s.Send(t.Context(), "https://fcm.googleapis.com/fcm/send/CANARY", time.Now())
	if !errors.Is(err, webpush.ErrLater) || strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), "127") {
		t.Errorf("got %v", err)
	}
}

// TestT36_RL11_NoEndpointIsWritten: the program tells a device, in vain, and
// nothing that it printed, logged or keeps says whose.
func TestT36_RL11_NoEndpointIsWritten(t *testing.T) {
	var asked atomic.Int32
	before := net.DefaultResolver
	net.DefaultResolver = nameServer(t, func() [4]byte {
		asked.Add(1)
		return [4]byte{127, 0, 0, 1}
	})
	defer func() { net.DefaultResolver = before }()
	c := testConfig(t)
	c.push.subject = "mailto:push@example.com"
	logged := &output.Lines{}
	c.log = slog.New(slog.NewTextHandler(logged, nil))
	urls, out, stop := start(t, c)
	client := storetest.Client{Base: urls["The relay"], App: urls["The wallet"], HTTP: http.DefaultClient, Now: time.Now}

	about := storetest.Decode[wire.About](t, client.Do(t, "GET", wire.AboutPath, nil, nil), http.StatusOK)
	if len(about.Push) != 87 {
		t.Errorf("the push key is %q", about.Push)
	}
	id, token := storetest.ID("box"), storetest.ID("token")
	owner := storetest.Headers{"Authorization", "Bearer " + token, "If-None-Match", "*"}
	entry := storetest.JWE(wire.ContentTypeEntry, len(storetest.JWE(wire.ContentTypeEntry, 0))-4+1366)
	for _, step := range []struct {
		method, path string
		body         any
		want         int
	}{
		{"PUT", wire.MailboxesPath + id, wire.OpenMailbox{Token: storetest.TokenHash(token), Life: 3600, Entries: 5, Bytes: 1 << 20}, 201},
		{"PUT", wire.MailboxesPath + id + "/push", wire.Push{Endpoint: "https://fcm.googleapis.com/fcm/send/CANARY"}, 204},
		{"PUT", wire.MailboxesPath + id + "/push", wire.Push{Endpoint: "https://CANARY.example/"}, 400},
		{"POST", wire.MailboxPath + id, wire.Deposit{ID: "AAAAAAAAAAAAAAAAAAAAAA", Sealed: entry}, 201},
	} {
		if a := client.Do(t, step.method, step.path, step.body, owner); a.Status != step.want {
			t.Fatalf("%s: got %d %s, want %d", step.method, a.Status, a.Body, step.want)
		}
	}
	until(t, "the push service's name is asked for", func() bool { return asked.Load() > 0 })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"output": out.String(), "log": logged.String()}
	err := filepath.WalkDir(c.data, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		texts[p] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for place, text := range texts {
		if strings.Contains(text, "CANARY") || strings.Contains(text, "googleapis") {
			t.Errorf("the endpoint is in %s", place)
		}
	}
	if len(texts) < 5 {
		t.Errorf("looked at %d places only", len(texts))
	}
}
