package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageInvite lets somebody in to care for a person: it shows the code. What the other may do, and from when on, is decided
// here, before anything is given away.
type pageInvite struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	ID   string // of the person

	pairing
	by    string // what the other is told of who invites
	role  string
	past  string
	words string
	long  bool
}

// The answers to "from when on".
const (
	pastNow = "now"
	pastAll = "all"
)

func (p *pageInvite) OnInit() {
	self, _ := p.Snap.Self()
	p.by = self.Name
}

func (p *pageInvite) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageInvite) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.begin(ctx, p.Env)
	p.draw(p.Snap.Pairing)
}

func (p *pageInvite) OnUpdate(ctx app.Context) { p.draw(p.Snap.Pairing) }

func (p *pageInvite) OnDismount() {
	p.words = ""
	p.leave(p.Env)
}

func (p *pageInvite) Render() app.UI {
	e, who := p.Env, person(p.Snap, p.ID)
	if who.ID == "" || !who.Aside.IsZero() {
		return kit.Page(e.T("invite.title"), kit.Notice(kit.Note, e.T("error.no-person")), kit.Link(kit.Plain, "back", e.T("people.title"), pathPeople))
	}
	return p.page(e, kit.Back(who.Name, pathPerson+p.ID), e.T("invite.title"), p.body(who))
}

func (p *pageInvite) body(who wallet.Person) app.UI {
	e, at := p.Env, p.Snap.Pairing
	if at == nil {
		return p.ask(who)
	}
	return p.stage(e, at, turns{answers: answers{p.onMatch, p.onDiffer}, read: e.T("invite.read"), retry: e.T("pair.again"), again: p.onCancel,
		done: func() app.UI { return kit.Notice(kit.Good, e.T("invite.done", "name", at.Other)).ID("pair-done") }})
}

func (p *pageInvite) ask(who wallet.Person) app.UI {
	e := p.Env
	return app.Form().Class("form").OnSubmit(p.onShow).Body(
		kit.Text(e.T("invite.text", "name", who.Name)),
		kit.Radio("invite-role", e.T("invite.role"), p.role, []kit.Choice{
			{Value: wallet.RoleReader, Text: e.T("invite.reader"), Hint: e.T("invite.reader-hint", "name", who.Name)},
			{Value: wallet.RoleAdmin, Text: e.T("invite.admin"), Hint: e.T("invite.admin-hint", "name", who.Name)},
		}, p.onRole),
		kit.Radio("invite-past", e.T("invite.past"), p.past, []kit.Choice{
			{Value: pastNow, Text: e.T("invite.from-now"), Hint: e.T("invite.from-now-hint")},
			{Value: pastAll, Text: e.T("invite.history"), Hint: e.T("invite.history-hint")},
		}, p.onPast),
		kit.Field("invite-by", e.T("invite.by"), e.T("invite.by-hint"), kit.Line("invite-by", p.by, p.onBy).MaxLength(wallet.MaxName)),
		hiddenUser(e),
		kit.Field("passphrase", e.T("unlock.words"), e.T("pair.words-hint"), passphrase("passphrase", "current-password", false, p.onWords)),
		kit.Check("pair-long", e.T("pair.long"), e.T("pair.long-hint"), p.long, p.onLong),
		kit.Notice(kit.Warn, e.T("pair.beware")),
		kit.If(p.role != "" && p.past != "", func() app.UI { return e.beneath(func(e *Env) string { return p.given(e, who) }) }),
		kit.Submit(kit.Main, "qr", e.T("pair.show")).ID("pair-show").Disabled(p.busy || p.role == "" || p.past == ""),
		provedByPasskey(e, p.Snap, "pair-passkey", p.busy || p.role == "" || p.past == "", p.onPasskey),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("unlock.busy")) }),
	)
}

// given is what somebody is about to be let into.
func (p *pageInvite) given(e *Env, who wallet.Person) string {
	may := e.T("invite.reader") + ". " + e.T("invite.reader-hint", "name", who.Name)
	if p.role == wallet.RoleAdmin {
		may = e.T("invite.admin") + ". " + e.T("invite.admin-hint", "name", who.Name)
	}
	from := e.T("invite.from-now") + ". " + e.T("invite.from-now-hint")
	if p.past == pastAll {
		from = e.T("invite.history") + ". " + e.T("invite.history-hint")
	}
	return may + " " + from
}

func (p *pageInvite) onRole(ctx app.Context, e app.Event) { p.role = kit.Value(ctx) }

func (p *pageInvite) onPast(ctx app.Context, e app.Event) { p.past = kit.Value(ctx) }

func (p *pageInvite) onBy(ctx app.Context, e app.Event) { p.by = kit.Value(ctx) }

func (p *pageInvite) onWords(ctx app.Context, e app.Event) { p.words = kit.Value(ctx) }

func (p *pageInvite) onLong(ctx app.Context, e app.Event) { p.long = kit.Checked(ctx) }

func (p *pageInvite) onShow(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.words != "" {
		p.show(p.words)
	}
}

func (p *pageInvite) onPasskey(ctx app.Context, e app.Event) { p.show("") }

// show asks for a code, having shown by words, or without by the passkey, who asks.
func (p *pageInvite) show(words string) {
	long := p.long
	who := person(p.Snap, p.ID)
	i := wallet.Invite{Profile: who.ID, Name: who.Name, By: p.by, Role: p.role, History: p.past == pastAll}
	p.do(&p.here, p.Env, func(c context.Context) error { return p.Env.W.ShowInvite(c, words, i, long) })
}

func (p *pageInvite) onMatch(ctx app.Context, e app.Event) {
	p.do(&p.here, p.Env, p.Env.W.AcceptPairing)
}

func (p *pageInvite) onDiffer(ctx app.Context, e app.Event) {
	p.do(&p.here, p.Env, p.Env.W.DeclinePairing)
}

// onCancel leads back to the questions: an attempt is used once, and a new one needs the words again.
func (p *pageInvite) onCancel(ctx app.Context, e app.Event) {
	p.words, p.fault = "", nil
	p.Env.W.DropPairing()
	p.focus(p.Env, kit.TitleID)
}
