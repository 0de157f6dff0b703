package ui

import (
	"errors"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// kindList is the list of kinds on the page that takes things out.
const kindList = "export-kind"

// Sizes of paper.
const (
	sizeA4     = "a4"
	sizeLetter = "letter"
)

// whats offers the papers and the files.
func (p *pageExport) whats() app.UI {
	e := p.Env
	return kit.Card("", e.T("export.what"),
		kit.Radio("what", e.T("export.as"), p.what, []kit.Choice{
			{Value: paperSummary, Text: e.T("export.name.summary"), Hint: e.T("export.summary-hint")},
			{Value: paperMedicines, Text: e.T("export.name.medicines"), Hint: e.T("export.medicines-hint")},
			{Value: paperVaccines, Text: e.T("export.name.vaccines"), Hint: e.T("export.vaccines-hint")},
			{Value: paperFull, Text: e.T("export.name.full"), Hint: e.T("export.full-hint")},
			{Value: string(share.FormIPS), Text: e.T("export.name.ips"), Hint: e.T("export.ips-hint")},
			{Value: string(share.FormKTC), Text: e.T("export.name.ktc"), Hint: e.T("export.ktc-hint")},
			{Value: string(share.FormOriginals), Text: e.T("export.name.originals"), Hint: e.T("export.originals-hint")},
			{Value: string(share.FormCSV), Text: e.T("export.name.csv"), Hint: e.T("export.csv-hint")},
		}, p.onWhat),
	)
}

// ranges chooses by kind and date.
func (p *pageExport) ranges() app.UI {
	e := p.Env
	fixed := p.what == string(share.FormOriginals) || p.what == string(share.FormCSV)
	spans := make([]kit.Choice, len(sinces))
	for i, s := range sinces {
		spans[i] = kit.Choice{Value: s.value, Text: e.T(s.key)}
	}
	return kit.Card("", e.T("export.range"),
		kit.If(!fixed, func() app.UI {
			return kit.Radio("scope", e.T("export.how-much"), p.scope(), []kit.Choice{
				{Value: "some", Text: e.T("export.some"), Hint: e.T("export.some-hint")}, {Value: "all", Text: e.T("export.all")},
			}, p.onAll)
		}),
		kit.Field("since", e.T("export.since"), e.T("export.since-hint"), kit.Select("since", first(p.order.since, "0"), spans, p.onSince)),
		kit.If(!fixed, p.kinds),
	)
}

func (p *pageExport) scope() string {
	if p.order.all {
		return "all"
	}
	return "some"
}

// kinds offers those that are there.
func (p *pageExport) kinds() app.UI {
	e := p.Env
	var there []fhir.Kind
	for _, it := range p.preview.Items {
		if !slices.Contains(there, it.Kind) {
			there = append(there, it.Kind)
		}
	}
	return app.Div().Class("export-kinds").Role("group").Aria("label", e.T("export.kinds")).Body(
		app.P().Class("label").Text(e.T("export.kinds")),
		app.Div().Class("filters").Body(app.Range(there).Slice(func(i int) app.UI {
			k := there[i]
			return &kit.Option{Owner: p, List: kindList, Value: string(k), Icon: string(k), Text: e.kind(k), On: slices.Contains(p.order.kinds, k)}
		})),
	)
}

// finish is the way out: to the paper, or, asked once, to the file.
func (p *pageExport) finish() app.UI {
	e := p.Env
	icon, label := "save", e.T("export.go-file")
	if p.paper() {
		icon, label = "print", e.T("export.go-paper")
	}
	return app.Div().Class("share-go").DataSet("form", p.what).Body(
		whose(e, p.preview),
		kit.If(p.what == string(share.FormCSV), func() app.UI {
			return kit.Check("mark", e.T("export.mark"), e.T("export.mark-hint"), p.order.mark, p.onMark)
		}),
		kit.If(p.what == string(share.FormKTC), func() app.UI { return kit.Small(e.T("export.ktc-pages")) }),
		app.If(p.sure, p.ask).Else(func() app.UI {
			return kit.Button(kit.Main, icon, label, p.onGo).ID("export-go").Disabled(p.busy || len(p.preview.Selected()) == 0)
		}),
		kit.If(len(p.preview.Selected()) == 0, func() app.UI { return kit.Small(e.T("export.none")) }),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("export.making")) }),
		kit.If(p.saved != "", func() app.UI {
			return kit.Notice(kit.Good, e.T("export.saved", "name", p.saved), p.unreadWords()).ID("export-saved").TabIndex(-1)
		}),
		somebodyElse(e, p.Snap, p, p.Only),
	)
}

// unreadWords say why a collection has no pages to read.
func (p *pageExport) unreadWords() app.UI {
	e := p.Env
	return app.If(p.unread == wallet.UnreadPages, func() app.UI {
		return kit.Text(e.T("export.unread-pages", "n", strconv.Itoa(share.MostPages)))
	}).ElseIf(p.unread == wallet.UnreadPen, func() app.UI { return kit.Text(e.T("export.unread-pen")) })
}

// ask says what leaves and that it is open to everybody, once, before it does.
func (p *pageExport) ask() app.UI {
	e := p.Env
	return kit.Ask("export-sure", p.question(e), e.T("export.sure-text"),
		e.beneath(func(e *Env) string { return p.question(e) + " " + e.T("export.sure-text") }),
		kit.Button(kit.Main, "save", confirmed(e, p.Snap, p.preview, "export.yes", "export.yes-for"), p.onYes).ID("export-yes").Disabled(p.busy),
		kit.Button(kit.Plain, "", e.T("export.no"), p.onNo))
}

func (p *pageExport) question(e *Env) string {
	n := len(p.preview.Selected())
	if p.what == string(share.FormOriginals) {
		return e.N("export.sure-originals", n)
	}
	return e.N("export.sure", n)
}

// faultOf says an error; where something broke the rules of what it would be called, which, and what can be done.
func faultOf(e *Env, err error) app.UI {
	var broken *share.FaultError
	if !errors.As(err, &broken) {
		return kit.Notice(kit.Danger, e.Explain(err)).ID("fault")
	}
	lines := brokenRules(e, broken)
	return kit.Notice(kit.Danger, e.T("error.rules"),
		app.Ul().Class("rules").Body(app.Range(lines).Slice(func(i int) app.UI { return app.Li().Text(lines[i]) })),
		kit.Text(e.T("error.rules-do")),
	).ID("fault")
}

// brokenRules says each broken rule once for each thing that breaks it.
func brokenRules(e *Env, broken *share.FaultError) (lines []string) {
	for _, f := range broken.Faults {
		line := e.T("rule." + f.Rule)
		if f.Title != "" {
			line = e.T("error.rule-of", "title", f.Title, "rule", line)
		}
		if line += " (" + f.Rule + ")"; !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// exportLink leads from the first page to what can be printed or saved.
func exportLink(e *Env) app.UI {
	return kit.Row(kit.Link(kit.Quiet, "print", e.T("export.link"), pathExport).ID("export-home"))
}
