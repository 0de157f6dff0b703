package ui_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"potli/app/emergency"
	"potli/app/fhir"
	"potli/app/share"
	"potli/app/traffic"
	"potli/app/wallet"
)

// catalogue is key → texts: one, or the plural forms one and other.
type catalogue map[string][]string

func read(t *testing.T, tag string) catalogue {
	t.Helper()
	b, err := os.ReadFile("../../web/messages/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	c := catalogue{}
	for key, v := range raw {
		switch v := v.(type) {
		case string:
			c[key] = []string{v}
		case map[string]any:
			c[key] = []string{v["one"].(string), v["other"].(string)}
		}
	}
	return c
}

// holes are the arguments of a text, sorted; "n" may be left out ("once").
func holes(text string) string {
	var out []string
	for {
		_, rest, ok := strings.Cut(text, "{")
		if !ok {
			slices.Sort(out)
			return strings.Join(out, " ")
		}
		name, after, _ := strings.Cut(rest, "}")
		if name != "n" {
			out = append(out, name)
		}
		text = after
	}
}

// longest is how many words a sentence may have (L5). A translation of 20 English words may need more.
func longest(tag string) int {
	if tag == "en" || tag == "hi" {
		return 20
	}
	return 28
}

// TestTexts: nothing empty, no sentence that is too long, the plural forms of one message take the same arguments. That
// catalogues agree with one another is held by package locale.
func TestTexts(t *testing.T) {
	for _, o := range catalogues().Offered() {
		for key, texts := range read(t, o.Tag) {
			for _, text := range texts {
				if strings.TrimSpace(text) != text || text == "" {
					t.Errorf("%s %s: %q", o.Tag, key, text)
				}
				if holes(text) != holes(texts[0]) {
					t.Errorf("%s %s: forms take other arguments", o.Tag, key)
				}
				for _, sentence := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".?!।;:۔؟؛", r) }) {
					if n := len(strings.Fields(sentence)); n > longest(o.Tag) {
						t.Errorf("%s %s: %d words in %q", o.Tag, key, n, sentence)
					}
				}
			}
		}
	}
}

// TestTranslated: a text that is the same in Hindi and English was forgotten, or is a name or a pattern.
func TestTranslated(t *testing.T) {
	en, hi := read(t, "en"), read(t, "hi")
	for key, texts := range en {
		text := strings.Join(texts, "")
		letters := strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				return r
			}
			return -1
		}, stripHoles(text))
		if text == strings.Join(hi[key], "") && len(letters) > 3 {
			t.Errorf("%s is %q in both", key, text)
		}
	}
}

func stripHoles(s string) string {
	for {
		before, rest, ok := strings.Cut(s, "{")
		if !ok {
			return s
		}
		_, after, _ := strings.Cut(rest, "}")
		s = before + after
	}
}

// families are keys that are put together while the program runs: prefix, and where its names come from.
var families = []string{
	"kind.", "type.", "flag.", "state.", "source.", "preset.", "work.", "sensitive.", "opens.", "empty.", "month.", "looks.",
	"kin.", "paper.", "diary.", "role.", "bond.", "proof.", "colour.", "doubt.", "digit.", "law.", "rule.", "export.name.", "density.", "emergency.field.", "gender.", "health.kind.",
	"inbox.reason.", "inbox.fault.", "inbox.state.", "inbox.chip.", "inbox.known.", "inbox.same.", "left.reason.",
}

// TestNoKeyMissing: every key that the code says is in the catalogue.
func TestNoKeyMissing(t *testing.T) {
	en := read(t, "en")
	for _, key := range slices.Concat(fhir.Keys(), share.Keys(), said(t)) {
		if en[key] == nil {
			t.Errorf("no message for %s", key)
		}
	}
}

// TestNoKeyUnused: every message is said by somebody.
func TestNoKeyUnused(t *testing.T) {
	used := map[string]bool{}
	for _, key := range slices.Concat(fhir.Keys(), share.Keys(), literals(t, "."), literals(t, "../locale")) {
		used[key] = true
	}
	for key := range read(t, "en") {
		family := slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) })
		if !used[key] && !family {
			t.Errorf("nobody says %s", key)
		}
	}
}

// TestFamilies: the names that complete a family's prefix all have a message.
func TestFamilies(t *testing.T) {
	en := read(t, "en")
	names := map[string]string{
		"kind.":       "patient allergy condition medicine immunization result vital procedure visit careplan appointment document photo other",
		"state.":      "live paused expired revoked used-up locked pending-revoke shown",
		"state.text.": "live paused expired revoked used-up locked pending-revoke shown",
		"density.":    joined(wallet.Densities),

		"emergency.field.": joined(emergency.Fields),
		"source.":          "hand file paste camera link sample backup share screen health drop",
		"inbox.reason.":    joined(reasons), "inbox.fault.": joined(faults), "inbox.state.": joined(states), "inbox.chip.": joined(trusts), "inbox.known.": "scanned directory link", "inbox.same.": "wallet inbox",
		"preset.":      "counter link screen",
		"left.reason.": joined(traffic.Reasons),
		"health.kind.": "blood-pressure weight height temperature oxygen pulse resting-pulse glucose breaths peak-flow steps",
		"work.":        "import health export restore",
		"sensitive.":   "hiv mental reproductive substance",
		"opens.":       "opened passcode",
		"flag.":        "low high critical-low critical-high abnormal normal",
		"month.":       "1 2 3 4 5 6 7 8 9 10 11 12",
		"looks.":       "xml fhirxml zip docx doc heic gif tiff svg dicom exe utf16 rtf gzip video pair secret",
		"kin.":         joined(wallet.Kins),
		"bond.":        joined(wallet.Bonds),
		"proof.":       joined(wallet.Proofs),
		"paper.":       joined(wallet.PaperKinds),
		"colour.":      "0 1 2 3 4 5 6 7",
		"law.":         places(),
		"digit.":       "0 1 2 3 4 5 6 7 8 9",
		"role.":        "owner admin reader contact",
		"doubt.":       "abha-length abha-digit abha-address twin",
		"rule.":        strings.Join(share.Rules(), " "),
		"export.name.": "summary medicines vaccines full ips ktc originals csv",
		"empty.":       "nilknown notasked withheld unavailable notstarted closed",
	}
	for prefix, list := range names {
		for _, name := range strings.Fields(list) {
			if en[prefix+name] == nil {
				t.Errorf("no message for %s%s", prefix, name)
			}
		}
	}
}

func places() (list string) {
	for _, l := range wallet.Laws() {
		list += l.Place + " "
	}
	return list
}

func joined[T ~string](list []T) string {
	var out strings.Builder
	for _, s := range list {
		out.WriteString(string(s) + " ")
	}
	return out.String()
}

// said are the literals given to T and N.
func said(t *testing.T) (keys []string) {
	for _, f := range sources(t, ".") {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "T" || sel.Sel.Name == "N") {
				if lit, ok := call.Args[0].(*ast.BasicLit); ok {
					key, _ := strconv.Unquote(lit.Value)
					keys = append(keys, key)
				}
			}
			return true
		})
	}
	if len(keys) < 200 {
		t.Fatalf("only %d keys found: the test no longer sees the code", len(keys))
	}
	return keys
}

// literals are all strings of a package.
func literals(t *testing.T, dir string) (out []string) {
	for _, f := range sources(t, dir) {
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				s, _ := strconv.Unquote(lit.Value)
				out = append(out, s)
			}
			return true
		})
	}
	return out
}

// sources parses the files of a folder and the folders below it, tests left out.
func sources(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	out := map[string]*ast.File{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		out[path] = f
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var fset = token.NewFileSet()
