package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/inbox"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// How it is known who asks: the look of a chip, its word and a sentence.
var trusts = map[inbox.Trust][4]string{
	inbox.TrustKnown:    {"good", "check", "ask.trust-known", "ask.trust-known-text"},
	inbox.TrustNew:      {"warn", "info", "ask.trust-new", "ask.trust-new-text"},
	inbox.TrustUnsigned: {"warn", "warn", "ask.trust-unsigned", "ask.trust-unsigned-text"},
	inbox.TrustPosing:   {"danger", "danger", "ask.trust-posing", "ask.trust-posing-text"},
}

var hows = map[inbox.How]string{
	inbox.HowScanned: "ask.how-scanned", inbox.HowDirectory: "ask.how-directory", inbox.HowLink: "ask.how-link",
}

// askerCard says who asks, and how that is known. Whoever stands before their counter can keep their key, so that the next
// request is known to be of the same.
type askerCard struct {
	app.Compo
	here
	Env   *Env
	Asked *wallet.Asked
	Owner *pageAsk

	sure  bool
	busy  bool
	fault error
}

func (a *askerCard) Render() app.UI {
	e, from, look := a.Env, a.Asked.Request.From, trusts[a.Asked.Trust]
	return kit.Card("ask-who", e.T("ask.who"),
		app.P().Class("consent-name").Text(partyName(e, from)),
		kit.If(look[0] != "", func() app.UI {
			return app.Div().Class("consent-part").Body(app.Div().Class("chips").Body(kit.Chip(look[0], look[1], e.T(look[2]))), kit.Text(e.T(look[3])))
		}),
		kit.If(hows[a.Asked.How] != "", func() app.UI { return kit.Text(e.T(hows[a.Asked.How])) }),
		kit.If(a.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(a.fault)) }),
		kit.If(a.sure, a.ask),
		kit.Details(e.T("ask.who-more"), kit.Small(e.T("ask.who-claims")), kit.Facts(partyFacts(e, from)...),
			kit.If(a.Asked.Trust == inbox.TrustNew && !a.sure, func() app.UI {
				return kit.Row(kit.Button(kit.Quiet, "check", e.T("ask.pin"), a.onPin).ID("ask-pin"))
			}),
			kit.If(a.Asked.Trust == inbox.TrustNew && from.Origin != "", func() app.UI {
				return &keyLookup{Env: e, ItemID: a.Asked.Item, Origin: from.Origin, Found: a.onFound}
			})),
	)
}

func (a *askerCard) ask() app.UI {
	e, from := a.Env, a.Asked.Request.From
	return kit.Ask("ask-pin-sure", e.T("ask.pin-sure", "name", partyName(e, from)), e.T("ask.pin-text"),
		app.P().ID("ask-pin-key").Class("receipt-mono").Attr("translate", "no").Text(spaced(from.Key[:min(16, len(from.Key))])),
		kit.Button(kit.Plain, "check", e.T("ask.pin-yes"), a.onPinYes).ID("ask-pin-yes").Disabled(a.busy),
		kit.Button(kit.Plain, "", e.T("action.back"), a.onBack))
}

func (a *askerCard) onPin(ctx app.Context, e app.Event) {
	a.sure = true
	a.focus(a.Env, "ask-pin-sure")
}

// onFound shows how who asks is known now.
func (a *askerCard) onFound(app.Context) { a.Owner.trusted() }

func (a *askerCard) onBack(ctx app.Context, e app.Event) { a.sure = false }

func (a *askerCard) onPinYes(ctx app.Context, e app.Event) {
	a.busy, a.sure, a.fault = true, false, nil
	w, from := a.Env.W, a.Asked.Request.From
	pin := inbox.Pin{Thumbprint: from.Key, Name: from.Name, How: inbox.HowScanned, Since: a.Env.Now()}
	run(a.ctx, func(c context.Context) error { return w.PinProvider(c, pin) }, func(_ app.Context, err error) {
		if a.busy, a.fault = false, err; err == nil {
			a.Owner.trusted()
		}
	})
}
