package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/scan"
	"potli/app/ui/kit"
)

// lens is the camera of a page: one at a time, with its light and the way to another one. It goes off when its page leaves,
// when the person says so, and when whoever looks through it has seen enough.
type lens struct {
	on     bool
	seen   bool // the camera's picture is there
	camera scan.Camera
	lit    bool
	stop   context.CancelFunc
	turn   int // grows with each camera: what an older one says is not heard
}

// start turns a camera on. look shows it until it has seen enough; ended hears what became of it, unless the camera was
// turned off meanwhile. The video has to be on the page first. page is the context of the page, which lasts longer than that
// of a button.
func (l *lens) start(page app.Context, look func(c context.Context, turn int, on func(scan.Camera)) error, ended func(app.Context, error)) {
	l.off()
	l.on = true
	turn := l.turn
	page.Defer(func(app.Context) {
		if !l.on || l.turn != turn {
			return
		}
		c, stop := context.WithCancel(page.Context)
		l.stop = stop
		run(page, func(context.Context) error {
			defer stop()
			return look(c, turn, func(now scan.Camera) { l.sees(page, turn, now) })
		}, func(ctx app.Context, err error) {
			if l.turn == turn {
				l.off()
				ended(ctx, err)
			}
		})
	})
}

// sees hears what the camera is.
func (l *lens) sees(page app.Context, turn int, now scan.Camera) {
	page.Dispatch(func(app.Context) {
		if l.turn == turn {
			l.seen, l.camera = true, now
		}
	})
}

// off turns the camera off, if one is on.
func (l *lens) off() {
	stop := l.stop
	*l = lens{turn: l.turn + 1}
	if stop != nil {
		stop() // last: who waits for it goes on at once
	}
}

// light turns the light on or off. One that does not come is no mistake of the person.
func (l *lens) light(page app.Context) {
	on, torch := !l.lit, l.camera.Torch
	run(page, func(context.Context) error { return torch(on) }, func(_ app.Context, err error) {
		if err == nil {
			l.lit = on
		}
	})
}

// video is where the camera's picture is shown. It is an Elem, because the type of app.Video alone weighs as much as this file.
func (l *lens) video(e *Env, id string) app.UI {
	return app.Elem("video").Attr("id", id+"-video").Attr("class", "scan-video").Attr("muted", true).Attr("aria-label", e.T("scan.video"))
}

// hands are what a person does with a camera.
type hands struct{ close, light, other app.EventHandler }

// controls are what can be done about the camera: at least to turn it off.
func (l *lens) controls(e *Env, id string, h hands) app.UI {
	label := "scan.light"
	if l.lit {
		label = "scan.dark"
	}
	return kit.Row(
		kit.Button(kit.Plain, "close", e.T("scan.close"), h.close).ID(id+"-close"),
		kit.If(l.camera.Torch != nil, func() app.UI { return kit.Button(kit.Quiet, "sun", e.T(label), h.light).ID(id + "-torch") }),
		app.If(l.camera.Next != "", func() app.UI { return kit.Button(kit.Quiet, "camera", e.T("scan.other"), h.other).ID(id + "-other") }),
	)
}
