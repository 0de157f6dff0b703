package ui

import (
	"context"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// Releaser is the program itself, as this device keeps it.
type Releaser interface {
	// Releases tells what is kept. An error: this browser keeps nothing of the program, or does not answer.
	Releases(ctx context.Context) (wallet.Releases, error)
	// CheckRelease asks the site for a newer release and gets it. ready: one waits for the next start. An error: what was
	// offered could not be had, or was not signed; nothing has changed.
	CheckRelease(ctx context.Context) (ready bool, err error)
	// BackRelease makes the release before this one the next start's.
	BackRelease(ctx context.Context) error
	// Unsaved says whether something is typed on the page that a reload would lose.
	Unsaved() bool
	// OnAlarm calls f once, when the program that keeps releases was replaced and no release announced it. was is the hash of
	// the one before, in hexadecimal, or "".
	OnAlarm(f func(was string)) (cancel func())
}

// Stiller locks without loading anything.
type Stiller interface {
	// LockStill is Lock that leaves the page where it is: what is loaded next may be a stranger's.
	LockStill()
}

// updateBar says that a new release is ready. Nothing is ever reloaded by itself: a page ends on the release it began with.
type updateBar struct {
	app.Compo
	here
	Env *Env

	lose bool // somebody was told that what they typed would be gone
}

func (b *updateBar) Render() app.UI {
	e := b.Env
	if b.lose {
		return kit.Notice(kit.Warn, e.T("update.lost"), kit.Row(
			kit.Button(kit.Plain, "", e.T("update.later"), b.onLater).ID("update-later"),
			kit.Button(kit.Quiet, "", e.T("update.anyway"), b.onAnyway).ID("update-anyway"),
		)).ID("update").TabIndex(-1)
	}
	return kit.Notice(kit.Note, e.T("update.ready"), kit.Row(
		kit.Button(kit.Plain, "", e.T("update.now"), b.onNow).ID("update-now"),
		kit.Link(kit.Quiet, "", e.T("release.title"), pathRelease),
	)).ID("update").TabIndex(-1)
}

func (b *updateBar) onNow(ctx app.Context, _ app.Event) {
	if !b.Env.D.Unsaved() {
		b.Env.D.Reload()
		return
	}
	b.lose = true
	b.focus(b.Env, "update")
}

func (b *updateBar) onAnyway(app.Context, app.Event) { b.Env.D.Reload() }

func (b *updateBar) onLater(app.Context, app.Event) {
	b.lose = false
	b.focus(b.Env, "update")
}

// pageAlarm takes the place of every page when the program that keeps releases was replaced without a word. The wallet is
// locked then. There is nothing to tap: whatever is opened next may be the new program's.
// quick: until then it could be unlocked without a question; off: no longer.
func pageAlarm(e *Env, was string, quick, off bool) app.UI {
	return app.Div().Class("page").Body(
		kit.Title(e.T("alarm.title")),
		kit.Notice(kit.Danger, e.T("alarm.text")),
		kit.Card("alarm-now", e.T("alarm.now"), app.Ol().Class("list").Body(
			app.Li().Text(e.T("alarm.now-1")),
			app.Li().Text(e.T("alarm.now-2")),
			app.Li().Text(e.T("alarm.now-3")),
		)),
		kit.If(!quick, func() app.UI { return kit.Card("alarm-safe", e.T("alarm.safe"), kit.Text(e.T("alarm.safe-text"))) }),
		kit.If(quick, func() app.UI {
			return kit.Card("alarm-quick", e.T("alarm.quick"), kit.Text(e.T("alarm.quick-text")),
				kit.If(off, func() app.UI { return kit.Text(e.T("alarm.quick-off")) }))
		}),
		kit.If(was != "", func() app.UI {
			return kit.Card("alarm-was", e.T("alarm.was"), sumText("alarm-sum", was), kit.Small(e.T("alarm.was-text")))
		}),
	)
}

func hasQuick(s *wallet.Snapshot) bool {
	return slices.ContainsFunc(s.Ways, func(w wallet.Way) bool { return w.Method == wallet.MethodQuick })
}

// sumText is a hash for people to compare, in the groups of eight that eyes can hold.
func sumText(id, sum string) app.UI {
	groups := make([]app.UI, 0, 8)
	for len(sum) > 0 {
		n := min(8, len(sum))
		groups = append(groups, app.Span().Class("sum-group").Text(sum[:n]))
		sum = sum[n:]
	}
	return app.P().ID(id).Class("sum").Dir("ltr").Attr("translate", "no").Body(groups...)
}
