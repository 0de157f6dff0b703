package ui

import (
	"context"
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageSettings leads to everything about the wallet itself.
type pageSettings struct {
	app.Compo
	here
	Env     *Env
	Snap    *wallet.Snapshot
	Speaker Speaker

	fault error
}

func (p *pageSettings) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "settings").Body(
		kit.Title(e.T("settings.title")),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		kit.Card("language", e.T("language.label"), &languages{Env: e, Speaker: p, Open: true}),
		kit.Card("autolock", e.T("autolock.title"),
			kit.Field("lock-after", e.T("autolock.label"), e.T("autolock.hint"),
				kit.Select("lock-after", seconds(p.Snap.Settings.AutoLock), lockTimes(e), p.onAutoLock))),
		kit.Card("notify", e.T("inbox.notify"), &notifyBox{Env: e, Snap: p.Snap}),
		kit.Card("veiling", e.T("veil.title"), &veilBox{Env: e, Snap: p.Snap}),
		p.places(),
		storage(e, p.Snap),
	)
}

// lockTimes are after how long without a touch the wallet may lock itself; 0 is never.
func lockTimes(e *Env) []kit.Choice {
	out := lives(e, []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour})
	return append(out, kit.Choice{Value: "0", Text: e.T("autolock.never")})
}

func (p *pageSettings) places() app.UI {
	e := p.Env
	return app.Nav().Class("card", "places").Aria("label", e.T("settings.more")).Body(
		setting(pathPeople, "people", e.T("people.title"), e.T("people.hint")),
		setting(pathCard, "danger", e.T("emergency.title"), e.T("emergency.hint")),
		setting(pathConsents, "shield", e.T("consent.title"), e.T("consent.link-hint")),
		setting(pathDevices, "phone", e.T("devices.title"), e.T("devices.hint")),
		setting(pathLink, "link", e.T("link.title"), e.T("link.hint")),
		setting(pathBackup, "box", e.T("backup.title"), lastBackup(e, p.Snap)),
		setting(pathRecovery, "key", e.T("recovery.title"), e.T("recovery.hint")),
		setting(pathWays, "lock", e.T("ways.title"), e.T("ways.hint")),
		setting(pathWords, "edit", e.T("words.title"), e.T("words.hint")),
		setting(pathInstall, "phone", e.T("install.page"), e.T("install.hint")),
		setting(pathLeft, "send", e.T("left.title"), e.T("left.hint")),
		setting(pathPrivacy, "eye", e.T("privacy.title"), e.T("privacy.hint")),
		setting(pathStored, "box", e.T("stored.title"), e.T("stored.hint")),
		setting(pathLearn, "what", e.T("learn.title"), e.T("learn.hint")),
		setting(pathAbout, "shield", e.T("about.title"), e.T("about.hint")),
		setting(pathWipe, "delete", e.T("wipe.title"), e.T("wipe.hint")),
	)
}

func setting(href, icon, title, hint string) app.UI {
	return app.A().Class("place").Href(href).Body(
		kit.Icon(icon),
		app.Span().Class("place-words").Body(app.Span().Class("place-title").Text(title), app.Span().Class("hint").Text(hint)),
		kit.Icon("next"),
	)
}

// lastBackup says when everything was last taken out, plainly when never.
func lastBackup(e *Env, s *wallet.Snapshot) string {
	if s.LastOut.IsZero() {
		return e.T("backup.never")
	}
	return e.T("backup.last", "time", e.L.Day(s.LastOut))
}

// storage says in words whether the browser promised to keep what is here (O1).
func storage(e *Env, s *wallet.Snapshot) app.UI {
	_, key := stands(s)
	return kit.Card("storage", e.T("storage.title"),
		kit.Text(e.T(key)),
		app.If(s.Storage.Quota > 0, func() app.UI {
			return kit.Small(e.T("storage.used", "used", e.L.Bytes(int(s.Storage.Used)), "quota", e.L.Bytes(int(s.Storage.Quota))))
		}),
	)
}

// Speak changes the language here and keeps the choice in the wallet too.
func (p *pageSettings) Speak(ctx app.Context, tag string, done func(app.Context, error)) {
	p.Speaker.Speak(ctx, tag, func(ctx app.Context, err error) {
		if err == nil {
			s := p.Snap.Settings
			s.Language = tag
			p.set(ctx, s)
		}
		done(ctx, err)
	})
}

func (p *pageSettings) onAutoLock(ctx app.Context, e app.Event) {
	n, err := strconv.Atoi(kit.Value(ctx))
	if err != nil || n < 0 {
		return
	}
	s := p.Snap.Settings
	s.AutoLock = time.Duration(n) * time.Second
	p.set(ctx, s)
}

func (p *pageSettings) set(ctx app.Context, s wallet.Settings) {
	run(p.ctx, func(c context.Context) error { return p.Env.W.SetSettings(c, s) }, func(ctx app.Context, err error) { p.fault = err })
}
