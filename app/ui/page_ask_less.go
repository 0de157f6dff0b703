package ui

import (
	"slices"
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/consent"
	"potli/app/ui/kit"
)

// lessHearer hears what a lessForm leaves of some terms.
type lessHearer interface {
	Less(ctx app.Context, c consent.Choice)
}

// lessForm takes something off terms: kinds, dates, how long, how often, what may be done afterwards. It offers nothing
// that goes beyond them, and begins with the least in what is a matter of time: shortest, once, only to look at.
type lessForm struct {
	app.Compo
	here
	Env   *Env
	Full  *consent.Grant // what it may not go beyond
	Owner lessHearer

	kinds  []consent.Kind // that are left out
	until  time.Duration  // 0: as long as Full
	since  int            // months; 0: of the dates of Full
	repeat consent.Repeat
	after  consent.After
}

func (f *lessForm) OnPreRender(ctx app.Context) { f.OnMount(ctx) }

func (f *lessForm) OnMount(ctx app.Context) {
	f.here.OnMount(ctx)
	f.repeat, f.after = consent.Once, consent.View
	if lives := f.lives(); len(lives) > 0 {
		f.until = lives[0]
	}
	f.tell(ctx)
}

// consentLives are the lengths of time that are offered.
var consentLives = []time.Duration{24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, 90 * 24 * time.Hour, 365 * 24 * time.Hour}

// lives are those that end before the terms do.
func (f *lessForm) lives() []time.Duration {
	left := f.Full.Until.Sub(f.Env.Now())
	return slices.DeleteFunc(slices.Clone(consentLives), func(d time.Duration) bool { return d >= left })
}

// consentSince are how far back records may be of, in months.
var consentSince = []int{3, 12, 60}

// from is the first day of so many months until today.
func (f *lessForm) from(months int) string {
	return f.Env.Now().AddDate(0, -months, 0).Format(time.DateOnly)
}

// sinces are those that begin after the terms do.
func (f *lessForm) sinces() []int {
	return slices.DeleteFunc(slices.Clone(consentSince), func(m int) bool {
		return f.from(m) <= f.Full.Dates.From || f.Full.Dates.To != "" && f.from(m) > f.Full.Dates.To
	})
}

// choice is what is left.
func (f *lessForm) choice() consent.Choice {
	c := consent.Choice{Repeat: f.repeat, After: f.after}
	if len(f.kinds) > 0 {
		out := func(k consent.Kind) bool { return slices.Contains(f.kinds, k) || slices.Contains(f.kinds, within[k]) }
		c.Kinds = slices.DeleteFunc(slices.Clone(f.Full.Kinds), out)
	}
	if f.until > 0 {
		c.Until = f.Env.Now().Add(f.until)
	}
	if f.since > 0 {
		c.Dates = &consent.Dates{From: f.from(f.since), To: f.Full.Dates.To}
	}
	return c
}

func (f *lessForm) tell(ctx app.Context) { f.Owner.Less(ctx, f.choice()) }

func (f *lessForm) Render() app.UI {
	e, g, kinds := f.Env, f.Full, plainKinds(f.Full.Kinds)
	return app.Section().ID("less").TabIndex(-1).Class("card", "less").Aria("labelledby", "less-title").Body(
		app.H2().ID("less-title").Class("card-title").Text(e.T("ask.less-title")),
		kit.Text(e.T("ask.less-text")),
		kit.If(len(f.lives()) > 0, func() app.UI {
			return kit.Field("less-until", e.T("consent.until"), "", kit.Select("less-until", seconds(f.until), f.ends(), f.onUntil))
		}),
		kit.If(g.Repeat == consent.Follow, func() app.UI {
			return kit.Radio("less-repeat", e.T("consent.often"), string(f.repeat), []kit.Choice{
				{Value: string(consent.Once), Text: e.T("consent.once")}, {Value: string(consent.Follow), Text: e.T("consent.follow")},
			}, f.onRepeat)
		}),
		kit.If(g.After == consent.Keep, func() app.UI {
			return kit.Radio("less-after", e.T("consent.after"), string(f.after), []kit.Choice{
				{Value: string(consent.View), Text: e.T("consent.view")}, {Value: string(consent.Keep), Text: e.T("consent.keep")},
			}, f.onAfter)
		}),
		kit.If(len(f.sinces()) > 0, func() app.UI {
			return kit.Field("less-since", e.T("consent.of"), "", kit.Select("less-since", strconv.Itoa(f.since), f.starts(), f.onSince))
		}),
		app.Div().Class("consent-part").Role("group").Aria("label", e.T("consent.what")).Body(
			app.P().Class("consent-label").Text(e.T("consent.what")),
			app.Ul().Class("ticks").Body(app.Range(kinds).Slice(func(i int) app.UI {
				return &kit.Tick{Owner: f, ID: "less-kind-" + strconv.Itoa(i), Item: i, Text: recordKind(e, kinds[i]), On: !slices.Contains(f.kinds, kinds[i])}
			})),
		),
	)
}

func (f *lessForm) ends() []kit.Choice {
	return append(lives(f.Env, f.lives()), kit.Choice{Value: "0", Text: f.Env.T("ask.less-until", "time", f.Env.L.DateTime(f.Full.Until))})
}

func (f *lessForm) starts() []kit.Choice {
	list := []kit.Choice{{Value: "0", Text: dateRange(f.Env, f.Full.Dates)}}
	for _, m := range f.sinces() {
		list = append(list, kit.Choice{Value: strconv.Itoa(m), Text: f.Env.N("ask.months", m)})
	}
	return list
}

func (f *lessForm) onUntil(ctx app.Context, e app.Event) {
	if f.until = secondsOf(kit.Value(ctx), 0); f.until > 0 && !slices.Contains(f.lives(), f.until) {
		f.until = f.lives()[0]
	}
	f.tell(f.ctx)
}

func (f *lessForm) onSince(ctx app.Context, e app.Event) {
	if m, err := strconv.Atoi(kit.Value(ctx)); err == nil && (m == 0 || slices.Contains(consentSince, m)) {
		f.since = m
		f.tell(f.ctx)
	}
}

func (f *lessForm) onRepeat(ctx app.Context, e app.Event) {
	f.repeat = consent.Repeat(kit.Value(ctx))
	f.tell(f.ctx)
}

func (f *lessForm) onAfter(ctx app.Context, e app.Event) {
	f.after = consent.After(kit.Value(ctx))
	f.tell(f.ctx)
}

// Tick leaves a kind out or takes it in again.
func (f *lessForm) Tick(ctx app.Context, item int, on bool) {
	kind := plainKinds(f.Full.Kinds)[item]
	f.kinds = slices.DeleteFunc(f.kinds, func(k consent.Kind) bool { return k == kind })
	if !on {
		f.kinds = append(f.kinds, kind)
	}
	f.tell(f.ctx)
}
