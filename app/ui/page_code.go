package ui

import (
	"context"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageCode shows the code of a share, white and as large as the screen allows. It is drawn from the sealed ledger each
// time and never kept as a picture.
type pageCode struct {
	app.Compo
	here
	codeFace
	Env  *Env
	Snap *wallet.Snapshot
	ID   string

	said    string // "", "copied"
	fault   error
	release []func()
}

func (p *pageCode) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageCode) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.begin(p.Env.Now)
	p.draw()
	p.release = append(p.release, p.Env.D.KeepAwake(), every(time.Second, func() { ctx.Dispatch(p.second) }),
		every(codeLooks, func() { p.look(ctx) }))
}

func (p *pageCode) OnUpdate(ctx app.Context) { p.draw() }

func (p *pageCode) OnDismount() {
	for _, release := range p.release {
		release()
	}
	p.release = nil
}

// every calls f again and again until it is released.
func every(d time.Duration, f func()) (release func()) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				f()
			}
		}
	}()
	return cancel
}

// draw makes the code of the link that there is now.
func (p *pageCode) draw() {
	if link, ok := p.Env.W.ShareLink(p.ID); ok && link != p.drawn {
		p.fault = p.encode(link)
	}
}

// look asks whether somebody has opened the link.
func (p *pageCode) look(ctx app.Context) {
	_ = p.Env.W.Refresh(ctx.Context, p.ID) // without network the ledger stays as it is
}

func (p *pageCode) Render() app.UI {
	e := p.Env
	sh, ok := shareOf(p.Snap, p.ID)
	if !ok {
		return kit.Page(e.T("code.title"), kit.Notice(kit.Note, e.T("error.no-share")), kit.Link(kit.Plain, "back", e.T("nav.shared"), pathShared))
	}
	state := sh.State(p.now)
	return app.Div().Class("page", "code-page").Body(
		kit.Title(e.T("code.title")),
		codeWhose(e, p.Snap, sh.Profile, "share.whose"),
		app.If(state == share.StateLive, func() app.UI { return p.live(sh) }).
			Else(func() app.UI { return p.dead(sh, state) }),
		kit.Place(opened(e, sh)),
		readAloud(e, p.ID), // below: nothing that can wait may push the code off a small screen
		p.actions(sh, state),
		kit.Link(kit.Main, "close", e.T("code.close"), pathHome).ID("code-close"),
	)
}

// live is the code with what has to be known beside it.
func (p *pageCode) live(sh share.Share) app.UI {
	e := p.Env
	left := sh.Remaining(p.now)
	return app.Div().Class("code-live").Body(
		p.face(e, e.T("code.spoken", "time", e.L.Duration(roughly(left)))),
		app.P().ID("countdown").Class("countdown").Text(e.T("code.left", "time", e.L.Duration(left.Truncate(time.Second)))),
		app.If(sh.Passcode != "", func() app.UI { return passcode(e, sh.Passcode) }),
		app.P().Class("code-hint").Text(e.T("code.how")),
		app.P().Class("code-hint").Body(kit.Icon("sun"), app.Span().Text(e.T("code.bright"))),
		// Paper is read by others, so it has the true time, not this device's.
		app.P().Class("print-only").Text(e.T("code.print-until", "time", e.L.DateTime(sh.Status.Expires))),
		app.P().Class("print-only", "print-link").Text(p.drawn),
	)
}

// roughly keeps the spoken label from changing every second.
func roughly(d time.Duration) time.Duration {
	if d > time.Minute {
		return d.Round(time.Minute)
	}
	return time.Minute
}

// passcode is shown apart and spaced, to be told by voice: it must not travel with the link.
func passcode(e *Env, code string) app.UI {
	return app.Div().Class("passcode").Body(
		app.P().Class("passcode-label").Text(e.T("code.passcode")),
		app.P().ID("passcode").Class("passcode-code").Attr("translate", "no").Text(spaced(code)),
		kit.Small(e.T("code.passcode-apart")),
	)
}

// spaced sets a code in groups of four, or of three where that divides it better, or at the hyphens it has.
func spaced(code string) string {
	if strings.Contains(code, "-") {
		return strings.ReplaceAll(code, "-", " - ")
	}
	letters := []rune(code)
	group := 3
	if len(letters)%4 == 0 {
		group = 4
	}
	var b strings.Builder
	for i, r := range letters {
		if i > 0 && i%group == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// dead says why there is no code, and what can be done.
func (p *pageCode) dead(sh share.Share, state share.State) app.UI {
	e := p.Env
	return app.Div().Class("code-dead").Body(
		kit.Notice(kit.Warn, stateText(e, sh, state)),
		app.If(state != share.StatePending && state != share.StatePaused, func() app.UI {
			return kit.Button(kit.Plain, "qr", renewing(e, p.Snap, sh), p.onRenew).ID("renew")
		}),
	)
}

func (p *pageCode) actions(sh share.Share, state share.State) app.UI {
	e := p.Env
	if state != share.StateLive {
		return kit.Row(kit.Link(kit.Plain, "list", e.T("code.details"), pathShared+"/"+sh.ID))
	}
	return app.Div().Class("code-actions").Body(
		kit.Row(
			kit.Button(kit.Plain, "copy", e.T("code.copy"), p.onCopy).ID("copy-link"),
			kit.If(e.D.CanShare(), func() app.UI { return kit.Button(kit.Plain, "send", e.T("code.share"), p.onShare) }),
			kit.Button(kit.Plain, "print", e.T("action.print"), p.onPrint),
			kit.Link(kit.Plain, "list", e.T("code.details"), pathShared+"/"+sh.ID),
		),
		kit.Check("keep", e.T("code.keep"), "", p.keep, p.onKeep),
		kit.If(!p.Snap.Demo, func() app.UI { return &readySwitch{Env: e, Snap: p.Snap, Share: sh} }),
		kit.If(p.said == "copied", func() app.UI { return &onClipboard{Env: e, Text: e.T("code.copied")} }),
		app.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
	)
}

func (p *pageCode) onCopy(ctx app.Context, e app.Event) {
	ok, err := copied(p.Env, p.drawn)
	if p.said, p.fault = "", err; ok {
		p.said = "copied"
	}
}

// onShare gives the link to another program. A person who closes the dialog again is no fault.
func (p *pageCode) onShare(ctx app.Context, e app.Event) {
	sh, _ := shareOf(p.Snap, p.ID)
	_ = p.Env.D.ShareLink(first(sh.Label, p.Env.T("code.share-title")), p.drawn)
}

func (p *pageCode) onPrint(ctx app.Context, e app.Event) { p.Env.D.Print() }

func (p *pageCode) onRenew(ctx app.Context, e app.Event) {
	renew(p.ctx, p.Env, p.ID, func(err error) { p.fault = err })
}

// renew makes a new link like one that has ended, and leads to its code.
func renew(ctx app.Context, e *Env, id string, done func(error)) {
	var made string
	run(ctx, func(c context.Context) (err error) {
		made, err = e.W.Renew(c, id)
		return err
	}, func(ctx app.Context, err error) {
		if done(err); err == nil {
			e.Go(ctx, pathCode+made)
		}
	})
}
