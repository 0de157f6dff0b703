package ui

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/summary"
	"potli/app/ui/kit"
)

// summaryFact is one fact. It leads to the entry of the document that decides; the other documents that speak of it open
// below, each with where it comes from.
type summaryFact struct {
	app.Compo
	Env   *Env
	Key   string
	Fact  *summary.Fact
	Grave bool // an allergy or an alert

	open bool
}

// maxSources bounds the documents that are named for one fact: a value repeated in ten thousand needs no more.
const maxSources = 12

// CompoID keeps a fact with its place.
func (s *summaryFact) CompoID() string { return s.Key }

func (s *summaryFact) Render() app.UI {
	e, f := s.Env, s.Fact
	return app.Li().Class("sum-fact").Body(
		app.Div().Class("sum-row").Body(
			app.A().Class("sum-link").Href(sourceHref(f.Sources[0])).Body(
				app.Span().Class("sum-title").Text(s.title()),
				app.If(len(f.Line.Detail) > 0, func() app.UI { return app.Span().Class("sum-detail").Text(e.L.Values(f.Line.Detail)) }),
				app.Span().Class("sum-date").Text(s.date()),
			),
			app.Div().Class("chips").Body(s.chips()...),
			kit.Place(chartOf(e, first(f.Line.Title, s.title()), f.Line.Code, s.measured())),
			explainedLine(e, s.Key, f.Line.Kind, f.Line.Code, s.title(), f.Line.Detail),
		),
		kit.If(f.Split(), func() app.UI { return kit.Notice(kit.Warn, e.T(s.disagree())).Role("note") }),
		kit.If(len(f.Sources) > 1, func() app.UI {
			return app.Button().Type("button").Class("button", "button-quiet", "sum-more").Aria("expanded", s.open).OnClick(s.onOpen).
				Body(kit.Icon("file"), app.Span().Text(e.N("summary.sources", len(f.Sources))))
		}),
		app.If(s.open && len(f.Sources) > 1, s.sources),
	)
}

func (s *summaryFact) title() string {
	return s.Env.title(s.Fact.Line.Title, s.Fact.Line.Type, s.Fact.Line.Kind)
}

// measured is the value of a result; what else has numbers, as a dose, was not measured.
func (s *summaryFact) measured() []fhir.Value {
	if k := s.Fact.Line.Kind; k != fhir.KindResult && k != fhir.KindVital {
		return nil
	}
	return s.Fact.Line.Detail
}

// date is when it was; of a vaccine also how often it was given.
func (s *summaryFact) date() string {
	e, f := s.Env, s.Fact
	when := e.date(f.Line.Date)
	if f.Doses > 1 {
		return e.L.T("summary.doses", "n", strconv.Itoa(f.Doses), "date", when)
	}
	return when
}

func (s *summaryFact) chips() []app.UI {
	e, f := s.Env, s.Fact
	return []app.UI{
		kit.Place(flag(e, f.Flag)),
		app.If(f.Flag == "", func() app.UI { return alertChip(e, f.Line.Alert) }),
		app.If(f.Presumed, func() app.UI { return kit.Chip("quiet", "clock", e.T("summary.presumed")) }),
		app.If(f.State == summary.Past, func() app.UI { return kit.Chip("quiet", "clock", e.T("summary.past")) }),
		app.If(f.State == summary.Denied, func() app.UI { return kit.Chip("quiet", "close", e.T("summary.denied")) }),
	}
}

// disagree is what is said when documents speak against one another: of what is dangerous, that it stays.
func (s *summaryFact) disagree() string {
	if s.Grave {
		return "summary.split-grave"
	}
	return "summary.split"
}

func (s *summaryFact) sources() app.UI {
	list := s.Fact.Sources[:min(maxSources, len(s.Fact.Sources))]
	return app.Ul().Class("sources").Body(
		app.Range(list).Slice(func(i int) app.UI { return summarySource(s.Env, list[i], s.Fact.Split()) }),
		app.If(len(list) < len(s.Fact.Sources), func() app.UI {
			return app.Li().Class("source").Body(kit.Small(s.Env.N("summary.more-sources", len(s.Fact.Sources)-len(list))))
		}),
	)
}

// summarySource is a document that says something: what it is, of when, by whom and how it came; what it says when
// documents disagree.
func summarySource(e *Env, src summary.Source, says bool) app.UI {
	m, known := e.W.Record(src.Record)
	if !known {
		return nil
	}
	return app.Li().Class("source").Body(
		app.A().Class("source-link").Href(sourceHref(src)).Body(
			app.Span().Class("source-title").Text(recordTitle(e, m)),
			app.Span().Class("source-date").Text(e.date(first(src.Date, m.Date, m.Outline.Date))),
			app.If(says, func() app.UI { return app.Span().Class("source-says").Text(e.T(stateKeys[src.State])) }),
			app.Span().Class("source-from").Text(briefOrigin(e, m)),
		),
	)
}

// stateKeys say what one document says of a fact.
var stateKeys = map[summary.State]string{
	summary.Now: "summary.says-now", summary.Unsaid: "summary.says-unsaid", summary.Past: "summary.says-past", summary.Denied: "summary.says-denied",
}

func sourceHref(src summary.Source) string {
	return pathRecord + string(src.Record) + "#" + anchor(src.Entry)
}

// recordTitle is what a document is called in a list.
func recordTitle(e *Env, m record.Meta) string {
	if t := first(m.Title, m.Outline.Title); t != "" {
		return e.own(t)
	}
	if m.Format.Card() {
		return e.T("card.title")
	}
	return first(m.Source.Name, e.T("record.title"))
}

func (s *summaryFact) onOpen(ctx app.Context, e app.Event) { s.open = !s.open }
