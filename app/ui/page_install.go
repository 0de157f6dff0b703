package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// mustInstall says whether a wallet must not be made here: Safari on iOS erases what a tab keeps after a week without a
// visit, and what is put on the home screen later begins empty (R11; WebKit's Intelligent Tracking Prevention).
func mustInstall(d Device, phase wallet.Phase, path string) bool {
	if phase != wallet.PhaseNew && phase != wallet.PhaseCleared {
		return false
	}
	return (path == pathCreate || path == pathRestore || path == pathDevice) && d.InstallFirst()
}

// pageInstall says how Potli comes to the home screen, before anything is kept.
func pageInstall(e *Env) app.UI {
	return app.Div().Class("page").Body(
		kit.Back(e.T("action.back"), pathHome),
		kit.Title(e.T("install.title")),
		kit.Text(e.T("install.why")),
		app.Ol().Class("list").Body(
			app.Li().Text(e.T("install.share")),
			app.Li().Text(e.T("install.add")),
			app.Li().Text(e.T("install.open")),
		),
		kit.Small(e.T("install.try")),
	)
}
