package ui

import (
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/ui/kit"
)

// entriesAtOnce is how many entries of a section are drawn before "show more": a document can hold thousands.
const entriesAtOnce = 25

// section is one heading of a document with what stands under it, in the document's order.
type section struct {
	app.Compo
	Env    *Env
	Record record.ID
	Doc    *fhir.Document
	Index  int
	Want   int // entry that was asked for, shown however far down it stands; -1: none

	limit int
}

func (s *section) Render() app.UI {
	sec := s.Doc.Sections[s.Index]
	shown := sec.Entries[:min(len(sec.Entries), max(s.limit, entriesAtOnce, s.upTo(sec)))]
	return app.Section().Class("section").Body(
		app.Div().Class("section-head").Body(
			app.H2().Class("section-title").Text(s.title(sec)),
			explainedSection(s.Env, "section"+strconv.Itoa(s.Index), sec),
		),
		app.If(sec.Empty != "", func() app.UI { return kit.Text(s.empty(sec.Empty)) }),
		app.If(len(sec.Narrative) > 0, func() app.UI { return s.narrative(sec) }),
		app.Range(shown).Slice(func(i int) app.UI {
			if n := shown[i]; n >= 0 && n < len(s.Doc.Views) {
				return &view{Env: s.Env, Record: s.Record, View: &s.Doc.Views[n], Doc: s.Doc, Alone: len(s.Doc.Views) == 1, Want: s.Want}
			}
			return nil
		}),
		app.If(len(shown) < len(sec.Entries), func() app.UI {
			return kit.Button(kit.Plain, "down", s.Env.N("record.rest", len(sec.Entries)-len(shown)), s.onMore)
		}),
	)
}

// upTo is how many entries have to be drawn for the wanted one to be among them, itself or in its report.
func (s *section) upTo(sec fhir.Section) int {
	for i, n := range sec.Entries {
		if n == s.Want || n >= 0 && n < len(s.Doc.Views) && slices.Contains(s.Doc.Views[n].Parts, s.Want) {
			return i + 1
		}
	}
	return 0
}

func (s *section) title(sec fhir.Section) string {
	if sec.Title != "" {
		return sec.Title
	}
	return s.Env.kind(sec.Kind)
}

// empty says why a section holds nothing. A code nobody knows is shown as it is.
func (s *section) empty(code string) string {
	if key := "empty." + code; s.Env.L.Has(key) {
		return s.Env.T(key)
	}
	return s.Env.T("empty.other", "code", code)
}

// narrative is the author's own text: open when it is all there is, folded beside the entries it repeats.
func (s *section) narrative(sec fhir.Section) app.UI {
	body := app.Div().Class("narrative").Body(nodes("h3", sec.Narrative)...)
	if len(sec.Entries) == 0 {
		return body
	}
	return kit.Details(s.Env.T("record.narrative"), body)
}

func (s *section) onMore(ctx app.Context, e app.Event) {
	s.limit = max(s.limit, entriesAtOnce) + 4*entriesAtOnce
}
