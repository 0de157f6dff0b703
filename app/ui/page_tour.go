package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// The tour is a card at the head of the page that points at one thing after the other, where each really is. It hides
// nothing and waits for nobody: whoever wants to touch something meanwhile does so. What it points at is marked by a class
// of the whole page (web/styles/learn.css), so that no place has to be measured.

// stop is one thing the tour points at.
type stop struct {
	name   string // of its sentence
	page   string // where it is
	at     string // id of the thing
	called string // message that is written on it, which the sentence quotes
}

var stops = []stop{
	{"home", pathHome, "nav-home", "nav.home"},
	{"person", pathHome, "person", "people.whose"},
	{"add", pathAdd, "nav-plus", "nav.add"},
	{"counter", pathCounter, "nav-qr", "nav.show"},
	{"shared", pathShared, "nav-list", "nav.shared"},
	{"emergency", pathCard, kit.TitleID, "emergency.title"},
	{"lock", pathHome, "lock", "app.lock"},
}

const (
	tourID     = "tour"
	tourTextID = "tour-text"
	tourSeen   = "tour" // remembered, so that it is offered once
)

// Tourer shows somebody around; the shell is it.
type Tourer interface {
	StartTour(ctx app.Context)
}

// StartTour begins at the first stop, in the sample family where no wallet is open.
func (s *shell) StartTour(ctx app.Context) {
	if s.snap.Phase == wallet.PhaseOpen {
		s.stopAt(ctx, 1)
		return
	}
	w := s.env.W
	run(s.ctx, w.TryDemo, func(ctx app.Context, err error) {
		if s.guide.tourFault = err; err == nil {
			s.stopAt(ctx, 1)
		}
	})
}

// stopAt goes to a stop, counted from 1; 0 ends the tour.
func (s *shell) stopAt(ctx app.Context, n int) {
	before := s.guide.tour
	s.guide.tour = n
	if n == 0 {
		s.focus(s.env, kit.TitleID)
		return
	}
	s.env.D.Remember(tourSeen, "seen")
	if to := stops[n-1].page; to != s.path || before == 0 {
		s.env.Go(ctx, to)
	}
	s.focus(s.env, tourID)
}

// touring says whether the tour is on the page.
func (s *shell) touring() bool { return s.guide.tour > 0 && s.snap.Phase == wallet.PhaseOpen }

// offersTour says whether the tour was never begun on this device.
func (e *Env) offersTour() bool { return e.D.Recall(tourSeen) == "" }

// tourMark is the class by which the thing is marked.
func (s *shell) tourMark() string {
	if !s.touring() {
		return ""
	}
	return "tour-at-" + stops[s.guide.tour-1].name
}

func (s *shell) tourCard() app.UI {
	e, at := s.env, stops[s.guide.tour-1]
	last := s.guide.tour == len(stops)
	return app.Section().ID(tourID).Class("tour").TabIndex(-1).Aria("labelledby", tourTextID).OnKeyDown(s.onTourKey).Body(
		app.P().Class("tour-count").Text(e.T("tour.count", "n", e.L.Number(s.guide.tour), "total", e.L.Number(len(stops)))),
		app.P().ID(tourTextID).Class("tour-text").Text(s.tourWords(at)),
		kit.Row(
			app.If(last, func() app.UI { return kit.Button(kit.Main, "check", e.T("tour.done"), s.onTourLeave).ID("tour-done") }).
				Else(func() app.UI { return kit.Button(kit.Main, "next", e.T("tour.next"), s.onTourNext).ID("tour-next") }),
			kit.Button(kit.Plain, "eye", e.T("tour.show"), s.onTourShow).ID("tour-show"),
			kit.If(s.guide.tour > 1, func() app.UI { return kit.Button(kit.Quiet, "", e.T("tour.back"), s.onTourBack).ID("tour-back") }),
			kit.If(!last, func() app.UI { return kit.Button(kit.Quiet, "", e.T("tour.leave"), s.onTourLeave).ID("tour-leave") }),
		),
	)
}

// tourWords is the sentence of a stop, or that it is on its way.
func (s *shell) tourWords(at stop) string {
	switch e := s.env; {
	case e.Learn != nil:
		return e.Learn.say("tour."+at.name, "label", e.T(at.called))
	case s.guide.fault != nil:
		return e.T("help.none")
	}
	return s.env.T("help.wait")
}

func (s *shell) onTourNext(ctx app.Context, e app.Event) {
	s.stopAt(ctx, min(s.guide.tour+1, len(stops)))
}
func (s *shell) onTourBack(ctx app.Context, e app.Event)  { s.stopAt(ctx, max(s.guide.tour-1, 1)) }
func (s *shell) onTourLeave(ctx app.Context, e app.Event) { s.stopAt(ctx, 0) }

// onTourShow leads to the thing itself: for whom the mark is out of sight, or is no help.
func (s *shell) onTourShow(ctx app.Context, e app.Event) { s.focus(s.env, stops[s.guide.tour-1].at) }

func (s *shell) onTourKey(ctx app.Context, e app.Event) {
	if e.Get("key").String() == "Escape" {
		s.stopAt(ctx, 0)
	}
}

// endTour ends it where the wallet is no longer open.
func (s *shell) endTour(before, now wallet.Phase) {
	if before == wallet.PhaseOpen && now != wallet.PhaseOpen {
		s.guide.tour = 0
	}
}

// tourOffer begins the tour, or leaves it be.
type tourOffer struct {
	app.Compo
	Env    *Env
	Tourer Tourer
	Busy   bool
}

func (o *tourOffer) Render() app.UI {
	return kit.Button(kit.Plain, "eye", o.Env.T("tour.start"), o.onStart).ID("tour-start").Disabled(o.Busy)
}

func (o *tourOffer) onStart(ctx app.Context, e app.Event) { o.Tourer.StartTour(ctx) }

// first is what gets the focus on a page: the card of the tour while there is one, else the title.
func (s *shell) first() string {
	if s.touring() {
		return tourID
	}
	return kit.TitleID
}
