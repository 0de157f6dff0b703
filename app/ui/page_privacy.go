package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pagePrivacy says who can see what, also to those who have no wallet yet. Each of its sentences is a promise, or a limit
// of one: e2e/claims_test.go names for each the test that would fail if it were not true.
type pagePrivacy struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot
}

func (p *pagePrivacy) Render() app.UI {
	e := p.Env
	open := p.Snap.Phase == wallet.PhaseOpen
	back := kit.Back(e.T("action.back"), pathHome)
	if open {
		back = kit.Back(e.T("settings.title"), pathSettings)
	}
	return app.Div().Class("page").Body(
		back,
		kit.Title(e.T("privacy.title")),
		kit.Text(e.T("privacy.text")),
		said("where", e.T("privacy.where"),
			saying{"phone", e.T("privacy.where-1")}, saying{"lock", e.T("privacy.where-2")},
			saying{"person", e.T("privacy.where-3")}, saying{"danger", e.T("privacy.where-4")}),
		said("relay", e.T("privacy.relay"),
			saying{"box", e.T("privacy.relay-1")}, saying{"eye", e.T("privacy.relay-2")},
			saying{"qr", e.T("privacy.relay-3")}, saying{"delete", e.T("privacy.relay-4")}),
		said("nobody", e.T("privacy.nobody"),
			saying{"shield", e.T("privacy.nobody-1")}, saying{"link", e.T("privacy.nobody-2")},
			saying{"send", e.T("privacy.nobody-3")}, saying{"edit", e.T("privacy.nobody-4")}),
		said("shared", e.T("privacy.shared"),
			saying{"lock", e.T("privacy.shared-1")}, saying{"hide", e.T("privacy.shared-2")},
			saying{"pouch", e.T("privacy.shared-3")}, saying{"warn", e.T("privacy.shared-not")}),
		said("cannot", e.T("privacy.cannot"),
			saying{"people", e.T("privacy.cannot-1")}, saying{"clock", e.T("privacy.cannot-2")},
			saying{"paste", e.T("privacy.cannot-3")}, saying{"warn", e.T("privacy.cannot-4")}),
		kit.Place(p.look(open)),
	)
}

// look leads to where one sees for oneself: without a wallet, the program and what it promises.
func (p *pagePrivacy) look(open bool) app.UI {
	e := p.Env
	return app.Nav().Class("card", "places").Aria("label", e.T("privacy.look")).Body(
		kit.If(open, func() app.UI { return setting(pathLeft, "send", e.T("left.title"), e.T("left.hint")) }),
		kit.If(open, func() app.UI { return setting(pathStored, "box", e.T("stored.title"), e.T("stored.hint")) }),
		setting(pathRelease, "info", e.T("release.title"), e.T("release.hint")),
		setting(pathAbout, "shield", e.T("about.title"), e.T("about.hint")),
	)
}

// saying is one sentence with its picture.
type saying struct{ icon, text string }

func said(id, heading string, list ...saying) app.UI {
	return kit.Card(id, heading, app.Ul().Class("claims").Body(app.Range(list).Slice(func(i int) app.UI {
		return app.Li().Class("claim").Body(kit.Icon(list[i].icon), app.Span().Text(list[i].text))
	})))
}
