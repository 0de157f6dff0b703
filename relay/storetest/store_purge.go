package storetest

import (
	"context"
	"fmt"
	"testing"

	"potli/relay"
)

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
