package ui_test

import (
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// tokens reads the custom properties of tokens.css: of the light theme, and of the dark one over it.
func tokens(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	b, err := os.ReadFile("../../web/styles/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	first, second, ok := strings.Cut(string(b), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("no dark theme")
	}
	second = second[:block(second)] // what comes after it is of both
	light, dark = map[string]string{}, map[string]string{}
	for name, value := range properties(first) {
		light[name], dark[name] = value, value
	}
	for name, value := range properties(second) {
		if light[name] == "" {
			t.Errorf("--%s is in the dark theme alone", name)
		}
		dark[name] = value
	}
	return light, dark
}

var property = regexp.MustCompile(`--([a-z0-9-]+):\s*([^;]+);`)

func properties(css string) map[string]string {
	out := map[string]string{}
	for _, m := range property.FindAllStringSubmatch(css, -1) {
		out[m[1]] = strings.TrimSpace(m[2])
	}
	return out
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil || len(hex) != 7 {
		t.Fatalf("%q is no colour", hex)
	}
	part := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(n>>16) + 0.7152*part(n>>8) + 0.0722*part(n)
}

func contrast(t *testing.T, a, b string) float64 {
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// TestContrast (A8): WCAG 2.2 AA, 4.5 for text and 3 for the edges of controls and the focus, in both themes.
func TestContrast(t *testing.T) {
	const text, edge = 4.5, 3.0
	pairs := []struct {
		on, what string
		least    float64
	}{
		{"paper", "ink", text}, {"sheet", "ink", text}, {"sunk", "ink", text}, {"accent-soft", "ink", text},
		{"paper", "ink-soft", text}, {"sheet", "ink-soft", text}, {"sunk", "ink-soft", text}, {"warn-soft", "ink-soft", text},
		{"paper", "accent", text}, {"sheet", "accent", text}, {"accent-soft", "accent", text}, {"accent", "on-accent", text},
		{"paper", "brand", text}, {"sheet", "brand", text}, {"sheet", "good", text},
		{"good-soft", "good", text}, {"warn-soft", "warn", text}, {"danger-soft", "danger", text}, {"note-soft", "note", text},
		{"danger", "on-danger", text}, {"ink", "paper", text}, {"sheet", "danger", text},
		{"paper", "edge", edge}, {"sheet", "edge", edge}, {"warn-soft", "edge", edge},
		// What is drawn and what a state is told by, beside its word.
		{"paper", "good", edge}, {"paper", "warn", edge}, {"paper", "danger", edge}, {"paper", "note", edge},
		{"sunk", "accent", text}, {"sunk", "brand", edge}, {"sheet", "warn", text}, {"sheet", "note", text},
		// The ring around what has the focus is seen against what it lies on and against what it is around.
		{"paper", "accent", edge}, {"sheet", "accent", edge}, {"sunk", "accent", edge}, {"ink", "paper", edge},
		{"good-soft", "accent", edge}, {"warn-soft", "accent", edge}, {"danger-soft", "accent", edge}, {"note-soft", "accent", edge},
		{"danger-soft", "ink", text}, {"note-soft", "ink", text}, {"warn-soft", "ink", text}, {"good-soft", "ink", text},
		// A leaf, which is white in every theme.
		{"white", "leaf-ink", text}, {"white", "leaf-soft", text}, {"white", "leaf-accent", text}, {"leaf-sunk", "leaf-ink", text},
		{"white", "leaf-edge", edge}, {"white", "leaf-brand", edge}, {"white", "black", text},
	}
	for i := range 8 {
		pairs = append(pairs, struct {
			on, what string
			least    float64
		}{"who-" + strconv.Itoa(i), "on-who", text}) // its ring is of the colour of its words
	}
	light, dark := tokens(t)
	for theme, colours := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs {
			if got := contrast(t, colours[p.what], colours[p.on]); got < p.least {
				t.Errorf("%s: %s on %s is %.2f, want %.1f", theme, p.what, p.on, got, p.least)
			}
		}
	}
}

// TestCodeIsBlackOnWhite (Q1): in every theme.
func TestCodeIsBlackOnWhite(t *testing.T) {
	css := styles(t)
	for _, want := range []string{"--white: #ffffff;", "--black: #000000;", ".code-paper { fill: var(--white); }", ".code-ink { fill: var(--black); }", ".code-page::before { content: \"\"; position: fixed; inset: 0; z-index: -1; background: var(--white); }"} {
		if !strings.Contains(css, want) {
			t.Errorf("no %q", want)
		}
	}
}

// TestStylesAreLocal: no address, no import, and every custom property is defined.
func TestStylesAreLocal(t *testing.T) {
	css := styles(t)
	for _, bad := range []string{"url(", "@import", "expression(", "//"} {
		if strings.Contains(css, bad) {
			t.Errorf("styles hold %q", bad)
		}
	}
	light, _ := tokens(t)
	light["who"] = "set by .colour-n"
	for _, part := range strings.Split(css, "var(--")[1:] {
		name := part[:strings.IndexAny(part, ",)")]
		if light[name] == "" {
			t.Errorf("--%s is not defined", name)
		}
	}
	if opened, closed := strings.Count(css, "{"), strings.Count(css, "}"); opened != closed {
		t.Errorf("%d { and %d }", opened, closed)
	}
}

// TestEveryClassIsStyled: a class in the code that no style knows was renamed on one side only.
func TestEveryClassIsStyled(t *testing.T) {
	css := styles(t)
	marks := map[string]bool{ // told apart by tests and by people who write styles of their own
		"work": true, "table-scroll": true, "month": true, "welcome": true, "unlock": true, "home": true, "record": true, "share": true,
		"ledger": true, "receive": true, "settings": true, "people": true, "recovery": true, "backup": true, "restore": true, "wipe": true,
		"about": true, "person": true, "report": true, "result": true, "opens": true,
		"consent-kinds": true, "ask-page": true, "print-who": true, "print-when": true, "whose-text": true, "arrival-page": true, "arrivals": true,
		"consent-finding": true, "id1-rows": true, "log-list": true,
	}
	for path, f := range sources(t, ".") {
		for _, class := range classes(f) {
			if !strings.Contains(css, "."+class) && !marks[class] && !strings.HasSuffix(class, "-") {
				t.Errorf("%s: no style for .%s", path, class)
			}
		}
	}
}

func styles(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir("../../web/styles", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
