package ui

import (
	"context"
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageHandover hands a person's records over to them, one question after the other, on the phone of whoever has to answer
// it (F2). How far it has got is in the snapshot.
type pageHandover struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	ID   string // of the person

	pairing
	by    string // what the person is told of who invites
	words string
	long  bool
	again bool   // another one is the person
	who   string // of those who read
	keep  []string
}

// nobodyYet is the answer that the person is none of those who read.
const nobodyYet = "-"

func (p *pageHandover) OnInit() {
	self, _ := p.Snap.Self()
	p.by = self.Name
}

func (p *pageHandover) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageHandover) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.begin(ctx, p.Env)
	p.draw(p.Snap.Pairing)
}

func (p *pageHandover) OnUpdate(ctx app.Context) { p.draw(p.Snap.Pairing) }

func (p *pageHandover) OnDismount() {
	p.words = ""
	p.leave(p.Env)
}

func (p *pageHandover) Render() app.UI {
	e, who := p.Env, person(p.Snap, p.ID)
	if who.ID == "" || !who.Aside.IsZero() {
		return kit.Page(e.T("handover.title"), kit.Notice(kit.Note, e.T("error.no-person")), kit.Link(kit.Plain, "back", e.T("people.title"), pathPeople))
	}
	return p.page(e, kit.Back(who.Name, pathPerson+p.ID), e.T("handover.title"), p.body(who, p.Snap.HandoverOf(who.ID)))
}

func (p *pageHandover) body(who wallet.Person, h wallet.Handover) app.UI {
	if at := p.Snap.Pairing; at != nil {
		return p.stage(p.Env, at, turns{answers: answers{p.onMatch, p.onDiffer}, read: p.Env.T("invite.read"), retry: p.Env.T("pair.again"), again: p.onCancel,
			done: func() app.UI { return p.letIn(at) }})
	}
	switch {
	case h.Stage == wallet.HandoverInvite, p.again && p.who == nobodyYet && askable(h):
		return p.invite(who, h)
	case h.Stage == wallet.HandoverAsk && !h.Can:
		return kit.Text(p.Env.T("handover.not-yours", "name", who.Name))
	case askable(h) && (h.Stage == wallet.HandoverAsk || p.again):
		return p.ask(who, h)
	case h.Stage == wallet.HandoverChoose:
		return p.choose(h)
	case h.Mine:
		return p.mine(h)
	}
	return p.theirs(who, h)
}

// askable says whether it is not settled yet which of those who read is the person.
func askable(h wallet.Handover) bool {
	return h.Stage == wallet.HandoverAsk || h.Stage == wallet.HandoverOffered && !h.Mine
}

// letIn says that the person is in, and what comes next.
func (p *pageHandover) letIn(at *wallet.Pairing) app.UI {
	e := p.Env
	return app.Div().Body(
		kit.Notice(kit.Good, e.T("handover.let-in", "name", at.Other)).ID("pair-done"),
		kit.Row(kit.Button(kit.Main, "check", e.T("handover.go-on"), p.onCancel).ID("handover-on")),
	)
}

// invite lets the person in on their own phone.
func (p *pageHandover) invite(who wallet.Person, h wallet.Handover) app.UI {
	e := p.Env
	return app.Form().Class("form").OnSubmit(p.onShow).Body(
		kit.Text(e.T("handover.invite", "name", who.Name)),
		kit.Text(e.T("handover.invite-what", "name", who.Name)),
		kit.If(h.Day > e.Now().Format(time.DateOnly), func() app.UI { return kit.Small(e.T("handover.invite-when", "date", e.L.Date(h.Day))) }),
		kit.Field("invite-by", e.T("invite.by"), e.T("invite.by-hint"), kit.Line("invite-by", p.by, p.onBy).MaxLength(wallet.MaxName)),
		hiddenUser(e),
		kit.Field("passphrase", e.T("unlock.words"), e.T("pair.words-hint"), passphrase("passphrase", "current-password", false, p.onWords)),
		kit.Check("pair-long", e.T("pair.long"), e.T("pair.long-hint"), p.long, p.onLong),
		kit.Notice(kit.Warn, e.T("handover.beware", "name", who.Name)),
		kit.Submit(kit.Main, "qr", e.T("pair.show")).ID("pair-show").Disabled(p.busy || !h.Can && !p.again),
		provedByPasskey(e, p.Snap, "pair-passkey", p.busy || !h.Can && !p.again, p.onPasskey),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("unlock.busy")) }),
	)
}

// ask asks which of those who read is the person.
func (p *pageHandover) ask(who wallet.Person, h wallet.Handover) app.UI {
	e := p.Env
	var choices []kit.Choice
	for _, c := range h.Others {
		choices = append(choices, kit.Choice{Value: c.User, Text: carerName(e, c)})
	}
	choices = append(choices, kit.Choice{Value: nobodyYet, Text: e.T("handover.none-of-them", "name", who.Name), Hint: e.T("handover.none-hint")})
	return app.Form().Class("form").OnSubmit(p.onOffer).Body(
		kit.Radio("handover-who", e.T("handover.who", "name", who.Name), p.who, choices, p.onWho),
		kit.Text(e.T("handover.who-means", "name", who.Name)),
		kit.Submit(kit.Main, "check", e.T("handover.go-on")).ID("handover-offer").Disabled(p.busy || p.who == ""),
	)
}

// theirs is what a caregiver sees while it is on its way.
func (p *pageHandover) theirs(who wallet.Person, h wallet.Handover) app.UI {
	e, name := p.Env, first(h.Who, who.Name)
	switch h.Stage {
	case wallet.HandoverSoon:
		return app.Div().Body(kit.Text(e.T("handover.soon", "name", who.Name, "date", e.L.Date(h.Day))), kit.Text(e.T("handover.opens", "date", e.L.Date(h.Opens))))
	case wallet.HandoverOffered:
		return app.Div().Body(kit.Text(e.T("handover.offered", "name", name)), kit.Text(e.T("handover.offered-how")),
			kit.Row(kit.Button(kit.Quiet, "people", e.T("handover.other"), p.onOther).ID("handover-other")))
	case wallet.HandoverAccepted:
		return app.Div().Body(kit.Notice(kit.Good, e.T("handover.accepted", "name", name)), kit.Text(e.T("handover.then", "name", name, "date", e.L.Date(h.Day))))
	case wallet.HandoverReady:
		return p.ready(name, h)
	case wallet.HandoverDone:
		return kit.Notice(kit.Good, e.T("handover.done", "name", name), app.P().Text(e.T("handover.done-keep"))).ID("handover-done")
	}
	return kit.Text(e.T("handover.nothing"))
}

// ready asks whoever cares for the person for the last word.
func (p *pageHandover) ready(name string, h wallet.Handover) app.UI {
	e := p.Env
	if !h.Can {
		return kit.Text(e.T("handover.not-yours", "name", name))
	}
	return kit.Ask("handover-ask", e.T("handover.now", "name", name), e.T("handover.now-text", "name", name),
		e.beneath(func(e *Env) string {
			return e.T("handover.now", "name", name) + " " + e.T("handover.now-text", "name", name)
		}),
		kit.Button(kit.Main, "check", e.T("handover.go", "name", name), p.onHand).ID("handover-go").Disabled(p.busy))
}

// mine is what the person sees.
func (p *pageHandover) mine(h wallet.Handover) app.UI {
	e := p.Env
	switch {
	case h.Stage == wallet.HandoverOffered:
		return kit.Ask("handover-ask", e.T("handover.yours"), e.T("handover.yours-text"),
			e.beneath(func(e *Env) string { return e.T("handover.yours") + " " + e.T("handover.yours-text") }),
			kit.Button(kit.Main, "check", e.T("handover.accept"), p.onAccept).ID("handover-accept").Disabled(p.busy),
			kit.Link(kit.Plain, "", e.T("handover.not-me"), pathHome))
	case h.Stage == wallet.HandoverReady && h.Can:
		return kit.Ask("handover-ask", e.T("handover.take"), e.T("handover.take-text"),
			e.beneath(func(e *Env) string { return e.T("handover.take") + " " + e.T("handover.take-text") }),
			kit.Button(kit.Main, "check", e.T("handover.take-go"), p.onHand).ID("handover-go").Disabled(p.busy))
	case h.Stage == wallet.HandoverDone:
		return kit.Notice(kit.Good, e.T("handover.mine-done"), app.P().Text(e.T("handover.mine-next")),
			kit.Row(
				kit.Link(kit.Main, "box", e.T("backup.title"), pathBackup),
				kit.Link(kit.Plain, "key", e.T("kit.title"), pathKit),
				kit.Link(kit.Plain, "open", e.T("nav.home"), pathHome))).ID("handover-done")
	}
	return app.Div().Body(kit.Notice(kit.Good, e.T("handover.mine-accepted")),
		app.If(h.Day != "", func() app.UI {
			return app.Div().Body(kit.Text(e.T("handover.mine-then", "date", e.L.Date(h.Day))), kit.Text(e.T("handover.mine-alone", "date", e.L.Date(h.Alone))))
		}))
}

// choose asks the person who may go on reading. Nobody is chosen for them.
func (p *pageHandover) choose(h wallet.Handover) app.UI {
	e := p.Env
	return app.Form().Class("form").OnSubmit(p.onKeep).Body(
		kit.Notice(kit.Good, e.T("handover.owner")),
		app.FieldSet().Class("field").Body(
			app.Legend().Class("label").Text(e.T("handover.stay")),
			app.Ul().Class("ticks").Body(app.Range(h.Others).Slice(func(i int) app.UI {
				c := h.Others[i]
				return &kit.Tick{Owner: p, ID: "stay-" + c.User, Item: i, Text: carerName(e, c), On: slices.Contains(p.keep, c.User)}
			})),
		),
		kit.Text(e.T("handover.stay-text")),
		kit.Text(e.T("handover.stay-true")),
		app.If(len(p.keep) == 0, func() app.UI {
			return kit.Submit(kit.Grave, "close", e.T("handover.stay-none")).ID("handover-keep").Disabled(p.busy)
		}).Else(func() app.UI {
			return kit.Submit(kit.Main, "check", e.T("handover.stay-go")).ID("handover-keep").Disabled(p.busy)
		}),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("handover.busy")) }),
	)
}

// Tick chooses who stays.
func (p *pageHandover) Tick(ctx app.Context, item int, on bool) {
	others := p.Snap.HandoverOf(person(p.Snap, p.ID).ID).Others
	if item >= len(others) {
		return
	}
	user := others[item].User
	p.keep = slices.DeleteFunc(slices.Clone(p.keep), func(u string) bool { return u == user })
	if on {
		p.keep = append(p.keep, user)
	}
}

func (p *pageHandover) onBy(ctx app.Context, e app.Event) { p.by = kit.Value(ctx) }

func (p *pageHandover) onWords(ctx app.Context, e app.Event) { p.words = kit.Value(ctx) }

func (p *pageHandover) onLong(ctx app.Context, e app.Event) { p.long = kit.Checked(ctx) }

func (p *pageHandover) onWho(ctx app.Context, e app.Event) { p.who = kit.Value(ctx) }

func (p *pageHandover) onOther(ctx app.Context, e app.Event) {
	p.again, p.who = true, ""
	p.focus(p.Env, kit.TitleID)
}

func (p *pageHandover) onShow(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.words != "" {
		p.show(p.words)
	}
}

func (p *pageHandover) onPasskey(ctx app.Context, e app.Event) { p.show("") }

// show shows the code, on words or, without, on a passkey.
func (p *pageHandover) show(words string) {
	who, long := person(p.Snap, p.ID), p.long
	i := wallet.Invite{Profile: who.ID, Name: who.Name, By: p.by, Role: wallet.RoleReader, History: true, Subject: true}
	p.do(&p.here, p.Env, func(c context.Context) error { return p.Env.W.ShowInvite(c, words, i, long) })
}

func (p *pageHandover) onMatch(ctx app.Context, e app.Event) {
	p.do(&p.here, p.Env, p.Env.W.AcceptPairing)
}

func (p *pageHandover) onDiffer(ctx app.Context, e app.Event) {
	p.do(&p.here, p.Env, p.Env.W.DeclinePairing)
}

// onCancel leads back to the question that is open: an attempt is used once, and a new one needs the words again.
func (p *pageHandover) onCancel(ctx app.Context, e app.Event) {
	p.words, p.fault, p.again, p.who = "", nil, false, ""
	p.Env.W.DropPairing()
	p.focus(p.Env, kit.TitleID)
}

func (p *pageHandover) onOffer(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.again = p.who == nobodyYet; p.again {
		p.focus(p.Env, kit.TitleID)
		return
	}
	id, user := person(p.Snap, p.ID).ID, p.who
	p.say(func(c context.Context) error { return p.Env.W.OfferRecords(c, id, user) })
}

func (p *pageHandover) onAccept(ctx app.Context, e app.Event) {
	id := person(p.Snap, p.ID).ID
	p.say(func(c context.Context) error { return p.Env.W.AcceptRecords(c, id) })
}

func (p *pageHandover) onHand(ctx app.Context, e app.Event) {
	id := person(p.Snap, p.ID).ID
	p.say(func(c context.Context) error { return p.Env.W.HandOver(c, id) })
}

func (p *pageHandover) onKeep(ctx app.Context, e app.Event) {
	e.PreventDefault()
	id, keep := person(p.Snap, p.ID).ID, slices.Clone(p.keep)
	p.say(func(c context.Context) error { return p.Env.W.KeepReaders(c, id, keep) })
}

// say writes something, and leads to the next question.
func (p *pageHandover) say(what func(context.Context) error) {
	p.do(&p.here, p.Env, what)
	p.focus(p.Env, kit.TitleID)
}
