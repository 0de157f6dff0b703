package locale_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// For translators: go test ./app/locale -run TestCatalogues -v -lang ta
var one = flag.String("lang", "", "`tag` of the one language that TestCatalogues speaks of, line by line")

// web is where the words are; every folder with an en.json is a folder of catalogues.
const web = "../../web"

// ledger is web/messages/languages.json.
type ledger []struct {
	Tag, Name, English, Script, Dir, Font string
	Checked, Complete                     bool
}

func languages(t testing.TB) (l ledger) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(web, "messages", "languages.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// folders are those with catalogues.
func folders(t testing.TB) (out []string) {
	t.Helper()
	err := filepath.WalkDir(web, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if err == nil && d.Name() == "en.json" {
			out = append(out, filepath.ToSlash(filepath.Dir(p)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 8 {
		t.Fatalf("only %d folders of catalogues: the test no longer sees them", len(out))
	}
	return out
}

// texts is a catalogue laid flat: the way to each text, and the text. Plural forms end in /one and /other; in the clinic's
// page in .one and .other.
type texts map[string]string

// flat reads a catalogue; nil where there is none.
func flat(t testing.TB, folder, tag string) texts {
	t.Helper()
	b, err := os.ReadFile(path.Join(folder, tag+".json"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := lay(b)
	if err != nil {
		t.Fatalf("%s/%s.json: %v", folder, tag, err)
	}
	return out
}

func lay(catalogue []byte) (texts, error) {
	var all any
	if err := json.Unmarshal(catalogue, &all); err != nil {
		return nil, err
	}
	out := texts{}
	var walk func(way string, v any) error
	walk = func(way string, v any) error {
		switch v := v.(type) {
		case string:
			out[way] = v
		case map[string]any:
			for key, value := range v {
				if err := walk(strings.TrimPrefix(way+"/"+key, "/"), value); err != nil {
					return err
				}
			}
		case []any:
			for i, value := range v {
				if err := walk(fmt.Sprintf("%s/%d", way, i), value); err != nil {
					return err
				}
			}
		default:
			return fmt.Errorf("%s is no text", way)
		}
		return nil
	}
	return out, walk("", all)
}

// scripts are the letters of each language, as Unicode names them.
var scripts = map[string]*unicode.RangeTable{
	"Latn": unicode.Latin, "Deva": unicode.Devanagari, "Beng": unicode.Bengali, "Telu": unicode.Telugu, "Taml": unicode.Tamil, "Gujr": unicode.Gujarati,
	"Knda": unicode.Kannada, "Mlym": unicode.Malayalam, "Guru": unicode.Gurmukhi, "Orya": unicode.Oriya, "Arab": unicode.Arabic,
}

var (
	placeholder = regexp.MustCompile(`\{[\w-]+\}`)
	word        = regexp.MustCompile(`[A-Za-z]+`)
)

// faults says what is wrong with a catalogue beside the English one.
func faults(script string, en, got texts) (out []string) {
	for _, key := range slices.Sorted(maps.Keys(en)) {
		text, ok := got[key]
		if !ok {
			out = append(out, "missing: "+key+" | "+en[key])
			continue
		}
		for _, f := range wrong(script, key, en, text) {
			out = append(out, f+": "+key+" | "+en[key]+" | "+text)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := en[key]; !ok {
			out = append(out, "not in English: "+key+" | "+got[key])
		}
	}
	return out
}

// wrong says what is wrong with one text.
func wrong(script, key string, en texts, text string) (out []string) {
	source := en[key]
	if strings.TrimSpace(text) == "" {
		return []string{"empty"}
	}
	if strings.TrimSpace(text) != text && strings.TrimSpace(source) == source {
		out = append(out, "a space at an end")
	}
	if !agrees(key, en, text) {
		out = append(out, fmt.Sprintf("placeholders %v, want %v", holes(text), holes(source)))
	}
	if strings.ContainsAny(text, "<>") && !strings.ContainsAny(source, "<>") {
		out = append(out, "markup")
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Nd, r) && r > 0x7f }) {
		out = append(out, "digits are 0 to 9 in every language")
	}
	if strings.ContainsRune(text, 'র') && script == "as" || strings.ContainsAny(text, "ৰৱ") && script == "bn" {
		out = append(out, "a letter of the other language that has this script")
	}
	if isLeft(script, source, text) {
		out = append(out, "still English")
	}
	return out
}

// agrees: the placeholders of English, each as often. The form for one may say the number in a word, and where English does
// so, another language may write it, since its form is also used for 0.
func agrees(key string, en texts, text string) bool {
	got, want := holes(text), holes(en[key])
	if slices.Equal(got, want) {
		return true
	}
	many, ok := other(key, en)
	return ok && slices.Equal(withoutNumber(got), withoutNumber(want)) && slices.Equal(withoutNumber(got), withoutNumber(holes(many)))
}

// other is the English text of the form for many, where key is the form for one.
func other(key string, en texts) (string, bool) {
	for _, before := range []string{"/", "."} {
		if stem, isOne := strings.CutSuffix(key, before+"one"); isOne && en[stem+before+"other"] != "" {
			return en[stem+before+"other"], true
		}
	}
	return "", false
}

func holes(text string) []string {
	out := placeholder.FindAllString(text, -1)
	slices.Sort(out)
	return out
}

func withoutNumber(holes []string) []string {
	return slices.DeleteFunc(slices.Clone(holes), func(h string) bool { return h == "{n}" })
}

// isLeft: three words of Latin letters stay as they were, or the sentence has none of the letters of its language. What a
// standard calls a thing is a name.
func isLeft(script, source, text string) bool {
	if script == "Latn" {
		return false
	}
	said := strings.ReplaceAll(placeholder.ReplaceAllString(source, ""), "SMART Health Card", "")
	if len(word.FindAllString(said, -1)) < 3 {
		return false
	}
	own := strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(scripts[scriptOf(script)], r) })
	return text == source || !own
}

// scriptOf is the script of one; Bengali and Assamese are told apart by their tags.
func scriptOf(script string) string {
	if script == "bn" || script == "as" {
		return "Beng"
	}
	return script
}

// written is the script by which the rules above go.
func written(tag, script string) string {
	if script == "Beng" {
		return tag
	}
	return script
}

// TestCatalogues: what is marked complete has every text of every folder, and what has every text is marked complete; and
// no text that is there breaks a rule. With -lang it says all that is wrong with one language, and how much is left.
func TestCatalogues(t *testing.T) {
	for _, l := range languages(t) {
		if *one != "" && *one != l.Tag || l.Tag == "en" {
			continue
		}
		t.Run(l.Tag, func(t *testing.T) {
			missing, all := 0, 0
			for _, folder := range folders(t) {
				en, got := flat(t, folder, "en"), flat(t, folder, l.Tag)
				all += len(en)
				for _, f := range faults(written(l.Tag, l.Script), en, got) {
					isMissing := strings.HasPrefix(f, "missing: ")
					if isMissing {
						missing++
					}
					switch {
					case !isMissing || l.Complete:
						t.Errorf("%s/%s.json: %s", folder, l.Tag, f)
					case *one != "":
						t.Logf("%s/%s.json: %s", folder, l.Tag, f)
					}
				}
			}
			if missing == 0 && !l.Complete {
				t.Errorf("%s has every text: mark it complete in web/messages/languages.json", l.Tag)
			}
			t.Logf("%s: %d of %d texts", l.English, all-missing, all)
		})
	}
}

// TestEnglish: the catalogues that all others follow break no rule themselves.
func TestEnglish(t *testing.T) {
	for _, folder := range folders(t) {
		en := flat(t, folder, "en")
		for _, f := range faults("Latn", en, en) {
			t.Errorf("%s: %s", folder, f)
		}
		for key := range en {
			if at, isOne := strings.CutSuffix(key, "/one"); isOne && en[at+"/other"] == "" {
				t.Errorf("%s: %s has no other form", folder, at)
			}
			if at, isOther := strings.CutSuffix(key, "/other"); isOther && en[at+"/one"] == "" {
				t.Errorf("%s: %s has no form for one", folder, at)
			}
		}
	}
}

// TestLanguages: thirteen, each once, named in its own letters, with a direction that the words will have too, and with a
// font that is fetched where a device lacks them. Nothing else lies beside the catalogues.
func TestLanguages(t *testing.T) {
	var known []string
	for _, l := range languages(t) {
		known = append(known, l.Tag)
		if !strings.ContainsFunc(l.Name, func(r rune) bool { return unicode.Is(scripts[l.Script], r) }) || l.English == "" {
			t.Errorf("%s is called %q, %q", l.Tag, l.Name, l.English)
		}
		if got := small(t, l.Tag, `{}`).Dir(); got != l.Dir {
			t.Errorf("%s goes %s, and its words %s", l.Tag, l.Dir, got)
		}
		if (l.Font == "") != (l.Script == "Latn") {
			t.Errorf("%s has the font %q", l.Tag, l.Font)
		}
	}
	if !slices.Equal(known, []string{"en", "hi", "bn", "mr", "te", "ta", "gu", "kn", "ml", "pa", "or", "as", "ur"}) {
		t.Errorf("languages %v", known)
	}
	for _, folder := range folders(t) {
		files, err := filepath.Glob(path.Join(folder, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			tag := strings.TrimSuffix(filepath.Base(f), ".json")
			if !slices.Contains(known, tag) && tag != "languages" && tag != "terms" && tag != "index" {
				t.Errorf("%s is of no language", f)
			}
		}
	}
}

// TestFaults: what the test above is for is found by it.
func TestFaults(t *testing.T) {
	english := `{"a": "Ask {who} for {n} papers", "b": {"one": "One paper of {who}", "other": "{n} papers of {who}"}, "c.one": "{n} line", "c.other": "{n} lines", "d": {"t": ["On the way", "PDF"]}}`
	good := `{"a": "{who} से {n} काग़ज़ माँगें", "b": {"one": "{who} का {n} काग़ज़", "other": "{who} के {n} काग़ज़"}, "c.one": "{n} पंक्ति", "c.other": "{n} पंक्तियाँ", "d": {"t": ["रास्ते में", "PDF"]}}`
	en, err := lay([]byte(english))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ from, to, want string }{
		"nothing":             {"", "", ""},
		"a placeholder lost":  {"{who} से", "उनसे", "placeholders"},
		"one too many":        {"{n} पंक्तियाँ", "{n} पंक्तियाँ {who}", "placeholders"},
		"of the one form":     {"{who} का {n}", "{whose} का {n}", "placeholders"},
		"the number in words": {"{who} का {n}", "{who} का एक", ""},
		"English":             {"रास्ते में", "On the way", "still English"},
		"other English":       {"रास्ते में", "Under way now", "still English"},
		"digits":              {"{n} पंक्ति\"", "{n} पंक्ति १\"", "digits"},
		"markup":              {"रास्ते में", "रास्ते <b>में</b>", "markup"},
		"spaces":              {"रास्ते में", "रास्ते में ", "space"},
		"empty":               {"रास्ते में", "", "empty"},
		"a key gone":          {`"a": "{who} से {n} काग़ज़ माँगें", `, "", "missing: a"},
		"a form gone":         {`"one": "{who} का {n} काग़ज़", `, "", "missing: b/one"},
		"a key of its own":    {`"a":`, `"z": "क", "a":`, "not in English: z"},
	} {
		got, err := lay([]byte(strings.Replace(good, tt.from, tt.to, 1)))
		if err != nil {
			t.Fatal(err)
		}
		list := faults("Deva", en, got)
		if tt.want == "" && len(list) != 0 || tt.want != "" && (len(list) != 1 || !strings.Contains(list[0], tt.want)) {
			t.Errorf("%s: %q, want %q", name, list, tt.want)
		}
	}
}
