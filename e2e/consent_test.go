package e2e_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"potli/app/consent"
	"potli/app/vault"
	"potli/crypto/keyring"
)

// askLooks are how the pages of a request are judged; with pictures to look at, in every way.
func askLooks() []look {
	if os.Getenv("POTLI_SHOTS") != "" {
		return slices.Concat(looks, large)
	}
	return []look{large[0], looks[3]}
}

// judged judges a page as it stands, with what is open on it. Pictures are taken in Hindi too, of the page as it opens.
func (p *page) judged(name string) {
	p.t.Helper()
	for _, l := range askLooks() {
		if l.lang == "en" {
			p.wear(l)
			p.accessible(l, "consent-"+name)
		}
	}
	p.wear(looks[0])
}

// inHindi judges a page as it opens, in Hindi, and goes on in English.
func (p *page) inHindi(name string) {
	p.t.Helper()
	at := js[string](p, `location.pathname`)
	p.to("/settings")
	p.speak("hi")
	p.to(at)
	p.there("#title")
	p.settled()
	for _, l := range append(askLooks(), large[1]) {
		if l.lang == "hi" {
			p.wear(l)
			p.accessible(l, "consent-"+name)
		}
	}
	p.wear(looks[0])
	p.to("/settings")
	p.speak("en")
	p.to(at)
}

// opensDesk begins a clinic's desk in a browser of its own.
func opensDesk(t *testing.T, p *potli, name string) *page {
	t.Helper()
	desk := newBrowser(t).open(t, p.Viewer+"/clinic")
	desk.write("#clinic-name", name)
	desk.click("#desk-save")
	return desk
}

// asks makes the code of a request on the desk, of one of its presets, and returns the link in it.
func (p *page) asks(preset, about string) string {
	p.t.Helper()
	p.click("#desk-new")
	p.click("#preset-" + preset)
	p.write("#about", about)
	p.click("#desk-ask")
	p.until("the link is there", `(document.querySelector("#ask-link")?.value ?? "").includes("/ask#")`)
	return p.value("#ask-link")
}

// stands waits until the request on the desk stands so.
func (p *page) stands(attributes string) {
	p.t.Helper()
	p.there("#ask-state" + attributes)
}

// rewrites changes what a locked wallet's log of a person says, as nobody should: the passphrase is known, the past is not
// to the clinic's liking.
func (p *page) rewrites(passphrase, person string, change func(log []byte) []byte) {
	p.t.Helper()
	ctx, disk := context.Background(), p.disk()
	file, err := disk.Get(ctx, "unlock")
	p.must(err)
	keys, err := keyring.Unlock(file, passphrase)
	p.must(err)
	ring, err := vault.Ring(ctx, disk, keys)
	p.must(err)
	v, err := vault.Open(ctx, vault.Options{Blobs: disk}, ring, nil)
	p.must(err)
	docs, err := v.Docs(ctx, "ledger/"+person+"/")
	p.must(err)
	if len(docs) != 1 {
		p.t.Fatalf("%d logs: %q", len(docs), slices.Collect(maps.Keys(docs)))
	}
	for name, log := range docs {
		after := change(log)
		if bytes.Equal(after, log) {
			p.t.Fatalf("nothing to change in %q", log)
		}
		p.must(v.PutDocs(ctx, map[string][]byte{name: after}))
	}
	p.put(disk)
}

// receiptOnPaper prints the receipt on the screen: all of it, on white, with nothing to press.
func (p *page) receiptOnPaper(t *testing.T, words ...string) {
	t.Helper()
	b, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("POTLI_SHOTS") != "" {
		p.must(os.WriteFile(filepath.Join("shots", "receipt.pdf"), b, 0o644))
	}
	if n := len(pdfPage.FindAll(b, -1)); n < 1 || n > 2 {
		t.Errorf("a receipt of %d pages", n)
	}
	text, ok := poppler(t, b, "pdftotext", "-layout", "-", "-")
	if !ok {
		t.Log("pdftotext (poppler-utils) is not here")
		return
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the paper lacks %q: %s", w, text)
		}
	}
	if strings.Contains(text, "Save the receipt") {
		t.Error("buttons on paper")
	}
}

// TestConsent: a clinic's code is scanned, the request narrowed and granted for the child; the clinic has exactly that, a
// receipt proves it, and when it is taken back the clinic is told. The father, elsewhere, is a witness: when the mother's
// past is changed, both are told so by name.
func TestConsent(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	camera, film := withCamera(t)
	mother, father := camera.open(t, p.App), newBrowser(t).open(t, p.App)
	for _, w := range []*page{mother, father} {
		w.wear(looks[0])
	}
	hers := mother.createWallet("Meera Sample")
	father.createWallet("Arjun Sample")
	child := mother.addPerson("Aarav Sample", "child", "2020")
	mother.to("/")
	mother.actFor("Aarav Sample")
	mother.bring(allergyFile(t, "Peanut"), allergyFile(t, "Dust"))
	letIn(mother, father, child, hers, "Arjun", "1", "1")

	desk := opensDesk(t, p, "City Clinic")
	link := desk.asks("stay", "Token 12")
	t.Logf("the code holds %d characters", len(link))
	mother.to("/add")
	mother.to("/scan")
	mother.watch()
	film.showsLong(link)
	mother.click("#scan")
	given := grants(t, mother)
	desk.stands(`[data-state="narrowed"][data-counter="sent"][data-papers="1"]`)
	desk.sees("Peanut")
	if strings.Contains(desk.visible(), "Dust") {
		t.Error("the clinic has what was left out")
	}
	proves(t, mother, given)

	// The father has it too, and nothing is wrong.
	father.to("/")
	father.actFor("Aarav Sample")
	father.to("/shared")
	father.click("#consents-page")
	father.there("#holding-0")
	father.sees("City Clinic")
	father.until("nothing is wrong", `!document.querySelector(".consent-finding")`)

	mother.to(given)
	mother.there("#consent-runs")
	mother.click("#consent-take")
	mother.there("#take-sure")
	mother.judged("taking")
	mother.click("#take-yes")
	mother.there("#consent-told")
	desk.stands(`[data-state="revoked"][data-papers="0"]`)
	if strings.Contains(desk.visible(), "Peanut") {
		t.Error("the clinic still shows what was taken back")
	}
	mother.to("/consents")
	mother.sees("Nobody has anything by your consent today.")
	mother.judged("nobody")

	witnessed(t, mother, father, desk, hers, strings.TrimPrefix(child, "/settings/people/"))
	for _, w := range []*page{mother, father, desk} {
		w.quietBut(sentAgain)
	}
	leftNothing(t, p, hers, "Meera", "Aarav", "City Clinic", "Token 12", "Peanut", "CAREMGT", "potli-consent-request", "potli-receipt", strings.TrimPrefix(given, "/consents/one/"))
}

// grants answers a request that has just been scanned: for the child, less of it. It returns the page of the consent.
func grants(t *testing.T, w *page) (path string) {
	t.Helper()
	w.there("#ask-whose")
	w.arrived(looks[0], "ask")
	w.sees("City Clinic asks for records")
	w.sees("Token 12")
	w.judged("asked")
	if js[int](w, `document.querySelectorAll("#ask-give:not([disabled]), #ask-whose [aria-pressed=true]").length`) != 0 {
		t.Error("somebody is chosen beforehand")
	}
	js[bool](w, `([...document.querySelectorAll("#ask-whose .option")].find(e => e.textContent.includes("Aarav")).setAttribute("data-test", "child"), true)`)
	w.click("[data-test=child]")
	w.sees("2 records would go now")
	w.until("the four answers are of one size", `new Set(["give", "less", "later", "no"].map(n => { const r = document.querySelector("#ask-" + n).getBoundingClientRect(); return [r.width, r.height].map(Math.round) + getComputedStyle(document.querySelector("#ask-" + n)).backgroundColor; })).size === 1`)
	w.click("#ask-less")
	w.there("#less")
	w.until("it begins with the least", `document.querySelector("#less-repeat-0").checked && document.querySelector("#less-after-0").checked`)
	w.until("the records are there to choose", `document.querySelectorAll("#ask-goes .tick-row input:checked").length === 2`)
	js[bool](w, `([...document.querySelectorAll("#ask-goes .tick-row")].find(e => e.textContent.includes("Dust")).querySelector("input").setAttribute("data-test", "dust"), true)`)
	w.click("[data-test=dust]")
	w.sees("1 record would go now")
	w.judged("less")
	w.until("it can be given", `!document.querySelector("#ask-give").disabled`)
	w.click("#ask-give")
	w.there("#give-sure")
	w.sees("Give Aarav Sample’s records to City Clinic?")
	w.judged("sure")
	w.click("#give-yes")
	w.there("#consent-terms")
	w.sees("Only 1 record and no other")
	w.sees("They look at it, and keep nothing")
	return js[string](w, `location.pathname`)
}

// proves looks at the consent that was given, its receipts, and one of them on paper.
func proves(t *testing.T, w *page, path string) {
	t.Helper()
	w.to("/consents")
	w.there("#holding-0")
	w.judged("today")
	w.inHindi("today")
	w.to("/inbox") // where what came is asked for at once
	w.to(path)
	w.until("the clinic has confirmed", `document.querySelector("#consent-receipts")?.textContent.includes("Confirmed by them")`)
	w.judged("one")
	js[bool](w, `(document.querySelectorAll("#consent-receipts a")[1].setAttribute("data-test", "receipt"), true)`)
	w.click("[data-test=receipt]")
	w.there("#receipt")
	w.arrived(looks[0], "receipt")
	w.judged("receipt")
	hash := strings.TrimPrefix(js[string](w, `location.pathname`), "/receipt/")
	w.receiptOnPaper(t, "Aarav Sample", "City Clinic", "For treatment and care", "Meera Sample", hash)
	js[bool](w, `(document.querySelector("#receipt svg.code").scrollIntoView({block: "center"}), true)`)
	if text := decodeQR(t, w); text != "sha256:"+hash {
		if v, err := consent.Verify(text); err != nil || v.Hash() != hash {
			t.Errorf("the code holds %q, %v", text, err)
		}
	}
	dir := w.downloads()
	jws, err := os.ReadFile(w.saves("#receipt-save", dir, "receipt-*.jws"))
	if err != nil {
		t.Fatal(err)
	}
	if v, err := consent.Verify(string(jws)); err != nil || v.Hash() != hash || len(v.Documents) != 1 || v.Principal != "Aarav Sample" {
		t.Errorf("the saved receipt: %+v, %v", v, err)
	}
	w.inHindi("receipt")
	w.to("/consents/log")
	w.there("#log-found")
	w.write("#log-words", "clinic went")
	w.until("it was found", `document.querySelectorAll(".log-list li").length === 1`)
	w.judged("log")
}

// witnessed changes the mother's past, and both of them are told.
func witnessed(t *testing.T, mother, father, desk *page, hers, child string) {
	t.Helper()
	mother.lock()
	mother.rewrites(hers, child, func(log []byte) []byte { return bytes.Replace(log, []byte("City Clinic"), []byte("Good Clinic"), 1) })
	mother.again(hers, "Aarav Sample")
	mother.to("/consents")
	mother.there(".consent-finding")
	mother.sees("Another phone saw a different history of this phone.")
	mother.judged("forked")

	// What she writes on such a past reaches him.
	desk.click("#desk-back")
	link := desk.asks("today", "Token 13")
	mother.to("/add")
	mother.to("/scan")
	mother.write("#scan-text", link)
	mother.click("#scan-go")
	mother.there("#ask-no")
	mother.inHindi("asked")
	mother.click("#ask-no")
	mother.there("#no-sure")
	mother.click("#no-yes")
	mother.there("#ask-refused")
	desk.stands(`[data-state="refused"]`)
	father.to("/consents")
	father.there(".consent-finding")
	father.sees("The phone of Meera Sample shows another history than was seen here before.")
	father.judged("witness")
}
