// Package e2e drives the real binary with a real browser. Each test has a data
// folder, ports and browser profiles of its own.
package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"potli/e2e/chromium"
	"potli/e2e/output"
)

// --- the project ---

// root is the folder with go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// command runs a program in the project's folder and fails with its output.
func command(t testing.TB, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

var buildOnce = sync.OnceValue(func() error {
	cmd := exec.Command("make", "--no-print-directory", "build")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make build: %w\n%s", err, out)
	}
	return nil
})

// built returns the folder with the binary and the two sites, built once a run.
// make, which has just built it, names it in POTLI_BUILT.
func built(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("POTLI_BUILT"); dir != "" {
		return dir
	}
	if err := buildOnce(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root(t), ".build")
}

// --- the binary ---

// potli is a running binary.
type potli struct {
	App, Relay, Viewer string // origins
	Data               string // folder of its store
	cmd                *exec.Cmd
	out                *output.Lines
	ended              chan error
	endRelay           func() // of the relay, where it is another program
}

// startPotli starts the real binary on free ports over data, or over a new
// folder where data is "". It is stopped when the test ends.
func startPotli(t testing.TB, data string, args ...string) *potli {
	t.Helper()
	if data == "" {
		data = filepath.Join(t.TempDir(), "data")
	}
	p := &potli{Data: data, out: &output.Lines{}, ended: make(chan error, 1)}
	worker, endRelay := onWorkerd(t, data)
	p.endRelay = endRelay
	args = slices.Concat([]string{"-data", data, "-app-addr", "localhost:0", "-relay-addr", "localhost:0", "-viewer-addr", "localhost:0"}, worker, args)
	p.cmd = exec.Command(filepath.Join(built(t), "potli"), args...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() { p.signal(syscall.SIGKILL) })
	address := regexp.MustCompile(`(?m)^  The (wallet|clinic's page|relay) +(http://\S+)`)
	eventually(t, "potli says where it listens", func() bool {
		for _, m := range address.FindAllStringSubmatch(p.out.String(), -1) {
			switch m[1] {
			case "wallet":
				p.App = m[2]
			case "relay":
				p.Relay = m[2]
			default:
				p.Viewer = m[2]
			}
		}
		return p.App != "" && p.Relay != "" && p.Viewer != ""
	})
	return p
}

// stop asks the binary to end, as Ctrl-C does, and waits.
func (p *potli) stop(t testing.TB) {
	t.Helper()
	if err := p.signal(os.Interrupt); err != nil {
		t.Errorf("potli did not stop cleanly: %v\n%s", err, p.out)
	}
}

// kill ends it as a power cut does.
func (p *potli) kill() { p.signal(syscall.SIGKILL) }

func (p *potli) signal(s os.Signal) error {
	p.endRelay()
	p.cmd.Process.Signal(s)
	select {
	case err := <-p.ended:
		p.ended <- err // for the next who asks
		return err
	case <-time.After(15 * time.Second):
		p.cmd.Process.Kill()
		return errors.New("still running after 15 s")
	}
}

// eventually asks until f says yes, and fails after 20 s.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 20 s in vain: %s", what)
		}
	}
}

// --- the browser ---

// browser is one profile: storage and service workers are its own.
type browser struct {
	ctx    context.Context
	cancel context.CancelFunc
	dir    string
	netLog string
}

// newBrowser starts Chromium with a fresh profile. Only localhost resolves, so
// a request to anywhere else fails, and is still seen by requested.
func newBrowser(t testing.TB, flags ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	dir, err := os.MkdirTemp("", "potli-browser-")
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{dir: dir, netLog: filepath.Join(dir, "net.json")}
	opts := slices.Concat(chromium.Options(), []chromedp.ExecAllocatorOption{
		chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.WindowSize(400, 860),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"),
		chromedp.Flag("log-net-log", b.netLog),
	}, flags)
	if path := os.Getenv("POTLI_CHROMIUM"); path != "" {
		opts = append(opts, chromedp.ExecPath(path))
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	b.ctx = ctx
	b.cancel = sync.OnceFunc(func() {
		chromedp.Cancel(ctx) // asks the browser to close, so that the network log is whole
		cancel()
		stop()
	})
	t.Cleanup(func() {
		b.cancel()
		os.RemoveAll(dir)
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return b
}

// requested closes the browser and returns every address that a page, a worker or
// a frame asked the network for. What Chromium asks on its own account (updates,
// the time) names no origin as its cause and is left out; none of it resolves.
func (b *browser) requested(t testing.TB) []string {
	t.Helper()
	b.cancel()
	log, err := os.Open(b.netLog)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	address := regexp.MustCompile(`"url":"((?:https?|wss?)://[^"]+)"`)
	cause := regexp.MustCompile(`"initiator":"([^"]*)"`)
	var urls []string
	lines := bufio.NewScanner(log) // one event a line
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		url, by := address.FindSubmatch(lines.Bytes()), cause.FindSubmatch(lines.Bytes())
		if url == nil || by == nil {
			continue
		}
		if local := bytes.HasPrefix(url[1], []byte("http://localhost:")); local || string(by[1]) != "not an origin" {
			urls = append(urls, string(url[1]))
		}
	}
	if err := lines.Err(); err != nil || len(urls) == 0 {
		t.Fatalf("the browser's network log holds no requests: %v", err)
	}
	slices.Sort(urls)
	return slices.Compact(urls)
}

// page is a tab with its complaints.
type page struct {
	ctx context.Context
	t   testing.TB
	mu  sync.Mutex // owns what follows
	bad []string   // errors of the console, uncaught exceptions, violations of the policy
	got []string   // addresses asked for by the tab
	out []string   // bodies of what it sent
}

// open makes a tab that listens before it goes to url ("" for none).
func (b *browser) open(t testing.TB, url string) *page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	p := &page{ctx: ctx, t: t}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == chromedp.ConsoleError {
				p.complain(fmt.Sprintf("console: %s (%s:%d)", m, m.URL, m.Line+1))
			}
		}
	}()
	err := chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *audits.EventIssueAdded:
			if d := ev.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
				p.complain("policy: " + d.ViolatedDirective + " " + d.BlockedURL)
			}
		case *network.EventRequestWillBeSent:
			p.mu.Lock()
			p.got = append(p.got, ev.Request.URL)
			for _, e := range ev.Request.PostDataEntries {
				p.out = append(p.out, string(e.Bytes))
			}
			p.mu.Unlock()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, audits.Enable, cdp.Empty{})
		return err
	}))
	if url != "" {
		p.visit(url)
	}
	return p
}

func (p *page) complain(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bad = append(p.bad, s)
}

// complaints returns what went wrong so far, and forgets it.
func (p *page) complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	bad := p.bad
	p.bad = nil
	return bad
}

// quiet fails if anything went wrong in the tab.
func (p *page) quiet() { p.t.Helper(); p.quietBut(func(string) bool { return false }) }

// quietBut fails if anything went wrong in the tab but what is expected.
func (p *page) quietBut(expected func(complaint string) bool) {
	p.t.Helper()
	for _, c := range p.complaints() {
		if !expected(c) {
			p.t.Errorf("the page complained: %s", c)
		}
	}
}

// sentAgain is what the browser writes down when a letter whose answer did not come in
// time is sent again: the mailbox says that it has it.
func sentAgain(complaint string) bool {
	return strings.Contains(complaint, "status of 409") && strings.Contains(complaint, "/m/")
}

// do runs actions, each for at most 30 s.
func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	for _, step := range steps {
		ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
		err := chromedp.Do(ctx, step)
		cancel()
		if err != nil {
			p.t.Fatalf("%v\nthe page says: %.2000s\nand complained: %q", err, p.visible(), p.complaints())
		}
	}
}

func (p *page) visit(url string) { p.t.Helper(); p.do(chromedp.Navigate(url)) }

func (p *page) reload() { p.t.Helper(); p.do(chromedp.Reload()) }

// anew does what makes the page start over, and waits until a condition holds in
// the new document. Asking while the old one goes away is an error to pass over.
func (p *page) anew(act func(), condition string) {
	p.t.Helper()
	js[bool](p, `globalThis.before = true`)
	act()
	asked := chromedp.Evaluate[bool](`!globalThis.before && !!document.body && !!(` + condition + `)`)
	eventually(p.t, "the page starts over, and "+condition, func() bool {
		ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
		defer cancel()
		yes, err := chromedp.Run(ctx, asked)
		return err == nil && yes
	})
}

// visible is the text that a person sees, or "" where there is none.
func (p *page) visible() string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.documentElement.innerText : ""`))
	return text
}

// sees waits until the page shows a text.
func (p *page) sees(text string) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(p.visible(), text); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("the page never showed %q. It shows:\n%.2000s\nand complained: %q", text, p.visible(), p.complaints())
		}
	}
}

// js evaluates an expression, waiting for a promise, and decodes its value.
func js[T any](p *page, expression string) T {
	p.t.Helper()
	v, err := evaluate[T](p, expression)
	if err != nil {
		p.t.Fatalf("evaluating %s: %v", expression, err)
	}
	return v
}

// holds tells whether a condition holds now. In a page that makes way for another
// one while it is asked, nothing does.
func (p *page) holds(condition string) bool {
	p.t.Helper()
	yes, err := evaluate[bool](p, condition)
	if gone := (*cdproto.Error)(nil); errors.As(err, &gone) && gone.Code == -32000 {
		return false
	}
	if err != nil {
		p.t.Fatalf("asking whether %s: %v", condition, err)
	}
	return yes
}

func evaluate[T any](p *page, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// A page that goes away while a test waits for something in it is no fault.
func TestWaitingWhileThePageGoes(t *testing.T) {
	t.Parallel()
	p := newBrowser(t).open(t, startPotli(t, "").App)
	leaving := `new Promise(() => location.reload())`
	if p.holds(leaving) {
		t.Error("something holds in a page that has gone")
	}
	if _, err := evaluate[bool](p, leaving); err == nil {
		t.Error("nobody noticed that the page had gone")
	}
	p.there("#title")
}
