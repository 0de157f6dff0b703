package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// Waiter knows what has to wait for the network.
type Waiter interface {
	Waiting(ctx context.Context) ([]wallet.Waiting, error)
}

// waitingList says what the relay has not heard of yet. It counts here already; who waits for it is told as soon as
// there is a network.
type waitingList struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	list []wallet.Waiting
}

func (l *waitingList) OnPreRender(ctx app.Context) { l.OnMount(ctx) }

func (l *waitingList) OnMount(ctx app.Context) {
	l.here.OnMount(ctx)
	l.load()
}

func (l *waitingList) OnUpdate(app.Context) { l.load() }

func (l *waitingList) load() {
	var list []wallet.Waiting
	w := l.Env.W
	run(l.ctx, func(c context.Context) (err error) {
		list, err = w.Waiting(c)
		return err
	}, func(_ app.Context, err error) {
		if err == nil {
			l.list = list
		}
	})
}

func (l *waitingList) Render() app.UI {
	e := l.Env
	return app.Div().Class("held").Attr("aria-live", "polite").Body(app.If(len(l.list) > 0, func() app.UI {
		return kit.Notice(kit.Note, e.N("waiting.title", len(l.list)), kit.Small(e.T("waiting.text")),
			app.Ul().Class("list").Body(app.Range(l.list).Slice(func(i int) app.UI { return app.Li().Text(l.line(l.list[i])) })),
		).ID("waiting")
	}))
}

// line is one thing in words.
func (l *waitingList) line(w wallet.Waiting) string {
	e := l.Env
	name := w.Name
	if sh, ok := shareOf(l.Snap, w.Share); ok {
		name = shareName(e, sh)
	}
	says := e.T(waitingKeys[w.What], "name", first(name, e.T("waiting.nobody")))
	if w.At.IsZero() {
		return says
	}
	return e.T("waiting.line", "what", says, "time", e.L.DateTime(w.At))
}

var waitingKeys = map[wallet.WaitKind]string{
	wallet.WaitRevoke: "waiting.revoke", wallet.WaitPause: "waiting.pause", wallet.WaitResume: "waiting.resume", wallet.WaitExtend: "waiting.extend",
	wallet.WaitDrop: "waiting.drop", wallet.WaitGranted: "waiting.granted", wallet.WaitRefused: "waiting.refused",
	wallet.WaitDelivery: "waiting.delivery", wallet.WaitNarrowed: "waiting.narrowed", wallet.WaitEnded: "waiting.ended",
}

// stateText says what a state means. A link that rests by the person's word alone can be opened until the relay knows.
func stateText(e *Env, sh share.Share, state share.State) string {
	if state == share.StatePaused && !sh.Status.Paused {
		return e.T("waiting.paused")
	}
	return e.T("state.text." + string(state))
}

// waits says of one link that the relay does not know of a change yet.
func waits(e *Env, sh share.Share) app.UI {
	return kit.If(sh.Wants != nil, func() app.UI { return kit.Notice(kit.Note, e.T("waiting.one")).ID("waits") })
}
