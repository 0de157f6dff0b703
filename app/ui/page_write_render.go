package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/diary"
	"potli/app/ui/kit"
)

func (p *pageWriteOne) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "write").Body(
		p.back(),
		kit.Title(p.title()),
		writeFor(e, p.person()),
		kit.If(p.may != nil, func() app.UI { return kit.Notice(kit.Warn, e.Explain(p.may)) }),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		kit.If(!p.ready, func() app.UI { return kit.Wait(e.T("record.opening")) }),
		kit.If(p.ready && p.may == nil && p.note.Kind.Known() && p.stage != writtenDown, p.form),
		app.If(p.stage == writtenDown, p.kept),
	)
}

func (p *pageWriteOne) back() app.UI {
	if p.Correct != "" {
		return kit.Back(p.Env.T("record.title"), pathRecord+p.Correct)
	}
	return kit.Back(p.Env.T("write.title"), pathWrite)
}

func (p *pageWriteOne) title() string {
	e, k := p.Env, string(p.note.Kind)
	if k == "" || p.Correct == "" {
		k = p.Kind
	}
	switch {
	case !diary.Kind(k).Known():
		return e.T("write.correct")
	case p.Correct != "":
		return e.T("write.correct-what", "what", e.T("diary.kind."+k))
	}
	return e.T("diary.kind." + k)
}

func (p *pageWriteOne) form() app.UI {
	e := p.Env
	return app.Form().ID("write-form").Class("form").OnSubmit(p.onSubmit).Attr("novalidate", true).Body(
		kit.If(p.resumed, func() app.UI {
			return kit.Notice(kit.Note, e.T("write.resumed"), kit.Row(kit.Button(kit.Plain, "undo", e.T("write.anew"), p.onAnew).ID("write-anew")))
		}),
		p.answers(false),
		kit.If(p.has(true), func() app.UI { return kit.Details(e.T("write.more"), p.answers(true)) }),
		kit.If(len(p.faults) > 0, func() app.UI { return kit.Notice(kit.Danger, e.N("write.look", len(p.faults))) }),
		kit.If(p.stage == wondering, p.wonder),
		app.If(p.stage != wondering, func() app.UI {
			return kit.Submit(kit.Main, "check", e.T("action.save")).ID("write-save").Disabled(p.busy)
		}),
		kit.Small(e.T("write.marked")),
	)
}

// has says whether anything is asked that most people leave out.
func (p *pageWriteOne) has(aside bool) bool { return len(p.asked(aside)) > 0 }

func (p *pageWriteOne) asked(aside bool) (list []diary.Question) {
	for _, q := range diary.Form(p.note.Kind) {
		if q.Aside == aside && q.Asked(p.note) {
			list = append(list, q)
		}
	}
	return list
}

// answers are the controls, numbers beside one another where there is room.
func (p *pageWriteOne) answers(aside bool) app.UI {
	list := p.asked(aside)
	return app.Div().Class("answers").Body(app.Range(list).Slice(func(i int) app.UI {
		q := list[i]
		return app.Div().Class("answer-place", "answer-"+string(q.Type)).Body(
			&answer{Env: p.Env, Kind: p.note.Kind, Q: q, Value: p.note.Answers[q.Name], Turn: p.turnID(), Wrong: p.wrong(q.Name), Owner: p})
	}))
}

func (p *pageWriteOne) wrong(name string) string {
	for _, f := range p.faults {
		if f.Question == name {
			return p.Env.T("diary.fault." + f.Code)
		}
	}
	return ""
}

// wonder asks about what is hard to believe. Nothing was changed.
func (p *pageWriteOne) wonder() app.UI {
	e := p.Env
	return app.Section().ID("write-sure").TabIndex(-1).Class("ask").Role("group").Aria("labelledby", "write-sure-q").Body(
		app.H2().ID("write-sure-q").Class("ask-title").Text(e.T("write.sure")),
		app.Ul().Class("doubts").Body(app.Range(p.doubts).Slice(func(i int) app.UI {
			return app.Li().Text(doubted(e, p.note.Kind, p.doubts[i]))
		})),
		kit.Row(
			kit.Button(kit.Main, "edit", e.T("write.again"), p.onAgain).ID("write-again"),
			kit.Button(kit.Plain, "check", e.T("write.right"), p.onSure).ID("write-right").Disabled(p.busy),
		),
	)
}

// kept says that it is a record, and offers the next.
func (p *pageWriteOne) kept() app.UI {
	e := p.Env
	return app.Div().Class("write-group").Body(
		app.Div().ID("write-kept").TabIndex(-1).Body(kit.Notice(kit.Good, e.T("write.kept", "name", p.person().Name))),
		kit.Row(
			kit.If(p.Correct == "", func() app.UI {
				return kit.Button(kit.Main, "plus", e.T("write.next"), p.onNext).ID("write-next")
			}),
			kit.Link(kit.Plain, "open", e.T("write.see"), pathRecord+string(p.id)).ID("write-see"),
			kit.Link(kit.Plain, "edit", e.T("write.another"), pathWrite).ID("write-another"),
			kit.Link(kit.Quiet, "home", e.T("nav.home"), pathHome),
		),
	)
}
