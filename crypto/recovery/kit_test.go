package recovery_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"

	"potli/crypto/recovery"
)

// kitOf makes the kit of a seed: the same one whenever the tests run.
func kitOf(t testing.TB, seed string) *recovery.Kit {
	t.Helper()
	secret := sha256.Sum256([]byte(seed))
	k, err := recovery.New(bytes.NewReader(secret[:]))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestNew(t *testing.T) {
	k := kitOf(t, "a")
	if len(k.Words()) != 24 || len(k.Code()) != 77 || k.Code() != strings.ToUpper(k.Code()) {
		t.Errorf("%d words, %d characters", len(k.Words()), len(k.Code()))
	}
	if !k.Is(k.Recipient()) || k.Is(kitOf(t, "b").Recipient()) || k.Is(nil) {
		t.Error("a kit does not know its own recipient")
	}
	if _, err := recovery.New(strings.NewReader("too little")); err == nil {
		t.Error("a kit was made from ten bytes")
	}
	if _, err := recovery.New(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("no randomness: %v", err)
	}
}

// age's identity is the 32 bytes, and the words are they too: all three ways to
// write a kit lead to the same key.
func TestEveryFormIsTheSameKey(t *testing.T) {
	for i := range 50 {
		k := kitOf(t, fmt.Sprint("kit ", i))
		for name, text := range map[string]string{
			"words": strings.Join(k.Words(), " "), "code": k.Code(), "text": k.Text(), "a text with notes": k.Text("Meena", "22 November 2026"),
		} {
			got, err := recovery.Parse(text)
			if err != nil || got.Code() != k.Code() || !got.Is(k.Recipient()) {
				t.Fatalf("%s: %v", name, err)
			}
		}
		id, err := age.ParseHybridIdentity(k.Code())
		if err != nil || id.String() != k.Identity().String() {
			t.Fatal("age reads another identity")
		}
	}
}

// The vectors of the reference implementation for 256 bits (trezor/python-mnemonic, vectors.json).
func TestVectorsOfBIP39(t *testing.T) {
	repeat := func(unit string, n int, last string) string { return strings.Repeat(unit+" ", n) + last }
	for entropy, want := range map[string]string{
		strings.Repeat("00", 32): repeat("abandon", 23, "art"),
		strings.Repeat("ff", 32): repeat("zoo", 23, "vote"),
		strings.Repeat("7f", 32): repeat("legal winner thank year wave sausage worth useful", 2, "legal winner thank year wave sausage worth title"),
		strings.Repeat("80", 32): repeat("letter advice cage absurd amount doctor acoustic avoid", 2, "letter advice cage absurd amount doctor acoustic bless"),
		"68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c": "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length",
		"9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863": "panda eyebrow bullet gorilla call smoke muffin taste mesh discover soft ostrich alcohol speed nation flash devote level hobby quick inner drive ghost inside",
		"066dca1a2bb7e8a1db2832148ce9933eea0f3ac9548d793112d9a95c9407efad": "all hour make first leader extend hole alien behind guard gospel lava path output census museum junior mass reopen famous sing advance salt reform",
		"f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f": "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold",
	} {
		secret, err := hex.DecodeString(entropy)
		if err != nil {
			t.Fatal(err)
		}
		k, err := recovery.New(bytes.NewReader(secret))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(k.Words(), " "); got != want {
			t.Errorf("%s: %s", entropy, got)
		}
		if back, err := recovery.Parse(want); err != nil || back.Code() != k.Code() {
			t.Errorf("%s does not read back: %v", entropy, err)
		}
	}
}

// The list is that of the standard, byte for byte, and what we rely on is true of it.
func TestWordListIsBIP39s(t *testing.T) {
	b, err := os.ReadFile("words.txt")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(string(b)) {
		if !strings.HasPrefix(line, "#") {
			list = append(list, strings.TrimSuffix(line, "\n"))
		}
	}
	const want = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda" // english.txt
	if sum := sha256.Sum256([]byte(strings.Join(list, "\n") + "\n")); hex.EncodeToString(sum[:]) != want {
		t.Error("the list is not english.txt")
	}
	begins := make(map[string]bool)
	for _, w := range list {
		begins[w[:min(len(w), 4)]] = true
	}
	if len(list) != 2048 || len(begins) != 2048 || !slices.IsSorted(list) {
		t.Errorf("%d words, %d beginnings of four letters", len(list), len(begins))
	}
}

func TestParseForgives(t *testing.T) {
	k := kitOf(t, "forgiving")
	w := k.Words()
	each := func(f func(i int, word string) string) string {
		var b strings.Builder
		for i, word := range w {
			b.WriteString(f(i, word))
		}
		return b.String()
	}
	code := k.Code()
	for name, text := range map[string]string{
		"capitals":              strings.ToUpper(strings.Join(w, " ")),
		"a word a line":         strings.Join(w, "\r\n") + "\r\n",
		"hyphens":               strings.Join(w, "-"),
		"commas":                strings.Join(w, ","),
		"hard spaces":           strings.Join(w, "\u00a0"),
		"nothing but numbers":   each(func(i int, word string) string { return fmt.Sprintf("%d%s", i+1, word) }),
		"numbered":              each(func(i int, word string) string { return fmt.Sprintf("%2d. %s\n", i+1, word) }),
		"numbered in Hindi":     each(func(i int, word string) string { return fmt.Sprintf("%c) %s  ", '०'+i%10, word) }),
		"four letters":          each(func(_ int, word string) string { return word[:min(4, len(word))] + " " }),
		"five letters":          each(func(_ int, word string) string { return word[:min(5, len(word))] + " " }),
		"byte order mark":       "\ufeff" + strings.Join(w, " "),
		"comments around":       "# my kit\n" + strings.Join(w, " ") + "\n# the end\n",
		"key in lower case":     strings.ToLower(code),
		"key in pieces":         " " + code[:30] + "\n  " + code[30:31] + "\t" + code[31:] + "\n\n",
		"key with other dashes": strings.ReplaceAll(code, "-", "‑"),
		"key with a soft break": code[:40] + "\u200b" + code[40:] + "\u2060",
		"key in a Windows file": strings.ReplaceAll(k.Text(), "\n", "\r\n"),
		"key after a mark":      "\ufeff" + k.Text(),
	} {
		if got, err := recovery.Parse(text); err != nil || got.Code() != code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	k := kitOf(t, "refusing")
	w, code := k.Words(), k.Code()
	with := func(at int, word string) string {
		changed := slices.Clone(w)
		changed[at-1] = word
		return strings.Join(changed, " ")
	}
	flipped := []byte(code)
	flipped[40] = map[bool]byte{true: 'P', false: 'Q'}[flipped[40] == 'Q']
	x25519, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text string
		want       error
	}{
		{"empty", "", recovery.ErrNotKit},
		{"comments only", "# hello\n#\n", recovery.ErrNotKit},
		{"numbers only", "1 2 3", recovery.ErrNotKit},
		{"another text", "Dear Meena, the reports have come and we saw them with Dr Sen on Monday.", recovery.ErrNotKit},
		{"words of another list", "abacus-player-zoom-abdomen-abdominal-abide", recovery.ErrNotKit},
		{"Hindi", strings.Repeat("नमस्ते ", 24), recovery.ErrNotKit},
		{"huge", strings.Repeat("abandon ", 1<<14), recovery.ErrNotKit},
		{"one word", "abandon", recovery.ErrWordCount},
		{"23 words", strings.Join(w[:23], " "), recovery.ErrWordCount},
		{"25 words", strings.Join(w, " ") + " abandon", recovery.ErrWordCount},
		{"the words twice", strings.Join(w, " ") + "\n" + strings.Join(w, " "), recovery.ErrWordCount},
		{"three letters", with(3, "aba"), recovery.ErrUnknownWord},
		{"wrong after four letters", with(3, "abandom"), recovery.ErrUnknownWord},
		{"longer than the word", with(3, "abandoned"), recovery.ErrUnknownWord},
		{"a letter with an accent", with(3, "ábandon"), recovery.ErrUnknownWord},
		{"a word of the wallet's own list", with(24, "abacus"), recovery.ErrUnknownWord},
		{"key: a character wrong", string(flipped), recovery.ErrMistyped},
		{"key: a character short", code[:76], recovery.ErrMistyped},
		{"key: a character more", code + "Q", recovery.ErrMistyped},
		{"key: twice", code + "\n" + code, recovery.ErrMistyped},
		{"key: cut off", "AGE-SECRET-KEY-PQ-1", recovery.ErrMistyped},
		{"key: with something behind", code + " (kit)", recovery.ErrMistyped},
		{"key of an older kind", x25519.String(), recovery.ErrNotKit},
		{"a recipient", k.Recipient().String(), recovery.ErrNotKit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := recovery.Parse(tt.text)
			if !errors.Is(err, tt.want) {
				t.Fatalf("Parse = %v, want %v", err, tt.want)
			}
			for _, secret := range append([]string{code[20:40], x25519.String()[20:40], "abandom", "abacus"}, w...) {
				if strings.Contains(" "+err.Error()+" ", " "+secret+" ") {
					t.Errorf("the error shows what was typed: %v", err)
				}
			}
		})
	}
}

// Which words are wrong is said by their numbers.
func TestParseNamesTheWords(t *testing.T) {
	w := kitOf(t, "places").Words()
	w[2], w[16], w[23] = "recieve", "नमस्ते", "x"
	_, err := recovery.Parse(strings.Join(w, " "))
	var wrong *recovery.WordError
	if !errors.As(err, &wrong) || !slices.Equal(wrong.Places, []int{3, 17, 24}) {
		t.Errorf("Parse = %v", err)
	}
}

// A word of the list in the wrong place is found by the checksum, in 255 of 256
// cases, which is what eight bits can do.
func TestChecksum(t *testing.T) {
	k := kitOf(t, "checksum")
	wrong, missed := 0, 0
	for at := range 24 {
		for _, word := range kitOf(t, "other words").Words() {
			w := k.Words()
			if w[at] == word {
				continue
			}
			w[at] = word
			wrong++
			if _, err := recovery.Parse(strings.Join(w, " ")); err == nil {
				missed++
			} else if !errors.Is(err, recovery.ErrChecksum) {
				t.Fatalf("Parse = %v, want ErrChecksum", err)
			}
		}
	}
	if missed*64 > wrong {
		t.Errorf("%d of %d wrong words were not found", missed, wrong)
	}
	w := k.Words()
	w[4], w[5] = w[5], w[4]
	if _, err := recovery.Parse(strings.Join(w, " ")); !errors.Is(err, recovery.ErrChecksum) {
		t.Errorf("two words swapped: %v", err)
	}
}

// What Potli wrote before there were kits is read too.
func TestParseReadsOldTexts(t *testing.T) {
	old, err := os.ReadFile("../keyring/testdata/recovery.txt")
	if err != nil {
		t.Fatal(err)
	}
	k, err := recovery.Parse(string(old))
	if err != nil || !strings.Contains(string(old), k.Code()) {
		t.Errorf("Parse = %v", err)
	}
}

// No name in a note can write a line of its own into the file.
func TestTextNotes(t *testing.T) {
	k, other := kitOf(t, "notes"), kitOf(t, "intruder")
	evil := []string{"Meena\n" + other.Code(), "Ravi\r" + other.Code(), "\u2028" + other.Code(), "\x00\x1b[2J", strings.Repeat("é", 5000), ""}
	text := k.Text(evil...)
	ids, err := age.ParseIdentities(strings.NewReader(text))
	if err != nil || len(ids) != 1 || ids[0].(*age.HybridIdentity).String() != k.Code() {
		t.Fatalf("%d identities, %v", len(ids), err)
	}
	if got, err := recovery.Parse(text); err != nil || got.Code() != k.Code() {
		t.Errorf("Parse: %v", err)
	}
	if lines := strings.Count(text, "\n"); lines != len(evil)+1 || len(text) > 4096 {
		t.Errorf("%d lines, %d bytes", lines, len(text))
	}
}

func TestKitsAreNotLogged(t *testing.T) {
	k := kitOf(t, "log")
	q, err := k.Quiz(strings.NewReader("\x00\x01\x02"))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		for _, v := range []any{k, *k, []*recovery.Kit{k}, q, *q, map[string]any{"kit": *k, "quiz": *q}} {
			out := fmt.Sprintf(verb, v)
			if strings.Contains(out, "SECRET") || strings.Contains(out, k.Words()[0]) || strings.Contains(out, "[") && len(out) > 120 || len(out) > 160 {
				t.Errorf("%s of %T shows a secret", verb, v)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	k := kitOf(f, "fuzz")
	f.Add(k.Text())
	f.Add(strings.Join(k.Words(), " "))
	f.Add("1. " + strings.Join(k.Words(), "\n2. "))
	f.Add("age-secret-key-pq-1")
	f.Add(strings.Repeat("zoo ", 24))
	f.Fuzz(func(t *testing.T, s string) {
		k, err := recovery.Parse(s)
		if err != nil {
			if strings.Contains(err.Error(), "SECRET") {
				t.Error("the error shows the key")
			}
			return
		}
		for _, form := range []string{k.Text(), k.Code(), strings.Join(k.Words(), " ")} {
			if again, err := recovery.Parse(form); err != nil || again.Code() != k.Code() {
				t.Error("what was read does not read again")
			}
		}
	})
}

func ExampleParse() {
	words := "1 abandon 2 abandon " + strings.Repeat("ABAN, ", 21) + "24. art"
	kit, err := recovery.Parse(words)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(kit.Code())
	_, err = recovery.Parse(strings.Replace(words, "art", "artt", 1))
	fmt.Println(err)
	// Output: AGE-SECRET-KEY-PQ-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQAE0WQE
	// not a word of the list: at [24]
}
