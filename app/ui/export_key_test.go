package ui

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// KeyLookup is what asks for a sender's key, with what presses its button.
func KeyLookup(e *Env, item, origin string, found func(app.Context)) (app.Composer, map[string]func()) {
	l := &keyLookup{Env: e, ItemID: item, Origin: origin, Found: found}
	return l, map[string]func(){"look": func() { l.onLook(l.ctx, app.Event{}) }}
}
