package ui

import (
	"context"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageContacts lets two trusted people together open what the kit opens: chosen and named, the kit read, a sheet for
// each printed, and tried.
type pageContacts struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	step   contactsStep
	many   int      // contacts, 2 or 3
	names  []string // of them
	text   string   // the kit
	sheets *wallet.Sheets
	at     int // the sheet that is shown
	paper  paper
	saved  string
	drop   bool // the question before they are given up
	busy   bool
	fault  error
}

type contactsStep string

const (
	contactsNow    contactsStep = ""
	contactsChoose contactsStep = "choose"
	contactsKit    contactsStep = "kit"
	contactsSheet  contactsStep = "sheet"
	contactsKept   contactsStep = "kept"
	contactsTry    contactsStep = "try"
)

func (p *pageContacts) OnInit() { p.many, p.names = 3, make([]string, 3) }

func (p *pageContacts) OnDismount() { p.forget() }

func (p *pageContacts) forget() { p.text, p.sheets, p.paper = "", nil, paper{} }

func (p *pageContacts) Render() app.UI {
	switch p.step {
	case contactsChoose:
		return p.choose()
	case contactsKit:
		return p.kit()
	case contactsSheet:
		return p.sheet()
	case contactsKept:
		return p.kept()
	case contactsTry:
		return &contactsTrial{Env: p.Env, Owner: p}
	}
	return p.now()
}

func (p *pageContacts) now() app.UI {
	e, c := p.Env, p.Snap.Contacts
	return app.Div().Class("page").Body(
		kit.Back(e.T("recovery.title"), pathRecovery),
		kit.Title(e.T("contacts.title")),
		kit.Text(e.T("contacts.text")),
		kit.Text(e.T("contacts.alone")),
		p.faults(),
		kit.If(p.Snap.Kit.Made.IsZero(), func() app.UI {
			return kit.Notice(kit.Note, e.T("contacts.kit-first"), kit.Row(kit.Link(kit.Main, "key", e.T("kit.make"), pathKit)))
		}),
		kit.If(c != nil, p.these),
		kit.If(p.drop, func() app.UI {
			return kit.Ask("drop", e.T("contacts.drop-title"), e.T("contacts.drop-text"),
				kit.Button(kit.Grave, "", e.T("contacts.drop-yes"), p.onDrop).ID("drop-yes").Disabled(p.busy),
				kit.Button(kit.Plain, "", e.T("action.back"), p.onKeep))
		}),
		app.If(!p.Snap.Kit.Made.IsZero() && !p.drop, func() app.UI {
			return kit.Row(kit.Button(p.weight(), "people", e.T(p.beginKey()), p.onChoose).ID("contacts-begin"))
		}),
	)
}

// weight: where there are contacts, others are not what most people come for.
func (p *pageContacts) weight() kit.Weight {
	if p.Snap.Contacts != nil {
		return kit.Plain
	}
	return kit.Main
}

func (p *pageContacts) beginKey() string {
	if p.Snap.Contacts != nil {
		return "contacts.others"
	}
	return "contacts.begin"
}

// these are the contacts there are.
func (p *pageContacts) these() app.UI {
	e, c := p.Env, p.Snap.Contacts
	return kit.Card("these", e.T("contacts.these"),
		kit.Text(e.T("contacts.any-two", "names", namesOf(e, c.Names))),
		kit.If(c.Old, func() app.UI { return kit.Notice(kit.Warn, e.T("contacts.old")).ID("contacts-old") }),
		app.Ul().Class("halves").Body(
			half(!c.Old && p.Snap.LastOut.After(c.Made), e.T("contacts.backup-not"), e.T("contacts.backup")),
			half(!c.Tried.IsZero(), e.T("contacts.tried-not"), e.T("contacts.tried", "time", e.L.Day(c.Tried))),
		),
		kit.Row(
			kit.Button(kit.Main, "key", e.T("contacts.try"), p.onTryPage).ID("contacts-try"),
			kit.Button(kit.Quiet, "delete", e.T("contacts.drop"), p.onAskDrop).ID("contacts-drop"),
		),
	)
}

func (p *pageContacts) faults() app.UI {
	return kit.If(p.fault != nil, func() app.UI { return kit.Fault(p.Env.Explain(p.fault)) })
}

func (p *pageContacts) choose() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Title(e.T("contacts.choose")),
		kit.Text(e.T("contacts.choose-text")),
		p.faults(),
		app.Form().Class("form").OnSubmit(p.onChosen).Body(
			kit.Radio("many", e.T("contacts.many"), strconv.Itoa(p.many), []kit.Choice{
				{Value: "3", Text: e.T("contacts.two-of-three"), Hint: e.T("contacts.two-of-three-hint")},
				{Value: "2", Text: e.T("contacts.two-of-two"), Hint: e.T("contacts.two-of-two-hint")},
			}, p.onMany),
			kit.Place(app.Range(p.names[:p.many]).Slice(func(i int) app.UI { return &contactName{Env: e, Owner: p, Index: i, Name: p.names[i]} })),
			kit.Submit(kit.Main, "next", e.T("action.next")).ID("contacts-chosen"),
		),
		kit.Button(kit.Quiet, "back", e.T("action.back"), p.onNow),
	)
}

// contactName asks for one name.
type contactName struct {
	app.Compo
	Env   *Env
	Owner *pageContacts
	Index int
	Name  string
}

// CompoID keeps each field its own.
func (n *contactName) CompoID() string { return "contact-" + strconv.Itoa(n.Index+1) }

func (n *contactName) Render() app.UI {
	return kit.Field(n.CompoID(), n.Env.T("contacts.name", "place", n.Env.L.Number(n.Index+1)), "",
		kit.Line(n.CompoID(), n.Name, n.onInput).MaxLength(wallet.MaxContactName))
}

func (n *contactName) onInput(ctx app.Context, e app.Event) { n.Owner.names[n.Index] = kit.Value(ctx) }

func (p *pageContacts) onMany(ctx app.Context, e app.Event) {
	if kit.Value(ctx) == "2" {
		p.many = 2
		return
	}
	p.many = 3
}

func (p *pageContacts) onChosen(ctx app.Context, e app.Event) {
	e.PreventDefault()
	p.to(contactsKit)
}

func (p *pageContacts) kit() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Title(e.T("contacts.kit")),
		kit.Text(e.T("contacts.kit-text")),
		p.faults(),
		app.Form().Class("form").OnSubmit(p.onMake).Body(
			&kitField{Env: e, ID: "kit-text", Label: e.T("kit.field"), Hint: e.T("kit.field-hint"), Owner: p},
			kit.Submit(kit.Main, "next", e.T("action.next")).ID("contacts-make").Disabled(p.busy || p.text == ""),
		),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("contacts.making")) }),
		kit.Button(kit.Quiet, "back", e.T("action.back"), p.onChoose),
	)
}

// Read hears what stands in the field.
func (p *pageContacts) Read(ctx app.Context, id, text string) { p.text, p.fault = text, nil }

func (p *pageContacts) onMake(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy || p.text == "" {
		return
	}
	p.busy, p.fault = true, nil
	text, names := p.text, slices.Clone(p.names[:p.many])
	var made *wallet.Sheets
	run(p.ctx, func(c context.Context) (err error) {
		made, err = p.Env.W.MakeContacts(c, text, names)
		return err
	}, func(ctx app.Context, err error) {
		if err == nil {
			p.text, p.sheets, p.at = "", made, 0
			err = p.turn(0)
		}
		p.busy, p.fault = false, err
		p.amend(p.Env, err, kit.FaultID)
	})
}

// turn shows one of the sheets.
func (p *pageContacts) turn(to int) error {
	sheet := p.sheetOf(to)
	if err := sheet.draw(p.sheets.List[to].Kit); err != nil {
		return err
	}
	p.at, p.paper, p.saved = to, sheet, ""
	p.to(contactsSheet)
	return nil
}

// sheetOf is the paper of one contact, without its secret.
func (p *pageContacts) sheetOf(to int) paper {
	e, s := p.Env, p.sheets.List[to]
	return paper{
		id: "sheet", title: e.T("contacts.sheet-title", "name", s.Name),
		whose: e.T("contacts.sheet-whose", "name", owner(p.Snap), "time", e.L.Day(e.Now())),
		steps: []string{
			e.T("contacts.sheet-1", "name", owner(p.Snap)), e.T("contacts.sheet-2", "names", namesOf(e, s.Others)),
			e.T("contacts.sheet-3", "name", owner(p.Snap)), e.T("contacts.sheet-4"),
		},
	}
}

// namesOf lists names as a person reads them.
func namesOf(e *Env, names []string) string { return e.L.List(names) }

func (p *pageContacts) sheet() app.UI {
	e, list := p.Env, p.sheets.List
	next := "contacts.next"
	if p.at == len(list)-1 {
		next = "contacts.last"
	}
	return app.Div().Class("page").Body(
		kit.Title(e.T("contacts.sheet", "name", list[p.at].Name)),
		kit.Small(e.T("contacts.sheet-of", "place", e.L.Number(p.at+1), "total", e.L.Number(len(list)))),
		kit.Text(e.T("contacts.sheet-text", "name", list[p.at].Name)),
		p.faults(),
		p.paper.sheet(e),
		kit.Row(
			kit.Button(kit.Plain, "print", e.T("action.print"), p.onPrint),
			kit.Button(kit.Main, "next", e.T(next), p.onNext).ID("sheet-next").Disabled(p.busy),
		),
		kit.Details(e.T("kit.as-file"), kit.Text(e.T("contacts.as-file-text")),
			kit.Row(kit.Button(kit.Plain, "save", e.T("contacts.as-file-go"), p.onFile).ID("sheet-file")),
			app.If(p.saved != "", func() app.UI { return kit.Notice(kit.Note, e.T("backup.saved", "name", p.saved)) })),
	)
}

func (p *pageContacts) onPrint(ctx app.Context, e app.Event) { p.Env.D.Print() }

func (p *pageContacts) onFile(ctx app.Context, e app.Event) {
	s := p.sheets.List[p.at]
	notes := append([]string{p.paper.title, p.paper.whose}, p.paper.steps...)
	p.saved = "potli-sheet-" + strconv.Itoa(p.at+1) + ".txt"
	p.Env.D.Download(p.saved, "text/plain", []byte(s.Kit.Text(notes...)))
}

// onNext shows the next sheet; after the last they become good.
func (p *pageContacts) onNext(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	if p.at < len(p.sheets.List)-1 {
		p.fault = p.turn(p.at + 1)
		return
	}
	p.busy, p.fault = true, nil
	made := p.sheets
	run(p.ctx, func(c context.Context) error { return p.Env.W.KeepContacts(c, made) }, func(ctx app.Context, err error) {
		if p.busy, p.fault = false, err; err == nil {
			p.forget()
			p.to(contactsKept)
		}
	})
}

func (p *pageContacts) kept() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Title(e.T("contacts.kept")),
		kit.Text(e.T("contacts.kept-text")),
		p.faults(),
		step(e, 1, app.Div().Class("form").Body(
			kit.Button(kit.Main, "save", e.T("backup.out-go"), p.onBackup).ID("contacts-backup").Disabled(p.busy),
			app.If(p.saved != "", func() app.UI { return kit.Small(e.T("backup.saved", "name", p.saved)) }))),
		step(e, 2, kit.Row(kit.Button(kit.Plain, "key", e.T("contacts.try"), p.onTryPage).ID("contacts-try"))),
		kit.Link(kit.Quiet, "clock", e.T("contacts.try-later"), pathRecovery),
	)
}

func (p *pageContacts) onBackup(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	saveBackup(p.ctx, p.Env, func(name string, err error) { p.busy, p.fault, p.saved = false, err, name })
}

func (p *pageContacts) onTryPage(ctx app.Context, e app.Event) { p.to(contactsTry) }
func (p *pageContacts) onChoose(ctx app.Context, e app.Event)  { p.to(contactsChoose) }

func (p *pageContacts) onNow(ctx app.Context, e app.Event) {
	p.forget()
	p.to(contactsNow)
}

func (p *pageContacts) onAskDrop(ctx app.Context, e app.Event) {
	p.drop = true
	p.focus(p.Env, "drop")
}

func (p *pageContacts) onKeep(ctx app.Context, e app.Event) { p.drop = false }

func (p *pageContacts) onDrop(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	run(p.ctx, p.Env.W.DropContacts, func(ctx app.Context, err error) { p.busy, p.drop, p.fault = false, false, err })
}

func (p *pageContacts) to(step contactsStep) {
	p.step, p.fault, p.drop = step, nil, false
	p.focus(p.Env, kit.TitleID)
}
