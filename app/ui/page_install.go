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
		stepsIOS(e),
		kit.Small(e.T("install.try")),
	)
}

func stepsIOS(e *Env) app.UI {
	return app.Ol().Class("list").Body(
		app.Li().Text(e.T("install.share")),
		app.Li().Text(e.T("install.add")),
		app.Li().Text(e.T("install.open")),
	)
}

// installing is what the browser says of putting the program on the home screen. It changes while the page is open.
type installing struct{ can, is bool }

func (i *installing) look(ctx app.Context, e *Env) {
	i.can, i.is = ctx.IsAppInstallable(), e.D.Installed()
}

// pageInstalling says why it helps to have Potli on the home screen, and how it comes there on each kind of device. The
// reasons differ: on Android it is the way to the code, on an iPhone it keeps the records, on a computer it is convenience.
type pageInstalling struct {
	app.Compo
	installing
	Env *Env
}

func (p *pageInstalling) OnPreRender(ctx app.Context) { p.look(ctx, p.Env) }

func (p *pageInstalling) OnMount(ctx app.Context) { p.look(ctx, p.Env) }

func (p *pageInstalling) OnAppInstallChange(ctx app.Context) { p.look(ctx, p.Env) }

func (p *pageInstalling) Render() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("install.page")),
		kit.If(p.is, func() app.UI { return kit.Notice(kit.Good, e.T("install.done")).ID("install-done") }),
		kit.If(p.can && !p.is, func() app.UI {
			return kit.Row(kit.Button(kit.Main, "plus", e.T("install.go"), p.onInstall).ID("install-go"))
		}),
		kit.Card("install-android", e.T("install.android"), kit.Text(e.T("install.android-why")), kit.Text(e.T("install.android-how"))),
		kit.Card("install-ios", e.T("install.ios"), kit.Text(e.T("install.why")), stepsIOS(e), kit.Text(e.T("install.ios-apart"))),
		kit.Card("install-desk", e.T("install.desk"), kit.Text(e.T("install.desk-why")), kit.Text(e.T("install.desk-how"))),
		kit.Small(e.T("install.same")),
	)
}

func (p *pageInstalling) onInstall(ctx app.Context, _ app.Event) { ctx.ShowAppInstallPrompt() }

// installOffered is remembered outside the vault: that the person was asked, and has said something.
const installOffered = "install-asked"

// installOffer asks once whether Potli shall be on the home screen: after something was kept, where the browser can do it,
// and never again, whatever the answer was.
type installOffer struct {
	app.Compo
	installing
	Env  *Env
	Snap *wallet.Snapshot

	answered bool
}

func (o *installOffer) OnPreRender(ctx app.Context) { o.OnMount(ctx) }

func (o *installOffer) OnMount(ctx app.Context) {
	o.look(ctx, o.Env)
	o.answered = o.Env.D.Recall(installOffered) != ""
}

func (o *installOffer) OnAppInstallChange(ctx app.Context) { o.look(ctx, o.Env) }

func (o *installOffer) Render() app.UI {
	e := o.Env
	return app.Div().Class("held").Body(app.If(o.can && !o.is && !o.answered && !o.Snap.Demo && o.Snap.Records > 0, func() app.UI {
		return kit.Card("install-offer", e.T("install.offer"), kit.Text(e.T("install.android-why")),
			kit.Row(
				kit.Button(kit.Plain, "plus", e.T("install.go"), o.onYes).ID("install-yes"),
				kit.Button(kit.Quiet, "", e.T("install.no"), o.onNo).ID("install-no"),
			))
	}))
}

func (o *installOffer) onYes(ctx app.Context, _ app.Event) {
	ctx.ShowAppInstallPrompt() // first: the browser takes it for a tap only now
	o.answer()
}

func (o *installOffer) onNo(app.Context, app.Event) { o.answer() }

func (o *installOffer) answer() {
	o.answered = true
	o.Env.D.Remember(installOffered, "1")
}
