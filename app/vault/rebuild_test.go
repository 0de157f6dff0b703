package vault_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
	"potli/crypto/envelope"
	"potli/crypto/keyring"
)

// family fills a vault with records and documents.
func family(t testing.TB, b vault.Blobs) *vault.Vault {
	t.Helper()
	v := create(t, b)
	for i := range 12 {
		add(t, v, "asha", fmt.Sprint("body ", i))
	}
	if _, err := v.Add(ctx, record.Meta{Profile: "ravi", Format: record.FormatPDF, Title: "own title", Date: "2020",
		Source: record.Source{How: "link", Name: "a.pdf", Host: "clinic.example", Link: strings.Repeat("a", 64)}}, []byte("%PDF-1.4")); err != nil {
		t.Fatal(err)
	}
	if err := v.PutDocs(ctx, map[string][]byte{"settings": []byte("{}"), "share/a": []byte("A")}); err != nil {
		t.Fatal(err)
	}
	return v
}

func flip(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[(i+len(b))%len(b)] ^= 1
	return b
}

// The index is only a copy of what the records say (R3).
func TestIndexIsMadeAgain(t *testing.T) {
	for _, tt := range []struct {
		name string
		harm func(t *testing.T, b vault.Blobs)
	}{
		{"all pages deleted", func(t *testing.T, b vault.Blobs) { set(t, b, nil, names(t, b, "index/")...) }},
		{"head deleted", func(t *testing.T, b vault.Blobs) { set(t, b, nil, "head") }},
		{"head and pages deleted", func(t *testing.T, b vault.Blobs) { set(t, b, nil, append(names(t, b, "index/"), "head")...) }},
		{"head damaged", func(t *testing.T, b vault.Blobs) { set(t, b, map[string][]byte{"head": flip(raw(t, b, "head"), -20)}) }},
		{"head's stanza damaged", func(t *testing.T, b vault.Blobs) { set(t, b, map[string][]byte{"head": flip(raw(t, b, "head"), 200)}) }},
		{"head emptied", func(t *testing.T, b vault.Blobs) { set(t, b, map[string][]byte{"head": {}}) }},
		{"head is a record", func(t *testing.T, b vault.Blobs) {
			set(t, b, map[string][]byte{"head": raw(t, b, names(t, b, "rec/")[0])})
		}},
		{"pages damaged", func(t *testing.T, b vault.Blobs) {
			for _, name := range names(t, b, "index/") {
				set(t, b, map[string][]byte{name: flip(raw(t, b, name), -20)})
			}
		}},
		{"pages exchanged", func(t *testing.T, b vault.Blobs) {
			p := names(t, b, "index/")
			set(t, b, map[string][]byte{p[0]: raw(t, b, p[1]), p[1]: raw(t, b, p[0])})
		}},
		{"one page deleted", func(t *testing.T, b vault.Blobs) { set(t, b, nil, names(t, b, "index/")[0]) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := vault.Memory()
			v := family(t, b)
			want, seq := v.Metas(), v.Seq()
			tt.harm(t, b)
			var told []int
			v, err := vault.Open(ctx, options(b), ring(), func(done, total int) { told = append(told, done, total) })
			if err != nil {
				t.Fatal(err)
			}
			if got := v.Metas(); !reflect.DeepEqual(got, want) {
				t.Errorf("Metas:\n%+v\nwant\n%+v", got, want)
			}
			if docs, err := v.Docs(ctx, ""); err != nil || len(docs) != 2 || string(docs["share/a"]) != "A" {
				t.Errorf("Docs = %q, %v", docs, err)
			}
			if !v.Rebuilt() || len(v.Faults()) > 0 || v.Seq() < seq {
				t.Errorf("rebuilt %v, faults %v, seq %d after %d", v.Rebuilt(), v.Faults(), v.Seq(), seq)
			}
			if n := len(told); n < 4 || told[n-2] != told[n-1] {
				t.Errorf("progress %v", told)
			}
			// Once is enough.
			v = reopen(t, b)
			if v.Rebuilt() || !reflect.DeepEqual(v.Metas(), want) {
				t.Error("the index was made again twice")
			}
			for _, m := range v.Metas() {
				if _, _, err := v.Original(ctx, m.ID); err != nil {
					t.Errorf("Original: %v", err)
				}
			}
		})
	}
}

// One damaged record is reported by its name alone; all others are fine, with the index or without it.
func TestDamagedRecord(t *testing.T) {
	for _, tt := range []struct {
		name, reason string
		harm         func(sealed []byte) []byte
	}{
		{"flipped", vault.ReasonDamaged, func(s []byte) []byte { return flip(s, -30) }},
		{"cut short", vault.ReasonDamaged, func(s []byte) []byte { return s[:len(s)/2] }},
		{"emptied", vault.ReasonDamaged, func([]byte) []byte { return []byte{} }},
		{"other text", vault.ReasonDamaged, func([]byte) []byte { return []byte("<script>") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := vault.Memory()
			v := family(t, b)
			victim := v.Metas()[5]
			name := "rec/" + string(victim.ID)
			body, _, err := v.Original(ctx, victim.ID)
			if err != nil {
				t.Fatal(err)
			}
			set(t, b, map[string][]byte{name: tt.harm(raw(t, b, name))})

			v = reopen(t, b)
			if len(v.Faults()) != 0 || len(v.Metas()) != 13 {
				t.Errorf("opening looked into records: %v", v.Faults())
			}
			if _, _, err := v.Original(ctx, victim.ID); !errors.Is(err, record.ErrDamaged) {
				t.Errorf("Original of the damaged record: %v", err)
			}
			if got := v.Faults(); len(got) != 1 || got[0] != (vault.Fault{Name: name, Reason: tt.reason}) {
				t.Errorf("Faults = %v", got)
			}
			for _, m := range v.Metas() {
				if _, _, err := v.Original(ctx, m.ID); m.ID != victim.ID && err != nil {
					t.Errorf("another record: %v", err)
				}
			}
			// Without the index it has a name and nothing else.
			set(t, b, nil, names(t, b, "index/")...)
			for range 2 {
				v = reopen(t, b)
				if got := v.Faults(); len(v.Metas()) != 12 || len(got) != 1 || got[0].Name != name {
					t.Errorf("%d records, faults %v", len(v.Metas()), got)
				}
			}
			// The same document again heals it.
			if _, err := v.Add(ctx, meta("asha", "again"), body); err != nil {
				t.Fatal(err)
			}
			if len(v.Metas()) != 13 {
				t.Error("the document did not come in again")
			}
		})
	}
}

func TestDamagedRecordIsReplaced(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	m := v.Metas()[3]
	body, _, err := v.Original(ctx, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	name := "rec/" + string(m.ID)
	set(t, b, map[string][]byte{name: flip(raw(t, b, name), -1)})
	if _, _, err := v.Original(ctx, m.ID); !errors.Is(err, record.ErrDamaged) {
		t.Fatal(err)
	}
	got, err := v.Add(ctx, meta(string(m.Profile), "again"), body)
	if err != nil || got.ID != m.ID {
		t.Fatalf("Add = %+v, %v", got, err)
	}
	if len(v.Faults()) > 0 {
		t.Errorf("Faults = %v", v.Faults())
	}
	v = reopen(t, b)
	wantBody(t, v, m.ID, string(body))
	if len(v.Metas()) != 13 || len(v.Faults()) > 0 {
		t.Errorf("%d records, faults %v", len(v.Metas()), v.Faults())
	}
}

func TestMissingRecord(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	gone := v.Metas()[0]
	set(t, b, nil, "rec/"+string(gone.ID))
	v = reopen(t, b)
	if got := v.Faults(); len(got) != 1 || got[0].Reason != vault.ReasonMissing {
		t.Errorf("Faults = %v", got)
	}
	if _, ok := v.Meta(gone.ID); ok || len(v.Metas()) != 12 {
		t.Error("a record without bytes is shown")
	}
	if err := v.Remove(ctx, gone.ID); err != nil {
		t.Fatal(err)
	}
	if v = reopen(t, b); len(v.Faults()) > 0 {
		t.Errorf("Faults = %v after Remove", v.Faults())
	}
}

// An object under another's name, or from an older day, is not taken for it.
func TestExchangedObjects(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	x, y := "rec/"+string(v.Metas()[0].ID), "rec/"+string(v.Metas()[1].ID)
	sx, sy := raw(t, b, x), raw(t, b, y)
	set(t, b, map[string][]byte{x: sy, y: sx})
	v = reopen(t, b)
	for _, m := range v.Metas()[:2] {
		if _, _, err := v.Original(ctx, m.ID); !errors.Is(err, record.ErrDamaged) {
			t.Errorf("Original of an exchanged object: %v", err)
		}
	}
	set(t, b, nil, names(t, b, "index/")...)
	if v = reopen(t, b); len(v.Faults()) != 2 || len(v.Metas()) != 11 {
		t.Errorf("made again: %d records, faults %v", len(v.Metas()), v.Faults())
	}
}

// T5: everything put back from an older day verifies, but its number tells.
func TestRollbackShowsInSeq(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	old := copyOf(t, b)
	add(t, v, "asha", "newer")
	if reopen(t, old).Seq() >= v.Seq() {
		t.Error("an older vault has no lower number")
	}
	// Only the head put back: what is newer is found all the same.
	set(t, b, map[string][]byte{"head": raw(t, old, "head")})
	r := reopen(t, b)
	if len(r.Metas()) != 14 || r.Seq() <= v.Seq()-1 {
		t.Errorf("%d records, seq %d after %d", len(r.Metas()), r.Seq(), v.Seq())
	}
}

func TestWrongKeyTouchesNothing(t *testing.T) {
	b := vault.Memory()
	family(t, b)
	other := newRing(people...)
	before := copyOf(t, b)
	check := func(what string, b vault.Blobs, r *keyring.Ring, want error) {
		t.Helper()
		before := copyOf(t, b)
		if _, err := vault.Open(ctx, options(b), r, nil); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
		if _, err := vault.Ring(ctx, b, r.Keys()); !errors.Is(err, want) {
			t.Errorf("%s: Ring: %v, want %v", what, err, want)
		}
		sameStore(t, before, b)
	}
	check("another wallet", b, other, vault.ErrWrongKey)
	set(t, b, nil, "head")
	check("without a head", b, other, vault.ErrWrongKey)
	set(t, b, nil, names(t, b, "index/")...)
	check("without an index", b, other, vault.ErrWrongKey)
	if v := reopen(t, before); len(v.Metas()) != 13 {
		t.Error("the right key does not open it any more")
	}
}

// sealed makes an object of the vault by hand.
func sealed(t testing.TB, h envelope.Header, body string) []byte {
	t.Helper()
	return sealedBy(t, ring(), h, body)
}

func sealedBy(t testing.TB, r *keyring.Ring, h envelope.Header, body string) []byte {
	t.Helper()
	s, err := r.Sealer(h.Profile)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := vault.Inline{}.Seal(ctx, s, h, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// What a later release wrote is left alone.
func TestLaterRelease(t *testing.T) {
	for name, put := range map[string]func(b vault.Blobs){
		"head": func(b vault.Blobs) { writeIndex(t, b, `{"version":"potli-vault/4"}`, "") },
		"page": func(b vault.Blobs) {
			writeIndex(t, b, `{"version":"potli-vault/3","pages":[{"name":"index/x","sha256":"","epoch":1}]}`, "potli-index/4\n")
		},
		"page in JSON": func(b vault.Blobs) {
			writeIndex(t, b, `{"version":"potli-vault/3","user":{},"pages":[{"name":"index/x","sha256":"","epoch":1}]}`, `{"version":"potli-index/3"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := vault.Memory()
			family(t, b)
			put(b)
			before := copyOf(t, b)
			if _, err := vault.Open(ctx, options(b), ring(), nil); !errors.Is(err, vault.ErrVersion) {
				t.Errorf("Open = %v, want ErrVersion", err)
			}
			sameStore(t, before, b)
		})
	}
}

// pinned is what a head says of the rings in b.
func pinned(t testing.TB, b vault.Blobs) []byte {
	t.Helper()
	pins := []map[string]any{}
	for _, name := range names(t, b, "ring/") {
		sealed := raw(t, b, name)
		h, body, err := ring().Opener("").Open(sealed, envelope.Expect{Kind: "ring", ID: strings.TrimPrefix(name, "ring/")})
		var doc struct{ Profile string }
		if err != nil || json.Unmarshal(body, &doc) != nil {
			t.Fatal(err)
		}
		pins = append(pins, map[string]any{"name": name, "profile": doc.Profile, "epoch": h.Epoch, "sha256": sha(string(sealed))})
	}
	list, err := json.Marshal(pins)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// userFile is that of the tests' wallet.
var userFile = sync.OnceValue(func() []byte {
	file, err := ring().User().Seal()
	if err != nil {
		panic(err)
	}
	return file
})

// writeIndex puts a head and a page called "x", whose hash and user go where the
// head has none.
func writeIndex(t testing.TB, b vault.Blobs, head, page string) {
	t.Helper()
	leaf := sealed(t, envelope.Header{Kind: "index", ID: "x", Seq: 99}, page)
	pin, err := json.Marshal(ring().User().Pin())
	if err != nil {
		t.Fatal(err)
	}
	head = strings.ReplaceAll(head, `"sha256":""`, `"sha256":"`+sha(string(leaf))+`"`)
	head = strings.ReplaceAll(head, `"user":{}`, `"keys":`+string(pinned(t, b))+`,"user":`+string(pin))
	set(t, b, map[string][]byte{
		"unlock": []byte("u"), "index/x": leaf, "user": userFile(), "spare/user": userFile(),
		"head": sealed(t, envelope.Header{Kind: "head", ID: "head", Seq: 99}, head),
	})
}

// Objects without a row: what is genuine comes back, what is not is named.
func TestStrayObjects(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	id := strings.Repeat("A", 43)
	good := envelope.Header{Kind: "record", Profile: "asha", ID: id, Seq: v.Seq() + 5, Created: "2026-05-01T09:30:00.123Z", Type: "application/pdf",
		Meta: `{"sha256":"4b6a9f0f7f4a6a0f9d9e9c2f4b8e6f6a4c0a3c6f0f1e2d3c4b5a69788796a5b4","source":{"how":"file"}}`}
	lying := sealed(t, good, "stray")
	good.Meta = `{"sha256":"` + sha("stray") + `","source":{"how":"file","name":"stray.pdf"}}`
	other := good
	other.ID = strings.Repeat("B", 43)
	noMeta := other
	noMeta.Meta = ""
	set(t, b, map[string][]byte{
		"rec/" + id:                      sealed(t, good, "stray"),
		"rec/" + other.ID:                sealed(t, other, "stray"), // the same document again: not needed twice
		"rec/" + strings.Repeat("C", 43): lying,
		"rec/" + strings.Repeat("D", 43): sealed(t, noMeta, "x"),
		"rec/" + strings.Repeat("E", 43): []byte("hello"),
		"doc/old":                        sealed(t, envelope.Header{Kind: "doc", ID: "old", Seq: 1, Meta: `{"name":"settings"}`}, "older settings"),
		"doc/new":                        sealed(t, envelope.Header{Kind: "doc", ID: "new", Seq: 99, Meta: `{"name":"share/a"}`}, "newer share"),
		"doc/nameless":                   sealed(t, envelope.Header{Kind: "doc", ID: "nameless", Seq: 99}, "x"),
		"index/left":                     []byte("an older page"),
		"side/" + id:                     []byte("of a restore that was cut off"),
	})
	v = reopen(t, b)
	wantBody(t, v, record.ID(id), "stray")
	if m, ok := v.Meta(record.ID(id)); !ok || m.Profile != "asha" || m.Source.Name != "stray.pdf" || m.Outline.Title != "about stray" {
		t.Errorf("Meta = %+v", m)
	}
	if len(v.Metas()) != 14 {
		t.Errorf("%d records", len(v.Metas()))
	}
	if got, err := v.Doc(ctx, "settings"); err != nil || string(got) != "{}" {
		t.Errorf("settings = %q, %v", got, err)
	}
	if got, err := v.Doc(ctx, "share/a"); err != nil || string(got) != "newer share" {
		t.Errorf("share/a = %q, %v", got, err)
	}
	var faults []string
	for _, f := range v.Faults() {
		faults = append(faults, f.Name[:5])
	}
	slices.Sort(faults)
	if !slices.Equal(faults, []string{"doc/n", "rec/C", "rec/D", "rec/E"}) {
		t.Errorf("faults %v", v.Faults())
	}
	for _, name := range []string{"index/left", "side/" + id, "doc/old", "rec/" + other.ID} {
		if _, err := b.Get(ctx, name); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("%s was left", name)
		}
	}
	if v.Seq() <= 99 {
		t.Errorf("seq %d does not go on from the highest signed", v.Seq())
	}
}

// A new edition of outlines reaches what is there already.
func TestEdition(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	broken := v.Metas()[7]
	name := "rec/" + string(broken.ID)
	set(t, b, map[string][]byte{name: flip(raw(t, b, name), -9)})
	calls := 0
	o := options(b)
	o.Edition = 2
	o.Outline = func(_ record.Format, _ string, body []byte) (fhir.Outline, error) {
		calls++
		return fhir.Outline{Title: "second edition"}, nil
	}
	v, err := vault.Open(ctx, o, ring(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range v.Metas() {
		if want := "second edition"; m.ID != broken.ID && m.Outline.Title != want || m.ID == broken.ID && m.Outline.Title == want {
			t.Errorf("outline %q", m.Outline.Title)
		}
	}
	if calls != 12 || len(v.Metas()) != 13 || len(v.Faults()) != 1 {
		t.Errorf("%d calls, %d records, faults %v", calls, len(v.Metas()), v.Faults())
	}
	if _, err := vault.Open(ctx, o, ring(), nil); err != nil || calls != 12 {
		t.Errorf("it was made twice: %d calls, %v", calls, err)
	}
	// Who has no outlines to offer changes none.
	o.Outline, o.Edition = nil, 3
	if v, err = vault.Open(ctx, o, ring(), nil); err != nil || v.Metas()[0].Outline.Title != "second edition" {
		t.Errorf("%v", err)
	}
}

func TestUnreadableKeepsItsPlace(t *testing.T) {
	b := vault.Memory()
	v := create(t, b)
	m := add(t, v, "p", "unreadable thing")
	if m.Outline.Title != "" {
		t.Errorf("outline %+v", m.Outline)
	}
	set(t, b, nil, names(t, b, "index/")...)
	if got := reopen(t, b).Metas(); len(got) != 1 || got[0].Source.Name != m.Source.Name {
		t.Errorf("Metas = %+v", got)
	}
}

func FuzzOpenVault(f *testing.F) {
	// What is sealed in head and pages, written by a fuzzer that has the keys: a fault of ours must not become a crash.
	f.Add([]byte(`{"version":"potli-vault/1","pages":[{"name":"index/x","size":9,"sha256":""}]}`), []byte(`{"version":"potli-index/1","rows":[{"object":"rec/x"}]}`))
	f.Add([]byte(`{"version":"potli-vault/1","pages":[null]}`), []byte(`{"version":"potli-index/1","rows":[null]}`))
	f.Add([]byte(`{}`), []byte(`[]`))
	head := []byte(`{"version":"potli-vault/3","user":{},"pages":[{"name":"index/x","size":9,"sha256":"","epoch":1}]}`)
	f.Add(head, onePage(f))
	f.Add(head, []byte("potli-index/3\n\xff\xff\xff\xff\x0f"))
	f.Add(head, []byte("potli-index/2\n\x01\x05rec/x"))
	f.Add([]byte(`{"version":"potli-vault/3","user":{},"keys":[{"name":"ring/x","profile":"p","epoch":-1}],"pages":[]}`), []byte("x"))
	f.Fuzz(func(t *testing.T, head, page []byte) {
		b := vault.Memory()
		writeIndex(t, b, string(head), string(page))
		v, err := vault.Open(ctx, options(b), ring(), nil)
		if err != nil {
			return
		}
		for _, m := range v.Metas() {
			v.Original(ctx, m.ID)
		}
		docs, _ := v.Docs(ctx, "")
		_ = slices.Collect(maps.Keys(docs))
		if _, err := v.Add(ctx, meta("p", "x"), []byte("x")); err != nil {
			t.Errorf("Add: %v", err)
		}
	})
}

// onePage is the body of a page with all that a row can hold.
func onePage(t testing.TB) []byte {
	t.Helper()
	b := vault.Memory()
	v := create(t, b)
	m := meta("asha", "x")
	m.Outline = wholeOutline()
	if _, err := v.Add(ctx, m, []byte("x")); err != nil {
		t.Fatal(err)
	}
	name := names(t, b, "index/")[0]
	_, body, err := vault.Inline{}.Open(ctx, ring().Opener(""), raw(t, b, name), envelope.Expect{Kind: "index", ID: strings.TrimPrefix(name, "index/")})
	if err != nil {
		t.Fatal(err)
	}
	return body
}
