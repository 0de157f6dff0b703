//go:build !js

package relayclient_test

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/http"
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

// busyRelay is a real relay to which creates are never calm, and what it was
// asked and answered.
type busyRelay struct {
	url string
	now time.Time

	mu   sync.Mutex // guards what follows
	seen []string
}

func newBusyRelay(t *testing.T, edit func(*relay.Options)) *busyRelay {
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
	b := &busyRelay{now: time.Unix(1_800_000_000, 0)}
	srv := httptest.NewUnstartedServer(nil)
	b.url = "http://" + srv.Listener.Addr().String()
	o := relay.Options{Store: store, Now: func() time.Time { return b.now }, Key: [32]byte{1}, PublicURL: b.url, AppOrigin: "https://app.example",
		Limits: relay.Limits{Creates: 1}}
	if edit != nil {
		edit(&o)
	}
	h, err := relay.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &statusWriter{ResponseWriter: w}
		h.ServeHTTP(rec, r)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.seen = append(b.seen, fmt.Sprint(rec.status, " ", r.Header.Get(wire.WorkHeader) != "", " ", r.ContentLength > 0))
	})
	srv.Start()
	t.Cleanup(srv.Close)
	return b
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// took returns what was answered since it was called last: status, with work, with a body.
func (b *busyRelay) took() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() { b.seen = nil }()
	return strings.Join(b.seen, ", ")
}

// sealed is an upload that a real relay takes.
func sealed(size int) share.Upload {
	u := upload(0)
	u.ReceiptKey, u.JWE = storetest.ReceiptKey().PublicKey().Bytes(), storetest.JWE(wire.ContentTypeFHIR, size)
	return u
}

func refOf(name string) share.Ref {
	return share.Ref{ID: storetest.ID(name), Token: storetest.ID("token of " + name)}
}

// A create that is asked for work simply takes a little longer.
func TestRL8_CreateDoesTheWork(t *testing.T) {
	b := newBusyRelay(t, nil)
	c := relayclient.New(b.url, direct.HTTP{}, rand.Reader)
	for i, step := range []struct {
		size int
		want string
	}{
		{500, "201 false true"},
		{500, "201 false true"}, // one a minute is calm, and one has been
		{500, "428 false true, 201 true true"},
		{wire.AskFirst, "428 true false, 201 true true"}, // the JSON around it makes it more
		{3 << 20, "428 true false, 201 true true"},
	} {
		r := refOf(fmt.Sprint(i))
		if _, err := c.Create(ctx, r, sealed(step.size)); err != nil {
			t.Fatalf("create %d: %v", i, err)
		}
		if got := b.took(); got != step.want {
			t.Errorf("create %d: %s, want %s", i, got, step.want)
		}
		if _, err := c.Status(ctx, r); err != nil {
			t.Errorf("create %d: %v", i, err)
		}
		b.took()
	}
	// When all is calm a large one is asked about and then sent.
	b.now = b.now.Add(time.Hour)
	if _, err := c.Create(ctx, refOf("calm"), sealed(3<<20)); err != nil {
		t.Fatal(err)
	}
	if got, want := b.took(), "204 true false, 201 false true"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	// A change never is.
	r := refOf("calm")
	r.Seq = 1
	if _, err := c.Replace(ctx, r, wire.ContentTypeFHIR, storetest.JWE(wire.ContentTypeFHIR, 3<<20)); err != nil {
		t.Fatal(err)
	}
	if got, want := b.took(), "200 false true"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
