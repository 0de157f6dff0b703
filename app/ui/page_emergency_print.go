package ui

import (
	"context"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/emergency"
	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageEmergencyPrint is a sheet of A4 with the cards of the family, each the size of a bank card (ID-1, ISO/IEC 7810) and
// folded in the middle: words of the person's language on one side, the code with its own words on the other.
//
// A printed card goes to others: whose may not be shown to them is not on the sheet, and the page says why.
type pageEmergencyPrint struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	asked map[record.ProfileID]bool  // about whom
	may   map[record.ProfileID]error // once it is known; nil: their card is printed
}

func (p *pageEmergencyPrint) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageEmergencyPrint) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.asked, p.may = map[record.ProfileID]bool{}, map[record.ProfileID]error{}
	p.ask()
}

func (p *pageEmergencyPrint) OnUpdate(app.Context) { p.ask() }

// ask asks of each who has a card whether it may be printed.
func (p *pageEmergencyPrint) ask() {
	w := p.Env.W
	for _, who := range p.Snap.Shown() {
		if _, has := p.Snap.Cards[who.ID]; !has || p.asked[who.ID] {
			continue
		}
		p.asked[who.ID] = true
		run(p.ctx, func(c context.Context) error { return w.MayShowCard(c, who.ID) }, func(_ app.Context, err error) { p.may[who.ID] = err })
	}
}

// cards are those that are printed, and why others are not.
func (p *pageEmergencyPrint) cards() (cards []emergency.Card, barred []string) {
	for _, who := range p.Snap.Shown() {
		c, has := p.Snap.Cards[who.ID]
		switch err, known := p.may[who.ID]; {
		case !has || !known:
		case err == nil:
			cards = append(cards, c)
		default:
			barred = append(barred, who.Name+": "+p.Env.Explain(err))
		}
	}
	return cards, barred
}

func (p *pageEmergencyPrint) Render() app.UI {
	e := p.Env
	cards, barred := p.cards()
	waits := len(p.asked) > len(p.may)
	return app.Div().Class("page", "emergency-print").Body(
		kit.Back(e.T("emergency.title"), pathCard),
		kit.Title(e.T("emergency.print-title")),
		kit.Text(e.T("emergency.print-text")),
		kit.Place(app.Range(barred).Slice(func(i int) app.UI { return kit.Notice(kit.Warn, barred[i]) })),
		kit.If(len(cards)+len(barred) == 0 && !waits, func() app.UI {
			return kit.Empty("danger", e.T("emergency.none"), e.T("emergency.none-text"), kit.Link(kit.Main, "next", e.T("emergency.title"), pathCard))
		}),
		kit.If(slices.ContainsFunc(cards, larger), func() app.UI { return kit.Notice(kit.Note, e.T("emergency.large")).ID("emergency-large") }),
		app.If(len(cards) > 0, func() app.UI {
			return kit.Row(kit.Button(kit.Main, "print", e.T("action.print"), p.onPrint).ID("emergency-print-go"))
		}),
		app.Div().ID("cards").Class("id1-sheet").Body(app.Range(cards).Slice(func(i int) app.UI { return idCard(e, cards[i]) })),
	)
}

func (p *pageEmergencyPrint) onPrint(ctx app.Context, e app.Event) { p.Env.D.Print() }

// idCard is both sides, the fold between them.
func idCard(e *Env, c emergency.Card) app.UI {
	return app.Section().Class("id1", "id1-"+fits(c)).Aria("label", first(c.Field(emergency.Name).Text, c.View.Title)).Body(
		app.Div().Class("id1-side").Lang(c.View.Lang).Body(
			app.P().Class("id1-title").Body(
				app.B().Body(app.Text(c.View.Title), app.If(c.View.Also != nil, func() app.UI {
					return app.Span().Class("id1-also").Lang(c.View.Also.Lang).Text(c.View.Also.Title)
				})),
				app.Span().Text(c.View.Made)),
			app.Dl().Class("id1-rows").Body(app.Range(c.View.Rows).Slice(func(i int) app.UI { return idRow(c.View, c.View.Rows[i]) })),
		),
		app.Div().Class("id1-side", "id1-back").Lang("en").Attr("translate", "no").Body(
			kit.Code(c.View.Code, c.View.Size, c.View.Says),
			app.Ul().Class("id1-words").Body(app.Range(c.Words()).Slice(func(i int) app.UI { return app.Li().Text(c.Words()[i]) })),
		),
	)
}

// idRow is one field, named in both languages.
func idRow(v emergency.View, r emergency.Row) app.UI {
	row := app.Div().Class("id1-row")
	if r.Alert {
		row = row.Class("id1-alert")
	}
	return row.Body(
		app.Dt().Body(app.Text(r.Label), app.If(v.Also != nil, func() app.UI { return app.Span().Class("id1-also").Lang(v.Also.Lang).Text(r.Also) })),
		app.Dd().Text(r.Text),
	)
}

// What a side of ID-1 holds in the smallest letters: lines, and letters in each of them. The code takes half of the back.
const (
	frontLines, frontLetters = 11, 62
	backLines, backLetters   = 24, 38
)

// larger says whether a side has more on it than fits into the size of a bank card.
func larger(c emergency.Card) bool {
	front, back := 0, 0
	for _, r := range c.View.Rows {
		front += lines(r.Label+r.Also+r.Text+"   ", frontLetters)
	}
	for _, line := range c.Words() {
		back += lines(line, backLetters)
	}
	return front > frontLines || back > backLines
}

func lines(text string, letters int) int { return max(1, (len([]rune(text))+letters-1)/letters) }

// weight is how many letters the fuller side of a card has.
func weight(c emergency.Card) int {
	front := 0
	for _, r := range c.View.Rows {
		front += len([]rune(r.Label)) + len([]rune(r.Also)) + len([]rune(r.Text)) + 2
	}
	return max(front, len([]rune(strings.Join(c.Words(), "\n"))))
}

// fits is how large the letters of a card may be for all of them to fit.
func fits(c emergency.Card) string {
	switch n := weight(c); {
	case n <= 110:
		return "large"
	case n <= 200:
		return "medium"
	case n <= 300:
		return "small"
	}
	return "tiny"
}

// emergencyDue says on the timeline that a card is older than the records (E5). It costs nothing where there is no card.
type emergencyDue struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	asked string
	old   bool
}

func (d *emergencyDue) OnPreRender(ctx app.Context) { d.OnMount(ctx) }

func (d *emergencyDue) OnMount(ctx app.Context) {
	d.here.OnMount(ctx)
	d.look()
}

func (d *emergencyDue) OnUpdate(ctx app.Context) {
	if d.asked != d.of() {
		d.look()
	}
}

func (d *emergencyDue) of() string {
	return about(d.Snap, "") + d.Snap.Cards[d.Snap.Current].Made.String()
}

func (d *emergencyDue) look() {
	d.asked, d.old = d.of(), false
	c, has := d.Snap.Cards[d.Snap.Current]
	if !has {
		return
	}
	lookAtCard(d.ctx, d.Env, c, func(old bool) { d.old = old })
}

func (d *emergencyDue) Render() app.UI {
	e := d.Env
	return app.Div().Class("due").Body(app.If(d.old, func() app.UI {
		return kit.Notice(kit.Warn, e.T("emergency.old"), kit.Row(kit.Link(kit.Plain, "next", e.T("emergency.title"), pathCard))).ID("emergency-due")
	}))
}

// lookAtCard says whether the records say something else than a card.
func lookAtCard(ctx app.Context, e *Env, c emergency.Card, done func(old bool)) {
	var facts map[emergency.FieldID][]string
	run(ctx, func(c context.Context) (err error) {
		facts, err = e.W.CardFacts(c)
		return err
	}, func(_ app.Context, err error) { done(err == nil && c.Stale(wallet.FlatFacts(facts))) })
}
