package ui

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/scan"
)

// Filming is a page that films another screen, with hands on its buttons.
type Filming struct{ *pageFilm }

func FilmingFor(w Door, d Device, l *Languages, clock func() time.Time) Filming {
	return Filming{&pageFilm{Env: &Env{W: w, D: d, L: l.Current(), Langs: l, Now: clock}, Snap: w.Snapshot()}}
}

func (f Filming) Open()    { f.onOpen(f.ctx, app.Event{}) }
func (f Filming) Torch()   { f.onTorch(f.ctx, app.Event{}) }
func (f Filming) Another() { f.onOther(f.ctx, app.Event{}) }
func (f Filming) Help()    { f.ctx.Dispatch(func(app.Context) { f.help() }) }

// See is a camera that has come on.
func (f Filming) See(c scan.Camera) {
	f.ctx.Dispatch(func(app.Context) { f.on, f.seen, f.camera, f.fresh = true, true, c, f.Env.Now() })
}

// Reads is a code that it has read.
func (f Filming) Reads(code string) {
	if f.reel == nil {
		f.reel = &reel{}
	}
	film, err := f.reel.add(code)
	f.reads(f.turn, code, film, err)
}
