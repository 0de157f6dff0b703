package ui

import (
	"context"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/scan"
	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// ViewerFrame is the id of the frame through which a stranger's link is fetched: the wallet itself reaches one relay only.
const ViewerFrame = "viewer-frame"

// pageReceive opens somebody else's link. Nothing is asked of its host before the person says so, and what it brings waits
// where all arrives for a second word.
type pageReceive struct {
	app.Compo
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Links *held
	Turn  int // of Links

	link     *share.Link
	text     string // pasted
	name     string // who the sender will see
	passcode string
	busy     bool
	fault    error
}

func (p *pageReceive) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageReceive) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.take()
}

func (p *pageReceive) OnUpdate(ctx app.Context) { p.take() }

// take gets a link that was pasted elsewhere, once. While one is being opened the next one waits.
func (p *pageReceive) take() {
	if p.Links.link != nil && !p.busy {
		p.link, p.Links.link = p.Links.link, nil
		p.fault, p.passcode = nil, ""
	}
}

func (p *pageReceive) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "receive").Body(
		kit.Back(e.T("nav.add"), pathAdd),
		kit.Title(e.T("receive.title")),
		kit.If(p.link == nil, p.ask),
		kit.If(p.link != nil, p.about),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) }),
		kit.If(p.link != nil, p.form),
		app.If(p.busy, p.frame),
	)
}

func (p *pageReceive) ask() app.UI {
	e := p.Env
	return app.Form().Class("form").OnSubmit(p.onLink).Body(
		&scanBox{Env: e, ID: "scan", Want: []scan.Kind{scan.Link}, Owner: p},
		kit.Field("link", e.T("receive.link"), e.T("receive.link-hint"), kit.Lines("link", 4, p.onText)),
		kit.Submit(kit.Main, "next", e.T("action.next")),
	)
}

// about says what the link says of itself, and whom it would have us ask.
func (p *pageReceive) about() app.UI {
	e, l := p.Env, p.link
	facts := []kit.Fact{
		{Name: e.T("receive.label"), Text: l.Label},
		{Name: e.T("receive.host"), Text: host(l.URL)},
		{Name: e.T("receive.into"), Text: p.Snap.Person().Name},
	}
	if !l.Expires.IsZero() {
		facts = append(facts, kit.Fact{Name: e.T("receive.until"), Text: e.L.DateTime(l.Expires)})
	}
	return kit.Paper(kit.Facts(facts...),
		kit.Text(e.T("receive.text", "host", host(l.URL))),
		app.If(p.expired(), func() app.UI { return kit.Notice(kit.Warn, e.T("receive.expired")) }),
	)
}

func (p *pageReceive) expired() bool {
	return !p.link.Expires.IsZero() && p.link.Expires.Before(p.Env.Now())
}

func (p *pageReceive) form() app.UI {
	e := p.Env
	return app.Form().Class("form").OnSubmit(p.onOpen).Body(
		kit.Field("recipient", e.T("receive.name"), e.T("receive.name-hint"), kit.Line("recipient", p.name, p.onName).MaxLength(80)),
		kit.If(strings.Contains(p.link.Flag, "P"), func() app.UI {
			return kit.Field("link-passcode", e.T("receive.passcode"), e.T("receive.passcode-hint"),
				kit.Line("link-passcode", "", p.onPasscode).Attr("autocapitalize", "none"))
		}),
		kit.Submit(kit.Main, "open", e.T("receive.open")).ID("receive-open").Disabled(p.busy || strings.TrimSpace(p.name) == ""),
	)
}

// frame is the viewer's page of another origin: it asks once more, fetches, and hands over only ciphertext.
func (p *pageReceive) frame() app.UI {
	e := p.Env
	return app.Div().Class("frame").Body(
		kit.Wait(e.T("receive.busy", "host", host(p.link.URL))),
		app.IFrame().ID(ViewerFrame).Class("viewer-frame").Title(e.T("receive.frame")).Src(e.Viewer+"frame.html").
			Sandbox("allow-scripts allow-same-origin"),
	)
}

func (p *pageReceive) onText(ctx app.Context, e app.Event) { p.text = kit.Value(ctx) }

func (p *pageReceive) onLink(ctx app.Context, e app.Event) {
	e.PreventDefault()
	p.Read(ctx, p.text)
	p.amend(p.Env, p.fault, "link")
}

// Read takes what a camera has read, or a person has pasted.
func (p *pageReceive) Read(ctx app.Context, text string) {
	link, err := p.Env.W.Link(text)
	if p.fault = err; err == nil {
		p.link, p.text = &link, ""
	}
}

func (p *pageReceive) onName(ctx app.Context, e app.Event) { p.name = kit.Value(ctx) }

func (p *pageReceive) onPasscode(ctx app.Context, e app.Event) { p.passcode = kit.Value(ctx) }

func (p *pageReceive) onOpen(ctx app.Context, e app.Event) {
	e.PreventDefault()
	p.openLink()
}

// openLink has the link fetched. What it brings waits where all arrives.
func (p *pageReceive) openLink() {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	link, name, code := *p.link, strings.TrimSpace(p.name), strings.TrimSpace(p.passcode)
	p.ctx.Defer(func(ctx app.Context) { // the frame has to be on the page first
		p.Env.D.Focus(ViewerFrame) // it asks for a tap, below what is on the screen
		var item string
		run(p.ctx, func(c context.Context) (err error) {
			c, cancel := context.WithTimeout(c, receiveWait)
			defer cancel()
			item, err = p.Env.W.ReceiveHeld(c, link, name, code)
			return err
		}, func(ctx app.Context, err error) {
			if p.busy, p.fault = false, err; err == nil {
				p.link = nil
				p.Env.Go(ctx, pathItem+item)
			}
		})
	})
}

// receiveWait is how long a link may take, the tap inside the frame included.
const receiveWait = 5 * time.Minute
