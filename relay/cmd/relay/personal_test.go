package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"potli/relay/storetest"
	"potli/relay/wire"
)

// secrets are what the clients of a test said that must not be found anywhere.
type secrets struct {
	next http.RoundTripper
	mu   sync.Mutex // guards said
	said map[string]bool
}

const (
	agentMark   = "Agent-Of-Asha/7.5 (Pixel of Asha)"
	refererMark = "https://clinic.example/patients/asha-1972"
	addressMark = "198.51.100.37"
	clinic      = "Dr. Mehta, City Clinic"
)

func (s *secrets) say(what string) {
	if len(what) < 8 {
		return // would be found by chance
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said[what] = true
	if raw, err := base64.RawURLEncoding.DecodeString(what); err == nil && len(raw) == wire.IDBytes {
		s.said[string(raw)] = true
		s.said[hex.EncodeToString(raw)] = true
	}
}

// RoundTrip notes all that is personal in a request: the id or ticket in its path,
// the owner's token, who asks, the passcode, and what a browser and a proxy add.
func (s *secrets) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", agentMark)
	r.Header.Set("Referer", refererMark)
	r.Header.Set("X-Forwarded-For", addressMark)
	for segment := range strings.SplitSeq(r.URL.Path, "/") {
		if len(segment) >= 40 {
			s.say(segment)
		}
	}
	s.say(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	s.say(r.URL.Query().Get("recipient"))
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var said struct{ Recipient, Passcode, Endpoint any }
		if json.Unmarshal(body, &said) == nil {
			for _, v := range []any{said.Recipient, said.Passcode, said.Endpoint} {
				if text, ok := v.(string); ok {
					s.say(text)
				}
			}
		}
	}
	return s.next.RoundTrip(r)
}

// found returns where one of the secrets stands, of those files under dir and
// texts that are given.
func (s *secrets) found(t *testing.T, dir string, texts map[string]string) (places []string) {
	t.Helper()
	all := map[string][]byte{}
	for name, text := range texts {
		all[name] = []byte(text)
	}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[p], err = os.ReadFile(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for secret := range s.said {
		delete(s.said, storetest.TokenHash(secret)) // kept, and said by a thief in one of the tests
	}
	// Hundreds of secrets in many megabytes: one walk over the bytes for all of them.
	var begins [1 << 16]bool
	byStart := map[[8]byte][]string{}
	for secret := range s.said {
		start := [8]byte([]byte(secret))
		begins[uint(start[0])<<8|uint(start[1])] = true
		byStart[start] = append(byStart[start], secret)
	}
	for name, b := range all {
		for i := 0; i+8 <= len(b); i++ {
			if !begins[uint(b[i])<<8|uint(b[i+1])] {
				continue
			}
			for _, secret := range byStart[[8]byte(b[i:])] {
				if bytes.HasPrefix(b[i:], []byte(secret)) {
					places = append(places, name+": "+secret)
				}
			}
		}
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// TestT36_RL6_NothingPersonalIsWritten runs the whole contract, and a journey with
// every kind of accident, against the real program, and looks for all that the
// clients said in what it printed, logged and keeps: while it runs, after it was
// killed, and after it has stopped.
func TestT36_RL6_NothingPersonalIsWritten(t *testing.T) {
	const app = "https://app.example"
	flags := []string{"-app-url", app, "-viewer-url", "https://view.example", "-proxy", "-rate", "0/0"}
	c := testConfig(t)
	c.relayAddr = freeAddr(t)
	flags = append(flags, "-relay-url", "http://"+c.relayAddr)
	p := launch(t, c, flags...)
	s := &secrets{next: http.DefaultTransport, said: map[string]bool{agentMark: true, refererMark: true, addressMark: true}}
	client := p.client(app)
	client.HTTP.Transport = s
	storetest.RunHTTP(t, client)
	o := journey(t, p, client)

	look := func(when string, p *process) {
		t.Helper()
		for _, place := range s.found(t, c.data, map[string]string{"standard output": p.out.String(), "standard error": p.log.String()}) {
			t.Errorf("%s: %q", when, place)
		}
	}
	look("while it runs", p)
	p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.gone
	look("after it was killed", p)

	p = launch(t, c, flags...)
	if got := client.Get(t, o.ID, url.QueryEscape(clinic)).Status; got != http.StatusOK {
		t.Errorf("the link after a restart: %d", got)
	}
	p.stop(t)
	look("after it has stopped", p)

	if len(s.said) < 100 {
		t.Errorf("only %d things were looked for", len(s.said))
	}
	// The search itself finds what is there: the hash of an id is kept.
	hash := sha256.Sum256([]byte(o.ID))
	kept := &secrets{said: map[string]bool{hex.EncodeToString(hash[:]): true}}
	if len(kept.found(t, c.data, nil)) == 0 {
		t.Error("the search finds nothing")
	}
	checkLog(t, p.log.String())
}

// journey is what a family, a clinic and strangers do, accidents included.
func journey(t *testing.T, p *process, c storetest.Client) *storetest.Owned {
	o := c.Create(t, "journey", "U", nil)
	c.Get(t, o.ID, url.QueryEscape(clinic))
	locked := c.Create(t, "locked", "P", func(c *wire.Create) { c.Passcode = storetest.Verifier("neem-tulsi-47", 2) })
	for _, passcode := range []string{"asha1972", "neem-tulsi-47", "kavita-1999", "kavita-2000"} {
		c.Post(t, locked.ID, wire.ManifestRequest{Recipient: "Nurse Pinto", Passcode: passcode})
	}
	for _, path := range []string{"/l/" + o.ID + "/../x", "/l/" + o.ID + "%2f", "//l/" + o.ID, "/v1/links/" + o.ID + "/none", "/" + o.ID} {
		c.Do(t, "GET", path, nil, nil)
	}
	c.Do(t, "PUT", wire.ControlPath+o.ID, "{", storetest.Headers{"If-None-Match", "*"})
	c.Try("GET", wire.LinkPath+o.ID, nil, storetest.Headers{"X-Long", strings.Repeat("x", 16<<10)}) // 431, or a reset
	for door, addr := range p.on {                                                                  // the sites too, and what is no HTTP at all
		get := func(path string) {
			req, err := http.NewRequest("GET", "http://"+addr+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := c.HTTP.Do(req)
			if err != nil {
				t.Fatalf("%s: %v", door, err)
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
		get("/")
		get("/" + o.ID)
		for _, raw := range []string{"\x16\x03\x01\x02\x00", "GET /l/" + o.ID + " HTTP/9.9\r\n\r\n", "GET /l/" + o.ID + "\r\nHost\r\n\r\n", "PUT /v1/links/" + o.ID + " HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{"} {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, raw)
			conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			io.Copy(io.Discard, conn)
			conn.Close()
		}
	}
	return o
}

// checkLog expects lines of JSON that say what happened to the program.
func checkLog(t *testing.T, text string) {
	t.Helper()
	said := map[string]bool{}
	for line := range strings.Lines(text) {
		var v struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &v); err != nil || v.Time == "" || v.Level == "" {
			t.Errorf("not a line of the log: %q", line)
		}
		said[v.Msg] = true
	}
	for _, msg := range []string{"starting", "listening", "draining", "stopped"} {
		if !said[msg] {
			t.Errorf("the log does not say %q:\n%s", msg, text)
		}
	}
}

// freeAddr is an address that nobody listened on a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
