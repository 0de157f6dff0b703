package ui

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/consent"
	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// What is asked back on the page of a request.
const (
	askNothing = ""
	askGive    = "give"
	askNo      = "no"
)

// pageAsk is a provider's request for records, on one screen in plain words, and the four answers to it: all that is
// asked, less of it, not now, no. They look the same and take the same two touches; nothing is chosen beforehand, and who
// gives less begins with the least.
type pageAsk struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	ID   string // of the item in the inbox

	of      string // the request that was looked at
	asked   *wallet.Asked
	who     record.ProfileID     // whose records; "" not chosen yet
	full    *wallet.GrantPreview // all that is asked for
	base    *wallet.GrantPreview // of the choice, with every record that fits
	preview *wallet.GrantPreview // exactly what would go
	less    bool                 // some of it is to stay
	choice  consent.Choice
	out     map[record.ID]bool // records that were taken out one by one
	turn    int                // counts previews: the latest counts
	open    string
	busy    bool
	changed bool // the records changed after they had been shown
	fault   error
}

func (p *pageAsk) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageAsk) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.look()
}

func (p *pageAsk) OnUpdate(app.Context) {
	if p.of != p.ID {
		p.look()
	}
}

// look reads the request. Where the family has but one person it could be for, it is for them; else somebody says for whom.
func (p *pageAsk) look() {
	p.of, p.asked, p.who, p.full, p.base, p.preview, p.less, p.choice, p.fault = p.ID, nil, "", nil, nil, nil, false, consent.Choice{}, nil
	var asked *wallet.Asked
	w, id := p.Env.W, p.ID
	run(p.ctx, func(c context.Context) (err error) {
		asked, err = w.Asked(c, id)
		return err
	}, func(ctx app.Context, err error) {
		p.asked, p.fault = asked, err
		if err == nil && p.waits() && len(asked.People) == 1 {
			p.about(asked.People[0])
		}
	})
}

// trusted looks again at who asks: their key was kept. What was chosen stays.
func (p *pageAsk) trusted() {
	var asked *wallet.Asked
	w, id := p.Env.W, p.ID
	run(p.ctx, func(c context.Context) (err error) {
		asked, err = w.Asked(c, id)
		return err
	}, func(_ app.Context, err error) {
		if err == nil && id == p.ID {
			p.asked = asked
		}
	})
}

// waits says whether the request can still be answered.
func (p *pageAsk) waits() bool {
	a := p.asked
	return a != nil && !a.Late && !a.Refused && len(a.Consents) == 0
}

// about makes it about one person: theirs is the banner from then on too.
func (p *pageAsk) about(who record.ProfileID) {
	p.who, p.full, p.base, p.preview, p.less, p.choice, p.out, p.open = who, nil, nil, nil, false, consent.Choice{}, map[record.ID]bool{}, askNothing
	choose(p.ctx, p.Env, string(who), func(app.Context) { p.prepare() })
}

// prepare asks what would go. Records that were taken out one by one are named by those that are left.
func (p *pageAsk) prepare() {
	p.turn++
	turn, w, id, who, choice, out := p.turn, p.Env.W, p.ID, p.who, p.choice, p.out
	var base, preview *wallet.GrantPreview
	p.busy, p.fault = true, nil
	run(p.ctx, func(c context.Context) (err error) {
		if base, err = w.PrepareGrant(c, id, who, choice); err != nil {
			return err
		}
		if preview = base; len(left(base, out)) < len(base.Going) {
			choice.Records = left(base, out)
			preview, err = w.PrepareGrant(c, id, who, choice)
		}
		return err
	}, func(_ app.Context, err error) {
		if turn != p.turn {
			return
		}
		p.busy, p.fault, p.preview = false, err, preview
		if base != nil {
			p.base = base
		}
		if p.full == nil {
			p.full = base
		}
	})
}

// left are the records that go when some are taken out; never nil, which would be all of them.
func left(base *wallet.GrantPreview, out map[record.ID]bool) []record.ID {
	list := []record.ID{}
	for _, r := range base.Going {
		if !out[r.ID] {
			list = append(list, r.ID)
		}
	}
	return list
}

func (p *pageAsk) Render() app.UI {
	e := p.Env
	if p.asked == nil {
		return app.Div().Class("page").Body(
			kit.Back(e.T("ask.back"), pathInbox),
			kit.Title(e.T("ask.title")),
			kit.If(p.fault == nil, func() app.UI { return kit.Wait(e.T("ask.reading")) }),
			app.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Note, e.Explain(p.fault)) }),
		)
	}
	q := p.asked.Request
	return app.Div().Class("page", "ask-page").Body(
		kit.Back(e.T("ask.back"), pathInbox),
		kit.Title(e.T("ask.by", "name", partyName(e, q.From))),
		readAloud(e, "ask"),
		kit.If(q.Purpose.BreaksGlass(), func() app.UI {
			return kit.Notice(kit.Warn, e.T("ask.emergency"), kit.Text(e.T("ask.emergency-text"))).ID("ask-emergency")
		}),
		kit.Place(p.answered()),
		&askerCard{Env: e, Asked: p.asked, Owner: p},
		kit.If(p.waits(), p.whose),
		askedWhat(e, q),
		askedNotice(e, q.Notice),
		kit.If(p.less && p.full != nil, func() app.UI {
			return &lessForm{Env: e, Full: p.full.Terms, Owner: p}
		}),
		kit.If(p.changed, func() app.UI { return kit.Notice(kit.Warn, e.T("ask.changed")) }),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(p.wrong()) }),
		kit.If(p.waits() && p.base != nil, p.goes),
		kit.If(p.waits(), p.answers),
	)
}

// wrong says what stands in the way. A choice that leaves nothing is no mistake: it is a no.
func (p *pageAsk) wrong() string {
	if errors.Is(p.fault, &consent.Fault{Code: consent.Nothing}) {
		return p.Env.T("ask.nothing")
	}
	return p.Env.Explain(p.fault)
}

// Less hears what is to stay.
func (p *pageAsk) Less(ctx app.Context, c consent.Choice) {
	p.choice = c
	p.prepare()
}

// Tick leaves one record out or takes it in again.
func (p *pageAsk) Tick(ctx app.Context, item int, on bool) {
	if item < len(p.base.Going) {
		p.out[p.base.Going[item].ID] = !on
		p.prepare()
	}
}

// Pick says whose records it is about.
func (p *pageAsk) Pick(ctx app.Context, list, value string) { p.about(record.ProfileID(value)) }

func (p *pageAsk) onGive(ctx app.Context, e app.Event) { p.ask(askGive, "give-sure") }

func (p *pageAsk) onNo(ctx app.Context, e app.Event) { p.ask(askNo, "no-sure") }

func (p *pageAsk) ask(open, id string) {
	p.open = open
	p.focus(p.Env, id)
}

func (p *pageAsk) onBack(ctx app.Context, e app.Event) { p.open = askNothing }

// onLess opens the way to give less, or goes back to what was asked.
func (p *pageAsk) onLess(ctx app.Context, e app.Event) {
	p.open, p.less, p.out = askNothing, !p.less, map[record.ID]bool{}
	if p.less {
		p.focus(p.Env, "less")
		return
	}
	p.choice = consent.Choice{}
	p.prepare()
}

func (p *pageAsk) onLater(ctx app.Context, e app.Event) { p.Env.Go(ctx, pathInbox) }

func (p *pageAsk) onGiveYes(ctx app.Context, e app.Event) {
	if p.busy || p.preview == nil {
		return
	}
	p.busy, p.changed, p.fault, p.open = true, false, nil, askNothing
	var id string
	w, preview := p.Env.W, p.preview
	run(p.ctx, func(c context.Context) (err error) {
		id, err = w.GrantAsk(c, preview)
		return err
	}, func(ctx app.Context, err error) {
		if p.busy, p.fault = false, err; err == nil {
			p.Env.Go(ctx, pathConsent+id)
			return
		}
		p.amend(p.Env, err, kit.FaultID)
		if p.changed = errors.Is(err, wallet.ErrChanged); p.changed {
			p.prepare()
		}
	})
}

func (p *pageAsk) onNoYes(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault, p.open = true, nil, askNothing
	w, id := p.Env.W, p.ID
	run(p.ctx, func(c context.Context) error { return w.RefuseAsk(c, id) }, func(ctx app.Context, err error) {
		p.busy = false
		if p.amend(p.Env, err, kit.FaultID); err != nil {
			p.fault = err
			return
		}
		p.look()
		p.focus(p.Env, kit.TitleID)
	})
}
