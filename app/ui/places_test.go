package ui_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// go-app compares the children of an element by their place: when one comes or goes, every one after it is thrown away
// and made anew, with what was typed there, its focus, its opened details, and a press that was just under way. So what
// comes and goes stands in a kit.Place, or after everything a person can touch.

// TestPlaces: nothing that may come or go stands before something that can be touched, unless it has a place of its own.
func TestPlaces(t *testing.T) {
	for _, f := range newLayout(t).faults() {
		t.Errorf("%s: what follows is made anew when this comes or goes; put it into a kit.Place", where(f.path, f.child))
	}
}

// TestPlacesAreTold: the rule sees what it is there for, and lets alone what does no harm.
func TestPlacesAreTold(t *testing.T) {
	const field = `kit.Line("a", "", p.onA)`
	tests := []struct {
		name, body string
		want       int
	}{
		{"a fault before a field", `app.If(p.bad, p.said), ` + field, 1},
		{"a list before a form", `app.Range(p.list).Slice(p.row), app.Form().Body(` + field + `)`, 1},
		{"nothing or something before a component", `p.maybe(), &other{}`, 1},
		{"what a function hides", `p.hidden(), kit.Button(kit.Main, "", "", p.onA)`, 1},
		{"a fault before details", `app.If(p.bad, p.said), kit.Details("", kit.Text(""))`, 1},
		{"two before one", `app.If(p.bad, p.said), app.If(p.good, p.said), ` + field, 2},
		{"before a camera", `app.If(p.bad, p.said), app.Elem("video")`, 1},
		{"in a function's arguments", `kit.Page("", app.If(p.bad, p.said), ` + field + `)`, 1},
		{"before what was given", `app.If(p.bad, p.said), stage`, 1},
		{"in a place", `kit.Place(app.If(p.bad, p.said)), ` + field, 0},
		{"one of two", `app.If(p.bad, p.said).Else(p.said), ` + field, 0},
		{"after the field", field + `, app.If(p.bad, p.said)`, 0},
		{"before words", field + `, app.If(p.bad, p.said), kit.Text("")`, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newLayout(t)
			p.add(t, "page.go", `package ui
				func (p *page) Render() app.UI { return app.Div().Body(`+tt.body+`) }
				func (p *page) said() app.UI { return kit.Text("") }
				func (p *page) row(i int) app.UI { return app.Li() }
				func (p *page) maybe() app.UI { if p.bad { return nil }; return kit.Text("") }
				func (p *page) hidden() app.UI { return app.If(p.bad, p.said) }`)
			var got int
			for _, f := range p.faults() {
				if f.path == "page.go" {
					got++
				}
			}
			if got != tt.want {
				t.Errorf("%d faults, want %d", got, tt.want)
			}
		})
	}
}

// layout knows of every function of the pages and the kit by its name alone: a method that shares its name with one that
// can be touched is taken for it, so that the rule says too much rather than too little.
type layout struct {
	files map[string]*ast.File
	funcs map[string][]*ast.FuncDecl // those that return something to see
	body  map[string]int             // functions that take children: from which argument on
	live  map[string]bool            // functions that make something that can be touched
	loose map[string]bool            // functions that make something or nothing
}

// fault is a child that comes and goes in front of what can be touched.
type fault struct {
	path  string
	child ast.Expr
}

// touched are the elements of go-app that hold what a person did to them.
var touched = []string{"A", "Audio", "Button", "Canvas", "Details", "Dialog", "Form", "IFrame", "Input", "Select", "Summary", "Textarea", "Video"}

func newLayout(t *testing.T) *layout {
	p := &layout{files: map[string]*ast.File{}, funcs: map[string][]*ast.FuncDecl{}, body: map[string]int{"Body": 0}}
	for path, f := range sources(t, ".") {
		p.take(path, f)
	}
	p.weigh()
	return p
}

func (p *layout) add(t *testing.T, path, source string) {
	t.Helper()
	f, err := parser.ParseFile(fset, path, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	p.take(path, f)
	p.weigh()
}

func (p *layout) take(path string, f *ast.File) {
	p.files[path] = f
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil || !seen(fn.Type) {
			continue
		}
		name := fn.Name.Name
		p.funcs[name] = append(p.funcs[name], fn)
		if from, ok := children(fn.Type); ok && name != "Place" {
			p.body[name] = from
		}
	}
}

// weigh tells the functions apart.
func (p *layout) weigh() {
	p.live, p.loose = map[string]bool{}, map[string]bool{}
	p.learn(p.live, p.touchable)
	p.learn(p.loose, p.returnsLoose)
}

// learn asks of every function whether is holds, until nothing new is learnt.
func (p *layout) learn(known map[string]bool, is func(ast.Node) bool) {
	for more := true; more; {
		more = false
		for name, list := range p.funcs {
			if !known[name] && slices.ContainsFunc(list, func(fn *ast.FuncDecl) bool { return is(fn.Body) }) {
				known[name], more = true, true
			}
		}
	}
}

// seen says whether a function returns something to see.
func seen(f *ast.FuncType) bool {
	if f.Results == nil || len(f.Results.List) == 0 {
		return false
	}
	if star, ok := f.Results.List[0].Type.(*ast.StarExpr); ok {
		compo, ok := star.X.(*ast.Ident)
		return ok && compo.Name == "Input"
	}
	sel, ok := f.Results.List[0].Type.(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "UI" || strings.HasPrefix(sel.Sel.Name, "HTML") || sel.Sel.Name == "Condition" || sel.Sel.Name == "RangeLoop")
}

// children says from which argument on a function takes children.
func children(f *ast.FuncType) (from int, ok bool) {
	for _, field := range f.Params.List {
		if e, is := field.Type.(*ast.Ellipsis); is {
			sel, is := e.Elt.(*ast.SelectorExpr)
			return from, is && sel.Sel.Name == "UI"
		}
		from += max(1, len(field.Names))
	}
	return 0, false
}

// touchable says whether something in there can be touched: a component, an element that holds something, or a handler.
func (p *layout) touchable(n ast.Node) (yes bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			_, made := n.X.(*ast.CompositeLit)
			yes = yes || n.Op == token.AND && made
		case *ast.SelectorExpr:
			pkg, _ := n.X.(*ast.Ident)
			if pkg != nil && pkg.Name == "app" {
				yes = yes || slices.Contains(touched, n.Sel.Name)
				return false
			}
			_, chained := n.X.(*ast.CallExpr)
			yes = yes || !chained && p.live[n.Sel.Name] || chained && strings.HasPrefix(n.Sel.Name, "On")
		case *ast.CallExpr:
			name, called := n.Fun.(*ast.Ident)
			yes = yes || called && p.live[name.Name] || slices.ContainsFunc(n.Args, named)
		}
		return !yes
	})
	return yes
}

// named says whether an argument is the name of an element that can be touched, as app.Elem takes it.
func named(arg ast.Expr) bool {
	lit, ok := arg.(*ast.BasicLit)
	return ok && slices.Contains([]string{`"video"`, `"canvas"`, `"input"`, `"textarea"`, `"select"`, `"dialog"`}, lit.Value)
}

func (p *layout) returnsLoose(n ast.Node) (yes bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // it returns for itself
		case *ast.ReturnStmt:
			yes = yes || len(n.Results) > 0 && p.comesAndGoes(n.Results[0])
		}
		return !yes
	})
	return yes
}

// comesAndGoes says whether a child may be nothing, or several.
func (p *layout) comesAndGoes(child ast.Expr) bool {
	switch c := child.(type) {
	case *ast.Ident:
		return c.Name == "nil"
	case *ast.CallExpr:
		chain := calls(c)
		first, last := chain[len(chain)-1], chain[0]
		switch first {
		case "app.If", "app.IfSlice":
			return last != "Else" || slices.Contains(chain, "IfSlice")
		case "app.Range":
			return true
		}
		return len(chain) == 1 && p.loose[strings.TrimPrefix(first, "kit.")]
	}
	return false
}

// calls names the calls of a chain, the last one first: Else, ElseIf, app.If.
func calls(c *ast.CallExpr) (names []string) {
	for {
		switch f := c.Fun.(type) {
		case *ast.Ident:
			return append(names, f.Name)
		case *ast.SelectorExpr:
			if next, ok := f.X.(*ast.CallExpr); ok {
				names, c = append(names, f.Sel.Name), next
				continue
			}
			if x, ok := f.X.(*ast.Ident); ok && (x.Name == "app" || x.Name == "kit") {
				return append(names, x.Name+"."+f.Sel.Name)
			}
			return append(names, f.Sel.Name)
		default:
			return append(names, "")
		}
	}
}

// faults looks through every list of children.
func (p *layout) faults() (list []fault) {
	for path, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			for _, children := range p.lists(n) {
				held := false
				for _, c := range slices.Backward(children) {
					if held && p.comesAndGoes(c) {
						list = append(list, fault{path, c})
					}
					_, given := c.(*ast.Ident) // by whoever called: it may hold anything
					held = held || given || p.touchable(c)
				}
			}
			return true
		})
	}
	return list
}

// lists are the children that stand together in a call or a slice.
func (p *layout) lists(n ast.Node) [][]ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := calls(n)[0]
		from, takes := p.body[name[strings.LastIndex(name, ".")+1:]]
		if takes && len(n.Args) > from {
			return [][]ast.Expr{n.Args[from:]}
		}
	case *ast.CompositeLit:
		if a, ok := n.Type.(*ast.ArrayType); ok {
			if sel, ok := a.Elt.(*ast.SelectorExpr); ok && sel.Sel.Name == "UI" {
				return [][]ast.Expr{n.Elts}
			}
		}
	}
	return nil
}
