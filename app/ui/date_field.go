package ui

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// dater hears of the date that stands in a dateField, as far as it is known: a year, a month of a year or a day. What is
// no date yet is told as it stands, and refused when it is to be kept.
type dater interface {
	Dated(ctx app.Context, date string)
}

// dateField asks for a date in three parts, since many know only the year they were born in.
type dateField struct {
	app.Compo
	Env    *Env
	ID     string
	Legend string
	Hint   string
	Date   string // that stands there at the beginning
	Owner  dater

	year, month, day string
	from             string // the Date that was taken apart
}

func (d *dateField) OnInit() { d.take() }

func (d *dateField) OnUpdate(ctx app.Context) {
	if d.from != d.Date {
		d.take()
	}
}

func (d *dateField) take() {
	d.from = d.Date
	d.year, d.month, d.day = wallet.BirthParts(d.Date)
}

func (d *dateField) Render() app.UI {
	e := d.Env
	return app.FieldSet().Class("field", "date").Aria("describedby", d.ID+"-why").Body(
		app.Legend().Class("label").Text(d.Legend),
		app.P().ID(d.ID+"-why").Class("hint").Text(d.Hint),
		app.Div().Class("date-parts").Body(
			kit.Field(d.ID+"-day", e.T("date.part-day"), "", number(d.ID+"-day", d.day, 2, d.onDay)),
			kit.Field(d.ID+"-month", e.T("date.part-month"), "", kit.Select(d.ID+"-month", d.month, months(e), d.onMonth)),
			kit.Field(d.ID+"-year", e.T("date.part-year"), "", number(d.ID+"-year", d.year, 4, d.onYear)),
		),
	)
}

// number is a control for a few digits; phones show digits to tap.
func number(id, value string, most int, h app.EventHandler) *kit.Input {
	return kit.Line(id, value, h).Attr("inputmode", "numeric").MaxLength(most)
}

func months(e *Env) []kit.Choice {
	list := []kit.Choice{{Text: e.T("date.part-none")}}
	for m := range 12 {
		n := strconv.Itoa(m + 1)
		list = append(list, kit.Choice{Value: n, Text: e.T("month." + n)})
	}
	return list
}

func (d *dateField) onDay(ctx app.Context, e app.Event) {
	d.day = kit.Value(ctx)
	d.tell(ctx)
}

func (d *dateField) onMonth(ctx app.Context, e app.Event) {
	d.month = kit.Value(ctx)
	d.tell(ctx)
}

func (d *dateField) onYear(ctx app.Context, e app.Event) {
	d.year = kit.Value(ctx)
	d.tell(ctx)
}

func (d *dateField) tell(ctx app.Context) {
	d.Owner.Dated(ctx, wallet.BirthDate(d.year, d.month, d.day))
}
