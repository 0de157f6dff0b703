package ui

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageBackup takes everything out as one file, and brings such a file in again.
type pageBackup struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	recovery string
	file     *wallet.File
	busy     bool
	saved    string // name of the file that was written
	added    int    // records a restore brought, -1: none yet
	fault    error
}

func (p *pageBackup) OnInit() { p.added = -1 }

func (p *pageBackup) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "backup").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("backup.title")),
		kit.Text(e.T("backup.text")),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) }),
		kit.Card("export", e.T("backup.out"),
			kit.Text(e.T("backup.out-text")),
			kit.Small(lastBackup(e, p.Snap)),
			kit.Row(kit.Button(kit.Main, "save", e.T("backup.out-go"), p.onExport).ID("export-go").Disabled(p.busy)),
			kit.If(p.saved != "", func() app.UI { return kit.Notice(kit.Good, e.T("backup.saved", "name", p.saved)) }),
			app.If(e.D.CanHand(), func() app.UI { return &backupHand{Env: e, Snap: p.Snap} }),
			kit.Small(e.T("backup.age")),
		),
		kit.If(p.Snap.Folder.Can, func() app.UI { return &backupFolder{Env: e, Snap: p.Snap} }),
		&backupCheck{Env: e, Snap: p.Snap},
		p.in(),
	)
}

func (p *pageBackup) in() app.UI {
	e := p.Env
	return kit.Card("restore", e.T("backup.in"),
		kit.Text(e.T("backup.in-text")),
		app.Form().Class("form").OnSubmit(p.onRestore).Body(
			filePick("backup-file", "box", e.T("restore.file"), false, p.onFile),
			kit.If(p.file != nil, func() app.UI { return kit.Small(e.T("restore.chosen", "name", p.file.Name)) }),
			kit.Details(e.T("backup.other"),
				kit.Field("recovery", e.T("restore.recovery"), e.T("backup.other-hint"), kit.Lines("recovery", 4, p.onRecovery))),
			kit.Submit(kit.Plain, "box", e.T("backup.in-go")).ID("restore-go").Disabled(p.busy || p.file == nil),
		),
		app.If(p.added >= 0, func() app.UI { return kit.Notice(kit.Good, e.N("restore.added", p.added)) }),
	)
}

func (p *pageBackup) onExport(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault, p.saved = true, nil, ""
	var name string
	run(p.ctx, func(c context.Context) error {
		n, b, err := p.Env.W.Export(c)
		if err != nil {
			return err
		}
		name = n
		p.Env.D.Download(n, "application/octet-stream", b)
		return nil
	}, func(ctx app.Context, err error) {
		p.busy, p.fault, p.saved = false, err, name
	})
}

func (p *pageBackup) onFile(ctx app.Context, e app.Event) {
	p.file, p.added = picked(p.Env, "backup-file"), -1
}

// picked is the one file of an input, nil if none was chosen.
func picked(e *Env, input string) *wallet.File {
	files := e.D.Picked(input, "backup")
	if len(files) == 0 {
		return nil
	}
	return &files[0]
}

func (p *pageBackup) onRecovery(ctx app.Context, e app.Event) { p.recovery = kit.Value(ctx) }

func (p *pageBackup) onRestore(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy || p.file == nil {
		return
	}
	p.busy, p.fault, p.added = true, nil, -1
	restore(p.ctx, p.Env, *p.file, papers(p.recovery), "", func(ctx app.Context, added int, err error) {
		p.busy, p.fault = false, err
		p.amend(p.Env, err, kit.FaultID)
		if err == nil {
			p.added, p.file = added, nil
		}
	})
}

// restore reads a file and gives it to the wallet.
func restore(ctx app.Context, e *Env, f wallet.File, papers []string, words string, done func(ctx app.Context, added int, err error)) {
	added := 0
	run(ctx, func(c context.Context) error {
		b, err := f.Read(c)
		if err == nil {
			added, err = e.W.Restore(c, b, papers, words)
		}
		return err
	}, func(ctx app.Context, err error) { done(ctx, added, err) })
}

// papers are those that were given.
func papers(texts ...string) []string {
	return slices.DeleteFunc(texts, func(text string) bool { return strings.TrimSpace(text) == "" })
}

// pageRestore makes a wallet from a backup and the kit, where there is none. Who has no kit gives the sheets of two trusted
// contacts. Nobody has to know which paper theirs is: the backup tells, and the second field comes up when it is needed.
type pageRestore struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	file     *wallet.File
	recovery string // the kit, or the first sheet
	second   string // the second sheet
	two      bool   // the first was a sheet
	fresh    newWords
	busy     bool
	fault    error
}

func (p *pageRestore) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "restore").Body(
		kit.Back(e.T("action.back"), pathHome),
		kit.Title(e.T("restore.title")),
		kit.Text(e.T("restore.text")),
		kit.If(p.fault != nil, p.said),
		app.Form().Class("form").OnSubmit(p.onRestore).Body(
			step(e, 1, filePick("backup-file", "box", e.T("restore.file"), false, p.onFile)),
			kit.If(p.file != nil, func() app.UI { return kit.Small(e.T("restore.chosen", "name", p.file.Name)) }),
			step(e, 2, app.Div().Class("form").Body(
				&kitField{Env: e, ID: "recovery", Label: e.T("restore.recovery"), Hint: e.T("kit.field-hint"), Owner: p},
				app.If(p.two, func() app.UI {
					return &kitField{Env: e, ID: "recovery-two", Label: e.T("contacts.second"), Hint: e.T("kit.field-hint"), Owner: p}
				}))),
			step(e, 3, p.fresh.field(e, p.onNew, p.onSuggest)),
			kit.Submit(kit.Main, "box", e.T("restore.go")).ID("restore-go").
				Disabled(p.busy || p.file == nil || p.recovery == "" || !p.fresh.enough),
		),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("restore.busy")) }),
	)
}

// step numbers one of several things to do.
func step(e *Env, n int, body app.UI) app.UI {
	return app.Div().Class("step").Body(app.P().Class("step-number").Text(e.T("restore.step", "place", strconv.Itoa(n))), body)
}

func (p *pageRestore) onFile(ctx app.Context, e app.Event) {
	p.file, p.fault = picked(p.Env, "backup-file"), nil
}

// said is what became of the last try. That a sheet fits and another is needed is no mistake.
func (p *pageRestore) said() app.UI {
	tone := kit.Danger
	if errors.Is(p.fault, wallet.ErrSecondSheet) {
		tone = kit.Good
	}
	return kit.Notice(tone, p.Env.Explain(p.fault)).ID(kit.FaultID).TabIndex(-1)
}

func (p *pageRestore) OnDismount() { p.recovery, p.second = "", "" }

// Read hears what stands in a field.
func (p *pageRestore) Read(ctx app.Context, id, text string) {
	p.fault = nil
	if id == "recovery-two" {
		p.second = text
		return
	}
	p.recovery = text
}

func (p *pageRestore) onNew(ctx app.Context, e app.Event) { p.fresh.set(p.Env, kit.Value(ctx), false) }

func (p *pageRestore) onSuggest(ctx app.Context, e app.Event) {
	p.fresh.set(p.Env, p.Env.W.Suggest(), true)
}

func (p *pageRestore) onRestore(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy || p.file == nil || !p.fresh.enough {
		return
	}
	p.busy, p.fault = true, nil
	restore(p.ctx, p.Env, *p.file, papers(p.recovery, p.second), p.fresh.text, func(ctx app.Context, added int, err error) {
		p.busy, p.fault = false, err
		switch {
		case err == nil:
			p.recovery, p.second, p.fresh = "", "", newWords{}
			p.Env.Go(ctx, pathHome)
		case errors.Is(err, wallet.ErrSecondSheet):
			p.two = true
			p.focus(p.Env, "recovery-two")
		default:
			p.focus(p.Env, kit.FaultID)
		}
	})
}
