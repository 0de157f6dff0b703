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
	runAll(t, slices.Concat(linkTests, mailboxTests, pushTests), open)
}

// RunLinks is the part of Run that is about links alone.
func RunLinks(t *testing.T, open func(t *testing.T) relay.Store) { runAll(t, linkTests, open) }

func runAll(t *testing.T, tests []storeTest, open func(t *testing.T) relay.Store) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.f(t, open(t)) })
	}
}

type storeTest = struct {
	name string
	f    func(*testing.T, relay.Store)
}

var linkTests = []storeTest{
	{"RL13_create", testCreate},
	{"kid", testKid},
	{"RL9_parts", testParts},
	{"T8_RL3_live", testLive},
	{"RL4_RL5_charge", testCharge},
	{"SHL-21_T9_wrong_in_parallel", testWrongParallel},
	{"RL5_uses_in_parallel", testUsesParallel},
	{"RL5_again", testAgain},
	{"RL5_again_in_parallel", testAgainParallel},
	{"T8_RL5_again_is_no_way_in", testAgainGone},
	{"RL13_sequence", testSequence},
	{"change", testChange},
	{"replace", testReplace},
	{"revoke", testRevoke},
	{"RL9_T12_takedown", testTakedown},
	{"erase", testErase},
	{"RL16_receipts", testReceipts},
	{"RL12_T40_purge", testPurge},
	{"RL12_purge_used_up", testPurgeUsedUp},
	{"RL12_purge_orphans", testPurgeOrphans},
	{"count", testCount},
	{"cancelled", testCancelled},
	{"random_history", testRandom},
	{"sums_in_parallel", testSums},
	{"ends_at_once", testEndsAtOnce},
	{"RL12_purge_in_parallel", testPurgeParallel},
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

// testKid: which key a link hangs on stays as it was, whatever else changes.
func testKid(t *testing.T, s relay.Store) {
	for _, kid := range []int{0, 1, 255} {
		l := newLink(fmt.Sprint(kid))
		l.Kid = kid
		create(t, s, l, "x")
		later := T0 + 4000
		claim := relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: T0}
		changed, err := s.Change(ctx, claim, relay.Terms{Expires: &later})
		if err != nil {
			t.Fatal(err)
		}
		claim.Sequence = 2
		replaced, err := s.Replace(ctx, claim, "t", []byte("y"))
		if err != nil {
			t.Fatal(err)
		}
		live, err := s.Live(ctx, relay.Reader{ID: l.ID, Now: T0, By: hash("x")})
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []relay.Link{changed, replaced, live, owned(t, s, l)} {
			if got.Kid != kid {
				t.Errorf("kid is %d, want %d", got.Kid, kid)
			}
		}
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
