package ui

import (
	"context"
	"errors"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/scan"
	"potli/app/ui/kit"
)

// scanBox reads a code with the camera. It stands beside a field in which the same can be typed, and never instead of it. The
// camera goes off when a code was read, when the person says so, when the page is hidden, and when the box leaves the page,
// as it does when the wallet locks.
type scanBox struct {
	app.Compo
	here
	Env   *Env
	ID    string      // of the button
	Want  []scan.Kind // what the page can use
	Owner CodeReader

	lens
	wrong scan.Kind
	fault error
}

// CompoID keeps each box its own.
func (b *scanBox) CompoID() string { return b.ID }

func (b *scanBox) OnDismount() { b.off() }

func (b *scanBox) Render() app.UI {
	e := b.Env
	return app.Div().Class("scan").Body(
		kit.If(!b.on, func() app.UI { return kit.Button(kit.Plain, "camera", e.T("scan.open"), b.onOpen).ID(b.ID) }),
		app.If(b.on, b.view),
		app.Div().Class("scan-said").Role("status").Body(
			app.If(b.fault != nil, func() app.UI { return kit.Notice(kit.Warn, e.Explain(b.fault)).ID(b.ID + "-fault") }),
			app.If(b.wrong != "", func() app.UI { return kit.Notice(kit.Note, e.T(codeKeys[b.wrong])).ID(b.ID + "-wrong") }),
		),
	)
}

// view is what the camera sees, and what can be done about it.
func (b *scanBox) view() app.UI {
	e := b.Env
	return app.Div().Class("scan-view").Body(
		b.video(e, b.ID),
		app.P().Class("small").Role("status").Text(e.T(b.tells())),
		b.controls(e, b.ID, hands{b.onClose, b.onTorch, b.onOther}),
	)
}

func (b *scanBox) tells() string {
	if b.seen {
		return "scan.look"
	}
	return "scan.starting"
}

// codeKeys say what a code is that the page has no use for.
var codeKeys = map[scan.Kind]string{
	scan.Link: "scan.is-link", scan.Pair: "scan.is-pair", scan.Secret: "scan.is-secret", scan.Card: "scan.is-card", scan.Film: "scan.is-film", scan.Drop: "scan.is-drop", scan.Ask: "scan.is-ask", scan.ABHA: "scan.is-abha",
	scan.Facility: "scan.is-facility", scan.Pay: "scan.is-pay", scan.Web: "scan.is-web", scan.Other: "scan.is-other",
}

func (b *scanBox) onOpen(ctx app.Context, e app.Event) {
	b.wrong, b.fault = "", nil
	b.start("")
	b.focus(b.Env, b.ID+"-close")
}

func (b *scanBox) onClose(ctx app.Context, e app.Event) {
	b.off()
	b.focus(b.Env, b.ID)
}

func (b *scanBox) onOther(ctx app.Context, e app.Event) { b.start(b.camera.Next) }

func (b *scanBox) onTorch(ctx app.Context, e app.Event) { b.light(b.ctx) }

// start turns a camera on and waits for a code.
func (b *scanBox) start(camera string) {
	var text string
	b.lens.start(b.ctx, func(c context.Context, _ int, on func(scan.Camera)) (err error) {
		text, err = b.Env.D.Scan(c, b.ID+"-video", camera, on)
		return err
	}, func(ctx app.Context, err error) { b.ended(ctx, text, err) })
}

// ended hears what became of it: a code, or why there is none.
func (b *scanBox) ended(ctx app.Context, text string, err error) {
	if err == nil && slices.Contains(b.Want, scan.What(text)) {
		b.Owner.Read(ctx, text)
		return
	}
	if err == nil {
		b.wrong = scan.What(text)
	} else if !errors.Is(err, context.Canceled) {
		b.fault = err
	}
	b.focus(b.Env, b.ID)
}
