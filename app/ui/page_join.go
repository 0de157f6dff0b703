package ui

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageJoin takes up an invitation to care for somebody: it reads the code that the other person's device shows.
type pageJoin struct {
	app.Compo
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Links *held

	pairing
	name string // what the other is told of this person
	text string // typed, or read by a camera
}

var _ CodeReader = (*pageJoin)(nil)

func (p *pageJoin) OnInit() {
	self, _ := p.Snap.Self()
	p.name = self.Name
}

func (p *pageJoin) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageJoin) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.begin(ctx, p.Env)
	if p.text, p.Links.code = p.Links.code, ""; p.text != "" {
		code := p.text
		p.ctx.Defer(func(app.Context) { p.Env.D.SetValue("pair-code", code) })
	}
}

func (p *pageJoin) OnDismount() { p.leave(p.Env) }

func (p *pageJoin) Render() app.UI {
	e := p.Env
	return p.page(e, kit.Back(e.T("people.title"), pathPeople), e.T("join.title"), p.body())
}

func (p *pageJoin) body() app.UI {
	e, at := p.Env, p.Snap.Pairing
	if at == nil {
		return p.ask()
	}
	return p.stage(e, at, turns{answers: answers{p.onMatch, p.onDiffer}, retry: e.T("pair.other-code"), again: p.onAgain,
		done: func() app.UI { return joined(e, at) }})
}

// joined says what one may do now, and leads there.
func joined(e *Env, at *wallet.Pairing) app.UI {
	may, since := "join.reader", "join.from-now"
	if at.Invite.Role == wallet.RoleAdmin {
		may = "join.admin"
	}
	if at.Invite.History {
		since = "join.history"
	}
	return kit.Notice(kit.Good, e.T("join.done", "name", at.Invite.Name),
		app.P().Text(e.T(may)), app.P().Text(e.T(since)),
		kit.Row(kit.Link(kit.Plain, "person", at.Invite.Name, pathPerson+string(at.Invite.Profile)))).ID("pair-done")
}

func (p *pageJoin) ask() app.UI {
	e := p.Env
	return app.Form().Class("form").OnSubmit(p.onCode).Body(
		kit.Field("join-name", e.T("invite.by"), e.T("invite.by-hint"), kit.Line("join-name", p.name, p.onName).MaxLength(wallet.MaxName)),
		pairCode(e, e.T("join.text"), p, p.onText),
		kit.Submit(kit.Main, "link", e.T("pair.connect")).ID("pair-connect").Disabled(p.busy || p.text == ""),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("pair.meeting")) }),
	)
}

// Read takes what a camera has read.
func (p *pageJoin) Read(ctx app.Context, text string) {
	p.Env.D.SetValue("pair-code", text)
	if p.text = text; p.Snap.Pairing == nil {
		p.connect()
	}
}

func (p *pageJoin) onName(ctx app.Context, e app.Event) { p.name = kit.Value(ctx) }

func (p *pageJoin) onText(ctx app.Context, e app.Event) { p.text = strings.TrimSpace(kit.Value(ctx)) }

func (p *pageJoin) onCode(ctx app.Context, e app.Event) {
	e.PreventDefault()
	p.connect()
}

// connect answers the code. It is used once, whatever becomes of it.
func (p *pageJoin) connect() {
	code, name := p.text, p.name
	p.do(&p.here, p.Env, func(c context.Context) error { return p.Env.W.ReadInvite(c, code, name) })
}

func (p *pageJoin) onMatch(ctx app.Context, e app.Event) { p.do(&p.here, p.Env, p.Env.W.AcceptPairing) }

func (p *pageJoin) onDiffer(ctx app.Context, e app.Event) {
	p.do(&p.here, p.Env, p.Env.W.DeclinePairing)
}

// onAgain asks for another code.
func (p *pageJoin) onAgain(ctx app.Context, e app.Event) {
	p.text, p.fault = "", nil
	p.Env.W.DropPairing()
	p.ctx.Defer(func(app.Context) {
		p.Env.D.SetValue("pair-code", "")
		p.Env.D.Focus(kit.TitleID)
	})
}
