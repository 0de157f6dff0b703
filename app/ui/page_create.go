package ui

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageCreate makes a wallet in three steps, one question each: the words, proof that they were kept, a first name.
type pageCreate struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	step   createStep
	words  string // the passphrase, generated or own
	own    bool   // typed by the person
	bits   float64
	enough bool
	asked  []int // which words are asked for, 0-based
	given  map[int]string
	first  wallet.Person
	copied bool
	busy   bool
	fault  error
	wrong  bool // the check failed
}

type createStep string

const (
	stepWords createStep = ""
	stepCheck createStep = "check"
	stepName  createStep = "name"
)

// OnInit takes the words before the page is drawn: in OnMount it would stand there without them for a moment.
func (p *pageCreate) OnInit() {
	p.first.Kin = wallet.KinSelf
	p.suggest()
}

// suggest takes six new words.
func (p *pageCreate) suggest() {
	p.words, p.own, p.copied, p.enough = p.Env.W.Suggest(), false, false, true
	p.given = map[int]string{}
	p.asked = ask(p.words)
}

// ask chooses two of the words to be typed again: which ones follows from the words, so the page needs no randomness.
func ask(words string) []int {
	n := len(strings.Split(words, "-"))
	if n < 4 {
		return nil
	}
	sum := 0
	for _, r := range words {
		sum += int(r)
	}
	first := sum % n
	second := (first + 1 + sum/n%(n-1)) % n
	return []int{min(first, second), max(first, second)}
}

func (p *pageCreate) Render() app.UI {
	switch p.step {
	case stepCheck:
		return p.check()
	case stepName:
		return p.name()
	}
	if p.own {
		return p.ownWords()
	}
	return p.generated()
}

func (p *pageCreate) generated() app.UI {
	e := p.Env
	return kit.Page(e.T("create.title"),
		kit.Text(e.T("create.text")),
		kit.Text(e.T("create.keep")),
		wordList(e, p.words),
		kit.Row(
			kit.Button(kit.Plain, "copy", e.T("action.copy"), p.onCopy),
			kit.Button(kit.Plain, "print", e.T("action.print"), p.onPrint),
			kit.Button(kit.Plain, "undo", e.T("create.others"), p.onOthers),
		),
		kit.If(p.copied, func() app.UI { return &onClipboard{Env: e, Text: e.T("create.copied")} }),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Warn, e.Explain(p.fault)) }),
		kit.Notice(kit.Warn, e.T("create.nobody")),
		kit.Row(kit.Button(kit.Main, "check", e.T("create.written"), p.onWritten).ID("written")),
		kit.Button(kit.Quiet, "edit", e.T("create.own"), p.onOwn).ID("own"),
		kit.Link(kit.Quiet, "back", e.T("action.back"), pathHome),
	)
}

// wordList shows the words big and numbered, so that they can be copied by hand and read over the phone.
func wordList(e *Env, words string) app.UI {
	list := strings.Split(words, "-")
	return app.Ol().ID("words").Class("words").Aria("label", e.T("create.words")).Attr("translate", "no").Lang("en").
		Body(app.Range(list).Slice(func(i int) app.UI {
			return app.Li().Class("word").Text(list[i])
		}))
}

func (p *pageCreate) ownWords() app.UI {
	e := p.Env
	return kit.Page(e.T("create.own-title"),
		kit.Text(e.T("create.own-text")),
		app.Form().Class("form").OnSubmit(p.onOwnDone).Body(
			hiddenUser(e),
			kit.Field("own-words", e.T("create.own-label"), e.T("create.own-hint"), passphrase("own-words", "new-password", true, p.onOwnWords)),
			strength(e, p.bits, p.enough),
			kit.Submit(kit.Main, "check", e.T("action.next")).ID("own-next").Disabled(!p.enough),
		),
		kit.Button(kit.Quiet, "back", e.T("create.own-back"), p.onOthers),
	)
}

// strength says in words and by a bar how hard a passphrase is to guess.
func strength(e *Env, bits float64, enough bool) app.UI {
	key := "strength.weak"
	switch {
	case enough:
		key = "strength.good"
	case bits >= 40:
		key = "strength.almost"
	}
	return app.Div().Class("strength").Role("status").Body(
		app.Meter().Class("meter").Aria("label", e.T("strength.label")).Min(0).Max(80).Low(40).High(60).Optimum(80).Value(min(int(bits), 80)),
		app.P().Class("hint").Text(e.T(key)),
	)
}

func (p *pageCreate) check() app.UI {
	e := p.Env
	return kit.Page(e.T("create.check-title"),
		kit.Text(e.T("create.check-text")),
		kit.If(p.wrong, func() app.UI { return kit.Notice(kit.Danger, e.T("create.check-wrong")) }),
		app.Form().Class("form").OnSubmit(p.onChecked).Body(
			kit.Place(app.Range(p.asked).Slice(func(i int) app.UI {
				return &askedWord{Env: e, Owner: p, Index: p.asked[i]}
			})),
			kit.If(len(p.asked) == 0, func() app.UI { return &askedWord{Env: e, Owner: p, Index: -1} }),
			kit.Submit(kit.Main, "next", e.T("action.next")).ID("checked"),
		),
		kit.Button(kit.Quiet, "back", e.T("create.see-again"), p.onAgain),
	)
}

// askedWord asks for one word again, or for all of them where the person chose their own (Index -1).
type askedWord struct {
	app.Compo
	Env   *Env
	Owner *pageCreate
	Index int
}

// CompoID keeps each question its own.
func (a *askedWord) CompoID() string { return a.id() }

func (a *askedWord) id() string { return "asked-" + string(rune('a'+a.Index+1)) }

func (a *askedWord) Render() app.UI {
	label := a.Env.T("create.check-all")
	if a.Index >= 0 {
		label = a.Env.T("create.check-word", "place", a.Env.L.Number(a.Index+1))
	}
	return kit.Field(a.id(), label, "", kit.Line(a.id(), "", a.onInput).Attr("autocapitalize", "none"))
}

func (a *askedWord) onInput(ctx app.Context, e app.Event) { a.Owner.given[a.Index] = kit.Value(ctx) }

func (p *pageCreate) name() app.UI {
	e := p.Env
	return kit.Page(e.T("create.name-title"),
		kit.Text(e.T("create.name-text")),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)) }),
		app.Form().Class("form").OnSubmit(p.onCreate).Body(
			kit.Field("first-name", e.T("people.name"), e.T("create.name-hint"), kit.Line("first-name", p.first.Name, p.onName)),
			&dateField{Env: e, ID: "first-born", Legend: e.T("people.born"), Hint: e.T("people.born-hint"), Owner: p},
			kit.Check("first-self", e.T("create.self"), e.T("create.self-hint"), p.first.Kin == wallet.KinSelf, p.onSelf),
			kit.Submit(kit.Main, "pouch", e.T("create.make")).ID("make").Disabled(p.busy),
		),
		app.If(p.busy, func() app.UI { return kit.Wait(e.T("create.busy")) }),
	)
}

func (p *pageCreate) onCopy(ctx app.Context, e app.Event) {
	p.copied, p.fault = copied(p.Env, p.words)
}

// copied puts text on the clipboard and says whether that worked.
func copied(e *Env, text string) (bool, error) {
	if err := e.D.Copy(text); err != nil {
		return false, errClipboard
	}
	return true, nil
}

func (p *pageCreate) onPrint(ctx app.Context, e app.Event) { p.Env.D.Print() }

func (p *pageCreate) onOthers(ctx app.Context, e app.Event) {
	p.fault = nil
	p.suggest()
	p.focusTitle(ctx)
}

func (p *pageCreate) onOwn(ctx app.Context, e app.Event) {
	p.words, p.own, p.bits, p.enough, p.fault = "", true, 0, false, nil
	p.focusTitle(ctx)
}

func (p *pageCreate) onOwnWords(ctx app.Context, e app.Event) {
	p.words = kit.Value(ctx)
	p.bits, p.enough = p.Env.W.Strength(p.words)
}

func (p *pageCreate) onOwnDone(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.enough {
		p.asked, p.given = nil, map[int]string{}
		p.to(ctx, stepCheck)
	}
}

func (p *pageCreate) onWritten(ctx app.Context, e app.Event) { p.to(ctx, stepCheck) }

func (p *pageCreate) onAgain(ctx app.Context, e app.Event) { p.to(ctx, stepWords) }

func (p *pageCreate) onChecked(ctx app.Context, e app.Event) {
	e.PreventDefault()
	wrong, at := slip(p.words, p.asked, p.given)
	if p.wrong = wrong; wrong {
		p.focus(p.Env, (&askedWord{Index: at}).id())
		return
	}
	p.to(ctx, stepName)
}

// slip says which of the words given is the first that is not the one asked for, -1 for all of them together. Case and
// spaces around them do not matter.
func slip(words string, asked []int, given map[int]string) (wrong bool, at int) {
	if len(asked) == 0 {
		return strings.TrimSpace(given[-1]) != strings.TrimSpace(words), -1
	}
	list := strings.Split(words, "-")
	for _, i := range asked {
		if !strings.EqualFold(strings.TrimSpace(given[i]), list[i]) {
			return true, i
		}
	}
	return false, -1
}

func (p *pageCreate) onName(ctx app.Context, e app.Event) {
	p.first.Name, p.fault = kit.Value(ctx), nil
}

// onSelf: for whoever keeps the records of others only, a banner says so from the first page on (F1).
func (p *pageCreate) onSelf(ctx app.Context, e app.Event) {
	if p.first.Kin = wallet.KinOther; kit.Checked(ctx) {
		p.first.Kin = wallet.KinSelf
	}
}

// Dated is told by the fields of the date of birth.
func (p *pageCreate) Dated(ctx app.Context, date string) { p.first.BirthDate, p.fault = date, nil }

func (p *pageCreate) onCreate(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	words, first := p.words, p.first
	run(p.ctx, func(c context.Context) error { return p.Env.W.Create(c, words, first) }, func(ctx app.Context, err error) {
		p.busy, p.fault = false, err
		p.amend(p.Env, err, toAmend(err, "first-name", "first-born-year", "make"))
		if err == nil {
			p.words, p.given = "", nil // where to go on, the shell knows: this page may have gone by now
		}
	})
}

func (p *pageCreate) to(ctx app.Context, step createStep) {
	p.step, p.wrong = step, false
	p.focusTitle(ctx)
}

func (p *pageCreate) focusTitle(ctx app.Context) {
	p.focus(p.Env, kit.TitleID)
}
