package ui

import (
	"context"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/trend"
	"potli/app/ui/kit"
)

// onKey walks from result to result; what it comes to is said by #chart-at.
func (p *pageTrend) onKey(ctx app.Context, e app.Event) {
	last := len(p.stops) - 1
	switch kit.Key(e) {
	case "ArrowRight":
		p.walk(min(p.at+1, last))
	case "ArrowLeft":
		p.walk(max(p.at-1, 0))
	case "Home":
		p.walk(0)
	case "End":
		p.walk(last)
	case "+", "=":
		p.zoom(0.5, p.middle())
	case "-":
		p.zoom(2, p.middle())
	case "Enter":
		p.Env.Go(ctx, p.document())
	default:
		return
	}
	e.PreventDefault()
}

// walk goes to a stop, and takes the window along.
func (p *pageTrend) walk(to int) {
	p.at = to
	at := p.stops[to].At
	if at < p.from || at > p.to {
		width := p.to - p.from
		p.from = at - width/2
		p.look(p.from, p.from+width)
	}
}

// middle is where a zoom goes: to the reader's place if it is seen, as a share of the width.
func (p *pageTrend) middle() float64 {
	if p.stops[p.at].At >= p.from && p.stops[p.at].At <= p.to {
		return float64(p.stops[p.at].At-p.from) / float64(max(p.to-p.from, 1))
	}
	return 0.5
}

// zoom makes the time that is shown longer or shorter about a place.
func (p *pageTrend) zoom(by, about float64) {
	width := float64(max(p.to-p.from, 86400))
	at := float64(p.from) + about*width
	p.look(int64(at-about*width*by), int64(at+(1-about)*width*by))
	p.window = ""
}

// look shows a time, no longer than there are results and no shorter than a day.
func (p *pageTrend) look(from, to int64) {
	first, last := p.chart.Span()
	if to-from >= last-first {
		from, to = first, last
	}
	if to-from < 86400 && last-first >= 86400 {
		middle := from + (to-from)/2
		from, to = middle-43200, middle+43200
	}
	if from < first {
		from, to = first, to+first-from
	}
	if to > last {
		from, to = max(first, from-(to-last)), last
	}
	p.from, p.to = from, to
	p.draw()
}

func (p *pageTrend) tools() app.UI {
	e := p.Env
	first, last := p.chart.Span()
	return app.Div().Class("trend-tools").Role("group").Aria("label", e.T("trend.window")).Body(
		kit.IconButton("back", e.T("trend.earlier"), p.onEarlier).ID("chart-earlier").Disabled(p.from <= first),
		kit.IconButton("out", e.T("trend.out"), p.onOut).ID("chart-out").Disabled(p.from <= first && p.to >= last),
		kit.IconButton("in", e.T("trend.in"), p.onIn).ID("chart-in").Disabled(p.to-p.from <= 86400),
		kit.IconButton("next", e.T("trend.later"), p.onLater).ID("chart-later").Disabled(p.to >= last),
	)
}

func (p *pageTrend) onIn(ctx app.Context, e app.Event)  { p.zoom(0.5, p.middle()) }
func (p *pageTrend) onOut(ctx app.Context, e app.Event) { p.zoom(2, p.middle()) }

func (p *pageTrend) onEarlier(ctx app.Context, e app.Event) { p.pan(-1) }
func (p *pageTrend) onLater(ctx app.Context, e app.Event)   { p.pan(1) }

func (p *pageTrend) pan(by int64) {
	step := by * (p.to - p.from) * 3 / 4
	p.look(p.from+step, p.to+step)
	p.window = ""
}

// onPinch follows two fingers.
func (p *pageTrend) onPinch(ctx app.Context, e app.Event) {
	if by, at, ok := p.pinch.Read(ctx, e); ok && by > 0 {
		p.zoom(1/by, at)
	}
}

// onTap goes to the stop that is nearest to where the chart was touched.
func (p *pageTrend) onTap(ctx app.Context, e app.Event) {
	at := p.drawing.From + int64(kit.Across(ctx, e)*float64(p.drawing.To-p.drawing.From))
	best, far := -1, int64(0)
	for i := range p.stops {
		d := p.stops[i].At - at
		if d = max(d, -d); best < 0 || d < far {
			best, far = i, d
		}
	}
	p.at = best
}

// Pick chooses the time that is shown, or the unit.
func (p *pageTrend) Pick(ctx app.Context, list, value string) {
	if list == "unit" {
		key, w := p.Key, p.Env.W
		run(p.ctx, func(c context.Context) error { return w.SetUnit(c, key, value) }, func(ctx app.Context, err error) {
			if p.fault = err; err == nil {
				p.load()
			}
		})
		return
	}
	p.window = value
	from, to := p.chart.Span()
	if n, err := strconv.Atoi(value); err == nil {
		from = max(from, to-int64(n)*year)
	}
	p.look(from, to)
}

func (p *pageTrend) onPrint(ctx app.Context, e app.Event) { p.Env.D.Print() }

// saidAt says the place the reader is at: the day, the number, how it stands.
func (p *pageTrend) saidAt() string {
	e, stop := p.Env, p.stops[p.at]
	text := e.T("trend.at", "date", e.L.Moment(pointOf(stop).Date), "value", inUnit(p.Env, numbers(stop.Points), p.chart.Unit))
	if m := worst(stop.Points); m != "" {
		text += ", " + e.T("flag."+string(m))
	}
	return e.T("trend.said", "what", text, "i", strconv.Itoa(p.at+1), "of", strconv.Itoa(len(p.stops)))
}

func pointOf(s trend.Stop) *trend.Point {
	for _, q := range s.Points {
		if q != nil {
			return q
		}
	}
	return &trend.Point{}
}

// document is where the number stands that the reader is at.
func (p *pageTrend) document() string { return pointHref(pointOf(p.stops[p.at]).Sources[0]) }

func pointHref(s trend.Source) string { return pathRecord + s.Record + "#" + anchor(s.Entry) }

// open leads to the document of the place.
func (p *pageTrend) open() app.UI {
	return kit.Row(kit.Link(kit.Plain, "document", p.Env.T("trend.open"), p.document()).ID("chart-open"))
}
