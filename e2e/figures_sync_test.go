package e2e_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"potli/app/family"
	"potli/app/history"
	"potli/app/record"
	"potli/app/relayclient"
	"potli/app/sync"
	"potli/app/vault"
	"potli/crypto/keyring"
	"potli/relay"
	"potli/relay/sqlstore"
)

// TestFiguresSync measures what it takes to bring a thousand records from one
// wallet to another, through the relay itself, without a network in between.
func TestFiguresSync(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	var f figures
	t.Cleanup(func() { f.print() })
	line := newMeter(t)
	mother, father := newPhone(t, line), newPhone(t, line)
	who := record.ProfileID("asha")
	mother.do(mother.v.Update(t.Context(), func(r *keyring.Ring) (vault.Change, error) {
		next, err := r.AddProfile(string(who))
		return vault.Change{Ring: next}, err
	}))
	mother.do(mother.k.Found(t.Context(), who, nil))
	public, err := father.v.Ring().User().Public(father.v.Ring().Keys(), time.Now())
	mother.do(err)
	raw, err := public.Marshal()
	mother.do(err)
	invitation, err := mother.k.Invite(t.Context(), who, raw, family.Admin, true)
	mother.do(err)
	father.do(father.k.Join(t.Context(), invitation))
	for range 3 {
		mother.round(who)
		father.round(who)
	}

	const records = 1000
	total := 0
	for i := range records {
		body := synthetic(i)
		total += len(body)
		_, err := mother.v.Add(t.Context(), record.Meta{Profile: who, Format: record.FormatFHIR, Source: record.Source{How: "file", Name: fmt.Sprint(i, ".json")}}, body)
		mother.do(err)
	}
	*line = meter{Handler: line.Handler}
	round := func(p *phone) func() error { return func() error { p.round(who); return nil } }
	peakUp, sent := peaked(t, round(mother))
	up := *line
	*line = meter{Handler: line.Handler}
	peakDown, got := peaked(t, round(father))
	if n := len(father.v.Entries()); n != records {
		t.Fatalf("%d records arrived", n)
	}
	f.add(fmt.Sprintf("sync of %d records (%s of FHIR), sending", records, megabytes(total)), fmt.Sprintf("%s, %d requests, %s, heap %s more", sent, up.calls, megabytes(up.sent), megabytes(peakUp)), "")
	f.add("the same, receiving and keeping", fmt.Sprintf("%s, %d requests, %s, heap %s more", got, line.calls, megabytes(line.got), megabytes(peakDown)), "")
	f.add("ciphertext on the relay, to a byte of FHIR", fmt.Sprintf("%.2f", float64(up.sent)/float64(total)), "")
	*line = meter{Handler: line.Handler}
	idle := since(time.Now(), func() { father.round(who) })
	f.add("a round when nothing has happened", fmt.Sprintf("%s, %d requests", idle.Round(100*time.Microsecond), line.calls), "")
}

// synthetic is a lab report of 2 to 20 KB.
func synthetic(i int) []byte {
	type value struct {
		Value float64 `json:"value"`
		Unit  string  `json:"unit"`
	}
	var entries []any
	for n := range 4 + i*37%44 {
		entries = append(entries, map[string]any{"resource": map[string]any{
			"resourceType": "Observation", "id": fmt.Sprintf("o-%d-%d", i, n), "status": "final", "subject": map[string]string{"reference": "Patient/p"},
			"code":          map[string]any{"text": fmt.Sprintf("Synthetic analyte %d", n), "coding": []any{map[string]string{"system": "http://loinc.org", "code": fmt.Sprintf("%d-%d", 1000+n, n%10)}}},
			"effectiveDate": fmt.Sprintf("2025-%02d-%02d", 1+i%12, 1+n%28), "valueQuantity": value{float64(i*n%1000) / 10, "mg/dL"},
			"note": []any{map[string]string{"text": "Nobody's blood was taken for this."}},
		}})
	}
	b, err := json.Marshal(map[string]any{"resourceType": "Bundle", "type": "collection", "id": fmt.Sprint("b-", i), "entry": entries})
	if err != nil {
		panic(err)
	}
	return b
}

// phone is a vault and what it syncs with.
type phone struct {
	t *testing.T
	v *vault.Vault
	k *history.Keeper
	e *sync.Engine
}

func newPhone(t *testing.T, line *meter) *phone {
	t.Helper()
	p := &phone{t: t}
	keys, err := keyring.New()
	p.do(err)
	u, err := keyring.NewUser(keys, "phone", nil, time.Now())
	p.do(err)
	r, err := keyring.NewRing(keys, u)
	p.do(err)
	p.v, err = vault.Create(t.Context(), vault.Options{Blobs: vault.Memory()}, r, []byte("unlock"))
	p.do(err)
	p.k = history.Open(p.v, time.Now, nil)
	mail := relayclient.New("https://relay.example", line, rand.Reader).Mail()
	p.e = sync.New(sync.Options{Mail: mail, Store: p.k, Device: r.Device(), Signer: r.Signer(), Now: time.Now, Rand: rand.Reader})
	return p
}

func (p *phone) do(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *phone) round(who record.ProfileID) {
	p.t.Helper()
	p.do(p.k.Tidy(p.t.Context(), who))
	_, err := p.e.Round(p.t.Context(), string(who))
	p.do(err)
}

// meter is HTTP straight into the relay, and counts.
type meter struct {
	http.Handler
	calls, sent, got int
}

func newMeter(t *testing.T) *meter {
	t.Helper()
	db, err := sql.Open("sqlite", sqlstore.DSN(filepath.Join(t.TempDir(), "relay.db")))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), db, sqlstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close(); db.Close() })
	h, err := relay.New(relay.Options{
		Store: store, Key: [32]byte{1}, PublicURL: "https://relay.example", AppOrigin: "https://app.example",
		Limits: relay.Limits{Data: relay.Rate{PerMinute: -1}, Control: relay.Rate{PerMinute: -1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &meter{Handler: h}
}

func (m *meter) Do(ctx context.Context, r relayclient.Request) (relayclient.Response, error) {
	q, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return relayclient.Response{}, err
	}
	for k, v := range r.Header {
		q.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, q)
	m.calls, m.sent, m.got = m.calls+1, m.sent+len(r.Body), m.got+w.Body.Len()
	header := map[string]string{}
	for k := range w.Header() {
		header[strings.ToLower(k)] = w.Header().Get(k)
	}
	return relayclient.Response{Status: w.Code, Header: header, Body: w.Body.Bytes()}, nil
}
