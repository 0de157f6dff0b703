package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/wallet"
)

type pageRestore struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot
}
type pageSettings struct {
	app.Compo
	Env     *Env
	Snap    *wallet.Snapshot
	Speaker Speaker
}
type pagePeople struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot
}
type pageWords struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot
}
type pageRecovery struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot
}
type pageBackup struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot
}
type pageWipe struct {
	app.Compo
	Env  *Env
	Snap *wallet.Snapshot
}
type pageAbout struct {
	app.Compo
	Env *Env
}
