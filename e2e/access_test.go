package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// What is asked of each scene, and in which look.
const (
	// contrast asks axe-core only what a theme can change.
	contrast = `axe.run(document, {iframes: false, runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}})
		.then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ") + " " + (n.any[0]?.message ?? "")).slice(0, 3).join(" | ")))`

	// toneless lists what would be told by its colour alone: a notice or mark
	// without a sign, a thing that is chosen and has no other border, weight or sign.
	toneless = `[...document.querySelectorAll(".notice, .chip")].filter(e => e.checkVisibility() && (!e.querySelector("svg") || e.textContent.trim() === "")).map(e => e.outerHTML.slice(0, 90))`

	// voiceless lists pictures that a screen reader could not tell: codes without a
	// sentence, charts without a table.
	voiceless = `[...document.querySelectorAll("svg.code, svg.chart, #chart svg")].filter(e => {
			const named = e.closest("[role=img], [role=application], [role=slider]");
			if (!named) return !e.closest("[aria-hidden=true]");
			const name = named.getAttribute("aria-label") ?? document.getElementById(named.getAttribute("aria-labelledby"))?.textContent ?? "";
			return name.trim().split(/\s+/).length < 3;
		}).map(e => e.outerHTML.slice(0, 120))
		.concat(document.querySelector("#chart") && !document.querySelector("main table") ? ["a chart without a table"] : [])`

	// unquiet lists what moves for somebody who has asked for no motion.
	unquiet = `[...document.querySelectorAll("*")].filter(e => { const s = getComputedStyle(e);
			const long = v => v.split(",").some(x => parseFloat(x) > 0.01);
			return s.animationName !== "none" && long(s.animationDuration) || long(s.transitionDuration); }).map(e => e.outerHTML.slice(0, 90)).slice(0, 3)`
)

// media is a theme, and whether the person wants no motion.
func (p *page) media(theme string, still, forced bool) {
	p.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}
	if still {
		features = append(features, &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})
	}
	if forced {
		features = append(features, &emulation.MediaFeature{Name: "forced-colors", Value: "active"})
	}
	tell(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

// faults collects the answers of questions, which list what is wrong.
func (p *page) faults(where string, questions map[string]string) {
	p.t.Helper()
	for what, question := range questions {
		for _, v := range js[[]string](p, question) {
			p.t.Errorf("%s: %s: %s", where, what, v)
		}
	}
}

// rests waits for what comes in slowly.
func (p *page) rests() {
	js[bool](p, `Promise.all(document.getAnimations().filter(a => a.effect?.getTiming().iterations !== Infinity).map(a => a.finished.catch(() => 0))).then(() => true)`)
}

// Two looks stand for all: what axe can find is the same in every language and size,
// but for colours (two themes) and room (the longer language, the largest text).
var (
	asIs  = look{"scene-en", "en", "light", 360, 0, 16}
	tight = look{"scene-hi", "hi", "dark", 320, 0, 32}
)

// judgeEnglish is the whole of axe in the light, its colours in the dark, a mirrored
// page, and no motion.
func (p *page) judgeEnglish(name string) {
	p.t.Helper()
	p.axe()
	p.rests()
	p.faults(name, map[string]string{"axe": barriers, "too small": unreachable, "sticks out": sideways, "is cut": cut, "colour alone": toneless, "no words for": voiceless})
	p.media("dark", true, false)
	js[bool](p, `(document.documentElement.dir = "rtl", true)`)
	p.faults(name+" mirrored, dark, without motion", map[string]string{"axe": contrast, "sticks out": sideways, "moves": unquiet})
	js[bool](p, `(document.documentElement.dir = "ltr", true)`)
	p.media("light", false, false)
	p.wholePicture(asIs, name)
}

// judgeHindi is the whole of axe in the dark and the room for the largest letters on
// the smallest phone, and the colours in the light.
func (p *page) judgeHindi(name string) {
	p.t.Helper()
	p.axe()
	p.rests()
	p.faults(name+" in Hindi, dark, large on 320 px", map[string]string{"axe": barriers, "too small": unreachable, "sticks out": sideways, "is cut": cut})
	p.media("light", false, false)
	p.faults(name+" in Hindi", map[string]string{"axe": contrast})
	p.media("dark", false, false)
	p.wholePicture(tight, name)
}

// scenes goes through scenes and judges each.
func (p *page) scenes(l look, list []scene, names map[string]string) {
	p.t.Helper()
	var replace []string
	for k, v := range names {
		replace = append(replace, "{"+k+"}", v)
	}
	fill := strings.NewReplacer(replace...)
	judge := p.judgeEnglish
	if l.lang == "hi" {
		judge = p.judgeHindi
	}
	p.wear(l)
	for _, s := range list {
		path := s.path
		if path == "" {
			path = s.route
		}
		if path != "" {
			p.opens(l, s.name, fill.Replace(path))
		}
		if s.do != nil {
			s.do(p)
		}
		judge(s.name)
	}
}

// opens leads to a page, which says its name and has the focus on it.
func (p *page) opens(l look, name, path string) {
	p.t.Helper()
	if strings.Contains(path, "{") {
		p.t.Fatalf("%s: %s is not furnished", name, path)
	}
	if at, _, _ := strings.Cut(path, "#"); at == js[string](p, `location.pathname`) {
		p.to("/settings") // or it would be the page that is there already
	}
	js[bool](p, `(document.activeElement?.blur(), true)`)
	p.to(path)
	p.arrived(l, name)
}

// TestAccess is A1 to A5 and A8 over every route and what can be reached on it.
func TestAccess(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	b := newBrowser(t)
	w := b.open(t, p.App)
	w.there("#try")
	for _, l := range []look{tight, asIs} {
		w.wear(l)
		w.to("/")
		w.speak(l.lang)
		w.scenes(l, newcomers, nil)
	}
	w.to("/")
	passphrase := w.createWallet("Meera Sample")
	names := furnish(t, w, p)
	for _, l := range []look{asIs, tight} {
		w.to("/settings")
		w.speak(l.lang)
		w.scenes(l, owners, names)
	}
	for _, l := range []look{tight, asIs} {
		if l.lang == "en" {
			unlock(w, passphrase)
			w.to("/settings")
			w.speak(l.lang)
		}
		w.anew(func() { w.click("#lock") }, `document.querySelector("#passphrase")`)
		w.scenes(l, lockedOut, nil)
		w.to("/")
	}
	forcedColours(w, passphrase, names)
	for _, c := range w.complaints() {
		if !strings.Contains(c, "/v1/links/") { // the link that was taken back is gone from the relay, and the browser says so
			t.Errorf("the page complained: %s", c)
		}
	}
	erased(w)
	troubled(t, p)
}
