// Package blobstest is the contract of vault.Blobs, as tests that every
// implementation runs, and Faulty, a store that fails on purpose.
package blobstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"

	"potli/app/vault"
)

// Reopener is a store that can be closed and opened on the same bytes again, as
// a restart would. Run uses it where it is there.
type Reopener interface {
	Reopen(t *testing.T) vault.Blobs
}

// Run holds a store against the contract. open returns an empty store each time
// it is called.
func Run(t *testing.T, open func(t *testing.T) vault.Blobs) {
	reopen := func(t *testing.T, b vault.Blobs) vault.Blobs {
		if r, ok := b.(Reopener); ok {
			return r.Reopen(t)
		}
		return b
	}
	for _, tt := range []struct {
		name string
		run  func(t *testing.T, b vault.Blobs, reopen func(vault.Blobs) vault.Blobs)
	}{
		{"what was put is there", testPut},
		{"what was never put is not found", testNotFound},
		{"delete", testDelete},
		{"list by prefix", testList},
		{"bytes are copies", testCopies},
		{"empty and large", testSizes},
		{"odd names", testNames},
		{"many at once", testParallel},
		{"a cancelled context writes nothing", testCancelled},
		{"erase", testErase},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.run(t, open(t), func(b vault.Blobs) vault.Blobs { return reopen(t, b) })
		})
	}
}

func put(t *testing.T, b vault.Blobs, m map[string][]byte, del ...string) {
	t.Helper()
	if err := b.Commit(context.Background(), vault.Batch{Put: m, Delete: del}); err != nil {
		t.Fatalf("Commit: %v", err)
	}
}

func want(t *testing.T, b vault.Blobs, name string, body []byte) {
	t.Helper()
	got, err := b.Get(context.Background(), name)
	if err != nil || !bytes.Equal(got, body) {
		t.Errorf("Get(%q) = %d bytes, %v; want %d bytes", name, len(got), err, len(body))
	}
}

func wantNone(t *testing.T, b vault.Blobs, name string) {
	t.Helper()
	if got, err := b.Get(context.Background(), name); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Get(%q) = %d bytes, %v; want ErrNotFound", name, len(got), err)
	}
}

func wantNames(t *testing.T, b vault.Blobs, prefix string, names ...string) {
	t.Helper()
	got, err := b.List(context.Background(), prefix)
	if err != nil {
		t.Fatalf("List(%q): %v", prefix, err)
	}
	slices.Sort(got)
	slices.Sort(names)
	if !slices.Equal(got, names) {
		t.Errorf("List(%q) = %q, want %q", prefix, got, names)
	}
}

func testPut(t *testing.T, b vault.Blobs, reopen func(vault.Blobs) vault.Blobs) {
	put(t, b, map[string][]byte{"head": []byte("one"), "rec/a": []byte("A"), "rec/b": {0, 255, 10}})
	put(t, b, map[string][]byte{"head": []byte("two")})
	b = reopen(b)
	want(t, b, "head", []byte("two"))
	want(t, b, "rec/a", []byte("A"))
	want(t, b, "rec/b", []byte{0, 255, 10})
}

func testNotFound(t *testing.T, b vault.Blobs, _ func(vault.Blobs) vault.Blobs) {
	wantNone(t, b, "head")
	put(t, b, map[string][]byte{"rec/ab": []byte("x")})
	wantNone(t, b, "rec/a")
	wantNone(t, b, "rec/")
}

func testDelete(t *testing.T, b vault.Blobs, reopen func(vault.Blobs) vault.Blobs) {
	put(t, b, map[string][]byte{"a": []byte("1"), "b": []byte("2"), "c": []byte("3")})
	put(t, b, map[string][]byte{"d": []byte("4")}, "a", "never there", "b")
	put(t, b, nil)
	b = reopen(b)
	wantNone(t, b, "a")
	wantNone(t, b, "b")
	want(t, b, "c", []byte("3"))
	want(t, b, "d", []byte("4"))
}

func testList(t *testing.T, b vault.Blobs, reopen func(vault.Blobs) vault.Blobs) {
	wantNames(t, b, "")
	x := []byte("x")
	put(t, b, map[string][]byte{"head": x, "rec/a": x, "rec/b": x, "rec0": x, "record": x, "side/a": x})
	b = reopen(b)
	wantNames(t, b, "rec/", "rec/a", "rec/b")
	wantNames(t, b, "rec", "rec/a", "rec/b", "rec0", "record")
	wantNames(t, b, "none/")
	wantNames(t, b, "", "head", "rec/a", "rec/b", "rec0", "record", "side/a")
}

func testCopies(t *testing.T, b vault.Blobs, _ func(vault.Blobs) vault.Blobs) {
	body := []byte("as it was")
	put(t, b, map[string][]byte{"a": body})
	body[0] = 'X'
	got, err := b.Get(context.Background(), "a")
	if err != nil {
		t.Fatal(err)
	}
	got[1] = 'X'
	want(t, b, "a", []byte("as it was"))
}

func testSizes(t *testing.T, b vault.Blobs, reopen func(vault.Blobs) vault.Blobs) {
	large := make([]byte, 3<<20)
	for i := range large {
		large[i] = byte(i * 7 >> 3)
	}
	put(t, b, map[string][]byte{"empty": {}, "large": large})
	b = reopen(b)
	want(t, b, "empty", nil)
	want(t, b, "large", large)
}

func testNames(t *testing.T, b vault.Blobs, _ func(vault.Blobs) vault.Blobs) {
	m := make(map[string][]byte)
	for _, name := range []string{"rec/__proto__", "constructor", "rec/-_azAZ09", "a/b/c", "%2e%2e", "rec/\x7e"} {
		m[name] = []byte(name)
	}
	put(t, b, m)
	for name, body := range m {
		want(t, b, name, body)
	}
	wantNames(t, b, "", slices.Collect(maps.Keys(m))...)
}

func testParallel(t *testing.T, b vault.Blobs, reopen func(vault.Blobs) vault.Blobs) {
	const workers, each = 8, 20
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				name := "rec/" + strconv.Itoa(w) + "-" + strconv.Itoa(i)
				batch := vault.Batch{Put: map[string][]byte{name: []byte(name), "head": []byte(name)}}
				if err := b.Commit(context.Background(), batch); err != nil {
					t.Errorf("Commit: %v", err)
				}
				if _, err := b.List(context.Background(), "rec/"); err != nil {
					t.Errorf("List: %v", err)
				}
				want(t, b, name, []byte(name))
			}
		})
	}
	wg.Wait()
	b = reopen(b)
	if names, _ := b.List(context.Background(), "rec/"); len(names) != workers*each {
		t.Errorf("%d names, want %d", len(names), workers*each)
	}
}

func testCancelled(t *testing.T, b vault.Blobs, reopen func(vault.Blobs) vault.Blobs) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := b.Commit(ctx, vault.Batch{Put: map[string][]byte{"a": []byte("1")}}); err == nil {
		t.Error("Commit under a cancelled context returned nil")
	}
	b = reopen(b)
	wantNone(t, b, "a")
}

func testErase(t *testing.T, b vault.Blobs, reopen func(vault.Blobs) vault.Blobs) {
	put(t, b, map[string][]byte{"head": []byte("x"), "rec/a": []byte("y")})
	if err := b.Erase(context.Background()); err != nil {
		t.Fatalf("Erase: %v", err)
	}
	b = reopen(b)
	wantNone(t, b, "head")
	wantNames(t, b, "")
	put(t, b, map[string][]byte{"head": []byte("again")})
	want(t, b, "head", []byte("again"))
}

// Faulty wraps a store and fails when it is told to. The zero plan fails never.
// Safe for concurrent use.
type Faulty struct {
	vault.Blobs

	mu      sync.Mutex
	commits int
	plan    map[int]Fate
	dead    bool
	room    int // bytes a commit may hold; 0: any
}

// Fate is what becomes of a commit.
type Fate int

const (
	Refuse    Fate = iota + 1 // an error, nothing written, everything goes on
	Forget                    // an error, but it was written: the answer was lost
	DieBefore                 // the machine stops before anything was written
	DieAfter                  // the machine stops after all was written, before the answer
	Full                      // ErrFull, nothing written
)

// ErrInjected is what Faulty fails with; ErrDead after it has died.
var (
	ErrInjected = errors.New("injected failure")
	ErrDead     = fmt.Errorf("the machine has stopped: %w", vault.ErrGone)
)

// At plans the fate of the n-th commit from now, counting from 1.
func (f *Faulty) At(n int, fate Fate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.plan == nil {
		f.plan = make(map[int]Fate)
	}
	f.plan[f.commits+n] = fate
}

// Commits counts the commits so far.
func (f *Faulty) Commits() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.commits
}

// Limit makes every commit of more than n bytes fail with ErrFull; 0 lifts it.
func (f *Faulty) Limit(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.room = n
}

// Commit passes b on, or does what was planned.
func (f *Faulty) Commit(ctx context.Context, b vault.Batch) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return ErrDead
	}
	f.commits++
	if n := weight(b); f.room > 0 && n > f.room {
		return vault.ErrFull
	}
	switch f.plan[f.commits] {
	case Refuse:
		return ErrInjected
	case Full:
		return vault.ErrFull
	case DieBefore:
		f.dead = true
		return ErrDead
	case DieAfter:
		f.dead = true
		_ = f.Blobs.Commit(ctx, b)
		return ErrDead
	case Forget:
		_ = f.Blobs.Commit(ctx, b)
		return ErrInjected
	}
	return f.Blobs.Commit(ctx, b)
}

func weight(b vault.Batch) (n int) {
	for _, body := range b.Put {
		n += len(body)
	}
	return n
}

// Get fails once the machine has stopped.
func (f *Faulty) Get(ctx context.Context, name string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return nil, ErrDead
	}
	return f.Blobs.Get(ctx, name)
}

// List fails once the machine has stopped.
func (f *Faulty) List(ctx context.Context, prefix string) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return nil, ErrDead
	}
	return f.Blobs.List(ctx, prefix)
}
