package ui

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/inbox"
	"potli/app/scan"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageAdd brings documents in: files, a photo, pasted text or a link.
type pageAdd struct {
	app.Compo
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Links *held
	Told  string // behind # in the address, by the service worker

	text  string // of the paste box
	fault error
}

func (p *pageAdd) Render() app.UI {
	e := p.Env
	return kit.Page(e.T("add.title"),
		kit.Text(e.T("add.text", "name", p.Snap.Person().Name)),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		kit.If(p.Told == "not-shared", func() app.UI { return kit.Notice(kit.Warn, e.T("handed.failed")).ID("not-shared") }),
		&handedCard{Env: e, Snap: p.Snap},
		kit.If(p.Snap.Health != nil, func() app.UI { return &healthChoice{Env: e, Snap: p.Snap, Health: p.Snap.Health} }),
		kit.If(p.Snap.Import != nil, func() app.UI { return &importReport{Env: e, Snap: p.Snap} }),
		app.Div().Class("ways").Body(
			filePick("files", "file", e.T("add.files"), true, p.onFiles),
			photoPick("camera", e.T("add.camera"), p.onCamera),
			kit.Link(kit.Plain, "file", e.T("photograph.title"), pathPhotograph).ID("photograph-page"),
			receiveLink(e),
			kit.Link(kit.Plain, "qr", e.T("scan.title"), pathScan).ID("scan-page"),
			kit.Link(kit.Plain, "edit", e.T("write.title"), pathWrite).ID("write"),
		),
		kit.Small(e.T("add.kinds")),
		kit.Card("", e.T("add.paste"),
			app.Form().Class("form").OnSubmit(p.onPaste).Body(
				kit.Field("paste", e.T("add.paste-label"), e.T("add.paste-hint"), kit.Lines("paste", 4, p.onText)),
				kit.Row(kit.Submit(kit.Plain, "paste", e.T("add.paste-go")).ID("paste-go")),
			),
		),
		kit.Small(e.T("add.private")),
		kit.Link(kit.Quiet, "box", e.T("add.backup"), pathBackup),
	)
}

// accepted are hints for the file dialog only: what a file is is decided by its content.
const accepted = ".json,.pdf,.jpg,.jpeg,.png,.webp,.txt,.htm,.html,.xml,.zip,.age,.smart-health-card,application/json,application/fhir+json,application/pdf,application/xml,application/zip,text/plain,text/html,text/xml,image/jpeg,image/png,image/webp"

// filePick looks like a button and opens the file dialog.
func filePick(id, icon, label string, several bool, h app.EventHandler) app.UI {
	return app.Div().Class("pick").Body(
		app.Input().ID(id).Class("pick-input").Type("file").Accept(accepted).Multiple(several).OnChange(h),
		app.Label().Class("button", "button-main").For(id).Body(kit.Icon(icon), app.Span().Text(label)),
	)
}

// photoPick opens the camera of a phone.
func photoPick(id, label string, h app.EventHandler) app.UI {
	return app.Div().Class("pick").Body(
		app.Input().ID(id).Class("pick-input").Type("file").Accept("image/*").Capture("environment").OnChange(h),
		app.Label().Class("button", "button-plain").For(id).Body(kit.Icon("camera"), app.Span().Text(label)),
	)
}

func (p *pageAdd) onFiles(ctx app.Context, e app.Event) {
	p.bring(ctx, p.Env.D.Picked("files", "file"))
}

func (p *pageAdd) onCamera(ctx app.Context, e app.Event) {
	p.bring(ctx, p.Env.D.Picked("camera", "camera"))
}

func (p *pageAdd) bring(ctx app.Context, files []wallet.File) {
	p.fault = nil
	if len(files) == 0 {
		return
	}
	w := p.Env.W
	ctx.Async(func() { w.Import(ctx.Context, files) })
}

func (p *pageAdd) onText(ctx app.Context, e app.Event) { p.text = kit.Value(ctx) }

// onPaste takes a link to its own page and everything else in as a file.
func (p *pageAdd) onPaste(ctx app.Context, e app.Event) {
	e.PreventDefault()
	text := strings.TrimSpace(p.text)
	if text == "" {
		return
	}
	switch scan.What(text) {
	case scan.Link:
		p.follow(ctx, text)
		return
	case scan.Ask:
		takeAsk(p.ctx, p.Env, text, inbox.HowLink, func(err error) { p.fault = err })
		return
	}
	p.clear()
	p.bring(ctx, []wallet.File{pasted(text)})
}

func (p *pageAdd) follow(ctx app.Context, text string) {
	link, err := p.Env.W.Link(text)
	if p.fault = err; err != nil {
		return
	}
	p.clear()
	p.Links.hold(link)
	p.Env.Go(ctx, pathReceive)
}

func (p *pageAdd) clear() {
	p.text = ""
	p.Env.D.SetValue("paste", "")
}

// pasted is text as a file without a name.
func pasted(text string) wallet.File {
	return wallet.File{
		Size: int64(len(text)), How: "paste",
		Read: func(context.Context) ([]byte, error) { return []byte(text), nil },
	}
}
