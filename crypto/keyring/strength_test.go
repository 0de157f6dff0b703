package keyring_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"potli/crypto/keyring"
)

// listWords reads the embedded list as it lies in the source.
func listWords(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile("words.txt")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(string(b)) {
		if w := strings.TrimSpace(line); !strings.HasPrefix(w, "#") {
			list = append(list, w)
		}
	}
	return list
}

// The EFF's file is "11111<tab>abacus" and so on; with the dice put back it must be theirs, byte for byte.
func TestWordListIsTheEFFs(t *testing.T) {
	list := listWords(t)
	if len(list) != 7776 {
		t.Fatalf("%d words, want 7,776", len(list))
	}
	var b strings.Builder
	for i, w := range list {
		dice := ""
		for n, j := i, 0; j < 5; j++ {
			dice = strconv.Itoa(n%6+1) + dice
			n /= 6
		}
		b.WriteString(dice + "\t" + w + "\n")
	}
	const want = "addd35536511597a02fa0a9ff1e5284677b8883b83e986e43f15a3db996b903e" // eff_large_wordlist.txt
	if sum := sha256.Sum256([]byte(b.String())); hex.EncodeToString(sum[:]) != want {
		t.Errorf("the list is not eff_large_wordlist.txt")
	}
}

func TestGeneratePassphraseIsUnbiased(t *testing.T) {
	// All 65,536 values of two bytes, in order: each word comes 8 times and 3,328 values are thrown away.
	var all bytes.Buffer
	for v := range 1 << 16 {
		all.Write([]byte{byte(v >> 8), byte(v)})
	}
	const kept = 8 * 7776
	phrase, err := keyring.GeneratePassphrase(&all, kept)
	if err != nil {
		t.Fatal(err)
	}
	count := make(map[string]int)
	for _, w := range strings.Split(strings.NewReplacer("yo-yo", "yo_yo", "t-shirt", "t_shirt", "felt-tip", "felt_tip", "drop-down", "drop_down").Replace(phrase), "-") {
		count[w]++
	}
	if len(count) != 7776 {
		t.Errorf("%d different words, want 7,776", len(count))
	}
	for w, n := range count {
		if n != 8 {
			t.Errorf("%q came %d times, want 8", w, n)
		}
	}
	if left := all.Len(); left != (1<<16-kept)*2 {
		t.Errorf("%d bytes left", left)
	}
	if _, err := keyring.GeneratePassphrase(&all, 1); err == nil {
		t.Error("values above the bound were used, or running dry was hidden")
	}
	if _, err := keyring.GeneratePassphrase(rand.Reader, 0); err == nil {
		t.Error("an empty passphrase was generated")
	}
}

func TestStrengthOfGenerated(t *testing.T) {
	for range 500 {
		p, err := keyring.GeneratePassphrase(rand.Reader, keyring.Words)
		if err != nil {
			t.Fatal(err)
		}
		if got := keyring.Strength(p); got < 64 {
			t.Errorf("Strength(%q) = %.1f, want 64 or more", p, got)
		}
		if got := keyring.Strength(p); got > 6*math.Log2(7776) {
			t.Errorf("Strength(%q) = %.1f, more than it has", p, got)
		}
	}
	// Every single word of the list is worth what it is, the four with a hyphen too.
	for _, w := range listWords(t) {
		p := "zodiac-" + w + "-zombie-abacus-zippy"
		want := 5 * 12.92
		if strings.Count(p, w) > 1 {
			want = 4*12.92 + 1
		}
		if got := keyring.Strength(p); math.Abs(got-want) > 0.01 {
			t.Errorf("Strength(%q) = %.2f, want %.2f", p, got, want)
		}
	}
}

func TestStrengthOfOwn(t *testing.T) {
	for _, tt := range []struct {
		phrase string
		enough bool
	}{
		{"", false},
		{"password123", false},
		{"Password123!", false},
		{"P@ssw0rd2024!", false},
		{"aaaaaaaaaaaaaaaaaaaa", false},
		{strings.Repeat("a", 500), false},
		{"correct horse", false},
		{"correct horse battery staple", false},
		{"abcdefghijklmnopqrstuvwxyz", false},
		{"qwertyuiopasdfghjklzxcvbnm1234567890", false},
		{"1234567890123456789012345678901234567890", false},
		{"abacus-abacus-abacus-abacus-abacus-abacus", false},
		{"abacus zebra abacus zebra abacus zebra abacus zebra", false},
		{"to be or not to be that is the question", false},
		{"i love my mother and my father", false},
		{"JaiShreeRam@108", false},
		{"Krishna1990", false},
		{"9876543210", false},
		{"rahul sharma 15081947", false},
		{"iloveyouiloveyouiloveyouiloveyou", false},
		{"----------------------------------------", false},
		{"!!!!!!!!!!!!!!!!!!!!!!!!!!", false},
		{"aAaAaAaAaAaAaAaAaAaAaAaA", false},
		{"zodiac-abacus-unfair-copious-tiling", true},
		{"Zodiac Abacus Unfair Copious Tiling", true},
		{"7 brown kettles sang; Ludwig missed the ferry to Alappuzha", true},
		{"xK9#mQ2$vL7@nR4!pT8&wZ", true},
		{"हमारी नानी की पोटली में पुराने सिक्के और एक नीली चिट्ठी", true},
	} {
		got := keyring.Strength(tt.phrase)
		if enough := got >= keyring.MinStrength; enough != tt.enough {
			t.Errorf("Strength(%q) = %.1f, enough is %v, want %v", tt.phrase, got, enough, tt.enough)
		}
		if got < 0 || math.IsNaN(got) || math.IsInf(got, 0) {
			t.Errorf("Strength(%q) = %v", tt.phrase, got)
		}
	}
}

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		"zodiac-abacus-unfair-copious":      "zodiac-abacus-unfair-copious",
		" Zodiac  abacus UNFAIR\tcopious\n": "zodiac-abacus-unfair-copious",
		"Zodiac, abacus, unfair, copious.":  "zodiac-abacus-unfair-copious",
		"yo yo abacus t-shirt Felt Tip":     "yo-yo-abacus-t-shirt-felt-tip",
		"zodiac abacus unfair":              "zodiac abacus unfair",          // too few to be a generated one
		"zodiac abacus unfair  kopious":     "zodiac abacus unfair  kopious", // not of the list: left alone
		"  My Own Phrase  ":                 "My Own Phrase",
		"":                                  "",
	} {
		got := keyring.Normalize(in)
		if got != want {
			t.Errorf("Normalize(%q) = %q, want %q", in, got, want)
		}
		if again := keyring.Normalize(got); again != got {
			t.Errorf("Normalize is not idempotent for %q", in)
		}
	}
}

func FuzzStrength(f *testing.F) {
	f.Add("password123")
	f.Add("हमारी-yo-yo\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := keyring.Strength(s)
		if got < 0 || math.IsNaN(got) || got > 8*float64(len(s)) {
			t.Errorf("Strength(%q) = %v", s, got)
		}
		n := keyring.Normalize(s)
		if keyring.Normalize(n) != n {
			t.Errorf("Normalize(%q) is not idempotent", s)
		}
	})
}
