package ui

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageCounter is where somebody stands who stands at a counter: the code that can be shown now, without a tap more, and
// the two ways, to show and to scan. What needs the network says so, since a counter is where it is missing.
type pageCounter struct {
	app.Compo
	here
	codeFace
	Env  *Env
	Snap *wallet.Snapshot

	fault   error
	release []func()
}

// counterPage is the counter, or how it comes to the home screen.
func counterPage(e *Env, s *wallet.Snapshot, at place) app.UI {
	if at.page == pathInstall {
		return &pageInstalling{Env: e}
	}
	return &pageCounter{Env: e, Snap: s}
}

func (p *pageCounter) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageCounter) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.begin(p.Env.Now)
	p.draw()
	p.release = append(p.release, p.Env.D.KeepAwake(), every(time.Second, func() { ctx.Dispatch(p.second) }))
}

func (p *pageCounter) OnUpdate(ctx app.Context) { p.draw() }

func (p *pageCounter) OnDismount() {
	for _, release := range p.release {
		release()
	}
	p.release = nil
}

// draw makes the code of the link that is shown now.
func (p *pageCounter) draw() {
	if sh, ok := lastLive(p.Snap, p.Env.Now()); ok {
		if link, ok := p.Env.W.ShareLink(sh.ID); ok {
			p.fault = p.encode(link)
		}
	}
}

// lastLive is the link of the person whose records are shown that can be shown again: the newest that was made for a
// counter, or else the newest that was made to be sent.
func lastLive(s *wallet.Snapshot, now time.Time) (last share.Share, ok bool) {
	for _, sh := range s.Shares {
		if sh.Profile != s.Current || sh.State(now) != share.StateLive {
			continue
		}
		if sh.Preset == share.PresetCounter {
			return sh, true
		}
		if !ok {
			last, ok = sh, true
		}
	}
	return last, ok
}

func (p *pageCounter) Render() app.UI {
	e := p.Env
	sh, live := lastLive(p.Snap, p.now)
	return app.Div().Class("page").Body(
		kit.Back(e.T("nav.home"), pathHome),
		kit.Title(e.T("counter.title")),
		kit.If(p.Snap.Offline, func() app.UI { return kit.Notice(kit.Note, e.T("counter.offline")).ID("counter-offline") }),
		kit.If(live, func() app.UI { return p.mine(sh) }),
		counterWay{pathShow, "qr", "counter-show", e.T(showKey(live)), e.T("counter.show-hint")}.card(!live),
		counterWay{pathScan, "camera", "counter-scan", e.T("counter.scan"), e.T("counter.scan-hint")}.card(!live),
		p.without(),
		kit.Row(kit.Link(kit.Quiet, "in-tray", e.T("drop.title"), pathDrop).ID("receive-drop")),
	)
}

// showKey is what the way to a code is called, whether or not there is one already.
func showKey(live bool) string {
	if live {
		return "counter.show-other"
	}
	return "counter.show"
}

// mine is the code that there is, with what has to be known beside it.
func (p *pageCounter) mine(sh share.Share) app.UI {
	e := p.Env
	left := sh.Remaining(p.now)
	return app.Section().ID("counter-mine").Class("counter-mine").Body(
		codeWhose(e, p.Snap, sh.Profile, "share.whose"),
		kit.Place(p.face(e, e.T("code.spoken", "time", e.L.Duration(roughly(left))))),
		app.P().ID("countdown").Class("countdown").Text(e.T("code.left", "time", e.L.Duration(left.Truncate(time.Second)))),
		kit.Small(shareName(e, sh)),
		kit.If(sh.Passcode != "", func() app.UI { return passcode(e, sh.Passcode) }),
		app.P().Class("code-hint").Body(kit.Icon("sun"), app.Span().Text(e.T("code.bright"))),
		kit.Small(e.T("counter.works")),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		kit.Check("keep", e.T("code.keep"), "", p.keep, p.onKeep),
		kit.Link(kit.Plain, "list", e.T("counter.more"), pathCode+sh.ID).ID("counter-code"),
	)
}

// without is what needs no network at all, on neither side.
func (p *pageCounter) without() app.UI {
	e := p.Env
	return kit.Card("counter-without", e.T("counter.without"),
		kit.Text(e.T("counter.without-text")),
		kit.Row(
			kit.Link(kit.Plain, "offline", e.T("counter.hand"), pathHand).ID("counter-hand"),
			kit.Link(kit.Plain, "danger", e.T("emergency.title"), pathCard).ID("counter-card"),
		),
	)
}

// counterWay is one of the two directions, as large as a thumb.
type counterWay struct{ href, icon, id, title, hint string }

// card draws it; grand: nothing on the page is more important.
func (w counterWay) card(grand bool) app.UI {
	a := app.A().ID(w.id).Class("counter").Href(w.href).Body(
		kit.Icon(w.icon),
		app.Span().Class("counter-words").Body(
			app.Span().Class("counter-title").Text(w.title),
			app.Span().Class("counter-hint").Text(w.hint),
		),
	)
	if !grand {
		a = a.Class("counter-second")
	}
	return a
}
