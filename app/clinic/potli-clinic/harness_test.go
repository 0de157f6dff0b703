package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/inbox"
	"potli/app/message"
	"potli/app/relayclient"
	"potli/app/relayclient/direct"
	"potli/e2e/output"
)

// The tests of this command run it against the real relay, a process with a store
// on disk and a log, and a wallet's inbox at the other end.

// canaries are what must be in no file and no log of the relay, and in no word on
// standard error.
var canaries = []string{"ZORBELGAR", "zorbelgar-report", "Canary Clinic", "CANARYNOTE", "Asha Canary"}

var ctx = context.Background()

// relay is the real program.
type relay struct {
	url, dir string
	log      *output.Lines
}

var theProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "potli-clinic")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "potli"), "potli/relay/cmd/relay").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return filepath.Join(dir, "potli"), nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := theProgram(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

func startRelay(t *testing.T) *relay {
	t.Helper()
	path, err := theProgram()
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{dir: t.TempDir(), log: &output.Lines{}}
	cmd := exec.Command(path, "serve", "-log", "json", "-only", "relay", "-rate", "0/0", "-data", r.dir, "-relay-addr", "localhost:0")
	cmd.Env = []string{"HOME=" + t.TempDir()}
	cmd.Stdout, cmd.Stderr = r.log, r.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() { cmd.Wait(); close(gone) }()
	t.Cleanup(func() { cmd.Process.Kill(); <-gone })
	for deadline := time.Now().Add(30 * time.Second); r.url == ""; time.Sleep(10 * time.Millisecond) {
		for s := bufio.NewScanner(strings.NewReader(r.log.String())); s.Scan(); {
			var line struct{ Msg, Door, On string }
			if json.Unmarshal(s.Bytes(), &line) == nil && line.Msg == "listening" && line.Door == "relay" {
				r.url = line.On
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the relay does not say where it listens:\n%s", r.log)
		}
	}
	if !strings.Contains(r.url, "://") {
		r.url = "http://" + r.url
	}
	r.url = strings.Replace(r.url, "127.0.0.1", "localhost", 1)
	return r
}

func (r *relay) client() *relayclient.Client { return relayclient.New(r.url, direct.HTTP{}, nil) }

// holds fails for each secret that lies readable in the relay's store or log.
func (r *relay) holds(t *testing.T, secrets ...string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		files++
		for _, s := range secrets {
			if bytes.Contains(b, []byte(s)) {
				t.Errorf("the relay's %s holds %q", filepath.Base(path), s)
			}
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("looked at %d files: %v", files, err)
	}
	for _, s := range secrets {
		if strings.Contains(r.log.String(), s) {
			t.Errorf("the relay's log holds %q", s)
		}
	}
}

// ran is what a run of the command left.
type ran struct {
	code     int
	out, err string
}

// potliClinic runs the command; its settings are in a folder of the test's.
func potliClinic(t *testing.T, in string, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(t.TempDir(), "config"))
	p := program{args, func(string) string { return "" }, strings.NewReader(in), &out, &errs, time.Now}
	r := ran{code: p.run(ctx)}
	r.out, r.err = out.String(), errs.String()
	for _, c := range append(canaries, "drop#", "shlink:/") {
		if strings.Contains(r.err, c) {
			t.Errorf("standard error holds %q: %s", c, r.err)
		}
	}
	return r
}

// wallet is the other end: an inbox, and where it is kept.
type wallet struct {
	inbox.Inbox
	mail   inbox.Mail
	bodies map[string][]byte
}

func newWallet(r *relay) *wallet {
	return &wallet{mail: relayclient.Drops(r.client()), bodies: map[string][]byte{}}
}

func (w *wallet) Keep(_ context.Context, _ *inbox.Drop, a *inbox.Arrival) error {
	if a != nil {
		w.bodies[a.Item.ID] = a.Body
	}
	return nil
}

// drop makes a code and returns it as a link.
func (w *wallet) drop(t *testing.T, r *relay, edit func(*inbox.Terms)) (*inbox.Drop, string) {
	t.Helper()
	terms := inbox.Terms{Profile: "asha", Name: "Asha Canary", Relay: r.url, Life: time.Hour, Most: 5, Bytes: 1 << 20}
	if edit != nil {
		edit(&terms)
	}
	d, err := inbox.NewDrop(terms, time.Now(), nil)
	if err == nil {
		err = d.Open(ctx, w.mail, time.Now)
	}
	if err != nil {
		t.Fatal(err)
	}
	link, err := d.Link("https://view.example")
	if err != nil {
		t.Fatal(err)
	}
	w.Drops = append(w.Drops, d)
	return d, link
}

func (w *wallet) collect(t *testing.T, d *inbox.Drop) []*message.Message {
	t.Helper()
	r, err := w.Collect(ctx, w.mail, d, w, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var list []*message.Message
	for _, it := range r.Arrived {
		m, err := message.Parse(w.bodies[it.ID])
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

var (
	report = []byte("%PDF-1.4\n% ZORBELGAR haemoglobin 13.2\nstartxref\n0\n%%EOF\n")
	rx     = []byte(`{"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"ZORBELGAR"},"subject":{"reference":"Patient/1"}}`)
)

func write(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
