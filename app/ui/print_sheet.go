package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// printSheet is what goes on paper, as it will look there. The browser prints it, and makes a PDF of it where it is asked to:
// it shapes every Indian script with the fonts of the device. Each page begins with whose it is and of when (a table's head
// is repeated), and ends with its number (web/styles/print_sheet.css).
type printSheet struct {
	what    string
	title   string
	person  wallet.Person
	made    time.Time
	parts   []printPart
	sources []record.Meta // by number: where each line comes from
}

// printPart is a heading with what stands under it: a table, or facts one by one.
type printPart struct {
	heading string
	columns []string
	rows    [][]string // the last cell of each is the number of its source
	facts   []printFact
	nothing string // what is said where there are none
}

// printFact is one entry in full.
type printFact struct {
	share.Fact
	source int // its number
}

func newSheet(e *Env, what string, p *wallet.Preview, facts []share.Fact) *printSheet {
	s := &printSheet{what: what, title: e.T("export.name." + what), person: p.Person, made: e.Now()}
	switch what {
	case paperVaccines:
		s.vaccines(e, facts)
	case paperMedicines:
		s.medicines(e, facts)
	case paperFull:
		s.full(e, facts)
	default:
		s.summary(e, facts)
	}
	return s
}

// source gives the number of the document that a fact comes from.
func (s *printSheet) source(e *Env, id record.ID) int {
	i := slices.IndexFunc(s.sources, func(m record.Meta) bool { return m.ID == id })
	if i < 0 {
		m, ok := e.W.Record(id)
		if !ok {
			m.ID = id
		}
		s.sources = append(s.sources, m)
		i = len(s.sources) - 1
	}
	return i + 1
}

// page shows the paper with what can be done with it.
func (s *printSheet) page(e *Env, p *pageExport) app.UI {
	size := sizeA4
	if p.order.letter {
		size = sizeLetter
	}
	return app.Div().Class("page", "share").Body(
		kit.Title(e.T("export.paper-title")),
		kit.Text(e.T("export.paper-text")),
		kit.If(p.fault != nil, func() app.UI { return faultOf(e, p.fault) }),
		kit.Field("size", e.T("export.size"), "", kit.Select("size", size, []kit.Choice{
			{Value: sizeA4, Text: e.T("export.size-a4")}, {Value: sizeLetter, Text: e.T("export.size-letter")},
		}, p.onLetter)),
		kit.Row(
			kit.Button(kit.Main, "print", e.T("export.print"), p.onPrint).ID("export-print"),
			kit.Button(kit.Plain, "back", e.T("export.again"), p.onBack).ID("export-again"),
		),
		kit.Small(e.T("export.pdf-hint")),
		s.draw(e, size),
	)
}

func (s *printSheet) draw(e *Env, size string) app.UI {
	return app.Section().ID("paper").Class("print-sheet", "print-"+size).TabIndex(0).Aria("label", s.title).Body(
		app.Table().Class("print-frame").Role("presentation").Body(
			app.THead().Body(app.Tr().Body(app.Td().Class("print-head").Body(
				app.Span().Class("print-who").Text(s.who(e)),
				app.Span().Class("print-when").Text(e.T("print.made", "date", e.L.Day(s.made))),
			))),
			app.TBody().Body(app.Tr().Body(app.Td().Class("print-body").Body(
				app.H2().Class("print-title").Text(s.title),
				kit.If(s.what == paperVaccines, func() app.UI { return app.P().Class("print-note").Text(e.T("print.unofficial")) }),
				kit.If(s.what == paperMedicines, func() app.UI { return app.P().Class("print-note").Text(e.T("print.medicines-note")) }),
				kit.Place(app.Range(s.parts).Slice(func(i int) app.UI { return s.part(e, s.parts[i]) })),
				s.provenance(e),
			))),
		),
	)
}

func (s *printSheet) who(e *Env) string {
	if s.person.BirthDate == "" {
		return s.person.Name
	}
	return e.T("record.born", "name", s.person.Name, "born", e.L.Date(s.person.BirthDate))
}

func (s *printSheet) part(e *Env, part printPart) app.UI {
	return app.Section().Class("print-part").Body(
		kit.If(part.heading != "", func() app.UI { return app.H3().Class("print-heading").Text(part.heading) }),
		kit.If(part.nothing != "", func() app.UI { return app.P().Class("print-note").Text(part.nothing) }),
		kit.If(len(part.rows) > 0, func() app.UI { return printWide(part, first(part.heading, s.title)) }),
		app.Range(part.facts).Slice(func(i int) app.UI { return printFull(e, part.facts[i]) }),
	)
}

// wide tables have more columns than a phone has room for: there they are moved sideways, and the rest of the paper stays.
const wide = 5

func printWide(part printPart, label string) app.UI {
	if len(part.columns) < wide {
		return printTable(part)
	}
	return app.Div().Class("print-wide").TabIndex(0).Role("region").Aria("label", label).Body(printTable(part))
}

func printTable(part printPart) app.UI {
	last := len(part.columns) - 1
	return app.Table().Class("print-table").Body(
		app.THead().Body(app.Tr().Body(app.Range(part.columns).Slice(func(i int) app.UI {
			return app.Th().Scope("col").Text(part.columns[i])
		}))),
		app.TBody().Body(app.Range(part.rows).Slice(func(i int) app.UI {
			row := part.rows[i]
			return app.Tr().Body(app.Range(row).Slice(func(j int) app.UI {
				switch j {
				case 0:
					return app.Th().Scope("row").Text(row[j])
				case last:
					return app.Td().Class("print-mark").Text(row[j])
				}
				return app.Td().Text(row[j])
			}))
		})),
	)
}

// provenance says where each numbered line comes from: what document, by whom, of when, and how it came here.
func (s *printSheet) provenance(e *Env) app.UI {
	return app.Section().Class("print-part").Body(
		app.H3().Class("print-heading").Text(e.T("print.sources")),
		app.Ol().Class("print-sources").Body(app.Range(s.sources).Slice(func(i int) app.UI {
			return app.Li().Text(sourceLine(e, s.sources[i]))
		})),
		app.P().Class("print-note").Text(e.T("print.by-person")),
	)
}

func sourceLine(e *Env, m record.Meta) string {
	parts := []string{first(e.own(first(m.Title, m.Outline.Title)), m.Source.Name, e.T("record.title")), m.Outline.Author}
	if d := first(m.Date, m.Outline.Date); d != "" {
		parts = append(parts, e.L.Date(d))
	}
	if how := "source." + m.Source.How; m.Source.How != "" && e.L.Has(how) {
		parts = append(parts, e.T(how))
	}
	if !m.Added.IsZero() {
		parts = append(parts, e.T("print.added", "date", e.L.Day(m.Added)))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// safety are the kinds that a summary names even where it has nothing of them: who reads it must not take silence for an answer.
var safety = []fhir.Kind{fhir.KindAllergy, fhir.KindCondition, fhir.KindMedicine}

// byKind puts facts into drawers, in the order in which a summary shows them. always are those that are there though empty.
func byKind(facts []share.Fact, always []fhir.Kind, do func(fhir.Kind, []share.Fact)) {
	for _, k := range kinds {
		var of []share.Fact
		for _, f := range facts {
			if f.Item.Kind == k {
				of = append(of, f)
			}
		}
		if len(of) > 0 || slices.Contains(always, k) {
			do(k, of)
		}
	}
}

func mark(n int) string { return strconv.Itoa(n) }
