package ui

import (
	"context"
	"errors"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageUnlock asks for the words. They can be typed, pasted or filled in by a password manager (WCAG 3.3.8).
type pageUnlock struct {
	app.Compo
	here
	Env     *Env
	Snap    *wallet.Snapshot
	Speaker Speaker

	words string
	shown bool
	busy  bool
	fault error
	until time.Time // no try counts before
}

func (p *pageUnlock) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "unlock").Body(
		&languages{Env: e, Speaker: p.Speaker},
		app.Div().Class("welcome-mark").Body(kit.Icon("lock")),
		kit.Title(e.T("unlock.title")),
		kit.Text(e.T("unlock.text")),
		app.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)).ID("fault") }),
		app.Form().Class("form").OnSubmit(p.onUnlock).Body(
			hiddenUser(e),
			kit.Field("passphrase", e.T("unlock.words"), e.T("unlock.hint"), passphrase("passphrase", "current-password", p.shown, p.onWords)),
			kit.Check("show-words", e.T("unlock.show"), "", p.shown, p.onShow),
			kit.Submit(kit.Main, "lock", e.T("unlock.open")).ID("unlock").Disabled(p.busy || !p.until.IsZero()),
		),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("unlock.busy")) }),
		kit.Details(e.T("unlock.lost"), kit.Text(e.T("unlock.lost-text")),
			kit.Row(kit.Link(kit.Plain, "lock", e.T("rescue.title"), pathRestore).ID("rescue"))),
	)
}

// passphrase is a control that password managers recognise and that keeps what was pasted as it is.
func passphrase(id, purpose string, shown bool, h app.EventHandler) app.UI {
	kind := "password"
	if shown {
		kind = "text"
	}
	return app.Input().ID(id).Name(id).Class("input", "input-words").Type(kind).Attr("autocomplete", purpose).
		Attr("autocapitalize", "none").Spellcheck(false).OnInput(h)
}

// hiddenUser gives password managers a name to keep the words under.
func hiddenUser(e *Env) app.UI {
	return app.Input().Class("away").Type("text").Name("username").Attr("autocomplete", "username").
		Value(e.T("app.name")).TabIndex(-1).Aria("hidden", "true").ReadOnly(true)
}

func (p *pageUnlock) onWords(ctx app.Context, e app.Event) { p.words = kit.Value(ctx) }

func (p *pageUnlock) onShow(ctx app.Context, e app.Event) { p.shown = kit.Checked(ctx) }

func (p *pageUnlock) onUnlock(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy || p.words == "" {
		return
	}
	p.busy, p.fault = true, nil
	words := p.words
	run(p.ctx, func(c context.Context) error { return p.Env.W.Unlock(c, words) }, p.done)
}

func (p *pageUnlock) done(ctx app.Context, err error) {
	p.busy, p.fault = false, err
	if err == nil {
		p.words = ""
		return
	}
	var wait *wallet.WaitError
	if errors.As(err, &wait) {
		p.until = wait.Until
		p.ctx.After(max(wait.Until.Sub(p.Env.Now()), 0), func(app.Context) { p.until, p.fault = time.Time{}, nil })
	}
	p.Env.D.Focus("passphrase")
}
