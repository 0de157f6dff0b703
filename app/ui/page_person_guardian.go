package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// guardianCard notes down on what ground one acts for somebody: what one is to them, what shows it, and the paper.
type guardianCard struct {
	app.Compo
	here
	Env    *Env
	Snap   *wallet.Snapshot
	Person wallet.Person

	edit   wallet.Guardianship
	begun  bool
	papers []record.Meta
	busy   bool
	saved  bool
	fault  error
}

func (c *guardianCard) OnInit() { c.take() }

// OnUpdate does not take away what is being chosen.
func (c *guardianCard) OnUpdate(ctx app.Context) {
	c.papers = c.Env.W.Papers(c.Person.ID)
	if !c.begun {
		c.take()
	}
}

func (c *guardianCard) take() {
	c.papers, c.begun, c.edit = c.Env.W.Papers(c.Person.ID), false, wallet.Guardianship{}
	if g := c.Person.Guardian; g != nil {
		c.edit = *g
	}
}

func (c *guardianCard) Render() app.UI {
	e, g := c.Env, c.Person.Guardian
	return kit.Card("guardian", e.T("guardian.title"),
		kit.Text(e.T("guardian.text", "name", c.Person.Name)),
		app.Div().Body(app.If(g != nil, c.facts)),
		kit.Details(e.T("guardian.edit"), c.form()),
		app.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
		app.If(c.saved, func() app.UI { return kit.Notice(kit.Good, e.T("people.saved")) }),
	)
}

func (c *guardianCard) facts() app.UI {
	e, g := c.Env, c.Person.Guardian
	since := ""
	if g.Since != "" {
		since = e.L.Date(g.Since)
	}
	return app.Div().ID("guardian-facts").Body(
		kit.Facts(
			kit.Fact{Name: e.T("guardian.as"), Text: e.T("bond." + string(g.As))},
			kit.Fact{Name: e.T("guardian.proof"), Text: e.T("proof." + string(g.Proof))},
			kit.Fact{Name: e.T("guardian.since"), Text: since},
			kit.Fact{Name: e.T("guardian.noted"), Text: e.L.Day(g.Noted)},
		),
		app.If(g.Record != "", c.paper),
	)
}

// paper leads to the document, or says that it is no longer there.
func (c *guardianCard) paper() app.UI {
	e, id := c.Env, c.Person.Guardian.Record
	m, ok := e.W.Record(id)
	if !ok {
		return kit.Notice(kit.Warn, e.T("guardian.lost"))
	}
	return kit.Link(kit.Quiet, "file", e.T("guardian.see", "title", paperTitle(e, m)), pathRecord+string(id))
}

func paperTitle(e *Env, m record.Meta) string {
	return first(e.own(first(m.Title, m.Outline.Title)), m.Source.Name, e.L.Day(m.Added))
}

func (c *guardianCard) form() app.UI {
	e, g := c.Env, c.edit
	return app.Form().ID("guardian-form").Class("form").OnSubmit(c.onSave).Body(
		kit.Field("guardian-as", e.T("guardian.as"), "", kit.Select("guardian-as", string(g.As), bonds(e), c.onAs)),
		kit.Field("guardian-proof", e.T("guardian.proof"), "", kit.Select("guardian-proof", string(g.Proof), proofs(e), c.onProof)),
		kit.Field("guardian-paper", e.T("guardian.paper"), e.T("guardian.paper-hint", "name", c.Person.Name),
			kit.Select("guardian-paper", string(g.Record), c.choices(), c.onPaper)),
		&dateField{Env: e, ID: "guardian-since", Legend: e.T("guardian.since"), Hint: e.T("guardian.since-hint"), Date: g.Since, Owner: c},
		kit.Row(
			kit.Submit(kit.Main, "check", e.T("action.save")).ID("guardian-save").Disabled(c.busy),
			app.If(c.Person.Guardian != nil, func() app.UI {
				return kit.Button(kit.Quiet, "delete", e.T("guardian.remove"), c.onRemove).Disabled(c.busy)
			}),
		),
	)
}

func bonds(e *Env) []kit.Choice {
	list := []kit.Choice{{Text: e.T("choose")}}
	for _, b := range wallet.Bonds {
		list = append(list, kit.Choice{Value: string(b), Text: e.T("bond." + string(b))})
	}
	return list
}

func proofs(e *Env) []kit.Choice {
	list := []kit.Choice{{Text: e.T("choose")}}
	for _, p := range wallet.Proofs {
		list = append(list, kit.Choice{Value: string(p), Text: e.T("proof." + string(p))})
	}
	return list
}

// choices are the photos and PDFs that can be attached.
func (c *guardianCard) choices() []kit.Choice {
	list := []kit.Choice{{Text: c.Env.T("guardian.no-paper")}}
	for _, m := range c.papers {
		list = append(list, kit.Choice{Value: string(m.ID), Text: paperTitle(c.Env, m)})
	}
	return list
}

func (c *guardianCard) set(change func(*wallet.Guardianship)) {
	change(&c.edit)
	c.begun, c.saved = true, false
}

func (c *guardianCard) onAs(ctx app.Context, e app.Event) {
	c.set(func(g *wallet.Guardianship) { g.As = wallet.Bond(kit.Value(ctx)) })
}

func (c *guardianCard) onProof(ctx app.Context, e app.Event) {
	c.set(func(g *wallet.Guardianship) { g.Proof = wallet.Proof(kit.Value(ctx)) })
}

func (c *guardianCard) onPaper(ctx app.Context, e app.Event) {
	c.set(func(g *wallet.Guardianship) { g.Record = record.ID(kit.Value(ctx)) })
}

// Dated is told by the fields of the date.
func (c *guardianCard) Dated(ctx app.Context, date string) {
	c.set(func(g *wallet.Guardianship) { g.Since = date })
}

func (c *guardianCard) onSave(ctx app.Context, e app.Event) {
	e.PreventDefault()
	g := c.edit
	c.keep(&g)
}

func (c *guardianCard) onRemove(ctx app.Context, e app.Event) { c.keep(nil) }

func (c *guardianCard) keep(g *wallet.Guardianship) {
	if c.busy {
		return
	}
	c.busy, c.fault, c.saved = true, nil, false
	id := c.Person.ID
	run(c.ctx, func(ctx context.Context) error { return c.Env.W.SetGuardian(ctx, id, g) }, func(ctx app.Context, err error) {
		if c.busy, c.fault, c.saved = false, err, err == nil; err == nil {
			c.take()
		}
	})
}
