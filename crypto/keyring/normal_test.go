package keyring_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"potli/crypto/keyring"
)

// The table of canonical decompositions, made once from those of the Go
// project's package, which are Unicode's.
func TestNormalFile(t *testing.T) {
	const file = "normal.txt"
	if _, err := os.Stat(file); *generate && os.IsNotExist(err) {
		os.WriteFile(file, []byte(normalTable()), 0o644)
	}
	b := must(os.ReadFile(file))(t)
	if lines := strings.Count(string(b), "\n"); lines < 2400 || strings.Count(string(b), "\n>") < 1000 || strings.Count(string(b), "\n=") < 900 {
		t.Errorf("%d lines", lines)
	}
}

func normalTable() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Canonical decompositions (= comes together again, > does not) and combining classes (c) of Unicode %s.\n", norm.Version)
	b.WriteString("# © Unicode, Inc., Unicode License v3. Hangul syllables are computed. Never made anew: see normal.go.\n")
	for c := rune(0); c <= 0x10FFFF; c++ {
		d := []rune(norm.NFD.String(string(c)))
		if c >= 0xAC00 && c <= 0xD7A3 || c >= 0xD800 && c <= 0xDFFF || len(d) == 1 && d[0] == c {
			continue
		}
		if norm.NFC.String(string(c)) != string(c) {
			fmt.Fprintf(&b, "> %x", c)
		} else {
			first := []rune(norm.NFC.String(string(d[:len(d)-1])))
			fmt.Fprintf(&b, "= %x", c)
			d = append(first, d[len(d)-1])
		}
		for _, r := range d {
			fmt.Fprintf(&b, " %x", r)
		}
		b.WriteString("\n")
	}
	for c := rune(0); c <= 0x10FFFF; c++ {
		k := class(c)
		last := c
		for k > 0 && class(last+1) == k {
			last++
		}
		if k > 0 {
			fmt.Fprintf(&b, "c %x %x %x\n", c, last, k)
			c = last
		}
	}
	return b.String()
}

func class(r rune) uint8 {
	if r > 0x10FFFF || len([]rune(norm.NFD.String(string(r)))) > 1 {
		return 0
	}
	return norm.NFD.PropertiesString(string(r)).CCC()
}

// What is the same word is the same passphrase, however it was typed.
func TestNormalizeUnicode(t *testing.T) {
	for _, tt := range []struct{ name, typed, want string }{
		{"accents", "cafe\u0301 na\u00efve", "café naïve"},
		{"Hindi, letters with a dot in one", "\u092a\u0922\u093c\u093e\u0908 \u0938\u0921\u093c\u0915", "\u092a\u0922\u093c\u093e\u0908 \u0938\u0921\u093c\u0915"},
		{"Hindi, the same from another keyboard", "\u092a\u095d\u093e\u0908 \u0938\u095c\u0915", "\u092a\u0922\u093c\u093e\u0908 \u0938\u0921\u093c\u0915"},
		{"Bengali vowel of two parts", "\u0995\u09c7\u09be", "\u0995\u09cb"},
		{"Tamil vowel of two parts", "\u0b95\u0bc6\u0bbe", "\u0b95\u0bca"},
		{"Gurmukhi", "\u0a5b", "\u0a1c\u0a3c"},
		{"marks in another order", "a\u0301\u0323", "\u1ea1\u0301"},
		{"Vietnamese", "e\u0302\u0301", "\u1ebf"},
		{"Korean", "\u1112\u1161\u11ab", "\ud55c"},
		{"a mark alone", "\u0301", "\u0301"},
		{"not text", "a\xffb\u0301", "a\ufffdb\u0301"},
		{"words of the list stay", "Abacus player zoom abdomen", "abacus-player-zoom-abdomen"},
	} {
		if got := keyring.Normalize(tt.typed); got != tt.want {
			t.Errorf("%s: %+q, want %+q", tt.name, got, tt.want)
		}
	}
}

// Every character of the table with marks after it, and every other alone, as the
// oracle has them.
func TestNormalizeLikeTheOracle(t *testing.T) {
	marks := []string{"", "\u0301", "\u0323\u0301", "\u0301\u0323", "\u093c", "\u09be", "\u0bbe", "\u0345", "\u1161", "\u11a8", "\u0338"}
	check := func(s string) {
		if got, want := keyring.Normalize(s), norm.NFC.String(s); got != want {
			t.Fatalf("%+q: %+q, want %+q", s, got, want)
		}
	}
	known := inTable(t)
	for c := range known {
		for _, m := range marks {
			check("x" + string(c) + m + "x")
		}
	}
	step := rune(1)
	if raced || runtime.GOOS == "js" || testing.Short() {
		step = 31
	}
	for c := rune(0x80); c <= 0x10FFFF; c += step {
		// An oracle of later years knows characters that ours leaves alone.
		if !known[c] && norm.NFD.IsNormalString(string(c)) {
			check("x" + string(c) + "x")
		}
	}
}

// inTable are all characters that the table has, and some Korean ones.
func inTable(t *testing.T) map[rune]bool {
	known := map[rune]bool{0xac00: true, 0xac01: true, 0xac1c: true, 0xd7a3: true, 0x1100: true, 0x1112: true}
	for line := range strings.Lines(string(must(os.ReadFile("normal.txt"))(t))) {
		if line[0] == '#' {
			continue
		}
		fields := strings.Fields(line[1:])
		if line[0] == 'c' {
			fields = fields[:2]
		}
		for _, f := range fields {
			known[rune(must(strconv.ParseUint(f, 16, 32))(t))] = true
		}
	}
	return known
}

func FuzzNormalize(f *testing.F) {
	f.Add("cafe\u0301")
	f.Add("\u095d \u0922\u093c")
	f.Add("\u1112\u1161\u11ab")
	f.Fuzz(func(t *testing.T, s string) {
		n := keyring.Normalize(s)
		if again := keyring.Normalize(n); again != n {
			t.Errorf("%+q becomes %+q and then %+q", s, n, again)
		}
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			if got := keyring.Normalize(form.String(s)); got != n && !slices.Contains([]rune(s), '\ufffd') {
				t.Errorf("%+q becomes %+q, and typed in another way %+q", s, n, got)
			}
		}
	})
}

// A passphrase of a person's own, set on one keyboard and typed on another; and
// one that an earlier release took as it was typed.
func TestUnlockUnicode(t *testing.T) {
	k := fresh(t)
	const set, typed = "\u092e\u0947\u0930\u0940 \u092c\u095c\u0940 \u0938\u095c\u0915", "\u092e\u0947\u0930\u0940 \u092c\u0921\u093c\u0940 \u0938\u0921\u093c\u0915"
	file := must(keyring.Lock(k, set, cheap))(t)
	if got, err := keyring.Unlock(file, " "+typed+"\n"); err != nil || !same(got, k) {
		t.Errorf("typed in another way: %v", err)
	}
	old := scryptSealed(t, must(k.Marshal())(t), set) // not normalised
	if got, err := keyring.Unlock(old, set); err != nil || !same(got, k) {
		t.Errorf("as an earlier release sealed it: %v", err)
	}
}
