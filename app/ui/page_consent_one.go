package ui

import (
	"context"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageConsent is one consent: its terms, what went under it and who was told, its receipts; and how it is made smaller or
// taken back, which is as easy as it was to give: one touch and one to be sure.
type pageConsent struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	ID   string

	of     string // the consent and the state of things it was read in
	one    *wallet.ConsentInfo
	log    []ledger.Entry
	open   string // "", "back", "less"
	choice consent.Choice
	busy   bool
	fault  error
}

func (p *pageConsent) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageConsent) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.look()
	// Whether the other side has confirmed is asked now; without network what is known is shown.
	run(p.ctx, p.Env.W.CheckInbox, func(app.Context, error) {})
}

func (p *pageConsent) OnUpdate(app.Context) {
	if p.of != p.ID+consentsOf(p.Snap) {
		p.look()
	}
}

func (p *pageConsent) look() {
	if p.one != nil && p.one.ID != p.ID {
		p.one, p.open = nil, ""
	}
	p.of = p.ID + consentsOf(p.Snap)
	of, w, id := p.of, p.Env.W, p.ID
	var one *wallet.ConsentInfo
	var log []ledger.Entry
	run(p.ctx, func(c context.Context) (err error) {
		if one, err = w.Consent(c, id); err != nil {
			return err
		}
		log, err = w.ConsentLog(c, one.Person, ledger.Query{Consent: id})
		return err
	}, func(_ app.Context, err error) {
		if of == p.of {
			p.one, p.log, p.fault = one, log, err
		}
	})
}

// runs says whether it can still be changed.
func (p *pageConsent) runs() bool { return p.one.State == consent.Live && !p.one.Over }

func (p *pageConsent) Render() app.UI {
	e := p.Env
	if p.one == nil {
		return app.Div().Class("page").Body(
			kit.Back(e.T("consent.title"), pathConsents),
			kit.Title(e.T("consent.one")),
			kit.If(p.fault == nil, func() app.UI { return kit.Wait(e.T("consent.reading")) }),
			app.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Note, e.Explain(p.fault)) }),
		)
	}
	return app.Div().Class("page", "consents").Body(
		kit.Back(e.T("consent.title"), pathConsents),
		kit.Title(e.T("consent.one-title", "clinic", partyName(e, p.one.Terms.To))),
		readAloud(e, p.ID),
		app.Div().Class("chips").Body(consentChips(e, *p.one)...),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) }),
		kit.Place(p.state()),
		kit.If(p.carried(), p.carrier),
		kit.If(p.runs(), p.actions),
		kit.Card("consent-terms", e.T("consent.terms"), kit.Facts(append([]kit.Fact{
			{Name: e.T("shared.person"), Text: person(p.Snap, string(p.one.Person)).Name},
			{Name: e.T("consent.begun"), Text: e.L.DateTime(p.one.Since)},
		}, termFacts(e, p.one.Terms)...)...)),
		consentStory(e, p.log),
		p.receipts(),
		kit.Place(p.notice()),
	)
}

// state says what is still to happen, and by whom.
func (p *pageConsent) state() app.UI {
	e, c := p.Env, p.one
	name := person(p.Snap, string(c.Person)).Name
	clinic := partyName(e, c.Terms.To)
	switch {
	case c.State == consent.WasRevoked && c.Untold:
		return kit.Notice(kit.Warn, e.T("consent.untold", "clinic", clinic), kit.Text(p.trouble())).ID("consent-untold")
	case c.State == consent.WasRevoked && p.told():
		return kit.Notice(kit.Good, e.T("consent.told", "clinic", clinic)).ID("consent-told")
	case c.State == consent.WasRevoked:
		return kit.Notice(kit.Good, e.T("consent.taken"))
	case !p.runs():
		return kit.Notice(kit.Note, e.T("consent.ended"))
	case c.Mine:
		key := "consent.mine"
		if c.Waits == wallet.WaitsHand {
			key = "consent.mine-hand"
		}
		return kit.Notice(kit.Warn, e.T(key, "name", name),
			e.beneath(func(e *Env) string { return e.T(key, "name", name) + " " + termsOf(e, c.Terms) }),
			kit.Row(kit.Button(kit.Plain, "check", e.T("consent.mine-yes"), p.onAgree).ID("consent-agree").Disabled(p.busy))).ID("consent-mine")
	case c.Alone:
		return kit.Notice(kit.Note, e.T("ask.two-alone", "name", name))
	case c.Elsewhere && (c.Waits == "" || c.Waits == wallet.WaitsHand):
		return kit.Notice(kit.Note, e.T("consent.elsewhere")).ID("consent-elsewhere")
	case c.Waits == wallet.WaitsPerson:
		return kit.Notice(kit.Note, e.T("consent.waits-person", "name", name))
	case c.Waits != "":
		return kit.Notice(kit.Note, e.T("consent.waits-another", "name", name))
	}
	return p.onItsWay()
}

// told says whether the log has it that the other side knows. Who gave no mailbox cannot be told.
func (p *pageConsent) told() bool {
	return slices.ContainsFunc(p.log, func(e ledger.Entry) bool { return e.Kind == consent.Told })
}

// onItsWay says of a consent that runs what has not arrived yet.
func (p *pageConsent) onItsWay() app.UI {
	e, c := p.Env, p.one
	clinic := partyName(e, c.Terms.To)
	switch {
	case c.Unsent > 0:
		return kit.Notice(kit.Warn, e.N("consent.unsent", c.Unsent), kit.Text(p.trouble())).ID("consent-unsent")
	case c.Untold:
		return kit.Notice(kit.Warn, e.T("consent.untold-less", "clinic", clinic), kit.Text(p.trouble())).ID("consent-untold")
	case c.Link != "":
		return kit.Notice(kit.Note, e.T("consent.by-link", "clinic", clinic), kit.Row(kit.Link(kit.Plain, "qr", e.T("shared.code"), pathCode+c.Link)))
	}
	return kit.Notice(kit.Good, e.T("consent.runs", "clinic", clinic)).ID("consent-runs")
}

// carried says whether something waits for the way to a relay that is not ours.
func (p *pageConsent) carried() bool {
	c := p.one
	return c.Relay != "" && (c.Unsent > 0 || c.Untold || c.Trouble == wallet.TroubleOffline)
}

// carrier is the page of another origin that may reach that relay, and does once it is tapped. The wallet tries again by
// itself, and finds it here.
func (p *pageConsent) carrier() app.UI {
	e := p.Env
	return app.Div().Class("frame").Body(
		kit.Text(e.T("consent.relay", "host", host(p.one.Relay))),
		app.IFrame().ID(ViewerFrame).Class("viewer-frame").Title(e.T("consent.relay-frame")).Src(e.Viewer+"frame.html").
			Sandbox("allow-scripts allow-same-origin"),
	)
}

// sendTroubles say why something is not on its way yet.
var sendTroubles = map[string]string{
	"offline": "consent.trouble-offline", "gone": "consent.trouble-gone", "full": "consent.trouble-full", "heavy": "consent.trouble-heavy",
}

func (p *pageConsent) trouble() string {
	return p.Env.T(first(sendTroubles[p.one.Trouble], "consent.trouble-soon"))
}

func (p *pageConsent) actions() app.UI {
	e := p.Env
	return app.Div().Class("actions").Body(
		kit.If(p.open == "", func() app.UI {
			return kit.Row(
				kit.Button(kit.Plain, "close", e.T("consent.take"), p.onBack).ID("consent-take").Disabled(p.busy),
				app.If(p.one.Link == "", func() app.UI { // a link cannot be made smaller
					return kit.Button(kit.Plain, "list", e.T("consent.less"), p.onLess).ID("consent-less").Disabled(p.busy)
				}),
			)
		}),
		kit.If(p.open == "back", p.sure),
		app.If(p.open == "less", p.less),
	)
}

func (p *pageConsent) sure() app.UI {
	e := p.Env
	return kit.Ask("take-sure", e.T("consent.take-sure", "clinic", partyName(e, p.one.Terms.To)), e.T("consent.take-text"),
		kit.Button(kit.Plain, "close", e.T("consent.take-yes"), p.onBackYes).ID("take-yes").Disabled(p.busy),
		kit.Button(kit.Plain, "", e.T("action.back"), p.onNo))
}

func (p *pageConsent) less() app.UI {
	e := p.Env
	return app.Div().Class("consent-part").Body(
		&lessForm{Env: e, Full: p.one.Terms, Owner: p},
		kit.Row(
			kit.Button(kit.Plain, "check", e.T("consent.less-yes"), p.onLessYes).ID("less-yes").Disabled(p.busy),
			kit.Button(kit.Plain, "", e.T("action.back"), p.onNo),
		),
	)
}

// Less hears what is to be taken off.
func (p *pageConsent) Less(ctx app.Context, c consent.Choice) { p.choice = c }

func (p *pageConsent) receipts() app.UI {
	e, list := p.Env, p.one.Receipts
	return kit.Card("consent-receipts", e.T("receipt.list"),
		kit.Text(e.T("receipt.list-text")),
		kit.If(p.one.Countersigned.IsZero() && p.runs() && len(list) > 0, func() app.UI { return kit.Small(e.T("receipt.uncountered")) }),
		app.Ul().Class("ledger-list").Body(app.Range(list).Slice(func(i int) app.UI {
			r := list[i]
			return app.Li().Class("ledger-row").Body(app.A().Class("ledger-link").Href(pathReceipt+r.ID).Body(
				kit.Icon("document"),
				app.Span().Class("ledger-words").Body(
					app.Span().Class("ledger-name").Text(e.T(eventKeys[r.State])),
					app.Span().Class("ledger-when").Text(e.L.DateTime(r.At)),
					app.If(r.Countersigned, func() app.UI { return app.Span().Class("ledger-when").Text(e.T("receipt.countered")) }),
				),
				kit.Icon("next"),
			))
		})),
	)
}

// notice is what the asker had told the person.
func (p *pageConsent) notice() app.UI {
	if p.one.Notice.Text == "" {
		return nil
	}
	return kit.Details(p.Env.T("ask.notice"), app.Elem("blockquote").Class("consent-notice").Lang(p.one.Notice.Language).Attr("dir", "auto").Text(p.one.Notice.Text))
}

func (p *pageConsent) onBack(ctx app.Context, e app.Event) { p.ask("back", "take-sure") }

func (p *pageConsent) onLess(ctx app.Context, e app.Event) { p.ask("less", "less") }

func (p *pageConsent) ask(open, id string) {
	p.open = open
	p.focus(p.Env, id)
}

func (p *pageConsent) onNo(ctx app.Context, e app.Event) { p.open = "" }

func (p *pageConsent) onBackYes(ctx app.Context, e app.Event) {
	p.do(func(c context.Context) error { return p.Env.W.RevokeConsent(c, p.ID) })
}

func (p *pageConsent) onLessYes(ctx app.Context, e app.Event) {
	choice := p.choice
	p.do(func(c context.Context) error { return p.Env.W.NarrowConsent(c, p.ID, choice) })
}

func (p *pageConsent) onAgree(ctx app.Context, e app.Event) {
	p.do(func(c context.Context) error { return p.Env.W.AgreeConsent(c, p.ID) })
}

// do changes the consent and shows it as it is then.
func (p *pageConsent) do(what func(context.Context) error) {
	if p.busy {
		return
	}
	p.busy, p.fault, p.open = true, nil, ""
	run(p.ctx, what, func(_ app.Context, err error) {
		p.busy = false
		if err != nil {
			p.fault = err
			p.amend(p.Env, err, kit.FaultID)
			return
		}
		p.look()
		p.focus(p.Env, kit.TitleID)
	})
}
