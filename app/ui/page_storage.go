package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// Storer tells how the browser keeps what is stored.
type Storer interface {
	LookAtStorage(ctx context.Context)
	AskToStay(ctx context.Context) (kept bool)
}

// pageStored says whether what is here will stay, how full it is, what could erase it, and what helps (O1).
type pageStored struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	busy    bool
	refused bool
}

func (p *pageStored) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageStored) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	w := p.Env.W
	ctx.Async(func() { w.LookAtStorage(ctx.Context) })
}

func (p *pageStored) Render() app.UI {
	e, s := p.Env, p.Snap
	return app.Div().Class("page").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("stored.title")),
		p.standing(),
		kit.If(p.refused && !s.Storage.Persisted, func() app.UI { return kit.Notice(kit.Warn, e.T("stored.refused")).ID("stored-refused") }),
		kit.If(s.Storage.Known && !s.Storage.Persisted && !s.Demo, func() app.UI {
			return kit.Row(kit.Button(kit.Main, "lock", e.T("stored.keep"), p.onKeep).ID("stored-keep").Disabled(p.busy))
		}),
		kit.If(s.Storage.Quota > 0, func() app.UI {
			return kit.Card("stored-space", e.T("stored.space"),
				kit.Progress(e.T("stored.space"), int(s.Storage.Used>>10), int(s.Storage.Quota>>10)),
				kit.Small(e.T("storage.used", "used", e.L.Bytes(int(s.Storage.Used)), "quota", e.L.Bytes(int(s.Storage.Quota)))))
		}),
		p.copies(),
		said("stored-risk", e.T("stored.risk"),
			saying{"delete", e.T("stored.risk-clear")}, saying{"box", e.T("stored.risk-full")},
			saying{"clock", e.T("stored.risk-week")}, saying{"phone", e.T("stored.risk-phone")}),
		kit.Row(kit.Link(kit.Plain, "box", e.T("backup.title"), pathBackup), kit.Link(kit.Plain, "key", e.T("recovery.title"), pathRecovery)),
	)
}

// standing is what the browser promised, in a sentence and with a sign that is no colour alone.
func (p *pageStored) standing() app.UI {
	tone, key := stands(p.Snap)
	return kit.Notice(tone, p.Env.T(key)).ID("stored-standing")
}

// stands is how the browser keeps what is here.
func stands(s *wallet.Snapshot) (kit.Tone, string) {
	switch {
	case s.Demo:
		return kit.Note, "storage.demo"
	case s.Storage.Known && s.Storage.Persisted:
		return kit.Good, "storage.kept"
	case s.Storage.Known:
		return kit.Warn, "storage.maybe"
	}
	return kit.Warn, "storage.unknown"
}

// copies says what else there is, should this phone be lost.
func (p *pageStored) copies() app.UI {
	e, s := p.Env, p.Snap
	checked, kitText := e.T("stored.unchecked"), e.T("stored.no-kit")
	if !s.LastVerified.IsZero() {
		checked = e.T("stored.checked", "time", e.L.Day(s.LastVerified))
	}
	if !s.Kit.Made.IsZero() && !s.Kit.Due {
		kitText = e.T("stored.kit")
	}
	return said("stored-safe", e.T("stored.safe"), saying{"box", lastBackup(e, s)}, saying{"eye", checked}, saying{"key", kitText})
}

func (p *pageStored) onKeep(ctx app.Context, ev app.Event) {
	var kept bool
	w := p.Env.W
	p.busy = true
	run(p.ctx, func(c context.Context) error {
		kept = w.AskToStay(c)
		return nil
	}, func(app.Context, error) {
		p.busy, p.refused = false, !kept
		p.focus(p.Env, kit.TitleID)
	})
}
