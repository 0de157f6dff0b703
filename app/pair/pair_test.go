package pair_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"potli/app/pair"
	"potli/app/qr"
	"potli/crypto/pairing"
)

var ctx = context.Background()

// clock is a time that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 5, 1, 9, 30, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Sleep passes at once, and so does the time.
func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.pass(d)
	return ctx.Err()
}

// memory is a relay of one mailbox: a map and a mutex.
type memory struct {
	mu      sync.Mutex
	open    bool
	life    time.Duration
	entries []pair.Entry
	news    chan struct{} // closed when there is something new
}

func newMemory() *memory { return &memory{news: make(chan struct{})} }

func (m *memory) Open(_ context.Context, _ pair.Box, life time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open, m.life = true, life
	return nil
}

func (m *memory) Deposit(ctx context.Context, _ pair.Box, id, sealed string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.open {
		return pair.ErrGone
	}
	for _, e := range m.entries {
		if e.ID == id {
			return ctx.Err()
		}
	}
	m.entries = append(m.entries, pair.Entry{Seq: int64(len(m.entries) + 1), ID: id, Sealed: sealed})
	m.tell()
	return ctx.Err()
}

func (m *memory) tell() {
	close(m.news)
	m.news = make(chan struct{})
}

func (m *memory) Wait(ctx context.Context, _ pair.Box, after int64) ([]pair.Entry, error) {
	for {
		m.mu.Lock()
		open, news := m.open, m.news
		var list []pair.Entry
		if open && after < int64(len(m.entries)) {
			list = append(list, m.entries[max(0, after):]...)
		}
		m.mu.Unlock()
		switch {
		case !open:
			return nil, pair.ErrGone
		case list != nil:
			return list, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (m *memory) Close(context.Context, pair.Box) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open = false
	m.tell()
	return nil
}

func (m *memory) closed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.open
}

// side is what one device came to.
type side struct {
	digits  string
	offer   []byte
	payload []byte
	err     error
}

// people compare: each tells the other what is on the screen and says yes when it
// is the same.
type people struct{ show, scan chan string }

func newPeople() people { return people{make(chan string, 1), make(chan string, 1)} }

var (
	errDiffer = errors.New("the digits differ")
	keys      = []byte("the keys of the family")
)

// ceremony runs a whole attempt, each side over its own mail.
func ceremony(t testing.TB, shows, scans pair.Deps) (old, fresh side) {
	t.Helper()
	p := newPeople()
	codes := make(chan pairing.Code, 1)
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		defer close(p.show)
		defer close(codes)
		old = showSide(shows, p, codes)
	}()
	go func() {
		defer wg.Done()
		defer close(p.scan)
		code, ok := <-codes
		if !ok {
			fresh.err = pair.ErrGone
			return
		}
		fresh = scanSide(scans, p, code)
	}()
	wg.Wait()
	return old, fresh
}

func showSide(d pair.Deps, p people, codes chan<- pairing.Code) (s side) {
	show, err := pair.NewShow(ctx, d, pairing.Link, pairing.Life)
	if err != nil {
		return side{err: err}
	}
	codes <- show.Code()
	if s.digits, s.offer, s.err = show.Meet(ctx); s.err != nil {
		return s
	}
	p.show <- s.digits
	if theirs := <-p.scan; theirs != s.digits {
		show.Decline(ctx)
		s.err = errDiffer
		return s
	}
	if s.err = show.Accept(); s.err == nil {
		s.err = show.Theirs(ctx)
	}
	if s.err == nil {
		s.err = show.Answer(ctx, keys)
	}
	return s
}

func scanSide(d pair.Deps, p people, code pairing.Code) (s side) {
	scan, err := pair.NewScan(ctx, d, code, []byte("a phone"))
	if err != nil {
		return side{err: err}
	}
	if s.digits, s.err = scan.Meet(ctx); s.err != nil {
		return s
	}
	p.scan <- s.digits
	if theirs := <-p.show; theirs != s.digits {
		scan.Decline(ctx)
		s.err = errDiffer
		return s
	}
	if s.err = scan.Accept(ctx); s.err == nil {
		s.payload, s.err = scan.Answer(ctx)
	}
	if s.err == nil {
		s.err = scan.Finish(ctx)
	}
	return s
}

func deps(m pair.Mail, c *clock) pair.Deps {
	return pair.Deps{Mail: m, Now: c.Now, Sleep: c.Sleep, Rand: rand.Reader}
}

func (s side) good() bool { return s.err == nil }

func TestCeremony(t *testing.T) {
	m, c := newMemory(), newClock()
	old, fresh := ceremony(t, deps(m, c), deps(m, c))
	if !old.good() || !fresh.good() {
		t.Fatalf("%v, %v", old.err, fresh.err)
	}
	if old.digits != fresh.digits || string(old.offer) != "a phone" || !bytes.Equal(fresh.payload, keys) {
		t.Errorf("got %+v, %+v", old, fresh)
	}
	if !m.closed() || m.life < pairing.Life+pairing.Limit {
		t.Errorf("the mailbox: closed %v, life %v", m.closed(), m.life)
	}
}

// A code is a small QR: large modules, which any camera reads from any screen.
func TestCodeIsSmall(t *testing.T) {
	code, err := pairing.NewCode(pairing.Link, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := qr.Encode(code.Text()); err != nil || c.Version > 5 {
		t.Errorf("version %d, %v", c.Version, err)
	} else {
		t.Logf("version %d, %d modules", c.Version, len(c.Modules))
	}
}

// rough is a network that fails: the next requests get lost, or their answers.
type rough struct {
	pair.Mail
	mu       sync.Mutex
	requests int // how many calls in a row fail before one goes through
	answers  bool
	left     int
}

func (r *rough) lost() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left == 0 {
		r.left = r.requests
		return false
	}
	r.left--
	return true
}

func (r *rough) Deposit(ctx context.Context, b pair.Box, id, sealed string) error {
	if r.lost() {
		if r.answers {
			_ = r.Mail.Deposit(ctx, b, id, sealed)
		}
		return pair.ErrOffline
	}
	return r.Mail.Deposit(ctx, b, id, sealed)
}

func (r *rough) Wait(ctx context.Context, b pair.Box, after int64) ([]pair.Entry, error) {
	if r.lost() {
		return nil, pair.ErrOffline
	}
	return r.Mail.Wait(ctx, b, after)
}

// What the network loses is sent and asked for again, and happens once.
func TestRoughNetwork(t *testing.T) {
	for _, answers := range []bool{false, true} {
		m := newMemory()
		a := &rough{Mail: m, requests: 2, left: 2, answers: answers}
		b := &rough{Mail: m, requests: 3, left: 3, answers: answers}
		old, fresh := ceremony(t, deps(a, newClock()), deps(b, newClock()))
		if !old.good() || !fresh.good() || !bytes.Equal(fresh.payload, keys) {
			t.Errorf("answers lost %v: %v, %v", answers, old.err, fresh.err)
		}
	}
}

// No network for good: it ends when the time does, on either side.
func TestNoNetwork(t *testing.T) {
	m, c := newMemory(), newClock()
	show, err := pair.NewShow(ctx, deps(&rough{Mail: m, requests: 1 << 30, left: 1 << 30}, c), pairing.Link, pairing.Life)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := show.Meet(ctx); !errors.Is(err, pairing.ErrExpired) {
		t.Errorf("the shower: %v", err)
	}
	if _, err := pair.NewScan(ctx, deps(&rough{Mail: m, requests: 1 << 30, left: 1 << 30}, newClock()), show.Code(), nil); !errors.Is(err, pairing.ErrExpired) {
		t.Errorf("the scanner: %v", err)
	}
	if got := c.Now().Sub(newClock().Now()); got < pairing.Life || got > 2*pairing.Life {
		t.Errorf("given up after %v", got)
	}
}

// met takes both sides to the digits.
func met(t *testing.T, m pair.Mail, c *clock) (*pair.Show, *pair.Scan) {
	t.Helper()
	show, err := pair.NewShow(ctx, deps(m, c), pairing.Invite, pairing.TypedLife)
	if err != nil {
		t.Fatal(err)
	}
	scan, err := pair.NewScan(ctx, deps(m, c), show.Code(), nil)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { _, _, err := show.Meet(ctx); done <- err }()
	if _, err := scan.Meet(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return show, scan
}

// Whoever declines, and when: the other side is told, also while it waits.
func TestDecline(t *testing.T) {
	t.Run("by the shower", func(t *testing.T) {
		m := newMemory()
		show, scan := met(t, m, newClock())
		told := make(chan error)
		go func() { _, err := scan.Answer(ctx); told <- err }() // its person still looks
		show.Decline(ctx)
		if err := <-told; !errors.Is(err, pairing.ErrDeclined) {
			t.Errorf("told %v", err)
		}
		if err := scan.Accept(ctx); !errors.Is(err, pairing.ErrDeclined) {
			t.Errorf("a yes that comes too late: %v", err)
		}
		if !m.closed() {
			t.Error("the mailbox is left")
		}
	})
	t.Run("by the scanner", func(t *testing.T) {
		show, scan := met(t, newMemory(), newClock())
		told := make(chan error)
		go func() { told <- show.Theirs(ctx) }()
		scan.Decline(ctx)
		if err := <-told; !errors.Is(err, pairing.ErrDeclined) {
			t.Errorf("told %v", err)
		}
		if err := show.Accept(); !errors.Is(err, pairing.ErrDeclined) {
			t.Errorf("a yes that comes too late: %v", err)
		}
		if err := show.Answer(ctx, keys); !errors.Is(err, pairing.ErrDeclined) {
			t.Errorf("an answer: %v", err)
		}
	})
	t.Run("after both said yes", func(t *testing.T) {
		show, scan := met(t, newMemory(), newClock())
		if err := scan.Accept(ctx); err != nil {
			t.Fatal(err)
		}
		if err := show.Accept(); err != nil {
			t.Fatal(err)
		}
		if err := show.Theirs(ctx); err != nil {
			t.Fatal(err)
		}
		scan.Decline(ctx) // left
		if err := show.Answer(ctx, keys); !errors.Is(err, pairing.ErrDeclined) {
			t.Errorf("told %v", err)
		}
	})
}

// Who declines still waits for the other side, and must not take what they said
// last out of the mailbox before it was read.
func TestDeclineIsRead(t *testing.T) {
	for _, late := range []bool{false, true} {
		m := newMemory()
		show, scan := met(t, m, newClock())
		waits := make(chan error)
		go func() { _, err := scan.Answer(ctx); waits <- err }()
		if late {
			if err := scan.Accept(ctx); err != nil {
				t.Fatal(err)
			}
		}
		scan.Decline(ctx)
		if err := <-waits; !errors.Is(err, pairing.ErrDeclined) {
			t.Errorf("who declined: %v", err)
		}
		if err := show.Theirs(ctx); late != (err == nil) || err != nil && !errors.Is(err, pairing.ErrDeclined) {
			t.Errorf("the other: %v", err)
		}
		if err := show.Accept(); err == nil {
			err = show.Answer(ctx, keys)
			if !errors.Is(err, pairing.ErrDeclined) {
				t.Errorf("an answer: %v", err)
			}
		}
	}
}

// A page that is left takes its attempt with it, and the other side hears of it.
func TestCancelled(t *testing.T) {
	m, c := newMemory(), newClock()
	show, scan := met(t, m, c)
	leaving, leave := context.WithCancel(ctx)
	left := make(chan error)
	go func() { left <- show.Theirs(leaving) }()
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("left with %v", err)
	}
	if _, err := scan.Answer(ctx); !errors.Is(err, pairing.ErrDeclined) {
		t.Errorf("the other is told %v", err)
	}
	if err := show.Accept(); !errors.Is(err, pairing.ErrDeclined) {
		t.Errorf("afterwards: %v", err)
	}
}

// A code that is too old, or was never there.
func TestGone(t *testing.T) {
	m, c := newMemory(), newClock()
	code, err := pairing.NewCode(pairing.Link, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pair.NewScan(ctx, deps(m, c), code, nil); !errors.Is(err, pair.ErrGone) {
		t.Errorf("no such mailbox: %v", err)
	}
	show, scan := met(t, m, c)
	m.Close(ctx, pair.Box{})
	if err := show.Theirs(ctx); !errors.Is(err, pair.ErrGone) {
		t.Errorf("the shower: %v", err)
	}
	if _, err := scan.Answer(ctx); !errors.Is(err, pair.ErrGone) {
		t.Errorf("the scanner: %v", err)
	}
}

// A mailbox that ends after the keys have come: who has them keeps them, and who
// gave them knows that it cannot know.
func TestLostAtTheEnd(t *testing.T) {
	m, c := newMemory(), newClock()
	show, scan := met(t, m, c)
	if err := scan.Accept(ctx); err != nil {
		t.Fatal(err)
	}
	if err := show.Accept(); err != nil {
		t.Fatal(err)
	}
	if err := show.Theirs(ctx); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error)
	go func() { answered <- show.Answer(ctx, keys) }()
	if got, err := scan.Answer(ctx); err != nil || !bytes.Equal(got, keys) {
		t.Fatalf("got %q, %v", got, err)
	}
	m.Close(ctx, pair.Box{})
	if err := scan.Finish(ctx); !errors.Is(err, pair.ErrGone) {
		t.Errorf("the scanner: %v", err)
	}
	if err := <-answered; !errors.Is(err, pair.ErrGone) {
		t.Errorf("the shower: %v", err)
	}
}

// Nobody comes: the code is over after a minute, however long the relay lets wait.
func TestNobodyComes(t *testing.T) {
	m, c := newMemory(), newClock()
	show, err := pair.NewShow(ctx, deps(&patient{m, c}, c), pairing.Link, pairing.Life)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := show.Meet(ctx); !errors.Is(err, pairing.ErrExpired) {
		t.Errorf("got %v", err)
	}
	if _, err := pair.NewScan(ctx, deps(m, c), show.Code(), nil); err != nil {
		t.Fatal(err) // the mailbox is still there, and somebody in it who says why not
	}
}

// patient is a relay where nothing comes for 25 seconds, again and again.
type patient struct {
	pair.Mail
	c *clock
}

func (p *patient) Wait(context.Context, pair.Box, int64) ([]pair.Entry, error) {
	p.c.pass(25 * time.Second)
	return nil, nil
}
