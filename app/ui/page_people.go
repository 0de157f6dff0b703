package ui

import (
	"context"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pagePeople lists the people of the family, to correct them and to add others.
type pagePeople struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot
}

func (p *pagePeople) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "people").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("people.title")),
		kit.Text(e.T("people.text")),
		app.Range(p.Snap.People).Slice(func(i int) app.UI {
			return &personForm{Env: e, Person: p.Snap.People[i]}
		}),
		kit.Card("add-person", e.T("people.add"), &personForm{Env: e, Person: wallet.Person{Colour: len(p.Snap.People)}, Fresh: len(p.Snap.People) + 1}),
	)
}

// personForm is one person to correct, or a new one.
type personForm struct {
	app.Compo
	here
	Env    *Env
	Person wallet.Person
	Fresh  int // for a new person, not 0: an empty form after each one that was added

	edit  wallet.Person
	busy  bool
	saved bool
	fault error
}

// CompoID remounts the empty form after somebody was added, so that its fields are empty again.
func (f *personForm) CompoID() string { return string(f.Person.ID) + strconv.Itoa(f.Fresh) }

func (f *personForm) OnInit() { f.edit = f.Person }

func (f *personForm) OnUpdate(ctx app.Context) { f.edit = f.Person }

func (f *personForm) Render() app.UI {
	if f.Fresh > 0 {
		return f.form()
	}
	return app.Section().Class("card", "person").Body(
		app.H2().Class("card-title", "person-name").Body(
			kit.Avatar(initials(f.Person.Name), f.Person.Colour), app.Span().Text(f.Person.Name)),
		app.If(f.Person.BirthDate != "", func() app.UI {
			return kit.Small(f.Env.T("people.was-born", "date", f.Env.L.Date(f.Person.BirthDate)))
		}),
		kit.Details(f.Env.T("people.edit"), f.form()),
	)
}

func (f *personForm) form() app.UI {
	e, id := f.Env, "person-"+strconv.Itoa(hash(f.CompoID()))
	label := e.T("action.save")
	if f.Fresh > 0 {
		label = e.T("people.add-go")
	}
	return app.Form().Class("form").OnSubmit(f.onSave).Body(
		kit.Field(id+"-name", e.T("people.name"), "", kit.Line(id+"-name", f.Person.Name, f.onName).MaxLength(80)),
		kit.Field(id+"-born", e.T("people.born"), e.T("people.born-hint"), kit.Line(id+"-born", f.Person.BirthDate, f.onBorn).Type("date")),
		kit.Field(id+"-gender", e.T("people.gender"), "", kit.Select(id+"-gender", f.Person.Gender, genders(e), f.onGender)),
		app.If(f.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(f.fault)) }),
		app.If(f.saved, func() app.UI { return kit.Notice(kit.Good, e.T("people.saved")) }),
		kit.Submit(kit.Plain, "check", label).Disabled(f.busy),
	)
}

func genders(e *Env) []kit.Choice {
	return []kit.Choice{
		{Value: "unknown", Text: e.T("people.gender-none")}, {Value: "female", Text: e.T("gender.female")},
		{Value: "male", Text: e.T("gender.male")}, {Value: "other", Text: e.T("gender.other")},
	}
}

func (f *personForm) onName(ctx app.Context, e app.Event) {
	f.edit.Name, f.saved = kit.Value(ctx), false
}

func (f *personForm) onBorn(ctx app.Context, e app.Event) {
	f.edit.BirthDate, f.saved = kit.Value(ctx), false
}

func (f *personForm) onGender(ctx app.Context, e app.Event) {
	f.edit.Gender, f.saved = kit.Value(ctx), false
}

func (f *personForm) onSave(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if f.busy {
		return
	}
	f.busy, f.fault, f.saved = true, nil, false
	edit, fresh := f.edit, f.Fresh > 0
	run(f.ctx, func(c context.Context) error {
		if fresh {
			_, err := f.Env.W.AddPerson(c, edit)
			return err
		}
		return f.Env.W.EditPerson(c, edit)
	}, func(ctx app.Context, err error) {
		f.busy, f.fault, f.saved = false, err, err == nil
	})
}
