package ui

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// bottomNav is the five places of an open wallet: at the bottom of a phone, at the side of a desk.
type bottomNav struct {
	app.Compo
	Env     *Env
	Page    string
	Arrived int // things that wait for a word of the person
}

func (n *bottomNav) Render() app.UI {
	return app.Nav().Class("nav").Aria("label", n.Env.T("nav.label")).Body(
		n.item("home", pathHome, n.Env.T("nav.home"), n.badge()),
		n.item("plus", pathAdd, n.Env.T("nav.add")),
		n.item("qr", pathCounter, n.Env.T("nav.show")),
		n.item("list", pathShared, n.Env.T("nav.shared")),
		n.item("gear", pathSettings, n.Env.T("nav.settings")),
	)
}

// badge is how many things wait for a word of the person: the first page says more.
func (n *bottomNav) badge() app.UI {
	if n.Arrived == 0 {
		return nil
	}
	return app.Span().ID("badge").Class("nav-badge").Body(
		app.Span().Aria("hidden", true).Text(n.Env.L.Number(n.Arrived)), app.Span().Class("away").Text(n.Env.N("inbox.badge", n.Arrived)))
}

// atCounter are the pages that the way to the counter leads on to.
var atCounter = map[string]bool{pathShow: true, pathShow + "/": true, pathHand: true, pathHand + "/": true, pathScan: true}

func (n *bottomNav) item(icon, href, label string, more ...app.UI) app.UI {
	a := app.A().ID("nav-" + icon).Class("nav-item").Href(href).Body(append([]app.UI{kit.Icon(icon), app.Span().Text(label)}, more...)...)
	if n.Page == href || n.Page == href+"/" || href == pathCounter && atCounter[n.Page] {
		a = a.Aria("current", "page")
	}
	return a
}

// demoBanner marks the sample family on every page and wipes it in one tap.
type demoBanner struct {
	app.Compo
	Env     *Env
	Tourer  Tourer
	Touring bool
}

func (b *demoBanner) Render() app.UI {
	return app.Aside().Class("demo").Aria("label", b.Env.T("demo.label")).Body(
		kit.Icon("info"),
		app.P().Class("demo-text").Text(b.Env.T("demo.text")),
		kit.Button(kit.Plain, "", b.Env.T("demo.wipe"), b.onWipe),
		kit.If(!b.Touring && b.Env.offersTour(), func() app.UI { return &tourOffer{Env: b.Env, Tourer: b.Tourer} }),
	)
}

func (b *demoBanner) onWipe(ctx app.Context, e app.Event) {
	w := b.Env.W
	ctx.Async(func() { _ = w.Wipe(ctx.Context) }) // nothing is stored: there is nothing that could fail to be erased
}

// barred says whether a work is shown over the page: those that can go on while the person does something else. The
// others are waited for on the page that asked for them, and say so there.
func barred(w *wallet.Work) bool {
	if w == nil {
		return false
	}
	switch w.Job {
	case wallet.JobImport, wallet.JobHealth, wallet.JobExport, wallet.JobRestore:
		return true
	}
	return false
}

// workBar shows what is going on and how far it is.
type workBar struct {
	app.Compo
	Env  *Env
	Work *wallet.Work
}

func (b *workBar) Render() app.UI {
	label := b.Env.T("work." + string(b.Work.Job))
	return app.Div().ID("work").Class("snack", "work").Body(
		app.Div().Class("work-words").Body(
			app.P().Class("work-label").Text(label),
			app.If(b.Work.Name != "", func() app.UI { return app.P().Class("work-name").Text(b.Work.Name) }),
		),
		kit.Progress(label, b.Work.Done, b.Work.Total),
		kit.If(b.Work.Total > 1, func() app.UI {
			return app.P().Class("work-count").Text(b.Env.T("work.count",
				"done", b.Env.L.Number(b.Work.Done), "total", b.Env.L.Number(b.Work.Total)))
		}),
		app.If(b.Work.Cancel, func() app.UI { return kit.Button(kit.Plain, "close", b.Env.T("action.cancel"), b.onCancel) }),
	)
}

func (b *workBar) onCancel(ctx app.Context, e app.Event) { b.Env.W.Cancel() }

// undoBar takes back what was done last.
type undoBar struct {
	app.Compo
	here
	Env  *Env
	Undo *wallet.Undo

	busy  bool
	fault error
}

func (b *undoBar) Render() app.UI {
	return app.Div().ID("undo").Class("snack").Body(
		app.P().Class("snack-text").Text(b.text()),
		kit.Button(kit.Plain, "undo", b.Env.T("action.undo"), b.onUndo).Disabled(b.busy),
	)
}

func (b *undoBar) text() string {
	e, u := b.Env, b.Undo
	switch {
	case b.fault != nil:
		return e.Explain(b.fault)
	case u.What == wallet.UndoMove && u.Title == "":
		return e.T("move.done", "to", u.To)
	case u.What == wallet.UndoMove:
		return e.T("move.done-title", "title", u.Title, "to", u.To)
	case u.What == wallet.UndoAside:
		return e.T("aside.done", "name", u.Title)
	case u.Title == "":
		return e.T("delete.done")
	}
	return e.T("delete.done-title", "title", u.Title)
}

func (b *undoBar) onUndo(ctx app.Context, e app.Event) {
	if b.busy {
		return
	}
	b.busy, b.fault = true, nil
	run(b.ctx, b.Env.W.Undo, func(ctx app.Context, err error) { b.busy, b.fault = false, err })
}

// stayOpen warns before the wallet locks itself (WCAG 2.2.1): one tap keeps it open.
type stayOpen struct {
	app.Compo
	Env *Env
}

func (s *stayOpen) Render() app.UI {
	return kit.Notice(kit.Warn, s.Env.T("autolock.soon"),
		kit.Row(kit.Button(kit.Main, "", s.Env.T("autolock.stay"), s.onStay))).ID("stay-open")
}

func (s *stayOpen) onStay(ctx app.Context, e app.Event) { s.Env.W.Touch() }

// lockWarning is how long before auto-lock the warning comes.
const lockWarning = time.Minute

// watchLock looks at the clock of the wallet and tells the shell when the warning has to come or go.
func watchLock(ctx app.Context, s *shell) func() {
	stop, release := context.WithCancel(context.Background())
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		near := false
		for {
			select {
			case <-stop.Done():
				return
			case <-tick.C:
			}
			left := s.Base.env.W.LockIn()
			if now := left > 0 && left < lockWarning; now != near {
				near = now
				ctx.Dispatch(func(app.Context) { s.warn = now })
			}
		}
	}()
	return release
}

// dropHere says whose pouch a file would fall into, while it hangs over the page.
func dropHere(e *Env, p wallet.Person) app.UI {
	return app.Div().Class("drop", kit.Colour(p.Colour)).Body(
		kit.Icon("pouch"), app.P().Class("drop-text").Text(e.T("drop.here", "name", p.Name)))
}
