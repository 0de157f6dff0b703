// Package kill ends a real browser with SIGKILL while it writes, again and
// again, and looks at what is left in its database (T29, R1, R2).
package kill_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"potli/app/record"
	"potli/crypto/keyring"
)

// kills is how often the browser is killed. Each time it hits every life at
// another point of its work.
const kills = 100

// life is one vault, at an origin of its own, and what it must hold.
type life struct {
	t      *testing.T
	name   string
	rand   *rand.Rand
	url    string
	keys   []byte
	weight []string // what is done, each as often as it stands here

	mu      sync.Mutex
	sure    model  // acknowledged
	perhaps *model // what was under way when the browser ended
	backup  []byte
	saved   model // what the backup holds
	n       int
	which   string        // number of the browser
	opened  chan struct{} // closed when the vault was opened and compared
	orders  chan struct{} // one for each order that is given out
	pending order
}

// model is what a vault holds: records by the hash of their bytes, since an id
// that was never told can not be known.
type model struct {
	records map[string]record.ID // "" while nobody was told
	docs    map[string]string
}

func (m model) clone() model { return model{maps.Clone(m.records), maps.Clone(m.docs)} }

func (m model) same(r report) bool {
	got := slices.Sorted(maps.Values(r.Records))
	if !slices.Equal(got, slices.Sorted(maps.Keys(m.records))) || !maps.Equal(m.docs, r.Docs) {
		return false
	}
	for id, sum := range r.Records {
		if want := m.records[sum]; want != "" && want != id {
			return false
		}
	}
	return true
}

// order and report as testdata/vaultloop has them.
type order struct {
	Do   string            `json:"do"`
	ID   record.ID         `json:"id,omitempty"`
	Body string            `json:"body,omitempty"`
	Docs map[string]string `json:"docs,omitempty"`
}

type report struct {
	Err     string               `json:"err"`
	ID      record.ID            `json:"id"`
	Records map[record.ID]string `json:"records"`
	Docs    map[string]string    `json:"docs"`
	Faults  int                  `json:"faults"`
	Rebuilt bool                 `json:"rebuilt"`
}

// T29: wherever a browser is killed, what it acknowledged is there afterwards,
// what it had begun is there wholly or not at all, and the head verifies.
func TestT29_Kill(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" || os.Getenv("POTLI_ALL") != "" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed: apt-get install chromium")
	}
	site := program(t)
	var lives []*life
	for name, weight := range map[string][]string{
		"import":  {"add", "add", "add", "add", "remove", "docs"},
		"rotate":  {"roll", "add", "roll", "docs", "remove", "roll"},
		"restore": {"restore", "restore", "remove", "remove", "docs"},
	} {
		lives = append(lives, newLife(t, name, weight, site))
	}
	b := newBrowser(t, chromium, lives)
	for range kills {
		b.live()
		if t.Failed() {
			return
		}
	}
	for _, l := range lives {
		l.mu.Lock()
		t.Logf("%s: %d kills amid %d orders; %d records are left", l.name, kills, l.n, len(l.sure.records))
		l.mu.Unlock()
	}
}

// browser is one browser profile with a page in which every life has a frame.
type browser struct {
	t                  *testing.T
	chromium, dir, url string
	lives              []*life
	rand               *rand.Rand
	started            int
}

func newBrowser(t *testing.T, chromium string, lives []*life) *browser {
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
	return &browser{t, chromium, dir, s.URL, lives, rand.New(rand.NewPCG(29, 0)), 0}
}

// live starts the browser, lets it work for a while and kills it.
func (b *browser) live() {
	b.started++
	for _, l := range b.lives {
		l.begin(b.started)
	}
	cmd := exec.Command(b.chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage", "--mute-audio",
		"--remote-debugging-port=0", "--user-data-dir="+b.dir, b.url)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	defer func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	}()
	for _, l := range b.lives {
		if !b.patient(l.opened) {
			b.t.Errorf("%s: the vault did not open", l.name)
			return
		}
	}
	for range 1 + b.rand.IntN(8) {
		if l := b.lives[b.rand.IntN(len(b.lives))]; !b.patient(l.orders) {
			b.t.Errorf("%s: nothing happens any more", l.name)
			return
		}
	}
	time.Sleep(time.Duration(b.rand.Int64N(int64(25 * time.Millisecond)))) // where in the work it is hit is left to chance
}

func (b *browser) patient(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	case <-time.After(2 * time.Minute):
		return false
	}
}

func newLife(t *testing.T, name string, weight []string, site http.Handler) *life {
	k, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := k.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	l := &life{
		t: t, name: name, rand: rand.New(rand.NewPCG(29, uint64(len(name)))), keys: keys, weight: weight,
		sure: model{map[string]record.ID{}, map[string]string{}},
	}
	mux := http.NewServeMux()
	mux.Handle("/", site)
	mux.HandleFunc("POST /keys", func(w http.ResponseWriter, r *http.Request) { json.NewEncoder(w).Encode(string(l.keys)) })
	mux.HandleFunc("POST /next", l.next)
	mux.HandleFunc("POST /backup", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.backup, l.saved = b, l.sure.clone()
	})
	mux.HandleFunc("GET /backup", func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		w.Write(l.backup)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	l.url = s.URL
	return l
}

// begin makes ready for another browser.
func (l *life) begin(which int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.which = fmt.Sprint(which)
	l.opened, l.orders = make(chan struct{}), make(chan struct{}, 1000)
}

// next takes a report and gives the next order.
func (l *life) next(w http.ResponseWriter, r *http.Request) {
	var got report
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
		return // the browser ended amid its report
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.URL.RawQuery != l.which {
		return // the last word of a browser that is no more
	}
	select {
	case <-l.opened:
		l.settle(got)
	default:
		l.compare(got)
		close(l.opened)
	}
	l.choose()
	json.NewEncoder(w).Encode(l.pending)
	select {
	case l.orders <- struct{}{}:
	default:
	}
}

// compare holds what a new browser found against what the old one said.
func (l *life) compare(got report) {
	if got.Err != "" || got.Faults != 0 || got.Rebuilt {
		l.t.Errorf("%s: after a kill in %q: error %q, %d faults, rebuilt %v", l.name, l.pending.Do, got.Err, got.Faults, got.Rebuilt)
	}
	switch {
	case l.sure.same(got):
	case l.perhaps != nil && l.perhaps.same(got):
		l.sure = *l.perhaps
	default:
		l.t.Errorf("%s: after a kill in %q: %d records and documents %v; acknowledged were %d and %v",
			l.name, l.pending.Do, len(got.Records), got.Docs, len(l.sure.records), l.sure.docs)
	}
	for id, sum := range got.Records {
		l.sure.records[sum] = id
	}
	l.perhaps = nil
}

// settle takes in what was acknowledged.
func (l *life) settle(got report) {
	if got.Err != "" {
		l.t.Errorf("%s: %s: %s", l.name, l.pending.Do, got.Err)
		return
	}
	if l.perhaps != nil {
		l.sure, l.perhaps = *l.perhaps, nil
	}
	if l.pending.Do == "add" {
		l.sure.records[sumOf(l.pending.Body)] = got.ID
	}
}

// choose decides what comes next and what the vault holds when it is done.
func (l *life) choose() {
	l.n++
	do := l.weight[l.rand.IntN(len(l.weight))]
	switch {
	case l.weight[0] == "restore" && l.backup == nil:
		// First something that a backup can be made of.
		if do = "add"; len(l.sure.records) >= 30 {
			do = "export"
		}
	case do == "remove" && len(l.sure.records) == 0:
		do = "docs"
	}
	next := l.sure.clone()
	l.pending = order{Do: do}
	switch do {
	case "add":
		l.pending.Body = fmt.Sprintf("%%PDF-1.4 %d %s", l.n, strings.Repeat("x", l.rand.IntN(40_000)))
		next.records[sumOf(l.pending.Body)] = ""
	case "remove":
		sums := slices.Sorted(maps.Keys(next.records))
		sum := sums[l.rand.IntN(len(sums))]
		l.pending.ID = next.records[sum]
		delete(next.records, sum)
	case "docs":
		l.pending.Docs = map[string]string{}
		for range 1 + l.rand.IntN(3) {
			name := fmt.Sprint("doc", l.rand.IntN(4))
			if l.pending.Docs[name] = fmt.Sprint(l.n); l.rand.IntN(4) == 0 {
				l.pending.Docs[name] = ""
			}
		}
		for name, body := range l.pending.Docs {
			if next.docs[name] = body; body == "" {
				delete(next.docs, name)
			}
		}
	case "restore":
		for sum, id := range l.saved.records {
			if _, ok := next.records[sum]; !ok {
				next.records[sum] = id
			}
		}
		for name, body := range l.saved.docs {
			if _, ok := next.docs[name]; !ok {
				next.docs[name] = body
			}
		}
	}
	l.perhaps = &next
}

func sumOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
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
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, `<!doctype html><title>loop</title><script src="wasm_exec.js"></script><script>
const go = new Go();
WebAssembly.instantiateStreaming(fetch("loop.wasm"), go.importObject).then((r) => go.run(r.instance));
</script>`)
	})
	return mux
}
