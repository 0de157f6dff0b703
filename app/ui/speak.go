package ui

import (
	"context"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
)

// Speech reads aloud what stands on the page: for who reads little, and for tired eyes. What is read is taken from the
// page itself, so that nobody hears other facts than they would see.
type Speech interface {
	// Voices are the languages of what stands around the element id, by the voice there is for each: on this phone; away,
	// where the words would be sent to somebody's computer; none.
	Voices(id string) (here, away, none []string)
	// AwaitVoices waits a moment for voices that come late. It returns at once where there are some.
	AwaitVoices(ctx context.Context)
	// Read reads what stands around the element id, marking it as it goes, with voices of this phone alone unless away is
	// true. touch is called now and then while it goes on. done is called once at the end, which comes too when something
	// else is read or the page goes out of sight; ok is false where the voice failed.
	Read(id string, away bool, touch func(), done func(ok bool)) (stop func())
}

// aloud is the button that reads a page aloud, or the part of it that the button stands in.
type aloud struct {
	app.Compo
	here
	Env *Env
	ID  string

	state   aloudState
	missing []string // languages that cannot be read; aloudAsks: that have a voice elsewhere
	stop    func()
	turn    int // grows with each press: a reading that ends late is not the one that goes on
}

type aloudState int

const (
	aloudStill aloudState = iota
	aloudWaits            // for voices
	aloudReads
	aloudAsks  // whether the words may leave the phone
	aloudMute  // there is no voice
	aloudFails // the voice gave up
)

// readAloud is that button. id tells it from others, and what it reads from what it read before: another record has another.
func readAloud(e *Env, id string) app.UI { return &aloud{Env: e, ID: "aloud-" + id} }

func (a *aloud) CompoID() string { return a.ID }

// OnDismount ends what is read when its page is left, and when the wallet locks.
func (a *aloud) OnDismount() { a.hush() }

func (a *aloud) Render() app.UI {
	class := []string{"aloud"}
	if a.state == aloudReads {
		class = append(class, "aloud-on")
	}
	return app.Div().Class(class...).Body(
		app.If(a.state == aloudReads || a.state == aloudWaits, func() app.UI {
			return kit.Button(kit.Plain, "pause", a.Env.T("aloud.stop"), a.onPress).ID(a.ID)
		}).Else(func() app.UI {
			return kit.Button(kit.Plain, "voice", a.Env.T("aloud.read"), a.onPress).ID(a.ID)
		}),
		kit.Place(a.word()),
	)
}

// word is what has to be said or asked about the voice.
func (a *aloud) word() app.UI {
	e := a.Env
	switch {
	case a.state == aloudAsks:
		return kit.Ask(a.ID+"-ask", e.T("aloud.away"), e.T("aloud.away-text", "languages", a.names()),
			kit.Button(kit.Plain, "voice", e.T("aloud.away-yes"), a.onAway).ID(a.ID+"-yes"),
			kit.Button(kit.Plain, "", e.T("aloud.away-no"), a.onNo).ID(a.ID+"-no"))
	case a.state == aloudMute:
		return kit.Notice(kit.Note, e.T("aloud.none", "languages", a.names()), kit.Text(e.T("aloud.none-text")))
	case a.state == aloudFails:
		return kit.Notice(kit.Warn, e.T("aloud.failed"))
	case a.state == aloudReads && len(a.missing) > 0:
		return kit.Small(e.T("aloud.partly", "languages", a.names()))
	}
	return nil
}

// names are the missing languages, each by its own name.
func (a *aloud) names() string {
	var names []string
	for _, tag := range a.missing {
		names = append(names, first(a.Env.Langs.Of(tag).Name, tag))
	}
	return a.Env.L.List(names)
}

func (a *aloud) onPress(ctx app.Context, e app.Event) {
	if a.state == aloudReads || a.state == aloudWaits {
		a.hush()
		a.state = aloudStill
		return
	}
	a.turn++
	if here, away, _ := a.Env.D.Voices(a.ID); len(here)+len(away) > 0 {
		a.begin() // at once: some browsers speak only while a press is fresh
		return
	}
	a.state = aloudWaits
	turn := a.turn
	run(a.ctx, func(c context.Context) error { a.Env.D.AwaitVoices(c); return nil }, func(app.Context, error) {
		if a.state == aloudWaits && a.turn == turn {
			a.begin()
		}
	})
}

// begin reads with the voices of this phone, where they have the language of the page; else it asks, or says that there
// is none.
func (a *aloud) begin() {
	here, away, none := a.Env.D.Voices(a.ID)
	own := a.Env.L.Tag()
	switch {
	case slices.Contains(here, own) || len(here) > 0 && !slices.Contains(away, own) && !slices.Contains(none, own):
		a.missing = append(away, none...)
		a.read(false)
	case slices.Contains(away, own) || len(away) > 0 && !slices.Contains(none, own):
		a.state, a.missing = aloudAsks, away
		a.focus(a.Env, a.ID+"-ask")
	default:
		a.state, a.missing = aloudMute, []string{own}
	}
}

func (a *aloud) read(away bool) {
	a.state = aloudReads
	a.turn++
	turn, ctx := a.turn, a.ctx
	a.stop = a.Env.D.Read(a.ID, away, a.Env.W.Touch, func(ok bool) {
		ctx.Dispatch(func(app.Context) { a.ended(turn, ok) })
	})
}

func (a *aloud) ended(turn int, ok bool) {
	if turn != a.turn || a.state != aloudReads {
		return
	}
	if a.state = aloudStill; !ok {
		a.state = aloudFails
	}
}

// hush ends what is read by this button.
func (a *aloud) hush() {
	a.turn++
	if a.stop != nil {
		a.stop()
		a.stop = nil
	}
}

func (a *aloud) onAway(ctx app.Context, e app.Event) {
	_, _, a.missing = a.Env.D.Voices(a.ID)
	a.read(true)
	a.focus(a.Env, a.ID)
}

func (a *aloud) onNo(ctx app.Context, e app.Event) {
	a.state = aloudStill
	a.focus(a.Env, a.ID)
}
