package ui

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// ReleasePage is the page about this version, with what presses its buttons.
func ReleasePage(e *Env) (app.Composer, map[string]func()) {
	p := &pageRelease{Env: e}
	press := func(h app.EventHandler) func() {
		return func() { p.ctx.Dispatch(func(ctx app.Context) { h(ctx, app.Event{}) }) }
	}
	return p, map[string]func(){"look": press(p.onLook), "ask": press(p.onAsk), "stay": press(p.onStay), "back": press(p.onBack), "use": press(p.onUse)}
}

// UpdateBar says that a new version is ready.
func UpdateBar(e *Env) (app.Composer, map[string]func()) {
	b := &updateBar{Env: e}
	press := func(h app.EventHandler) func() {
		return func() { b.ctx.Dispatch(func(ctx app.Context) { h(ctx, app.Event{}) }) }
	}
	return b, map[string]func(){"now": press(b.onNow), "anyway": press(b.onAnyway), "later": press(b.onLater)}
}
