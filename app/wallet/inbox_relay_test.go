//go:build !js

package wallet_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"potli/app/inbox"
	"potli/app/record"
	"potli/app/relayclient"
	"potli/app/wallet"
	server "potli/relay"
	"potli/relay/sqlstore"
)

// house is the relay itself over SQLite, reached without a network.
type house struct {
	http.Handler
	dir   string
	clock *clock // the relay's own
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{dir: t.TempDir(), clock: newClock()}
	db, err := sql.Open("sqlite", sqlstore.DSN(filepath.Join(h.dir, "relay.db"))+"&_pragma=synchronous(0)")
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), db, sqlstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close(); db.Close() })
	h.Handler, err = server.New(server.Options{
		Store: store, Now: h.clock.now, Key: [32]byte{1}, PublicURL: relayOrigin, AppOrigin: "https://app.example",
		Limits: server.Limits{Data: server.Rate{PerMinute: -1}, Control: server.Rate{PerMinute: -1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
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
	header := map[string]string{}
	for k := range w.Header() {
		header[strings.ToLower(k)] = w.Header().Get(k)
	}
	return relayclient.Response{Status: w.Code, Header: header, Body: w.Body.Bytes()}, nil
}

// kept is every byte that the relay has on its disk.
func (h *house) kept(t testing.TB) (all []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(h.dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// TestVisit is a visit: a code, what the clinic gives under it, a look, yes, and the
// records; through a lock in between, with the relay as it is.
func TestVisit(t *testing.T) {
	h, b := newHouse(t), newBench(t)
	b.deps.Drops = relayclient.Drops(relayclient.New(relayOrigin, h, rand.Reader))
	b.deps.RelayOrigin = relayOrigin
	b.restart()
	b.create()
	c := hospital(t, h, true)
	id, code := b.visit(wallet.DropOffer{})
	large := pdf("scan of Meera", 200<<10)
	b.give(c, code, "Come again in two weeks.", letter("lab.pdf", pdf("of Meera Sample", 10)), letter("allergy.json", []byte(allergy)), letter("scan.pdf", large))
	in := b.checked()
	if len(in.Items) != 1 || in.Unread != 1 || b.Snapshot().Records != 0 {
		t.Fatalf("%d items, %d unread, %d records", len(in.Items), in.Unread, b.Snapshot().Records)
	}
	it := in.Items[0]
	if it.Trust != inbox.TrustNew || it.From.Name != "City Hospital" || len(it.Documents) != 3 || !it.Note || it.State != inbox.Waiting {
		t.Errorf("%+v", it)
	}
	if d, _ := in.Drop(id); d.Came != 1 || d.Files != 3 || d.Waiting != 1 || d.Waits != 0 || d.State != inbox.DropOpen {
		t.Errorf("%+v", d)
	}
	if b.worker.runs["letter"] != 1 {
		t.Error("a large letter was opened on the thread of the screen")
	}
	b.Wallet.Lock()
	b.restart()
	in = b.unlocked()
	l, err := b.Letter(t.Context(), it.ID)
	if err != nil || l.Text != "Come again in two weeks." || l.Documents[1].Title != "Peanut" || !l.Documents[1].Read {
		t.Fatalf("%+v, %v", l, err)
	}
	name, typ, body, err := b.LetterFile(t.Context(), it.ID, 2)
	if err != nil || !bytes.Equal(body, large) || typ != "application/pdf" || !strings.HasSuffix(name, ".pdf") {
		t.Errorf("%q %q %d bytes, %v", name, typ, len(body), err)
	}
	if d, err := b.LetterDocument(t.Context(), it.ID, 1); err != nil || len(d.Sections) == 0 {
		t.Errorf("%+v, %v", d, err)
	}
	if err := b.PinProvider(t.Context(), inbox.Pin{Thumbprint: it.Signer, Name: "City Hospital", How: inbox.HowScanned}); err != nil {
		t.Fatal(err)
	}
	if it, _ := b.Snapshot().Inbox.Item(it.ID); it.Trust != inbox.TrustKnown || it.How != inbox.HowScanned || len(b.Snapshot().Pins) != 1 {
		t.Errorf("%+v", it)
	}
	who := b.Snapshot().Current
	r, err := b.AcceptItem(t.Context(), it.ID, who, []int{0, 1})
	if err != nil || len(r.Files) != 2 || r.Files[0].Err != nil || r.Files[1].Err != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	m, _ := b.Record(r.Files[0].ID)
	if from, message, signer, ok := m.Source.Drop(); !ok || from != "City Hospital" || message != it.ID || signer != it.Signer {
		t.Errorf("%+v", m.Source)
	}
	r, err = b.AcceptItem(t.Context(), it.ID, who, nil) // the rest, and nothing twice
	if err != nil || len(r.Files) != 4 || !errors.Is(r.Files[0].Err, record.ErrDuplicate) || b.Snapshot().Records != 4 {
		t.Errorf("%+v, %v, %d records", r, err, b.Snapshot().Records)
	}
	got, _ := b.Snapshot().Inbox.Item(it.ID)
	if got.State != inbox.Accepted || slices.Contains(got.Into, "") || b.Snapshot().Inbox.Unread != 0 {
		t.Errorf("%+v", got)
	}
	if err := b.DeclineItem(t.Context(), it.ID); !errors.Is(err, inbox.ErrDecided) {
		t.Error(err)
	}
	h.clock.add(time.Minute)
	b.give(c, code, "", letter("lab.pdf", pdf("of Meera Sample", 10)))
	if it := b.checked().Items[0]; it.Same[0] != inbox.SameWallet || it.Trust != inbox.TrustKnown {
		t.Errorf("%+v", it)
	}
	kept := h.kept(t)
	for _, secret := range []string{"Meera Sample", "City Hospital", "lab.pdf", "AllergyIntolerance", "in two weeks", it.Signer, base64.StdEncoding.EncodeToString([]byte("Meera Sample"))} {
		if bytes.Contains(kept, []byte(secret)) {
			t.Errorf("the relay knows %q", secret)
		}
	}
}
