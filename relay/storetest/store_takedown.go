package storetest

import (
	"errors"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/wire"
)

// testTakedown: what is taken down is served to nobody, leaves no file, and
// cannot be made again, whatever its owner does.
func testTakedown(t *testing.T, s relay.Store) {
	if err := s.Takedown(ctx, hash("nobody"), T0); !errors.Is(err, relay.ErrGone) {
		t.Errorf("an unknown link: %v", err)
	}
	kept := T0 + int64(wire.MaxLife/time.Second)
	for name, before := range map[string]func(l relay.Link){
		"live": func(relay.Link) {},
		"opened": func(relay.Link) {
			if _, err := s.Charge(ctx, reader("opened", "a", T0), pass); err != nil {
				t.Fatal(err)
			}
		},
		"paused": func(l relay.Link) {
			yes := true
			if _, err := s.Change(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: T0}, relay.Terms{Paused: &yes}); err != nil {
				t.Fatal(err)
			}
		},
		"revoked": func(l relay.Link) {
			if err := s.Revoke(ctx, relay.Claim{ID: l.ID, Token: l.Token, Sequence: 1, Now: T0}, T0+100); err != nil {
				t.Fatal(err)
			}
		},
	} {
		l := create(t, s, newLink(name), "ciphertext of "+name)
		before(l)
		for range 2 {
			if err := s.Takedown(ctx, l.ID, T0); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for _, r := range []relay.Reader{reader(name, "a", T0), {ID: l.ID, Now: T0, Ticket: true}} {
			if _, err := s.Live(ctx, r); !errors.Is(err, relay.ErrGone) {
				t.Errorf("%s: it lives: %v", name, err)
			}
		}
		if _, err := s.Charge(ctx, reader(name, "a", T0), pass); !errors.Is(err, relay.ErrGone) {
			t.Errorf("%s: it opens: %v", name, err)
		}
		if _, err := s.Part(ctx, l.File, 0); !errors.Is(err, relay.ErrGone) {
			t.Errorf("%s: its file is there: %v", name, err)
		}
		no, later := false, T0+1000
		claim := relay.Claim{ID: l.ID, Token: l.Token, Sequence: 50, Now: T0}
		if _, err := s.Change(ctx, claim, relay.Terms{Paused: &no, Expires: &later}); !errors.Is(err, relay.ErrGone) {
			t.Errorf("%s: its owner resumes it: %v", name, err)
		}
		if _, err := s.Replace(ctx, claim, "t", []byte("x")); !errors.Is(err, relay.ErrGone) {
			t.Errorf("%s: its owner replaces it: %v", name, err)
		}
		if err := s.Revoke(ctx, claim, T0+100); err != nil { // which her wallet does, to be sure
			t.Errorf("%s: its owner revokes it: %v", name, err)
		}
		if got, err := s.Owned(ctx, l.ID, l.Token); err != nil || got.Expires != 0 || got.File != "" {
			t.Errorf("%s: its owner sees %+v, %v", name, got, err)
		}
	}
	for _, at := range []int64{T0, T0 + 7200, kept - 1} {
		if err := s.Purge(ctx, at); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"live", "opened", "paused", "revoked"} {
			if made, err := s.Create(ctx, newLink(name), []byte("again"), at); made || err != nil {
				t.Errorf("%s: made again %d s later: %v, %v", name, at-T0, made, err)
			}
		}
	}
	for range 2 { // uploads that were refused are there for ten minutes
		if err := s.Purge(ctx, kept+3600); err != nil {
			t.Fatal(err)
		}
	}
	if made, err := s.Create(ctx, newLink("live"), []byte("again"), kept+3600); !made || err != nil {
		t.Errorf("after all that time: %v, %v", made, err)
	}
}
