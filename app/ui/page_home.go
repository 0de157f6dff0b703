package ui

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// kinds are the drawers, in the order in which they are offered.
var kinds = []fhir.Kind{
	fhir.KindAllergy, fhir.KindCondition, fhir.KindMedicine, fhir.KindImmunization, fhir.KindResult, fhir.KindVital,
	fhir.KindProcedure, fhir.KindVisit, fhir.KindCarePlan, fhir.KindAppointment, fhir.KindDevice, fhir.KindDocument, fhir.KindPhoto, fhir.KindBill,
	fhir.KindOther,
}

// pageHome is the timeline of one person, and the way to the counter.
type pageHome struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot

	query wallet.Query
	seen  int // Seq of the snapshot the list was made from
	whose string
	list  wallet.Timeline // how many there are, and of which kinds; the rows are homeList's
}

// OnInit asks before the page is drawn for the first time: what comes later moves what is under it.
func (p *pageHome) OnInit() { p.load() }

func (p *pageHome) OnUpdate(ctx app.Context) {
	if p.whose != string(p.Snap.Current) {
		p.query = wallet.Query{}
		p.Env.D.SetValue("search", "")
	}
	p.load()
}

// load asks the wallet, which answers from memory.
func (p *pageHome) load() {
	p.query.Limit = 1
	p.whose = string(p.Snap.Current)
	p.list = p.Env.W.Timeline(p.query)
}

func (p *pageHome) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "home").Body(
		kit.Title(e.T("home.of", "name", p.Snap.Person().Name)),
		&selfAsk{Env: e, Snap: p.Snap},
		claims(e, p.Snap),
		handovers(e, p.Snap),
		comings(e, p.Snap),
		deviceCards(e, p.Snap),
		&emergencyDue{Env: e, Snap: p.Snap},
		troubles(e, p.Snap),
		app.If(p.Snap.Faults > 0, func() app.UI { return kit.Notice(kit.Warn, e.N("home.faults", p.Snap.Faults)) }),
		app.If(p.Snap.Records == 0, p.empty),
		app.IfSlice(p.Snap.Records > 0, func() []app.UI {
			return []app.UI{p.counter(), p.reminder(), writeLink(e), &homeSummary{Env: e, Snap: p.Snap}, trendsLink(e, p.list.Kinds), p.search(), p.filters(), p.found(), p.timeline()}
		}),
	)
}

// counter is the big button: from here two taps to the code.
func (p *pageHome) counter() app.UI {
	return app.A().ID("counter").Class("counter").Href(pathShow).Body(
		kit.Icon("qr"),
		app.Span().Class("counter-words").Body(
			app.Span().Class("counter-title").Text(p.Env.T("home.counter")),
			app.Span().Class("counter-hint").Text(p.Env.T("home.counter-hint")),
		),
	)
}

// reminder stands under the way to the counter, never over it.
func (p *pageHome) reminder() app.UI {
	if !p.Snap.Demo && !p.Snap.Kit.Proved() {
		return kitReminder(p.Env, p.Snap)
	}
	return backupDue(p.Env, p.Snap)
}

func (p *pageHome) empty() app.UI {
	e := p.Env
	return kit.Empty("pouch", e.T("home.empty"), e.T("home.empty-text", "name", p.Snap.Person().Name),
		kit.Link(kit.Main, "plus", e.T("home.first"), pathAdd), kit.Link(kit.Plain, "qr", e.T("scan.title"), pathScan).ID("scan-page"),
		kit.Link(kit.Plain, "edit", e.T("write.title"), pathWrite).ID("write"))
}

func (p *pageHome) search() app.UI {
	return app.Form().Class("search").Role("search").OnSubmit(p.onSubmit).Body(
		app.Label().Class("away").For("search").Text(p.Env.T("home.search")),
		kit.Icon("search"),
		app.Input().ID("search").Class("input", "search-input").Type("search").AutoComplete(false).
			Placeholder(p.Env.T("home.search")).OnInput(p.onSearch),
	)
}

// filters offers the kinds that are there.
func (p *pageHome) filters() app.UI {
	return app.Div().Class("filters").Role("group").Aria("label", p.Env.T("home.filter")).Body(
		&kit.Option{Owner: p, List: "kind", Text: p.Env.T("home.all"), On: len(p.query.Kinds) == 0},
		app.Range(kinds).Slice(func(i int) app.UI {
			k := kinds[i]
			n := p.list.Kinds[k]
			on := slices.Contains(p.query.Kinds, k)
			if n == 0 && !on {
				return nil
			}
			text := p.Env.T("home.kind", "kind", p.Env.kind(k), "n", p.Env.L.Number(n))
			return &kit.Option{Owner: p, List: "kind", Value: string(k), Icon: string(k), Text: text, On: on}
		}),
	)
}

// found says aloud how much a search left.
func (p *pageHome) found() app.UI {
	text := ""
	switch {
	case p.list.Total == 0:
		text = p.Env.T("home.nothing")
	case p.query.Text != "":
		text = p.Env.N("home.found", p.list.Total)
	}
	return app.P().ID("found").Class("found").Role("status").Text(text)
}

func (p *pageHome) timeline() app.UI { return &homeList{Env: p.Env, Snap: p.Snap, Query: p.query} }

func (p *pageHome) onSubmit(ctx app.Context, e app.Event) { e.PreventDefault() }

func (p *pageHome) onSearch(ctx app.Context, e app.Event) {
	p.query.Text = kit.Value(ctx)
	p.load()
}

// Pick filters by kind; the same kind again shows all.
func (p *pageHome) Pick(ctx app.Context, list, value string) {
	chosen := []fhir.Kind{fhir.Kind(value)}
	if value == "" || slices.Equal(chosen, p.query.Kinds) {
		chosen = nil
	}
	p.query.Kinds = chosen
	p.load()
}
