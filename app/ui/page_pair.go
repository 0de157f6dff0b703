package ui

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/qr"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// Two devices pair on two pages: one shows a code, the other reads it, and from the digits on both show the same. What they
// have in common is here. How an attempt stands is in the snapshot; a page that is left takes its attempt with it.

// CodeReader is told what a camera has read. A page that reads a code is one; whatever has the camera calls it.
type CodeReader interface {
	Read(ctx app.Context, text string)
}

// pairing is what a page keeps of an attempt.
type pairing struct {
	now     time.Time
	busy    bool
	fault   error // of what was just tried here
	release []func()

	drawn string // the text that the code holds
	code  qr.Code
	path  string
}

// begin keeps the screen on and the clock going.
func (a *pairing) begin(ctx app.Context, e *Env) {
	a.now = e.Now()
	a.release = append(a.release, e.D.KeepAwake(), every(time.Second, func() {
		ctx.Dispatch(func(app.Context) { a.now = e.Now() })
	}))
}

func (a *pairing) leave(e *Env) {
	for _, release := range a.release {
		release()
	}
	a.release = nil
	e.W.DropPairing()
}

// do does something slow, one thing at a time, for as long as the page is there. What was typed for it gets the focus
// where it went wrong.
func (a *pairing) do(page *here, e *Env, work func(context.Context) error) {
	if a.busy {
		return
	}
	a.busy, a.fault = true, nil
	run(page.ctx, work, func(ctx app.Context, err error) {
		a.busy, a.fault = false, err
		page.amend(e, err, "passphrase") // where words were asked for
		page.amend(e, err, "pair-code")  // where a code was
	})
}

// draw makes the code when it is a new one.
func (a *pairing) draw(p *wallet.Pairing) {
	if p == nil || p.Code == "" || p.Code == a.drawn {
		return
	}
	code, err := qr.Encode(p.Code)
	if a.fault = err; err == nil {
		a.drawn, a.code, a.path = p.Code, code, code.Path()
	}
}

// left is what is left of an attempt, never under a second.
func (a *pairing) left(p *wallet.Pairing) time.Duration {
	return max(time.Second, p.Until.Sub(a.now).Truncate(time.Second))
}

// live is the code, and the same to be typed where that was asked for. how says where the other device reads it.
func (a *pairing) live(e *Env, p *wallet.Pairing, how string, onCancel app.EventHandler) app.UI {
	return app.Div().Class("code-live").Body(
		kit.Text(how),
		kit.If(a.path != "", func() app.UI {
			return kit.Code(a.path, a.code.Size(), e.T("pair.spoken", "time", e.L.Duration(roughly(a.left(p)))))
		}),
		app.P().ID("countdown").Class("countdown").Text(e.T("code.left", "time", e.L.Duration(a.left(p)))),
		kit.If(p.Long, func() app.UI {
			return app.Div().Class("pair-typed").Body(
				app.P().Class("passcode-label").Text(e.T("pair.typed")),
				app.P().ID("pair-typed").Class("pair-letters").Attr("translate", "no").Text(p.Typed),
			)
		}),
		kit.Notice(kit.Warn, e.T("pair.beware")),
		kit.Button(kit.Quiet, "close", e.T("action.cancel"), onCancel).ID("pair-cancel"),
	)
}

// turns are what a page has of its own to say and do while two devices pair.
type turns struct {
	answers
	read  string           // on the side that shows the code: where the other reads it
	retry string           // on the button that begins again
	again app.EventHandler // ends the attempt
	done  func() app.UI    // nil: another page comes by itself
}

// page is the frame of every page that pairs.
func (a *pairing) page(e *Env, back app.UI, title string, stage app.UI) app.UI {
	return app.Div().Class("page", "pair").Body(
		back,
		kit.Title(title),
		kit.If(a.fault != nil, func() app.UI { return kit.Fault(e.Explain(a.fault)) }),
		stage,
	)
}

// stage shows how an attempt stands. One side comes by the code, the other by the meeting; the rest is the same.
func (a *pairing) stage(e *Env, p *wallet.Pairing, t turns) app.UI {
	switch p.Stage {
	case wallet.PairCode:
		return a.live(e, p, t.read, t.again)
	case wallet.PairMeeting:
		return kit.Wait(e.T("pair.meeting"))
	case wallet.PairCompare:
		return a.compare(e, p, t.answers)
	case wallet.PairFailed:
		return failed(e, p, t.retry, t.again)
	case wallet.PairDone:
		if t.done != nil {
			return t.done()
		}
	}
	return kit.Wait(e.T("pair.working"))
}

// answers are the two that a person can give to the digits.
type answers struct{ match, differ app.EventHandler }

// compare asks for the one thing that only people can do.
func (a *pairing) compare(e *Env, p *wallet.Pairing, on answers) app.UI {
	return app.Div().Class("pair-compare").Body(
		kit.Text(e.T("pair.compare-text")),
		pairDigits(e, p.Digits),
		kit.If(p.Other != "", func() app.UI { return kit.Text(e.T(otherKey(p.Purpose), "name", p.Other)) }),
		kit.If(p.Theirs, func() app.UI { return kit.Notice(kit.Note, e.T("pair.theirs")) }),
		app.If(p.Mine, func() app.UI { return kit.Wait(e.T("pair.waiting")) }).Else(func() app.UI {
			return kit.Row(
				kit.Button(kit.Main, "check", e.T("pair.match"), on.match).ID("pair-match").Disabled(a.busy),
				kit.Button(kit.Grave, "close", e.T("pair.differ"), on.differ).ID("pair-differ").Disabled(a.busy),
			)
		}),
		kit.Small(e.T("pair.compare-why")),
	)
}

// otherKey says what the other side calls itself.
func otherKey(p wallet.PairPurpose) string {
	if p == wallet.PairInvite {
		return "pair.other-person"
	}
	return "pair.other"
}

// pairDigits shows six digits as large as they have to be for two people at two tables, and as words for who reads them out.
func pairDigits(e *Env, digits string) app.UI {
	return app.Div().Class("pair-digits").Body(
		app.P().ID("pair-digits").Class("pair-number").Attr("translate", "no").Role("img").
			Aria("label", e.T("pair.digits", "digits", spell(e, digits))).Text(spaced(digits)),
		app.P().Class("pair-words").Aria("hidden", true).Text(spell(e, digits)),
	)
}

// spell says digits one by one.
func spell(e *Env, digits string) string {
	words := make([]string, 0, len(digits))
	for _, d := range digits {
		words = append(words, e.T("digit."+string(d)))
	}
	return e.L.Comma(words)
}

// failed says why it ended, and what it leaves behind.
func failed(e *Env, p *wallet.Pairing, again string, onAgain app.EventHandler) app.UI {
	left := "pair.nothing-left"
	if p.Given {
		left = "pair.maybe-left"
	}
	return app.Div().Class("pair-end").Body(
		kit.Notice(kit.Danger, e.Explain(p.Err), kit.Small(e.T(left))).ID("pair-failed"),
		kit.Row(kit.Button(kit.Main, "qr", again, onAgain).ID("pair-again")),
	)
}
