package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// backupHand gives a backup to another program through the system's share sheet, where the browser has it. It takes two
// clicks: to make the file may last longer than a browser lets a click open the sheet.
type backupHand struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	name    string
	text    []byte // ready to be given
	busy    bool
	handed  string // the name under which it was given
	refused bool
	fault   error
}

func (c *backupHand) Render() app.UI {
	e := c.Env
	return app.Div().Class("form").Body(
		kit.Small(e.T("backup.hand-text")),
		kit.Row(c.button()),
		app.Div().Role("status").Body(
			app.If(c.text != nil && !c.refused, func() app.UI { return kit.Small(e.T("backup.hand-ready")) }),
			app.If(c.handed != "", func() app.UI {
				return kit.Notice(kit.Note, e.T("backup.handed", "name", c.handed)).ID("handed") // no tick before it was read back
			}),
			app.If(c.refused, func() app.UI { return kit.Notice(kit.Warn, e.T("backup.hand-refused")).ID("hand-refused") }),
			app.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)).ID("hand-fault") }),
		),
	)
}

func (c *backupHand) button() app.UI {
	e := c.Env
	if c.text == nil {
		return kit.Button(kit.Plain, "send", e.T("backup.hand"), c.onPack).ID("hand").Disabled(c.busy)
	}
	return kit.Button(kit.Main, "send", e.T("backup.hand-go"), c.onHand).ID("hand-go").Disabled(c.busy)
}

func (c *backupHand) onPack(ctx app.Context, e app.Event) {
	if c.busy {
		return
	}
	c.busy, c.refused, c.fault, c.handed = true, false, nil, ""
	var name string
	var text []byte
	run(c.ctx, func(ctx context.Context) (err error) {
		name, text, err = c.Env.W.Pack(ctx)
		return err
	}, func(ctx app.Context, err error) {
		c.busy, c.fault = false, err
		if err == nil {
			c.name, c.text = name, text
			c.focus(c.Env, "hand-go")
		}
	})
}

// onHand opens the sheet. Who closes it again has changed nothing, and may open it once more.
func (c *backupHand) onHand(ctx app.Context, e app.Event) {
	if c.busy {
		return
	}
	c.busy = true
	handed, refused := false, false
	run(c.ctx, func(ctx context.Context) error {
		ok, err := c.Env.D.Hand(ctx, c.name, c.text)
		if handed, refused = ok && err == nil, err != nil; handed {
			return c.Env.W.HandedOver(ctx)
		}
		return nil
	}, func(ctx app.Context, err error) {
		c.busy, c.refused, c.fault = false, refused, err
		if handed {
			c.handed = c.name
		}
		if handed || refused {
			c.name, c.text = "", nil
			c.focus(c.Env, "hand")
		}
	})
}

// OnDismount lets go of what may be large.
func (c *backupHand) OnDismount() { c.text = nil }
