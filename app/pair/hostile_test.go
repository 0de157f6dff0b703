//go:build !js

package pair_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"potli/app/pair"
	"potli/app/relayclient"
	"potli/app/relayclient/direct"
	"potli/crypto/pairing"
	"potli/relay"
	"potli/relay/sqlstore"
	"potli/relay/storetest"
)

// newRelay is a real relay over a real store.
func newRelay(t *testing.T, c *clock) relayclient.Pairing {
	t.Helper()
	db, err := sql.Open("sqlite", sqlstore.DSN(filepath.Join(t.TempDir(), "relay.db")))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(ctx, db, sqlstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close(); db.Close() })
	srv := httptest.NewUnstartedServer(nil)
	at := "http://" + srv.Listener.Addr().String()
	srv.Config.Handler, err = relay.New(relay.Options{Store: store, Now: c.Now, Key: [32]byte{1}, PublicURL: at, AppOrigin: "https://app.example",
		Limits: relay.Limits{Control: relay.Rate{PerMinute: -1}, Data: relay.Rate{PerMinute: -1}}})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return relayclient.New(at, direct.HTTP{}, rand.Reader).Pairing()
}

// A real relay takes every message: the header, the padding, the sizes, up to the
// largest answer there is.
func TestRealRelay(t *testing.T) {
	for _, size := range []int{20, pairing.MaxAnswer} {
		c := newClock()
		m := newRelay(t, c)
		show, scan := met(t, m, c)
		if err := scan.Accept(ctx); err != nil {
			t.Fatal(err)
		}
		if err := show.Accept(); err != nil {
			t.Fatal(err)
		}
		if err := show.Theirs(ctx); err != nil {
			t.Fatal(err)
		}
		answered := make(chan error)
		want := bytes.Repeat([]byte("k"), size)
		go func() { answered <- show.Answer(ctx, want) }()
		got, err := scan.Answer(ctx)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: %d came, %v", size, len(got), err)
		}
		if err := scan.Finish(ctx); err != nil {
			t.Fatal(err)
		}
		if err := <-answered; err != nil {
			t.Fatal(err)
		}
		// It is closed: nobody finds anything there.
		if _, err := m.Wait(ctx, show.Code().Box(), 0); !errors.Is(err, pair.ErrGone) {
			t.Errorf("afterwards: %v", err)
		}
	}
}

// hostile is the relay as one side sees it. It numbers what it hands out by
// itself, and does something to one message.
type hostile struct {
	pair.Mail
	c   *clock
	at  int64 // the number of that message
	do  func(h *hostile, e pair.Entry) []pair.Entry
	box pair.Box

	read  int64        // of what the true relay has
	given []pair.Entry // what was handed out so far
}

func (h *hostile) Wait(ctx context.Context, b pair.Box, after int64) ([]pair.Entry, error) {
	h.box = b
	if after >= int64(len(h.given)) {
		list, err := h.Mail.Wait(ctx, b, h.read)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			h.hand(e)
		}
	}
	return h.given[max(0, min(after, int64(len(h.given)))):], nil
}

func (h *hostile) hand(e pair.Entry) {
	h.read = e.Seq
	out := []pair.Entry{e}
	if e.Seq == h.at {
		out = h.do(h, e)
	}
	for _, o := range out {
		if o.Seq >= 0 {
			o.Seq = int64(len(h.given) + 1)
		}
		h.given = append(h.given, o)
	}
}

// trick is something that a relay can do to a message.
type trick struct {
	name   string
	spoils bool // what is received is not what was sent
	adds   bool // something is received that nobody sent
	do     func(h *hostile, e pair.Entry) []pair.Entry
}

func spoil(name string, f func(s string) string) trick {
	return trick{name, true, false, func(_ *hostile, e pair.Entry) []pair.Entry {
		e.Sealed = f(e.Sealed)
		return []pair.Entry{e}
	}}
}

func add(name string, f func(h *hostile, e pair.Entry) []pair.Entry) trick {
	return trick{name, false, true, f}
}

// other is s with another first character.
func other(s string) string {
	if s[0] == 'A' {
		return "B" + s[1:]
	}
	return "A" + s[1:]
}

var tricks = []trick{
	{"drop", false, false, func(h *hostile, _ pair.Entry) []pair.Entry {
		h.c.pass(pairing.Limit) // nothing comes any more, until the time is over
		return nil
	}},
	{"deliver too late", false, false, func(h *hostile, e pair.Entry) []pair.Entry {
		h.c.pass(pairing.Limit)
		return []pair.Entry{e}
	}},
	{"say that it is gone", false, false, func(h *hostile, _ pair.Entry) []pair.Entry {
		_ = h.Close(ctx, h.box)
		return nil
	}},
	spoil("flip the header", func(s string) string { return other(s) }),
	spoil("flip the middle", func(s string) string { return s[:len(s)/2] + other(s[len(s)/2:]) }),
	spoil("flip the end", func(s string) string { return s[:len(s)-5] + other(s[len(s)-5:]) }),
	spoil("truncate", func(s string) string { return s[:len(s)-100] }),
	spoil("empty", func(string) string { return "" }),
	spoil("put noise in its place", func(string) string { return storetest.Sealed("noise", 4096) }),
	add("repeat", func(_ *hostile, e pair.Entry) []pair.Entry { return []pair.Entry{e, renamed(e)} }),
	add("repeat an older one", func(h *hostile, e pair.Entry) []pair.Entry {
		old := e
		if len(h.given) > 0 {
			old = h.given[0]
		}
		return []pair.Entry{renamed(old), e}
	}),
	add("say something of its own", func(_ *hostile, e pair.Entry) []pair.Entry {
		return []pair.Entry{{ID: storetest.EntryID("own"), Sealed: storetest.Sealed("own", 4096)}, e}
	}),
	add("give it a number that does not grow", func(_ *hostile, e pair.Entry) []pair.Entry {
		e.Seq = -1
		return []pair.Entry{e}
	}),
}

func renamed(e pair.Entry) pair.Entry {
	e.ID = storetest.EntryID("renamed")
	return e
}

// whose says who reads the messages of an attempt: commit, challenge, reveal, yes,
// answer, done.
var whose = [...]string{"shower", "scanner", "shower", "shower", "scanner", "shower"}

// Each trick is done to each message, as each side sees it. What comes of it is
// success, or an error that has a name; never another answer, and never digits
// that differ, which would be a relay that has got the code.
func TestHostileRelay(t *testing.T) {
	fair := newRelay(t, newClock())
	for _, trick := range tricks {
		for i := range whose {
			for _, towards := range []string{"shower", "scanner"} {
				t.Run(fmt.Sprintf("%s/%d/%s", trick.name, i+1, towards), func(t *testing.T) {
					c := newClock()
					h := &hostile{Mail: fair, c: c, at: int64(i + 1), do: trick.do}
					shows, scans := deps(fair, c), deps(fair, c)
					if towards == "shower" {
						shows.Mail = h
					} else {
						scans.Mail = h
					}
					old, fresh := ceremony(t, shows, scans)
					judge(t, trick, i, towards, old, fresh)
				})
			}
		}
	}
}

func judge(t *testing.T, trick trick, i int, towards string, old, fresh side) {
	t.Helper()
	if fresh.good() && !bytes.Equal(fresh.payload, keys) || fresh.payload != nil && !bytes.Equal(fresh.payload, keys) {
		t.Errorf("another answer came: %q", fresh.payload)
	}
	if old.good() && !fresh.good() {
		t.Errorf("the shower believes that it went well: %v", fresh.err)
	}
	if old.digits != "" && fresh.digits != "" && old.digits != fresh.digits {
		t.Errorf("digits %s and %s", old.digits, fresh.digits)
	}
	for _, err := range []error{old.err, fresh.err} {
		if !named(err) {
			t.Errorf("an error without a name: %v", err)
		}
	}
	// Nobody reads what comes after the last message that is for them.
	reads := towards == whose[i]
	last := map[string]int{"shower": 5, "scanner": 4}[towards]
	blind := i > last || i == last && trick.name == "repeat"
	hit := old.err
	if towards == "scanner" {
		hit = fresh.err
	}
	switch {
	case trick.spoils && reads, trick.adds && !blind:
		if !errors.Is(hit, pairing.ErrTampered) {
			t.Errorf("not noticed: %v", hit)
		}
	case trick.spoils || trick.adds:
		if !old.good() || !fresh.good() {
			t.Errorf("it hurt where nobody looks: %v, %v", old.err, fresh.err)
		}
	case reads && hit == nil:
		t.Error("not noticed")
	}
}

func named(err error) bool {
	if err == nil {
		return true
	}
	for _, known := range []error{pairing.ErrExpired, pairing.ErrTampered, pairing.ErrDeclined, pairing.ErrUsed, pair.ErrGone, errDiffer} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}
