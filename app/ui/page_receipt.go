package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/qr"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageReceipt is a receipt to read, to print, and to take out: as it was signed, and as FHIR.
type pageReceipt struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	ID   string // its hash

	of    string
	view  *wallet.ReceiptView
	path  string // of its code
	size  int
	saved string
	fault error
}

func (p *pageReceipt) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageReceipt) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.look()
}

func (p *pageReceipt) OnUpdate(app.Context) {
	if p.of != p.ID {
		p.look()
	}
}

func (p *pageReceipt) look() {
	p.of, p.view, p.path, p.saved, p.fault = p.ID, nil, "", "", nil
	w, id := p.Env.W, p.ID
	var view *wallet.ReceiptView
	run(p.ctx, func(c context.Context) (err error) {
		view, err = w.Receipt(c, id)
		return err
	}, func(_ app.Context, err error) {
		if p.fault = err; err == nil {
			p.view = view
			p.draw()
		}
	})
}

// draw makes the code. A receipt without one is still a receipt.
func (p *pageReceipt) draw() {
	if code, err := qr.Encode(p.view.QR); err == nil {
		p.path, p.size = code.Path(), code.Size()
	}
}

func (p *pageReceipt) Render() app.UI {
	e := p.Env
	if p.view == nil {
		return app.Div().Class("page").Body(
			kit.Back(e.T("consent.title"), pathConsents),
			kit.Title(e.T("receipt.title")),
			kit.If(p.fault == nil, func() app.UI { return kit.Wait(e.T("consent.reading")) }),
			app.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Note, e.Explain(p.fault)) }),
		)
	}
	return app.Div().Class("page", "receipt").Body(
		kit.Back(e.T("receipt.back"), pathConsent+p.view.Terms.ID),
		kit.Title(e.T("receipt.title")),
		kit.Text(e.T("receipt.text")),
		kit.Row(
			kit.Button(kit.Main, "print", e.T("action.print"), p.onPrint).ID("receipt-print"),
			kit.Button(kit.Plain, "save", e.T("receipt.save"), p.onSave).ID("receipt-save"),
			kit.Button(kit.Plain, "save", e.T("receipt.save-fhir"), p.onFHIR).ID("receipt-fhir"),
		),
		kit.If(p.saved != "", func() app.UI { return kit.Notice(kit.Good, e.T("export.saved", "name", p.saved)).ID("receipt-saved") }),
		kit.Details(e.T("receipt.verify"), kit.Text(e.T("receipt.verify-text"))),
		receiptSheet(e, p.view, p.path, p.size),
	)
}

func (p *pageReceipt) onPrint(ctx app.Context, e app.Event) { p.Env.D.Print() }

func (p *pageReceipt) onSave(ctx app.Context, e app.Event) {
	p.save(".jws", "application/jose", []byte(p.view.JWS))
}

func (p *pageReceipt) onFHIR(ctx app.Context, e app.Event) {
	p.save(".fhir.json", "application/fhir+json", p.view.FHIR)
}

// save gives a file whose name says nothing of a person or a clinic.
func (p *pageReceipt) save(end, typ string, b []byte) {
	p.saved = "receipt-" + p.view.ID[:min(8, len(p.view.ID))] + end
	p.Env.D.Download(p.saved, typ, b)
}
