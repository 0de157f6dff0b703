package ui_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// sheet is one file of styles without its comments.
type sheet struct{ name, css string }

var cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)

// sheets are all styles of the wallet but the tokens.
func sheets(t *testing.T) []sheet {
	t.Helper()
	paths, err := filepath.Glob("../../web/styles/*.css")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d styles: %v", len(paths), err)
	}
	var list []sheet
	for _, path := range append(paths, "../../web/shell.css") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(path) != "tokens.css" {
			list = append(list, sheet{filepath.Base(path), cssComment.ReplaceAllString(string(b), "")})
		}
	}
	return list
}

// TestStylesWriteNoColour: a colour is written in tokens.css alone, where its contrast is proven, and so is the size of a
// letter; sizes in pixels would not grow with the reader's own. Paper is measured in points and millimetres.
func TestStylesWriteNoColour(t *testing.T) {
	colour := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b[^{]*;|\b(?:rgba?|hsla?|oklch|lab|color-mix)\(|:\s*(?:white|black|red|green|blue|gr[ae]y)\b`)
	size := regexp.MustCompile(`font(?:-size)?:[^;}]*?[0-9.]+(?:px|rem)\b`)
	for _, s := range sheets(t) {
		for _, line := range strings.Split(s.css, "\n") {
			if m := colour.FindString(line); m != "" {
				t.Errorf("%s writes the colour %q", s.name, m)
			}
			if m := size.FindString(line); m != "" && s.name != "shell.css" { // what stands before there is a design
				t.Errorf("%s writes the size %q", s.name, m)
			}
		}
	}
}

// TestStylesAreLogical: what is written for the left is wrong for whoever reads from the right.
func TestStylesAreLogical(t *testing.T) {
	physical := regexp.MustCompile(`(?:^|[{;\s])((?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)|left|right|top|bottom|float|clear|` +
		`border-(?:top|bottom)-(?:left|right)-radius)\s*:|(text-align|justify-content|justify-self|justify-items):\s*(left|right)`)
	for _, s := range sheets(t) {
		if m := physical.FindString(s.css); m != "" {
			t.Errorf("%s: %q is for one direction of reading", s.name, strings.TrimSpace(m))
		}
	}
}

// TestStylesRest: nothing moves by itself for who has asked for less motion, and forced colours have edges.
func TestStylesRest(t *testing.T) {
	moves := regexp.MustCompile(`(?:^|[{;\s])(?:animation|transition|scroll-behavior)\s*:\s*([^;}]+)`)
	forced := 0
	for _, s := range sheets(t) {
		rest := s.css
		for {
			at := strings.Index(rest, "@media (prefers-reduced-motion: no-preference)")
			if at < 0 {
				break
			}
			rest = rest[:at] + rest[at+block(rest[at:]):]
		}
		for _, m := range moves.FindAllStringSubmatch(rest, -1) {
			if m[1] != "none" {
				t.Errorf("%s moves whatever the reader has asked for: %s", s.name, m[0])
			}
		}
		forced += strings.Count(s.css, "@media (forced-colors: active)")
	}
	if forced == 0 {
		t.Error("nothing is said for forced colours")
	}
}

// block is the length of the first block of a style sheet, with what stands before it.
func block(css string) int {
	depth := 0
	for i, c := range css {
		switch c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(css)
}

// TestLeading (L3): no line is so tight that a vowel sign is cut. What is tight is a token of its own, which each script
// widens; Urdu, which hangs from its line, has the most.
func TestLeading(t *testing.T) {
	number := regexp.MustCompile(`line-height:\s*([0-9.]+)\s*[;}]|font:[^;}]*?/([0-9.]+)\s`)
	for _, s := range sheets(t) {
		screen, _, _ := strings.Cut(s.css, "@media print")
		for _, m := range number.FindAllStringSubmatch(screen, -1) {
			if v, err := strconv.ParseFloat(m[1]+m[2], 64); err == nil && v < 1.5 && v != 1 && s.name != "shell.css" {
				t.Errorf("%s: %s is tighter than 1.5", s.name, strings.TrimSpace(m[0]))
			}
		}
	}
	css := styles(t)
	for lang, least := range map[string]float64{"hi": 1.5, "ta": 1.5, "ml": 1.5, "ur": 1.85} {
		at := strings.LastIndex(css, `[lang|="`+lang+`"]`)
		if at < 0 {
			t.Errorf("no leading for %s", lang)
			continue
		}
		for _, name := range []string{"--leading:", "--leading-tight:"} {
			_, value, _ := strings.Cut(css[at:], name)
			value, _, _ = strings.Cut(strings.TrimSpace(value), ";")
			if v, err := strconv.ParseFloat(value, 64); err != nil || v < least {
				t.Errorf("%s %s is %q, want %.2f", lang, name, value, least)
			}
		}
	}
}

// mostStyles is what all styles may weigh together without their comments: what is added has to take something away.
const mostStyles = 70_000

func TestStylesWeigh(t *testing.T) {
	if got := len(cssComment.ReplaceAllString(styles(t), "")); got > mostStyles {
		t.Errorf("the styles are %d bytes, at most %d", got, mostStyles)
	}
}

// TestNoStyleIsLeft: a class that nothing in the wallet draws any more.
func TestNoStyleIsLeft(t *testing.T) {
	var code strings.Builder
	for _, dir := range []string{".", "kit", "../../wasm", "../../wasm/browser", "../../web"} {
		paths, _ := filepath.Glob(dir + "/*.[gjh][ost]*")
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(b)
		}
	}
	class := regexp.MustCompile(`\.([a-z][a-z0-9-]*)`)
	seen := map[string]bool{}
	for _, s := range sheets(t) {
		if s.name == "shell.css" {
			continue
		}
		for _, selector := range regexp.MustCompile(`(?m)(^|})[^{}@;]*\{`).FindAllString(s.css, -1) {
			for _, m := range class.FindAllStringSubmatch(selector, -1) {
				if seen[m[1]] {
					continue
				}
				seen[m[1]] = true
				if !drawn(code.String(), m[1]) {
					t.Errorf("%s: nothing is of class %s", s.name, m[1])
				}
			}
		}
	}
}

// drawn says whether the code names a class, or begins its name and lets a value end it.
func drawn(code, class string) bool {
	if strings.Contains(code, `"`+class) || strings.Contains(code, class+`"`) || strings.Contains(code, " "+class+" ") {
		return true
	}
	for i, c := range class {
		if c == '-' && strings.Contains(code, class[:i+1]+`"`) {
			return true
		}
	}
	return false
}
