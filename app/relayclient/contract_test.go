//go:build !js

package relayclient_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"potli/app/relayclient"
	"potli/app/relayclient/direct"
	"potli/app/share"
	"potli/relay"
	"potli/relay/sqlstore"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// world is a real relay over a real network with faults, and what the wallet
// does with it. The clocks are of the test's making.
type world struct {
	t      *testing.T
	client *relayclient.Client
	reader *relayclient.Fetcher
	net    *faulty
	// arrivals are what the relay says when it offers WebSockets (newSocketWorld).
	arrivals chan int64

	mu  sync.Mutex // guards now
	now time.Time  // at the relay
}

func newWorld(t *testing.T, edit ...func(*relay.Options)) *world {
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
	w := &world{t: t, net: &faulty{}, now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	srv := httptest.NewUnstartedServer(nil)
	at := "http://" + srv.Listener.Addr().String()
	o := relay.Options{Store: store, Now: w.clock, Key: [32]byte{1}, PublicURL: at, AppOrigin: "https://app.example"}
	for _, f := range edit {
		f(&o)
	}
	srv.Config.Handler, err = relay.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(srv.Close)
	w.client = relayclient.New(at, w.net, rand.Reader)
	w.reader = &relayclient.Fetcher{HTTP: direct.HTTP{}, Now: w.clock, Sleep: relayclient.Sleep}
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// faulty is a network that loses the next requests, or the answers to them.
type faulty struct{ requests, answers int }

func (f *faulty) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
	if f.requests > 0 {
		f.requests--
		return relayclient.Response{}, errors.New("the request was lost")
	}
	resp, err := direct.HTTP{}.Do(ctx, r)
	if f.answers > 0 {
		f.answers--
		return relayclient.Response{}, errors.New("the answer was lost")
	}
	return resp, err
}

// make composes a link as the wallet does, on a phone whose clock says phone.
func (w *world) make(phone time.Time, change func(*share.Options)) (*share.Share, share.Upload) {
	w.t.Helper()
	o := share.SendLink()
	if change != nil {
		change(&o)
	}
	s, up, err := share.New(o, "p", []share.Item{{Record: "r", Title: "x"}}, []byte(bundle), w.client, phone, rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	return s, up
}

const bundle = `{"resourceType":"Bundle","type":"collection"}`

// created makes a link that the relay has.
func (w *world) created(change func(*share.Options)) *share.Share {
	w.t.Helper()
	s, up := w.make(w.clock(), change)
	st, err := w.client.Create(ctx, s.Ref, up)
	if err != nil {
		w.t.Fatal(err)
	}
	s.Heard(st, w.clock())
	return s
}

// opens says whether a clinic gets what was shared, and fails on anything
// between yes and no.
func (w *world) opens(s *share.Share, who string) bool {
	w.t.Helper()
	got, _, err := share.Receive(ctx, w.reader, s.Link(), who, s.Passcode)
	if errors.Is(err, share.ErrGone) {
		return false
	}
	if err != nil || len(got) != 1 || got[0].Err != nil || strings.TrimRight(string(got[0].Body), " ") != bundle {
		w.t.Fatalf("%s: %+v, %v", who, got, err)
	}
	return true
}

func (w *world) status(s *share.Share) share.Status {
	w.t.Helper()
	st, err := w.client.Status(ctx, s.Ref)
	if err != nil {
		w.t.Fatal(err)
	}
	return st
}

func counter(o *share.Options) { *o = share.Counter() }

// Every method of share.Relay, in the life of one link, for each kind of link.
func TestContract_Life(t *testing.T) {
	for name, change := range map[string]func(*share.Options){
		"counter": counter, "link": nil,
		"passcode": func(o *share.Options) { o.Passcode = true },
		"follows":  func(o *share.Options) { o.Follow = true },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.created(change)
			if s.Skew != 0 || s.Ended || !s.Status.Expires.Equal(s.Created.Add(s.Remaining(w.clock()))) {
				t.Errorf("made: %+v", s.Status)
			}
			if !w.opens(s, "Dr Rao") {
				t.Fatal("does not open")
			}
			w.pause(s, true)
			if w.opens(s, "Dr Rao") {
				t.Error("opens while it is paused")
			}
			w.pause(s, false)
			w.replace(s)
			if !w.opens(s, "City clinic") {
				t.Error("does not open again")
			}
			w.lengthen(s)
			w.receipts(s, "Dr Rao", "City clinic")
			s.Ref.Seq++
			if err := w.client.Revoke(ctx, s.Ref); err != nil {
				t.Fatal(err)
			}
			if w.opens(s, "City clinic") {
				t.Error("opens after it was taken back")
			}
			s.Heard(w.status(s), w.clock())
			if s.MayOpen() || s.State(w.clock()) != share.StateRevoked {
				t.Errorf("taken back: %s", s.State(w.clock()))
			}
			w.receipts(s, "Dr Rao", "City clinic") // for a week after
		})
	}
}

func (w *world) pause(s *share.Share, paused bool) {
	w.t.Helper()
	s.Ref.Seq++
	st, err := w.client.Change(ctx, s.Ref, share.Change{Paused: &paused})
	if err != nil || st.Paused != paused || st.Seq != s.Ref.Seq {
		w.t.Fatalf("pausing %v: %+v, %v", paused, st, err)
	}
}

func (w *world) replace(s *share.Share) {
	w.t.Helper()
	jwe, err := s.Reseal([]byte(bundle), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	s.Ref.Seq++
	if st, err := w.client.Replace(ctx, s.Ref, share.TypeFHIR, jwe); err != nil || st.Seq != s.Ref.Seq {
		w.t.Fatalf("another file: %+v, %v", st, err)
	}
}

func (w *world) lengthen(s *share.Share) {
	w.t.Helper()
	before := w.status(s)
	life, uses := 48*time.Hour, 5
	s.Ref.Seq++
	st, err := w.client.Change(ctx, s.Ref, share.Change{Life: &life, AddUses: &uses})
	if err != nil || st.UsesLeft != before.UsesLeft+5 || !st.Expires.Equal(w.clock().Add(life)) || !st.Now.Equal(w.clock()) {
		w.t.Fatalf("lengthened: %+v, %v; was %+v", st, err, before)
	}
}

func (w *world) receipts(s *share.Share, want ...string) {
	w.t.Helper()
	fresh := *s
	fresh.Opens, fresh.Unread = nil, nil
	list, dropped, err := w.client.Receipts(ctx, s.Ref, 0)
	if err != nil || dropped != 0 || fresh.OpenReceipts(list, dropped) != len(want) || len(fresh.Unread) != 0 {
		w.t.Fatalf("receipts: %d, %d dropped, %v, %+v", len(list), dropped, err, fresh.Opens)
	}
	for i, who := range want {
		if o := fresh.Opens[i]; o.Recipient != who || o.Outcome != wire.OutcomeOpened || w.clock().Sub(o.Time) > 5*time.Minute {
			w.t.Errorf("receipt %d: %+v, want %s", i, o, who)
		}
	}
	if list, _, err := w.client.Receipts(ctx, s.Ref, fresh.LastReceipt()); err != nil || len(list) != 0 {
		w.t.Errorf("asked for what is new: %d, %v", len(list), err)
	}
}

// Whatever gets lost, the same call again does what one call does.
func TestContract_LostAnswers(t *testing.T) {
	yes, three, day := true, 3, 24*time.Hour
	calls := map[string]struct {
		call func(w *world, s *share.Share) error
		done func(w *world, s *share.Share) error // complains unless it was done once
	}{
		"change": {func(w *world, s *share.Share) error {
			_, err := w.client.Change(ctx, s.Ref, share.Change{Paused: &yes, AddUses: &three})
			return err
		}, func(w *world, s *share.Share) error {
			if st := w.status(s); !st.Paused || st.UsesLeft != s.Uses+3 {
				return fmt.Errorf("%+v", st)
			}
			return nil
		}},
		"life": {func(w *world, s *share.Share) error {
			_, err := w.client.Change(ctx, s.Ref, share.Change{Life: &day})
			return err
		}, func(w *world, s *share.Share) error {
			if left := w.status(s).Expires.Sub(w.clock()); left > day || left < day-time.Minute {
				return fmt.Errorf("%s left", left)
			}
			return nil
		}},
		"replace": {func(w *world, s *share.Share) error {
			_, err := w.client.Replace(ctx, s.Ref, share.TypeFHIR, storetest.JWE(share.TypeFHIR, 4000))
			return err
		}, func(w *world, s *share.Share) error {
			got, err := w.reader.Fetch(ctx, share.Request{URL: s.URL, Flag: s.Flag, Recipient: "x"})
			if err != nil || len(got.Files) != 1 || got.Files[0].JWE != storetest.JWE(share.TypeFHIR, 4000) {
				return fmt.Errorf("another file, %v", err)
			}
			return nil
		}},
		"revoke": {func(w *world, s *share.Share) error { return w.client.Revoke(ctx, s.Ref) },
			func(w *world, s *share.Share) error {
				if st := w.status(s); st.Expires.Unix() != 0 || w.opens(s, "x") {
					return fmt.Errorf("%+v", st)
				}
				return nil
			}},
	}
	for name, c := range calls {
		for _, lost := range []faulty{{requests: 1}, {answers: 1}, {requests: 2, answers: 2}} {
			t.Run(fmt.Sprintf("%s, %d requests and %d answers lost", name, lost.requests, lost.answers), func(t *testing.T) {
				w := newWorld(t)
				s := w.created(nil)
				s.Ref.Seq++
				*w.net = lost
				for range lost.requests + lost.answers {
					if err := c.call(w, s); !errors.Is(err, share.ErrOffline) {
						t.Fatalf("without an answer: %v", err)
					}
					w.pass(10 * time.Second)
				}
				if err := c.call(w, s); err != nil {
					t.Fatalf("again: %v", err)
				}
				if err := c.done(w, s); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// A create that is repeated prolongs nothing and changes nothing, and is not
// mistaken for somebody else's link.
func TestContract_CreateAgain(t *testing.T) {
	w := newWorld(t)
	s, up := w.make(w.clock(), nil)
	ends := w.clock().Add(up.Life)
	w.net.answers = 1
	if _, err := w.client.Create(ctx, s.Ref, up); !errors.Is(err, share.ErrOffline) {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	st, err := w.client.Create(ctx, s.Ref, up)
	if err != nil || !st.Expires.Equal(ends) || !st.Now.Equal(w.clock()) {
		t.Errorf("the second time it ends at %s, %v; want %s", st.Expires, err, ends)
	}
	s.Heard(st, w.clock())
	if got := s.Remaining(w.clock()); got != up.Life-time.Hour {
		t.Errorf("%s left", got)
	}
	other := s.Ref
	other.Token = storetest.ID("another")
	if _, err := w.client.Create(ctx, other, up); !errors.Is(err, share.ErrRefused) {
		t.Errorf("somebody else's id: %v", err)
	}
}

// On a phone whose clock is years off a link lives as long as was asked for, its
// text says so to the clinic, and its ledger to the person.
func TestContract_WrongClocks(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for name, ahead := range map[string]time.Duration{
		"ten years behind": -10 * year, "five hours behind": -5 * time.Hour, "right": 0, "five hours ahead": 5 * time.Hour, "ten years ahead": 10 * year,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			phone := func() time.Time { return w.clock().Add(ahead) }
			s, up := w.make(phone(), counter)
			w.pass(3 * time.Minute) // it is a long upload
			st, err := w.client.Create(ctx, s.Ref, up)
			if err != nil {
				t.Fatal(err)
			}
			s.Heard(st, phone())
			if s.Skew != -ahead || !s.Ends().Equal(phone().Add(10*time.Minute)) || !s.Link().Expires.Equal(w.clock().Add(10*time.Minute)) {
				t.Errorf("clocks differ by %s; it ends at %s here and %s there", s.Skew, s.Ends(), s.Link().Expires)
			}
			w.pass(10*time.Minute - time.Second)
			if !w.opens(s, "Dr Rao") || s.State(phone()) != share.StateLive || s.Remaining(phone()) != time.Second {
				t.Errorf("a second before: %s, %s left", s.State(phone()), s.Remaining(phone()))
			}
			list, dropped, err := w.client.Receipts(ctx, s.Ref, s.LastReceipt())
			if err != nil || s.OpenReceipts(list, dropped) != 1 {
				t.Fatalf("%d receipts, %v", len(list), err)
			}
			if ago := phone().Sub(s.When(s.Opens[0])); ago < 0 || ago > 5*time.Minute {
				t.Errorf("opened just now, and shown as %s ago", ago)
			}
			w.pass(time.Second)
			if w.opens(s, "Dr Rao") || s.State(phone()) != share.StateExpired {
				t.Errorf("at the end: %s", s.State(phone()))
			}
			if !s.MayOpen() {
				t.Error("the phone's clock ended it")
			}
			s.Heard(w.status(s), phone())
			if s.MayOpen() || s.State(phone()) != share.StateExpired {
				t.Errorf("by the relay's word: %s", s.State(phone()))
			}
		})
	}
}

// A ledger from a backup is behind in its numbers and catches up.
func TestContract_LedgerFromABackup(t *testing.T) {
	w := newWorld(t)
	s := w.created(nil)
	old := *s
	for i := range 9 {
		w.pause(s, i%2 == 0)
	}
	s = &old
	three := 3
	s.Ref.Seq++
	st, err := w.client.Change(ctx, s.Ref, share.Change{AddUses: &three})
	if err != nil || st.UsesLeft != s.Uses+3 || !st.Paused {
		t.Fatalf("%+v, %v", st, err)
	}
	s.Heard(st, w.clock())
	w.pause(s, false) // its number is taken at once
	// The very number that another change had, of which this ledger does not know.
	s = &old
	w.pause(s, false)
	behind := *s
	w.pause(s, false)
	behind.Ref.Seq++
	if st, err := w.client.Change(ctx, behind.Ref, share.Change{Paused: new(true)}); err != nil || !st.Paused {
		t.Errorf("paused under a number that was taken: %+v, %v", st, err)
	}
	s.Ref.Seq = 1
	if err := w.client.Revoke(ctx, s.Ref); err != nil || w.opens(s, "x") {
		t.Errorf("taken back: %v", err)
	}
}

// What has ended by itself stays ended, its owner learns how, and to take it
// back is fine.
func TestContract_Ended(t *testing.T) {
	for name, c := range map[string]struct {
		make func(o *share.Options)
		end  func(w *world, s *share.Share)
		want share.State
	}{
		"expired": {nil, func(w *world, s *share.Share) { w.pass(24 * time.Hour) }, share.StateExpired},
		"used up": {func(o *share.Options) { o.Uses = 1 }, func(w *world, s *share.Share) { w.opens(s, "Dr Rao") }, share.StateUsedUp},
		"locked": {func(o *share.Options) { o.Passcode = true }, func(w *world, s *share.Share) {
			for range share.MaxAttempts {
				if _, _, err := share.Receive(ctx, w.reader, s.Link(), "x", "wrong"); err == nil {
					w.t.Error("opened with a wrong passcode")
				}
			}
		}, share.StateLocked},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.created(c.make)
			c.end(w, s)
			if w.opens(s, "another") {
				t.Error("still opens")
			}
			s.Heard(w.status(s), w.clock())
			if got := s.State(w.clock()); got != c.want {
				t.Errorf("the ledger says %s, want %s", got, c.want)
			}
			if name != "used up" { // which its owner may let be opened again
				s.Ref.Seq++
				if _, err := w.client.Change(ctx, s.Ref, share.Change{AddUses: new(1)}); !errors.Is(err, share.ErrGone) {
					t.Errorf("changed: %v", err)
				}
			}
			s.Ref.Seq++
			if err := w.client.Revoke(ctx, s.Ref); err != nil {
				t.Errorf("taken back: %v", err)
			}
		})
	}
	w := newWorld(t)
	s, up := w.make(w.clock(), nil) // never sent
	s.Ref.Seq++
	if _, err := w.client.Status(ctx, s.Ref); !errors.Is(err, share.ErrGone) {
		t.Errorf("status of none: %v", err)
	}
	if err := w.client.Revoke(ctx, s.Ref); err != nil {
		t.Errorf("taking back none: %v", err)
	}
	if _, err := w.client.Create(ctx, s.Ref, up); err != nil {
		t.Errorf("making it after all: %v", err)
	}
}
