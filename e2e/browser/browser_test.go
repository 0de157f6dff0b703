// Package browser runs the tests of wasm/browser where they mean something: in
// Chromium, in a page under the app's real policy, with the viewer and a relay
// on origins of their own.
package browser_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
	"golang.org/x/net/websocket"

	"potli/e2e/chromium"
	"potli/relay/site"
)

// Everything that needs no scene of its own, in one page.
func TestAdapters(t *testing.T) {
	h := start(t)
	tab := h.tab(t)
	out := tab.run(t, "^Test", "")
	for line := range strings.SplitSeq(out, "\n") {
		if i := strings.Index(line, "FIGURE "); i >= 0 {
			t.Log(line[i+len("FIGURE "):])
		}
		if strings.Contains(line, "needs a page") {
			t.Errorf("skipped in a browser: %s", line)
		}
	}
	if n := strings.Count(out, "--- PASS: Test"); n < 30 {
		t.Errorf("only %d tests ran", n)
	}
	// Each is provoked by a test: a worker of another address, a third origin.
	for _, v := range tab.violations(t) {
		if !strings.HasPrefix(v, "require-trusted-types-for") && !strings.HasPrefix(v, "connect-src "+h.elsewhere) {
			t.Errorf("the page broke its own policy: %s", v)
		}
	}
}

// Beside a tab of a release that did not take turns nothing is opened; beside others it
// is.
func TestTwoTabs(t *testing.T) {
	h := start(t)
	first, second := h.tab(t), h.tab(t)
	first.run(t, "^TestOldTab$", "old-tab")
	second.run(t, "^TestClaimElsewhere$", "second-tab")
	first.close()
	second.run(t, "^TestClaimAfter$", "after")
	// And after a reload, when the old page's lock is only just being given back.
	second.run(t, "^TestClaimAfter$", "after")
}

// A full disk.
func TestQuota(t *testing.T) {
	h := start(t)
	tab := h.tab(t)
	size := float64(24 << 20)
	tab.do(t, chromedp.Navigate(h.app+"/config.json"), chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: h.app, QuotaSize: &size})
		return err
	}))
	tab.run(t, "^TestQuota$", "quota")
}

// What a browser allows in a gesture only.
func TestGesture(t *testing.T) {
	h := start(t)
	tab := h.tab(t)
	tab.load(t, "^TestCopy$", "gesture")
	tab.do(t, chromedp.Click(chromedp.ID("copy")))
	tab.wait(t)
}

// --- the house ---

// house is the three origins and a browser.
type house struct {
	app, viewer, relay, elsewhere string
	browser                       context.Context
}

func start(t *testing.T) *house {
	t.Helper()
	return startAt(t, "127.0.0.1")
}

// startAt is start with a host name for the app's origin.
func startAt(t *testing.T, host string) *house {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: apt-get install chromium")
	}
	h := &house{
		relay:     serve(t, relay()).URL,
		elsewhere: serve(t, http.NotFoundHandler()).URL,
	}
	// The policy names the origins, so they must be known before there is a handler.
	app, viewer := listen(t), listen(t)
	_, port, _ := net.SplitHostPort(app.Addr().String())
	h.app, h.viewer = "http://"+net.JoinHostPort(host, port), "http://"+viewer.Addr().String()
	o := site.Origins{App: h.app, Relay: h.relay, Viewer: h.viewer}
	serveOn(t, app, folder(t, site.App, o))
	serveOn(t, viewer, folder(t, site.Viewer, o))

	allocator, cancel := chromedp.NewExecAllocator(context.Background(), chromium.Options(chromedp.ExecPath(path))...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() { chromedp.Cancel(ctx); cancel() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting chromium: %v", err)
	}
	h.browser = ctx
	return h
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func serveOn(t *testing.T, l net.Listener, handler http.Handler) *httptest.Server {
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: handler}}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func serve(t *testing.T, handler http.Handler) *httptest.Server {
	return serveOn(t, listen(t), handler)
}

// folder is a site as the generator lays it out, with the test binary for a program.
func folder(t *testing.T, kind site.Kind, o site.Origins) http.Handler {
	t.Helper()
	files := fstest.MapFS{
		"index.html":   file(t, "testdata/index.html"),
		"probe.js":     file(t, "testdata/probe.js"),
		"wasm_exec.js": file(t, wasmExec(t)),
		"store.js":     file(t, "../../web/store.js"),
		"release.json": {Data: []byte(`{"files": {"/index.html": "unused"}}`)},
	}
	switch kind {
	case site.Viewer:
		files = fstest.MapFS{
			"index.html": file(t, "testdata/frame.html"),
			"frame.html": file(t, "testdata/frame.html"),
			"frame.js":   file(t, "testdata/frame.js"),
		}
	case site.App:
		worker := file(t, "../../web/worker.js")
		worker.Data = append(append([]byte{}, files["wasm_exec.js"].Data...), worker.Data...)
		files["worker.js"] = worker
		files["web/app.wasm"] = file(t, binary(t))
		files["sw.js"] = file(t, "../../web/sw.js")
	}
	key, err := site.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	s, err := site.New(files, kind, o, site.Signing{Keys: []*site.Key{key}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func file(t *testing.T, name string) *fstest.MapFile {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b}
}

func wasmExec(t *testing.T) string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")
}

var build struct {
	sync.Once
	name string
	err  error
}

// binary is the test binary of wasm/browser, built once.
func binary(t *testing.T) string {
	t.Helper()
	build.Do(func() {
		dir, err := os.MkdirTemp("", "potli-browser-")
		if err != nil {
			build.err = err
			return
		}
		build.name = filepath.Join(dir, "browser.test.wasm")
		cmd := exec.Command("go", "test", "-c", "-o", build.name, "potli/wasm/browser")
		cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
		if out, err := cmd.CombinedOutput(); err != nil {
			build.err = fmt.Errorf("building the tests of wasm/browser: %w\n%s", err, out)
		}
	})
	if build.err != nil {
		t.Fatal(build.err)
	}
	return build.name
}

func TestMain(m *testing.M) {
	code := m.Run()
	if build.name != "" {
		os.RemoveAll(filepath.Dir(build.name))
	}
	os.Exit(code)
}

// firstProtocol takes the first protocol that is offered, and remembers all.
func firstProtocol(c *websocket.Config, r *http.Request) error {
	r.Header.Set("Offered", strings.Join(c.Protocol, ","))
	c.Protocol = c.Protocol[:1]
	return nil
}

// socket says what it was offered and a number, and then answers pings, unless it
// closes or falls mute.
func socket(c *websocket.Conn) {
	switch c.Request().URL.RawQuery {
	case "close":
		return
	case "mute":
		io.Copy(io.Discard, c)
		return
	}
	websocket.Message.Send(c, c.Request().Header.Get("Offered"))
	websocket.Message.Send(c, "2")
	for {
		var s string
		if websocket.Message.Receive(c, &s) != nil {
			return
		}
		if s == "ping" {
			websocket.Message.Send(c, "pong")
		}
	}
}

// relay answers as a relay might, and as one never should.
func relay() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintln(w, r.Method, r.URL.Path)
		r.Header.Write(w)
		io.Copy(w, http.MaxBytesReader(w, r.Body, 1<<16))
	})
	mux.HandleFunc("/bytes", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("n"))
		w.Header().Set("Content-Length", strconv.Itoa(n))
		w.Write(make([]byte, n))
	})
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("n"))
		for range n / 100 {
			w.Write(make([]byte, 100))
			http.NewResponseController(w).Flush()
		}
	})
	mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		for _, piece := range []string{"event: s", "eq\ndata: 1\r\n\n", ":\nevent: se\n"} {
			io.WriteString(w, piece)
			http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	})
	mux.Handle("/socket", websocket.Server{Handshake: firstProtocol, Handler: socket})
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/bytes?n=1", http.StatusFound) })
	mux.HandleFunc("/hang-up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Second):
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Methods", "GET, PUT, POST, PATCH, DELETE")
			w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// --- a tab ---

// tab is one page of the browser.
type tab struct {
	h     *house
	ctx   context.Context
	close context.CancelFunc
}

func (h *house) tab(t *testing.T) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(h.browser)
	p := &tab{h: h, ctx: ctx, close: sync.OnceFunc(func() { chromedp.Cancel(ctx); cancel() })}
	t.Cleanup(p.close)
	if err := chromedp.Do(ctx); err != nil { // the first call makes the tab, and must have no deadline
		t.Fatal(err)
	}
	return p
}

func (p *tab) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// value evaluates an expression.
func value[T any](t *testing.T, p *tab, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// patience is how long the tests in one page may take.
const patience = 4 * time.Minute

// run loads the page, which runs the tests that match, and returns what they printed.
func (p *tab) run(t *testing.T, tests, scene string) string {
	t.Helper()
	p.load(t, tests, scene)
	return p.wait(t)
}

func (p *tab) load(t *testing.T, tests, scene string) {
	t.Helper()
	p.loadWith(t, tests, scene, nil)
}

// loadWith is load with more in the page's address.
func (p *tab) loadWith(t *testing.T, tests, scene string, more url.Values) {
	t.Helper()
	q := url.Values{"run": {tests}, "scene": {scene}, "relay": {p.h.relay}, "viewer": {p.h.viewer}, "elsewhere": {p.h.elsewhere}}
	maps.Copy(q, more)
	p.do(t, chromedp.Navigate(p.h.app+"/?"+q.Encode()))
}

func (p *tab) wait(t *testing.T) string {
	t.Helper()
	for begin := time.Now(); value[string](t, p, "typeof testExit") == "undefined"; time.Sleep(100 * time.Millisecond) {
		if time.Since(begin) > patience {
			t.Fatalf("not done after %v:\n%s", patience, value[string](t, p, "testSaid.join('\\n')"))
		}
	}
	out := value[string](t, p, "testSaid.join('\\n')")
	if code := value[int](t, p, "testExit"); code != 0 {
		t.Errorf("the tests in the page failed:\n%s", out)
	}
	if !strings.Contains(out, "--- PASS: Test") {
		t.Errorf("no test ran:\n%s", out)
	}
	return out
}

func (p *tab) violations(t *testing.T) []string {
	t.Helper()
	return value[[]string](t, p, "violations")
}
