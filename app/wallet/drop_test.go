package wallet_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"potli/app/inbox"
	"potli/app/share"
	"potli/app/sync/synctest"
	"potli/app/wallet"
)

// TestDropLife: a code is prolonged and revoked with and without a network, and made
// again by a relay that has lost it.
func TestDropLife(t *testing.T) {
	b, h := patient(t)
	id, _ := b.visit(wallet.DropOffer{})
	info := func() wallet.DropInfo { d, _ := b.Snapshot().Inbox.Drop(id); return d }
	h.away(true)
	if _, err := b.MakeDrop(t.Context(), wallet.DropOffer{Person: b.Snapshot().Current, Name: "M", Life: time.Hour, Most: 1, Bytes: 1000}); !errors.Is(err, share.ErrOffline) {
		t.Error(err)
	}
	if err := b.ProlongDrop(t.Context(), id, 48*time.Hour); err != nil || !info().Pending || !info().Expires.Equal(b.clock.now().Add(48*time.Hour)) {
		t.Errorf("%+v, %v", info(), err)
	}
	if err := b.CheckInbox(t.Context()); !errors.Is(err, share.ErrOffline) {
		t.Error(err)
	}
	h.away(false)
	if b.checked(); info().Pending || info().Lost {
		t.Errorf("%+v", info())
	}
	left := 0
	for _, d := range b.Snapshot().Inbox.Drops {
		if d.ID != id && (d.State != inbox.DropRevoked || d.Pending) {
			t.Errorf("a code that nobody was shown: %+v", d)
		}
		left++
	}
	if left != 2 {
		t.Errorf("%d codes", left)
	}
	h.away(true)
	if err := b.RevokeDrop(t.Context(), id); err != nil || info().State != inbox.DropRevoked || !info().Pending {
		t.Errorf("%+v, %v", info(), err)
	}
	if _, ok := b.DropLink(id); ok {
		t.Error("a code that was taken back is shown")
	}
	h.away(false)
	if b.checked(); info().Pending || info().Lost {
		t.Errorf("%+v", info())
	}
	if err := b.ProlongDrop(t.Context(), id, time.Hour); !errors.Is(err, wallet.ErrDropOver) {
		t.Error(err)
	}
	for err, o := range map[error]wallet.DropOffer{
		wallet.ErrNoPerson: {Person: "nobody", Name: "M", Life: time.Hour, Most: 1, Bytes: 1},
		inbox.ErrTerms:     {Person: b.Snapshot().Current, Name: "M", Life: time.Second, Most: 1, Bytes: 1},
	} {
		if _, got := b.MakeDrop(t.Context(), o); !errors.Is(got, err) {
			t.Errorf("%v, want %v", got, err)
		}
	}
}

// TestDropsEnd: there is an end to how many codes are open, and with the wallet all end.
func TestDropsEnd(t *testing.T) {
	b, o := patient(t)
	_, code := b.visit(wallet.DropOffer{})
	var err error
	n := 1
	for ; err == nil && n < 100; n++ {
		_, err = b.MakeDrop(t.Context(), wallet.DropOffer{Person: b.Snapshot().Current, Name: "M", Life: time.Hour, Most: 1, Bytes: 1000})
	}
	if !errors.Is(err, wallet.ErrManyDrops) || len(b.Snapshot().Inbox.Drops) != n-1 {
		t.Errorf("%v after %d, of which %d are shown", err, n, len(b.Snapshot().Inbox.Drops))
	}
	if err := b.Wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, box := range o.boxes {
		if !box.closed {
			t.Errorf("the mailbox %s of a wallet that was erased is open", id)
		}
	}
	if _, err := hospital(t, o, false).Drop(t.Context(), code, nil, "too late"); !errors.Is(err, share.ErrGone) {
		t.Error(err)
	}
}

// pushes is a browser that takes notices.
type pushes struct {
	state wallet.Notify
	on    int
}

func (p *pushes) State(context.Context) wallet.Notify { return p.state }

func (p *pushes) Ask(context.Context) error {
	if p.state == wallet.NotifyDenied {
		return wallet.ErrPushDenied
	}
	return nil
}

func (p *pushes) Subscribe(_ context.Context, key string) (string, string, string, error) {
	p.state = wallet.NotifyOn
	p.on++
	return "https://push.example/" + key, "p256dh", "auth", nil
}

func (p *pushes) Unsubscribe(context.Context) error { p.state = wallet.NotifyOff; return nil }

// TestNotify: the relay tells this device of open codes alone, and of none when the
// person takes it back, though the network was away then.
func TestNotify(t *testing.T) {
	b, o := patient(t)
	if err := b.Notify(t.Context(), true); !errors.Is(err, wallet.ErrNoPush) {
		t.Error(err)
	}
	browser := &pushes{state: wallet.NotifyDenied}
	b.Wallet.Lock()
	b.deps.Push = browser
	b.restart()
	if in := b.unlocked(); in.Notify != wallet.NotifyDenied {
		t.Errorf("%+v", in)
	}
	if err := b.Notify(t.Context(), true); !errors.Is(err, wallet.ErrPushDenied) {
		t.Error(err)
	}
	browser.state = wallet.NotifyOff
	first, _ := b.visit(wallet.DropOffer{})
	if err := b.Notify(t.Context(), true); err != nil || b.Snapshot().Inbox.Notify != wallet.NotifyOn {
		t.Fatal(b.Snapshot().Inbox.Notify, err)
	}
	second, _ := b.visit(wallet.DropOffer{})
	if len(o.pushed) != 2 || o.pushed[first] != "https://push.example/key" {
		t.Errorf("%v", o.pushed)
	}
	o.away(true)
	if err := b.Notify(t.Context(), false); err != nil || b.Snapshot().Inbox.Notify != wallet.NotifyOff {
		t.Error(b.Snapshot().Inbox.Notify, err)
	}
	o.away(false)
	b.clock.add(2 * time.Minute)
	b.Await(t.Context())
	if len(o.pushed) != 0 || browser.on != 1 {
		t.Errorf("%v of %s and %s, subscribed %d times", o.pushed, first, second, browser.on)
	}
}

// TestAwait: what comes is asked for at opening, each minute, and when the relay tells;
// never while nobody looks.
func TestAwait(t *testing.T) {
	b, o := patient(t)
	c := hospital(t, o, false)
	_, code := b.visit(wallet.DropOffer{})
	came := func(want int, when string) {
		t.Helper()
		b.Await(t.Context())
		if in := b.Snapshot().Inbox; in == nil || len(in.Items) != want {
			t.Errorf("%s: %+v", when, in)
		}
	}
	b.give(c, code, "one")
	came(1, "at opening")
	b.give(c, code, "two")
	came(1, "a moment later")
	b.clock.add(time.Minute)
	came(2, "a minute later")
	b.give(c, code, "three")
	b.Hidden(true)
	b.clock.add(time.Minute)
	came(2, "while nobody looks")
	b.Hidden(false)
	came(3, "when somebody looks again")
}

// TestToldOfALetter: while a code is open the relay tells of what comes, and nobody has
// to ask.
func TestToldOfALetter(t *testing.T) {
	b, o := patient(t)
	mail := &telling{shelf: &shelf{Relay: synctest.New(b.clock.now)}, tell: map[string]map[int]func(int64){}}
	b.deps.Mail, b.deps.Sleep = mail, never
	b.Wallet.Lock()
	b.restart()
	b.unlocked()
	b.Sync(t.Context())
	id, code := b.visit(wallet.DropOffer{})
	b.clock.add(5 * time.Second)
	b.Sync(t.Context())
	patiently(t, "the wallet listens at the code's mailbox", func() bool { return mail.listeners() == 1 })
	b.until(func(s *wallet.Snapshot) bool { d, _ := s.Inbox.Drop(id); return !d.Checked.IsZero() })
	b.give(hospital(t, o, false), code, "here you are")
	b.clock.add(2 * time.Second)
	mail.ring(code.ID)
	b.until(func(s *wallet.Snapshot) bool { return len(s.Inbox.Items) == 1 })
}

// TestInboxTabs: two tabs ask at the same time, and what came is there once, in both.
func TestInboxTabs(t *testing.T) {
	h, p := newOffice(), newProfile(t)
	p.first.deps.Drops = h
	p.first.deps.RelayOrigin, p.first.deps.Sleep = relayOrigin, func(context.Context, time.Duration) error { return nil }
	one := p.open()
	if err := one.Create(t.Context(), words, wallet.Person{Name: "Meera Sample"}); err != nil {
		t.Fatal(err)
	}
	two := p.open()
	if err := two.Unlock(t.Context(), words); err != nil {
		t.Fatal(err)
	}
	id, err := two.MakeDrop(t.Context(), wallet.DropOffer{Person: two.Snapshot().Current, Name: "M", Life: time.Hour, Most: 50, Bytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	link, _ := two.DropLink(id)
	code, err := inbox.ParseCode(link)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if _, err := hospital(t, h, false).Drop(t.Context(), code, nil, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	var asked sync.WaitGroup
	for _, tab := range []*tab{one, two} {
		asked.Go(func() { _ = tab.CheckInbox(t.Context()) }) // one may find that the other was quicker
	}
	asked.Wait()
	for _, tab := range []*tab{one, two} {
		if err := tab.CheckInbox(t.Context()); err != nil {
			t.Fatal(err)
		}
		if in := tab.Snapshot().Inbox; len(in.Items) != 10 || in.Refused != 0 || in.Drops[0].Waits != 0 {
			t.Errorf("%d items, %+v", len(in.Items), in.Drops)
		}
	}
	if err := two.DeclineItem(t.Context(), two.Snapshot().Inbox.Items[0].ID); err != nil {
		t.Fatal(err)
	}
	patiently(t, "the other tab shows it", func() bool { return one.Snapshot().Inbox.Unread == 9 })
}
