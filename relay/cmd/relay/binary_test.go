package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"potli/e2e/output"
	"potli/relay/storetest"
)

// The tests of this file and those beside it run the real program: what it prints,
// how it ends and what connections it bears are not to be seen from inside.

var theProgram = struct {
	once sync.Once
	dir  string
	err  error
}{}

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(theProgram.dir)
	os.Exit(code)
}

// built returns the program, built once.
func built(t *testing.T) string {
	t.Helper()
	theProgram.once.Do(func() {
		if theProgram.dir, theProgram.err = os.MkdirTemp("", "potli"); theProgram.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", filepath.Join(theProgram.dir, "potli"), ".").CombinedOutput()
		if err != nil {
			theProgram.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if theProgram.err != nil {
		t.Fatal(theProgram.err)
	}
	return filepath.Join(theProgram.dir, "potli")
}

// process is a running program that logs as JSON.
type process struct {
	config
	on   map[string]string // by door, where it listens
	cmd  *exec.Cmd
	out  *output.Lines // what it printed
	log  *output.Lines // what it logged
	gone chan struct{}
	err  error // how it ended, once gone
}

// launch runs the program over the files and the data folder of c. It is killed
// when the test ends.
func launch(t *testing.T, c config, args ...string) *process {
	t.Helper()
	p := &process{config: c, out: &output.Lines{}, log: &output.Lines{}, gone: make(chan struct{})}
	p.cmd = exec.Command(built(t), append([]string{"serve", "-log", "json", "-data", c.data, "-app-dir", c.appDir, "-viewer-dir", c.viewerDir,
		"-app-addr", c.appAddr, "-relay-addr", c.relayAddr, "-viewer-addr", c.viewerAddr, "-admin-addr", "localhost:0"}, args...)...)
	p.cmd.Env = []string{"HOME=" + t.TempDir()}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.err = p.cmd.Wait(); close(p.gone) }()
	t.Cleanup(func() { p.cmd.Process.Kill(); <-p.gone })
	until(t, "it listens", func() bool {
		p.on = p.doors()
		return p.on["relay"] != "" || p.on["https"] != "" || p.ended()
	})
	if p.ended() {
		t.Fatalf("it ended at once: %v\n%s", p.err, p.log)
	}
	return p
}

func (p *process) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// doors reads the log, which must be JSON to the last line.
func (p *process) doors() map[string]string {
	on := map[string]string{}
	for s := bufio.NewScanner(strings.NewReader(p.log.String())); s.Scan(); {
		var line struct{ Msg, Door, On string }
		if json.Unmarshal(s.Bytes(), &line) == nil && line.Msg == "listening" {
			on[line.Door] = line.On
		}
	}
	return on
}

// stop asks the program to end and waits for it.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.await(t)
}

// await waits for the end of a program that was asked to end: asked twice, it
// would drop everything.
func (p *process) await(t *testing.T) {
	t.Helper()
	select {
	case <-p.gone:
	case <-time.After(time.Minute):
		t.Fatal("still running a minute after SIGTERM")
	}
	if p.err != nil {
		t.Errorf("ended with %v\n%s", p.err, p.log)
	}
}

// client calls the relay.
func (p *process) client(app string) storetest.Client {
	return storetest.Client{Base: "http://" + p.on["relay"], App: app, HTTP: &http.Client{Timeout: time.Minute}, Now: time.Now}
}

// until waits for a condition with patience.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited two minutes until %s", what)
		}
	}
}
