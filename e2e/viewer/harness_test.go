// Package viewer_test opens the clinic's page in a real browser, under the headers it is served with, against hosts that
// behave well, badly and with malice.
package viewer_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"potli/e2e/chromium"
	"potli/relay/site"
)

// pageFolder is the page as it is written; POTLI_VIEWER names a built one, with the program that draws and reads codes.
var pageFolder = cmp.Or(os.Getenv("POTLI_VIEWER"), "../../web/viewer")

const (
	patience = 60 * time.Second
	reader   = "Dr Rao & Söhne" // what has to be escaped in a query
)

// shared returns a folder of real documents, or skips.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("../../../shared/data", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the real documents are not here: %v", err)
	}
	return dir
}

// chrome is one browser for all tests; every test has a tab in a profile of its own.
var chrome = sync.OnceValues(func() (context.Context, error) {
	if !installed() {
		return nil, fmt.Errorf("no Chromium: apt-get install chromium")
	}
	// A click is aimed at where a button stands, and misses it while the page glides there.
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), chromium.Options(
		chromedp.Flag("lang", "en-GB"), chromedp.Flag("force-prefers-reduced-motion", true))...)
	ctx, stop := chromedp.NewContext(alloc)
	closeChrome = func() { stop(); cancel() }
	return ctx, chromedp.Do(ctx)
})

var closeChrome = func() {}

func installed() bool {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				return true
			}
		}
	}
	return false
}

func TestMain(m *testing.M) {
	code := m.Run()
	closeChrome()
	os.Exit(code)
}

// stage is a browser's tab, the page's own server, and a host for links.
type stage struct {
	*testing.T
	ctx    context.Context
	Viewer string // origin of the page
	App    string // origin of a wallet that may frame it
	Host   *host

	mu       sync.Mutex
	requests []string                   // every request of the tab, as "METHOD URL"
	faults   []string                   // what must never happen: exceptions, CSP, dialogs, console errors
	world    runtime.ExecutionContextID // of the viewer's frame inside the wallet
}

// newStage starts servers and opens an empty tab. A test fails when the tab met a CSP violation, a dialog, an
// exception or a request to a place the test does not know.
func newStage(t *testing.T, languages ...string) *stage {
	t.Helper()
	parent, err := chrome()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{T: t, Host: newHost(t)}
	// The page must know the app's origin and the reverse, so both listeners exist before either handler.
	viewer, app := httptest.NewUnstartedServer(nil), httptest.NewUnstartedServer(nil)
	s.Viewer, s.App = local(viewer), local(app)
	h, err := site.New(os.DirFS(pageFolder), site.Viewer, site.Origins{App: s.App, Relay: s.Host.URL, Viewer: s.Viewer}, site.Signing{})
	if err != nil {
		t.Fatal(err)
	}
	viewer.Config.Handler, app.Config.Handler = h, wallet(s.Viewer)
	viewer.Start()
	app.Start()
	t.Cleanup(viewer.Close)
	t.Cleanup(app.Close)

	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	s.ctx = ctx
	if err := chromedp.Do(ctx); err != nil { // makes the tab, which lives as long as this context
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, s.watch); err != nil {
		t.Fatal(err)
	}
	language := "en-GB"
	if len(languages) > 0 {
		language = languages[0]
	}
	const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
	call(s, network.Enable, network.EnableParams{})
	call(s, log.Enable, cdp.Empty{})
	call(s, audits.Enable, cdp.Empty{})
	call(s, page.Enable, page.EnableParams{})
	call(s, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: language})
	t.Cleanup(s.judge)
	return s
}

// call sends one protocol command to the tab.
func call[P, R any](s *stage, c cdp.Command[P, R], params P) R {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	r, err := chromedp.Call(ctx, c, params)
	if err != nil {
		s.Fatal(err)
	}
	return r
}

func local(s *httptest.Server) string {
	return "http://localhost" + s.Listener.Addr().String()[strings.LastIndex(s.Listener.Addr().String(), ":"):]
}

func (s *stage) watch(ev any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		if !slices.Contains([]string{"data", "blob", "chrome-extension"}, strings.SplitN(ev.Request.URL, ":", 2)[0]) {
			s.requests = append(s.requests, ev.Request.Method+" "+ev.Request.URL)
		}
	case *runtime.EventExecutionContextCreated:
		if ev.Context.Origin == s.Viewer && s.world == 0 { // a blob: shown inside it has the same origin
			s.world = ev.Context.ID
		}
	case *runtime.EventExecutionContextsCleared:
		s.world = 0
	case *runtime.EventExceptionThrown:
		s.faults = append(s.faults, "exception: "+exception(ev.ExceptionDetails))
	case *page.EventJavascriptDialogOpening:
		if ev.Type != page.DialogTypeBeforeunload { // what the desk has open would be lost
			s.faults = append(s.faults, "dialog: "+ev.Message)
		}
		go chromedp.Call(s.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
	case *audits.EventIssueAdded:
		if ev.Issue.Details != nil && ev.Issue.Details.ContentSecurityPolicyIssueDetails != nil {
			d := ev.Issue.Details.ContentSecurityPolicyIssueDetails
			s.faults = append(s.faults, fmt.Sprintf("CSP: %s %s %s", d.ContentSecurityPolicyViolationType, d.ViolatedDirective, d.BlockedURL))
		}
	case *log.EventEntryAdded:
		// A host that answers 404 is part of many tests; the browser logs it as a network error.
		if ev.Entry.Level == log.EntryLevelError && ev.Entry.Source != log.EntrySourceNetwork {
			s.faults = append(s.faults, "log: "+ev.Entry.Text)
		}
	}
}

// evalIn evaluates a script that gives a string in one of the tab's worlds.
func evalIn(ctx context.Context, world runtime.ExecutionContextID, js string) (string, error) {
	byValue := true
	r, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: js, ContextID: world, ReturnByValue: &byValue})
	if err != nil {
		return "", err
	}
	if r.ExceptionDetails != nil {
		return "", errors.New(exception(r.ExceptionDetails))
	}
	var text string
	return text, json.Unmarshal(r.Result.Value, &text)
}

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

func (s *stage) judge() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		s.Errorf("the tab met %s", f)
	}
	for _, r := range s.requests {
		_, url, _ := strings.Cut(r, " ")
		if !slices.ContainsFunc([]string{s.Viewer, s.App, s.Host.URL}, func(o string) bool { return strings.HasPrefix(url, o+"/") }) {
			s.Errorf("the tab asked a stranger: %s", r)
		}
	}
}

// asked returns the requests that went to the link's host, in order.
func (s *stage) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var to []string
	for _, r := range s.requests {
		if strings.Contains(r, s.Host.URL) {
			to = append(to, strings.Replace(r, s.Host.URL, "", 1))
		}
	}
	return to
}

func (s *stage) run(actions ...chromedp.Action[chromedp.Void]) {
	s.Helper()
	for _, a := range actions {
		take(s, a)
	}
}

// take runs one action within patience and returns its value.
func take[T any](s *stage, a chromedp.Action[T]) T {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		s.Fatalf("%v\nscreen: %s", err, s.screen())
	}
	return v
}

// speaks chooses another language from the list, and waits until the page speaks it.
func (s *stage) speaks(tag string) {
	s.Helper()
	if got := s.eval(fmt.Sprintf(`new Promise((ok) => {
		const box = document.querySelector('#languages select');
		box.value = %q;
		box.dispatchEvent(new Event('change'));
		const end = Date.now() + 20000;
		const look = () => (document.documentElement.lang === box.value || Date.now() > end ? ok(document.documentElement.lang) : setTimeout(look, 20));
		look();
	})`, tag)); got != tag {
		s.Fatalf("the page speaks %q, want %q", got, tag)
	}
}

// screen is what stands on the page, for messages of failed tests.
func (s *stage) screen() string {
	ctx, cancel := context.WithTimeout(s.ctx, 3*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText.slice(0, 1500) : ""`))
	return text
}

// eval evaluates an expression that gives a string, or a promise of one.
func (s *stage) eval(js string) string {
	s.Helper()
	return take(s, chromedp.Evaluate[string](js, chromedp.EvalAwaitPromise))
}

const (
	readerField = chromedp.CSS("#reader")
	codeField   = chromedp.CSS("#passcode")
	submit      = chromedp.CSS("form button[type=submit]")
)

// state waits until the page is in a state ("ask", "open", "start", "cleared").
func (s *stage) state(name string) {
	s.Helper()
	s.run(chromedp.WaitVisible(chromedp.CSS(`body[data-state="` + name + `"] h1`)))
}

// visit opens the page with a link in its address.
func (s *stage) visit(link string) {
	s.Helper()
	s.run(chromedp.Navigate(s.Viewer + "/#" + link))
	s.state("ask")
}

// open gives a name, and a passcode where there is one, and clicks.
func (s *stage) open(passcode ...string) {
	s.Helper()
	s.eval(`document.querySelectorAll('#reader, #passcode').forEach((i) => { i.value = ''; }), ''`)
	s.run(chromedp.SendKeys(readerField, reader))
	for _, p := range passcode {
		s.run(chromedp.SendKeys(codeField, p))
	}
	s.run(chromedp.Click(submit))
}

// read is visit and open, up to the record on the screen.
func (s *stage) read(link string) {
	s.Helper()
	s.visit(link)
	s.open()
	s.state("open")
}

// text is what a person can read on the page.
func (s *stage) text() string {
	s.Helper()
	return s.eval(`document.querySelector('main').innerText`)
}

func (s *stage) wants(words ...string) {
	s.Helper()
	text := s.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			s.Errorf("the page does not say %q; it says:\n%s", w, text)
		}
	}
}

// alerts waits until the alert says what it should.
func (s *stage) alerts(words ...string) {
	s.Helper()
	s.run(chromedp.WaitVisible(chromedp.CSS(`[role=alert]`)))
	s.wants(words...)
}

// empty fails when the browser kept anything for the page's origin.
func (s *stage) empty() {
	s.Helper()
	kept := s.eval(`(async () => {
		const dbs = await indexedDB.databases();
		const caches_ = await caches.keys();
		const workers = await navigator.serviceWorker.getRegistrations();
		const files = []; for await (const k of (await navigator.storage.getDirectory()).keys()) files.push(k);
		return JSON.stringify({local: localStorage.length, session: sessionStorage.length, cookies: document.cookie, dbs, caches: caches_, workers: workers.length, files,
			name: window.name, state: history.state, url: location.href});
	})()`)
	want := `{"local":0,"session":0,"cookies":"","dbs":[],"caches":[],"workers":0,"files":[],"name":"","state":null,"url":"` + s.Viewer + `/"}`
	if kept != want {
		s.Errorf("kept %s, want %s", kept, want)
	}
}

// wallet serves a page that frames the viewer's frame, as the app does.
func wallet(viewer string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; img-src data:; frame-src "+viewer+"; require-trusted-types-for 'script'; trusted-types 'none'")
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		if r.URL.Path == "/wallet.js" {
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `window.heard = []; addEventListener('message', (e) => { if (e.origin === `+fmt.Sprintf("%q", viewer)+`) heard.push(e.data); });
window.tell = (m) => document.querySelector('iframe').contentWindow.postMessage(m, `+fmt.Sprintf("%q", viewer)+`);`)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><link rel="icon" href="data:,"><script src="/wallet.js"></script><iframe width=700 height=600 src="`+viewer+`/frame.html"></iframe>`)
	})
}
