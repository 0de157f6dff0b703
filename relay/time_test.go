package relay_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

func status(t *testing.T, a storetest.Answer, want int) storetest.Answer {
	t.Helper()
	if a.Status != want {
		t.Errorf("got %d %.200s, want %d", a.Status, a.Body, want)
	}
	return a
}

func location(t *testing.T, w *world, a storetest.Answer) string {
	t.Helper()
	m := storetest.Decode[wire.Manifest](t, a, http.StatusOK)
	return strings.TrimPrefix(m.Files[0].Location, w.Base)
}

// TestT8_SHL18_ClockTable asks for every combination of what can end a link,
// by every way of asking, and wants one answer for all of them.
func TestT8_SHL18_ClockTable(t *testing.T) {
	w := newWorld(t, nil)
	gone := w.Get(t, storetest.ID("nobody"), "x")
	n := 0
	for _, flag := range []string{"U", "", "P"} {
		for _, expired := range []bool{false, true} {
			for _, used := range []bool{false, true} {
				for _, locked := range []bool{false, true} {
					for _, paused := range []bool{false, true} {
						for _, revoked := range []bool{false, true} {
							if locked && flag != "P" {
								continue
							}
							n++
							name := fmt.Sprintf("%q expired=%v used=%v locked=%v paused=%v revoked=%v", flag, expired, used, locked, paused, revoked)
							o := w.Create(t, name, flag, func(c *wire.Create) {
								c.Uses = 1
								if flag == "P" {
									c.Passcode = storetest.Verifier("secret", 1)
								}
							})
							ask := func(who string) storetest.Answer {
								if flag == "U" {
									return w.Get(t, o.ID, who)
								}
								return w.Post(t, o.ID, wire.ManifestRequest{Recipient: who, Passcode: "secret"})
							}
							if used {
								status(t, ask("first"), http.StatusOK)
								w.clock.move(time.Minute)
							}
							if locked && !used {
								status(t, w.Post(t, o.ID, wire.ManifestRequest{Recipient: "x", Passcode: "no"}), http.StatusUnauthorized)
							}
							if paused {
								a := o.Call(t, "PATCH", "", `{"paused":true}`)
								if !locked || used {
									status(t, a, http.StatusOK)
								}
							}
							if revoked {
								status(t, o.Call(t, "DELETE", "", nil), http.StatusNoContent)
							}
							if expired {
								w.clock.move(time.Hour)
							}
							a := ask("second")
							if !expired && !used && !locked && !paused && !revoked {
								status(t, a, http.StatusOK)
								continue
							}
							if a.Status != gone.Status || !bytes.Equal(a.Body, gone.Body) {
								t.Errorf("%s: %d %s", name, a.Status, a.Body)
							}
						}
					}
				}
			}
		}
	}
	if n != 64 {
		t.Errorf("%d combinations, want 64", n)
	}
}

func TestRL12_ExpiryIsCheckedAtRead(t *testing.T) {
	w := newWorld(t, nil) // nobody purges
	o := w.Create(t, "", "U", func(c *wire.Create) { c.Life = 600 })
	w.clock.move(10*time.Minute - time.Second)
	status(t, w.Get(t, o.ID, "x"), http.StatusOK)
	w.clock.move(time.Second)
	status(t, w.Get(t, o.ID, "x"), http.StatusNotFound)
	status(t, o.Call(t, "PATCH", "", `{"addUses":1}`), http.StatusNotFound)
	if list, _ := o.Receipts(t); len(list) != 1 {
		t.Errorf("%d receipts of an expired link, want 1: its owner may have been offline", len(list))
	}
	w.clock.move(-time.Hour) // a clock that is set back revives nothing that was erased
	if err := w.handler.Purge(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.clock.move(time.Hour)
	if err := w.handler.Purge(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.clock.move(-time.Hour)
	status(t, w.Get(t, o.ID, "x"), http.StatusNotFound)
}

func TestRL18_SHL26_TicketLife(t *testing.T) {
	w := newWorld(t, nil)
	o := w.Create(t, "", "", func(c *wire.Create) { c.Uses = 1 })
	path := location(t, w, w.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"}))
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 200}, {wire.TicketLife - time.Second, 200}, {time.Second, 404}, {time.Hour, 404}} {
		w.clock.move(step.after)
		status(t, w.Do(t, "GET", path, nil, nil), step.want)
	}
	// A ticket lives no longer than its link.
	o = w.Create(t, "short", "", func(c *wire.Create) { c.Life = 60 })
	path = location(t, w, w.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"}))
	w.clock.move(time.Minute)
	status(t, w.Do(t, "GET", path, nil, nil), 404)
}

func TestRL18_TicketOfAnotherServer(t *testing.T) {
	w := newWorld(t, nil)
	other := newWorld(t, func(o *relay.Options) { o.Key = [32]byte{2}; o.Store = w.store })
	o := w.Create(t, "", "", nil)
	path := location(t, w, w.Post(t, o.ID, wire.ManifestRequest{Recipient: "x"}))
	status(t, w.Do(t, "GET", path, nil, nil), 200)
	status(t, other.Do(t, "GET", path, nil, nil), 404)
}

func TestRL5_DebounceWindow(t *testing.T) {
	w := newWorld(t, nil)
	o := w.Create(t, "", "U", func(c *wire.Create) { c.Uses = 3 })
	for _, step := range []struct {
		after time.Duration
		who   string
		left  int
	}{
		{0, "a", 2}, {30 * time.Second, "a", 2}, {29 * time.Second, "a", 2}, {time.Second, "a", 1}, // does not slide
		{0, "b", 0}, {59 * time.Second, "b", 0},
	} {
		w.clock.move(step.after)
		status(t, w.Get(t, o.ID, step.who), 200)
		if got := o.Status(t).UsesLeft; got != step.left {
			t.Errorf("%+v: %d uses left", step, got)
		}
	}
	status(t, w.Get(t, o.ID, "a"), 404)
	w.clock.move(time.Second)
	status(t, w.Get(t, o.ID, "b"), 404)
	list, _ := o.Receipts(t)
	var who []string
	for _, r := range list {
		who = append(who, r.Recipient)
	}
	if fmt.Sprint(who) != "[a a b]" {
		t.Errorf("receipts of %v, want one for each use", who)
	}
}

func TestRL7_RateLimit(t *testing.T) {
	addr := "192.0.2.1:1234"
	w := newWorld(t, func(o *relay.Options) {
		o.Limits.Data = relay.Rate{PerMinute: 60, Burst: 5}
		o.Limits.Control = relay.Rate{PerMinute: 60, Burst: 1000}
		o.RemoteAddr = func(*http.Request) string { return addr }
	})
	o := w.Create(t, "", "U", nil)
	for range 5 {
		status(t, w.Get(t, o.ID, "x"), 200)
	}
	for _, same := range []string{"192.0.2.1:1", "192.0.2.255", "[::ffff:192.0.2.7]:99"} {
		addr = same
		a := status(t, w.Get(t, o.ID, "x"), http.StatusTooManyRequests)
		if a.Header.Get("Retry-After") != "1" || a.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("headers %v", a.Header)
		}
		storetest.Decode[wire.Problem](t, a, http.StatusTooManyRequests)
		status(t, w.Do(t, "OPTIONS", wire.LinkPath+o.ID, nil, nil), 204)
	}
	for _, other := range []string{"192.0.3.1:1", "[2001:db8::1]:1", "[2001:db8:0:1::1]:1", "nonsense"} {
		addr = other
		status(t, w.Get(t, o.ID, "x"), 200)
	}
	addr = "192.0.2.1:1"
	w.clock.move(time.Second)
	status(t, w.Get(t, o.ID, "x"), 200)
	status(t, w.Get(t, o.ID, "x"), 429)
	w.clock.move(24 * time.Hour)
	status(t, w.Get(t, o.ID, "x"), 404)
	addr = "2001:db8:5:6::1"
	for range 5 {
		w.Get(t, o.ID, "x")
	}
	addr = "2001:db8:5:6:ffff::9"
	status(t, w.Get(t, o.ID, "x"), 429)
}

// TestRL4_LockedIsErased: the guess that spends the last attempt takes the
// ciphertext with it, before anybody purges.
func TestRL4_LockedIsErased(t *testing.T) {
	w := newWorld(t, nil)
	o := w.Create(t, "", "P", func(c *wire.Create) { c.Passcode = storetest.Verifier("secret", 2) })
	sum := sha256.Sum256([]byte(o.ID))
	kept := func() relay.Link {
		l, err := w.store.Owned(context.Background(), hex.EncodeToString(sum[:]), storetest.TokenHash(o.Token))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	file := kept().File
	for _, want := range []bool{true, false} {
		status(t, w.Post(t, o.ID, wire.ManifestRequest{Passcode: "no"}), http.StatusUnauthorized)
		_, err := w.store.Part(context.Background(), file, 0)
		if got := err == nil; got != want || (kept().File != "") != want {
			t.Errorf("the file is there: %v, want %v", got, want)
		}
	}
	if list, _ := o.Receipts(t); len(list) != 2 {
		t.Errorf("%d receipts of the two guesses", len(list))
	}
}
