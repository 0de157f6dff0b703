package ui

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// preparer is Wallet.PrepareCounter or Wallet.PrepareLink.
type preparer func(ctx context.Context, only ...record.ID) (*wallet.Preview, error)

func ids(only string) []record.ID {
	if only == "" {
		return nil
	}
	return []record.ID{record.ID(only)}
}

// whose shows the person beside the button by which something leaves: photo, name and year of birth (F1).
func whose(e *Env, p *wallet.Preview) app.UI {
	return app.Div().Class("whose", kit.Colour(p.Person.Colour)).Body(
		kit.Face(e.portrait(p.Person)),
		app.Div().Class("whose-words").Body(
			app.P().Class("whose-text").Text(e.T("share.whose", "name", p.Person.Name)),
			app.P().Class("hint").Text(first(e.born(p.Person), e.T("people.unborn"))),
		),
	)
}

// confirmed is what the button says by which something leaves. Whoever acts for somebody else says by it that it is them.
func confirmed(e *Env, s *wallet.Snapshot, p *wallet.Preview, own, other string) string {
	if s.Acting(p.Person.ID) {
		return e.T(other, "name", p.Person.Name)
	}
	return e.T(own)
}

// renewing is what the button says that shares the same again: whose it is, for another than oneself.
func renewing(e *Env, s *wallet.Snapshot, sh share.Share) string {
	if s.Acting(sh.Profile) {
		return e.T("code.renew-for", "name", person(s, string(sh.Profile)).Name)
	}
	return e.T("code.renew")
}

// somebodyElse offers the others of the family, on the same screen; a single record has but one person.
func somebodyElse(e *Env, s *wallet.Snapshot, page kit.Picker, only string) app.UI {
	shown := s.Shown()
	if only != "" || len(shown) < 2 {
		return nil
	}
	return kit.Details(e.T("share.somebody-else"), app.Div().Class("filters").Body(app.Range(shown).Slice(func(i int) app.UI {
		p := shown[i]
		return &kit.Option{Owner: page, List: whoseList, Value: string(p.ID), Text: p.Name, Hint: e.born(p), Portrait: e.portrait(p), On: p.ID == s.Current}
	})))
}

// whoseList is the list of people on a page with a preview; its other list is that of sensitive groups.
const whoseList = "whose"

// chooser hears ticks and choices; a page with a preview is one.
type chooser interface {
	kit.Picker
	kit.Ticker
}

// groupsOut offers to leave a sensitive group out in one tap.
func groupsOut(e *Env, page chooser, p *wallet.Preview) app.UI {
	if len(p.Groups) == 0 {
		return nil
	}
	return app.Section().Class("sensitive").Body(
		app.H2().Class("card-title").Text(e.T("share.sensitive")),
		kit.Text(e.T("share.sensitive-text")),
		app.Div().Class("filters").Body(app.Range(p.Groups).Slice(func(i int) app.UI {
			g := p.Groups[i]
			return &kit.Option{Owner: page, List: "sensitive", Value: g, Icon: "shield",
				Text: e.T("share.leave-out", "group", e.T("sensitive."+g)), On: isOut(p, g)}
		})),
	)
}

// isOut says whether nothing of a group is chosen.
func isOut(p *wallet.Preview, group string) bool {
	for i, it := range p.Items {
		if p.Chosen[i] && slices.Contains(it.Sensitive, group) {
			return false
		}
	}
	return true
}

func turn(p *wallet.Preview, group string) *wallet.Preview {
	if isOut(p, group) {
		return p.Include(group)
	}
	return p.Exclude(group)
}

// contentsOf lists exactly what the clinic will see, kind by kind, and folded below what could be added.
func contentsOf(e *Env, page chooser, p *wallet.Preview) app.UI {
	suggested, others := split(p.Items)
	return app.Section().ID("preview").Class("preview").Body(
		app.H2().Class("section-title").Text(e.N("share.sees", len(p.Selected()))),
		kit.Text(e.T("share.sees-text")),
		kit.If(slices.ContainsFunc(p.Items, func(it share.Item) bool { return it.Entry < 0 }), func() app.UI {
			return kit.Small(e.T("share.unread"))
		}),
		kit.Place(app.Range(suggested).Slice(func(i int) app.UI { return itemList(e, page, p, suggested[i]) })),
		app.If(len(others) > 0, func() app.UI {
			return kit.Details(e.T("share.add-more"), app.Div().Body(
				app.Range(others).Slice(func(i int) app.UI { return itemList(e, page, p, others[i]) })))
		}),
	)
}

// drawer is the items of one kind, by their index.
type drawer struct {
	kind  fhir.Kind
	items []int
}

// split sorts items into those of the summary and the others, each by kind, in the order they came in.
func split(items []share.Item) (suggested, others []drawer) {
	for i, it := range items {
		list := &others
		if it.Suggested {
			list = &suggested
		}
		at := slices.IndexFunc(*list, func(d drawer) bool { return d.kind == it.Kind })
		if at < 0 {
			*list = append(*list, drawer{kind: it.Kind})
			at = len(*list) - 1
		}
		(*list)[at].items = append((*list)[at].items, i)
	}
	return suggested, others
}

func itemList(e *Env, page chooser, p *wallet.Preview, d drawer) app.UI {
	return app.Div().Class("items").Body(
		app.H3().Class("items-kind").Body(kit.Icon(string(d.kind)), app.Span().Text(e.kind(d.kind))),
		app.Ul().Class("ticks").Body(app.Range(d.items).Slice(func(i int) app.UI {
			n := d.items[i]
			it := p.Items[n]
			return &kit.Tick{Owner: page, ID: "item-" + strconv.Itoa(n), Item: n,
				Text: e.title(it.Title, it.Type, it.Kind), Hint: itemHint(e, it), On: p.Chosen[n]}
		})),
	)
}

// itemHint is what else there is to know of an item before it is given away.
func itemHint(e *Env, it share.Item) string {
	parts := []string{e.L.Values(it.Detail)}
	if it.Date != "" {
		parts = append(parts, e.L.Date(it.Date))
	}
	if it.Inactive {
		parts = append(parts, e.T("state.inactive"))
	}
	if it.Self {
		parts = append(parts, e.T("write.self"))
	}
	if it.Negated {
		parts = append(parts, e.T("state.negated"))
	}
	for _, g := range it.Sensitive {
		parts = append(parts, e.T("share.marked", "group", e.T("sensitive."+g)))
	}
	if it.Entry < 0 && it.Bytes > 0 {
		parts = append(parts, e.L.Bytes(it.Bytes))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}
