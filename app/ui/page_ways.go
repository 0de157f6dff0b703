package ui

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageWays lists what opens the wallet on this device, and adds and removes a passkey and a key of the browser's own. Words
// are asked for before anything is added, in a step of their own: a browser opens its prompt only right after a click.
type pageWays struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	passkeys, quick bool // what the browser can be offered
	words           string
	proved          bool
	busy            bool
	asking          wallet.Method // is it to be removed?
	said            string        // what was done
	fault           error
}

func (p *pageWays) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	if p.Snap.Demo {
		return
	}
	var passkeys, quick bool
	w := p.Env.W
	run(p.ctx, func(c context.Context) error { passkeys, quick = w.Offers(c); return nil }, func(app.Context, error) {
		p.passkeys, p.quick = passkeys, quick
	})
}

func (p *pageWays) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageWays) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "ways").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("ways.title")),
		kit.Text(e.T("ways.text")),
		kit.If(p.said != "", func() app.UI { return kit.Notice(kit.Good, p.said).ID("said") }),
		kit.Place(app.If(errors.Is(p.fault, wallet.ErrAgain), func() app.UI { return kit.Notice(kit.Note, e.Explain(p.fault)).ID("fault") }).
			ElseIf(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) })),
		kit.Place(app.If(p.Snap.Demo, func() app.UI { return kit.Notice(kit.Note, e.T("ways.demo")) }).
			ElseIf(!p.proved && (p.passkeys || p.quick), p.proof)),
		kit.Card("way-passkey", e.T("ways.passkey"), kit.Text(e.T("ways.passkey-text")), p.passkeyWay()),
		kit.Card("way-quick", e.T("ways.quick"), kit.Text(e.T("ways.quick-text")),
			kit.Text(e.T("ways.quick-protects")), kit.Text(e.T("ways.quick-not")), p.quickWay()),
		kit.Card("way-words", e.T("ways.words"), kit.Text(e.T("ways.words-text")),
			kit.Row(kit.Link(kit.Plain, "edit", e.T("words.title"), pathWords))),
		kit.Row(kit.Link(kit.Plain, "phone", e.T("devices.title"), pathDevices)),
	)
}

// proof asks for the words.
func (p *pageWays) proof() app.UI {
	e := p.Env
	return app.Form().Class("form").OnSubmit(p.onProve).Body(
		hiddenUser(e),
		kit.Field("prove-words", e.T("ways.prove"), e.T("ways.prove-hint"), passphrase("prove-words", "current-password", false, p.onWords)),
		kit.Submit(kit.Main, "check", e.T("ways.check")).ID("prove").Disabled(p.busy),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("unlock.busy")) }),
	)
}

func (p *pageWays) passkeyWay() app.UI {
	e := p.Env
	switch way, ok := wayOf(p.Snap, wallet.MethodPasskey); {
	case ok && p.asking == wallet.MethodPasskey:
		return kit.Ask("ask", e.T("ways.passkey-ask"), e.T("ways.passkey-ask-text"), p.answers()...)
	case ok:
		return p.present(way, kit.Button(kit.Plain, "delete", e.T("ways.remove"), p.onAskPasskey).ID("remove-passkey"))
	case !p.passkeys:
		return kit.Small(e.T("ways.missing"))
	}
	return app.Div().Body(
		kit.Row(kit.Button(kit.Plain, "key", e.T("ways.add-passkey"), p.onPasskey).ID("add-passkey").Disabled(p.busy || !p.proved)),
		app.If(p.busy && p.proved, func() app.UI { return kit.Wait(e.T("ways.adding")) }),
	)
}

func (p *pageWays) quickWay() app.UI {
	e := p.Env
	switch way, ok := wayOf(p.Snap, wallet.MethodQuick); {
	case ok && p.asking == wallet.MethodQuick:
		return kit.Ask("ask", e.T("ways.quick-ask"), e.T("ways.quick-ask-text"), p.answers()...)
	case ok:
		return p.present(way, kit.Button(kit.Plain, "delete", e.T("ways.remove"), p.onAskQuick).ID("remove-quick"))
	case !p.quick:
		return kit.Small(e.T("ways.missing"))
	}
	return kit.Row(kit.Button(kit.Plain, "pouch", e.T("ways.add-quick"), p.onQuick).ID("add-quick").Disabled(p.busy || !p.proved))
}

// present says since when there is a way.
func (p *pageWays) present(way wallet.Way, remove app.UI) app.UI {
	return app.Div().Body(kit.Small(p.Env.T("ways.since", "date", p.Env.L.Day(way.Added))), kit.Row(remove))
}

func (p *pageWays) answers() []app.UI {
	e := p.Env
	return []app.UI{
		kit.Button(kit.Grave, "delete", e.T("ways.remove"), p.onRemove).ID("remove-yes").Disabled(p.busy),
		kit.Button(kit.Plain, "", e.T("ways.keep"), p.onKeep).ID("remove-no"),
	}
}

// wayOf finds a way to unlock beside the words.
func wayOf(s *wallet.Snapshot, m wallet.Method) (wallet.Way, bool) {
	for _, way := range s.Ways {
		if way.Method == m {
			return way, true
		}
	}
	return wallet.Way{}, false
}

func (p *pageWays) onWords(ctx app.Context, e app.Event) { p.words = kit.Value(ctx) }

func (p *pageWays) onProve(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if words := p.words; words != "" {
		p.do(func(c context.Context) error { return p.Env.W.Prove(c, words) }, func() { p.words, p.proved = "", true })
	}
}

// onPasskey names the passkey after the program alone: the browser's list of them may be copied to a cloud.
func (p *pageWays) onPasskey(ctx app.Context, e app.Event) {
	name := p.Env.T("app.name")
	p.do(func(c context.Context) error { return p.Env.W.AddPasskey(c, name) }, func() { p.said = p.Env.T("ways.added") })
}

func (p *pageWays) onQuick(ctx app.Context, e app.Event) {
	p.do(p.Env.W.AddQuick, func() { p.said = p.Env.T("ways.added") })
}

func (p *pageWays) onAskPasskey(ctx app.Context, e app.Event) { p.ask(wallet.MethodPasskey) }

func (p *pageWays) onAskQuick(ctx app.Context, e app.Event) { p.ask(wallet.MethodQuick) }

func (p *pageWays) ask(m wallet.Method) {
	p.asking, p.said, p.fault = m, "", nil
	p.focus(p.Env, "ask")
}

func (p *pageWays) onKeep(ctx app.Context, e app.Event) { p.asking = "" }

func (p *pageWays) onRemove(ctx app.Context, e app.Event) {
	m := p.asking
	if p.busy || m == "" {
		return
	}
	p.asking = ""
	p.do(func(c context.Context) error { return p.Env.W.RemoveMethod(c, m) }, func() { p.said = p.Env.T("ways.removed") })
}

// do does one thing at a time, and says what became of it.
func (p *pageWays) do(work func(context.Context) error, done func()) {
	if p.busy {
		return
	}
	p.busy, p.said, p.fault = true, "", nil
	run(p.ctx, work, func(_ app.Context, err error) {
		p.busy, p.fault = false, err // what was asked meanwhile stays asked
		p.amend(p.Env, err, kit.FaultID)
		if errors.Is(err, wallet.ErrProve) {
			p.proved = false
		}
		if err == nil {
			done()
		}
	})
}
