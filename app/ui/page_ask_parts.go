package ui

import (
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/consent"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// askedWhat is all that is asked for, in plain words.
func askedWhat(e *Env, q *consent.Request) app.UI {
	return kit.Card("ask-what", e.T("ask.what"),
		kit.Facts(kit.Fact{Name: e.T("consent.why"), Text: purpose(e, q.Purpose)}),
		app.Div().Class("consent-part").Body(app.P().Class("consent-label").Text(e.T("consent.what")), kindChips(e, q.Kinds)),
		kit.Facts(
			kit.Fact{Name: e.T("consent.of"), Text: dateRange(e, q.Dates)},
			kit.Fact{Name: e.T("consent.until"), Text: e.L.DateTime(q.Until)},
			kit.Fact{Name: e.T("consent.often"), Text: e.T(repeatKeys[q.Repeat])},
			kit.Fact{Name: e.T("consent.after"), Text: e.T(afterKeys[q.After])},
		),
	)
}

// askedNotice is what the asker tells the person, as it stands and in its own language.
func askedNotice(e *Env, n consent.Notice) app.UI {
	if n.Text == "" {
		return kit.Small(e.T("ask.no-notice"))
	}
	return kit.Card("ask-notice", e.T("ask.notice"),
		app.Elem("blockquote").Class("consent-notice").Lang(n.Language).Attr("dir", "auto").Text(n.Text),
	)
}

// answered says what became of a request that can no longer be answered.
func (p *pageAsk) answered() app.UI {
	e, a := p.Env, p.asked
	switch {
	case len(a.Consents) > 0:
		return kit.Notice(kit.Good, e.T("ask.given"), kit.Row(kit.Link(kit.Plain, "next", e.T("ask.given-see"), pathConsent+a.Consents[0]))).ID("ask-given")
	case a.Refused:
		return kit.Notice(kit.Note, e.T("ask.refused"), p.unsent()).ID("ask-refused")
	case a.Late:
		return kit.Notice(kit.Note, e.T("ask.missed", "time", e.L.DateTime(a.Request.Expires)), kit.Text(e.T("ask.missed-text"))).ID("ask-missed")
	}
	return nil
}

// unsent says of an answer without network that it is kept.
func (p *pageAsk) unsent() app.UI {
	return app.If(p.Snap.Offline, func() app.UI { return kit.Text(p.Env.T("ask.queued")) })
}

// whose says whose records are asked for. The asker's own idea of it is only a hint: the person says who it is.
func (p *pageAsk) whose() app.UI {
	e, a := p.Env, p.asked
	who := person(p.Snap, string(p.who))
	return kit.Card("ask-whose", e.T("ask.whose"),
		kit.If(a.Request.About != "", func() app.UI { return kit.Text(e.T("ask.about", "about", a.Request.About)) }),
		kit.If(len(a.People) > 1, func() app.UI { return p.people() }),
		kit.If(len(a.People) == 0, func() app.UI { return kit.Notice(kit.Note, e.T("ask.nobody")) }),
		kit.If(who.ID != "" && len(a.People) == 1, func() app.UI { // several: the one who was tapped is marked
			return app.Div().Class("whose", kit.Colour(who.Colour)).Body(
				kit.Face(e.portrait(who)),
				app.Div().Class("whose-words").Body(
					app.P().Class("whose-text").Text(e.T("share.whose", "name", who.Name)),
					app.P().Class("hint").Text(first(e.born(who), e.T("people.unborn"))),
				))
		}),
	)
}

// whoseAsk is the list of people on the page of a request.
const whoseAsk = "ask-whose"

func (p *pageAsk) people() app.UI {
	e, list := p.Env, p.asked.People
	return app.Div().Class("filters").Role("group").Aria("label", e.T("ask.whose")).Body(app.Range(list).Slice(func(i int) app.UI {
		who := person(p.Snap, string(list[i]))
		return &kit.Option{Owner: p, List: whoseAsk, Value: string(who.ID), Text: who.Name, Hint: e.born(who), Portrait: e.portrait(who), On: who.ID == p.who}
	}))
}

// goes is exactly what would go now, folded, and what stays and why. Where a choice leaves nothing, what can be chosen stays.
func (p *pageAsk) goes() app.UI {
	e, now := p.Env, p.preview
	if now == nil {
		now = &wallet.GrantPreview{Terms: p.base.Terms}
	}
	return app.Section().ID("ask-goes").Class("card").Aria("live", "polite").Aria("busy", p.busy).Body(
		app.H2().Class("card-title").Text(e.N("ask.goes", len(now.Going))),
		kit.If(now.Two, func() app.UI { return p.two() }),
		kit.If(now.ByLink, func() app.UI { return kit.Small(e.T("ask.by-link")) }),
		kit.If(len(now.Going) > 0 && !p.less, func() app.UI {
			return kit.Details(e.N("ask.goes-list", len(now.Going)), rowList(e, now.Going))
		}),
		kit.If(p.less && len(p.base.Going) > 0, p.ticks),
		kit.If(len(now.Staying) > 0, func() app.UI { return stayList(e, now.Staying) }),
		app.If(now.Terms.Repeat == consent.Follow, func() app.UI { return kit.Small(e.T(followKey(now.Terms))) }),
	)
}

// followKey says what becomes of records that come later.
func followKey(g *consent.Grant) string {
	if g.Records != nil {
		return "ask.follow-none"
	}
	return "ask.follow"
}

// two says who else has to say yes before what is private goes.
func (p *pageAsk) two() app.UI {
	name := person(p.Snap, string(p.who)).Name
	if p.preview.Alone {
		return kit.Notice(kit.Note, p.Env.T("ask.two-alone", "name", name)).ID("ask-two")
	}
	return kit.Notice(kit.Note, p.Env.T("ask.two", "name", name)).ID("ask-two")
}

// ticks are the records that fit, to be left out one by one.
func (p *pageAsk) ticks() app.UI {
	e, list := p.Env, p.base.Going
	return app.Div().Class("consent-part").Body(
		app.P().Class("consent-label").Text(e.T("ask.tick")),
		app.Ul().Class("ticks").Body(app.Range(list[:min(len(list), consent.MaxRecords)]).Slice(func(i int) app.UI {
			return &kit.Tick{Owner: p, ID: "ask-row-" + strconv.Itoa(i), Item: i, Text: rowTitle(e, list[i]), Hint: rowHint(e, list[i]), On: !p.out[list[i].ID]}
		})),
		app.If(len(list) > consent.MaxRecords, func() app.UI { return kit.Small(e.N("ask.tick-more", len(list)-consent.MaxRecords)) }),
	)
}

// rowsDrawn is how many records of a list are drawn: who looks through more than that narrows by kind or date.
const rowsDrawn = 60

func rowList(e *Env, list []wallet.Row) app.UI {
	return app.Div().Class("consent-part").Body(
		app.Ul().Class("lines").Body(app.Range(list[:min(len(list), rowsDrawn)]).Slice(func(i int) app.UI {
			return app.Li().Class("line").Body(
				kit.Icon(string(list[i].Kind)),
				app.Span().Class("line-words").Body(
					app.Span().Class("line-title").Text(rowTitle(e, list[i])),
					app.Span().Class("line-detail").Text(rowHint(e, list[i])),
				),
			)
		})),
		app.If(len(list) > rowsDrawn, func() app.UI { return kit.Small(e.N("ask.more", len(list)-rowsDrawn)) }),
	)
}

func rowTitle(e *Env, r wallet.Row) string { return e.title(r.Title, "", r.Kind) }

// rowHint is what else there is to know of a record before it is given.
func rowHint(e *Env, r wallet.Row) string {
	text := e.kind(r.Kind) + " · " + e.date(r.Date)
	for _, g := range r.Sensitive {
		text += " · " + e.T("share.marked", "group", e.T("sensitive."+g))
	}
	return text
}

// stayList is what stays here, by the reason.
func stayList(e *Env, list []wallet.Staying) app.UI {
	var why []consent.Reason
	rows := map[consent.Reason][]wallet.Row{}
	for _, s := range list {
		if !slices.Contains(why, s.Why) {
			why = append(why, s.Why)
		}
		rows[s.Why] = append(rows[s.Why], s.Row)
	}
	return kit.Details(e.N("ask.stays", len(list)), app.Div().Class("consent-part").Body(app.Range(why).Slice(func(i int) app.UI {
		return app.Div().Class("items").Body(
			app.H3().Class("items-kind").Text(e.T("ask.stays-why", "why", e.T(reasonKeys[why[i]]), "n", e.L.Number(len(rows[why[i]])))),
			rowList(e, rows[why[i]]),
		)
	})))
}

// answers are the four, of one look, and what is asked back before one that counts.
func (p *pageAsk) answers() app.UI {
	e := p.Env
	return app.Section().Class("ask-answers").Aria("label", e.T("ask.answer")).Body(
		kit.Small(e.T("ask.until", "time", e.L.DateTime(p.asked.Request.Expires))),
		kit.If(p.Snap.Offline, func() app.UI { return kit.Notice(kit.Note, e.T("ask.offline")).ID("ask-offline") }),
		kit.If(p.who == "" && len(p.asked.People) > 1, func() app.UI { return kit.Small(e.T("ask.whose-first")) }),
		kit.If(p.open == askGive && p.preview != nil, p.sure),
		kit.If(p.open == askNo, p.sureNo),
		app.Div().Class("ask-four").Body(
			kit.Button(kit.Plain, "check", p.giveLabel(), p.onGive).ID("ask-give").Disabled(!p.gives()),
			kit.Button(kit.Plain, "list", p.lessLabel(), p.onLess).ID("ask-less").Disabled(p.full == nil),
			kit.Button(kit.Plain, "clock", e.T("ask.later"), p.onLater).ID("ask-later"),
			kit.Button(kit.Plain, "close", e.T("ask.no"), p.onNo).ID("ask-no").Disabled(p.busy && p.preview == nil && p.who != ""),
		),
	)
}

// gives says whether there is anything to give: now, when records come, or when a second yes is said.
func (p *pageAsk) gives() bool {
	return !p.busy && p.preview != nil && p.fault == nil &&
		(len(p.preview.Going) > 0 || p.preview.Two || p.preview.Terms.Repeat == consent.Follow && p.preview.Terms.Records == nil)
}

func (p *pageAsk) giveLabel() string {
	if p.less {
		return p.Env.T("ask.give-this")
	}
	return p.Env.T("ask.give")
}

func (p *pageAsk) lessLabel() string {
	if p.less {
		return p.Env.T("ask.less-not")
	}
	return p.Env.T("ask.less")
}

// termsOf says in one line what for, what, until when, how often, and what becomes of it then.
func termsOf(e *Env, g *consent.Grant) string {
	facts := []kit.Fact{
		{Name: e.T("consent.why"), Text: purpose(e, g.Purpose)}, {Name: e.T("consent.what"), Text: recordKinds(e, g.Kinds)},
		{Name: e.T("consent.of"), Text: dateRange(e, g.Dates)}, {Name: e.T("consent.until"), Text: e.L.DateTime(g.Until)},
		{Name: e.T("consent.often"), Text: e.T(repeatKeys[g.Repeat])}, {Name: e.T("consent.after"), Text: e.T(afterKeys[g.After])},
	}
	var said []string
	for _, f := range facts {
		if f.Text != "" {
			said = append(said, f.Name+": "+f.Text+".")
		}
	}
	return strings.Join(said, " ")
}

// sure asks back by name: whose records, to whom, until when.
func (p *pageAsk) sure() app.UI {
	e, g := p.Env, p.preview.Terms
	name := person(p.Snap, string(p.who)).Name
	return kit.Ask("give-sure", e.T("ask.give-sure", "name", name, "clinic", partyName(e, g.To)), e.N("ask.goes", len(p.preview.Going)),
		e.beneath(func(e *Env) string {
			return e.T("ask.give-sure", "name", name, "clinic", partyName(e, g.To)) + " " + e.N("ask.goes", len(p.preview.Going)) + ". " + termsOf(e, g)
		}),
		app.Div().Class("ask-terms").Body(kit.Facts(
			kit.Fact{Name: e.T("consent.until"), Text: e.L.DateTime(g.Until)},
			kit.Fact{Name: e.T("consent.often"), Text: e.T(repeatKeys[g.Repeat])},
			kit.Fact{Name: e.T("consent.after"), Text: e.T(afterKeys[g.After])},
		)),
		kit.Button(kit.Plain, "check", e.T("ask.give-yes", "name", name), p.onGiveYes).ID("give-yes").Disabled(p.busy),
		kit.Button(kit.Plain, "", e.T("action.back"), p.onBack))
}

func (p *pageAsk) sureNo() app.UI {
	e := p.Env
	return kit.Ask("no-sure", e.T("ask.no-sure", "clinic", partyName(e, p.asked.Request.From)), e.T("ask.no-text"),
		kit.Button(kit.Plain, "close", e.T("ask.no-yes"), p.onNoYes).ID("no-yes").Disabled(p.busy),
		kit.Button(kit.Plain, "", e.T("action.back"), p.onBack))
}
