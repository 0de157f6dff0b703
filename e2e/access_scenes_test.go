package e2e_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// scene is one state of one page: the table that A1 to A8 are judged over.
type scene struct {
	route string        // as app/ui/route.go has it; "": another state of the page before
	name  string        // in reports and names of pictures
	path  string        // where it is more than the route; {record} is one of the furnished wallet
	do    func(w *page) // leads to the state; nil: the page as it opens
}

// pressing is a state behind a control.
func pressing(css, then string) func(*page) {
	return func(w *page) { w.t.Helper(); w.clickUntil(css, then) }
}

// unfolding opens all that is folded.
func unfolding(w *page) {
	js[bool](w, `(document.querySelectorAll("details").forEach(d => d.open = true), true)`)
}

// newcomers are the pages of who has no wallet yet.
var newcomers = []scene{
	{route: "/", name: "welcome"},
	{route: "/about", name: "about-new"},
	{route: "/privacy", name: "privacy-new"},
	{route: "/learn", name: "learn-new"},
	{name: "learn-open", do: unfolding},
	{route: "/release", name: "release-new"},
	{route: "/install", name: "install-new"},
	{route: "/restore", name: "restore"},
	{route: "/device", name: "device"},
	{route: "/create", name: "create"},
	{name: "create-own", do: func(w *page) {
		w.click("#own")
		w.there("#own-words")
		w.write("#own-words", "a b c")
	}},
	{route: "/create", name: "create-again"},
	{name: "create-check", do: pressing("#written", "#checked")},
	{name: "create-wrong", do: pressing("#checked", ".notice")},
}

// owners are the pages of an open wallet.
var owners = []scene{
	{route: "/", name: "home"},
	{name: "home-people", do: pressing("#person", ".people-panel")},
	{route: "/add", name: "add"},
	{route: "/receive", name: "receive"},
	{name: "receive-link", do: func(w *page) {
		w.paste("shlink:/eyJ1cmwiOiJodHRwczovL3JlY29yZHMuY2xpbmljLmV4YW1wbGUvbC94IiwiZmxhZyI6IlAiLCJrZXkiOiJyeFRnWWxPYUtKUEZ0Y0VkMHFjY2VONXdFVTRwOTRTcUF3SVdRZTZ1WDdRIiwibGFiZWwiOiJEaXNjaGFyZ2Ugc3VtbWFyeSJ9")
		w.there("#receive-open")
	}},
	{route: "/scan", name: "scan"},
	{name: "scan-wrong", do: func(w *page) {
		w.write("#scan-text", "no code at all")
		w.click("#scan-go")
		w.there(".notice")
	}},
	{route: "/photograph", name: "photograph"},
	{route: "/write", name: "write"},
	{route: "/write/", name: "write-one", path: "/write/pressure"},
	{name: "write-wrong", do: pressing("#write-save", "[aria-invalid=true], .notice")},
	{route: "/correct/", name: "correct", path: "/correct/{hand}"},
	{route: "/record/", name: "record", path: "/record/{record}"},
	{name: "record-unfolded", do: unfolding},
	{name: "record-move", do: pressing("#move", ".mover, [id^=move-]")},
	{name: "record-delete", path: "/record/{hand}", do: pressing("#delete", "#delete-sure")},
	{route: "/record/", name: "record-none", path: "/record/none-of-that-name"},
	{route: "/trends", name: "trends"},
	{route: "/trends/chart", name: "chart", path: "{chart}"},
	{name: "chart-unfolded", do: unfolding},
	{route: "/trends/chart", name: "chart-none", path: "/trends/chart#999"},
	{route: "/counter", name: "counter"},
	{route: "/install", name: "install"},
	{route: "/show", name: "show"},
	{route: "/show/", name: "show-one", path: "/show/{record}"},
	{route: "/send", name: "send"},
	{route: "/send/", name: "send-one", path: "/send/{record}"},
	{route: "/export", name: "export"},
	{route: "/export/", name: "export-one", path: "/export/{record}"},
	{route: "/hand", name: "hand"},
	{route: "/hand/", name: "hand-one", path: "/hand/{record}"},
	{route: "/film", name: "film"},
	{route: "/emergency", name: "emergency"},
	{route: "/emergency/print", name: "emergency-print"},
	{route: "/code/", name: "code", path: "/code/{share}"},
	{route: "/code/", name: "code-none", path: "/code/none"},
	{route: "/shared", name: "shared"},
	{route: "/shared/", name: "share", path: "/shared/{share}"},
	{name: "share-extend", do: pressing("#extend", "#extend-by")},
	{name: "share-revoke", do: pressing("#revoke", "#revoke-sure")},
	{route: "/shared/", name: "share-revoked", path: "/shared/{revoked}"},
	{route: "/settings", name: "settings"},
	{route: "/settings/people", name: "people"},
	{route: "/settings/people/", name: "person", path: "/settings/people/{person}"},
	{name: "person-unfolded", do: unfolding},
	{route: "/invite/", name: "invite", path: "/invite/{person}"},
	{route: "/carers/", name: "carers", path: "/carers/{person}"},
	{route: "/handover/", name: "handover", path: "/handover/{person}"},
	{route: "/holder/", name: "holder", path: "/holder/{person}"},
	{route: "/settings/words", name: "words"},
	{name: "words-suggested", do: pressing("#suggest", "#words")},
	{route: "/settings/ways", name: "ways"},
	{route: "/settings/recovery", name: "recovery"},
	{route: "/settings/recovery/kit", name: "kit"},
	{name: "kit-sheet", do: pressing("#kit-make", "#sheet")},
	{name: "kit-prove", do: pressing("#kit-paper", "#kit-proved")},
	{route: "/settings/recovery/contacts", name: "contacts"},
	{name: "contacts-choose", do: pressing("#contacts-begin", "#contact-3")},
	{route: "/settings/backup", name: "backup"},
	{route: "/settings/wipe", name: "wipe"},
	{route: "/settings/devices", name: "devices"},
	{route: "/settings/link", name: "link"},
	{route: "/settings/left", name: "left"},
	{route: "/settings/storage", name: "storage"},
	{route: "/join", name: "join"},
	{route: "/inbox", name: "inbox"},
	{route: "/inbox/", name: "item", path: "/inbox/{item}"},
	{route: "/drop", name: "drop"},
	{name: "drop-unfolded", do: unfolding},
	{route: "/drop/code", name: "drop-code", path: "{drop}"},
	{route: "/take", name: "take"},
	{route: "/ask/", name: "ask", path: "/ask/{ask}"},
	{name: "ask-less", do: func(w *page) {
		js[bool](w, `(document.querySelector("#ask-whose .option[aria-pressed=false]")?.click(), true)`)
		w.until("the four answers can be pressed", `document.querySelector("#ask-less")?.disabled === false`)
		pressing("#ask-less", "#less")(w)
	}},
	{name: "ask-no", do: pressing("#ask-no", "#no-sure")},
	{route: "/consents", name: "consents"},
	{route: "/consents/log", name: "consent-log"},
	{route: "/consents/one/", name: "consent", path: "/consents/one/{consent}"},
	{name: "consent-take", do: pressing("#consent-take", "#take-sure")},
	{route: "/receipt/", name: "receipt", path: "/receipt/{receipt}"},
	{route: "/about", name: "about"},
	{name: "about-help", do: pressing("#help-open", "#help .help-part")},
	{route: "/privacy", name: "privacy"},
	{route: "/learn", name: "learn"},
	{route: "/release", name: "release"},
	{route: "/nowhere-at-all", name: "unknown"},
}

// lockedOut are the pages of a wallet that is locked.
var lockedOut = []scene{
	{route: "/", name: "unlock"},
	{name: "unlock-wrong", do: func(w *page) {
		w.write("#passphrase", "wrong-words-that-open-nothing")
		w.click("#unlock")
		w.there(".notice")
		w.empty("#passphrase")
	}},
	{route: "/restore", name: "rescue"},
}

// TestAccessScenes: no route is left out of the table, and none in it is gone from the program.
func TestAccessScenes(t *testing.T) {
	routes := routesOf(t)
	seen := map[string]bool{}
	for _, s := range slices.Concat(newcomers, owners, lockedOut) {
		if s.route != "" && !slices.Contains(routes, s.route) && s.name != "unknown" {
			t.Errorf("%s: there is no route %s", s.name, s.route)
		}
		seen[s.route] = true
		if strings.HasSuffix(s.route, "/") && s.route != "/" && s.path == "" {
			t.Errorf("%s: of what is the page %s?", s.name, s.route)
		}
	}
	for _, r := range routes {
		if !seen[r] {
			t.Errorf("nobody has looked whether everybody can use %s: add it to the scenes", r)
		}
	}
}

// routesOf reads the lists "fixed" and "named" of app/ui/route.go.
func routesOf(t *testing.T) (routes []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root(t), "app", "ui", "route.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{}
	var value func(e ast.Expr) string
	value = func(e ast.Expr) string {
		switch e := e.(type) {
		case *ast.Ident:
			return paths[e.Name]
		case *ast.BasicLit:
			s, _ := strconv.Unquote(e.Value)
			return s
		case *ast.BinaryExpr:
			return value(e.X) + value(e.Y)
		}
		return ""
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		name := spec.Names[0].Name
		paths[name] = value(spec.Values[0])
		if list, ok := spec.Values[0].(*ast.CompositeLit); ok && (name == "fixed" || name == "named") {
			for _, e := range list.Elts {
				routes = append(routes, value(e))
			}
		}
		return true
	})
	if len(routes) < 60 || slices.Contains(routes, "") {
		t.Fatalf("routes: %q", routes)
	}
	return routes
}
