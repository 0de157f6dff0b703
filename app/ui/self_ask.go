package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/record"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// selfAsk asks a family of an earlier release which of them this wallet belongs to: until then a banner says of everybody
// that one acts for them.
type selfAsk struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	busy  bool
	fault error
}

func (a *selfAsk) Render() app.UI {
	e, shown := a.Env, a.Snap.Shown()
	return app.Div().Body(app.If(a.Snap.AsksSelf(), func() app.UI {
		return kit.Ask("who-am-i", e.T("self.title"), e.T("self.text"),
			kit.Place(app.Range(shown).Slice(func(i int) app.UI {
				p := shown[i]
				return &kit.Option{Owner: a, List: "self", Value: string(p.ID), Text: p.Name, Hint: e.born(p), Portrait: e.portrait(p)}
			})),
			&kit.Option{Owner: a, List: "self", Text: e.T("self.none")},
			app.If(a.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(a.fault)) }),
		)
	}))
}

// Pick says who one is; "" that one is none of them.
func (a *selfAsk) Pick(ctx app.Context, list, value string) {
	if a.busy {
		return
	}
	a.busy, a.fault = true, nil
	run(a.ctx, func(c context.Context) error { return a.Env.W.SetSelf(c, record.ProfileID(value)) }, func(ctx app.Context, err error) {
		a.busy, a.fault = false, err
	})
}
