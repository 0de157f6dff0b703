package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageCarers changes what those may do who care for somebody, takes one out, and ends one's own part in it.
type pageCarers struct {
	app.Compo
	here
	carers
	Env  *Env
	Snap *wallet.Snapshot
	ID   string // of the person

	busy bool
	said string // what was done
	bad  error  // why it was not
}

func (p *pageCarers) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageCarers) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.ask()
}

func (p *pageCarers) OnUpdate(ctx app.Context) { p.ask() }

func (p *pageCarers) ask() {
	id := p.ID
	p.load(p.ctx, p.Env.W, person(p.Snap, p.ID), func() bool { return p.ID == id })
}

func (p *pageCarers) Render() app.UI {
	e, who := p.Env, person(p.Snap, p.ID)
	if who.ID == "" {
		return kit.Page(e.T("carers.title"), kit.Notice(kit.Note, e.T("error.no-person")), kit.Link(kit.Plain, "back", e.T("people.title"), pathPeople))
	}
	return app.Div().Class("page", "people").Body(
		kit.Back(who.Name, pathPerson+p.ID),
		kit.Title(e.T("carers.title")),
		kit.Text(e.T("carers.text", "name", who.Name)),
		kit.If(p.said != "", func() app.UI { return kit.Notice(kit.Good, p.said).ID("said") }),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		kit.If(p.bad != nil, func() app.UI { return kit.Fault(e.Explain(p.bad)) }),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("carers.working")) }),
		kit.If(p.known && (len(p.list) == 0 || len(p.list) == 1 && p.among()), func() app.UI { return kit.Text(e.T("carers.alone")) }),
		app.Div().Class("person-list").Body(app.Range(p.list).Slice(func(i int) app.UI {
			return &carerCard{Env: e, Person: who, Carer: p.list[i], Alone: len(p.list) < 2, Busy: p.busy, Owner: p}
		})),
		app.If(p.among() && !p.decides(), func() app.UI { return kit.Small(e.T("carers.not-yours", "name", who.Name)) }),
	)
}

// decides says whether this user may change anything for anybody else.
func (p *pageCarers) decides() bool {
	for _, c := range p.list {
		if !c.Me && (c.Stays == nil || len(c.Roles) > 0) {
			return true
		}
	}
	return len(p.list) < 2
}

// do does one thing at a time, says what became of it, and shows who cares for the person then.
func (p *pageCarers) do(work func(context.Context) error, said string) {
	if p.busy {
		return
	}
	p.busy, p.said, p.bad = true, "", nil
	run(p.ctx, work, func(ctx app.Context, err error) {
		if p.busy, p.bad = false, err; err == nil {
			p.said = said
		}
		p.ask()
		p.focus(p.Env, kit.TitleID)
	})
}
