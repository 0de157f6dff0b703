package envelope_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"filippo.io/age"

	"potli/crypto/envelope"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

// keys of the golden files. They protect nothing.
func goldenKeys(t testing.TB) (*age.HybridIdentity, ed25519.PrivateKey) {
	t.Helper()
	b, err := os.ReadFile("testdata/identity.txt")
	if err != nil {
		t.Fatal(err)
	}
	id, err := age.ParseHybridIdentity(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	seed := sha256.Sum256([]byte("potli golden signer"))
	return id, ed25519.NewKeyFromSeed(seed[:])
}

var golden = []struct {
	file   string
	header envelope.Header
	body   []byte
}{
	{"record.age", envelope.Header{
		Kind: "record", Profile: "asha", ID: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE", Seq: 7, Device: "golden",
		Created: "2026-05-01T09:30:00.123Z", Type: "application/fhir+json",
		Meta: `{"source":{"how":"file","name":"रक्त <b>जाँच</b>.json"}}`,
	}, []byte(`{"resourceType":"Patient","name":[{"text":"Synthetic"}]}`)},
	{"empty.age", envelope.Header{Kind: "doc", ID: "empty", Created: "2026-05-01T09:30:00Z"}, []byte{}},
	{"binary.age", envelope.Header{Kind: "record", ID: "binary", Seq: 1<<63 + 1, Epoch: 3, Type: "image/png"}, counting(5000)},
}

func counting(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

// What a release sealed must open for ever.
func TestGolden(t *testing.T) {
	id, signer := goldenKeys(t)
	for _, g := range golden {
		path := filepath.Join("testdata", g.file)
		if _, err := os.Stat(path); *generate && os.IsNotExist(err) {
			sealed, err := envelope.Seal(g.header, g.body, id.Recipient(), signer)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, sealed, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		sealed, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		h, body, err := envelope.Open(sealed, id, signer.Public().(ed25519.PublicKey), envelope.Expect{Kind: g.header.Kind, ID: g.header.ID})
		if err != nil {
			t.Errorf("%s: %v", g.file, err)
			continue
		}
		want := g.header
		want.Len = len(g.body)
		if h != want {
			t.Errorf("%s: header %+v, want %+v", g.file, h, want)
		}
		if !bytes.Equal(body, g.body) {
			t.Errorf("%s: the body is another", g.file)
		}
	}
}

func fresh(t testing.TB) (*age.HybridIdentity, ed25519.PrivateKey, ed25519.PublicKey) {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	pub, signer, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return id, signer, pub
}

func TestSealOpen(t *testing.T) {
	id, signer, pub := fresh(t)
	for _, n := range []int{0, 1, 3000, 3900, 4096, 65_535, 65_536, 1 << 20} {
		body := counting(n)
		h := envelope.Header{Kind: "record", Profile: "p", ID: "id-" + strconv.Itoa(n), Seq: uint64(n), Created: "2026-01-01T00:00:00Z", Type: "x/y", Meta: `{"a":"b\n"}`}
		sealed, err := envelope.Seal(h, body, id.Recipient(), signer)
		if err != nil {
			t.Fatal(err)
		}
		got, back, err := envelope.Open(sealed, id, pub, envelope.Expect{Kind: "record", ID: h.ID})
		h.Len = n
		if err != nil || got != h || !bytes.Equal(back, body) {
			t.Errorf("%d bytes: %+v, %v", n, got, err)
		}
		plain := decrypt(t, sealed, id)
		if want := envelope.Size(len(plain)); len(plain) != want || len(plain) < envelope.MinSize {
			t.Errorf("%d bytes: plaintext of %d, want %d", n, len(plain), want)
		}
		if n := bytes.Count(sealed[:200], []byte("\n-> ")); n != 1 {
			t.Errorf("%d stanzas", n)
		}
	}
}

// Two documents that differ only in length within a Padmé step look alike.
func TestSizesAreQuantised(t *testing.T) {
	id, signer, _ := fresh(t)
	sizes := make(map[int]bool)
	for n := 70_000; n < 70_900; n += 100 {
		sealed, err := envelope.Seal(envelope.Header{Kind: "record", ID: "x"}, make([]byte, n), id.Recipient(), signer)
		if err != nil {
			t.Fatal(err)
		}
		sizes[len(sealed)] = true
	}
	if len(sizes) > 2 {
		t.Errorf("%d sizes for ten documents of nearly one length", len(sizes))
	}
}

func decrypt(t testing.TB, sealed []byte, id age.Identity) []byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func encrypt(t testing.TB, plain []byte, to ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(plain)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// author writes the format by hand, so that each rule can be broken alone.
type author struct {
	version string
	line    string
	body    []byte
	signer  ed25519.PrivateKey
	to      *age.HybridRecipient // whose string is signed
	pad     func(n int) []byte
}

func (a author) plain() []byte {
	l, b, r := sha256.Sum256([]byte(a.line)), sha256.Sum256(a.body), sha256.Sum256([]byte(a.to.String()))
	m := append([]byte("potli-record/1\x00"), l[:]...)
	m = append(append(m, b[:]...), r[:]...)
	p := append([]byte(a.version+"\n"+a.line+"\n"), a.body...)
	p = append(p, ed25519.Sign(a.signer, m)...)
	return append(p, a.pad(len(p))...)
}

func TestOpenIsStrict(t *testing.T) {
	id, signer, pub := fresh(t)
	other, forger, _ := fresh(t)
	zeros := func(n int) []byte { return make([]byte, envelope.Size(n)-n) }
	line := func(h envelope.Header) string {
		b, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	good := envelope.Header{Kind: "record", ID: "x", Len: 5}
	honest := author{"potli-record/1", line(good), []byte("hello"), signer, id.Recipient(), zeros}
	change := func(f func(a *author)) []byte {
		a := honest
		a.body = bytes.Clone(a.body)
		f(&a)
		return encrypt(t, a.plain(), id.Recipient())
	}
	sealed := encrypt(t, honest.plain(), id.Recipient())
	flip := func(i int) []byte {
		b := bytes.Clone(sealed)
		b[(i+len(b))%len(b)] ^= 1
		return b
	}
	for _, tt := range []struct {
		name string
		file []byte
		want error
	}{
		{"as it should be", sealed, nil},
		{"to another key", encrypt(t, honest.plain(), other.Recipient()), envelope.ErrNotForUs},
		{"two stanzas", encrypt(t, honest.plain(), id.Recipient(), other.Recipient()), envelope.ErrDamaged},
		{"another device", change(func(a *author) { a.signer = forger }), envelope.ErrForged},
		{"signed for another recipient", change(func(a *author) { a.to = other.Recipient() }), envelope.ErrForged},
		{"later version", change(func(a *author) { a.version = "potli-record/2" }), envelope.ErrVersion},
		{"no version", change(func(a *author) { a.version = "hello" }), envelope.ErrDamaged},
		{"other id", change(func(a *author) { a.line = line(envelope.Header{Kind: "record", ID: "y", Len: 5}) }), envelope.ErrMismatch},
		{"other kind", change(func(a *author) { a.line = line(envelope.Header{Kind: "doc", ID: "x", Len: 5}) }), envelope.ErrMismatch},
		{"len too small", change(func(a *author) {
			a.line = line(envelope.Header{Kind: "record", ID: "x", Len: 4})
			// What is left over of the signature is its last byte, a zero in one of
			// sixteen, which would pass for padding.
			for end := len(a.version) + len(a.line) + 2 + len(a.body) + ed25519.SignatureSize; a.plain()[end-1] == 0; {
				a.body[4]++
			}
		}), envelope.ErrDamaged},
		{"len too large", change(func(a *author) { a.line = line(envelope.Header{Kind: "record", ID: "x", Len: 6}) }), envelope.ErrForged},
		{"len huge", change(func(a *author) { a.line = line(envelope.Header{Kind: "record", ID: "x", Len: 1 << 40}) }), envelope.ErrDamaged},
		{"len negative", change(func(a *author) { a.line = line(envelope.Header{Kind: "record", ID: "x", Len: -1}) }), envelope.ErrDamaged},
		{"unknown member", change(func(a *author) { a.line = strings.Replace(a.line, "{", `{"new":1,`, 1) }), envelope.ErrDamaged},
		{"two values", change(func(a *author) { a.line += "{}" }), envelope.ErrDamaged},
		{"no JSON", change(func(a *author) { a.line = "hello" }), envelope.ErrDamaged},
		{"line too long", change(func(a *author) {
			a.line = line(envelope.Header{Kind: "record", ID: "x", Len: 5, Meta: strings.Repeat("m", envelope.MaxLine)})
		}), envelope.ErrDamaged},
		{"something in the padding", change(func(a *author) {
			a.pad = func(n int) []byte { p := zeros(n); p[len(p)-1] = 1; return p }
		}), envelope.ErrDamaged},
		{"no padding", change(func(a *author) { a.pad = func(int) []byte { return nil } }), envelope.ErrDamaged},
		{"too much padding", change(func(a *author) { a.pad = func(n int) []byte { return append(zeros(n), 0) } }), envelope.ErrDamaged},
		{"empty inside", encrypt(t, nil, id.Recipient()), envelope.ErrDamaged},
		{"zeros inside", encrypt(t, make([]byte, 4096), id.Recipient()), envelope.ErrDamaged},
		{"flipped in the body", flip(-100), envelope.ErrDamaged},
		{"flipped in the tag", flip(-1), envelope.ErrDamaged},
		{"flipped in the first line", flip(3), envelope.ErrDamaged},
		{"cut short", sealed[:len(sealed)-1], envelope.ErrDamaged},
		{"cut at the payload", sealed[:1700], envelope.ErrDamaged},
		{"one byte more", append(bytes.Clone(sealed), 0), envelope.ErrDamaged},
		{"empty", nil, envelope.ErrDamaged},
		{"not age", []byte("%PDF-1.4"), envelope.ErrDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, body, err := envelope.Open(tt.file, id, pub, envelope.Expect{Kind: "record", ID: "x"})
			if !errors.Is(err, tt.want) || tt.want == nil && string(body) != "hello" {
				t.Errorf("Open = %q, %v; want %v", body, err, tt.want)
			}
			if err != nil && body != nil {
				t.Error("a body came with an error")
			}
		})
	}
}

// Every single byte matters: whatever is changed, nothing opens.
func TestEveryByteCounts(t *testing.T) {
	id, signer, pub := fresh(t)
	sealed, err := envelope.Seal(envelope.Header{Kind: "record", ID: "x"}, []byte("hello"), id.Recipient(), signer)
	if err != nil {
		t.Fatal(err)
	}
	step := 1
	if testing.Short() || runtime.GOOS == "js" {
		step = 17
	}
	for i := 0; i < len(sealed); i += step {
		b := bytes.Clone(sealed)
		b[i] ^= 0x20
		if _, _, err := envelope.Open(b, id, pub, envelope.Expect{Kind: "record", ID: "x"}); err == nil {
			t.Fatalf("byte %d changed and it still opened", i)
		}
	}
}

func TestHeaderTooLong(t *testing.T) {
	id, signer, _ := fresh(t)
	_, err := envelope.Seal(envelope.Header{Meta: strings.Repeat("x", envelope.MaxLine)}, nil, id.Recipient(), signer)
	if !errors.Is(err, envelope.ErrTooLong) {
		t.Errorf("Seal = %v, want ErrTooLong", err)
	}
}

func TestPadme(t *testing.T) {
	for _, tt := range []struct{ n, want int }{
		{0, 0}, {1, 1}, {2, 2}, {8, 8}, {9, 10}, {100, 104}, {1000, 1024}, {4097, 4352}, {1 << 20, 1 << 20}, {1<<20 + 1, 1081344},
	} {
		if got := envelope.Padme(tt.n); got != tt.want {
			t.Errorf("Padme(%d) = %d, want %d", tt.n, got, tt.want)
		}
	}
	for n := range 300_000 {
		p := envelope.Padme(n)
		if p < n || envelope.Padme(p) != p {
			t.Fatalf("Padme(%d) = %d", n, p)
		}
		if extra := float64(p-n) / float64(max(n, 1)); extra > 0.12 || n >= 4<<10 && extra > 0.063 || n >= 64<<10 && extra > 0.0315 {
			t.Fatalf("Padme(%d) = %d: %.1f %% more", n, p, extra*100)
		}
	}
	// How many sizes there are from 4 KiB on.
	for limit, want := range map[int]int{1 << 20: 193, 5 << 20: 265, 25 << 20: 339} {
		count := 0
		for n := envelope.MinSize; envelope.Padme(n) <= limit; n = envelope.Padme(n) + 1 {
			count++
		}
		if count != want {
			t.Errorf("%d sizes up to %d, want %d", count, limit, want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	id, signer := goldenKeys(f)
	honest, err := envelope.Seal(envelope.Header{Kind: "record", ID: "x"}, []byte("hello"), id.Recipient(), signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(decrypt(f, honest, id))
	f.Add([]byte("potli-record/1\n{}\n"))
	f.Add([]byte("potli-record/9\n"))
	pub := signer.Public().(ed25519.PublicKey)
	f.Fuzz(func(t *testing.T, plain []byte) {
		// The fuzzer writes what is inside: the outside is age's, and fuzzed there.
		_, _, err := envelope.Open(encrypt(t, plain, id.Recipient()), id, pub, envelope.Expect{Kind: "record", ID: "x"})
		if err == nil && !bytes.Contains(plain, []byte("hello")) {
			t.Error("something opened that was not signed")
		}
	})
}

func benchmark(b *testing.B, n int) {
	id, signer, pub := fresh(b)
	body := counting(n)
	h := envelope.Header{Kind: "record", ID: "x"}
	sealed, err := envelope.Seal(h, body, id.Recipient(), signer)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("seal", func(b *testing.B) {
		b.SetBytes(int64(n))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := envelope.Seal(h, body, id.Recipient(), signer); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		b.SetBytes(int64(n))
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := envelope.Open(sealed, id, pub, envelope.Expect{Kind: "record", ID: "x"}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkEnvelope4KiB(b *testing.B) { benchmark(b, 3000) }
func BenchmarkEnvelope2MB(b *testing.B)  { benchmark(b, 2_000_000) }

func ExampleSeal() {
	id, _ := age.GenerateHybridIdentity()
	pub, signer, _ := ed25519.GenerateKey(nil)
	sealed, _ := envelope.Seal(envelope.Header{Kind: "record", ID: "1"}, []byte("the document"), id.Recipient(), signer)
	_, body, err := envelope.Open(sealed, id, pub, envelope.Expect{Kind: "record", ID: "1"})
	fmt.Println(string(body), err)
	// Output: the document <nil>
}

// A writer whom nobody told us of is told from one whose signature is wrong.
func TestUnknownDevice(t *testing.T) {
	id, signer := goldenKeys(t)
	sealed, err := envelope.Seal(envelope.Header{Kind: "record", ID: "x", Device: "new"}, []byte("body"), id.Recipient(), signer)
	if err != nil {
		t.Fatal(err)
	}
	known := func(device string) ed25519.PublicKey {
		if device == "new" {
			return signer.Public().(ed25519.PublicKey)
		}
		return nil
	}
	expect := envelope.Expect{Kind: "record", ID: "x"}
	if _, body, err := envelope.OpenBy(sealed, id, known, expect); err != nil || string(body) != "body" {
		t.Errorf("a known device: %q, %v", body, err)
	}
	_, body, err := envelope.OpenBy(sealed, id, func(string) ed25519.PublicKey { return nil }, expect)
	if !errors.Is(err, envelope.ErrUnknownDevice) || !errors.Is(err, envelope.ErrForged) || body != nil {
		t.Errorf("an unknown device: %q, %v", body, err)
	}
	_, _, err = envelope.OpenBy(sealed, id, func(string) ed25519.PublicKey { return make([]byte, ed25519.PublicKeySize) }, expect)
	if !errors.Is(err, envelope.ErrForged) || errors.Is(err, envelope.ErrUnknownDevice) {
		t.Errorf("another key of that device: %v", err)
	}
}

// Of several writers, each is known by the key of the device that the header names.
func TestSeveralWriters(t *testing.T) {
	id, mother, motherKey := fresh(t)
	_, father, fatherKey := fresh(t)
	keys := map[string]ed25519.PublicKey{"mother": motherKey, "father": fatherKey}
	for _, tt := range []struct {
		names string
		by    ed25519.PrivateKey
		want  error
	}{
		{"mother", mother, nil}, {"father", father, nil},
		{"mother", father, envelope.ErrForged}, {"father", mother, envelope.ErrForged}, {"", mother, envelope.ErrForged},
	} {
		sealed, err := envelope.Seal(envelope.Header{Kind: "record", ID: "x", Device: tt.names}, []byte("body"), id.Recipient(), tt.by)
		if err != nil {
			t.Fatal(err)
		}
		h, body, err := envelope.OpenBy(sealed, id, func(device string) ed25519.PublicKey { return keys[device] }, envelope.Expect{Kind: "record", ID: "x"})
		if !errors.Is(err, tt.want) || (err == nil) != (string(body) == "body" && h.Device == tt.names) {
			t.Errorf("in the name of %q: %v, want %v", tt.names, err, tt.want)
		}
	}
}
