package ui_test

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shown are the calls whose argument is read by a person.
var shown = map[string]int{"Text": 0, "Textf": 0, "Alt": 0, "Placeholder": 0, "Title": 0}

// banned are calls of go-app that the policy of the site blocks, that leak, or that go stale.
var banned = []string{
	"Style", "Styles", "Raw", "Window", "ValueTo", "Persist", "PersistWithEncryption", "Broadcast", "Encrypt", "LocalStorage",
	"SessionStorage", "SetState", "ObserveState", "SrcDoc", "setInnerHTML",
}

// TestNoWordsInCode: whatever is read by a person comes from a catalogue.
func TestNoWordsInCode(t *testing.T) {
	for path, f := range sources(t, ".") {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			arg, reads := shown[sel.Sel.Name]
			if sel.Sel.Name == "Aria" && len(call.Args) == 2 {
				name, isLit := call.Args[0].(*ast.BasicLit)
				arg, reads = 1, isLit && (name.Value == `"label"` || name.Value == `"description"` || name.Value == `"valuetext"`)
			}
			if reads && len(call.Args) > arg {
				if lit, ok := call.Args[arg].(*ast.BasicLit); ok {
					t.Errorf("%s: %s(%s) is not from a catalogue", where(path, call), sel.Sel.Name, lit.Value)
				}
			}
			return true
		})
	}
}

func where(path string, n ast.Node) string {
	return path + ":" + strconv.Itoa(fset.Position(n.Pos()).Line)
}

// TestBanned: nothing that the policy blocks or that go-app keeps in the clear.
func TestBanned(t *testing.T) {
	for path, f := range sources(t, ".") {
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(banned, sel.Sel.Name) {
				t.Errorf("%s: %s", where(path, n), sel.Sel.Name)
			}
			return true
		})
	}
}

// TestHandlersAreMethods: go-app compares handlers by their function's pointer, so a closure would keep an old row.
func TestHandlersAreMethods(t *testing.T) {
	for path, f := range sources(t, ".") {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !handles(sel.Sel.Name) {
				return true
			}
			for _, arg := range call.Args {
				if _, closure := arg.(*ast.FuncLit); closure {
					t.Errorf("%s: %s is given a closure", where(path, call), sel.Sel.Name)
				}
			}
			return true
		})
	}
}

func handles(name string) bool {
	return slices.Contains([]string{"OnClick", "OnInput", "OnChange", "OnSubmit", "OnKeyDown", "On", "Button", "IconButton", "Line", "Lines", "Select", "Check", "Radio"}, name)
}

// TestRenderIsShort: Render returns a tree and nothing else; past 40 lines it is two components.
func TestRenderIsShort(t *testing.T) {
	for path, f := range sources(t, ".") {
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			lines := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1
			if lines > 45 {
				t.Errorf("%s: %s has %d lines", where(path, fn), fn.Name.Name, lines)
			}
			if fn.Name.Name == "Render" {
				if lines > 40 {
					t.Errorf("%s: Render has %d lines", where(path, fn), lines)
				}
				changes(t, path, fn)
			}
		}
	}
}

// changes finds assignments to fields inside a Render.
func changes(t *testing.T, path string, fn *ast.FuncDecl) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, left := range a.Lhs {
				if _, field := left.(*ast.SelectorExpr); field {
					t.Errorf("%s: Render changes %v", where(path, a), left.(*ast.SelectorExpr).Sel.Name)
				}
			}
		}
		return true
	})
}

// TestFilesAreSmall: 100 to 400 lines a file.
func TestFilesAreSmall(t *testing.T) {
	for path, f := range sources(t, ".") {
		if n := fset.Position(f.End()).Line; n > 400 {
			t.Errorf("%s has %d lines", path, n)
		}
	}
}

// TestKitHasNoDomain: the kit may know go-app and the standard library.
func TestKitHasNoDomain(t *testing.T) {
	for path, f := range sources(t, "kit") {
		for _, imp := range f.Imports {
			if strings.HasPrefix(imp.Path.Value, `"potli/`) {
				t.Errorf("%s imports %s", path, imp.Path.Value)
			}
		}
	}
}

// TestComponentsInLists: a component made inside a loop says who it is, or its handlers go stale.
func TestComponentsInLists(t *testing.T) {
	named := map[string]bool{}
	for _, f := range sources(t, ".") {
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv != nil && fn.Name.Name == "CompoID" {
				named[fn.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name] = true
			}
		}
	}
	for path, f := range sources(t, ".") {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Slice" {
				return true
			}
			ast.Inspect(call, func(n ast.Node) bool {
				u, ok := n.(*ast.UnaryExpr)
				if !ok {
					return true
				}
				if lit, ok := u.X.(*ast.CompositeLit); ok {
					if name := typeName(lit.Type); name != "" && !named[name] && name != "section" {
						t.Errorf("%s: a row of %s without CompoID", where(path, u), name)
					}
				}
				return true
			})
			return true
		})
	}
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// classes are the literals given to Class.
func classes(f *ast.File) (out []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Class" {
			return true
		}
		for _, arg := range call.Args {
			if lit, ok := arg.(*ast.BasicLit); ok {
				s, _ := strconv.Unquote(lit.Value)
				out = append(out, strings.Fields(s)...)
			}
		}
		return true
	})
	return out
}

// TestSlowWorkGoesByTheComponent: a handler's context dies with the element that was touched, and what it dispatches or
// defers is dropped then. A button that vanished by its own click once left a page busy for ever.
func TestSlowWorkGoesByTheComponent(t *testing.T) {
	slow := []string{"run", "save", "prepare", "makeShare", "restore"}
	for path, f := range sources(t, ".") {
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv == nil {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				switch fun := call.Fun.(type) {
				case *ast.Ident:
					if slices.Contains(slow, fun.Name) && isCtx(call.Args[0]) {
						t.Errorf("%s: %s with the context of an element", where(path, call), fun.Name)
					}
				case *ast.SelectorExpr:
					if isCtx(fun.X) && (fun.Sel.Name == "Defer" || fun.Sel.Name == "After") {
						t.Errorf("%s: %s on the context of an element", where(path, call), fun.Sel.Name)
					}
				}
				return true
			})
		}
	}
}

func isCtx(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "ctx"
}
