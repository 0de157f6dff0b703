package ui

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/inbox"
	"potli/app/scan"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageTake goes on with a code that the phone's own camera has opened: a link, or a clinic's question. It asks nobody
// anything: the page that it leads to does.
type pageTake struct {
	app.Compo
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Links *held
	Turn  int // of Links

	drop  bool // it is a code for clinics
	busy  bool
	fault error
}

func (p *pageTake) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageTake) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.take(ctx)
}

func (p *pageTake) OnUpdate(ctx app.Context) { p.take(ctx) }

// take goes on with what was opened, once.
func (p *pageTake) take(ctx app.Context) {
	text := p.Links.taken
	if text == "" || p.busy {
		return
	}
	p.Links.taken, p.fault = "", nil
	if link, err := p.Env.W.Link(text); err == nil {
		p.Links.hold(link)
		p.Env.Go(p.ctx, pathReceive)
		return
	}
	if p.drop = isDrop(text); p.drop {
		return
	}
	if scan.What(text) != scan.Ask {
		text = p.Env.Viewer + "ask#" + text // the viewer's page leaves its own address out
	}
	p.busy = true
	takeAsk(p.ctx, p.Env, text, inbox.HowLink, func(err error) { p.busy, p.fault = false, err })
}

// isDrop says whether it is a code under which somebody takes papers in: a link, or what stands behind its "#".
func isDrop(text string) bool {
	_, err := inbox.ParseCode("https://viewer/drop#" + text[strings.LastIndexByte(text, '#')+1:])
	return err == nil || scan.What(text) == scan.Drop
}

func (p *pageTake) Render() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Title(e.T("take.title")),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("take.wait")) }),
		kit.If(!p.busy, func() app.UI { return p.said() }),
		kit.Row(kit.Link(kit.Main, "qr", e.T("scan.title"), pathScan).ID("scan-page"), kit.Link(kit.Plain, "qr", e.T("drop.title"), pathDrop)),
	)
}

func (p *pageTake) said() app.UI {
	e := p.Env
	switch {
	case p.drop:
		return kit.Notice(kit.Note, e.T("scan.is-drop")).ID("take-drop")
	case p.fault != nil:
		return kit.Fault(e.Explain(p.fault))
	}
	return kit.Notice(kit.Note, e.T("take.none")).ID("take-none")
}

// takeAsk puts a clinic's question where what arrives is held, and leads to it.
func takeAsk(ctx app.Context, e *Env, text string, how inbox.How, done func(error)) {
	var item string
	w := e.W
	run(ctx, func(c context.Context) (err error) {
		item, err = w.TakeAsk(c, text, how)
		return err
	}, func(ctx app.Context, err error) {
		if done(err); err == nil {
			e.Go(ctx, pathAsk+item)
		}
	})
}

// takenCard leads back to a code that was opened before there was a wallet to open it with.
func takenCard(e *Env, links *held) app.UI {
	if links == nil || links.taken == "" {
		return nil
	}
	return kit.Notice(kit.Note, e.T("take.waits"), kit.Row(kit.Link(kit.Main, "next", e.T("take.waits-go"), pathTake)))
}
