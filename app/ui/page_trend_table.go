package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/trend"
	"potli/app/ui/kit"
)

// rowsAtOnce is how many results the table shows before "show more".
const rowsAtOnce = 30

// table has every number of the chart, the latest first: for who does not see the picture, and for who wants to know exactly.
func (p *pageTrend) table() app.UI {
	e, n := p.Env, len(p.stops)
	if n == 0 {
		return nil
	}
	shown := min(n, p.rows)
	return app.Section().Class("trend-table").Body(
		app.H2().Class("month-name").Text(e.T("trend.table")),
		kit.If(p.converted(), func() app.UI { return kit.Small(e.T("trend.converted")) }),
		app.Div().Class("table-scroll").TabIndex(0).Role("group").Aria("label", e.T("trend.table")).Body(app.Table().Class("results").Body(
			p.head(),
			app.TBody().Body(app.Range(make([]struct{}, shown)).Slice(func(i int) app.UI { return p.row(p.stops[n-1-i]) })),
		)),
		app.If(shown < n, func() app.UI {
			return kit.Button(kit.Plain, "down", e.N("trend.rest", n-shown), p.onRows).ID("chart-rows")
		}),
	)
}

func (p *pageTrend) head() app.UI {
	cols := []string{p.Env.T("record.date"), p.Env.T("results.value"), p.Env.T("results.range")}
	return app.THead().Body(app.Tr().Body(app.Range(cols).Slice(func(i int) app.UI { return app.Th().Scope("col").Text(cols[i]) })))
}

// converted says that a number is told in another unit than it was written in.
func (p *pageTrend) converted() bool {
	for _, s := range p.chart.Series {
		for i := range s.Points {
			if s.Points[i].Written != "" {
				return true
			}
		}
	}
	return false
}

func (p *pageTrend) row(s trend.Stop) app.UI {
	e, q := p.Env, pointOf(s)
	return app.Tr().Body(
		app.Th().Scope("row").Body(
			app.Span().Text(e.L.Moment(q.Date)),
			kit.If(q.Undated, func() app.UI { return app.Span().Class("result-note").Text(" " + e.T("trend.undated")) }),
			app.Div().Class("trend-sources").Body(sources(e, s)...),
		),
		app.Td().Body(
			app.Span().Class("result-value").Text(inUnit(p.Env, numbers(s.Points), p.chart.Unit)),
			markChip(e, worst(s.Points)),
			app.If(q.Written != "", func() app.UI {
				return app.P().Class("result-note").Text(e.T("trend.written", "value", p.Env.L.Measure(q.Written)))
			}),
		),
		app.Td().Text(p.ranges(s)),
	)
}

// ranges are the usual ranges of a moment, one for each curve that has one.
func (p *pageTrend) ranges(s trend.Stop) (text string) {
	for _, q := range s.Points {
		if q == nil {
			continue
		}
		if r := usual(p.Env, q); r != "" && text != "" {
			text += " / " + r
		} else {
			text += r
		}
	}
	return text
}

// sources lead to the documents that tell a number.
func sources(e *Env, s trend.Stop) (links []app.UI) {
	seen := map[string]bool{}
	for _, q := range s.Points {
		if q == nil {
			continue
		}
		for _, src := range q.Sources {
			if !seen[src.Record] {
				seen[src.Record] = true
				links = append(links, app.A().Class("text-link").Href(pointHref(src)).Text(first(src.Title, e.T("record.title"))))
			}
		}
	}
	return links
}

// apart lists what is in no picture, as it was written, with the reason.
func (p *pageTrend) apart() app.UI {
	e, list := p.Env, p.chart.Apart
	if len(list) == 0 {
		return nil
	}
	return kit.Card("chart-apart", e.T("trend.apart"), kit.Text(e.T("trend.apart-text")),
		app.Ul().Class("list").Body(app.Range(list[:min(len(list), p.rows)]).Slice(func(i int) app.UI {
			q := list[i]
			return app.Li().Body(app.A().Class("text-link").Href(pointHref(q.Sources[0])).
				Text(e.T("trend.at", "date", e.date(q.Date), "value", q.Text)))
		})))
}

func (p *pageTrend) onRows(ctx app.Context, e app.Event) { p.rows += 5 * rowsAtOnce }

// legend says what the signs mean that are to be seen.
func (p *pageTrend) legend() app.UI {
	e := p.Env
	var items []app.UI
	item := func(s kit.Sign, text string) {
		items = append(items, app.Li().Class("trend-sign").Body(kit.Shape(s), app.Span().Text(text)))
	}
	if p.chart.Pressure {
		item(kit.Sign{Shape: ordinary(0)}, e.T("trend.upper"))
		item(kit.Sign{Shape: ordinary(1), Row: 1}, e.T("trend.lower"))
	}
	seen, limit := map[trend.Mark]bool{}, false
	for _, l := range p.drawing.Lines {
		for _, q := range l.Places {
			seen[q.Mark], limit = true, limit || q.Limit
		}
	}
	for _, m := range signsOf {
		if seen[m] {
			item(kit.Sign{Shape: shapes[m]}, e.T("flag."+string(m)))
		}
	}
	if limit {
		item(kit.Sign{Shape: "round", Hollow: true}, e.T("trend.limit"))
	}
	if len(p.drawing.Bands) > 0 {
		items = append(items, app.Li().Class("trend-sign").Body(app.Span().Class("trend-zone").Aria("hidden", true), app.Span().Text(e.T("trend.band"))))
	}
	return app.Ul().Class("trend-legend").Body(items...)
}
