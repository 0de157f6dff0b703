//go:build js

package browser_test

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"syscall/js"
	"testing"
	"time"

	"golang.org/x/crypto/scrypt"

	"potli/app/vault"
	"potli/wasm/browser"
)

// pool is one for all tests: the Trusted Types policy can be made once a page.
var pool = sync.OnceValue(func() *browser.Workers { return browser.NewWorkers("/worker.js", "/web/app.wasm") })

func TestJob(t *testing.T) {
	onPage(t)
	w := pool()
	t.Cleanup(w.Stop)
	var seen []int
	out, err := w.Run(t.Context(), "upper", []byte("namaste"), func(done, total int) { seen = append(seen, done) })
	if err != nil || string(out) != "NAMASTE" {
		t.Fatalf("got %q, %v", out, err)
	}
	if len(seen) == 0 || seen[len(seen)-1] != 3 {
		t.Errorf("progress: got %v, want it to end with 3", seen)
	}
	for _, in := range [][]byte{nil, {}, make([]byte, 8<<20)} {
		if out, err := w.Run(t.Context(), "upper", in, nil); err != nil || len(out) != len(in) {
			t.Errorf("%d bytes: got %d, %v", len(in), len(out), err)
		}
	}
}

func TestJobErrorsKeepTheirIdentity(t *testing.T) {
	onPage(t)
	w := pool()
	t.Cleanup(w.Stop)
	if _, err := w.Run(t.Context(), "full", nil, nil); !errors.Is(err, vault.ErrFull) {
		t.Errorf("got %v, want vault.ErrFull", err)
	}
	if _, err := w.Run(t.Context(), "none", nil, nil); err == nil || !strings.Contains(err.Error(), "no such job") {
		t.Errorf("unknown job: got %v", err)
	}
	if _, err := w.Run(t.Context(), "panic", []byte("x"), nil); err == nil || errors.Is(err, browser.ErrWorker) {
		t.Errorf("a job that panics: got %v, want an error of the job", err)
	}
	if out, err := w.Run(t.Context(), "upper", []byte("a"), nil); err != nil || string(out) != "A" {
		t.Errorf("after a panic: got %q, %v", out, err)
	}
}

func TestWorkerThatDies(t *testing.T) {
	onPage(t)
	w := pool()
	t.Cleanup(w.Stop)
	if _, err := w.Run(t.Context(), "exit", nil, nil); !errors.Is(err, browser.ErrWorker) {
		t.Errorf("got %v, want ErrWorker", err)
	}
	if out, err := w.Run(t.Context(), "upper", []byte("a"), nil); err != nil || string(out) != "A" {
		t.Errorf("the next job: got %q, %v", out, err)
	}
}

func TestCancelEndsTheWorker(t *testing.T) {
	onPage(t)
	w := pool()
	t.Cleanup(w.Stop)
	w.Run(t.Context(), "upper", nil, nil) // started
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := w.Run(ctx, "spin", nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("cancelling took %v", took)
	}
	if out, err := w.Run(t.Context(), "upper", []byte("a"), nil); err != nil || string(out) != "A" {
		t.Errorf("the next job: got %q, %v", out, err)
	}
}

func TestTwoAtOnceAndNoMore(t *testing.T) {
	onPage(t)
	w := pool()
	t.Cleanup(w.Stop)
	ids := make(chan string, 8)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			out, err := w.Run(t.Context(), "id", nil, nil)
			if err != nil {
				t.Error(err)
			}
			ids <- string(out)
		})
	}
	all.Wait()
	close(ids)
	distinct := map[string]bool{}
	for id := range ids {
		distinct[id] = true
	}
	if len(distinct) != 2 {
		t.Errorf("8 jobs ran in %d workers, want 2", len(distinct))
	}
}

// The page must not freeze while the passphrase is stretched (at most 50 ms
// between two frames), and the worker's 128 MiB must not stay.
func TestScryptLeavesThePageAlone(t *testing.T) {
	onPage(t)
	w := pool()
	t.Cleanup(w.Stop)
	before, err := w.Run(t.Context(), "id", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	// A page that computes by itself stands still for as long as that takes, in
	// every round; on a machine that is busy with something else it does in some.
	share, got := 1.0, []byte(nil)
	for round := 0; round < 5 && share > 0.25; round++ {
		js.Global().Call("gapStart")
		begin := time.Now()
		got, err = w.Run(t.Context(), "scrypt", []byte("correct-horse"), nil)
		took := time.Since(begin)
		this := js.Global().Call("gapStop").Float()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("FIGURE scrypt 2^17 in a worker: %d ms; longest gap of the page: %.1f ms", took.Milliseconds(), this)
		share = min(share, this/float64(max(1, took.Milliseconds())))
	}
	if share > 0.25 {
		t.Errorf("the page stood still for %.0f %% of the work at least", 100*share)
	}
	want, err := scrypt.Key([]byte("correct-horse"), []byte("salt and pepper!"), 1<<17, 8, 1, 32)
	if err != nil || hex.EncodeToString(got) != hex.EncodeToString(want) {
		t.Errorf("got %x, want %x (%v)", got, want, err)
	}
	after, err := w.Run(t.Context(), "id", nil, nil)
	if err != nil || string(after) == string(before) {
		t.Errorf("the large worker was kept (%v)", err)
	}
}

// Trusted Types: a worker can be made of one address only.
func TestWorkerPolicy(t *testing.T) {
	onPage(t)
	pool()
	if !js.Global().Get("trustedTypes").Truthy() {
		t.Skip("no Trusted Types here")
	}
	for _, url := range []string{"/worker.js", "data:text/javascript,0", "/web/other.js"} {
		if js.Global().Call("throws", "Worker", url).String() != "TypeError" {
			t.Errorf("new Worker(%q) with a plain string did not throw", url)
		}
	}
}
