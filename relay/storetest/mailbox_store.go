package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"potli/relay"
	"potli/relay/wire"
)

// mailboxTests are Run's part for mailboxes.
var mailboxTests = []struct {
	name string
	f    func(*testing.T, relay.Store)
}{
	{"mailbox_open", testMailboxOpen},
	{"mailbox_clock", testMailboxClock},
	{"mailbox_close", testMailboxClose},
	{"deposit", testDeposit},
	{"deposit_in_parallel", testDepositParallel},
	{"deposit_repeated_in_parallel", testDepositRepeated},
	{"deposit_room_in_parallel", testDepositRoom},
	{"entries_pages", testEntriesPages},
	{"acknowledge", testAcknowledge},
	{"arrivals", testArrivals},
	{"RL12_purge_mailboxes", testPurgeMailboxes},
	{"RL12_purge_under_deposits", testPurgeUnderDeposits},
}

const entrySeconds = int64(wire.EntryLife / 1e9)

func newMailbox(name string) relay.Mailbox {
	return relay.Mailbox{
		ID: hash("box " + name), Token: hash("token of box " + name), Expires: T0 + 3600, MostEntries: 1000, MostBytes: 10_000_000, Note: "note",
	}
}

func openMailbox(t *testing.T, s relay.Store, m relay.Mailbox) relay.Mailbox {
	t.Helper()
	if made, err := s.OpenMailbox(ctx, m, T0); !made || err != nil {
		t.Fatalf("open: %v, %v", made, err)
	}
	return m
}

func mailbox(t *testing.T, s relay.Store, m relay.Mailbox, now int64) relay.Mailbox {
	t.Helper()
	got, err := s.OwnedMailbox(ctx, m.ID, m.Token, now)
	if err != nil {
		t.Fatalf("mailbox: %v", err)
	}
	return got
}

func put(t *testing.T, s relay.Store, m relay.Mailbox, entry, body string, now int64) int64 {
	t.Helper()
	seq, err := s.Deposit(ctx, m.ID, entry, []byte(body), now)
	if err != nil {
		t.Fatalf("deposit: %v", err)
	}
	return seq
}

// entries reads everything after a number, page by page.
func entries(t *testing.T, s relay.Store, m relay.Mailbox, after, now int64) (all []relay.Entry) {
	t.Helper()
	for more := true; more; {
		var page []relay.Entry
		var err error
		page, more, err = s.Entries(ctx, m.ID, after, now)
		if err != nil {
			t.Fatalf("entries: %v", err)
		}
		if more && len(page) == 0 {
			t.Fatal("an empty page, and more")
		}
		for _, e := range page {
			if e.Seq <= after {
				t.Fatalf("number %d after %d", e.Seq, after)
			}
			after = e.Seq
		}
		all = append(all, page...)
	}
	return all
}

func seqs(list []relay.Entry) (all []int64) {
	for _, e := range list {
		all = append(all, e.Seq)
	}
	return all
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

func testMailboxOpen(t *testing.T, s relay.Store) {
	m := openMailbox(t, s, newMailbox("a"))
	got := mailbox(t, s, m, T0)
	want := m
	want.Token, want.Created = "", T0
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if other, err := s.Mailbox(ctx, m.ID, T0); other != want || err != nil {
		t.Errorf("for a sender: %+v, %v", other, err)
	}
	// Again, with other terms: the end never comes earlier.
	again := m
	for _, step := range []struct{ expires, want int64 }{{T0 + 60, T0 + 3600}, {T0 + 7200, T0 + 7200}, {T0 + 7199, T0 + 7200}} {
		again.Expires, again.MostEntries, again.MostBytes, again.Note = step.expires, 3, 77, "other"
		if made, err := s.OpenMailbox(ctx, again, T0+5); made || err != nil {
			t.Fatalf("prolong: %v, %v", made, err)
		}
		got := mailbox(t, s, m, T0)
		if got.Expires != step.want || got.Created != T0 || got.MostEntries != 3 || got.MostBytes != 77 || got.Note != "other" {
			t.Errorf("prolonged: %+v", got)
		}
	}
	thief := m
	thief.Token = hash("thief")
	_, err := s.OpenMailbox(ctx, thief, T0)
	wantErr(t, "another owner", err, relay.ErrTaken)
	_, err = s.OwnedMailbox(ctx, m.ID, thief.Token, T0)
	wantGone(t, "another token", err)
	_, err = s.Mailbox(ctx, hash("unknown"), T0)
	wantGone(t, "unknown", err)

	var made atomic.Int32
	parallel(50, func(int) {
		ok, err := s.OpenMailbox(ctx, newMailbox("race"), T0)
		if err != nil {
			t.Error(err)
		}
		if ok {
			made.Add(1)
		}
	})
	if made.Load() != 1 {
		t.Errorf("50 at once made %d mailboxes", made.Load())
	}
}

// testMailboxClock: what ends, ends by the clock and not by the purge.
func testMailboxClock(t *testing.T, s relay.Store) {
	m := openMailbox(t, s, newMailbox("a"))
	put(t, s, m, "e", "body", T0)
	end := m.Expires
	mailbox(t, s, m, end-1)
	put(t, s, m, "late", "body", end-1)
	for name, err := range map[string]error{
		"owner":   second(s.OwnedMailbox(ctx, m.ID, m.Token, end)),
		"sender":  second(s.Mailbox(ctx, m.ID, end)),
		"deposit": second(s.Deposit(ctx, m.ID, "x", []byte("body"), end)),
	} {
		wantGone(t, name+" at the end", err)
	}
	_, err := s.OpenMailbox(ctx, m, end)
	wantErr(t, "reviving", err, relay.ErrTaken)

	long := newMailbox("long")
	long.Expires = T0 + 2*entrySeconds
	openMailbox(t, s, long)
	put(t, s, long, "old", "body", T0)
	put(t, s, long, "new", "body", T0+10)
	for now, want := range map[int64][]int64{T0 + entrySeconds - 1: {1, 2}, T0 + entrySeconds: {2}, T0 + entrySeconds + 10: nil} {
		if got := seqs(entries(t, s, long, 0, now)); !slices.Equal(got, want) {
			t.Errorf("at %d the list is %v, want %v", now-T0, got, want)
		}
		_, err := s.Entry(ctx, long.ID, 1, now)
		check(t, "one entry", err, now < T0+entrySeconds)
	}
}

func second[T any](_ T, err error) error { return err }

func testMailboxClose(t *testing.T, s relay.Store) {
	m := openMailbox(t, s, newMailbox("a"))
	put(t, s, m, "e", "body", T0)
	e, err := s.Entry(ctx, m.ID, 1, T0)
	if err != nil {
		t.Fatal(err)
	}
	wantGone(t, "closing with another token", s.CloseMailbox(ctx, m.ID, hash("thief"), T0))
	for range 2 {
		if err := s.CloseMailbox(ctx, m.ID, m.Token, T0+1); err != nil {
			t.Fatal(err)
		}
	}
	_, err = s.EntryPart(ctx, e.File, 0)
	wantGone(t, "the body", err)
	for _, now := range []int64{T0, -5} { // also when the clock is wrong
		_, err = s.OwnedMailbox(ctx, m.ID, m.Token, now)
		wantGone(t, "owner", err)
		_, err = s.Deposit(ctx, m.ID, "x", []byte("body"), now)
		wantGone(t, "deposit", err)
	}
	// Nobody gets the id before it would have ended anyway.
	for _, now := range []int64{T0 + 2, m.Expires - 1} {
		if err := s.Purge(ctx, now); err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{m.Token, hash("thief")} {
			again := newMailbox("a")
			again.Token = token
			_, err = s.OpenMailbox(ctx, again, now)
			wantErr(t, "taking the id", err, relay.ErrTaken)
		}
	}
	if err := s.Purge(ctx, m.Expires); err != nil {
		t.Fatal(err)
	}
	openMailbox(t, s, newMailbox("a"))
}

func testDeposit(t *testing.T, s relay.Store) {
	m := newMailbox("a")
	m.MostEntries, m.MostBytes = 3, 100
	openMailbox(t, s, m)
	for i, step := range []struct {
		entry, body string
		seq         int64
		err         error
	}{
		{"a", "0123456789", 1, nil},
		{"b", "0123456789", 2, nil}, // the same body is another entry
		{"a", "0123456789", 1, nil}, // its answer had been lost
		{"a", "012345678", 0, relay.ErrOther},
		{"c", string(make([]byte, 81)), 0, relay.ErrFull},
		{"c", string(make([]byte, 80)), 3, nil},
		{"d", "", 0, relay.ErrFull}, // no fourth
		{"c", string(make([]byte, 80)), 3, nil},
		{"b", "x", 0, relay.ErrOther},
	} {
		seq, err := s.Deposit(ctx, m.ID, step.entry, []byte(step.body), T0+int64(i))
		if seq != step.seq || !errors.Is(err, step.err) {
			t.Errorf("step %d: got %d, %v, want %d, %v", i, seq, err, step.seq, step.err)
		}
	}
	if got := mailbox(t, s, m, T0); got.Entries != 3 || got.Bytes != 100 || got.Highest != 3 {
		t.Errorf("got %+v", got)
	}
	list := entries(t, s, m, 0, T0)
	if len(list) != 3 || list[1].ID != "b" || string(list[1].Body) != "0123456789" || list[1].Size != 10 || list[1].Added != T0+1 {
		t.Errorf("got %+v", list)
	}
	_, err := s.Deposit(ctx, hash("unknown"), "a", []byte("x"), T0)
	wantGone(t, "unknown", err)
	_, err = s.Entry(ctx, m.ID, 4, T0)
	wantGone(t, "an entry that is not there", err)
}

// testDepositParallel: numbers without a gap, and a reader who goes from number
// to number meanwhile misses none.
func testDepositParallel(t *testing.T, s relay.Store) {
	const n = 200
	m := openMailbox(t, s, newMailbox("a"))
	stop := make(chan struct{})
	var read []int64
	var reader sync.WaitGroup
	reader.Go(func() {
		for after := int64(0); ; {
			over := false
			select {
			case <-stop:
				over = true // one last look
			default:
			}
			for _, e := range entries(t, s, m, after, T0) {
				read = append(read, e.Seq)
				after = e.Seq
			}
			if over {
				return
			}
		}
	})
	got := make([]int64, n)
	parallel(n, func(i int) {
		seq, err := s.Deposit(ctx, m.ID, fmt.Sprint("entry", i), []byte(fmt.Sprint("body", i)), T0)
		if err != nil {
			t.Errorf("deposit %d: %v", i, err)
		}
		got[i] = seq
	})
	close(stop)
	reader.Wait()
	want := make([]int64, n)
	for i := range want {
		want[i] = int64(i + 1)
	}
	for i, seq := range got {
		if e, err := s.Entry(ctx, m.ID, seq, T0); err != nil || e.ID != fmt.Sprint("entry", i) {
			t.Errorf("number %d is %q, %v, not what was answered", seq, e.ID, err)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the numbers are %v", got)
	}
	if !slices.Equal(read, want) {
		t.Errorf("the reader saw %v", read)
	}
}

func testDepositRepeated(t *testing.T, s relay.Store) {
	m := openMailbox(t, s, newMailbox("a"))
	var wrong atomic.Int32
	parallel(100, func(i int) {
		body := "one"
		if i%4 == 3 { // somebody uses the same id for something else
			body = fmt.Sprint("other", i)
		}
		seq, err := s.Deposit(ctx, m.ID, fmt.Sprint("entry", i%2), []byte(body), T0)
		if errors.Is(err, relay.ErrOther) {
			wrong.Add(1)
		} else if err != nil || seq < 1 || seq > 2 {
			t.Errorf("got %d, %v", seq, err)
		}
	})
	list := entries(t, s, m, 0, T0)
	if got := seqs(list); !slices.Equal(got, []int64{1, 2}) || wrong.Load() < 24 {
		t.Errorf("100 deposits of 2 entries left %v; %d were refused", got, wrong.Load())
	}
}

// testDepositRoom: the limits are never passed, and what fits is taken.
func testDepositRoom(t *testing.T, s relay.Store) {
	for name, most := range map[string]struct{ entries, bytes, want int64 }{
		"entries": {37, 1_000_000, 37}, "bytes": {1000, 100*41 + 99, 41},
	} {
		m := newMailbox(name)
		m.MostEntries, m.MostBytes = most.entries, most.bytes
		openMailbox(t, s, m)
		var taken, full atomic.Int64
		parallel(200, func(i int) {
			_, err := s.Deposit(ctx, m.ID, fmt.Sprint(i), bytes.Repeat([]byte{byte(i)}, 100), T0)
			switch {
			case err == nil:
				taken.Add(1)
			case errors.Is(err, relay.ErrFull):
				full.Add(1)
			default:
				t.Error(err)
			}
		})
		got := mailbox(t, s, m, T0)
		if taken.Load() != most.want || full.Load() != 200-most.want || got.Entries != most.want || got.Highest != most.want {
			t.Errorf("%s: %d taken, %d refused, %+v", name, taken.Load(), full.Load(), got)
		}
	}
}

func testEntriesPages(t *testing.T, s relay.Store) {
	m := newMailbox("a")
	m.MostBytes = 100 << 20
	openMailbox(t, s, m)
	sizes := []int{wire.InlineEntry, wire.InlineEntry + 1, relay.PartSize, relay.PartSize + 1, 3*relay.PartSize + 7}
	for range 40 { // more than a page in bytes
		sizes = append(sizes, wire.InlineEntry)
	}
	for range 2 * wire.EntriesAtOnce { // and in number
		sizes = append(sizes, 1)
	}
	bodies := make([]string, len(sizes))
	for i, size := range sizes {
		bodies[i] = string(bytes.Repeat([]byte{byte('a' + i%26)}, size))
		put(t, s, m, fmt.Sprint(i), bodies[i], T0)
	}
	after, pages := int64(0), 0
	for more := true; more; pages++ {
		var page []relay.Entry
		var err error
		if page, more, err = s.Entries(ctx, m.ID, after, T0); err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, e := range page {
			if after++; e.Seq != after {
				t.Fatalf("number %d after %d", e.Seq, after-1)
			}
			want := bodies[e.Seq-1]
			if len(want) > wire.InlineEntry {
				want = ""
			}
			if string(e.Body) != want || e.Size != int64(sizes[e.Seq-1]) {
				t.Errorf("entry %d: size %d, %d bytes come with it", e.Seq, e.Size, len(e.Body))
			}
			total += len(e.Body)
		}
		if total > wire.EntriesPage+wire.InlineEntry || len(page) > wire.EntriesAtOnce {
			t.Errorf("a page of %d bytes in %d entries", total, len(page))
		}
	}
	if int(after) != len(sizes) || pages < 5 {
		t.Errorf("%d of %d entries in %d pages", after, len(sizes), pages)
	}
	for i, size := range sizes[:5] {
		e, err := s.Entry(ctx, m.ID, int64(i+1), T0)
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		for n := 0; len(got) < size; n++ {
			p, err := s.EntryPart(ctx, e.File, n)
			if err != nil || len(p) > relay.PartSize {
				t.Fatalf("part %d: %d bytes, %v", n, len(p), err)
			}
			got = append(got, p...)
		}
		if string(got) != bodies[i] {
			t.Errorf("size %d: the body differs", size)
		}
	}
}

func testAcknowledge(t *testing.T, s relay.Store) {
	m := newMailbox("a")
	m.MostEntries = 5
	m.Expires = T0 + 3*entrySeconds
	openMailbox(t, s, m)
	for i := range 5 {
		put(t, s, m, fmt.Sprint(i+1), "body", T0)
	}
	e, err := s.Entry(ctx, m.ID, 2, T0)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Acknowledge(ctx, m.ID, []int64{5, 2, 3, 2, 99, -1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Acknowledge(ctx, hash("unknown"), []int64{1}); err != nil {
		t.Error(err)
	}
	_, err = s.EntryPart(ctx, e.File, 0)
	wantGone(t, "an acknowledged body", err)
	if got := seqs(entries(t, s, m, 0, T0)); !slices.Equal(got, []int64{1, 4}) {
		t.Errorf("left are %v", got)
	}
	if got := mailbox(t, s, m, T0); got.Entries != 2 || got.Bytes != 8 || got.Highest != 5 {
		t.Errorf("got %+v", got)
	}
	// A repeat is known again, and no number is used twice, however long after.
	if seq := put(t, s, m, "5", "body", T0); seq != 5 {
		t.Errorf("an acknowledged entry again: %d", seq)
	}
	_, err = s.Deposit(ctx, m.ID, "5", []byte("other"), T0)
	wantErr(t, "its id for another", err, relay.ErrOther)
	if seq := put(t, s, m, "6", "body", T0); seq != 6 {
		t.Errorf("the next number is %d", seq)
	}
	if err := s.Acknowledge(ctx, m.ID, []int64{1, 4, 6}); err != nil {
		t.Fatal(err)
	}
	for _, now := range []int64{T0, T0 + entrySeconds, T0 + 2*entrySeconds} {
		if err := s.Purge(ctx, now); err != nil {
			t.Fatal(err)
		}
		if got := mailbox(t, s, m, now); got.Highest != 6 || got.Entries != 0 || got.Bytes != 0 {
			t.Errorf("after a purge: %+v", got)
		}
	}
	if seq := put(t, s, m, "7", "body", T0+2*entrySeconds); seq != 7 {
		t.Errorf("the next number is %d", seq)
	}
}

func testArrivals(t *testing.T, s relay.Store) {
	a, b := openMailbox(t, s, newMailbox("a")), openMailbox(t, s, newMailbox("b"))
	put(t, s, a, "1", "x", T0)
	put(t, s, a, "2", "x", T0+1)
	put(t, s, b, "1", "x", T0+2)
	for since, want := range map[int64]map[string]int64{T0: {a.ID: 2, b.ID: 1}, T0 + 2: {b.ID: 1}, T0 + 3: {}} {
		if got, err := s.Arrivals(ctx, since); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("since %d: %v, %v, want %v", since-T0, got, err, want)
		}
	}
}

func testPurgeMailboxes(t *testing.T, s relay.Store) {
	const many = 45 // more than two turns
	var files []string
	for i := range many {
		m := openMailbox(t, s, newMailbox(fmt.Sprint(i)))
		put(t, s, m, "a", "body", T0)
		put(t, s, m, "b", string(make([]byte, relay.PartSize+1)), T0)
		if i%2 == 0 {
			if err := s.Acknowledge(ctx, m.ID, []int64{1}); err != nil {
				t.Fatal(err)
			}
		}
		e, err := s.Entry(ctx, m.ID, 2, T0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, e.File)
	}
	alive := newMailbox("alive")
	alive.Expires = T0 + 2*entrySeconds
	openMailbox(t, s, alive)
	put(t, s, alive, "a", "body", T0)
	if err := s.Purge(ctx, T0+3599); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Count(ctx, T0+3599); err != nil || got.Mailboxes != many+1 || got.Bytes < many*relay.PartSize || got.OldestExpired != 0 {
		t.Errorf("before the end: %+v, %v", got, err)
	}
	if got, err := s.Count(ctx, T0+3610); err != nil || got.Mailboxes != 1 || got.OldestExpired != 10 {
		t.Errorf("before the purge: %+v, %v", got, err)
	}
	for range 2 {
		if err := s.Purge(ctx, T0+3600); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			for n := range 2 {
				_, err := s.EntryPart(ctx, f, n)
				wantGone(t, "a body of a mailbox that ended", err)
			}
		}
		if got, err := s.Count(ctx, T0+3600); err != nil || got.Mailboxes != 1 || got.Bytes != 4 || got.OldestExpired != 0 {
			t.Errorf("after the purge: %+v, %v", got, err)
		}
	}
	// After a while the ids are free again, and begin again.
	if err := s.Purge(ctx, T0+3700); err != nil {
		t.Fatal(err)
	}
	again := newMailbox("0")
	again.Expires = T0 + 9999
	openMailbox(t, s, again)
	if got := mailbox(t, s, again, T0); got.Highest != 0 {
		t.Errorf("a new mailbox begins with %+v", got)
	}
	// What nobody fetched goes by itself; its number stays.
	if err := s.Purge(ctx, T0+entrySeconds); err != nil {
		t.Fatal(err)
	}
	if got := mailbox(t, s, alive, T0+entrySeconds); got.Entries != 0 || got.Highest != 1 {
		t.Errorf("after an entry's life: %+v", got)
	}
}

// testPurgeUnderDeposits: a purge takes nothing from under those who deposit and
// acknowledge meanwhile.
func testPurgeUnderDeposits(t *testing.T, s relay.Store) {
	m := openMailbox(t, s, newMailbox("a"))
	stop := make(chan struct{})
	var purging sync.WaitGroup
	purging.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if err := s.Purge(ctx, T0); err != nil {
					t.Errorf("purge: %v", err)
					return
				}
			}
		}
	})
	const n = 60
	parallel(n, func(i int) {
		body := fmt.Sprint("body", i)
		seq, err := s.Deposit(ctx, m.ID, fmt.Sprint(i), []byte(body), T0)
		if err != nil {
			t.Errorf("deposit: %v", err)
			return
		}
		e, err := s.Entry(ctx, m.ID, seq, T0)
		if err != nil {
			t.Errorf("number %d: %v", seq, err)
			return
		}
		if b, err := s.EntryPart(ctx, e.File, 0); err != nil || string(b) != body {
			t.Errorf("number %d: %q, %v", seq, b, err)
		}
		if i%2 == 0 {
			if err := s.Acknowledge(ctx, m.ID, []int64{seq}); err != nil {
				t.Errorf("acknowledge: %v", err)
			}
		}
	})
	close(stop)
	purging.Wait()
	if got := mailbox(t, s, m, T0); got.Entries != n/2 || got.Highest != n {
		t.Errorf("got %+v", got)
	}
}
