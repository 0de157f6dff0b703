package ui

import (
	"context"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageRecord shows one document: whose it is, what it says in its own order, and the way to its exact bytes.
type pageRecord struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	ID   string

	shown string // the record that is loaded
	meta  record.Meta
	known bool
	doc   *fhir.Document
	want  int    // entry that the address names; -1: none
	open  string // "", "delete", "move"
	fault error
}

func (p *pageRecord) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageRecord) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.load(ctx)
}

func (p *pageRecord) OnUpdate(ctx app.Context) {
	if p.ID != p.shown {
		p.load(ctx)
	}
}

func (p *pageRecord) load(ctx app.Context) {
	id := record.ID(p.ID)
	p.shown, p.doc, p.fault, p.open = p.ID, nil, nil, ""
	p.want = wanted(ctx.Page().URL().Fragment)
	p.meta, p.known = p.Env.W.Record(id)
	w := p.Env.W
	if whose := p.meta.Profile; p.known && whose != p.Snap.Current {
		p.ctx.Async(func() { w.Choose(whose) }) // the banner must name whose record this is (F1)
	}
	if !p.known || !p.meta.Format.FHIR() {
		return
	}
	var doc *fhir.Document
	run(p.ctx, func(c context.Context) (err error) {
		doc, err = w.Document(c, id)
		return err
	}, func(ctx app.Context, err error) {
		if p.shown == string(id) {
			p.doc, p.fault = doc, err
			p.focus(p.Env, p.place())
		}
	})
}

// place is what gets the focus once the document is there: the entry that the address names, else the title.
func (p *pageRecord) place() string {
	if p.want >= 0 && p.doc != nil && p.want < len(p.doc.Views) {
		return anchor(p.want)
	}
	return kit.TitleID
}

// wanted is the entry that the end of an address names: "e12"; -1: none.
func wanted(fragment string) int {
	digits, ok := strings.CutPrefix(fragment, "e")
	if n, err := strconv.Atoi(digits); ok && err == nil && n >= 0 {
		return n
	}
	return -1
}

func (p *pageRecord) Render() app.UI {
	e := p.Env
	if !p.known {
		return kit.Page(e.T("record.title"), kit.Notice(kit.Note, e.T("error.no-record")),
			kit.Link(kit.Plain, "back", e.T("nav.home"), pathHome))
	}
	return app.Div().Class("page", "record").Body(
		kit.Back(e.T("nav.home"), pathHome),
		kit.Title(p.title()),
		readAloud(e, p.ID),
		p.header(),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		kit.If(p.meta.Format.Card(), func() app.UI { return &cardChecks{Env: e, Record: p.meta.ID} }),
		app.If(p.meta.Format.FHIR(), p.document).Else(func() app.UI {
			return &wholeFile{Env: e, Meta: p.meta}
		}),
		kit.Place(earlierVersions(e, p.meta, p.doc)),
		p.actions(),
	)
}

func (p *pageRecord) title() string {
	for _, s := range []string{p.meta.Title, p.meta.Outline.Title} {
		if s != "" {
			return p.Env.own(s)
		}
	}
	switch {
	case p.meta.Format.Card():
		return p.Env.T("card.title")
	case !p.meta.Format.FHIR() && p.meta.Source.Name != "":
		return p.meta.Source.Name
	}
	if len(p.meta.Outline.Lines) == 1 {
		l := p.meta.Outline.Lines[0]
		return p.Env.title(l.Title, l.Type, l.Kind)
	}
	return p.Env.T("record.title")
}

// header says what the document says of itself, and how it came here.
func (p *pageRecord) header() app.UI {
	e, m := p.Env, p.meta
	return app.Div().Class("record-head").Body(
		kit.Row(byHand(e, m.Source.How)),
		kit.Facts(
			kit.Fact{Name: e.T("record.date"), Text: e.date(first(m.Date, m.Outline.Date))},
			kit.Fact{Name: e.T("record.author"), Text: m.Outline.Author},
			kit.Fact{Name: e.T("record.subject"), Text: p.subject()},
		),
		&origin{Env: e, Meta: m, Doc: p.doc},
	)
}

func first(s ...string) string {
	for _, x := range s {
		if x != "" {
			return x
		}
	}
	return ""
}

func (p *pageRecord) subject() string {
	s := p.meta.Outline.Subject
	if s.Name == "" {
		return ""
	}
	if s.BirthDate == "" {
		return s.Name
	}
	return p.Env.T("record.born", "name", s.Name, "born", p.Env.L.Date(s.BirthDate))
}

// document is the readable form; while it is being opened, a word about that.
func (p *pageRecord) document() app.UI {
	if p.doc == nil {
		return app.Div().Body(app.If(p.fault == nil, func() app.UI { return kit.Wait(p.Env.T("record.opening")) }))
	}
	return readableDocument(p.Env, record.ID(p.shown), p.meta.Format, p.doc, p.want)
}

// readableDocument is a document in its own order, opened where want, an entry of it, stands.
func readableDocument(e *Env, id record.ID, f record.Format, doc *fhir.Document, want int) app.UI {
	if (f == record.FormatText || f == record.FormatHTML) && len(doc.Sections) > 0 {
		return app.Div().Class("narrative").Body(nodes("h2", doc.Sections[0].Narrative)...) // a note is its text
	}
	return app.Div().Class("sections").Body(app.Range(doc.Sections).Slice(func(i int) app.UI {
		return &section{Env: e, Record: id, Doc: doc, Index: i, Want: want}
	}))
}

func (p *pageRecord) actions() app.UI {
	e := p.Env
	return app.Div().Class("record-actions").Body(
		kit.Row(
			kit.Link(kit.Main, "qr", e.T("record.show"), pathShow+"/"+p.ID),
			kit.Link(kit.Plain, "send", e.T("record.send"), pathSend+"/"+p.ID),
			kit.Button(kit.Plain, "save", e.T("record.original"), p.onOriginal).ID("original"),
			kit.Link(kit.Plain, "print", e.T("export.link"), pathExport+"/"+p.ID).ID("export"),
		),
		kit.If(p.open == "" && p.meta.Source.How == wallet.HowHand, func() app.UI {
			return kit.Link(kit.Quiet, "edit", e.T("write.correct"), pathCorrect+p.ID).ID("correct")
		}),
		kit.If(p.open == "" && len(p.Snap.Shown()) > 1, func() app.UI {
			return kit.Button(kit.Quiet, "move", e.T("record.move"), p.onMove).ID("move")
		}),
		kit.If(p.open == "move", func() app.UI {
			return &mover{Env: e, Snap: p.Snap, Meta: p.meta, Key: p.shown, Owner: p}
		}),
		kit.If(p.open == "", func() app.UI {
			return kit.Button(kit.Quiet, "delete", e.T("record.delete"), p.onDelete).ID("delete")
		}),
		app.If(p.open == "delete", func() app.UI {
			return kit.Ask("delete-sure", e.T("delete.title"), e.T("delete.text"),
				kit.Button(kit.Grave, "delete", e.T("delete.yes"), p.onDeleteYes).ID("delete-yes"),
				kit.Button(kit.Plain, "", e.T("delete.no"), p.onDeleteNo))
		}),
	)
}

func (p *pageRecord) onOriginal(ctx app.Context, e app.Event) {
	id := record.ID(p.shown)
	save(p.ctx, p.Env, func(c context.Context) (string, string, []byte, error) { return p.Env.W.Original(c, id) },
		func(ctx app.Context, err error) { p.fault = err })
}

// save fetches bytes and hands them to the browser as a file.
func save(ctx app.Context, e *Env, get func(context.Context) (string, string, []byte, error), done func(app.Context, error)) {
	run(ctx, func(c context.Context) error {
		name, typ, b, err := get(c)
		if err == nil {
			e.D.Download(name, typ, b)
		}
		return err
	}, done)
}

func (p *pageRecord) onDelete(ctx app.Context, e app.Event) {
	p.open = "delete"
	p.focus(p.Env, "delete-sure")
}

func (p *pageRecord) onMove(ctx app.Context, e app.Event) {
	p.open = "move"
	p.focus(p.Env, "move-"+p.shown)
}

// Moved leads back: the record is no longer among those of this person.
func (p *pageRecord) Moved(ctx app.Context, yes bool) {
	if p.open = ""; yes {
		p.Env.Go(ctx, pathHome)
	}
}

func (p *pageRecord) onDeleteNo(ctx app.Context, e app.Event) { p.open = "" }

func (p *pageRecord) onDeleteYes(ctx app.Context, e app.Event) {
	id := record.ID(p.shown)
	p.open = ""
	run(p.ctx, func(c context.Context) error { return p.Env.W.Delete(c, id) }, func(ctx app.Context, err error) {
		if p.fault = err; err == nil {
			p.Env.Go(ctx, pathHome)
		}
	})
}
