package ui

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageWipe erases everything on this device, after a word was typed: nothing else in the wallet cannot be taken back.
type pageWipe struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	typed string
	busy  bool
	fault error
}

func (p *pageWipe) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "wipe").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("wipe.title")),
		kit.Notice(kit.Danger, e.T("wipe.text")),
		kit.Text(e.T("wipe.links")),
		kit.Small(lastBackup(e, p.Snap)),
		kit.Row(kit.Link(kit.Plain, "box", e.T("wipe.backup"), pathBackup)),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		app.Form().Class("form").OnSubmit(p.onWipe).Body(
			kit.Field("wipe-word", e.T("wipe.type", "word", e.T("wipe.word")), "", kit.Line("wipe-word", "", p.onTyped).Attr("autocapitalize", "none")),
			kit.Submit(kit.Grave, "delete", e.T("wipe.go")).ID("wipe-go").Disabled(p.busy || !p.sure()),
		),
	)
}

// sure says whether the word was typed. Case does not matter.
func (p *pageWipe) sure() bool {
	return strings.EqualFold(strings.TrimSpace(p.typed), p.Env.T("wipe.word"))
}

func (p *pageWipe) onTyped(ctx app.Context, e app.Event) { p.typed = kit.Value(ctx) }

func (p *pageWipe) onWipe(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy || !p.sure() {
		return
	}
	p.busy, p.fault = true, nil
	w, d := p.Env.W, p.Env.D
	run(p.ctx, func(c context.Context) error {
		if err := d.DropAllHanded(c); err != nil {
			return err
		}
		d.Remember(openCode, "")
		d.Remember(openCard, "")
		return w.Wipe(c)
	}, func(ctx app.Context, err error) {
		if p.busy, p.fault = false, err; err == nil {
			p.Env.Go(ctx, pathHome)
		}
	})
}
