package ui

import (
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
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Links *held

	query  wallet.Query
	number int // of its words: see seeking
	whose  string
	list   wallet.Timeline   // how many there are, and of which kinds; the rows are homeList's
	all    map[fhir.Kind]int // of which kinds there are without a search: what stands above it stays as it is
}

// OnInit asks before the page is drawn for the first time: what comes later moves what is under it.
func (p *pageHome) OnInit() {
	p.recall()
	p.load()
}

func (p *pageHome) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.show(ctx)
}

// OnNav is another address of the same page: Forward, or one that was typed.
func (p *pageHome) OnNav(ctx app.Context) {
	if placeOf(ctx.Page().URL().Path).page == pathHome {
		p.recall()
		p.load()
		p.show(ctx)
	}
}

func (p *pageHome) OnUpdate(ctx app.Context) {
	if p.whose != string(p.Snap.Current) {
		p.query, p.number = wallet.Query{}, 0
		p.Env.D.SetValue("search", "")
		p.note(ctx)
	}
	p.load()
}

// load asks the wallet, which answers from memory.
func (p *pageHome) load() {
	p.query.Limit, p.query.Soon = 1, true
	p.whose = string(p.Snap.Current)
	p.list = p.Env.W.Timeline(p.query)
	p.all = p.Env.W.Timeline(wallet.Query{Limit: 1, Soon: true}).Kinds
}

func (p *pageHome) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "home").Body(
		kit.Title(e.T("home.of", "name", p.Snap.Person().Name)),
		&selfAsk{Env: e, Snap: p.Snap},
		arrivals(e, p.Snap),
		kit.Place(takenCard(e, p.Links)),
		claims(e, p.Snap),
		handovers(e, p.Snap),
		comings(e, p.Snap),
		deviceCards(e, p.Snap),
		&emergencyDue{Env: e, Snap: p.Snap},
		troubles(e, p.Snap),
		kit.If(p.Snap.Faults > 0, func() app.UI { return kit.Notice(kit.Warn, e.N("home.faults", p.Snap.Faults)) }),
		kit.If(p.Snap.Records == 0, p.empty),
		app.IfSlice(p.Snap.Records > 0, func() []app.UI {
			above := []app.UI{p.counter(), &installOffer{Env: e, Snap: p.Snap}, kit.Place(p.reminder()), &homeSummary{Env: e, Snap: p.Snap}, p.tiles()}
			return append(append(above, p.finding()...), p.timeline())
		}),
	)
}

// counter is the big button: behind it is the code that still works, or two taps to a new one.
func (p *pageHome) counter() app.UI {
	return app.A().ID("counter").Class("counter").Href(pathCounter).Body(
		kit.Icon("qr"),
		app.Span().Class("counter-words").Body(
			app.Span().Class("counter-title").Text(p.Env.T("home.counter")),
			app.Span().Class("counter-hint").Text(p.Env.T("home.counter-hint")),
		),
	)
}

// tiles are what else is done here: of one rank, under what is read first.
func (p *pageHome) tiles() app.UI {
	e := p.Env
	return kit.Tiles(receiveLink(e), writeLink(e), kit.Place(trendsLink(e, p.all)), exportLink(e))
}

// receiveLink is the other direction at a counter: the clinic gives.
func receiveLink(e *Env) app.UI {
	return kit.Link(kit.Plain, "in-tray", e.T("drop.title"), pathDrop).ID("receive-drop")
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
		kit.Link(kit.Main, "plus", e.T("home.first"), pathAdd), receiveLink(e), kit.Link(kit.Plain, "qr", e.T("scan.title"), pathScan).ID("scan-page"),
		kit.Link(kit.Plain, "edit", e.T("write.title"), pathWrite).ID("write"))
}

func (p *pageHome) timeline() app.UI { return &homeList{Env: p.Env, Snap: p.Snap, Query: p.query} }
