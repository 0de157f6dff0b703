package e2e_test

import "testing"

// Who is quicker than the page is drawn loses nothing: neither what the records say,
// when the box is ticked before that is known, nor what was typed.
func TestQuickerThanTheCard(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.createWallet("Meera Sample")
	w.click(`nav a[href="/add"]`)
	w.there("#paste")
	w.writes("allergy", "name", "Dust")
	w.there(`main a[href^="/record/"]`)
	js[bool](w, `(() => {
		new MutationObserver((_, o) => {
			const box = document.querySelector("#emergency-allergies-on");
			if (!box) return;
			o.disconnect();
			box.click();
		}).observe(document.body, {childList: true, subtree: true});
		return true;
	})()`)
	w.to("/emergency")
	w.until("what is known is in the field", `document.querySelector("#emergency-allergies")?.value === "Dust"`)
	w.until("it can be kept", `!document.querySelector("#emergency-keep").disabled`)
	js[bool](w, `(() => {
		const text = document.querySelector("#emergency-allergies"), box = document.querySelector("#emergency-allergies-on");
		text.value = "Dust, mites";
		text.dispatchEvent(new Event("input", {bubbles: true}));
		box.click();
		box.click();
		return true;
	})()`)
	w.click("#emergency-keep")
	w.there("#emergency-kept")
	w.to("/")
	w.to("/emergency")
	w.there("#emergency-allergies")
	if got := js[string](w, `document.querySelector("#emergency-allergies").value`); got != "Dust, mites" {
		t.Errorf("the card says %q", got)
	}
	w.quiet()
}
