package wallet_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/vault"
	"potli/app/wallet"
	"potli/crypto/passkey"
	"potli/crypto/passkey/passkeytest"
)

// quickKeys is a browser's own store of keys. It outlives a wallet.
type quickKeys struct {
	mu     sync.Mutex
	secret []byte
	err    error
}

func (q *quickKeys) Create(_ context.Context, secret []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err == nil {
		q.secret = bytes.Clone(secret)
	}
	return q.err
}

func (q *quickKeys) Open(context.Context) ([]byte, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.secret == nil {
		return nil, wallet.ErrNoQuick
	}
	return bytes.Clone(q.secret), nil
}

func (q *quickKeys) Forget(context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.secret = nil
	return nil
}

// ways is a bench in a browser that has both.
type ways struct {
	*bench
	passkeys *passkeytest.Authenticator
	quick    *quickKeys
}

func newWays(t *testing.T) *ways {
	t.Helper()
	w := &ways{bench: newBench(t), passkeys: passkeytest.New(t.Name()), quick: &quickKeys{}}
	w.passkeys.Site = "wallet.test"
	w.deps.Passkeys, w.deps.QuickKeys = w.passkeys, w.quick
	w.restart()
	w.create()
	return w
}

func (w *ways) prove() {
	w.t.Helper()
	if err := w.Prove(w.t.Context(), words); err != nil {
		w.t.Fatal(err)
	}
}

// both adds both ways, and locks.
func (w *ways) both() *ways {
	w.t.Helper()
	w.prove()
	w.must(w.AddPasskey(w.t.Context(), "Meera"))
	w.must(w.AddQuick(w.t.Context()))
	w.restart()
	return w
}

func (w *ways) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *ways) methods() (list []wallet.Method) {
	for _, way := range w.Snapshot().Ways {
		list = append(list, way.Method)
	}
	return list
}

func (w *ways) wantMethods(want ...wallet.Method) {
	w.t.Helper()
	if got := w.methods(); !slices.Equal(got, want) {
		w.t.Errorf("ways: %q, want %q", got, want)
	}
}

// blob is an object of storage, nil when there is none.
func (w *ways) blob(name string) []byte {
	b, err := w.deps.Blobs.Get(w.t.Context(), name)
	if err != nil && !errors.Is(err, vault.ErrNotFound) {
		w.t.Fatal(err)
	}
	return b
}

// T18: whoever has replaced the service worker finds no key to use.
func TestT18_AlarmTakesQuickAway(t *testing.T) {
	w := newWays(t).both()
	w.must(w.UnlockQuick(t.Context()))
	w.LockStill()
	w.wantMethods(wallet.MethodPasskey)
	if _, err := w.quick.Open(t.Context()); !errors.Is(err, wallet.ErrNoQuick) || w.blob(string(vault.Quick)) != nil {
		t.Errorf("quick unlock: %v, %d bytes", err, len(w.blob(string(vault.Quick))))
	}
	w.restart()
	w.wantMethods(wallet.MethodPasskey)
	w.must(w.Unlock(t.Context(), words))
}

func TestWaysIn(t *testing.T) {
	w := newWays(t)
	w.importOne(file("allergy.json", []byte(allergy)))
	w.wantMethods()
	w.both()
	w.wantMethods(wallet.MethodQuick, wallet.MethodPasskey)
	for name, unlock := range map[string]func() error{
		"words":   func() error { return w.Unlock(t.Context(), words) },
		"passkey": func() error { return w.UnlockWithPasskey(t.Context()) },
		"quick":   func() error { return w.UnlockQuick(t.Context()) },
	} {
		w.restart()
		if s := w.Snapshot(); s.Phase != wallet.PhaseLocked {
			t.Fatalf("%s: phase %s", name, s.Phase)
		}
		if err := unlock(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		s := w.Snapshot()
		if s.Phase != wallet.PhaseOpen || s.Records != 1 || len(s.People) != 1 || s.Work != nil {
			t.Errorf("%s: %s with %d records", name, s.Phase, s.Records)
		}
		w.wantMethods(wallet.MethodQuick, wallet.MethodPasskey)
	}
	for _, way := range w.Snapshot().Ways {
		if !way.Added.Equal(w.clock.now()) {
			t.Errorf("%s was added %v", way.Method, way.Added)
		}
	}
}

// The prompt is the first thing that happens: nothing is read from storage
// between a click and it.
func TestPasskeyPromptsAtOnce(t *testing.T) {
	w := newWays(t).both()
	w.deps.Blobs.(interface{ Erase(context.Context) error }).Erase(t.Context())
	before := w.passkeys.Asked()
	if err := w.UnlockWithPasskey(t.Context()); err == nil {
		t.Error("an erased wallet opened")
	}
	if got := w.passkeys.Asked() - before; got != 1 {
		t.Errorf("%d prompts", got)
	}
}

// Adding a way asks for the words, not long before.
func TestWaysNeedProof(t *testing.T) {
	w := newWays(t)
	refused := func(when string) {
		t.Helper()
		before := w.passkeys.Asked()
		if err := w.AddPasskey(t.Context(), "x"); !errors.Is(err, wallet.ErrProve) {
			t.Errorf("%s, AddPasskey: %v, want ErrProve", when, err)
		}
		if err := w.AddQuick(t.Context()); !errors.Is(err, wallet.ErrProve) {
			t.Errorf("%s, AddQuick: %v, want ErrProve", when, err)
		}
		if w.passkeys.Asked() != before || w.quick.secret != nil {
			t.Errorf("%s: something happened all the same", when)
		}
	}
	refused("at first")
	if err := w.Prove(t.Context(), "other words"); !errors.Is(err, wallet.ErrWrongPassphrase) {
		t.Errorf("Prove: %v", err)
	}
	refused("after wrong words")
	w.prove()
	w.clock.add(6 * time.Minute)
	refused("six minutes later")
	w.prove()
	w.clock.add(-time.Hour)
	refused("when the clock went back")
	w.prove()
	w.must(w.AddPasskey(t.Context(), "x"))
	w.restart()
	w.must(w.UnlockWithPasskey(t.Context()))
	if err := w.AddPasskey(t.Context(), "x"); !errors.Is(err, wallet.ErrProve) {
		t.Errorf("after unlocking by passkey: %v, want ErrProve", err)
	}
	w.Lock()
	if err := w.AddPasskey(t.Context(), "x"); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("when locked: %v, want ErrLocked", err)
	}
}

// Words never go, so that a deleted passkey or an erased key locks nobody out (T23).
func TestWordsAlwaysStay(t *testing.T) {
	w := newWays(t).both().bench
	b := w.unlock()
	if err := b.RemoveMethod(t.Context(), wallet.MethodWords); !errors.Is(err, wallet.ErrLastWay) {
		t.Errorf("RemoveMethod: %v, want ErrLastWay", err)
	}
	for _, m := range []wallet.Method{wallet.MethodPasskey, wallet.MethodQuick} {
		if err := b.RemoveMethod(t.Context(), m); err != nil {
			t.Error(err)
		}
		b.restart()
		b.unlock()
	}
	if err := b.RemoveMethod(t.Context(), "telepathy"); !errors.Is(err, wallet.ErrNoWay) {
		t.Errorf("RemoveMethod: %v, want ErrNoWay", err)
	}
}

func TestRemoveWays(t *testing.T) {
	w := newWays(t).both()
	had := w.passkeys.Holds()
	if err := w.RemoveMethod(t.Context(), wallet.MethodPasskey); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("RemoveMethod when locked: %v", err)
	}
	w.unlock()
	w.must(w.RemoveMethod(t.Context(), wallet.MethodPasskey))
	w.wantMethods(wallet.MethodQuick)
	w.must(w.RemoveMethod(t.Context(), wallet.MethodQuick))
	w.wantMethods()
	if w.passkeys.Holds() != had-1 || w.quick.secret != nil || w.blob("unlock-passkey") != nil || w.blob("unlock-quick") != nil {
		t.Error("something stayed behind")
	}
	for range 2 {
		if err := w.UnlockWithPasskey(t.Context()); !errors.Is(err, wallet.ErrNoWay) {
			t.Errorf("UnlockWithPasskey: %v, want ErrNoWay", err)
		}
		if err := w.UnlockQuick(t.Context()); !errors.Is(err, wallet.ErrNoWay) {
			t.Errorf("UnlockQuick: %v, want ErrNoWay", err)
		}
		w.restart()
	}
	w.wantMethods()
}

// A second of a kind takes the place of the first.
func TestWaysAreReplaced(t *testing.T) {
	w := newWays(t)
	w.prove()
	w.must(w.AddPasskey(t.Context(), "one"))
	w.must(w.AddQuick(t.Context()))
	had, file, secret := w.passkeys.Holds(), w.blob("unlock-passkey"), w.quick.secret
	w.must(w.AddPasskey(t.Context(), "two"))
	w.must(w.AddQuick(t.Context()))
	if w.passkeys.Holds() != had || bytes.Equal(w.blob("unlock-passkey"), file) || bytes.Equal(w.quick.secret, secret) {
		t.Error("the first is still there")
	}
	w.restart()
	w.must(w.UnlockWithPasskey(t.Context()))
	w.restart()
	w.must(w.UnlockQuick(t.Context()))
}

// The passkey is made, and the second prompt is closed: pressing once more goes on
// with the same passkey.
func TestPasskeyAgain(t *testing.T) {
	w := newWays(t)
	w.prove()
	w.passkeys.Fail(wallet.ErrPrompt)
	if err := w.AddPasskey(t.Context(), "x"); !errors.Is(err, wallet.ErrPrompt) || errors.Is(err, wallet.ErrAgain) {
		t.Errorf("when none was made: %v, want ErrPrompt", err)
	}
	w.passkeys.Fail(nil)
	had := w.passkeys.Holds()
	w.deps.Passkeys = closing{w.passkeys}
	w.restart()
	w.unlock()
	w.prove()
	for range 2 {
		if err := w.AddPasskey(t.Context(), "x"); !errors.Is(err, wallet.ErrAgain) {
			t.Errorf("when it did not answer: %v, want ErrAgain", err)
		}
	}
	if w.passkeys.Holds() != had+1 || len(w.methods()) != 0 {
		t.Errorf("%d passkeys more, ways %q", w.passkeys.Holds()-had, w.methods())
	}
}

// closing makes passkeys, and its second prompt is closed.
type closing struct{ *passkeytest.Authenticator }

func (c closing) Evaluate(ctx context.Context, _ passkey.Credential, _, _ []byte) ([]byte, []byte, error) {
	return nil, nil, wallet.ErrPrompt
}

// A passkey that cannot answer is taken back, and the words stay the way in.
func TestPasskeyThatCannot(t *testing.T) {
	w := newWays(t)
	w.prove()
	had := w.passkeys.Holds()
	w.passkeys.Half()
	if err := w.AddPasskey(t.Context(), "x"); !errors.Is(err, wallet.ErrNoPasskey) {
		t.Errorf("AddPasskey: %v, want ErrNoPasskey", err)
	}
	if w.passkeys.Holds() != had || w.blob("unlock-passkey") != nil {
		t.Error("something stayed behind")
	}
	w.wantMethods()
	w.restart()
	w.unlock()
}

func TestWaysThatFail(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil  func(w *ways)
		unlock func(w *ways) error
		want   error
	}{
		"passkey deleted":     {func(w *ways) { w.passkeys.Fail(wallet.ErrPrompt) }, passkeyIn, wallet.ErrPrompt},
		"site moved":          {func(w *ways) { w.passkeys.Site = "elsewhere.test" }, passkeyIn, wallet.ErrOtherSite},
		"half an answer":      {func(w *ways) { w.passkeys.Half() }, passkeyIn, wallet.ErrNoPasskey},
		"passkey file spoilt": {func(w *ways) { w.put("unlock-passkey", []byte("x")) }, passkeyIn, wallet.ErrStale},
		"passkey file gone":   {func(w *ways) { w.drop("unlock-passkey") }, passkeyIn, wallet.ErrNoWay},
		"browser erased key":  {func(w *ways) { w.quick.secret = nil }, quickIn, wallet.ErrStale},
		"another key":         {func(w *ways) { w.quick.secret = []byte("AGE-SECRET-KEY-PQ-1") }, quickIn, wallet.ErrStale},
		"quick file spoilt":   {func(w *ways) { w.put("unlock-quick", []byte("x")) }, quickIn, wallet.ErrStale},
		"quick file gone":     {func(w *ways) { w.drop("unlock-quick") }, quickIn, wallet.ErrNoWay},
		"list spoilt":         {func(w *ways) { w.put("unlock-methods", []byte("{")) }, passkeyIn, wallet.ErrNoWay},
		"list of later":       {func(w *ways) { w.put("unlock-methods", []byte(`{"version":"potli-methods/2"}`)) }, quickIn, wallet.ErrNoWay},
		"identity spoilt": {func(w *ways) {
			w.put("unlock-methods", bytes.Replace(w.blob("unlock-methods"), []byte("AGE-PLUGIN"), []byte("AGE-PLUGIX"), 1))
		}, passkeyIn, wallet.ErrNoWay},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWays(t).both()
			tt.spoil(w)
			w.restart()
			if err := tt.unlock(w); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if s := w.Snapshot(); s.Phase != wallet.PhaseLocked || s.Work != nil {
				t.Errorf("phase %s", s.Phase)
			}
			w.unlock()
		})
	}
}

func passkeyIn(w *ways) error { return w.UnlockWithPasskey(w.t.Context()) }
func quickIn(w *ways) error   { return w.UnlockQuick(w.t.Context()) }

func (w *ways) put(name string, b []byte) {
	w.t.Helper()
	w.must(w.deps.Blobs.Commit(w.t.Context(), vault.Batch{Put: map[string][]byte{name: b}}))
}

func (w *ways) drop(name string) {
	w.t.Helper()
	w.must(w.deps.Blobs.Commit(w.t.Context(), vault.Batch{Delete: []string{name}}))
}

// Keys of another wallet open nothing here, and say that the words are needed.
func TestWayOfAnotherWallet(t *testing.T) {
	other := newWays(t).both()
	w := newWays(t)
	w.deps.Passkeys, w.deps.QuickKeys = other.passkeys, other.quick
	for _, name := range []string{"unlock-methods", "unlock-passkey", "unlock-quick"} {
		w.put(name, other.blob(name))
	}
	for name, unlock := range map[string]func(*ways) error{"passkey": passkeyIn, "quick": quickIn} {
		w.restart()
		if err := unlock(w); !errors.Is(err, wallet.ErrStale) {
			t.Errorf("%s: %v, want ErrStale", name, err)
		}
	}
	w.unlock()
}

func TestWipeForgetsWays(t *testing.T) {
	w := newWays(t).both()
	had := w.passkeys.Holds()
	w.must(w.Wipe(t.Context()))
	if w.quick.secret != nil || w.passkeys.Holds() != had-1 || w.blob("unlock-methods") != nil {
		t.Error("a way in outlived the wallet")
	}
	w.restart()
	w.wantMethods()
	w.create()
	w.wantMethods()
}

// A rescue is for a device that may be in other hands: only the new words are left.
func TestRescueClosesWays(t *testing.T) {
	w := newWays(t)
	kit, err := w.RecoveryText(t.Context(), words)
	w.must(err)
	w.both()
	w.wantMethods(wallet.MethodQuick, wallet.MethodPasskey)
	w.must(w.Rescue(t.Context(), kit, otherWords))
	for range 2 {
		w.wantMethods()
		for name, unlock := range map[string]func(*ways) error{"passkey": passkeyIn, "quick": quickIn} {
			if err := unlock(w); !errors.Is(err, wallet.ErrNoWay) {
				t.Errorf("%s: %v, want ErrNoWay", name, err)
			}
		}
		w.restart()
	}
	w.must(w.Unlock(t.Context(), otherWords))
}

// New words change nothing about the other ways.
func TestWaysOutliveWords(t *testing.T) {
	const other = "another-horse-battery-staple-orbit-velvet"
	w := newWays(t).both()
	w.unlock()
	w.must(w.ChangePassphrase(t.Context(), words, other))
	for name, unlock := range map[string]func(*ways) error{"passkey": passkeyIn, "quick": quickIn} {
		w.restart()
		if err := unlock(w); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A browser that has neither.
func TestNoWaysHere(t *testing.T) {
	b := newBench(t).create()
	if p, q := b.Offers(t.Context()); p || q {
		t.Error("something is on offer")
	}
	if err := b.Prove(t.Context(), words); err != nil {
		t.Fatal(err)
	}
	if err := b.AddPasskey(t.Context(), "x"); !errors.Is(err, wallet.ErrNoPasskey) {
		t.Errorf("AddPasskey: %v", err)
	}
	if err := b.AddQuick(t.Context()); !errors.Is(err, wallet.ErrNoQuick) {
		t.Errorf("AddQuick: %v", err)
	}
	for _, err := range []error{b.UnlockWithPasskey(t.Context()), b.UnlockQuick(t.Context())} {
		if !errors.Is(err, wallet.ErrNoWay) {
			t.Errorf("got %v, want ErrNoWay", err)
		}
	}
}

// R5: what lies unsealed says how to unlock, and nothing of what is inside.
func TestWaysSayNothing(t *testing.T) {
	w := newWays(t)
	w.prove()
	w.must(w.AddPasskey(t.Context(), "Meera's own passkey"))
	w.must(w.AddQuick(t.Context()))
	for _, name := range []string{"unlock-methods", "unlock-passkey", "unlock-quick"} {
		b := string(w.blob(name))
		for _, secret := range []string{"Meera", "SECRET-KEY", "potli-device", string(w.quick.secret)} {
			if strings.Contains(b, secret) {
				t.Errorf("%s holds %.12s…", name, secret)
			}
		}
	}
}

// A disk that is full leaves the ways as they were.
func TestWaysOnAFullDisk(t *testing.T) {
	w := newWays(t)
	full := &fullBlobs{Blobs: w.deps.Blobs}
	w.deps.Blobs = full
	w.restart()
	w.unlock()
	w.prove()
	full.set(true)
	if err := w.AddPasskey(t.Context(), "x"); !errors.Is(err, vault.ErrFull) {
		t.Errorf("AddPasskey: %v, want ErrFull", err)
	}
	w.wantMethods()
	had := w.passkeys.Holds()
	full.set(false)
	w.must(w.AddPasskey(t.Context(), "x"))
	if w.passkeys.Holds() != had {
		t.Error("the second try made another passkey")
	}
	w.wantMethods(wallet.MethodPasskey)
}

// fullBlobs is storage that can be full.
type fullBlobs struct {
	vault.Blobs
	mu   sync.Mutex
	full bool
}

func (f *fullBlobs) set(full bool) { f.mu.Lock(); defer f.mu.Unlock(); f.full = full }

func (f *fullBlobs) Commit(ctx context.Context, b vault.Batch) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.full {
		return vault.ErrFull
	}
	return f.Blobs.Commit(ctx, b)
}
