package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// explanations are the short cards "What is …", with the icon of each.
var explanations = []struct{ name, icon string }{
	{"emergency", "danger"}, {"clinic", "eye"}, {"link", "link"}, {"consent", "shield"}, {"abha", "person"}, {"kit", "key"},
	{"passkey", "lock"}, {"relay", "send"}, {"lost", "phone"}, {"asked", "hide"}, {"together", "people"},
}

// pageLearn lists what somebody may want to know before and after there is a wallet.
type pageLearn struct {
	app.Compo
	Env    *Env
	Snap   *wallet.Snapshot
	Tourer Tourer
	Fault  error // the texts did not come
	Tour   error // the sample family did not come
}

func (p *pageLearn) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "learn").Body(
		kit.Back(e.T("action.back"), pathHome),
		kit.Title(e.T("learn.title")),
		kit.Text(e.T("learn.text")),
		kit.If(p.mayTour(), p.tour),
		kit.If(e.Learn == nil && p.Fault == nil, func() app.UI { return kit.Wait(e.T("help.wait")) }),
		kit.If(e.Learn == nil && p.Fault != nil, func() app.UI { return kit.Notice(kit.Note, e.T("help.none")) }),
		kit.Place(app.If(e.Learn != nil, p.cards)),
		app.A().Class("text-link").Href(pathAbout).Text(e.T("welcome.about")),
	)
}

func (s *shell) learnPage() app.UI {
	return &pageLearn{Env: s.env, Snap: s.snap, Tourer: s, Fault: s.guide.fault, Tour: s.guide.tourFault}
}

// mayTour: the tour needs an open wallet, or may open that of the sample family.
func (p *pageLearn) mayTour() bool {
	return p.Snap.Phase == wallet.PhaseOpen || p.Snap.Phase == wallet.PhaseNew
}

func (p *pageLearn) tour() app.UI {
	e := p.Env
	text := e.T("tour.text")
	if p.Snap.Phase == wallet.PhaseNew {
		text = e.T("tour.text-sample")
	}
	return kit.Card("learn-tour", e.T("tour.title"), kit.Text(text),
		kit.If(p.Tour != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.Tour)) }),
		kit.Row(&tourOffer{Env: e, Tourer: p.Tourer}))
}

func (p *pageLearn) cards() app.UI {
	return app.Div().Class("learn-cards").Body(app.Range(explanations).Slice(func(i int) app.UI {
		return &learnCard{Env: p.Env, Name: explanations[i].name, Icon: explanations[i].icon}
	}))
}

// learnCard is one explanation: its question, and below it the answer.
type learnCard struct {
	app.Compo
	Env        *Env
	Name, Icon string
}

func (c *learnCard) CompoID() string { return "learn-" + c.Name }

func (c *learnCard) Render() app.UI {
	l := c.Env.Learn
	lines := l.lines("what." + c.Name)
	return app.Details().ID("learn-"+c.Name).Class("details", "learn-card").Lang(l.tag).Body(
		app.Summary().Class("details-summary").Body(kit.Icon(c.Icon), app.Span().Class("learn-asks").Text(l.say("what."+c.Name)), kit.Icon("down")),
		app.Div().Class("details-body").Body(
			readAloud(c.Env, "learn-"+c.Name),
			app.Range(lines).Slice(func(i int) app.UI { return kit.Text(lines[i]) }),
		),
	)
}
