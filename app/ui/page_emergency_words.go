package ui

import (
	"context"
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/emergency"
	"potli/app/locale"
	"potli/app/qr"
	"potli/app/ui/kit"
)

// CardView is what wallet.Deps.CardView wants: a card in the words of its languages, of those that this release speaks. One
// that names none speaks the language of the moment.
func CardView(langs *Languages) func(context.Context, emergency.Card) (emergency.View, error) {
	return func(ctx context.Context, c emergency.Card) (emergency.View, error) {
		var spoken []*locale.Locale
		all, err := langs.list(ctx)
		if err != nil {
			return emergency.View{}, err
		}
		for _, tag := range c.Langs {
			if !slices.ContainsFunc(all, func(l Language) bool { return l.Tag == tag }) {
				continue
			}
			l, err := langs.load(ctx, tag)
			if err != nil {
				return emergency.View{}, err
			}
			spoken = append(spoken, l)
		}
		if l := langs.Current(); len(spoken) == 0 && l != nil {
			spoken = append(spoken, l)
		}
		return viewOf(c, spoken)
	}
}

// viewOf is a card in one language or two.
func viewOf(c emergency.Card, spoken []*locale.Locale) (v emergency.View, err error) {
	code, err := qr.Encode(c.Code())
	if err != nil || len(spoken) == 0 {
		return v, err
	}
	one := spoken[0]
	v = emergency.View{Lang: one.Tag(), Title: one.T("emergency.title"), Made: one.T("emergency.made", "date", one.Day(c.Made)),
		Words: c.Words(), Code: code.Path(), Size: code.Size(), Says: one.T("emergency.spoken")}
	for _, f := range c.Chosen() {
		v.Rows = append(v.Rows, emergency.Row{Label: one.T("emergency.field." + string(f.ID)), Text: f.Text, Alert: f.ID == emergency.Allergies})
	}
	if len(spoken) > 1 {
		two := spoken[1]
		v.Also = &emergency.Also{Lang: two.Tag(), Title: two.T("emergency.title"), Made: two.T("emergency.made", "date", two.Day(c.Made))}
		for i, f := range c.Chosen() {
			v.Rows[i].Also = two.T("emergency.field." + string(f.ID))
		}
	}
	return v, nil
}

// noSecond stands for no second language: go-app drops an empty value.
const noSecond = "none"

// languages asks in which languages the card names its fields, and says what is there in any case.
func (p *pageEmergency) languages() app.UI {
	e := p.Env
	var all []kit.Choice
	second := []kit.Choice{{Value: noSecond, Text: e.T("emergency.lang-none")}}
	for _, l := range e.Langs.Offered() {
		all = append(all, kit.Choice{Value: l.Tag, Text: l.Name})
		if l.Tag != p.lang(0) {
			second = append(second, kit.Choice{Value: l.Tag, Text: l.Name})
		}
	}
	return app.Section().Class("emergency-preview").Body(
		app.H2().Class("section-title").Text(e.T("emergency.langs")),
		kit.Field("emergency-lang", e.T("emergency.lang-first"), "", kit.Select("emergency-lang", p.lang(0), all, p.onLang)),
		kit.Field("emergency-second", e.T("emergency.lang-second"), e.T("emergency.lang-hint"), kit.Select("emergency-second", p.lang(1), second, p.onSecond)),
	)
}

// lang is the first or the second language of the card.
func (p *pageEmergency) lang(i int) string {
	if i < len(p.card.Langs) {
		return p.card.Langs[i]
	}
	return noSecond
}

func (p *pageEmergency) onLang(ctx app.Context, e app.Event) { p.speaks(kit.Value(ctx), p.lang(1)) }

func (p *pageEmergency) onSecond(ctx app.Context, e app.Event) { p.speaks(p.lang(0), kit.Value(ctx)) }

func (p *pageEmergency) speaks(first, second string) {
	p.kept, p.own = false, true
	if second == noSecond {
		second = ""
	}
	p.card.Langs = emergency.Languages([]string{first, second})
}

// shared says whether somebody else has the person too, or another device of this wallet.
func (p *pageEmergency) shared() bool {
	_, has := p.Snap.Sync[p.Snap.Current]
	return has
}
