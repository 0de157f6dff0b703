package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageRecovery says what happens when the phone is lost: what there is on paper, what was tried, and what is missing.
type pageRecovery struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
}

func (p *pageRecovery) Render() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("recovery.title")),
		kit.Text(e.T("recovery.text")),
		kit.Text(e.T("kit.halves")),
		p.kit(),
		kit.If(!p.Snap.Kit.Made.IsZero(), func() app.UI { return &kitCheck{Env: e} }),
		p.contacts(),
		kit.Card("", e.T("backup.title"), kit.Text(lastBackup(e, p.Snap)),
			kit.Row(kit.Link(kit.Plain, "box", e.T("recovery.backups"), pathBackup))),
	)
}

// kit says how far the kit has come: each half has its own line, and only both are enough.
func (p *pageRecovery) kit() app.UI {
	e, k := p.Env, p.Snap.Kit
	if k.Made.IsZero() {
		return kit.Card("kit", e.T("kit.title"), kit.Text(e.T("recovery.no-kit")),
			kit.Row(kit.Link(kit.Main, "key", e.T("kit.make"), pathKit).ID("kit-new")))
	}
	return kit.Card("kit", e.T("kit.title"),
		kit.Text(e.T("recovery.kit-since", "time", e.L.Day(k.Made))),
		app.Ul().ID("halves").Class("halves").Body(
			half(!k.Typed.IsZero(), e.T("recovery.typed-not"), e.T("recovery.typed", "time", e.L.Day(k.Typed))),
			half(!k.Opened.IsZero(), e.T("recovery.opened-not"), e.T("recovery.opened", "time", e.L.Day(k.Opened))),
		),
		kit.If(k.Due, func() app.UI { return kit.Notice(kit.Warn, e.T("kit.due")).ID("kit-due") }),
		kit.If(k.Proved(), func() app.UI { return kit.Notice(kit.Good, e.T("recovery.proved")) }),
		kit.Row(kit.Link(kit.Plain, "key", e.T("kit.renew"), pathKit).ID("kit-new")),
	)
}

// half is one of two things that must be true, with an icon that says which.
func half(yes bool, not, done string) app.UI {
	if yes {
		return app.Li().Class("half", "half-done").Body(kit.Icon("check"), app.Span().Text(done))
	}
	return app.Li().Class("half").Body(kit.Icon("warn"), app.Span().Text(not))
}

func (p *pageRecovery) contacts() app.UI {
	e, c := p.Env, p.Snap.Contacts
	text := e.T("contacts.none")
	if c != nil {
		text = e.T("contacts.any-two", "names", namesOf(e, c.Names))
	}
	return kit.Card("contacts", e.T("contacts.title"), kit.Text(text),
		kit.Row(kit.Link(kit.Plain, "people", e.T("contacts.open"), pathContacts).ID("contacts-open")))
}

// kitCheck tries the kit again: that it is still on paper, and that it opens a backup.
type kitCheck struct {
	app.Compo
	here
	Env *Env

	text  string
	file  *wallet.File
	busy  bool
	typed bool // the kit passed, without a backup
	check *wallet.KitCheck
	fault error
}

func (k *kitCheck) OnDismount() { k.text = "" }

func (k *kitCheck) Render() app.UI {
	e := k.Env
	return kit.Card("kit-check", e.T("kit.check"),
		kit.Text(e.T("kit.check-text")),
		kit.If(k.fault != nil, func() app.UI { return kit.Fault(e.Explain(k.fault)) }),
		kit.If(k.typed, func() app.UI { return kit.Notice(kit.Note, e.T("kit.check-half")) }),
		kit.If(k.check != nil, func() app.UI { return rehearsal(e, k.check) }),
		app.Form().Class("form").OnSubmit(k.onCheck).Body(
			&kitField{Env: e, ID: "kit-text", Label: e.T("kit.field"), Hint: e.T("kit.field-hint"), Owner: k},
			filePick("check-file", "box", e.T("restore.file"), false, k.onFile),
			kit.If(k.file != nil, func() app.UI { return kit.Small(e.T("restore.chosen", "name", k.file.Name)) }),
			kit.Submit(kit.Plain, "key", e.T("kit.check-go")).ID("kit-check-go").Disabled(k.busy || k.text == ""),
		),
		app.If(k.busy, func() app.UI { return kit.Wait(e.T("kit.trying")) }),
	)
}

// Read hears what stands in the field.
func (k *kitCheck) Read(ctx app.Context, id, text string) { k.text, k.fault = text, nil }

func (k *kitCheck) onFile(ctx app.Context, e app.Event) {
	k.file, k.fault = picked(k.Env, "check-file"), nil
}

func (k *kitCheck) onCheck(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if k.busy || k.text == "" {
		return
	}
	k.busy, k.fault, k.typed, k.check = true, nil, false, nil
	checkKit(k.ctx, k.Env, k.text, k.file, func(check *wallet.KitCheck, err error) {
		k.busy, k.fault, k.check = false, err, check
		k.amend(k.Env, err, kit.FaultID)
		if k.typed = err == nil && check == nil; err == nil {
			k.text = ""
			k.Env.D.SetValue("kit-text", "")
		}
	})
}
