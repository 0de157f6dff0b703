package wallet_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"potli/app/share"
	"potli/app/wallet"
)

const year = 365 * 24 * time.Hour

// phones are by how much the clock of a phone is ahead of the true time.
var phones = map[string]time.Duration{
	"ten years behind": -10 * year, "five hours behind": -5 * time.Hour, "right": 0,
	"five hours ahead": 5 * time.Hour, "ten years ahead": 10 * year,
}

// benchOff is a bench on a phone whose clock is ahead, with something to share.
func benchOff(t *testing.T, ahead time.Duration) *bench {
	t.Helper()
	b := newBench(t)
	b.clock.add(ahead)
	b.create()
	b.importOne(file("a.json", []byte(allergy)))
	return b
}

// pass lets time go by, for the phone and for the relay.
func (b *bench) pass(d time.Duration) {
	b.clock.add(d)
	b.relay.clock.add(d)
	b.Touch()
}

// show makes a link that lives for life.
func (b *bench) show(life time.Duration) share.Share {
	b.t.Helper()
	p, err := b.PrepareLink(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	o := p.Options
	o.Life = life
	return b.share(p.WithOptions(o))
}

func (b *bench) state(id string) share.State {
	b.t.Helper()
	s := b.ledger(id)
	return s.State(b.clock.now())
}

func (b *bench) remaining(id string) time.Duration {
	b.t.Helper()
	s := b.ledger(id)
	return s.Remaining(b.clock.now())
}

func (b *bench) refresh() {
	b.t.Helper()
	if err := b.Refresh(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// A code lives for ten minutes by the relay's clock, whatever the phone's says.
func TestALinkOnAWrongClock(t *testing.T) {
	for name, ahead := range phones {
		t.Run(name, func(t *testing.T) {
			b := benchOff(t, ahead)
			s := b.show(10 * time.Minute)
			text, _ := b.ShareLink(s.ID)
			link, err := share.Parse(text)
			if want := b.relay.clock.now().Add(10 * time.Minute); err != nil || !link.Expires.Equal(want) {
				t.Errorf("the clinic reads that it ends at %s, %v; it ends at %s", link.Expires, err, want)
			}
			if s.Pending != "" || !s.Ends().Equal(b.clock.now().Add(10*time.Minute)) {
				t.Errorf("the phone shows that it ends at %s, and it is %s", s.Ends(), b.clock.now())
			}
			b.pass(10*time.Minute - time.Second)
			b.refresh()
			if left := b.remaining(s.ID); b.state(s.ID) != share.StateLive || left != time.Second {
				t.Errorf("a second before the end: %s, %s left", b.state(s.ID), left)
			}
			b.pass(time.Second)
			if left := b.remaining(s.ID); b.state(s.ID) != share.StateExpired || left != 0 {
				t.Errorf("at the end: %s, %s left", b.state(s.ID), left)
			}
			b.restart()
			b.unlock()
			if err := b.Forget(t.Context(), s.ID); err != nil || len(b.Snapshot().Shares) != 0 {
				t.Errorf("forgetting: %v", err)
			}
		})
	}
}

// Somebody sets the clock right, or wrong: the next answer puts the ledger right.
func TestTheClockIsSet(t *testing.T) {
	for name, ahead := range phones {
		t.Run(name, func(t *testing.T) {
			b := benchOff(t, ahead)
			s := b.show(24 * time.Hour)
			b.pass(time.Hour)
			b.clock.add(-ahead)
			b.Touch()
			b.refresh()
			if left := b.remaining(s.ID); b.state(s.ID) != share.StateLive || left != 23*time.Hour {
				t.Errorf("set right: %s, %s left", b.state(s.ID), left)
			}
			b.restart() // what was learnt is kept
			b.unlock()
			if left := b.remaining(s.ID); left != 23*time.Hour {
				t.Errorf("after a reload: %s left", left)
			}
			b.clock.add(-ahead)
			b.Touch()
			if err := b.Extend(t.Context(), s.ID, time.Hour); err != nil {
				t.Fatal(err)
			}
			if left := b.remaining(s.ID); left != 24*time.Hour {
				t.Errorf("extended by an hour after the clock was set again: %s left", left)
			}
		})
	}
}

// A link that has expired by a wrong clock can still be opened: whatever takes
// it back asks the relay.
func TestExpiredByThisClockAlone(t *testing.T) {
	for _, jump := range []time.Duration{5 * time.Hour, 10 * year} {
		b := benchOff(t, 0)
		live, over := b.show(time.Hour), b.show(time.Minute)
		b.pass(10 * time.Minute)
		b.clock.add(jump)
		b.Touch()
		if b.state(live.ID) != share.StateExpired {
			t.Fatalf("%s", b.state(live.ID))
		}
		if err := b.Forget(t.Context(), live.ID); !errors.Is(err, wallet.ErrStillOpen) {
			t.Errorf("forgotten: %v", err)
		}
		if b.state(live.ID) != share.StateLive || b.remaining(live.ID) != 50*time.Minute {
			t.Errorf("once the relay was asked: %s, %s left", b.state(live.ID), b.remaining(live.ID))
		}
		b.clock.add(jump)
		b.Touch()
		if err := b.Pause(t.Context(), live.ID, true); err != nil || b.state(live.ID) != share.StatePaused {
			t.Errorf("pause: %v, %s", err, b.state(live.ID))
		}
		b.clock.add(jump)
		b.Touch()
		if err := b.RevokeAll(t.Context()); err != nil || b.relay.links[live.Ref.ID].JWE != "" {
			t.Errorf("revoke all: %v, and the relay serves it: %v", err, b.relay.links[live.Ref.ID].JWE != "")
		}
		if b.state(live.ID) != share.StateRevoked || b.state(over.ID) != share.StateExpired {
			t.Errorf("revoke all left %s and made what had ended by itself %s", b.state(live.ID), b.state(over.ID))
		}
	}
}

// The same without network: it is not known to have ended, so it is noted.
func TestRevokeAllOfflineOnAWrongClock(t *testing.T) {
	b := benchOff(t, 0)
	s := b.show(time.Hour)
	b.clock.add(5 * time.Hour)
	b.Touch()
	b.relay.offline = true
	if err := b.Forget(t.Context(), s.ID); !errors.Is(err, share.ErrOffline) {
		t.Errorf("forgotten without having asked: %v", err)
	}
	if err := b.RevokeAll(t.Context()); err != nil || b.state(s.ID) != share.StatePending {
		t.Fatalf("revoke all: %v, %s", err, b.state(s.ID))
	}
	if err := b.Forget(t.Context(), s.ID); !errors.Is(err, wallet.ErrStillOpen) {
		t.Errorf("forgotten while it waits: %v", err)
	}
	b.restart()
	b.unlock()
	b.relay.offline = false
	b.Retry(t.Context())
	if b.state(s.ID) != share.StateRevoked || len(b.relay.links) != 0 {
		t.Errorf("back online: %s, %d links", b.state(s.ID), len(b.relay.links))
	}
}

// What waits for the network waits no longer because the clock was set back.
func TestRetryAfterTheClockWasSetBack(t *testing.T) {
	b := benchOff(t, 10*year)
	s := b.show(time.Hour)
	b.relay.offline = true
	if err := b.Revoke(t.Context(), s.ID); err != nil {
		t.Fatal(err)
	}
	b.Retry(t.Context())
	b.relay.offline = false
	b.clock.add(-10 * year)
	b.Touch()
	b.Retry(t.Context())
	if b.state(s.ID) != share.StateRevoked {
		t.Errorf("%s", b.state(s.ID))
	}
}

// The answer to the making of a link is lost: the person is told that there is
// none, so none must stay.
func TestCreateWhoseAnswerWasLost(t *testing.T) {
	for _, reload := range []bool{false, true} {
		b := benchOff(t, 0)
		p, err := b.PrepareCounter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b.relay.lose = 1
		if _, err := b.Share(t.Context(), p); !errors.Is(err, share.ErrOffline) || len(b.relay.links) != 1 {
			t.Fatalf("%v, %d links", err, len(b.relay.links))
		}
		if n := len(b.Snapshot().Shares); n != 0 {
			t.Errorf("the ledger shows %d", n)
		}
		if reload {
			b.restart()
			b.unlock()
		}
		b.Retry(t.Context())
		if len(b.relay.links) != 0 || len(b.Snapshot().Shares) != 0 {
			t.Errorf("reload %v: the relay still serves %d", reload, len(b.relay.links))
		}
		b.restart()
		b.unlock()
		b.relay.calls = 0
		b.pass(time.Minute)
		b.Retry(t.Context())
		if b.relay.calls != 0 {
			t.Error("asked again about what is settled")
		}
	}
}

// The person takes a link back and leaves the page before the relay answers.
func TestRevokeAndLeave(t *testing.T) {
	for name, leave := range map[string]func(b *bench, ctx context.Context, id string) error{
		"one": func(b *bench, ctx context.Context, id string) error { return b.Revoke(ctx, id) },
		"all": func(b *bench, ctx context.Context, _ string) error { return b.RevokeAll(ctx) },
	} {
		b := benchOff(t, 0)
		s := b.show(time.Hour)
		other := b.show(time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := leave(b, ctx, s.ID); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		b.restart()
		b.unlock()
		if b.state(s.ID) != share.StatePending || name == "all" && b.state(other.ID) != share.StatePending {
			t.Errorf("%s: not noted: %s, %s", name, b.state(s.ID), b.state(other.ID))
		}
		b.Retry(t.Context())
		if b.state(s.ID) != share.StateRevoked || b.relay.links[s.Ref.ID].JWE != "" {
			t.Errorf("%s: %s", name, b.state(s.ID))
		}
	}
}

// A refresh that hangs holds nobody up, and what it brings home in the end is
// older than what the ledger knows.
func TestRevokeWhileARefreshHangs(t *testing.T) {
	b := benchOff(t, 0)
	s := b.show(time.Hour)
	asked, goOn, done := make(chan bool), make(chan bool), make(chan error)
	b.relay.stall = func(call string) {
		if call == "status" {
			asked <- true
			<-goOn
		}
	}
	go func() { done <- b.Refresh(t.Context(), s.ID) }()
	<-asked
	if err := b.Pause(t.Context(), s.ID, true); err != nil || b.state(s.ID) != share.StatePaused {
		t.Errorf("pause: %v, %s", err, b.state(s.ID))
	}
	if err := b.Revoke(t.Context(), s.ID); err != nil || b.state(s.ID) != share.StateRevoked {
		t.Errorf("revoke: %v, %s", err, b.state(s.ID))
	}
	close(goOn)
	if err := <-done; err != nil || b.state(s.ID) != share.StateRevoked {
		t.Errorf("the old answer: %v, %s", err, b.state(s.ID))
	}
}

// A large upload on a slow network keeps nobody from taking another link back.
func TestRevokeWhileAnotherIsUploaded(t *testing.T) {
	b := benchOff(t, 0)
	s := b.show(time.Hour)
	p, err := b.PrepareLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	uploading, goOn, done := make(chan bool), make(chan bool), make(chan error)
	b.relay.stall = func(call string) {
		if call == "create" {
			uploading <- true
			<-goOn
		}
	}
	go func() {
		_, err := b.Share(t.Context(), p)
		done <- err
	}()
	<-uploading
	if err := b.Revoke(t.Context(), s.ID); err != nil || b.state(s.ID) != share.StateRevoked {
		t.Errorf("revoke: %v, %s", err, b.state(s.ID))
	}
	b.Refresh(t.Context()) // nor does it settle what is being made: the relay does not have it yet
	close(goOn)
	if err := <-done; err != nil || len(b.Snapshot().Shares) != 2 {
		t.Errorf("the upload: %v, %d entries", err, len(b.Snapshot().Shares))
	}
}

// Nor when all are taken back, the one that is being made with them.
func TestRevokeAllWhileOneIsUploaded(t *testing.T) {
	b := benchOff(t, 0)
	s := b.show(time.Hour)
	p, err := b.PrepareLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	uploading, revoked, goOn, done := make(chan bool), make(chan bool, 2), make(chan bool), make(chan error, 2)
	b.relay.stall = func(call string) {
		switch call {
		case "create":
			uploading <- true
			<-goOn
		case "revoke":
			revoked <- true
		}
	}
	go func() {
		_, err := b.Share(t.Context(), p)
		done <- err
	}()
	<-uploading
	go func() { done <- b.RevokeAll(t.Context()) }()
	<-revoked // the upload has not ended
	close(goOn)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if len(b.relay.links) != 0 || b.state(s.ID) != share.StateRevoked || len(b.Snapshot().Shares) != 2 {
		t.Errorf("%d links at the relay; %s, %d entries", len(b.relay.links), b.state(s.ID), len(b.Snapshot().Shares))
	}
}

// Nothing asks after a link that is being uploaded, however long that takes: the
// relay does not have it yet, and would say so.
func TestNobodyAsksWhileItIsUploaded(t *testing.T) {
	b := benchOff(t, 0)
	p, err := b.PrepareLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	uploading, goOn, done := make(chan bool), make(chan bool), make(chan error)
	b.relay.stall = func(call string) {
		switch call {
		case "create":
			uploading <- true
			<-goOn
		case "status":
			asked.Add(1)
		}
	}
	go func() {
		_, err := b.Share(t.Context(), p)
		done <- err
	}()
	<-uploading
	b.pass(time.Minute)
	b.Retry(t.Context())
	if err := b.Refresh(t.Context()); err != nil || asked.Load() != 0 {
		t.Errorf("%v: the relay was asked %d times", err, asked.Load())
	}
	close(goOn)
	if err := <-done; err != nil || len(b.Snapshot().Shares) != 1 {
		t.Errorf("the upload: %v, %d entries", err, len(b.Snapshot().Shares))
	}
	if err := b.Refresh(t.Context()); err != nil || asked.Load() != 1 {
		t.Errorf("%v: once it is there, the relay was asked %d times", err, asked.Load())
	}
}

// The relay says why a link cannot be changed, and the ledger says it too.
func TestChangeOfAnEndedLink(t *testing.T) {
	b := benchOff(t, 0)
	s := b.show(time.Minute)
	b.pass(time.Minute)
	if err := b.Pause(t.Context(), s.ID, true); !errors.Is(err, share.ErrGone) || b.state(s.ID) != share.StateExpired {
		t.Errorf("expired: %v, %s", err, b.state(s.ID))
	}
	s = b.show(time.Hour)
	delete(b.relay.status, s.Ref.ID) // as after a disaster at the relay's
	err := b.Pause(t.Context(), s.ID, true)
	if s = b.ledger(s.ID); !errors.Is(err, share.ErrGone) || s.MayOpen() || b.state(s.ID) != share.StateExpired {
		t.Errorf("unknown: %v, %s", err, b.state(s.ID))
	}
}

// Looking at a code asks the relay every few seconds. The vault is written when
// there is news, and not else.
func TestRefreshWritesNewsAlone(t *testing.T) {
	b := benchOff(t, 5*time.Hour)
	s := b.show(time.Hour)
	before := b.host.sentinel
	for range 5 {
		b.pass(15 * time.Second)
		b.clock.add(time.Second) // a clock that goes a little fast
		b.refresh()
	}
	if got := b.ledger(s.ID); b.host.sentinel != before || !got.Checked.Equal(b.clock.now()) {
		t.Errorf("written: %v; shown as heard at %s, want %s", b.host.sentinel != before, got.Checked, b.clock.now())
	}
	b.relay.set(s, func(st *share.Status) { st.UsesLeft-- })
	b.refresh()
	if b.host.sentinel == before {
		t.Error("news was not written")
	}
}
