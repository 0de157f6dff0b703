package ui

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// finding is the search of the first page: words, filters, what is chosen of them, and what was found.
func (p *pageHome) finding() []app.UI {
	return []app.UI{p.search(), p.filters(), p.moreFilters(), p.chosen(), p.found(), p.instead()}
}

func (p *pageHome) search() app.UI {
	return app.Form().Class("search").Role("search").OnSubmit(p.onSubmit).Body(
		app.Label().Class("away").For("search").Text(p.Env.T("home.search")),
		kit.Icon("search"),
		app.Input().ID("search").Class("input", "search-input").Type("search").AutoComplete(false).Spellcheck(false).
			Placeholder(p.Env.T("home.search")).OnInput(p.onSearch),
	)
}

// filters offers the kinds that are there.
func (p *pageHome) filters() app.UI {
	return app.Div().Class("filters").Role("group").Aria("label", p.Env.T("home.filter")).Body(
		&kit.Option{Owner: p, List: "kind", Text: p.Env.T("home.all"), On: len(p.query.Kinds) == 0},
		app.Range(kinds).Slice(func(i int) app.UI {
			k := kinds[i]
			n := p.list.Kinds[k]
			on := slices.Contains(p.query.Kinds, k)
			if n == 0 && !on {
				return nil
			}
			return &kit.Option{Owner: p, List: "kind", Value: string(k), Icon: string(k), Text: p.counted(p.Env.kind(k), n), On: on}
		}),
	)
}

// counted is a name with how much there is of it.
func (p *pageHome) counted(name string, n int) string {
	return p.Env.T("home.kind", "kind", name, "n", p.Env.L.Number(n))
}

// moreFilters are those that are needed less often.
func (p *pageHome) moreFilters() app.UI {
	e, q := p.Env, p.query
	return app.Div().ID("more-filters").Body(kit.Details(e.T("find.more"),
		kit.If(len(p.Snap.Shown()) > 1, func() app.UI {
			return kit.Field("find-who", e.T("find.who"), "", kit.Select("find-who", p.who(), p.people(), p.onWho))
		}),
		kit.Field("find-author", e.T("find.author"), "", kit.Select("find-author", q.Author, p.authors(), p.onAuthor)),
		kit.Field("find-year", e.T("home.year"), "", kit.Select("find-year", p.year(), p.years(), p.onYear)),
		app.Div().Class("find-dates").Body(
			kit.Field("find-from", e.T("find.from"), "", dateInput("find-from", q.From, p.onFrom)),
			kit.Field("find-to", e.T("find.to"), "", dateInput("find-to", q.To, p.onTo)),
		),
		kit.Check("find-marked", p.counted(e.T("find.marked"), p.list.Abnormal), e.T("find.marked-hint"), q.Abnormal, p.onMarked),
		kit.Check("find-own", p.counted(e.T("find.own"), p.list.Self), "", q.Self, p.onOwn),
	))
}

// dateInput is the browser's own control for a day, which knows how dates are written here.
func dateInput(id, value string, h app.EventHandler) app.UI {
	if len(value) != len("2006-01-02") {
		value = ""
	}
	return app.Input().ID(id).Name(id).Class("input").Type("date").Value(value).OnChange(h)
}

// everyone is the choice of all people.
const everyone = "everyone"

// who is the choice of people: "" is the one whose records are shown.
func (p *pageHome) who() string {
	switch len(p.query.People) {
	case 0:
		return ""
	case 1:
		return string(p.query.People[0])
	}
	return everyone
}

func (p *pageHome) people() []kit.Choice {
	list := []kit.Choice{{Text: p.Snap.Person().Name}, {Value: everyone, Text: p.Env.T("find.everyone")}}
	for _, o := range p.Snap.Shown() {
		if o.ID == p.Snap.Current {
			continue
		}
		name := o.Name
		if n, ok := p.list.People[o.ID]; ok {
			name = p.counted(name, n)
		}
		list = append(list, kit.Choice{Value: string(o.ID), Text: name})
	}
	return list
}

func (p *pageHome) authors() []kit.Choice {
	list := []kit.Choice{{Text: p.Env.T("find.anybody")}}
	if a := p.query.Author; a != "" && !slices.ContainsFunc(p.list.Authors, func(c wallet.Count) bool { return c.Name == a }) {
		list = append(list, kit.Choice{Value: a, Text: a})
	}
	for _, a := range p.list.Authors {
		list = append(list, kit.Choice{Value: a.Name, Text: p.counted(a.Name, a.N)})
	}
	return list
}

// year is the one that is chosen, "" if dates or nothing is.
func (p *pageHome) year() string {
	if q := p.query; q.From == q.To && len(q.From) == 4 {
		return q.From
	}
	return ""
}

func (p *pageHome) years() []kit.Choice {
	list := []kit.Choice{{Text: p.Env.T("find.any-year")}}
	years := make([]string, 0, len(p.list.Years)+1)
	for y := range p.list.Years {
		years = append(years, y)
	}
	if y := p.year(); y != "" && p.list.Years[y] == 0 {
		years = append(years, y)
	}
	slices.Sort(years)
	for _, y := range slices.Backward(years) {
		list = append(list, kit.Choice{Value: y, Text: p.counted(y, p.list.Years[y])})
	}
	return list
}

// chosenFilter is one that is on: what it is called in the address, and in words.
type chosenFilter struct{ name, text string }

func (p *pageHome) chosenFilters() (list []chosenFilter) {
	e, q := p.Env, p.query
	for _, k := range q.Kinds {
		list = append(list, chosenFilter{"kind", e.kind(k)})
	}
	switch p.who() {
	case "":
	case everyone:
		list = append(list, chosenFilter{"who", e.T("find.everyone")})
	default:
		list = append(list, chosenFilter{"who", person(p.Snap, p.who()).Name})
	}
	if q.Author != "" {
		list = append(list, chosenFilter{"author", q.Author})
	}
	switch y := p.year(); {
	case y != "":
		list = append(list, chosenFilter{"date", y})
	case q.From != "" && q.To != "":
		list = append(list, chosenFilter{"date", e.T("find.between", "from", e.L.Date(q.From), "to", e.L.Date(q.To))})
	case q.From != "":
		list = append(list, chosenFilter{"date", e.T("find.since", "date", e.L.Date(q.From))})
	case q.To != "":
		list = append(list, chosenFilter{"date", e.T("find.until", "date", e.L.Date(q.To))})
	}
	if q.Abnormal {
		list = append(list, chosenFilter{"marked", e.T("find.marked")})
	}
	if q.Self {
		list = append(list, chosenFilter{"own", e.T("find.own")})
	}
	return list
}

// chosen are the filters that are on: each goes with a touch.
func (p *pageHome) chosen() app.UI {
	list := p.chosenFilters()
	return app.Div().ID("chosen").Class("chosen").Role("group").Aria("label", p.Env.T("find.chosen")).Body(
		kit.Place(app.Range(list).Slice(func(i int) app.UI {
			return &dropFilter{Env: p.Env, Owner: p, Name: list[i].name, Text: list[i].text}
		})),
		app.If(len(list) > 1, func() app.UI {
			return &dropFilter{Env: p.Env, Owner: p, Name: "all", Text: p.Env.T("find.drop-all"), Plain: true}
		}),
	)
}

// dropFilter takes a filter away.
type dropFilter struct {
	app.Compo
	Env   *Env
	Owner kit.Picker
	Name  string
	Text  string
	Plain bool // the text says it all
}

// CompoID keeps the button with its filter.
func (d *dropFilter) CompoID() string { return d.Name + "/" + d.Text }

func (d *dropFilter) Render() app.UI {
	label := d.Text
	if !d.Plain {
		label = d.Env.T("find.drop", "filter", d.Text)
	}
	return app.Button().Type("button").Class("option").Aria("label", label).OnClick(d.onClick).
		Body(app.Span().Class("option-words").Body(app.Span().Text(d.Text)), kit.Icon("close"))
}

func (d *dropFilter) onClick(ctx app.Context, e app.Event) { d.Owner.Pick(ctx, "drop", d.Name) }

// found says aloud how much a search left.
func (p *pageHome) found() app.UI {
	e, text := p.Env, ""
	asked := p.query.Text != "" || len(p.chosenFilters()) > 0
	switch {
	case p.list.Pending && asked:
		text = e.T("find.pending")
	case p.list.Total == 0:
		text = e.T("home.nothing")
	case p.list.Slips:
		text = e.N("find.slips", p.list.Total)
	case asked:
		text = e.N("home.found", p.list.Total)
	}
	return app.P().ID("found").Class("found").Role("status").Text(text)
}

// instead offers what else might find it.
func (p *pageHome) instead() app.UI {
	e := p.Env
	nothing := p.list.Total == 0 && !p.list.Pending
	return app.Div().ID("instead").Class("instead").Body(
		kit.If(nothing && p.query.Text != "", func() app.UI { return kit.Text(e.T("find.tips")) }),
		kit.If(nothing && len(p.chosenFilters()) > 0, func() app.UI {
			return kit.Button(kit.Plain, "close", e.T("find.drop-all"), p.onDropAll).ID("drop-all")
		}),
		kit.If(nothing && p.query.Text != "" && p.who() != everyone && len(p.Snap.Shown()) > 1, func() app.UI {
			return kit.Button(kit.Plain, "people", e.T("find.everyone-too"), p.onEveryone).ID("everyone-too")
		}),
		app.If(p.list.Near > 0 && p.list.Total > 0 && !p.query.Near, func() app.UI {
			return kit.Button(kit.Plain, "search", e.N("find.near", p.list.Near), p.onNear).ID("near")
		}),
	)
}

// ask looks up what is asked now, and notes it for who comes back.
func (p *pageHome) ask(ctx app.Context, change func(q *wallet.Query)) {
	p.query.Near = false
	change(&p.query)
	p.note(ctx)
	p.load()
}

func (p *pageHome) onSubmit(ctx app.Context, e app.Event) { e.PreventDefault() }

func (p *pageHome) onSearch(ctx app.Context, e app.Event) {
	text := kit.Value(ctx)
	p.ask(ctx, func(q *wallet.Query) { q.Text = text })
}

func (p *pageHome) onNear(ctx app.Context, e app.Event) {
	p.ask(ctx, func(q *wallet.Query) { q.Near = true })
	p.Env.D.Focus("search") // the button is gone
}

func (p *pageHome) onWho(ctx app.Context, e app.Event) { p.look(ctx, kit.Value(ctx)) }

func (p *pageHome) onEveryone(ctx app.Context, e app.Event) {
	p.look(ctx, everyone)
	p.Env.D.Focus("search")
}

// look chooses in whose records to look.
func (p *pageHome) look(ctx app.Context, who string) {
	p.ask(ctx, func(q *wallet.Query) { q.People = peopleOf(p.Snap, who) })
}

func peopleOf(s *wallet.Snapshot, who string) (list []record.ProfileID) {
	for _, o := range s.Shown() {
		if who == everyone || who == string(o.ID) {
			list = append(list, o.ID)
		}
	}
	return list
}

func (p *pageHome) onAuthor(ctx app.Context, e app.Event) {
	name := kit.Value(ctx)
	p.ask(ctx, func(q *wallet.Query) { q.Author = name })
}

func (p *pageHome) onYear(ctx app.Context, e app.Event) {
	year := kit.Value(ctx)
	p.ask(ctx, func(q *wallet.Query) { q.From, q.To = year, year })
	p.showDates()
}

func (p *pageHome) onFrom(ctx app.Context, e app.Event) {
	date := kit.Value(ctx)
	p.ask(ctx, func(q *wallet.Query) {
		if q.From = date; len(q.To) == 4 { // a year was chosen
			q.To = ""
		}
	})
}

func (p *pageHome) onTo(ctx app.Context, e app.Event) {
	date := kit.Value(ctx)
	p.ask(ctx, func(q *wallet.Query) {
		if q.To = date; len(q.From) == 4 {
			q.From = ""
		}
	})
}

func (p *pageHome) onMarked(ctx app.Context, e app.Event) {
	on := kit.Checked(ctx)
	p.ask(ctx, func(q *wallet.Query) { q.Abnormal = on })
}

func (p *pageHome) onOwn(ctx app.Context, e app.Event) {
	on := kit.Checked(ctx)
	p.ask(ctx, func(q *wallet.Query) { q.Self = on })
}

func (p *pageHome) onDropAll(ctx app.Context, e app.Event) { p.Pick(ctx, "drop", "all") }

// Pick filters by kind, the same kind again shows all; or takes a filter away.
func (p *pageHome) Pick(ctx app.Context, list, value string) {
	if list == "drop" {
		p.ask(ctx, func(q *wallet.Query) { drop(q, value) })
		p.showDates()
		p.Env.D.Focus("search") // the button is gone
		return
	}
	chosen := []fhir.Kind{fhir.Kind(value)}
	if value == "" || slices.Equal(chosen, p.query.Kinds) {
		chosen = nil
	}
	p.ask(ctx, func(q *wallet.Query) { q.Kinds = chosen })
}

// drop takes a filter out of a question.
func drop(q *wallet.Query, name string) {
	all := name == "all"
	if all || name == "kind" {
		q.Kinds = nil
	}
	if all || name == "who" {
		q.People = nil
	}
	if all || name == "author" {
		q.Author = ""
	}
	if all || name == "date" {
		q.From, q.To = "", ""
	}
	q.Abnormal = q.Abnormal && !all && name != "marked"
	q.Self = q.Self && !all && name != "own"
}

// showDates empties controls that show a day which is chosen no more.
func (p *pageHome) showDates() {
	for id, date := range map[string]string{"find-from": p.query.From, "find-to": p.query.To} {
		if len(date) < len("2006-01-02") {
			date = ""
		}
		p.Env.D.SetValue(id, date)
	}
}
