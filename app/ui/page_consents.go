package ui

import (
	"context"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageConsents says who has what of one person today, what still waits, and what other devices saw differently.
type pageConsents struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	of    string // the person and the state of things that the book is of
	book  *wallet.ConsentBook
	busy  bool
	fault error
}

func (p *pageConsents) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageConsents) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.look()
}

func (p *pageConsents) OnUpdate(app.Context) {
	if p.of != consentsOf(p.Snap) {
		p.look()
	}
}

// consentsOf names the person and how often anything about consents has changed.
func consentsOf(s *wallet.Snapshot) string {
	return string(s.Current) + " " + strconv.Itoa(s.Consents.Seq)
}

func (p *pageConsents) look() {
	if p.book != nil && p.book.Person != p.Snap.Current {
		p.book = nil // another's must not be seen meanwhile
	}
	p.of = consentsOf(p.Snap)
	of, w, who := p.of, p.Env.W, p.Snap.Current
	var book *wallet.ConsentBook
	run(p.ctx, func(c context.Context) (err error) {
		book, err = w.Consents(c, who)
		return err
	}, func(_ app.Context, err error) {
		if of == p.of {
			p.book, p.fault = book, err
		}
	})
}

func (p *pageConsents) Render() app.UI {
	e, who := p.Env, p.Snap.Person()
	return app.Div().Class("page", "consents").Body(
		kit.Back(e.T("nav.shared"), pathShared),
		kit.Title(e.T("consent.title")),
		kit.Text(e.T("consent.text", "name", who.Name)),
		kit.Place(p.people()),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) }),
		kit.If(p.book == nil && p.fault == nil, func() app.UI { return kit.Wait(e.T("consent.reading")) }),
		kit.If(p.Snap.Consents.Asking > 0, func() app.UI {
			return kit.Notice(kit.Note, e.N("consent.asking", p.Snap.Consents.Asking), kit.Row(kit.Link(kit.Plain, "next", e.T("consent.to-inbox"), pathInbox))).ID("consents-asking")
		}),
		kit.If(p.book != nil, p.all),
		kit.Row(
			kit.Link(kit.Quiet, "list", e.T("consent.log"), pathConsentLog).ID("consents-log"),
			kit.Link(kit.Quiet, "link", e.T("shared.title"), pathShared),
		),
	)
}

// people offers the others of the family: what one has allowed is never mixed with what another has.
func (p *pageConsents) people() app.UI {
	e, shown := p.Env, p.Snap.Shown()
	if len(shown) < 2 {
		return nil
	}
	return app.Div().Class("filters").Role("group").Aria("label", e.T("people.switch")).Body(app.Range(shown).Slice(func(i int) app.UI {
		who := shown[i]
		return &kit.Option{Owner: p, List: "consents-of", Value: string(who.ID), Text: who.Name, Hint: e.born(who), Portrait: e.portrait(who), On: who.ID == p.Snap.Current}
	}))
}

// Pick shows another person's.
func (p *pageConsents) Pick(ctx app.Context, list, value string) {
	choose(p.ctx, p.Env, value, func(app.Context) {})
}

// all is the book, part by part: what needs somebody first.
func (p *pageConsents) all() app.UI {
	e, b := p.Env, p.book
	var waits, over []wallet.ConsentInfo
	for _, c := range b.All {
		switch {
		case c.Waits != "" || c.Unsent > 0 || c.Untold:
			waits = append(waits, c)
		case c.State != consent.Live || c.Over:
			over = append(over, c)
		}
	}
	return app.Div().Class("consents-all").Body(
		kit.Place(app.Range(b.Findings).Slice(func(i int) app.UI { return findingNotice(e, b.Findings[i]) })),
		kit.If(len(waits) > 0, func() app.UI { return p.list("consents-waiting", e.T("consent.waiting"), waits) }),
		app.H2().Class("section-title").Text(e.T("consent.today")),
		kit.If(len(b.Holdings) == 0, func() app.UI { return kit.Text(e.T("consent.today-none")) }),
		kit.Place(app.Range(b.Holdings).Slice(func(i int) app.UI {
			return &holdingCard{Env: e, Snap: p.Snap, Person: b.Person, Holding: &b.Holdings[i], Index: i}
		})),
		kit.If(len(over) > 0, func() app.UI {
			return kit.Details(e.N("consent.over-list", len(over)), p.list("consents-over", e.T("consent.over-title"), over))
		}),
		app.If(len(b.Missed) > 0, func() app.UI { return kit.Details(e.N("consent.missed-list", len(b.Missed)), p.missed()) }),
	)
}

func (p *pageConsents) list(id, heading string, list []wallet.ConsentInfo) app.UI {
	return app.Section().ID(id).Class("ledger-part").Aria("label", heading).Body(
		app.H2().Class("section-title").Text(heading),
		app.Ul().Class("ledger-list").Body(app.Range(list).Slice(func(i int) app.UI { return consentRow(p.Env, list[i]) })),
	)
}

func (p *pageConsents) missed() app.UI {
	e, list := p.Env, p.book.Missed
	return app.Ul().Class("given-list").Body(app.Range(list).Slice(func(i int) app.UI {
		key := "consent.missed-refused"
		if list[i].Lapsed {
			key = "consent.missed-late"
		}
		return app.Li().Class("given-row").Body(
			app.P().Class("given-name").Text(partyName(e, list[i].Party)),
			app.P().Class("hint").Text(e.T(key, "time", e.L.DateTime(list[i].At))),
		)
	}))
}

// consentRow is one consent on a list.
func consentRow(e *Env, c wallet.ConsentInfo) app.UI {
	return app.Li().Class("ledger-row").Body(app.A().Class("ledger-link").Href(pathConsent+c.ID).Body(
		kit.Icon("shield"),
		app.Span().Class("ledger-words").Body(
			app.Span().Class("ledger-name").Text(partyName(e, c.Terms.To)),
			app.Span().Class("ledger-when").Text(e.T("consent.since", "time", e.L.DateTime(c.Since))),
			app.Span().Class("ledger-when").Text(e.N("consent.deliveries", c.Deliveries)),
		),
		app.Span().Class("chips").Body(consentChips(e, c)...),
		kit.Icon("next"),
	))
}

// consentChips say how a consent stands, in a word each.
func consentChips(e *Env, c wallet.ConsentInfo) (chips []app.UI) {
	add := func(tone, icon, key string) { chips = append(chips, kit.Chip(tone, icon, e.T(key))) }
	switch {
	case c.State == consent.WasRevoked:
		add("quiet", "close", "consent.is-revoked")
	case c.State == consent.WasRefused:
		add("quiet", "close", "consent.is-refused")
	case c.State == consent.WasLapsed || c.Over:
		add("quiet", "clock", "consent.is-over")
	case c.Waits != "":
		add("warn", "people", "consent.is-waiting")
	default:
		add("good", "check", "consent.is-live")
	}
	if c.Unsent > 0 {
		add("warn", "offline", "consent.is-unsent")
	}
	if c.Untold {
		add("warn", "warn", "consent.is-untold")
	}
	return chips
}

// findingNotice says what was seen of a device's log and does not fit, whose it is, and what to do about it.
func findingNotice(e *Env, f wallet.DeviceFinding) app.UI {
	name := first(f.Name, e.T("consent.device-unknown"))
	if f.Name != "" && !f.Mine { // of another caregiver: the name is theirs
		name = e.T("consent.phone-of", "name", f.Name)
	}
	what, do := "consent.forked", "consent.forked-do"
	switch {
	case f.Itself && f.Finding == ledger.Truncated:
		what, do = "consent.cut-itself", "consent.cut-itself-do"
	case f.Itself:
		what, do = "consent.forked-itself", "consent.forked-itself-do"
	case f.Finding == ledger.Truncated:
		what, do = "consent.cut", "consent.cut-do"
	}
	return kit.Notice(kit.Danger, e.T(what, "name", name, "n", e.L.Number(f.Agreed)), kit.Text(e.T(do))).Class("consent-finding")
}

// holdingCard is what one provider has today, and how all of it is taken back.
type holdingCard struct {
	app.Compo
	here
	Env     *Env
	Snap    *wallet.Snapshot
	Person  record.ProfileID
	Holding *ledger.Holding
	Index   int

	sure  bool
	busy  bool
	fault error
}

// CompoID keeps each provider's card its own.
func (h *holdingCard) CompoID() string {
	p := h.Holding.Party
	return string(h.Person) + "/" + first(p.Key, p.Origin+" "+p.Name)
}

// kept counts the documents that stay there when all is taken back.
func (h *holdingCard) kept() (n int) {
	for _, d := range h.Holding.Has {
		if d.Kept {
			n++
		}
	}
	return n
}

func (h *holdingCard) id(part string) string { return "holding-" + strconv.Itoa(h.Index) + part }

func (h *holdingCard) Render() app.UI {
	e, o := h.Env, h.Holding
	return kit.Card(h.id(""), partyName(e, o.Party),
		kit.Facts(
			kit.Fact{Name: e.T("consent.may"), Text: h.may()},
			kit.Fact{Name: e.T("consent.has"), Text: e.N("consent.documents", len(o.Has))},
			kit.Fact{Name: e.T("consent.keeps"), Text: e.N("consent.documents", h.kept())},
			kit.Fact{Name: e.T("consent.last"), Text: instant(e, o.LastSeen)},
		),
		kit.Place(app.Range(o.Live).Slice(func(i int) app.UI {
			g := o.Live[i].Newest()
			return app.A().Class("text-link").Href(pathConsent + g.ID).Text(e.T("consent.see", "what", first(chosen(e, g), recordKinds(e, g.Kinds))))
		})),
		kit.If(h.fault != nil, func() app.UI {
			return kit.Notice(kit.Danger, e.Explain(h.fault)).ID(h.id("-fault")).TabIndex(-1)
		}),
		app.If(len(o.Live) > 0 && !h.sure, func() app.UI {
			return kit.Row(kit.Button(kit.Plain, "close", e.T("consent.take-all", "clinic", partyName(e, o.Party)), h.onAll).ID(h.id("-all")).Disabled(h.busy))
		}).ElseIf(h.sure, h.ask),
	)
}

// may says until when more may go there.
func (h *holdingCard) may() string {
	if len(h.Holding.Live) == 0 {
		return h.Env.T("consent.may-not")
	}
	follows := slices.ContainsFunc(h.Holding.Live, func(r ledger.Running) bool { return r.Newest().Repeat == consent.Follow })
	key := "consent.may-once"
	if follows {
		key = "consent.may-follow"
	}
	return h.Env.T(key, "time", h.Env.L.DateTime(h.Holding.Until))
}

func (h *holdingCard) ask() app.UI {
	e, name := h.Env, partyName(h.Env, h.Holding.Party)
	return kit.Ask(h.id("-sure"), e.T("consent.take-all-sure", "clinic", name), e.T("consent.take-all-text"),
		kit.Button(kit.Plain, "close", e.T("consent.take-all-yes"), h.onYes).ID(h.id("-yes")).Disabled(h.busy),
		kit.Button(kit.Plain, "", e.T("action.back"), h.onBack))
}

func (h *holdingCard) onAll(ctx app.Context, e app.Event) {
	h.sure = true
	h.focus(h.Env, h.id("-sure"))
}

func (h *holdingCard) onBack(ctx app.Context, e app.Event) { h.sure = false }

func (h *holdingCard) onYes(ctx app.Context, e app.Event) {
	h.sure, h.busy, h.fault = false, true, nil
	w, party := h.Env.W, h.Holding.Party
	run(h.ctx, func(c context.Context) error { return w.RevokeParty(c, party) }, func(_ app.Context, err error) {
		h.busy, h.fault = false, err
		h.amend(h.Env, err, h.id("-fault"))
	})
}

// consentPage chooses among the pages of requests and consents.
func consentPage(e *Env, snap *wallet.Snapshot, at place) app.UI {
	switch at.page {
	case pathAsk:
		return &pageAsk{Env: e, Snap: snap, ID: at.id}
	case pathConsentLog:
		return &pageConsentLog{Env: e, Snap: snap}
	case pathConsent:
		return &pageConsent{Env: e, Snap: snap, ID: at.id}
	case pathReceipt:
		return &pageReceipt{Env: e, Snap: snap, ID: at.id}
	}
	return &pageConsents{Env: e, Snap: snap}
}

// consentsLink leads from a person to who has what of them.
type consentsLink struct {
	app.Compo
	here
	Env    *Env
	Person record.ProfileID
}

func (l *consentsLink) Render() app.UI {
	return kit.Button(kit.Quiet, "shield", l.Env.T("consent.title"), l.onClick).ID("consents-of")
}

func (l *consentsLink) onClick(ctx app.Context, e app.Event) {
	choose(l.ctx, l.Env, string(l.Person), func(ctx app.Context) { l.Env.Go(ctx, pathConsents) })
}
