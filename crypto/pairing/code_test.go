package pairing_test

import (
	"crypto/rand"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"potli/crypto/pairing"
)

func TestCode(t *testing.T) {
	for _, p := range []pairing.Purpose{pairing.Link, pairing.Invite} {
		code := must(pairing.NewCode(p, rand.Reader))
		text, typed := code.Text(), code.Typed()
		// What a QR code holds in its densest mode for text.
		if !regexp.MustCompile(`^POTLI-PAIR-1:[A-Z2-7]{56}$`).MatchString(text) {
			t.Errorf("text %q", text)
		}
		if !regexp.MustCompile(`^([A-Z2-7]{4} ){13}[A-Z2-7]{4}$`).MatchString(typed) {
			t.Errorf("typed %q", typed)
		}
		for name, s := range map[string]string{
			"as scanned":     text,
			"as typed":       typed,
			"lower case":     strings.ToLower(text),
			"spaces around":  "\n " + text + " \r\n",
			"with hyphens":   strings.ReplaceAll(typed, " ", "-"),
			"no spaces":      strings.ReplaceAll(typed, " ", ""),
			"lines":          strings.ReplaceAll(typed, " ", "\n"),
			"typed, prefix":  pairing.Prefix + " " + typed,
			"0 for O":        strings.ReplaceAll(typed, "O", "0"),
			"1 for I":        strings.ReplaceAll(typed, "I", "1"),
			"8 for B":        strings.ReplaceAll(typed, "B", "8"),
			"all of it":      strings.ToLower(strings.NewReplacer("O", "0", "I", "1", "B", "8").Replace(typed)),
			"no-break space": strings.ReplaceAll(typed, " ", "\u00a0"),
		} {
			if got, err := pairing.ParseCode(s); err != nil || got != code {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestNotACode(t *testing.T) {
	code := must(pairing.NewCode(pairing.Link, rand.Reader))
	text := code.Text()
	letters := strings.TrimPrefix(text, pairing.Prefix)
	flipped := []byte(text)
	flipped[30] = map[bool]byte{true: 'A', false: 'Q'}[flipped[30] == 'Q']
	swapped := []byte(letters)
	for i := range swapped[:len(swapped)-1] {
		if swapped[i] != swapped[i+1] {
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			break
		}
	}
	for name, tt := range map[string]struct {
		text string
		want error
	}{
		"empty":               {"", pairing.ErrNotCode},
		"the prefix alone":    {pairing.Prefix, pairing.ErrNotCode},
		"one letter wrong":    {string(flipped), pairing.ErrNotCode},
		"two letters swapped": {string(swapped), pairing.ErrNotCode},
		"one letter short":    {text[:len(text)-1], pairing.ErrNotCode},
		"one letter more":     {text + "A", pairing.ErrNotCode},
		"no letter of ours":   {strings.Replace(text, letters[:1], "9", 1), pairing.ErrNotCode},
		"padded":              {text + "====", pairing.ErrNotCode},
		"in a link":           {"https://potli.example/#" + text, pairing.ErrNotCode},
		"in a link's path":    {"https://potli.example/link/" + letters, pairing.ErrNotCode},
		"a health link":       {"shlink:/eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnIn0", pairing.ErrNotCode},
		"a later version":     {"POTLI-PAIR-2:" + letters, pairing.ErrVersion},
		"a later purpose":     {pairing.CodeOf('Z', [32]byte{1}).Text(), pairing.ErrVersion},
		"a strange purpose":   {pairing.CodeOf(0xff, [32]byte{1}).Text(), pairing.ErrVersion},
		"huge":                {text + strings.Repeat(" ", 1<<20), pairing.ErrNotCode},
		"words":               {strings.Repeat("correct horse ", 4), pairing.ErrNotCode},
	} {
		if _, err := pairing.ParseCode(tt.text); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

// T24: no camera app and no browser opens a code. By its syntax it could be an
// address of a scheme that nobody has registered; it names no host and no path.
func TestT24_CodeIsNoAddress(t *testing.T) {
	text := must(pairing.NewCode(pairing.Link, rand.Reader)).Text()
	if strings.ContainsAny(text, "/.?#@%&+ ") || strings.Count(text, ":") != 1 {
		t.Errorf("what addresses are made of is in %q", text)
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "potli-pair-1" || u.Host != "" || u.Path != "" {
		t.Errorf("read as an address: host %q, path %q, scheme %q, %v", u.Host, u.Path, u.Scheme, err)
	}
}

func FuzzParseCode(f *testing.F) {
	for _, p := range []pairing.Purpose{pairing.Link, pairing.Invite} {
		code := pairing.CodeOf(p, [32]byte{1, 2, 3})
		f.Add(code.Text())
		f.Add(code.Typed())
	}
	f.Add("POTLI-PAIR-2:AAAA")
	f.Add("https://potli.example/#POTLI-PAIR-1:AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		code, err := pairing.ParseCode(s)
		if err != nil {
			if !errors.Is(err, pairing.ErrNotCode) && !errors.Is(err, pairing.ErrVersion) {
				t.Errorf("error %v", err)
			}
			return
		}
		if again, err := pairing.ParseCode(code.Text()); err != nil || again != code {
			t.Error("what was read does not read again")
		}
	})
}
