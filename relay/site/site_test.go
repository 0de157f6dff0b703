package site_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"potli/relay/site"
)

var (
	local = site.Origins{App: "http://localhost:8080", Relay: "http://localhost:8081", Viewer: "http://localhost:8082"}
	world = site.Origins{App: "https://potli.example", Relay: "https://relay.potli.example", Viewer: "https://view.potli.example"}
)

var signing = site.Signing{Keys: []*site.Key{newKey()}}

func newKey() *site.Key {
	k, err := site.NewKey()
	if err != nil {
		panic(err)
	}
	return k
}

func worker(s *site.Site) string { return string(s.Worker()) }

func appFiles() fstest.MapFS {
	return fstest.MapFS{
		"index.html":         {Data: []byte("<!doctype html>shell")},
		"sw.js":              {Data: []byte("worker")},
		"web/app.wasm":       {Data: []byte("plain wasm")},
		"web/app.wasm.br":    {Data: []byte("br")},
		"web/app.wasm.gz":    {Data: []byte("gz")},
		"web/styles/kit.css": {Data: []byte("body{}")},
		"release.json":       {Data: []byte(`{"version":"built","files":{"/index.html":"aGFzaA=="}}`)},
	}
}

func viewerFiles() fstest.MapFS {
	return fstest.MapFS{
		"index.html": {Data: []byte("<!doctype html>viewer")},
		"frame.html": {Data: []byte("<!doctype html>frame")},
		"viewer.js":  {Data: []byte("export {}")},
	}
}

func open(t *testing.T, kind site.Kind, o site.Origins) *site.Site {
	t.Helper()
	files := appFiles()
	if kind == site.Viewer {
		files = viewerFiles()
	}
	s, err := site.New(files, kind, o, signing)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(s http.Handler, method, path string, header ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const (
	appPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; " +
		"font-src 'self'; connect-src 'self' RELAY SOCKETS; frame-src VIEWER; worker-src 'self'; manifest-src 'self'; base-uri 'none'; " +
		"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types wallet-sw wallet-worker"
	// In the wallet's frame it starts nothing beside itself.
	viewerPolicy = "default-src 'none'; script-src 'self'WASM; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; " +
		"connect-src 'self' https:LOOPBACK; frame-src blob:; worker-src WORKERS; base-uri 'none'; form-action 'none'; frame-ancestors ANCESTORS; " +
		"require-trusted-types-for 'script'; trusted-types TYPES"
)

func wantCSP(kind site.Kind, path string, o site.Origins) string {
	p, loopback, ancestors := viewerPolicy, "", "'none'"
	wasm, workers, types := " 'wasm-unsafe-eval'", "'self'", "viewer-worker"
	if kind == site.App {
		p = appPolicy
	}
	if strings.HasPrefix(o.Relay, "http:") {
		loopback = " " + o.Relay + " http://localhost:* http://127.0.0.1:*"
	}
	if path == site.FramePath {
		ancestors = o.App
		wasm, workers, types = "", "'none'", "'none'"
	}
	p = strings.NewReplacer("RELAY", o.Relay, "SOCKETS", "ws"+strings.TrimPrefix(o.Relay, "http"), "VIEWER", o.Viewer, "LOOPBACK", loopback, "ANCESTORS", ancestors,
		"WASM", wasm, "WORKERS", workers, "TYPES", types).Replace(p)
	if strings.HasPrefix(o.App, "https:") {
		p += "; upgrade-insecure-requests"
	}
	return p
}

// Every header of every address, of every error, on one machine and in the world.
func TestPolicyOnEveryAnswer(t *testing.T) {
	requests := []struct {
		method, path, accept string
	}{
		{"GET", "/", "text/html"}, {"HEAD", "/", "text/html"}, {"GET", "/index.html", "*/*"}, {"GET", "/sw.js", "*/*"},
		{"GET", "/web/app.wasm", "*/*"}, {"GET", "/config.json", "*/*"}, {"GET", "/release.json", "*/*"},
		{"GET", "/records/1?x=1", "text/html"}, {"GET", "/missing.js", "*/*"}, {"GET", "/frame.html", "text/html"},
		{"GET", "/viewer.js", "*/*"}, {"POST", "/", "*/*"}, {"OPTIONS", "/", "*/*"}, {"DELETE", "/nothing", "*/*"},
	}
	for name, o := range map[string]site.Origins{"local": local, "world": world} {
		for kind, kindName := range map[site.Kind]string{site.App: "app", site.Viewer: "viewer"} {
			s := open(t, kind, o)
			for _, q := range requests {
				t.Run(name+"/"+kindName+"/"+q.method+q.path, func(t *testing.T) {
					r := ask(s, q.method, q.path, "Accept", q.accept)
					checkPolicy(t, r.Header, kind, q.path, o)
				})
			}
		}
	}
}

func checkPolicy(t *testing.T, h http.Header, kind site.Kind, path string, o site.Origins) {
	t.Helper()
	frame := kind == site.Viewer && path == site.FramePath
	want := map[string]string{
		"Content-Security-Policy":      wantCSP(kind, path, o),
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Embedder-Policy": "require-corp",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Referrer-Policy":              "no-referrer",
		"X-Content-Type-Options":       "nosniff",
		"Cache-Control":                "no-cache",
		"Strict-Transport-Security":    "",
		"Permissions-Policy": "camera=(), publickey-credentials-get=(), publickey-credentials-create=(), " +
			"geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=()",
		// What must never be there.
		"Clear-Site-Data":             "",
		"Set-Cookie":                  "",
		"Access-Control-Allow-Origin": "",
		"Server":                      "",
	}
	if frame {
		want["Cross-Origin-Resource-Policy"] = "cross-origin"
	} else if kind == site.Viewer {
		want["Permissions-Policy"] = strings.Replace(want["Permissions-Policy"], "camera=()", "camera=(self)", 1)
	}
	if kind == site.App {
		want["Permissions-Policy"] = "camera=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), " +
			"geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=()"
	}
	if strings.HasPrefix(o.App, "https:") {
		want["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains; preload"
	}
	for name, w := range want {
		if got := h.Get(name); got != w {
			t.Errorf("%s:\n got %q\nwant %q", name, got, w)
		}
	}
}

func TestStatuses(t *testing.T) {
	for _, c := range []struct {
		name, method, path, accept string
		kind                       site.Kind
		status                     int
		mime, body                 string
	}{
		{"the shell", "GET", "/", "text/html", site.App, 200, "text/html; charset=utf-8", "<!doctype html>shell"},
		{"a page the wallet knows", "GET", "/records/1", "text/html,*/*", site.App, 200, "text/html; charset=utf-8", "<!doctype html>shell"},
		{"a page asked for as data", "GET", "/records/1", "*/*", site.App, 404, "text/plain; charset=utf-8", "there is nothing at this address\n"},
		{"a missing file", "GET", "/web/none.js", "*/*", site.App, 404, "text/plain; charset=utf-8", "there is nothing at this address\n"},
		{"climbing out", "GET", "/../secret", "*/*", site.App, 404, "text/plain; charset=utf-8", "there is nothing at this address\n"},
		{"a folder", "GET", "/web/", "*/*", site.App, 404, "text/plain; charset=utf-8", "there is nothing at this address\n"},
		{"the compressed file by name", "GET", "/web/app.wasm.br", "*/*", site.App, 404, "text/plain; charset=utf-8", "there is nothing at this address\n"},
		{"wasm", "GET", "/web/app.wasm", "*/*", site.App, 200, "application/wasm", "plain wasm"},
		{"a style", "GET", "/web/styles/kit.css", "*/*", site.App, 200, "text/css; charset=utf-8", "body{}"},
		{"a head", "HEAD", "/web/app.wasm", "*/*", site.App, 200, "application/wasm", ""},
		{"a write", "PUT", "/", "*/*", site.App, 405, "text/plain; charset=utf-8", "only GET and HEAD\n"},
		{"the wallet's config", "GET", "/config.json", "*/*", site.App, 200, "application/json", `{"relay":"http://localhost:8081","viewer":"http://localhost:8082"}` + "\n"},
		{"the viewer", "GET", "/", "text/html", site.Viewer, 200, "text/html; charset=utf-8", "<!doctype html>viewer"},
		{"a drop code", "GET", "/drop", "text/html", site.Viewer, 200, "text/html; charset=utf-8", "<!doctype html>viewer"},
		{"a request", "GET", "/ask", "text/html", site.Viewer, 200, "text/html; charset=utf-8", "<!doctype html>viewer"},
		{"the desk", "GET", "/clinic", "text/html", site.Viewer, 200, "text/html; charset=utf-8", "<!doctype html>viewer"},
		{"below one, where its files would be missing", "GET", "/drop/x", "text/html", site.Viewer, 404, "text/plain; charset=utf-8", "there is nothing at this address\n"},
		{"the wallet has no drop page of this kind", "GET", "/drop", "*/*", site.App, 404, "text/plain; charset=utf-8", "there is nothing at this address\n"},
		{"the viewer has no other pages", "GET", "/records/1", "text/html", site.Viewer, 404, "text/plain; charset=utf-8", "there is nothing at this address\n"},
		{"the viewer's config", "GET", "/config.json", "*/*", site.Viewer, 200, "application/json", `{"app":"http://localhost:8080","relay":"http://localhost:8081"}` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ask(open(t, c.kind, local), c.method, c.path, "Accept", c.accept)
			if got := body(t, r); r.StatusCode != c.status || got != c.body || r.Header.Get("Content-Type") != c.mime {
				t.Errorf("got %d %q %q, want %d %q %q", r.StatusCode, r.Header.Get("Content-Type"), got, c.status, c.mime, c.body)
			}
		})
	}
}

func TestCompression(t *testing.T) {
	s := open(t, site.App, local)
	for _, c := range []struct{ path, accept, encoding, body, vary string }{
		{"/web/app.wasm", "gzip, deflate, br, zstd", "br", "br", "Accept-Encoding"},
		{"/web/app.wasm", "gzip", "gzip", "gz", "Accept-Encoding"},
		{"/web/app.wasm", "BR;q=0.1", "br", "br", "Accept-Encoding"},
		{"/web/app.wasm", "br;q=0, gzip;q=1.0", "gzip", "gz", "Accept-Encoding"},
		{"/web/app.wasm", "*", "br", "br", "Accept-Encoding"},
		{"/web/app.wasm", "*, br; q=0, gzip;q=0", "", "plain wasm", "Accept-Encoding"},
		{"/web/app.wasm", "", "", "plain wasm", "Accept-Encoding"},
		{"/web/app.wasm", "br;q=many", "", "plain wasm", "Accept-Encoding"},
		{"/sw.js", "br", "", worker(s), ""},
	} {
		t.Run(c.path+" "+c.accept, func(t *testing.T) {
			r := ask(s, "GET", c.path, "Accept-Encoding", c.accept)
			if got := body(t, r); got != c.body || r.Header.Get("Content-Encoding") != c.encoding || r.Header.Get("Vary") != c.vary {
				t.Errorf("got %q, encoding %q, vary %q", got, r.Header.Get("Content-Encoding"), r.Header.Get("Vary"))
			}
			if got := r.Header.Get("Content-Length"); got != lenText(c.body) {
				t.Errorf("Content-Length %s for %d bytes", got, len(c.body))
			}
		})
	}
}

func lenText(s string) string {
	b, _ := json.Marshal(len(s))
	return string(b)
}

func TestTags(t *testing.T) {
	s := open(t, site.App, local)
	tag := func(encoding string) string {
		return ask(s, "GET", "/web/app.wasm", "Accept-Encoding", encoding).Header.Get("ETag")
	}
	if tag("br") == tag("gzip") || tag("br") == tag("") {
		t.Error("two codings share a strong tag")
	}
	for _, c := range []struct {
		header string
		status int
	}{
		{tag("br"), 304}, {"W/" + tag("br"), 304}, {`"other", ` + tag("br"), 304}, {"*", 304}, {tag("gzip"), 200}, {`"other"`, 200}, {"", 200},
	} {
		r := ask(s, "GET", "/web/app.wasm", "Accept-Encoding", "br", "If-None-Match", c.header)
		if r.StatusCode != c.status {
			t.Errorf("If-None-Match %s: got %d, want %d", c.header, r.StatusCode, c.status)
		}
		checkPolicy(t, r.Header, site.App, "/web/app.wasm", local)
	}
}

func TestReleaseNamesConfigAndPolicy(t *testing.T) {
	read := func(s *site.Site) (m struct {
		Version               string
		Headers, Types, Files map[string]string
	}) {
		if err := json.Unmarshal([]byte(body(t, ask(s, "GET", "/release.json"))), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	s := open(t, site.App, local)
	m := read(s)
	sum := sha256.Sum256([]byte(body(t, ask(s, "GET", "/config.json"))))
	if got, want := m.Files["/config.json"], base64.StdEncoding.EncodeToString(sum[:]); got != want {
		t.Errorf("config.json: got hash %q, want %q", got, want)
	}
	if m.Files["/index.html"] != "aGFzaA==" {
		t.Error("the built hashes did not survive")
	}
	if m.Version != s.Version() || m.Version == "built" {
		t.Errorf("version %q, the site says %q", m.Version, s.Version())
	}
	if other := read(open(t, site.App, world)); other.Version == m.Version {
		t.Error("another relay must be another release, or workers keep the old policy")
	}
	// What pages are given by the service worker is what they are sent.
	for _, o := range []site.Origins{local, world} {
		s := open(t, site.App, o)
		m, signed := read(s), http.Header{}
		for name, v := range m.Headers {
			signed.Set(name, v)
		}
		checkPolicy(t, signed, site.App, "/", o)
		if sent := ask(s, "GET", "/web/app.wasm").Header.Get("Content-Type"); m.Types[".wasm"] != sent {
			t.Errorf("signed for type %q, sent as %q", m.Types[".wasm"], sent)
		}
	}
	if again := read(open(t, site.App, local)); again.Version != m.Version {
		t.Error("the same files made two versions")
	}
}

func TestNewRefuses(t *testing.T) {
	without := func(name string) fstest.MapFS { f := appFiles(); delete(f, name); return f }
	bad := appFiles()
	bad["release.json"] = &fstest.MapFile{Data: []byte("{")}
	empty := appFiles()
	empty["release.json"] = &fstest.MapFile{Data: []byte("{}")}
	origin := func(s string) site.Origins { o := local; o.Relay = s; return o }
	for name, c := range map[string]struct {
		files fstest.MapFS
		o     site.Origins
	}{
		"no index":            {without("index.html"), local},
		"no release":          {without("release.json"), local},
		"no worker":           {without("sw.js"), local},
		"broken release":      {bad, local},
		"empty release":       {empty, local},
		"no origin":           {appFiles(), origin("")},
		"origin with a path":  {appFiles(), origin("https://relay.example/")},
		"origin with a query": {appFiles(), origin("https://relay.example?x")},
		"origin with a user":  {appFiles(), origin("https://me@relay.example")},
		"not http":            {appFiles(), origin("ftp://relay.example")},
		"policy injection":    {appFiles(), origin("https://relay.example;script-src")},
		"wildcard":            {appFiles(), origin("https://*.example")},
	} {
		if _, err := site.New(c.files, site.App, c.o, signing); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
