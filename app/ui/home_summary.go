package ui

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/summary"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// homeSummary is what matters of a person's records: what is dangerous, open; everything else in one row each, which opens.
type homeSummary struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot

	sum   *summary.Summary
	whose string
	seq   int  // of the snapshot it was made from
	busy  bool // one is being made
	fault error
}

func (h *homeSummary) OnPreRender(ctx app.Context) { h.OnMount(ctx) }

func (h *homeSummary) OnMount(ctx app.Context) {
	h.here.OnMount(ctx)
	h.load()
}

func (h *homeSummary) OnUpdate(app.Context) { h.load() }

// load asks for the summary when the records may have changed: one at a time, and not while files are coming in by the
// hundred. The old one stays until the new one is there.
func (h *homeSummary) load() {
	who := string(h.Snap.Current)
	if h.whose != who {
		h.whose, h.sum, h.seq = who, nil, -1
	}
	if h.busy || h.seq == h.Snap.Seq || h.sum != nil && h.Snap.Work != nil {
		return
	}
	h.busy = true
	w, seq := h.Env.W, h.Snap.Seq
	var sum *summary.Summary
	run(h.ctx, func(c context.Context) (err error) {
		sum, err = w.Summary(c)
		return err
	}, func(_ app.Context, err error) {
		h.busy = false
		if h.whose == who {
			h.seq, h.fault = seq, err
			if err == nil {
				h.sum = sum
			}
		}
		h.load() // what came meanwhile
	})
}

func (h *homeSummary) Render() app.UI {
	e := h.Env
	return app.Section().ID("summary").Class("summary").Aria("labelledby", "summary-title").Body(
		app.H2().ID("summary-title").Class("summary-title").Text(e.T("summary.title")),
		kit.If(h.fault != nil, func() app.UI { return kit.Notice(kit.Warn, e.Explain(h.fault)) }),
		kit.If(h.sum == nil && h.fault == nil, func() app.UI { return kit.Wait(e.T("summary.making")) }),
		app.If(h.sum != nil, h.parts),
	)
}

func (h *homeSummary) parts() app.UI {
	full := filled(h.sum)
	return app.Div().Class("summary-parts").Body(
		kit.Place(app.Range(full).Slice(func(i int) app.UI { return &summaryPart{Env: h.Env, Whose: h.whose, Chapter: &full[i]} })),
		h.nothing(),
	)
}

// filled are the chapters in which something stands.
func filled(s *summary.Summary) (full []summary.Chapter) {
	for _, c := range s.Chapters {
		if len(c.Now)+len(c.Earlier)+len(c.None) > 0 {
			full = append(full, c)
		}
	}
	return full
}

// nothing names what no document says a word of. That is not the same as there being none, and it says so.
func (h *homeSummary) nothing() app.UI {
	var names []string
	for _, c := range h.sum.Chapters {
		if len(c.Now)+len(c.Earlier)+len(c.None) == 0 && c.Part != summary.Alerts {
			names = append(names, h.Env.part(c.Part))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return app.P().Class("small", "summary-nothing").Text(h.Env.T("summary.nothing", "what", h.Env.L.Comma(names)))
}

// partKeys name the parts.
var partKeys = map[summary.Part]string{
	summary.Alerts: "summary.alerts", summary.Allergies: "summary.allergies", summary.Conditions: "summary.conditions",
	summary.Medicines: "summary.medicines", summary.Immunizations: "summary.immunizations", summary.Results: "summary.results",
	summary.Vitals: "summary.vitals", summary.Appointments: "summary.appointments",
}

// part says what a part of the summary holds.
func (e *Env) part(p summary.Part) string { return e.T(partKeys[p]) }
