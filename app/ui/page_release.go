package ui

import (
	"context"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageRelease says which version of Potli this is, so that it can be compared with what its makers published, looks for a
// newer one, and goes back to the one before. It is there without a wallet too.
type pageRelease struct {
	app.Compo
	here
	Env *Env

	kept  *wallet.Releases // nil: being asked, or not known
	fault error            // why it is not known
	busy  bool
	said  string // message about the last thing that was done
	ask   bool   // is the person asked whether to go back?
}

func (p *pageRelease) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageRelease) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.look()
}

func (p *pageRelease) look() {
	var kept wallet.Releases
	d := p.Env.D
	run(p.ctx, func(c context.Context) (err error) {
		kept, err = d.Releases(c)
		return err
	}, func(_ app.Context, err error) {
		p.fault = err
		if err == nil {
			p.kept = &kept
		}
	})
}

func (p *pageRelease) Render() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Back(e.T("about.title"), pathAbout),
		kit.Title(e.T("release.title")),
		kit.Text(e.T("release.text")),
		kit.If(p.kept == nil && p.fault == nil, func() app.UI { return kit.Wait(e.T("release.reading")) }),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Warn, e.T("release.none")) }),
		kit.If(p.kept != nil, p.now),
		kit.If(p.kept != nil, p.newer),
		kit.If(p.kept != nil, p.previous),
		kit.Card("compare", e.T("release.compare"),
			kit.Text(e.T("release.compare-1")), kit.Text(e.T("release.compare-2")), kit.Small(e.T("release.compare-3"))),
	)
}

func (p *pageRelease) now() app.UI {
	e, r := p.Env, p.kept.Running
	return kit.Card("running", e.T("release.running"),
		kit.Facts(p.facts(r)...),
		app.H3().Class("sum-title").Text(e.T("release.sum")), sumText("release-sum", r.Hash),
		kit.If(p.kept.Worker != "", func() app.UI {
			return app.Div().Body(app.H3().Class("sum-title").Text(e.T("release.keeper")), sumText("keeper-sum", p.kept.Worker))
		}),
	)
}

func (p *pageRelease) facts(r wallet.Release) []kit.Fact {
	e := p.Env
	facts := []kit.Fact{{Name: e.T("release.version"), Text: r.Version}, {Name: e.T("release.number"), Text: strconv.Itoa(r.Seq)}}
	if !r.Installed.IsZero() {
		facts = append(facts, kit.Fact{Name: e.T("release.installed"), Text: e.L.DateTime(r.Installed)})
	}
	return facts
}

// newer looks for another release, or says that one waits.
func (p *pageRelease) newer() app.UI {
	e := p.Env
	return kit.Card("newer", e.T("release.newer"),
		app.Div().Aria("live", "polite").Body(
			kit.If(p.busy, func() app.UI { return kit.Wait(e.T("release.looking")) }),
			kit.If(p.said != "", func() app.UI { return kit.Text(e.T(p.said)) }),
		),
		kit.If(p.kept.Waiting(), func() app.UI {
			return app.Div().Body(kit.Text(e.T("update.ready")), kit.Row(kit.Button(kit.Plain, "", e.T("update.now"), p.onUse).ID("release-use")))
		}),
		kit.If(!p.kept.Waiting(), func() app.UI {
			return kit.Row(kit.Button(kit.Plain, "search", e.T("release.look"), p.onLook).ID("release-look").Disabled(p.busy))
		}),
	)
}

func (p *pageRelease) previous() app.UI {
	e, r := p.Env, p.kept.Previous
	if r == nil || p.kept.Waiting() {
		return app.Div()
	}
	if p.ask {
		return kit.Ask("back-ask", e.T("release.back-ask"), e.T("release.back-text"),
			kit.Button(kit.Plain, "", e.T("action.cancel"), p.onStay).ID("release-stay"),
			kit.Button(kit.Quiet, "", e.T("release.back"), p.onBack).ID("release-back-yes").Disabled(p.busy))
	}
	return kit.Card("previous", e.T("release.previous"),
		kit.Facts(p.facts(*r)...),
		kit.Text(e.T("release.previous-text")),
		kit.Row(kit.Button(kit.Quiet, "undo", e.T("release.back"), p.onAsk).ID("release-back")))
}

func (p *pageRelease) onUse(app.Context, app.Event) { p.Env.D.Reload() }

func (p *pageRelease) onAsk(app.Context, app.Event) { p.ask = true; p.focus(p.Env, "back-ask") }

func (p *pageRelease) onStay(app.Context, app.Event) { p.ask = false; p.focus(p.Env, kit.TitleID) }

func (p *pageRelease) onLook(app.Context, app.Event) {
	p.busy, p.said = true, ""
	var ready bool
	run(p.ctx, func(c context.Context) (err error) {
		ready, err = p.Env.D.CheckRelease(c)
		return err
	}, func(_ app.Context, err error) {
		p.busy = false
		switch {
		case err != nil:
			p.said = "release.refused"
		case !ready:
			p.said = "release.newest"
		}
		p.look()
	})
}

func (p *pageRelease) onBack(app.Context, app.Event) {
	p.busy = true
	run(p.ctx, p.Env.D.BackRelease, func(_ app.Context, err error) {
		p.busy, p.ask = false, false
		if err != nil {
			p.said = "release.no-back"
			return
		}
		p.Env.D.Reload()
	})
}
