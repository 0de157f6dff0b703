package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
)

// Speaker changes the language; the shell is it. done hears what became of it: after an error nothing has changed.
type Speaker interface {
	Speak(ctx app.Context, tag string, done func(app.Context, error))
}

// few is how many languages stand on a page by themselves. More are folded away, behind the one that is spoken: they would
// push what the page is for off a small screen.
const few = 3

// languages offers each language in its own script.
type languages struct {
	app.Compo
	here
	Env     *Env
	Speaker Speaker
	Open    bool // on a page about the language: nothing is folded, and who has checked the words is said

	coming  string // the tag of what is being fetched
	missing string // of what could not be fetched
	unkept  string // of what could not be kept for days without network
}

func (l *languages) Render() app.UI {
	e, all := l.Env, l.Env.Langs.Offered()
	return app.Div().Class("language-box").Body(
		app.If(l.Open || len(all) <= few, l.list).Else(l.folded),
		app.Div().Class("language-said").Aria("live", "polite").Body(
			kit.If(l.coming != "", func() app.UI { return kit.Wait(e.T("language.wait", "name", e.Langs.Of(l.coming).Name)) }),
			kit.If(l.missing != "", func() app.UI {
				return kit.Notice(kit.Warn, e.T("language.fault", "name", e.Langs.Of(l.missing).Name)).ID("language-fault")
			}),
			kit.If(l.unkept != "", func() app.UI {
				return kit.Notice(kit.Note, e.T("language.unkept", "name", e.Langs.Of(l.unkept).Name)).ID("language-unkept")
			}),
		),
		app.If(l.Open, func() app.UI {
			return app.P().ID("language-checked").Class("small").Text(e.T(checkedBy(e.Langs.Of(e.L.Tag()))))
		}),
	)
}

// checkedBy says who has read the words of a language.
func checkedBy(o Language) string {
	switch {
	case o.Tag == english:
		return "language.source"
	case o.Checked:
		return "language.checked"
	}
	return "language.unchecked"
}

// folded shows the language that is spoken, and the others on demand.
func (l *languages) folded() app.UI {
	now := l.Env.Langs.Of(l.Env.L.Tag())
	return app.Details().Class("language-fold").Body(
		app.Summary().Class("language-now").Body(
			kit.Icon("speech"),
			app.Span().Class("away").Text(l.Env.T("language.label")),
			app.Span().Lang(now.Tag).Text(now.Name),
			kit.Icon("down"),
		),
		l.list(),
	)
}

func (l *languages) list() app.UI {
	e, all := l.Env, l.Env.Langs.Offered()
	return app.Div().Class("languages").Role("group").Aria("label", e.T("language.label")).Body(
		kit.Icon("speech"),
		app.Range(all).Slice(func(i int) app.UI {
			o := all[i]
			return &kit.Option{Owner: l, List: "language", Value: o.Tag, Text: l.named(o), Lang: o.Tag, On: o.Tag == e.L.Tag()}
		}),
	)
}

// named is a language in its own script, with its English name where this device has no letters for that: boxes tell nobody
// anything.
func (l *languages) named(o Language) string {
	if o.Font != "" && o.Tag != l.Env.L.Tag() && !l.Env.D.CanDraw(o.Name) {
		return o.Name + " · " + o.English
	}
	return o.Name
}

// Pick speaks another language. The one before stays until all of the new one is here.
func (l *languages) Pick(ctx app.Context, list, value string) {
	if l.coming != "" || value == l.Env.L.Tag() {
		return
	}
	l.coming, l.missing, l.unkept = value, "", ""
	l.Speaker.Speak(ctx, value, func(_ app.Context, err error) {
		l.ctx.Dispatch(func(app.Context) { l.spoken(value, err) }) // so that these buttons are drawn again, and not the shell alone
	})
}

// spoken hears what became of a choice.
func (l *languages) spoken(tag string, err error) {
	l.coming = ""
	if err != nil {
		l.missing = tag
		return
	}
	l.keep(tag)
}

// keep has the language here for days without network.
func (l *languages) keep(tag string) {
	langs := l.Env.Langs
	run(l.ctx, func(c context.Context) error { return langs.Keep(c, tag) }, func(_ app.Context, err error) {
		if err != nil {
			l.unkept = tag
		}
	})
}

// Both is a sentence by which somebody agrees to something or gives something away. In a language whose words nobody has
// checked it stands in English too, with dates and lists as English has them: say is asked once for each.
func (e *Env) Both(say func(e *Env) string) app.UI {
	return app.Div().Class("both").Body(kit.Text(say(e)), e.beneath(say))
}

// beneath is the English of Both alone, for a sentence that stands above in a face of its own; nothing where it need not.
func (e *Env) beneath(say func(e *Env) string) app.UI {
	beside := e.beside()
	return kit.If(beside != nil, func() app.UI {
		return app.P().Class("text", "both-english").Lang(english).Dir("ltr").Text(say(beside))
	})
}

// beside is this Env in English, nil where the words of its own language have been checked.
func (e *Env) beside() *Env {
	loc := e.Langs.Beside(e.L.Tag())
	if loc == nil {
		return nil
	}
	other := *e
	other.L = loc
	return &other
}
