package ui

import (
	"context"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/ui/kit"
)

// attachment is a document inside a record.
type attachment struct {
	app.Compo
	here
	Env    *Env
	Record record.ID
	What   fhir.Attachment

	fault error
}

// CompoID keeps each attachment its own.
func (a *attachment) CompoID() string {
	return string(a.Record) + anchor(a.What.Entry) + a.What.Path
}

func (a *attachment) Render() app.UI {
	e := a.Env
	return app.Div().Class("attachment").Body(
		app.P().Class("attachment-name").Body(kit.Icon("file"), app.Span().Text(first(a.What.Title, e.T("attachment.untitled")))),
		kit.Small(a.about()),
		kit.If(a.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(a.fault)) }),
		kit.If(a.What.Size > 0, func() app.UI {
			return &shownFile{Env: e, Typ: a.What.ContentType, Title: first(a.What.Title, e.T("attachment.untitled")), From: a.from()}
		}),
		app.If(a.What.Size > 0, func() app.UI { return kit.Button(kit.Plain, "save", e.T("attachment.save"), a.onSave) }),
		app.If(a.What.Size == 0 && a.What.URL != "", func() app.UI {
			return kit.Notice(kit.Note, e.T("attachment.elsewhere", "host", host(a.What.URL)))
		}),
	)
}

func (a *attachment) about() string {
	if a.What.Size == 0 {
		return a.What.ContentType
	}
	return a.Env.T("attachment.about", "type", a.What.ContentType, "size", a.Env.L.Bytes(a.What.Size))
}

func (a *attachment) from() inRecord { return inRecord{a.CompoID(), a.Env.W, a.Record, a.What} }

func (a *attachment) onSave(ctx app.Context, e app.Event) {
	save(a.ctx, a.Env, a.from().Bytes, func(ctx app.Context, err error) { a.fault = err })
}

// inRecord is where an attachment comes from. It is a value: bytes are read apart from the screen, while the component
// may be given others.
type inRecord struct {
	key    string
	w      Door
	record record.ID
	what   fhir.Attachment
}

func (r inRecord) Key() string { return r.key }

// Bytes opens the attachment.
func (r inRecord) Bytes(ctx context.Context) (name, typ string, b []byte, err error) {
	return r.w.Attachment(ctx, r.record, r.what)
}

// wholeFile is a record that is itself a picture or a PDF.
type wholeFile struct {
	app.Compo
	Env  *Env
	Meta record.Meta
}

// CompoID keeps each file its own.
func (w *wholeFile) CompoID() string { return string(w.Meta.ID) }

func (w *wholeFile) Render() app.UI {
	title := first(w.Meta.Title, w.Meta.Source.Name, w.Env.T("attachment.untitled"))
	return app.Div().Class("attachment").Body(
		&shownFile{Env: w.Env, Typ: string(w.Meta.Format), Title: title, From: whole{w.Env.W, w.Meta.ID}},
	)
}

// whole is a record as a whole.
type whole struct {
	w  Door
	id record.ID
}

func (f whole) Key() string { return string(f.id) }

// Bytes opens the record.
func (f whole) Bytes(ctx context.Context) (name, typ string, b []byte, err error) {
	return f.w.Original(ctx, f.id)
}

// contents is where a shown file comes from.
type contents interface {
	Key() string
	Bytes(ctx context.Context) (name, typ string, b []byte, err error)
}

// shownFile shows a picture drawn anew on a canvas, or a PDF in a frame of the viewer's origin: bytes of a stranger are
// never given to a parser of this page's origin.
type shownFile struct {
	app.Compo
	here
	Env   *Env
	Typ   string
	Title string
	From  contents

	url     string // of the drawn picture
	release func()
	there   bool // the picture stands on the page
	framed  bool
	asked   bool
	fault   error
}

// CompoID keeps each file its own.
func (s *shownFile) CompoID() string { return s.From.Key() }

func (s *shownFile) OnPreRender(ctx app.Context) { s.OnMount(ctx) }

func (s *shownFile) OnMount(ctx app.Context) {
	s.here.OnMount(ctx)
	if strings.HasPrefix(s.Typ, "image/") {
		s.draw(ctx)
	}
}

func (s *shownFile) OnDismount() {
	if s.release != nil {
		s.release()
		s.release = nil
	}
}

func (s *shownFile) Render() app.UI {
	e := s.Env
	class := "shown"
	if strings.HasPrefix(s.Typ, "image/") && !s.there && s.fault == nil {
		class = "shown shown-room" // a picture that came in late would push the button under it away from the finger
	}
	return app.Div().Class(class).Body(
		kit.If(s.fault != nil, func() app.UI { return kit.Notice(kit.Warn, e.T("attachment.cannot")) }),
		kit.If(s.url != "", func() app.UI {
			return app.Img().Class("picture").Src(s.url).Alt(s.Title).OnLoad(s.onThere).OnError(s.onThere)
		}),
		kit.If(s.pdf() && !s.framed, func() app.UI {
			return kit.Button(kit.Main, "eye", e.T("attachment.read"), s.onRead).Disabled(s.asked)
		}),
		app.If(s.framed, func() app.UI {
			// No sandbox attribute: Chromium shows no PDF inside one. What keeps the document apart is that the frame is
			// of another origin, which has no storage and whose policy runs its own scripts alone.
			return app.IFrame().ID(s.frameID()).Class("pdf").Title(s.Title).Src(e.Viewer + "frame.html")
		}),
	)
}

func (s *shownFile) onThere(ctx app.Context, e app.Event) { s.there = true }

func (s *shownFile) pdf() bool { return s.Typ == string(record.FormatPDF) }

func (s *shownFile) frameID() string { return "pdf-" + strconv.Itoa(hash(s.From.Key())) }

// hash makes a short id of a long one.
func hash(s string) int {
	h := 0
	for _, r := range s {
		h = (h*31 + int(r)) & 0xffffff
	}
	return h
}

func (s *shownFile) draw(ctx app.Context) {
	from, d := s.From, s.Env.D
	var url string
	var release func()
	run(s.ctx, func(c context.Context) error {
		_, _, b, err := from.Bytes(c)
		if err != nil {
			return err
		}
		url, release, err = d.Picture(c, b)
		return err
	}, func(ctx app.Context, err error) {
		s.url, s.release, s.fault = url, release, err
	})
}

// onRead shows a PDF where the browser can, else saves it for the system's reader.
func (s *shownFile) onRead(ctx app.Context, e app.Event) {
	s.asked, s.fault = true, nil
	if !s.Env.D.PDF() {
		save(s.ctx, s.Env, s.From.Bytes, s.done)
		return
	}
	s.framed = true
	id, from, d := s.frameID(), s.From, s.Env.D
	s.ctx.Defer(func(ctx app.Context) { // the frame has to be on the page first
		run(s.ctx, func(c context.Context) error {
			name, typ, b, err := from.Bytes(c)
			if err != nil {
				return err
			}
			return d.Show(c, id, name, typ, b)
		}, s.done)
	})
}

func (s *shownFile) done(ctx app.Context, err error) {
	s.asked, s.fault = false, err
	if err != nil {
		s.framed = false
	}
}
