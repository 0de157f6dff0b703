package ui

import (
	"context"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/diary"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// writeIcons are those of the drawers in which a note is found again.
var writeIcons = map[diary.Kind]fhir.Kind{
	diary.Medicine: fhir.KindMedicine, diary.Allergy: fhir.KindAllergy, diary.Condition: fhir.KindCondition,
	diary.Vaccine: fhir.KindImmunization, diary.Visit: fhir.KindVisit, diary.Document: fhir.KindDocument,
}

func writeIcon(k diary.Kind) string {
	if i := writeIcons[k]; i != "" {
		return string(i)
	}
	return string(fhir.KindVital)
}

// pageWrite asks what is to be written down.
type pageWrite struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	asked bool
	fault error // why nothing may be written
}

func (p *pageWrite) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageWrite) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.ask()
}

func (p *pageWrite) OnUpdate(ctx app.Context) { p.ask() }

func (p *pageWrite) ask() {
	w, who := p.Env.W, p.Snap.Current
	run(p.ctx, func(c context.Context) error { return w.MayWrite(c, who) }, func(_ app.Context, err error) {
		p.asked, p.fault = true, err
	})
}

func (p *pageWrite) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "write").Body(
		kit.Back(e.T("add.title"), pathAdd),
		kit.Title(e.T("write.title")),
		writeFor(e, p.Snap.Person()),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Warn, e.Explain(p.fault)) }),
		app.IfSlice(p.fault == nil, func() []app.UI {
			return []app.UI{p.group(e.T("write.measured"), true), p.group(e.T("write.other"), false), kit.Small(e.T("write.marked"))}
		}),
	)
}

// group offers measurements, or everything else.
func (p *pageWrite) group(heading string, vital bool) app.UI {
	return app.Section().Class("write-group").Body(
		app.H2().Class("section-title").Text(heading),
		app.Div().Class("write-kinds").Body(app.Range(diary.Kinds).Slice(func(i int) app.UI {
			k := diary.Kinds[i]
			if k.Vital() != vital {
				return nil
			}
			return kit.Link(kit.Plain, writeIcon(k), p.Env.T("diary.kind."+string(k)), pathWriteOne+string(k)).ID("write-" + string(k))
		})),
	)
}

// writeFor says about whom something is written, wherever it is (F1).
func writeFor(e *Env, who wallet.Person) app.UI {
	return app.Div().Class("whose", kit.Colour(who.Colour)).Body(
		kit.Avatar(e.portrait(who)),
		app.Div().Class("whose-words").Body(
			app.P().ID("write-for").Class("whose-text").Text(e.T("write.for", "name", who.Name)),
		),
	)
}

// writeLink leads from the timeline to writing.
func writeLink(e *Env) app.UI {
	return kit.Row(kit.Link(kit.Quiet, "edit", e.T("write.title"), pathWrite).ID("write"))
}

// byHand marks what the family wrote itself: nobody takes it for a clinic's word.
func byHand(e *Env, how string) app.UI {
	if how != wallet.HowHand {
		return nil
	}
	return kit.Chip("quiet", "edit", e.T("write.self"))
}

// lastUnit is the unit in which a kind was written last, "" where there is none. The records know it: nothing needs to be
// remembered beside them.
func lastUnit(e *Env, k diary.Kind) string {
	for _, g := range e.W.Timeline(wallet.Query{Kinds: []fhir.Kind{fhir.KindVital}, Limit: 60}).Groups {
		for _, l := range g.Lines {
			for _, m := range l.Measures {
				if unit := diary.UnitOf(k, m.Unit); unit != "" && (k.Measures(m.Code) || k.Measures(l.Code)) {
					return unit
				}
			}
		}
	}
	return ""
}

// askKey is the message that asks a question: of this kind, where the words differ.
func askKey(e *Env, family string, k diary.Kind, name string) string {
	if key := family + string(k) + "." + name; e.L.Has(key) {
		return key
	}
	return family + name
}

// question says a question.
func question(e *Env, k diary.Kind, name string) string { return e.T(askKey(e, "diary.ask.", k, name)) }

// hint says what helps to answer it, "" where nothing does.
func hint(e *Env, k diary.Kind, name string) string {
	if key := askKey(e, "diary.hint.", k, name); e.L.Has(key) {
		return e.T(key)
	}
	return ""
}

// unitWords are units that are written otherwise than they are named. The others are the same in every language.
var unitWords = map[string]string{"F": "°F", "C": "°C"}

func picks(e *Env, q diary.Question) []kit.Choice {
	var list []kit.Choice
	for _, o := range q.Options {
		switch {
		case q.Name == "unit":
			list = append(list, kit.Choice{Value: o, Text: first(unitWords[o], o)})
		case o == "":
			list = append(list, kit.Choice{Text: e.T("diary.pick.none")})
		default:
			list = append(list, kit.Choice{Value: o, Text: e.T("diary.pick." + q.Name + "." + o)})
		}
	}
	return list
}

// doubted asks about one answer that is hard to believe.
func doubted(e *Env, k diary.Kind, d diary.Doubt) string {
	if d.Code == "range" {
		return e.T("write.doubt-range", "what", question(e, k, d.Question), "low", d.Low, "high", d.High)
	}
	return e.T("diary.doubt."+d.Code, "what", question(e, k, d.Question))
}

// hindi says whether names in Hindi are suggested as well.
func hindi(e *Env) bool { return strings.HasPrefix(e.L.Tag(), "hi") }

// writePage chooses by what is to be written; a kind that nobody knows is chosen anew.
func writePage(e *Env, s *wallet.Snapshot, at place) app.UI {
	switch {
	case at.page == pathCorrect:
		return &pageWriteOne{Env: e, Snap: s, Correct: at.id}
	case diary.Kind(at.id).Known():
		return &pageWriteOne{Env: e, Snap: s, Kind: at.id}
	}
	return &pageWrite{Env: e, Snap: s}
}

// earlierVersions says why entries of a note are struck out.
func earlierVersions(e *Env, m record.Meta, d *fhir.Document) app.UI {
	if m.Source.How != wallet.HowHand || d == nil || !slices.ContainsFunc(d.Views, func(v fhir.View) bool { return v.Void }) {
		return nil
	}
	return app.P().ID("earlier").Class("small").Text(e.T("write.earlier"))
}
