package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// carersCard says who may see somebody's records, what each of them may do, and on what ground (F5).
type carersCard struct {
	app.Compo
	here
	Env    *Env
	Person wallet.Person
	Sync   wallet.SyncState // something new may have been heard

	list  []wallet.Carer
	known bool
	fault error
}

func (c *carersCard) OnPreRender(ctx app.Context) { c.OnMount(ctx) }

func (c *carersCard) OnMount(ctx app.Context) {
	c.here.OnMount(ctx)
	c.load()
}

func (c *carersCard) OnUpdate(ctx app.Context) { c.load() }

func (c *carersCard) load() {
	id, w := c.Person.ID, c.Env.W
	var list []wallet.Carer
	run(c.ctx, func(ctx context.Context) (err error) {
		list, err = w.Carers(ctx, id)
		return err
	}, func(ctx app.Context, err error) {
		if id == c.Person.ID {
			c.list, c.known, c.fault = list, err == nil, err
		}
	})
}

func (c *carersCard) Render() app.UI {
	e := c.Env
	return kit.Card("carers", e.T("carers.title"),
		app.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
		app.If(c.known && len(c.list) < 2, func() app.UI { return kit.Text(e.T("carers.alone")) }),
		app.If(len(c.list) > 1, func() app.UI {
			return app.Ul().Class("carers").Body(app.Range(c.list).Slice(func(i int) app.UI { return carer(e, c.list[i]) }))
		}),
		kit.Row(kit.Link(kit.Plain, "people", e.T("invite.title"), pathInvite+string(c.Person.ID)).ID("invite")),
	)
}

func carer(e *Env, c wallet.Carer) app.UI {
	name := first(c.Name, e.T("carers.nameless"))
	if c.Me {
		name = e.T("carers.me")
	}
	return app.Li().Class("carer").Body(
		kit.Icon("person"),
		app.Div().Body(
			app.P().Class("carer-name").Text(name),
			app.If(c.As != "" && e.L.Has("bond."+string(c.As)), func() app.UI { return app.P().Class("hint").Text(e.T("bond." + string(c.As))) }),
			app.If(e.L.Has("role."+c.Role), func() app.UI { return app.P().Class("hint").Text(e.T("role." + c.Role)) }),
		),
	)
}
