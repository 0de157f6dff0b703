package ui

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// subject is the person whom the page is about: of a code, whoever it was made for; else whose records are shown.
func (s *shell) subject() wallet.Person {
	switch at := placeOf(s.path); at.page {
	case pathCode:
		if sh, ok := shareOf(s.snap, at.id); ok {
			return person(s.snap, string(sh.Profile))
		}
	case pathDropCode:
		if d, ok := s.snap.Inbox.Drop(s.fragment); ok {
			return person(s.snap, string(d.Person))
		}
	}
	return s.snap.Person()
}

// about is read aloud with the title of every page: for whom one acts (F1). Empty, but there, for oneself.
func (s *shell) about() app.UI {
	text := ""
	if p := s.subject(); s.snap.Phase == wallet.PhaseOpen && s.snap.Acting(p.ID) {
		text = s.env.T("acting.spoken", "name", p.Name)
	}
	return app.P().ID(kit.AboutID).Class("away").Text(text)
}

// top says whose records these are, on every page, in their colour (F1); it hides them and locks in one tap (F7).
func (s *shell) top() app.UI {
	p, acting := s.snap.Person(), s.snap.Acting(s.snap.Current)
	header := app.Header().Class("top", kit.Colour(p.Colour))
	if acting {
		header = header.Class("top-acting")
	}
	return header.Body(
		app.A().Class("brand").Href(pathHome).Body(kit.Icon("pouch"), app.Span().Class("brand-name").Text(s.env.T("app.name"))),
		app.Button().Type("button").ID("person").Class("who").OnClick(s.onPeople).
			Aria("expanded", s.open == "people").
			Body(kit.Avatar(s.env.portrait(p)), s.names(p, acting), kit.Icon("down")),
		kit.If(s.snap.Offline, func() app.UI { return kit.Chip("offline", "offline", s.env.T("app.offline")) }),
		kit.If(acting, func() app.UI {
			return app.Button().Type("button").ID("hide").Class("lock").OnClick(s.onHide).
				Body(kit.Icon("hide"), app.Span().Text(s.env.T("hide.go")))
		}),
		s.lock(),
	)
}

func (s *shell) names(p wallet.Person, acting bool) app.UI {
	return app.Span().Class("who-words").Body(
		app.If(acting, func() app.UI { return app.Span().Class("who-for").Text(s.env.T("acting.for")) }),
		app.Span().Class("who-name").Text(p.Name),
		app.Span().Class("away").Text(s.env.T("people.whose")),
	)
}

func (s *shell) lock() app.UI {
	return app.Button().Type("button").ID("lock").Class("lock").Aria("keyshortcuts", "Alt+L").OnClick(s.onLock).
		Body(kit.Icon("lock"), app.Span().Text(s.env.T("app.lock")))
}

// bare is all that stands above a code, which has the screen to itself: the way to lock.
func (s *shell) bare() app.UI {
	return app.Header().Class("top-bare").Body(s.lock())
}

// people is the panel that switches between the people of the family.
func (s *shell) people() app.UI {
	shown := s.snap.Shown()
	return app.Nav().Class("people-panel").Aria("label", s.env.T("people.switch")).Body(
		kit.Place(app.Range(shown).Slice(func(i int) app.UI {
			p := shown[i]
			return &kit.Option{Owner: s, List: "people", Value: string(p.ID), Text: p.Name, Hint: s.env.born(p),
				Portrait: s.env.portrait(p), On: p.ID == s.snap.Current}
		})),
		kit.Link(kit.Quiet, "people", s.env.T("people.manage"), pathPeople),
	)
}

func (s *shell) onPeople(ctx app.Context, e app.Event) {
	if s.open == "people" {
		s.open = ""
	} else {
		s.open = "people"
	}
}

// Pick is the choice of a person in the panel of the top bar.
func (s *shell) Pick(ctx app.Context, list, value string) {
	s.open, s.hid = "", false
	w := s.env.W
	ctx.Async(func() { w.Choose(record.ProfileID(value)) }) // many records take a moment
	s.env.Go(ctx, pathHome)
}

// hidFor is how long it stands on the screen that somebody was hidden. It names nobody.
const hidFor = 15 * time.Second

func (s *shell) onHide(ctx app.Context, e app.Event) {
	w, id := s.env.W, s.snap.Current
	s.open = ""
	run(s.ctx, func(context.Context) error { return w.Hide(id) }, s.hidden)
	s.env.Go(ctx, pathHome)
}

func (s *shell) hidden(ctx app.Context, err error) {
	s.hid, s.fault = err == nil, err
	s.ctx.After(hidFor, func(app.Context) { s.hid, s.fault = false, nil })
}

// hiddenBar says how somebody comes back who was hidden, or why they were not.
func (s *shell) hiddenBar() app.UI {
	text := s.env.T("hide.done")
	if s.fault != nil {
		text = s.env.Explain(s.fault)
	}
	return app.Div().ID("hidden").Class("snack").Body(app.P().Class("snack-text").Text(text))
}
