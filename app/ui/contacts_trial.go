package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// contactsTrial is a rehearsal of the day when everything is lost: two sheets and a backup, and nothing is changed.
type contactsTrial struct {
	app.Compo
	here
	Env   *Env
	Owner *pageContacts

	first, second string
	file          *wallet.File
	check         *wallet.KitCheck
	busy          bool
	fault         error
}

func (t *contactsTrial) OnDismount() { t.first, t.second = "", "" }

func (t *contactsTrial) Render() app.UI {
	e := t.Env
	return app.Div().Class("page").Body(
		kit.Title(e.T("contacts.try")),
		kit.Text(e.T("contacts.try-text")),
		kit.If(t.fault != nil, func() app.UI { return kit.Fault(e.Explain(t.fault)) }),
		kit.If(t.check != nil, func() app.UI { return rehearsal(e, t.check) }),
		app.Form().Class("form").OnSubmit(t.onTry).Body(
			step(e, 1, &kitField{Env: e, ID: "sheet-one", Label: e.T("contacts.first"), Hint: e.T("kit.field-hint"), Owner: t}),
			step(e, 2, &kitField{Env: e, ID: "sheet-two", Label: e.T("contacts.second"), Hint: e.T("kit.field-hint"), Owner: t}),
			step(e, 3, filePick("backup-file", "box", e.T("restore.file"), false, t.onFile)),
			kit.If(t.file != nil, func() app.UI { return kit.Small(e.T("restore.chosen", "name", t.file.Name)) }),
			kit.Submit(kit.Main, "key", e.T("contacts.try-go")).ID("contacts-try-go").
				Disabled(t.busy || t.first == "" || t.second == "" || t.file == nil),
		),
		kit.If(t.busy, func() app.UI { return kit.Wait(e.T("kit.trying")) }),
		kit.Button(kit.Quiet, "back", e.T("action.back"), t.onBack),
	)
}

// Read hears what stands in a field.
func (t *contactsTrial) Read(ctx app.Context, id, text string) {
	t.fault, t.check = nil, nil
	if id == "sheet-two" {
		t.second = text
		return
	}
	t.first = text
}

func (t *contactsTrial) onFile(ctx app.Context, e app.Event) { t.file = picked(t.Env, "backup-file") }

func (t *contactsTrial) onTry(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if t.busy || t.file == nil {
		return
	}
	t.busy, t.fault, t.check = true, nil, nil
	first, second, file := t.first, t.second, *t.file
	var check *wallet.KitCheck
	run(t.ctx, func(c context.Context) error {
		b, err := file.Read(c)
		if err == nil {
			check, err = t.Env.W.TryContacts(c, first, second, b)
		}
		return err
	}, func(ctx app.Context, err error) { t.busy, t.fault, t.check = false, err, check })
}

func (t *contactsTrial) onBack(ctx app.Context, e app.Event) { t.Owner.to(contactsNow) }
