package ui

import (
	"context"
	"errors"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// importReport says, by name, what became of each file.
type importReport struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot
}

func (r *importReport) Render() app.UI {
	e, files := r.Env, r.Snap.Import.Files
	return app.Section().ID("report").Class("card", "report").Role("status").Body(
		app.H2().Class("card-title").Text(r.heading()),
		kit.If(r.Snap.Import.Health != nil, func() app.UI { return healthDone(e, r.Snap.Import.Health) }),
		app.Ul().Class("report-list").Body(app.Range(files).Slice(func(i int) app.UI {
			return &importedFile{Env: e, Snap: r.Snap, Index: i, File: files[i]}
		})),
		kit.Row(
			kit.Link(kit.Main, "home", e.T("report.see"), pathHome),
			kit.Button(kit.Plain, "close", e.T("action.close"), r.onClose).ID("report-close"),
		),
	)
}

func (r *importReport) heading() string {
	if r.Snap.Import.Health != nil {
		return r.Env.T("health.title")
	}
	in, waiting := 0, 0
	for _, f := range r.Snap.Import.Files {
		switch {
		case f.Waiting:
			waiting++
		case f.Err == nil:
			in++
		}
	}
	if waiting > 0 {
		return r.Env.N("report.asks", waiting)
	}
	return r.Env.T("report.title", "n", strconv.Itoa(in), "total", r.Env.L.Number(len(r.Snap.Import.Files)))
}

func (r *importReport) onClose(ctx app.Context, e app.Event) { r.Env.W.DismissImport() }

// importedFile is one file of the report. Where the document says it is about somebody else it asks, never guesses (F4).
type importedFile struct {
	app.Compo
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Index int
	File  wallet.ImportedFile

	open  string // "", "move"
	busy  bool
	fault error
}

// CompoID keeps each file its own.
func (f *importedFile) CompoID() string { return strconv.Itoa(f.Index) + f.File.Name }

func (f *importedFile) Render() app.UI {
	e := f.Env
	return app.Li().Class("report-file").Body(
		app.P().Class("report-name").Text(f.name()),
		app.If(f.File.Waiting, f.question).ElseIf(f.File.Err != nil, f.reason).Else(f.in),
		app.If(f.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(f.fault)) }),
	)
}

func (f *importedFile) name() string {
	if f.File.Name == "" {
		return f.Env.T("report.pasted")
	}
	return f.File.Name
}

func (f *importedFile) in() app.UI {
	meta, known := f.Env.W.Record(f.File.ID)
	return app.Div().Class("report-done").Body(
		app.A().Class("report-in").Href(pathRecord+string(f.File.ID)).
			Body(kit.Icon("check"), app.Span().Text(f.Env.T("report.in"))),
		kit.If(f.open == "" && known && len(f.Snap.Shown()) > 1, func() app.UI {
			return kit.Button(kit.Quiet, "move", f.Env.T("report.move", "name", person(f.Snap, string(meta.Profile)).Name), f.onMove)
		}),
		app.If(f.open == "move" && known, func() app.UI {
			return &mover{Env: f.Env, Snap: f.Snap, Meta: meta, Key: strconv.Itoa(f.Index), Owner: f}
		}),
	)
}

func (f *importedFile) onMove(ctx app.Context, e app.Event) {
	f.open = "move"
	f.focus(f.Env, "move-"+strconv.Itoa(f.Index))
}

// Moved ends the question whose this is.
func (f *importedFile) Moved(ctx app.Context, yes bool) { f.open = "" }

func (f *importedFile) reason() app.UI {
	icon := "warn"
	if errors.Is(f.File.Err, record.ErrDuplicate) || errors.Is(f.File.Err, wallet.ErrLeftOut) || errors.Is(f.File.Err, wallet.ErrHealth) {
		icon = "info"
	}
	return app.Div().Class("report-reason").Body(
		kit.Icon(icon),
		app.Span().Text(f.Env.Explain(f.File.Err)),
		kit.If(errors.Is(f.File.Err, record.ErrDuplicate) && f.File.ID != "", func() app.UI {
			return app.A().Class("text-link").Href(pathRecord + string(f.File.ID)).Text(f.Env.T("report.open"))
		}),
		app.If(errors.Is(f.File.Err, wallet.ErrIsBackup), func() app.UI {
			return app.A().Class("text-link").Href(pathBackup).Text(f.Env.T("report.restore"))
		}),
	)
}

func (f *importedFile) question() app.UI {
	e, who, others := f.Env, f.Snap.Person(), f.others()
	return kit.Ask("wrong-person-"+strconv.Itoa(f.Index), e.T("wrong.title"),
		e.T("wrong.text", "name", f.Snap.Person().Name, "other", f.other()),
		kit.Button(kit.Plain, "check", e.T("wrong.keep", "name", who.Name), f.onKeep).Disabled(f.busy),
		kit.Place(app.Range(others).Slice(func(i int) app.UI {
			p := others[i]
			return &kit.Option{Owner: f, List: "wrong", Value: string(p.ID), Text: e.T("wrong.give", "name", p.Name),
				Hint: f.fits(p), Portrait: e.portrait(p)}
		})),
		kit.If(f.newcomer(), func() app.UI {
			return kit.Button(kit.Plain, "plus", e.T("wrong.new", "name", f.File.Subject.Name), f.onNew).Disabled(f.busy)
		}),
		kit.Button(kit.Quiet, "close", e.T("wrong.leave"), f.onLeave).Disabled(f.busy),
	)
}

// others are those to whom it can be moved: first those whom the document seems to mean.
func (f *importedFile) others() (list []wallet.Person) {
	for _, p := range append(f.matches(), f.Snap.Shown()...) {
		if p.ID != f.Snap.Current && !has(list, p.ID) {
			list = append(list, p)
		}
	}
	return list
}

func (f *importedFile) matches() []wallet.Person {
	if f.File.Subject == nil {
		return nil
	}
	return f.Snap.Fits(*f.File.Subject)
}

// fits says of somebody that name and birth date of the document are theirs, else when they were born.
func (f *importedFile) fits(p wallet.Person) string {
	if has(f.matches(), p.ID) {
		return f.Env.T("wrong.fits")
	}
	return first(f.Env.born(p), f.Env.T("people.unborn"))
}

// other is whom the document says it is about.
func (f *importedFile) other() string {
	s := f.File.Subject
	switch {
	case s == nil:
		return ""
	case s.BirthDate == "":
		return s.Name
	}
	return f.Env.T("wrong.other", "name", s.Name, "born", f.Env.L.Date(s.BirthDate))
}

// newcomer says whether the document names somebody who could be added to the family.
func (f *importedFile) newcomer() bool { return f.File.Subject != nil && f.File.Subject.Name != "" }

func (f *importedFile) onKeep(ctx app.Context, e app.Event) { f.settle(ctx, f.Snap.Current) }

func (f *importedFile) onLeave(ctx app.Context, e app.Event) { f.settle(ctx, "") }

// Pick gives the document to another person of the family.
func (f *importedFile) Pick(ctx app.Context, list, value string) {
	f.settle(ctx, record.ProfileID(value))
}

func (f *importedFile) settle(ctx app.Context, who record.ProfileID) {
	if f.busy {
		return
	}
	f.busy, f.fault = true, nil
	index := f.Index
	run(f.ctx, func(c context.Context) error { return f.Env.W.Settle(c, index, who) }, f.done)
}

func (f *importedFile) onNew(ctx app.Context, e app.Event) {
	if f.busy {
		return
	}
	f.busy, f.fault = true, nil
	index, s := f.Index, *f.File.Subject
	run(f.ctx, func(c context.Context) error {
		p, err := f.Env.W.AddSubject(c, s)
		if err != nil {
			return err
		}
		return f.Env.W.Settle(c, index, p.ID)
	}, f.done)
}

func (f *importedFile) done(ctx app.Context, err error) { f.busy, f.fault = false, err }
