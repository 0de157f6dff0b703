package ui

import (
	"context"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pagePerson is everything about one person of the family: who they are, on what ground one acts for them, and how they
// are taken off the screen.
type pagePerson struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	ID   string

	busy  bool
	fault error // why they cannot be taken off the screen
}

func (p *pagePerson) Render() app.UI {
	e, who := p.Env, person(p.Snap, p.ID)
	if who.ID == "" {
		return kit.Page(e.T("people.one"), kit.Notice(kit.Note, e.T("error.no-person")), kit.Link(kit.Plain, "back", e.T("people.title"), pathPeople))
	}
	if !who.Aside.IsZero() {
		return app.Div().Body(&asidePerson{Env: e, Snap: p.Snap, Person: who})
	}
	return app.Div().Class("page", "people").Body(
		kit.Back(e.T("people.title"), pathPeople),
		personHead(e, who),
		comingOf(e, p.Snap, who),
		troublesOf(e, p.Snap, who),
		kit.Row(kit.Button(kit.Main, "open", e.T("people.see"), p.onSee).ID("see").Disabled(p.busy)),
		personFacts(e, who),
		kit.Details(e.T("people.edit"), &personForm{Env: e, Snap: p.Snap, Person: who}),
		&photoCard{Env: e, Person: who},
		kit.If(p.Snap.Acting(who.ID), func() app.UI { return &guardianCard{Env: e, Snap: p.Snap, Person: who} }),
		&carersCard{Env: e, Person: who, Sync: p.Snap.Sync[who.ID]},
		kit.Row(&consentsLink{Env: e, Person: who.ID}),
		kit.Row(kit.Place(handoverLink(e, p.Snap, p.ID)), holderLink(e, p.Snap, p.ID)),
		&leaveCard{Env: e, Snap: p.Snap, Person: who, Owner: p, Busy: p.busy, Fault: p.fault},
	)
}

// personHead is the face, large, and what somebody is called.
func personHead(e *Env, p wallet.Person) app.UI {
	return app.Div().Class("person-head", kit.Colour(p.Colour)).Body(
		kit.Face(e.portrait(p)),
		app.Div().Class("person-words").Body(kit.Title(p.Name), app.P().Class("hint").Text(traits(e, p))),
	)
}

// traits are what tells somebody apart in one line.
func traits(e *Env, p wallet.Person) string {
	parts := []string{kin(e, p)}
	if p.BirthDate != "" {
		parts = append(parts, e.T("people.was-born", "date", e.L.Date(p.BirthDate)))
	}
	return strings.TrimPrefix(strings.Join(parts, " · "), " · ")
}

// kin is what somebody is to whom the wallet belongs, in their own words where there are some.
func kin(e *Env, p wallet.Person) string {
	switch {
	case p.Kin == wallet.KinSelf:
		return e.T("kin.self")
	case p.Relation != "":
		return p.Relation
	case p.Kin == "":
		return ""
	}
	return e.T("kin." + string(p.Kin))
}

// personFacts is there also when it is empty: what comes and goes above a form would take away what is typed in it.
func personFacts(e *Env, p wallet.Person) app.UI {
	facts := []kit.Fact{
		{Name: e.T("people.gender"), Text: gender(e, p.Gender)},
		{Name: e.T("people.blood"), Text: blood(e, p.Blood)},
		{Name: e.T("people.abha-number"), Text: p.ABHANumber},
		{Name: e.T("people.abha"), Text: p.ABHA},
	}
	for _, n := range p.Numbers {
		facts = append(facts, kit.Fact{Name: first(n.Name, e.T("people.number")), Text: n.Value})
	}
	known := slices.ContainsFunc(facts, func(f kit.Fact) bool { return f.Text != "" })
	return app.Div().ID("person-facts").Body(app.If(known, func() app.UI { return kit.Paper(kit.Facts(facts...)) }))
}

func gender(e *Env, g string) string {
	if g == "" || g == "unknown" {
		return ""
	}
	return e.T("gender." + g)
}

// blood says a group as it stands on a card; the Bombay phenotype needs its name.
func blood(e *Env, group string) string {
	if group == "Oh" {
		return e.T("people.blood-bombay")
	}
	return group
}

// leave takes the person off the screen. The card that asked goes with them, so the way back is the page's to find.
func (p *pagePerson) leave(what func(context.Context) error) {
	p.busy, p.fault = true, nil
	run(p.ctx, what, func(ctx app.Context, err error) {
		if p.busy, p.fault = false, err; err == nil {
			p.Env.Go(ctx, pathPeople)
		}
	})
}

// onSee shows the records of this person.
func (p *pagePerson) onSee(ctx app.Context, ev app.Event) {
	p.busy = true
	choose(p.ctx, p.Env, p.ID, func(ctx app.Context) {
		p.busy = false
		p.Env.Go(ctx, pathHome)
	})
}
