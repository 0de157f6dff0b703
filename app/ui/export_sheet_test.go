package ui_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/share"
	"potli/app/ui"
	"potli/app/wallet"
)

// factsOf are the chosen things of a world, read in full.
func factsOf(d *door, p *wallet.Preview) (facts []share.Fact) {
	for i, it := range p.Selected() {
		v := d.doc.Views[0]
		v.Entry, v.Void = i, false
		facts = append(facts, share.Fact{Item: it, View: v, Times: [4]string{"1", "", "½", ""}})
	}
	return facts
}

// env is what pages are given, over a world.
func env(t *testing.T, d *door, tag string) *ui.Env {
	t.Helper()
	dev := &device{}
	langs := ui.NewLanguages(dev)
	if _, err := langs.Use(context.Background(), tag); err != nil {
		t.Fatal(err)
	}
	return &ui.Env{W: d, D: dev, L: langs.Current(), Langs: langs, Now: func() time.Time { return now }}
}

// TestUnread: a collection without pages to read says so and why, and one that has them says nothing of it.
func TestUnread(t *testing.T) {
	for _, tag := range []string{"en", "hi"} {
		d := world(same)
		e := env(t, d, tag)
		all := map[wallet.Unread]string{"": "", wallet.UnreadPages: e.T("export.unread-pages", "n", strconv.Itoa(share.MostPages)), wallet.UnreadPen: e.T("export.unread-pen")}
		for unread := range all {
			page := parse(t, app.HTMLString(app.Div().Body(ui.SavedFile(e, d.preview, unread))))
			checkWords(t, page)
			said := page.id("export-saved").words()
			for other, sentence := range all {
				if sentence != "" && strings.Contains(said, sentence) != (other == unread) {
					t.Errorf("%s, of %q: %q", tag, unread, said)
				}
			}
		}
	}
}

// TestPapers: each paper says whose it is and of when, numbers its sources, and has nothing to press on it.
func TestPapers(t *testing.T) {
	for _, what := range ui.Papers {
		for _, tag := range []string{"en", "hi"} {
			t.Run(what+" "+tag, func(t *testing.T) {
				d := world(same)
				e := env(t, d, tag)
				d.preview = d.preview.Toggle(2, true)
				page := parse(t, app.HTMLString(ui.PaperFor(e, what, d.preview, factsOf(d, d.preview))))
				checkWords(t, page)
				paper := page.id("paper")
				for _, control := range []string{"button", "a", "input", "select", "summary", "details"} {
					if n := len(paper.all(control)); n != 0 {
						t.Errorf("%d <%s> on paper", n, control)
					}
				}
				words := paper.words()
				for _, want := range []string{"Asha Devi", e.L.Day(now), e.L.Date("1990-04-12"), "Discharge summary", "report.pdf", "City hospital"} {
					if !strings.Contains(words, want) {
						t.Errorf("does not say %q:\n%s", want, words)
					}
				}
				if n := len(paper.all("li")); n != 2 {
					t.Errorf("%d sources, want 2", n)
				}
				if head := paper.all("thead"); len(head) == 0 || !strings.Contains(head[0].words(), "Asha Devi") {
					t.Error("the head of each page does not say whose it is")
				}
				unofficial := strings.Contains(words, e.T("print.unofficial"))
				if unofficial != (what == "vaccines") {
					t.Errorf("says that it is no certificate: %v", unofficial)
				}
				if what == "medicines" && !strings.Contains(words, "½") {
					t.Error("no times of day")
				}
				if what == "full" && (!strings.Contains(words, "three") || !strings.Contains(words, e.T("flag.low"))) {
					t.Error("not all that the entry says")
				}
			})
		}
	}
}

// TestPapersAreSafe: what a stranger wrote is words on paper, never markup.
func TestPapersAreSafe(t *testing.T) {
	for _, what := range ui.Papers {
		draw := func(say func(string) string) *element {
			d := world(say)
			e := env(t, d, "en")
			d.preview = d.preview.Toggle(2, true)
			return parse(t, app.HTMLString(ui.PaperFor(e, what, d.preview, factsOf(d, d.preview))))
		}
		hostile := func(s string) string { return s + `<img src=x onerror=alert(1)>"'` }
		if draw(same).shape() != draw(hostile).shape() {
			t.Errorf("%s: a stranger's words changed the page", what)
		}
	}
}

// TestFaultsInWords: what broke a rule is named, with its rule and with what can be done.
func TestFaultsInWords(t *testing.T) {
	for _, tag := range []string{"en", "hi"} {
		e := env(t, world(same), tag)
		err := errors.Join(errors.New("outer"), &share.FaultError{Faults: []share.Fault{
			{Rule: "IPS-04", Path: "a"}, {Rule: "IPS-04", Path: "b"}, {Rule: "FHIR-03", Title: "Asthma"}}})
		words := parse(t, app.HTMLString(ui.FaultOf(e, err))).words()
		for _, want := range []string{e.T("rule.IPS-04") + " (IPS-04)", "Asthma", e.T("rule.FHIR-03"), e.T("error.rules-do")} {
			if strings.Count(words, want) != 1 {
				t.Errorf("%s: says %q %d times in\n%s", tag, want, strings.Count(words, want), words)
			}
		}
		if said := e.Explain(err); !strings.Contains(said, e.T("rule.IPS-04")) || !strings.Contains(said, "Asthma") {
			t.Errorf("%s: explained as %s", tag, said)
		}
		if words := parse(t, app.HTMLString(ui.FaultOf(e, share.ErrFileTooBig))).words(); !strings.Contains(words, e.T("error.file-too-big")) {
			t.Errorf("too big: %s", words)
		}
	}
}

// printer is a device that prints.
type printer struct {
	device
	print func()
}

func (p *printer) Print() { p.print() }

// TestPrintIsNotedFirst: nothing is on paper before it is noted that it leaves, nor where that could not be noted.
func TestPrintIsNotedFirst(t *testing.T) {
	for _, fault := range []error{nil, errors.New("full")} {
		d := world(same)
		e := env(t, d, "en")
		var printed []string
		dev := &printer{}
		dev.print = func() {
			if !slices.Contains(d.asked, "printed "+e.T("export.name.summary")) {
				t.Error("printed before it was noted")
			}
			printed = append(printed, dev.title)
		}
		e.D = dev
		page, press := ui.PrintPaper(e, d.preview)
		engine := app.NewTestEngine()
		if err := engine.Load(page); err != nil {
			t.Fatal(err)
		}
		engine.ConsumeAll()
		d.fault = fault
		press()
		engine.ConsumeAll()
		words := parse(t, app.HTMLString(page)).words()
		switch {
		case fault == nil && (len(printed) != 1 || !strings.Contains(printed[0], e.T("export.name.summary")) || strings.Contains(dev.title, e.T("export.name.summary"))):
			t.Errorf("printed %q; now the title is %q", printed, dev.title)
		case fault != nil && (len(printed) != 0 || !strings.Contains(words, e.Explain(fault))):
			t.Errorf("printed %q, and it says %s", printed, words)
		}
	}
}

// TestSummaryOnPaper: what is dangerous has its heading also where nothing is known of it; a measurement has its range.
func TestSummaryOnPaper(t *testing.T) {
	d := world(same)
	e := env(t, d, "en")
	paper := func(what string, facts ...share.Fact) (string, []string) {
		at := parse(t, app.HTMLString(ui.PaperFor(e, what, d.preview, facts))).id("paper")
		var heads []string
		for _, h := range at.all("h3") {
			heads = append(heads, strings.TrimSpace(h.words()))
		}
		return at.words(), heads
	}
	value := []fhir.Value{{Type: fhir.ValueQuantity, Text: "11", Unit: "g/dL"}}
	low := append(slices.Clone(value), fhir.Value{Type: fhir.ValueMessage, Messages: []fhir.Message{{Key: "flag.low"}}})
	hb := share.Fact{Item: share.Item{Kind: fhir.KindResult}, View: fhir.View{Kind: fhir.KindResult, Type: "Observation", Title: "Hb", Detail: low,
		Results: []fhir.Result{{Name: "Hb", Value: value, Range: "12 – 16 g/dL", Flag: "low"}}}}
	asthma := share.Fact{Item: share.Item{Kind: fhir.KindCondition}, View: fhir.View{Kind: fhir.KindCondition, Type: "Condition", Title: "Asthma"}}
	words, heads := paper("summary", hb, asthma)
	want := []string{e.T("kind.allergy"), e.T("kind.condition"), e.T("kind.medicine"), e.T("kind.result"), e.T("print.sources")}
	if !slices.Equal(heads, want) || strings.Count(words, e.T("print.nothing")) != 2 {
		t.Errorf("headings %q, want %q:\n%s", heads, want, words)
	}
	if strings.Count(words, "12 – 16 g/dL") != 1 || strings.Count(words, e.T("flag.low")) != 1 {
		t.Errorf("not the range and the word once each:\n%s", words)
	}
	if words, _ := paper("full", hb); strings.Contains(words, e.T("print.nothing")) || strings.Count(words, "12 – 16 g/dL") != 1 {
		t.Errorf("all that an entry says:\n%s", words)
	}
	text := func(s string) []fhir.Value { return []fhir.Value{{Type: fhir.ValueText, Text: s}} }
	taper := share.Fact{Item: share.Item{Kind: fhir.KindMedicine}, View: fhir.View{Kind: fhir.KindMedicine, Title: "Prednisolone", Fields: []fhir.Field{
		{Label: "field.dose", Known: true, Values: text("40 mg for a week")}, {Label: "field.dose", Known: true, Values: text("20 mg for a week")}}}}
	if words, _ := paper("medicines", taper); !strings.Contains(words, "40 mg for a week · 20 mg for a week") {
		t.Errorf("not every dose:\n%s", words)
	}
}
