package ui

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/trend"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// trendsAtOnce is how many charts the list offers before "show more".
const trendsAtOnce = 40

// pageTrends lists what can be charted of the person.
type pageTrends struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	seen  gathered
	list  []trend.Summary
	there bool
	find  string
	limit int
	shown []trend.Summary
	fault error
}

// gathered is what charts depend on: another one of these, and they are made anew.
type gathered struct {
	who     record.ProfileID
	records int
	units   int
}

func gatheredOf(s *wallet.Snapshot) gathered {
	return gathered{who: s.Current, records: s.Records, units: len(s.Settings.Units)}
}

func (p *pageTrends) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageTrends) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.load()
}

func (p *pageTrends) OnUpdate(app.Context) {
	if p.seen != gatheredOf(p.Snap) {
		p.load()
	}
}

func (p *pageTrends) load() {
	seen, w := gatheredOf(p.Snap), p.Env.W
	if p.seen.who != seen.who {
		p.list, p.there = nil, false
	}
	p.seen, p.limit = seen, trendsAtOnce
	var list []trend.Summary
	run(p.ctx, func(c context.Context) (err error) {
		list, err = w.Trends(c)
		return err
	}, func(ctx app.Context, err error) {
		if p.seen == seen {
			p.list, p.fault, p.there = list, err, true
			p.choose()
		}
	})
}

// choose keeps what has the words that are looked for.
func (p *pageTrends) choose() {
	p.shown = nil
	for _, s := range p.list {
		if strings.Contains(strings.ToLower(trendName(p.Env, s.Name, s.Pressure)), strings.ToLower(p.find)) {
			p.shown = append(p.shown, s)
		}
	}
}

func (p *pageTrends) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "trends").Body(
		kit.Back(e.T("nav.home"), pathHome),
		kit.Title(e.T("trends.of", "name", p.Snap.Person().Name)),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		kit.If(!p.there, func() app.UI { return kit.Wait(e.T("trends.waiting")) }),
		kit.If(p.there && len(p.list) == 0 && p.fault == nil, func() app.UI {
			return kit.Empty("chart", e.T("trends.none"), e.T("trends.none-text"), kit.Link(kit.Main, "plus", e.T("nav.add"), pathAdd))
		}),
		app.IfSlice(len(p.list) > 0, func() []app.UI {
			return []app.UI{
				kit.Text(e.T("trends.text")),
				kit.If(len(p.list) > 8, func() app.UI {
					return kit.Field("trends-find", e.T("trends.find"), "", kit.Line("trends-find", "", p.onFind))
				}),
				app.P().ID("trends-found").Class("found").Role("status").Text(p.said()),
				kit.Place(p.rows("trends.often", func(s trend.Summary) bool { return s.Count > 1 })),
				kit.Place(p.rows("trends.once", func(s trend.Summary) bool { return s.Count == 1 })),
				app.If(len(p.shown) > p.limit, func() app.UI {
					return kit.Button(kit.Plain, "down", e.T("trends.more"), p.onMore).ID("trends-more")
				}),
			}
		}),
	)
}

// said tells aloud what a search left.
func (p *pageTrends) said() string {
	switch {
	case len(p.shown) == 0:
		return p.Env.T("trends.nothing")
	case p.find != "":
		return p.Env.N("trends.found", len(p.shown))
	}
	return ""
}

func (p *pageTrends) rows(heading string, want func(trend.Summary) bool) app.UI {
	var rows []app.UI
	for _, s := range p.shown[:min(len(p.shown), p.limit)] {
		if want(s) {
			rows = append(rows, trendRow(p.Env, s))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return app.Section().Class("trend-group").Body(app.H2().Class("month-name").Text(p.Env.T(heading)), app.Ul().Class("trend-rows").Body(rows...))
}

// trendsLink leads to the charts from the first page, where there may be any.
func trendsLink(e *Env, kinds map[fhir.Kind]int) app.UI {
	if kinds[fhir.KindResult]+kinds[fhir.KindVital] == 0 {
		return nil
	}
	return kit.Row(kit.Link(kit.Plain, "chart", e.T("trends.open"), pathTrends).ID("charts"))
}

// trendRow is a chart in a line: its name, its latest number, how that stands, how it came there.
func trendRow(e *Env, s trend.Summary) app.UI {
	latest := pointOf(trend.Stop{Points: s.Latest})
	return app.Li().Body(app.A().Class("trend-row").Href(trendHref(s.Key)).Body(
		app.Span().Class("trend-words").Body(
			app.Span().Class("trend-name").Text(trendName(e, s.Name, s.Pressure)),
			app.Span().Class("trend-value").Text(inUnit(e, numbers(s.Latest), s.Unit)),
			app.Span().Class("trend-date").Text(e.T("trends.when", "date", e.L.Date(latest.Date), "count", e.N("trends.times", s.Count))),
		),
		markChip(e, worst(s.Latest)),
		app.If(len(s.Spark) > 1, func() app.UI { return kit.Spark(s.Spark, first(shapes[latest.Mark], "round")) }),
		kit.Icon("next"),
	))
}

func (p *pageTrends) onFind(ctx app.Context, e app.Event) {
	p.find, p.limit = strings.TrimSpace(kit.Value(ctx)), trendsAtOnce
	p.choose()
}

func (p *pageTrends) onMore(ctx app.Context, e app.Event) { p.limit += trendsAtOnce }
