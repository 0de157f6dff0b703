package e2e_test

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// forced lists what somebody who chooses their own few colours (Windows' high
// contrast) could not see: an icon or letters in the colour of what is behind them, a
// button that no edge tells from words, a focus without an outline, a code that is not
// black on white.
const forced = `(() => {
	const bad = [], say = (e, why) => bad.push(why + ": " + e.outerHTML.slice(0, 100));
	const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/^rgba\(.*, 0\)$|transparent/.test(c)) return c; } return "rgb(255, 255, 255)"; };
	for (const e of document.querySelectorAll("main .button, header button, nav a, nav button")) {
		if (!e.checkVisibility()) continue;
		const s = getComputedStyle(e);
		if (s.color === behind(e)) say(e, "letters cannot be seen");
		if (e.matches(".button-main, .button-plain, .button-grave") && (s.borderStyle === "none" || parseFloat(s.borderWidth) < 1 || s.borderColor === behind(e.parentElement))) say(e, "no edge");
	}
	for (const e of document.querySelectorAll("svg.icon")) {
		if (!e.checkVisibility()) continue;
		if (getComputedStyle(e).stroke === behind(e)) say(e, "a sign cannot be seen");
	}
	for (const e of document.querySelectorAll("#chart svg *, svg.chart *")) {
		const s = getComputedStyle(e);
		if (/^(path|polyline|line|circle)$/.test(e.localName) && s.stroke === behind(e) && (s.fill === "none" || s.fill === behind(e))) say(e, "a line of the chart cannot be seen");
	}
	for (const e of document.querySelectorAll("svg.code")) {
		const dark = [...e.querySelectorAll("path, rect")].map(x => getComputedStyle(x).fill);
		if (!dark.includes("rgb(0, 0, 0)") || !(dark.includes("rgb(255, 255, 255)") || behind(e) === "rgb(255, 255, 255)")) say(e, "a code that is not black on white " + dark + " on " + behind(e));
	}
	const first = document.querySelector("main a, main button");
	first?.focus();
	if (first && (getComputedStyle(first).outlineStyle === "none" || parseFloat(getComputedStyle(first).outlineWidth) < 2)) say(first, "the focus cannot be seen");
	return bad;
})()`

// forcedColours looks at the pages with codes, charts, marks and pictures, in the
// colours of somebody else.
func forcedColours(w *page, passphrase string, names map[string]string) {
	w.t.Helper()
	unlock(w, passphrase)
	for _, theme := range []string{"light", "dark"} {
		w.wear(asIs)
		w.media(theme, false, true)
		for name, path := range map[string]string{"home": "/", "code": "/code/" + names["share"], "chart": names["chart"], "record": "/record/" + names["record"], "counter": "/counter"} {
			w.to("/settings")
			w.to(path)
			w.settled()
			w.key("\t")
			w.faults(name+" in forced colours, "+theme, map[string]string{"forced": forced})
			if !js[bool](w, `matchMedia("(forced-colors: active)").matches`) {
				w.t.Errorf("%s: the colours are not forced", name)
			}
			if os.Getenv("POTLI_SHOTS") != "" {
				w.picture("forced-" + theme + "-" + name)
			}
		}
	}
	w.wear(asIs)
}

// erased is a wallet whose storage the browser has taken back.
func erased(w *page) {
	w.t.Helper()
	w.clear()
	w.anew(w.reload, `document.querySelector("main a[href='/restore']")`)
	w.scenes(asIs, []scene{{name: "cleared"}, {name: "cleared-sure", do: func(w *page) { w.press(sentence(w.t, "cleared.fresh")) }}}, nil)
}

// troubled are the wallets that cannot be opened: beside a tab of an earlier release,
// in a browser that keeps nothing, and after the browser has erased it.
func troubled(t *testing.T, p *potli) {
	t.Helper()
	b := newBrowser(t)
	old := b.open(t, p.App+"/config.json")
	js[bool](old, `new Promise(y => navigator.locks.request("vault-write", () => { y(true); return new Promise(() => {}); }))`)
	w := b.open(t, p.App)
	w.sees(sentence(t, "elsewhere.text"))
	w.judgesBoth("elsewhere")
	old.do(chromedp.Navigate("about:blank"))

	none := b.open(t, "")
	none.begins(`Object.defineProperty(navigator, "locks", {value: undefined}); Object.defineProperty(globalThis, "indexedDB", {value: undefined});`)
	none.visit(p.App)
	none.there("#title")
	none.until("it has looked", `!document.querySelector(".splash")`)
	none.judgesBoth("broken")
}

// judgesBoth judges what does not let anybody choose a language.
func (p *page) judgesBoth(name string) {
	p.t.Helper()
	p.wear(asIs)
	p.judgeEnglish(name)
	p.wear(look{"scene-large", "en", "dark", 320, 0, 32})
	p.judgeHindi(name)
}
