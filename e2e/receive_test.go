package e2e_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"potli/app/fhir"
)

// inFrame presses an element inside the viewer's frame, which is of another
// origin: a script of ours could not reach it, a finger can.
func (p *page) inFrame(css string) {
	p.t.Helper()
	p.there("#viewer-frame")
	var err error
	for range 20 { // the frame's document may be exchanged while it loads
		ctx, cancel := context.WithTimeout(p.ctx, 2*time.Second)
		var frames []*chromedp.Node
		if frames, err = chromedp.Run(ctx, chromedp.Nodes(chromedp.CSS("#viewer-frame"))); err == nil {
			err = chromedp.Do(ctx, chromedp.Click(chromedp.CSS(css), chromedp.FromNode(frames[0]), chromedp.NodeVisible))
		}
		cancel()
		if err == nil {
			return
		}
	}
	p.t.Fatalf("pressing %s in the frame: %v\nthe page says: %.2000s", css, err, p.visible())
}

// A link made and served by an independent implementation, opened in the
// wallet through the framed viewer, and on the clinic's page.
func TestOpenAPeersLink(t *testing.T) {
	t.Parallel()
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
			w.there("#item-keep") // nothing is a record before it is kept
			w.sees("It came by a link")
			w.sees(allergy)
			if flag == "U" {
				w.click("#item-keep")
				w.there("#report")
				w.click("#report .report-in")
				w.sees(allergy)
			} else {
				w.sees("You have this document already") // the same, by another road
			}
		}
		for _, c := range w.complaints() {
			if !strings.Contains(c, "status of 401") { // the wrong passcode, which the browser reports by itself
				t.Errorf("the page complained: %s", c)
			}
		}
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
