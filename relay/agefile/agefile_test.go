package agefile_test

import (
	"strings"
	"testing"

	"potli/relay/agefile"
)

const mac = "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

// header has one stanza of one word.
const header = "age-encryption.org/v1\n-> x\n\n" + mac

func TestMeasure(t *testing.T) {
	const chunk = 64 << 10
	for _, tt := range []struct{ payload, plain int }{
		{-1, 0}, {0, 0}, {16, 0}, {32, 0}, {33, 1}, {16 + chunk + 16, chunk},
		{16 + chunk + 17, 0}, {16 + chunk + 32, 0}, // a last chunk without a byte
		{16 + chunk + 33, chunk + 1}, {16 + 3*(chunk+16), 3 * chunk},
	} {
		h, n, ok := agefile.Measure([]byte(header), len(header)+tt.payload)
		if ok != (tt.plain > 0) || ok && (n != tt.plain || h != len(header)) {
			t.Errorf("%d bytes after the header: %d, %d, %v, want %d", tt.payload, h, n, ok, tt.plain)
		}
	}
	line := strings.Repeat("A", 64) + "\n"
	for text, want := range map[string]bool{
		header: true,
		"age-encryption.org/v1\n-> a b `~!\n" + line + "AAAA\n-> c\n" + line + "\n" + mac: true,
		"age-encryption.org/v1\n" + strings.Repeat("-> x\n\n", 4) + mac:                   true,
		"age-encryption.org/v1\n" + strings.Repeat("-> x\n\n", 5) + mac:                   false,
		"age-encryption.org/v1\n" + mac:                                                   false, // nobody
		"age-encryption.org/v1\n->x\n\n" + mac:                                            false,
		"age-encryption.org/v1\n-> \n\n" + mac:                                            false,
		"age-encryption.org/v1\n-> é\n\n" + mac:                                           false,
		"age-encryption.org/v1\n-> x\n" + line + mac:                                      false, // the body has no end
		"age-encryption.org/v1\n-> x\nA\n" + mac:                                          false, // no whole byte
		"age-encryption.org/v1\n-> x\n-_-_\n" + mac:                                       false,
		"age-encryption.org/v1\r\n-> x\n\n" + mac:                                         false,
		"age-encryption.org/v1\n-> x\n\n" + strings.TrimSuffix(mac, "\n"):                 false,
		"": false,
	} {
		if _, n, ok := agefile.Measure([]byte(text), len(text)+16+100+16); ok != want || ok && n != 100 {
			t.Errorf("%q: %d, %v, want %v", text, n, ok, want)
		}
	}
}

func FuzzMeasure(f *testing.F) {
	f.Add([]byte(header+strings.Repeat("\xff", 200)), 500)
	f.Add([]byte(header), -5)
	f.Fuzz(func(t *testing.T, first []byte, more int) {
		if more < 0 || more > 1<<40 {
			return
		}
		size := len(first) + more
		h, n, ok := agefile.Measure(first, size)
		if !ok {
			return
		}
		chunks := (n + 64<<10 - 1) / (64 << 10)
		if n < 1 || h > len(first) || first[h-1] != '\n' || h+16+n+16*chunks != size {
			t.Errorf("%d bytes: header %d, plaintext %d", size, h, n)
		}
	})
}
