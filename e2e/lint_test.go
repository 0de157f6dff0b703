package e2e_test

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rule forbids a piece of text in the code of some folders, comments apart.
type rule struct {
	name    string
	folders []string
	exts    []string
	except  []string // folders or files where it is right
	text    *regexp.Regexp
}

var rules = []rule{
	{"chance comes from crypto/rand (T11)", []string{"app", "crypto", "relay", "wasm"}, []string{".go"}, []string{"app/scan/scantest"}, regexp.MustCompile(`"math/rand`)},
	{"time comes in as a parameter", []string{"app", "crypto", "relay"}, []string{".go"}, []string{"relay/cmd", "relay/steady.go", "relay/cf/await.go"}, regexp.MustCompile(`\btime\.(Now|Since|Until)\(`)},
	{"no sink for markup (T16)", []string{"app", "wasm", "web"}, []string{".go", ".js", ".mjs", ".html"}, nil,
		regexp.MustCompile(`(?i)inner_?html|outerhtml|insertAdjacentHTML|document\.write|createContextualFragment|\bapp\.Raw\(|DOMParser|srcdoc`)},
	{"no code from text", []string{"app", "wasm", "web"}, []string{".go", ".js", ".mjs", ".html"}, nil, regexp.MustCompile(`\beval\(|\bnew Function\b|javascript:`)},
	{"no style attribute: the policy blocks it", []string{"app", "wasm"}, []string{".go"}, nil, regexp.MustCompile(`\.Styles?\(`)},
	{"no style attribute: the policy blocks it", []string{"web"}, []string{".html"}, nil, regexp.MustCompile(`(?i)\sstyle=|<style|\son[a-z]+=`)},
	{"go-app's own storage keeps the key beside the lock (R5)", []string{"app/ui"}, []string{".go"}, nil, regexp.MustCompile(`\.(Persist|PersistWithEncryption|Encrypt|Decrypt|Broadcast|LocalStorage|SessionStorage)\(`)},
	{"pages reach the browser through Device", []string{"app/ui"}, []string{".go"}, nil, regexp.MustCompile(`\bapp\.(Window|Handle|KeepBodyClean|TryUpdate)\(|\.Notifications\(`)},
	{"go-app's handler fetches from the visitor's host: it is never served", []string{"app", "wasm", "relay"}, []string{".go"}, nil, regexp.MustCompile(`\bapp\.Handler\b|GenerateStaticWebsite`)},
	{"nothing erases the vault, nothing sets a cookie from a server (R12)", []string{"relay", "web"}, []string{".go", ".js"}, []string{"relay/storetest"}, regexp.MustCompile(`Clear-Site-Data|Set-Cookie|http\.SetCookie`)},
	{"no third party", []string{"web"}, []string{".html", ".css", ".js", ".mjs", ".webmanifest"}, nil, regexp.MustCompile(`(?:src|href|url|import|from|fetch)\s*[=(]?\s*["']?https?://`)},
	// But its own files, for days without network, and the desk's name and key.
	{"the clinic's page keeps nothing", []string{"web/viewer"}, []string{".js", ".mjs", ".html"}, []string{"web/viewer/ready.js", "web/viewer/sw.js", "web/viewer/desk-key.js"}, regexp.MustCompile(`\b(localStorage|sessionStorage|indexedDB|caches|document\.cookie|serviceWorker)\b`)},
	{"the relay writes no log (RL6)", []string{"relay"}, []string{".go"}, []string{"relay/cmd", "relay/storetest"}, regexp.MustCompile(`\b(log|slog)\.[A-Z]|fmt\.(Print|Fprint)\w*\(os\.`)},
}

func (r rule) covers(p string) bool {
	under := func(folder string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }
	return slices.ContainsFunc(r.folders, under) && !slices.ContainsFunc(r.except, under) && slices.Contains(r.exts, path.Ext(p))
}

// code is the text of a file without its comments.
func code(p string, b []byte) string {
	switch path.Ext(p) {
	case ".go":
		return goCode(b)
	case ".js", ".mjs", ".css":
		return regexp.MustCompile(`(?s:/\*.*?\*/)|(?m:(?:^|\s)//.*$)`).ReplaceAllString(string(b), "")
	case ".html":
		return regexp.MustCompile(`(?s)<!--.*?-->|\{\{-? ?/\*.*?\*/ ?-?\}\}`).ReplaceAllString(string(b), "")
	}
	return string(b)
}

func goCode(b []byte) string {
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", fset.Base(), len(b)), b, nil, 0)
	var out strings.Builder
	last := token.ILLEGAL
	for {
		_, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return out.String()
		case tok.IsLiteral() || tok.IsKeyword():
			if last.IsLiteral() || last.IsKeyword() {
				out.WriteByte(' ')
			}
			out.WriteString(lit)
		case tok == token.SEMICOLON:
			out.WriteByte('\n')
		default:
			out.WriteString(tok.String())
		}
		last = tok
	}
}

// found lists the rules that a file breaks.
func found(p string, b []byte) (faults []string) {
	text := code(p, b)
	for _, r := range rules {
		if r.covers(p) {
			if m := r.text.FindString(text); m != "" {
				faults = append(faults, p+": "+strings.TrimSpace(m)+": "+r.name)
			}
		}
	}
	return faults
}

func TestLint(t *testing.T) {
	seen := 0
	project := os.DirFS(root(t))
	for _, folder := range []string{"app", "crypto", "relay", "wasm", "web"} {
		err := fs.WalkDir(project, folder, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && d.Name() == "testdata" {
				return fs.SkipDir
			}
			if d.IsDir() || strings.HasSuffix(p, "_test.go") {
				return nil
			}
			b, err := fs.ReadFile(project, p)
			seen++
			for _, f := range found(p, b) {
				t.Error(f)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 50 {
		t.Errorf("looked at %d files only", seen)
	}
}

func TestLintCanFail(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		want       bool
	}{
		"math/rand":          {"app/share/x.go", "package x\nimport \"math/rand/v2\"", true},
		"the clock":          {"app/vault/x.go", "package x\nvar t = time.Now()", true},
		"the clock, named":   {"relay/x.go", "package x\nvar t = time.Now", false},
		"the clock in main":  {"relay/cmd/relay/x.go", "package x\nvar t = time.Now()", false},
		"markup":             {"web/viewer/x.js", "el.innerHTML = a", true},
		"markup in Go":       {"wasm/browser/x.go", `package x; var _ = v.Set("innerHTML", a)`, true},
		"a word about it":    {"web/viewer/x.js", "// never innerHTML\nlet a = 1;", false},
		"a Go word about it": {"app/ui/x.go", "package x // no innerHTML\n/* app.Raw( */", false},
		"style":              {"app/ui/x.go", `package x; var _ = app.Div().Style("a", "b")`, true},
		"raw":                {"app/ui/x.go", `package x; var _ = app.Raw("<b>")`, true},
		"eval":               {"web/sw.js", "eval(a)", true},
		"inline handler":     {"web/shell.html", `<a onclick="x">`, true},
		"elsewhere":          {"web/shell.html", `<script src="https://cdn.example/x.js">`, true},
		"storage":            {"web/viewer/x.js", "localStorage.a = 1", true},
		"after a comment":    {"web/viewer/x.js", "// A word.\nlocalStorage.a = 1", true},
		"between comments":   {"web/viewer/x.js", "/* A word. */ localStorage.a = 1; /* Another. */", true},
		"erasing":            {"relay/x.go", `package x; var _ = h.Set("Clear-Site-Data", "*")`, true},
		"a request log":      {"relay/x.go", `package x; func f() { log.Println(r) }`, true},
	} {
		if got := found(c.file, []byte(c.text)); (len(got) > 0) != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// The folders of the house.
func TestTopLevel(t *testing.T) {
	allowed := []string{"app", "wasm", "relay", "crypto", "web", "e2e", "go.mod", "go.sum", "Makefile", "README.md", "LICENSE"}
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) {
			t.Errorf("%s has no place at the top", e.Name())
		}
	}
	for _, folder := range []string{"app", "crypto"} {
		if files, _ := filepath.Glob(filepath.Join(root(t), folder, "*.go")); len(files) > 0 {
			t.Errorf("Go files directly in %s/: its name belongs to a library", folder)
		}
	}
}
