// Package worker_test runs the relay that is built for Cloudflare Workers in the
// real workerd, on this machine, offline: the whole contract of a relay, and
// what only this engine can do wrong.
package worker_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"potli/e2e/output"
	"potli/relay/storetest"
)

// --- the program and the runtime ---

// root is the folder with go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// workerd returns the path of the runtime that e2e/package.json pins.
func workerd(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root(t), "e2e/node_modules/@cloudflare/workerd-*/bin/workerd"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		if os.Getenv("CI") != "" || os.Getenv("POTLI_ALL") == "1" {
			t.Fatal("workerd is not there: make deps installs it")
		}
		t.Skip("NOT TESTED: workerd is not there; make deps installs it")
	}
	return found[0]
}

var buildOnce = sync.OnceValue(func() error {
	if os.Getenv("POTLI_BUILT") != "" {
		return nil // by make, a moment ago
	}
	return run("../..", nil, "make", "--no-print-directory", "worker-build")
})

// program is the folder of the program as it is deployed, with its config.capnp.
func program(t testing.TB) string {
	t.Helper()
	if err := buildOnce(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root(t), "relay/cmd/worker")
}

// testProgram is the folder of the program with a way in for tests.
func testProgram(t testing.TB) string {
	t.Helper()
	program(t)
	dir, err := testBuild()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// testDir is the folder that TestMain makes.
var testDir string

func TestMain(m *testing.M) {
	var err error
	if testDir, err = os.MkdirTemp("", "potli-worker-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(testDir)
	os.Exit(code)
}

var testBuild = sync.OnceValues(func() (string, error) {
	build := filepath.Join(testDir, "build")
	if err := os.Mkdir(build, 0o700); err != nil {
		return "", err
	}
	for from, to := range map[string]string{
		"testdata/config.capnp": "config.capnp", "testdata/test.mjs": "build/test.mjs",
		"../../relay/cmd/worker/build/worker.mjs": "build/worker.mjs", "../../relay/cmd/worker/build/sql.mjs": "build/sql.mjs", "../../relay/cmd/worker/build/wasm_exec.js": "build/wasm_exec.js",
	} {
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(testDir, to), b, 0o600)
		}
		if err != nil {
			return "", err
		}
	}
	return testDir, run("../..", []string{"GOOS=js", "GOARCH=wasm"},
		"go", "build", "-tags", "storetest", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(build, "app.wasm"), "./relay/cmd/worker")
})

func run(dir string, env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// --- a running relay ---

const appOrigin = "http://localhost:8080"

// server is one workerd with a relay in it.
type server struct {
	t     testing.TB
	Base  string
	Data  string // folder of its store
	dir   string // of config.capnp
	env   []string
	port  string
	cmd   *exec.Cmd
	out   *output.Lines
	ended chan struct{}
}

// start runs the program in dir over a new store. It ends with the test. env
// replaces variables of the deployment.
func start(t testing.TB, dir string, env ...string) *server {
	t.Helper()
	workerd(t)
	key := make([]byte, 32)
	rand.Read(key)
	s := &server{t: t, dir: dir, Data: t.TempDir(), port: freePort(t), out: &output.Lines{}}
	s.Base = "http://127.0.0.1:" + s.port
	s.env = append([]string{"RELAY_KEY=" + fmt.Sprintf("%x", key), "RELAY_ORIGIN=" + s.Base, "APP_ORIGIN=" + appOrigin, "SHARDS=16"}, env...)
	t.Cleanup(s.stop)
	s.begin()
	return s
}

// begin starts workerd and waits until it answers.
func (s *server) begin() {
	s.t.Helper()
	s.launch()
	eventually(s.t, "the relay is healthy: "+s.out.String(), func() bool {
		res, err := http.Get(s.Base + "/healthz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		io.Copy(io.Discard, res.Body)
		return res.StatusCode == http.StatusOK
	})
}

func (s *server) launch() {
	s.t.Helper()
	s.cmd = exec.Command(workerd(s.t), "serve", "--experimental", "config.capnp",
		"--socket-addr", "http=127.0.0.1:"+s.port, "--directory-path", "data="+s.Data)
	s.cmd.Dir, s.cmd.Env = s.dir, append(os.Environ(), s.env...)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	s.ended = ended
	go func(cmd *exec.Cmd) {
		cmd.Wait()
		close(ended)
	}(s.cmd)
}

// stop ends workerd: it may ignore TERM while a request is open.
func (s *server) stop() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(2 * time.Second):
		s.kill()
	}
}

// kill ends it as a power cut ends a process.
func (s *server) kill() {
	s.cmd.Process.Kill()
	<-s.ended
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// client calls the relay from another network with each request, so that the
// rate limit, which stays on, is not what is measured.
func (s *server) client() storetest.Client {
	return storetest.Client{Base: s.Base, App: appOrigin, HTTP: &http.Client{Transport: everywhere{}}, Now: time.Now}
}

// everywhere is a client with many addresses.
type everywhere struct{}

var (
	asked     atomic.Uint32
	transport = &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 256, DisableCompression: true}
)

func (everywhere) RoundTrip(r *http.Request) (*http.Response, error) {
	n := asked.Add(1)
	r = r.Clone(r.Context())
	r.Header.Set("Cf-Connecting-Ip", fmt.Sprintf("10.%d.%d.1", n>>8&255, n&255))
	return transport.RoundTrip(r)
}

// test does something behind the relay's back, in one shard of a test program.
func (s *server) test(shard int, what string) []byte {
	s.t.Helper()
	res, err := http.Get(fmt.Sprintf("%s/test/%s", s.Base, strings.Replace(what+"&", "&", fmt.Sprintf("?shard=%d&", shard), 1)))
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %d %s %v\n%s", what, res.StatusCode, b, err, s.out)
	}
	return b
}

// state of one shard, and of the process around it.
type state struct {
	Programs, Objects, Requests, Memory, Held, Watching, Timers, Sockets int
	Alarm                                                                *int64
	Name                                                                 string
}

func (s *server) state(shard int) (st state) {
	s.t.Helper()
	if err := json.Unmarshal(s.test(shard, "state"), &st); err != nil {
		s.t.Fatal(err)
	}
	return st
}

// --- waiting ---

// eventually asks until f says yes.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute in vain: %s", what)
		}
	}
}

// within fails when f takes longer than a patient person waits.
func within(t testing.TB, d time.Duration, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(d):
		t.Fatalf("%s took more than %v", what, d)
	}
}

func readAll(t testing.TB, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
