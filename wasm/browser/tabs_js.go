//go:build js

package browser

import (
	"context"
	"errors"
	"sync"
	"syscall/js"
	"time"

	"potli/app/wallet"
)

// Tabs is wallet.Tabs: Web Locks and a channel join the tabs of one browser profile
// (R6). The browser gives a lock back when its page goes, however it went, and does
// not freeze a page that holds one.
type Tabs struct {
	mu      sync.Mutex // owns what follows
	leads   bool
	channel js.Value // undefined until it is used
}

var _ wallet.Tabs = (*Tabs)(nil)

// ErrNoLocks: without the Web Locks API two tabs could write at once.
var ErrNoLocks = errors.New("this browser has no Web Locks")

// Names of the locks.
const (
	lockWrite      = "vault-write"      // of the one writer, while it writes
	lockBackground = "vault-background" // of the tab that does what is due by itself
	lockOpen       = "vault-open"       // shared: every page that knows of the other two
)

// tabsChannel is where tabs tell one another that something has changed, and no more.
const tabsChannel = "potli-tabs"

// Turn implements vault.Turns.
func (t *Tabs) Turn(ctx context.Context) (end func(changed bool), err error) {
	release, err := lock(ctx, lockWrite, "exclusive", false)
	if err != nil {
		return nil, err
	}
	return func(changed bool) {
		release()
		if changed {
			t.Tell(wallet.TabChanged)
		}
	}, nil
}

// Lead says whether this tab does what is due by itself; it does from then on, until
// the page goes.
func (t *Tabs) Lead(ctx context.Context) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.leads {
		return true
	}
	release, err := lock(ctx, lockBackground, "exclusive", true)
	t.leads = err == nil && release != nil
	return t.leads
}

// Tell tells the other tabs a word. Where there is no channel they see what has
// changed when they write, or come to the front.
func (t *Tabs) Tell(word string) { call(t.open(), "postMessage", word) }

// Listen calls f with what other tabs tell, as long as the page lives. f must not
// block.
func (t *Tabs) Listen(f func(word string)) {
	listen(t.open(), "message", func(e js.Value) { f(text(get(e, "data"))) })
}

func (t *Tabs) open() js.Value {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.channel.Truthy() {
		t.channel, _ = construct("BroadcastChannel", tabsChannel)
	}
	return t.channel
}

// lock takes a lock; a nil release says that it is not free, where only a free one
// was asked for. Errors: that of ctx, ErrNoLocks.
func lock(ctx context.Context, name, mode string, free bool) (release func(), err error) {
	locks := global("navigator", "locks")
	if !locks.Truthy() {
		return nil, ErrNoLocks
	}
	var h hold
	executor := js.FuncOf(func(_ js.Value, args []js.Value) any { h.begin(args[0]); return nil })
	answer := make(chan bool, 1)
	answered := js.FuncOf(func(_ js.Value, args []js.Value) any {
		held := js.Null()
		granted := len(args) > 0 && args[0].Truthy()
		if granted {
			held, _ = construct("Promise", executor)
		}
		answer <- granted
		return held
	})
	abort, _ := construct("AbortController")
	options := object("mode", mode)
	if free {
		options.Set("ifAvailable", true) // not to be had together with a signal
	} else if s := get(abort, "signal"); s.Truthy() {
		options.Set("signal", s)
	}
	request, err := call(locks, "request", name, options, answered)
	ended := make(chan struct{})
	go func() { // until the lock is given back, or was not granted
		if err == nil {
			await(context.Background(), request)
		}
		answered.Release()
		executor.Release()
		close(ended)
	}()
	select {
	case granted := <-answer:
		return h.releasing(granted), nil
	case <-ctx.Done():
		call(abort, "abort")
	case <-ended:
	}
	select {
	case granted := <-answer: // both at once
		return h.releasing(granted), nil
	case <-ended:
	}
	select {
	case granted := <-answer:
		return h.releasing(granted), nil
	default:
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return nil, ErrNoLocks // SecurityError, or the page is not active
}

// hold is the promise that a lock is held for. A page whose program is not all there
// yet begins it a moment after it was made (web/rest.js).
type hold struct {
	resolve js.Value
	over    bool
}

func (h *hold) begin(resolve js.Value) {
	h.resolve = resolve
	if h.over {
		h.end()
	}
}

func (h *hold) end() {
	h.over = true
	if h.resolve.Truthy() {
		try(func() js.Value { return h.resolve.Invoke() })
	}
}

func (h *hold) releasing(granted bool) func() {
	if !granted {
		return nil
	}
	return sync.OnceFunc(h.end)
}

// claimWait is how long Claim asks again. A page that just went away gives its
// lock back a moment after its successor has started.
const (
	claimWait = 2 * time.Second
	claimStep = 100 * time.Millisecond
)

// Claim says whether this page may have a wallet open: always beside pages that take
// turns, never beside one of a release that kept the lock for as long as it was open.
// It says no only when the browser itself has said so at each try.
func (h *Host) Claim(ctx context.Context) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !global("navigator", "locks").Truthy() || !global("indexedDB").Truthy() {
		return false, ErrNoLocks
	}
	if !h.held {
		if _, err := lock(ctx, lockOpen, "shared", false); err != nil {
			return false, err
		}
		h.held = true
	}
	for waited := time.Duration(0); ; waited += claimStep {
		alone, err := heldForLife(ctx)
		if err != nil || !alone {
			return err == nil, err
		}
		if waited >= claimWait {
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(claimStep):
		}
	}
}

// heldForLife says whether a page that does not take turns holds the lock of the
// writer.
func heldForLife(ctx context.Context) (bool, error) {
	state, err := promised(ctx, global("navigator", "locks"), "query")
	if err != nil {
		return false, ErrNoLocks
	}
	held, turns, writer := get(state, "held"), map[string]bool{}, ""
	for i := range integer(get(held, "length"), 0) {
		l := held.Index(i)
		switch client := text(get(l, "clientId")); text(get(l, "name")) {
		case lockOpen:
			turns[client] = true
		case lockWrite:
			writer = client
		}
	}
	return writer != "" && !turns[writer], nil
}
