package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/diary"
	"potli/app/ui/kit"
)

// answerer hears what is answered.
type answerer interface {
	Answer(ctx app.Context, name, value string)
}

// answer is one question with its control.
type answer struct {
	app.Compo
	Env   *Env
	Kind  diary.Kind
	Q     diary.Question
	Value string // as it was answered so far
	Turn  string // another one begins anew
	Wrong string // what is wrong with it; "" nothing
	Owner answerer

	at string // Value when the control appeared: what is typed in it stays what was typed
}

func (a *answer) OnInit() { a.at = a.Value }

// CompoID keeps each question its own.
func (a *answer) CompoID() string { return "answer/" + a.Q.Name + "/" + a.Turn }

func (a *answer) id() string { return "ask-" + a.Q.Name }

func (a *answer) Render() app.UI {
	return app.Div().Class("answer").Body(
		a.control(),
		kit.Wrong(a.id()+"-wrong", a.Wrong),
	)
}

func (a *answer) control() app.UI {
	e, id, label, help := a.Env, a.id(), question(a.Env, a.Kind, a.Q.Name), hint(a.Env, a.Kind, a.Q.Name)
	switch a.Q.Type {
	case diary.Day:
		return &dateField{Env: e, ID: id, Legend: label, Hint: first(help, e.T("write.day-hint")), Date: a.at, Owner: a}
	case diary.Choice:
		return kit.Field(id, label, help, kit.Select(id, a.at, picks(e, a.Q), a.onInput))
	case diary.Text:
		lines := kit.Lines(id, 4, a.onInput).Text(a.at)
		return kit.Field(id, label, help, lines.Wrong(a.Wrong != "", a.id()+"-wrong"))
	case diary.Moment:
		return kit.Field(id, label, help, kit.Line(id, a.at, a.onInput).Type("datetime-local").Wrong(a.Wrong != "", a.id()+"-wrong"))
	case diary.Number:
		return kit.Field(id, label, help, kit.Line(id, a.at, a.onInput).Attr("inputmode", "decimal").MaxLength(12).Wrong(a.Wrong != "", a.id()+"-wrong"))
	}
	line := kit.Line(id, a.at, a.onInput).MaxLength(200).Wrong(a.Wrong != "", a.id()+"-wrong")
	if a.Q.List == "" {
		return kit.Field(id, label, help, line)
	}
	return app.Div().Body(
		kit.Field(id, label, first(help, e.T("write.list-hint")), line.List(id+"-list")),
		suggestions(id+"-list", a.Q.List.Names(hindi(e))),
	)
}

// suggestions are words that a control offers while something is typed; anything else may be typed.
func suggestions(id string, names []string) app.UI {
	return app.DataList().ID(id).Body(app.Range(names).Slice(func(i int) app.UI {
		return app.Option().Value(names[i])
	}))
}

func (a *answer) onInput(ctx app.Context, e app.Event) {
	a.Owner.Answer(ctx, a.Q.Name, kit.Value(ctx))
}

// Dated is told by the parts of a date.
func (a *answer) Dated(ctx app.Context, date string) { a.Owner.Answer(ctx, a.Q.Name, date) }
