package ui

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Pages of what arrives, with hands on their buttons.

// DropPage makes a code.
func DropPage(e *Env) (app.Composer, map[string]func()) {
	p := &pageDrop{Env: e, Snap: e.W.Snapshot()}
	return p, asPressed(p.ctxOf, map[string]func(){
		"go":       func() { p.onGo(p.ctx, app.Event{}) },
		"nameless": func() { p.offer.Name = "" },
		"other":    func() { p.Pick(p.ctx, whoseList, "p2") },
	})
}

// DropCodePage shows a code.
func DropCodePage(e *Env, id string) (app.Composer, map[string]func()) {
	p := &pageDropCode{Env: e, Snap: e.W.Snapshot(), ID: id}
	return p, asPressed(p.ctxOf, map[string]func(){
		"prolong": func() { p.onProlong(p.ctx, app.Event{}) }, "day": func() { p.Pick(p.ctx, "prolong", "86400") },
		"end": func() { p.onEnd(p.ctx, app.Event{}) }, "end-yes": func() { p.onEndYes(p.ctx, app.Event{}) },
		"no": func() { p.onNo(p.ctx, app.Event{}) }, "copy": func() { p.onCopy(p.ctx, app.Event{}) },
		"tick": func() { p.second(p.ctx) }, "again": func() { p.onAgain(p.ctx, app.Event{}) },
		"long ago": func() { p.since = p.since.Add(-codeHides) }, "leave": p.OnDismount,
	})
}

// ItemPage is one thing that came.
func ItemPage(e *Env, id string) (app.Composer, map[string]func()) {
	p := &pageItem{Env: e, Snap: e.W.Snapshot(), ID: id}
	return p, asPressed(p.ctxOf, map[string]func(){
		"keep": func() { p.onKeep(p.ctx, app.Event{}) }, "decline": func() { p.onDecline(p.ctx, app.Event{}) },
		"news":    func() { p.Snap = e.W.Snapshot(); p.OnUpdate(p.ctx) },
		"restore": func() { p.onRestore(p.ctx, app.Event{}) }, "other": func() { p.Pick(p.ctx, whoseList, "p2") },
		"untick": func() { p.Tick(p.ctx, 0, false) }, "tick": func() { p.Tick(p.ctx, 1, true) }, "no note": func() { p.out[-1] = true },
		"look": func() { p.Look(1, true) }, "fold": func() { p.Look(1, false) },
		"pin": func() { p.onPin(p.ctx, app.Event{}) }, "pin-yes": func() { p.onPinYes(p.ctx, app.Event{}) }, "unpin": func() { p.onUnpin(p.ctx, app.Event{}) },
	})
}

// TakePage goes on with what the phone's own camera has opened; carried is what it holds for the next page.
func TakePage(e *Env, text string) (page app.Composer, carried func() string) {
	links := &held{taken: text}
	return &pageTake{Env: e, Snap: e.W.Snapshot(), Links: links}, func() string {
		if links.link != nil {
			return links.link.URL
		}
		return links.taken
	}
}

// ReceivePage opens a link that was pasted.
func ReceivePage(e *Env, text string) (app.Composer, map[string]func()) {
	p := &pageReceive{Env: e, Snap: e.W.Snapshot(), Links: &held{}}
	return p, asPressed(p.ctxOf, map[string]func(){
		"read": func() { p.Read(p.ctx, text) },
		"open": func() { p.name = "Meera"; p.openLink() },
	})
}
