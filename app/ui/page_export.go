package ui

import (
	"context"
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
	"potli/app/ui/kit"
	"potli/app/wallet"
)

// What a selection is taken out as: the papers, and beside them the forms of share.Forms.
const (
	paperSummary   = "summary"
	paperFull      = "full"
	paperVaccines  = "vaccines"
	paperMedicines = "medicines"
)

// pageExport takes a selection out: on paper, or as a file for another program. One record, or those of the person.
type pageExport struct {
	app.Compo
	here
	Env  *Env
	Snap *wallet.Snapshot
	Only string

	asked   string
	what    string // one of the papers, or a share.Form
	order   exportOrder
	preview *wallet.Preview
	sure    bool   // asked whether a file is to leave
	saved   string // name of the file
	unread  wallet.Unread
	sheet   *printSheet
	busy    bool
	fault   error
}

// exportOrder is how the selection is made and written.
type exportOrder struct {
	all    bool
	since  string // one of sinces
	kinds  []fhir.Kind
	mark   bool // for Excel
	letter bool // US Letter, not A4
}

func (p *pageExport) OnPreRender(ctx app.Context) { p.OnMount(ctx) }

func (p *pageExport) OnMount(ctx app.Context) {
	p.here.OnMount(ctx)
	p.begin()
}

func (p *pageExport) OnUpdate(ctx app.Context) {
	if p.asked != about(p.Snap, p.Only) {
		p.begin()
	}
}

func (p *pageExport) OnDismount() { p.sheet = nil }

func (p *pageExport) begin() {
	p.what, p.order = paperSummary, exportOrder{}
	if p.Only != "" {
		p.what = paperFull
	}
	p.prepare()
}

// prepare asks for what there is. Originals are chosen record by record, everything else entry by entry.
func (p *pageExport) prepare() {
	p.asked, p.preview, p.fault, p.sure, p.saved, p.sheet = about(p.Snap, p.Only), nil, nil, false, "", nil
	whole, what, w := p.what == string(share.FormOriginals), p.what, p.Env.W
	how := func(c context.Context, only ...record.ID) (*wallet.Preview, error) {
		return w.PrepareExport(c, whole, only...)
	}
	prepare(p.ctx, p.Only, how, func(preview *wallet.Preview, err error) {
		if p.what == what {
			p.preview, p.fault = preview, err
			p.narrow()
		}
	})
}

// narrow chooses what is in range again. Ticks made by hand are given up: they were made among other things.
func (p *pageExport) narrow() {
	if p.preview != nil {
		p.preview = p.preview.Narrow(p.inRange())
		p.sure, p.saved = false, ""
	}
}

func (p *pageExport) inRange() wallet.Range {
	r := wallet.Range{All: p.order.all, Kinds: p.order.kinds, Since: p.since()}
	switch p.what {
	case paperVaccines:
		r = wallet.Range{Kinds: []fhir.Kind{fhir.KindImmunization}}
	case paperMedicines:
		r = wallet.Range{Kinds: []fhir.Kind{fhir.KindMedicine}}
	case string(share.FormCSV):
		r.All, r.Kinds = true, []fhir.Kind{fhir.KindResult, fhir.KindVital}
	case string(share.FormOriginals):
		r.All, r.Kinds = true, nil
	}
	return r
}

// sinces are the spans that are offered, in months; 0: of all times.
var sinces = []struct {
	value, key string
	months     int
}{{"0", "export.since-all", 0}, {"3", "export.since-3", 3}, {"12", "export.since-12", 12}, {"60", "export.since-60", 60}}

func (p *pageExport) since() string {
	for _, s := range sinces {
		if s.value == p.order.since && s.months > 0 {
			return p.Env.Now().AddDate(0, -s.months, 0).Format(time.DateOnly)
		}
	}
	return ""
}

// paper says whether it is to be printed.
func (p *pageExport) paper() bool { return !slices.Contains(share.Forms, share.Form(p.what)) }

// free says whether kinds and dates are the person's to choose.
func (p *pageExport) free() bool {
	return p.Only == "" && p.what != paperVaccines && p.what != paperMedicines
}

func (p *pageExport) Render() app.UI {
	e := p.Env
	if p.sheet != nil {
		return p.sheet.page(e, p)
	}
	return app.Div().Class("page", "share").Body(
		app.If(p.Only == "", func() app.UI { return kit.Back(e.T("nav.home"), pathHome) }).
			Else(func() app.UI { return kit.Back(e.T("record.title"), pathRecord+p.Only) }),
		kit.Title(e.T("export.title")),
		kit.Text(e.T("export.text")),
		p.whats(),
		kit.If(p.preview == nil && p.fault == nil, func() app.UI { return kit.Wait(e.T("share.preparing")) }),
		app.IfSlice(p.preview != nil, func() []app.UI {
			if p.paper() { // it is seen whole before it is printed: no need to go through the list first
				return []app.UI{kit.Place(groupsOut(e, p, p.preview)), p.finish(), kit.If(p.free(), p.ranges), contentsOf(e, p, p.preview)}
			}
			return []app.UI{
				kit.If(p.free(), p.ranges), kit.Place(groupsOut(e, p, p.preview)), contentsOf(e, p, p.preview),
				kit.If(p.what == string(share.FormOriginals), func() app.UI { return kit.Notice(kit.Note, e.T("export.originals-whole")) }),
				p.finish(),
			}
		}),
		app.If(p.fault != nil, func() app.UI { return faultOf(e, p.fault) }),
	)
}

func (p *pageExport) onWhat(ctx app.Context, e app.Event) {
	whole := p.what == string(share.FormOriginals)
	p.what, p.order.kinds = kit.Value(ctx), nil
	if whole != (p.what == string(share.FormOriginals)) || p.preview == nil {
		p.prepare()
		return
	}
	p.fault = nil
	p.narrow()
}

func (p *pageExport) onAll(ctx app.Context, e app.Event) {
	p.order.all = kit.Value(ctx) == "all"
	p.narrow()
}

func (p *pageExport) onSince(ctx app.Context, e app.Event) {
	p.order.since = kit.Value(ctx)
	p.narrow()
}

func (p *pageExport) onMark(ctx app.Context, e app.Event) { p.order.mark = kit.Checked(ctx) }

func (p *pageExport) onLetter(ctx app.Context, e app.Event) {
	p.order.letter = kit.Value(ctx) == sizeLetter
}

// Tick takes one item in or leaves it out.
func (p *pageExport) Tick(ctx app.Context, item int, on bool) {
	p.preview, p.sure, p.saved = p.preview.Toggle(item, on), false, ""
}

// Pick leaves a sensitive group out, or takes it in again; or chooses a kind; or makes it somebody else's.
func (p *pageExport) Pick(ctx app.Context, list, value string) {
	p.sure, p.saved = false, ""
	if list != kindList {
		p.preview = pickedFor(p.ctx, p.Env, p.preview, list, value)
		return
	}
	k := fhir.Kind(value)
	if i := slices.Index(p.order.kinds, k); i >= 0 {
		p.order.kinds = slices.Delete(slices.Clone(p.order.kinds), i, i+1)
	} else {
		p.order.kinds = append(slices.Clone(p.order.kinds), k)
	}
	p.narrow()
}

func (p *pageExport) onGo(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	if !p.paper() {
		p.sure, p.saved = true, ""
		p.focus(p.Env, "export-sure")
		return
	}
	p.busy, p.fault = true, nil
	var facts []share.Fact
	preview := p.preview
	run(p.ctx, func(c context.Context) (err error) {
		facts, err = p.Env.W.Facts(c, preview)
		return err
	}, func(_ app.Context, err error) {
		if p.busy, p.fault = false, err; err == nil {
			p.sheet = newSheet(p.Env, p.what, preview, facts)
			p.focus(p.Env, kit.TitleID)
		}
	})
}

func (p *pageExport) onNo(ctx app.Context, e app.Event) { p.sure = false }

func (p *pageExport) onYes(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	env, preview := p.Env, p.preview
	order := wallet.Order{Form: share.Form(p.what), Title: p.name(), Mark: p.order.mark}
	var taken wallet.Taken
	save(p.ctx, env, func(c context.Context) (name, typ string, b []byte, err error) {
		taken, err = env.W.TakeOut(c, preview, order)
		return taken.Name, taken.Type, taken.Body, err
	}, func(_ app.Context, err error) {
		p.busy, p.sure, p.fault, p.saved, p.unread = false, false, err, taken.Name, taken.Unread
		if err == nil {
			p.focus(env, "export-saved")
		}
	})
}

// name is what the file is called: whose it is and what.
func (p *pageExport) name() string {
	return p.preview.Person.Name + " " + p.Env.T("export.name."+p.what)
}

// onPrint prints once it is noted what leaves: paper that the list of what was given does not know is not made.
func (p *pageExport) onPrint(ctx app.Context, e app.Event) {
	if p.busy {
		return
	}
	p.busy, p.fault = true, nil
	env, preview, sheet := p.Env, p.preview, p.sheet
	run(p.ctx, func(c context.Context) error { return env.W.Printed(c, preview, sheet.title) }, func(_ app.Context, err error) {
		p.busy, p.fault = false, err
		if err == nil && p.sheet == sheet {
			printUnder(env, sheet.title)
		}
	})
}

// printUnder prints the page. The browser offers the title as the name of a PDF; the person's name is left out of it, for it
// also keeps titles in its history.
func printUnder(env *Env, title string) {
	env.D.SetTitle(record.Safe(env.Now().Format(time.DateOnly) + " " + title))
	env.D.Print()
	env.D.SetTitle(env.T("app.page", "title", env.T("export.title")))
}

// onBack leads from the paper to the choice.
func (p *pageExport) onBack(ctx app.Context, e app.Event) {
	p.sheet, p.fault = nil, nil
	p.focus(p.Env, "export-go")
}
