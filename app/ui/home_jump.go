package ui

import (
	"fmt"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
)

// homeJump leads to a month of a long timeline. It is a form with a button: a list that leaves as soon as the arrow keys
// move in it would lead away from itself (WCAG 3.2.2).
type homeJump struct {
	app.Compo
	Env  *Env
	List *homeList
	Turn int

	newest, oldest int // years; 0: no row has a date
	year, month    string
}

func (j *homeJump) OnInit() { j.look() }

func (j *homeJump) OnUpdate(app.Context) { j.look() }

// look reads from when to when the list goes.
func (j *homeJump) look() {
	l := j.List
	j.newest, j.oldest = yearOf(l.dateOf(0)), 0
	for row := l.total - 1; row >= 0 && j.oldest == 0; row -= 40 {
		j.oldest = yearOf(l.lastDate(row))
	}
	if y := yearOf(j.year); y == 0 || y > j.newest || y < j.oldest {
		j.year, j.month = strconv.Itoa(j.newest), "0"
	}
}

// lastDate is the last date among the forty rows up to one.
func (l *homeList) lastDate(row int) (date string) {
	from := max(row-39, 0)
	for _, g := range l.ask(from, row-from+1).Groups {
		date = first(g.Date, date)
	}
	return date
}

func yearOf(date string) int {
	if len(date) < 4 {
		return 0
	}
	y, _ := strconv.Atoi(date[:4])
	return y
}

func (j *homeJump) Render() app.UI {
	e := j.Env
	return app.Form().Class("jump").OnSubmit(j.onGo).Aria("label", e.T("home.jump")).Body(
		kit.Small(e.T("home.found-only", "n", e.L.Number(j.List.total))),
		app.If(j.newest > 0, func() app.UI {
			return app.Div().Class("jump-row").Body(
				kit.Field("jump-year", e.T("home.year"), "", kit.Select("jump-year", j.year, j.years(), j.onYear)),
				kit.Field("jump-month", e.T("home.month"), "", kit.Select("jump-month", j.month, j.months(), j.onMonth)),
				kit.Submit(kit.Plain, "down", e.T("home.go")).ID("jump-go"),
			)
		}),
	)
}

func (j *homeJump) years() (list []kit.Choice) {
	for y := j.newest; y >= j.oldest; y-- {
		list = append(list, kit.Choice{Value: strconv.Itoa(y), Text: strconv.Itoa(y)})
	}
	return list
}

func (j *homeJump) months() []kit.Choice {
	list := []kit.Choice{{Value: "0", Text: j.Env.T("home.any-month")}}
	for m := 12; m > 0; m-- {
		list = append(list, kit.Choice{Value: strconv.Itoa(m), Text: j.Env.T("month." + strconv.Itoa(m))})
	}
	return list
}

func (j *homeJump) onYear(ctx app.Context, e app.Event) { j.year = kit.Value(ctx) }

func (j *homeJump) onMonth(ctx app.Context, e app.Event) { j.month = kit.Value(ctx) }

func (j *homeJump) onGo(ctx app.Context, e app.Event) {
	e.PreventDefault()
	date := j.year
	if m, err := strconv.Atoi(j.month); err == nil && m > 0 {
		date = fmt.Sprintf("%s-%02d", j.year, m)
	}
	l := j.List
	l.ctx.Dispatch(func(app.Context) { l.goTo(l.rowOf(date)) })
}
