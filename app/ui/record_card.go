package ui

import (
	"context"
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// cardChecks says what the health cards of a record are worth, before what they say. It is found out anew each time the
// record is opened: cards expire, and a release brings other issuers.
type cardChecks struct {
	app.Compo
	here
	Env    *Env
	Record record.ID

	shown record.ID // whose checks these are
	cards []wallet.CardResult
	fault error
}

// CompoID keeps the checks with their record.
func (c *cardChecks) CompoID() string { return string(c.Record) + "/card" }

func (c *cardChecks) OnPreRender(ctx app.Context) { c.OnMount(ctx) }

func (c *cardChecks) OnMount(ctx app.Context) {
	c.here.OnMount(ctx)
	c.check()
}

func (c *cardChecks) OnUpdate(ctx app.Context) {
	if c.Record != c.shown {
		c.check()
	}
}

func (c *cardChecks) check() {
	w, id := c.Env.W, c.Record
	c.shown, c.cards, c.fault = id, nil, nil
	var cards []wallet.CardResult
	run(c.ctx, func(ctx context.Context) (err error) {
		cards, err = w.CheckCards(ctx, id)
		return err
	}, func(_ app.Context, err error) {
		if c.shown == id {
			c.cards, c.fault = doubtful(cards), err
		}
	})
}

// doubtful leaves out the good of several cards where not all are: what they say stands in one list, and a genuine one
// does not vouch for what another says.
func doubtful(cards []wallet.CardResult) []wallet.CardResult {
	good := func(r wallet.CardResult) bool { return r.State == wallet.CardVerified }
	if bad := slices.DeleteFunc(slices.Clone(cards), good); len(bad) > 0 {
		return bad
	}
	return cards
}

func (c *cardChecks) Render() app.UI {
	e := c.Env
	return app.Section().ID("card-check").Class("card").Body(
		app.H2().Class("card-title").Text(e.T("card.check")),
		kit.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
		kit.If(c.fault == nil && c.cards == nil, func() app.UI { return kit.Wait(e.T("card.checking")) }),
		app.Range(c.cards).Slice(func(i int) app.UI { return cardCheck(e, c.cards[i]) }),
	)
}

// cardStates has a tone and a sentence for each of the four states: they are never shown alike.
var cardStates = map[wallet.CardState]struct {
	tone kit.Tone
	key  string
}{
	wallet.CardVerified:      {kit.Good, "card.verified"},
	wallet.CardUnknownIssuer: {kit.Note, "card.unknown-issuer"},
	wallet.CardInvalid:       {kit.Danger, "card.invalid"},
	wallet.CardUnchecked:     {kit.Warn, "card.unchecked"},
}

// cardReasons are those that a person can do something about; the others are told in one sentence for each state.
var cardReasons = map[wallet.CardReason]string{
	wallet.CardSignature:     "card.why.signature",
	wallet.CardNotYet:        "card.why.not-yet",
	wallet.CardExpired:       "card.why.expired",
	wallet.CardRevoked:       "card.why.revoked",
	wallet.CardNoRevocations: "card.why.revocations",
}

// cardCheck is one card: its state aloud, why, and what was found out about it.
func cardCheck(e *Env, r wallet.CardResult) app.UI {
	s := cardStates[r.State]
	return app.Div().Class("card-check").Body(
		kit.Notice(s.tone, e.T(s.key), app.If(r.Reason != "", func() app.UI { return app.P().Text(e.T(cardReason(r))) })),
		kit.Facts(
			kit.Fact{Name: e.T("card.issuer"), Text: r.Name},
			kit.Fact{Name: e.T("card.address"), Text: r.Issuer},
			kit.Fact{Name: e.T("card.from"), Text: dayOf(e, r.From)},
			kit.Fact{Name: e.T("card.until"), Text: dayOf(e, r.Until)},
			kit.Fact{Name: e.T("card.listed"), Text: dayOf(e, r.Listed)},
		),
	)
}

func cardReason(r wallet.CardResult) string {
	if key := cardReasons[r.Reason]; key != "" {
		return key
	}
	if r.State == wallet.CardUnchecked {
		return "card.why.issuer"
	}
	return "card.why.malformed"
}

// dayOf says a day, "" where there is none.
func dayOf(e *Env, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return e.L.Day(t)
}
