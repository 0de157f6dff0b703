package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"potli/app/fhir"
)

// inFrame presses an element inside the viewer's frame, which is of another
// origin: a script of ours could not reach it, a finger can.
func (p *page) inFrame(css string) {
	p.t.Helper()
	p.there("#viewer-frame")
	frames, err := chromedp.Run(p.ctx, chromedp.Nodes(chromedp.CSS("#viewer-frame")))
	if err != nil {
		p.t.Fatal(err)
	}
	p.do(chromedp.Click(chromedp.CSS(css), chromedp.FromNode(frames[0]), chromedp.NodeVisible))
}

// A link made and served by an independent implementation, opened in the
// wallet through the framed viewer, and on the clinic's page.
func TestOpenAPeersLink(t *testing.T) {
	file, body := summary(t)
	parsed, err := fhir.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	outline := parsed.Outline()
	allergy := firstOf(t, outline, fhir.KindAllergy)
	p := startPotli(t, "")

	t.Run("wallet", func(t *testing.T) {
		w := newBrowser(t).open(t, p.App)
		w.createWallet(outline.Subject.Name)
		for _, flag := range []string{"U", "", "P"} {
			s := peerServes(t, flag, file, map[string]string{"": "zip"}[flag])
			w.click(`nav a[href="/add"]`)
			w.write("#paste", "my records: "+s.Link)
			w.click("#paste-go")
			w.write("#recipient", "Meera")
			if s.Passcode != "" {
				w.write("#link-passcode", "0000")
				w.click("#receive-open")
				w.inFrame("#go")
				w.sees("4 tries are left")
				w.empty("#link-passcode")
				w.write("#link-passcode", s.Passcode)
			}
			w.click("#receive-open")
			w.inFrame("#go")
			w.there("#report")
			if flag == "U" {
				w.click("#report .report-in")
				w.sees(allergy)
			} else {
				w.sees("already") // the same document, by another road
			}
		}
		w.quiet()
	})

	t.Run("clinic", func(t *testing.T) {
		desk := newBrowser(t)
		for _, flag := range []string{"", "L", "P", "LP", "U"} {
			for _, zip := range []string{"", "zip"} {
				s := peerServes(t, flag, file, zip)
				c := desk.open(t, p.Viewer+"/#"+s.Link)
				c.write("#reader", reader)
				if s.Passcode != "" {
					c.write("#passcode", s.Passcode)
				}
				c.press("Open the record")
				c.sees(allergy)
				c.quiet()
			}
		}
	})
}
