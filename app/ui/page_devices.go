package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageDevices lists the devices that open the wallet: each can be called what the person likes, and one that is lost can
// be shut out. How this one is opened stands beside them.
type pageDevices struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	list  []wallet.Device
	fault error
}

func (p *pageDevices) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageDevices) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.load()
}

func (p *pageDevices) OnUpdate(ctx app.Context) { p.load() }

func (p *pageDevices) load() {
	w := p.Env.W
	var list []wallet.Device
	run(p.ctx, func(c context.Context) (err error) {
		list, err = w.Devices(c)
		return err
	}, func(ctx app.Context, err error) { p.list, p.fault = list, err })
}

func (p *pageDevices) Render() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("devices.title")),
		&troubleCard{Env: e, Snap: p.Snap},
		kit.Text(e.T("devices.text")),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		app.Ul().ID("devices").Class("carers").Body(app.Range(p.list).Slice(func(i int) app.UI {
			return &deviceRow{Env: e, Snap: p.Snap, Device: p.list[i], Only: p.only(), Owner: p}
		})),
		kit.Row(kit.Link(kit.Plain, "link", e.T("link.title"), pathLink)),
		kit.Card("this-device", e.T("devices.ways"),
			app.Ul().Class("ways-list").Body(
				app.Li().Text(e.T("ways.words")),
				app.Range(p.Snap.Ways).Slice(func(i int) app.UI { return wayLine(e, p.Snap.Ways[i]) })),
			kit.Row(kit.Link(kit.Plain, "lock", e.T("ways.title"), pathWays))),
	)
}

// only says whether a single device opens the wallet: it is never removed.
func (p *pageDevices) only() bool {
	n := 0
	for _, d := range p.list {
		if d.Active() {
			n++
		}
	}
	return n < 2
}

func wayLine(e *Env, w wallet.Way) app.UI {
	return app.Li().Text(e.T("ways."+string(w.Method)) + ". " + e.T("ways.since", "date", e.L.Day(w.Added)))
}

// deviceRow is one device.
type deviceRow struct {
	app.Compo
	here
	Env    *Env
	Snap   *wallet.Snapshot
	Device wallet.Device
	Only   bool
	Owner  *pageDevices

	renaming, removing, busy bool
	name                     string
	fault                    error
}

// CompoID keeps each row its own.
func (r *deviceRow) CompoID() string { return "device-" + r.Device.ID }

func (r *deviceRow) Render() app.UI {
	e, d := r.Env, r.Device
	return app.Li().Class("carer").Body(
		kit.Icon("phone"),
		app.Div().Class("device-body").Body(
			app.P().Class("carer-name").Text(d.Name),
			kit.If(d.This, func() app.UI { return kit.Chip("good", "check", e.T("devices.this")) }),
			kit.Small(came(e, d)),
			kit.If(!d.Active(), func() app.UI { return kit.Small(e.T("devices.ended", "date", e.L.Day(d.Ended))) }),
			kit.If(r.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(r.fault)) }),
			app.If(r.removing, func() app.UI { return &removal{Env: e, Snap: r.Snap, Device: d, Owner: r} }).
				ElseIf(r.renaming, r.form).
				ElseIf(d.Active() && !r.Snap.Demo, r.actions),
		),
	)
}

// came says when a device came, and by which other one.
func came(e *Env, d wallet.Device) string {
	if d.By == "" {
		return e.T("devices.added", "date", e.L.Day(d.Added))
	}
	return e.T("devices.added-by", "date", e.L.Day(d.Added), "name", d.By)
}

func (r *deviceRow) actions() app.UI {
	e, d := r.Env, r.Device
	return kit.Row(
		kit.Button(kit.Plain, "edit", e.T("devices.rename", "name", d.Name), r.onRename).ID("device-rename-"+d.ID),
		app.If(!d.This && !r.Only, func() app.UI {
			return kit.Button(kit.Plain, "delete", e.T("devices.remove", "name", d.Name), r.onRemove).ID("device-remove-" + d.ID)
		}),
	)
}

func (r *deviceRow) form() app.UI {
	e, id := r.Env, "name-"+r.Device.ID
	return app.Form().Class("form").OnSubmit(r.onSave).Body(
		kit.Field(id, e.T("devices.name"), "", kit.Line(id, r.name, r.onName).MaxLength(40)),
		kit.Row(
			kit.Submit(kit.Main, "check", e.T("devices.save")).Disabled(r.busy || r.name == ""),
			kit.Button(kit.Plain, "", e.T("devices.cancel"), r.onBack)),
	)
}

func (r *deviceRow) onRename(ctx app.Context, e app.Event) {
	r.renaming, r.name, r.fault = true, r.Device.Name, nil
	r.focus(r.Env, "name-"+r.Device.ID)
}

func (r *deviceRow) onName(ctx app.Context, e app.Event) { r.name = kit.Value(ctx) }

func (r *deviceRow) onBack(ctx app.Context, e app.Event) { r.renaming = false }

func (r *deviceRow) onRemove(ctx app.Context, e app.Event) {
	r.removing, r.fault = true, nil
	r.focus(r.Env, "remove-"+r.Device.ID)
}

// Keep closes the question whether to remove the device.
func (r *deviceRow) Keep(ctx app.Context) { r.removing = false }

func (r *deviceRow) onSave(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if r.busy {
		return
	}
	r.busy, r.fault = true, nil
	id, name := r.Device.ID, r.name
	run(r.ctx, func(c context.Context) error { return r.Env.W.SetDeviceName(c, id, name) }, func(ctx app.Context, err error) {
		if r.busy, r.fault = false, err; err == nil {
			r.renaming, r.Device.Name = false, name
			r.Owner.load() // what the page knew of it is older
		}
		r.amend(r.Env, err, "name-"+id)
	})
}
