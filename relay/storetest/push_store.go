package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/wire"
)

const (
	quiet = int64(relay.PushQuiet / time.Second)
	life  = int64(relay.PushLife / time.Second)
	retry = int64(relay.PushRetry / time.Second)
)

var pushTests = []struct {
	name string
	f    func(*testing.T, relay.Store)
}{
	{"push_put", testPushPut},
	{"push_put_in_parallel", testPushPutParallel},
	{"push_quiet_time", testPushQuiet},
	{"push_retry", testPushRetry},
	{"push_too_late", testPushTooLate},
	{"push_in_parallel", testPushParallel},
	{"RL12_push_purge", testPushPurge},
}

// pushBox makes a mailbox in which things can arrive.
func pushBox(t *testing.T, s relay.Store, name string) relay.Mailbox {
	t.Helper()
	m := relay.Mailbox{ID: hash(name), Token: hash("token of " + name), Expires: T0 + 30*86400, MostEntries: 100, MostBytes: 1 << 20}
	if made, err := s.OpenMailbox(ctx, m, T0); !made || err != nil {
		t.Fatalf("mailbox: %v, %v", made, err)
	}
	return m
}

func device(m relay.Mailbox, name string) relay.Push {
	return relay.Push{Mailbox: m.ID, Device: hash(name), Sealed: []byte("sealed " + name)}
}

func putPush(t *testing.T, s relay.Store, p relay.Push) relay.Push {
	t.Helper()
	if ok, err := s.PutPush(ctx, p, T0); !ok || err != nil {
		t.Fatalf("put: %v, %v", ok, err)
	}
	return p
}

func arrive(t *testing.T, s relay.Store, m relay.Mailbox, now int64) {
	t.Helper()
	if err := s.Arrived(ctx, m.ID, now); err != nil {
		t.Fatal(err)
	}
}

// take takes what is due and expects the sealed endpoints want; with none, when
// the next are due.
func take(t *testing.T, s relay.Store, now, wantNext int64, want ...string) []relay.Push {
	t.Helper()
	list, next, err := s.TakePushes(ctx, now)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range list {
		got = append(got, string(p.Sealed))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("at T0+%d: took %q, want %q", now-T0, got, want)
	}
	if len(want) == 0 && next != wantNext {
		t.Errorf("at T0+%d: next is T0+%d, want T0+%d", now-T0, next-T0, wantNext-T0)
	}
	return list
}

func testPushPut(t *testing.T, s relay.Store) {
	m := pushBox(t, s, "box")
	if ok, err := s.PutPush(ctx, relay.Push{Mailbox: hash("nobody"), Device: hash("d"), Sealed: []byte("x")}, T0); ok || err != nil {
		t.Errorf("for no mailbox: %v, %v", ok, err)
	}
	if ok, err := s.PutPush(ctx, device(m, "late"), m.Expires); ok || err != nil {
		t.Errorf("for an expired mailbox: %v, %v", ok, err)
	}
	for i := range wire.MaxPushes {
		putPush(t, s, device(m, fmt.Sprint(i)))
	}
	if ok, err := s.PutPush(ctx, device(m, "one more"), T0); ok || err != nil {
		t.Errorf("one more than allowed: %v, %v", ok, err)
	}
	again := device(m, "3")
	again.Sealed = []byte("sealed 3 anew")
	putPush(t, s, again)
	putPush(t, s, device(pushBox(t, s, "other"), "0")) // is another row
	for _, d := range []string{"1", "1", "nobody"} {
		if err := s.DeletePush(ctx, m.ID, hash(d)); err != nil {
			t.Fatal(err)
		}
	}
	putPush(t, s, device(m, "one more"))
	arrive(t, s, m, T0)
	take(t, s, T0, 0, "sealed 0", "sealed 2", "sealed 3 anew", "sealed 4", "sealed one more")
}

func testPushPutParallel(t *testing.T, s relay.Store) {
	m := pushBox(t, s, "box")
	var kept atomic.Int32
	parallel(40, func(i int) { // 10 devices, each four times
		if ok, _ := s.PutPush(ctx, device(m, fmt.Sprint(i%10)), T0); ok {
			kept.Add(1)
		}
	})
	arrive(t, s, m, T0)
	list, _, err := s.TakePushes(ctx, T0)
	if err != nil || len(list) != wire.MaxPushes || kept.Load() < wire.MaxPushes {
		t.Errorf("%d rows of %d that were kept, %v, want %d rows", len(list), kept.Load(), err, wire.MaxPushes)
	}
}

// testPushQuiet: a flood is one message, and what arrives while it is on its way
// is another one, after the quiet time.
func testPushQuiet(t *testing.T, s relay.Store) {
	m := pushBox(t, s, "box")
	putPush(t, s, device(m, "a"))
	take(t, s, T0, 0)
	for range 10 {
		arrive(t, s, m, T0)
	}
	first := take(t, s, T0, 0, "sealed a")
	take(t, s, T0, T0+retry) // nobody else has it meanwhile
	if len(first) != 1 {
		t.FailNow()
	}
	arrive(t, s, m, T0+1)
	if err := s.Pushed(ctx, first[0], T0+2); err != nil {
		t.Fatal(err)
	}
	take(t, s, T0+2+quiet-1, T0+2+quiet)
	second := take(t, s, T0+2+quiet, 0, "sealed a")
	if err := s.Pushed(ctx, second[0], T0+2+quiet); err != nil {
		t.Fatal(err)
	}
	take(t, s, T0+1e6, 0) // all has been told
	// Long after, at once; soon after, when the quiet time is over.
	arrive(t, s, m, T0+1e6)
	third := take(t, s, T0+1e6, 0, "sealed a")
	if err := s.Pushed(ctx, third[0], T0+1e6); err != nil {
		t.Fatal(err)
	}
	arrive(t, s, m, T0+1e6+10)
	take(t, s, T0+1e6+10, T0+1e6+quiet)
	take(t, s, T0+1e6+quiet, 0, "sealed a")
}

// testPushRetry: what is taken and not told is due again, later each time, for a
// day.
func testPushRetry(t *testing.T, s relay.Store) {
	m := pushBox(t, s, "box")
	putPush(t, s, device(m, "a"))
	arrive(t, s, m, T0)
	now, tries := T0, int64(0)
	for {
		list, _, err := s.TakePushes(ctx, now)
		if err != nil || len(list) != 1 {
			t.Fatalf("try %d: %v, %v", tries, list, err)
		}
		tries++
		_, next, err := s.TakePushes(ctx, now)
		if err != nil {
			t.Fatal(err)
		}
		if next == 0 {
			break
		}
		if want := now + retry*tries*tries; next != want {
			t.Fatalf("try %d is at T0+%d, want T0+%d", tries+1, next-T0, want-T0)
		}
		arrive(t, s, m, now) // which does not begin anew
		now = next
	}
	if now > T0+life || tries < 10 {
		t.Errorf("given up at T0+%d, after %d tries", now-T0, tries)
	}
	take(t, s, now+life, 0)
	arrive(t, s, m, now+life)
	take(t, s, now+life, 0, "sealed a")
}

// testPushTooLate: nobody looked for a day.
func testPushTooLate(t *testing.T, s relay.Store) {
	m := pushBox(t, s, "box")
	putPush(t, s, device(m, "a"))
	arrive(t, s, m, T0)
	take(t, s, T0+life, 0)
	arrive(t, s, m, T0+life)
	arrive(t, s, m, T0+2*life) // before anybody looked again
	take(t, s, T0+2*life, 0, "sealed a")
}

// testPushParallel: each message is one caller's, and none is lost.
func testPushParallel(t *testing.T, s relay.Store) {
	var want []string
	for i := range 30 {
		m := pushBox(t, s, fmt.Sprint(i))
		name := fmt.Sprintf("%02d", i)
		putPush(t, s, device(m, name))
		want = append(want, "sealed "+name)
		arrive(t, s, m, T0)
	}
	var mu sync.Mutex
	var got []string
	parallel(10, func(int) {
		for range 10 {
			list, _, err := s.TakePushes(ctx, T0)
			mu.Lock()
			if err != nil {
				t.Error(err)
			}
			for _, p := range list {
				got = append(got, string(p.Sealed))
			}
			mu.Unlock()
		}
	})
	for range 10 { // PostgreSQL's takers may have looked at the same rows
		list, _, _ := s.TakePushes(ctx, T0)
		for _, p := range list {
			got = append(got, string(p.Sealed))
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("took %q, want each of 30 once", got)
	}
}

func testPushPurge(t *testing.T, s relay.Store) {
	expired, closed, alive := pushBox(t, s, "expired"), pushBox(t, s, "closed"), pushBox(t, s, "alive")
	boxes := []relay.Mailbox{expired, closed, alive}
	for _, m := range boxes {
		putPush(t, s, device(m, m.ID))
	}
	if err := s.CloseMailbox(ctx, closed.ID, closed.Token, T0); err != nil {
		t.Fatal(err)
	}
	alive.Expires++
	if _, err := s.OpenMailbox(ctx, alive, T0); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		now  int64
		want []string
	}{
		{T0, []string{"sealed " + alive.ID, "sealed " + expired.ID}},
		{expired.Expires, []string{"sealed " + alive.ID}},
		{alive.Expires, nil},
	} {
		if err := s.Purge(ctx, step.now); err != nil {
			t.Fatal(err)
		}
		for _, m := range boxes {
			arrive(t, s, m, step.now)
		}
		take(t, s, step.now, 0, step.want...)
	}
}
