package fhir_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"potli/app/fhir"
)

// sharedData finds the folder of real documents beside the project.
func sharedData(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Skip("no working folder: the real documents cannot be looked for")
	}
	for range 8 {
		if at := filepath.Join(dir, "shared", "data"); isDir(at) {
			return at
		}
		dir = filepath.Dir(dir)
	}
	t.Skip("the folder shared/data with real documents is not beside the project")
	return ""
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// ours are the synthetic documents of the project.
func ours(t testing.TB) map[string][]byte {
	out := map[string][]byte{}
	for _, pattern := range []string{"testdata/*.json", "../../web/sample/*.json"} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if b[0] == '{' && bytes.Contains(b, []byte(`"resourceType"`)) {
				out[filepath.Base(name)] = b
			}
		}
	}
	if len(out) < 8 {
		t.Fatalf("only %d documents of our own", len(out))
	}
	return out
}

// documents are all FHIR files there, and our own.
func documents(t testing.TB) map[string][]byte {
	out := ours(t)
	collect := func(root string) {
		filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
				return nil
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte(`"resourceType"`)) && !bytes.Contains(b, []byte(`"verifiableCredential"`)) && !bytes.Contains(b, []byte(`"vc"`)) {
				out[strings.TrimPrefix(path, root+"/")] = b
			}
			return nil
		})
	}
	collect(sharedData(t))
	return out
}

// TestLosslessOurs needs no files from outside.
func TestLosslessOurs(t *testing.T) {
	for name, b := range ours(t) {
		t.Run(name, func(t *testing.T) { checkLossless(t, b) })
	}
}

// TestLossless: every string and number of every resource can be read in its
// view, but for what noise lists.
func TestLossless(t *testing.T) {
	docs := documents(t)
	if len(docs) < 40 {
		t.Fatalf("only %d documents", len(docs))
	}
	for name, b := range docs {
		t.Run(name, func(t *testing.T) { checkLossless(t, b) })
	}
}

func checkLossless(t *testing.T, b []byte) {
	t.Helper()
	f, err := fhir.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	d := f.Document()
	if len(d.Views) != len(f.Entries) {
		t.Fatalf("%d views of %d entries", len(d.Views), len(f.Entries))
	}
	faults := 0
	for i, v := range d.Views {
		said := everything(t, f, v)
		if v.Type == "Composition" {
			for _, s := range d.Sections {
				said.add(s.Title, s.Code, s.Empty, fhir.NarrativeText(s.Narrative))
			}
		}
		var r any
		dec := json.NewDecoder(bytes.NewReader(f.Entries[i].Raw))
		dec.UseNumber()
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		leaves(r, nil, func(path []string, parent map[string]any, leaf string) {
			if noise(path, parent, leaf) || said.has(leaf, path) {
				return
			}
			if faults++; faults < 20 {
				t.Errorf("entry %d %s: %s = %.80q is not shown", i, v.Type, strings.Join(path, "."), leaf)
			}
		})
	}
}

func leaves(v any, path []string, f func(path []string, parent map[string]any, leaf string)) {
	var walk func(v any, path []string, parent map[string]any)
	walk = func(v any, path []string, parent map[string]any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				walk(x, append(path[:len(path):len(path)], k), v)
			}
		case []any:
			for _, x := range v {
				walk(x, path, parent)
			}
		case string:
			f(path, parent, v)
		case json.Number:
			f(path, parent, v.String())
		}
	}
	walk(v, path, nil)
}

// noise is the whole list of what is not shown: names for machines and where
// names come from.
func noise(path []string, parent map[string]any, leaf string) bool {
	at := func(n int) string {
		if len(path) < n {
			return ""
		}
		return path[len(path)-n]
	}
	name, in := at(1), at(2)
	_, shownReference := parent["display"]
	switch {
	case strings.TrimSpace(strings.Map(visible, leaf)) == "":
		return true
	case name == "id", name == "resourceType", name == "implicitRules":
		return true
	case len(path) >= 2 && path[0] == "meta" && path[1] != "security" && path[1] != "tag":
		return true
	case name == "reference": // resolved to a link, or a dead id beside its words
		return true
	case name == "type" && parent["reference"] != nil && !shownReference:
		return true
	case in == "text" && name == "status", strings.Contains(strings.Join(path, "."), "text.extension"): // where a passage belongs
		return true
	case name == "url" && (in == "extension" || in == "modifierExtension"): // its last step is the label
		return true
	case in == "coding" && (name == "version" || name == "system"):
		return true
	case name == "system" && (in == "identifier" || parent["code"] != nil || parent["value"] != nil):
		return true
	case name == "data" && (parent["contentType"] != nil || parent["sigFormat"] != nil): // read through File.Attachment
		return true
	case in == "identifier" && name == "value" && strings.Contains(fmt.Sprint(parent["type"]), "ADN"): // shown masked
		return true
	case name == "linkId":
		return true
	case name == "use" && (leaf == "official" || leaf == "usual"):
		return true
	case name == "sequence" && strings.HasPrefix(in, "dosage"):
		return true
	}
	return false
}

func visible(r rune) rune {
	if unicode.IsControl(r) || r >= 0x202a && r <= 0x202e {
		return -1
	}
	return r
}

// words is all a person can read in a view.
type words struct{ folded string }

func (w *words) add(s ...string) { w.folded += fold(strings.Join(s, "\n")) + "\n" }

// fold leaves out what presentation may change: case, white space, the commas
// of an address, the "-" of codes that became words.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r = visible(r); unicode.IsSpace(r) || r == -1 || r == '-' || r == ',' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func (w *words) has(leaf string, path []string) bool {
	if path[len(path)-1] == "div" {
		return w.hasWords(fhir.NarrativeText(fhir.Narrative(leaf))) && w.hasWords(textOf(leaf))
	}
	if strings.Contains(w.folded, fold(leaf)) {
		return true
	}
	return len(leaf) == 1 || unitWords[leaf] && strings.HasSuffix(strings.ToLower(path[len(path)-1]), "unit") || unitWords[leaf] && path[len(path)-1] == "code"
}

// flagCodes are the interpretation codes a flag stands for.
var flagCodes = map[string]string{"critical-high": "HH", "critical-low": "LL", "critical": "AA"}

// unitWords are units that stand in a message key: dose.per.d.
var unitWords = map[string]bool{"days": true, "weeks": true, "s": true, "min": true, "h": true, "d": true, "wk": true, "mo": true, "a": true}

func (w *words) hasWords(text string) bool {
	for _, word := range strings.Fields(text) {
		if !strings.Contains(w.folded, fold(word)) {
			return false
		}
	}
	return true
}

// textOf takes tags out in the simplest way there is, as a check on the
// reducer by something that shares no code with it.
func textOf(xhtml string) string {
	var out strings.Builder
	depth := 0
	for _, r := range xhtml {
		switch {
		case r == '<':
			depth++
			out.WriteByte(' ')
		case r == '>' && depth > 0:
			depth--
		case depth == 0:
			out.WriteRune(r)
		}
	}
	return html.UnescapeString(out.String())
}

func everything(t *testing.T, f *fhir.File, v fhir.View) *words {
	t.Helper()
	w := &words{}
	w.add(v.Title, v.Date, fhir.NarrativeText(v.Narrative))
	values := func(vals []fhir.Value) {
		for _, x := range vals {
			w.add(x.Text, x.End, x.Unit, x.Code, x.Text+" "+x.Unit)
			for _, m := range x.Messages {
				w.add(m.Key)
				for _, a := range m.Args {
					w.add(a)
				}
			}
		}
	}
	values(v.Detail)
	for _, fields := range [][]fhir.Field{v.Fields, v.More} {
		for _, x := range fields {
			if len(x.Values) == 0 {
				t.Errorf("field %s is empty", x.Label)
			}
			w.add(x.Label)
			values(x.Values)
		}
	}
	for _, r := range v.Results {
		w.add(r.Name, r.Range, r.Flag, flagCodes[r.Flag])
		values(r.Value)
		values(r.Note)
	}
	for _, a := range v.Attachments {
		w.add(a.ContentType, a.Title, a.URL, strconv.Itoa(a.Size))
		if a.URL == "" {
			if _, data, err := f.Attachment(a); err != nil || len(data) == 0 {
				t.Errorf("attachment %s: %v", a.Path, err)
			}
		}
	}
	return w
}
