package ui

import (
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/ui/kit"
)

// How many entries of a section are drawn before "show more", how many more that shows, and how many stand before one that
// was asked for. A document can hold thousands.
const (
	entriesAtOnce = 25
	entriesMore   = 50
	entriesBefore = 5
)

// section is one heading of a document with what stands under it, in the document's order.
type section struct {
	app.Compo
	Env    *Env
	Record record.ID
	Doc    *fhir.Document
	Index  int
	Want   int // entry that was asked for, shown however far down it stands; -1: none

	from, to int // entries that are drawn
}

func (s *section) OnInit() { s.choose() }

func (s *section) OnUpdate(app.Context) { s.choose() }

// choose draws the first entries, or those around the one that was asked for.
func (s *section) choose() {
	entries := s.Doc.Sections[s.Index].Entries
	i := s.wanted(entries)
	switch {
	case i >= entriesAtOnce && (i < s.from || i >= s.to):
		s.from = i - entriesBefore
		s.to = s.from + entriesAtOnce
	case s.to == 0:
		s.to = entriesAtOnce
	}
	s.to = min(s.to, len(entries))
	s.from = min(s.from, s.to)
}

// wanted is where the wanted entry stands, itself or in its report; -1: nowhere.
func (s *section) wanted(entries []int) int {
	return slices.IndexFunc(entries, func(n int) bool {
		return n == s.Want || n >= 0 && n < len(s.Doc.Views) && slices.Contains(s.Doc.Views[n].Parts, s.Want)
	})
}

func (s *section) Render() app.UI {
	sec := s.Doc.Sections[s.Index]
	shown := sec.Entries[s.from:s.to]
	return app.Section().Class("section").Body(
		app.Div().Class("section-head").Body(
			app.H2().Class("section-title").Text(s.title(sec)),
			explainedSection(s.Env, "section"+strconv.Itoa(s.Index), sec),
		),
		kit.If(sec.Empty != "", func() app.UI { return kit.Text(s.empty(sec.Empty)) }),
		kit.If(len(sec.Narrative) > 0, func() app.UI { return s.narrative(sec) }),
		kit.If(s.from > 0, func() app.UI {
			return kit.Button(kit.Plain, "up", s.Env.N("record.before", s.from), s.onBefore)
		}),
		kit.Place(app.Range(shown).Slice(func(i int) app.UI {
			if n := shown[i]; n >= 0 && n < len(s.Doc.Views) {
				return &view{Env: s.Env, Record: s.Record, View: &s.Doc.Views[n], Doc: s.Doc, Alone: len(s.Doc.Views) == 1, Want: s.Want}
			}
			return nil
		})),
		app.If(s.to < len(sec.Entries), func() app.UI {
			return kit.Button(kit.Plain, "down", s.Env.N("record.rest", len(sec.Entries)-s.to), s.onMore)
		}),
	)
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

// narrative is the author's own text: open when it is all there is to read, folded beside the entries it repeats. A file
// or a picture repeats nothing.
func (s *section) narrative(sec fhir.Section) app.UI {
	body := app.Div().Class("narrative").Body(nodes("h3", sec.Narrative)...)
	if !slices.ContainsFunc(sec.Entries, func(n int) bool {
		return n < 0 || n >= len(s.Doc.Views) || s.Doc.Views[n].Kind != fhir.KindDocument
	}) {
		return body
	}
	return kit.Details(s.Env.T("record.narrative"), body)
}

func (s *section) onMore(ctx app.Context, e app.Event) {
	s.to = min(s.to+entriesMore, len(s.Doc.Sections[s.Index].Entries))
}

func (s *section) onBefore(ctx app.Context, e app.Event) { s.from = max(s.from-entriesMore, 0) }
