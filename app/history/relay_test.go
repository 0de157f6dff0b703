//go:build !js

package history_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite"

	"potli/app/relayclient"
	"potli/app/sync"
	"potli/relay"
	"potli/relay/sqlstore"
)

// inProcess is HTTP straight into a handler.
type inProcess struct{ http.Handler }

func (h inProcess) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
	q, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return relayclient.Response{}, err
	}
	for k, v := range r.Header {
		q.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, q)
	header := map[string]string{}
	for k := range w.Header() {
		header[strings.ToLower(k)] = w.Header().Get(k)
	}
	return relayclient.Response{Status: w.Code, Header: header, Body: w.Body.Bytes()}, nil
}

func init() { relays["real"] = real }

func real(h *house) sync.Mail {
	t := h.t
	db, err := sql.Open("sqlite", sqlstore.DSN(filepath.Join(t.TempDir(), "relay.db")))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(ctx, db, sqlstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close(); db.Close() })
	handler, err := relay.New(relay.Options{
		Store: store, Now: h.clock, Key: [32]byte{1}, PublicURL: "https://relay.example", AppOrigin: "https://app.example",
		Limits: relay.Limits{Data: relay.Rate{PerMinute: -1}, Control: relay.Rate{PerMinute: -1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return relayclient.New("https://relay.example", inProcess{handler}, rand.Reader).Mail()
}
