package e2e_test

import (
	"os"
	"testing"
)

// TestFiguresCounter measures the way to a code at a counter, without network and on a slow phone: from the sign on the
// home screen to the code without unlocking, and in an open wallet from the first page.
func TestFiguresCounter(t *testing.T) {
	if os.Getenv("POTLI_BENCH") == "" {
		t.Skip("measured by make bench")
	}
	var f figures
	t.Cleanup(func() { f.print() })
	p := startPotli(t, "")
	b := newBrowser(t)
	w := b.open(t, p.App)
	w.createWallet("Meera Sample")
	w.bring(allergyFile(t, "Peanut"))
	w.to("/show")
	w.click("#show-go")
	w.there("#countdown")
	w.click("#ready")
	w.there("#ready-page")
	w.keeps()
	p.kill()
	cold := b.open(t, "")
	cold.throttle(4)
	cold.begins(`new MutationObserver((_, o) => { if (document.querySelector("#code svg")) { o.disconnect(); requestAnimationFrame(() => setTimeout(() => (globalThis.testCode = performance.now()))); } }).observe(document, {childList: true, subtree: true});`)
	cold.visit(p.App + "/ready.html")
	cold.until("the code is there", `globalThis.testCode > 0`)
	f.took("code without unlocking, from a cold tap, offline, CPU / 4", milliseconds(js[float64](cold, `testCode`)), "<= 2 s")
	w.to("/")
	w.throttle(4)
	f.took("code that still works, from the first page, offline, CPU / 4", w.took(`document.querySelector("#counter").click()`, `document.querySelector("#counter-mine svg")`), "<= 2 s")
}
