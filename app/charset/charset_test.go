package charset_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"potli/app/charset"
)

func TestUTF8(t *testing.T) {
	for name, c := range map[string]struct{ in, declared, want string }{
		"utf-8":                    {"Zoë", "", "Zoë"},
		"utf-8, mark":              {"\xef\xbb\xbfZoë", "iso-8859-1", "Zoë"},
		"utf-16le":                 {"\xff\xfeZ\x00o\x00\xeb\x00", "", "Zoë"},
		"utf-16be":                 {"\xfe\xff\x00Z\x00o\x00\xeb", "utf-16", "Zoë"},
		"utf-16le without a mark":  {"<\x00a\x00\xeb\x00", "", "<aë"},
		"utf-16be without a mark":  {"\x00<\x00a\x00\xeb", "", "<aë"},
		"utf-16, pair":             {"\xff\xfe\x3d\xd8\x00\xde", "", "😀"},
		"utf-16, half a unit":      {"\xff\xfea\x00b", "", "a"},
		"latin-1":                  {"Zo\xeb", "ISO-8859-1", "Zoë"},
		"windows-1252":             {"\x93Zo\xeb\x94 \x80", "windows-1252", "“Zoë” €"},
		"latin-1 that says utf-8":  {"Zo\xeb", "UTF-8", "Zoë"},
		"old text, nothing said":   {"Zo\xeb", "", "Zoë"},
		"utf-8 that says unknown":  {"Zoë", "koi8-r", "Zoë"},
		"says utf-16 and is utf-8": {"Zoë", "UTF-16", "Zoë"},
	} {
		if got, err := charset.UTF8([]byte(c.in), c.declared); string(got) != c.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, c.want)
		}
	}
	if _, err := charset.UTF8([]byte("\xc1"), "koi8-r"); !errors.Is(err, charset.ErrUnknown) {
		t.Errorf("unknown: %v", err)
	}
}

func FuzzUTF8(f *testing.F) {
	f.Add([]byte("\xff\xfea\x00"), "")
	f.Add([]byte("Zo\xeb"), "latin1")
	f.Fuzz(func(t *testing.T, b []byte, declared string) {
		if out, err := charset.UTF8(b, declared); err == nil && (!utf8.Valid(out) || len(out) > 3*len(b)+3) {
			t.Errorf("%q, %q: %q", b, declared, out)
		}
	})
}
