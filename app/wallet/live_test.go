package wallet_test

import (
	"context"
	"math"
	"slices"
	stdsync "sync"
	"testing"
	"time"

	"potli/app/record"
	"potli/app/sync"
	"potli/app/wallet"
)

// telling is a relay that says when something arrives, and counts.
type telling struct {
	*shelf
	mu      stdsync.Mutex
	tell    map[string]map[int]func(int64) // by mailbox and listener
	n       int
	lists   int
	offline bool // streams do not come through
	never   bool // there are none
}

func (r *telling) Hear(ctx context.Context, b sync.Box, arrived func(int64)) error {
	r.mu.Lock()
	if r.offline || r.never {
		r.mu.Unlock()
		if r.never {
			return sync.ErrNoLive
		}
		return sync.ErrOffline
	}
	r.n++
	me := r.n
	if r.tell[b.ID] == nil {
		r.tell[b.ID] = map[int]func(int64){}
	}
	r.tell[b.ID][me] = arrived
	r.mu.Unlock()
	arrived(math.MaxInt64)
	<-ctx.Done()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.tell[b.ID], me)
	return ctx.Err()
}

func (r *telling) List(ctx context.Context, b sync.Box, after int64) ([]sync.Letter, bool, error) {
	r.mu.Lock()
	r.lists++
	r.mu.Unlock()
	return r.shelf.List(ctx, b, after)
}

func (r *telling) Deposit(ctx context.Context, b sync.Box, id, sealed string) error {
	err := r.shelf.Deposit(ctx, b, id, sealed)
	if err == nil {
		r.ring(b.ID)
	}
	return err
}

func (r *telling) ring(box string) {
	r.mu.Lock()
	var all []func(int64)
	for _, f := range r.tell[box] {
		all = append(all, f)
	}
	r.mu.Unlock()
	for _, f := range all {
		f(math.MaxInt64)
	}
}

// listeners are how many listen.
func (r *telling) listeners() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, all := range r.tell {
		n += len(all)
	}
	return n
}

func (r *telling) asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lists
}

// live are two caregivers whose relay tells them of what arrives.
func live(t *testing.T) (mother, father *bench, mail *telling, child record.ProfileID) {
	t.Helper()
	mother, father, shelf, child := caregivers(t)
	mail = &telling{shelf: shelf, tell: map[string]map[int]func(int64){}}
	for _, b := range []*bench{mother, father} {
		b.deps.Mail = mail
		b.deps.Sleep = never
		b.Wallet.Lock()
		b.restart()
	}
	mother.unlock()
	if err := father.Unlock(t.Context(), phoneWords); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*bench{mother, father} {
		b.Choose(child)
	}
	return mother, father, mail, child
}

// never sleeps for as long as the test takes: what ended is not tried again.
func never(ctx context.Context, _ time.Duration) error {
	<-ctx.Done()
	return ctx.Err()
}

func patiently(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 6000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited a minute in vain: %s", what)
}

// TestLive: what one adds the other has, without having asked.
func TestLive(t *testing.T) {
	mother, father, mail, child := live(t)
	for _, b := range []*bench{mother, father} {
		b.Sync(t.Context())
	}
	patiently(t, "both listen", func() bool { return mail.listeners() == 2 })
	mother.settle()
	father.settle()
	mother.importOne(file("scan.pdf", []byte("%PDF-1.4\n%of the mother\nstartxref\n0\n%%EOF\n")))
	mother.clock.add(5 * time.Second)
	father.clock.add(5 * time.Second)
	mother.Sync(t.Context()) // father's does nothing from here on but what the relay's word makes it
	father.until(func(s *wallet.Snapshot) bool { return s.Records == 2 })

	// While all is told, nobody asks but once in five minutes.
	mother.settle()
	father.settle()
	before := mail.asked()
	for range 180 {
		father.clock.add(time.Second)
		father.Sync(t.Context())
	}
	if n := mail.asked() - before; n > 1 {
		t.Errorf("asked %d times in three minutes in which nothing happened", n)
	}
	_ = child
}

// settle waits until no round is under way and none is due.
func (b *bench) settle() {
	b.t.Helper()
	for range 3 {
		b.clock.add(30 * time.Second)
		b.Sync(b.t.Context())
	}
}

// TestLiveEnds: a page that is not looked at does not listen, nor does one that is
// locked or stopped; it begins again.
func TestLiveEnds(t *testing.T) {
	mother, father, mail, _ := live(t)
	father.Wallet.Lock()
	listens := func(n int) {
		t.Helper()
		patiently(t, "listening", func() bool { return mail.listeners() == n })
	}
	again := func() { mother.clock.add(6 * time.Minute); mother.Sync(t.Context()) }
	mother.Sync(t.Context())
	listens(1)
	mother.Hidden(true)
	listens(0)
	mother.Sync(t.Context())
	if mail.listeners() != 0 {
		t.Error("a hidden page listens")
	}
	mother.Hidden(false)
	mother.Sync(t.Context()) // at once
	listens(1)
	mother.StopSync()
	listens(0)
	mother.StartSync()
	again()
	listens(1)
	mother.Wallet.Lock()
	listens(0)
}

// TestLiveNone: where nothing is told everything comes all the same, by asking.
func TestLiveNone(t *testing.T) {
	for name, set := range map[string]func(*telling){
		"no such thing":      func(r *telling) { r.never = true },
		"not coming through": func(r *telling) { r.offline = true },
	} {
		t.Run(name, func(t *testing.T) {
			mother, father, mail, _ := live(t)
			set(mail)
			mother.importOne(file("scan.pdf", []byte("%PDF-1.4\n%of the mother\nstartxref\n0\n%%EOF\n")))
			for range 60 {
				for _, b := range []*bench{mother, father} {
					b.clock.add(time.Second)
					b.Sync(t.Context())
				}
			}
			if n := father.Snapshot().Records; n != 2 {
				t.Errorf("father sees %d records", n)
			}
		})
	}
}

// TestLiveCriesWolf: a relay that tells of arrivals all the time, when there are
// none, is soon asked no oftener than one that tells nothing.
func TestLiveCriesWolf(t *testing.T) {
	mother, _, mail, _ := live(t)
	mother.Sync(t.Context())
	patiently(t, "listening", func() bool { return mail.listeners() == 1 })
	mother.settle()
	var boxes []string
	mail.mu.Lock()
	for b := range mail.tell {
		boxes = append(boxes, b)
	}
	mail.mu.Unlock()
	slices.Sort(boxes)
	before := mail.asked()
	for range 600 {
		for _, b := range boxes {
			mail.ring(b)
		}
		mother.clock.add(time.Second)
		mother.Sync(t.Context())
	}
	if n := mail.asked() - before; n > 60 {
		t.Errorf("asked %d times in ten minutes", n)
	}
}

// TestLiveTurn: a device whose turn it is to answer another does not wait until it
// would have asked the relay anyway.
func TestLiveTurn(t *testing.T) {
	phone, tablet, shelf := devices(t)
	phone.importOne(file("allergy.json", []byte(allergy)))
	exchange(3, phone, tablet)
	mail := &telling{shelf: shelf, tell: map[string]map[int]func(int64){}}
	laptop := newBench(t)
	laptop.deps.Pair, laptop.deps.Sleep = tablet.deps.Pair, tablet.deps.Sleep
	phone.Wallet.Lock() // it may be first, and does not answer
	tablet.Wallet.Lock()
	for _, b := range []*bench{tablet, laptop} {
		b.deps.Mail = mail
		b.restart()
	}
	if err := tablet.Unlock(t.Context(), phoneWords); err != nil {
		t.Fatal(err)
	}
	linkThird(t, tablet, laptop)
	begun := laptop.clock.now()
	for laptop.Snapshot().Records == 0 {
		for _, b := range []*bench{tablet, laptop} {
			b.Sync(t.Context())
			b.clock.add(time.Second)
		}
		time.Sleep(time.Millisecond) // what was told is taken in beside
		if laptop.clock.now().Sub(begun) > 3*time.Minute {
			t.Fatalf("nothing has come after three minutes: %+v", laptop.Snapshot().Sync)
		}
	}
	t.Log(laptop.clock.now().Sub(begun))
}
