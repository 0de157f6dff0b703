package ui

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/wallet"
)

// Handing is the part of the page that gives a backup to another program.
type Handing struct{ *backupHand }

func NewHanding(w Door, d Device, l *Languages, snap *wallet.Snapshot) Handing {
	return Handing{&backupHand{Env: &Env{W: w, D: d, L: l.Current(), Langs: l}, Snap: snap}}
}

// Compo is what is drawn.
func (h Handing) Compo() app.Composer { return h.backupHand }

// Make and Go are the two clicks.
func (h Handing) Make() { h.onPack(h.ctx, app.Event{}) }
func (h Handing) Go()   { h.onHand(h.ctx, app.Event{}) }
