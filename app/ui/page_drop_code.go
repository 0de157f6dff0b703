package ui

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/inbox"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageDropCode shows the code of a clinic's visit, white and as large as the screen allows, and says by itself what comes.
type pageDropCode struct {
	app.Compo
	here
	codeFace
	Env  *Env
	Snap *wallet.Snapshot
	ID   string

	open    string // "", "prolong", "end"
	busy    bool
	said    bool // the link was copied
	fault   error
	release []func()
}

func (p *pageDropCode) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageDropCode) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.begin(p.Env.Now)
	p.draw()
	p.look()
	p.release = append(p.release, p.Env.D.KeepAwake(), every(time.Second, func() { ctx.Dispatch(p.second) }), every(codeLooks, p.look))
}

func (p *pageDropCode) OnUpdate(app.Context) { p.draw() }

func (p *pageDropCode) OnDismount() {
	for _, release := range p.release {
		release()
	}
	p.release = nil
}

// draw makes the code of the link that there is now.
func (p *pageDropCode) draw() {
	if link, ok := p.Env.W.DropLink(p.ID); ok && link != p.drawn {
		p.fault = p.encode(link)
	}
}

// look asks what has come. Where the relay tells by itself this finds nothing new.
func (p *pageDropCode) look() {
	w := p.Env.W
	p.ctx.Async(func() { _ = w.CheckInbox(p.ctx.Context) }) // without network the page says so
}

func (p *pageDropCode) Render() app.UI {
	e := p.Env
	d, ok := p.Snap.Inbox.Drop(p.ID)
	if !ok && unread(p.Snap) {
		return kit.Page(e.T("drop.show"), kit.Wait(e.T("inbox.opening")), kit.Link(kit.Plain, "close", e.T("code.close"), pathHome))
	}
	if !ok {
		return kit.Page(e.T("drop.show"), kit.Notice(kit.Note, e.T("error.no-drop")), kit.Link(kit.Main, "qr", e.T("drop.again"), pathDrop),
			kit.Link(kit.Plain, "close", e.T("code.close"), pathHome))
	}
	open, title := d.State == inbox.DropOpen && !d.Lost, e.T("drop.over")
	if open {
		title = e.T("drop.show")
	}
	return app.Div().Class("page", "code-page").Body(
		kit.Title(title),
		codeWhose(e, p.Snap, d.Person, "drop.whose"),
		p.came(d),
		app.If(open, func() app.UI { return p.live(d) }).Else(func() app.UI { return p.dead(d) }),
		kit.If(d.Waits > 0, func() app.UI { return kit.Small(e.N("inbox.more", int(d.Waits))) }),
		kit.Place(refusals(e, d.Refused)),
		kit.If(open, func() app.UI { return p.actions(d) }),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) }),
		kit.Link(kit.Plain, "close", e.T("code.close"), pathHome).ID("code-close"),
	)
}

// live is the code with what has to be known beside it.
func (p *pageDropCode) live(d wallet.DropInfo) app.UI {
	e := p.Env
	left := inWords(d.Expires.Sub(p.now))
	how := e.T("drop.how")
	if d.System {
		how = e.T("drop.how-system")
	}
	return app.Div().Class("code-live").Body(
		p.face(e, e.T("drop.spoken", "time", e.L.Duration(left))),
		app.P().ID("countdown").Class("countdown").Text(e.T("drop.left", "time", e.L.Duration(left))),
		app.P().Class("code-hint").Text(how),
		app.P().Class("code-hint").Body(kit.Icon("sun"), app.Span().Text(e.T("code.bright"))),
	)
}

// inWords is a time as one says it: nobody waits for the seconds of a day.
func inWords(d time.Duration) time.Duration {
	switch {
	case d > 2*time.Hour:
		return d.Round(time.Hour)
	case d > time.Minute:
		return d.Round(time.Minute)
	}
	return max(d.Truncate(time.Second), 0)
}

// came says what has come so far, aloud too when it changes, and leads there. It stands above the code: below it would be
// out of sight on a small phone.
func (p *pageDropCode) came(d wallet.DropInfo) app.UI {
	e := p.Env
	return app.Div().ID("drop-came").Class("drop-came").Role("status").Body(
		kit.If(d.Came == 0 && d.State == inbox.DropOpen, func() app.UI { return app.P().Class("code-hint").Text(p.nothing()) }),
		kit.If(d.Came > 0, func() app.UI { return app.P().Class("drop-count").Text(cameWords(e, d)) }),
		app.If(d.Came > 0, func() app.UI { return kit.Link(kit.Main, "next", p.lookWords(d), p.toLook(d)).ID("drop-look") }),
	)
}

func (p *pageDropCode) nothing() string {
	if p.Snap.Offline {
		return p.Env.T("drop.unasked")
	}
	return p.Env.T("drop.none")
}

func cameWords(e *Env, d wallet.DropInfo) string {
	if d.Files == 0 {
		return e.T("drop.note")
	}
	return e.N("drop.came", d.Files)
}

func (p *pageDropCode) lookWords(d wallet.DropInfo) string {
	if d.Waiting > 0 {
		return p.Env.T("drop.look")
	}
	return p.Env.T("inbox.new-go")
}

// toLook is the one thing that waits, else the list.
func (p *pageDropCode) toLook(d wallet.DropInfo) string {
	to := ""
	for _, it := range p.Snap.Inbox.Items {
		if it.Drop != d.ID || it.State != inbox.Waiting {
			continue
		}
		if to != "" {
			return pathInbox
		}
		to = toItem(it)
	}
	return first(to, pathInbox)
}

// dead says why there is no code.
func (p *pageDropCode) dead(d wallet.DropInfo) app.UI {
	e := p.Env
	text := e.T("drop.ended")
	switch {
	case d.State == inbox.DropRevoked && d.Pending:
		text = e.T("drop.pending-end")
	case d.State == inbox.DropRevoked:
		text = e.T("drop.revoked")
	case d.Lost:
		text = e.T("drop.lost")
	}
	return app.Div().ID("drop-dead").Class("code-dead").Body(kit.Notice(kit.Note, text), kit.Link(kit.Plain, "qr", e.T("drop.again"), pathDrop).ID("drop-again"))
}

func (p *pageDropCode) actions(d wallet.DropInfo) app.UI {
	e := p.Env
	return app.Div().Class("code-actions").Body(
		kit.Check("keep", e.T("code.keep"), "", p.keep, p.onKeep),
		kit.If(d.Pending, func() app.UI { return kit.Small(e.T("drop.pending-more")) }),
		kit.If(p.said, func() app.UI { return &onClipboard{Env: e, Text: e.T("drop.copied")} }),
		kit.If(p.open == "", func() app.UI { return p.row() }),
		kit.If(p.open == "prolong", func() app.UI { return p.prolong(d) }),
		app.If(p.open == "end", p.end),
	)
}

func (p *pageDropCode) row() app.UI {
	e := p.Env
	return kit.Row(
		kit.Button(kit.Plain, "copy", e.T("code.copy"), p.onCopy).ID("copy-link"),
		kit.If(e.D.CanShare(), func() app.UI { return kit.Button(kit.Plain, "send", e.T("code.share"), p.onShare) }),
		kit.Button(kit.Plain, "clock", e.T("drop.prolong"), p.onProlong).ID("drop-prolong").Disabled(p.busy),
		kit.Button(kit.Plain, "close", e.T("drop.end"), p.onEnd).ID("drop-end").Disabled(p.busy),
	)
}

// longer are the lives from now on that are longer than what is left.
func (p *pageDropCode) longer(d wallet.DropInfo) (list []time.Duration) {
	for _, life := range dropLives {
		if p.now.Add(life).After(d.Expires) {
			list = append(list, life)
		}
	}
	return list
}

func (p *pageDropCode) prolong(d wallet.DropInfo) app.UI {
	e, list := p.Env, p.longer(d)
	return kit.Ask("drop-prolong-by", e.T("extend.title"), e.T("drop.prolong-text"),
		kit.Place(app.Range(list).Slice(func(i int) app.UI {
			return &kit.Option{Owner: p, List: "prolong", Value: seconds(list[i]), Text: e.T("drop.prolong-by", "time", e.L.Duration(list[i]))}
		})),
		kit.Button(kit.Quiet, "", e.T("action.back"), p.onNo))
}

func (p *pageDropCode) end() app.UI {
	e := p.Env
	return kit.Ask("drop-end-sure", e.T("drop.end-title"), e.T("drop.end-text"),
		kit.Button(kit.Grave, "close", e.T("drop.end-yes"), p.onEndYes).ID("drop-end-yes"),
		kit.Button(kit.Plain, "", e.T("action.back"), p.onNo))
}

func (p *pageDropCode) onCopy(ctx app.Context, e app.Event) {
	p.said, p.fault = copied(p.Env, p.drawn)
}

// onShare gives the link to another program. A person who closes the dialog again is no fault.
func (p *pageDropCode) onShare(ctx app.Context, e app.Event) {
	_ = p.Env.D.ShareLink(p.Env.T("drop.share-title"), p.drawn)
}

func (p *pageDropCode) onProlong(ctx app.Context, e app.Event) { p.ask("prolong", "drop-prolong-by") }

func (p *pageDropCode) onEnd(ctx app.Context, e app.Event) { p.ask("end", "drop-end-sure") }

func (p *pageDropCode) ask(open, id string) {
	p.open, p.said = open, false
	p.focus(p.Env, id)
}

func (p *pageDropCode) onNo(ctx app.Context, e app.Event) { p.open = "" }

// Pick keeps the code open for longer.
func (p *pageDropCode) Pick(ctx app.Context, list, value string) {
	by := secondsOf(value, 0)
	p.do(func(c context.Context) error { return p.Env.W.ProlongDrop(c, p.ID, by) })
}

func (p *pageDropCode) onEndYes(ctx app.Context, e app.Event) {
	p.do(func(c context.Context) error { return p.Env.W.RevokeDrop(c, p.ID) })
}

// do is one change of this code; the snapshot shows what came of it.
func (p *pageDropCode) do(what func(context.Context) error) {
	p.busy, p.fault, p.open = true, nil, ""
	run(p.ctx, what, func(ctx app.Context, err error) {
		p.busy, p.fault = false, err
		p.focus(p.Env, kit.TitleID)
	})
}
