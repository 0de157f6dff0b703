//go:build !js

package sync_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"potli/app/relayclient"
	"potli/app/sync"
	server "potli/relay"
	"potli/relay/sqlstore"
)

// handler is HTTP straight into a handler: every byte of requests and answers, and
// no network.
type handler struct {
	http.Handler
	store            *sqlstore.Store
	calls, sent, got int
}

func (h *handler) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
	q, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return relayclient.Response{}, err
	}
	q.RemoteAddr = "192.0.2.1:1"
	for k, v := range r.Header {
		q.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, q)
	h.calls, h.sent, h.got = h.calls+1, h.sent+len(r.Body), h.got+w.Body.Len()
	header := map[string]string{}
	for k := range w.Header() {
		header[strings.ToLower(k)] = w.Header().Get(k)
	}
	return relayclient.Response{Status: w.Code, Header: header, Body: w.Body.Bytes()}, nil
}

// realRelay is the relay itself over SQLite, with its own limits but those on how
// often one asks: a lab's day is over in a second.
func realRelay(t testing.TB, l *lab) (sync.Mail, *handler) {
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
	h, err := server.New(server.Options{
		Store: store, Now: func() time.Time { return l.now }, Key: [32]byte{1}, PublicURL: "https://relay.example", AppOrigin: "https://app.example",
		Limits: server.Limits{Data: server.Rate{PerMinute: -1}, Control: server.Rate{PerMinute: -1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	in := &handler{Handler: h, store: store}
	return relayclient.New("https://relay.example", in, rand.Reader).Mail(), in
}

// TestRealRelay is the whole story with the relay as it is: what it takes for a
// sealed entry, how it numbers, lists and forgets.
func TestRealRelay(t *testing.T) {
	l := newLab(t)
	mail, in := realRelay(t, l)
	for _, id := range []string{"mother", "father", "aunt"} {
		l.device(id, mail)
	}
	mother, father, aunt := l.devices[0], l.devices[1], l.devices[2]
	mother.found()
	mother.invite(father)
	mother.invite(aunt)
	large := make([]byte, 2*sync.PartSize)
	rand.Read(large)
	mother.add([]byte("one"), text(20_000, "two"), large)
	l.settle(5, l.devices...)
	l.same(l.devices...)
	father.add(text(100_000, "while the aunt is away"))
	l.settle(2, father, mother)
	mother.remove("father")
	mother.add([]byte("without father"))
	l.now = l.now.Add(45 * 24 * time.Hour)
	l.settle(8, aunt, mother)
	l.same(aunt, mother)
	l.calm(aunt, mother)
	if s := father.round(); len(father.disk.secrets) != 1 || s.Sending > 0 {
		t.Errorf("father: %+v, %d epochs", s, len(father.disk.secrets))
	}
	// After half a year without anybody the mailboxes are gone.
	l.now = l.now.Add(180 * 24 * time.Hour)
	aunt.add([]byte("is anybody there?"))
	if s, err := aunt.engine.Round(ctx, profile); !errors.Is(err, sync.ErrOffline) || s.Closed {
		t.Errorf("while the id is not free: %+v, %v", s, err)
	}
	if err := in.store.Purge(ctx, l.now.Unix()); err != nil {
		t.Fatal(err)
	}
	l.now = l.now.Add(2 * time.Minute)
	if err := in.store.Purge(ctx, l.now.Unix()); err != nil {
		t.Fatal(err)
	}
	l.settle(3, aunt, mother)
	l.same(aunt, mother)
	l.calm(aunt, mother)
}

// TestT2_HostileProxy is TestT2_HostileRelay with the real relay behind the one who
// lies.
func TestT2_HostileProxy(t *testing.T) {
	runs := 12
	if raced {
		runs = 1
	}
	for seed := range runs {
		l := newLab(t)
		mail, _ := realRelay(t, l)
		l.endure(newAdversary(l, int64(seed), mail))
	}
}
