package ui_test

import (
	"strconv"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/trend"
	"potli/app/wallet"
)

var (
	sugar       = fhir.Measure{Name: "Glucose", Code: "http://loinc.org|2345-7", Unit: "mg/dL", Low: "70", High: "99"}
	upper       = fhir.Measure{Name: "Systolic", Code: "http://loinc.org|8480-6", Unit: "mm[Hg]"}
	lower       = fhir.Measure{Name: "Diastolic", Code: "http://loinc.org|8462-4", Unit: "mm[Hg]"}
	sugarKey    = trend.Key(sugar)
	pressureKey = trend.Key(upper)
)

// trends is a book with something of everything.
func trends(say func(string) string) *trend.Book {
	b := trend.NewBook(nil)
	add := func(record, date, value string, m fhir.Measure, more ...fhir.Measure) {
		m.Value, m.Name = value, say(m.Name)
		b.Add(trend.Source{Record: record, Title: say("Report " + record)}, "2025-01", fhir.Line{Entry: 1, Date: date, Measures: append([]fhir.Measure{m}, more...)})
	}
	other := sugar
	other.Unit, other.Low, other.High, other.Code = "mmol/L", "", "", "http://loinc.org|14749-6"
	add("r1", "2023-03-01", "92", sugar)
	add("r2", "2023-03-01", "92", sugar)
	add("r1", "2024-03-01T08:30:00+05:30", "131", sugar)
	add("r1", "", "66", sugar)
	add("r2", "2025-05-01", "5.1", other)
	add("r2", "2025-06-01", "<1", other)
	other.Unit, other.Flag = say("[iU]/L"), "critical-high"
	add("r2", "2025-07-01", "7", other)
	grave := sugar
	for i, flag := range []string{"critical-low", "critical-high", "critical", "abnormal", "low"} {
		grave.Flag = flag
		add("r1", "2026-01-0"+strconv.Itoa(i+1), "80", grave)
	}
	low := lower
	low.Value = "84"
	add("r1", "2025-02-01", "132", upper, low)
	add("r1", "2025-03-01", "120", upper)
	add("r2", "2025-03-01", "4", fhir.Measure{Name: "Odd one", Unit: say("blobs")})
	return b
}

func TestTrendPage(t *testing.T) {
	d := world(same)
	p, dev := draw(t, d, "en", "/trends/chart#"+sugarKey)
	if dev.title != "Chart – Potli" {
		t.Errorf("the title is %q", dev.title)
	}
	text := p.words()
	for _, want := range []string{"Glucose", "131", "1 March 2024", "In the document: 5.1", "91.9", "<18.0", "Not in the chart", "7\u00a0IU/L", "(date of the document)", "70 – 99", "Report r1", "Critically high", "Below or above", "Usual range"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if n := len(p.all("tr")); n != 11 { // the head, and ten moments: the first is told by two documents
		t.Errorf("%d rows", n)
	}
	shapes := map[string]bool{}
	for _, e := range p.all("path") {
		shapes[e.attrs["d"]] = true
	}
	if len(shapes) < 8 {
		t.Errorf("only %d shapes", len(shapes))
	}
	for _, e := range p.all("a") {
		if h := e.attrs["href"]; strings.Contains(strings.ToLower(h), "gluc") || strings.Contains(h, "2345") {
			t.Errorf("an address says what it is about: %s", h)
		}
	}
}

func TestTrendPages(t *testing.T) {
	p, _ := draw(t, world(same), "en", "/trends")
	for _, want := range []string{"Charts of Asha Devi", "Blood pressure", "120/–\u00a0mmHg", "measured 10 times", "Measured once", "Odd one", "4\u00a0blobs"} {
		if !strings.Contains(p.words(), want) {
			t.Errorf("no %q in %s", want, p.words())
		}
	}
	p, _ = draw(t, world(same), "en", "/trends/chart#"+pressureKey)
	for _, want := range []string{"132/84\u00a0mmHg", "Upper number", "Lower number"} {
		if !strings.Contains(p.words(), want) {
			t.Errorf("no %q in %s", want, p.words())
		}
	}
	p, _ = draw(t, world(same), "en", "/trends/chart#gone")
	if !strings.Contains(p.words(), "There is no chart of this") {
		t.Errorf("%s", p.words())
	}
	none := world(same)
	none.trends = nil
	p, _ = draw(t, none, "en", "/trends")
	if !strings.Contains(p.words(), "No numbers yet") {
		t.Errorf("%s", p.words())
	}
}

// TestTrendUnit: the unit that was chosen is that of the chart.
func TestTrendUnit(t *testing.T) {
	d := world(same)
	d.snap.Settings = wallet.Settings{Language: "en", Units: map[string]string{sugarKey: "mmol/L"}}
	p, _ := draw(t, d, "en", "/trends/chart#"+sugarKey)
	for _, want := range []string{"7.27\u00a0mmol/L", "In the document: 131\u00a0mg/dL", "3.89 – 5.5"} {
		if !strings.Contains(p.words(), want) {
			t.Errorf("no %q in %s", want, p.words())
		}
	}
}
