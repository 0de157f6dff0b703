package ui

import (
	"context"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pagePhotograph makes one document of photographs of paper: each picture is cut to the sheet and straightened, pages are
// put in order, and title, date and kind are asked. What is begun stays in memory until it is kept, given up, or the wallet
// locks, so that a look at another page costs nothing.
type pagePhotograph struct {
	app.Compo
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Draft *photoDraft

	busy  bool
	fault error
}

// photoDraft is a document that is being photographed.
type photoDraft struct {
	waiting []wallet.File // pictures to be cut
	cut     *cutting      // the one that is being cut
	pages   []*photographed
	gone    *photographed // taken out last, until something else is done
	goneAt  int
	asking  bool // title, date and kind
	title   string
	date    string
	kind    wallet.PaperKind
	made    int // pages ever made, for their ids
}

// cutting is a picture with the corners of the sheet on it.
type cutting struct {
	file     wallet.File
	of       *photographed // the page that is cut again; nil: a new one
	pixels   wallet.Pixels
	url      string
	release  func()
	corners  wallet.Corners
	seen     bool // the corners are a guess of ours
	brighten bool
}

// photographed is one page.
type photographed struct {
	id       int
	file     wallet.File
	corners  wallet.Corners
	brighten bool
	jpeg     []byte
	url      string
	release  func()
}

// drop frees the pictures of a draft and forgets it.
func (d *photoDraft) drop() {
	if d.cut != nil {
		d.cut.release()
	}
	for _, p := range append(d.pages, d.gone) {
		if p != nil {
			p.release()
		}
	}
	*d = photoDraft{made: d.made}
}

func (p *pagePhotograph) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.next()
}

func (p *pagePhotograph) Render() app.UI {
	e, d := p.Env, p.Draft
	body := p.collect
	switch {
	case d.cut != nil:
		body = p.cutting
	case d.asking:
		body = p.details
	}
	return app.Div().Class("page").Body(
		kit.Back(e.T("nav.add"), pathAdd),
		kit.Title(e.T("photograph.title")),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)).ID("fault") }),
		app.Div().Role("status").Body(app.If(p.busy, func() app.UI { return kit.Wait(e.T("photograph.busy")) })),
		body(),
	)
}

// collect shows the pages there are, and takes more.
func (p *pagePhotograph) collect() app.UI {
	e, d := p.Env, p.Draft
	label := "photograph.first"
	if len(d.pages) > 0 {
		label = "photograph.more"
	}
	return app.Div().Class("form").Body(
		kit.If(len(d.pages) == 0, func() app.UI { return kit.Text(e.T("photograph.text", "name", p.Snap.Person().Name)) }),
		app.Ol().Class("papers").Body(app.Range(d.pages).Slice(func(i int) app.UI {
			return &paperRow{Env: e, Owner: p, Page: d.pages[i], At: i, Of: len(d.pages)}
		})),
		app.Div().Role("status").Body(app.If(d.gone != nil, func() app.UI {
			return kit.Notice(kit.Note, e.T("photograph.gone", "n", e.L.Number(d.goneAt+1)),
				kit.Row(kit.Button(kit.Plain, "undo", e.T("action.undo"), p.onUndo).ID("undo-page")))
		})),
		app.If(len(d.pages) < wallet.MaxSheets, func() app.UI {
			return app.Div().Class("ways").Body(
				photoPick("photo-camera", e.T(label), p.onCamera),
				picturePick("photo-files", e.T("photograph.choose"), p.onFiles),
			)
		}).Else(func() app.UI { return kit.Text(e.N("photograph.full", wallet.MaxSheets)) }),
		app.If(len(d.pages) > 0, func() app.UI {
			return kit.Row(kit.Button(kit.Main, "next", e.N("photograph.done", len(d.pages)), p.onDone).ID("photo-done"))
		}),
	)
}

// picturePick chooses pictures that are there already.
func picturePick(id, label string, h app.EventHandler) app.UI {
	return app.Div().Class("pick").Body(
		app.Input().ID(id).Class("pick-input").Type("file").Accept("image/jpeg,image/png,image/webp").Multiple(true).OnChange(h),
		app.Label().Class("button", "button-plain").For(id).Body(kit.Icon("photo"), app.Span().Text(label)),
	)
}

func (p *pagePhotograph) onCamera(ctx app.Context, ev app.Event) {
	p.take(p.Env.D.Picked("photo-camera", "camera"))
}

func (p *pagePhotograph) onFiles(ctx app.Context, ev app.Event) {
	p.take(p.Env.D.Picked("photo-files", "camera"))
}

// take lines pictures up to be cut, as many as a document has room for.
func (p *pagePhotograph) take(files []wallet.File) {
	d := p.Draft
	p.fault = nil
	d.settle()
	if room := wallet.MaxSheets - len(d.pages) - len(d.waiting); len(files) > room {
		files, p.fault = files[:room], wallet.ErrSheets
	}
	d.waiting = append(d.waiting, files...)
	p.next()
}

// settle gives up what could still have been undone.
func (d *photoDraft) settle() {
	if d.gone != nil {
		d.gone.release()
		d.gone = nil
	}
}

// next opens the next picture that waits.
func (p *pagePhotograph) next() {
	d := p.Draft
	if d.cut != nil || len(d.waiting) == 0 || p.busy {
		return
	}
	file := d.waiting[0]
	d.waiting = slices.Clone(d.waiting[1:])
	p.open(&cutting{file: file, brighten: true}, nil)
}

// open reads a picture and looks for the sheet on it; corners are those of an earlier time.
func (p *pagePhotograph) open(c *cutting, corners *wallet.Corners) {
	p.busy, p.fault = true, nil
	e := p.Env
	run(p.ctx, func(ctx context.Context) (err error) {
		if c.file.Size > record.MaxBytes {
			return record.ErrTooBig
		}
		b, err := c.file.Read(ctx)
		if err != nil {
			return wallet.ErrSheet
		}
		if c.pixels, err = e.D.Photo(ctx, b); err != nil {
			return wallet.ErrSheet
		}
		if c.url, c.release, err = e.D.Picture(ctx, b); err != nil {
			return wallet.ErrSheet
		}
		if corners != nil {
			c.corners = *corners
			return nil
		}
		c.corners, c.seen, err = e.W.FindSheet(ctx, c.pixels)
		if err != nil {
			c.release()
		}
		return err
	}, func(ctx app.Context, err error) {
		if p.busy, p.fault = false, err; err != nil {
			p.focus(e, kit.TitleID)
			return
		}
		p.Draft.cut = c
		p.focus(e, kit.TitleID)
	})
}

// details asks what the paper is. It is the last question.
func (p *pagePhotograph) details() app.UI {
	e, d := p.Env, p.Draft
	return app.Form().ID("photo-form").Class("form").OnSubmit(p.onSave).Body(
		kit.Field("photo-title", e.T("photograph.name"), e.T("photograph.name-hint"), kit.Line("photo-title", d.title, p.onTitle).MaxLength(120)),
		kit.Field("photo-kind", e.T("photograph.kind"), "", kit.Select("photo-kind", string(d.kind), paperKinds(e), p.onKind)),
		&dateField{Env: e, ID: "paper", Legend: e.T("photograph.date"), Hint: e.T("photograph.date-hint"), Date: d.date, Owner: p},
		kit.Row(
			kit.Submit(kit.Main, "check", e.T("photograph.keep")).ID("photo-keep").Disabled(p.busy),
			kit.Button(kit.Plain, "back", e.T("photograph.pages"), p.onBack).ID("photo-back"),
		),
	)
}

func paperKinds(e *Env) (list []kit.Choice) {
	for _, k := range wallet.PaperKinds {
		list = append(list, kit.Choice{Value: string(k), Text: e.T("paper." + string(k))})
	}
	return list
}

func (p *pagePhotograph) onDone(ctx app.Context, ev app.Event) {
	p.Draft.settle()
	p.Draft.asking, p.fault = true, nil
	if p.Draft.kind == "" {
		p.Draft.kind = wallet.PaperKinds[0]
	}
	p.focus(p.Env, "photo-title")
}

func (p *pagePhotograph) onBack(ctx app.Context, ev app.Event) {
	p.Draft.asking, p.fault = false, nil
	p.focus(p.Env, kit.TitleID)
}

func (p *pagePhotograph) onTitle(ctx app.Context, ev app.Event) { p.Draft.title = kit.Value(ctx) }

func (p *pagePhotograph) onKind(ctx app.Context, ev app.Event) {
	p.Draft.kind = wallet.PaperKind(kit.Value(ctx))
}

// Dated hears of the date on the paper.
func (p *pagePhotograph) Dated(ctx app.Context, date string) { p.Draft.date = date }

// onSave keeps the document. The draft goes only when it is in.
func (p *pagePhotograph) onSave(ctx app.Context, ev app.Event) {
	ev.PreventDefault()
	d, e := p.Draft, p.Env
	doc := wallet.Photographed{Title: d.title, Date: d.date, Kind: d.kind}
	for _, page := range d.pages {
		doc.Pages = append(doc.Pages, page.jpeg)
	}
	p.busy, p.fault = true, nil
	run(p.ctx, func(ctx context.Context) error {
		report, err := e.W.KeepPhotographed(ctx, doc)
		if err == nil && len(report.Files) == 1 && !report.Files[0].Waiting {
			err = report.Files[0].Err
		}
		return err
	}, func(ctx app.Context, err error) {
		if p.busy, p.fault = false, err; err != nil {
			p.focus(e, kit.TitleID)
			return
		}
		d.drop()
		e.Go(ctx, pathAdd)
	})
}

// retake cuts a page once more from its picture.
func (p *pagePhotograph) retake(page *photographed) {
	p.Draft.settle()
	p.open(&cutting{file: page.file, of: page, brighten: page.brighten}, &page.corners)
}

func (p *pagePhotograph) remove(page *photographed) {
	d := p.Draft
	d.settle()
	if i := slices.Index(d.pages, page); i >= 0 {
		d.gone, d.goneAt = page, i
		d.pages = slices.Delete(slices.Clone(d.pages), i, i+1)
	}
	p.focus(p.Env, "undo-page")
}

func (p *pagePhotograph) onUndo(ctx app.Context, ev app.Event) {
	d := p.Draft
	if d.gone != nil {
		d.pages = slices.Insert(slices.Clone(d.pages), min(d.goneAt, len(d.pages)), d.gone)
		p.focus(p.Env, "page-again-"+strconv.Itoa(d.gone.id))
		d.gone = nil
	}
}

// swap changes the order of a page and the one before it.
func (p *pagePhotograph) swap(page *photographed, by int) {
	d := p.Draft
	i := slices.Index(d.pages, page)
	if j := i + by; i >= 0 && j >= 0 && j < len(d.pages) {
		d.pages = slices.Clone(d.pages)
		d.pages[i], d.pages[j] = d.pages[j], d.pages[i]
	}
}

// paperRow is one page of the document.
type paperRow struct {
	app.Compo
	Env    *Env
	Owner  *pagePhotograph
	Page   *photographed
	At, Of int
}

// CompoID keeps each page its own when the order changes.
func (r *paperRow) CompoID() string { return "paper-" + strconv.Itoa(r.Page.id) }

func (r *paperRow) Render() app.UI {
	e := r.Env
	n := e.L.Number(r.At + 1)
	return app.Li().Class("paper-row").Body(
		app.Img().Class("paper-picture").Src(r.Page.url).Alt(e.T("photograph.page", "n", n)),
		app.Div().Class("paper-acts").Body(
			app.Span().Class("paper-name").Text(e.T("photograph.page", "n", n)),
			kit.Row(
				kit.Button(kit.Quiet, "edit", e.T("photograph.again"), r.onAgain).ID("page-again-"+strconv.Itoa(r.Page.id)).Aria("label", e.T("photograph.again-page", "n", n)),
				kit.If(r.At > 0, func() app.UI { return kit.IconButton("up", e.T("photograph.up", "n", n), r.onUp) }),
				kit.If(r.At < r.Of-1, func() app.UI { return kit.IconButton("down", e.T("photograph.down", "n", n), r.onDown) }),
				kit.IconButton("delete", e.T("photograph.remove", "n", n), r.onRemove),
			),
		),
	)
}

func (r *paperRow) onAgain(ctx app.Context, ev app.Event)  { r.Owner.retake(r.Page) }
func (r *paperRow) onUp(ctx app.Context, ev app.Event)     { r.Owner.swap(r.Page, -1) }
func (r *paperRow) onDown(ctx app.Context, ev app.Event)   { r.Owner.swap(r.Page, 1) }
func (r *paperRow) onRemove(ctx app.Context, ev app.Event) { r.Owner.remove(r.Page) }
