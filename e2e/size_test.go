package e2e_test

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mostRelay is how many lines of code somebody new reads in an afternoon.
const mostRelay = 2000

// TestRelayIsSmall: package relay can be read at one sitting. Its small packages
// are counted too, but they can be read, or left, one by one.
func TestRelayIsSmall(t *testing.T) {
	n := codeLines(t, "relay")
	all := n
	for _, beside := range []string{"wire", "webpush", "live", "agefile", "limit", "metrics", "shape", "keys"} {
		all += codeLines(t, "relay/"+beside)
	}
	t.Logf("package relay has %d lines of code; with its small packages %d", n, all)
	if n > mostRelay {
		t.Errorf("package relay has %d lines of code, want %d at the most: which idea in it stands alone?", n, mostRelay)
	}
}

// codeLines counts the lines of a folder's Go files, tests apart.
func codeLines(t *testing.T, folder string) (n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", folder, len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n += linesOf(t, b)
	}
	return n
}

// linesOf counts the lines on which code stands: blank ones, comments, the package
// clause and imports do not count.
func linesOf(t *testing.T, b []byte) int {
	t.Helper()
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, "", b, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	from := tree.Name.End()
	for _, d := range tree.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			from = g.End()
		}
	}
	begin := fset.Position(from).Offset
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(b)-begin)
	s.Init(file, b[begin:], nil, 0)
	lines := map[int]bool{}
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return len(lines)
		}
		if tok == token.SEMICOLON && text != ";" {
			continue // the end of a line
		}
		first := file.Line(pos)
		for i := range 1 + strings.Count(text, "\n") { // a text may go over several
			lines[first+i] = true
		}
	}
}

func TestLinesOf(t *testing.T) {
	for text, want := range map[string]int{
		"package x\n": 0,
		"// A comment.\npackage x\n\nimport \"fmt\"\n\nimport (\n\t\"io\"\n)\n":                 0,
		"package x\n\nvar a = 1 // one\n\n// nothing\n/* nor\nthis */\nvar b = 2\n":             2,
		"package x\n\nfunc f() {\n\n\tg()\n}\n":                                                 3,
		"package x\n\nimport \"io\"\n\nvar s = `a\n\nb`\nvar t = 1; var u = 2\n":                4,
		"package x\n\nfunc f() int {\n\t/* why */ return 1\n} // f\n\n// the end, of nothing\n": 3,
	} {
		if got := linesOf(t, []byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
