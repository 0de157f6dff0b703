package ui

import (
	"context"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/inbox"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageInbox is what clinics have sent: what waits for a word of the person first, then what became of the rest.
type pageInbox struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	fault error
}

func (p *pageInbox) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

// OnMount asks whether there is more: the person has come to see it.
func (p *pageInbox) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	w := p.Env.W
	run(p.ctx, func(c context.Context) error { return w.CheckInbox(c) }, func(_ app.Context, err error) { p.fault = err })
}

// sorted are the items that wait, the oldest first as it has waited longest, and the rest.
func (p *pageInbox) sorted() (waiting, earlier []wallet.ItemInfo) {
	if p.Snap.Inbox == nil {
		return nil, nil
	}
	for _, it := range p.Snap.Inbox.Items {
		if it.State == inbox.Waiting {
			waiting = append(waiting, it)
		} else {
			earlier = append(earlier, it)
		}
	}
	slices.Reverse(waiting)
	return waiting, earlier
}

func (p *pageInbox) Render() app.UI {
	e := p.Env
	waiting, earlier := p.sorted()
	waits, refused := outside(p.Snap)
	return app.Div().Class("page", "arrivals").Body(
		kit.Back(e.T("nav.home"), pathHome),
		kit.Title(e.T("inbox.title")),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Note, e.Explain(p.fault)) }),
		kit.If(len(waiting) == 0, p.empty),
		kit.Place(arrivalList(e, p.Snap, e.T("inbox.waiting"), waiting)),
		kit.If(waits > 0, func() app.UI { return kit.Notice(kit.Note, e.N("inbox.more", waits)).ID("inbox-more") }),
		kit.Place(openCodes(e, p.Snap)),
		kit.If(len(waiting) > 0, func() app.UI { return kit.Link(kit.Plain, "qr", e.T("drop.title"), pathDrop).ID("inbox-drop") }),
		kit.Place(arrivalList(e, p.Snap, e.T("inbox.earlier"), earlier)),
		kit.Place(refusals(e, refused)),
		kit.Small(e.T("inbox.here")),
	)
}

func (p *pageInbox) empty() app.UI {
	e := p.Env
	return kit.Empty("in-tray", e.T("inbox.empty"), e.T("inbox.empty-text"),
		kit.Link(kit.Main, "qr", e.T("drop.title"), pathDrop).ID("inbox-drop"), kit.Link(kit.Plain, "link", e.T("receive.title"), pathReceive))
}

// outside is what waits at the relay for room, and what was turned away, of all codes.
func outside(s *wallet.Snapshot) (waits int, refused map[inbox.Reason]int) {
	refused = map[inbox.Reason]int{}
	if s.Inbox == nil {
		return 0, refused
	}
	for _, d := range s.Inbox.Drops {
		waits += int(d.Waits)
		for why, n := range d.Refused {
			refused[why] += n
		}
	}
	return waits, refused
}

// refusals say how many letters were turned away, and why. What was in them is not shown.
func refusals(e *Env, refused map[inbox.Reason]int) app.UI {
	var reasons []inbox.Reason
	total := 0
	for why, n := range refused {
		reasons, total = append(reasons, why), total+n
	}
	if total == 0 {
		return nil
	}
	slices.Sort(reasons)
	return app.Div().Class("refusals").Body(kit.Details(e.N("inbox.refused", total),
		kit.Text(e.T("inbox.refused-text")),
		app.Ul().Class("list").Body(app.Range(reasons).Slice(func(i int) app.UI {
			why := reasons[i]
			return app.Li().Text(e.T("inbox.refusal", "n", strconv.Itoa(refused[why]), "why", e.T("inbox.reason."+string(why))))
		})),
	))
}

// arrivalList is a heading with what stands under it; nothing for nothing.
func arrivalList(e *Env, s *wallet.Snapshot, heading string, list []wallet.ItemInfo) app.UI {
	if len(list) == 0 {
		return nil
	}
	return app.Section().Class("ledger-part").Body(
		app.H2().Class("section-title").Text(heading),
		app.Ul().Class("ledger-list").Body(app.Range(list).Slice(func(i int) app.UI { return &arrivalRow{Env: e, Snap: s, Item: list[i]} })),
	)
}

// arrivalRow is one thing that came, in a list.
type arrivalRow struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot
	Item wallet.ItemInfo
}

// CompoID keeps each row its own.
func (r *arrivalRow) CompoID() string { return "item-" + r.Item.ID }

func (r *arrivalRow) Render() app.UI {
	e, it := r.Env, r.Item
	class := "arrival"
	if it.State != inbox.Waiting {
		class = "arrival arrival-over"
	}
	return app.Li().Class(class).Body(app.A().Class("ledger-link").Href(toItem(it)).Body(
		kit.Avatar(e.portrait(person(r.Snap, string(it.Profile)))),
		app.Span().Class("ledger-words").Body(
			app.Span().Class("ledger-name").Text(sender(e, it)),
			app.Span().Class("hint").Text(r.whose()+inside(e, it)),
			app.Span().Class("hint").Text(e.T("inbox.came", "time", e.L.DateTime(it.Came))),
		),
		arrivalChip(e, it),
		kit.Icon("next"),
	))
}

// whose is for whom it came. Of a question that is not said before it is answered.
func (r *arrivalRow) whose() string {
	name := person(r.Snap, string(r.Item.Profile)).Name
	if name == "" {
		return ""
	}
	return r.Env.T("inbox.for", "name", name) + " · "
}

// toItem is the page of an item; a question has one of its own.
func toItem(it wallet.ItemInfo) string {
	if it.Asks {
		return pathAsk + it.ID
	}
	return pathItem + it.ID
}

// sender is whom an item says it is from.
func sender(e *Env, it wallet.ItemInfo) string {
	if it.From.Name == "" {
		return e.T("inbox.nobody")
	}
	return e.T("inbox.from", "name", it.From.Name)
}

// inside says in a word what came.
func inside(e *Env, it wallet.ItemInfo) string {
	switch {
	case it.Asks:
		return e.T("inbox.asks")
	case len(it.Documents) > 0:
		return e.N("inbox.documents", len(it.Documents))
	case it.Type == "receipt":
		return e.T("inbox.receipt")
	}
	return e.T("inbox.note-only")
}

// arrivalChip says what became of an item; of one that waits, what is known of its sender.
func arrivalChip(e *Env, it wallet.ItemInfo) app.UI {
	switch {
	case it.State == inbox.Accepted:
		return kit.Chip("good", "check", e.T("inbox.state.accepted"))
	case it.State != inbox.Waiting:
		return kit.Chip("quiet", "clock", e.T("inbox.state."+string(it.State)))
	case it.Trust == inbox.TrustPosing:
		return kit.Chip("warn", "warn", e.T("inbox.chip.posing"))
	case it.Trust == inbox.TrustKnown:
		return kit.Chip("good", "shield", e.T("inbox.chip.known"))
	}
	return kit.Chip("quiet", "info", e.T("inbox.chip."+string(it.Trust)))
}

// unread says that what arrived has not been looked up yet, as in the moment after the words were given.
func unread(s *wallet.Snapshot) bool { return s.Inbox == nil && !s.Demo }

// arrived is how many things wait for a word of the person.
func arrived(s *wallet.Snapshot) int {
	if s.Inbox == nil {
		return 0
	}
	return s.Inbox.Unread
}

// arrivals lead from the first page to what has come, and to a code that is open, as at a counter.
func arrivals(e *Env, s *wallet.Snapshot) app.UI {
	n, open := arrived(s), openDrops(s)
	return app.Div().Class("comings").Body(
		kit.If(n > 0, func() app.UI {
			return app.Section().ID("arrived").Class("card", "coming").Role("status").Body(
				app.H2().Class("card-title").Text(e.N("inbox.new-title", n)),
				kit.Text(e.T("inbox.new-text")),
				kit.Row(kit.Link(kit.Main, "in-tray", e.T("inbox.new-go"), pathInbox).ID("arrived-go")))
		}),
		kit.If(n == 0 && len(open) > 0, func() app.UI {
			return kit.Link(kit.Quiet, "qr", e.T("inbox.open-code", "name", person(s, string(open[0].Person)).Name), toDrop(open[0].ID)).ID("open-code")
		}),
	)
}
