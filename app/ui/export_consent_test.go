package ui

// Hooks for tests of requests and consents.

import (
	"maps"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/consent"
	"potli/app/ui/kit"
)

// ConsentKeys are the messages that say codes of consents.
func ConsentKeys() (keys []string) {
	keys = slices.Concat(slices.Collect(maps.Values(purposeKeys)), slices.Collect(maps.Values(hiTypeKeys)), slices.Collect(maps.Values(repeatKeys)),
		slices.Collect(maps.Values(afterKeys)), slices.Collect(maps.Values(reasonKeys)), slices.Collect(maps.Values(eventKeys)), slices.Collect(maps.Values(hows)),
		slices.Collect(maps.Values(sendTroubles)), slices.Collect(maps.Values(authorities)))
	for _, t := range trusts {
		keys = append(keys, t[2], t[3])
	}
	return keys
}

// Said is whether there is a sentence for each code.
var (
	Purposes = purposeKeys
	HiTypes  = hiTypeKeys
	Reasons  = reasonKeys
	Events   = eventKeys
	Trusts   = trusts
)

// AskPage is the page of a request, and what can be pressed on it.
func AskPage(e *Env, id string) (app.Composer, map[string]func()) {
	p := &pageAsk{Env: e, Snap: e.W.Snapshot(), ID: id}
	less := func(change func(*lessForm)) func() {
		return func() {
			f := &lessForm{Env: e, Full: p.full.Terms, Owner: p}
			f.OnMount(p.ctx)
			change(f)
			f.tell(p.ctx)
		}
	}
	return p, asPressed(p.ctxOf, map[string]func(){
		"give": func() { p.onGive(p.ctx, app.Event{}) }, "give-yes": func() { p.onGiveYes(p.ctx, app.Event{}) },
		"no": func() { p.onNo(p.ctx, app.Event{}) }, "no-yes": func() { p.onNoYes(p.ctx, app.Event{}) },
		"less": func() { p.onLess(p.ctx, app.Event{}) }, "later": func() { p.onLater(p.ctx, app.Event{}) },
		"p1": func() { p.Pick(p.ctx, whoseAsk, "p1") }, "p2": func() { p.Pick(p.ctx, whoseAsk, "p2") },
		"untick":  func() { p.Tick(p.ctx, 0, false) },
		"least":   less(func(*lessForm) {}),
		"no kind": less(func(f *lessForm) { f.kinds = slices.Clone(f.Full.Kinds) }),
		"reports": less(func(f *lessForm) {
			for i, k := range plainKinds(f.Full.Kinds) {
				f.Tick(f.ctx, i, k == consent.Report)
			}
		}),
		"no reports": less(func(f *lessForm) { f.Tick(f.ctx, slices.Index(plainKinds(f.Full.Kinds), consent.Report), false) }),
		"new":        less(func(f *lessForm) { f.since = 3 }),
		"all":        less(func(f *lessForm) { f.until, f.repeat, f.after = 0, f.Full.Repeat, f.Full.After }),
	})
}

// ctxOf is the page's context, once it is drawn.
func (h *here) ctxOf() app.Context { return h.ctx }

// asPressed are handlers that run as the browser would run them: what they change is drawn.
func asPressed(ctx func() app.Context, press map[string]func()) map[string]func() {
	for name, f := range press {
		press[name] = func() { ctx().Dispatch(func(app.Context) { f() }) }
	}
	return press
}

// ConsentPage is the page of a consent, and what can be pressed on it.
func ConsentPage(e *Env, id string) (app.Composer, map[string]func()) {
	p := &pageConsent{Env: e, Snap: e.W.Snapshot(), ID: id}
	return p, asPressed(p.ctxOf, map[string]func(){
		"take": func() { p.onBack(p.ctx, app.Event{}) }, "take-yes": func() { p.onBackYes(p.ctx, app.Event{}) },
		"less": func() { p.onLess(p.ctx, app.Event{}) }, "less-yes": func() { p.onLessYes(p.ctx, app.Event{}) },
		"agree": func() { p.onAgree(p.ctx, app.Event{}) },
	})
}

// LogPage is the list of all that happened, and a search in it.
func LogPage(e *Env) (app.Composer, func(words string)) {
	p := &pageConsentLog{Env: e, Snap: e.W.Snapshot()}
	return p, func(words string) {
		p.ctx.Dispatch(func(app.Context) {
			p.words = words
			p.match()
		})
	}
}

// HoldingPage is the card of the first provider, and what can be pressed on it.
func HoldingPage(e *Env, p app.Composer) map[string]func() {
	page := p.(*pageConsents)
	h := &holdingCard{Env: e, Snap: page.Snap, Person: page.book.Person, Holding: &page.book.Holdings[0]}
	h.OnMount(page.ctx)
	return map[string]func(){"all": func() { h.onAll(h.ctx, app.Event{}) }, "yes": func() { h.onYes(h.ctx, app.Event{}) }}
}

// BookPage is the page of who has what.
func BookPage(e *Env) app.Composer { return &pageConsents{Env: e, Snap: e.W.Snapshot()} }

// Plain is the one look of the four answers.
const Plain = "button-" + string(kit.Plain)
