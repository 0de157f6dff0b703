package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// deviceCards ask about new devices, on the timeline, until they are answered.
func deviceCards(e *Env, s *wallet.Snapshot) app.UI {
	return app.Div().Class("comings").Body(
		app.Range(s.Newcomers).Slice(func(i int) app.UI { return &newcomerCard{Env: e, Snap: s, Device: s.Newcomers[i]} }),
	)
}

// newcomerCard asks about a device that another one has added. Whoever was tricked into it has a day in which it can not
// remove theirs.
type newcomerCard struct {
	app.Compo
	here
	Env    *Env
	Snap   *wallet.Snapshot
	Device wallet.Device

	removing, busy bool
	fault          error
}

// CompoID keeps each question its own.
func (c *newcomerCard) CompoID() string { return "newcomer-" + c.Device.ID }

func (c *newcomerCard) Render() app.UI {
	e, d := c.Env, c.Device
	return app.Section().Class("card", "newcomer").Role("group").Aria("label", e.T("newcomer.title", "name", d.Name)).Body(
		app.H2().Class("card-title").Text(e.T("newcomer.title", "name", d.Name)),
		kit.Text(c.text()),
		kit.Text(e.T("newcomer.can")),
		kit.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
		app.If(c.removing, func() app.UI { return &removal{Env: e, Snap: c.Snap, Device: d, Owner: c} }).Else(func() app.UI {
			return kit.Row(
				kit.Button(kit.Plain, "check", e.T("newcomer.yes", "name", d.Name), c.onYes).ID("newcomer-yes-"+d.ID).Disabled(c.busy),
				kit.Button(kit.Plain, "delete", e.T("newcomer.no", "name", d.Name), c.onNo).ID("newcomer-no-"+d.ID).Disabled(c.busy))
		}),
	)
}

func (c *newcomerCard) text() string {
	e, d := c.Env, c.Device
	if d.By == "" {
		return e.T("newcomer.text-kit", "name", d.Name, "date", e.L.Day(d.Added))
	}
	return e.T("newcomer.text", "name", d.Name, "date", e.L.Day(d.Added), "by", d.By)
}

func (c *newcomerCard) onYes(ctx app.Context, e app.Event) {
	if c.busy {
		return
	}
	c.busy, c.fault = true, nil
	id := c.Device.ID
	run(c.ctx, func(ctx context.Context) error { return c.Env.W.ConfirmDevice(ctx, id) }, func(ctx app.Context, err error) {
		c.busy, c.fault = false, err
	})
}

func (c *newcomerCard) onNo(ctx app.Context, e app.Event) {
	c.removing = true
	c.focus(c.Env, "remove-"+c.Device.ID)
}

// Keep closes the question whether to remove the device.
func (c *newcomerCard) Keep(ctx app.Context) { c.removing = false }

// troubleCard says what another device has done that this one does not go along with, and what can be done about it.
type troubleCard struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	busy  bool
	fault error
}

// troubleKeys are what has happened, what it means, and what helps.
var troubleKeys = map[wallet.DeviceTrouble]struct{ what, text, way string }{
	wallet.DeviceShutOut: {"trouble.shut-out", "trouble.shut-out-text", "trouble.shut-out-way"},
	wallet.DeviceSplit:   {"trouble.split", "trouble.split-text", "trouble.split-way"},
	wallet.DeviceRefused: {"trouble.refused", "trouble.refused-text", "trouble.refused-way"},
}

func (c *troubleCard) Render() app.UI {
	e := c.Env
	words, ok := troubleKeys[c.Snap.Trouble]
	return app.Div().Body(app.If(ok, func() app.UI {
		return app.Section().ID("device-trouble").Class("card", "newcomer").Body(
			app.H2().Class("card-title").Text(e.T(words.what)),
			kit.Text(e.T(words.text)),
			kit.Text(e.T(words.way)),
			kit.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)) }),
			kit.Row(c.ways()...),
		)
	}))
}

func (c *troubleCard) ways() []app.UI {
	e := c.Env
	read := kit.Button(kit.Plain, "check", e.T("trouble.read"), c.onRead).ID("trouble-read").Disabled(c.busy)
	backup := kit.Link(kit.Plain, "box", e.T("backup.title"), pathBackup)
	switch c.Snap.Trouble {
	case wallet.DeviceShutOut:
		return []app.UI{backup, kit.Link(kit.Plain, "delete", e.T("wipe.title"), pathWipe)}
	case wallet.DeviceSplit:
		return []app.UI{backup, read}
	}
	return []app.UI{kit.Link(kit.Plain, "phone", e.T("devices.title"), pathDevices), read}
}

func (c *troubleCard) onRead(ctx app.Context, e app.Event) {
	if c.busy {
		return
	}
	c.busy, c.fault = true, nil
	run(c.ctx, c.Env.W.ReadTrouble, func(ctx app.Context, err error) { c.busy, c.fault = false, err })
}
