package chain_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/crypto/chain"
)

var generate = flag.Bool("generate", false, "make golden files that do not exist yet; existing ones are never written again")

// signer makes a key of a name. Such keys protect nothing.
func signer(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("potli test signer " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(name string) ed25519.PublicKey { return signer(name).Public().(ed25519.PublicKey) }

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func sign(t testing.TB, d chain.Draft, name string) *chain.Entry {
	t.Helper()
	e, err := chain.Sign(d, signer(name))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func root(t testing.TB, name string) *chain.Entry {
	t.Helper()
	return sign(t, chain.Draft{Profile: "asha", User: "mother", Device: name, N: 1, Time: noon, Kind: "found", Body: []byte(`{"name":"Asha"}`)}, name)
}

var golden = []struct {
	file string
	make func(t *testing.T) *chain.Entry
	hash string
}{
	{"root.entry", func(t *testing.T) *chain.Entry { return root(t, "phone") }, "yxof_8unFMEFzIS4DZ4JNbHornbjykre0t17FZZAdJ4"},
	{"second.entry", func(t *testing.T) *chain.Entry {
		return sign(t, chain.Draft{
			Profile: "asha", User: "father", Device: "a.b_c:d-9", N: 1 << 60, Prev: []chain.Hash{{255}, {1, 2}}, Kind: "details",
			Time: time.Date(2031, 12, 31, 23, 59, 59, 999_999_999, time.FixedZone("", 19800)), Body: []byte("{\"name\":\"आशा <b>\"}\n\x00"),
		}, "tablet")
	}, "iKf8LX2pg67D4TvRCLRZbbBhFRfBgcPuQDkW92uTGDU"},
}

// What a release signed must be read for ever, and be named as it was.
func TestGolden(t *testing.T) {
	for _, g := range golden {
		path := filepath.Join("testdata", g.file)
		want := g.make(t)
		if _, err := os.Stat(path); *generate && os.IsNotExist(err) {
			if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			t.Log(g.file, want.Hash())
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := chain.Verify(bytes.Clone(b))
		if err != nil {
			t.Errorf("%s: %v", g.file, err)
			continue
		}
		if got.Hash().String() != g.hash || got.Hash() != sha256.Sum256(b) {
			t.Errorf("%s is named %s, want %s", g.file, got.Hash(), g.hash)
		}
		if !same(got, want) {
			t.Errorf("%s: %+v, want %+v", g.file, got, want)
		}
	}
}

func same(a, b *chain.Entry) bool {
	return a.Profile == b.Profile && a.User == b.User && a.Device == b.Device && a.N == b.N && slices.Equal(a.Prev, b.Prev) && a.Time.Equal(b.Time) &&
		a.Kind == b.Kind && bytes.Equal(a.Body, b.Body) && a.Key.Equal(b.Key) && a.Hash() == b.Hash() && bytes.Equal(a.Bytes(), b.Bytes())
}

func TestVerifyReadsWhatSignWrote(t *testing.T) {
	for name, d := range map[string]chain.Draft{
		"empty body":  {Profile: "p", User: "u", Device: "d", N: 1, Time: noon, Kind: "k"},
		"full body":   {Profile: "p", User: "u", Device: "d", N: 1, Time: noon, Kind: "k", Body: bytes.Repeat([]byte("\n"), chain.MaxBody)},
		"many before": {Profile: "p", User: "u", Device: "d", N: 9, Time: noon, Kind: "k", Prev: many(chain.MaxPrev)},
		"long names":  {Profile: strings.Repeat("p", 64), User: strings.Repeat("u", 64), Device: strings.Repeat("d", 64), N: 1<<64 - 1, Time: noon, Kind: strings.Repeat("k", 32), Prev: many(1)},
	} {
		e := sign(t, d, "x")
		got, err := chain.Verify(bytes.Clone(e.Bytes()))
		if err != nil || !same(got, e) {
			t.Errorf("%s: %v", name, err)
		}
		if len(e.Bytes()) > chain.MaxSize {
			t.Errorf("%s: %d bytes, more than MaxSize", name, len(e.Bytes()))
		}
	}
}

// many makes n hashes, out of order.
func many(n int) (list []chain.Hash) {
	for i := range n {
		list = append(list, sha256.Sum256([]byte{byte(i)}))
	}
	return list
}

func TestSignKeepsToTheLimits(t *testing.T) {
	good := chain.Draft{Profile: "p", User: "u", Device: "d", N: 2, Time: noon, Kind: "k", Prev: many(1)}
	for name, change := range map[string]func(d *chain.Draft){
		"no profile":         func(d *chain.Draft) { d.Profile = "" },
		"no user":            func(d *chain.Draft) { d.User = "" },
		"no device":          func(d *chain.Draft) { d.Device = "" },
		"no kind":            func(d *chain.Draft) { d.Kind = "" },
		"long profile":       func(d *chain.Draft) { d.Profile = strings.Repeat("p", 65) },
		"long kind":          func(d *chain.Draft) { d.Kind = strings.Repeat("k", 33) },
		"a quote":            func(d *chain.Draft) { d.User = `a"` },
		"a letter with mark": func(d *chain.Draft) { d.User = "é" },
		"a newline":          func(d *chain.Draft) { d.Device = "a\n" },
		"no counter":         func(d *chain.Draft) { d.N = 0 },
		"nothing before":     func(d *chain.Draft) { d.Prev = nil },
		"too many before":    func(d *chain.Draft) { d.Prev = many(chain.MaxPrev + 1) },
		"long body":          func(d *chain.Draft) { d.Body = make([]byte, chain.MaxBody+1) },
		"year 10000":         func(d *chain.Draft) { d.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"before year 0":      func(d *chain.Draft) { d.Time = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		d := good
		change(&d)
		if _, err := chain.Sign(d, signer("x")); !errors.Is(err, chain.ErrLimit) {
			t.Errorf("%s: %v, want ErrLimit", name, err)
		}
	}
	if _, err := chain.Sign(good, signer("x")); err != nil {
		t.Error(err)
	}
}

// forge signs any header line, so that each rule can be broken alone.
func forge(line, body string) []byte {
	b := []byte("potli-chain/1\n" + line + "\n" + body)
	return append(b, ed25519.Sign(signer("x"), b)...)
}

func TestVerifyIsStrict(t *testing.T) {
	e := sign(t, chain.Draft{Profile: "p", User: "u", Device: "d", N: 2, Time: noon, Kind: "k", Body: []byte("hello"), Prev: many(2)}, "x")
	line := strings.Split(string(e.Bytes()), "\n")[1]
	change := func(old, new string) []byte {
		if !strings.Contains(line, old) {
			t.Fatalf("%s has no %s", line, old)
		}
		return forge(strings.Replace(line, old, new, 1), "hello")
	}
	first, second := e.Prev[0].String(), e.Prev[1].String()
	for _, tt := range []struct {
		name string
		b    []byte
		want error
	}{
		{"as it should be", forge(line, "hello"), nil},
		{"empty", nil, chain.ErrDamaged},
		{"something else", []byte("%PDF-1.4"), chain.ErrDamaged},
		{"later version", []byte("potli-chain/2\n"), chain.ErrVersion},
		{"no line", []byte("potli-chain/1\n{}"), chain.ErrDamaged},
		{"empty line", forge("", ""), chain.ErrDamaged},
		{"no JSON", forge("hello", "hello"), chain.ErrDamaged},
		{"endless line", []byte("potli-chain/1\n" + strings.Repeat(" ", 2*chain.MaxLine) + "\n"), chain.ErrDamaged},
		{"space in the line", change(`"n":2`, `"n": 2`), chain.ErrDamaged},
		{"another order", change(`"n":2,"prev"`, `"prev":[],"n":2,"prev"`), chain.ErrDamaged},
		{"unknown member", change(`"n":2`, `"n":2,"m":1`), chain.ErrDamaged},
		{"a member twice", change(`"n":2`, `"n":3,"n":2`), chain.ErrDamaged},
		{"another case", change(`"kind"`, `"Kind"`), chain.ErrDamaged},
		{"escaped letter", change(`"user":"u"`, `"user":"\u0075"`), chain.ErrDamaged},
		{"name with a mark", change(`"user":"u"`, `"user":"ü"`), chain.ErrLimit},
		{"no name", change(`"user":"u"`, `"user":""`), chain.ErrLimit},
		{"counter 0", change(`"n":2`, `"n":0`), chain.ErrLimit},
		{"counter below 0", change(`"n":2`, `"n":-2`), chain.ErrDamaged},
		{"counter of a fraction", change(`"n":2`, `"n":2.0`), chain.ErrDamaged},
		{"prev out of order", change(first+`","`+second, second+`","`+first), chain.ErrLimit},
		{"prev twice", change(first, second), chain.ErrLimit},
		{"prev too short", change(first, first[1:]), chain.ErrDamaged},
		{"prev null", change(`["`+first+`","`+second+`"]`, `null`), chain.ErrLimit},
		{"time in another zone", change("2026-05-01T12:00:00.000Z", "2026-05-01T14:00:00+02:0"), chain.ErrDamaged},
		{"no such day", change("2026-05-01", "2026-02-30"), chain.ErrDamaged},
		{"time without fraction", change("12:00:00.000Z", "12:00:00Z"), chain.ErrLimit},
		{"len too small", change(`"len":5`, `"len":4`), chain.ErrForged},
		{"len too large", change(`"len":5`, `"len":6`), chain.ErrDamaged},
		{"len negative", change(`"len":5`, `"len":-1`), chain.ErrLimit},
		{"len huge", change(`"len":5`, `"len":262145`), chain.ErrLimit},
		{"another key", change(e64("x"), e64("y")), chain.ErrForged},
		{"key too short", change(e64("x"), e64("x")[2:]), chain.ErrDamaged},
		{"one byte more", append(bytes.Clone(e.Bytes()), 0), chain.ErrDamaged},
		{"one byte less", e.Bytes()[:len(e.Bytes())-1], chain.ErrDamaged},
	} {
		got, err := chain.Verify(bytes.Clone(tt.b))
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if err != nil && got != nil {
			t.Errorf("%s: an entry came with an error", tt.name)
		}
	}
}

func e64(name string) string {
	var h chain.Hash
	copy(h[:], public(name))
	return h.String()
}

// Every single byte matters: whatever is changed, it is no entry, or not this one's key.
func TestEveryByteCounts(t *testing.T) {
	e := root(t, "phone")
	for i := range e.Bytes() {
		for _, bit := range []byte{1, 0x20, 0x80} {
			b := bytes.Clone(e.Bytes())
			b[i] ^= bit
			if _, err := chain.Verify(b); err == nil {
				t.Fatalf("byte %d changed and it is still an entry", i)
			}
		}
	}
}

func TestHash(t *testing.T) {
	h := root(t, "phone").Hash()
	if back, err := chain.ParseHash(h.String()); err != nil || back != h {
		t.Errorf("ParseHash: %v", err)
	}
	for _, s := range []string{"", "x", h.String() + "A", h.String()[:42], h.String()[:42] + "=", strings.Repeat("_", 42) + "9"} {
		if _, err := chain.ParseHash(s); !errors.Is(err, chain.ErrDamaged) {
			t.Errorf("ParseHash(%q) = %v, want ErrDamaged", s, err)
		}
	}
	if h.IsZero() || !(chain.Hash{}).IsZero() {
		t.Error("IsZero")
	}
}

func FuzzVerify(f *testing.F) {
	e := root(f, "phone")
	f.Add(e.Bytes())
	f.Add(sign(f, chain.Draft{Profile: "asha", User: "u", Device: "d", N: 2, Time: noon, Kind: "k", Prev: many(3), Body: []byte("x")}, "x").Bytes())
	f.Add([]byte("potli-chain/1\n{}\n"))
	f.Add([]byte("potli-chain/9\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := chain.Verify(bytes.Clone(b)); err == nil {
			if !bytes.Equal(e.Bytes(), b) || e.Hash() != sha256.Sum256(b) {
				t.Error("what was read is not what is kept")
			}
			if again, err := chain.Verify(e.Bytes()); err != nil || !same(again, e) {
				t.Error("read twice, it is another")
			}
		}
		// A file of entries, and a history of whatever they are.
		l, err := chain.Load("asha", e.Hash(), append(bytes.Clone(e.Bytes()), b...))
		if err == nil && l.Len() == 0 {
			t.Error("the beginning is missing")
		}
	})
}

// A header line of the fuzzer's, under a signature that is right: the rules for
// lines, beyond those that any changed byte breaks.
func FuzzLine(f *testing.F) {
	e := sign(f, chain.Draft{Profile: "p", User: "u", Device: "d", N: 2, Time: noon, Kind: "k", Prev: many(2)}, "x")
	f.Add(strings.Split(string(e.Bytes()), "\n")[1])
	f.Add("{}")
	f.Fuzz(func(t *testing.T, line string) {
		b := forge(line, "")
		if e, err := chain.Verify(b); err == nil {
			again, err := chain.Sign(e.Draft, signer("x"))
			if err != nil || !bytes.Equal(again.Bytes(), b) {
				t.Errorf("%q is an entry that we would write otherwise: %v", line, err)
			}
		}
	})
}

func ExampleSign() {
	key := signer("mother's phone")
	first, _ := chain.Sign(chain.Draft{Profile: "asha", User: "mother", Device: "phone", N: 1, Time: noon, Kind: "found", Body: []byte("{}")}, key)
	log := chain.NewLog("asha", first.Hash())
	log.Add(first)

	// Later, after all that this device knows:
	d := log.Draft(key.Public().(ed25519.PublicKey))
	d.User, d.Device, d.Time, d.Kind, d.Body = "mother", "phone", noon.Add(time.Hour), "details", []byte(`{"name":"Asha"}`)
	second, _ := chain.Sign(d, key)

	// Somewhere else, where it arrives before the first:
	other := chain.NewLog("asha", first.Hash())
	e, err := chain.Verify(second.Bytes())
	in, _ := other.Add(e)
	fmt.Println(err, len(in), other.Missing()[0] == first.Hash())
	in, _ = other.Add(first)
	fmt.Println(len(in), other.Heads()[0] == second.Hash())
	// Output:
	// <nil> 0 true
	// 2 true
}
