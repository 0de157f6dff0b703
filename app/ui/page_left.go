package ui

import (
	"context"
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/traffic"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// Witness tells what left this phone.
type Witness interface {
	Left(ctx context.Context) (*wallet.Left, error)
	LeftMonth(ctx context.Context, month string) ([]traffic.Sum, error)
	ClearLeft(ctx context.Context) error
}

// leftStep is how many lines are drawn at first, and how many more each time.
const leftStep = 30

// pageLeft lists all that left this phone (O6), in plain words, and says what it cannot count.
type pageLeft struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	left   *wallet.Left  // nil: it is being read
	old    []traffic.Sum // of the month that was chosen
	reason traffic.Reason
	day    string // "": the newest; "2026-11-23"; "2026-08": an old month
	drawn  int
	ask    bool // whether to clear is being asked
	done   bool
	fault  error
}

func (p *pageLeft) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageLeft) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.drawn = leftStep
	p.look()
}

func (p *pageLeft) look() {
	var left *wallet.Left
	w := p.Env.W
	run(p.ctx, func(c context.Context) (err error) {
		left, err = w.Left(c)
		return err
	}, func(_ app.Context, err error) { p.left, p.fault = left, err })
}

func (p *pageLeft) Render() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("left.title")),
		kit.Text(e.T("left.text")),
		kit.Small(e.T("left.not-in")),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) }),
		kit.If(p.done, func() app.UI { return kit.Notice(kit.Good, e.T("left.cleared")).ID("left-cleared") }),
		kit.If(p.left == nil && p.fault == nil, func() app.UI { return kit.Wait(e.T("left.reading")) }),
		kit.If(p.left != nil, p.account),
		leftByItself(e),
		kit.Row(kit.Link(kit.Plain, "shield", e.T("privacy.title"), pathPrivacy)),
	)
}

// account is what was counted.
func (p *pageLeft) account() app.UI {
	e, all := p.Env, p.found()
	return app.Div().Class("page").Body(
		p.today(),
		p.filters(),
		app.P().ID("left-found").Class("text").Role("status").Text(e.N("left.found", len(all))),
		kit.Place(leftList(e, all[:min(p.drawn, len(all))])),
		kit.If(p.drawn < len(all), func() app.UI {
			return kit.Row(kit.Button(kit.Plain, "down", e.T("trends.more"), p.onMore).ID("left-more"))
		}),
		kit.Small(e.T("left.sums")),
		kit.If(p.left.Since > 0, func() app.UI { return kit.Small(e.T("left.since", "time", e.L.Day(time.Unix(p.left.Since, 0)))) }),
		kit.If(p.left.Lost, func() app.UI { return kit.Notice(kit.Warn, e.T("left.lost")) }),
		kit.Row(
			kit.Button(kit.Plain, "save", e.T("left.save"), p.onSave).ID("left-save"),
			kit.Button(kit.Quiet, "delete", e.T("left.clear"), p.onAsk).ID("left-clear"),
		),
		kit.If(p.ask, func() app.UI {
			return kit.Ask("left-ask", e.T("left.clear-sure"), e.T("left.clear-text"),
				kit.Button(kit.Grave, "delete", e.T("left.clear-yes"), p.onClear).ID("left-clear-yes"),
				kit.Button(kit.Quiet, "", e.T("action.cancel"), p.onKeep))
		}),
	)
}

// today is the account of this day in four numbers.
func (p *pageLeft) today() app.UI {
	e := p.Env
	var sum traffic.Row
	var hosts []string
	for _, s := range p.left.Days {
		if s.Day != e.Now().Format(time.DateOnly) {
			continue
		}
		sum.N, sum.Out, sum.In = sum.N+s.N, sum.Out+s.Out, sum.In+s.In
		if !slices.Contains(hosts, s.Host) {
			hosts = append(hosts, s.Host)
		}
	}
	if sum.N == 0 {
		return kit.Card("left-today", e.T("left.today"), kit.Text(e.T("left.nowhere")))
	}
	return kit.Card("left-today", e.T("left.today"), kit.Facts(
		kit.Fact{Name: e.T("left.sent"), Text: e.N("left.times", sum.N)},
		kit.Fact{Name: e.T("left.out"), Text: e.L.Bytes(int(sum.Out))},
		kit.Fact{Name: e.T("left.in"), Text: e.L.Bytes(int(sum.In))},
		kit.Fact{Name: e.T("left.where"), Text: e.L.Comma(hosts)},
	))
}

func (p *pageLeft) filters() app.UI {
	e := p.Env
	reasons := []kit.Choice{{Value: "", Text: e.T("left.reason-all")}}
	for _, r := range traffic.Reasons {
		reasons = append(reasons, kit.Choice{Value: string(r), Text: e.T("left.reason." + string(r))})
	}
	days := []kit.Choice{{Value: "", Text: e.T("left.day-all")}}
	for _, s := range slices.Backward(p.left.Days) {
		if days[len(days)-1].Value != s.Day {
			days = append(days, kit.Choice{Value: s.Day, Text: e.L.Date(s.Day)})
		}
	}
	for _, m := range slices.Backward(p.left.Months) {
		days = append(days, kit.Choice{Value: m, Text: e.L.Date(m)})
	}
	return app.Div().Class("card", "log-filters").Role("search").Aria("label", e.T("left.filter")).Body(
		kit.Field("left-reason", e.T("left.reason"), "", kit.Select("left-reason", string(p.reason), reasons, p.onReason)),
		kit.Field("left-day", e.T("left.day"), "", kit.Select("left-day", p.day, days, p.onDay)),
	)
}

// found are the lines of what was chosen, the newest first: each row of the newest, and the sums of a day or a month.
func (p *pageLeft) found() []traffic.Sum {
	var all []traffic.Sum
	switch {
	case p.day == "":
		for _, r := range p.left.Rows {
			all = append(all, traffic.Sum{Row: r})
		}
	case len(p.day) == len("2026-08"):
		all = slices.Clone(p.old)
	default:
		all = slices.DeleteFunc(slices.Clone(p.left.Days), func(s traffic.Sum) bool { return s.Day != p.day })
	}
	all = slices.DeleteFunc(all, func(s traffic.Sum) bool { return p.reason != "" && s.Reason != p.reason })
	slices.Reverse(all)
	return all
}

func (p *pageLeft) onReason(ctx app.Context, ev app.Event) {
	p.reason, p.drawn = traffic.Reason(kit.Value(ctx)), leftStep
}

func (p *pageLeft) onDay(ctx app.Context, ev app.Event) {
	day, w := kit.Value(ctx), p.Env.W
	p.day, p.drawn, p.old = day, leftStep, nil
	if !slices.Contains(p.left.Months, day) {
		return
	}
	var old []traffic.Sum
	run(p.ctx, func(c context.Context) (err error) {
		old, err = w.LeftMonth(c, day)
		return err
	}, func(_ app.Context, err error) {
		if p.day == day {
			p.old, p.fault = old, err
		}
	})
}

func (p *pageLeft) onMore(ctx app.Context, ev app.Event) { p.drawn += leftStep }

func (p *pageLeft) onSave(ctx app.Context, ev app.Event) {
	e := p.Env
	name := "potli-left-" + e.Now().Format(time.DateOnly) + ".txt"
	e.D.Download(name, "text/plain", []byte(leftText(e, p.left, p.found())))
}

func (p *pageLeft) onAsk(ctx app.Context, ev app.Event) {
	p.ask, p.done = true, false
	p.focus(p.Env, "left-ask")
}

func (p *pageLeft) onKeep(ctx app.Context, ev app.Event) {
	p.ask = false
	p.focus(p.Env, "left-clear")
}

func (p *pageLeft) onClear(ctx app.Context, ev app.Event) {
	w := p.Env.W
	p.ask = false
	run(p.ctx, w.ClearLeft, func(_ app.Context, err error) {
		p.fault, p.done = err, err == nil
		p.reason, p.day = "", ""
		p.look()
		p.focus(p.Env, kit.TitleID)
	})
}
