package wallet_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"potli/app/share"
)

// scribe is a relay that notes what it was asked to change, and dies when it is told to.
type scribe struct {
	*relay
	said []string
	name map[string]string // of links, by their ref
	die  int               // before it writes down or answers change number so and so: 2n and 2n+1; -1: never
}

func (r *scribe) note(ref share.Ref, what string, do func() error) error {
	n := len(r.said)
	if r.die == 2*n {
		panic(died)
	}
	if err := do(); err != nil {
		return err
	}
	r.said = append(r.said, what+" "+r.name[ref.ID])
	if r.die == 2*n+1 {
		r.die = -1
		panic(died)
	}
	return nil
}

const died = "the page died"

func (r *scribe) Change(ctx context.Context, ref share.Ref, c share.Change) (st share.Status, err error) {
	what := "change"
	switch {
	case c.Paused != nil && *c.Paused:
		what = "pause"
	case c.Paused != nil:
		what = "resume"
	case c.Life != nil:
		what = "extend"
	}
	err = r.note(ref, what, func() error { st, err = r.relay.Change(ctx, ref, c); return err })
	return st, err
}

func (r *scribe) Revoke(ctx context.Context, ref share.Ref) error {
	return r.note(ref, "revoke", func() error { return r.relay.Revoke(ctx, ref) })
}

// newQueue is a wallet with links of these names, and no network.
func newQueue(t *testing.T, names ...string) (*bench, *scribe, map[string]string) {
	t.Helper()
	b := newBench(t)
	r := &scribe{relay: b.relay, name: map[string]string{}, die: -1}
	b.deps.Relay = r
	b.restart()
	b.create()
	b.importOne(file("a.json", []byte(allergy)))
	ids := map[string]string{}
	for _, name := range names {
		p, err := b.PrepareLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s := b.share(p)
		ids[name], r.name[s.Ref.ID] = s.ID, name
	}
	b.relay.offline = true
	return b, r, ids
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// waits are the kinds of what waits, in their order.
func (b *bench) waits() (list []string) {
	b.t.Helper()
	waiting, err := b.Waiting(b.t.Context())
	b.must(err)
	for _, w := range waiting {
		list = append(list, string(w.What))
	}
	return list
}

// later asks for one thing after another, a minute apart.
func (b *bench) later(steps ...func() error) {
	b.t.Helper()
	for _, step := range steps {
		b.clock.add(time.Minute)
		b.relay.clock.add(time.Minute)
		b.must(step())
	}
}

// TestQueueKeepsItsOrder: what is asked for without network counts at once, is there after a lock and a new start, and
// goes out in the order in which it was asked for.
func TestQueueKeepsItsOrder(t *testing.T) {
	b, r, id := newQueue(t, "d", "c", "b", "a")
	ctx, yes := t.Context(), true
	b.later(
		func() error { return b.Pause(ctx, id["c"], yes) },
		func() error { return b.Revoke(ctx, id["a"]) },
		func() error { return b.Extend(ctx, id["d"], time.Hour) },
		func() error { return b.Revoke(ctx, id["b"]) },
	)
	check := func(when string) {
		t.Helper()
		want := []string{"pause", "revoke", "extend", "revoke"}
		if got := b.waits(); !slices.Equal(got, want) {
			t.Errorf("%s: %q waits, want %q", when, got, want)
		}
		for name, state := range map[string]share.State{"a": share.StatePending, "b": share.StatePending, "c": share.StatePaused, "d": share.StateLive} {
			s := b.ledger(id[name])
			if got := s.State(b.clock.now()); got != state {
				t.Errorf("%s: %s is %s, want %s", when, name, got, state)
			}
		}
	}
	check("at once")
	b.Retry(ctx) // in vain
	check("tried in vain")
	b.Lock()
	b.restart()
	b.unlock()
	check("after a lock and a new start")

	before := b.relay.status[b.ledger(id["d"]).Ref.ID].Expires
	b.relay.offline = false
	b.Offline(false)
	b.Retry(ctx)
	if want := []string{"pause c", "revoke a", "extend d", "revoke b"}; !slices.Equal(r.said, want) {
		t.Errorf("the relay was told %q, want %q", r.said, want)
	}
	if got := b.waits(); len(got) != 0 {
		t.Errorf("%q still waits", got)
	}
	if got := b.relay.status[b.ledger(id["d"]).Ref.ID].Expires.Sub(before); got != time.Hour {
		t.Errorf("d lives %v longer", got)
	}
	for name, state := range map[string]share.State{"a": share.StateRevoked, "b": share.StateRevoked, "c": share.StatePaused, "d": share.StateLive} {
		s := b.ledger(id[name])
		if got := s.State(b.clock.now()); got != state {
			t.Errorf("in the end %s is %s, want %s", name, got, state)
		}
	}
}

// TestQueueOfOneLink: what was asked for last counts; what asks for nothing in the end is not sent; what ends a link ends
// everything else.
func TestQueueOfOneLink(t *testing.T) {
	for name, tt := range map[string]struct {
		ask  func(b *bench, id string) []func() error
		said []string
	}{
		"paused and let go on": {func(b *bench, id string) []func() error {
			return []func() error{func() error { return b.Pause(b.t.Context(), id, true) }, func() error { return b.Pause(b.t.Context(), id, false) }}
		}, nil},
		"longer, twice": {func(b *bench, id string) []func() error {
			longer := func() error { return b.Extend(b.t.Context(), id, time.Hour) }
			return []func() error{longer, longer}
		}, []string{"extend x"}},
		"paused, longer, taken back": {func(b *bench, id string) []func() error {
			return []func() error{func() error { return b.Pause(b.t.Context(), id, true) }, func() error { return b.Extend(b.t.Context(), id, time.Hour) },
				func() error { return b.Revoke(b.t.Context(), id) }}
		}, []string{"revoke x"}},
	} {
		t.Run(name, func(t *testing.T) {
			b, r, ids := newQueue(t, "x")
			before := b.relay.status[b.ledger(ids["x"]).Ref.ID].Expires
			b.later(tt.ask(b, ids["x"])...)
			b.relay.offline = false
			b.Offline(false)
			b.Retry(t.Context())
			if !slices.Equal(r.said, tt.said) || len(b.waits()) != 0 {
				t.Errorf("the relay was told %q, want %q; %q waits", r.said, tt.said, b.waits())
			}
			if name == "longer, twice" {
				if got := b.relay.status[b.ledger(ids["x"]).Ref.ID].Expires.Sub(before); got != 2*time.Hour {
					t.Errorf("it lives %v longer", got)
				}
			}
		})
	}
}

// TestQueueGone: a link that the relay does not know any more, or that ended meanwhile, is done with.
func TestQueueGone(t *testing.T) {
	for _, gone := range []bool{true, false} {
		b, _, id := newQueue(t, "a", "b", "c")
		ctx := t.Context()
		b.later(func() error { return b.Revoke(ctx, id["a"]) }, func() error { return b.Pause(ctx, id["b"], true) }, func() error { return b.Extend(ctx, id["c"], time.Hour) })
		for _, name := range []string{"a", "b", "c"} {
			ref := b.ledger(id[name]).Ref.ID
			if gone {
				delete(b.relay.status, ref)
			} else {
				b.relay.set(b.ledger(id[name]), func(s *share.Status) { s.Expires = b.relay.clock.now().Add(-time.Second) })
			}
		}
		b.relay.offline = false
		b.Offline(false)
		b.Retry(ctx)
		if got := b.waits(); len(got) != 0 {
			t.Errorf("gone %v: %q waits for ever", gone, got)
		}
		for _, name := range []string{"a", "b", "c"} {
			if s := b.ledger(id[name]); s.MayOpen() {
				t.Errorf("gone %v: %s counts as open: %s", gone, name, s.State(b.clock.now()))
			}
		}
	}
}
