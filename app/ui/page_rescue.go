package ui

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageRescue opens the wallet of this device with its recovery kit, for somebody who has lost the words.
type pageRescue struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	recovery string
	fresh    newWords
	busy     bool
	fault    error
}

func (p *pageRescue) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "restore").Body(
		kit.Back(e.T("action.back"), pathHome),
		kit.Title(e.T("rescue.title")),
		kit.Text(e.T("rescue.text")),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(p.explain()) }),
		app.Form().Class("form").OnSubmit(p.onRescue).Body(
			step(e, 1, &kitField{Env: e, ID: "recovery", Label: e.T("restore.recovery"), Hint: e.T("kit.field-hint"), Owner: p}),
			step(e, 2, p.fresh.field(e, p.onNew, p.onSuggest)),
			kit.Submit(kit.Main, "lock", e.T("unlock.open")).ID("rescue-go").Disabled(p.busy || p.recovery == "" || !p.fresh.enough),
		),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("unlock.busy")) }),
		kit.Small(e.T("rescue.old-words")),
	)
}

// explain: what fits a backup of another wallet does not fit here, where there is none.
func (p *pageRescue) explain() string {
	if errors.Is(p.fault, wallet.ErrOtherWallet) {
		return p.Env.T("rescue.other")
	}
	return p.Env.Explain(p.fault)
}

func (p *pageRescue) OnDismount() { p.recovery = "" }

// Read hears what stands in the field.
func (p *pageRescue) Read(ctx app.Context, id, text string) { p.recovery, p.fault = text, nil }

func (p *pageRescue) onNew(ctx app.Context, e app.Event) { p.fresh.set(p.Env, kit.Value(ctx), false) }

func (p *pageRescue) onSuggest(ctx app.Context, e app.Event) {
	p.fresh.set(p.Env, p.Env.W.Suggest(), true)
}

func (p *pageRescue) onRescue(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy || p.recovery == "" || !p.fresh.enough {
		return
	}
	p.busy, p.fault = true, nil
	recovery, words := p.recovery, p.fresh.text
	run(p.ctx, func(c context.Context) error { return p.Env.W.Rescue(c, recovery, words) }, p.done)
}

func (p *pageRescue) done(ctx app.Context, err error) {
	p.busy, p.fault = false, err
	p.amend(p.Env, err, kit.FaultID)
	if err == nil {
		p.recovery, p.fresh = "", newWords{}
		p.Env.Go(ctx, pathHome)
	}
}
