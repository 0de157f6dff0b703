package worker_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"potli/relay"
	"potli/relay/sqlstore"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// native is engine 1 in this process, which believes to be at another's address.
func native(t *testing.T, base string, key []byte) storetest.Client {
	t.Helper()
	db, err := sql.Open("sqlite", sqlstore.DSN(filepath.Join(t.TempDir(), "relay.db")))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), db, sqlstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		store.Close()
		db.Close()
	})
	h, err := relay.New(relay.Options{
		Store: store, Key: [32]byte(key), PublicURL: base, AppOrigin: appOrigin, WebSocket: true, Publish: func(string, int64) {},
		Limits: relay.Limits{Data: relay.Rate{PerMinute: -1}, Control: relay.Rate{PerMinute: -1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return storetest.Client{Base: server.URL, App: appOrigin, HTTP: &http.Client{Transport: &http.Transport{DisableCompression: true}}, Now: time.Now}
}

// ask is one request of the script.
type ask struct {
	method, path string
	body         any
	headers      storetest.Headers
}

// script is a day of a relay, with whatever clients do wrong.
func script() (list []ask) {
	add := func(method, path string, body any, headers ...string) {
		list = append(list, ask{method, path, body, headers})
	}
	put := []string{"If-None-Match", "*"}
	for _, flag := range []string{"", "U", "L", "LU", "P", "LP"} {
		id, token := storetest.ID("same "+flag), storetest.ID("token of same "+flag)
		link, control, file := wire.LinkPath+id, wire.ControlPath+id, wire.File{ContentType: wire.ContentTypeFHIR, JWE: storetest.JWE(wire.ContentTypeFHIR, 700)}
		owner := func(seq int) []string {
			return []string{"Authorization", "Bearer " + token, wire.SequenceHeader, fmt.Sprint(seq)}
		}
		create := storetest.NewCreate(token, flag)
		if strings.Contains(flag, "P") {
			create.Passcode = storetest.Verifier("secret", 3)
		}
		add("PUT", control, create)
		add("PUT", control, create, put...)
		add("PUT", control, create, put...)
		// The same id in another spelling, for another owner: it is taken.
		other := fmt.Sprintf("%s%%%02X%s", wire.ControlPath, id[0], id[1:])
		add("PUT", other, storetest.NewCreate(storetest.ID("another"), "U"), put...)
		add("GET", fmt.Sprintf("%s%%%02x%s?recipient=a", wire.LinkPath, id[0], id[1:]), nil)
		add("PUT", control, `{"flag":7}`, put...)
		add("PUT", control, `null`, put...)
		add("PUT", control, strings.Repeat(" ", 100), put...)
		add("OPTIONS", control, nil, "Origin", appOrigin)
		add("OPTIONS", link, nil, "Origin", "https://clinic.example")
		add("HEAD", link+"?recipient=a", nil)
		add("GET", link+"?recipient=a", nil)
		add("GET", link+"?recipient=a", nil, "If-Modified-Since", "Sat, 22 Nov 2025 10:00:00 GMT", "Accept", "a/b, c/d;q=\"1,2\"")
		add("POST", link, wire.ManifestRequest{Recipient: "a"})
		add("POST", link, wire.ManifestRequest{Recipient: "a", Passcode: "wrong"})
		add("POST", link, wire.ManifestRequest{Recipient: "a", Passcode: "secret"})
		most := int64(10_000)
		add("POST", link, wire.ManifestRequest{Recipient: "a", Passcode: "secret", EmbeddedLengthMax: &most})
		add("POST", link, `{"recipient":`)
		add("POST", link, `[]`)
		add("POST", link, strings.Repeat("x", wire.MaxManifestBody+1))
		add("POST", link, wire.ManifestRequest{Passcode: strings.Repeat("x", wire.MaxPasscode+1)})
		add("POST", link, nil)
		add("GET", control, nil)
		add("GET", control, nil, owner(0)...)
		add("GET", control, nil, append(owner(0), "Origin", "https://elsewhere.example")...)
		add("GET", control, nil, append(owner(0), "Origin", appOrigin)...)
		add("PATCH", control, `{"paused":true}`, owner(1)...)
		add("PATCH", control, `{"paused":false}`, owner(1)...)
		add("GET", link+"?recipient=b", nil)
		add("PATCH", control, `{"paused":false,"addUses":5}`, owner(2)...)
		add("PATCH", control, `{"nonsense":1}`, owner(3)...)
		add("PUT", control+"/file", file, owner(4)...)
		add("PUT", control+"/file", wire.File{ContentType: "text/html", JWE: "<p>"}, owner(5)...)
		add("GET", control+"/receipts?after=100", nil, owner(0)...)
		add("GET", control+"/receipts?after=x", nil, owner(0)...)
		add("DELETE", link, nil)
		add("DELETE", control, nil, owner(9)...)
		add("DELETE", control, nil, owner(9)...)
		add("GET", link+"?recipient=a", nil)
		add("HEAD", link, nil)
	}
	box, token := storetest.ID("same box"), storetest.ID("token of same box")
	owner := []string{"Authorization", "Bearer " + token}
	add("PUT", wire.MailboxesPath+box, storetest.NewOpenMailbox(token), put...)
	add("GET", wire.MailboxPath+box, nil)
	for _, seed := range []string{"a", "b", "a"} {
		add("POST", wire.MailboxPath+box, wire.Deposit{ID: storetest.EntryID(seed), Sealed: storetest.Sealed(seed, 2048)})
	}
	add("POST", wire.MailboxPath+box, wire.Deposit{ID: "x", Sealed: "x"})
	for _, path := range []string{"", "/entries?after=0", "/entries?after=9", "/entries?after=x", "/entry?seq=1", "/entry?seq=7", "/live", "/nothing"} {
		add("GET", wire.MailboxesPath+box+path, nil, owner...)
		add("GET", wire.MailboxesPath+box+path, nil)
	}
	add("POST", wire.MailboxesPath+box+"/ack", wire.Acknowledge{Seqs: []int64{1}}, owner...)
	add("DELETE", wire.MailboxesPath+box, nil, owner...)
	for _, path := range []string{"/", "/l/", "/l/x", "/f/x", "/m/x", "/v1/links/x", "/v1/relay", "/healthz", "/nothing", "//l//", "/l/" + box + "/x", "/%7e", "/l/%20"} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
			add(method, path, nil)
		}
	}
	return list
}

// different masks what may differ: moments, and what is random.
var different = regexp.MustCompile(`"(now|expires|created|time|lastUpdated|location)":("[^"]*"|\d+)`)

func masked(body []byte) string {
	return different.ReplaceAllStringFunc(string(body), func(m string) string { return m[:strings.Index(m, ":")] })
}

// TestSame: a script of requests is answered by this engine and by the native one
// with the same statuses, headers (but for Date) and bodies.
func TestSame(t *testing.T) {
	s := start(t, program(t))
	key, err := hex.DecodeString(strings.TrimPrefix(s.env[0], "RELAY_KEY="))
	if err != nil {
		t.Fatal(err)
	}
	here, there := native(t, s.Base, key), s.client()
	list := script()
	for i, a := range list {
		want, err := here.Try(a.method, a.path, a.body, a.headers)
		if err != nil {
			t.Fatal(err)
		}
		got, err := there.Try(a.method, a.path, a.body, a.headers)
		if err != nil {
			t.Errorf("%d %s %.30s: %v", i, a.method, a.path, err)
			continue
		}
		want.Header.Del("Date")
		if got.Status != want.Status || masked(got.Body) != masked(want.Body) || !maps.EqualFunc(got.Header, want.Header, slices.Equal) {
			t.Errorf("%d %s %.30s:\n got %d %v %.200s\nwant %d %v %.200s", i, a.method, a.path, got.Status, got.Header, got.Body, want.Status, want.Header, want.Body)
		}
	}
	if len(list) < 200 {
		t.Errorf("the script has %d requests only", len(list))
	}
}

// TestEmptyAndFull: the library cannot send a second answer by itself; here come
// empty, full and bodiless ones by turns.
func TestEmptyAndFull(t *testing.T) {
	s := start(t, testProgram(t), "SHARDS=1")
	c := s.client()
	o := c.Create(t, "", "U", nil)
	for round := range 3 {
		if a := c.Do(t, "HEAD", wire.LinkPath+o.ID+"?recipient=a", nil, nil); a.Status != http.StatusOK || len(a.Body) != 0 {
			t.Errorf("round %d, empty: %d", round, a.Status)
		}
		if a := c.Get(t, o.ID, "a"); a.Status != http.StatusOK || len(a.Body) == 0 {
			t.Errorf("round %d, full: %d", round, a.Status)
		}
		if a := c.Do(t, "OPTIONS", wire.LinkPath+o.ID, nil, nil); a.Status != http.StatusNoContent || len(a.Body) != 0 {
			t.Errorf("round %d, 204: %d", round, a.Status)
		}
	}
	if got := s.state(0); got.Programs != 1 {
		t.Errorf("%d programs", got.Programs)
	}
}

// TestBytes: files of every size come back byte for byte by all three ways, up to
// the largest.
func TestBytes(t *testing.T) {
	s := start(t, program(t))
	c := s.client()
	for _, size := range []int{wire.MaxFile, relay.PartSize - 1, relay.PartSize, relay.PartSize + 1, 256 << 10, 256<<10 + 1} {
		text := storetest.SealedJWE(wire.ContentTypeFHIR, fmt.Sprint(size), size*3/4)
		text = fit(text, size)
		o := c.Create(t, fmt.Sprint(size), "U", func(w *wire.Create) { w.File.JWE = text })
		want := sha256.Sum256([]byte(text))
		most := int64(wire.MaxFile)
		direct := c.Get(t, o.ID, "a")
		embedded := storetest.Decode[wire.Manifest](t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "a", EmbeddedLengthMax: &most}), http.StatusOK)
		located := storetest.Decode[wire.Manifest](t, c.Post(t, o.ID, wire.ManifestRequest{Recipient: "a"}), http.StatusOK)
		ticket := c.Do(t, "GET", strings.TrimPrefix(located.Files[0].Location, c.Base), nil, nil)
		for way, got := range map[string][]byte{"directly": direct.Body, "embedded": []byte(embedded.Files[0].Embedded), "by its location": ticket.Body} {
			if sha256.Sum256(got) != want {
				t.Errorf("%d bytes %s: %d came, others", len(text), way, len(got))
			}
		}
		if got := direct.Header.Get("Content-Length"); got != fmt.Sprint(len(text)) {
			t.Errorf("%d bytes: the length is said to be %s", len(text), got)
		}
	}
}

// fit shortens the ciphertext of a JWE so that all is at most size.
func fit(jwe string, size int) string {
	parts := strings.Split(jwe, ".")
	over := max(0, len(jwe)-size)
	parts[3] = parts[3][:(len(parts[3])-over)&^3]
	return strings.Join(parts, ".")
}

// TestCommon: what worker.mjs answers by itself, where there is no Go, carries the
// same policy as all else.
func TestCommon(t *testing.T) {
	s := start(t, program(t))
	gone := s.client().Do(t, "GET", "/l/x", nil, nil)
	s.stop()
	s.env = slices.DeleteFunc(s.env, func(v string) bool { return strings.HasPrefix(v, "RELAY_KEY=") })
	s.launch()
	var dead storetest.Answer
	eventually(t, "a relay without a key answers", func() (ok bool) {
		var err error
		dead, err = s.client().Try("GET", "/l/x", nil, nil)
		return err == nil
	})
	if dead.Status != http.StatusServiceUnavailable || dead.Header.Get("Retry-After") == "" || !bytes.HasPrefix(dead.Body, []byte(`{"message":`)) {
		t.Errorf("got %d %v %s", dead.Status, dead.Header, dead.Body)
	}
	for _, h := range []http.Header{gone.Header, dead.Header} {
		h.Del("Content-Length")
		h.Del("Retry-After")
		h.Del("Date")
	}
	if !maps.EqualFunc(dead.Header, gone.Header, slices.Equal) {
		t.Errorf("got  %v\nwant %v", dead.Header, gone.Header)
	}
	eventually(t, "it says why", func() bool { return strings.Contains(s.out.String(), "RELAY_KEY must hold 64 hexadecimal digits") })
}
