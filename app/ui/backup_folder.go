package ui

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// backupFolder keeps a copy in a folder, by itself, once a day. Only browsers that can are offered it.
type backupFolder struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	busy  bool
	fault error
}

func (c *backupFolder) Render() app.UI {
	e, f := c.Env, c.Snap.Folder
	return kit.Card("folder", e.T("folder.title"),
		kit.Text(e.T("folder.text")),
		kit.If(f.Name != "", func() app.UI { return kit.Text(e.T("folder.into", "name", f.Name)) }),
		kit.If(!f.Last.IsZero() && f.Name != "", func() app.UI { return kit.Small(e.T("folder.last", "time", e.L.Day(f.Last))) }),
		kit.If(c.said() != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.said())).ID("folder-fault") }),
		c.buttons(),
	)
}

// said is what went wrong last, here or while nobody looked.
func (c *backupFolder) said() error {
	if c.fault != nil {
		return c.fault
	}
	return c.Snap.Folder.Err
}

func (c *backupFolder) buttons() app.UI {
	e, f := c.Env, c.Snap.Folder
	switch {
	case f.Name == "":
		return kit.Row(kit.Button(kit.Plain, "box", e.T("folder.pick"), c.onPick).ID("folder-pick").Disabled(c.busy))
	case !f.Allowed:
		return kit.Row(
			kit.Button(kit.Main, "check", e.T("folder.allow"), c.onAllow).ID("folder-allow").Disabled(c.busy),
			kit.Button(kit.Quiet, "close", e.T("folder.forget"), c.onForget).ID("folder-forget").Disabled(c.busy))
	}
	return kit.Row(
		kit.Button(kit.Plain, "save", e.T("folder.now"), c.onNow).ID("folder-now").Disabled(c.busy),
		kit.Button(kit.Quiet, "close", e.T("folder.forget"), c.onForget).ID("folder-forget").Disabled(c.busy))
}

func (c *backupFolder) onPick(ctx app.Context, e app.Event)   { c.do(c.Env.W.PickFolder) }
func (c *backupFolder) onAllow(ctx app.Context, e app.Event)  { c.do(c.Env.W.AllowFolder) }
func (c *backupFolder) onNow(ctx app.Context, e app.Event)    { c.do(c.Env.W.BackUp) }
func (c *backupFolder) onForget(ctx app.Context, e app.Event) { c.do(c.Env.W.ForgetFolder) }

// do calls the wallet. A dialog that the person closes is no mistake.
func (c *backupFolder) do(what func(context.Context) error) {
	if c.busy {
		return
	}
	c.busy, c.fault = true, nil
	run(c.ctx, what, func(ctx app.Context, err error) {
		if c.busy = false; !errors.Is(err, context.Canceled) {
			c.fault = err
		}
	})
}

// dues has a title and a text for what can be due.
var dues = map[wallet.Due][2]string{
	wallet.DueFirst:  {"backup.due-first", "backup.due-first-text"},
	wallet.DueDrill:  {"backup.due-drill", "backup.due-drill-text"},
	wallet.DueFolder: {"backup.due-folder", "backup.due-folder-text"},
}

// backupDue reminds of what is due. It stands under the way to the counter, never over it.
func backupDue(e *Env, s *wallet.Snapshot) app.UI {
	due, ok := dues[s.BackupDue(e.Now())]
	return app.If(ok, func() app.UI {
		return kit.Card("backup-due", e.T(due[0]),
			kit.Text(e.T(due[1])),
			kit.Row(kit.Link(kit.Plain, "box", e.T("backup.due-go"), pathBackup)))
	})
}
