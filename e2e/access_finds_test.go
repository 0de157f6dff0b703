package e2e_test

import (
	"net/url"
	"strings"
	"testing"
)

// faulty is a page with everything that the questions of access are there to find.
const faulty = `<!doctype html><html lang="en"><title>Faulty – Potli</title>
<style>
	.moves { transition: opacity 2s; }
	.flat { border: 0; color: black; background: white; forced-color-adjust: none; outline: none !important; }
	.unseen { stroke: white; forced-color-adjust: none; }
	main { background: white; forced-color-adjust: none; }
	.wide { inline-size: 900px; }
	.faint { color: #ccc; background: #fff; }
</style>
<main><h1 id="title" tabindex="-1">Faulty</h1>
<button class="button button-plain flat">Small</button>
<p class="notice">only a colour</p>
<p class="moves">moves</p>
<p class="faint">faint words that nobody can read</p>
<div class="wide">wide</div>
<svg class="icon unseen" width="24" height="24"><path d="M0 0h9"/></svg>
<svg class="code" width="99" height="99"><path d="M0 0h9" fill="red"/></svg>
<div id="chart"></div>
</main></html>`

// TestAccessFinds: each question finds its fault, so that a wallet in which nothing is found has none.
func TestAccessFinds(t *testing.T) {
	t.Parallel()
	w := newBrowser(t).open(t, "data:text/html;charset=utf-8,"+url.PathEscape(faulty))
	w.wear(asIs)
	w.axe()
	for what, c := range map[string]struct{ question, finds string }{
		"axe": {barriers, "color-contrast"}, "contrast": {contrast, "color-contrast"}, "small": {unreachable, "button"}, "wide": {sideways, "page"},
		"colour alone": {toneless, "only a colour"}, "a code": {voiceless, "<svg class=\"code\""}, "a chart": {voiceless, "without a table"}, "motion": {unquiet, "moves"},
	} {
		if got := strings.Join(js[[]string](w, c.question), "\n"); !strings.Contains(got, c.finds) {
			t.Errorf("%s: found %q, want %q in it", what, got, c.finds)
		}
	}
	w.media("dark", true, true)
	for _, is := range []string{"(forced-colors: active)", "(prefers-reduced-motion: reduce)", "(prefers-color-scheme: dark)"} {
		if !js[bool](w, `matchMedia(`+quote(is)+`).matches`) {
			t.Errorf("the browser does not do as if %s", is)
		}
	}
	w.media("light", false, true)
	got := strings.Join(js[[]string](w, forced), "\n")
	for _, want := range []string{"no edge", "a sign cannot be seen", "not black on white", "the focus cannot be seen"} {
		if !strings.Contains(got, want) {
			t.Errorf("forced colours: found %q, want %q in it", got, want)
		}
	}
}
