package e2e_test

import "testing"

// TestClinicLanguageAtOnce: whoever changes the language of the clinic's page while parts of it are still coming gets all of
// them, once, in that language, and it goes the way that its script goes.
func TestClinicLanguageAtOnce(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, "")
	w.begins(`new MutationObserver((_, seen) => {
		const box = document.querySelector("#languages select");
		if (!box) return;
		seen.disconnect();
		globalThis.testTags = [...box.options].map(o => o.value);
		for (const tag of ["hi", "ta", "ur"]) {
			box.value = tag;
			box.dispatchEvent(new Event("change"));
		}
	}).observe(document, {childList: true, subtree: true});`)
	w.visit(p.Viewer)
	w.until("the page speaks Urdu", `document.documentElement.lang === "ur" && document.querySelector("#to-desk") !== null && document.querySelector("#ready").childNodes.length > 0`)
	if got := js[string](w, `document.documentElement.dir`); got != "rtl" {
		t.Errorf("Urdu goes %q", got)
	}
	for _, tag := range append(js[[]string](w, `testTags`), "ur") {
		js[bool](w, `(() => { const box = document.querySelector("#languages select"); box.value = "`+tag+`"; box.dispatchEvent(new Event("change")); return true; })()`)
		w.until("the page speaks "+tag, `document.documentElement.lang === "`+tag+`" && document.querySelector("#to-desk") !== null`)
		for what, found := range map[string]string{
			"stands there twice": `[...document.querySelectorAll("main [id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`,
			"is no word":         `[...document.querySelectorAll("main *")].filter(e => !e.children.length).map(e => e.textContent).filter(s => /^[a-z]+(\.[a-z-]+)+$/.test(s))`,
		} {
			if got := js[[]string](w, found); len(got) > 0 {
				t.Errorf("%s: %q %s", tag, got, what)
			}
		}
	}
	w.quiet()
}
