package ui

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// moved is a page that asks whose a record is.
type moved interface {
	// Moved is told when the question is over: the record is somebody else's now, or the person changed their mind.
	Moved(ctx app.Context, yes bool)
}

// mover files a record under another person: to whom, then one more look at them, then it is done.
type mover struct {
	app.Compo
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Meta  record.Meta
	Key   string // of the question: the record gets another id by the answer
	Owner moved

	to    record.ProfileID
	busy  bool
	fault error
}

// CompoID keeps each question its own.
func (m *mover) CompoID() string { return "move-" + m.Key }

func (m *mover) Render() app.UI {
	e := m.Env
	links := e.W.Holding(m.Meta.ID)
	return app.Section().ID(m.CompoID()).TabIndex(-1).Class("ask").Role("group").Aria("labelledby", m.CompoID()+"-q").Body(
		app.H2().ID(m.CompoID()+"-q").Class("ask-title").Text(e.T("move.title")),
		kit.Text(e.T("move.text")),
		kit.If(len(links) > 0, func() app.UI { return heldBy(e, links) }),
		app.Div().Class("filters").Body(app.Range(m.others()).Slice(func(i int) app.UI {
			p := m.others()[i]
			return &kit.Option{Owner: m, List: "move", Value: string(p.ID), Text: p.Name, Hint: e.born(p), Portrait: e.portrait(p), On: p.ID == m.to}
		})),
		kit.If(m.fault != nil, func() app.UI { return kit.Notice(kit.Danger, m.why()) }),
		kit.Row(
			kit.If(m.to != "", func() app.UI {
				return kit.Button(kit.Main, "move", e.T("move.yes", "name", m.name()), m.onYes).ID("move-yes").Disabled(m.busy)
			}),
			kit.Button(kit.Plain, "", e.T("action.back"), m.onNo).Disabled(m.busy),
		),
	)
}

// others are those it can be moved to: first whom the document itself seems to mean.
func (m *mover) others() (list []wallet.Person) {
	fits := m.Snap.Fits(m.Meta.Outline.Subject)
	for _, p := range append(fits, m.Snap.Shown()...) {
		if p.ID != m.Meta.Profile && !has(list, p.ID) {
			list = append(list, p)
		}
	}
	return list
}

func has(list []wallet.Person, id record.ProfileID) bool {
	for _, p := range list {
		if p.ID == id {
			return true
		}
	}
	return false
}

// heldBy names the links that go on showing a record, before it is moved.
func heldBy(e *Env, links []share.Share) app.UI {
	return kit.Notice(kit.Warn, e.N("move.links", len(links)), app.Ul().Class("list").Body(
		app.Range(links).Slice(func(i int) app.UI {
			return app.Li().Body(app.A().Class("text-link").Href(pathShared + "/" + links[i].ID).
				Text(e.T("shared.when", "name", shareName(e, links[i]), "time", e.L.DateTime(links[i].Created))))
		})))
}

func (m *mover) name() string { return person(m.Snap, string(m.to)).Name }

func (m *mover) why() string {
	if errors.Is(m.fault, record.ErrDuplicate) {
		return m.Env.T("move.twin", "name", m.name())
	}
	return m.Env.Explain(m.fault)
}

// Pick chooses to whom; nothing is moved by it.
func (m *mover) Pick(ctx app.Context, list, value string) {
	m.to, m.fault = record.ProfileID(value), nil
}

func (m *mover) onNo(ctx app.Context, ev app.Event) { m.Owner.Moved(ctx, false) }

func (m *mover) onYes(ctx app.Context, ev app.Event) {
	if m.busy {
		return
	}
	m.busy, m.fault = true, nil
	id, to, owner := m.Meta.ID, m.to, m.Owner
	run(m.ctx, func(c context.Context) error {
		_, err := m.Env.W.Move(c, id, to)
		return err
	}, func(ctx app.Context, err error) {
		if m.busy, m.fault = false, err; err == nil {
			owner.Moved(ctx, true)
		}
	})
}
