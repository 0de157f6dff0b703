package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/summary"
	"potli/app/ui/kit"
)

// summaryPart is one part of the summary. What is dangerous is open from the start; the rest says in its row how much
// there is and what comes first.
type summaryPart struct {
	app.Compo
	Env     *Env
	Whose   string
	Chapter *summary.Chapter

	turned  bool // the person opened or closed it
	open    bool
	all     bool // not only the first
	earlier bool // also what is over
}

// firstFacts is how many facts of a part are shown before "show all". Allergies and alerts are always all there.
const firstFacts = 6

// CompoID keeps a part with its person.
func (p *summaryPart) CompoID() string { return "sum-" + p.Whose + string(p.Chapter.Part) }

func (p *summaryPart) grave() bool {
	return p.Chapter.Part == summary.Alerts || p.Chapter.Part == summary.Allergies
}

func (p *summaryPart) isOpen() bool {
	if p.turned {
		return p.open
	}
	return p.grave()
}

func (p *summaryPart) id() string { return "summary-" + string(p.Chapter.Part) }

func (p *summaryPart) Render() app.UI {
	open := p.isOpen()
	return app.Div().Class("part", "part-"+string(p.Chapter.Part)).Body(
		app.H3().Class("part-head").Body(
			app.Button().ID(p.id()+"-turn").Type("button").Class("part-turn").Aria("expanded", open).Aria("controls", p.id()).OnClick(p.onTurn).Body(
				app.Span().Class("kind-mark", "kind-"+p.icon()).Body(kit.Icon(p.icon())),
				app.Span().Class("part-words").Body(
					app.Span().Class("part-title").Text(p.Env.part(p.Chapter.Part)),
					app.If(!open, func() app.UI { return app.Span().Class("part-first").Text(p.first()) }),
				),
				p.mark(),
				app.If(open, func() app.UI { return kit.Icon("up") }).Else(func() app.UI { return kit.Icon("down") }),
			),
		),
		app.Div().ID(p.id()).Class("part-body").Hidden(!open).Body(app.If(open, p.body)),
	)
}

func (p *summaryPart) icon() string {
	if p.Chapter.Part == summary.Alerts {
		return "danger"
	}
	return string(p.Chapter.Part)
}

// mark is how many there are, and of values how many are out of range.
func (p *summaryPart) mark() app.UI {
	out := 0
	for _, f := range p.Chapter.Now {
		if f.OutOfRange() {
			out++
		}
	}
	n := p.Env.L.Number(len(p.Chapter.Now))
	return app.Span().Class("part-marks").Body(
		app.If(out > 0, func() app.UI { return kit.Chip("warn", "warn", p.Env.N("summary.out", out)) }),
		app.If(len(p.Chapter.Now) > 0, func() app.UI { return app.Span().Class("part-count").Text(n) }),
	)
}

// first are the first few by name, so that a closed row already says what it holds.
func (p *summaryPart) first() string {
	var names []string
	for _, f := range p.Chapter.Now[:min(3, len(p.Chapter.Now))] {
		names = append(names, p.Env.title(f.Line.Title, f.Line.Type, f.Line.Kind))
	}
	if len(names) == 0 {
		return p.Env.N("summary.only-earlier", len(p.Chapter.Earlier))
	}
	if len(p.Chapter.Now) > len(names) {
		names = append(names, "…")
	}
	return p.Env.L.Comma(names)
}

func (p *summaryPart) body() app.UI {
	c, e := p.Chapter, p.Env
	shown := c.Now
	if !p.all && !p.grave() {
		shown = shown[:min(firstFacts, len(shown))]
	}
	return app.Div().Class("part-facts").Body(
		p.facts(shown, "now"),
		kit.If(len(shown) < len(c.Now), func() app.UI {
			return kit.Button(kit.Plain, "down", e.N("summary.all", len(c.Now)), p.onAll).ID(p.id() + "-all")
		}),
		kit.Place(p.none()),
		kit.If(len(c.Now) == 0 && len(c.None) == 0, func() app.UI { return kit.Small(e.T("summary.none-now")) }),
		kit.If(len(c.Earlier) > 0, func() app.UI {
			return app.Button().ID(p.id()+"-earlier").Type("button").Class("button", "button-quiet").Aria("expanded", p.earlier).OnClick(p.onEarlier).
				Body(kit.Icon("clock"), app.Span().Text(e.N("summary.earlier", len(c.Earlier))))
		}),
		app.If(p.earlier, func() app.UI {
			return app.Div().Class("part-earlier").Body(kit.Small(p.why()), p.facts(c.Earlier[:min(maxEarlier, len(c.Earlier))], "then"))
		}),
	)
}

// maxEarlier bounds what is drawn of the past; the timeline has all of it.
const maxEarlier = 60

// why says by what rule something stands under earlier.
func (p *summaryPart) why() string {
	switch p.Chapter.Part {
	case summary.Medicines:
		return p.Env.T("summary.why-medicines")
	case summary.Conditions:
		return p.Env.T("summary.why-conditions")
	}
	return p.Env.T("summary.why")
}

func (p *summaryPart) facts(list []summary.Fact, when string) app.UI {
	return app.Ul().Class("sum-facts").Body(app.Range(list).Slice(func(i int) app.UI {
		f := list[i]
		return &summaryFact{Env: p.Env, Key: p.CompoID() + when + factKey(f), Fact: &list[i], Grave: p.grave()}
	}))
}

func factKey(f summary.Fact) string {
	return string(f.Sources[0].Record) + anchor(f.Sources[0].Entry) + f.Line.Code + f.Line.Title
}

// none is the word of documents that there is nothing, with what speaks against it.
func (p *summaryPart) none() app.UI {
	c, e := p.Chapter, p.Env
	if len(c.None) == 0 {
		return nil
	}
	says := e.T(c.NoneSay)
	return app.Div().Class("part-none").Body(
		app.If(c.Doubt, func() app.UI { return kit.Notice(kit.Warn, e.T("summary.doubt", "says", says)) }).
			Else(func() app.UI { return app.P().Class("part-says").Text(says) }),
		app.Ul().Class("sources").Body(app.Range(c.None).Slice(func(i int) app.UI { return summarySource(e, c.None[i], false) })),
	)
}

func (p *summaryPart) onTurn(ctx app.Context, e app.Event) { p.turned, p.open = true, !p.isOpen() }

func (p *summaryPart) onAll(ctx app.Context, e app.Event) { p.all = true }

func (p *summaryPart) onEarlier(ctx app.Context, e app.Event) { p.earlier = !p.earlier }
