package ui

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/inbox"
	"potli/app/scan"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageScan takes any code and leads to the page that can use it. It opens nothing itself: what a code asks for, another page
// asks the person.
type pageScan struct {
	app.Compo
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Links *held

	text  string // typed
	wrong scan.Kind
	fault error
}

var _ CodeReader = (*pageScan)(nil)

func (p *pageScan) Render() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Back(e.T("nav.add"), pathAdd),
		kit.Title(e.T("scan.title")),
		kit.Text(e.T("scan.text")),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) }),
		&scanBox{Env: e, ID: "scan", Want: []scan.Kind{scan.Link, scan.Pair, scan.Card, scan.Film, scan.Ask}, Owner: p},
		app.Form().Class("form").OnSubmit(p.onTyped).Body(
			kit.Field("scan-text", e.T("scan.typed"), e.T("scan.typed-hint"), kit.Lines("scan-text", 3, p.onText).Attr("autocapitalize", "none")),
			kit.If(p.wrong != "", func() app.UI { return kit.Notice(kit.Note, e.T(codeKeys[p.wrong])).ID("wrong") }),
			kit.Submit(kit.Main, "next", e.T("action.next")).ID("scan-go").Disabled(p.text == ""),
		),
		kit.Row(kit.Link(kit.Quiet, "camera", e.T("film.title"), pathFilm).ID("scan-film")),
	)
}

// Read takes what a camera has read, or a person has typed.
func (p *pageScan) Read(ctx app.Context, text string) {
	p.wrong, p.fault = "", nil
	switch kind := scan.What(text); kind {
	case scan.Link:
		link, err := p.Env.W.Link(text)
		if p.fault = err; err == nil {
			p.Links.hold(link)
			p.Env.Go(ctx, pathReceive)
		}
	case scan.Pair:
		p.Links.code = strings.TrimSpace(text)
		p.Env.Go(ctx, pathJoin)
	case scan.Card: // all of it is in the code: it comes in as pasted text does
		w, files := p.Env.W, []wallet.File{pasted(text)}
		p.ctx.Async(func() { w.Import(p.ctx.Context, files) })
		p.Env.Go(ctx, pathAdd)
	case scan.Ask:
		takeAsk(p.ctx, p.Env, text, inbox.HowScanned, func(err error) { p.fault = err })
	case scan.Film:
		p.Env.Go(ctx, pathFilm)
	default:
		p.wrong = kind
	}
}

func (p *pageScan) onText(ctx app.Context, e app.Event) { p.text = strings.TrimSpace(kit.Value(ctx)) }

func (p *pageScan) onTyped(ctx app.Context, e app.Event) {
	e.PreventDefault()
	p.Read(ctx, p.text)
}
