package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageWelcome says in three sentences what this is, and offers three ways in.
type pageWelcome struct {
	app.Compo
	here
	Env     *Env
	Snap    *wallet.Snapshot
	Speaker Speaker

	busy  bool
	fault error
}

func (p *pageWelcome) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "welcome").Body(
		&languages{Env: e, Speaker: p.Speaker},
		app.Div().Class("welcome-mark").Body(kit.Icon("pouch")),
		kit.Title(e.T("welcome.title")),
		app.P().Class("lead").Text(e.T("welcome.what")),
		app.P().Class("lead").Text(e.T("welcome.only")),
		app.P().Class("lead").Text(e.T("welcome.share")),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		app.Div().Class("ways").Body(
			kit.Link(kit.Main, "pouch", e.T("welcome.create"), pathCreate),
			kit.Button(kit.Plain, "eye", e.T("welcome.try"), p.onTry).ID("try").Disabled(p.busy),
			kit.Link(kit.Quiet, "link", e.T("welcome.device"), pathDevice),
			kit.Link(kit.Quiet, "box", e.T("welcome.restore"), pathRestore),
		),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("welcome.trying")) }),
		kit.Small(e.T("welcome.small")),
		app.A().ID("learn").Class("text-link").Href(pathLearn).Text(e.T("learn.link")),
		app.A().Class("text-link").Href(pathAbout).Text(e.T("welcome.about")),
		app.A().Class("text-link").Href(pathPrivacy).Text(e.T("privacy.title")),
	)
}

func (p *pageWelcome) onTry(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	run(p.ctx, p.Env.W.TryDemo, func(ctx app.Context, err error) {
		p.busy, p.fault = false, err
		if err == nil {
			p.Env.Go(ctx, pathHome)
		}
	})
}
