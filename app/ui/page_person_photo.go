package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// photoCard puts a face to a name. What is picked is cut and drawn anew before it is kept: see Device.Portrait.
type photoCard struct {
	app.Compo
	here
	Env    *Env
	Person wallet.Person

	busy  bool
	fault error
}

func (c *photoCard) Render() app.UI {
	e := c.Env
	return kit.Card("photo", e.T("photo.title"),
		kit.Text(e.T("photo.text")),
		kit.Row(
			app.Div().Class("pick").Body(
				app.Input().ID("photo-file").Class("pick-input").Type("file").Accept("image/*").OnChange(c.onPicked),
				app.Label().Class("button", "button-plain").For("photo-file").Body(kit.Icon("camera"), app.Span().Text(e.T("photo.pick"))),
			),
			app.If(c.Person.Photo != "", func() app.UI {
				return kit.Button(kit.Quiet, "delete", e.T("photo.remove"), c.onRemove).ID("photo-remove").Disabled(c.busy)
			}),
		),
		app.If(c.busy, func() app.UI { return kit.Wait(e.T("photo.busy")) }),
		app.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
	)
}

func (c *photoCard) onPicked(ctx app.Context, ev app.Event) {
	files := c.Env.D.Picked("photo-file", "camera")
	if len(files) == 0 || c.busy {
		return
	}
	c.keep(func(ctx context.Context) ([]byte, error) { return c.portrait(ctx, files[0]) })
}

// portrait reads a file and cuts the picture out of it.
func (c *photoCard) portrait(ctx context.Context, f wallet.File) ([]byte, error) {
	if f.Size > record.MaxBytes {
		return nil, record.ErrTooBig
	}
	b, err := f.Read(ctx)
	if err != nil {
		return nil, wallet.ErrPhoto
	}
	jpeg, err := c.Env.D.Portrait(ctx, b)
	if err != nil {
		return nil, wallet.ErrPhoto
	}
	return jpeg, nil
}

func (c *photoCard) onRemove(ctx app.Context, ev app.Event) {
	c.keep(func(context.Context) ([]byte, error) { return nil, nil })
}

func (c *photoCard) keep(picture func(context.Context) ([]byte, error)) {
	c.busy, c.fault = true, nil
	id := c.Person.ID
	run(c.ctx, func(ctx context.Context) error {
		jpeg, err := picture(ctx)
		if err != nil {
			return err
		}
		return c.Env.W.SetPhoto(ctx, id, jpeg)
	}, func(ctx app.Context, err error) { c.busy, c.fault = false, err })
}
