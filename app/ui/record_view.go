package ui

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/ui/kit"
)

// view is one resource of a document as a card: its name, its state, its fields, its results, and everything else.
type view struct {
	app.Compo
	Env    *Env
	Record record.ID
	View   *fhir.View
	Doc    *fhir.Document
	Alone  bool // the only one of its document
	Want   int  // entry that was asked for: open around it; -1: none
}

// CompoID keeps each view with its entry.
func (v *view) CompoID() string { return string(v.Record) + anchor(v.View.Entry) }

func (v *view) Render() app.UI {
	e, w := v.Env, v.View
	class := []string{"view"}
	if w.Void {
		class = append(class, "view-void")
	}
	return app.Article().ID(anchor(w.Entry)).TabIndex(-1).Class(class...).Body(
		v.head(),
		kit.If(w.Void, func() app.UI { return kit.Notice(kit.Warn, e.T("state.void")) }),
		kit.If(len(w.Fields) > 0, func() app.UI { return fields(e, v.Record, w.Fields) }),
		kit.If(len(w.Results) > 0, func() app.UI { return results(e, v.CompoID(), whereOf(w), w.Results) }),
		kit.Place(app.Range(w.Attachments).Slice(func(i int) app.UI {
			return &attachment{Env: e, Record: v.Record, What: w.Attachments[i]}
		})),
		kit.If(len(w.Narrative) > 0, v.narrative),
		kit.If(len(w.Parts) > 0 && v.Doc != nil, func() app.UI { return &viewParts{Env: e, Record: v.Record, Doc: v.Doc, Entries: w.Parts, Want: v.Want} }),
		v.more(),
	)
}

func (v *view) head() app.UI {
	e, w := v.Env, v.View
	return app.Header().Class("view-head").Body(
		app.Span().Class("kind-mark", "kind-"+string(w.Kind)).Body(kit.Icon(string(w.Kind))),
		app.Div().Class("view-words").Body(
			app.P().Class("view-kind").Text(e.kind(w.Kind)),
			app.H3().Class("view-title").Text(e.title(w.Title, w.Type, w.Kind)),
			app.If(len(w.Detail) > 0, func() app.UI { return app.P().Class("view-detail").Text(e.L.Values(w.Detail)) }),
			app.If(w.Date != "", func() app.UI { return app.P().Class("view-date").Text(e.L.Moment(w.Date)) }),
		),
		app.If(len(w.Results) == 0, func() app.UI { return explainedLine(e, v.CompoID(), w.Kind, w.Code, w.Title, w.Detail) }),
		app.Div().Class("chips").Body(
			alertChip(e, w.Alert),
			app.If(w.Negated, func() app.UI { return kit.Chip("quiet", "info", e.T("state.negated")) }),
			app.If(w.Inactive, func() app.UI { return kit.Chip("quiet", "clock", e.T("state.inactive")) }),
		),
	)
}

// narrative is the author's own text of one resource.
func (v *view) narrative() app.UI {
	return kit.Details(v.Env.T("record.narrative"), app.Div().Class("narrative").Body(nodes("h4", v.View.Narrative)...))
}

// more holds what no rule knew: nothing of a record is left out, only folded.
func (v *view) more() app.UI {
	e, w := v.Env, v.View
	what := e.T("record.type", "type", w.Type)
	return kit.Details(e.T("record.more"),
		fields(e, v.Record, w.More),
		app.P().Class("small").Text(what),
	)
}

// fields lists labelled values.
func fields(e *Env, id record.ID, list []fhir.Field) app.UI {
	return app.Dl().Class("facts").Body(app.Range(list).Slice(func(i int) app.UI {
		f := list[i]
		return app.Div().Class("fact").Body(
			app.Dt().Text(e.L.Label(f)),
			app.Range(f.Values).Slice(func(j int) app.UI { return value(e, id, f.Values[j]) }),
		)
	}))
}

// value is one value; a reference leads to the entry it means.
func value(e *Env, id record.ID, v fhir.Value) app.UI {
	text := e.L.Value(v)
	if v.Type == fhir.ValueLink {
		return app.Dd().Body(app.A().Class("text-link").Href(first(e.Held, pathRecord+string(id)) + "#" + anchor(v.Entry)).Text(text))
	}
	return app.Dd().Body(
		app.Span().Text(text),
		app.If(shortCode(v) != "", func() app.UI { return app.Span().Class("code-note").Text(shortCode(v)) }),
	)
}

// shortCode is a code with the short name of its system, so that it can be looked up. A code that only repeats a word
// already said is left out here; "see the original" has it.
func shortCode(v fhir.Value) string {
	system, c, ok := strings.Cut(v.Code, "|")
	name := systems[system]
	switch {
	case name != "":
		return name + " " + c
	case !ok || v.Type == fhir.ValueMessage:
		return ""
	}
	return c
}

// systems are code systems people know by a short name; the names are proper names and not translated.
var systems = map[string]string{
	"http://snomed.info/sct":                      "SNOMED CT",
	"http://loinc.org":                            "LOINC",
	"http://hl7.org/fhir/sid/icd-10":              "ICD-10",
	"http://hl7.org/fhir/sid/icd-10-cm":           "ICD-10-CM",
	"http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
	"http://www.whocc.no/atc":                     "ATC",
	"http://hl7.org/fhir/sid/cvx":                 "CVX",
}
