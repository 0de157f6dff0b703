package kit

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Picker hears which option of which list was chosen.
type Picker interface {
	Pick(ctx app.Context, list, value string)
}

// Option is one of several things to choose: a component of its own, so that its handler belongs to it.
type Option struct {
	app.Compo
	Owner    Picker
	List     string
	Value    string
	Text     string
	Hint     string
	Icon     string
	Portrait Portrait // of a person; without initials: none
	Lang     string   // of Text, where it is not the page's
	On       bool
}

// CompoID keeps an option's handler with its option when a list changes.
func (o *Option) CompoID() string { return o.List + "/" + o.Value }

func (o *Option) Render() app.UI {
	b := app.Button().Type("button").Class("option").Aria("pressed", o.On).OnClick(o.onClick)
	if o.Lang != "" {
		b = b.Lang(o.Lang)
	}
	return b.Body(
		app.If(o.Portrait.Initials != "", func() app.UI { return Avatar(o.Portrait) }),
		app.If(o.Icon != "", func() app.UI { return Icon(o.Icon) }),
		app.Span().Class("option-words").Body(
			app.Span().Text(o.Text),
			app.If(o.Hint != "", func() app.UI { return app.Span().Class("hint").Text(o.Hint) }),
		),
		app.If(o.On, func() app.UI { return Icon("check") }),
	)
}

func (o *Option) onClick(ctx app.Context, e app.Event) { o.Owner.Pick(ctx, o.List, o.Value) }

// Ticker hears that a numbered item was ticked or not.
type Ticker interface {
	Tick(ctx app.Context, item int, on bool)
}

// Tick is one item of a list that can be taken in or left out.
type Tick struct {
	app.Compo
	Owner Ticker
	ID    string
	Item  int
	Text  string
	Hint  string
	On    bool
}

// CompoID keeps a tick with its item.
func (t *Tick) CompoID() string { return t.ID }

func (t *Tick) Render() app.UI {
	return app.Li().Class("tick-row").Body(Check(t.ID, t.Text, t.Hint, t.On, t.onChange))
}

func (t *Tick) onChange(ctx app.Context, e app.Event) { t.Owner.Tick(ctx, t.Item, Checked(ctx)) }
