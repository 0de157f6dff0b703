package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// backupCheck reads a backup back and says what is in it. Nothing changes here: it is how a person knows, before the day on
// which it is needed, that the file they keep is whole and opens.
type backupCheck struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	file   *wallet.File
	busy   bool
	report *wallet.BackupReport
	fault  error
}

func (c *backupCheck) Render() app.UI {
	e := c.Env
	return kit.Card("check", e.T("backup.check"),
		kit.Text(e.T("backup.check-text")),
		kit.Small(c.last()),
		app.Form().Class("form").OnSubmit(c.onCheck).Body(
			filePick("check-file", "box", e.T("backup.check-file"), false, c.onFile),
			kit.If(c.file != nil, func() app.UI { return kit.Small(e.T("restore.chosen", "name", c.file.Name)) }),
			kit.Submit(kit.Plain, "check", e.T("backup.check-go")).ID("check-go").Disabled(c.busy || c.file == nil),
		),
		app.Div().Role("status").Body(
			kit.If(c.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(c.fault)).ID("check-fault") }),
			app.If(c.report != nil, c.found),
		),
	)
}

// last says when a backup was last read back.
func (c *backupCheck) last() string {
	if c.Snap.LastVerified.IsZero() {
		return c.Env.T("backup.unchecked")
	}
	return c.Env.T("backup.checked", "time", c.Env.L.Day(c.Snap.LastVerified))
}

// found says what the file holds, and what it does not.
func (c *backupCheck) found() app.UI {
	e, r := c.Env, c.report
	return app.Div().ID("check-found").Body(
		kit.Notice(kit.Good, e.T("backup.check-good", "date", e.L.Day(r.Made))+" "+e.N("backup.check-records", r.Records)),
		app.If(r.Newer > 0, func() app.UI { return kit.Notice(kit.Warn, e.N("backup.check-newer", r.Newer)) }),
		app.If(r.Missing > 0, func() app.UI { return kit.Notice(kit.Warn, e.N("backup.check-missing", r.Missing)) }),
	)
}

func (c *backupCheck) onFile(ctx app.Context, e app.Event) {
	c.file, c.report, c.fault = picked(c.Env, "check-file"), nil, nil
}

func (c *backupCheck) onCheck(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if c.busy || c.file == nil {
		return
	}
	c.busy, c.report, c.fault = true, nil, nil
	file := *c.file
	var report *wallet.BackupReport
	run(c.ctx, func(ctx context.Context) error {
		b, err := file.Read(ctx)
		if err == nil {
			report, err = c.Env.W.VerifyBackup(ctx, b)
		}
		return err
	}, func(ctx app.Context, err error) { c.busy, c.report, c.fault = false, report, err })
}
