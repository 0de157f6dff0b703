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

	on     bool
	seen   bool // the camera's picture is there
	camera scan.Camera
	lit    bool
	stop   context.CancelFunc
	turn   int // grows with each camera: what an older one says is not heard
	wrong  scan.Kind
	fault  error
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
		// Elem, because the type of app.Video alone weighs as much as this file.
		app.Elem("video").Attr("id", b.ID+"-video").Attr("class", "scan-video").Attr("muted", true).Attr("aria-label", e.T("scan.video")),
		app.P().Class("small").Role("status").Text(e.T(b.tells())),
		kit.Row(
			kit.Button(kit.Plain, "close", e.T("scan.close"), b.onClose).ID(b.ID+"-close"),
			kit.If(b.camera.Torch != nil, func() app.UI {
				return kit.Button(kit.Quiet, "sun", e.T(b.torchKey()), b.onTorch).ID(b.ID + "-torch")
			}),
			app.If(b.camera.Next != "", func() app.UI {
				return kit.Button(kit.Quiet, "camera", e.T("scan.other"), b.onOther).ID(b.ID + "-other")
			}),
		),
	)
}

func (b *scanBox) tells() string {
	if b.seen {
		return "scan.look"
	}
	return "scan.starting"
}

func (b *scanBox) torchKey() string {
	if b.lit {
		return "scan.dark"
	}
	return "scan.light"
}

// codeKeys say what a code is that the page has no use for.
var codeKeys = map[scan.Kind]string{
	scan.Link: "scan.is-link", scan.Pair: "scan.is-pair", scan.Secret: "scan.is-secret", scan.Card: "scan.is-card", scan.Film: "scan.is-film", scan.ABHA: "scan.is-abha",
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

// onTorch lights what is scanned. A light that does not come is no mistake of the person.
func (b *scanBox) onTorch(ctx app.Context, e app.Event) {
	on, torch := !b.lit, b.camera.Torch
	run(b.ctx, func(context.Context) error { return torch(on) }, func(ctx app.Context, err error) {
		if err == nil {
			b.lit = on
		}
	})
}

// start turns a camera on and waits for a code. The video has to be on the page first.
func (b *scanBox) start(camera string) {
	b.off()
	b.on = true
	turn := b.turn
	b.ctx.Defer(func(ctx app.Context) {
		if !b.on || b.turn != turn {
			return
		}
		c, stop := context.WithCancel(ctx.Context)
		b.stop = stop
		var text string
		run(b.ctx, func(context.Context) (err error) {
			defer stop()
			text, err = b.Env.D.Scan(c, b.ID+"-video", camera, func(now scan.Camera) { b.sees(turn, now) })
			return err
		}, func(ctx app.Context, err error) { b.ended(ctx, turn, text, err) })
	})
}

// sees hears what the camera is.
func (b *scanBox) sees(turn int, now scan.Camera) {
	b.ctx.Dispatch(func(app.Context) {
		if b.turn == turn {
			b.seen, b.camera = true, now
		}
	})
}

// ended hears what became of it: a code, or why there is none.
func (b *scanBox) ended(ctx app.Context, turn int, text string, err error) {
	if b.turn != turn {
		return
	}
	b.off()
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

// off turns the camera off, if one is on.
func (b *scanBox) off() {
	stop := b.stop
	b.on, b.seen, b.lit, b.camera, b.stop = false, false, false, scan.Camera{}, nil
	b.turn++
	if stop != nil {
		stop() // last: who waits for it goes on at once
	}
}
