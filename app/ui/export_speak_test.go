package ui

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Aloud is the button that reads aloud, with hands on it.
type Aloud struct{ *aloud }

func AloudFor(w Door, d Device, l *Languages) Aloud {
	return Aloud{readAloud(&Env{W: w, D: d, L: l.Current(), Langs: l}, "r1").(*aloud)}
}

func (a Aloud) Press() { a.ctx.Dispatch(func(ctx app.Context) { a.onPress(ctx, app.Event{}) }) }
func (a Aloud) Agree() { a.ctx.Dispatch(func(ctx app.Context) { a.onAway(ctx, app.Event{}) }) }
func (a Aloud) No()    { a.ctx.Dispatch(func(ctx app.Context) { a.onNo(ctx, app.Event{}) }) }
