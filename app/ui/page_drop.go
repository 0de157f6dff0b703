package ui

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/inbox"
	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// What one visit needs: a day, since reports often come in the evening.
const (
	visitLife  = 24 * time.Hour
	visitMost  = 10
	visitBytes = 50 << 20
)

// pageDrop makes a code with which a clinic sends papers: whose they are, and one tap for what a visit needs.
type pageDrop struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	offer wallet.DropOffer
	busy  bool
	fault error
}

func (p *pageDrop) OnInit() { p.begin() }

func (p *pageDrop) OnUpdate(app.Context) {
	if p.offer.Person != p.Snap.Current && !p.busy {
		p.begin()
	}
}

// begin offers what a visit of the person needs whose records are shown.
func (p *pageDrop) begin() {
	who := p.Snap.Person()
	p.offer = wallet.DropOffer{Person: who.ID, Name: who.Name, Life: visitLife, Most: visitMost, Bytes: visitBytes}
	p.fault = nil
}

func (p *pageDrop) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "share").Body(
		kit.Back(e.T("nav.home"), pathHome),
		kit.Title(e.T("drop.title")),
		kit.Text(e.T("drop.text")),
		kit.If(p.fault != nil, p.failed),
		kit.Place(openCodes(e, p.Snap)),
		p.goButton(),
		p.options(),
		kit.Small(e.T("drop.device")),
	)
}

// failed says why there is no code, and what works without one.
func (p *pageDrop) failed() app.UI {
	e := p.Env
	if errors.Is(p.fault, share.ErrOffline) {
		return app.Div().Class("card").Body(kit.Fault(e.T("drop.offline")),
			kit.Link(kit.Plain, "camera", e.T("photograph.title"), pathPhotograph).ID("drop-photograph"))
	}
	return kit.Fault(e.Explain(p.fault))
}

// goButton is the one tap. Whoever acts for somebody else says by it that it is them.
func (p *pageDrop) goButton() app.UI {
	e, who := p.Env, p.Snap.Person()
	label := e.T("show.go")
	if p.Snap.Acting(who.ID) {
		label = e.T("show.go-for", "name", who.Name)
	}
	return app.Div().Class("share-go").Body(
		whosePapers(e, who, e.T("drop.whose", "name", who.Name)),
		kit.Button(kit.Main, "qr", label, p.onGo).ID("drop-go").Disabled(p.busy),
		kit.Small(e.T("drop.terms", "n", strconv.Itoa(p.offer.Most), "time", e.L.Duration(p.offer.Life))),
		kit.Small(p.seen()),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("drop.making")) }),
		somebodyElse(e, p.Snap, p, ""),
	)
}

func (p *pageDrop) seen() string {
	if p.offer.Name == "" {
		return p.Env.T("drop.nameless")
	}
	return p.Env.T("drop.seen", "name", p.offer.Name)
}

// whosePapers shows a person beside the button by which something comes to them: photo, name and year of birth (F1).
func whosePapers(e *Env, who wallet.Person, text string) app.UI {
	return app.Div().Class("whose", kit.Colour(who.Colour)).Body(
		kit.Face(e.portrait(who)),
		app.Div().Class("whose-words").Body(
			app.P().Class("whose-text").Text(text),
			app.P().Class("hint").Text(first(e.born(who), e.T("people.unborn"))),
		),
	)
}

// dropLives and dropMosts are what can be chosen instead.
var (
	dropLives = []time.Duration{time.Hour, visitLife, 3 * visitLife, 7 * visitLife, inbox.MaxLife}
	dropMosts = []int{1, 3, visitMost, 20, 50}
)

func (p *pageDrop) options() app.UI {
	e, o := p.Env, p.offer
	mosts := make([]kit.Choice, len(dropMosts))
	for i, n := range dropMosts {
		mosts[i] = kit.Choice{Value: strconv.Itoa(n), Text: e.L.Number(n)}
	}
	return kit.Details(e.T("drop.change"),
		kit.Field("drop-name", e.T("drop.name"), e.T("drop.name-hint"), kit.Line("drop-name", o.Name, p.onName).MaxLength(inbox.MaxName)),
		kit.Field("drop-life", e.T("drop.life"), "", kit.Select("drop-life", seconds(o.Life), lives(e, dropLives), p.onLife)),
		kit.Field("drop-most", e.T("drop.most"), "", kit.Select("drop-most", strconv.Itoa(o.Most), mosts, p.onMost)),
		kit.Check("drop-system", e.T("drop.system"), e.T("drop.system-hint"), o.System, p.onSystem),
	)
}

func (p *pageDrop) onName(ctx app.Context, e app.Event) { p.offer.Name = kit.Value(ctx) }

func (p *pageDrop) onLife(ctx app.Context, e app.Event) {
	p.offer.Life = secondsOf(kit.Value(ctx), p.offer.Life)
}

func (p *pageDrop) onMost(ctx app.Context, e app.Event) {
	if n, err := strconv.Atoi(kit.Value(ctx)); err == nil && n > 0 {
		p.offer.Most = n
	}
}

func (p *pageDrop) onSystem(ctx app.Context, e app.Event) { p.offer.System = kit.Checked(ctx) }

// Pick makes it somebody else's code.
func (p *pageDrop) Pick(ctx app.Context, list, value string) {
	choose(p.ctx, p.Env, value, func(app.Context) {})
}

func (p *pageDrop) onGo(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	offer, w := p.offer, p.Env.W
	var id string
	run(p.ctx, func(c context.Context) (err error) {
		id, err = w.MakeDrop(c, offer)
		return err
	}, func(ctx app.Context, err error) {
		p.busy, p.fault = false, err
		if p.amend(p.Env, err, kit.FaultID); err == nil {
			p.Env.Go(ctx, toDrop(id))
		}
	})
}

// openCodes lead to the codes that take something in: a second one for the same counter is one too many.
func openCodes(e *Env, s *wallet.Snapshot) app.UI {
	list := openDrops(s)
	if len(list) == 0 {
		return nil
	}
	return kit.Card("", e.T("drop.open"), app.Div().Class("places").Body(app.Range(list).Slice(func(i int) app.UI {
		d := list[i]
		return setting(toDrop(d.ID), "qr", e.T("inbox.open-code", "name", person(s, string(d.Person)).Name), e.T("drop.open-until", "time", e.L.DateTime(d.Expires)))
	})))
}

// toDrop is the page of a code.
func toDrop(id string) string { return pathDropCode + "#" + id }

func openDrops(s *wallet.Snapshot) (list []wallet.DropInfo) {
	if s.Inbox == nil {
		return nil
	}
	for _, d := range s.Inbox.Drops {
		if d.State == inbox.DropOpen && !d.Lost {
			list = append(list, d)
		}
	}
	return list
}
