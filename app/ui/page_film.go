package ui

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/scan"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageFilm takes in what another screen shows as codes: a relative's phone, where there is no network.
type pageFilm struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	lens
	film  wallet.Film
	reel  *reel
	fresh time.Time // when the camera came on, or something new was read
	hint  string    // what may help, as a key; "": nothing is needed
	clock func()    // ends what looks for how long nothing came
	busy  bool
	done  bool
	fault error
}

// After so long without anything new it is said what may help: sooner where something was read already.
const (
	filmStill = 4 * time.Second
	filmBlind = 8 * time.Second
)

func (p *pageFilm) OnDismount() { p.off() }

func (p *pageFilm) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "receive").Body(
		kit.Back(e.T("scan.title"), pathScan),
		kit.Title(e.T("film.title")),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, p.why()).ID("fault") }),
		app.If(p.done && p.Snap.Import != nil, func() app.UI { return &importReport{Env: e, Snap: p.Snap} }).
			ElseIf(p.done, func() app.UI { return kit.Link(kit.Main, "home", e.T("report.see"), pathHome) }).
			ElseIf(p.film.Parcel != nil, p.take).
			ElseIf(p.on, p.view).
			Else(p.begin),
	)
}

// why says what went wrong. Nothing can be typed here instead, as it can elsewhere.
func (p *pageFilm) why() string {
	switch {
	case errors.Is(p.fault, scan.ErrRefused):
		return p.Env.T("film.refused")
	case errors.Is(p.fault, scan.ErrNoCamera):
		return p.Env.T("film.no-camera")
	case errors.Is(p.fault, scan.ErrBusy):
		return p.Env.T("film.busy")
	case errors.Is(p.fault, scan.ErrNoReader):
		return p.Env.T("film.no-reader")
	}
	return p.Env.Explain(p.fault)
}

func (p *pageFilm) begin() app.UI {
	e := p.Env
	return app.Div().Class("film").Body(
		kit.Text(e.T("film.text")),
		kit.If(p.film.Have > 0, func() app.UI {
			return kit.Notice(kit.Note, e.T("film.goes-on", "have", strconv.Itoa(p.film.Have), "need", strconv.Itoa(p.film.Need))).ID("film-goes-on")
		}),
		kit.Button(kit.Main, "camera", e.T("scan.open"), p.onOpen).ID("film-open"),
		kit.If(p.film.Have > 0, func() app.UI { return kit.Button(kit.Quiet, "undo", e.T("film.anew"), p.onAnew).ID("film-anew") }),
	)
}

// view is what the camera sees, and how far it has come.
func (p *pageFilm) view() app.UI {
	e := p.Env
	return app.Div().Class("scan-view").Body(
		p.video(e, filmID),
		app.If(p.film.Need > 0, func() app.UI { return kit.Progress(e.T("film.parts"), p.film.Have, p.film.Need) }).
			Else(func() app.UI { return app.P().Class("small").Role("status").Text(e.T(p.tells())) }),
		app.P().Class("small").ID("film-hint").Role("status").Body(app.If(p.hint != "", func() app.UI { return app.Text(e.T(p.hint)) })),
		p.controls(e, filmID, hands{p.onClose, p.onTorch, p.onOther}),
	)
}

func (p *pageFilm) tells() string {
	if p.seen {
		return "film.look"
	}
	return "scan.starting"
}

// filmID begins the ids of what belongs to the camera.
const filmID = "film"

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
	p.start("")
	p.focus(p.Env, filmID+"-close")
}

func (p *pageFilm) onTorch(ctx app.Context, e app.Event) { p.light(p.ctx) }

func (p *pageFilm) onOther(ctx app.Context, e app.Event) { p.start(p.camera.Next) }

// start turns a camera on and takes codes in until they are all there. Another camera goes on where the first one was.
func (p *pageFilm) start(camera string) {
	p.off()
	p.fault, p.fresh = nil, p.Env.Now()
	if p.reel == nil {
		p.reel = &reel{}
	}
	take := p.reel
	p.lens.start(p.ctx, func(c context.Context, turn int, on func(scan.Camera)) error {
		return p.Env.D.Film(c, filmID+"-video", camera, on, func(text string) bool {
			film, err := take.add(text)
			p.reads(turn, text, film, err)
			return film.Parcel != nil || errors.Is(err, wallet.ErrHandDamaged)
		})
	}, func(_ app.Context, err error) { p.ended(err) })
	p.clock = every(time.Second, func() { p.ctx.Dispatch(func(app.Context) { p.help() }) })
}

// reel is what was filmed so far. It has a lock, since a camera that is turned off may see a last code while the next one
// comes on.
type reel struct {
	mu   sync.Mutex
	film wallet.Film
}

func (r *reel) add(text string) (wallet.Film, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.film.Add(text)
	return r.film, err
}

// reads hears of one code.
func (p *pageFilm) reads(turn int, text string, film wallet.Film, err error) {
	p.ctx.Dispatch(func(app.Context) {
		switch {
		case p.turn != turn:
		case errors.Is(err, wallet.ErrHandDamaged):
			p.film, p.reel, p.fault = wallet.Film{}, nil, err
		case err != nil:
			p.hint = p.wrong(scan.What(text))
		case film.Have != p.film.Have || film.Need != p.film.Need || film.Parcel != nil:
			p.film, p.fresh, p.hint = film, p.Env.Now(), ""
		}
	})
}

// wrong says what a code is that does not belong here. One that was misread says nothing: the next may be good.
func (p *pageFilm) wrong(kind scan.Kind) string {
	switch kind {
	case scan.Film:
		return p.hint
	case scan.Other:
		return "film.other"
	}
	return codeKeys[kind]
}

// help says what may help where nothing new has come for a while.
func (p *pageFilm) help() {
	switch waited := p.Env.Now().Sub(p.fresh); {
	case !p.seen:
		p.fresh = p.Env.Now() // the browser may still be asking
	case p.film.Have > 0 && waited >= filmStill:
		p.hint = "film.still"
	case p.film.Have == 0 && waited >= filmBlind && p.hint == "":
		p.hint = "film.nothing"
	}
}

func (p *pageFilm) ended(err error) {
	p.off()
	if err != nil && !errors.Is(err, context.Canceled) {
		p.fault = err
	}
	p.focus(p.Env, kit.TitleID)
}

func (p *pageFilm) off() {
	if p.clock != nil {
		p.clock()
	}
	p.clock, p.hint = nil, ""
	p.lens.off()
}

func (p *pageFilm) onClose(ctx app.Context, e app.Event) {
	p.off()
	p.focus(p.Env, "film-open")
}

func (p *pageFilm) onAnew(ctx app.Context, e app.Event) {
	p.film, p.reel, p.fault = wallet.Film{}, nil, nil
}

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
