package jose_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	gojose "github.com/go-jose/go-jose/v4"

	"potli/crypto/jose"
)

// Key of the examples in HL7's SMART Health Cards and Links 1.0.0.
const exampleKey = "rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q"

func example(t testing.TB) []byte {
	t.Helper()
	key, err := base64.RawURLEncoding.DecodeString(exampleKey)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// tv2 is the JWE of "Example Encryption" in that guide.
func tv2(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/tv2.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestExampleOfTheGuide(t *testing.T) {
	plain, cty, err := jose.Decrypt(example(t), tv2(t))
	if err != nil {
		t.Fatal(err)
	}
	const want = "7e581b1bb86949d849815bc6f653fa56ab342af9e550da671414c7d9830c48c6"
	if sum := sha256.Sum256(plain); len(plain) != 846 || hex.EncodeToString(sum[:]) != want {
		t.Errorf("%d bytes with SHA-256 %x", len(plain), sum)
	}
	if cty != "application/smart-health-card" {
		t.Errorf("cty %q", cty)
	}
}

// shared finds the project's folder of real documents.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Skip("no file system here")
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		b, err := os.ReadFile(filepath.Join(dir, "../shared/data", name))
		if err == nil {
			return b
		}
	}
	t.Skipf("the real document %s is not on this machine", name)
	return nil
}

func TestExampleSummary(t *testing.T) {
	plain, cty, err := jose.Decrypt(example(t), string(shared(t, "ips/IPS_IG-bundle-01-enc.txt")))
	if err != nil {
		t.Fatal(err)
	}
	if cty != "" {
		t.Errorf("cty %q, want none", cty)
	}
	if want := shared(t, "ips/IPS_IG-bundle-01.json"); !bytes.Equal(plain, want) {
		t.Errorf("%d bytes, not the %d of the bundle", len(plain), len(want))
	}
}

func TestEncrypt(t *testing.T) {
	key := example(t)
	for _, n := range []int{0, 1, 2, 3, 1000, 3<<14 - 1, 3 << 14, 3<<14 + 1, 200_000} {
		plain := bytes.Repeat([]byte("é"), n)[:n]
		jwe, err := jose.Encrypt(key, "application/fhir+json", plain, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(jwe, ".")
		if b, _ := base64.RawURLEncoding.DecodeString(first); string(b) != `{"alg":"dir","enc":"A256GCM","cty":"application/fhir+json"}` {
			t.Errorf("header %s", b)
		}
		if strings.ContainsAny(jwe, "=+/") {
			t.Error("not base64url without padding")
		}
		got, cty, err := jose.Decrypt(key, jwe)
		if err != nil || cty != "application/fhir+json" || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %q, %v", n, cty, err)
		}
	}
	if _, err := jose.Encrypt(key[:31], "x", nil, rand.Reader); !errors.Is(err, jose.ErrKey) {
		t.Errorf("short key: %v", err)
	}
	if _, err := jose.Encrypt(key, "", nil, rand.Reader); err == nil {
		t.Error("a JWE without cty was made")
	}
	if _, err := jose.Encrypt(key, "x", nil, strings.NewReader("short")); err == nil {
		t.Error("a JWE without a whole IV was made")
	}
}

// T39: no IV twice under one key.
func TestFreshIVs(t *testing.T) {
	n := 1_000_000
	if testing.Short() || raced || runtime.GOOS == "js" {
		n = 50_000
	}
	key, seen := example(t), make(map[string]bool, n)
	for range n {
		jwe, err := jose.Encrypt(key, "x", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		seen[strings.Split(jwe, ".")[2]] = true
	}
	if len(seen) != n {
		t.Errorf("%d IVs for %d encryptions", len(seen), n)
	}
}

func TestOursOpensWithGoJose(t *testing.T) {
	key, plain := example(t), []byte(`{"resourceType":"Bundle"}`)
	jwe, err := jose.Encrypt(key, "application/fhir+json", plain, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	obj, err := gojose.ParseEncryptedCompact(jwe, []gojose.KeyAlgorithm{gojose.DIRECT}, []gojose.ContentEncryption{gojose.A256GCM})
	if err != nil {
		t.Fatal(err)
	}
	got, err := obj.Decrypt(key)
	if err != nil || !bytes.Equal(got, plain) {
		t.Errorf("go-jose reads %q, %v", got, err)
	}
	if cty := obj.Header.ExtraHeaders["cty"]; cty != "application/fhir+json" {
		t.Errorf("go-jose reads cty %v", cty)
	}
}

func TestGoJosesOpensWithOurs(t *testing.T) {
	key, plain := example(t), bytes.Repeat([]byte(`{"resourceType":"Bundle"}`), 50)
	for _, zip := range []gojose.CompressionAlgorithm{gojose.NONE, gojose.DEFLATE} {
		opts := (&gojose.EncrypterOptions{Compression: zip}).WithContentType("application/fhir+json").WithHeader("kid", "1")
		e, err := gojose.NewEncrypter(gojose.A256GCM, gojose.Recipient{Algorithm: gojose.DIRECT, Key: key}, opts)
		if err != nil {
			t.Fatal(err)
		}
		obj, err := e.Encrypt(plain)
		if err != nil {
			t.Fatal(err)
		}
		jwe, err := obj.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		got, cty, err := jose.Decrypt(key, jwe)
		if err != nil || cty != "application/fhir+json" || !bytes.Equal(got, plain) {
			t.Errorf("zip %q: %d bytes, %q, %v", zip, len(got), cty, err)
		}
	}
}

// seal makes a JWE with any header, so that each rule can be broken alone.
func seal(t testing.TB, key []byte, header string, plain []byte) string {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	iv := make([]byte, 12)
	rand.Read(iv)
	enc := base64.RawURLEncoding
	first := enc.EncodeToString([]byte(header))
	ct := gcm.Seal(nil, iv, plain, []byte(first))
	return first + ".." + enc.EncodeToString(iv) + "." + enc.EncodeToString(ct[:len(ct)-16]) + "." + enc.EncodeToString(ct[len(ct)-16:])
}

func deflate(t testing.TB, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(plain)
	w.Close()
	return b.Bytes()
}

const (
	plainHeader = `{"alg":"dir","enc":"A256GCM","cty":"x"}`
	zipHeader   = `{"alg":"dir","enc":"A256GCM","zip":"DEF","cty":"x"}`
)

func TestDecryptAccepts(t *testing.T) {
	key, hello := example(t), []byte("hello, hello, hello")
	padded := func(jwe string) string {
		seg := strings.Split(jwe, ".")
		for _, i := range []int{2, 3, 4} {
			seg[i] += strings.Repeat("=", (4-len(seg[i])%4)%4)
		}
		return strings.Join(seg, ".")
	}
	paddedHeader := func() string { // the AAD is the segment as received, padding and all
		block, _ := aes.NewCipher(key)
		gcm, _ := cipher.NewGCM(block)
		iv := make([]byte, 12)
		first := base64.URLEncoding.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM" }`)) + "="
		ct := gcm.Seal(nil, iv, hello, []byte(first))
		enc := base64.RawURLEncoding
		return first + ".." + enc.EncodeToString(iv) + "." + enc.EncodeToString(ct[:len(ct)-16]) + "." + enc.EncodeToString(ct[len(ct)-16:])
	}
	for _, tt := range []struct{ name, jwe, cty string }{
		{"plain", seal(t, key, plainHeader, hello), "x"},
		{"any order, unknown members", seal(t, key, `{ "kid":"1", "enc":"A256GCM", "foo":{"a":[1]}, "alg":"dir" }`, hello), ""},
		{"zip", seal(t, key, zipHeader, deflate(t, hello)), "x"},
		{"padding", padded(seal(t, key, plainHeader, hello)), "x"},
		{"padding in the header", paddedHeader(), ""},
		{"white space around", "\n " + seal(t, key, plainHeader, hello) + "\r\n", "x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, cty, err := jose.Decrypt(key, tt.jwe)
			if err != nil || cty != tt.cty || !bytes.Equal(got, hello) {
				t.Errorf("Decrypt = %q, %q, %v", got, cty, err)
			}
		})
	}
}

func TestDecryptRefuses(t *testing.T) {
	key, hello := example(t), []byte("hello, hello, hello")
	good := seal(t, key, plainHeader, hello)
	seg := strings.Split(good, ".")
	with := func(i int, s string) string {
		c := append([]string(nil), seg...)
		c[i] = s
		return strings.Join(c, ".")
	}
	wrapped := func() []byte {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		w.Write(hello)
		w.Close()
		return b.Bytes()
	}()
	packed := deflate(t, hello)
	other := bytes.Repeat([]byte{7}, 32)
	for _, tt := range []struct {
		name, jwe string
		key       []byte
		want      error
	}{
		{"empty", "", key, jose.ErrMalformed},
		{"four segments", strings.Join(seg[:4], "."), key, jose.ErrMalformed},
		{"six segments", good + ".", key, jose.ErrMalformed},
		{"an encrypted key", with(1, "AA"), key, jose.ErrMalformed},
		{"a JWS", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA", key, jose.ErrMalformed},
		{"header no base64", with(0, "!!"), key, jose.ErrMalformed},
		{"header standard base64", with(0, "ey+/"), key, jose.ErrMalformed},
		{"header no JSON", seal(t, key, `{"alg":`, hello), key, jose.ErrMalformed},
		{"header null", seal(t, key, `null`, hello), key, jose.ErrMalformed},
		{"header array", seal(t, key, `[]`, hello), key, jose.ErrMalformed},
		{"alg no string", seal(t, key, `{"alg":1,"enc":"A256GCM"}`, hello), key, jose.ErrMalformed},
		{"other alg", seal(t, key, `{"alg":"A256KW","enc":"A256GCM"}`, hello), key, jose.ErrUnsupported},
		{"alg none", seal(t, key, `{"alg":"none","enc":"A256GCM"}`, hello), key, jose.ErrUnsupported},
		{"no alg", seal(t, key, `{"enc":"A256GCM"}`, hello), key, jose.ErrUnsupported},
		{"other enc", seal(t, key, `{"alg":"dir","enc":"A128GCM"}`, hello), key, jose.ErrUnsupported},
		{"crit", seal(t, key, `{"alg":"dir","enc":"A256GCM","crit":["exp"],"exp":1}`, hello), key, jose.ErrUnsupported},
		{"crit null", seal(t, key, `{"alg":"dir","enc":"A256GCM","crit":null}`, hello), key, jose.ErrUnsupported},
		{"other zip", seal(t, key, `{"alg":"dir","enc":"A256GCM","zip":"GZIP"}`, hello), key, jose.ErrUnsupported},
		{"empty zip", seal(t, key, `{"alg":"dir","enc":"A256GCM","zip":""}`, hello), key, jose.ErrUnsupported},
		{"short IV", with(2, seg[2][:12]), key, jose.ErrMalformed},
		{"no IV", with(2, ""), key, jose.ErrMalformed},
		{"short tag", with(4, seg[4][:20]), key, jose.ErrMalformed},
		{"no tag", with(4, ""), key, jose.ErrMalformed},
		{"line break inside", with(3, seg[3][:4]+"\n"+seg[3][4:]), key, jose.ErrMalformed},
		{"no ciphertext", with(3, ""), key, jose.ErrDecrypt},
		{"wrong key", good, other, jose.ErrDecrypt},
		{"short key", good, key[:16], jose.ErrKey},
		{"long key", good, append(bytes.Clone(key), 0), jose.ErrKey},
		{"zlib around deflate", seal(t, key, zipHeader, wrapped), key, jose.ErrMalformed},
		{"deflate cut short", seal(t, key, zipHeader, packed[:len(packed)-3]), key, jose.ErrMalformed},
		{"deflate and more", seal(t, key, zipHeader, append(bytes.Clone(packed), 0)), key, jose.ErrMalformed},
		{"zip of nothing", seal(t, key, zipHeader, nil), key, jose.ErrMalformed},
		{"not compressed", seal(t, key, zipHeader, hello), key, jose.ErrMalformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := jose.Decrypt(tt.key, tt.jwe)
			if !errors.Is(err, tt.want) || got != nil {
				t.Errorf("Decrypt = %q, %v; want %v", got, err, tt.want)
			}
		})
	}
	// Every character matters.
	for i := range good {
		for _, c := range []byte{'A', 'B', '-', '.'} {
			if b := []byte(good); b[i] != c {
				b[i] = c
				if _, _, err := jose.Decrypt(key, string(b)); err == nil {
					t.Fatalf("character %d changed to %q and it still opened", i, c)
				}
			}
		}
	}
}

// A valid bundle of 4,000 vital signs shrinks 31 times; go-jose refuses it.
func TestInflateTakesRealBundles(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for i := range 4000 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}]},"subject":{"reference":"Patient/1"},"effectiveDateTime":"2026-05-%02dT%02d:%02d:00+05:30","valueQuantity":{"value":%d,"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"},"note":[{"text":"measured at home, sitting, left arm, after five minutes of rest; device checked this year"}]}}`, i%28+1, i%24, i%60, 60+i%40)
	}
	b.WriteString(`]}`)
	packed := deflate(t, b.Bytes())
	if ratio := b.Len() / len(packed); ratio < 25 {
		t.Fatalf("the bundle shrinks only %d times", ratio)
	}
	got, _, err := jose.Decrypt(example(t), seal(t, example(t), zipHeader, packed))
	if err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("%d of %d bytes, %v", len(got), b.Len(), err)
	}
}

// T14: what a small JWE inflates to is bounded, and so is the memory it takes.
func TestBombs(t *testing.T) {
	bomb := func(n int) []byte {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, flate.BestCompression)
		zeros := make([]byte, 1<<20)
		for range n >> 20 {
			w.Write(zeros)
		}
		w.Close()
		return b.Bytes()
	}
	small := bomb(64 << 20)
	// Not so steep, but over 20 MB: half of each piece does not shrink.
	mixed := func() []byte {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, flate.BestSpeed)
		noise, zeros := make([]byte, 4000), make([]byte, 96_000)
		rand.Read(noise)
		for range 300 {
			rand.Read(noise)
			w.Write(noise)
			w.Write(zeros)
		}
		w.Close()
		return b.Bytes()
	}()
	for name, packed := range map[string][]byte{"ratio": small, "size": mixed} {
		jwe := seal(t, example(t), zipHeader, packed)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, _, err := jose.Decrypt(example(t), jwe)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, jose.ErrTooBig) {
			t.Errorf("%s: %v, want ErrTooBig", name, err)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
			t.Errorf("%s: %d MiB were allocated", name, grown>>20)
		}
		if grown := int64(after.HeapSys) - int64(before.HeapSys); name == "ratio" && grown > 32<<20 {
			t.Errorf("%s: the heap grew by %d MiB", name, grown>>20)
		}
	}
}

func FuzzDecrypt(f *testing.F) {
	key := example(f)
	f.Add(tv2(f))
	f.Add(seal(f, key, zipHeader, deflate(f, []byte("hello"))))
	f.Add(seal(f, key, `{"alg":"dir","enc":"A256GCM","crit":[]}`, []byte("x")))
	f.Add("....")
	f.Fuzz(func(t *testing.T, jwe string) {
		plain, cty, err := jose.Decrypt(key, jwe)
		if err != nil {
			if plain != nil {
				t.Error("a plaintext came with an error")
			}
			return
		}
		again, err := jose.Encrypt(key, cty+"x", plain, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := jose.Decrypt(key, again); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("what opened does not seal again: %v", err)
		}
	})
}

// The fuzzer can not make a tag, so what is under one is fuzzed with the key.
func FuzzInside(f *testing.F) {
	key := example(f)
	f.Add(zipHeader, deflate(f, []byte("hello")))
	f.Add(plainHeader, []byte("hello"))
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		plain, _, err := jose.Decrypt(key, seal(t, key, header, body))
		if err == nil && len(plain) > max(len(body), jose.MaxRatio*len(body)) {
			t.Errorf("%d bytes became %d", len(body), len(plain))
		}
		if err == nil && !json.Valid([]byte(header)) {
			t.Errorf("a header that is no JSON was taken: %q", header)
		}
	})
}

func BenchmarkJWE2MB(b *testing.B) {
	key, plain := example(b), bytes.Repeat([]byte("0123456789abcdef"), 125_000)
	jwe, err := jose.Encrypt(key, "x", plain, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encrypt", func(b *testing.B) {
		b.SetBytes(int64(len(plain)))
		for b.Loop() {
			if _, err := jose.Encrypt(key, "x", plain, rand.Reader); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decrypt", func(b *testing.B) {
		b.SetBytes(int64(len(plain)))
		for b.Loop() {
			if _, _, err := jose.Decrypt(key, jwe); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func ExampleDecrypt() {
	key := bytes.Repeat([]byte{1}, jose.KeySize)
	jwe, _ := jose.Encrypt(key, "application/fhir+json", []byte(`{"resourceType":"Bundle"}`), rand.Reader)
	plain, cty, err := jose.Decrypt(key, jwe)
	fmt.Println(string(plain), cty, err)
	// Output: {"resourceType":"Bundle"} application/fhir+json <nil>
}
