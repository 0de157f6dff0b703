package vault_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"potli/app/record"
	"potli/app/vault"
	"potli/app/vault/blobstest"
	"potli/crypto/keyring"
)

func export(t testing.TB, v *vault.Vault) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := v.Export(ctx, &b, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func openBackup(t testing.TB, file []byte) *vault.Backup {
	t.Helper()
	b, err := vault.OpenBackup(ctx, file, nil, mine()...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// mine are the identities that open the backups of the tests' wallet.
func mine() []*age.HybridIdentity { return ring().Identities("") }

// unseal opens a backup as the stock tool would.
func unseal(t testing.TB, file []byte) []byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(file), kit())
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// recovered is what kit and backup give on another device.
func recovered(t testing.TB, b *vault.Backup) *keyring.Ring {
	t.Helper()
	u, d, err := keyring.RecoverUser(b.User(), kit(), keyring.Pin{}, "new phone", clock()())
	if err != nil {
		t.Fatal(err)
	}
	r, err := keyring.NewRing(d, u)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = b.Ring(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func sealFor(t testing.TB, plain []byte, r *keyring.Ring) []byte {
	t.Helper()
	var b bytes.Buffer
	_, id, _ := r.Newest("")
	w, err := age.Encrypt(&b, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	w.Write(plain)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unzip(t testing.TB, plain []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(body)
	}
	return files
}

// motley fills a vault with records whose names are trouble.
func motley(t testing.TB, b vault.Blobs) map[record.ID]string {
	t.Helper()
	v := create(t, b)
	bodies := make(map[record.ID]string)
	for i, title := range []string{
		"Blood count", "blood COUNT", "../../etc/passwd", "", "खून की जाँच", "a/b\\c:d*e?f\"g<h>i|j", "..", strings.Repeat("long ", 100), "\u202egnp.exe", "CON", "x\x00y\nz",
	} {
		body := fmt.Sprint("original ", i, string(bytes.Repeat([]byte{byte(i), 0, 255, '\r', '\n'}, 1000)))
		format := []record.Format{record.FormatFHIR, record.FormatPDF, record.FormatJPEG, record.FormatPNG, record.FormatWebP}[i%5]
		m, err := v.Add(ctx, record.Meta{Profile: "asha", Format: format, Title: title, Date: []string{"2026-05-01", "2026", "", "../.."}[i%4],
			Source: record.Source{How: "file", Name: title}}, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		bodies[m.ID] = body
	}
	if err := v.PutDocs(ctx, map[string][]byte{"settings": []byte(`{"language":"hi"}`), "share/../a": []byte("A"), "Share/a": []byte("B")}); err != nil {
		t.Fatal(err)
	}
	return bodies
}

func TestExportRestore(t *testing.T) {
	b := vault.Memory()
	bodies := motley(t, b)
	v := reopen(t, b)
	var told int
	var file bytes.Buffer
	if err := v.Export(ctx, &file, func(done, total int) { told = total }); err != nil || told != 14 {
		t.Fatalf("Export: %v, told %d", err, told)
	}

	// Without Potli: names that any file system takes, and the bytes as they came.
	files := unzip(t, unseal(t, file.Bytes()))
	seen := make(map[string]bool)
	for name, body := range files {
		dir, base := filepath.Split(name)
		if lower := strings.ToLower(name); seen[lower] {
			t.Errorf("two files are %q where case does not count", lower)
		} else {
			seen[lower] = true
		}
		if name == "manifest.json" {
			continue
		}
		if dir != "records/" && dir != "wallet/" && dir != "keys/" || strings.ContainsAny(base, "\\:*?\"<>|\x00\n\u202e") || strings.HasPrefix(base, ".") || len(name) > 140 {
			t.Errorf("file name %q", name)
		}
		if dir == "records/" && !slices.Contains(slices.Collect(maps.Values(bodies)), body) {
			t.Errorf("%q is no original", name)
		}
	}
	for _, name := range []string{"records/2026-05-01-Blood-count.json", "records/2026-blood-COUNT.pdf", "wallet/settings.json"} {
		if _, ok := files[name]; !ok {
			t.Errorf("there is no %q among %q", name, slices.Sorted(maps.Keys(files)))
		}
	}
	var m struct {
		Version, Wallet string
		Records         []struct{ File, SHA256, Profile, Format string }
	}
	if err := json.Unmarshal([]byte(files["manifest.json"]), &m); err != nil || m.Version != "potli-backup/2" || m.Wallet != keys().Wallet || len(m.Records) != 11 {
		t.Errorf("manifest %+v, %v", m, err)
	}
	for _, r := range m.Records {
		if sha(files[r.File]) != r.SHA256 {
			t.Errorf("%q has another hash", r.File)
		}
	}

	// With Potli: a new vault of the same wallet, on another device.
	bk, err := vault.OpenBackup(ctx, file.Bytes(), nil, kit())
	if err != nil {
		t.Fatal(err)
	}
	k := recovered(t, bk)
	if bk.WalletID() != keys().Wallet || len(bk.Metas()) != 11 || len(bk.Docs()) != 3 || bk.Missing() != 0 || bk.Created().IsZero() {
		t.Errorf("backup of %q, %d records", bk.WalletID(), len(bk.Metas()))
	}
	other := vault.Memory()
	w, added, err := vault.CreateFrom(ctx, options(other), k, []byte("u"), bk, nil)
	if err != nil || added != 11 || w.Seq() != 1 {
		t.Fatalf("CreateFrom = %d, %v", added, err)
	}
	for range 2 {
		if !reflect.DeepEqual(w.Metas(), v.Metas()) {
			t.Errorf("Metas:\n%+v\nwant\n%+v", w.Metas()[0], v.Metas()[0])
		}
		for id, body := range bodies {
			wantBody(t, w, id, body)
		}
		if doc, err := w.Doc(ctx, "share/../a"); err != nil || string(doc) != "A" {
			t.Errorf("doc %q, %v", doc, err)
		}
		if w, err = vault.Open(ctx, options(other), k, nil); err != nil || len(w.Faults()) > 0 || w.Rebuilt() {
			t.Fatal(err)
		}
	}
	// What came by Restore can lose its index too.
	set(t, other, nil, append(names(t, other, "index/"), "head")...)
	if w, err = vault.Open(ctx, options(other), k, nil); err != nil || !reflect.DeepEqual(w.Metas(), v.Metas()) {
		t.Errorf("made again: %v", err)
	}
}

func TestRestoreIntoTheSameVault(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	file := export(t, v)
	removed, damaged := v.Metas()[0], v.Metas()[1]
	body, _, err := v.Original(ctx, removed.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Remove(ctx, removed.ID); err != nil {
		t.Fatal(err)
	}
	name := "rec/" + string(damaged.ID)
	set(t, b, map[string][]byte{name: flip(raw(t, b, name), -7)})
	if _, _, err := v.Original(ctx, damaged.ID); !errors.Is(err, record.ErrDamaged) {
		t.Fatal(err)
	}
	newer := add(t, v, "asha", "newer")
	if err := v.PutDocs(ctx, map[string][]byte{"settings": []byte("newer"), "share/a": nil}); err != nil {
		t.Fatal(err)
	}

	added, err := v.Restore(ctx, openBackup(t, file), nil, nil)
	if err != nil || added != 2 {
		t.Fatalf("Restore = %d, %v; want the removed and the damaged one", added, err)
	}
	for _, v := range []*vault.Vault{v, reopen(t, b)} {
		wantBody(t, v, removed.ID, string(body))
		wantBody(t, v, newer.ID, "newer")
		if _, _, err := v.Original(ctx, damaged.ID); err != nil {
			t.Errorf("the damaged record: %v", err)
		}
		if len(v.Metas()) != 14 || len(v.Faults()) > 0 {
			t.Errorf("%d records, faults %v", len(v.Metas()), v.Faults())
		}
		if doc, _ := v.Doc(ctx, "settings"); string(doc) != "newer" {
			t.Errorf("settings %q: a backup wrote over what is there", doc)
		}
		if doc, _ := v.Doc(ctx, "share/a"); string(doc) != "A" {
			t.Errorf("share/a %q", doc)
		}
	}
	seq := v.Seq()
	if added, err := v.Restore(ctx, openBackup(t, file), nil, nil); added != 0 || err != nil || v.Seq() != seq {
		t.Errorf("a second time: %d, %v", added, err)
	}
}

// A damaged record does not stop the others, and is not hidden.
func TestExportWithDamage(t *testing.T) {
	b := vault.Memory()
	v := family(t, b)
	name := "rec/" + string(v.Metas()[4].ID)
	set(t, b, map[string][]byte{name: flip(raw(t, b, name), -7)})
	bk := openBackup(t, export(t, v))
	if len(bk.Metas()) != 12 || bk.Missing() != 1 || len(v.Faults()) != 1 {
		t.Errorf("%d records, %d missing, faults %v", len(bk.Metas()), bk.Missing(), v.Faults())
	}
}

// fail is a writer with little room.
type fail struct{ room int }

func (f *fail) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errors.New("no room")
	}
	return len(p), nil
}

func TestExportReportsItsWriter(t *testing.T) {
	v := family(t, vault.Memory())
	whole := len(export(t, v))
	// The time inside is another each time, and deflates to a few bytes more or less.
	for _, room := range []int{0, 100, 2000, whole - 64} {
		if err := v.Export(ctx, &fail{room}, nil); err == nil {
			t.Errorf("Export into %d bytes of room: no error", room)
		}
	}
	c, cancel := context.WithCancel(ctx)
	cancel()
	if err := v.Export(c, io.Discard, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// entry is a file of a zip made by hand.
type entry struct {
	name, body string
	header     func(*zip.FileHeader)
}

func pack(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.header != nil {
			e.header(h)
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, e.body)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const id1, id2 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"

func saved(file, body string) map[string]any {
	return map[string]any{
		"id": id1, "profile": "asha", "file": file, "format": "application/pdf", "sha256": sha(body), "size": len(body),
		"added": "2026-05-01T00:00:00Z", "source": map[string]string{"how": "file"},
	}
}

func savedAs(file, body, key string, value any) map[string]any {
	s := saved(file, body)
	s[key] = value
	return s
}

func manifest(records ...map[string]any) entry {
	b, err := json.Marshal(map[string]any{"version": "potli-backup/1", "wallet": "w", "created": "2026-05-01T00:00:00Z", "records": records})
	if err != nil {
		panic(err)
	}
	return entry{name: "manifest.json", body: string(b)}
}

// What is wrong with a backup is found before anything is changed.
func TestHostileBackups(t *testing.T) {
	v := family(t, vault.Memory())
	good := export(t, v)
	plain := unseal(t, good)
	other := newRing()
	file := entry{name: "records/a.pdf", body: "hello"}
	doc := func(name, file, body string, size int) entry {
		return entry{name: "manifest.json", body: fmt.Sprintf(`{"version":"potli-backup/1","docs":[{"name":%q,"file":%q,"sha256":%q,"size":%d}]}`, name, file, sha(body), size)}
	}
	sealed := func(entries ...entry) []byte { return sealFor(t, pack(t, entries...), ring()) }
	if _, err := vault.OpenBackup(ctx, sealed(file, manifest(saved("records/a.pdf", "hello"))), nil, mine()...); err != nil {
		t.Fatalf("the honest backup by hand: %v", err)
	}
	tests := []struct {
		name string
		file []byte
		want error
	}{
		{"empty", nil, record.ErrDamaged},
		{"not age", []byte("%PDF-1.4"), record.ErrDamaged},
		{"of another wallet", sealFor(t, plain, other), vault.ErrWrongKey},
		{"an unlock file", func() []byte { b, _ := keyring.Lock(keys(), "x", 16); return b }(), vault.ErrWrongKey},
		{"not a zip", sealFor(t, []byte("hello"), ring()), record.ErrDamaged},
		{"an empty zip", sealed(), record.ErrDamaged},
		{"no manifest", sealed(file), record.ErrDamaged},
		{"manifest no JSON", sealed(entry{name: "manifest.json", body: "{"}), record.ErrDamaged},
		{"of something else", sealed(entry{name: "manifest.json", body: `{"version":"other/1"}`}), record.ErrDamaged},
		{"of a later release", sealed(entry{name: "manifest.json", body: `{"version":"potli-backup/3"}`}), vault.ErrVersion},
		{"a later kind of record", sealed(file, manifest(savedAs("records/a.pdf", "hello", "format", "image/jxl"))), vault.ErrVersion},
		{"wrong hash", sealed(file, manifest(savedAs("records/a.pdf", "hello", "sha256", sha("other")))), record.ErrDamaged},
		{"no hash", sealed(file, manifest(savedAs("records/a.pdf", "hello", "sha256", ""))), record.ErrDamaged},
		{"hash in capitals", sealed(file, manifest(savedAs("records/a.pdf", "hello", "sha256", strings.ToUpper(sha("hello"))))), record.ErrDamaged},
		{"wrong size", sealed(file, manifest(savedAs("records/a.pdf", "hello", "size", 4))), record.ErrDamaged},
		{"negative size", sealed(file, manifest(savedAs("records/a.pdf", "hello", "size", -5))), record.ErrDamaged},
		{"empty record", sealed(entry{name: "records/a.pdf"}, manifest(saved("records/a.pdf", ""))), record.ErrDamaged},
		{"missing file", sealed(manifest(saved("records/a.pdf", "hello"))), record.ErrDamaged},
		{"file not named", sealed(file, entry{name: "records/b.pdf", body: "x"}, manifest(saved("records/a.pdf", "hello"))), record.ErrDamaged},
		{"one file for two records", sealed(file, manifest(saved("records/a.pdf", "hello"), savedAs("records/a.pdf", "hello", "id", id2))), record.ErrDamaged},
		{"one id for two records", sealed(file, entry{name: "records/b.pdf", body: "world"}, manifest(saved("records/a.pdf", "hello"), saved("records/b.pdf", "world"))), record.ErrDamaged},
		{"no id", sealed(file, manifest(savedAs("records/a.pdf", "hello", "id", ""))), record.ErrDamaged},
		{"an id that climbs", sealed(file, manifest(savedAs("records/a.pdf", "hello", "id", "../../head"))), record.ErrDamaged},
		{"no profile", sealed(file, manifest(savedAs("records/a.pdf", "hello", "profile", ""))), record.ErrDamaged},
		{"endless profile", sealed(file, manifest(savedAs("records/a.pdf", "hello", "profile", strings.Repeat("p", 4000)))), record.ErrDamaged},
		{"the same name twice", sealed(file, file, manifest(saved("records/a.pdf", "hello"))), record.ErrDamaged},
		{"a link", sealed(entry{name: "records/a.pdf", body: "hello", header: func(h *zip.FileHeader) { h.SetMode(os.ModeSymlink | 0o777) }}, manifest(saved("records/a.pdf", "hello"))), record.ErrDamaged},
		{"a doc too large", sealed(entry{name: "wallet/a.json", body: strings.Repeat("x", 8<<20+1)}, doc("a", "wallet/a.json", strings.Repeat("x", 8<<20+1), 8<<20+1)), record.ErrDamaged},
		{"a doc with a wrong hash", sealed(entry{name: "wallet/a.json", body: "x"}, doc("a", "wallet/a.json", "y", 1)), record.ErrDamaged},
		{"a doc without a name", sealed(entry{name: "wallet/a.json", body: "x"}, doc("", "wallet/a.json", "x", 1)), record.ErrDamaged},
		{"one byte more", append(bytes.Clone(good), 0), record.ErrDamaged},
	}
	for _, name := range []string{
		"../a.pdf", "/a.pdf", "records/../a.pdf", "records/../../a.pdf", "records\\a.pdf", "C:\\a.pdf", "records/C:a.pdf", "records/a/b.pdf", "other/a.pdf", "a.pdf",
		"records/", "records/.htaccess", "records/a\x00.pdf", "records/a\n.pdf", "records/\u202efdp.exe", "records/" + strings.Repeat("n", 300), "records/\xff.pdf", "Manifest.json",
	} {
		tests = append(tests, struct {
			name string
			file []byte
			want error
		}{fmt.Sprintf("path %.30q", name), sealed(entry{name: name, body: "hello"}, manifest(saved(name, "hello"))), record.ErrDamaged})
	}
	for _, n := range []int{1, 100, 1000, 1700, len(good) / 2, len(good) - 16, len(good) - 1} {
		tests = append(tests, struct {
			name string
			file []byte
			want error
		}{fmt.Sprint("cut at ", n), good[:n], record.ErrDamaged})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := vault.OpenBackup(ctx, tt.file, nil, mine()...)
			if b != nil || !errors.Is(err, tt.want) {
				t.Errorf("OpenBackup = %v, want %v", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "records/") {
				t.Errorf("the error tells a file name: %v", err)
			}
		})
	}
	step := 97
	if raced || runtime.GOOS == "js" {
		step = 997
	}
	for i := 0; i < len(good); i += step {
		if _, err := vault.OpenBackup(ctx, flip(good, i), nil, mine()...); err == nil {
			t.Fatalf("byte %d changed and it still opened", i)
		}
	}
}

// zeros is n zeros, deflated.
func zeros(n int) []byte {
	var b bytes.Buffer
	f, _ := flate.NewWriter(&b, flate.BestSpeed)
	part := make([]byte, 1<<20)
	for range n >> 20 {
		f.Write(part)
	}
	f.Close()
	return b.Bytes()
}

// deflated makes an entry that unpacks to something else than it says.
func deflated(t *testing.T, packed []byte, says uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "records/a.pdf", Method: zip.Deflate, CompressedSize64: uint64(len(packed)), UncompressedSize64: says})
	if err != nil {
		t.Fatal(err)
	}
	w.Write(packed)
	m := manifest(savedAs("records/a.pdf", "", "size", says))
	w, err = z.Create(m.name)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, m.body)
	z.Close()
	return b.Bytes()
}

func TestZipBombs(t *testing.T) {
	bomb, small := zeros(64<<20), zeros(1<<20)
	for name, plain := range map[string][]byte{
		"longer than it says":     deflated(t, bomb, 1000),
		"as long as it says":      deflated(t, bomb, 64<<20),
		"more than there can be":  deflated(t, small, 1<<62),
		"shorter than it says":    deflated(t, small, 20<<20),
		"a manifest without end":  pack(t, entry{name: "manifest.json", body: strings.Repeat(" ", 65<<20)}),
		"entries over each other": overlapping(t),
	} {
		t.Run(name, func(t *testing.T) {
			file := sealFor(t, plain, ring())
			start := time.Now()
			if _, err := vault.OpenBackup(ctx, file, nil, mine()...); !errors.Is(err, record.ErrDamaged) {
				t.Errorf("OpenBackup = %v, want ErrDamaged", err)
			}
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("it took %v", d)
			}
		})
	}
}

// overlapping is a zip whose entries all point at the same bytes (Fifield 2019).
func overlapping(t *testing.T) []byte {
	t.Helper()
	one := pack(t, entry{name: "records/a.pdf", body: strings.Repeat("x", 1<<20)})
	dir := bytes.Index(one, []byte("PK\x01\x02"))
	end := bytes.LastIndex(one, []byte("PK\x05\x06"))
	var b bytes.Buffer
	b.Write(one[:dir])
	central := 0
	for i := range 100 {
		e := bytes.Replace(bytes.Clone(one[dir:end]), []byte("records/a.pdf"), []byte(fmt.Sprintf("records/%c.%03d", 'a'+i%26, i)), 1)
		b.Write(e)
		central += len(e)
	}
	tail := bytes.Clone(one[end:])
	for i, v := range []int{100, 100} {
		tail[8+2*i], tail[9+2*i] = byte(v), byte(v>>8)
	}
	for i := range 4 {
		tail[12+i], tail[16+i] = byte(central>>(8*i)), byte(dir>>(8*i))
	}
	b.Write(tail)
	if z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil || len(z.File) != 100 {
		t.Fatalf("the overlapping zip is not one: %v", err)
	}
	return b.Bytes()
}

// A Restore that fails at any commit changes nothing and leaves nothing.
func TestRestoreIsAllOrNothing(t *testing.T) {
	vault.SideBatch(t, 10_000)
	source := create(t, vault.Memory())
	var bodies []string
	for i := range 5 {
		body := strings.Repeat(fmt.Sprint(i), 4<<10) // three commits to the side store
		bodies = append(bodies, body)
		add(t, source, "p", body)
	}
	bk := openBackup(t, export(t, source))
	for n := 1; ; n++ {
		disk := vault.Memory()
		v := family(t, disk)
		want := v.Metas()
		f := &blobstest.Faulty{Blobs: disk}
		f.At(n, blobstest.Full)
		v = reopen(t, f)
		added, err := v.Restore(ctx, bk, nil, nil)
		if err == nil {
			if n < 4 || added != 5 {
				t.Errorf("%d commits, %d added", n-1, added)
			}
			break
		}
		if !errors.Is(err, vault.ErrFull) || added != 0 {
			t.Errorf("commit %d: %d, %v", n, added, err)
		}
		if left := names(t, disk, "side/"); len(left) > 0 || !reflect.DeepEqual(v.Metas(), want) {
			t.Errorf("commit %d: %d objects left, %d records", n, len(left), len(v.Metas()))
		}
		if v = reopen(t, disk); v.Rebuilt() || !reflect.DeepEqual(v.Metas(), want) {
			t.Errorf("commit %d: another vault than before", n)
		}
	}

	t.Run("the machine stops", func(t *testing.T) {
		for n := 1; n <= 3; n++ {
			disk := vault.Memory()
			want := family(t, disk).Metas()
			f := &blobstest.Faulty{Blobs: disk}
			f.At(n, blobstest.DieBefore)
			if _, err := reopen(t, f).Restore(ctx, bk, nil, nil); !errors.Is(err, blobstest.ErrDead) {
				t.Fatalf("Restore = %v", err)
			}
			v := reopen(t, disk)
			if left := names(t, disk, "side/"); len(left) > 0 || !reflect.DeepEqual(v.Metas(), want) || len(v.Faults()) > 0 {
				t.Errorf("commit %d: %d objects left, %d records, faults %v", n, len(left), len(v.Metas()), v.Faults())
			}
		}
	})

	t.Run("the answer is lost", func(t *testing.T) {
		disk := vault.Memory()
		f := &blobstest.Faulty{Blobs: disk}
		create(t, disk)
		v := reopen(t, f)
		for n := 4; n < 6; n++ { // the last commit, and when it is tried again
			f.At(n, blobstest.Forget)
		}
		added, err := v.Restore(ctx, bk, nil, nil)
		if err != nil || added != 5 || len(v.Metas()) != 5 || len(reopen(t, disk).Metas()) != 5 {
			t.Errorf("Restore = %d, %v; %d records", added, err, len(v.Metas()))
		}
	})

	t.Run("cancelled", func(t *testing.T) {
		disk := vault.Memory()
		v := create(t, disk)
		before := copyOf(t, disk)
		c, cancel := context.WithCancel(ctx)
		_, err := v.Restore(c, bk, nil, func(done, total int) {
			if done == 3 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Restore = %v", err)
		}
		sameStore(t, before, disk)
	})
}

// What a release exported must open for ever, with the recovery text of then.
func TestGoldenBackup(t *testing.T) {
	for _, dir := range []string{"testdata/vault", "testdata/vault2", "testdata/vault3"} {
		t.Run(dir, func(t *testing.T) { restoreGolden(t, dir) })
	}
}

func restoreGolden(t *testing.T, dir string) {
	file, err := os.ReadFile(dir + "/backup.age")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(dir + "/recovery.txt")
	if err != nil {
		t.Fatal(err)
	}
	k, err := keyring.FromRecovery(string(text))
	if err != nil {
		t.Fatal(err)
	}
	bk, err := vault.OpenBackup(ctx, file, nil, k.Identity)
	if err != nil {
		t.Fatal(err)
	}
	v := create(t, vault.Memory())
	if n, err := v.Restore(ctx, bk, nil, nil); n != 3 || err != nil {
		t.Fatalf("Restore = %d, %v", n, err)
	}
	m := v.Metas()
	wantBody(t, v, m[0].ID, "%PDF-1.4 synthetic")
	wantBody(t, v, m[2].ID, `{"resourceType":"Patient","id":"1"}`)
	if doc, err := v.Doc(ctx, "settings"); err != nil || string(doc) != `{"language":"hi"}` {
		t.Errorf("settings %q, %v", doc, err)
	}
}

// The fuzzer writes the zip: what is around it is age's. Whatever opens must restore, byte for byte.
func FuzzBackup(f *testing.F) {
	f.Add(unseal(f, export(f, family(f, vault.Memory()))))
	f.Add(pack(f, entry{name: "records/a.pdf", body: "hello"}, manifest(saved("records/a.pdf", "hello"))))
	f.Add(pack(f, entry{name: "manifest.json", body: `{"version":"potli-backup/1"}`}))
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		b, err := vault.OpenBackup(ctx, sealFor(t, plain, ring()), nil, mine()...)
		if err != nil {
			return
		}
		v := create(t, vault.Memory())
		added, err := v.Restore(ctx, b, func(r *keyring.Ring) (*keyring.Ring, error) {
			for _, p := range b.Profiles() {
				r = with(r, string(p))
			}
			return r, nil
		}, nil)
		if err != nil {
			t.Fatalf("it opens and does not restore: %v", err)
		}
		if len(v.Metas()) != added || added > len(b.Metas()) {
			t.Errorf("%d added, %d there", added, len(v.Metas()))
		}
		for _, m := range v.Metas() {
			if body, _, err := v.Original(ctx, m.ID); err != nil || sha(string(body)) != m.SHA256 {
				t.Errorf("Original: %v", err)
			}
		}
	})
}
