package locale_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"potli/app/locale"
)

func TestRuns(t *testing.T) {
	for _, test := range []struct {
		name, own, text string
		want            []locale.Run
	}{
		{"one language", "en", "Penicillin G, 500 mg", []locale.Run{{"Penicillin G, 500 mg", "en", 0}}},
		{"a medicine in a sentence", "hi", "दवा: Penicillin G लें।", []locale.Run{{"दवा: ", "hi", 0}, {"Penicillin G ", "en", 5}, {"लें।", "hi", 18}}},
		{"a number first", "hi", "12 mg", []locale.Run{{"12 mg", "en", 0}}},
		{"numbers alone", "ta", "120/80", []locale.Run{{"120/80", "ta", 0}}},
		{"a kindred language", "mr", "माहिती", []locale.Run{{"माहिती", "mr", 0}}},
		{"another kindred language", "as", "নাম Aarav", []locale.Run{{"নাম ", "as", 0}, {"Aarav", "en", 4}}},
		{"Hindi in English", "en", "Name: मीरा", []locale.Run{{"Name: ", "en", 0}, {"मीरा", "hi", 6}}},
		{"a language written in Latin", "fr", "œuvre", []locale.Run{{"œuvre", "fr", 0}}},
		{"Urdu", "ur", "نام Asha", []locale.Run{{"نام ", "ur", 0}, {"Asha", "en", 4}}},
		{"units of a browser", "en", "😷 mask दवा", []locale.Run{{"😷 mask ", "en", 0}, {"दवा", "hi", 8}}},
		{"nothing", "en", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := locale.Runs(test.text, test.own); !slices.Equal(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// TestRunsKeepAll: nothing of a long text is lost, nothing is spoken in one breath for minutes, and each run says where it
// stands.
func TestRunsKeepAll(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("Take one tablet after food. ", 40),
		strings.Repeat("word ", 400),
		strings.Repeat("खाने के बाद एक गोली लें। ", 40),
		strings.Repeat("बुखार में Paracetamol 500 mg 😷 लें। ", 30),
	} {
		var all strings.Builder
		coded := utf16.Encode([]rune(text))
		for _, r := range locale.Runs(text, "hi") {
			all.WriteString(r.Text)
			own := utf16.Encode([]rune(r.Text))
			if !slices.Equal(coded[r.At:r.At+len(own)], own) {
				t.Errorf("%q does not stand at %d", r.Text, r.At)
			}
			if n := len([]rune(r.Text)); n > 250 {
				t.Errorf("%d letters in one breath", n)
			}
		}
		if all.String() != text {
			t.Errorf("%.60q became %.60q", text, all.String())
		}
	}
}
