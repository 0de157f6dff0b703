package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// leaveCard takes somebody off the screen: for a while, or until they are brought back. Nothing is erased here.
type leaveCard struct {
	app.Compo
	here
	Env    *Env
	Snap   *wallet.Snapshot
	Person wallet.Person
	Owner  *pagePerson
	Busy   bool
	Fault  error

	open string // "", "aside"
}

func (c *leaveCard) Render() app.UI {
	e := c.Env
	return kit.Card("leave", e.T("leave.title"),
		kit.Text(e.T("hide.text")),
		kit.Row(kit.Button(kit.Plain, "hide", e.T("hide.person", "name", c.Person.Name), c.onHide).ID("hide-person").Disabled(c.Busy)),
		kit.Text(e.T("aside.text")),
		kit.If(c.open == "", func() app.UI {
			return kit.Row(kit.Button(kit.Plain, "box", e.T("aside.go", "name", c.Person.Name), c.onAside).ID("aside-go").Disabled(c.Busy))
		}),
		app.If(c.open == "aside", c.ask),
		app.If(c.Fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.Fault)) }),
	)
}

// ask says what becomes of the records and of the links before somebody is put aside.
func (c *leaveCard) ask() app.UI {
	e := c.Env
	links := openLinks(c.Env, c.Snap, c.Person)
	return kit.Ask("aside-sure", e.T("aside.sure", "name", c.Person.Name), e.N("aside.keeps", e.W.CountRecords(c.Person.ID)),
		kit.If(links > 0, func() app.UI {
			return app.Div().Class("ask-more").Body(kit.Text(e.N("aside.links", links)), kit.Link(kit.Quiet, "link", e.T("shared.title"), pathShared))
		}),
		&alsoCare{Env: e, Person: c.Person},
		kit.Button(kit.Main, "box", e.T("aside.yes"), c.onYes).ID("aside-yes").Disabled(c.Busy),
		kit.Button(kit.Plain, "", e.T("action.back"), c.onNo),
	)
}

// openLinks counts the links of a person that could still be opened.
func openLinks(e *Env, s *wallet.Snapshot, p wallet.Person) (n int) {
	for _, l := range s.Shares {
		if l.Profile == p.ID && l.MayOpen() {
			n++
		}
	}
	return n
}

func (c *leaveCard) onHide(ctx app.Context, ev app.Event) {
	id := c.Person.ID
	c.Owner.leave(func(context.Context) error { return c.Env.W.Hide(id) })
}

func (c *leaveCard) onAside(ctx app.Context, ev app.Event) {
	c.open = "aside"
	c.focus(c.Env, "aside-sure")
}

func (c *leaveCard) onNo(ctx app.Context, ev app.Event) { c.open = "" }

func (c *leaveCard) onYes(ctx app.Context, ev app.Event) {
	id := c.Person.ID
	c.open = ""
	c.Owner.leave(func(ctx context.Context) error { return c.Env.W.SetAside(ctx, id) })
}

// asidePerson is the page of somebody who was put aside: they come back in one tap, and are erased after two questions.
type asidePerson struct {
	app.Compo
	here
	Env    *Env
	Snap   *wallet.Snapshot
	Person wallet.Person

	open  string // "", "erase", "sure"
	busy  bool
	fault error
}

func (p *asidePerson) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "people").Body(
		kit.Back(e.T("people.title"), pathPeople),
		personHead(e, p.Person),
		kit.Notice(kit.Note, e.T("aside.is", "name", p.Person.Name, "date", e.L.Day(p.Person.Aside))),
		kit.Row(kit.Button(kit.Main, "undo", e.T("aside.back"), p.onBack).ID("aside-back").Disabled(p.busy)),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		&alsoCare{Env: e, Person: p.Person, Erase: true},
		kit.If(p.open == "", func() app.UI {
			return kit.Button(kit.Quiet, "delete", e.T("erase.go"), p.onErase).ID("erase-go").Disabled(p.busy)
		}),
		kit.If(p.open == "erase", func() app.UI {
			return kit.Ask("erase", e.T("erase.title", "name", p.Person.Name), e.N("erase.text", e.W.CountRecords(p.Person.ID)),
				kit.Link(kit.Plain, "box", e.T("wipe.backup"), pathBackup),
				kit.Button(kit.Grave, "delete", e.T("erase.next"), p.onNext).ID("erase-next"),
				kit.Button(kit.Plain, "", e.T("erase.no"), p.onNo))
		}),
		app.If(p.open == "sure", func() app.UI {
			return kit.Ask("erase-sure", e.T("erase.sure"), e.T("erase.sure-text", "name", p.Person.Name),
				kit.Button(kit.Grave, "delete", e.T("erase.yes"), p.onYes).ID("erase-yes").Disabled(p.busy),
				kit.Button(kit.Plain, "", e.T("erase.no"), p.onNo))
		}),
	)
}

func (p *asidePerson) onBack(ctx app.Context, ev app.Event) {
	id := p.Person.ID
	p.do(func(c context.Context) error { return p.Env.W.BringBack(c, id) })
}

func (p *asidePerson) onErase(ctx app.Context, ev app.Event) { p.ask("erase", "erase") }

func (p *asidePerson) onNext(ctx app.Context, ev app.Event) { p.ask("sure", "erase-sure") }

func (p *asidePerson) ask(open, id string) {
	p.open = open
	p.focus(p.Env, id)
}

func (p *asidePerson) onNo(ctx app.Context, ev app.Event) { p.open = "" }

func (p *asidePerson) onYes(ctx app.Context, ev app.Event) {
	id := p.Person.ID
	p.do(func(c context.Context) error { return p.Env.W.EraseProfile(c, id) })
}

func (p *asidePerson) do(what func(context.Context) error) {
	p.busy, p.fault, p.open = true, nil, ""
	run(p.ctx, what, func(ctx app.Context, err error) { p.busy, p.fault = false, err })
}
