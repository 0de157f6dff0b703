package ui

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/find"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// firstLines is how many lines of a document the timeline shows before the page of the record has to be opened.
const firstLines = 5

// group is one document or visit on the timeline.
type group struct {
	app.Compo
	Env       *Env
	Group     wallet.Group
	Row, Rows int    // which it is of how many
	Find      string // what was typed: the words found are marked
	Whose     string // name of the person, where it is another than the one shown

	query find.Query
}

func (g *group) OnInit() { g.query = find.Parse(g.Find) }

func (g *group) OnUpdate(app.Context) { g.query = find.Parse(g.Find) }

// CompoID keeps a group's place when others come and go.
func (g *group) CompoID() string {
	return string(g.Group.Record) + "/" + strconv.Itoa(g.Group.Visit) + g.Group.Date
}

func (g *group) Render() app.UI {
	e, gr := g.Env, g.Group
	return app.Li().Class("group").Aria("posinset", g.Row).Aria("setsize", g.Rows).Body(
		app.A().ID(rowID(string(gr.Record), gr.Visit)).Class("group-head").Href(g.href()).Body(
			app.Span().Class("kind-mark", "kind-"+string(gr.Kind)).Body(kit.Icon(string(gr.Kind))),
			app.Span().Class("group-words").Body(
				marked(app.Span().Class("group-title"), groupTitle(e, gr), g.query),
				app.Span().Class("group-date").Text(groupDate(e, gr)),
				app.If(gr.Author != "", func() app.UI { return marked(app.Span().Class("group-author"), gr.Author, g.query) }),
			),
			app.If(g.Whose != "", func() app.UI { return kit.Chip("quiet", "person", g.Whose) }),
			byHand(e, gr.Source.How),
			kit.Icon("next"),
		),
		kit.If(len(gr.Lines) > 0, g.lines),
		kit.Place(foundInside(e, gr, g.query)),
		app.If(len(gr.Lines) > firstLines, func() app.UI {
			return app.A().Class("group-rest").Href(g.href()).Text(e.N("home.rest", len(gr.Lines)-firstLines))
		}),
	)
}

func (g *group) lines() app.UI {
	shown := g.Group.Lines[:min(len(g.Group.Lines), firstLines)]
	return app.Ul().Class("lines").Body(app.Range(shown).Slice(func(i int) app.UI {
		return line(g.Env, g.query, shown[i], len(g.Group.Lines) == 1 && g.title(shown[i]) == groupTitle(g.Env, g.Group))
	}))
}

func (g *group) href() string {
	if g.Group.Visit > 0 {
		return pathRecord + string(g.Group.Record) + "#" + anchor(g.Group.Visit-1)
	}
	return pathRecord + string(g.Group.Record)
}

// anchor is the id of an entry on the page of its record.
func anchor(entry int) string { return "e" + strconv.Itoa(entry) }

func (g *group) title(l fhir.Line) string { return g.Env.title(l.Title, l.Type, l.Kind) }

// line is one entry in a few words. The only one of a group often has the group's name, which is not said twice.
func line(e *Env, q find.Query, l fhir.Line, named bool) app.UI {
	return app.Li().Class("line").Body(
		kit.Icon(string(l.Kind)),
		app.Span().Class("line-words").Body(
			app.Span().Class("line-kind").Text(e.kind(l.Kind)),
			app.If(!named, func() app.UI { return marked(app.Span().Class("line-title"), e.title(l.Title, l.Type, l.Kind), q) }),
			app.If(len(l.Detail) > 0, func() app.UI { return marked(app.Span().Class("line-detail"), e.L.Values(l.Detail), q) }),
		),
		alertChip(e, l.Alert),
		app.If(l.Inactive, func() app.UI { return kit.Chip("quiet", "clock", e.T("state.inactive")) }),
	)
}

// alertChip marks what must not be overlooked, by word, icon and colour.
func alertChip(e *Env, alert string) app.UI {
	switch alert {
	case "danger":
		return kit.Chip("danger", "danger", e.T("alert.danger"))
	case "caution":
		return kit.Chip("warn", "warn", e.T("alert.caution"))
	}
	return nil
}

// groupTitle is the document's own title, else what a person would call it.
func groupTitle(e *Env, g wallet.Group) string {
	switch {
	case g.Title != "":
		return e.own(g.Title)
	case g.Visit == 0 && len(g.Lines) == 1:
		return e.title(g.Lines[0].Title, g.Lines[0].Type, g.Lines[0].Kind)
	case g.Format.Card():
		return e.T("card.title")
	case !g.Format.FHIR() && g.Source.Name != "":
		return g.Source.Name
	}
	return e.kind(g.Kind)
}

func groupDate(e *Env, g wallet.Group) string {
	if g.Date == "" {
		return e.T("date.none")
	}
	return e.L.Date(g.Date)
}
