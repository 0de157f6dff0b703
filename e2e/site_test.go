package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/chromedp"

	"potli/relay/site"
)

// helloSite is the wallet's site around the program testdata/hello, made once by
// the real generator from the real web folder.
var helloSite struct {
	once  sync.Once
	files fstest.MapFS
}

func hello(t testing.TB) fstest.MapFS {
	t.Helper()
	helloSite.once.Do(func() {
		helloSite.files = around(t, "./e2e/testdata/hello")
	})
	if helloSite.files == nil {
		t.Fatal("the site could not be built; an earlier test says why")
	}
	return maps.Clone(helloSite.files)
}

// around builds a program and generates the wallet's site around it.
func around(t testing.TB, program string) fstest.MapFS {
	t.Helper()
	dir := t.TempDir()
	wasm := filepath.Join(dir, "app.wasm")
	command(t, []string{"GOOS=js", "GOARCH=wasm"}, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", wasm, program)
	command(t, nil, "go", "run", "./wasm", "-wasm", wasm, "-scanner", wasm, "-names", "", "-piece", "2000000", "-quality", "5", "-cache", filepath.Join(dir, "cache"),
		"-app", filepath.Join(dir, "app"), "-viewer", filepath.Join(dir, "viewer"))
	return read(t, os.DirFS(filepath.Join(dir, "app")))
}

// read takes a folder into memory.
func read(t testing.TB, dir fs.FS) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(dir, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(dir, p)
		files[p] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// program names the pieces of the first part of a site's program, in order.
func program(files fstest.MapFS) []string { return part(files, "web/app-") }

func part(files fstest.MapFS, prefix string) []string {
	var names []string
	for name := range files {
		if strings.HasPrefix(name, prefix) && strings.HasSuffix(name, ".wasm") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// withMark is a release of which /web/mark.txt says text.
func withMark(t testing.TB, text string) fstest.MapFS {
	t.Helper()
	return with(t, hello(t), "web/mark.txt", text)
}

// with puts another body into a file of a release. Its hash is in the manifest,
// as the generator would have put it there.
func with(t testing.TB, files fstest.MapFS, path, body string) fstest.MapFS {
	t.Helper()
	files[path] = &fstest.MapFile{Data: []byte(body)}
	delete(files, path+".br")
	delete(files, path+".gz")
	var m struct {
		Lazy  []string          `json:"lazy"`
		Files map[string]string `json:"files"`
	}
	if err := json.Unmarshal(files["release.json"].Data, &m); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	m.Files["/"+path] = base64.StdEncoding.EncodeToString(sum[:])
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	files["release.json"] = &fstest.MapFile{Data: b}
	return files
}

// host serves a release on one port for the whole test, and can misbehave.
type host struct {
	t    testing.TB
	addr string
	srv  *http.Server

	keys []*site.Key // that sign what it serves
	seq  uint64      // of the newest release

	mu    sync.Mutex // owns what follows
	site  http.Handler
	fault map[string]http.HandlerFunc // by path
	asked map[string]int              // whole answers by path
}

func newHost(t testing.TB, files fstest.MapFS) *host {
	k, err := site.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, keys: []*site.Key{k}, addr: "localhost:0", fault: map[string]http.HandlerFunc{}, asked: map[string]int{}}
	h.up()
	h.release(files)
	t.Cleanup(func() { h.srv.Close() })
	return h
}

// signing makes each release newer than the one before.
func (h *host) signing() site.Signing {
	return site.Signing{Keys: h.keys, Seq: func(string) (uint64, error) { h.seq++; return h.seq, nil }}
}

func (h *host) url() string { return "http://" + h.addr }

func (h *host) release(files fstest.MapFS) {
	h.t.Helper()
	s, err := site.New(files, site.App, site.Origins{App: h.url(), Relay: "http://localhost:1", Viewer: "http://localhost:2"}, h.signing())
	if err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.site = s
}

// breaks makes one path answer otherwise; nil heals it.
func (h *host) breaks(path string, f http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f == nil {
		delete(h.fault, path)
	} else {
		h.fault[path] = f
	}
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	f, s := h.fault[r.URL.Path], h.site
	if r.Header.Get("If-None-Match") == "" {
		h.asked[r.URL.Path]++
	}
	h.mu.Unlock()
	if f != nil {
		f(w, r)
		return
	}
	s.ServeHTTP(w, r)
}

// still answers as if nothing were broken.
func (h *host) still(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	s := h.site
	h.mu.Unlock()
	s.ServeHTTP(w, r)
}

func (h *host) count(path string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked[path]
}

func (h *host) up() {
	h.t.Helper()
	l, err := net.Listen("tcp", h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	h.addr = "localhost:" + port
	h.srv = &http.Server{Handler: h}
	go h.srv.Serve(l)
}

func (h *host) down() { h.srv.Close() }

// installed visits the site and waits until its worker holds a release.
func installed(t testing.TB, b *browser, h *host) *page {
	t.Helper()
	p := b.open(t, h.url()+"/")
	p.sees("hello from wasm")
	js[bool](p, `navigator.serviceWorker.ready.then(() => true)`)
	eventually(t, "the worker controls the page", func() bool { return js[bool](p, `navigator.serviceWorker.controller !== null`) })
	return p
}

// keeps waits until the release that the page runs on is kept whole: its worker takes
// over then.
func (p *page) keeps() {
	p.t.Helper()
	p.until("the release is kept", `!!navigator.serviceWorker.controller`)
}

// newerWorker gives a release another worker.
func newerWorker(files fstest.MapFS) fstest.MapFS {
	files["sw.js"] = &fstest.MapFile{Data: append(bytes.Clone(files["sw.js"].Data), "// newer\n"...)}
	return files
}

// looksForWorker has the browser look for another worker, as it does by itself.
const looksForWorker = `navigator.serviceWorker.getRegistration().then((r) => r.update()).then(() => true, () => false)`

// update asks the worker, as renew.js does each hour, until the answer is the
// wanted one ("ready", "current", "refused") with what is named in its reason, which
// it returns. The first answers may be to what renew.js asked by itself, before the
// test changed anything or while there was no server.
func update(p *page, want string, named ...string) (why string) {
	p.t.Helper()
	var got []string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		got = js[[]string](p, `new Promise((done) => {
			navigator.serviceWorker.addEventListener("message", (e) => done([e.data.type, e.data.why ?? ""]), {once: true});
			navigator.serviceWorker.controller.postMessage({type: "update"});
		})`)
		if got[0] == want && !slices.ContainsFunc(named, func(name string) bool { return !strings.Contains(got[1], name) }) {
			return got[1]
		}
	}
	p.t.Fatalf("asked for an update: want %s %q, got %q", want, named, got)
	return ""
}

// takes asks for an update that ends in a state, and begins anew: the page is then of the release with this mark.
func takes(p *page, state, text string) {
	p.t.Helper()
	update(p, state)
	p.reload()
	if got := mark(p); got != text {
		p.t.Errorf("after an update (%s) the page is of %q, want %q", state, got, text)
	}
}

func mark(p *page) string { return js[string](p, `fetch("/web/mark.txt").then((r) => r.text())`) }

func TestShellSpeaksBeforeTheProgramRuns(t *testing.T) {
	t.Parallel()
	h := newHost(t, hello(t))
	hold := make(chan struct{})
	files, whole := hello(t), 0
	for _, name := range program(files) {
		whole += len(files[name].Data)
	}
	before := 0 // bytes of the pieces that come whole
	for _, name := range program(files) {
		b := files[name].Data
		if half := whole/2 - before; half < len(b) {
			h.breaks("/"+name, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/wasm")
				w.Write(b[:half])
				w.(http.Flusher).Flush()
				<-hold
				w.Write(b[half:])
			})
			break
		}
		before += len(b)
	}
	p := newBrowser(t).open(t, "")
	go func() { chromedp.Do(p.ctx, chromedp.Navigate(h.url())) }()
	p.sees("Potli keeps your family's health records on this device")
	p.until("half has come", `document.getElementById("shell-progress").value >= 40`)
	if words := p.visible(); !strings.Contains(words, "40 %") && !strings.Contains(words, "50 %") {
		t.Errorf("half has come, the page says\n%s", words)
	}
	if got := js[float64](p, `document.getElementById("shell-progress").value`); got < 40 || got > 60 {
		t.Errorf("half has come, the bar says %v", got)
	}
	close(hold)
	p.sees("hello from wasm")
	if js[bool](p, `document.getElementById("shell") !== null`) {
		t.Error("the shell stayed beside the program")
	}
	p.quiet()
}

func TestShellSaysWhatFailed(t *testing.T) {
	t.Parallel()
	h := newHost(t, hello(t))
	h.breaks("/"+program(hello(t))[0], http.NotFound)
	p := newBrowser(t).open(t, h.url())
	p.sees("could not be loaded")
	h.breaks("/"+program(hello(t))[0], nil)
	p.do(chromedp.Click(chromedp.CSS(".shell-failed button")))
	p.sees("hello from wasm")
}

// go-app's own start script turns away every browser with "bot" in its name.
func TestCubotPhonesAreNoRobots(t *testing.T) {
	t.Parallel()
	h := newHost(t, hello(t))
	b := newBrowser(t, chromedp.UserAgent("Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"))
	b.open(t, h.url()).sees("hello from wasm")
}

// Cases 1 and 8: installed, then without a server, on any address.
func TestOffline(t *testing.T) {
	t.Parallel()
	h := newHost(t, hello(t))
	p := installed(t, newBrowser(t), h)
	h.down()
	p.reload()
	p.sees("hello from wasm")
	for _, route := range []string{"/records/1", "/records/1?x=1", "/shares/new#part", "/index.html"} {
		p.visit(h.url() + route)
		p.sees("hello from wasm")
	}
	p.quiet() // before a missing file is asked for on purpose
	if got := js[int](p, `fetch("/web/none.js").then((r) => r.status)`); got != 404 {
		t.Errorf("a file that is in no release: %d", got)
	}
	if why := update(p, "refused"); why == "" {
		t.Error("refused an update without a server and did not say why")
	}
	p.reload()
	p.sees("hello from wasm")
}

// Case 6, and that a page finishes on the release it began with.
func TestUpdate(t *testing.T) {
	t.Parallel()
	h := newHost(t, withMark(t, "one"))
	b := newBrowser(t)
	p := installed(t, b, h)
	p.reload()
	update(p, "current")
	wasm := h.count("/" + program(hello(t))[0])
	for _, next := range []string{"two", "three", "four"} {
		before := mark(p)
		h.release(withMark(t, next))
		update(p, "ready")
		if got := mark(p); got != before {
			t.Errorf("the running page changed from %s to %s", before, got)
		}
		if got := js[string](p, `potliUpdate`); got == "" {
			t.Error("the program was not told")
		}
		p.reload()
		p.sees("hello from wasm")
		if got := mark(p); got != next {
			t.Errorf("after the reload: %s, want %s", got, next)
		}
	}
	if got := h.count("/" + program(hello(t))[0]); got != wasm {
		t.Errorf("the program did not change and was downloaded %d times more", got-wasm)
	}
	p.quiet()
	if got := js[[]string](p, `caches.keys()`); len(got) != 3 {
		t.Errorf("want the state, the release and the one before, got %v", got)
	}
}

// Cases 2, 3 and 5, and T19: whatever a server does, the old release stays whole.
func TestBadUpdatesLeaveTheOldRelease(t *testing.T) {
	t.Parallel()
	h := newHost(t, withMark(t, "one"))
	p := installed(t, newBrowser(t), h)
	p.reload()
	old := func(t *testing.T) {
		t.Helper()
		h.down()
		defer h.up()
		p.reload()
		p.sees("hello from wasm")
		if got := mark(p); got != "one" {
			t.Errorf("the old release says %q", got)
		}
	}
	t.Run("a file edited on the server, the manifest not", func(t *testing.T) {
		files := withMark(t, "one")
		files["web/mark.txt"] = &fstest.MapFile{Data: []byte("evil")}
		h.release(files)
		update(p, "current")
		old(t)
	})
	t.Run("a file that is not what the manifest names", func(t *testing.T) {
		files := withMark(t, "two")
		files["web/mark.txt"] = &fstest.MapFile{Data: []byte("evil")}
		h.release(files)
		update(p, "refused", "/web/mark.txt")
		old(t)
	})
	for name, fault := range map[string]http.HandlerFunc{
		"missing": http.NotFound,
		"an error": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "no", http.StatusInternalServerError)
		},
		"truncated": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte("the beginning"))
		},
		"empty":      func(http.ResponseWriter, *http.Request) {},
		"redirected": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) },
	} {
		t.Run("new file "+name, func(t *testing.T) {
			// At no moment does the server have all of the new release: the page asks by itself too.
			h.breaks("/web/mark.txt", fault)
			h.release(withMark(t, "two"))
			defer func() { h.release(withMark(t, "one")); h.breaks("/web/mark.txt", nil) }()
			update(p, "refused")
			old(t)
		})
	}
	for name, body := range map[string]string{
		"not JSON": "<html>", "no files": `{"version":"0123456789abcdef","files":{}}`, "null": "null",
		"no version":     `{"files":{"/index.html":"x"}}`,
		"another origin": `{"version":"0123456789abcdef","files":{"/index.html":"x","//evil.example/x":"x"}}`,
	} {
		t.Run("manifest "+name, func(t *testing.T) {
			h.breaks("/release.json", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
			defer h.breaks("/release.json", nil)
			update(p, "refused")
			old(t)
		})
	}
	for _, path := range []string{"/index.html", "/boot.js", "/worker.js", "/wasm_exec.js"} {
		t.Run("missing "+path, func(t *testing.T) {
			h.breaks(path, http.NotFound)
			files := withMark(t, "two")
			h.release(with(t, files, path[1:], string(files[path[1:]].Data)+"\n"))
			defer func() { h.release(withMark(t, "one")); h.breaks(path, nil) }()
			update(p, "refused", path)
			old(t)
		})
	}
	t.Run("and then a good one", func(t *testing.T) {
		h.release(withMark(t, "two"))
		takes(p, "ready", "two")
	})
}

// A first visit with each file in turn missing: the worker must not claim to
// have a release, and the next visit makes good.
func TestInstallIsAllOrNothing(t *testing.T) {
	t.Parallel()
	h := newHost(t, withMark(t, "one"))
	h.breaks("/web/mark.txt", http.NotFound)
	b := newBrowser(t)
	p := b.open(t, h.url())
	p.sees("hello from wasm")
	eventually(t, "the worker gave up", func() bool {
		return js[bool](p, `navigator.serviceWorker.getRegistration().then((r) => !r || !(r.installing || r.waiting || r.active))`)
	})
	if got := js[[]string](p, `caches.keys()`); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "rel-") }) {
		t.Errorf("half a release was left: %v", got)
	}
	h.breaks("/web/mark.txt", nil)
	p = installed(t, b, h)
	h.down()
	p.reload()
	p.sees("hello from wasm")
}

// A changed policy reaches the pages of those who have the release already.
func TestPolicyTravelsWithTheRelease(t *testing.T) {
	t.Parallel()
	h := newHost(t, hello(t))
	p := installed(t, newBrowser(t), h)
	p.reload()
	p.sees("hello from wasm")
	policy := func() string {
		return js[string](p, `fetch("/index.html").then((r) => r.headers.get("Content-Security-Policy"))`)
	}
	if !strings.Contains(policy(), "connect-src 'self' http://localhost:1 ws://localhost:1;") {
		t.Fatalf("kept without its policy: %q", policy())
	}
	s, err := site.New(hello(t), site.App, site.Origins{App: h.url(), Relay: "http://localhost:7", Viewer: "http://localhost:2"}, h.signing())
	if err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	h.site = s
	h.mu.Unlock()
	update(p, "ready")
	p.reload()
	if !strings.Contains(policy(), "connect-src 'self' http://localhost:7 ws://localhost:7;") {
		t.Errorf("the old policy lives on: %q", policy())
	}
	p.quiet()
}

func TestDedicatedWorker(t *testing.T) {
	t.Parallel()
	h := newHost(t, hello(t))
	p := installed(t, newBrowser(t), h)
	got := js[[]string](p, `new Promise(async (done) => {
		const rest = await globalThis.potliRest;
		const policy = trustedTypes.createPolicy("wallet-worker", {createScriptURL: (u) => u});
		const worker = new Worker(policy.createScriptURL("/worker.js"));
		const said = [];
		worker.onmessage = (e) => {
			said.push(Object.entries(e.data)[0].join("="));
			if (e.data.heard === "3") worker.postMessage({die: true});
			if (e.data.stopped) done(said);
		};
		worker.postMessage({say: "1"}); // before the module
		worker.postMessage({module: potliModule, rest});
		worker.postMessage({say: "2"}); // while it starts
		worker.postMessage({say: "3"});
	})`)
	want := []string{"ready=true", "heard=1", "heard=2", "heard=3", "stopped=the program ended"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// T17 in part: what the policy of the app's origin refuses.
func TestPolicyRefuses(t *testing.T) {
	t.Parallel()
	h := newHost(t, hello(t))
	p := installed(t, newBrowser(t), h)
	p.quiet()
	for name, expr := range map[string]string{
		"a fetch elsewhere":     `fetch("http://localhost:3/").then(() => false, () => true)`,
		"an image elsewhere":    `new Promise((done) => { const i = new Image(); i.onerror = () => done(true); i.onload = () => done(false); i.src = "http://localhost:3/x.png"; })`,
		"a script from text":    `new Promise((done) => setTimeout(() => { try { eval("1"); done(false); } catch { done(true); } }))`,
		"markup from text":      `(() => { try { document.createElement("div").innerHTML = "<b>"; return false; } catch { return true; } })()`,
		"another worker":        `(() => { try { new Worker("/boot.js"); return false; } catch { return true; } })()`,
		"another policy":        `(() => { try { trustedTypes.createPolicy("mine", {}); return false; } catch { return true; } })()`,
		"our policy once more":  `(() => { try { trustedTypes.createPolicy("wallet-sw", {}); return false; } catch { return true; } })()`,
		"a frame of a stranger": `new Promise((done) => { document.addEventListener("securitypolicyviolation", () => done(true), {once: true}); const f = document.createElement("iframe"); f.src = "http://localhost:3/"; document.body.append(f); setTimeout(() => done(false), 3000); })`,
		"an inline style":       `(() => { const d = document.createElement("div"); d.setAttribute("style", "color: red"); document.body.append(d); return getComputedStyle(d).color !== "rgb(255, 0, 0)"; })()`,
	} {
		if !js[bool](p, expr) {
			t.Errorf("%s was let through", name)
		}
	}
	if len(p.complaints()) == 0 {
		t.Error("the harness saw no violation, so its silence elsewhere proves nothing")
	}
}

// The wallet's own pages ask nobody but their origin; and the harness would see it.
func TestNobodyElseIsAsked(t *testing.T) {
	t.Parallel()
	h := newHost(t, hello(t))
	b := newBrowser(t)
	installed(t, b, h)
	stranger := b.open(t, "")
	stranger.visit("data:text/html,<img src=https://tracker.example/pixel>")
	seen := false
	for _, url := range b.requested(t) {
		if strings.HasPrefix(url, "https://tracker.example/") {
			seen = true
		} else if !strings.HasPrefix(url, h.url()+"/") {
			t.Errorf("asked for %s", url)
		}
	}
	if !seen {
		t.Error("the harness missed a request to a stranger")
	}
}

// R12 and T32: an answer of another origin with Clear-Site-Data does nothing to
// the vault's storage.
func TestHostileRelayCannotClearTheVault(t *testing.T) {
	t.Parallel()
	hostile := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Clear-Site-Data", `"storage", "cache", "cookies"`)
		fmt.Fprint(w, "gone")
	})}
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	go hostile.Serve(l)
	t.Cleanup(func() { hostile.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	relay := "http://localhost:" + port

	h := newHost(t, hello(t))
	s, err := site.New(hello(t), site.App, site.Origins{App: h.url(), Relay: relay, Viewer: "http://localhost:2"}, h.signing())
	if err != nil {
		t.Fatal(err)
	}
	h.site = s
	p := installed(t, newBrowser(t), h)
	const count = `(async () => [localStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length].join())()`
	js[bool](p, `new Promise((done) => { localStorage.setItem("a", "b"); const r = indexedDB.open("vault"); r.onsuccess = () => { r.result.close(); done(true); }; })`)
	before := js[string](p, count)
	if got := js[string](p, `fetch("`+relay+`/l/x").then((r) => r.text())`); got != "gone" {
		t.Fatalf("the relay was not reached: %q", got)
	}
	if after := js[string](p, count); after != before {
		t.Errorf("storage was %s and is %s", before, after)
	}
}
