package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
)

// keyLookup asks the web address that a sender gives whether the key that signed an item is published there. That address
// learns that somebody looks, so nothing is asked before the person has tapped here, and once more in the framed page that
// names the host: it is of another origin, and alone may reach it.
type keyLookup struct {
	app.Compo
	here
	Env    *Env
	ItemID string
	Origin string
	Found  func(app.Context) // what to do when it is

	busy  bool
	fault error
}

// CompoID keeps what was asked of one item away from the next.
func (l *keyLookup) CompoID() string { return l.ItemID }

func (l *keyLookup) Render() app.UI {
	e, host := l.Env, host(l.Origin)
	return app.Div().ID("key-lookup").Class("key-lookup").Body(
		kit.If(l.fault != nil, func() app.UI { return kit.Fault(e.Explain(l.fault)) }),
		app.If(l.busy, func() app.UI {
			return app.Div().Class("frame").Body(
				kit.Wait(e.T("receive.busy", "host", host)),
				app.IFrame().ID(ViewerFrame).Class("viewer-frame").Title(e.T("key.frame")).Src(e.Viewer+"frame.html").
					Sandbox("allow-scripts allow-same-origin"),
			)
		}).Else(func() app.UI {
			return kit.Button(kit.Quiet, "search", e.T("key.look", "host", host), l.onLook).ID("key-look")
		}),
	)
}

func (l *keyLookup) onLook(ctx app.Context, e app.Event) {
	w, item := l.Env.W, l.ItemID
	l.busy, l.fault = true, nil
	run(l.ctx, func(c context.Context) error {
		_, err := w.CheckProvider(c, item)
		return err
	}, func(ctx app.Context, err error) {
		if l.busy, l.fault = false, err; err != nil {
			l.focus(l.Env, "key-look")
			return
		}
		l.Found(ctx)
	})
}
