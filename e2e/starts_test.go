package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// starts are what a person sees first, of which nothing may want the program's rest: a
// first visit in two languages, up to where the wallet is made, and the page that asks
// for the words of one that is there.
func (p *page) starts(app string, each func(name string)) {
	p.t.Helper()
	p.visit(app)
	p.there("#try")
	each("a first visit")
	p.speak("hi")
	p.there("#try")
	p.reload()
	p.there("#try")
	each("a first visit in Hindi")
	p.speak("en")
	p.beDevice() // a link, which the program must take before the browser follows it
	each("another page")
	p.visit(app)
	p.there("#try")
	words := p.beginWallet()
	p.write("#first-name", "Meera Sample")
	each("up to the name")
	p.click("#make")
	p.clickUntil("#kit-later", ".home")
	p.reload()
	p.there("#passphrase")
	p.write("#passphrase", words)
	each("a wallet that is there")
}

// wanted are the functions of the rest that the page's program asked for before it was there.
func (p *page) wanted() []string {
	p.t.Helper()
	var names []string
	for _, place := range js[[]int](p, `performance.getEntriesByName("potli-wanted").map((e) => e.detail)`) {
		names = append(names, functions(p.t)[fmt.Sprintf("%x", place)])
	}
	return names
}

// functions are the names of the program's functions by their places in its table, in
// hexadecimal, as the build tells them.
func functions(t testing.TB) map[string]string {
	t.Helper()
	told, err := os.ReadFile(filepath.Join(built(t), "app.names"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for line := range strings.Lines(string(told)) {
		place, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		names[place] = name
	}
	return names
}

// A start needs the first part of the program alone. Where this fails, make starts finds
// anew what it needs. Something that happens once in many starts costs a moment then, so
// that a second and a third start may do without it.
func TestStartsWithoutTheRest(t *testing.T) {
	t.Parallel()
	var waited []string
	for range 3 {
		waited = nil
		p := newBrowser(t).open(t, "")
		p.starts(startPotli(t, "").App, func(name string) {
			if wanted := p.wanted(); len(wanted) > 0 {
				waited = append(waited, fmt.Sprintf("%s: for %q", name, wanted))
			}
		})
		if waited == nil {
			return
		}
		t.Log("once it waited", waited)
	}
	t.Errorf("the program waited, %q: say make starts", waited)
}

// late is a host of which the rest of the program comes when it is told to, and is cut
// once.
func late(t *testing.T, files fstest.MapFS) (h *host, release func()) {
	t.Helper()
	h = newHost(t, files)
	hold := make(chan struct{})
	release = sync.OnceFunc(func() { close(hold) })
	t.Cleanup(release)
	var cut sync.Once
	h.breaks("/"+part(files, "web/rest-")[0], func(w http.ResponseWriter, r *http.Request) {
		<-hold
		cut.Do(func() { panic(http.ErrAbortHandler) })
		h.still(w, r)
	})
	return h, release
}

// What is pressed while the program waits is done in its order when it goes on, and no
// link leads out of it.
func TestPressedTooEarly(t *testing.T) {
	t.Parallel()
	h, release := late(t, read(t, os.DirFS(filepath.Join(built(t), "app"))))
	p := newBrowser(t).open(t, h.url())
	p.beDevice()
	p.settled()
	p.write("#device-name", "blue phone")
	p.there(".shell-awaits")
	js[bool](p, `(() => { document.querySelector("#suggest").click(); return globalThis.testStays = true; })()`)
	time.Sleep(1200 * time.Millisecond) // so that its timers have come and gone
	if p.holds(`!!document.querySelector("#words")`) {
		t.Fatal("it did not wait")
	}
	if !js[bool](p, `!document.querySelector("a[href='/']").dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}))`) {
		t.Error("a link leads out of the program while it waits")
	}
	release()
	p.there("#try") // by way of the words
	if !js[bool](p, `globalThis.testStays && location.pathname === "/"`) {
		t.Error("the page was left")
	}
	p.quietBut(func(complaint string) bool { return strings.Contains(complaint, "ERR_") })
}

// The rest comes late, its line breaks, and the person is quicker. What is pressed too
// early is done when it has come, what was typed stays, and the screen says what it
// waits for.
func TestTheRestComesLate(t *testing.T) {
	t.Parallel()
	files := read(t, os.DirFS(filepath.Join(built(t), "app")))
	h, release := late(t, files)
	if rest := part(files, "web/rest-"); len(rest) < 2 {
		t.Fatalf("the rest is %q", rest)
	}
	p := newBrowser(t).open(t, h.url())
	p.do(chromedp.EmulateViewport(320, 640))
	p.beginWallet()
	p.write("#first-name", "Meera Sample")
	if wanted := p.wanted(); len(wanted) > 0 {
		t.Errorf("it waited for %q", wanted)
	}
	p.click("#make")
	p.there(".shell-awaits")
	p.sees("Getting ready: 0 %")
	p.barred("while it waits")
	p.picture("rest-late")
	time.Sleep(1500 * time.Millisecond) // so that its timers have come and gone
	if got := js[string](p, `document.querySelector("#first-name").value`); got != "Meera Sample" {
		t.Errorf("the name is %q", got)
	}
	release()
	p.there("#kit-later")
	p.gone(".shell-awaits, .shell-failed")
	if wanted := p.wanted(); len(wanted) != 1 {
		t.Errorf("it waited for %q, want once", wanted)
	}
	p.clickUntil("#kit-later", ".home")
	p.sees("Meera Sample")
	p.quietBut(func(complaint string) bool { return strings.Contains(complaint, "ERR_") })
}

// The rest is refused for a moment, by a busy server, a network that wants a login, and
// something that is called a program and is none: what was typed stays, and it goes on.
func TestTheRestIsNotThereNow(t *testing.T) {
	t.Parallel()
	files := read(t, os.DirFS(filepath.Join(built(t), "app")))
	h := newHost(t, files)
	says := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	path := "/" + part(files, "web/rest-")[0]
	answers := []http.HandlerFunc{
		says(http.StatusBadGateway, "text/html", "<h1>Bad gateway</h1>"), says(http.StatusTooManyRequests, "text/plain", "slower"),
		says(http.StatusOK, "text/html", "<h1>Log in to the network</h1>"), says(http.StatusOK, "application/wasm", "\x00asm, which it is not"),
	}
	var asked atomic.Int64
	h.breaks(path, func(w http.ResponseWriter, r *http.Request) {
		if n := asked.Add(1); int(n) <= len(answers) {
			answers[n-1](w, r)
			return
		}
		h.still(w, r)
	})
	p := newBrowser(t).open(t, h.url())
	p.beginWallet()
	p.write("#first-name", "Meera Sample")
	p.click("#make")
	p.there("#kit-later")
	p.gone(".shell-awaits, .shell-failed")
	if n := asked.Load(); int(n) <= len(answers) {
		t.Errorf("it was asked for %d times", n)
	}
	p.clickUntil("#kit-later", ".home")
	p.sees("Meera Sample")
	p.quietBut(func(complaint string) bool {
		return strings.Contains(complaint, "ERR_") || strings.Contains(complaint, "status of")
	})
}

// Whatever of the program is late, wherever that stops it: here all that can be, and it
// comes slowly. A wallet is made, and opened again.
func TestAllMayComeLate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	none := filepath.Join(dir, "none.txt")
	if err := os.WriteFile(none, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	command(t, nil, "go", "run", "./wasm", "-starts", none, "-wasm", filepath.Join(built(t), "app.wasm"), "-scanner", filepath.Join(built(t), "scanner.wasm"),
		"-names", "", "-quality", "0", "-cache", filepath.Join(dir, "cache"), "-app", filepath.Join(dir, "app"), "-viewer", filepath.Join(dir, "viewer"))
	files := read(t, os.DirFS(filepath.Join(dir, "app")))
	h := newHost(t, files)
	for _, path := range part(files, "web/rest-") {
		h.breaks("/"+path, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(700 * time.Millisecond)
			h.still(w, r)
		})
	}
	p := newBrowser(t).open(t, h.url())
	words := p.createWallet("Meera Sample")
	if len(p.wanted()) != 1 {
		t.Errorf("it waited for %q, want once", p.wanted())
	}
	p.reload()
	unlock(p, words)
	p.sees("Meera Sample")
	p.quietBut(func(complaint string) bool { return strings.Contains(complaint, "ERR_") })
}

// happens is what may happen to a page at any time.
const happens = `(() => {
	for (const name of ["resize", "offline", "online", "blur", "focus", "keydown", "pointerdown"]) dispatchEvent(new Event(name));
	document.dispatchEvent(new Event("visibilitychange"));
	goappOnAppInstallChange();
	return true;
})()`

// TestFindStarts writes the list of what a start needs, from a site that was built to
// note it. It is told by make starts.
func TestFindStarts(t *testing.T) {
	list := os.Getenv("POTLI_STARTS")
	if list == "" {
		t.Skip("done by make starts")
	}
	potli := startPotli(t, "")
	p := newBrowser(t).open(t, "")
	p.begins(`(() => {
		const load = WebAssembly.instantiateStreaming;
		WebAssembly.instantiateStreaming = async (...a) => { const r = await load(...a); globalThis.testProgram = r.instance; return r; };
	})()`)
	all, needed := functions(t), map[string]bool{}
	for _, rate := range []float64{1, 4} { // what is quick is not waited for, and what is slow is
		p.throttle(rate)
		if rate > 1 {
			p.begins(`
				const request = navigator.locks.request.bind(navigator.locks);
				navigator.locks.request = (...a) => new Promise((done) => setTimeout(done, 700)).then(() => request(...a));
			`)
		}
		p.starts(potli.App, func(name string) {
			js[bool](p, happens)
			time.Sleep(3 * time.Second) // what it does every second
			called := js[[]int](p, `Object.entries(testProgram.exports).filter(([name, e]) => /^\d+$/.test(name) && e.value).map(([name]) => Number(name))`)
			for _, n := range called {
				needed[all[fmt.Sprintf("%x", 0x1000+n)]] = true
			}
			t.Logf("%s: %d functions", name, len(called))
		})
		tell(p, storage.ClearDataForOrigin, storage.ClearDataForOriginParams{Origin: potli.App, StorageTypes: "all"})
	}
	var names []string
	for name := range needed {
		names = append(names, name)
	}
	slices.Sort(names)
	if err := os.WriteFile(list, []byte(strings.Join(names, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
