package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageShared is the ledger: what left this phone, to whom, and what still works. It reads from the vault, so it is
// there without network too.
type pageShared struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	open  string // "", "all"
	busy  bool
	fault error
}

func (p *pageShared) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageShared) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.refresh(ctx)
}

func (p *pageShared) refresh(ctx app.Context) {
	p.busy, p.fault = true, nil
	w := p.Env.W
	run(p.ctx, func(c context.Context) error { return w.Refresh(c) }, func(ctx app.Context, err error) {
		p.busy, p.fault = false, err
	})
}

// sorted are the shares that still work, those at rest and those that ended.
func (p *pageShared) sorted() (live, paused, ended []share.Share) {
	now := p.Env.Now()
	for _, sh := range p.Snap.Shares {
		switch sh.State(now) {
		case share.StateLive, share.StatePending:
			live = append(live, sh)
		case share.StatePaused:
			paused = append(paused, sh)
		default:
			ended = append(ended, sh)
		}
	}
	return live, paused, ended
}

func (p *pageShared) Render() app.UI {
	e := p.Env
	live, paused, ended := p.sorted()
	return app.Div().Class("page", "ledger").Body(
		kit.Title(e.T("shared.title")),
		kit.Text(e.T("shared.text")),
		&waitingList{Env: e, Snap: p.Snap},
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Note, e.T("shared.stale")) }),
		kit.If(len(p.Snap.Shares) == 0, func() app.UI {
			return kit.Empty("link", e.T("shared.empty"), e.T("shared.empty-text"), kit.Link(kit.Main, "qr", e.T("nav.show"), pathShow))
		}),
		kit.Place(p.list(e.T("shared.live"), live)),
		kit.Place(p.list(e.T("shared.paused"), paused)),
		kit.Place(p.list(e.T("shared.ended"), ended)),
		kit.If(len(live)+len(paused) > 0, p.revokeAll),
		kit.If(len(p.Snap.Shares) > 0, func() app.UI {
			return kit.Button(kit.Quiet, "undo", e.T("shared.refresh"), p.onRefresh).Disabled(p.busy)
		}),
		&givenList{Env: e, Snap: p.Snap},
		kit.Row(
			kit.Link(kit.Quiet, "shield", e.T("consent.title"), pathConsents).ID("consents-page"),
			kit.Link(kit.Quiet, "send", e.T("send.title"), pathSend),
			kit.Link(kit.Quiet, "print", e.T("export.link"), pathExport).ID("export-page"),
		),
	)
}

func (p *pageShared) list(heading string, list []share.Share) app.UI {
	if len(list) == 0 {
		return nil
	}
	return app.Section().Class("ledger-part").Body(
		app.H2().Class("section-title").Text(heading),
		app.Ul().Class("ledger-list").Body(app.Range(list).Slice(func(i int) app.UI {
			return &sharedRow{Env: p.Env, Share: list[i], Whose: person(p.Snap, string(list[i].Profile)), State: list[i].State(p.Env.Now())}
		})),
	)
}

func (p *pageShared) revokeAll() app.UI {
	e := p.Env
	if p.open != "all" {
		return kit.Button(kit.Grave, "close", e.T("revoke.all"), p.onAll).ID("revoke-all")
	}
	return kit.Ask("revoke-all-sure", e.T("revoke.all-title"), e.T("revoke.all-text"),
		kit.Button(kit.Grave, "close", e.T("revoke.all-yes"), p.onAllYes).ID("revoke-all-yes"),
		kit.Button(kit.Plain, "", e.T("action.back"), p.onAllNo))
}

func (p *pageShared) onRefresh(ctx app.Context, e app.Event) { p.refresh(ctx) }

func (p *pageShared) onAll(ctx app.Context, e app.Event) {
	p.open = "all"
	p.focus(p.Env, "revoke-all-sure")
}

func (p *pageShared) onAllNo(ctx app.Context, e app.Event) { p.open = "" }

func (p *pageShared) onAllYes(ctx app.Context, e app.Event) {
	p.open = ""
	run(p.ctx, p.Env.W.RevokeAll, func(ctx app.Context, err error) { p.fault = err })
}

// sharedRow is one share on the ledger.
type sharedRow struct {
	app.Compo
	Env   *Env
	Share share.Share
	Whose wallet.Person
	State share.State
}

// CompoID keeps each share its own.
func (r *sharedRow) CompoID() string { return r.Share.ID }

func (r *sharedRow) Render() app.UI {
	e, sh := r.Env, r.Share
	return app.Li().Class("ledger-row").Body(app.A().Class("ledger-link").Href(pathShared+"/"+sh.ID).Body(
		kit.Avatar(e.portrait(r.Whose)),
		app.Span().Class("ledger-words").Body(
			app.Span().Class("ledger-name").Text(shareName(e, sh)),
			app.Span().Class("ledger-when").Text(e.T("shared.when", "name", r.Whose.Name, "time", e.L.DateTime(sh.Created))),
			app.Span().Class("ledger-when").Text(e.N("shared.opens", opens(sh))),
		),
		stateChip(e, r.State),
		kit.Icon("next"),
	))
}

// shareName is what the person called it, else what it was for.
func shareName(e *Env, sh share.Share) string {
	return first(sh.For, sh.Label, e.T("preset."+sh.Preset))
}

// opens counts how often it was really opened.
func opens(sh share.Share) int {
	n := 0
	for _, o := range sh.Opens {
		if o.Outcome == "opened" {
			n++
		}
	}
	return n
}

// stateChips are the looks of each state; the word is the message "state.<name>".
var stateChips = map[share.State][2]string{
	share.StateLive:    {"good", "check"},
	share.StatePaused:  {"warn", "pause"},
	share.StateExpired: {"quiet", "clock"},
	share.StateRevoked: {"quiet", "close"},
	share.StateUsedUp:  {"quiet", "check"},
	share.StateLocked:  {"danger", "lock"},
	share.StatePending: {"warn", "offline"},
	share.StateShown:   {"quiet", "eye"},
}

func stateChip(e *Env, s share.State) app.UI {
	look := stateChips[s]
	return kit.Chip(look[0], look[1], e.T("state."+string(s)))
}

// opened lists who opened a share. The name is the reader's own claim and marked as one.
func opened(e *Env, sh share.Share) app.UI {
	if len(sh.Opens) == 0 {
		return nil
	}
	return app.Section().ID("opens").Class("card", "opens").Body(
		app.H2().Class("card-title").Text(e.T("opens.title")),
		app.Ul().Class("opens-list").Body(app.Range(sh.Opens).Slice(func(i int) app.UI {
			o := sh.Opens[i]
			who := e.T("opens.nobody")
			if o.Recipient != "" {
				who = e.T("opens.who", "who", o.Recipient)
			}
			return app.Li().Class("open").Body(
				app.P().Class("open-who").Text(who),
				app.P().Class("open-when").Text(e.T("opens."+outcome(o.Outcome), "time", e.L.DateTime(sh.When(o)))),
			)
		})),
		kit.Small(e.T("opens.claim")),
		app.If(sh.Dropped > 0, func() app.UI { return kit.Small(e.N("opens.dropped", sh.Dropped)) }),
	)
}

func outcome(s string) string {
	if s == "passcode" {
		return "passcode"
	}
	return "opened"
}
