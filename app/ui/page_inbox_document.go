package ui

import (
	"context"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/inbox"
	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// looker hears that a document is to be looked at or folded, and ticks.
type looker interface {
	kit.Ticker
	Look(n int, on bool)
}

// letterDocument is one document of a letter: what it is, what speaks against keeping it, and a look at it. It is no record
// yet, and is shown by the same pieces as records are, which give a stranger's bytes to no parser of this page.
type letterDocument struct {
	app.Compo
	here
	Env      *Env
	ItemID   string
	N        int
	What     wallet.LetterDocument
	Same     inbox.Same
	Whose    string    // name of the person of the code
	Into     record.ID // that was made of it
	Owner    looker
	Alone    bool
	Look     bool
	Deciding bool
	Keep     bool

	doc   *fhir.Document
	held  *Env // for the pieces that ask for parts of a record
	asked bool
	fault error
}

// CompoID keeps each document its own.
func (d *letterDocument) CompoID() string { return d.ItemID + "." + strconv.Itoa(d.N) }

func (d *letterDocument) OnPreRender(ctx app.Context) { d.OnMount(ctx) }

func (d *letterDocument) OnMount(ctx app.Context) {
	d.here.OnMount(ctx)
	d.read()
}

func (d *letterDocument) OnUpdate(app.Context) { d.read() }

// read opens what is readable once it is to be looked at.
func (d *letterDocument) read() {
	if !d.Look || !d.What.Read || d.asked {
		return
	}
	d.asked = true
	w, id, n := d.Env.W, d.ItemID, d.N
	var doc *fhir.Document
	run(d.ctx, func(c context.Context) (err error) {
		doc, err = w.LetterDocument(c, id, n)
		return err
	}, func(_ app.Context, err error) { d.doc, d.fault = doc, err })
}

// showable says whether there is anything to look at.
func showable(what wallet.LetterDocument) bool {
	return what.Read || what.Keepable() && what.Size > 0
}

func (d *letterDocument) Render() app.UI {
	e := d.Env
	id := "letter-document-" + strconv.Itoa(d.N)
	return app.Section().ID(id).Class("card", "letter-document").Body(
		app.H2().Class("card-title").Text(d.title()),
		kit.Small(d.about()),
		kit.If(d.What.Fault != "", func() app.UI { return kit.Notice(d.tone(), e.T("inbox.fault."+string(d.What.Fault))) }),
		kit.If(d.What.Subject != nil, func() app.UI {
			return kit.Notice(kit.Warn, e.T("inbox.subject", "other", d.What.Subject.Name, "name", d.Whose))
		}),
		kit.If(d.Same != "" && d.Into == "", func() app.UI { return kit.Notice(kit.Note, e.T("inbox.same."+string(d.Same))) }),
		kit.If(d.Into != "", func() app.UI { return kit.Link(kit.Plain, "open", e.T("inbox.into"), pathRecord+string(d.Into)) }),
		kit.If(d.Deciding && d.What.Keepable() && !(d.Alone && d.Same == ""), func() app.UI {
			return kit.Check(id+"-keep", e.T("inbox.keep-this"), "", d.Keep, d.onKeep)
		}),
		kit.If(d.shows(), d.turn),
		app.If(d.Look && d.shows(), d.preview),
	)
}

// shows says whether it is shown here: what is kept is shown as a record.
func (d *letterDocument) shows() bool { return showable(d.What) && d.Into == "" }

func (d *letterDocument) title() string {
	if d.What.Title != "" || d.What.Kind != "" && d.What.Name == "" {
		return d.Env.title(d.What.Title, "", d.What.Kind)
	}
	return first(d.What.Name, d.Env.N("inbox.document", d.N+1))
}

// about is its kind, its date, its name as a file and its size.
func (d *letterDocument) about() string {
	e, text := d.Env, ""
	for _, s := range []string{d.kind(), d.date(), d.file(), e.L.Bytes(int(d.What.Size))} {
		switch {
		case s == "":
		case text == "":
			text = s
		default:
			text += " · " + s
		}
	}
	return text
}

func (d *letterDocument) kind() string {
	if d.What.Kind == "" {
		return ""
	}
	return d.Env.kind(d.What.Kind)
}

func (d *letterDocument) date() string {
	if d.What.Date == "" {
		return ""
	}
	return d.Env.L.Date(d.What.Date)
}

func (d *letterDocument) file() string {
	if d.What.Name == d.title() {
		return ""
	}
	return d.What.Name
}

func (d *letterDocument) tone() kit.Tone {
	if d.What.Keepable() {
		return kit.Note
	}
	return kit.Warn
}

func (d *letterDocument) turn() app.UI {
	label, icon := d.Env.T("inbox.look"), "eye"
	if d.Look {
		label, icon = d.Env.T("inbox.fold"), "up"
	}
	return app.Button().ID("letter-document-"+strconv.Itoa(d.N)+"-look").Type("button").Class("button", "button-plain").Aria("expanded", d.Look).OnClick(d.onLook).
		Body(kit.Icon(icon), app.Span().Text(label))
}

// preview is what is in it, by the pieces that show records.
func (d *letterDocument) preview() app.UI {
	if !d.What.Read {
		return app.Div().Class("attachment").Body(
			&shownFile{Env: d.Env, Typ: string(d.What.Format), Title: d.title(), From: inLetter{d.Env.W, d.ItemID, d.N}})
	}
	return app.Div().Class("letter-preview").Body(
		kit.If(d.fault != nil, func() app.UI { return kit.Notice(kit.Warn, d.Env.Explain(d.fault)) }),
		kit.If(d.doc == nil && d.fault == nil, func() app.UI { return kit.Wait(d.Env.T("record.opening")) }),
		app.If(d.doc != nil, func() app.UI { return readableDocument(d.inside(), record.ID(d.CompoID()), d.What.Format, d.doc, -1) }),
	)
}

// inside is the Env of the pieces within: attachments come out of the letter, and what leads to a part of the document
// stays on this page. It is made once, since another Env makes everything be drawn anew.
func (d *letterDocument) inside() *Env {
	if d.held == nil || d.held.L != d.Env.L || d.held.Plain != d.Env.Plain {
		e := *d.Env
		e.W, e.Held = heldDoor{d.Env.W, d.ItemID, d.N}, pathItem+d.ItemID
		d.held = &e
	}
	return d.held
}

func (d *letterDocument) onKeep(ctx app.Context, e app.Event) {
	d.Owner.Tick(ctx, d.N, kit.Checked(ctx))
}

func (d *letterDocument) onLook(ctx app.Context, e app.Event) { d.Owner.Look(d.N, !d.Look) }

// inLetter is a document of a letter as a whole.
type inLetter struct {
	w    Door
	item string
	n    int
}

func (f inLetter) Key() string { return f.item + "." + strconv.Itoa(f.n) }

// Bytes opens the document.
func (f inLetter) Bytes(ctx context.Context) (name, typ string, b []byte, err error) {
	return f.w.LetterFile(ctx, f.item, f.n)
}

// heldDoor is the wallet for the pieces that show a record, while they show a document that is none yet.
type heldDoor struct {
	Door
	item string
	n    int
}

// Attachment takes a file out of the document.
func (h heldDoor) Attachment(ctx context.Context, _ record.ID, a fhir.Attachment) (name, typ string, b []byte, err error) {
	return h.LetterAttachment(ctx, h.item, h.n, a)
}
