package ui

import (
	"context"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/qr"
	"potli/app/scan"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// paper is a sheet with a secret on it: the recovery kit, or what a trusted contact keeps. It is white in every theme and
// fits on one page of A4. Nothing of it is kept when its page goes.
type paper struct {
	id    string
	title string
	whose string   // for whom, and since when
	steps []string // what to do with it, in order

	words []string
	code  string
	path  string // of the QR
	size  int
}

// draw fills in the secret part.
func (p *paper) draw(k *wallet.Kit) error {
	code, err := qr.Encode(k.Code())
	if err != nil {
		return err
	}
	p.words, p.code, p.path, p.size = k.Words(), k.Code(), code.Path(), code.Size()
	return nil
}

// sheet shows the paper.
func (p *paper) sheet(e *Env) app.UI {
	return app.Section().ID(p.id).Class("sheet").Aria("label", p.title).Body(
		app.H2().Class("sheet-title").Text(p.title),
		app.P().Class("sheet-whose").Text(p.whose),
		app.Div().Class("sheet-secret").Body(
			kit.Code(p.path, p.size, e.T("kit.code-spoken")),
			app.Ol().ID(p.id+"-words").Class("sheet-words").Aria("label", e.T("kit.words")).Attr("translate", "no").Lang("en").
				Body(app.Range(p.words).Slice(func(i int) app.UI { return app.Li().Class("sheet-word").Text(p.words[i]) })),
		),
		app.P().ID(p.id+"-code").Class("sheet-code").Attr("translate", "no").Lang("en").Text(p.code),
		app.Ol().Class("sheet-steps").Body(app.Range(p.steps).Slice(func(i int) app.UI { return app.Li().Text(p.steps[i]) })),
	)
}

// numbersOf says a few numbers as a person reads them.
func numbersOf(e *Env, list []int) string {
	out := ""
	for i, n := range list {
		if i > 0 {
			out += ", "
		}
		out += e.L.Number(n)
	}
	return out
}

// kitField takes a kit or a sheet as words, as the text of its code, or as the file that was saved of it.
type kitField struct {
	app.Compo
	here
	Env   *Env
	ID    string
	Label string
	Hint  string
	Owner kitReader

	from string // the file it was taken from
}

// kitReader hears what stands in a kitField.
type kitReader interface {
	Read(ctx app.Context, id, text string)
}

// CompoID keeps each field its own.
func (f *kitField) CompoID() string { return f.ID }

func (f *kitField) Render() app.UI {
	e := f.Env
	return app.Div().Class("kit-field").Body(
		kit.Field(f.ID, f.Label, f.Hint, kit.Lines(f.ID, 5, f.onText).Attr("autocapitalize", "none").Lang("en").Attr("translate", "no")),
		&scanBox{Env: e, ID: f.ID + "-scan", Want: []scan.Kind{scan.Secret}, Owner: f},
		smallPick(f.ID+"-file", e.T("kit.from-file"), f.onFile),
		app.If(f.from != "", func() app.UI { return kit.Small(e.T("restore.chosen", "name", f.from)) }),
	)
}

// smallPick opens the file dialog and is not the main thing on its page.
func smallPick(id, label string, h app.EventHandler) app.UI {
	return app.Div().Class("pick").Body(
		app.Input().ID(id).Class("pick-input").Type("file").Accept(".txt,text/plain").OnChange(h),
		app.Label().Class("button", "button-quiet").For(id).Body(kit.Icon("file"), app.Span().Text(label)),
	)
}

// Read takes what a camera has read.
func (f *kitField) Read(ctx app.Context, text string) {
	f.from = ""
	f.Env.D.SetValue(f.ID, text)
	f.Owner.Read(ctx, f.ID, text)
}

func (f *kitField) onText(ctx app.Context, e app.Event) {
	f.from = ""
	f.Owner.Read(ctx, f.ID, kit.Value(ctx))
}

// maxKitFile is far above what a saved kit weighs.
const maxKitFile = 64 << 10

func (f *kitField) onFile(ctx app.Context, e app.Event) {
	file := picked(f.Env, f.ID+"-file")
	if file == nil || file.Size > maxKitFile {
		return
	}
	readText(f.ctx, *file, func(ctx app.Context, text string) {
		f.from = file.Name
		f.Env.D.SetValue(f.ID, text)
		f.Owner.Read(ctx, f.ID, text)
	})
}

// readText reads a small file as text.
func readText(ctx app.Context, file wallet.File, done func(app.Context, string)) {
	var b []byte
	run(ctx, func(c context.Context) (err error) {
		b, err = file.Read(c)
		return err
	}, func(ctx app.Context, err error) {
		if err == nil {
			done(ctx, string(b))
		}
	})
}

// saveBackup writes everything into a file and gives it to the browser.
func saveBackup(ctx app.Context, e *Env, done func(name string, err error)) {
	var name string
	run(ctx, func(c context.Context) error {
		n, b, err := e.W.Export(c)
		if err == nil {
			name = n
			e.D.Download(n, "application/octet-stream", b)
		}
		return err
	}, func(_ app.Context, err error) { done(name, err) })
}

// rehearsal says what a backup turned out to hold when it was opened for a trial.
func rehearsal(e *Env, c *wallet.KitCheck) app.UI {
	return kit.Notice(kit.Good, e.T("kit.opened", "time", e.L.DateTime(c.Created), "n", strconv.Itoa(c.Records)),
		app.If(c.Missing > 0, func() app.UI { return kit.Text(e.N("kit.missing", c.Missing)) }))
}
