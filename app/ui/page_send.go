package ui

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageSend makes a link to be sent: how long, how often, with a passcode or not, and what is in it.
type pageSend struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	Only string

	asked   string
	preview *wallet.Preview
	busy    bool
	fault   error
}

func (p *pageSend) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageSend) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.prepare(ctx)
}

func (p *pageSend) OnUpdate(ctx app.Context) {
	if p.asked != about(p.Snap, p.Only) {
		p.prepare(ctx)
	}
}

func (p *pageSend) prepare(ctx app.Context) {
	p.asked, p.preview, p.fault = about(p.Snap, p.Only), nil, nil
	prepare(p.ctx, p.Only, p.Env.W.PrepareLink, func(preview *wallet.Preview, err error) {
		p.preview, p.fault = preview, err
	})
}

func (p *pageSend) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "share").Body(
		kit.Back(e.T("nav.home"), pathHome),
		kit.Title(e.T("send.title")),
		kit.Text(e.T("send.text")),
		kit.If(p.preview == nil && p.fault == nil, func() app.UI { return kit.Wait(e.T("share.preparing")) }),
		app.IfSlice(p.preview != nil, func() []app.UI {
			return []app.UI{p.limits(), p.wishes(), kit.Place(groupsOut(e, p, p.preview)), contentsOf(e, p, p.preview), p.finish()}
		}),
		app.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
	)
}

var linkLives = []time.Duration{
	10 * time.Minute, time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour,
}

var linkUses = []int{1, 3, 10, 50, 200}

// limits are what ends the link.
func (p *pageSend) limits() app.UI {
	e, o := p.Env, p.preview.Options
	uses := make([]kit.Choice, len(linkUses))
	for i, n := range linkUses {
		uses[i] = kit.Choice{Value: strconv.Itoa(n), Text: e.N("share.times", n)}
	}
	return kit.Card("", e.T("send.limits"),
		kit.Field("life", e.T("share.life"), "", kit.Select("life", seconds(o.Life), lives(e, linkLives), p.onLife)),
		kit.Field("uses", e.T("share.uses"), e.T("share.uses-hint"), kit.Select("uses", strconv.Itoa(o.Uses), uses, p.onUses)),
		kit.Check("passcode", e.T("share.passcode"), e.T("share.passcode-hint"), o.Passcode, p.onPasscode),
		kit.Check("follow", e.T("share.follow"), e.T("share.follow-hint"), o.Follow, p.onFollow),
	)
}

// wishes are for whom it is, and in which shape.
func (p *pageSend) wishes() app.UI {
	e, o := p.Env, p.preview.Options
	return kit.Card("", e.T("send.about"),
		kit.Field("for", e.T("share.for"), e.T("share.for-hint"), kit.Line("for", o.For, p.onFor).MaxLength(80)),
		kit.Field("label", e.T("share.label"), e.T("share.label-hint"), kit.Line("label", o.Label, p.onLabel).MaxLength(80)),
		kit.Radio("shape", e.T("share.shape"), string(o.Shape), []kit.Choice{
			{Value: string(share.ShapeIPS), Text: e.T("shape.ips"), Hint: e.T("shape.ips-hint")},
			{Value: string(share.ShapeKTC), Text: e.T("shape.ktc"), Hint: e.T("shape.ktc-hint")},
		}, p.onShape),
	)
}

func (p *pageSend) finish() app.UI {
	e := p.Env
	return app.Div().Class("share-go").Body(
		whose(e, p.preview),
		kit.Button(kit.Main, "link", confirmed(e, p.Snap, p.preview, "send.go", "send.go-for"), p.onGo).ID("send-go").
			Disabled(p.busy || len(p.preview.Selected()) == 0),
		kit.If(p.busy, func() app.UI { return kit.Wait(e.T("share.making")) }),
		kit.Small(e.T("send.anyone")),
		e.beneath(func(e *Env) string { return e.N("share.sees", len(p.preview.Selected())) + ". " + e.T("send.anyone") }),
		somebodyElse(e, p.Snap, p, p.Only),
	)
}

// set changes one option.
func (p *pageSend) set(change func(*share.Options)) {
	o := p.preview.Options
	change(&o)
	p.preview = p.preview.WithOptions(o)
}

func (p *pageSend) onLife(ctx app.Context, e app.Event) {
	p.set(func(o *share.Options) { o.Life = secondsOf(kit.Value(ctx), o.Life) })
}

func (p *pageSend) onUses(ctx app.Context, e app.Event) {
	p.set(func(o *share.Options) {
		if n, err := strconv.Atoi(kit.Value(ctx)); err == nil {
			o.Uses = n
		}
	})
}

func (p *pageSend) onPasscode(ctx app.Context, e app.Event) {
	p.set(func(o *share.Options) { o.Passcode = kit.Checked(ctx) })
}

func (p *pageSend) onFollow(ctx app.Context, e app.Event) {
	p.set(func(o *share.Options) { o.Follow = kit.Checked(ctx) })
}

func (p *pageSend) onFor(ctx app.Context, e app.Event) {
	p.set(func(o *share.Options) { o.For = kit.Value(ctx) })
}

func (p *pageSend) onLabel(ctx app.Context, e app.Event) {
	p.set(func(o *share.Options) { o.Label = kit.Value(ctx) })
}

func (p *pageSend) onShape(ctx app.Context, e app.Event) {
	p.set(func(o *share.Options) { o.Shape = share.Shape(kit.Value(ctx)) })
}

// Tick takes one item in or leaves it out.
func (p *pageSend) Tick(ctx app.Context, item int, on bool) { p.preview = p.preview.Toggle(item, on) }

// Pick leaves a sensitive group out, or takes it in again; or makes it somebody else's link.
func (p *pageSend) Pick(ctx app.Context, list, value string) {
	p.preview = pickedFor(p.ctx, p.Env, p.preview, list, value)
}

func (p *pageSend) onGo(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	makeShare(p.ctx, p.Env, p.preview, func(err error) { p.busy, p.fault = false, err })
}
