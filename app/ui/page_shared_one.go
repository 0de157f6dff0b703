package ui

import (
	"context"
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageSharedOne is one share: what, when, for whom, who opened it, and what can still be done with it.
type pageSharedOne struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	ID   string

	open  string // "", "revoke", "extend"
	busy  bool
	fault error
}

func (p *pageSharedOne) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageSharedOne) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	id, w := p.ID, p.Env.W
	// Not do: what is known can be acted on while the relay is asked for news.
	run(p.ctx, func(c context.Context) error { return w.Refresh(c, id) }, func(ctx app.Context, err error) { p.fault = err })
}

func (p *pageSharedOne) Render() app.UI {
	e := p.Env
	sh, ok := shareOf(p.Snap, p.ID)
	if !ok {
		return kit.Page(e.T("shared.one"), kit.Notice(kit.Note, e.T("error.no-share")), kit.Link(kit.Plain, "back", e.T("nav.shared"), pathShared))
	}
	state := sh.State(e.Now())
	return app.Div().Class("page", "ledger").Body(
		kit.Back(e.T("nav.shared"), pathShared),
		kit.Title(shareName(e, sh)),
		app.Div().Class("chips").Body(stateChip(e, state)),
		kit.Text(stateText(e, sh, state)),
		waits(e, sh),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Warn, e.Explain(p.fault)) }),
		p.facts(sh),
		p.actions(sh, state),
		opened(e, sh),
		p.items(sh),
	)
}

func (p *pageSharedOne) facts(sh share.Share) app.UI {
	e := p.Env
	facts := []kit.Fact{
		{Name: e.T("shared.person"), Text: person(p.Snap, string(sh.Profile)).Name},
		{Name: e.T("share.for"), Text: sh.For},
		{Name: e.T("share.label"), Text: sh.Label},
		{Name: e.T("shared.made"), Text: e.L.DateTime(sh.Created)},
	}
	if sh.Preset == share.PresetScreen { // no link, so nothing that ends
		return kit.Paper(kit.Facts(facts...))
	}
	facts = append(facts, kit.Fact{Name: e.T("shared.until"), Text: e.L.DateTime(sh.Ends())},
		kit.Fact{Name: e.T("shared.left"), Text: e.N("share.times", sh.Status.UsesLeft)})
	if sh.Passcode != "" {
		facts = append(facts, kit.Fact{Name: e.T("code.passcode"), Text: spaced(sh.Passcode)},
			kit.Fact{Name: e.T("shared.attempts"), Text: e.L.Number(sh.Status.AttemptsLeft)})
	}
	if sh.Follow {
		facts = append(facts, kit.Fact{Name: e.T("share.follow"), Text: e.T("answer.yes")})
	}
	if !sh.Checked.IsZero() {
		facts = append(facts, kit.Fact{Name: e.T("shared.checked"), Text: e.L.DateTime(sh.Checked)})
	}
	return kit.Paper(kit.Facts(facts...))
}

func (p *pageSharedOne) actions(sh share.Share, state share.State) app.UI {
	e := p.Env
	alive := state == share.StateLive || state == share.StatePaused
	return app.Div().Class("actions").Body(
		kit.Row(
			kit.If(state == share.StateLive, func() app.UI {
				return kit.Link(kit.Main, "qr", e.T("shared.code"), pathCode+sh.ID)
			}),
			kit.If(state == share.StateLive, func() app.UI {
				return kit.Button(kit.Plain, "pause", e.T("shared.pause"), p.onPause).ID("pause").Disabled(p.busy)
			}),
			kit.If(state == share.StatePaused, func() app.UI {
				return kit.Button(kit.Main, "play", e.T("shared.resume"), p.onResume).ID("resume").Disabled(p.busy)
			}),
			kit.If(alive, func() app.UI {
				return kit.Button(kit.Plain, "clock", e.T("shared.extend"), p.onExtend).ID("extend").Disabled(p.busy)
			}),
			kit.If(alive, func() app.UI {
				return kit.Button(kit.Grave, "close", e.T("shared.revoke"), p.onRevoke).ID("revoke").Disabled(p.busy)
			}),
			kit.If(!alive && state != share.StatePending && state != share.StateShown, func() app.UI {
				return kit.Button(kit.Main, "qr", renewing(e, p.Snap, sh), p.onRenew).ID("renew").Disabled(p.busy)
			}),
			app.If(!alive && state != share.StatePending, func() app.UI {
				return kit.Button(kit.Quiet, "delete", e.T("shared.forget"), p.onForget).ID("forget").Disabled(p.busy)
			}),
		),
		kit.If(p.open == "extend", p.extend),
		app.If(p.open == "revoke", p.revoke),
	)
}

// extensions are by how much the life of a link can be made longer.
var extensions = []time.Duration{10 * time.Minute, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

func (p *pageSharedOne) extend() app.UI {
	e := p.Env
	return kit.Ask("extend-by", e.T("extend.title"), e.T("extend.text"),
		kit.Place(app.Range(extensions).Slice(func(i int) app.UI {
			d := extensions[i]
			return &kit.Option{Owner: p, List: "extend", Value: seconds(d), Text: e.T("extend.by", "time", e.L.Duration(d))}
		})),
		kit.Button(kit.Quiet, "", e.T("action.back"), p.onNo))
}

func (p *pageSharedOne) revoke() app.UI {
	e := p.Env
	return kit.Ask("revoke-sure", e.T("revoke.title"), e.T("revoke.text"),
		kit.Button(kit.Grave, "close", e.T("revoke.yes"), p.onRevokeYes).ID("revoke-yes"),
		kit.Button(kit.Plain, "", e.T("action.back"), p.onNo))
}

// items lists what the share holds.
func (p *pageSharedOne) items(sh share.Share) app.UI {
	e := p.Env
	return kit.Card("items", e.N("shared.items", len(sh.Items)),
		app.Ul().Class("lines").Body(app.Range(sh.Items).Slice(func(i int) app.UI {
			it := sh.Items[i]
			return app.Li().ID("shared-item-"+strconv.Itoa(i)).Class("line").Body(
				kit.Icon(string(it.Kind)),
				app.Span().Class("line-words").Body(
					app.Span().Class("line-kind").Text(e.kind(it.Kind)),
					app.Span().Class("line-title").Text(e.title(it.Title, it.Type, it.Kind)),
					app.Span().Class("line-detail").Text(itemHint(e, it)),
				),
			)
		})),
	)
}

// do is one request about this share; the ledger shows what came of it.
func (p *pageSharedOne) do(ctx app.Context, what func(context.Context) error) {
	p.busy, p.fault, p.open = true, nil, ""
	run(p.ctx, what, func(ctx app.Context, err error) { p.busy, p.fault = false, err })
}

func (p *pageSharedOne) onPause(ctx app.Context, e app.Event) {
	p.do(ctx, func(c context.Context) error { return p.Env.W.Pause(c, p.ID, true) })
}

func (p *pageSharedOne) onResume(ctx app.Context, e app.Event) {
	p.do(ctx, func(c context.Context) error { return p.Env.W.Pause(c, p.ID, false) })
}

func (p *pageSharedOne) onExtend(ctx app.Context, e app.Event) { p.ask(ctx, "extend", "extend-by") }

func (p *pageSharedOne) onRevoke(ctx app.Context, e app.Event) { p.ask(ctx, "revoke", "revoke-sure") }

func (p *pageSharedOne) ask(ctx app.Context, open, id string) {
	p.open = open
	p.focus(p.Env, id)
}

func (p *pageSharedOne) onNo(ctx app.Context, e app.Event) { p.open = "" }

// Pick makes the life of the link longer.
func (p *pageSharedOne) Pick(ctx app.Context, list, value string) {
	by := secondsOf(value, 0)
	p.do(ctx, func(c context.Context) error { return p.Env.W.Extend(c, p.ID, by) })
}

func (p *pageSharedOne) onRevokeYes(ctx app.Context, e app.Event) {
	p.do(ctx, func(c context.Context) error { return p.Env.W.Revoke(c, p.ID) })
}

func (p *pageSharedOne) onForget(ctx app.Context, e app.Event) {
	id := p.ID
	run(p.ctx, func(c context.Context) error { return p.Env.W.Forget(c, id) }, func(ctx app.Context, err error) {
		if p.fault = err; err == nil {
			p.Env.Go(ctx, pathShared)
		}
	})
}

func (p *pageSharedOne) onRenew(ctx app.Context, e app.Event) {
	p.busy, p.fault = true, nil
	renew(p.ctx, p.Env, p.ID, func(err error) { p.busy, p.fault = false, err })
}
