package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// removal asks whether a device is to be shut out, says what that does and what it can not do, and asks for the words, or
// for the passkey.
type removal struct {
	app.Compo
	here
	Env    *Env
	Snap   *wallet.Snapshot
	Device wallet.Device
	Owner  keeper

	words string
	busy  bool
	fault error
}

// keeper is told that a device stays after all.
type keeper interface{ Keep(ctx app.Context) }

// CompoID keeps each question its own.
func (r *removal) CompoID() string { return "remove-" + r.Device.ID }

func (r *removal) Render() app.UI {
	e, name, id := r.Env, r.Device.Name, "remove-"+r.Device.ID
	if !r.Device.Active() {
		return kit.Notice(kit.Good, e.T("devices.removed", "name", name)).ID("removed")
	}
	return app.Section().ID(id).TabIndex(-1).Class("ask").Role("group").Aria("labelledby", id+"-q").Body(
		app.H2().ID(id+"-q").Class("ask-title").Text(e.T("devices.remove-ask", "name", name)),
		kit.Text(e.T("devices.remove-new", "name", name)),
		kit.Text(e.T("devices.remove-old", "name", name)),
		kit.Text(e.T("devices.remove-lost")),
		kit.If(r.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(r.fault)) }),
		app.Form().Class("form").OnSubmit(r.onWordsGiven).Body(
			hiddenUser(e),
			kit.Field(id+"-words", e.T("unlock.words"), e.T("devices.words-hint"), passphrase(id+"-words", "current-password", false, r.onWords)),
			kit.Row(
				kit.Submit(kit.Grave, "delete", e.T("devices.remove-yes")).ID(id+"-yes").Disabled(r.busy || r.words == ""),
				provedByPasskey(e, r.Snap, id+"-passkey", r.busy, r.onPasskey),
				kit.Button(kit.Plain, "", e.T("devices.cancel"), r.onKeep).Disabled(r.busy)),
		),
		app.If(r.busy, func() app.UI { return kit.Wait(e.T("devices.working")) }),
	)
}

// provedByPasskey is the way to show without words who one is, where there is a passkey.
func provedByPasskey(e *Env, s *wallet.Snapshot, id string, busy bool, h app.EventHandler) app.UI {
	_, ok := wayOf(s, wallet.MethodPasskey)
	return kit.If(ok, func() app.UI {
		return kit.Button(kit.Plain, "key", e.T("prove.passkey"), h).ID(id).Disabled(busy)
	})
}

func (r *removal) OnDismount() { r.words = "" }

func (r *removal) onWords(ctx app.Context, e app.Event) { r.words = kit.Value(ctx) }

func (r *removal) onWordsGiven(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if r.words != "" {
		r.remove(r.words)
	}
}

func (r *removal) onPasskey(ctx app.Context, e app.Event) { r.remove("") }

func (r *removal) onKeep(ctx app.Context, e app.Event) { r.Owner.Keep(ctx) }

// remove shuts the device out; the next snapshot shows it.
func (r *removal) remove(words string) {
	if r.busy {
		return
	}
	r.busy, r.fault = true, nil
	id, now := r.Device.ID, r.Env.Now()
	run(r.ctx, func(c context.Context) error { return r.Env.W.RemoveDevice(c, words, id) }, func(ctx app.Context, err error) {
		if r.busy, r.fault, r.words = false, err, ""; err == nil {
			r.Device.Ended = now
			r.focus(r.Env, "removed")
		}
	})
}
