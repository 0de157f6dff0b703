package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
	"potli/app/vault/blobstest"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

var ctx = context.Background()

// people are those that records of tests belong to.
var people = []string{"asha", "ravi", "p", "other"}

// kit is the recovery key of the tests' wallet.
var kit = sync.OnceValue(func() *age.HybridIdentity {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		panic(err)
	}
	return id
})

// ring of all tests that need only one wallet: making it costs some milliseconds.
var ring = sync.OnceValue(func() *keyring.Ring { return newRing(people...) })

// keys are those of its device.
func keys() *keyring.Keys { return ring().Keys() }

// newRing is a wallet of its own.
func newRing(profiles ...string) *keyring.Ring {
	d, err := keyring.New()
	if err != nil {
		panic(err)
	}
	u, err := keyring.NewUser(d, "phone", kit(), clock()())
	if err != nil {
		panic(err)
	}
	r, err := keyring.NewRing(d, u)
	if err != nil {
		panic(err)
	}
	return with(r, profiles...)
}

// with is a ring with keys for more profiles.
func with(r *keyring.Ring, profiles ...string) *keyring.Ring {
	for _, p := range profiles {
		next, err := r.AddProfile(p)
		if errors.Is(err, keyring.ErrProfileExists) {
			continue
		}
		if err != nil {
			panic(err)
		}
		r = next
	}
	return r
}

// clock ticks a second with every look.
func clock() func() time.Time {
	var mu sync.Mutex
	now := time.Date(2026, 5, 1, 9, 30, 0, 123456789, time.FixedZone("IST", 19800))
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
}

// outline is a summary that can be told from others: made of the bytes alone.
func outline(_ record.Format, name string, body []byte) (fhir.Outline, error) {
	if bytes.Contains(body, []byte("unreadable")) {
		return fhir.Outline{}, errors.New("can not be read")
	}
	return fhir.Outline{
		Title: "about " + strings.ToValidUTF8(string(body[:min(20, len(body))]), ""), Type: "Bundle", Date: "2026-04-30",
		Lines: []fhir.Line{{Entry: 1, Kind: fhir.KindAllergy, Title: name}},
	}, nil
}

func options(b vault.Blobs) vault.Options {
	return vault.Options{Blobs: b, Now: clock(), Outline: outline, Edition: 1}
}

func create(t testing.TB, b vault.Blobs) *vault.Vault {
	t.Helper()
	v, err := vault.Create(ctx, options(b), ring(), []byte("the unlock file"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func reopen(t testing.TB, b vault.Blobs) *vault.Vault {
	t.Helper()
	r, err := vault.Ring(ctx, b, keys())
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(ctx, options(b), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func meta(profile, name string) record.Meta {
	return record.Meta{Profile: record.ProfileID(profile), Format: record.FormatFHIR, Source: record.Source{How: "file", Name: name}}
}

func add(t testing.TB, v *vault.Vault, profile, body string) record.Meta {
	t.Helper()
	m, err := v.Add(ctx, meta(profile, "file of "+body), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func wantBody(t testing.TB, v *vault.Vault, id record.ID, body string) {
	t.Helper()
	got, m, err := v.Original(ctx, id)
	if err != nil || string(got) != body || m.ID != id {
		t.Errorf("Original = %.40q, %v; want %.40q", got, err, body)
	}
}

func names(t testing.TB, b vault.Blobs, prefix string) []string {
	t.Helper()
	list, err := b.List(ctx, prefix)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func raw(t testing.TB, b vault.Blobs, name string) []byte {
	t.Helper()
	got, err := b.Get(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func set(t testing.TB, b vault.Blobs, put map[string][]byte, del ...string) {
	t.Helper()
	if err := b.Commit(ctx, vault.Batch{Put: put, Delete: del}); err != nil {
		t.Fatal(err)
	}
}

// copyOf is what a copy of the disk would hold.
func copyOf(t testing.TB, b vault.Blobs) vault.Blobs {
	t.Helper()
	c := vault.Memory()
	put := make(map[string][]byte)
	for _, name := range names(t, b, "") {
		put[name] = raw(t, b, name)
	}
	set(t, c, put)
	return c
}

func sameStore(t testing.TB, a, b vault.Blobs) {
	t.Helper()
	if x, y := dump(t, a), dump(t, b); !reflect.DeepEqual(x, y) {
		t.Errorf("the storage was changed: %d and %d objects", len(x), len(y))
	}
}

func dump(t testing.TB, b vault.Blobs) map[string]string {
	m := make(map[string]string)
	for _, name := range names(t, b, "") {
		m[name] = string(raw(t, b, name))
	}
	return m
}

func TestMemory(t *testing.T) {
	blobstest.Run(t, func(*testing.T) vault.Blobs { return vault.Memory() })
}

func TestCreate(t *testing.T) {
	b := vault.Memory()
	if ok, err := vault.Exists(ctx, b); ok || err != nil {
		t.Errorf("Exists = %v, %v before", ok, err)
	}
	if _, err := vault.Open(ctx, options(b), ring(), nil); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Open of nothing: %v", err)
	}
	v := create(t, b)
	if ok, err := vault.Exists(ctx, b); !ok || err != nil {
		t.Errorf("Exists = %v, %v after", ok, err)
	}
	if v.WalletID() != keys().Wallet || v.Seq() != 1 {
		t.Errorf("wallet %q, seq %d", v.WalletID(), v.Seq())
	}
	before := dump(t, b)
	if _, err := vault.Create(ctx, options(b), ring(), []byte("another")); !errors.Is(err, vault.ErrExists) {
		t.Errorf("a second Create: %v, want ErrExists", err)
	}
	if !reflect.DeepEqual(before, dump(t, b)) {
		t.Error("a refused Create changed something")
	}
	if _, err := vault.Create(ctx, options(vault.Memory()), ring(), nil); err == nil {
		t.Error("a vault without an unlock file was made")
	}
	// Records without an unlock file are somebody's: never built upon.
	orphan := vault.Memory()
	set(t, orphan, map[string][]byte{"rec/x": []byte("sealed")})
	if _, err := vault.Create(ctx, options(orphan), ring(), []byte("u")); !errors.Is(err, vault.ErrExists) {
		t.Errorf("Create upon records: %v, want ErrExists", err)
	}
}

func TestUnlockFile(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	if err := v.SetUnlockFile(ctx, vault.Words, []byte("new words")); err != nil {
		t.Fatal(err)
	}
	if got, other, err := vault.UnlockFile(ctx, b); err != nil || string(got) != "new words" || other != nil {
		t.Errorf("UnlockFile = %q, %q, %v", got, other, err)
	}
	reopen(t, b)
}

func TestAddAndRead(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	m, err := v.Add(ctx, meta("asha", "report.json"), []byte(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.ID) != 43 || m.Size != 7 || len(m.SHA256) != 64 || m.Added.IsZero() || m.Outline.Title == "" {
		t.Errorf("Meta %+v", m)
	}
	second := add(t, v, "asha", "second")
	wantBody(t, v, m.ID, `{"a":1}`)
	for _, v := range []*vault.Vault{v, reopen(t, b)} {
		if got := v.Metas(); len(got) != 2 || !reflect.DeepEqual(got[0], second) || !reflect.DeepEqual(got[1], m) {
			t.Errorf("Metas = %+v", got)
		}
		if got, ok := v.Meta(m.ID); !ok || !reflect.DeepEqual(got, m) {
			t.Errorf("Meta = %+v, %v", got, ok)
		}
		wantBody(t, v, m.ID, `{"a":1}`)
		if len(v.Faults()) > 0 || v.Rebuilt() || v.Size() != m.Size+second.Size {
			t.Errorf("faults %v, rebuilt %v, %d bytes", v.Faults(), v.Rebuilt(), v.Size())
		}
	}
	if _, _, err := v.Original(ctx, "nobody"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Original of nothing: %v", err)
	}
	if _, err := v.Add(ctx, meta("asha", ""), nil); !errors.Is(err, record.ErrEmpty) {
		t.Errorf("Add of nothing: %v", err)
	}
	if _, err := v.Add(ctx, meta("asha", ""), make([]byte, record.MaxBytes+1)); !errors.Is(err, record.ErrTooBig) {
		t.Errorf("Add of too much: %v", err)
	}
}

func TestDuplicate(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	m := add(t, v, "asha", "report")
	for _, v := range []*vault.Vault{v, reopen(t, b)} {
		seq := v.Seq()
		got, err := v.Add(ctx, meta("asha", "another name"), []byte("report"))
		if !errors.Is(err, record.ErrDuplicate) || !reflect.DeepEqual(got, m) || v.Seq() != seq {
			t.Errorf("Add again = %+v, %v", got, err)
		}
	}
	if other := add(t, v, "ravi", "report"); other.ID == m.ID {
		t.Error("another person's copy was taken for the same")
	}
	if err := v.Remove(ctx, m.ID); err != nil {
		t.Fatal(err)
	}
	if again := add(t, v, "asha", "report"); again.ID == m.ID {
		t.Error("a removed id came back")
	}
}

func TestRemove(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	a, c, d := add(t, v, "p", "a"), add(t, v, "p", "c"), add(t, v, "p", "d")
	if err := v.Remove(ctx, a.ID, "nobody", c.ID, a.ID); err != nil {
		t.Fatal(err)
	}
	if got := names(t, b, "rec/"); len(got) != 1 || got[0] != "rec/"+string(d.ID) {
		t.Errorf("in storage: %q", got)
	}
	for _, v := range []*vault.Vault{v, reopen(t, b)} {
		if got := v.Metas(); len(got) != 1 || got[0].ID != d.ID {
			t.Errorf("Metas = %+v", got)
		}
		if _, _, err := v.Original(ctx, a.ID); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("Original of a removed record: %v", err)
		}
	}
	seq := v.Seq()
	if err := v.Remove(ctx, "nobody"); err != nil || v.Seq() != seq {
		t.Errorf("Remove of nothing: %v", err)
	}
}

func TestDocs(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	if _, err := v.Doc(ctx, "settings"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Doc of nothing: %v", err)
	}
	put := func(docs map[string][]byte) {
		t.Helper()
		if err := v.PutDocs(ctx, docs); err != nil {
			t.Fatal(err)
		}
	}
	put(map[string][]byte{"settings": []byte("1"), "share/a": []byte("A"), "share/b": []byte("B"), "empty": {}})
	put(map[string][]byte{"settings": []byte("2"), "share/b": nil, "share/never": nil})
	for _, v := range []*vault.Vault{v, reopen(t, b)} {
		if got, err := v.Doc(ctx, "settings"); err != nil || string(got) != "2" {
			t.Errorf("settings = %q, %v", got, err)
		}
		if got, err := v.Doc(ctx, "empty"); err != nil || got == nil || len(got) != 0 {
			t.Errorf("empty = %v, %v", got, err)
		}
		got, err := v.Docs(ctx, "share/")
		if err != nil || len(got) != 1 || string(got["share/a"]) != "A" {
			t.Errorf("Docs = %q, %v", got, err)
		}
	}
	if got := names(t, b, "doc/"); len(got) != 3 {
		t.Errorf("%d objects for 3 documents: an older one was left", len(got))
	}
	for _, name := range []string{"", strings.Repeat("n", 201)} {
		if err := v.PutDocs(ctx, map[string][]byte{name: []byte("x")}); err == nil {
			t.Errorf("a name of %d bytes was taken", len(name))
		}
	}
}

// R5: nothing in storage says what it is about.
func TestStorageSaysNothing(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	if err := v.SetRing(ctx, with(v.Ring(), "canary-profile")); err != nil {
		t.Fatal(err)
	}
	m := add(t, v, "canary-profile", "canary-body canary-body")
	if _, err := v.Add(ctx, record.Meta{Profile: "canary-profile", Format: "canary/format", Title: "canary-title",
		Source: record.Source{How: "link", Name: "canary-name", Host: "canary.example"}}, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := v.PutDocs(ctx, map[string][]byte{"share/canary": []byte("canary-doc")}); err != nil {
		t.Fatal(err)
	}
	for name, body := range dump(t, b) {
		if strings.Contains(name+body, "canary") || strings.Contains(body, string(m.ID)) || strings.Contains(body, m.SHA256) ||
			strings.Contains(body, "potli") || strings.Contains(body, keys().Wallet) {
			t.Errorf("%s says something", name)
		}
		// T7: one stanza, and one of few sizes. The user file has one for each
		// way to open it, and never leaves but inside a backup.
		if !strings.HasSuffix(name, "unlock") && !strings.HasSuffix(name, "user") && strings.Count(body[:1800], "\n-> mlkem768x25519 ") != 1 {
			t.Errorf("%s has not one hybrid stanza", name)
		}
	}
}

// watched counts what is read and written.
type watched struct {
	vault.Blobs
	mu     sync.Mutex
	reads  map[string]int
	writes []vault.Batch
}

func watch(b vault.Blobs) *watched { return &watched{Blobs: b, reads: make(map[string]int)} }

func (w *watched) Get(ctx context.Context, name string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	prefix, _, _ := strings.Cut(name, "/")
	w.reads[prefix]++
	return w.Blobs.Get(ctx, name)
}

func (w *watched) Commit(ctx context.Context, b vault.Batch) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes = append(w.writes, b)
	return w.Blobs.Commit(ctx, b)
}

// fat fills a vault with rows of about a kilobyte.
func fat(t testing.TB, b vault.Blobs, n int) *vault.Vault {
	t.Helper()
	v := create(t, b)
	for i := range n {
		m := meta("asha", fmt.Sprintf("report %d.json", i))
		m.Outline = fhir.Outline{Title: fmt.Sprintf("Report %d", i), Type: "Bundle", Date: "2026-05-01"}
		for j := range 8 {
			m.Outline.Lines = append(m.Outline.Lines, fhir.Line{Entry: j, Kind: fhir.KindResult, Type: "Observation",
				Title: "Haemoglobin in blood", Detail: []fhir.Value{{Type: fhir.ValueQuantity, Text: "13.2", Unit: "g/dL"}}, Date: "2026-05-01"})
		}
		if _, err := v.Add(ctx, m, []byte(fmt.Sprintf("body %d", i))); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// Opening does not depend on the records: it reads head and pages alone.
func TestOpenReadsNoRecords(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	for i := range 40 {
		add(t, v, "p", fmt.Sprint("body ", i))
	}
	w := watch(b)
	v = reopen(t, w)
	if len(v.Metas()) != 40 || w.reads["rec"] != 0 || w.reads["head"] != 1 || w.reads["index"] != 1 || len(w.writes) != 0 {
		t.Errorf("%d records, reads %v, %d writes", len(v.Metas()), w.reads, len(w.writes))
	}
}

// A write puts its object, one page and the head, whatever the vault holds.
func TestWriteTouchesOnePage(t *testing.T) {
	b := vault.Memory()
	w := watch(b)
	v := create(t, w)
	var ids []record.ID
	for i := range 120 {
		m := meta("asha", strings.Repeat("n", 200))
		m.Outline = fhir.Outline{Title: strings.Repeat("t", 5000)}
		m, err := v.Add(ctx, m, []byte(fmt.Sprint("body ", i)))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID)
	}
	pages := len(names(t, b, "index/"))
	if pages < 4 || pages > 6+12 {
		t.Errorf("%d pages for 120 rows of about 5.5 KB", pages)
	}
	check := func(what string, objects int) {
		t.Helper()
		last := w.writes[len(w.writes)-1]
		index := 0
		for name := range last.Put {
			if strings.HasPrefix(name, "index/") {
				index++
			}
		}
		if index > 1 || len(last.Put) != index+1+objects {
			t.Errorf("%s wrote %d pages, %d objects in all", what, index, len(last.Put))
		}
	}
	check("Add", 1)
	if err := v.Remove(ctx, ids[30]); err != nil {
		t.Fatal(err)
	}
	check("Remove", 0)
	if err := v.PutDocs(ctx, map[string][]byte{"settings": []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	check("PutDocs", 1)
	if got := len(names(t, b, "index/")); got > pages+1 {
		t.Errorf("%d pages: older ones were left", got)
	}
	if got := reopen(t, b).Metas(); len(got) != 119 {
		t.Errorf("%d records", len(got))
	}
}

// What people call a file must fit the signed header, and a row made again must be the same.
func TestLongNames(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	for _, name := range []string{
		strings.Repeat("n", 10_000), strings.Repeat("\u0001\"\\<>", 5000), strings.Repeat("जाँच ", 3000), "\xff\xfe bad \xff", "line\nbreak\tand \u202e direction",
	} {
		m := meta("p", name)
		m.Title, m.Date = name, name
		m.Source.Host = name
		got, err := v.Add(ctx, m, []byte("body of "+name[:3]+fmt.Sprint(len(name))))
		if err != nil {
			t.Errorf("%.20q: %v", name, err)
		}
		if strings.ContainsAny(got.Source.Name, "\n\t\u0001\u202e") {
			t.Errorf("%.20q kept its controls", name)
		}
	}
	want := v.Metas()
	for _, name := range names(t, b, "index/") {
		set(t, b, nil, name)
	}
	if got := reopen(t, b).Metas(); !reflect.DeepEqual(got, want) {
		t.Errorf("made again:\n%.500v\nwant\n%.500v", got, want)
	}
}

func TestConcurrentUse(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 10 {
				body := fmt.Sprint(w, "-", i)
				m, err := v.Add(ctx, meta("p", body), []byte(body))
				if err != nil {
					t.Errorf("Add: %v", err)
					continue
				}
				wantBody(t, v, m.ID, body)
				if err := v.PutDocs(ctx, map[string][]byte{"one": []byte(body), "share/" + body: []byte(body)}); err != nil {
					t.Errorf("PutDocs: %v", err)
				}
				if _, err := v.Doc(ctx, "one"); err != nil {
					t.Errorf("Doc: %v", err)
				}
				if _, err := v.Docs(ctx, "share/"); err != nil {
					t.Errorf("Docs: %v", err)
				}
				v.Metas()
				v.Faults()
				if i%3 == 0 {
					if err := v.Remove(ctx, m.ID); err != nil {
						t.Errorf("Remove: %v", err)
					}
				}
			}
		})
	}
	wg.Wait()
	v = reopen(t, b)
	if docs, err := v.Docs(ctx, ""); len(v.Metas()) != 48 || len(docs) != 81 || err != nil || len(v.Faults()) > 0 {
		t.Errorf("%d records, %d documents, %v, faults %v", len(v.Metas()), len(docs), err, v.Faults())
	}
}

// slow is a Crypto that ends with its context, as one in a worker does.
type slow struct{ vault.Inline }

func (slow) Seal(ctx context.Context, s *keyring.Sealer, h envelope.Header, body []byte) ([]byte, error) {
	if h.Kind == "record" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return vault.Inline{}.Seal(ctx, s, h, body)
}

func TestCancelledAddChangesNothing(t *testing.T) {
	b := vault.Memory()
	create(t, b)
	o := options(b)
	o.Crypto = slow{}
	v, err := vault.Open(ctx, o, ring(), nil)
	if err != nil {
		t.Fatal(err)
	}
	before := copyOf(t, b)
	c, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	if _, err := v.Add(c, meta("p", "x"), []byte("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Add = %v", err)
	}
	sameStore(t, before, b)
}

func sha(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}
