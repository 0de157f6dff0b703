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
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) }),
		&handedNote{Env: e},
		kit.If(len(p.Snap.Ways) > 0, p.ways),
		app.Form().Class("form").OnSubmit(p.onUnlock).Body(
			hiddenUser(e),
			kit.Field("passphrase", e.T("unlock.words"), e.T("unlock.hint"), passphrase("passphrase", "current-password", p.shown, p.onWords)),
			kit.Check("show-words", e.T("unlock.show"), "", p.shown, p.onShow),
			kit.Submit(p.weight(wallet.MethodWords), "lock", e.T("unlock.open")).ID("unlock").Disabled(p.busy || !p.until.IsZero()),
		),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("unlock.busy")) }),
		kit.If(e.D.Recall(openCode) != "", func() app.UI {
			return kit.Link(kit.Quiet, "qr", e.T("ready.see"), "/ready.html").Target("_blank").Rel("noopener").ID("unlock-ready")
		}),
		kit.If(e.D.Recall(openCard) != "", func() app.UI {
			// A page of its own, which needs no program: the target keeps go-app from taking it for one of ours.
			return kit.Link(kit.Quiet, "danger", e.T("unlock.emergency"), "/emergency.html").Target("_blank").Rel("noopener").ID("unlock-emergency")
		}),
		kit.Details(e.T("unlock.lost"), kit.Text(e.T("unlock.lost-text")),
			kit.Row(kit.Link(kit.Plain, "lock", e.T("rescue.title"), pathRestore).ID("rescue"))),
	)
}

// ways are the buttons that open the wallet without words.
func (p *pageUnlock) ways() app.UI {
	e := p.Env
	_, passkey := wayOf(p.Snap, wallet.MethodPasskey)
	_, quick := wayOf(p.Snap, wallet.MethodQuick)
	return app.Div().Class("form").Body(
		kit.If(quick, func() app.UI {
			return kit.Button(p.weight(wallet.MethodQuick), "pouch", e.T("unlock.quick"), p.onQuick).ID("unlock-quick").Disabled(p.busy)
		}),
		app.If(passkey, func() app.UI {
			return kit.Button(p.weight(wallet.MethodPasskey), "key", e.T("unlock.passkey"), p.onPasskey).ID("unlock-passkey").Disabled(p.busy)
		}),
	)
}

// weight makes the way that asks least the one that is offered loudest.
func (p *pageUnlock) weight(m wallet.Method) kit.Weight {
	first := wallet.MethodWords
	if len(p.Snap.Ways) > 0 {
		first = p.Snap.Ways[0].Method
	}
	if m == first {
		return kit.Main
	}
	return kit.Plain
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

func (p *pageUnlock) onPasskey(ctx app.Context, e app.Event) { p.open(p.Env.W.UnlockWithPasskey) }

func (p *pageUnlock) onQuick(ctx app.Context, e app.Event) { p.open(p.Env.W.UnlockQuick) }

// open unlocks without words. Nothing comes before the prompt: the gesture would be spent.
func (p *pageUnlock) open(unlock func(context.Context) error) {
	if !p.busy {
		p.busy, p.fault = true, nil
		run(p.ctx, unlock, p.done)
	}
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
