package ui

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// choose shows another person's records, and then does what comes next. Many records take a moment.
func choose(ctx app.Context, e *Env, id string, then func(app.Context)) {
	run(ctx, func(context.Context) error {
		e.W.Choose(record.ProfileID(id))
		return nil
	}, func(ctx app.Context, _ error) { then(ctx) })
}

// personForm corrects what is known of a person.
type personForm struct {
	app.Compo
	here
	Env    *Env
	Snap   *wallet.Snapshot
	Person wallet.Person

	edit   wallet.Person
	begun  bool // something was typed that is not kept yet
	doubts []wallet.Doubt
	busy   bool
	saved  bool
	fault  error
}

func (f *personForm) OnInit() { f.take() }

// OnUpdate does not take away what is being typed.
func (f *personForm) OnUpdate(ctx app.Context) {
	if !f.begun || f.edit.ID != f.Person.ID {
		f.take()
	}
}

func (f *personForm) take() {
	f.edit, f.begun = f.Person, false
	f.edit.Numbers = slices.Clone(f.Person.Numbers)
	f.doubts = f.Snap.Doubts(f.edit)
}

func (f *personForm) Render() app.UI {
	e, p := f.Env, f.Person
	return app.Form().ID("person-form").Class("form").OnSubmit(f.onSave).Body(
		kit.Field("name", e.T("people.name"), "", kit.Line("name", p.Name, f.onName).MaxLength(wallet.MaxName)),
		f.slip("name"),
		kit.Field("kin", e.T("kin.label"), e.T("kin.hint"), kit.Select("kin", string(p.Kin), kins(e, f.Snap, p.Kin), f.onKin)),
		kit.Field("relation", e.T("people.relation"), e.T("people.relation-hint"), kit.Line("relation", p.Relation, f.onRelation).MaxLength(60)),
		&dateField{Env: e, ID: "born", Legend: e.T("people.born"), Hint: e.T("people.born-hint"), Date: p.BirthDate, Owner: f},
		f.slip("born-year"),
		kit.If(f.Snap.Acting(p.ID), func() app.UI {
			return kit.Field("law", e.T("law.label"), e.T("law.hint"), kit.Select("law", p.Law, laws(e), f.onLaw))
		}),
		kit.Field("gender", e.T("people.gender"), "", kit.Select("gender", p.Gender, genders(e), f.onGender)),
		kit.Field("blood", e.T("people.blood"), "", kit.Select("blood", p.Blood, bloods(e), f.onBlood)),
		kit.Field("abha-number", e.T("people.abha-number"), e.T("people.abha-hint"), number("abha-number", p.ABHANumber, 24, f.onABHANumber)),
		kit.Field("abha", e.T("people.abha"), "", kit.Line("abha", p.ABHA, f.onABHA).MaxLength(60).Attr("autocapitalize", "none")),
		f.numbers(),
		f.colours(),
		doubtsOf(e, f.doubts),
		f.slip("person-save"),
		kit.If(f.saved, func() app.UI { return kit.Notice(kit.Good, e.T("people.saved")) }),
		kit.Submit(kit.Main, "check", e.T("action.save")).ID("person-save").Disabled(f.busy),
	)
}

// laws are by whose law somebody can come of age. Where none was chosen it is the first.
func laws(e *Env) (list []kit.Choice) {
	for _, l := range wallet.Laws() {
		list = append(list, kit.Choice{Value: l.Place, Text: e.T("law.choice", "place", e.T("law."+l.Place), "age", e.L.Number(l.Age))})
	}
	return list
}

func genders(e *Env) []kit.Choice {
	return []kit.Choice{
		{Text: e.T("people.gender-none")}, {Value: "female", Text: e.T("gender.female")},
		{Value: "male", Text: e.T("gender.male")}, {Value: "other", Text: e.T("gender.other")},
	}
}

func bloods(e *Env) []kit.Choice {
	list := []kit.Choice{{Text: e.T("people.gender-none")}}
	for _, g := range wallet.BloodGroups {
		list = append(list, kit.Choice{Value: g, Text: blood(e, g)})
	}
	return list
}

// numbers are what offices and hospitals know somebody by.
func (f *personForm) numbers() app.UI {
	return app.FieldSet().Class("field").Body(
		app.Legend().Class("label").Text(f.Env.T("people.numbers")),
		kit.Place(app.Range(f.edit.Numbers).Slice(func(i int) app.UI {
			return &numberRow{Env: f.Env, Index: i, Number: f.edit.Numbers[i], Owner: f}
		})),
		kit.Button(kit.Plain, "plus", f.Env.T("people.number-add"), f.onNumber).ID("number-add"),
	)
}

// colours offers those that can be told apart. Each has a name, since not everybody sees them.
func (f *personForm) colours() app.UI {
	return app.FieldSet().Class("field").Body(
		app.Legend().Class("label").Text(f.Env.T("people.colour")),
		app.Div().Class("filters").Body(app.Range(colourNames).Slice(func(i int) app.UI {
			return &kit.Option{Owner: f, List: "colour", Value: strconv.Itoa(i), Text: f.Env.T("colour." + strconv.Itoa(i)),
				Portrait: kit.Portrait{Initials: initials(f.Person.Name), Colour: i}, On: f.edit.Colour == i}
		})),
	)
}

// colourNames are as many as the style sheet has; the names are messages.
var colourNames = make([]struct{}, 8)

// set notes a change that is not kept yet.
func (f *personForm) set(change func(*wallet.Person)) {
	change(&f.edit)
	f.begun, f.saved, f.fault = true, false, nil
	f.doubts = f.Snap.Doubts(f.edit)
}

func (f *personForm) onName(ctx app.Context, e app.Event) {
	f.set(func(p *wallet.Person) { p.Name = kit.Value(ctx) })
}

func (f *personForm) onKin(ctx app.Context, e app.Event) {
	f.set(func(p *wallet.Person) { p.Kin = wallet.Kin(kit.Value(ctx)) })
}

func (f *personForm) onRelation(ctx app.Context, e app.Event) {
	f.set(func(p *wallet.Person) { p.Relation = kit.Value(ctx) })
}

// Dated is told by the fields of the date of birth.
func (f *personForm) Dated(ctx app.Context, date string) {
	f.set(func(p *wallet.Person) { p.BirthDate = date })
}

func (f *personForm) onLaw(ctx app.Context, e app.Event) {
	f.set(func(p *wallet.Person) { p.Law = kit.Value(ctx) })
}

func (f *personForm) onGender(ctx app.Context, e app.Event) {
	f.set(func(p *wallet.Person) { p.Gender = kit.Value(ctx) })
}

func (f *personForm) onBlood(ctx app.Context, e app.Event) {
	f.set(func(p *wallet.Person) { p.Blood = kit.Value(ctx) })
}

func (f *personForm) onABHANumber(ctx app.Context, e app.Event) {
	f.set(func(p *wallet.Person) { p.ABHANumber = kit.Value(ctx) })
}

func (f *personForm) onABHA(ctx app.Context, e app.Event) {
	f.set(func(p *wallet.Person) { p.ABHA = kit.Value(ctx) })
}

func (f *personForm) onNumber(ctx app.Context, e app.Event) {
	f.set(func(p *wallet.Person) { p.Numbers = append(p.Numbers, wallet.Number{}) })
	f.focus(f.Env, "number-"+strconv.Itoa(len(f.edit.Numbers)-1)+"-name")
}

// Pick chooses a colour.
func (f *personForm) Pick(ctx app.Context, list, value string) {
	if n, err := strconv.Atoi(value); err == nil {
		f.set(func(p *wallet.Person) { p.Colour = n })
	}
}

func (f *personForm) onSave(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if f.busy {
		return
	}
	f.busy, f.fault, f.saved = true, nil, false
	edit := f.edit
	run(f.ctx, func(c context.Context) error { return f.Env.W.EditPerson(c, edit) }, func(ctx app.Context, err error) {
		f.amend(f.Env, err, toAmend(err, "name", "born-year", "person-save"))
		if f.busy, f.fault, f.saved = false, err, err == nil; err == nil {
			f.take()
		}
	})
}

// slip says what is wrong beside the control it is about.
func (f *personForm) slip(at string) app.UI {
	return kit.If(f.fault != nil && toAmend(f.fault, "name", "born-year", "person-save") == at, func() app.UI {
		return kit.Notice(kit.Danger, f.Env.Explain(f.fault))
	})
}

// toAmend is the control of a form about a person that an error is about: the name, the date of birth, else what was
// pressed.
func toAmend(err error, name, born, pressed string) string {
	switch {
	case errors.Is(err, wallet.ErrName), errors.Is(err, wallet.ErrNameLong):
		return name
	case errors.Is(err, wallet.ErrBirthDate), errors.Is(err, wallet.ErrBirthFuture):
		return born
	}
	return pressed
}

// numberRow is one number with the name of who gave it.
type numberRow struct {
	app.Compo
	Env    *Env
	Index  int
	Number wallet.Number
	Owner  *personForm
}

// CompoID keeps each row its own.
func (r *numberRow) CompoID() string { return "number-" + strconv.Itoa(r.Index) }

func (r *numberRow) Render() app.UI {
	e, id := r.Env, r.CompoID()
	return app.Div().Class("number-row").Body(
		kit.Field(id+"-name", e.T("people.number-name"), e.T("people.number-hint"), kit.Line(id+"-name", r.Number.Name, r.onName).MaxLength(60)),
		kit.Field(id+"-value", e.T("people.number"), "", kit.Line(id+"-value", r.Number.Value, r.onValue).MaxLength(60).Attr("autocapitalize", "none")),
	)
}

func (r *numberRow) onName(ctx app.Context, e app.Event) {
	r.Owner.set(func(p *wallet.Person) { p.Numbers[r.Index].Name = kit.Value(ctx) })
}

func (r *numberRow) onValue(ctx app.Context, e app.Event) {
	r.Owner.set(func(p *wallet.Person) { p.Numbers[r.Index].Value = kit.Value(ctx) })
}
