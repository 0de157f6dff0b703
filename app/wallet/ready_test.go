package wallet_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"potli/app/share"
	"potli/app/vault"
	"potli/app/wallet"
)

// readyBoard is a board that can be read back.
type readyBoard struct{ board }

func (b *readyBoard) Read(context.Context) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.body, nil
}

// plainView is what lies open, without words.
func plainView(_ context.Context, c wallet.ReadyCode) ([]byte, error) {
	return json.Marshal(map[string]any{"link": c.Link, "until": c.Until.UnixMilli()})
}

func newReady(t *testing.T) (*bench, *readyBoard, share.Share) {
	t.Helper()
	b := newBench(t)
	open := &readyBoard{}
	b.deps.Ready, b.deps.ReadyView = open, plainView
	b.restart()
	b.create()
	b.importOne(file("a.json", []byte(allergy)))
	p, err := b.PrepareCounter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b, open, b.share(p)
}

func (b *bench) ready(id string) {
	b.t.Helper()
	if err := b.SetReady(b.t.Context(), id, true); err != nil {
		b.t.Fatal(err)
	}
}

// TestReadyHoldsTheCodeAlone: nothing lies open unasked; then what the code holds and when it ends, and no word of whose
// it is or what is in it. It stays when the wallet is locked, since it is for that.
func TestReadyHoldsTheCodeAlone(t *testing.T) {
	b, open, s := newReady(t)
	if open.body != "" {
		t.Fatalf("unasked lies open: %s", open.body)
	}
	b.ready(s.ID)
	var got map[string]any
	if err := json.Unmarshal([]byte(open.body), &got); err != nil || len(got) != 2 || got["link"] != s.Link().Prefixed("https://viewer.test/") || got["until"] != float64(s.Ends().UnixMilli()) {
		t.Errorf("open lies %s (%v)", open.body, err)
	}
	for _, no := range []string{"Meera", "Penicillin", string(s.Profile), s.ID} {
		if strings.Contains(open.body, no) {
			t.Errorf("%q lies open", no)
		}
	}
	b.Lock()
	b.restart()
	if !open.has("shlink") {
		t.Error("locking took it away")
	}
	b.unlock()
	if b.Snapshot().Ready != s.ID || !open.has("shlink") {
		t.Error("unlocking took it away")
	}
}

// interrupted are blobs that do something once, before the next one is read.
type interrupted struct {
	vault.Blobs
	next atomic.Pointer[func()]
}

func (i *interrupted) Get(ctx context.Context, name string) ([]byte, error) {
	if do := i.next.Swap(nil); do != nil {
		(*do)()
	}
	return i.Blobs.Get(ctx, name)
}

// TestReadyStaysWhenLockedMeanwhile: whoever locks while the program looks at what lies open takes nothing away.
func TestReadyStaysWhenLockedMeanwhile(t *testing.T) {
	b := newBench(t)
	open, blobs := &readyBoard{}, &interrupted{Blobs: b.deps.Blobs}
	b.deps.Ready, b.deps.ReadyView, b.deps.Blobs = open, plainView, blobs
	b.restart()
	b.create()
	b.importOne(file("a.json", []byte(allergy)))
	p, err := b.PrepareCounter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := b.share(p)
	b.ready(s.ID)
	lock := func() {
		go b.Lock()
		b.until(func(s *wallet.Snapshot) bool { return s.Phase != wallet.PhaseOpen })
	}
	blobs.next.Store(&lock)
	err = b.SetReady(t.Context(), s.ID, true) // which says so, where it was locked before it had begun
	if b.Snapshot().Phase == wallet.PhaseOpen {
		t.Fatalf("nothing was read, so nothing was locked: %v", err)
	}
	if !open.has("shlink") {
		t.Error("locking took it away")
	}
}

// TestReadyStaysGone: a link that goes on is not laid open again unasked; one that lives longer lies there with its new end.
func TestReadyStaysGone(t *testing.T) {
	b, open, s := newReady(t)
	b.ready(s.ID)
	before := open.body
	if err := b.Extend(t.Context(), s.ID, time.Hour); err != nil {
		t.Fatal(err)
	}
	for range 2_000 {
		if text, _ := open.Read(t.Context()); text != before {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if text, _ := open.Read(t.Context()); text == before || !open.has("shlink") {
		t.Error("it lies there with its old end")
	}
	if err := b.Pause(t.Context(), s.ID, true); err != nil {
		t.Fatal(err)
	}
	open.becomes(t, "shlink", false)
	b.until(func(s *wallet.Snapshot) bool { return s.Ready == "" })
	if err := b.Pause(t.Context(), s.ID, false); err != nil {
		t.Fatal(err)
	}
	b.Lock()
	b.restart()
	b.unlock()
	b.Tick(t.Context())
	if text, _ := open.Read(t.Context()); text != "" || b.Snapshot().Ready != "" {
		t.Errorf("it lies there again: %s", text)
	}
}

// TestReadyNotEverything: what cannot be opened, and what is not there, does not lie open; nor what a broken page left.
func TestReadyNotEverything(t *testing.T) {
	b, open, s := newReady(t)
	if err := b.SetReady(t.Context(), "none", true); !errors.Is(err, wallet.ErrNoShare) {
		t.Errorf("no such link: %v", err)
	}
	if err := b.Revoke(t.Context(), s.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.SetReady(t.Context(), s.ID, true); !errors.Is(err, wallet.ErrNotReady) || open.body != "" {
		t.Errorf("a link that was taken back: %v, %s", err, open.body)
	}
	for _, left := range []string{"{", "null", `{"until": "soon"}`} {
		open.body = left
		b.restart()
		if open.body != "" {
			t.Errorf("%s stays", left)
		}
	}
}
