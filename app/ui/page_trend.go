package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/trend"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

const (
	// columns is how finely a chart is drawn: of many points only those that are seen.
	columns = 180
	// signsAtOnce is up to how many points each has a sign of its own; beyond, only those that are marked.
	signsAtOnce = 120
	year        = 365 * 86400
)

// pageTrend is one chart: a picture to walk through, and all its numbers in a table.
type pageTrend struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	Key  string

	seen     gathered
	loaded   string // the key that is shown
	unit     string
	chart    *trend.Chart
	stops    []trend.Stop
	from, to int64
	window   string // "1", "5", "all", "" for none of them
	at       int    // index of the stop the reader is on: the latest at first
	drawing  trend.Drawing
	pinch    kit.Pinch
	rows     int
	fault    error
}

func (p *pageTrend) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageTrend) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.load()
}

func (p *pageTrend) OnUpdate(app.Context) {
	if p.Key != p.loaded || p.seen != gatheredOf(p.Snap) || p.unit != p.Snap.Settings.Units[p.Key] {
		p.load()
	}
}

func (p *pageTrend) load() {
	key, w := p.Key, p.Env.W
	anew := key != p.loaded || p.seen.who != p.Snap.Current
	p.loaded, p.seen, p.unit = key, gatheredOf(p.Snap), p.Snap.Settings.Units[p.Key]
	if anew {
		p.chart, p.fault = nil, nil
	}
	var chart *trend.Chart
	run(p.ctx, func(c context.Context) (err error) {
		chart, err = w.Trend(c, key)
		return err
	}, func(ctx app.Context, err error) {
		if p.loaded == key {
			p.show(chart, err, anew)
		}
	})
}

// show takes a chart in: anew with all of it, else with the same time and place as before.
func (p *pageTrend) show(chart *trend.Chart, err error, anew bool) {
	if p.chart, p.fault = chart, err; err != nil {
		p.chart = nil
		return
	}
	p.stops = chart.Stops()
	if anew || p.at >= len(p.stops) {
		p.at, p.rows, p.window = len(p.stops)-1, rowsAtOnce, "all"
		p.from, p.to = chart.Span()
	}
	p.draw()
}

func (p *pageTrend) draw() { p.drawing = p.chart.Draw(p.from, p.to, columns) }

func (p *pageTrend) Render() app.UI {
	e, loaded := p.Env, p.chart != nil
	return app.Div().Class("page", "trend").Body(
		kit.Back(e.T("trends.title"), pathTrends),
		kit.Title(p.name()),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Note, e.Explain(p.fault)).ID("fault") }),
		kit.If(!loaded && p.fault == nil, func() app.UI { return kit.Wait(e.T("trends.waiting")) }),
		kit.If(loaded, p.printed),
		kit.If(loaded && len(p.stops) > 0, p.picture),
		kit.If(loaded, p.table),
		kit.If(loaded, p.apart),
		app.If(loaded, func() app.UI {
			return kit.Row(kit.Button(kit.Plain, "print", e.T("action.print"), p.onPrint))
		}),
	)
}

// name is what is charted: in the heading from the beginning, which has the focus while the chart is made.
func (p *pageTrend) name() string {
	if p.chart == nil {
		return p.Env.T("trend.title")
	}
	return trendName(p.Env, p.chart.Name, p.chart.Pressure)
}

// printed says on paper whose chart it is, and of which time.
func (p *pageTrend) printed() app.UI {
	e := p.Env
	return app.P().Class("print-only", "trend-printed").Text(e.T("trend.printed",
		"name", p.Snap.Person().Name, "time", p.span(), "today", e.L.Day(e.Now())))
}

// span is the time that is shown.
func (p *pageTrend) span() string {
	from, to := p.Env.L.Date(trend.Day(p.from)), p.Env.L.Date(trend.Day(p.to))
	if from == to {
		return from
	}
	return p.Env.T("period.both", "start", from, "end", to)
}

func (p *pageTrend) picture() app.UI {
	e := p.Env
	return app.Section().Class("card", "trend-picture").Aria("label", e.T("trend.title")).Body(
		p.choices(),
		app.P().ID("chart-hint").Class("away").Text(e.T("trend.hint")),
		p.plot().Draw(),
		app.P().ID("chart-at").Class("trend-at").Role("status").Text(p.saidAt()),
		p.open(),
		p.tools(),
		p.legend(),
	)
}

func (p *pageTrend) choices() app.UI {
	e := p.Env
	return app.Div().Class("trend-choices").Body(
		app.Div().Class("filters").Role("group").Aria("label", e.T("trend.window")).Body(
			&kit.Option{Owner: p, List: "window", Value: "1", Text: e.T("trend.window-1"), On: p.window == "1"},
			&kit.Option{Owner: p, List: "window", Value: "5", Text: e.T("trend.window-5"), On: p.window == "5"},
			&kit.Option{Owner: p, List: "window", Value: "all", Text: e.T("trend.window-all"), On: p.window == "all"},
		),
		app.If(len(p.chart.Units) > 1, func() app.UI {
			return app.Div().Class("filters").Role("group").Aria("label", e.T("trend.unit")).Body(app.Range(p.chart.Units).Slice(func(i int) app.UI {
				u := p.chart.Units[i]
				return &kit.Option{Owner: p, List: "unit", Value: u, Text: first(trend.Print(u), e.T("trend.unitless")), On: u == p.chart.Unit}
			}))
		}),
	)
}

func (p *pageTrend) plot() *kit.Chart {
	c := &kit.Chart{
		ID: "chart", HintID: "chart-hint", Label: p.Env.T("trend.label", "name", p.name(), "time", p.span()),
		From: p.Env.L.Date(trend.Day(p.from)), To: p.Env.L.Date(trend.Day(p.to)),
		OnKey: p.onKey, OnTap: p.onTap, OnPinch: p.onPinch,
	}
	for i, l := range p.drawing.Lines {
		c.Curves = append(c.Curves, spots(l))
		c.Signs = append(c.Signs, signs(l, i)...)
	}
	for _, b := range p.drawing.Bands {
		c.Zones = append(c.Zones, kit.Zone(b))
	}
	for _, t := range p.drawing.Days {
		c.Across = append(c.Across, kit.Label{At: t.At, Text: p.Env.L.Date(t.Label)})
	}
	for _, t := range p.drawing.Values {
		c.Up = append(c.Up, kit.Label{At: t.At, Text: t.Label})
	}
	c.Here = p.hereSigns()
	return c
}

func spots(l trend.Line) (list []kit.Spot) {
	for _, q := range l.Places {
		list = append(list, kit.Spot{X: q.X, Y: q.Y})
	}
	return list
}

// signs are those of a curve: each point's, or only those of marked points where there are many.
func signs(l trend.Line, row int) (list []kit.Sign) {
	for _, q := range l.Places {
		s := kit.Sign{Spot: kit.Spot{X: q.X, Y: q.Y}, Shape: shapes[q.Mark], Row: row, Hollow: q.Limit}
		if s.Shape == "" {
			if !l.Whole || len(l.Places) > signsAtOnce {
				continue
			}
			s.Shape = ordinary(row)
		}
		list = append(list, s)
	}
	return list
}

// ordinary is the sign of a point that is within its range: another for the second curve.
func ordinary(row int) string { return [...]string{"round", "square"}[row%2] }

// hereSigns show where the reader is.
func (p *pageTrend) hereSigns() (list []kit.Sign) {
	for i, q := range p.stops[p.at].Points {
		if q != nil {
			x, y := p.drawing.Place(q)
			list = append(list, kit.Sign{Spot: kit.Spot{X: x, Y: y}, Shape: first(shapes[q.Mark], ordinary(i)), Row: i, Hollow: q.Limit})
		}
	}
	return list
}
