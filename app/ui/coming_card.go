package ui

import (
	"context"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// comingCard says that somebody comes of age, and whose the records are from that day on (F2). On the timeline it can be
// put away until the next notice; on the person's own page it stays.
type comingCard struct {
	app.Compo
	here
	Env    *Env
	Person wallet.Person
	Coming wallet.Coming
	Stays  bool
	Hand   bool // the records can be handed over

	busy  bool
	fault error
}

// CompoID keeps each notice its own.
func (c *comingCard) CompoID() string { return "coming-" + string(c.Person.ID) }

func (c *comingCard) Render() app.UI {
	e := c.Env
	return app.Section().Class("card", "coming", kit.Colour(c.Person.Colour)).Body(
		app.H2().Class("card-title").Text(c.title()),
		kit.Text(c.text()),
		app.If(!c.Stays, func() app.UI {
			return kit.Row(
				kit.If(c.Hand, func() app.UI {
					return kit.Link(kit.Main, "person", e.T("handover.title"), pathHandover+string(c.Person.ID))
				}),
				kit.Button(kit.Plain, "check", e.T("coming.read"), c.onRead).Disabled(c.busy),
				kit.Link(kit.Quiet, "person", e.T("coming.person", "name", c.Person.Name), pathPerson+string(c.Person.ID)))
		}),
		app.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
	)
}

func (c *comingCard) title() string {
	e, name, age := c.Env, c.Person.Name, c.Env.L.Number(c.Coming.Age)
	if c.Coming.Notice == 0 {
		return e.T("coming.now", "name", name, "age", age)
	}
	return e.T("coming.soon", "name", name, "age", age, "date", e.L.Date(c.Coming.Day))
}

func (c *comingCard) text() string {
	e, name := c.Env, c.Person.Name
	switch c.Coming.Notice {
	case 0:
		return e.T("coming.now-text", "name", name)
	case 30:
		return e.T("coming.near-text", "n", strconv.Itoa(c.Coming.Days), "name", name)
	}
	return e.T("coming.soon-text", "name", name)
}

func (c *comingCard) onRead(ctx app.Context, ev app.Event) {
	if c.busy {
		return
	}
	c.busy, c.fault = true, nil
	id := c.Person.ID
	run(c.ctx, func(ctx context.Context) error { return c.Env.W.ReadNotice(ctx, id) }, func(ctx app.Context, err error) {
		c.busy, c.fault = false, err
	})
}

// comingOf is the notice on a person's own page, if one is due.
func comingOf(e *Env, s *wallet.Snapshot, p wallet.Person) app.UI {
	c, due := s.ComingOf(p.ID)
	return app.Div().Body(app.If(due, func() app.UI { return &comingCard{Env: e, Person: p, Coming: c, Stays: true} }))
}

// comings are the notices that nobody has read yet, of everybody who is shown: one is for whoever opens the wallet.
func comings(e *Env, s *wallet.Snapshot) app.UI {
	list := s.Unread()
	return app.Div().Class("comings").Body(app.Range(list).Slice(func(i int) app.UI {
		return &comingCard{Env: e, Person: person(s, string(list[i].Person)), Coming: list[i], Hand: s.HandoverOf(list[i].Person).Can}
	}))
}
