package ui

// Hooks for tests of the page that takes things out.

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/share"
	"potli/app/wallet"
)

// Papers are those that can be printed.
var Papers = []string{paperSummary, paperFull, paperVaccines, paperMedicines}

// PaperFor is the paper of some facts, on a page.
func PaperFor(e *Env, what string, p *wallet.Preview, facts []share.Fact) app.UI {
	page := &pageExport{Env: e, Snap: e.W.Snapshot(), what: what, preview: p}
	return newSheet(e, what, p, facts).page(e, page)
}

// SavedFile is what the page says once a collection is saved.
func SavedFile(e *Env, p *wallet.Preview, unread wallet.Unread) app.UI {
	page := &pageExport{Env: e, Snap: e.W.Snapshot(), what: string(share.FormKTC), preview: p, saved: "x.json", unread: unread}
	return page.finish()
}

// FaultOf is how an error is said.
var FaultOf = faultOf

// PrintPaper is a page with a paper on it, and its button.
func PrintPaper(e *Env, p *wallet.Preview) (page app.Composer, press func()) {
	c := &pageExport{Env: e, Snap: e.W.Snapshot(), what: paperSummary, preview: p}
	c.asked = about(c.Snap, c.Only)
	press = func() {
		c.preview, c.sheet = p, newSheet(e, paperSummary, p, nil)
		c.onPrint(c.ctx, app.Event{})
	}
	return c, press
}
