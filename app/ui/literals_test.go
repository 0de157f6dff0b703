package ui_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// spoken are the methods and functions whose text argument a person reads or hears.
var spoken = map[string]int{"Text": 0, "Alt": 0, "Placeholder": 0, "Title": 0, "Label": 0, "Aria": 1,
	"Button": 2, "Link": 2, "Submit": 2, "Notice": 1, "Small": 0, "Wait": 0, "Fault": 0, "Details": 0, "Card": 1, "Back": 0, "Check": 1, "Ask": 1}

// aria are the attributes that hold words; the others hold states and ids.
var aria = []string{"label", "description", "roledescription", "valuetext", "placeholder"}

// wordy is a text of words: two in a row, of letters.
var wordy = regexp.MustCompile(`[A-Za-z]{2,}[’']?[a-z]*,? [A-Za-z]{2,}`)

// styled are names for a style sheet or a frame, one of them at least with a hyphen.
var styled = regexp.MustCompile(`^[a-z ]*[a-z]-[a-z -]*$`)

// properNames are the same in every language.
var properNames = map[string]bool{"SNOMED CT": true}

// compiledIn are words that cannot come from a catalogue: what is said when there is none.
var compiledIn = map[string]bool{"noWordsEnglish": true, "noWordsHindi": true, "nameOfApp": true}

// hardCoded are the words in a file that no catalogue has.
func hardCoded(f *ast.File) (found map[token.Pos]string) {
	found = map[token.Pos]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.ValueSpec:
			return !slices.ContainsFunc(n.Names, func(name *ast.Ident) bool { return compiledIn[name.Name] })
		case *ast.CallExpr:
			if silent(n) {
				return false
			}
			if text, at := said1(n); strings.ContainsFunc(text, isLetter) {
				found[at] = text
			}
		case *ast.Field: // a tag of a struct
			return n.Tag == nil
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && wordy.MatchString(s) && !styled.MatchString(s) && !properNames[s] {
				found[n.Pos()] = s
			}
		}
		return true
	})
	return found
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// silent are calls whose words nobody sees: what a program tells its maker, and what is no text but a name.
func silent(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		name, isName := call.Fun.(*ast.Ident)
		return isName && name.Name == "panic"
	}
	pkg, _ := sel.X.(*ast.Ident)
	return pkg != nil && (pkg.Name == "errors" || pkg.Name == "fmt" && sel.Sel.Name == "Errorf" || pkg.Name == "regexp") ||
		slices.Contains([]string{"Class", "Attr", "Href", "Rel", "D"}, sel.Sel.Name)
}

// said1 is the literal that stands where a person reads it; "" where what stands there was looked up.
func said1(call *ast.CallExpr) (string, token.Pos) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", 0
	}
	at, ok := spoken[sel.Sel.Name]
	if !ok || at >= len(call.Args) {
		return "", 0
	}
	if sel.Sel.Name == "Aria" && !slices.Contains(aria, literal(call.Args[0])) {
		return "", 0
	}
	return literal(call.Args[at]), call.Args[at].Pos()
}

// literal is a string that is written out, or put together of such.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, _ := strconv.Unquote(e.Value)
			return s
		}
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	}
	return ""
}

// TestHardCodedIsFound: the test below finds what it is for.
func TestHardCodedIsFound(t *testing.T) {
	for code, want := range map[string]bool{
		`app.P().Text("Gone")`:                                    true,
		`app.P().Text("Gone " + name)`:                            true,
		`app.P().Text(e.T("gone.now"))`:                           false,
		`app.P().Aria("label", "Gone")`:                           true,
		`app.P().Aria("current", "page")`:                         false,
		`kit.Button(kit.Main, "check", "Go", f)`:                  true,
		`kit.Button(kit.Main, "check", e.T("go"), f)`:             false,
		`map[string]string{"a": "It is gone now."}`:               true,
		`errors.New("it is gone now")`:                            false,
		`app.Div().Class("a", "big b-word")`:                      false,
		`app.Input().Placeholder("name")`:                         true,
		`app.Img().Alt("A photo")`:                                true,
		`kit.Notice(kit.Note, "The network went", kit.Row())`:     true,
		`first(e.T("x"), "The network went")`:                     true,
		`kit.Field("lock-after", e.T("a"), "", kit.Line("b", c))`: false,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package ui\nvar x = "+code, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(hardCoded(f)) > 0; got != want {
			t.Errorf("%s: found is %v", code, got)
		}
	}
}

// TestNothingHardCoded: every word that a person reads or hears comes from a catalogue.
func TestNothingHardCoded(t *testing.T) {
	for path, f := range sources(t, ".") {
		for at, text := range hardCoded(f) {
			t.Errorf("%s:%d: %q is in no catalogue", filepath.Base(path), fset.Position(at).Line, text)
		}
	}
}
