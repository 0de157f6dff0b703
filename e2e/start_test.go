package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// held is a host that does not answer for the program until it is told to.
func held(t *testing.T, files map[string]string) (h *host, release func()) {
	t.Helper()
	site := hello(t)
	for path, body := range files {
		site = with(t, site, path, body)
	}
	h = newHost(t, site)
	hold := make(chan struct{})
	h.breaks("/"+program(site)[0], func(w http.ResponseWriter, r *http.Request) {
		<-hold
		h.still(w, r)
	})
	release = sync.OnceFunc(func() { close(hold) })
	t.Cleanup(release)
	return h, release
}

// heads for an address without waiting until all of it is there.
func (p *page) heads(url string) { go chromedp.Do(p.ctx, chromedp.Navigate(url)) }

// barred judges what stands before the program, as accessible does its pages.
func (p *page) barred(where string) {
	p.t.Helper()
	p.axe()
	for what, question := range map[string]string{"axe": barriers, "too small": unreachable, "sticks out": sideways, "is cut": cut} {
		for _, v := range js[[]string](p, question) {
			p.t.Errorf("%s: %s: %s", where, what, v)
		}
	}
}

// The first thing that a first visit asks is the language, in each one's own script,
// before the program is there; it is asked once.
func TestStartAsksTheLanguageFirst(t *testing.T) {
	t.Parallel()
	h, release := held(t, nil)
	p := newBrowser(t).open(t, "")
	p.do(chromedp.EmulateViewport(320, 640))
	p.heads(h.url())
	p.sees("हिन्दी")
	p.sees("Potli keeps your family's health records on this device")
	if got := js[string](p, `document.querySelector("button, a[href], input").textContent`); got != "English" {
		t.Errorf("what comes first is %q", got)
	}
	if h.count("/web/messages/start/hi.json") > 0 || h.count("/web/messages/hi.json") > 0 {
		t.Error("a language was fetched that nobody has chosen")
	}
	p.press("हिन्दी")
	p.sees("पोटली आपके परिवार के स्वास्थ्य रिकॉर्ड")
	if got := js[[]string](p, `[document.documentElement.lang, localStorage.getItem("potli.language"), document.querySelector("#shell-languages [aria-pressed=true]").lang]`); strings.Join(got, " ") != "hi hi hi" {
		t.Errorf("spoken, remembered, pressed: %q", got)
	}
	if words := p.visible(); strings.Contains(words, "Getting ready") || strings.Contains(words, "Next") {
		t.Errorf("English is left:\n%s", words)
	}
	p.barred("in Hindi")
	p.press("आगे")
	p.until("the next card", `document.querySelector("#shell-cards").scrollLeft > 50`)
	release()
	p.sees("hello from wasm")
	p.quiet()
}

// From right to left, narrow, and with what lies open on this device within reach.
func TestStartFromRightToLeft(t *testing.T) {
	t.Parallel()
	page := strings.Replace(string(hello(t)["index.html"].Data), `<button type="button" lang="hi" dir="ltr"`, `<button type="button" lang="ur" dir="rtl"`, 1)
	h, release := held(t, map[string]string{
		"index.html":                 page,
		"web/messages/start/ur.json": `{"start.what": "پوٹلی آپ کے خاندان کے کاغذات رکھتی ہے۔", "start.loading": "تیاری {percent} %", "start.next": "اگلا", "start.ready": "میرا کوڈ"}`,
	})
	p := newBrowser(t).open(t, h.url()+"/emergency.html")
	js[bool](p, `(() => { localStorage.setItem("potli.language", "ur"); return true; })()`)
	js[bool](p, `new Promise((done) => {
		const opening = indexedDB.open("potli-ready");
		opening.onupgradeneeded = () => opening.result.createObjectStore("keys").put("{}", "cards");
		opening.onsuccess = () => { opening.result.close(); done(true); };
	})`)
	p.do(chromedp.EmulateViewport(320, 640))
	p.heads(h.url())
	p.sees("میرا کوڈ")
	if got := js[[]string](p, `[document.documentElement.dir, getComputedStyle(document.querySelector("#shell")).direction]`); strings.Join(got, " ") != "rtl rtl" {
		t.Errorf("the direction is %q", got)
	}
	if words := p.visible(); strings.Contains(words, "English") || strings.Contains(words, "اگلا") || !strings.Contains(words, "تیاری 0 %") {
		t.Errorf("a later visit is asked again, or shown the tour again, or not told how much has come:\n%s", words)
	}
	if js[bool](p, `!document.querySelector("#shell-emergency").hidden`) {
		t.Error("a card is offered that is not there")
	}
	p.barred("from right to left")
	if left := js[[]string](p, `indexedDB.databases().then((all) => all.map((db) => db.name))`); strings.Join(left, " ") != "potli-ready" {
		t.Errorf("looking has made databases: %q", left)
	}
	release()
	p.sees("hello from wasm")
	p.quiet()
}

// The line breaks while the program comes, again and again, and one piece is cut twice.
// What has come whole is asked for no second time, and nobody has to do anything.
func TestStartGoesOnAfterACut(t *testing.T) {
	t.Parallel()
	h := newHost(t, hello(t))
	names := program(hello(t))
	if len(names) < 2 {
		t.Fatalf("the program is in %d pieces: nothing to go on with", len(names))
	}
	for i, name := range names {
		size := len(hello(t)[name+".br"].Data)
		cuts := [][]int{{size - 1}, {1, size / 2}}[min(i, 1)] // how far the first answers go
		h.breaks("/"+name, func(w http.ResponseWriter, r *http.Request) {
			h.mu.Lock()
			s, left := h.site, -1
			if len(cuts) > 0 {
				left, cuts = cuts[0], cuts[1:]
			}
			h.mu.Unlock()
			s.ServeHTTP(&cutting{w, left}, r)
		})
	}
	p := newBrowser(t).open(t, "")
	p.heads(h.url())
	p.sees("The network is gone")
	p.until("it can be asked for by hand too", `document.querySelector(".shell-failed button") !== null`)
	p.sees("hello from wasm")
	for i, name := range names {
		if got, want := h.count("/"+name), min(i, 1)+2; i < 2 && got != want {
			t.Errorf("piece %d was asked for %d times, want %d", i, got, want)
		}
	}
	if js[bool](p, `document.querySelector(".shell-failed") !== null`) {
		t.Error("it runs, and the failure is still on the screen")
	}
}

// What came before the page was left is not downloaded again.
func TestStartKeepsWhatHasCome(t *testing.T) {
	t.Parallel()
	h := newHost(t, hello(t))
	names := program(hello(t))
	last := names[len(names)-1]
	h.breaks("/"+last, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	p := newBrowser(t).open(t, "")
	p.heads(h.url())
	p.sees("The network is gone")
	h.breaks("/"+last, nil)
	p.reload()
	p.sees("hello from wasm")
	if got := h.count("/" + names[0]); got != 1 {
		t.Errorf("the first piece was sent %d times", got)
	}
}

// cutting breaks the connection after some bytes of an answer, unless left is negative.
type cutting struct {
	http.ResponseWriter
	left int
}

func (c *cutting) Write(b []byte) (int, error) {
	if c.left < 0 || len(b) <= c.left {
		return c.ResponseWriter.Write(b)
	}
	c.ResponseWriter.Write(b[:c.left])
	c.ResponseWriter.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// The first picture costs little: the page, its styles and scripts, and no language but
// English (P1). The program is not in it.
func TestStartIsSmall(t *testing.T) {
	t.Parallel()
	site := hello(t)
	page := string(site["index.html"].Data)
	first := []string{"index.html", "renew.js", "wasm_exec.js"}
	for _, m := range regexp.MustCompile(`(?:href|src)="/([^"]+\.(?:css|js|svg))"`).FindAllStringSubmatch(page, -1) {
		first = append(first, m[1])
	}
	slices.Sort(first)
	sum := 0
	for _, name := range slices.Compact(first) {
		body := site[name+".br"]
		if body == nil {
			body = site[name]
		}
		if body == nil {
			t.Fatalf("the page asks for %s, which is not there", name)
		}
		sum += len(body.Data)
	}
	if sum > 30<<10 {
		t.Errorf("the first picture takes %d bytes: %q", sum, first)
	}
	for _, name := range strings.Fields(regexp.MustCompile(`data-styles="([^"]*)"`).FindStringSubmatch(page)[1]) {
		sum += len(site[strings.TrimPrefix(name, "/")+".br"].Data)
	}
	if sum > 60<<10 {
		t.Errorf("page, styles and scripts take %d bytes", sum)
	}
}

// mostProgram is what the program may weigh, gzip -9, which is the same in every build.
// It is what it was when it was last looked through, and a little.
const mostProgram = 5_700_000

func TestProgramIsNoLarger(t *testing.T) {
	t.Parallel()
	app := os.DirFS(filepath.Join(built(t), "app"))
	sum := 0
	for _, name := range program(read(t, app)) {
		sum += size(t, app, name+".gz")
	}
	if sum > mostProgram {
		t.Errorf("the program weighs %d bytes, gzip -9, want %d at the most: which package of it came along for one function?", sum, mostProgram)
	}
}
