package ui

import (
	"context"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pagePeople lists the people of the family, leads to each of them and adds others.
type pagePeople struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot

	added int // how many were added since the page is open: each time the form begins anew
	fresh wallet.Person
}

func (p *pagePeople) Render() app.UI {
	e, shown, aside := p.Env, p.Snap.Shown(), p.Snap.PutAside()
	return app.Div().Class("page", "people").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("people.title")),
		kit.Text(e.T("people.text")),
		&selfAsk{Env: e, Snap: p.Snap},
		// What comes and goes above a form has a place of its own, or it would take away what is typed in it.
		app.Div().Body(app.If(p.added > 0, p.welcome)),
		app.Div().Class("person-list").Body(app.Range(shown).Slice(func(i int) app.UI { return personCard(e, p.Snap, shown[i]) })),
		kit.Card("add-person", e.T("people.add"), &newPerson{Env: e, Snap: p.Snap, Turn: p.added, Owner: p}),
		kit.Row(kit.Link(kit.Plain, "people", e.T("join.title"), pathJoin).ID("join")),
		app.If(len(aside) > 0, func() app.UI {
			return kit.Card("aside", e.T("aside.title"),
				app.Range(aside).Slice(func(i int) app.UI { return personCard(e, p.Snap, aside[i]) }))
		}),
		kit.Small(e.T("hide.back")),
	)
}

// welcome says what is different from now on: the second person is the moment at which records can be mixed up (F3).
func (p *pagePeople) welcome() app.UI {
	e := p.Env
	return kit.Notice(kit.Good, e.T("people.added", "name", p.fresh.Name),
		kit.If(len(p.Snap.Shown()) > 1, func() app.UI { return app.P().ID("told-apart").Text(e.N("people.told-apart", len(p.Snap.Shown()))) }),
		kit.Row(kit.Link(kit.Plain, "person", e.T("people.more", "name", p.fresh.Name), pathPerson+string(p.fresh.ID))))
}

// personCard leads to the page of a person.
func personCard(e *Env, s *wallet.Snapshot, p wallet.Person) app.UI {
	return app.A().Class("card", "person", kit.Colour(p.Colour)).Href(pathPerson+string(p.ID)).Body(
		kit.Face(e.portrait(p)),
		app.Span().Class("person-words").Body(
			app.Span().Class("person-name").Text(p.Name),
			app.Span().Class("hint").Text(traits(e, p)),
			app.If(p.ID == s.Current, func() app.UI { return kit.Chip("quiet", "eye", e.T("people.current")) }),
		),
		kit.Icon("next"),
	)
}

// newPerson asks for what is needed to tell somebody apart; the rest is asked on their own page.
type newPerson struct {
	app.Compo
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Turn  int // each has an empty form
	Owner *pagePeople

	edit   wallet.Person
	doubts []wallet.Doubt
	busy   bool
	fault  error
}

// CompoID remounts the form after somebody was added, so that its fields are empty again.
func (f *newPerson) CompoID() string { return "new-person-" + strconv.Itoa(f.Turn) }

func (f *newPerson) Render() app.UI {
	e := f.Env
	return app.Form().Class("form").OnSubmit(f.onAdd).Body(
		kit.Field("new-name", e.T("people.name"), "", kit.Line("new-name", "", f.onName).MaxLength(wallet.MaxName)),
		f.slip("new-name"),
		kit.Field("new-kin", e.T("kin.label"), e.T("kin.hint"), kit.Select("new-kin", "", kins(e, f.Snap, ""), f.onKin)),
		&dateField{Env: e, ID: "new-born", Legend: e.T("people.born"), Hint: e.T("people.born-hint"), Owner: f},
		f.slip("new-born-year"),
		doubtsOf(e, f.doubts),
		f.slip("person-add"),
		kit.Submit(kit.Main, "plus", e.T("people.add-go")).ID("person-add").Disabled(f.busy),
	)
}

// slip says what is wrong beside the control it is about.
func (f *newPerson) slip(at string) app.UI {
	return kit.If(f.fault != nil && toAmend(f.fault, "new-name", "new-born-year", "person-add") == at, func() app.UI {
		return kit.Notice(kit.Danger, f.Env.Explain(f.fault))
	})
}

func (f *newPerson) onName(ctx app.Context, e app.Event) {
	f.edit.Name, f.fault = kit.Value(ctx), nil
	f.doubts = f.Snap.Doubts(f.edit)
}

func (f *newPerson) onKin(ctx app.Context, e app.Event) { f.edit.Kin = wallet.Kin(kit.Value(ctx)) }

// Dated is told by the fields of the date of birth.
func (f *newPerson) Dated(ctx app.Context, date string) { f.edit.BirthDate, f.fault = date, nil }

func (f *newPerson) onAdd(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if f.busy {
		return
	}
	f.busy, f.fault = true, nil
	edit, owner := f.edit, f.Owner
	if edit.Kin == "" {
		edit.Kin = wallet.KinOther
	}
	edit.Colour = f.Snap.FreeColour()
	run(f.ctx, func(c context.Context) (err error) {
		edit, err = f.Env.W.AddPerson(c, edit)
		return err
	}, func(ctx app.Context, err error) {
		f.amend(f.Env, err, toAmend(err, "new-name", "new-born-year", "person-add"))
		if f.busy, f.fault = false, err; err == nil {
			owner.added, owner.fresh = owner.added+1, edit
		}
	})
}

// kins are what somebody can be to whom the wallet belongs; who that is can be one person alone.
func kins(e *Env, s *wallet.Snapshot, now wallet.Kin) []kit.Choice {
	choices := []kit.Choice{{Text: e.T("choose")}}
	_, known := s.Self()
	for _, k := range wallet.Kins {
		if k != wallet.KinSelf || !known || now == k {
			choices = append(choices, kit.Choice{Value: string(k), Text: e.T("kin." + string(k))})
		}
	}
	return choices
}

// doubtsOf says what looks like a slip of the pen.
func doubtsOf(e *Env, doubts []wallet.Doubt) app.UI {
	return app.Div().Class("doubts").Aria("live", "polite").Body(app.Range(doubts).Slice(func(i int) app.UI {
		return kit.Notice(kit.Warn, e.T("doubt."+string(doubts[i])))
	}))
}
