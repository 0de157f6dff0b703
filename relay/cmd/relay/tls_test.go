package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potli/relay/wire"
)

var tlsHosts = []string{"potli.example", "relay.potli.example", "view.potli.example"}

// secured runs the program with -tls over certificates that are there already, as
// they are when it starts again, and returns clients that trust them.
func secured(t *testing.T, args ...string) (*process, *tls.Config) {
	t.Helper()
	c := testConfig(t)
	roots := x509.NewCertPool()
	for _, host := range tlsHosts {
		seedCertificate(t, filepath.Join(c.data, "acme"), host, roots)
	}
	p := launch(t, c, append([]string{"-tls", "-https-addr", "localhost:0", "-http-addr", "localhost:0",
		"-acme-url", "https://localhost:1/directory", // nobody: a test asks no authority
		"-app-url", "https://potli.example", "-relay-url", "https://relay.potli.example", "-viewer-url", "https://view.potli.example"}, args...)...)
	return p, &tls.Config{RootCAs: roots}
}

// seedCertificate puts a certificate where autocert keeps its own: the key and the
// chain in one file of the host's name.
func seedCertificate(t *testing.T, dir, host string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(365 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	pem.Encode(&b, &pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})
	pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: cert})
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, host), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(cert)
	if err != nil {
		t.Fatal(err)
	}
	if roots != nil {
		roots.AddCert(parsed)
	}
}

// browser reaches every host name at one address.
func browser(addr string, conf *tls.Config, http1 bool) *http.Client {
	tr := &http.Transport{
		TLSClientConfig: conf.Clone(), ForceAttemptHTTP2: !http1,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		},
	}
	if http1 {
		tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	return &http.Client{Transport: tr, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func TestTLS(t *testing.T) {
	p, conf := secured(t)
	if p.on["app"] != "" || p.on["relay"] != "" || p.on["viewer"] != "" {
		t.Errorf("doors without TLS are open: %v", p.on)
	}
	for _, http1 := range []bool{true, false} {
		c := browser(p.on["https"], conf, http1)
		for _, tt := range []struct {
			url, body string
			status    int
		}{
			{"https://potli.example/", "the wallet", 200},
			{"https://view.potli.example/", "the clinic's page", 200},
			{"https://relay.potli.example" + wire.HealthPath, `"ok"`, 200},
			{"https://relay.potli.example/l/x", "no longer available", 404},
			{"https://potli.example" + wire.HealthPath, "", 404},
		} {
			res, err := c.Get(tt.url)
			if err != nil {
				t.Fatalf("%s: %v", tt.url, err)
			}
			b, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != tt.status || !strings.Contains(string(b), tt.body) || (res.ProtoMajor == 1) != http1 {
				t.Errorf("%s: got %d, HTTP/%d, %.80q", tt.url, res.StatusCode, res.ProtoMajor, b)
			}
			if strings.HasPrefix(tt.url, "https://potli") && res.Header.Get("Strict-Transport-Security") == "" {
				t.Errorf("%s: a browser may come back without TLS", tt.url)
			}
		}
		// The host of another connection is not served on this one.
		req, _ := http.NewRequest("GET", "https://potli.example/", nil)
		req.Host = "evil.example"
		res, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("a foreign host: %d", res.StatusCode)
		}
	}
	for name, bad := range map[string]*tls.Config{
		"a name that is not ours": {ServerName: "evil.example", InsecureSkipVerify: true},
		"no name":                 {InsecureSkipVerify: true},
		"TLS 1.1":                 {ServerName: "potli.example", InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10},
	} {
		if conn, err := tls.Dial("tcp", p.on["https"], bad); err == nil {
			conn.Close()
			t.Errorf("%s: a handshake", name)
		}
	}
	p.stop(t)
	if strings.Contains(p.log.String(), "evil") {
		t.Errorf("a stranger writes into the log:\n%s", p.log)
	}
}

func TestTLS_FromHTTP(t *testing.T) {
	p, conf := secured(t)
	c := browser(p.on["http"], conf, true)
	for _, tt := range []struct {
		method, url, location string
		status                int
	}{
		{"GET", "http://potli.example/records/1?x=1", "https://potli.example/records/1?x=1", 308},
		{"HEAD", "http://VIEW.potli.example/", "https://view.potli.example/", 308},
		{"GET", "http://potli.example//evil.example/", "https://potli.example//evil.example/", 308},
		{"GET", "http://evil.example/", "", 421},
		{"POST", "http://relay.potli.example/l/x", "", 421},
		{"GET", "http://potli.example/.well-known/acme-challenge/x", "", 404},
	} {
		req, err := http.NewRequest(tt.method, tt.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != tt.status || res.Header.Get("Location") != tt.location {
			t.Errorf("%s %s: got %d %q", tt.method, tt.url, res.StatusCode, res.Header.Get("Location"))
		}
	}
}

// Without a certificate for one of its names the program says so, once, and in
// words of its own.
func TestTLS_MissingCertificateIsSaid(t *testing.T) {
	p, conf := secured(t)
	if err := os.Remove(filepath.Join(p.data, "acme", "potli.example")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if res, err := browser(p.on["https"], conf, true).Get("https://potli.example/"); err == nil {
			res.Body.Close()
			t.Error("a page without a certificate")
		}
	}
	p.stop(t)
	if n := strings.Count(p.log.String(), `"no certificate"`); n != 1 || !strings.Contains(p.log.String(), `"host":"potli.example"`) {
		t.Errorf("said %d times:\n%s", n, p.log)
	}
}
