package ui

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageFilm takes in what another screen shows as codes: a relative's phone, where there is no network.
type pageFilm struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	film  wallet.Film
	on    bool
	other bool // a code of another kind is seen
	stop  context.CancelFunc
	turn  int
	busy  bool
	done  bool
	fault error
}

func (p *pageFilm) OnDismount() { p.off() }

func (p *pageFilm) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "receive").Body(
		kit.Back(e.T("scan.title"), pathScan),
		kit.Title(e.T("film.title")),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)).ID("fault") }),
		app.If(p.done && p.Snap.Import != nil, func() app.UI { return &importReport{Env: e, Snap: p.Snap} }).
			ElseIf(p.done, func() app.UI { return kit.Link(kit.Main, "home", e.T("report.see"), pathHome) }).
			ElseIf(p.film.Parcel != nil, p.take).
			ElseIf(p.on, p.view).
			Else(p.begin),
	)
}

func (p *pageFilm) begin() app.UI {
	e := p.Env
	return app.Div().Class("film").Body(kit.Text(e.T("film.text")), kit.Button(kit.Main, "camera", e.T("scan.open"), p.onOpen).ID("film-open"))
}

// view is what the camera sees, and how far it has come.
func (p *pageFilm) view() app.UI {
	e := p.Env
	return app.Div().Class("scan-view").Body(
		app.Elem("video").Attr("id", filmVideo).Attr("class", "scan-video").Attr("muted", true).Attr("aria-label", e.T("scan.video")),
		app.If(p.film.Need > 0, func() app.UI { return kit.Progress(e.T("film.parts"), p.film.Have, p.film.Need) }).
			Else(func() app.UI { return app.P().Class("small").Role("status").Text(e.T("film.look")) }),
		kit.If(p.other, func() app.UI { return kit.Small(e.T("film.other")) }),
		kit.Button(kit.Plain, "close", e.T("scan.close"), p.onClose).ID("film-close"),
	)
}

const filmVideo = "film-video"

// take asks before anything is kept.
func (p *pageFilm) take() app.UI {
	e := p.Env
	return app.Div().Class("film").Body(
		kit.Text(e.T("hand.compare")),
		app.P().ID("film-phrase").Class("passcode-code").Attr("translate", "no").Text(spaced(p.film.Parcel.Phrase)),
		kit.Text(e.T("film.into", "name", p.Snap.Person().Name)),
		kit.Button(kit.Main, "check", e.T("film.take"), p.onTake).ID("film-take").Disabled(p.busy),
		kit.Button(kit.Quiet, "undo", e.T("film.anew"), p.onAnew).ID("film-anew"),
	)
}

func (p *pageFilm) onOpen(ctx app.Context, e app.Event) {
	p.off()
	p.fault, p.on = nil, true
	turn := p.turn
	p.ctx.Defer(func(ctx app.Context) { // the video has to be on the page first
		if !p.on || p.turn != turn {
			return
		}
		c, stop := context.WithCancel(ctx.Context)
		p.stop = stop
		p.film = wallet.Film{}
		film := &wallet.Film{} // the goroutine's own
		run(p.ctx, func(context.Context) error {
			defer stop()
			return p.Env.D.Film(c, filmVideo, func(text string) bool {
				err := film.Add(text)
				p.sees(turn, *film, err)
				return film.Parcel != nil || errors.Is(err, wallet.ErrHandDamaged)
			})
		}, func(ctx app.Context, err error) { p.ended(turn, err) })
	})
}

// sees hears of one code.
func (p *pageFilm) sees(turn int, film wallet.Film, err error) {
	p.ctx.Dispatch(func(app.Context) {
		if p.turn != turn {
			return
		}
		p.film, p.other = film, err != nil
		if errors.Is(err, wallet.ErrHandDamaged) {
			p.fault = err
		}
	})
}

func (p *pageFilm) ended(turn int, err error) {
	if p.turn != turn {
		return
	}
	p.off()
	if err != nil && !errors.Is(err, context.Canceled) {
		p.fault = err
	}
	p.focus(p.Env, kit.TitleID)
}

func (p *pageFilm) off() {
	stop := p.stop
	p.on, p.other, p.stop = false, false, nil
	p.turn++
	if stop != nil {
		stop()
	}
}

func (p *pageFilm) onClose(ctx app.Context, e app.Event) {
	p.off()
	p.focus(p.Env, "film-open")
}

func (p *pageFilm) onAnew(ctx app.Context, e app.Event) { p.film, p.fault = wallet.Film{}, nil }

func (p *pageFilm) onTake(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	w, parcel := p.Env.W, p.film.Parcel
	run(p.ctx, func(c context.Context) error {
		_, err := w.TakeHand(c, parcel)
		return err
	}, func(ctx app.Context, err error) { p.busy, p.fault, p.done = false, err, err == nil })
}
