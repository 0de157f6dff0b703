package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
)

// pageLoading is shown while the wallet looks at its storage: a moment.
func pageLoading(e *Env) app.UI {
	return app.Div().Class("splash").Body(
		app.H1().ID(kit.TitleID).TabIndex(-1).Class("splash-title").Text(e.T("app.name")),
		app.P().Class("splash-text").Role("status").Text(e.T("loading.text")),
	)
}

// pageElsewhere: a tab of an earlier release has the wallet, and would not take turns. Two that write would lose records.
type pageElsewhere struct {
	app.Compo
	Env *Env
}

func (p *pageElsewhere) Render() app.UI {
	return kit.Page(p.Env.T("elsewhere.title"),
		kit.Text(p.Env.T("elsewhere.text")),
		kit.Row(kit.Button(kit.Main, "", p.Env.T("elsewhere.again"), p.onAgain)),
	)
}

func (p *pageElsewhere) onAgain(ctx app.Context, e app.Event) { p.Env.D.Reload() }

// pageCleared: there was a wallet and its storage is gone. Restoring comes first; a new wallet is never made unasked.
type pageCleared struct {
	app.Compo
	here
	Env *Env

	open  string // "", "fresh"
	fault error
}

func (p *pageCleared) Render() app.UI {
	e := p.Env
	return kit.Page(e.T("cleared.title"),
		kit.Text(e.T("cleared.text")),
		kit.Text(e.T("cleared.what")),
		kit.Row(kit.Link(kit.Main, "box", e.T("cleared.restore"), pathRestore)),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		kit.If(p.open == "", func() app.UI { return kit.Button(kit.Quiet, "", e.T("cleared.fresh"), p.onFresh) }),
		app.If(p.open == "fresh", func() app.UI {
			return kit.Ask("fresh", e.T("cleared.sure"), e.T("cleared.sure-text"),
				kit.Button(kit.Grave, "", e.T("cleared.yes"), p.onYes),
				kit.Button(kit.Plain, "", e.T("action.back"), p.onNo))
		}),
	)
}

func (p *pageCleared) onFresh(ctx app.Context, e app.Event) {
	p.open = "fresh"
	p.focus(p.Env, "fresh")
}

func (p *pageCleared) onNo(ctx app.Context, e app.Event) { p.open = "" }

// onYes forgets that there was a wallet, which is what Wipe does to an empty storage.
func (p *pageCleared) onYes(ctx app.Context, e app.Event) {
	run(p.ctx, p.Env.W.Wipe, func(ctx app.Context, err error) { p.fault = err })
}

// pageBroken: this browser cannot keep a wallet. It says what to do instead.
func pageBroken(e *Env) app.UI {
	return kit.Page(e.T("broken.title"),
		kit.Text(e.T("broken.text")),
		app.Ul().Class("list").Body(
			app.Li().Text(e.T("broken.private")),
			app.Li().Text(e.T("broken.browser")),
			app.Li().Text(e.T("broken.lockdown")),
		),
	)
}
