package ui

import (
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/ui/kit"
)

// viewParts are the values of a report by themselves: everything of them that its table has no column for. They open when
// they are asked for, or when the address names one.
type viewParts struct {
	app.Compo
	Env     *Env
	Record  record.ID
	Doc     *fhir.Document
	Entries []int
	Want    int

	turned bool
	open   bool
}

// CompoID keeps the values with their report.
func (p *viewParts) CompoID() string { return string(p.Record) + "/parts" + strconv.Itoa(p.Entries[0]) }

func (p *viewParts) isOpen() bool {
	if p.turned {
		return p.open
	}
	return slices.Contains(p.Entries, p.Want)
}

func (p *viewParts) Render() app.UI {
	open := p.isOpen()
	return app.Div().Class("view-parts").Body(
		app.Button().Type("button").Class("button", "button-quiet").Aria("expanded", open).OnClick(p.onTurn).
			Body(kit.Icon("list"), app.Span().Text(p.Env.N("record.each-value", len(p.Entries)))),
		app.If(open, func() app.UI {
			return app.Div().Class("view-parts-list").Body(app.Range(p.Entries).Slice(func(i int) app.UI {
				if n := p.Entries[i]; n < len(p.Doc.Views) {
					return &view{Env: p.Env, Record: p.Record, View: &p.Doc.Views[n], Doc: p.Doc, Want: p.Want}
				}
				return nil
			}))
		}),
	)
}

func (p *viewParts) onTurn(ctx app.Context, e app.Event) { p.turned, p.open = true, !p.isOpen() }
