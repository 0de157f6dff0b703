package e2e_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// exhibits are the pieces of which the gallery's looks are compared with the golden
// file: one of each rule of the design.
const exhibits = `["html", "#title", ".section-title", ".text", ".small", "#card", ".empty", ".details-summary", "#button-main", "#button-plain", "#button-quiet",
	"#button-grave", ".button-icon", "#tile", "#notice-good", "#notice-note", "#notice-warn", "#notice-danger", "#ask", "#hinted", "#hinted-hint", ".wrong-words",
	".check-box", ".option[aria-pressed=true]", ".option[aria-pressed=false]", ".chip-good", ".chip-quiet", ".avatar.colour-0", ".avatar.colour-7", ".wait", ".code"]`

// looksOf says what the styles make of each exhibit, in a line. Pixels would differ
// from one Chromium and one font to the next; what is computed from our styles alone
// does not: colours, edges, letters, spaces. What a picture would show beyond that,
// room and overlap, is measured apart.
const looksOf = exhibits + `.map(css => {
	const e = document.querySelector(css), s = getComputedStyle(e);
	const hex = c => c.replace(/rgb\((\d+), (\d+), (\d+)\)/g, (_, ...n) => "#" + n.slice(0, 3).map(v => (+v).toString(16).padStart(2, "0")).join("")).replace("rgba(0, 0, 0, 0)", "none");
	return [css, hex(s.color), "on", hex(s.backgroundColor), "edge", parseFloat(s.borderInlineStartWidth) ? hex(s.borderInlineStartColor) + " " + s.borderInlineStartStyle : "none",
		"round", s.borderStartStartRadius, "text", s.fontSize, s.fontWeight, "space", s.paddingBlockStart, s.paddingInlineStart].join(" ");
})`

// overlapping lists pieces of which one lies over another that is not within it.
const overlapping = `(() => {
	const all = [...document.querySelectorAll("#gallery .section > *, #gallery .row > *, #gallery .tiles > *, #gallery .chips > *")].filter(e => e.checkVisibility() && !e.matches(".held, .away, .room"));
	const bad = [];
	for (const a of all) for (const b of a.parentElement.children) {
		if (a === b || !all.includes(b)) continue;
		const p = a.getBoundingClientRect(), q = b.getBoundingClientRect();
		if (p.width && q.width && p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1) bad.push(a.outerHTML.slice(0, 70) + " over " + b.outerHTML.slice(0, 70));
	}
	return bad;
})()`

// TestGallery shows every piece of the kit in every state, in the looks of those who
// see it: nothing bars anybody, nothing is too small, cut, over another or off the
// page, and the looks are those that were agreed on (POTLI_GOLDEN=write agrees anew).
func TestGallery(t *testing.T) {
	t.Parallel()
	h := newHost(t, around(t, "./e2e/testdata/gallery"))
	p := newBrowser(t).open(t, "")
	got := gallerySees(p, h, look{"gallery-phone", "en", "light", 360, 0, 16}, "")
	got += gallerySees(p, h, look{"gallery-dark", "en", "dark", 360, 0, 16}, "")
	for _, l := range []look{
		{"gallery-tablet", "en", "light", 768, 0, 16}, {"gallery-desk", "en", "dark", 1280, 0, 16},
		{"gallery-large", "en", "light", 320, 0, 32}, {"gallery-hindi", "hi", "light", 320, 0, 16}, {"gallery-hindi-large", "hi", "dark", 320, 0, 32},
	} {
		gallerySees(p, h, l, "")
	}
	gallerySees(p, h, look{"gallery-mirrored", "en", "light", 360, 0, 16}, "&dir=rtl")
	p.axe()
	p.media("light", true, true)
	p.faults("forced colours, without motion", map[string]string{"moves": unquiet, "has no edge": edgeless})
	golden := filepath.Join("testdata", "gallery", "looks.golden")
	if os.Getenv("POTLI_GOLDEN") == "write" {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(got, "\n") {
		if agreed := strings.Split(string(want), "\n"); i >= len(agreed) || agreed[i] != line {
			t.Errorf("looks have changed, line %d:\n got %s\nwant %s", i+1, line, agreed[min(i, len(agreed)-1)])
		}
	}
}

// edgeless lists what forced colours would leave without an edge, its background being taken away.
const edgeless = `[...document.querySelectorAll(".button-main, .button-grave, .option, .card, .notice, .chip, .avatar")]
	.filter(e => !parseFloat(getComputedStyle(e).borderBlockEndWidth)).map(e => e.outerHTML.slice(0, 90))`

// gallerySees opens the gallery in a look, judges it, keeps its picture, and says what
// its pieces look like.
func gallerySees(p *page, h *host, l look, also string) string {
	p.t.Helper()
	p.wear(l)
	p.visit(h.url() + "/gallery?lang=" + l.lang + also)
	p.there("#gallery #chart")
	p.until("it has its styles", `getComputedStyle(document.querySelector(".button")).borderRadius !== "0px" && document.documentElement.lang === "`+l.lang+`"`)
	tell(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: l.theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	p.axe()
	p.faults(l.name, map[string]string{"axe": barriers, "too small": unreachable, "sticks out": sideways, "is cut": cut,
		"colour alone": toneless, "no words for": voiceless, "overlaps": overlapping})
	p.wholePicture(l, "all")
	return l.theme + "\n" + strings.Join(js[[]string](p, looksOf), "\n") + "\n"
}

// behind are exported names of the kit that are no piece of a page: what handlers read,
// and the fixed ids.
var behind = map[string]bool{"Value": true, "Checked": true, "Key": true, "Across": true, "Pinch": true, "Picker": true, "Ticker": true, "Weight": true,
	"Shapes": true, "TitleID": true, "AboutID": true, "FaultID": true, "Title": true, "Input": true}

// TestGalleryIsComplete: what the kit offers and the gallery does not show is looked at by nobody.
func TestGalleryIsComplete(t *testing.T) {
	shown := ""
	for _, path := range goFiles(t, "testdata/gallery") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		shown += string(b)
	}
	n := 0
	for _, path := range goFiles(t, "../app/ui/kit") {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() {
				continue
			}
			n++
			if fn.Doc == nil {
				t.Errorf("%s: %s does not say what it is for", path, fn.Name.Name)
			}
			if !behind[fn.Name.Name] && !strings.Contains(shown, "kit."+fn.Name.Name+"(") {
				t.Errorf("%s: %s is not in the gallery", path, fn.Name.Name)
			}
		}
	}
	if n < 25 {
		t.Errorf("the kit has %d functions only", n)
	}
}

func goFiles(t *testing.T, dir string) (paths []string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(all) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	for _, path := range all {
		if !strings.HasSuffix(path, "_test.go") {
			paths = append(paths, path)
		}
	}
	return paths
}
