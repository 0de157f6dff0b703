package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chromedp/cdproto/storage"

	"potli/relay/site"
)

// Security.md, section 8, names nine cases. 1 and 8 are TestOffline, 2 and 5
// TestBadUpdatesLeaveTheOldRelease, 6 TestUpdate, the others are here.

// askWorker sends the service worker a message and returns the type of its answer.
func askWorker(p *page, message string) string {
	p.t.Helper()
	return js[string](p, `new Promise((done) => {
		const {port1, port2} = new MessageChannel();
		port1.onmessage = (e) => done(e.data.type);
		navigator.serviceWorker.controller.postMessage(`+message+`, [port2]);
	})`)
}

// kept is all that the worker has: its state, but for the times, and its caches.
func kept(p *page) string {
	p.t.Helper()
	return js[string](p, `(async () => {
		const state = await (await (await caches.open("potli-state")).match("/state.json")).json();
		return JSON.stringify([state.current, state.previous, state.seq, (await caches.keys()).sort()]);
	})()`)
}

// send answers with a body.
func send(text []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { w.Write(text) }
}

// siteSends is the manifest or the worker of the host's site.
func siteSends(h *host, path string) []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.site.(*site.Site)
	if path == "/sw.js" {
		return bytes.Clone(s.Worker())
	}
	return bytes.Clone(s.Manifest())
}

func TestT18_OnlySignedReleases(t *testing.T) {
	t.Parallel()
	h := newHost(t, withMark(t, "one"))
	p := installed(t, newBrowser(t), h)
	p.reload()
	update(p, "current")
	worker, before := siteSends(h, "/sw.js"), kept(p)
	h.breaks("/sw.js", send(worker)) // whatever is tried below, the worker is the same
	refused := func(t *testing.T, named string) {
		t.Helper()
		update(p, "refused", named)
		if got := kept(p); got != before {
			t.Errorf("kept before\n%s\nand after\n%s", before, got)
		}
		if got := mark(p); got != "one" {
			t.Errorf("the old release says %q", got)
		}
	}
	t.Run("by another key", func(t *testing.T) {
		own := h.keys
		defer func() { h.keys = own }()
		k, err := site.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		h.keys = []*site.Key{k}
		h.release(withMark(t, "two"))
		refused(t, "not signed")
	})
	t.Run("older", func(t *testing.T) {
		newest := h.seq
		defer func() { h.seq = newest }()
		h.seq = 0 // the next has the number of the running one
		h.release(withMark(t, "two"))
		refused(t, "older")
	})
	h.seq = 100
	h.release(withMark(t, "two"))
	manifest := string(siteSends(h, "/release.json"))
	for name, text := range map[string]string{
		"a space more":   manifest + " ",
		"another number": strings.Replace(manifest, `"seq": `, `"seq": 1`, 1),
		"another file":   strings.Replace(manifest, `"/index.html": "`, `"/index.html": "A`, 1),
		"nothing":        "",
	} {
		t.Run("signed, then changed: "+name, func(t *testing.T) {
			h.breaks("/release.json", send([]byte(text)))
			defer h.breaks("/release.json", nil)
			refused(t, "not signed")
		})
	}
	for name, text := range map[string]string{
		"no signature": `{"signatures":[]}`, "null": "null", "not a list": `{"signatures":{"length":1}}`, "not base64": `{"signatures":[{"ed25519":"é","p256":"é"}]}`,
		"empty ones": `{"signatures":[{"ed25519":"","p256":""},{}]}`, "a thousand": `{"signatures":[` + strings.Repeat("{},", 1000) + `{}]}`,
	} {
		t.Run("signatures: "+name, func(t *testing.T) {
			h.breaks("/release.sig", send([]byte(text)))
			defer h.breaks("/release.sig", nil)
			refused(t, "not signed")
		})
	}
	t.Run("signed manifest, other content", func(t *testing.T) {
		h.breaks("/web/mark.txt", send([]byte("evil")))
		defer h.breaks("/web/mark.txt", nil)
		refused(t, "/web/mark.txt")
	})
	takes(p, "ready", "two")
}

// Two of three keys must sign.
func TestT18_TwoOfThree(t *testing.T) {
	t.Parallel()
	h := newHost(t, withMark(t, "one"))
	for range 2 {
		k, err := site.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		h.keys = append(h.keys, k)
	}
	pins := []site.Pin{h.keys[0].Public(), h.keys[1].Public(), h.keys[2].Public()}
	publish := func(text string, keys ...*site.Key) {
		t.Helper()
		h.seq++
		seq := h.seq
		s, err := site.New(withMark(t, text), site.App, site.Origins{App: h.url(), Relay: "http://localhost:1", Viewer: "http://localhost:2"},
			site.Signing{Keys: keys, Pins: pins, Need: 2, Seq: func(string) (uint64, error) { return seq, nil }})
		if err != nil {
			t.Fatal(err)
		}
		h.mu.Lock()
		h.site = s
		h.mu.Unlock()
	}
	publish("one", h.keys[0], h.keys[1])
	p := installed(t, newBrowser(t), h)
	p.reload()
	publish("two", h.keys[1])
	update(p, "refused", "not signed")
	var one struct{ Signatures []json.RawMessage }
	_, sig := fetched(t, h.url()+"/release.sig")
	if err := json.Unmarshal(sig, &one); err != nil || len(one.Signatures) != 1 {
		t.Fatalf("%s: %v", sig, err)
	}
	h.breaks("/release.sig", send(fmt.Appendf(nil, `{"signatures":[%s,%s]}`, one.Signatures[0], one.Signatures[0])))
	update(p, "refused", "not signed") // the same one twice is one
	h.breaks("/release.sig", nil)
	publish("three", h.keys[1], h.keys[2])
	update(p, "ready")
}

func fetched(t *testing.T, url string) (int, []byte) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, b.Bytes()
}

// Browsers before Chromium 137 have no Ed25519: there the other signature decides, and
// only there.
func TestT18_BrowsersWithoutEd25519(t *testing.T) {
	t.Parallel()
	const without = `{
		const own = crypto.subtle.importKey.bind(crypto.subtle);
		crypto.subtle.importKey = (form, key, name, ...rest) =>
			name === "Ed25519" ? Promise.reject(new DOMException("unknown", "NotSupportedError")) : own(form, key, name, ...rest);
	}`
	old := func(files fstest.MapFS) fstest.MapFS {
		files["sw.js"] = &fstest.MapFile{Data: append([]byte(without), files["sw.js"].Data...)}
		return files
	}
	for name, c := range map[string]struct {
		files          func(fstest.MapFS) fstest.MapFS
		decides, other string
	}{"with": {func(f fstest.MapFS) fstest.MapFS { return f }, "ed25519", "p256"}, "without": {old, "p256", "ed25519"}} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, c.files(withMark(t, "one")))
			p := installed(t, newBrowser(t), h)
			p.reload()
			h.release(c.files(withMark(t, "two")))
			_, sig := fetched(t, h.url()+"/release.sig")
			spoil := func(half string) {
				bad := regexp.MustCompile(`"`+half+`": "[^"]*"`).ReplaceAllString(string(sig), `"`+half+`": "`+base64.StdEncoding.EncodeToString(make([]byte, 64))+`"`)
				h.breaks("/release.sig", send([]byte(bad)))
			}
			spoil(c.decides)
			update(p, "refused", "not signed")
			spoil(c.other)
			update(p, "ready")
		})
	}
}

// T19: each file of a release in turn is missing, cut short, wrong, or its connection
// breaks. The release that runs stays whole, and nothing of the other is left.
//
// The files are those of the real site around a small program, and each is made to
// differ in its turn: what has not changed is not asked for again, so each case costs
// one file.
func TestT19_EachFileInTurn(t *testing.T) {
	t.Parallel()
	h := newHost(t, hello(t))
	p := installed(t, newBrowser(t), h)
	p.reload()
	update(p, "current")
	var m struct {
		Lazy  []string
		Files map[string]string
	}
	if err := json.Unmarshal(siteSends(h, "/release.json"), &m); err != nil {
		t.Fatal(err)
	}
	lazy, err := json.Marshal(m.Lazy)
	if err != nil {
		t.Fatal(err)
	}
	if got := askWorker(p, `{type: "keep", paths: `+string(lazy)+`}`); got != "kept" {
		t.Fatalf("what waits: %s", got)
	}
	before := kept(p)
	half := func(b []byte) []byte { return b[:len(b)/2] }
	faults := map[string]func([]byte) http.HandlerFunc{
		"missing":   func([]byte) http.HandlerFunc { return http.NotFound },
		"truncated": func(b []byte) http.HandlerFunc { return send(half(b)) },
		"wrong": func(b []byte) http.HandlerFunc {
			return send(append(half(b), bytes.Repeat([]byte("x"), len(b)-len(b)/2)...))
		},
		"cut": func(b []byte) http.HandlerFunc { return cutAt(b, len(b)/2) },
	}
	tried := 0
	for _, path := range slices.Sorted(maps.Keys(m.Files)) {
		if path == "/config.json" {
			continue // made by the server of the origins
		}
		files := hello(t)
		body := append(bytes.Clone(files[path[1:]].Data), "\n/* newer */"...)
		h.release(with(t, files, path[1:], string(body)))
		for name, fault := range faults {
			h.breaks(path, fault(body))
			update(p, "refused")
			if got := kept(p); got != before {
				t.Fatalf("%s %s: kept before\n%s\nand after\n%s", path, name, before, got)
			}
			tried++
		}
		h.breaks(path, nil)
	}
	for _, path := range []string{"/release.json", "/release.sig"} {
		_, body := fetched(t, h.url()+path)
		for name, fault := range faults {
			h.breaks(path, fault(body))
			update(p, "refused")
			if got := kept(p); got != before {
				t.Fatalf("%s %s: kept before\n%s\nand after\n%s", path, name, before, got)
			}
			tried++
		}
		h.breaks(path, nil)
	}
	t.Logf("%d updates failed as they should", tried)
	h.down()
	p.reload()
	p.sees("hello from wasm")
	for path := range m.Files {
		if got := js[int](p, `fetch("`+path+`").then((r) => r.status)`); got != 200 {
			t.Errorf("%s offline: %d", path, got)
		}
	}
	h.up()
	update(p, "ready")
}

// cutAt answers with the length of b, its first n bytes, and no more.
func cutAt(b []byte, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(b)))
		w.Write(b[:n])
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	}
}

// T19: the connection breaks at each byte of a file, and at bytes all over the manifest
// and its signatures.
func TestT19_CutAtEveryByte(t *testing.T) {
	t.Parallel()
	h := newHost(t, withMark(t, "one"))
	p := installed(t, newBrowser(t), h)
	p.reload()
	update(p, "current")
	before := kept(p)
	h.release(withMark(t, strings.Repeat("newer ", 10)))
	for path, step := range map[string]int{"/web/mark.txt": 1, "/release.json": 499, "/release.sig": 29} {
		_, body := fetched(t, h.url()+path)
		for n := 0; n < len(body); n += step {
			h.breaks(path, cutAt(body, n))
			update(p, "refused")
			if got := kept(p); got != before {
				t.Fatalf("%s cut after %d bytes: kept before\n%s\nand after\n%s", path, n, before, got)
			}
		}
		h.breaks(path, nil)
	}
	h.down()
	p.reload()
	p.sees("hello from wasm")
	if got := mark(p); got != "one" {
		t.Errorf("offline: %q", got)
	}
	h.up()
	update(p, "ready")
}

// T19: the phone is full. The release that runs stays, and goes on without network.
func TestT19_FullDisk(t *testing.T) {
	t.Parallel()
	h := newHost(t, withMark(t, "one"))
	p := installed(t, newBrowser(t), h)
	p.reload()
	update(p, "current")
	before := kept(p)
	h.release(withMark(t, strings.Repeat("0123456789abcdef", 1<<18)))
	quota := js[float64](p, `navigator.storage.estimate().then((e) => e.usage)`) + 1<<20
	tell(p, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: h.url(), QuotaSize: &quota})
	update(p, "refused", "uota")
	if got := kept(p); got != before {
		t.Errorf("kept before\n%s\nand after\n%s", before, got)
	}
	h.down()
	p.reload()
	p.sees("hello from wasm")
	if got := mark(p); got != "one" {
		t.Errorf("on a full phone, offline: %q", got)
	}
	h.up()
	tell(p, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: h.url()})
	update(p, "ready")
}

// Files that not everybody needs come when they are asked for, are checked then, stay,
// and are there for the next release before it is used.
func TestLazyFiles(t *testing.T) {
	t.Parallel()
	const hindi, sample = "/web/messages/hi.json", "/web/sample/index.json"
	h := newHost(t, hello(t))
	p := installed(t, newBrowser(t), h)
	p.reload()
	update(p, "current")
	has := func(path string) bool {
		return js[bool](p, `(async () => {
			const state = await (await (await caches.open("potli-state")).match("/state.json")).json();
			return !!(await (await caches.open("rel-" + state.current.version)).match("`+path+`"));
		})()`)
	}
	if h.count(hindi) > 0 || has(hindi) || has(sample) {
		t.Error("fetched before anybody asked")
	}
	status := func(path string) int { return js[int](p, `fetch("`+path+`").then((r) => r.status)`) }
	h.breaks(hindi, send([]byte(`{"app.name":"evil"}`)))
	if got := status(hindi); got != 503 || has(hindi) {
		t.Errorf("other bytes than were signed: %d", got)
	}
	if got := askWorker(p, `{type: "keep", paths: ["`+hindi+`"]}`); got != "unkept" {
		t.Errorf("other bytes than were signed: %s", got)
	}
	h.breaks(hindi, nil)
	if got := askWorker(p, `{type: "keep", paths: ["/web/messages/xx.json"]}`); got != "unkept" {
		t.Errorf("a file that there is not: %s", got)
	}
	if got := askWorker(p, `{type: "keep", paths: ["`+hindi+`", "/`+program(hello(t))[0]+`"]}`); got != "kept" || !has(hindi) {
		t.Errorf("asked for: %s", got)
	}
	if got := status(sample); got != 200 || !has(sample) {
		t.Errorf("opened: %d", got)
	}

	next := with(t, withMark(t, "two"), hindi[1:], `{"app.name":"newer"}`)
	h.release(next)
	h.breaks(hindi, http.NotFound)
	update(p, "refused", hindi)
	h.breaks(hindi, nil)
	update(p, "ready")
	h.down()
	p.reload()
	p.sees("hello from wasm")
	if got := js[string](p, `fetch("`+hindi+`").then((r) => r.text())`); !strings.Contains(got, "newer") {
		t.Errorf("offline after the update: %q", got)
	}
	if got := status(sample); got != 200 {
		t.Errorf("what was opened once, offline after the update: %d", got)
	}
}

// The person goes back to the release before, the server cannot bring them forward to
// the same one again, and a newer one is offered.
func TestBackToThePreviousRelease(t *testing.T) {
	t.Parallel()
	h := newHost(t, withMark(t, "one"))
	p := installed(t, newBrowser(t), h)
	p.reload()
	if got := askWorker(p, `{type: "back"}`); got != "refused" {
		t.Errorf("with nothing to go back to: %s", got)
	}
	h.release(withMark(t, "two"))
	update(p, "ready")
	p.reload()
	if got := askWorker(p, `{type: "back"}`); got != "back" || mark(p) != "two" {
		t.Errorf("%s, and the open page now says %q", got, mark(p))
	}
	h.down()
	p.reload()
	p.sees("hello from wasm")
	if got := mark(p); got != "one" {
		t.Errorf("after going back, offline: %q", got)
	}
	h.up()
	takes(p, "current", "one")
	h.release(withMark(t, "three"))
	takes(p, "ready", "three")
}

// A page that stays open for three updates is still answered from the release that it
// began with, and a new one from the newest.
func TestOldPagesKeepTheirRelease(t *testing.T) {
	t.Parallel()
	h := newHost(t, withMark(t, "one"))
	b := newBrowser(t)
	old := installed(t, b, h)
	old.reload()
	for _, text := range []string{"two", "three", "four"} {
		h.release(withMark(t, text))
		update(old, "ready")
	}
	if got := mark(old); got != "one" {
		t.Errorf("the old page reads %q", got)
	}
	p := b.open(t, h.url())
	p.sees("hello from wasm")
	if got := mark(p); got != "four" {
		t.Errorf("a new page reads %q", got)
	}
}

// Case 9: the server replaces the worker. A page that is open says so, unless the same
// keys have signed a release that names the new one.
func TestT18_ReplacedWorker(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*host, *page) {
		h := newHost(t, withMark(t, "one"))
		p := installed(t, newBrowser(t), h)
		p.anew(p.reload, `globalThis.potliWorker && navigator.serviceWorker.controller`)
		update(p, "current")
		return h, p
	}
	alarmed := func(p *page) {
		p.t.Helper()
		js[bool](p, looksForWorker)
		p.until("the alarm", `potliAlarm !== ""`)
	}
	calm := func(p *page) {
		p.t.Helper()
		js[bool](p, looksForWorker)
		p.until("the new worker waits", `navigator.serviceWorker.getRegistration().then((r) => !!r.waiting)`)
		if got := askWorker(p, `{type: "vouch", worker: "another"}`); got != "vouched" {
			p.t.Errorf("the old worker says %s", got)
		}
		if got := js[string](p, `potliAlarm`); got != "" {
			p.t.Errorf("alarm: %q", got)
		}
	}
	const evil = `self.skipWaiting(); self.addEventListener("activate", (e) => e.waitUntil(self.clients.claim()));`
	t.Run("by a stranger", func(t *testing.T) {
		h, p := begin(t)
		sum := sha256.Sum256(siteSends(h, "/sw.js"))
		h.breaks("/sw.js", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/javascript")
			w.Write([]byte(evil))
		})
		alarmed(p)
		if got, want := js[string](p, `potliAlarm`), base64.StdEncoding.EncodeToString(sum[:]); got != want {
			t.Errorf("the worker that was replaced: %s, want %s", got, want)
		}
	})
	t.Run("by a stranger who shows the old one when asked", func(t *testing.T) {
		h, p := begin(t)
		old := siteSends(h, "/sw.js")
		h.breaks("/sw.js", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/javascript")
			if r.Header.Get("Service-Worker") == "script" {
				w.Write([]byte(`// waits like an honest one`))
				return
			}
			w.Write(old)
		})
		alarmed(p)
	})
	t.Run("by a release that strangers signed", func(t *testing.T) {
		h, p := begin(t)
		k, err := site.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		h.keys = []*site.Key{k}
		h.release(newerWorker(withMark(t, "two")))
		alarmed(p)
	})
	t.Run("by a signed release", func(t *testing.T) {
		h, p := begin(t)
		h.release(newerWorker(withMark(t, "two")))
		calm(p)
		p.visit("about:blank")
		p.visit(h.url())
		p.sees("hello from wasm")
		p.until("the new worker is known by its hash", `(async () => {
			const state = await (await (await caches.open("potli-state")).match("/state.json")).json();
			return state.worker === state.current.worker;
		})()`)
	})
	t.Run("announced before", func(t *testing.T) {
		h, p := begin(t)
		next := append(bytes.Clone(siteSends(h, "/sw.js")), "// newer\n"...)
		sum := sha256.Sum256(next)
		s, err := site.New(withMark(t, "two"), site.App, site.Origins{App: h.url(), Relay: "http://localhost:1", Viewer: "http://localhost:2"},
			site.Signing{Keys: h.keys, Seq: func(string) (uint64, error) { return 2, nil }, Next: base64.StdEncoding.EncodeToString(sum[:])})
		if err != nil {
			t.Fatal(err)
		}
		h.mu.Lock()
		h.site = s
		h.mu.Unlock()
		h.breaks("/sw.js", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/javascript")
			w.Write(next)
		})
		calm(p)
	})
}
