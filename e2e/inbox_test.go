package e2e_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// arrivalLooks are how the pages of a visit are judged: in large Hindi text, which has the least room. With pictures to look
// at, in every way.
func arrivalLooks() []look {
	if os.Getenv("POTLI_SHOTS") != "" {
		return slices.Concat(looks, large)
	}
	return large[1:]
}

// seen judges a page as it stands, in each language too, and goes on as it was.
func (p *page) seen(name string) {
	p.t.Helper()
	at := js[string](p, `location.pathname + location.hash`)
	for _, l := range arrivalLooks() {
		if js[string](p, `document.documentElement.lang`) != l.lang {
			p.to("/settings")
			p.speak(l.lang)
			p.to(at)
		}
		p.wear(l)
		p.accessible(l, "visit-"+name)
	}
	if js[string](p, `document.documentElement.lang`) != "en" {
		p.to("/settings")
		p.speak("en")
		p.to(at)
	}
	p.wear(looks[0])
}

// TestVisit: a mother shows a code for her child at a counter, the clinic sends a report and a record with it, and the phone
// says so by itself. Nothing is a record before she keeps it, and what she keeps is the child's. What she does not keep can
// be fetched back. Once she has ended the code, the clinic is told in words.
func TestVisit(t *testing.T) {
	t.Parallel()
	p := startPotli(t, "")
	w := newBrowser(t).open(t, p.App)
	w.wear(looks[0])
	passphrase := w.createWallet("Meera Sharma")
	w.addPerson("Aarav Sharma", "child", "2020-02-11")
	w.to("/")
	w.click("#receive-drop")
	w.there("#drop-go")
	w.arrived(looks[0], "drop")
	js[bool](w, `(document.querySelectorAll("details").forEach(d => d.open = true), true)`)
	w.click("main .filters .option:not([aria-pressed=true])")
	w.sees("Yes, this is Aarav Sharma")
	w.seen("drop")
	w.click("#drop-go")
	w.there("svg.code")
	w.arrived(looks[0], "drop code")
	link := decodeQR(t, w)
	w.seen("code")

	c := newBrowser(t).open(t, link)
	c.choose("#drop-files", fixture(t, "web", "sample", "sample_eye_report.pdf"), fixture(t, "web", "sample", "aarav_visit_with_fever.json"))
	c.sees("Aarav Sharma")
	c.write("#drop-from", "City Clinic")
	c.click("#drop-send")
	c.there("#drop-arrived")
	w.sees("It has come: 2 documents")

	w.click("#drop-look")
	w.there("#item-keep")
	w.sees("It is not signed")
	w.clickUntil("#letter-document-1-look", ".letter-preview .view")
	w.sees("Middle ear infection, left")
	w.seen("item")
	w.sees("Keep 2 documents for Aarav Sharma")
	if n := js[int](w, `document.querySelectorAll("#letter-document-0 a[href^='/record/']").length`); n != 0 {
		t.Error("it is a record before anybody kept it")
	}
	w.click("#item-keep")
	if in := w.brought(); in != 2 {
		t.Errorf("%d documents are in, want 2", in)
	}
	w.there("#letter-document-1 a[href^='/record/']")
	w.to("/")
	w.sees("Middle ear infection, left")
	w.sees("Aarav Sharma")
	w.click("#timeline .group-head")
	w.there("#origin")
	js[bool](w, `(document.querySelectorAll("details").forEach(d => d.open = true), true)`)
	w.sees("Sent to your code: City Clinic")
	w.sees("The sender’s name is their own word.")

	c.click("#drop-more")
	c.write("#drop-note", "Come again in a week.")
	c.click("#drop-send")
	c.there("#drop-arrived")
	w.to("/")
	w.there("#badge")
	if os.Getenv("POTLI_SHOTS") != "" {
		w.seen("home")
	}
	w.click("#arrived-go")
	w.there(".arrival")
	w.seen("inbox")
	w.click(".arrival .ledger-link")
	w.sees("Come again in a week.")
	w.click("#item-decline")
	w.click("#item-restore")
	w.there("#item-decline")

	w.to("/inbox")
	w.click(`main a[href^="/drop/code#"]`)
	w.clickUntil("#drop-end", "#drop-end-yes")
	w.click("#drop-end-yes")
	w.there("#drop-dead")
	if os.Getenv("POTLI_SHOTS") != "" {
		w.seen("ended")
	}
	for _, said := range w.complaints() {
		if !strings.Contains(said, "status of 404") { // the browser says so itself when a mailbox ends that it listened to
			t.Errorf("the page complained: %s", said)
		}
	}
	c.quiet()
	c.click("#drop-more")
	c.write("#drop-note", "One thing more.")
	c.click("#drop-send")
	c.sees("The person has taken this code back, or it has ended.")

	// The phone's own camera opens a code in a page of its own; what it holds survives the words, and leaves the address.
	w.visit(p.App + "/take" + link[strings.Index(link, "#"):])
	unlock(w, passphrase)
	w.there("#take-drop")
	if at := js[string](w, `location.href`); at != p.App+"/take" {
		t.Errorf("the address still says %s", at)
	}
	leftNothing(t, p, passphrase, "Meera", "Aarav", "City Clinic", "Middle ear infection", "sample_eye_report", "Come again in a week", "potli-message")
}

// leftNothing fails where the relay's data or its log has a word in clear of what passed between a wallet and a clinic.
func leftNothing(t *testing.T, p *potli, words ...string) {
	t.Helper()
	noneIn(t, "the relay's data", p.Data, words)
	for _, word := range words {
		if strings.Contains(p.out.String(), word) {
			t.Errorf("the log holds %q", word)
		}
	}
}
