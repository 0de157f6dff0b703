package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestFiguresStart prints what a start takes beside the smallest program that go-app
// starts, built and packed the same way: that is the floor under the wallet.
func TestFiguresStart(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	var f figures
	t.Cleanup(func() { f.print() })
	app := os.DirFS(filepath.Join(built(t), "app"))
	floor := leanHello(t)
	for _, s := range []struct {
		name, sees string
		files      fstest.MapFS
	}{
		{"wallet", "Create my wallet", read(t, app)},
		{"hello of go-app", "hello from wasm", floor},
	} {
		t.Run(s.name, func(t *testing.T) { start(t, &f, s.name, s.sees, s.files) })
	}
}

// leanHello is testdata/hello by the flags and at the level of a release.
func leanHello(t *testing.T) fstest.MapFS {
	dir := t.TempDir()
	wasm := filepath.Join(dir, "app.wasm")
	command(t, []string{"GOOS=js", "GOARCH=wasm"}, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-gcflags=potli/...=-l", "-gcflags=github.com/...=-l", "-o", wasm, "./e2e/testdata/hello")
	command(t, nil, "go", "run", "./wasm", "-wasm", wasm, "-scanner", wasm, "-names", "", "-starts", "", "-cache", filepath.Join(dir, "cache"),
		"-app", filepath.Join(dir, "app"), "-viewer", filepath.Join(dir, "viewer"))
	return read(t, os.DirFS(filepath.Join(dir, "app")))
}

// watchStart notes, from before the first line of the page, when the shell could first
// be read and used, and whatever held the page's thread for more than 50 ms.
const watchStart = `
	globalThis.potliLong = [];
	new PerformanceObserver((list) => potliLong.push(...list.getEntries().map((e) => [e.startTime, e.duration]))).observe({type: "longtask", buffered: true});
	new MutationObserver((_, observer) => {
		const text = document.querySelector("#shell-text");
		if (!text || text.hidden) return;
		globalThis.potliWords = performance.now();
		observer.disconnect();
	}).observe(document, {subtree: true, childList: true, attributes: true});
`

func start(t *testing.T, f *figures, name, sees string, files fstest.MapFS) {
	h := newHost(t, files)
	p := newBrowser(t).open(t, "")
	p.slowly()
	p.begins(watchStart + catchMemory)
	begun := time.Now()
	p.heads(h.url())
	usable := since(begun, func() { p.sees(sees) })
	millis := func(script string) time.Duration {
		return time.Duration(js[float64](p, script) * float64(time.Millisecond))
	}
	f.took(name+", first visit, first paint"+slow, millis(`performance.getEntriesByName("first-contentful-paint")[0].startTime`), "<= 1.5 s")
	f.took(name+", first visit, words and languages can be used"+slow, millis(`globalThis.potliWords`), "<= 2 s")
	f.took(name+", first visit, the program can be used"+slow, usable, "<= 6 s")
	js[bool](p, `Promise.resolve(globalThis.potliRest).then(() => true)`)
	f.took(name+", first visit, all of it is there"+slow, since(begun, func() {}), "")
	f.add(name+", what came: to start the program, its rest, the other files", js[string](p, `(() => {
		const sum = (list) => (list.reduce((n, e) => n + e.encodedBodySize, 0) / 1e3).toFixed(0) + " KB";
		const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
		const of = (e) => ["/web/app-", "/web/rest-"].findIndex((part) => e.name.includes(part));
		return [0, 1, -1].map((part) => sum(all.filter((e) => of(e) === part))).join(", ");
	})()`), "<= 2.00 MB")
	long(p, f, name+", tasks over 50 ms in the 5 s after the first start"+slow, 5*time.Second)

	js[bool](p, `navigator.serviceWorker.ready.then(() => true)`)
	eventually(t, "the worker controls the page", func() bool { return js[bool](p, `navigator.serviceWorker.controller !== null`) })
	h.down()
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 6})
		return err
	}))
	for _, which := range []string{"second start", "third start"} {
		begun = time.Now()
		f.took(name+", "+which+", offline, CPU / 6", since(begun, func() {
			p.anew(func() { go chromedp.Do(p.ctx, chromedp.Reload()) }, fmt.Sprintf(`document.body.innerText.includes(%q)`, sees))
		}), "<= 2.5 s")
	}
	long(p, f, name+", tasks over 50 ms in the 5 s after it, CPU / 6", 5*time.Second)
	f.add(name+", memory of the program, and of the page's own, after the start", p.memory(), "<= 80 MB together")
}

// long waits and adds what held the page's thread meanwhile.
func long(p *page, f *figures, what string, wait time.Duration) {
	js[bool](p, fmt.Sprintf(`new Promise((done) => { potliLong.length = 0; setTimeout(() => done(true), %d); })`, wait.Milliseconds()))
	f.add(what, js[string](p, `potliLong.length + ", the longest " + Math.round(Math.max(0, ...potliLong.map((e) => e[1]))) + " ms"`), "0")
}
