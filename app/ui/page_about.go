package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
)

// pageAbout says what Potli protects and what it cannot: a promise that hides its limits is none.
type pageAbout struct {
	app.Compo
	Env *Env
}

func (p *pageAbout) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "about").Body(
		kit.Back(e.T("action.back"), pathHome),
		kit.Title(e.T("about.title")),
		kit.Text(e.T("about.text")),
		kit.Card("protects", e.T("about.can"), app.Ul().Class("list").Body(
			app.Li().Text(e.T("about.can-1")),
			app.Li().Text(e.T("about.can-2")),
			app.Li().Text(e.T("about.can-3")),
			app.Li().Text(e.T("about.can-4")),
		)),
		kit.Card("cannot", e.T("about.cannot"), app.Ul().Class("list").Body(
			app.Li().Text(e.T("about.cannot-1")),
			app.Li().Text(e.T("about.cannot-2")),
			app.Li().Text(e.T("about.cannot-3")),
			app.Li().Text(e.T("about.cannot-4")),
			app.Li().Text(e.T("about.cannot-5")),
		)),
		kit.Card("leave", e.T("about.leave"), kit.Text(e.T("about.leave-text"))),
		app.Nav().Class("card", "places").Aria("label", e.T("release.title")).Body(
			setting(pathRelease, "info", e.T("release.title"), e.T("release.hint"))),
		kit.Card("advice", e.T("about.advice"), kit.Text(e.T("about.advice-text"))),
	)
}
