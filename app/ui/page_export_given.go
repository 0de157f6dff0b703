package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// givenList is what left as a file or on paper: for the record only, since it cannot be taken back.
type givenList struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	list  []wallet.Given
	shown int // rows, the newest first
}

// givenStep is how many rows are drawn at first, and how many more each time.
const givenStep = 50

func (g *givenList) OnPreRender(ctx app.Context) { g.OnMount(ctx) }

func (g *givenList) OnMount(ctx app.Context) {
	g.here.OnMount(ctx)
	g.shown = givenStep
	var list []wallet.Given
	w := g.Env.W
	run(g.ctx, func(c context.Context) (err error) {
		list, err = w.Given(c)
		return err
	}, func(_ app.Context, err error) { g.list = list })
}

func (g *givenList) Render() app.UI {
	e := g.Env
	return app.Div().Class("given").Body(app.If(len(g.list) > 0, func() app.UI {
		return kit.Details(e.T("given.title"),
			kit.Text(e.T("given.text")),
			app.Ul().ID("given").Class("given-list").Body(app.Range(g.list[:min(g.shown, len(g.list))]).Slice(func(i int) app.UI { return g.row(g.list[i]) })),
			app.If(g.shown < len(g.list), func() app.UI {
				return kit.Row(kit.Button(kit.Plain, "", e.T("trends.more"), g.onMore).ID("given-more"))
			}),
		)
	}))
}

func (g *givenList) onMore(ctx app.Context, e app.Event) { g.shown += givenStep }

func (g *givenList) row(one wallet.Given) app.UI {
	e := g.Env
	what := e.N("given.file", one.Items)
	if one.Form == wallet.FormPaper {
		what = e.N("given.paper", one.Items)
	}
	return app.Li().Class("given-row").Body(
		app.P().Class("given-name").Text(one.Name),
		app.P().Class("hint").Text(what),
		app.P().Class("hint").Text(e.T("shared.when", "name", first(person(g.Snap, string(one.Person)).Name, e.T("given.gone")), "time", e.L.DateTime(one.Time))),
	)
}
