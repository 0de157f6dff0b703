package ui

import (
	"context"
	"slices"
	"time"
	"unicode"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/emergency"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// pageEmergency makes the emergency card of the person whose records are shown. Each field is chosen by itself; what the
// wallet knows is offered in it and can be written otherwise.
type pageEmergency struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	asked string
	card  emergency.Card
	facts map[emergency.FieldID][]string // nil: not yet known
	busy  bool
	kept  bool
	sure  bool      // whether to remove it was asked
	own   bool      // something was changed here
	seen  time.Time // when the card was made that was taken
	fault error
}

// emergencyPage is the card of one person, or the sheet of the family's.
func emergencyPage(e *Env, s *wallet.Snapshot, at place) app.UI {
	if at.page == pathCards {
		return &pageEmergencyPrint{Env: e, Snap: s}
	}
	return &pageEmergency{Env: e, Snap: s}
}

func (p *pageEmergency) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageEmergency) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.load()
}

func (p *pageEmergency) OnUpdate(ctx app.Context) {
	switch {
	case p.card.Person != p.Snap.Current:
		p.load()
	case !p.own && !p.busy && !p.seen.Equal(p.Snap.Cards[p.Snap.Current].Made): // somebody else has changed it
		p.load()
	case p.asked != about(p.Snap, ""): // a record came in: what was ticked and written stays
		p.read()
	}
}

// load takes the card that is kept, or an empty one, and asks for what the records say.
func (p *pageEmergency) load() {
	p.facts, p.kept, p.sure, p.fault = nil, false, false, nil
	who := p.Snap.Person()
	p.card = p.Snap.Cards[who.ID]
	p.own, p.seen = false, p.card.Made
	p.card.Person, p.card.Made = who.ID, p.Env.Now()
	if len(p.card.Langs) == 0 {
		p.card.Langs = []string{p.Env.L.Tag()}
	}
	p.read()
}

// read asks for what the records say.
func (p *pageEmergency) read() {
	p.asked = about(p.Snap, "")
	who := p.Snap.Person()
	var facts map[emergency.FieldID][]string
	w := p.Env.W
	run(p.ctx, func(c context.Context) (err error) {
		facts, err = w.CardFacts(c)
		return err
	}, func(_ app.Context, err error) {
		if p.fault = err; err == nil && p.Snap.Person().ID == who.ID {
			p.facts = facts
			p.offer(false)
		}
	})
}

// known is what the wallet knows for a field: as the person reads it, and for the code.
func (p *pageEmergency) known(id emergency.FieldID) (text, latin string) {
	e, who := p.Env, p.Snap.Person()
	switch id {
	case emergency.Name:
		return who.Name, ""
	case emergency.Born:
		if who.BirthDate == "" {
			return "", ""
		}
		return e.L.Date(who.BirthDate), who.BirthDate
	case emergency.Sex:
		if who.Gender == "" || who.Gender == "unknown" {
			return "", ""
		}
		return e.T("gender." + who.Gender), who.Gender
	case emergency.Blood:
		return who.Blood, ""
	case emergency.Language:
		return e.T("emergency.language-own"), e.Langs.Of(e.L.Tag()).English
	}
	return emergency.Fitted(p.facts[id], func(n int) string { return e.N("emergency.more", n) }), ""
}

// offer writes what is known into the fields that are empty; anew: into those that the records fill, too.
func (p *pageEmergency) offer(anew bool) {
	for _, id := range emergency.Fields {
		f := p.card.Field(id)
		fromRecords := id == emergency.Allergies || id == emergency.Conditions || id == emergency.Medicines
		if f.Text == "" || anew && fromRecords {
			f.Text, f.Latin = p.known(id)
			p.card = p.card.With(f)
			p.Env.D.SetValue(fieldID(id), f.Text) // where it was ticked before that was known
		}
	}
}

func (p *pageEmergency) stale() bool {
	c, kept := p.Snap.Cards[p.Snap.Current]
	return kept && p.facts != nil && c.Stale(wallet.FlatFacts(p.facts))
}

func (p *pageEmergency) Render() app.UI {
	e := p.Env
	_, has := p.Snap.Cards[p.Snap.Current]
	return app.Div().Class("page", "emergency").Body(
		kit.Back(e.T("settings.title"), pathSettings),
		kit.Title(e.T("emergency.title")),
		kit.Text(e.T("emergency.text")),
		kit.If(p.shared(), func() app.UI { return kit.Small(e.T("emergency.shared", "name", p.Snap.Person().Name)) }),
		kit.If(p.stale(), p.old),
		app.Ul().Class("ticks").Body(app.Range(emergency.Fields).Slice(func(i int) app.UI {
			f := p.card.Field(emergency.Fields[i])
			return &emergencyField{Env: e, Owner: p, Field: f.ID, On: f.On, Text: f.Text, Latin: f.Latin}
		})),
		kit.If(len(p.card.Chosen()) > 0, p.languages),
		kit.If(len(p.card.Chosen()) > 0, p.preview),
		kit.If(p.fault != nil, func() app.UI { return kit.Notice(kit.Danger, e.Explain(p.fault)).ID("fault") }),
		kit.If(p.kept, func() app.UI { return kit.Notice(kit.Good, e.T("emergency.kept")).ID("emergency-kept") }),
		kit.Row(
			kit.Button(kit.Main, "check", confirmedCard(e, p.Snap), p.onKeep).ID("emergency-keep").Disabled(p.busy || len(p.card.Chosen()) == 0),
			kit.If(has, func() app.UI {
				return kit.Link(kit.Plain, "print", e.T("emergency.print"), pathCards).ID("emergency-print")
			}),
			app.If(has && !p.sure, func() app.UI {
				return kit.Button(kit.Quiet, "delete", e.T("emergency.drop"), p.onDrop).ID("emergency-drop")
			}),
		),
		app.If(p.sure, p.ask),
	)
}

// confirmedCard is what the button says; whoever acts for somebody else says by it for whom.
func confirmedCard(e *Env, s *wallet.Snapshot) string {
	if s.Acting(s.Current) {
		return e.T("emergency.keep-for", "name", s.Person().Name)
	}
	return e.T("emergency.keep")
}

// old says that the records say something else than the card (E5).
func (p *pageEmergency) old() app.UI {
	e := p.Env
	return kit.Notice(kit.Warn, e.T("emergency.old"), kit.Text(e.T("emergency.old-text", "date", e.L.Day(p.Snap.Cards[p.Snap.Current].Made))),
		kit.Row(kit.Button(kit.Plain, "turn", e.T("emergency.renew"), p.onRenew).ID("emergency-renew"))).ID("emergency-old")
}

// preview is the code with its own words beside it, and where it may be seen.
func (p *pageEmergency) preview() app.UI {
	e := p.Env
	left := make([]string, 0, len(emergency.Fields))
	for _, id := range p.card.Left() {
		left = append(left, e.T("emergency.field."+string(id)))
	}
	return app.Section().Class("emergency-preview").Body(
		app.H2().Class("section-title").Text(e.T("emergency.code")),
		readAloud(e, "emergency"),
		kit.Text(e.T("emergency.code-text")),
		app.Pre().ID("emergency-words").Class("emergency-words").Attr("translate", "no").Lang("en").Text(p.card.Code()),
		kit.If(len(left) > 0, func() app.UI {
			return kit.Notice(kit.Warn, e.T("emergency.left", "fields", e.L.List(left)), kit.Text(e.T("emergency.left-text"))).ID("emergency-left")
		}),
		kit.Check("emergency-open", e.T("emergency.open"), e.T("emergency.open-hint"), p.card.Open, p.onOpen),
		e.beneath(func(e *Env) string { return e.T("emergency.open") + ". " + e.T("emergency.open-hint") }),
		app.If(p.Snap.Demo, func() app.UI { return kit.Small(e.T("emergency.demo")) }),
	)
}

func (p *pageEmergency) ask() app.UI {
	e := p.Env
	text := e.T("emergency.drop-text")
	if p.shared() {
		text += " " + e.T("emergency.drop-shared", "name", p.Snap.Person().Name)
	}
	return kit.Ask("emergency-sure", e.T("emergency.drop-title"), text,
		kit.Button(kit.Grave, "delete", e.T("emergency.drop-yes"), p.onDropYes).ID("emergency-drop-yes"),
		kit.Button(kit.Plain, "", e.T("action.back"), p.onDropNo))
}

// Set hears of a field.
func (p *pageEmergency) Set(f emergency.Field) {
	p.card, p.kept, p.own = p.card.With(f), false, true
}

func (p *pageEmergency) onRenew(ctx app.Context, e app.Event) {
	p.offer(true)
	p.kept, p.own = false, true
	p.focus(p.Env, "emergency-keep")
}

func (p *pageEmergency) onOpen(ctx app.Context, e app.Event) {
	p.card.Open, p.kept, p.own = kit.Checked(ctx), false, true
}

func (p *pageEmergency) onKeep(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.card.Made, p.card.Facts = p.Env.Now(), emergency.Sum(wallet.FlatFacts(p.facts))
	p.busy, p.fault = true, nil
	w, d, card := p.Env.W, p.Env.D, p.card
	run(p.ctx, func(c context.Context) error { return w.SetCard(c, card) }, func(ctx app.Context, err error) {
		p.busy, p.fault, p.kept = false, err, err == nil
		if err == nil {
			p.own, p.seen = false, card.Made
			rememberOpen(d, w.Snapshot())
			p.focus(p.Env, "emergency-keep")
		}
	})
}

func (p *pageEmergency) onDrop(ctx app.Context, e app.Event) {
	p.sure = true
	p.focus(p.Env, "emergency-sure")
}

func (p *pageEmergency) onDropNo(ctx app.Context, e app.Event) { p.sure = false }

func (p *pageEmergency) onDropYes(ctx app.Context, e app.Event) {
	w, d, id := p.Env.W, p.Env.D, p.Snap.Current
	run(p.ctx, func(c context.Context) error { return w.DropCard(c, id) }, func(ctx app.Context, err error) {
		if err == nil {
			rememberOpen(d, w.Snapshot())
			p.load()
		}
		p.fault = err
	})
}

// openCard is remembered outside the vault: that the lock screen has a way to a card. Not whose.
const openCard = "emergency"

func rememberOpen(d Device, s *wallet.Snapshot) {
	open := ""
	for _, c := range s.Cards {
		if c.Open {
			open = "1"
		}
	}
	d.Remember(openCard, open)
}

// emergencyField is one field: a tick, and below it what it says.
type emergencyField struct {
	app.Compo
	Env         *Env
	Owner       *pageEmergency
	Field       emergency.FieldID
	On          bool
	Text, Latin string
}

// CompoID keeps each field its own.
func (f *emergencyField) CompoID() string { return string(f.Field) }

func fieldID(id emergency.FieldID) string { return "emergency-" + string(id) }

func (f *emergencyField) Render() app.UI {
	e, id := f.Env, fieldID(f.Field)
	label := e.T("emergency.field." + string(f.Field))
	latin := slices.ContainsFunc([]rune(f.Text), func(r rune) bool { return r > 0x24f && unicode.IsLetter(r) })
	return app.Li().Class("tick-row", "emergency-field").Body(
		kit.Check(id+"-on", label, f.hint(), f.On, f.onTick),
		kit.If(f.On, func() app.UI {
			return kit.Field(id, label, "", kit.Line(id, f.Text, f.onText).MaxLength(emergency.MaxText))
		}),
		app.If(f.On && latin, func() app.UI {
			return kit.Field(id+"-latin", e.T("emergency.latin", "field", label), e.T("emergency.latin-hint"),
				kit.Line(id+"-latin", first(f.Latin, emergency.Latin(f.Text)), f.onLatin).MaxLength(emergency.MaxText).Lang("en"))
		}),
	)
}

// hint shows what the wallet would write, before it is chosen.
func (f *emergencyField) hint() string {
	if f.On {
		return ""
	}
	return f.Text
}

// field is as the card has it, which may know more than was drawn.
func (f *emergencyField) field() emergency.Field { return f.Owner.card.Field(f.Field) }

func (f *emergencyField) onTick(ctx app.Context, e app.Event) {
	field := f.field()
	field.On = kit.Checked(ctx)
	f.Owner.Set(field)
}

// onText forgets how the old text was written in Latin letters.
func (f *emergencyField) onText(ctx app.Context, e app.Event) {
	field := f.field()
	field.Text, field.Latin = kit.Value(ctx), ""
	f.Owner.Set(field)
	f.Env.D.SetValue(fieldID(f.Field)+"-latin", emergency.Latin(field.Text))
}

func (f *emergencyField) onLatin(ctx app.Context, e app.Event) {
	field := f.field()
	field.Latin = kit.Value(ctx)
	f.Owner.Set(field)
}
