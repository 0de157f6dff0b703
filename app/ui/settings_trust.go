package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// Veiler covers the screen.
type Veiler interface {
	// Veil says whether the whole page is to be covered at once when it goes to the background, until it is back and the
	// wallet is open still.
	Veil(on bool)
}

// trustPage chooses among the pages of what Potli does; nil: it is none of them. Who has no wallet yet, or a locked one, may
// read what is promised to everybody.
func trustPage(e *Env, snap *wallet.Snapshot, path string) app.UI {
	open := snap.Phase == wallet.PhaseOpen
	switch {
	case path == pathPrivacy:
		return &pagePrivacy{Env: e, Snap: snap}
	case path == pathAbout && !open:
		return &pageAbout{Env: e}
	case path == pathRelease:
		return &pageRelease{Env: e}
	case path == pathLeft && open:
		return &pageLeft{Env: e, Snap: snap}
	case path == pathStored && open:
		return &pageStored{Env: e, Snap: snap}
	}
	return nil
}

// veilBox chooses whether the screen is covered when another program comes to the front.
type veilBox struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	fault error
}

func (v *veilBox) Render() app.UI {
	e := v.Env
	return app.Div().Body(
		kit.Check("veil", e.T("veil.label"), e.T("veil.hint"), !v.Snap.Settings.NoVeil, v.onVeil),
		kit.Small(e.T("privacy.shared-not")),
		kit.Small(e.T("veil.keys")),
		kit.If(v.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(v.fault)) }),
	)
}

func (v *veilBox) onVeil(ctx app.Context, ev app.Event) {
	s, w := v.Snap.Settings, v.Env.W
	s.NoVeil = !kit.Checked(ctx)
	run(v.ctx, func(c context.Context) error { return w.SetSettings(c, s) }, func(_ app.Context, err error) { v.fault = err })
}

// onClipboard says that something was put on the clipboard, and that others may read it there; one tap empties it. It is not
// emptied by itself: something else may lie there meanwhile, which Potli is not allowed to see.
type onClipboard struct {
	app.Compo
	Env  *Env
	Text string // what was put there, and what it is good for

	emptied bool
	fault   error
}

func (o *onClipboard) Render() app.UI {
	e := o.Env
	if o.emptied {
		return kit.Notice(kit.Good, e.T("clip.emptied")).ID("clip")
	}
	return kit.Notice(kit.Good, o.Text,
		app.P().Text(e.T("clip.text")),
		kit.Row(kit.Button(kit.Plain, "delete", e.T("clip.empty"), o.onEmpty).ID("clip-empty")),
		kit.If(o.fault != nil, func() app.UI { return kit.Small(e.Explain(o.fault)) })).ID("clip")
}

func (o *onClipboard) onEmpty(ctx app.Context, ev app.Event) {
	o.emptied, o.fault = copied(o.Env, " ") // Safari takes no empty text
}
