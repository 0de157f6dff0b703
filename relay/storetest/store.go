package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"potli/relay"
	"potli/relay/wire"
)

// T0 is when the store tests happen.
const T0 = int64(1_800_000_000)

// Run drives a store through its contract. open returns an empty one, and is
// called once for each test.
func Run(t *testing.T, open func(t *testing.T) relay.Store) {
	tests := []struct {
		name string
		f    func(*testing.T, relay.Store)
	}{
		{"RL13_create", testCreate},
		{"RL9_parts", testParts},
		{"T8_RL3_live", testLive},
		{"RL4_RL5_charge", testCharge},
		{"SHL-21_T9_wrong_in_parallel", testWrongParallel},
		{"RL5_uses_in_parallel", testUsesParallel},
		{"RL13_sequence", testSequence},
		{"change", testChange},
		{"replace", testReplace},
		{"revoke", testRevoke},
		{"erase", testErase},
		{"RL16_receipts", testReceipts},
		{"RL12_T40_purge", testPurge},
		{"RL12_purge_used_up", testPurgeUsedUp},
		{"RL12_purge_orphans", testPurgeOrphans},
		{"count", testCount},
		{"cancelled", testCancelled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.f(t, open(t)) })
	}
}

var ctx = context.Background()

// pass and wrong are MACs of passcodes.
const pass, wrong = "the right one", "another one"

func newLink(name string) relay.Link {
	return relay.Link{
		ID: hash(name), Expires: T0 + 3600, Keep: T0 + 7200, UsesLeft: 3, AttemptsLeft: 5, Salt: []byte("salt"), PassMAC: pass,
		Token: hash("token of " + name), ReceiptKey: []byte("key"), ContentType: wire.ContentTypeFHIR, Flag: "P",
	}
}

// hash is a name as the tables have it: 64 hex digits.
func hash(name string) string { return fmt.Sprintf("%064x", name)[:64] }

func reader(name, by string, now int64) relay.Reader {
	return relay.Reader{ID: hash(name), Now: now, By: hash("by " + by)}
}

func create(t *testing.T, s relay.Store, l relay.Link, file string) relay.Link {
	t.Helper()
	ok, err := s.Create(ctx, l, []byte(file), T0)
	if !ok || err != nil {
		t.Fatalf("create: %v, %v", ok, err)
	}
	return owned(t, s, l)
}

func owned(t *testing.T, s relay.Store, l relay.Link) relay.Link {
	t.Helper()
	got, err := s.Owned(ctx, l.ID, l.Token)
	if err != nil {
		t.Fatalf("owned: %v", err)
	}
	return got
}

func wantGone(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, relay.ErrGone) {
		t.Errorf("%s: got %v, want ErrGone", what, err)
	}
}

func file(t *testing.T, s relay.Store, l relay.Link) string {
	t.Helper()
	var b []byte
	for n := 0; int64(len(b)) < l.Size; n++ {
		p, err := s.Part(ctx, l.File, n)
		if err != nil {
			t.Fatalf("part %d: %v", n, err)
		}
		b = append(b, p...)
	}
	return string(b)
}

func testCreate(t *testing.T, s relay.Store) {
	l := newLink("a")
	got := create(t, s, l, "ciphertext")
	want := l
	want.File, want.Size, want.Updated = got.File, 10, T0
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if f := file(t, s, got); f != "ciphertext" {
		t.Errorf("file is %q", f)
	}
	for name, edit := range map[string]func(*relay.Link){
		"repeat": func(*relay.Link) {}, "other owner": func(l *relay.Link) { l.Token = hash("thief") },
	} {
		again := l
		again.UsesLeft = 1000
		edit(&again)
		if ok, err := s.Create(ctx, again, []byte("other"), T0); ok || err != nil {
			t.Errorf("%s: %v, %v, want false, nil", name, ok, err)
		}
	}
	if after := owned(t, s, l); fmt.Sprint(after) != fmt.Sprint(got) {
		t.Errorf("a second create changed the link:\n%+v\n%+v", after, got)
	}
	_, err := s.Owned(ctx, l.ID, hash("thief"))
	wantGone(t, "another token", err)

	var made atomic.Int32
	parallel(50, func(int) {
		if ok, _ := s.Create(ctx, newLink("race"), []byte("x"), T0); ok {
			made.Add(1)
		}
	})
	if made.Load() != 1 {
		t.Errorf("50 creates at once made %d links", made.Load())
	}
}

func testParts(t *testing.T, s relay.Store) {
	for _, size := range []int{1, relay.PartSize - 1, relay.PartSize, relay.PartSize + 1, 3*relay.PartSize + 7} {
		text := bytes.Repeat([]byte("0123456789a"), size/11+1)[:size]
		l := create(t, s, newLink(fmt.Sprint(size)), string(text))
		if got := file(t, s, l); got != string(text) {
			t.Errorf("size %d: the file differs", size)
		}
		n := (size + relay.PartSize - 1) / relay.PartSize
		for i := range n {
			if p, _ := s.Part(ctx, l.File, i); len(p) > relay.PartSize || len(p) == 0 {
				t.Errorf("size %d: part %d has %d bytes", size, i, len(p))
			}
		}
		_, err := s.Part(ctx, l.File, n)
		wantGone(t, "the part after the last", err)
	}
}

// testLive is the clock table: every combination of what can end a link.
func testLive(t *testing.T, s relay.Store) {
	for _, expires := range []int64{T0 - 1, T0, T0 + 1} {
		for _, uses := range []int{0, 1} {
			for _, attempts := range []int{0, 1} {
				for _, paused := range []bool{false, true} {
					for _, revoked := range []bool{false, true} {
						name := fmt.Sprintln(expires, uses, attempts, paused, revoked)
						l := newLink(name)
						l.ID = ID(name)
						l.Expires, l.UsesLeft, l.AttemptsLeft, l.Paused = expires, uses, attempts, paused
						create(t, s, l, "x")
						if revoked {
							if err := s.Revoke(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: T0}, T0+9); err != nil {
								t.Fatal(err)
							}
						}
						held := expires > T0 && attempts > 0 && !paused && !revoked
						r := relay.Reader{ID: l.ID, Now: T0, By: hash("reader")}
						_, err := s.Live(ctx, r)
						check(t, name, err, held && uses > 0)
						r.Ticket = true
						_, err = s.Live(ctx, r)
						check(t, "with a ticket: "+name, err, held)
						_, err = s.Charge(ctx, r, pass)
						check(t, "charge: "+name, err, held && uses > 0)
					}
				}
			}
		}
	}
	_, err := s.Live(ctx, reader("nobody", "x", T0))
	wantGone(t, "unknown", err)
}

func check(t *testing.T, what string, err error, live bool) {
	t.Helper()
	if live && err != nil {
		t.Errorf("%s: %v, want live", what, err)
	}
	if !live {
		wantGone(t, what, err)
	}
}

// testCharge is the truth table of an opening.
func testCharge(t *testing.T, s relay.Store) {
	create(t, s, newLink("a"), "x")
	gone := relay.Charged{}
	for i, step := range []struct {
		by   string
		at   int64
		mac  string
		want relay.Charged
	}{
		{"x", 0, wrong, relay.Charged{Open: false, AttemptsLeft: 4, UsesLeft: 3, Receipt: 1}},
		{"x", 1, pass, relay.Charged{Open: true, AttemptsLeft: 4, UsesLeft: 2, Receipt: 2}},
		{"x", 2, pass, relay.Charged{Open: true, AttemptsLeft: 4, UsesLeft: 2}},               // a repeat
		{"x", 3, wrong, relay.Charged{Open: false, AttemptsLeft: 3, UsesLeft: 2, Receipt: 3}}, // also after success
		{"x", 60, pass, relay.Charged{Open: true, AttemptsLeft: 3, UsesLeft: 2}},
		{"x", 61, pass, relay.Charged{Open: true, AttemptsLeft: 3, UsesLeft: 1, Receipt: 4}}, // the window does not slide
		{"y", 62, pass, relay.Charged{Open: true, AttemptsLeft: 3, UsesLeft: 0, Receipt: 5}},
		{"x", 63, pass, gone},
		{"y", 64, pass, relay.Charged{Open: true, AttemptsLeft: 3, UsesLeft: 0}}, // the last reader, once more
		{"y", 65, wrong, relay.Charged{Open: false, AttemptsLeft: 2, UsesLeft: 0, Receipt: 6}},
		{"y", 122, pass, gone},
		{"y", 122, wrong, gone},
	} {
		got, err := s.Charge(ctx, reader("a", step.by, T0+step.at), step.mac)
		if step.want == gone {
			wantGone(t, fmt.Sprint("step ", i), err)
		} else if err != nil || got != step.want {
			t.Errorf("step %d: got %+v, %v, want %+v", i, got, err, step.want)
		}
	}
}

func testWrongParallel(t *testing.T, s relay.Store) {
	for round := range 5 {
		name := fmt.Sprint(round)
		l := newLink(name)
		l.UsesLeft = 1000
		create(t, s, l, "x")
		var mu sync.Mutex
		var left []int
		parallel(200, func(i int) {
			c, err := s.Charge(ctx, reader(name, fmt.Sprint(i), T0), wrong)
			if errors.Is(err, relay.ErrGone) {
				return
			}
			if err != nil || c.Open {
				t.Errorf("got %+v, %v", c, err)
			}
			mu.Lock()
			defer mu.Unlock()
			left = append(left, c.AttemptsLeft)
		})
		slices.Sort(left)
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(left, want) {
			t.Errorf("200 wrong passcodes at once were told %v left, want %v", left, want)
		}
		_, err := s.Charge(ctx, reader(name, "owner", T0), pass)
		wantGone(t, "the right passcode afterwards", err)
	}
}

func testUsesParallel(t *testing.T, s relay.Store) {
	for name, tt := range map[string]struct {
		readers      int
		served, left int
		receipts     int
	}{
		"200 readers": {200, 3, 0, 3},
		"one reader":  {1, 200, 2, 1},
	} {
		l := newLink(name)
		create(t, s, l, "x")
		var served, receipts atomic.Int32
		parallel(200, func(i int) {
			c, err := s.Charge(ctx, reader(name, fmt.Sprint(i%tt.readers), T0), pass)
			if err == nil && c.Open {
				served.Add(1)
			}
			if c.Receipt > 0 {
				receipts.Add(1)
			}
		})
		if got := int(served.Load()); got != tt.served {
			t.Errorf("%s: %d served, want %d", name, got, tt.served)
		}
		if got := int(receipts.Load()); got != tt.receipts {
			t.Errorf("%s: %d receipts, want %d", name, got, tt.receipts)
		}
		if got := owned(t, s, l).UsesLeft; got != tt.left {
			t.Errorf("%s: %d uses left, want %d", name, got, tt.left)
		}
	}
}

// changes are the three ways to change a link, with a claim.
func changes(s relay.Store) map[string]func(relay.Claim) error {
	yes := true
	return map[string]func(relay.Claim) error{
		"change":  func(c relay.Claim) error { _, err := s.Change(ctx, c, relay.Terms{Paused: &yes}); return err },
		"replace": func(c relay.Claim) error { _, err := s.Replace(ctx, c, "t", []byte("new")); return err },
		"revoke":  func(c relay.Claim) error { return s.Revoke(ctx, c, T0+99) },
	}
}

func testSequence(t *testing.T, s relay.Store) {
	for name, call := range changes(s) {
		l := newLink(name)
		l.Sequence = 7
		before := create(t, s, l, "old")
		good := relay.Claim{ID: l.ID, Token: l.Token, Sequence: 8, Now: T0}
		for what, edit := range map[string]func(*relay.Claim){
			"same sequence": func(c *relay.Claim) { c.Sequence = 7 },
			"older":         func(c *relay.Claim) { c.Sequence = 6 },
			"other token":   func(c *relay.Claim) { c.Token = hash("thief") },
			"other link":    func(c *relay.Claim) { c.ID = hash("unknown") },
		} {
			c := good
			edit(&c)
			wantGone(t, name+", "+what, call(c))
		}
		if after := owned(t, s, l); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("%s: a refused call changed the link", name)
		}
		if err := call(good); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := owned(t, s, l).Sequence; got != 8 {
			t.Errorf("%s: sequence is %d, want 8", name, got)
		}
		wantGone(t, name+", played again", call(good))
	}
}

func testChange(t *testing.T, s relay.Store) {
	yes, no, later := true, false, T0+9999
	l := create(t, s, newLink("a"), "x")
	seq := int64(0)
	apply := func(to relay.Terms) relay.Link {
		t.Helper()
		seq++
		got, err := s.Change(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: seq, Now: T0}, to)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := apply(relay.Terms{Paused: &yes}); !got.Paused || got.Expires != l.Expires || got.UsesLeft != 3 {
		t.Errorf("pause: %+v", got)
	}
	_, err := s.Live(ctx, reader("a", "x", T0))
	wantGone(t, "paused", err)
	if got := apply(relay.Terms{Paused: &no}); got.Paused {
		t.Error("resume: still paused")
	}
	if got := apply(relay.Terms{Expires: &later}); got.Expires != later || got.Keep <= later {
		t.Errorf("extend: %+v", got)
	}
	if got := apply(relay.Terms{AddUses: 5}); got.UsesLeft != 8 {
		t.Errorf("8 uses wanted, %d got", got.UsesLeft)
	}
	if got := apply(relay.Terms{AddUses: wire.MaxUses}); got.UsesLeft != wire.MaxUses {
		t.Errorf("uses are not capped: %d", got.UsesLeft)
	}
	for name, call := range changes(s) {
		if name == "revoke" {
			continue
		}
		for what, edit := range map[string]func(*relay.Link){
			"expired": func(l *relay.Link) { l.Expires = T0 },
			"locked":  func(l *relay.Link) { l.AttemptsLeft = 0 },
		} {
			l := newLink(name + what)
			edit(&l)
			create(t, s, l, "x")
			wantGone(t, name+" when "+what, call(relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: T0}))
		}
	}
}

func testReplace(t *testing.T, s relay.Store) {
	l := create(t, s, newLink("a"), "old")
	got, err := s.Replace(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: T0 + 5}, wire.ContentTypeCard, []byte("newer"))
	if err != nil || got.Size != 5 || got.ContentType != wire.ContentTypeCard || got.Updated != T0+5 || got.File == l.File {
		t.Fatalf("got %+v, %v", got, err)
	}
	if f := file(t, s, got); f != "newer" {
		t.Errorf("file is %q", f)
	}
	_, err = s.Part(ctx, l.File, 0)
	wantGone(t, "the old file", err)

	// Whoever comes last wins whole; no mixture and no missing part.
	parallel(20, func(i int) {
		text := bytes.Repeat([]byte{byte('a' + i)}, relay.PartSize+10)
		s.Replace(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: int64(i + 2), Now: T0}, "t", text)
	})
	f := file(t, s, owned(t, s, l))
	if len(f) != relay.PartSize+10 || f != string(bytes.Repeat([]byte{f[0]}, len(f))) {
		t.Errorf("20 replaces at once left a mixture of %d bytes", len(f))
	}
}

func testRevoke(t *testing.T, s relay.Store) {
	l := create(t, s, newLink("a"), "x")
	c, err := s.Charge(ctx, reader("a", "x", T0), pass)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddReceipt(ctx, l.ID, c.Receipt, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	claim := relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: T0}
	if err := s.Revoke(ctx, claim, T0+100); err != nil {
		t.Fatal(err)
	}
	_, err = s.Live(ctx, relay.Reader{ID: l.ID, Now: T0, Ticket: true})
	wantGone(t, "revoked", err)
	_, err = s.Live(ctx, relay.Reader{ID: l.ID, Now: -5, Ticket: true})
	wantGone(t, "revoked, and the clock is wrong", err)
	_, err = s.Part(ctx, l.File, 0)
	wantGone(t, "its file", err)
	got := owned(t, s, l)
	if got.Expires != 0 || len(got.Salt) != 0 || len(got.ReceiptKey) != 0 || got.PassMAC != "" || got.File != "" {
		t.Errorf("a revoked link still has %+v", got)
	}
	if rs, err := s.ReceiptsAfter(ctx, l.ID, 0); err != nil || len(rs) != 1 {
		t.Errorf("receipts after revoking: %v, %v", rs, err)
	}
	claim.Sequence = 2
	if err := s.Revoke(ctx, claim, T0+100); err != nil {
		t.Errorf("revoking twice: %v", err)
	}
	later := T0 + 5000
	claim.Sequence = 3
	_, err = s.Change(ctx, claim, relay.Terms{Expires: &later})
	wantGone(t, "bringing it back", err)
	_, err = s.Replace(ctx, claim, "t", []byte("y"))
	wantGone(t, "filling it again", err)
}

func testErase(t *testing.T, s relay.Store) {
	l := newLink("a")
	l.AttemptsLeft = 1
	l = create(t, s, l, "x")
	if c, err := s.Charge(ctx, reader("a", "x", T0), wrong); err != nil || c.AttemptsLeft != 0 {
		t.Fatal(c, err)
	}
	for range 2 {
		if err := s.Erase(ctx, l); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Part(ctx, l.File, 0)
	wantGone(t, "the file of a locked link", err)
	if got := owned(t, s, l); got.AttemptsLeft != 0 || got.File != "" {
		t.Errorf("got %+v", got)
	}
}

func testReceipts(t *testing.T, s relay.Store) {
	l := create(t, s, newLink("a"), "x")
	for _, n := range []int{2, 1, 10, 3} {
		if err := s.AddReceipt(ctx, l.ID, n, []byte{byte(n)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddReceipt(ctx, l.ID, 3, []byte("other")); err != nil {
		t.Fatal(err)
	}
	got, err := s.ReceiptsAfter(ctx, l.ID, 1)
	want := []relay.Receipt{{N: 2, Sealed: []byte{2}}, {N: 3, Sealed: []byte{3}}, {N: 10, Sealed: []byte{10}}}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if err := s.AddReceipt(ctx, hash("nobody"), 1, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.ReceiptsAfter(ctx, hash("nobody"), 0); err != nil || len(got) != 0 {
		t.Errorf("a receipt without a link was kept: %v, %v", got, err)
	}
}

func testPurge(t *testing.T, s relay.Store) {
	const many = 250 // more than one turn
	for i := range many {
		create(t, s, newLink(fmt.Sprint("dead", i)), "x")
	}
	opened := create(t, s, newLink("opened"), "x")
	c, err := s.Charge(ctx, reader("opened", "x", T0), pass)
	if err != nil {
		t.Fatal(err)
	}
	s.AddReceipt(ctx, opened.ID, c.Receipt, []byte("sealed"))
	alive := newLink("alive")
	alive.Expires = T0 + 3601
	alive = create(t, s, alive, "y")

	end := T0 + 3600
	for range 2 { // and again, which must do no more
		if err := s.Purge(ctx, end); err != nil {
			t.Fatal(err)
		}
		for i := range many {
			l := newLink(fmt.Sprint("dead", i))
			_, err := s.Owned(ctx, l.ID, l.Token)
			wantGone(t, "an expired link that nobody opened", err)
		}
		_, err = s.Part(ctx, opened.File, 0)
		wantGone(t, "an expired file", err)
		if got := owned(t, s, opened); got.File != "" || len(got.Salt) != 0 || len(got.ReceiptKey) != 0 || got.PassMAC != "" || got.Receipts != 1 {
			t.Errorf("what is left of an opened link: %+v", got)
		}
		if f := file(t, s, owned(t, s, alive)); f != "y" {
			t.Errorf("the living file is %q", f)
		}
	}
	if err := s.Purge(ctx, opened.Keep); err != nil {
		t.Fatal(err)
	}
	_, err = s.Owned(ctx, opened.ID, opened.Token)
	wantGone(t, "after the keeping", err)
	if rs, _ := s.ReceiptsAfter(ctx, opened.ID, 0); len(rs) != 0 {
		t.Errorf("%d receipts were kept for ever", len(rs))
	}
}

func testPurgeUsedUp(t *testing.T, s relay.Store) {
	l := newLink("a")
	l.UsesLeft = 1
	l = create(t, s, l, "x")
	if _, err := s.Charge(ctx, reader("a", "x", T0), pass); err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(ctx, T0+300); err != nil { // a ticket may still be alive
		t.Fatal(err)
	}
	if f := file(t, s, owned(t, s, l)); f != "x" {
		t.Errorf("file is %q", f)
	}
	more, err := s.Change(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: T0 + 301}, relay.Terms{AddUses: 1})
	if err != nil || more.UsesLeft != 1 {
		t.Fatalf("more uses in time: %+v, %v", more, err)
	}
	if err := s.Purge(ctx, T0+400); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Charge(ctx, reader("a", "y", T0+400), pass); err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(ctx, T0+760); err != nil {
		t.Fatal(err)
	}
	_, err = s.Part(ctx, l.File, 0)
	wantGone(t, "the file of a used-up link", err)
	_, err = s.Change(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: 2, Now: T0 + 761}, relay.Terms{AddUses: 1})
	wantGone(t, "more uses too late", err)
}

func testPurgeOrphans(t *testing.T, s relay.Store) {
	l := create(t, s, newLink("a"), "x")
	late := relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: l.Expires} // refused after the parts were written
	_, err := s.Replace(ctx, late, "t", []byte("orphan"))
	wantGone(t, "replace", err)
	if err := s.Purge(ctx, T0+601); err != nil {
		t.Fatal(err)
	}
	if f := file(t, s, owned(t, s, l)); f != "x" {
		t.Errorf("file is %q", f)
	}
	if err := s.Purge(ctx, l.Expires+601); err != nil {
		t.Fatal(err)
	}
}

func testCount(t *testing.T, s relay.Store) {
	for i, expires := range []int64{T0 + 100, T0 + 10, T0 - 30} {
		l := newLink(fmt.Sprint(i))
		l.Expires = expires
		create(t, s, l, "12345")
	}
	got, err := s.Count(ctx, T0)
	if want := (relay.Totals{Links: 2, Bytes: 10, OldestExpired: 30}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if err := s.Purge(ctx, T0); err != nil {
		t.Fatal(err)
	}
	got, err = s.Count(ctx, T0)
	if want := (relay.Totals{Links: 2, Bytes: 10}); err != nil || got != want {
		t.Errorf("after the purge: got %+v, %v, want %+v", got, err, want)
	}
}

// testCancelled: whoever hangs up before a statement began has spent nothing,
// and the store goes on.
func testCancelled(t *testing.T, s relay.Store) {
	l := create(t, s, newLink("a"), "x")
	hungUp, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Charge(hungUp, reader("a", "x", T0), wrong); err == nil {
		t.Error("a cancelled charge succeeded")
	}
	if got := owned(t, s, l); got.AttemptsLeft != 5 {
		t.Errorf("%d attempts left, want 5", got.AttemptsLeft)
	}
}

// parallel runs f(0) to f(n-1) at the same time.
func parallel(n int, f func(i int)) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}
