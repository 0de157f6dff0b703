package ui

import (
	"context"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/scan"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageKit makes the recovery kit: asked for, shown, proved to be on paper, tried on a backup. The kit is in memory while
// this page is there and nowhere else.
type pageKit struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	step  kitStep
	words string // the passphrase
	kit   *wallet.Kit
	paper paper
	given []string // answers, in the order of kit.Asked
	whole string   // the code, given instead of answers
	wrong []int
	saved string // name of the backup, or of the kit as a file
	file  *wallet.File
	check *wallet.KitCheck
	busy  bool
	fault error
}

type kitStep string

const (
	kitAsk   kitStep = ""
	kitShow  kitStep = "show"
	kitProve kitStep = "prove"
	kitTry   kitStep = "try"
	kitDone  kitStep = "done"
)

func (p *pageKit) OnDismount() { p.forget() }

func (p *pageKit) forget() {
	p.words, p.kit, p.paper, p.given, p.whole = "", nil, paper{}, nil, ""
}

func (p *pageKit) Render() app.UI {
	switch p.step {
	case kitShow:
		return p.show()
	case kitProve:
		return p.prove()
	case kitTry:
		return p.try()
	case kitDone:
		return p.done()
	}
	return p.ask()
}

func (p *pageKit) ask() app.UI {
	e := p.Env
	asks := e.W.KitAsks()
	return app.Div().Class("page").Body(
		kit.Back(e.T("recovery.title"), pathRecovery),
		kit.Title(e.T("kit.title")),
		kit.Text(e.T("kit.text")),
		kit.Text(e.T("kit.halves")),
		kit.If(!p.Snap.Kit.Made.IsZero(), func() app.UI { return kit.Notice(kit.Warn, e.T("kit.replaces")) }),
		p.faults(),
		app.Form().Class("form").OnSubmit(p.onAsk).Body(
			kit.If(asks, func() app.UI { return hiddenUser(e) }),
			kit.If(asks, func() app.UI {
				return kit.Field("passphrase", e.T("unlock.words"), e.T("kit.again"), passphrase("passphrase", "current-password", false, p.onWords))
			}),
			kit.Submit(kit.Main, "key", e.T("kit.make")).ID("kit-make").Disabled(p.busy),
		),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("unlock.busy")) }),
		app.If(p.Snap.Kit.Made.IsZero(), func() app.UI { return kit.Link(kit.Quiet, "clock", e.T("kit.later"), pathHome).ID("kit-later") }),
	)
}

func (p *pageKit) faults() app.UI {
	return kit.If(p.fault != nil, func() app.UI { return kit.Fault(p.Env.Explain(p.fault)) })
}

func (p *pageKit) onWords(ctx app.Context, e app.Event) { p.words = kit.Value(ctx) }

func (p *pageKit) onAsk(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	words := p.words
	var made *wallet.Kit
	run(p.ctx, func(c context.Context) (err error) {
		made, err = p.Env.W.MakeKit(c, words)
		return err
	}, func(ctx app.Context, err error) {
		if err == nil {
			err = p.take(made)
		}
		p.busy, p.fault = false, err
		p.amend(p.Env, err, "passphrase")
	})
}

// take shows a kit that was made.
func (p *pageKit) take(made *wallet.Kit) error {
	sheet := p.sheetOf()
	if err := sheet.draw(made); err != nil {
		return err
	}
	p.words, p.kit, p.paper, p.given = "", made, sheet, make([]string, len(made.Asked()))
	p.to(kitShow)
	return nil
}

// sheetOf is the paper, without its secret.
func (p *pageKit) sheetOf() paper {
	e := p.Env
	return paper{
		id: "sheet", title: e.T("kit.sheet-title"),
		whose: e.T("kit.sheet-whose", "name", owner(p.Snap), "time", e.L.Day(e.Now())),
		steps: []string{e.T("kit.sheet-1"), e.T("kit.sheet-2"), e.T("kit.sheet-3"), e.T("kit.sheet-4")},
	}
}

// owner is whose wallet it is: the person who keeps it, else the first.
func owner(s *wallet.Snapshot) string {
	if self, ok := s.Self(); ok {
		return self.Name
	}
	return s.Person().Name
}

func (p *pageKit) show() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Title(e.T("kit.show-title")),
		kit.Text(e.T("kit.show-text")),
		kit.If(!p.kit.Stands(), func() app.UI { return kit.Notice(kit.Warn, e.T("kit.not-yet")) }),
		p.paper.sheet(e),
		kit.Row(
			kit.Button(kit.Plain, "print", e.T("action.print"), p.onPrint).ID("kit-print"),
			kit.Button(kit.Main, "check", e.T("kit.on-paper"), p.onPaper).ID("kit-paper"),
		),
		kit.Details(e.T("kit.as-file"), kit.Text(e.T("kit.as-file-text")),
			kit.Row(kit.Button(kit.Plain, "save", e.T("kit.as-file-go"), p.onFile).ID("kit-file")),
			app.If(p.saved != "", func() app.UI { return kit.Notice(kit.Note, e.T("backup.saved", "name", p.saved)) })),
	)
}

func (p *pageKit) onPrint(ctx app.Context, e app.Event) { p.Env.D.Print() }

// kitFile is the name of a kit that is saved as a file.
const kitFile = "potli-kit.txt"

func (p *pageKit) onFile(ctx app.Context, e app.Event) {
	t := p.Env.T
	text := p.kit.Text(p.paper.title, p.paper.whose, t("kit.note-1"), t("kit.note-2"))
	p.Env.D.Download(kitFile, "text/plain", []byte(text))
	p.saved = kitFile
}

func (p *pageKit) onPaper(ctx app.Context, e app.Event) { p.to(kitProve) }

func (p *pageKit) onAgain(ctx app.Context, e app.Event) { p.to(kitShow) }

func (p *pageKit) prove() app.UI {
	e := p.Env
	asked := p.kit.Asked()
	return app.Div().Class("page").Body(
		kit.Title(e.T("kit.prove-title")),
		kit.Text(e.T("kit.prove-text")),
		p.faults(),
		kit.If(len(p.wrong) > 0, func() app.UI {
			return kit.Notice(kit.Danger, e.T("kit.prove-wrong", "places", numbersOf(e, p.wrong))).ID("wrong")
		}),
		app.Form().Class("form").OnSubmit(p.onProve).Body(
			kit.Place(app.Range(asked).Slice(func(i int) app.UI { return &kitWord{Env: e, Owner: p, Index: i, Place: asked[i]} })),
			kit.Details(e.T("kit.prove-code"),
				&scanBox{Env: e, ID: "kit-scan", Want: []scan.Kind{scan.Secret}, Owner: p},
				kit.Field("kit-whole", e.T("kit.code"), e.T("kit.code-hint"), kit.Lines("kit-whole", 4, p.onWhole).Attr("autocapitalize", "none"))),
			kit.Submit(kit.Main, "next", e.T("action.next")).ID("kit-proved").Disabled(p.busy),
		),
		kit.Button(kit.Quiet, "back", e.T("kit.see-again"), p.onAgain).ID("kit-again"),
	)
}

// kitWord asks for one word of the kit.
type kitWord struct {
	app.Compo
	Env   *Env
	Owner *pageKit
	Index int
	Place int
}

// CompoID keeps each question its own.
func (w *kitWord) CompoID() string { return "kit-word-" + strconv.Itoa(w.Place) }

func (w *kitWord) Render() app.UI {
	return kit.Field(w.CompoID(), w.Env.T("create.check-word", "place", w.Env.L.Number(w.Place)), "",
		kit.Line(w.CompoID(), "", w.onInput).Attr("autocapitalize", "none").Lang("en"))
}

func (w *kitWord) onInput(ctx app.Context, e app.Event) { w.Owner.given[w.Index] = kit.Value(ctx) }

// Read takes what a camera has read off the paper.
func (p *pageKit) Read(ctx app.Context, text string) {
	p.whole = text
	p.Env.D.SetValue("kit-whole", text)
}

func (p *pageKit) onWhole(ctx app.Context, e app.Event) { p.whole = kit.Value(ctx) }

func (p *pageKit) onProve(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy {
		return
	}
	p.busy, p.fault, p.wrong = true, nil, nil
	made, given, whole := p.kit, slices.Clone(p.given), p.whole
	var wrong []int
	run(p.ctx, func(c context.Context) (err error) {
		if whole != "" {
			return p.Env.W.KeepKitText(c, made, whole)
		}
		wrong, err = p.Env.W.KeepKit(c, made, given)
		return err
	}, func(ctx app.Context, err error) {
		p.busy, p.fault, p.wrong = false, err, wrong
		p.amend(p.Env, err, kit.FaultID)
		if len(wrong) > 0 {
			p.focus(p.Env, (&kitWord{Place: wrong[0]}).CompoID())
		}
		if err == nil && len(wrong) == 0 {
			p.saved = ""
			p.to(kitTry)
		}
	})
}

// try is the other half: what is on paper opens what is in a file.
func (p *pageKit) try() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Title(e.T("kit.try-title")),
		kit.Notice(kit.Good, e.T("kit.half")),
		kit.Text(e.T("kit.try-text")),
		p.faults(),
		step(e, 1, app.Div().Class("form").Body(
			kit.Button(kit.Plain, "save", e.T("backup.out-go"), p.onBackup).ID("kit-backup").Disabled(p.busy),
			app.If(p.saved != "", func() app.UI { return kit.Small(e.T("backup.saved", "name", p.saved)) }))),
		step(e, 2, app.Form().Class("form").OnSubmit(p.onTry).Body(
			filePick("backup-file", "box", e.T("kit.try-file"), false, p.onBackupFile),
			kit.If(p.file != nil, func() app.UI { return kit.Small(e.T("restore.chosen", "name", p.file.Name)) }),
			kit.Submit(kit.Main, "key", e.T("kit.try-go")).ID("kit-try").Disabled(p.busy || p.file == nil))),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("kit.trying")) }),
		kit.Link(kit.Quiet, "clock", e.T("kit.try-later"), pathRecovery),
	)
}

func (p *pageKit) onBackup(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	saveBackup(p.ctx, p.Env, func(name string, err error) { p.busy, p.fault, p.saved = false, err, name })
}

func (p *pageKit) onBackupFile(ctx app.Context, e app.Event) { p.file = picked(p.Env, "backup-file") }

func (p *pageKit) onTry(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy || p.file == nil {
		return
	}
	p.busy, p.fault = true, nil
	checkKit(p.ctx, p.Env, p.kit.Code(), p.file, func(check *wallet.KitCheck, err error) {
		p.busy, p.fault, p.check = false, err, check
		if err == nil {
			p.forget()
			p.to(kitDone)
		}
	})
}

// checkKit proves a kit, and tries it on a backup where there is a file.
func checkKit(ctx app.Context, e *Env, text string, file *wallet.File, done func(*wallet.KitCheck, error)) {
	var check *wallet.KitCheck
	run(ctx, func(c context.Context) (err error) {
		var backup []byte
		if file != nil {
			if backup, err = file.Read(c); err != nil {
				return err
			}
		}
		check, err = e.W.CheckKit(c, text, backup)
		return err
	}, func(_ app.Context, err error) { done(check, err) })
}

func (p *pageKit) done() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Title(e.T("kit.done-title")),
		rehearsal(e, p.check),
		kit.Text(e.T("kit.done-text")),
		kit.Row(
			kit.Link(kit.Main, "home", e.T("nav.home"), pathHome).ID("kit-home"),
			kit.Link(kit.Plain, "people", e.T("contacts.title"), pathContacts),
		),
	)
}

func (p *pageKit) to(step kitStep) {
	p.step, p.fault, p.wrong = step, nil, nil
	p.focus(p.Env, kit.TitleID)
}

// kitReminder stands on the timeline until the kit is proved, both halves of it.
func kitReminder(e *Env, s *wallet.Snapshot) app.UI {
	key, href := "kit.remind-opened", pathRecovery
	switch {
	case s.Kit.Made.IsZero():
		key, href = "kit.remind-none", pathKit
	case s.Kit.Due:
		key, href = "kit.due", pathKit
	case s.Kit.Typed.IsZero():
		key = "kit.remind-typed"
	}
	return kit.Notice(kit.Warn, e.T(key), kit.Row(kit.Link(kit.Plain, "key", e.T("kit.remind-go"), href))).ID("kit-reminder")
}
