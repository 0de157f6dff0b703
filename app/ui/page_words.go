package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageWords changes the words that open the wallet.
type pageWords struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	old   string
	fresh newWords
	busy  bool
	done  bool
	fault error
}

func (p *pageWords) Render() app.UI {
	e := p.Env
	return app.Div().Class("page").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("words.title")),
		kit.Text(e.T("words.text")),
		kit.If(p.done, func() app.UI { return kit.Notice(kit.Good, e.T("words.done")) }),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		app.Form().Class("form").OnSubmit(p.onChange).Body(
			hiddenUser(e),
			kit.Field("old-words", e.T("words.old"), "", passphrase("old-words", "current-password", false, p.onOld)),
			p.fresh.field(e, p.onNew, p.onSuggest),
			kit.Submit(kit.Main, "check", e.T("words.go")).ID("words-go").Disabled(p.busy || !p.fresh.enough),
		),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("create.busy")) }),
		kit.Small(e.T("words.copies")),
	)
}

// newWords is a passphrase being chosen: typed, or six generated words.
type newWords struct {
	text   string
	bits   float64
	enough bool
	made   string // generated words, shown until others are typed
}

func (n *newWords) field(e *Env, onInput, onSuggest app.EventHandler) app.UI {
	return app.Div().Class("new-words").Body(
		kit.Field("new-words", e.T("words.new"), e.T("create.own-hint"), passphrase("new-words", "new-password", true, onInput)),
		strength(e, n.bits, n.enough),
		kit.Button(kit.Plain, "undo", e.T("words.suggest"), onSuggest).ID("suggest"),
		app.If(n.made != "", func() app.UI { return wordList(e, n.made) }),
	)
}

// set judges words; made says that they were generated.
func (n *newWords) set(e *Env, words string, made bool) {
	n.text, n.made = words, ""
	n.bits, n.enough = e.W.Strength(words)
	if made {
		n.made = words
		e.D.SetValue("new-words", words)
	}
}

func (p *pageWords) onOld(ctx app.Context, e app.Event) { p.old = kit.Value(ctx) }

func (p *pageWords) onNew(ctx app.Context, e app.Event) { p.fresh.set(p.Env, kit.Value(ctx), false) }

func (p *pageWords) onSuggest(ctx app.Context, e app.Event) {
	p.fresh.set(p.Env, p.Env.W.Suggest(), true)
}

func (p *pageWords) onChange(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy || !p.fresh.enough {
		return
	}
	p.busy, p.done, p.fault = true, false, nil
	old, words := p.old, p.fresh.text
	run(p.ctx, func(c context.Context) error { return p.Env.W.ChangePassphrase(c, old, words) }, func(ctx app.Context, err error) {
		p.busy, p.done, p.fault = false, err == nil, err
		p.amend(p.Env, err, "old-words")
		if err == nil {
			p.old, p.fresh = "", newWords{}
			p.Env.D.SetValue("old-words", "")
			p.Env.D.SetValue("new-words", "")
		}
	})
}
