// Package kill ends a real browser with SIGKILL while it writes, again and
// again, and looks at what is left in its database (T29, R1, R2).
package kill_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"potli/e2e/chromium"
)

// kills is how often the browser is killed. Each time it hits every life at
// another point of its work: there are five.
const kills = 60

// T29: wherever a browser is killed, what it acknowledged is there afterwards,
// what it had begun is there wholly or not at all, and the head verifies.
func TestT29_Kill(t *testing.T) {
	path := installed(t)
	site := program(t)
	var lives []*life
	for name, weight := range map[string][]string{
		"import":  {"add", "add", "add", "add", "remove", "docs"},
		"rotate":  {"roll", "add", "roll", "docs", "remove", "roll"},
		"restore": {"restore", "restore", "remove", "remove", "docs"},
		"recover": nil, // it is there or it is not, in turns
		"sync":    {"add", "docs", "round", "round", "round"},
	} {
		l := newLife(t, name, weight, site)
		switch name {
		case "recover":
			l.onPaper()
		case "sync":
			l.withPeer()
		}
		lives = append(lives, l)
	}
	b := newBrowser(t, path, lives)
	for range kills {
		b.live()
		if t.Failed() {
			return
		}
	}
	b.last()
	t.Logf("half an entry in the log of the browser's database: after %d of the kills", b.torn)
	for _, l := range lives {
		l.mu.Lock()
		t.Logf("%s: %d kills amid %d orders, of which %v were under way; %d records are left", l.name, kills, l.n, l.hit, len(l.sure.records))
		l.mu.Unlock()
	}
}

// installed is the path of the browser.
func installed(t *testing.T) string {
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" || os.Getenv("POTLI_ALL") != "" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed: apt-get install chromium")
	}
	return path
}

// browser is one browser profile with a page in which every life has a frame.
type browser struct {
	t              *testing.T
	path, dir, url string
	lives          []*life
	rand           *rand.Rand
	started        int
	torn           int // logs that ended with half an entry
}

func newBrowser(t *testing.T, path string, lives []*life) *browser {
	dir, err := os.MkdirTemp("", "potli-kill-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) }) // not TempDir: what was killed may still be going
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<!doctype html><title>lives</title>")
		for _, l := range lives {
			l.mu.Lock()
			fmt.Fprintf(w, "<iframe src=%q></iframe>", l.url+"?"+l.which)
			l.mu.Unlock()
		}
	}))
	t.Cleanup(s.Close)
	return &browser{t, path, dir, s.URL, lives, rand.New(rand.NewPCG(29, 0)), 0, 0}
}

// live starts the browser, lets it work for a while and kills it.
func (b *browser) live() {
	torn := torn(b.t, b.dir)
	b.torn += len(torn)
	kill := b.start()
	defer kill()
	for _, l := range b.lives {
		if !b.patient(l.opened) {
			b.t.Errorf("%s: the vault did not open", l.name)
			return
		}
	}
	defer dropped(torn) // killed before that, the browser loses all; the wallet can not help it
	for range 1 + b.rand.IntN(8) {
		if l := b.lives[b.rand.IntN(len(b.lives))]; !b.patient(l.orders) {
			b.t.Errorf("%s: nothing happens any more", l.name)
			return
		}
	}
	time.Sleep(time.Duration(b.rand.Int64N(int64(25 * time.Millisecond)))) // where in the work it is hit is left to chance
}

// last starts the browser once more, to see what the last kill has left, and until
// a life and its peer have the same.
func (b *browser) last() {
	for _, l := range b.lives {
		l.mu.Lock()
		l.ending = true
		l.mu.Unlock()
	}
	kill := b.start()
	defer kill()
	for _, l := range b.lives {
		if !b.patient(l.opened) {
			b.t.Errorf("%s: the vault did not open", l.name)
		} else if l.peer != nil && !b.patient(l.even) {
			b.t.Errorf("%s: the two never came to have the same", l.name)
		}
	}
}

// start starts the browser and returns what kills it.
func (b *browser) start() (kill func()) {
	b.started++
	for _, l := range b.lives {
		l.begin(b.started)
	}
	cmd := exec.Command(b.path, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-features="+chromium.Off, "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage", "--mute-audio",
		"--remote-debugging-port=0", "--user-data-dir="+b.dir, b.url)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	return func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		// Its other processes hold files of the profile until they are gone too.
		for syscall.Kill(-cmd.Process.Pid, 0) == nil {
			time.Sleep(time.Millisecond)
		}
	}
}

func (b *browser) patient(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	case <-time.After(2 * time.Minute):
		return false
	}
}

// program serves the loop and the page that starts it.
func program(t *testing.T) http.Handler {
	dir := t.TempDir()
	wasm := filepath.Join(dir, "loop.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", wasm, "potli/e2e/testdata/vaultloop")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the loop: %v\n%s", err, out)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /loop.wasm", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, wasm) })
	mux.HandleFunc("GET /wasm_exec.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	})
	mux.HandleFunc("GET /store.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "../../web/store.js") })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, `<!doctype html><title>loop</title><script src="wasm_exec.js"></script><script src="store.js"></script><script>
const go = new Go();
WebAssembly.instantiateStreaming(fetch("loop.wasm"), go.importObject).then((r) => go.run(r.instance));
</script>`)
	})
	return mux
}
