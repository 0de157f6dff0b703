package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageRecovery shows the text that opens every backup for ever. It asks for the words again: the phone may be in
// somebody else's hand.
type pageRecovery struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	words  string
	text   string
	copied bool
	busy   bool
	fault  error
}

func (p *pageRecovery) OnDismount() { p.words, p.text = "", "" }

func (p *pageRecovery) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "recovery").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("recovery.title")),
		kit.Text(e.T("recovery.text")),
		kit.Notice(kit.Warn, e.T("recovery.danger")),
		app.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		app.If(p.text == "", p.ask).Else(p.show),
	)
}

func (p *pageRecovery) ask() app.UI {
	e := p.Env
	return app.Form().Class("form").OnSubmit(p.onAsk).Body(
		hiddenUser(e),
		kit.Field("passphrase", e.T("unlock.words"), e.T("recovery.again"), passphrase("passphrase", "current-password", false, p.onWords)),
		kit.Submit(kit.Main, "key", e.T("recovery.show")).ID("recovery-show").Disabled(p.busy),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("unlock.busy")) }),
	)
}

func (p *pageRecovery) show() app.UI {
	e := p.Env
	return app.Div().Class("recovery-sheet").Body(
		app.P().Class("print-only").Text(e.T("recovery.print-head")),
		app.Pre().ID("recovery-text").Class("recovery-text").TabIndex(0).Attr("translate", "no").Text(p.text),
		kit.Row(
			kit.Button(kit.Plain, "copy", e.T("action.copy"), p.onCopy),
			kit.Button(kit.Plain, "print", e.T("action.print"), p.onPrint),
			kit.Button(kit.Main, "close", e.T("recovery.hide"), p.onHide),
		),
		app.If(p.copied, func() app.UI { return kit.Notice(kit.Good, e.T("recovery.copied")) }),
	)
}

func (p *pageRecovery) onWords(ctx app.Context, e app.Event) { p.words = kit.Value(ctx) }

func (p *pageRecovery) onAsk(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	words := p.words
	var text string
	run(p.ctx, func(c context.Context) (err error) {
		text, err = p.Env.W.RecoveryText(c, words)
		return err
	}, func(ctx app.Context, err error) {
		p.busy, p.fault, p.text, p.words = false, err, text, ""
	})
}

func (p *pageRecovery) onCopy(ctx app.Context, e app.Event) {
	p.copied, p.fault = copied(p.Env, p.text)
}

func (p *pageRecovery) onPrint(ctx app.Context, e app.Event) { p.Env.D.Print() }

func (p *pageRecovery) onHide(ctx app.Context, e app.Event) { p.text, p.copied = "", false }
