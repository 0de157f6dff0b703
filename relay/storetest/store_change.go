package storetest

import (
	"bytes"
	"fmt"
	"testing"

	"potli/relay"
	"potli/relay/wire"
)

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
