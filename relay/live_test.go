package relay_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/keys"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// timers are those of a handler, which run out when a test says so.
type timers struct{ up chan time.Time }

func newTimers() *timers { return &timers{make(chan time.Time)} }

func (ts *timers) timer(time.Duration) (<-chan time.Time, func()) { return ts.up, func() {} }

// runOut lets one timer that somebody waits for run out.
func (ts *timers) runOut() { ts.up <- time.Time{} }

func deposit(t *testing.T, m *storetest.Mailbox, seed string) {
	t.Helper()
	if a := m.Deposit(t, seed, storetest.Sealed(seed, 1024)); a.Status != http.StatusCreated {
		t.Fatalf("deposit: %d %s", a.Status, a.Body)
	}
}

// patiently calls f until it is true.
func patiently(t *testing.T, what string, f func() bool) {
	t.Helper()
	for range 3000 {
		if f() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}

// waitFor asks for entries after a number in the background.
func waitFor(t *testing.T, m *storetest.Mailbox, after int64) <-chan storetest.Answer {
	got := make(chan storetest.Answer, 1)
	go func() {
		a, err := m.Try("GET", fmt.Sprintf("%s%s/entries?after=%d&wait=25", wire.MailboxesPath, m.ID, after), nil,
			storetest.Headers{"Authorization", "Bearer " + m.Token})
		if err != nil {
			t.Error(err)
		}
		got <- a
	}()
	return got
}

// TestWaitIsWoken: no timer ever runs out here, so that each answer is due to
// what happened.
func TestWaitIsWoken(t *testing.T) {
	w := newWorld(t, func(o *relay.Options) { o.Timer = newTimers().timer })
	m := w.OpenMailbox(t, "", nil)
	got := waitFor(t, m, 0)
	deposit(t, m, "a")
	if n := storetest.Numbers(storetest.Decode[wire.Entries](t, <-got, 200)); !slices.Equal(n, []int64{1}) {
		t.Errorf("got %v", n)
	}
	// What was acknowledged by another device is nothing to be told of.
	if a := m.Call(t, "POST", "/ack", `{"seqs":[1]}`); a.Status != http.StatusNoContent {
		t.Fatal(a.Status)
	}
	got = waitFor(t, m, 0)
	deposit(t, m, "b")
	if n := storetest.Numbers(storetest.Decode[wire.Entries](t, <-got, 200)); !slices.Equal(n, []int64{2}) {
		t.Errorf("got %v", n)
	}
	got = waitFor(t, m, 2)
	if a := m.Call(t, "DELETE", "", nil); a.Status != http.StatusNoContent {
		t.Fatal(a.Status)
	}
	if a := <-got; a.Status != http.StatusNotFound {
		t.Errorf("after closing: %d", a.Status)
	}
}

func TestWaitRunsOut(t *testing.T) {
	ts := newTimers()
	w := newWorld(t, func(o *relay.Options) { o.Timer = ts.timer })
	m := w.OpenMailbox(t, "", nil)
	got := waitFor(t, m, 0)
	ts.runOut()
	if list := storetest.Decode[wire.Entries](t, <-got, 200); len(list.Entries) != 0 || list.More {
		t.Errorf("got %+v", list)
	}
	got = waitFor(t, m, 0)
	patiently(t, "somebody waits", func() bool { return w.handler.Listening() == 1 })
	w.clock.move(2 * time.Hour)
	ts.runOut()
	if a := <-got; a.Status != http.StatusNotFound {
		t.Errorf("after its end: %d", a.Status)
	}
}

// TestLiveBeats: a comment now and then, and an end with the mailbox.
func TestLiveBeats(t *testing.T) {
	ts := newTimers()
	w := newWorld(t, func(o *relay.Options) { o.Timer = ts.timer })
	m := w.OpenMailbox(t, "", nil)
	lines, _ := m.Live(t)
	if got := storetest.NextEvent(lines); got != storetest.Event(0) {
		t.Fatalf("got %q", got)
	}
	for range 3 {
		ts.runOut()
		if got := <-lines; got != ":" {
			t.Fatalf("got %q, want a comment", got)
		}
	}
	w.clock.move(2 * time.Hour)
	ts.runOut()
	if got, open := <-lines; open {
		t.Errorf("after the end: %q", got)
	}
}

// TestListenersAreBounded: so many at one mailbox, so many of one network, and a
// place is free again when somebody goes.
func TestListenersAreBounded(t *testing.T) {
	w := newWorld(t, func(o *relay.Options) {
		o.Timer = newTimers().timer
		o.Limits.Listeners = 4 * 40 // of which one network gets a quarter
	})
	a, b := w.OpenMailbox(t, "a", nil), w.OpenMailbox(t, "b", nil)
	var hangUps []func()
	listen := func(m *storetest.Mailbox) {
		lines, hangUp := m.Live(t)
		if got := storetest.NextEvent(lines); got != storetest.Event(0) {
			t.Fatalf("got %q", got)
		}
		hangUps = append(hangUps, hangUp)
	}
	for range relay.ListenersEach {
		listen(a)
	}
	refused := func(m *storetest.Mailbox, status int) {
		t.Helper()
		for _, path := range []string{"/live", "/entries?wait=25"} {
			if got := m.Call(t, "GET", path, nil); got.Status != status || got.Header.Get("Retry-After") == "" {
				t.Errorf("%s: got %d, want %d", path, got.Status, status)
			}
		}
	}
	refused(a, http.StatusTooManyRequests)
	for range 40 - relay.ListenersEach {
		listen(b)
	}
	refused(b, http.StatusServiceUnavailable)
	if got := b.Call(t, "GET", "/entries", nil); got.Status != http.StatusOK {
		t.Errorf("without waiting: %d", got.Status)
	}
	for _, hangUp := range hangUps {
		hangUp()
	}
	patiently(t, "places are free again", func() bool { return w.handler.Listening() == 0 })
	listen(b)
}

// TestEndLive: all who wait are answered, and nobody waits any more.
func TestEndLive(t *testing.T) {
	w := newWorld(t, func(o *relay.Options) { o.Timer = newTimers().timer })
	m := w.OpenMailbox(t, "", nil)
	lines, _ := m.Live(t)
	storetest.NextEvent(lines)
	got := waitFor(t, m, 0)
	for range 2 {
		w.handler.EndLive()
	}
	if line, open := <-lines; open {
		t.Errorf("the stream goes on: %q", line)
	}
	if list := storetest.Decode[wire.Entries](t, <-got, 200); len(list.Entries) != 0 {
		t.Errorf("got %+v", list)
	}
	storetest.Decode[wire.Entries](t, <-waitFor(t, m, 0), 200)
	lines, _ = m.Live(t)
	if first, next := storetest.NextEvent(lines), storetest.NextEvent(lines); first != storetest.Event(0) || next != "" {
		t.Errorf("a new stream: %q and %q", first, next)
	}
}

// TestPoll: what one relay takes wakes those who wait at another one over the
// same store.
func TestPoll(t *testing.T) {
	w := newWorld(t, func(o *relay.Options) { o.Timer = newTimers().timer })
	second := newWorld(t, func(o *relay.Options) { o.Store, o.Timer = w.store, newTimers().timer })
	m := w.OpenMailbox(t, "", nil)
	there := *m
	there.Client = second.Client
	lines, _ := there.Live(t)
	if got := storetest.NextEvent(lines); got != storetest.Event(0) {
		t.Fatalf("got %q", got)
	}
	waiting := waitFor(t, &there, 0)
	deposit(t, m, "a")
	poll := func() {
		if err := second.handler.Poll(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	patiently(t, "the other relay's listeners hear of it", func() bool {
		poll()
		return len(waiting) == 1 && len(lines) == 2
	})
	for range 20 { // once is enough
		poll()
	}
	deposit(t, m, "b")
	patiently(t, "and again", func() bool { poll(); return len(lines) == 4 })
	for want := range int64(2) {
		if got := storetest.NextEvent(lines); got != storetest.Event(want+1) {
			t.Errorf("got %q, want %q", got, storetest.Event(want+1))
		}
	}
}

func TestPublish(t *testing.T) {
	var mailbox atomic.Value
	var highest atomic.Int64
	w := newWorld(t, func(o *relay.Options) {
		o.WebSocket = true
		o.Publish = func(m string, seq int64) { mailbox.Store(m); highest.Store(seq) }
	})
	m := w.OpenMailbox(t, "", nil)
	for i := range 3 {
		deposit(t, m, fmt.Sprint(i))
		if hash, _ := keys.HashID(m.ID); highest.Load() != int64(i+1) || mailbox.Load() != hash {
			t.Errorf("published %v, %d", mailbox.Load(), highest.Load())
		}
	}
	if a := m.Call(t, "GET", "/live", nil); a.Status != http.StatusNoContent {
		t.Errorf("live: %d", a.Status)
	}
	about := storetest.Decode[wire.About](t, w.Do(t, "GET", wire.AboutPath, nil, nil), 200)
	if want := []string{wire.LivePoll, wire.LiveWebSocket}; !slices.Equal(about.Live, want) {
		t.Errorf("got %v, want %v", about.Live, want)
	}
}

// TestDepositBudget: deposits count towards what the relay keeps in all.
func TestDepositBudget(t *testing.T) {
	w := newWorld(t, func(o *relay.Options) { o.Limits.Stored = 10_000 })
	m := w.OpenMailbox(t, "", nil)
	for i := range 6 {
		deposit(t, m, fmt.Sprint(i)) // of 1,500 bytes
	}
	refused := func() {
		t.Helper()
		if a := m.Deposit(t, "more", storetest.Sealed("more", 1024)); a.Status != http.StatusServiceUnavailable {
			t.Errorf("got %d, want 503", a.Status)
		}
	}
	refused()
	if err := w.handler.Purge(context.Background()); err != nil {
		t.Fatal(err)
	}
	refused()
	if a := m.Call(t, "POST", "/ack", `{"seqs":[1,2]}`); a.Status != http.StatusNoContent {
		t.Fatal(a.Status)
	}
	if err := w.handler.Purge(context.Background()); err != nil {
		t.Fatal(err)
	}
	deposit(t, m, "more")
}
