package e2e_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// runs is a page that a host without our key would like to have run beside the vault: it
// writes into the release that is kept.
const runs = `<!doctype html><title>foreign</title><script>
(async () => {
	const state = await (await (await caches.open("potli-state")).match("/state.json")).json();
	const cache = await caches.open("rel-" + state.current.version);
	const old = await cache.match("/boot.js");
	await cache.put("/boot.js", new Response("globalThis.testForeign = true;\n" + (await old.text()), {headers: old.headers}));
})();
</script>`

// controlled is a page that runs on what its service worker keeps of release "one".
func controlled(t *testing.T) (*host, *page) {
	t.Helper()
	h := newHost(t, withMark(t, "one"))
	p := installed(t, newBrowser(t), h)
	p.anew(p.reload, `globalThis.potliWorker && navigator.serviceWorker.controller`)
	update(p, "current")
	return h, p
}

// T18: what the service worker leaves to the server is never shown as a page. Whoever
// serves it would else run a program of their own there, and need no service worker.
func TestT18_ServersAnswersAreNoPages(t *testing.T) {
	t.Parallel()
	h, p := controlled(t)
	foreign := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, runs)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<form id=f method=post action="`+h.url()+`/x"></form><script>f.submit()</script>`)
	}))
	t.Cleanup(elsewhere.Close)
	for _, path := range []string{"/release.json", "/release.sig", "/sw.js", "/x"} {
		h.breaks(path, foreign)
	}
	for _, address := range []string{h.url() + "/release.json", h.url() + "/release.sig", h.url() + "/sw.js", elsewhere.URL} {
		p.visit(address)
		p.sees("hello from wasm")
		if at := js[string](p, `location.origin + location.pathname`); at != h.url()+"/" {
			t.Errorf("%s leads to %s", address, at)
		}
	}
	p.reload()
	p.sees("hello from wasm")
	if js[bool](p, `!!globalThis.testForeign`) {
		t.Error("a foreign program runs from what was kept")
	}
}

// T17, T18: a host sends what was signed, without the policy, under another type and with
// headers of its own. What pages are given is what was signed.
func TestT17_HeadersAreSigned(t *testing.T) {
	t.Parallel()
	h, p := controlled(t)
	var heard atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard.Add(1)
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	t.Cleanup(elsewhere.Close)
	files := withMark(t, "two")
	for _, path := range []string{"index.html", "emergency.html", "boot.js", "worker.js"} {
		comment := map[string]string{".html": "\n<!-- newer -->\n", ".js": "\n// newer\n"}[path[strings.LastIndex(path, "."):]]
		body := string(files[path].Data) + comment
		files = with(t, files, path, body)
		h.breaks("/"+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Security-Policy-Report-Only", "default-src 'none'; report-uri "+elsewhere.URL)
			w.Header().Set("Refresh", "0; url="+elsewhere.URL)
			io.WriteString(w, body)
		})
	}
	h.release(files)
	update(p, "ready")
	p.visit("about:blank")
	p.visit(h.url() + "/record/abc123")
	p.sees("hello from wasm")
	if got := mark(p); got != "two" {
		t.Fatalf("runs on release %q", got)
	}
	if js[bool](p, `fetch("`+elsewhere.URL+`").then(() => true, () => false)`) || heard.Load() > 0 {
		t.Error("the page reaches another host")
	}
	var m struct{ Headers, Types map[string]string }
	if err := json.Unmarshal(siteSends(h, "/release.json"), &m); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/index.html", "/emergency.html", "/boot.js", "/worker.js", "/web/mark.txt"} {
		want := map[string]string{"content-type": m.Types[path[strings.LastIndex(path, "."):]]}
		for name, v := range m.Headers {
			want[strings.ToLower(name)] = v
		}
		if got := js[map[string]string](p, `fetch("`+path+`").then((r) => Object.fromEntries(r.headers))`); !maps.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", path, got, want)
		}
	}
}

// T18: a worker that was replaced once, honestly, is replaced by a foreign one. The host
// shows the old one a release that named the first, with its signature, and what is
// kept about numbers is rewritten by the newcomer.
func TestT18_OldReleaseVouchesForNobody(t *testing.T) {
	t.Parallel()
	h, p := controlled(t)
	first, manifest := siteSends(h, "/sw.js"), siteSends(h, "/release.json")
	_, signature := fetched(t, h.url()+"/release.sig")

	h.release(newerWorker(withMark(t, "two")))
	waits := `navigator.serviceWorker.getRegistration().then((r) => !!r.waiting)`
	js[bool](p, looksForWorker)
	p.until("the honest one waits", waits)
	update(p, "ready")
	eventually(t, "it has taken over", func() bool {
		p.visit("about:blank") // the old one goes when nobody needs it, and takes a moment
		time.Sleep(500 * time.Millisecond)
		p.visit(h.url())
		p.sees("hello from wasm")
		return js[bool](p, `navigator.serviceWorker.getRegistration().then((r) => !r.waiting && r.active?.state === "activated")`)
	})
	p.anew(p.reload, `globalThis.potliWorker && navigator.serviceWorker.controller`)
	p.until("the page knows who it began with", `globalThis.potliAlarm === ""`)

	h.breaks("/release.json", send(manifest))
	h.breaks("/release.sig", send(signature))
	h.breaks("/sw.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		if r.Header.Get("Service-Worker") != "script" {
			w.Write(first)
			return
		}
		io.WriteString(w, `const done = (async () => {
			const cache = await caches.open("potli-state"), state = await (await cache.match("/state.json")).json();
			state.seq = 0;
			await cache.put("/state.json", new Response(JSON.stringify(state)));
		})();
		self.addEventListener("install", (e) => e.waitUntil(done));`)
	})
	js[bool](p, looksForWorker)
	p.until("the alarm sounds", `globalThis.potliAlarm !== ""`)
}

// A worker that finds a release which an older one kept, without headers, takes it anew
// before it serves what is fetched later.
func TestT17_OldStateIsTakenAnew(t *testing.T) {
	t.Parallel()
	_, p := controlled(t)
	state := `caches.open("potli-state").then((c) => c.match("/state.json")).then((r) => r.json())`
	js[bool](p, state+`.then(async (state) => {
		for (const name of ["headers", "types"]) delete state.current[name];
		await (await caches.open("potli-state")).put("/state.json", new Response(JSON.stringify(state)));
		const kept = await caches.open("rel-" + state.current.version);
		for (const request of await kept.keys()) {
			const was = await kept.match(request);
			await kept.put(request, new Response(await was.blob(), {headers: {"Content-Type": was.headers.get("Content-Type")}}));
		}
		return true;
	})`)
	if js[bool](p, `fetch("/index.html").then((r) => r.headers.has("Content-Security-Policy"))`) {
		t.Fatal("the headers are there yet")
	}
	update(p, "current")
	p.until("it is kept as it was signed", state+`.then((state) => !!state.current.types)`)
	if !js[bool](p, `fetch("/index.html").then((r) => r.headers.get("Content-Security-Policy")?.includes("trusted-types"))`) {
		t.Error("its pages have no policy")
	}
}

// An honest worker is no reason for an alarm on a line on which each answer comes later than the page waits before it
// asks again.
func TestAlarmWaitsForASlowLine(t *testing.T) {
	t.Parallel()
	h, p := controlled(t)
	p.begins(`(() => {
		const later = setTimeout;
		globalThis.setTimeout = (f, ms, ...more) => later(f, ms >= 1000 ? ms / 10 : ms, ...more);
	})()`)
	p.reload()
	p.until("the page watches", `globalThis.potliAlarm === "" && !!globalThis.potliWorker`)
	h.release(newerWorker(withMark(t, "two")))
	var answered atomic.Int64
	h.breaks("/release.json", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(5 * time.Second)
		h.still(w, r)
		answered.Add(1)
	})
	js[bool](p, looksForWorker)
	eventually(t, "what was asked is answered", func() bool { return answered.Load() >= 2 })
	time.Sleep(6 * time.Second) // in which it would sound
	if was := js[string](p, `globalThis.potliAlarm`); was != "" {
		t.Error("a false alarm")
	}
}

// usurped has a service worker of the host's own take the page over.
func (p *page) usurped(h *host) {
	p.t.Helper()
	h.breaks("/sw.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		io.WriteString(w, `self.skipWaiting(); self.addEventListener("activate", (e) => e.waitUntil(self.clients.claim()));`)
	})
	js[bool](p, looksForWorker)
}

// The alarm needs nothing of the program that the new worker could keep back: the rest of it
// is held, and what came of it then is not taken. Quick unlock is gone all the same.
func TestT18_AlarmBeforeTheRest(t *testing.T) {
	t.Parallel()
	h, p := controlledWallet(t)
	p.addQuick(p.createWallet("Meera Sample"))
	kept := `new Promise((done) => {
		const opening = indexedDB.open("potli-quick");
		opening.onupgradeneeded = () => opening.transaction.abort();
		opening.onerror = () => done(0);
		opening.onsuccess = () => opening.result.transaction("keys").objectStore("keys").count().onsuccess = (event) => {
			opening.result.close();
			done(event.target.result);
		};
	})`
	if n := js[int](p, kept); n != 1 {
		t.Fatalf("%d keys are kept for quick unlock", n)
	}
	p.begins(`(() => {
		const fetched = fetch, held = new Promise((done) => globalThis.testRelease = done);
		globalThis.fetch = (path, ...more) => String(path).includes("/web/rest-") ? held.then(() => fetched(path, ...more)) : fetched(path, ...more);
	})()`)
	p.do(chromedp.EmulateViewport(320, 640))
	p.visit(h.url() + "/records")
	p.until("it wants the rest, to open by itself", `performance.getEntriesByName("potli-wanted").length > 0`)
	p.until("the page watches", `globalThis.potliAlarm === ""`)
	time.Sleep(time.Second) // it knows its worker's hash then
	p.usurped(h)
	p.sees(sentence(t, "alarm.title"))
	p.sees(sentence(t, "alarm.now-1"))
	p.until("quick unlock is taken away", `(`+kept+`).then((n) => n === 0)`)
	js[bool](p, `(testRelease(), true)`)
	time.Sleep(3 * time.Second) // for what is not to happen
	if words := p.visible(); strings.Contains(words, "Meera") || strings.Contains(words, "Try again") {
		t.Errorf("it shows\n%s", words)
	}
	if js[bool](p, `[...document.querySelectorAll("a, button, input, [tabindex]")].some((el) => { el.focus(); return document.activeElement === el; })`) {
		t.Error("there is something to tap")
	}
	p.barred("alarm")
	p.axe()
	p.picture("alarm-early")
}

// The pages that open without unlocking watch too: what they lead to next would be the
// newcomer's.
func TestT18_CardPagesWatch(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/emergency.html", "/ready.html"} {
		t.Run(path, func(t *testing.T) {
			h := newHost(t, withMark(t, "one"))
			p := installed(t, newBrowser(t), h)
			p.anew(p.reload, `globalThis.potliWorker && navigator.serviceWorker.controller`)
			update(p, "current")
			p.visit(h.url() + path)
			p.until("the page watches", `globalThis.potliAlarm === "" && !!document.querySelector("#alarm[hidden]")`)
			p.usurped(h)
			p.sees("nobody announced it")
			p.sees("किसी ने बताया नहीं")
			p.axe()
			for _, fault := range js[[]string](p, barriers) {
				t.Error(fault)
			}
			if js[bool](p, `document.querySelector(".home").checkVisibility()`) {
				t.Error("it still leads to the wallet")
			}
		})
	}
}
