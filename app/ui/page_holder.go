package ui

import (
	"context"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageHolder is who takes somebody's records over when those who decide are gone: an owner names them and takes it back,
// they say that it has happened, an owner says no, and after the waiting they take over.
type pageHolder struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	ID   string // of the person

	who   string
	days  string
	sure  bool // it is asked whether the owners are really gone
	busy  bool
	fault error
}

func (p *pageHolder) Render() app.UI {
	e, who := p.Env, person(p.Snap, p.ID)
	if who.ID == "" || !who.Aside.IsZero() {
		return kit.Page(e.T("holder.title"), kit.Notice(kit.Note, e.T("error.no-person")), kit.Link(kit.Plain, "back", e.T("people.title"), pathPeople))
	}
	h := p.Snap.HolderOf(who.ID)
	return app.Div().Class("page", "holder").Body(
		kit.Back(who.Name, pathPerson+p.ID),
		kit.Title(e.T("holder.title")),
		kit.Text(e.T("holder.text", "name", who.Name)),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) }),
		kit.If(h.Claim != nil, func() app.UI { return &claimCard{Env: e, Person: who, Claim: *h.Claim} }),
		p.named(h),
		kit.If(h.Owner && len(h.Others) > 0, func() app.UI { return p.ask(who, h) }),
		app.If(h.Owner && len(h.Others) == 0 || len(h.Named) == 0 && !h.Owner, func() app.UI { return p.nobody(h) }),
	)
}

// named are those who may take over, each with what can be done about it.
func (p *pageHolder) named(h wallet.Holder) app.UI {
	e := p.Env
	return app.Div().Class("holders").Body(
		kit.Place(app.Range(h.Named).Slice(func(i int) app.UI {
			return &holderRow{Env: e, Trusted: h.Named[i], Owner: p, MayDrop: h.Owner}
		})),
		app.If(p.sure, func() app.UI {
			return kit.Ask("holder-sure", e.T("holder.claim-sure"), e.T("holder.claim-text"),
				kit.Button(kit.Grave, "check", e.T("holder.claim-yes"), p.onClaim).ID("holder-claim-yes").Disabled(p.busy),
				kit.Button(kit.Plain, "", e.T("action.back"), p.onNotSure))
		}).ElseIf(claimable(h), func() app.UI {
			return kit.Row(kit.Button(kit.Plain, "person", e.T("holder.claim"), p.onSure).ID("holder-claim").Disabled(p.busy))
		}),
	)
}

// claimable says whether this user was named, and has not said yet that it has happened.
func claimable(h wallet.Holder) bool {
	for _, t := range h.Named {
		if t.Me {
			return !h.Owner && (h.Claim == nil || !h.Claim.Mine || h.Claim.Stage == wallet.ClaimVetoed)
		}
	}
	return false
}

// ask names somebody.
func (p *pageHolder) ask(who wallet.Person, h wallet.Holder) app.UI {
	e := p.Env
	var people, days []kit.Choice
	for _, c := range h.Others {
		people = append(people, kit.Choice{Value: c.User, Text: carerName(e, c)})
	}
	for _, n := range wallet.HolderDays {
		days = append(days, kit.Choice{Value: strconv.Itoa(n), Text: e.N("holder.days", n)})
	}
	return app.Form().Class("form").OnSubmit(p.onName).Body(
		kit.Radio("holder-who", e.T("holder.who", "name", who.Name), p.who, people, p.onWho),
		kit.Radio("holder-days", e.T("holder.wait"), p.days, days, p.onDays),
		kit.Text(e.T("holder.keys", "name", who.Name)),
		kit.Submit(kit.Main, "check", e.T("holder.save")).ID("holder-save").Disabled(p.busy || p.who == "" || p.days == ""),
	)
}

// nobody says why there is nothing to do here.
func (p *pageHolder) nobody(h wallet.Holder) app.UI {
	e := p.Env
	if !h.Owner && len(h.Others) > 0 {
		return kit.Text(e.T("holder.not-yours"))
	}
	return app.Div().Class("form").Body(kit.Text(e.T("holder.alone")),
		kit.Row(kit.Link(kit.Plain, "people", e.T("invite.title"), pathInvite+p.ID)))
}

func (p *pageHolder) onWho(ctx app.Context, e app.Event) { p.who = kit.Value(ctx) }

func (p *pageHolder) onDays(ctx app.Context, e app.Event) { p.days = kit.Value(ctx) }

func (p *pageHolder) onName(ctx app.Context, e app.Event) {
	e.PreventDefault()
	days, _ := strconv.Atoi(p.days)
	p.name(p.who, days)
}

// name names somebody, or takes it back.
func (p *pageHolder) name(user string, days int) {
	id := person(p.Snap, p.ID).ID
	p.do(func(c context.Context) error { return p.Env.W.NameHolder(c, id, user, days) })
}

func (p *pageHolder) onSure(ctx app.Context, e app.Event) {
	p.sure = true
	p.focus(p.Env, "holder-sure")
}

func (p *pageHolder) onNotSure(ctx app.Context, e app.Event) { p.sure = false }

func (p *pageHolder) onClaim(ctx app.Context, e app.Event) {
	id := person(p.Snap, p.ID).ID
	p.do(func(c context.Context) error { return p.Env.W.ClaimRecords(c, id) })
}

// do does one thing at a time.
func (p *pageHolder) do(what func(context.Context) error) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	run(p.ctx, what, func(ctx app.Context, err error) {
		p.busy, p.fault, p.sure, p.who = false, err, false, ""
	})
	p.focus(p.Env, kit.TitleID)
}

// holderRow is one who may take over.
type holderRow struct {
	app.Compo
	Env     *Env
	Trusted wallet.Trusted
	Owner   *pageHolder
	MayDrop bool
}

// CompoID keeps each row its own.
func (r *holderRow) CompoID() string { return "holder-" + r.Trusted.User }

func (r *holderRow) Render() app.UI {
	e := r.Env
	text := e.T("holder.named", "name", first(r.Trusted.Name, e.T("carers.nameless")), "days", e.N("holder.days", r.Trusted.Days))
	if r.Trusted.Me {
		text = e.T("holder.named-me", "days", e.N("holder.days", r.Trusted.Days))
	}
	return kit.Paper(kit.Text(text), app.If(r.MayDrop, func() app.UI {
		return kit.Row(kit.Button(kit.Plain, "delete", e.T("holder.drop"), r.onDrop).ID("drop-" + r.Trusted.User).Disabled(r.Owner.busy))
	}))
}

func (r *holderRow) onDrop(ctx app.Context, e app.Event) { r.Owner.name(r.Trusted.User, 0) }
