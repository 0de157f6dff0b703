package wallet_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"potli/app/traffic"
	"potli/app/vault"
	"potli/app/wallet"
)

// sends notes a request as the network does.
func (b *bench) sends(why traffic.Reason, url string, out, in int) {
	b.t.Helper()
	r, err := b.deps.Traffic.Begin(traffic.Because(b.t.Context(), why), url, out)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Got(in)
	r.End(nil)
}

// sent is how many requests the account has, by its rows and by its days.
func (b *bench) sent() (rows, days int) {
	b.t.Helper()
	l, err := b.Left(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range l.Rows {
		rows += r.N
	}
	for _, s := range l.Days {
		days += s.N
	}
	return rows, days
}

func newTrafficBench(t *testing.T) (*bench, *counting) {
	b := newBench(t)
	blobs := &counting{Blobs: b.deps.Blobs}
	b.deps.Blobs, b.deps.Traffic = blobs, traffic.NewMeter(b.clock.now)
	b.restart()
	return b, blobs
}

// counting counts what is committed of the account, and may refuse it.
type counting struct {
	vault.Blobs
	writes int
	full   bool
}

func (c *counting) Commit(ctx context.Context, b vault.Batch) error {
	if b.Put["traffic"] != nil {
		c.writes++
		if c.full {
			return vault.ErrFull
		}
	}
	return c.Blobs.Commit(ctx, b)
}

func (c *counting) account(t *testing.T) []byte {
	t.Helper()
	got, err := c.Get(t.Context(), "traffic")
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// O6: what was sent before the wallet was opened is written when it is; what is sent
// after is written in one go, and at the latest when it is locked.
func TestTrafficIsKept(t *testing.T) {
	b, blobs := newTrafficBench(t)
	b.sends(traffic.Pair, "https://relay.test/v1/secret-id", 10, 5)
	if _, err := b.Left(t.Context()); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("read while locked: %v", err)
	}
	b.create()
	seen := b.host.sentinel
	for range 100 {
		b.sends(traffic.LinkMake, "https://relay.test/v1/secret-id", 1000, 50)
	}
	b.Tick(t.Context())
	if blobs.writes != 0 {
		t.Error("written at once: each request would be sealed by itself")
	}
	for range 3 {
		b.clock.add(11 * time.Second)
		b.Tick(t.Context())
	}
	if blobs.writes != 1 {
		t.Errorf("written %d times, want once", blobs.writes)
	}
	if b.host.sentinel != seen {
		t.Error("it counts as a change of the vault, which would be synced and backed up")
	}
	if sealed := blobs.account(t); bytes.Contains(sealed, []byte("relay")) || !bytes.HasPrefix(sealed, []byte("age-encryption.org/v1")) {
		t.Error("it lies in storage unsealed")
	}
	b.sends(traffic.LinkEnd, "https://relay.test", 1, 1)
	b.Lock()
	b.restart()
	b.unlock()
	if rows, days := b.sent(); rows != 102 || days != 102 {
		t.Errorf("%d and %d of 102 requests are in the account", rows, days)
	}
	l, err := b.Left(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Rows) != 3 || l.Rows[1].Out != 100_000 || l.Rows[1].Host != "relay.test" {
		t.Errorf("%+v", l.Rows)
	}
	_, backup, err := b.Export(t.Context())
	if err != nil || bytes.Contains(backup, blobs.account(t)) {
		t.Errorf("the account is in a backup: %v", err)
	}
	if err := b.ClearLeft(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rows, days := b.sent(); rows+days != 0 {
		t.Errorf("%d and %d requests after it was cleared", rows, days)
	}
	if _, err := blobs.Get(t.Context(), "traffic"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("the cleared account is in storage: %v", err)
	}
}

// stuckTabs gives no turn to who writes once it is stuck, as a tab that hangs in its own.
type stuckTabs struct{ stuck bool }

func (s *stuckTabs) Turn(ctx context.Context) (func(bool), error) {
	if s.stuck {
		<-ctx.Done()
	}
	return func(bool) {}, ctx.Err()
}
func (*stuckTabs) Lead(context.Context) bool { return true }
func (*stuckTabs) Tell(string)               {}
func (*stuckTabs) Listen(func(string))       {}

// Nothing that keeps the account from being written keeps the wallet from being locked.
func TestTrafficNeverKeepsItOpen(t *testing.T) {
	b, _ := newTrafficBench(t)
	b.create()
	b.Lock()
	tabs := &stuckTabs{}
	b.deps.Tabs = tabs
	b.restart()
	b.unlock()
	tabs.stuck = true
	b.sends(traffic.Sync, "https://relay.test", 1, 1)
	dropped := b.host.dropped
	b.Lock()
	if b.host.dropped != dropped+1 {
		t.Error("the keys are still there")
	}
	b.deps.Tabs = nil
	b.restart()
	b.unlock()
	if rows, _ := b.sent(); rows != 1 {
		t.Errorf("%d of 1 request is in the account: what could not be written was forgotten", rows)
	}
}

// Several tabs write one account, each its own part.
func TestTrafficOfTabs(t *testing.T) {
	one, blobs := newTrafficBench(t)
	one.create()
	other := *one
	other.deps.Traffic = traffic.NewMeter(one.clock.now)
	other.restart()
	other.unlock()
	for range 3 {
		one.sends(traffic.Sync, "https://relay.test", 1, 1)
		one.sent()
		other.sends(traffic.LinkMake, "https://relay.test", 1, 1)
		other.sent()
	}
	for _, b := range []*bench{one, &other} {
		if rows, days := b.sent(); rows != 6 || days != 6 {
			t.Errorf("%d and %d of 6 requests", rows, days)
		}
	}
	if blobs.writes != 6 {
		t.Errorf("%d writings, want 6", blobs.writes)
	}
}

// Where nothing can be written it is counted on; what cannot be read begins anew and
// says so.
func TestTrafficInTrouble(t *testing.T) {
	b, blobs := newTrafficBench(t)
	b.create()
	b.sends(traffic.Sync, "https://relay.test", 1, 1)
	blobs.full = true
	if _, err := b.Left(t.Context()); !errors.Is(err, vault.ErrFull) {
		t.Errorf("on a full disk: %v", err)
	}
	b.sends(traffic.Sync, "https://relay.test", 1, 1)
	blobs.full = false
	if rows, days := b.sent(); rows != 2 || days != 2 {
		t.Errorf("%d and %d of 2 requests", rows, days)
	}
	damaged := bytes.Clone(blobs.account(t))
	damaged[len(damaged)-1] ^= 1
	if err := blobs.Commit(t.Context(), vault.Batch{Put: map[string][]byte{"traffic": damaged}}); err != nil {
		t.Fatal(err)
	}
	b.sends(traffic.Sync, "https://relay.test", 1, 1)
	if l, err := b.Left(t.Context()); err != nil || !l.Lost || len(l.Rows) != 1 {
		t.Errorf("after damage: %+v, %v", l, err)
	}
}

// Old months lie apart, so that what is sealed every time stays small, and are told.
func TestTrafficOfYears(t *testing.T) {
	b, blobs := newTrafficBench(t)
	b.create()
	for range 14 {
		b.sends(traffic.DropLook, "https://relay.test", 1, 1)
		if _, err := b.Left(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.clock.add(30 * 24 * time.Hour)
	}
	l, err := b.Left(t.Context())
	if err != nil || len(l.Months) < 11 || len(l.Days) > 3 {
		t.Fatalf("%d months apart, %d days: %v", len(l.Months), len(l.Days), err)
	}
	n := len(l.Days)
	for _, month := range l.Months {
		sums, err := b.LeftMonth(t.Context(), month)
		if err != nil {
			t.Fatal(err)
		}
		n += len(sums)
	}
	if n != 14 {
		t.Errorf("%d of 14 days are told", n)
	}
	if names, _ := blobs.List(t.Context(), "traffic"); len(names) != len(l.Months)+1 {
		t.Errorf("%q", names)
	}
	if err := b.ClearLeft(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names, _ := blobs.List(t.Context(), "traffic"); len(names) != 0 {
		t.Errorf("after it was cleared: %q", names)
	}
}
