//go:build !js

package relayclient_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/relayclient"
	"potli/app/relayclient/direct"
	"potli/app/share"
	"potli/relay"
	"potli/relay/storetest"
	"potli/relay/wire"
)

var terms = relayclient.Terms{Life: time.Hour, Entries: 10, Bytes: 20 << 20}

func mailbox(t *testing.T, w *world) (*relayclient.Mailbox, string) {
	t.Helper()
	id := storetest.ID("mailbox " + t.Name())
	m := w.client.Mailbox(id, storetest.ID("token "+t.Name()))
	if _, err := m.Open(ctx, terms); err != nil {
		t.Fatal(err)
	}
	return m, id
}

func entry(seed string) (id, sealed string) {
	return storetest.EntryID(seed), storetest.Sealed(seed, 1024)
}

// TestMailbox is the whole life of a mailbox on a network that loses every
// answer once: whatever is repeated happens once.
func TestMailbox(t *testing.T) {
	w := newWorld(t)
	m, id := mailbox(t, w)
	again := func(what string, f func() error) {
		t.Helper()
		w.net.answers = 1
		if err := f(); !errors.Is(err, share.ErrOffline) {
			t.Fatalf("%s with a lost answer: %v", what, err)
		}
		if err := f(); err != nil {
			t.Fatalf("%s again: %v", what, err)
		}
	}
	again("open", func() error { _, err := m.Open(ctx, terms); return err })
	large := storetest.Sealed("large", 1<<20)
	again("deposit", func() error { return w.client.Deposit(ctx, id, storetest.EntryID("large"), large) })
	aid, sealed := entry("a")
	again("deposit", func() error { return w.client.Deposit(ctx, id, aid, sealed) })
	list, more, err := m.List(ctx, 0)
	if err != nil || more || len(list) != 2 || list[0].Sealed != "" || list[1].Sealed != sealed || list[1].Seq != 2 || list[1].ID != aid {
		t.Fatalf("got %d entries, %v, %v", len(list), more, err)
	}
	for i, want := range []string{large, sealed} {
		if got, err := m.Fetch(ctx, list[i]); err != nil || got != want {
			t.Errorf("entry %d: %d characters, %v", i+1, len(got), err)
		}
	}
	again("acknowledge", func() error { return m.Ack(ctx, 1, 2) })
	if st, err := m.Status(ctx); err != nil || st.Entries != 0 || st.Highest != 2 || st.Expires != st.Created+3600 {
		t.Errorf("got %+v, %v", st, err)
	}
	if n, err := w.client.Note(ctx, id); err != nil || n.Room != wire.RoomAmple || n.Note != "" {
		t.Errorf("got %+v, %v", n, err)
	}
	again("close", func() error { return m.Close(ctx) })
	if _, _, err := m.List(ctx, 0); !errors.Is(err, share.ErrGone) {
		t.Errorf("after closing: %v", err)
	}
}

func TestMailboxErrors(t *testing.T) {
	w := newWorld(t)
	m, id := mailbox(t, w)
	aid, sealed := entry("a")
	other := w.client.Mailbox(id, storetest.ID("thief"))
	unknown := w.client.Mailbox(storetest.ID("unknown"), storetest.ID("thief"))
	bid, unpadded := storetest.EntryID("b"), storetest.Sealed("b", 1025)
	if err := w.client.Deposit(ctx, id, aid, sealed); err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		cid, sealed := entry(fmt.Sprint(i))
		if err := w.client.Deposit(ctx, id, cid, sealed); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct{ got, want error }{
		"taken":          {second(other.Open(ctx, terms)), relayclient.ErrTaken},
		"terms":          {second(m.Open(ctx, relayclient.Terms{})), share.ErrRefused},
		"thief":          {second(other.Status(ctx)), share.ErrGone},
		"unknown":        {second(unknown.Status(ctx)), share.ErrGone},
		"no such box":    {w.client.Deposit(ctx, storetest.ID("unknown"), aid, sealed), share.ErrGone},
		"other entry":    {w.client.Deposit(ctx, id, aid, storetest.Sealed("c", 1024)), relayclient.ErrOther},
		"not padded":     {w.client.Deposit(ctx, id, bid, unpadded), share.ErrRefused},
		"full":           {w.client.Deposit(ctx, id, bid, storetest.Sealed("b", 1024)), relayclient.ErrFull},
		"no such entry":  {second(m.Fetch(ctx, wire.Entry{Seq: 99, Size: 1})), share.ErrGone},
		"a thief's ack":  {other.Ack(ctx, 1), share.ErrGone},
		"closed already": {unknown.Close(ctx), nil},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestRealAgeFile: what the age library writes for a hybrid recipient is taken.
func TestRealAgeFile(t *testing.T) {
	w := newWorld(t)
	m, id := mailbox(t, w)
	one, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	if st, err := m.Open(ctx, relayclient.Terms{Life: time.Hour, Entries: 10, Bytes: 20 << 20, Note: one.Recipient().String()}); err != nil {
		t.Fatalf("its recipient as a note: %+v, %v", st, err)
	}
	for i, n := range []int{1024, 64 << 10, wire.SizeClass(64<<10 + 1), 1 << 20} {
		var file strings.Builder
		to, err := age.Encrypt(&file, one.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Write(make([]byte, n)); err != nil {
			t.Fatal(err)
		}
		if err := to.Close(); err != nil {
			t.Fatal(err)
		}
		sealed := base64.RawURLEncoding.EncodeToString([]byte(file.String()))
		if err := w.client.Deposit(ctx, id, storetest.EntryID(fmt.Sprint(i)), sealed); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// TestListen hears of what was there and of what arrives, over a stream, by
// waiting, and where a stream is promised but does not come through.
func TestListen(t *testing.T) {
	for name, adapter := range map[string]func(*world) relayclient.HTTP{
		"waiting":       func(*world) relayclient.HTTP { return direct.HTTP{} },
		"stream":        func(*world) relayclient.HTTP { return &streaming{} },
		"broken stream": func(*world) relayclient.HTTP { return &streaming{broken: true} },
		"socket":        func(w *world) relayclient.HTTP { return &socketing{at: w.client.Base(), arrivals: w.arrivals} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if name == "socket" {
				w = newSocketWorld(t)
			}
			m, id := mailbox(t, w)
			h := adapter(w)
			listening := relayclient.New(w.client.Base(), h, nil).Mailbox(id, storetest.ID("token "+t.Name()))
			put := func(i int) {
				aid, sealed := entry(fmt.Sprint(i))
				if err := w.client.Deposit(ctx, id, aid, sealed); err != nil {
					t.Error(err)
				}
			}
			put(0)
			put(1)
			enough := errors.New("enough")
			var got []int64
			err := listening.Listen(ctx, 1, func(e wire.Entry) error {
				got = append(got, e.Seq)
				if e.Seq == 6 {
					return enough
				}
				put(int(e.Seq)) // the next one
				return nil
			})
			if err != enough || !slices.Equal(got, []int64{2, 3, 4, 5, 6}) {
				t.Errorf("got %v, %v", got, err)
			}
			if s, ok := h.(*streaming); ok && s.streams != 1 {
				t.Errorf("%d streams were opened", s.streams)
			}
			if s, ok := h.(*socketing); ok && s.sockets != 1 {
				t.Errorf("%d sockets were opened", s.sockets)
			}
			// It ends with the mailbox, and with its caller.
			done := make(chan error)
			go func() { done <- listening.Listen(ctx, 6, func(wire.Entry) error { return nil }) }()
			if err := m.Close(ctx); err != nil {
				t.Fatal(err)
			}
			if err := <-done; !errors.Is(err, share.ErrGone) {
				t.Errorf("after closing: %v", err)
			}
			gone, cancel := context.WithCancel(ctx)
			cancel()
			if err := listening.Listen(gone, 6, nil); !errors.Is(err, context.Canceled) {
				t.Errorf("after giving up: %v", err)
			}
		})
	}
}

// streaming is an HTTP with streams; a broken one has a proxy in front that
// swallows them.
type streaming struct {
	direct.HTTP
	broken  bool
	streams int
}

func (s *streaming) Stream(ctx context.Context, r relayclient.Request, line func(string) error) error {
	s.streams++
	if s.broken {
		return errors.New("502")
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, nil)
	if err != nil {
		return err
	}
	for k, v := range r.Header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != 200 {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if err := line(lines.Text()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// newSocketWorld is a relay that offers WebSockets: it says when they may be
// opened and what goes over them, and whoever runs it has the sockets.
func newSocketWorld(t *testing.T) *world {
	arrivals := make(chan int64, 100)
	w := newWorld(t, func(o *relay.Options) {
		o.WebSocket, o.Publish = true, func(_ string, seq int64) { arrivals <- seq }
	})
	w.arrivals = arrivals
	return w
}

// socketing is an HTTP with sockets, as the other side of newSocketWorld.
type socketing struct {
	direct.HTTP
	at       string
	arrivals chan int64
	sockets  int
}

func (s *socketing) Socket(ctx context.Context, url string, protocols []string, message func(string) error) error {
	path, ok := strings.CutPrefix(url, "ws"+strings.TrimPrefix(s.at, "http"))
	if !ok || len(protocols) != 2 || protocols[0] != wire.LiveProtocol {
		return fmt.Errorf("asked for %q", protocols)
	}
	may := func() error {
		a, err := s.Do(ctx, relayclient.Request{Method: "GET", URL: s.at + path, Header: map[string]string{"Authorization": "Bearer " + protocols[1]}, Limit: 1000})
		if err == nil && a.Status != 204 {
			err = fmt.Errorf("status %d", a.Status)
		}
		return err
	}
	if err := may(); err != nil {
		return err
	}
	s.sockets++
	if err := message(""); err != nil {
		return err
	}
	for {
		select {
		case seq := <-s.arrivals:
			if err := message(fmt.Sprint(seq)); err != nil {
				return err
			}
		case <-time.After(20 * time.Millisecond):
			if may() != nil {
				return nil // the other side has hung up
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
