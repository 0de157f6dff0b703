package wallet_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/pair"
	"potli/app/wallet"
)

// post is a relay's mailboxes: a map, a mutex, and who waits.
type post struct {
	mu    sync.Mutex
	boxes map[string][]pair.Entry
	ended map[string]bool
	news  chan struct{} // closed when anything has changed
}

func newPost() *post {
	return &post{boxes: map[string][]pair.Entry{}, ended: map[string]bool{}, news: make(chan struct{})}
}

func (p *post) change(f func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() {
		close(p.news)
		p.news = make(chan struct{})
	}()
	return f()
}

func (p *post) Open(_ context.Context, b pair.Box, _ time.Duration) error {
	return p.change(func() error { p.boxes[b.ID] = []pair.Entry{}; return nil })
}

func (p *post) Deposit(_ context.Context, b pair.Box, id, sealed string) error {
	return p.change(func() error {
		list, ok := p.boxes[b.ID]
		if !ok || p.ended[b.ID] {
			return pair.ErrGone
		}
		p.boxes[b.ID] = append(list, pair.Entry{Seq: int64(len(list) + 1), ID: id, Sealed: sealed})
		return nil
	})
}

func (p *post) Close(_ context.Context, b pair.Box) error {
	return p.change(func() error { p.ended[b.ID] = true; return nil })
}

func (p *post) Wait(ctx context.Context, b pair.Box, after int64) ([]pair.Entry, error) {
	for {
		p.mu.Lock()
		list, ok := p.boxes[b.ID]
		ok, news := ok && !p.ended[b.ID], p.news
		p.mu.Unlock()
		switch {
		case !ok:
			return nil, pair.ErrGone
		case after < int64(len(list)):
			return list[after:], nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// household is two browser profiles and one relay; the first has a wallet.
func household(t *testing.T) (old, fresh *bench) {
	t.Helper()
	mail := newPost()
	for _, b := range []**bench{&old, &fresh} {
		*b = newBench(t)
		(*b).deps.Pair = mail
		(*b).deps.Sleep = func(ctx context.Context, d time.Duration) error { (*b).clock.add(d); return ctx.Err() }
		(*b).restart()
	}
	old.create()
	return old, fresh
}

// stands waits until a pairing stands where it should, and returns it. A test that
// waits for what never comes says so.
func (b *bench) stands(stage wallet.PairStage) wallet.Pairing {
	b.t.Helper()
	return *b.until(func(s *wallet.Snapshot) bool { return s.Pairing != nil && s.Pairing.Stage == stage }).Pairing
}

func (b *bench) until(is func(*wallet.Snapshot) bool) *wallet.Snapshot {
	b.t.Helper()
	changed := make(chan struct{}, 1)
	defer b.Subscribe(func(*wallet.Snapshot) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})()
	timeout := time.After(time.Minute)
	for {
		if s := b.Snapshot(); is(s) {
			return s
		}
		select {
		case <-changed:
		case <-timeout:
			b.t.Fatalf("it never came to that: %+v", b.Snapshot().Pairing)
		}
	}
}

const phoneWords = "orbit-velvet-correct-horse-battery-staple"

// meet brings two profiles to where both show digits.
func meet(t *testing.T, old, fresh *bench) (digits string) {
	t.Helper()
	if err := old.ShowLink(t.Context(), words, false); err != nil {
		t.Fatal(err)
	}
	code := old.stands(wallet.PairCode)
	if !strings.HasPrefix(code.Code, "POTLI-PAIR-1:") || !code.Shows || code.Until.Sub(old.clock.now()) != time.Minute {
		t.Fatalf("got %+v", code)
	}
	if err := fresh.ReadLink(t.Context(), code.Code, " blue phone ", phoneWords); err != nil {
		t.Fatal(err)
	}
	a, b := old.stands(wallet.PairCompare), fresh.stands(wallet.PairCompare)
	if a.Digits != b.Digits || len(a.Digits) != 6 || a.Other != "blue phone" || a.Code != "" {
		t.Fatalf("got %+v and %+v", a, b)
	}
	return a.Digits
}

// Linking a device, from the words to a wallet that opens on it.
func TestLink(t *testing.T) {
	old, fresh := household(t)
	me, photo := old.Snapshot().Current, picture(t)
	if err := old.SetPhoto(t.Context(), me, photo); err != nil {
		t.Fatal(err)
	}
	meet(t, old, fresh)
	if err := fresh.AcceptPairing(t.Context()); err != nil {
		t.Fatal(err)
	}
	old.until(func(s *wallet.Snapshot) bool { return s.Pairing.Theirs })
	fresh.wantPhase(wallet.PhaseNew) // nothing is given before both said yes
	if err := old.AcceptPairing(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p := old.stands(wallet.PairDone); p.Other != "blue phone" || !p.Given || p.Digits == "" {
		t.Errorf("got %+v", p)
	}
	fresh.stands(wallet.PairDone)
	fresh.wantPhase(wallet.PhaseOpen)
	if got, want := fresh.Snapshot().People, old.Snapshot().People; len(got) != 1 || got[0].Name != want[0].Name || got[0].ID != want[0].ID {
		t.Errorf("people %+v, want %+v", got, want)
	}
	if got, err := fresh.Photo(t.Context(), me); err != nil || !bytes.Equal(got, photo) {
		t.Errorf("the photo: %d bytes, %v", len(got), err)
	}
	for _, b := range []*bench{old, fresh} {
		list, err := b.Devices(t.Context())
		if err != nil || len(list) != 2 || list[1].Name != "blue phone" || list[1].This != (b == fresh) || !list[0].Active() || !list[1].Active() {
			t.Errorf("devices: %+v, %v", list, err)
		}
	}

	// It opens with its own words, and not with the other device's.
	fresh.restart()
	fresh.wantPhase(wallet.PhaseLocked)
	if err := fresh.Unlock(t.Context(), words); !errors.Is(err, wallet.ErrWrongPassphrase) {
		t.Errorf("the other device's words: %v", err)
	}
	if err := fresh.Unlock(t.Context(), phoneWords); err != nil {
		t.Fatal(err)
	}
	// What either writes, the other has the keys of, and takes.
	id := old.importOne(file("allergy.json", []byte(allergy)))
	carry(t, old, fresh, me)
	if _, _, b, err := fresh.Original(t.Context(), id); err != nil || !bytes.Equal(b, []byte(allergy)) {
		t.Errorf("the record: %v", err)
	}
	back := fresh.importOne(file("other.json", []byte(strings.Replace(allergy, "Peanut", "Milk", 1))))
	carry(t, fresh, old, me)
	if _, ok := old.Record(back); !ok {
		t.Error("what the new device wrote is not taken")
	}
}

// Whoever holds an open phone still needs the words.
func TestLinkAsksForTheWords(t *testing.T) {
	old, _ := household(t)
	if err := old.ShowLink(t.Context(), "wrong-words-here-now-and-then", false); !errors.Is(err, wallet.ErrWrongPassphrase) {
		t.Errorf("got %v", err)
	}
	if p := old.Snapshot().Pairing; p != nil {
		t.Errorf("a code is shown: %+v", p)
	}
	old.Lock()
	if err := old.ShowLink(t.Context(), words, false); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

// What is not the right thing to be given a code for.
func TestReadLinkRefuses(t *testing.T) {
	old, fresh := household(t)
	if err := old.ShowLink(t.Context(), words, true); err != nil {
		t.Fatal(err)
	}
	p := old.stands(wallet.PairCode)
	if got := p.Until.Sub(old.clock.now()); got != 10*time.Minute || !p.Long || !strings.Contains(p.Typed, " ") {
		t.Errorf("a code to be typed: %v, %+v", got, p)
	}
	read := func(b *bench, code, device, words string) error { return b.ReadLink(t.Context(), code, device, words) }
	for name, tt := range map[string]struct{ got, want error }{
		"there is a wallet":  {read(old, p.Code, "x", phoneWords), wallet.ErrExists},
		"weak words":         {read(fresh, p.Code, "x", "password123"), wallet.ErrWeak},
		"no name":            {read(fresh, p.Code, "  ", phoneWords), wallet.ErrName},
		"a long name":        {read(fresh, p.Code, strings.Repeat("x", 200), phoneWords), wallet.ErrName},
		"no code":            {read(fresh, "hello", "x", phoneWords), wallet.ErrPairCode},
		"a link":             {read(fresh, "https://potli.example/#"+p.Code, "x", phoneWords), wallet.ErrPairCode},
		"a later version":    {read(fresh, strings.Replace(p.Code, "-1:", "-2:", 1), "x", phoneWords), wallet.ErrPairVersion},
		"one letter missing": {read(fresh, p.Code[:len(p.Code)-1], "x", phoneWords), wallet.ErrPairCode},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
	if fresh.Snapshot().Pairing != nil {
		t.Error("something began")
	}
	if err := read(fresh, strings.ToLower(p.Typed), "x", phoneWords); err != nil {
		t.Errorf("typed: %v", err)
	}
	fresh.stands(wallet.PairCompare)
}

// Nothing is given to a device that somebody said no to, on either side.
func TestLinkDeclined(t *testing.T) {
	for _, who := range []string{"the old device", "the new device", "the new device, late"} {
		t.Run(who, func(t *testing.T) {
			old, fresh := household(t)
			meet(t, old, fresh)
			says, hears := old, fresh
			if who != "the old device" {
				says, hears = fresh, old
			}
			if err := hears.AcceptPairing(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := says.DeclinePairing(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, b := range []*bench{old, fresh} {
				if p := b.stands(wallet.PairFailed); !errors.Is(p.Err, wallet.ErrPairDeclined) || p.Given || p.Digits != "" {
					t.Errorf("got %+v", p)
				}
			}
			fresh.wantPhase(wallet.PhaseNew)
			if list, err := old.Devices(t.Context()); err != nil || len(list) != 1 {
				t.Errorf("devices: %+v, %v", list, err)
			}
			if err := says.AcceptPairing(t.Context()); err == nil {
				t.Error("yes after no")
			}
		})
	}
}

// A page that is left, a wallet that is locked: the attempt ends, and the other
// side hears of it.
func TestLinkIsLeft(t *testing.T) {
	for name, leave := range map[string]func(*bench){
		"page":   func(b *bench) { b.DropPairing() },
		"lock":   func(b *bench) { b.Lock() },
		"again":  func(b *bench) { _ = b.ShowLink(context.Background(), words, false) },
		"erased": func(b *bench) { _ = b.Wipe(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			old, fresh := household(t)
			meet(t, old, fresh)
			leave(old)
			if p := fresh.stands(wallet.PairFailed); !errors.Is(p.Err, wallet.ErrPairDeclined) {
				t.Errorf("told %v", p.Err)
			}
			if p := old.Snapshot().Pairing; p != nil && p.Stage != wallet.PairCode {
				t.Errorf("still there: %+v", p)
			}
		})
	}
}

// A code that nobody reads in time is none any more.
func TestLinkExpires(t *testing.T) {
	old, fresh := household(t)
	if err := old.ShowLink(t.Context(), words, false); err != nil {
		t.Fatal(err)
	}
	code := old.stands(wallet.PairCode).Code
	old.clock.add(time.Minute)
	if err := fresh.ReadLink(t.Context(), code, "x", phoneWords); err != nil {
		t.Fatal(err) // the mailbox is there; the answer is that it is too late
	}
	for _, b := range []*bench{old, fresh} {
		if p := b.stands(wallet.PairFailed); !errors.Is(p.Err, wallet.ErrPairExpired) {
			t.Errorf("got %v", p.Err)
		}
	}
	if err := fresh.ReadLink(t.Context(), code, "x", phoneWords); !errors.Is(err, wallet.ErrPairGone) {
		t.Errorf("a second time: %v", err)
	}
}

// There is nothing to say yes to where nothing is going on.
func TestNoPairing(t *testing.T) {
	old, _ := household(t)
	for _, err := range []error{old.AcceptPairing(t.Context()), old.DeclinePairing(t.Context())} {
		if !errors.Is(err, wallet.ErrNoPairing) {
			t.Errorf("got %v", err)
		}
	}
	old.DropPairing()
}

func TestLinkedRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		b    string
		want error
	}{
		"as it should be":     {`{"version":"potli-linked/1","user":"","rings":[],"docs":{"people":[]}}`, nil},
		"nothing":             {``, wallet.ErrPairContent},
		"not JSON":            {`hello`, wallet.ErrPairContent},
		"a later version":     {`{"version":"potli-linked/2","more":1}`, wallet.ErrPairVersion},
		"an unknown member":   {`{"version":"potli-linked/1","more":1}`, wallet.ErrPairContent},
		"two":                 {`{"version":"potli-linked/1"}{}`, wallet.ErrPairContent},
		"a document unasked":  {`{"version":"potli-linked/1","docs":{"settings":{}}}`, wallet.ErrPairContent},
		"a share's secrets":   {`{"version":"potli-linked/1","docs":{"share/x":{}}}`, wallet.ErrPairContent},
		"too many of a thing": {`{"version":"potli-linked/1","rings":[` + strings.Repeat("1,", 5000) + `1]}`, wallet.ErrPairContent},
	} {
		if err := wallet.CheckLinked([]byte(tt.b)); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

func FuzzLinked(f *testing.F) {
	f.Add([]byte(`{"version":"potli-linked/1","user":"AA==","rings":[{}],"docs":{"people":[]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := wallet.CheckLinked(b); err != nil && !errors.Is(err, wallet.ErrPairContent) && !errors.Is(err, wallet.ErrPairVersion) {
			t.Errorf("error %v", err)
		}
	})
}
