package worker_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"

	"potli/app/relayclient"
	"potli/app/share"
	"potli/relay/storetest"
	"potli/relay/wire"
)

// wallet is the wallet's own client of mailboxes on this engine: an HTTP with
// sockets. It counts them, and the requests that wait instead.
type wallet struct{ sockets, waits int }

func (w *wallet) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
	if strings.Contains(r.URL, "&wait=") && !strings.HasSuffix(r.URL, "&wait=0") {
		w.waits++
	}
	q, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return relayclient.Response{}, err
	}
	for k, v := range r.Header {
		q.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		return relayclient.Response{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return relayclient.Response{Status: resp.StatusCode, Body: body}, err
}

func (w *wallet) Socket(ctx context.Context, url string, protocols []string, message func(string) error) error {
	c, err := websocket.NewConfig(url, appOrigin)
	if err != nil {
		return err
	}
	c.Protocol = protocols
	conn, err := c.DialContext(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	w.sockets++
	for s := ""; ; {
		if err := message(s); err != nil {
			return err
		}
		if err := websocket.Message.Receive(conn, &s); err != nil {
			return ctx.Err() // closed by one side or the other
		}
	}
}

// TestListen: the wallet hears over one socket of what was there and of what
// arrives, and of the mailbox's end.
func TestListen(t *testing.T) {
	s := start(t, program(t))
	h := &wallet{}
	client := relayclient.New(s.Base, h, rand.Reader)
	m := client.Mailbox(storetest.ID("listen"), storetest.ID("token of listen"))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if _, err := m.Open(ctx, relayclient.Terms{Life: time.Hour, Entries: 10, Bytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	put := func(seed string) {
		if err := client.Deposit(ctx, storetest.ID("listen"), storetest.EntryID(seed), storetest.Sealed(seed, 1024)); err != nil {
			t.Error(err)
		}
	}
	put("a")
	put("b")
	var got []int64
	enough := errors.New("enough")
	err := m.Listen(ctx, 0, func(e wire.Entry) error {
		got = append(got, e.Seq)
		switch e.Seq {
		case 2:
			go put("c")
		case 3:
			go put("d")
		case 4:
			return enough
		}
		return nil
	})
	if err != enough || !slices.Equal(got, []int64{1, 2, 3, 4}) {
		t.Fatalf("got %v, %v", got, err)
	}
	if h.sockets != 1 || h.waits != 0 {
		t.Errorf("%d sockets, %d waiting requests, want one and none", h.sockets, h.waits)
	}
	ended := make(chan error, 1)
	go func() { ended <- m.Listen(ctx, 4, func(wire.Entry) error { return nil }) }()
	if err := m.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, share.ErrGone) {
		t.Errorf("after closing: %v", err)
	}
}
