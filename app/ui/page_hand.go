package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageHand hands a summary over where there is no network: first what goes, exactly, and then the codes that hold it.
type pageHand struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	Only string // one record; "" means the summary of the person

	asked   string
	preview *wallet.Preview
	hand    *wallet.Hand // set: it is being shown
	busy    bool
	fault   error
}

func (p *pageHand) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageHand) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.prepare(ctx)
}

// OnUpdate leaves alone what is being shown, whatever comes in meanwhile.
func (p *pageHand) OnUpdate(ctx app.Context) {
	if p.hand != nil && p.hand.Person.ID == p.Snap.Current {
		return
	}
	if p.asked != about(p.Snap, p.Only) {
		p.prepare(ctx)
	}
}

func (p *pageHand) prepare(ctx app.Context) {
	p.asked, p.preview, p.hand, p.fault = about(p.Snap, p.Only), nil, nil, nil
	prepare(p.ctx, p.Only, p.Env.W.PrepareHand, func(preview *wallet.Preview, err error) { p.preview, p.fault = preview, err })
}

func (p *pageHand) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "share").Body(
		kit.Back(e.T("show.title"), pathShow),
		kit.Title(e.T("hand.title")),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		kit.Place(app.If(p.hand != nil, func() app.UI { return &handCodes{Env: e, Hand: p.hand, Acting: p.Snap.Acting(p.hand.Person.ID)} }).
			ElseIf(p.preview == nil && p.fault == nil, func() app.UI { return kit.Wait(e.T("share.preparing")) })),
		app.IfSlice(p.hand == nil && p.preview != nil, func() []app.UI {
			return []app.UI{kit.Text(e.T("hand.text")), p.begin(), kit.Place(groupsOut(e, p, p.preview)), contentsOf(e, p, p.preview)}
		}),
	)
}

// begin says what is different from a link, and begins.
func (p *pageHand) begin() app.UI {
	e := p.Env
	n := len(p.preview.Selected())
	return app.Div().Class("share-go").Body(
		whose(e, p.preview),
		kit.Notice(kit.Note, e.T("hand.open"), kit.Text(e.T("hand.history")), kit.Text(e.T("hand.noted"))),
		e.beneath(func(e *Env) string { return e.T("hand.open") + " " + e.T("hand.history") + " " + e.T("hand.noted") }),
		kit.Button(kit.Main, "qr", confirmed(e, p.Snap, p.preview, "hand.go", "hand.go-for"), p.onGo).ID("hand-go").Disabled(p.busy || n == 0),
		kit.Small(e.N("hand.holds", n)),
		kit.If(!p.preview.IsBrief(), func() app.UI {
			return kit.Row(kit.Button(kit.Plain, "list", e.T("hand.brief"), p.onBrief).ID("hand-brief"))
		}),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("share.making")) }),
		kit.Details(e.T("hand.whom"), kit.Field("for", e.T("share.for"), e.T("share.for-hint"), kit.Line("for", p.preview.Options.For, p.onFor).MaxLength(80))),
		somebodyElse(e, p.Snap, p, p.Only),
	)
}

// Tick takes one item in or leaves it out.
func (p *pageHand) Tick(ctx app.Context, item int, on bool) { p.preview = p.preview.Toggle(item, on) }

// Pick leaves a sensitive group out, or takes it in again; or makes it somebody else's summary.
func (p *pageHand) Pick(ctx app.Context, list, value string) {
	p.preview = pickedFor(p.ctx, p.Env, p.preview, list, value)
}

func (p *pageHand) onBrief(ctx app.Context, e app.Event) { p.preview = p.preview.Briefly() }

func (p *pageHand) onFor(ctx app.Context, e app.Event) {
	o := p.preview.Options
	o.For = kit.Value(ctx)
	p.preview = p.preview.WithOptions(o)
}

func (p *pageHand) onGo(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	w, preview := p.Env.W, p.preview
	var hand *wallet.Hand
	run(p.ctx, func(c context.Context) (err error) {
		hand, err = w.ShowHand(c, preview)
		return err
	}, func(ctx app.Context, err error) {
		p.busy, p.fault = false, err
		if err == nil {
			p.hand = hand
			p.focus(p.Env, kit.TitleID)
		}
	})
}
