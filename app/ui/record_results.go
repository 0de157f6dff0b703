package ui

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/ui/kit"
)

// results is a table of measurements. Whether a value is out of range is said by a word, an icon and a colour: never by
// the colour alone.
func results(e *Env, key, where string, list []fhir.Result) app.UI {
	parts := heads(list)
	return app.Div().Class("table-scroll").TabIndex(0).Role("group").Aria("label", e.T("results.label")).Body(
		app.Table().Class("results").Body(
			app.THead().Body(app.Tr().Body(
				app.Th().Scope("col").Text(e.T("results.name")),
				app.Th().Scope("col").Text(e.T("results.value")),
				app.Th().Scope("col").Text(e.T("results.range")),
			)),
			app.TBody().Body(app.Range(list).Slice(func(i int) app.UI { return result(e, key+"-"+strconv.Itoa(i), where+" "+parts[i], list[i]) })),
		),
	)
}

// heads are what each row is a part of, "" where it stands alone.
func heads(list []fhir.Result) []string {
	all, head := make([]string, len(list)), ""
	for i, r := range list {
		if !r.Indent {
			head = r.Name
			continue
		}
		all[i] = head
	}
	return all
}

func result(e *Env, key, where string, r fhir.Result) app.UI {
	class := "result"
	if r.Indent {
		class = "result-part"
	}
	return app.Tr().Class(class, "flag-"+first(r.Flag, "none")).Body(
		app.Th().Scope("row").Body(app.Span().Text(r.Name), explainedResult(e, key, where, r)),
		app.Td().Body(
			app.Span().Class("result-value").Text(first(e.L.Values(r.Value), e.T("results.none"))),
			kit.Place(flag(e, r.Flag)),
			chartLink(e, r),
			app.If(len(r.Note) > 0, func() app.UI { return app.P().Class("result-note").Text(e.L.Values(r.Note)) }),
		),
		app.Td().Text(e.L.Measure(r.Range)),
	)
}

// flags are the marks a laboratory gives, as icon and tone; the word is the message "flag.<name>".
var flags = map[string][2]string{
	"low":           {"low", "warn"},
	"high":          {"high", "warn"},
	"critical-low":  {"low", "danger"},
	"critical-high": {"high", "danger"},
	"abnormal":      {"warn", "warn"},
	"normal":        {"check", "good"},
}

func flag(e *Env, name string) app.UI {
	f, ok := flags[name]
	if !ok {
		return nil
	}
	return kit.Chip(f[1], f[0], e.T("flag."+name))
}
