package ui

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/scan"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageDevice makes this browser, which has no wallet, another device of one: it reads the code that the other device shows.
// Name and words come first. They take their time, and the code has a minute.
type pageDevice struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	pairing
	name  string
	fresh newWords
	text  string // typed, or read by a camera
}

var _ CodeReader = (*pageDevice)(nil)

func (p *pageDevice) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageDevice) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.begin(ctx, p.Env)
}

func (p *pageDevice) OnDismount() {
	p.text, p.fresh = "", newWords{}
	p.leave(p.Env)
}

func (p *pageDevice) Render() app.UI {
	e := p.Env
	return p.page(e, kit.Back(e.T("action.back"), pathHome), e.T("device.title"), p.body())
}

// body is what there is to do. The wallet opens when a device is linked, and with it another page.
func (p *pageDevice) body() app.UI {
	e, at := p.Env, p.Snap.Pairing
	if at == nil {
		return p.ask()
	}
	return p.stage(e, at, turns{answers: answers{p.onMatch, p.onDiffer}, retry: e.T("pair.other-code"), again: p.onAgain})
}

func (p *pageDevice) ask() app.UI {
	e := p.Env
	return app.Form().Class("form").OnSubmit(p.onCode).Body(
		kit.Text(e.T("device.text")),
		step(e, 1, kit.Field("device-name", e.T("device.name"), e.T("device.name-hint"), kit.Line("device-name", p.name, p.onName).MaxLength(40))),
		step(e, 2, p.fresh.field(e, p.onNew, p.onSuggest)),
		step(e, 3, pairCode(e, e.T("device.code-text"), p, p.onText)),
		kit.Submit(kit.Main, "link", e.T("pair.connect")).ID("pair-connect").Disabled(p.busy || !p.ready() || p.text == ""),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("pair.meeting")) }),
	)
}

// pairCode takes the code of another device: by the camera, or typed or pasted.
func pairCode(e *Env, how string, owner CodeReader, onText app.EventHandler) app.UI {
	return app.Div().Class("form").Body(
		kit.Text(how),
		&scanBox{Env: e, ID: "scan", Want: []scan.Kind{scan.Pair}, Owner: owner},
		kit.Field("pair-code", e.T("pair.code"), e.T("pair.code-hint"), kit.Lines("pair-code", 3, onText).Attr("autocapitalize", "characters")),
	)
}

// ready says whether everything but the code is there.
func (p *pageDevice) ready() bool { return p.fresh.enough && p.name != "" }

// Read takes what a camera has read.
func (p *pageDevice) Read(ctx app.Context, text string) {
	p.Env.D.SetValue("pair-code", text)
	if p.text = text; p.ready() && p.Snap.Pairing == nil {
		p.connect()
	}
}

func (p *pageDevice) onName(ctx app.Context, e app.Event) { p.name = strings.TrimSpace(kit.Value(ctx)) }

func (p *pageDevice) onNew(ctx app.Context, e app.Event) { p.fresh.set(p.Env, kit.Value(ctx), false) }

func (p *pageDevice) onSuggest(ctx app.Context, e app.Event) {
	p.fresh.set(p.Env, p.Env.W.Suggest(), true)
}

func (p *pageDevice) onText(ctx app.Context, e app.Event) { p.text = strings.TrimSpace(kit.Value(ctx)) }

func (p *pageDevice) onCode(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.ready() {
		p.connect()
	}
}

// connect answers the code. It is used once, whatever becomes of it.
func (p *pageDevice) connect() {
	code, name, words := p.text, p.name, p.fresh.text
	p.do(&p.here, p.Env, func(c context.Context) error { return p.Env.W.ReadLink(c, code, name, words) })
}

func (p *pageDevice) onMatch(ctx app.Context, e app.Event) {
	p.do(&p.here, p.Env, p.Env.W.AcceptPairing)
}

func (p *pageDevice) onDiffer(ctx app.Context, e app.Event) {
	p.do(&p.here, p.Env, p.Env.W.DeclinePairing)
}

// onAgain asks for another code; name and words stay, and what is shown of them is what is meant.
func (p *pageDevice) onAgain(ctx app.Context, e app.Event) {
	p.text, p.fault = "", nil
	p.Env.W.DropPairing()
	words := p.fresh.text
	p.ctx.Defer(func(app.Context) { // the form is on the page again by then
		p.Env.D.SetValue("new-words", words)
		p.Env.D.SetValue("pair-code", "")
		p.Env.D.Focus(kit.TitleID)
	})
}
