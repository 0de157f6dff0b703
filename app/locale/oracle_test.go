package locale_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"potli/app/locale"
)

// tags are the languages of Potli.
var tags = []string{"en", "hi", "bn", "mr", "te", "ta", "gu", "kn", "ml", "pa", "or", "as", "ur"}

// ask runs a line of JavaScript for every language in Node, whose Intl has CLDR's data.
func ask[T any](t *testing.T, expression string) map[string]T {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("Node is not here (or cannot be started from here): CLDR's own data were not asked")
	}
	list, err := json.Marshal(tags)
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("const tags = %s, out = {}; for (const tag of tags) out[tag] = (%s)(tag); console.log(JSON.stringify(out))", list, expression)
	answer, err := exec.Command(node, "-e", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]T
	if err := json.Unmarshal(answer, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPluralsOfCLDR: of each language, every number from 0 to 200, and fractions with zeros at their end.
func TestPluralsOfCLDR(t *testing.T) {
	forms := ask[map[string]string](t, `tag => {
		const out = {}, of = (n, digits) => out[n.toFixed(digits)] = new Intl.PluralRules(tag, {minimumFractionDigits: digits}).select(n);
		for (let n = 0; n <= 200; n++) of(n, 0);
		for (const n of [1000, 100000, 1234567]) of(n, 0);
		for (const n of [0, 0.1, 0.5, 0.9, 1, 1.1, 1.5, 2, 10]) { of(n, 1); of(n, 2); }
		return out;
	}`)
	for _, tag := range tags {
		l := small(t, tag, `{"k": {"one": "one", "other": "other"}}`)
		if len(forms[tag]) < 200 {
			t.Fatalf("%s: %d answers", tag, len(forms[tag]))
		}
		for n, want := range forms[tag] {
			if got := l.T("k", "n", n); got != want {
				t.Errorf("%s: %s is %q, want %q", tag, n, got, want)
			}
		}
	}
}

// TestGroupsOfCLDR: long numbers are separated where the language does it with digits of its own; ours are Latin.
func TestGroupsOfCLDR(t *testing.T) {
	numbers := ask[map[string]string](t, `tag => {
		const latin = (n) => {
			let rest = String(n);
			return new Intl.NumberFormat(tag).formatToParts(n).filter(p => p.type === "integer").map(p => {
				const group = rest.slice(0, p.value.length);
				rest = rest.slice(p.value.length);
				return group;
			}).join(",");
		};
		return Object.fromEntries([0, 7, 999, 1000, 45678, 100000, 1234567, 9876543210].map(n => [n, latin(n)]));
	}`)
	for _, tag := range tags {
		l := small(t, tag, `{"k": "{n}"}`)
		for n, want := range numbers[tag] {
			number, err := strconv.Atoi(n)
			if err != nil {
				t.Fatal(err)
			}
			if got := l.Number(number); got != want || l.T("k", "n", n) != want {
				t.Errorf("%s: %s is %q, want %q", tag, n, got, want)
			}
		}
	}
}

// TestDecimalsOfCLDR: all these languages write fractions of Latin digits with a point, so that Bytes may.
func TestDecimalsOfCLDR(t *testing.T) {
	for tag, got := range ask[string](t, `tag => new Intl.NumberFormat(tag, {numberingSystem: "latn"}).format(2.4)`) {
		if got != "2.4" {
			t.Errorf("%s: %q", tag, got)
		}
	}
}

// TestMonthsOfCLDR: the months of every catalogue that is here are CLDR's.
func TestMonthsOfCLDR(t *testing.T) {
	months := ask[[]string](t, `tag => Array.from({length: 12}, (_, m) => new Intl.DateTimeFormat(tag, {month: "long", timeZone: "UTC"}).format(new Date(Date.UTC(2026, m, 5))))`)
	for _, tag := range tags {
		if !present(tag) {
			continue
		}
		l := load(t, tag)
		for i, want := range months[tag] {
			if got := l.T("month." + strconv.Itoa(i+1)); got != want {
				t.Errorf("%s: month %d is %q, want %q", tag, i+1, got, want)
			}
		}
	}
}

// names begin with what their script has that others have not: vowel signs before, above and around the letter, two
// letters made one, signs of their own.
var names = []struct{ word, first string }{
	{"Asha", "A"}, {"Élodie", "É"}, {"E\u0301lodie", "E\u0301"}, {"", ""},
	{"रीता", "री"}, {"श्रीराम", "श्री"}, {"किरण", "कि"}, {"अंजलि", "अं"}, {"ज्ञानेश्वर", "ज्ञा"}, {"ऋषि", "ऋ"}, {"ड़", "ड़"}, {"क्\u200cष", "क्\u200c"}, {"क्\u200dष", "क्\u200dष"},
	{"সৌরভ", "সৌ"}, {"শ্রীকান্ত", "শ্রী"}, {"য়", "য়"}, {"ৰঞ্জন", "ৰ"},
	{"ગીતા", "ગી"}, {"જ્યોતિ", "જ્યો"}, {"ଓଡ଼ିଆ", "ଓ"}, {"ଜ୍ୟୋତି", "ଜ୍ୟୋ"},
	{"తెలుగు", "తె"}, {"శ్రీనివాస్", "శ్రీ"}, {"മലയാളം", "മ"}, {"ശ്രീജ", "ശ്രീ"}, {"கௌரி", "கௌ"}, {"க்ரிஷ்", "க்"},
	{"اُردو", "اُ"}, {"آصف", "آ"}, {"ثناء", "ث"},
}

// ours are those that the Unicode rule would cut in two.
var ours = []struct{ word, first string }{{"ಶ್ರೀನಿವಾಸ", "ಶ್ರೀ"}, {"ਕ੍ਰਿਸ਼ਨ", "ਕ੍ਰਿ"}}

func TestFirstLetter(t *testing.T) {
	for _, n := range append(names[:len(names):len(names)], ours...) {
		if got := locale.FirstLetter(n.word); got != n.first {
			t.Errorf("%q begins with %q, want %q", n.word, got, n.first)
		}
	}
}

// TestFirstLetterOfUnicode: Node cuts the same names in the same place.
func TestFirstLetterOfUnicode(t *testing.T) {
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = n.word
	}
	list, err := json.Marshal(words)
	if err != nil {
		t.Fatal(err)
	}
	first := ask[[]string](t, `tag => `+string(list)+`.map(word => [...new Intl.Segmenter(tag, {granularity: "grapheme"}).segment(word)][0]?.segment ?? "")`)["en"]
	for i, want := range first {
		if got := locale.FirstLetter(words[i]); got != want {
			t.Errorf("%q begins with %q, want %q", words[i], got, want)
		}
	}
}

// FuzzFirstLetter: of any text it is a beginning, and of a text that is not empty it is not empty.
func FuzzFirstLetter(f *testing.F) {
	for _, n := range names {
		f.Add(n.word)
	}
	f.Add("\u094dक")
	f.Add("\xff\x94")
	f.Fuzz(func(t *testing.T, word string) {
		if got := locale.FirstLetter(word); !strings.HasPrefix(word, got) || (got == "") != (word == "") {
			t.Errorf("%q of %q", got, word)
		}
	})
}

func TestLists(t *testing.T) {
	en, hi := load(t, "en"), load(t, "hi")
	ur := small(t, "ur", `{"list.two": "{first} اور {last}", "list.end": "{first}، اور {last}", "list.middle": "{first}، {next}"}`)
	for _, tt := range []struct {
		l          *locale.Locale
		items      string
		list, line string
	}{
		{en, "", "", ""},
		{en, "A", "A", "A"},
		{en, "A B", "A and B", "A, B"},
		{en, "A B C D", "A, B, C and D", "A, B, C, D"},
		{hi, "A B C", "A, B और C", "A, B, C"},
		{ur, "A B C", "A، B، اور C", "A، B، C"},
		{en, "{next} {last} C", "{next}, {last} and C", "{next}, {last}, C"}, // what a record says is not filled again
	} {
		items := strings.Fields(tt.items)
		if got := tt.l.List(items); got != tt.list {
			t.Errorf("%s %s: got %q, want %q", tt.l.Tag(), tt.items, got, tt.list)
		}
		if got := tt.l.Comma(items); got != tt.line {
			t.Errorf("%s %s: got %q, want %q", tt.l.Tag(), tt.items, got, tt.line)
		}
	}
}
