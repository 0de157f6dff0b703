package ui

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/wallet"
)

// CarerCards is one who cares for somebody, as the card looks on the way.
func CarerCards(w Door, d Device, l *Languages, now time.Time, p wallet.Person, c wallet.Carer) map[string]app.Composer {
	e := &Env{W: w, D: d, L: l.Current(), Langs: l, Now: func() time.Time { return now }}
	card := func(open string) app.Composer {
		return &carerCard{Env: e, Person: p, Carer: c, Owner: &pageCarers{Env: e}, open: open, role: c.Role}
	}
	return map[string]app.Composer{"rest": card(""), "role": card("role"), "out": card("out")}
}
