package relay_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
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
	"testing"
	"time"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// The test binary, started again with these, is a relay process to be killed.
const (
	envChild = "POTLI_TEST_RELAY_DB"   // the database: be a relay
	envStall = "POTLI_TEST_RELAY_HANG" // hang between charge and answer
	envURL   = "POTLI_TEST_RELAY_URL"  // its public URL, when it is one of several
)

func TestMain(m *testing.M) {
	if path := os.Getenv(envChild); path != "" {
		if err := child(path, os.Getenv(envStall) != ""); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child serves until it is killed. It prints its address, and nothing else ever
// but "charged" when it hangs.
func child(path string, hang bool) error {
	var t childT
	defer t.cleanup()
	var store relay.Store = openStore(&t, path)
	if hang {
		store = hangs{store}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	url := "http://" + l.Addr().String()
	h, err := relay.New(relay.Options{Store: store, Key: [32]byte{1}, PublicURL: cmp.Or(os.Getenv(envURL), url), AppOrigin: appOrigin,
		Limits: relay.Limits{Data: relay.Rate{PerMinute: -1}, Control: relay.Rate{PerMinute: -1}, Waiting: 20_000}})
	if err != nil {
		return err
	}
	fmt.Println(url)
	if os.Getenv(envURL) != "" {
		go func() {
			for range time.Tick(time.Second / 10) { // as relay.Handler.Poll asks, and sooner
				h.Poll(context.Background())
			}
		}()
	}
	return http.Serve(l, h)
}

// childT lets openStore be used where there is no test.
type childT struct {
	testing.TB
	f []func()
}

func (*childT) Helper()            {}
func (*childT) Fatal(args ...any)  { panic(fmt.Sprint(args...)) }
func (t *childT) Cleanup(f func()) { t.f = append(t.f, f) }
func (t *childT) cleanup() {
	for _, f := range t.f {
		f()
	}
}

// hangs is a store whose charge is committed and never answered.
type hangs struct{ relay.Store }

func (s hangs) Charge(ctx context.Context, r relay.Reader, mac string) (relay.Charged, error) {
	c, err := s.Store.Charge(ctx, r, mac)
	if err == nil {
		fmt.Println("charged")
		select {}
	}
	return c, err
}

// process is a relay in a process of its own.
type process struct {
	storetest.Client
	cmd  *exec.Cmd
	out  *bufio.Reader
	err  *bytes.Buffer
	once sync.Once
}

func start(t testing.TB, path string, env ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(exe), err: new(bytes.Buffer)}
	p.cmd.Env = append(os.Environ(), append(env, envChild+"="+path)...)
	p.cmd.Stderr = p.err
	// Not StdoutPipe: Wait would throw away what was printed last.
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	p.cmd.Stdout = in
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	t.Cleanup(p.kill)
	p.out = bufio.NewReader(out)
	p.Client = storetest.Client{Base: p.line(t), App: appOrigin, HTTP: &http.Client{}, Now: time.Now}
	return p
}

func (p *process) line(t testing.TB) string {
	t.Helper()
	s, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the relay said nothing: %v %s", err, p.err)
	}
	return strings.TrimSpace(s)
}

// kill ends the process as a power cut does: no handler of its own runs.
func (p *process) kill() {
	p.once.Do(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		p.HTTP.CloseIdleConnections()
	})
}

// at is the same owner, speaking to another process.
func at(p *process, o *storetest.Owned) *storetest.Owned {
	c := *o
	c.Client = p.Client
	return &c
}

func guarded(c *wire.Create) {
	c.Uses = wire.MaxUses
	c.Passcode = storetest.Verifier("secret", 5)
}

// TestT9_SHL21_KillBetweenDecrementAndAnswer: five guesses whose answers are
// lost, each in a process that dies right after the charge, are five guesses.
func TestT9_SHL21_KillBetweenDecrementAndAnswer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.db")
	p := start(t, path)
	o := p.Create(t, "", "P", guarded)
	p.kill()
	for n := range 5 {
		p := start(t, path, envStall+"=1")
		if got := at(p, o).Status(t).AttemptsLeft; got != 5-n {
			t.Fatalf("after %d kills %d attempts are left", n, got)
		}
		lost := make(chan error, 1)
		go func() {
			_, err := p.Try("POST", wire.LinkPath+o.ID, wire.ManifestRequest{Recipient: "x", Passcode: "wrong"}, nil)
			lost <- err
		}()
		if got := p.line(t); got != "charged" {
			t.Fatalf("got %q", got)
		}
		p.kill()
		if err := <-lost; err == nil {
			t.Fatal("the guess was answered")
		}
	}
	p = start(t, path)
	status(t, p.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", Passcode: "secret"}), http.StatusNotFound)
	if got := at(p, o).Status(t).AttemptsLeft; got != 0 {
		t.Errorf("%d attempts left", got)
	}
}

// TestT9_KillAtAnyTime kills a relay in the midst of guesses and openings. What
// was answered must have been counted; the count may be ahead, never behind.
func TestT9_KillAtAnyTime(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	path := filepath.Join(t.TempDir(), "relay.db")
	for round := range rounds {
		p := start(t, path)
		locked := p.Create(t, fmt.Sprint("p", round), "P", guarded)
		opened := p.Create(t, fmt.Sprint("u", round), "U", func(c *wire.Create) { c.Uses = wire.MaxUses })
		var refused, served atomic.Int64
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				for n := 0; ; n++ {
					a, err := p.Try("GET", wire.LinkPath+opened.ID+fmt.Sprintf("?recipient=%d-%d", i, n), nil, nil)
					if err != nil {
						return
					}
					if a.Status == 200 {
						served.Add(1)
					}
				}
			})
			wg.Go(func() {
				for {
					a, err := p.Try("POST", wire.LinkPath+locked.ID, wire.ManifestRequest{Passcode: "wrong"}, nil)
					if err != nil {
						return
					}
					if a.Status == 401 {
						refused.Add(1)
					}
				}
			})
		}
		time.Sleep(time.Duration(40+37*round) * time.Millisecond)
		p.kill()
		wg.Wait()

		p = start(t, path)
		if got, told := 5-at(p, locked).Status(t).AttemptsLeft, int(refused.Load()); got < told {
			t.Errorf("round %d: %d guesses were answered, %d counted", round, told, got)
		}
		st := at(p, opened).Status(t)
		if got, told := wire.MaxUses-st.UsesLeft, int(served.Load()); got < told {
			t.Errorf("round %d: %d openings were answered, %d counted", round, told, got)
		}
		if got := int(served.Load()); st.Receipts < min(got, wire.MaxReceipts) {
			t.Errorf("round %d: %d openings were answered, %d receipts are kept", round, got, st.Receipts)
		}
		list, _ := at(p, opened).Receipts(t)
		if got := int(served.Load()); len(list) < min(got, wire.MaxReceipts) {
			t.Errorf("round %d: %d openings were answered, %d receipts open", round, got, len(list))
		}
		p.kill()
	}
}

// TestRestart: everything a person relies on is still there after a restart.
func TestRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.db")
	p := start(t, path)
	u := p.Create(t, "u", "U", nil)
	m := p.Create(t, "m", "P", guarded)
	paused := p.Create(t, "paused", "U", nil)
	revoked := p.Create(t, "revoked", "U", nil)
	status(t, p.Get(t, u.ID, "Dr+A"), 200)
	status(t, p.Post(t, m.ID, wire.ManifestRequest{Passcode: "wrong"}), 401)
	status(t, paused.Call(t, "PATCH", "", `{"paused":true}`), 200)
	status(t, revoked.Call(t, "DELETE", "", nil), 204)
	right := wire.ManifestRequest{Recipient: "Dr B", Passcode: "secret"}
	f := storetest.Decode[wire.Manifest](t, p.Post(t, m.ID, right), 200).Files[0]
	ticket := strings.TrimPrefix(f.Location, p.Base)
	p.kill()

	p = start(t, path)
	status(t, p.Do(t, "GET", ticket, nil, nil), 200) // tickets too, they are no state
	if got := at(p, m).Status(t); got.AttemptsLeft != 4 || got.Receipts != 2 {
		t.Errorf("got %+v", got)
	}
	a := status(t, p.Get(t, u.ID, "Dr+A"), 200)
	if want := storetest.NewCreate("", "U").File.JWE; string(a.Body) != want {
		t.Error("the file differs")
	}
	if got := at(p, u).Status(t); got.UsesLeft != 9 || got.Receipts != 1 {
		t.Errorf("the debounce was forgotten: %+v", got)
	}
	status(t, p.Get(t, paused.ID, "x"), 404)
	status(t, p.Get(t, revoked.ID, "x"), 404)
	p2 := at(p, paused)
	status(t, p2.Call(t, "PATCH", "", `{"paused":false}`), 200)
	status(t, p.Get(t, paused.ID, "x"), 200)
}

// TestT1_T36_NothingReadableOnDiskOrInLogs looks for what must not be there in
// the database, its log, and in all the process has printed.
func TestT1_T36_NothingReadableOnDiskOrInLogs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.db")
	p := start(t, path)
	const passcode, recipient, agent = "CANARY-PASS", "CANARY-Dr-Rao", "CANARY-AGENT"
	var secret []string
	for i := range 6 {
		o := p.Create(t, fmt.Sprint(i), "P", func(c *wire.Create) { c.Passcode = storetest.Verifier(passcode, 5) })
		secret = append(secret, o.ID, o.Token)
		h := storetest.Headers{"User-Agent", agent}
		p.Do(t, "POST", wire.LinkPath+o.ID, wire.ManifestRequest{Recipient: recipient, Passcode: "CANARY-WRONG"}, h)
		a := p.Do(t, "POST", wire.LinkPath+o.ID, wire.ManifestRequest{Recipient: recipient, Passcode: passcode}, h)
		f := storetest.Decode[wire.Manifest](t, a, 200).Files[0]
		secret = append(secret, strings.TrimPrefix(f.Location, p.Base+wire.FilePath))
		p.Do(t, "GET", strings.TrimPrefix(f.Location, p.Base), nil, h)
		if i%2 == 0 {
			o.Call(t, "DELETE", "", nil)
		}
		p.Do(t, "POST", wire.LinkPath+o.ID+"/CANARY", "{", h)
		p.Do(t, "GET", "/CANARY", nil, h)
	}
	secret = append(secret, "CANARY", "127.0.0.1")
	// Killed, so that the write-ahead log stays where it is.
	p.kill()
	rest, err := io.ReadAll(p.out)
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]string{"stdout": string(rest), "stderr": p.err.String()}
	found, err := filepath.Glob(path + "*")
	if err != nil || len(found) < 2 {
		t.Fatalf("want a database and its log, got %v, %v", found, err)
	}
	for _, name := range found {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		places[filepath.Base(name)] = string(b)
	}
	if len(rest) != 0 || p.err.Len() != 0 {
		t.Errorf("the relay printed %q, %q", rest, p.err)
	}
	if !strings.Contains(places["relay.db"]+places["relay.db-wal"], storetest.NewCreate("", "").File.JWE[:80]) {
		t.Error("the search finds nothing at all, not even the ciphertext")
	}
	for place, text := range places {
		for _, s := range secret {
			if strings.Contains(text, s) {
				t.Errorf("%s holds %q", place, s)
			}
		}
	}
}

// TestSHL21_StoreThatFails: when the store does not answer, nothing is served
// and the error names nothing.
func TestSHL21_StoreThatFails(t *testing.T) {
	broken := &failing{}
	w := newWorld(t, func(o *relay.Options) { broken.Store = o.Store; o.Store = broken })
	o := w.Create(t, "", "U", nil)
	for _, what := range []string{"live", "charge", "receipt", "part"} {
		broken.what = what
		a := status(t, w.Get(t, o.ID, what), http.StatusServiceUnavailable)
		if p := storetest.Decode[wire.Problem](t, a, 503); strings.Contains(p.Message, "secret") || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %s %v", what, a.Body, a.Header)
		}
	}
	broken.what = ""
	status(t, w.Get(t, o.ID, "x"), 200)
	broken.what = "panic"
	status(t, w.Get(t, o.ID, "x"), http.StatusInternalServerError)
}

type failing struct {
	relay.Store
	what string
}

func (f *failing) fail(what string) error {
	if f.what == "panic" {
		panic("secret")
	}
	if f.what == what {
		return errors.New("secret")
	}
	return nil
}

func (f *failing) Live(ctx context.Context, r relay.Reader) (relay.Link, error) {
	if err := f.fail("live"); err != nil {
		return relay.Link{}, err
	}
	return f.Store.Live(ctx, r)
}

func (f *failing) Charge(ctx context.Context, r relay.Reader, mac string) (relay.Charged, error) {
	if err := f.fail("charge"); err != nil {
		return relay.Charged{}, err
	}
	return f.Store.Charge(ctx, r, mac)
}

func (f *failing) AddReceipt(ctx context.Context, id string, n int, sealed []byte) error {
	if err := f.fail("receipt"); err != nil {
		return err
	}
	return f.Store.AddReceipt(ctx, id, n, sealed)
}

func (f *failing) Part(ctx context.Context, file string, n int) ([]byte, error) {
	if err := f.fail("part"); err != nil {
		return nil, err
	}
	return f.Store.Part(ctx, file, n)
}
