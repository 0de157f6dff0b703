package ui

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/share"
	"potli/app/ui/kit"
)

// summary is what matters, by kind: what, details, date.
func (s *printSheet) summary(e *Env, facts []share.Fact) {
	byKind(facts, safety, func(k fhir.Kind, of []share.Fact) {
		if len(of) == 0 {
			s.parts = append(s.parts, printPart{heading: e.kind(k), nothing: e.T("print.nothing")})
			return
		}
		part := printPart{heading: e.kind(k), columns: []string{e.T("share.column.what"), e.T("share.column.detail"), e.T("share.column.date"), e.T("print.source")}}
		for _, f := range of {
			n := mark(s.source(e, f.Item.Record))
			part.rows = append(part.rows, []string{e.title(f.View.Title, f.View.Type, k), measuredOf(e, f), dateOf(e, f), n})
			part.rows = append(part.rows, resultRows(e, f.View, n)...)
		}
		s.parts = append(s.parts, part)
	})
}

func dateOf(e *Env, f share.Fact) string {
	if d := first(f.View.Date, f.Item.Date); d != "" {
		return e.L.Date(d)
	}
	return ""
}

func detailOf(e *Env, f share.Fact) string {
	parts := []string{e.L.Values(f.View.Detail)}
	if f.View.Inactive {
		parts = append(parts, e.T("state.inactive"))
	}
	if f.View.Negated {
		parts = append(parts, e.T("state.negated"))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// measuredOf is detailOf with the range of a single measurement, and whether it is out of it: of a report they stand in its rows.
func measuredOf(e *Env, f share.Fact) string {
	parts := []string{detailOf(e, f)}
	if r := f.View.Results; len(r) == 1 && f.View.Type == "Observation" {
		if word := flagWord(e, r[0].Flag); !strings.Contains(parts[0], word) {
			parts = append(parts, word)
		}
		parts = append(parts, e.L.Measure(r[0].Range))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// resultRows are the numbers of a report, or the components of a measurement. That a value is out of range is said by a word,
// which black on white keeps.
func resultRows(e *Env, v fhir.View, n string) (rows [][]string) {
	if len(v.Results) < 2 && v.Type == "Observation" {
		return nil // its value is the detail
	}
	for _, r := range v.Results {
		if r.Entry >= 0 && r.Entry != v.Entry {
			continue // an entry of its own, chosen or not
		}
		parts := []string{first(e.L.Values(r.Value), e.T("results.none")), flagWord(e, r.Flag), e.L.Measure(r.Range)}
		rows = append(rows, []string{"– " + r.Name, strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · "), "", n})
	}
	return rows
}

func flagWord(e *Env, flag string) string {
	if _, known := flags[flag]; !known || flag == "normal" {
		return ""
	}
	return e.T("flag." + flag)
}

// vaccines is the list of vaccinations that were given, the oldest first, as a vaccination card has them.
func (s *printSheet) vaccines(e *Env, facts []share.Fact) {
	part := printPart{columns: []string{e.T("kind.immunization"), e.T("share.column.date"), e.T("field.doseNumber"), e.T("field.lot"), e.T("print.where"), e.T("print.source")}}
	facts = slices.Clone(facts)
	slices.SortStableFunc(facts, func(a, b share.Fact) int { return strings.Compare(a.View.Date, b.View.Date) })
	for _, f := range facts {
		by := []string{fieldOf(e, f.View, "performer"), fieldOf(e, f.View, "location")}
		part.rows = append(part.rows, []string{e.title(f.View.Title, f.View.Type, f.View.Kind), dateOf(e, f), fieldOf(e, f.View, "doseNumber"),
			fieldOf(e, f.View, "lot"), strings.Join(slices.DeleteFunc(by, func(s string) bool { return s == "" }), " · "), mark(s.source(e, f.Item.Record))})
	}
	s.parts = append(s.parts, part)
}

// medicines is the list of what is taken, with the times of day as far as the prescription names them. Those that it does not
// name stay empty, to be filled in by hand.
func (s *printSheet) medicines(e *Env, facts []share.Fact) {
	part := printPart{columns: []string{e.T("kind.medicine"), e.T("print.morning"), e.T("print.noon"), e.T("print.evening"), e.T("print.night"), e.T("print.how"), e.T("print.since"), e.T("print.source")}}
	for _, f := range facts {
		how := howOf(e, f.View)
		part.rows = append(part.rows, []string{e.title(f.View.Title, f.View.Type, f.View.Kind), f.Times[0], f.Times[1], f.Times[2], f.Times[3],
			strings.Join(how, " · "), dateOf(e, f), mark(s.source(e, f.Item.Record))})
	}
	s.parts = append(s.parts, part)
}

// howOf is all that is said of how a medicine is taken, dose after dose.
func howOf(e *Env, v fhir.View) (how []string) {
	dosed := false
	for _, f := range v.Fields {
		if f.Known && slices.Contains([]string{"field.dose", "field.schedule", "field.instructions"}, f.Label) {
			how, dosed = append(how, e.L.Values(f.Values)), dosed || f.Label == "field.dose"
		}
	}
	if !dosed {
		how = slices.Insert(how, 0, e.L.Values(v.Detail))
	}
	return slices.Compact(slices.DeleteFunc(how, func(s string) bool { return s == "" }))
}

// fieldOf is a known field of a view in words, "" where it has none.
func fieldOf(e *Env, v fhir.View, name string) string {
	for _, f := range v.Fields {
		if f.Known && f.Label == "field."+name {
			return e.L.Values(f.Values)
		}
	}
	return ""
}

// full is every chosen entry with all that it says.
func (s *printSheet) full(e *Env, facts []share.Fact) {
	byKind(facts, nil, func(k fhir.Kind, of []share.Fact) {
		part := printPart{heading: e.kind(k)}
		for _, f := range of {
			part.facts = append(part.facts, printFact{f, s.source(e, f.Item.Record)})
		}
		s.parts = append(s.parts, part)
	})
}

func printFull(e *Env, f printFact) app.UI {
	all := newTo(f.View)
	return app.Article().Class("print-fact").Body(
		app.H4().Class("print-name").Body(app.Span().Text(e.title(f.View.Title, f.View.Type, f.View.Kind)), app.Sup().Class("print-mark").Text(mark(f.source))),
		app.P().Class("print-detail").Text(factLine(e, f.Fact)),
		kit.If(len(all) > 0, func() app.UI { return printFields(e, all) }),
		kit.If(!single(f.View) && len(f.View.Results) > 0, func() app.UI { return printTable(resultPart(e, f)) }),
		app.Range(f.View.Attachments).Slice(func(i int) app.UI {
			return app.P().Class("print-detail").Text(e.T("print.attached", "name", first(f.View.Attachments[i].Title, f.View.Attachments[i].ContentType)))
		}),
		app.If(f.Item.Entry < 0, func() app.UI {
			return app.P().Class("print-detail").Text(e.T("print.attached", "name", f.Item.Title))
		}),
	)
}

// newTo are the fields that say more than the name above them and the head of the page: not again what it is called, nor whose
// it is.
func newTo(v fhir.View) []fhir.Field {
	return slices.DeleteFunc(slices.Concat(v.Fields, v.More), func(f fhir.Field) bool {
		whose := f.Known && f.Label == "field.patient" && len(f.Values) == 1 && f.Values[0].Type == fhir.ValueLink
		return whose || share.Repeats(v, f)
	})
}

// single says whether a view is one measurement with nothing beside it: its line says all of it.
func single(v fhir.View) bool {
	return v.Type == "Observation" && len(v.Results) == 1 && len(v.Results[0].Note) == 0
}

func factLine(e *Env, f share.Fact) string {
	parts := []string{dateOf(e, f), measuredOf(e, f)}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

func printFields(e *Env, list []fhir.Field) app.UI {
	return app.Dl().Class("print-facts").Body(app.Range(list).Slice(func(i int) app.UI {
		return app.Div().Class("print-field").Body(app.Dt().Text(e.L.Label(list[i])), app.Dd().Text(e.L.Values(list[i].Values)))
	}))
}

func resultPart(e *Env, f printFact) printPart {
	part := printPart{columns: []string{e.T("results.name"), e.T("results.value"), e.T("results.range"), e.T("print.source")}}
	for _, r := range f.View.Results {
		value := []string{first(e.L.Values(r.Value), e.T("results.none")), flagWord(e, r.Flag), e.L.Values(r.Note)}
		part.rows = append(part.rows, []string{r.Name, strings.Join(slices.DeleteFunc(value, func(s string) bool { return s == "" }), " · "), e.L.Measure(r.Range), mark(f.source)})
	}
	return part
}
