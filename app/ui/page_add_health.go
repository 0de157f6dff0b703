package ui

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// healthChoice asks what to take out of an Apple Health export, and whose it is: everything is ticked that a doctor would
// look at.
type healthChoice struct {
	app.Compo
	here
	Env    *Env
	Snap   *wallet.Snapshot
	Health *wallet.Health

	asked *wallet.Health // for which the answers below are
	not   map[int]bool   // items that are not ticked
	whose record.ProfileID
	busy  bool
	fault error
}

// Items of the list: two of their own, then the kinds, then the years.
const (
	itemClinical = iota
	itemDocument
	itemVital
	itemYear = 100
)

func (c *healthChoice) OnPreRender(ctx app.Context) { c.OnMount(ctx) }

func (c *healthChoice) OnMount(ctx app.Context) {
	c.here.OnMount(ctx)
	c.begin()
}

func (c *healthChoice) OnUpdate(ctx app.Context) { c.begin() }

// begin sets what is ticked at first: a summary that repeats the values, and steps, which fill pages, are not.
func (c *healthChoice) begin() {
	if c.asked == c.Health {
		return
	}
	c.asked, c.whose, c.busy, c.fault = c.Health, "", false, nil
	c.not = map[int]bool{itemDocument: true}
	for i, v := range c.Health.Vitals {
		if v.Kind == "steps" {
			c.not[itemVital+i] = true
		}
	}
	if !c.Health.Other {
		c.whose = c.Snap.Current
	}
}

func (c *healthChoice) Render() app.UI {
	e, h := c.Env, c.Health
	return app.Section().ID("health").Class("card").Body(
		app.H2().Class("card-title").Text(e.T("health.title")),
		app.P().Class("text").Role("status").Text(e.T("health.text", "file", h.Name)),
		kit.If(h.Broken, func() app.UI { return kit.Notice(kit.Warn, e.T("health.broken")) }),
		c.owner(),
		app.Ul().Class("ticks").Body(c.ticks()...),
		kit.If(len(h.Vitals) > 0, c.years),
		kit.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
		kit.Row(
			kit.Button(kit.Main, "check", e.T("health.take"), c.onTake).ID("health-take").Disabled(c.busy || c.whose == "" || c.nothing()),
			kit.Button(kit.Quiet, "close", e.T("health.leave"), c.onLeave).ID("health-leave").Disabled(c.busy),
		),
	)
}

// owner asks whose it is, where that is in doubt or there are several people.
func (c *healthChoice) owner() app.UI {
	e, shown := c.Env, c.Snap.Shown()
	if len(shown) < 2 && !c.Health.Other {
		return app.Div()
	}
	return app.Div().Class("health-whose").Body(
		kit.If(c.Health.Other, func() app.UI { return kit.Notice(kit.Warn, c.doubt()) }),
		app.P().Class("label").Text(e.T("health.whose")),
		app.Div().Class("filters").Body(app.Range(shown).Slice(func(i int) app.UI {
			p := shown[i]
			return &kit.Option{Owner: c, List: "health", Value: string(p.ID), Text: p.Name, Hint: e.born(p), Portrait: e.portrait(p), On: p.ID == c.whose}
		})),
	)
}

// doubt says about whom the export seems to be.
func (c *healthChoice) doubt() string {
	e, s := c.Env, c.Health.Subject
	other := s.Name
	switch {
	case other == "":
		other = e.L.Date(s.BirthDate)
	case s.BirthDate != "":
		other = e.T("wrong.other", "name", s.Name, "born", e.L.Date(s.BirthDate))
	}
	return e.T("health.other", "other", other, "name", c.Snap.Person().Name)
}

// ticks are what the export holds. They stay as they are: the export does not change while one chooses.
func (c *healthChoice) ticks() (list []app.UI) {
	e, h := c.Env, c.Health
	if h.Clinical > 0 {
		list = append(list, c.tick(itemClinical, e.T("health.clinical"), e.N("health.count", h.Clinical)))
	}
	for i, v := range h.Vitals {
		list = append(list, c.tick(itemVital+i, c.kind(v.Kind), c.about(v)))
	}
	if h.Document {
		list = append(list, c.tick(itemDocument, e.T("health.document"), e.T("health.document-hint")))
	}
	return list
}

func (c *healthChoice) tick(item int, text, hint string) app.UI {
	return &kit.Tick{Owner: c, ID: "health-" + strconv.Itoa(item), Item: item, Text: text, Hint: hint, On: !c.not[item]}
}

func (c *healthChoice) kind(k string) string { return c.Env.T("health.kind." + k) }

// about is how many values a kind has, and of when.
func (c *healthChoice) about(v wallet.HealthVital) string {
	n := 0
	for _, y := range v.Years {
		n += y.Count
	}
	from, to := v.Years[len(v.Years)-1].Year, v.Years[0].Year
	if from != to {
		from += "–" + to
	}
	return c.Env.T("health.values", "years", from, "n", c.Env.L.Number(n))
}

// years can be left out, for all kinds at once.
func (c *healthChoice) years() app.UI {
	e, all := c.Env, c.allYears()
	return app.Div().Body(
		kit.Small(e.T("health.folded")),
		kit.Details(e.T("health.years"), app.Ul().Class("ticks").Body(app.Range(all).Slice(func(i int) app.UI {
			return c.tick(itemYear+i, all[i], "")
		}))),
	)
}

func (c *healthChoice) allYears() (all []string) {
	for _, v := range c.Health.Vitals {
		for _, y := range v.Years {
			if !slices.Contains(all, y.Year) {
				all = append(all, y.Year)
			}
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all
}

// Tick takes an item in or leaves it out.
func (c *healthChoice) Tick(ctx app.Context, item int, on bool) { c.not[item] = !on }

// Pick says whose it is.
func (c *healthChoice) Pick(ctx app.Context, list, value string) { c.whose = record.ProfileID(value) }

// choice is what is ticked.
func (c *healthChoice) choice() wallet.HealthChoice {
	h, all := c.Health, c.allYears()
	out := wallet.HealthChoice{Person: c.whose, Clinical: h.Clinical > 0 && !c.not[itemClinical], Document: h.Document && !c.not[itemDocument]}
	for i, v := range h.Vitals {
		for _, y := range v.Years {
			if !c.not[itemVital+i] && !c.not[itemYear+slices.Index(all, y.Year)] {
				title := c.Env.T("health.record", "what", c.kind(v.Kind), "year", y.Year)
				out.Vitals = append(out.Vitals, wallet.HealthTake{Kind: v.Kind, Year: y.Year, Title: title})
			}
		}
	}
	return out
}

func (c *healthChoice) nothing() bool {
	chosen := c.choice()
	return !chosen.Clinical && !chosen.Document && len(chosen.Vitals) == 0
}

func (c *healthChoice) onTake(ctx app.Context, e app.Event) {
	if c.busy {
		return
	}
	c.busy = true
	w, chosen := c.Env.W, c.choice()
	run(c.ctx, func(ctx context.Context) error {
		w.TakeHealth(ctx, chosen)
		return nil
	}, func(_ app.Context, err error) { c.busy, c.fault = false, err })
}

func (c *healthChoice) onLeave(ctx app.Context, e app.Event) { c.Env.W.DropHealth() }

// healthDone says what came of it.
func healthDone(e *Env, h *wallet.HealthReport) app.UI {
	said := []string{e.N("health.added", h.Added)}
	if h.Known > 0 {
		said = append(said, e.N("health.known", h.Known))
	}
	if h.Others > 0 {
		said = append(said, e.N("health.others", h.Others))
	}
	if h.Failed > 0 {
		said = append(said, e.N("health.failed", h.Failed))
	}
	return kit.Text(strings.Join(said, " "))
}
