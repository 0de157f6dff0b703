package ui

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/consent"
	"potli/app/consent/ledger"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// logStep is how many entries are drawn at first, and how many more each time.
const logStep = 40

// pageConsentLog is all that ever happened to one person's consents, to be searched and taken out.
type pageConsentLog struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	of     string
	words  string
	kind   consent.EventKind // "": all
	months int               // 0: ever since
	all    []ledger.Entry    // of that kind and time
	found  []ledger.Entry    // with those words
	ready  bool
	drawn  int
	turn   int
	saved  string
	fault  error
}

func (p *pageConsentLog) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageConsentLog) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.look()
}

func (p *pageConsentLog) OnUpdate(app.Context) {
	if p.of != consentsOf(p.Snap) {
		p.look()
	}
}

func (p *pageConsentLog) query() ledger.Query {
	var q ledger.Query
	if p.kind != "" {
		q.Kinds = []consent.EventKind{p.kind}
	}
	if p.months > 0 {
		q.From = p.Env.Now().AddDate(0, -p.months, 0)
	}
	return q
}

// look searches; of several searches that run, the latest counts.
func (p *pageConsentLog) look() {
	p.turn++
	p.of = consentsOf(p.Snap)
	turn, w, who, q := p.turn, p.Env.W, p.Snap.Current, p.query()
	var found []ledger.Entry
	run(p.ctx, func(c context.Context) (err error) {
		found, err = w.ConsentLog(c, who, q)
		return err
	}, func(_ app.Context, err error) {
		if turn == p.turn {
			p.all, p.ready, p.fault = found, true, err
			p.match()
		}
	})
}

// match keeps the entries that say each of the words. It looks at what is read on the screen, in the reader's language:
// the log itself knows codes only.
func (p *pageConsentLog) match() {
	words := strings.Fields(strings.ToLower(p.words))
	p.drawn = logStep
	p.found = slices.DeleteFunc(slices.Clone(p.all), func(entry ledger.Entry) bool {
		text := strings.ToLower(logWords(p.Env, entry))
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
	})
}

// logWords is all that can be read of an entry, and what can be read on the page of its consent.
func logWords(e *Env, entry ledger.Entry) string {
	text := e.T(first(eventKeys[entry.Kind], "consent.event-other")) + " " + partyName(e, entry.Party) + " " + entry.Note
	if g := entry.Terms; g != nil {
		text += " " + purpose(e, g.Purpose) + " " + recordKinds(e, g.Kinds)
	}
	return text
}

func (p *pageConsentLog) Render() app.UI {
	e := p.Env
	return app.Div().Class("page", "consents").Body(
		kit.Back(e.T("consent.title"), pathConsents),
		kit.Title(e.T("consent.log")),
		kit.Text(e.T("consent.log-text", "name", p.Snap.Person().Name)),
		p.filters(),
		kit.If(p.fault != nil, func() app.UI { return kit.Fault(e.Explain(p.fault)) }),
		kit.If(!p.ready, func() app.UI { return kit.Wait(e.T("consent.reading")) }),
		kit.If(p.ready, func() app.UI {
			return app.P().ID("log-found").Class("text").Role("status").Text(e.N("consent.found", len(p.found)))
		}),
		kit.Place(logList(e, p.found[:min(p.drawn, len(p.found))])),
		kit.If(p.drawn < len(p.found), func() app.UI {
			return kit.Row(kit.Button(kit.Plain, "down", e.T("trends.more"), p.onMore).ID("log-more"))
		}),
		kit.Small(e.T("consent.export-text")),
		kit.Row(kit.Button(kit.Plain, "save", e.T("consent.export"), p.onExport).ID("log-export")),
		kit.If(p.saved != "", func() app.UI { return kit.Notice(kit.Good, e.T("export.saved", "name", p.saved)).ID("log-saved") }),
	)
}

func (p *pageConsentLog) filters() app.UI {
	e := p.Env
	kinds := []kit.Choice{{Value: "", Text: e.T("consent.event-all")}}
	for _, k := range consent.EventKinds {
		kinds = append(kinds, kit.Choice{Value: string(k), Text: e.T(eventKeys[k])})
	}
	times := []kit.Choice{{Value: "0", Text: e.T("consent.ever")}}
	for _, m := range consentSince {
		times = append(times, kit.Choice{Value: strconv.Itoa(m), Text: e.N("ask.months", m)})
	}
	return app.Div().Class("card", "log-filters").Role("search").Body(
		kit.Field("log-words", e.T("consent.search"), e.T("consent.search-hint"), kit.Line("log-words", "", p.onWords).Type("search").MaxLength(100)),
		kit.Field("log-kind", e.T("consent.event"), "", kit.Select("log-kind", string(p.kind), kinds, p.onKind)),
		kit.Field("log-time", e.T("consent.when"), "", kit.Select("log-time", strconv.Itoa(p.months), times, p.onTime)),
	)
}

func (p *pageConsentLog) onWords(ctx app.Context, e app.Event) {
	p.words = kit.Value(ctx)
	p.match()
}

func (p *pageConsentLog) onKind(ctx app.Context, e app.Event) {
	if k := consent.EventKind(kit.Value(ctx)); k == "" || slices.Contains(consent.EventKinds, k) {
		p.kind = k
		p.look()
	}
}

func (p *pageConsentLog) onTime(ctx app.Context, e app.Event) {
	if m, err := strconv.Atoi(kit.Value(ctx)); err == nil {
		p.months = m
		p.look()
	}
}

func (p *pageConsentLog) onMore(ctx app.Context, e app.Event) { p.drawn += logStep }

func (p *pageConsentLog) onExport(ctx app.Context, ev app.Event) {
	var name string
	e, who := p.Env, p.Snap.Current
	p.saved, p.fault = "", nil
	run(p.ctx, func(c context.Context) error {
		n, b, err := e.W.ExportLog(c, who)
		if err == nil {
			name = n
			e.D.Download(n, "application/octet-stream", b)
		}
		return err
	}, func(_ app.Context, err error) {
		p.saved, p.fault = name, err
		p.amend(e, err, kit.FaultID)
	})
}

// consentStory is what happened to one consent, the newest first.
func consentStory(e *Env, list []ledger.Entry) app.UI {
	return kit.Card("consent-story", e.T("consent.story"), kit.Place(logList(e, list)))
}

// logList draws entries of the log.
func logList(e *Env, list []ledger.Entry) app.UI {
	if len(list) == 0 {
		return kit.Small(e.T("consent.log-none"))
	}
	return app.Ul().Class("given-list", "log-list").Body(app.Range(list).Slice(func(i int) app.UI { return logRow(e, list[i]) }))
}

func logRow(e *Env, entry ledger.Entry) app.UI {
	return app.Li().Class("given-row").Body(
		app.P().Class("given-name").Text(e.T("consent.entry", "what", e.T(first(eventKeys[entry.Kind], "consent.event-other")), "clinic", partyName(e, entry.Party))),
		app.P().Class("hint").Text(e.L.DateTime(entry.At)),
		app.If(len(entry.Documents) > 0, func() app.UI { return app.P().Class("hint").Text(e.N("consent.documents", len(entry.Documents))) }),
		app.If(entry.Note != "", func() app.UI { return app.P().Class("hint").Text(entry.Note) }),
	)
}
