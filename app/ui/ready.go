package ui

import (
	"context"
	"encoding/json"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/qr"
	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// Readier shows a code without unlocking.
type Readier interface {
	SetReady(ctx context.Context, id string, on bool) error
}

// readyView is what web/ready.js shows: the code with the words of one language, and nothing that the code itself does not
// tell whoever sees it.
type readyView struct {
	Lang   string `json:"lang"`
	Dir    string `json:"dir"`
	Title  string `json:"title"`
	Code   string `json:"code"` // the path that draws it
	Size   int    `json:"size"`
	Says   string `json:"says"`
	Until  int64  `json:"until"` // milliseconds
	Ends   string `json:"ends"`
	How    string `json:"how"`
	Bright string `json:"bright"`
	Hidden string `json:"hidden"`
	Again  string `json:"again"`
	Keep   string `json:"keep"`
	Over   string `json:"over"`
	Wallet string `json:"wallet"`
}

// ReadyView is what wallet.Deps.ReadyView wants: a code in the words of the moment.
func ReadyView(langs *Languages) func(context.Context, wallet.ReadyCode) ([]byte, error) {
	return func(_ context.Context, c wallet.ReadyCode) ([]byte, error) {
		l := langs.Current()
		code, err := qr.Encode(c.Link)
		if err != nil || l == nil {
			return nil, first2(err, wallet.ErrNotReady)
		}
		return json.Marshal(readyView{
			Lang: l.Tag(), Dir: l.Dir(), Title: l.T("code.title"), Code: code.Path(), Size: code.Size(), Says: l.T("ready.spoken"),
			Until: c.Until.UnixMilli(), Ends: l.T("code.print-until", "time", l.DateTime(c.Until)), How: l.T("code.how"), Bright: l.T("code.bright"),
			Hidden: l.T("code.hidden"), Again: l.T("code.again"), Keep: l.T("code.keep"), Over: l.T("ready.over"), Wallet: l.T("ready.wallet"),
		})
	}
}

// first2 is an error, or else another.
func first2(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// readySwitch asks whether a code shall be shown without unlocking, and says who could see it then.
type readySwitch struct {
	app.Compo
	here
	Env   *Env
	Snap  *wallet.Snapshot
	Share share.Share

	fault error
}

func (r *readySwitch) Render() app.UI {
	e, on := r.Env, r.Snap.Ready == r.Share.ID
	return app.Div().Class("held").Body(
		kit.Check("ready", e.T("ready.open"), e.T("ready.hint", "time", e.L.DateTime(r.Share.Ends())), on, r.onTurn),
		app.If(r.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(r.fault)) }).
			ElseIf(on, func() app.UI {
				// A page of its own, which needs no program: the target keeps go-app from taking it for one of ours.
				return app.Div().Body(kit.Small(e.T("ready.on")), kit.Link(kit.Quiet, "qr", e.T("ready.see"), "/ready.html").Target("_blank").Rel("noopener").ID("ready-page"))
			}),
	)
}

func (r *readySwitch) onTurn(ctx app.Context, _ app.Event) {
	on, id, e := kit.Checked(ctx), r.Share.ID, r.Env
	run(r.ctx, func(c context.Context) error { return e.W.SetReady(c, id, on) }, func(_ app.Context, err error) {
		r.fault = err
		if err == nil {
			e.D.Remember(openCode, openMark[on])
		}
	})
}

// openCode is remembered outside the vault: that the lock screen may have a way to a code. The page behind it says
// when there is none any more.
const openCode = "ready"

var openMark = map[bool]string{true: "1", false: ""}
