package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// notifyBox lets the person be told of what arrives while the page is closed, and says who learns of that.
type notifyBox struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	busy  bool
	fault error
}

func (n *notifyBox) Render() app.UI {
	e, state := n.Env, n.state()
	return app.Div().Class("notify").Body(
		app.If(state == wallet.NotifyOn || state == wallet.NotifyOff, func() app.UI {
			return kit.Check("notify-on", e.T("inbox.notify-on"), e.T("inbox.notify-hint"), state == wallet.NotifyOn, n.onTurn)
		}).ElseIf(state == wallet.NotifyDenied, func() app.UI { return kit.Text(e.T("inbox.notify-denied")) }).
			Else(func() app.UI { return kit.Text(e.T("inbox.notify-none")) }),
		app.If(n.fault != nil, func() app.UI { return kit.Notice(kit.Warn, e.Explain(n.fault)) }),
	)
}

func (n *notifyBox) state() wallet.Notify {
	if n.Snap.Inbox == nil {
		return wallet.NotifyNone
	}
	return n.Snap.Inbox.Notify
}

// onTurn asks at once: browsers forget a tap that something else was waited for.
func (n *notifyBox) onTurn(ctx app.Context, ev app.Event) {
	if n.busy {
		return
	}
	n.busy, n.fault = true, nil
	w, on := n.Env.W, kit.Checked(ctx)
	run(n.ctx, func(c context.Context) error { return w.Notify(c, on) }, func(_ app.Context, err error) { n.busy, n.fault = false, err })
}
