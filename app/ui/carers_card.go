package ui

import (
	"context"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// carers is who may see somebody's records, asked for again whenever something may have changed.
type carers struct {
	list  []wallet.Carer
	known bool
	fault error
}

// load asks the wallet, by the context of a component; still says whether the answer is still about the person shown.
func (c *carers) load(where app.Context, w Door, p wallet.Person, still func() bool) {
	var list []wallet.Carer
	run(where, func(ctx context.Context) (err error) {
		list, err = w.Carers(ctx, p.ID)
		return err
	}, func(ctx app.Context, err error) {
		if still() {
			c.list, c.known, c.fault = list, err == nil, err
		}
	})
}

// among says whether this user is one of them.
func (c *carers) among() bool {
	return slices.ContainsFunc(c.list, func(c wallet.Carer) bool { return c.Me })
}

// several says whether others are, besides this user.
func (c *carers) several() bool { return len(c.list) > 1 && c.among() }

// carersCard says who may see somebody's records, what each of them may do, and on what ground (F5).
type carersCard struct {
	app.Compo
	here
	carers
	Env    *Env
	Person wallet.Person
	Sync   wallet.SyncState // something new may have been heard
}

func (c *carersCard) OnPreRender(ctx app.Context) { c.OnMount(ctx) }

func (c *carersCard) OnMount(ctx app.Context) {
	c.here.OnMount(ctx)
	c.ask()
}

func (c *carersCard) OnUpdate(ctx app.Context) { c.ask() }

func (c *carersCard) ask() {
	id := c.Person.ID
	c.load(c.ctx, c.Env.W, c.Person, func() bool { return c.Person.ID == id })
}

func (c *carersCard) Render() app.UI {
	e, mine := c.Env, len(c.list) == 0 || c.among()
	return kit.Card("carers", e.T("carers.title"),
		kit.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
		kit.If(c.known && mine && len(c.list) < 2, func() app.UI { return kit.Text(e.T("carers.alone")) }),
		kit.If(len(c.list) > 1 || !mine, func() app.UI {
			return app.Ul().Class("carers").Body(app.Range(c.list).Slice(func(i int) app.UI { return carer(e, c.list[i]) }))
		}),
		app.If(mine, func() app.UI {
			return kit.Row(
				kit.Link(kit.Plain, "people", e.T("invite.title"), pathInvite+string(c.Person.ID)).ID("invite"),
				app.If(c.several(), func() app.UI {
					return kit.Link(kit.Plain, "edit", e.T("carers.change"), pathCarers+string(c.Person.ID)).ID("carers-change")
				}))
		}),
	)
}

func carer(e *Env, c wallet.Carer) app.UI {
	return app.Li().Class("carer").Body(
		kit.Icon("person"),
		app.Div().Body(app.P().Class("carer-name").Text(carerName(e, c)), carerRole(e, c)),
	)
}

// carerName is what somebody is called here.
func carerName(e *Env, c wallet.Carer) string {
	if c.Me {
		return e.T("carers.me")
	}
	return first(c.Name, e.T("carers.nameless"))
}

// carerRole says what somebody may do, and on what ground.
func carerRole(e *Env, c wallet.Carer) app.UI {
	return app.Div().Body(
		app.If(c.As != "" && e.L.Has("bond."+string(c.As)), func() app.UI { return app.P().Class("hint").Text(e.T("bond." + string(c.As))) }),
		app.If(e.L.Has("role."+c.Role), func() app.UI { return app.P().Class("hint").Text(e.T("role." + c.Role)) }),
	)
}

// alsoCare says, before somebody is put aside or erased, that others care for them too, and what they will know of it.
type alsoCare struct {
	app.Compo
	here
	carers
	Env    *Env
	Person wallet.Person
	Erase  bool
}

func (c *alsoCare) OnPreRender(ctx app.Context) { c.OnMount(ctx) }

func (c *alsoCare) OnMount(ctx app.Context) {
	c.here.OnMount(ctx)
	id := c.Person.ID
	c.load(c.ctx, c.Env.W, c.Person, func() bool { return c.Person.ID == id })
}

func (c *alsoCare) Render() app.UI {
	e := c.Env
	return app.Div().Body(app.If(c.several(), func() app.UI {
		return app.Div().Class("ask-more").Body(
			app.If(c.Erase, func() app.UI { return kit.Text(e.T("carers.shared-erase", "name", c.Person.Name)) }).
				Else(func() app.UI { return kit.Text(e.T("carers.shared-aside", "name", c.Person.Name)) }),
			kit.Link(kit.Quiet, "people", e.T("carers.title"), pathCarers+string(c.Person.ID)))
	}))
}
