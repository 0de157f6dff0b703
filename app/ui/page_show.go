package ui

import (
	"context"
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageShow is the preview before a code is shown at a counter: exactly what the clinic will see, and one button.
type pageShow struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	Only string // one record; "" means the summary of the person

	asked   string // what the preview was made for
	preview *wallet.Preview
	busy    bool
	fault   error
}

func (p *pageShow) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageShow) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.prepare(ctx)
}

func (p *pageShow) OnUpdate(ctx app.Context) {
	if p.asked != about(p.Snap, p.Only) {
		p.prepare(ctx)
	}
}

// about says what a preview is made for: another person or record needs another one.
func about(s *wallet.Snapshot, only string) string {
	return string(s.Current) + "/" + only + "/" + strconv.Itoa(s.Records)
}

func (p *pageShow) prepare(ctx app.Context) {
	p.asked, p.preview, p.fault = about(p.Snap, p.Only), nil, nil
	prepare(p.ctx, p.Only, p.Env.W.PrepareCounter, func(preview *wallet.Preview, err error) {
		p.preview, p.fault = preview, err
	})
}

func (p *pageShow) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "share").Body(
		kit.Back(e.T("nav.home"), pathHome),
		kit.Title(e.T("show.title")),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		kit.If(p.preview == nil && p.fault == nil, func() app.UI { return kit.Wait(e.T("share.preparing")) }),
		kit.Place(app.IfSlice(p.preview != nil, func() []app.UI {
			return []app.UI{p.goButton(), p.options(), kit.Place(groupsOut(e, p, p.preview)), contentsOf(e, p, p.preview)}
		})),
		kit.Row(kit.Link(kit.Quiet, "in-tray", e.T("drop.title"), pathDrop).ID("receive-drop"),
			kit.Link(kit.Quiet, "send", e.T("show.rather-link"), pathSend),
			kit.Link(kit.Quiet, "offline", e.T("show.offline"), withRecord(pathHand, p.Only)).ID("show-offline")),
	)
}

// withRecord is a path about one record, or about the person.
func withRecord(path, id string) string {
	if id == "" {
		return path
	}
	return path + "/" + id
}

// goButton is the second tap.
func (p *pageShow) goButton() app.UI {
	e := p.Env
	n := len(p.preview.Selected())
	return app.Div().Class("share-go").Body(
		whose(e, p.preview),
		kit.Button(kit.Main, "qr", confirmed(e, p.Snap, p.preview, "show.go", "show.go-for"), p.onGo).ID("show-go").Disabled(p.busy || n == 0),
		kit.Small(e.T("show.terms", "time", e.L.Duration(p.preview.Options.Life), "n", strconv.Itoa(n))),
		e.beneath(func(e *Env) string {
			return e.N("share.sees", n) + ". " + e.T("show.terms", "time", e.L.Duration(p.preview.Options.Life), "n", strconv.Itoa(n))
		}),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("share.making")) }),
		somebodyElse(e, p.Snap, p, p.Only),
	)
}

func (p *pageShow) options() app.UI {
	e, o := p.Env, p.preview.Options
	return kit.Details(e.T("share.change"),
		kit.Field("life", e.T("share.life"), "", kit.Select("life", seconds(o.Life), lives(e, counterLives), p.onLife)),
		kit.Field("for", e.T("share.for"), e.T("share.for-hint"), kit.Line("for", o.For, p.onFor).MaxLength(80)),
	)
}

var counterLives = []time.Duration{5 * time.Minute, 10 * time.Minute, 15 * time.Minute, time.Hour}

// lives offers how long a link may live.
func lives(e *Env, list []time.Duration) []kit.Choice {
	out := make([]kit.Choice, len(list))
	for i, d := range list {
		out[i] = kit.Choice{Value: seconds(d), Text: e.L.Duration(d)}
	}
	return out
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// secondsOf reads what a Select of lives gives; what is no number changes nothing.
func secondsOf(s string, old time.Duration) time.Duration {
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 {
		return old
	}
	return time.Duration(n) * time.Second
}

func (p *pageShow) onLife(ctx app.Context, e app.Event) {
	o := p.preview.Options
	o.Life = secondsOf(kit.Value(ctx), o.Life)
	p.preview = p.preview.WithOptions(o)
}

func (p *pageShow) onFor(ctx app.Context, e app.Event) {
	o := p.preview.Options
	o.For = kit.Value(ctx)
	p.preview = p.preview.WithOptions(o)
}

// Tick takes one item in or leaves it out.
func (p *pageShow) Tick(ctx app.Context, item int, on bool) { p.preview = p.preview.Toggle(item, on) }

// Pick leaves a sensitive group out, or takes it in again; or makes it somebody else's summary.
func (p *pageShow) Pick(ctx app.Context, list, value string) {
	p.preview = pickedFor(p.ctx, p.Env, p.preview, list, value)
}

func (p *pageShow) onGo(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	makeShare(p.ctx, p.Env, p.preview, func(err error) { p.busy, p.fault = false, err })
}

// pickedFor is what a preview is after a choice. Another person is another preview: the page asks for it when their
// records are shown.
func pickedFor(ctx app.Context, e *Env, p *wallet.Preview, list, value string) *wallet.Preview {
	if list != whoseList {
		return turn(p, value)
	}
	choose(ctx, e, value, func(app.Context) {})
	return p
}

// prepare asks the wallet for a preview.
func prepare(ctx app.Context, only string, how preparer, done func(*wallet.Preview, error)) {
	var preview *wallet.Preview
	run(ctx, func(c context.Context) (err error) {
		preview, err = how(c, ids(only)...)
		return err
	}, func(_ app.Context, err error) { done(preview, err) })
}

// makeShare makes the link and leads to its code.
func makeShare(ctx app.Context, e *Env, p *wallet.Preview, done func(error)) {
	var id string
	run(ctx, func(c context.Context) (err error) {
		id, err = e.W.Share(c, p)
		return err
	}, func(ctx app.Context, err error) {
		if done(err); err == nil {
			e.Go(ctx, pathCode+id)
		}
	})
}
