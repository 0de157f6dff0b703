package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageLink links another device of one's own: it shows the code. It asks for the words first, since what it gives away opens
// everything.
type pageLink struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	pairing
	words string
	long  bool // to be typed
}

func (p *pageLink) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageLink) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.begin(ctx, p.Env)
	p.draw(p.Snap.Pairing)
}

func (p *pageLink) OnUpdate(ctx app.Context) { p.draw(p.Snap.Pairing) }

func (p *pageLink) OnDismount() {
	p.words = ""
	p.leave(p.Env)
}

func (p *pageLink) Render() app.UI {
	e := p.Env
	return p.page(e, kit.Back(e.T("settings.title"), pathSettings), e.T("link.title"), p.body())
}

func (p *pageLink) body() app.UI {
	e, at := p.Env, p.Snap.Pairing
	if at == nil {
		return p.ask()
	}
	return p.stage(e, at, turns{answers: answers{p.onMatch, p.onDiffer}, read: e.T("link.read"), retry: e.T("pair.again"), again: p.onCancel,
		done: func() app.UI { return kit.Notice(kit.Good, e.T("link.done", "name", at.Other)).ID("pair-done") }})
}

// ask says what is about to be given away, and asks for the words.
func (p *pageLink) ask() app.UI {
	e := p.Env
	return app.Form().Class("form").OnSubmit(p.onShow).Body(
		kit.Text(e.T("link.text")),
		hiddenUser(e),
		kit.Field("passphrase", e.T("unlock.words"), e.T("pair.words-hint"), passphrase("passphrase", "current-password", false, p.onWords)),
		kit.Check("pair-long", e.T("pair.long"), e.T("pair.long-hint"), p.long, p.onLong),
		kit.Notice(kit.Warn, e.T("pair.beware")),
		kit.Submit(kit.Main, "qr", e.T("pair.show")).ID("pair-show").Disabled(p.busy),
		provedByPasskey(e, p.Snap, "pair-passkey", p.busy, p.onPasskey),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("unlock.busy")) }),
	)
}

func (p *pageLink) onWords(ctx app.Context, e app.Event) { p.words = kit.Value(ctx) }

func (p *pageLink) onLong(ctx app.Context, e app.Event) { p.long = kit.Checked(ctx) }

func (p *pageLink) onShow(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.words != "" {
		p.show(p.words)
	}
}

func (p *pageLink) onPasskey(ctx app.Context, e app.Event) { p.show("") }

// show asks for a code, having shown by words, or without by the passkey, who asks.
func (p *pageLink) show(words string) {
	long := p.long
	p.do(&p.here, p.Env, func(c context.Context) error { return p.Env.W.ShowLink(c, words, long) })
}

func (p *pageLink) onMatch(ctx app.Context, e app.Event) { p.do(&p.here, p.Env, p.Env.W.AcceptPairing) }

func (p *pageLink) onDiffer(ctx app.Context, e app.Event) {
	p.do(&p.here, p.Env, p.Env.W.DeclinePairing)
}

// onCancel leads back to the question: an attempt is used once, and a new one needs the words again.
func (p *pageLink) onCancel(ctx app.Context, e app.Event) {
	p.words, p.fault = "", nil
	p.Env.W.DropPairing()
	p.focus(p.Env, kit.TitleID)
}
