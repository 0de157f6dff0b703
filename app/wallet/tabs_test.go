package wallet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"potli/app/record"
	"potli/app/vault"
	"potli/app/wallet"
)

// profile is a browser profile with several tabs: one lock, one channel, one leader.
type profile struct {
	t     *testing.T
	first *bench
	lock  chan struct{}

	mu     sync.Mutex // owns what follows
	tabs   []*tab
	leader *tab
}

// tab is one of them.
type tab struct {
	*wallet.Wallet
	p *profile
	*host
	hears func(string)
	gone  bool
}

func newProfile(t *testing.T) *profile {
	return &profile{t: t, first: newBench(t), lock: make(chan struct{}, 1)}
}

// open opens one more tab.
func (p *profile) open() *tab {
	t := &tab{p: p, host: p.first.host}
	d := p.first.deps
	d.Tabs, d.Host = t, ownHost{t.host, &host{}}
	d.Worker = &inline{runs: map[string]int{}, keys: p.first.worker.keys, jobs: p.first.worker.jobs}
	t.host = d.Host.(ownHost).own
	t.Wallet = wallet.New(d)
	p.mu.Lock()
	p.tabs = append(p.tabs, t)
	p.mu.Unlock()
	t.Start(p.t.Context())
	return t
}

// ownHost is what a tab has of its browser: the sentinel with all, the page alone.
type ownHost struct {
	*host
	own *host
}

func (h ownHost) Claim(context.Context) (bool, error) { return true, nil }
func (h ownHost) Drop()                               { h.own.Drop() }
func (h ownHost) Sentinel() string                    { h.mu.Lock(); defer h.mu.Unlock(); return h.sentinel }
func (h ownHost) SetSentinel(s string)                { h.mu.Lock(); defer h.mu.Unlock(); h.sentinel = s }

func (t *tab) Turn(ctx context.Context) (func(bool), error) {
	select {
	case t.p.lock <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return func(changed bool) {
		<-t.p.lock
		if changed {
			t.Tell(wallet.TabChanged)
		}
	}, nil
}

func (t *tab) Lead(context.Context) bool {
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	if t.p.leader == nil && !t.gone {
		t.p.leader = t
	}
	return t.p.leader == t
}

func (t *tab) Tell(word string) {
	t.p.mu.Lock()
	var hear []func(string)
	for _, o := range t.p.tabs {
		if o != t && !o.gone && o.hears != nil && !t.gone {
			hear = append(hear, o.hears)
		}
	}
	t.p.mu.Unlock()
	for _, f := range hear {
		f(word)
	}
}

func (t *tab) Listen(f func(string)) {
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	t.hears = f
}

// close is the browser closing the tab: nobody is asked.
func (t *tab) close() {
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	t.gone = true
	if t.p.leader == t {
		t.p.leader = nil
	}
}

func (t *tab) drops() int {
	t.host.mu.Lock()
	defer t.host.mu.Unlock()
	return t.host.dropped
}

// until waits for what other goroutines do.
func (p *profile) until(what string, is func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatal(what)
		}
	}
}

func (p *profile) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// two is a wallet that two tabs have open.
func two(t *testing.T) (*profile, *tab, *tab) {
	t.Helper()
	p := newProfile(t)
	a := p.open()
	b := p.open()
	p.check(a.Create(t.Context(), words, wallet.Person{Name: "Meera Sample", Kin: wallet.KinSelf}))
	p.until("the other tab does not see that there is a wallet", func() bool { return b.Snapshot().Phase == wallet.PhaseLocked })
	p.check(b.Unlock(t.Context(), words))
	return p, a, b
}

// paper is a document that can be told from others.
func paper(name string) wallet.File {
	return file(name+".json", []byte(strings.Replace(allergy, "Peanut", name, 1)))
}

func peopleIn(t *tab) (list []string) {
	for _, who := range t.Snapshot().People {
		list = append(list, who.Name)
	}
	slices.Sort(list)
	return list
}

// T30: what one tab writes the other shows, and nobody's change is lost.
func TestT30_TwoTabs(t *testing.T) {
	p, a, b := two(t)
	var wait sync.WaitGroup
	for i, tab := range []*tab{a, b} {
		wait.Go(func() {
			for n := range 4 {
				if _, err := tab.AddPerson(t.Context(), wallet.Person{Name: fmt.Sprintf("Child %d %d", i, n), Kin: wallet.KinChild}); err != nil {
					t.Error(err)
				}
				report := tab.Import(t.Context(), []wallet.File{paper(fmt.Sprintf("tab %d number %d", i, n))})
				if err := report.Files[0].Err; err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	for _, tab := range []*tab{a, b} {
		p.until("a tab does not show everyone", func() bool { return len(peopleIn(tab)) == 9 })
		p.until("a tab does not show every record", func() bool {
			return tab.Snapshot().Records == 8 && len(tab.Timeline(wallet.Query{}).Groups) == 8
		})
	}
	s := a.Snapshot().Settings
	s.Language = "hi"
	p.check(a.SetSettings(t.Context(), s))
	p.until("a choice is not shown", func() bool { return b.Snapshot().Settings.Language == "hi" })
	c := p.open()
	p.check(c.Unlock(t.Context(), words))
	if got := peopleIn(c); !slices.Equal(got, peopleIn(a)) || c.Snapshot().Records != 8 || c.Snapshot().Faults != 0 {
		t.Errorf("a third tab has %q, %d records, %d faults", got, c.Snapshot().Records, c.Snapshot().Faults)
	}
}

// Who is shown stays shown, unless they were put aside or erased in the other tab.
func TestPersonGoesInAnotherTab(t *testing.T) {
	p, a, b := two(t)
	who, err := a.AddPerson(t.Context(), wallet.Person{Name: "Asha Sample", Kin: wallet.KinChild})
	p.check(err)
	p.until("the other tab does not show her", func() bool { return len(peopleIn(b)) == 2 })
	b.Choose(who.ID)
	_, err = a.AddPerson(t.Context(), wallet.Person{Name: "Ravi Sample", Kin: wallet.KinChild})
	p.check(err)
	p.until("the other tab does not show him", func() bool { return len(peopleIn(b)) == 3 })
	if got := b.Snapshot().Current; got != who.ID {
		t.Errorf("another person is shown now: %q", got)
	}
	p.check(a.SetAside(t.Context(), who.ID))
	p.until("somebody who was put aside is still shown", func() bool { return b.Snapshot().Current != who.ID })
	p.check(a.EraseProfile(t.Context(), who.ID))
	p.until("somebody who was erased is still there", func() bool { return len(peopleIn(b)) == 2 })
}

func TestLockInOneTabLocksAll(t *testing.T) {
	p, a, b := two(t)
	a.Lock()
	p.until("the other tab is still open", func() bool { return b.Snapshot().Phase == wallet.PhaseLocked && b.drops() == 1 })
	if _, err := b.AddPerson(t.Context(), wallet.Person{Name: "Asha Sample"}); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("written after it was locked: %v", err)
	}
	// One that is locked, and one that writes: it unlocks to what there is then.
	c := p.open()
	p.check(c.Unlock(t.Context(), words))
	d := p.open()
	_, err := c.AddPerson(t.Context(), wallet.Person{Name: "Asha Sample"})
	p.check(err)
	p.check(d.Unlock(t.Context(), words))
	if len(peopleIn(d)) != 2 || d.Snapshot().Faults != 0 {
		t.Errorf("%q, %d faults", peopleIn(d), d.Snapshot().Faults)
	}
}

func TestWipeInOneTab(t *testing.T) {
	p, a, b := two(t)
	c := p.open() // locked
	p.check(a.Wipe(t.Context()))
	p.until("an open tab stays", func() bool { return b.drops() == 1 })
	p.until("a locked tab still asks for the words", func() bool { return c.Snapshot().Phase == wallet.PhaseNew })
	if _, err := b.AddPerson(t.Context(), wallet.Person{Name: "Asha Sample"}); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("written after it was erased: %v", err)
	}
	if names, err := p.first.deps.Blobs.List(t.Context(), ""); err != nil || len(names) > 0 {
		t.Errorf("left behind: %q, %v", names, err)
	}
	// What was open before writes into nothing that comes after.
	p.check(c.Create(t.Context(), words, wallet.Person{Name: "Somebody Else"}))
	d := p.open()
	if got := d.Snapshot().Phase; got != wallet.PhaseLocked {
		t.Errorf("phase %q", got)
	}
}

// A tab that heard nothing writes nothing into a wallet that took the place of its own.
func TestReplacedUnheard(t *testing.T) {
	p, a, b := two(t)
	p.mu.Lock()
	b.hears = nil
	p.mu.Unlock()
	p.check(a.Wipe(t.Context()))
	c := p.open()
	p.check(c.Create(t.Context(), words, wallet.Person{Name: "Somebody Else"}))
	// Locked: it was just looking at storage.
	if _, err := b.AddPerson(t.Context(), wallet.Person{Name: "Asha Sample"}); !errors.Is(err, wallet.ErrReplaced) && !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("%v", err)
	}
	b.Hidden(true)
	b.Hidden(false) // it comes to the front
	p.until("it shows what is no more", func() bool { return b.drops() == 1 })
	if got := peopleIn(c); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// Words for keys: changing them in one tab is asked of the other the next time.
func TestChangeWordsInOneTab(t *testing.T) {
	const fresh = "velvet-orbit-staple-battery-horse-correct"
	p, a, b := two(t)
	p.check(a.ChangePassphrase(t.Context(), words, fresh))
	if err := b.ChangePassphrase(t.Context(), words, fresh); !errors.Is(err, wallet.ErrWrongPassphrase) {
		t.Errorf("the old words: %v", err)
	}
	_, err := b.AddPerson(t.Context(), wallet.Person{Name: "Asha Sample"})
	p.check(err)
	b.Lock()
	c := p.open()
	p.check(c.Unlock(t.Context(), fresh))
}

// What is to be deleted goes from every tab, can be taken back where it was, and is
// finished by another tab when that one goes.
func TestDeleteInOneTab(t *testing.T) {
	p, a, b := two(t)
	bring := func(name string) record.ID {
		id := a.Import(t.Context(), []wallet.File{paper(name)}).Files[0].ID
		p.until("it is not shown", func() bool { return len(b.Timeline(wallet.Query{}).Groups) == a.Snapshot().Records })
		return id
	}
	shown := func(tab *tab) int { return len(tab.Timeline(wallet.Query{}).Groups) }
	one, other := bring("one"), bring("other")
	p.check(a.Delete(t.Context(), one))
	p.until("a record that was deleted is shown", func() bool { return shown(b) == 1 })
	b.Tick(t.Context())
	a.Undelete()
	p.until("a record that was taken back is not shown", func() bool { return shown(b) == 2 })
	// Both delete something; neither forgets what the other is about to delete.
	p.check(a.Delete(t.Context(), one))
	p.check(b.Delete(t.Context(), other))
	a.close()
	p.first.clock.add(wallet.UndoFor)
	p.until("what is left to do is not done", func() bool {
		b.Tick(t.Context())
		names, err := p.first.deps.Blobs.List(t.Context(), "rec/")
		p.check(err)
		return len(names) == 0
	})
}

// Only one tab does what is due by itself; when it goes another does.
func TestOneTabLeads(t *testing.T) {
	p := newProfile(t)
	f := &folder{files: map[string][]byte{}, picked: "USB stick"}
	p.first.deps.Folder = f
	a := p.open()
	p.check(a.Create(t.Context(), words, wallet.Person{Name: "Meera Sample"}))
	for n := range 4 {
		_, err := a.AddPerson(t.Context(), wallet.Person{Name: fmt.Sprint("Child ", n)})
		p.check(err)
	}
	b := p.open()
	p.check(b.Unlock(t.Context(), words))
	b.Keep(t.Context())
	if len(f.files) > 0 {
		t.Error("a backup by a tab that does not lead")
	}
	a.Keep(t.Context())
	if len(f.files) != 1 {
		t.Errorf("%d backups by the one that leads", len(f.files))
	}
	p.until("the other tab does not know of it", func() bool { return !b.Snapshot().Folder.Last.IsZero() })
	a.close()
	p.first.clock.add(25 * time.Hour)
	b.Touch()
	_, err := b.AddPerson(t.Context(), wallet.Person{Name: "Asha Sample"})
	p.check(err)
	b.Keep(t.Context())
	if len(f.files) != 2 {
		t.Errorf("%d backups after another tab leads", len(f.files))
	}
}

// A tab in the background does not lock the one that somebody reads in; when nobody
// does, all are locked.
func TestAutoLockOfTabs(t *testing.T) {
	p, a, b := two(t)
	b.Hidden(true)
	for range 8 {
		p.first.clock.add(30 * time.Second)
		a.Touch()
		a.Tick(t.Context())
		p.until("the tab behind does not hear", func() bool { return b.LockIn() > time.Minute })
		b.Tick(t.Context())
	}
	if a.Snapshot().Phase != wallet.PhaseOpen || b.Snapshot().Phase != wallet.PhaseOpen {
		t.Fatal("locked while somebody reads")
	}
	a.Hidden(true)
	hidden := p.first.clock.now()
	p.first.clock.add(2*time.Minute + time.Second)
	p.until("nobody reads, and it is open", func() bool {
		b.Tick(t.Context()) // again and again, as in a page, whose clock goes on: a last word of a's may come late
		if b.Snapshot().Phase == wallet.PhaseOpen && p.first.clock.now().Sub(hidden) < 5*time.Minute {
			p.first.clock.add(time.Second)
		}
		return a.Snapshot().Phase == wallet.PhaseLocked && b.Snapshot().Phase == wallet.PhaseLocked
	})
}

// The sample family is a wallet of its own: it hears nothing of others, nor they of it.
func TestDemoBesideAnotherTab(t *testing.T) {
	p := newProfile(t)
	p.first.deps.Sample = func(context.Context) ([]wallet.File, error) {
		return []wallet.File{{Name: "a.pdf", Read: func(context.Context) ([]byte, error) { return []byte("%PDF-1.4 x"), nil }, Person: &wallet.Person{Name: "Sample"}}}, nil
	}
	demo, real := p.open(), p.open()
	p.check(demo.TryDemo(t.Context()))
	p.check(real.Create(t.Context(), words, wallet.Person{Name: "Meera Sample"}))
	demo.Lock()
	real.Tick(t.Context())
	if real.Snapshot().Phase != wallet.PhaseOpen {
		t.Error("a demo locked the wallet")
	}
	second := p.open()
	p.check(second.Unlock(t.Context(), words))
	other := p.open()
	p.check(other.TryDemo(t.Context()))
	second.Lock()
	if got := other.Snapshot(); got.Phase != wallet.PhaseOpen || !got.Demo {
		t.Error("the demo was locked with the wallet")
	}
}

// A backup that makes a wallet in one tab: the others ask for its words.
func TestRestoreInOneTab(t *testing.T) {
	p := newProfile(t)
	a, b := p.open(), p.open()
	if got := b.Snapshot().Phase; got != wallet.PhaseNew {
		t.Fatalf("phase %q", got)
	}
	p.check(a.Create(t.Context(), words, wallet.Person{Name: "Meera Sample"}))
	if err := b.Create(t.Context(), words, wallet.Person{Name: "Asha Sample"}); !errors.Is(err, wallet.ErrExists) {
		t.Errorf("a second wallet: %v", err)
	}
	p.until("it still offers to make one", func() bool { return b.Snapshot().Phase == wallet.PhaseLocked })
	if exists, err := vault.Exists(t.Context(), p.first.deps.Blobs); !exists || err != nil {
		t.Error(exists, err)
	}
}
