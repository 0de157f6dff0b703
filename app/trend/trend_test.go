package trend_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/fhir"
	"potli/app/trend"
)

const loinc = "http://loinc.org|"

// paper is one document with some numbers.
type paper struct {
	id, date string
	numbers  []fhir.Measure
}

func book(papers ...paper) *trend.Book {
	b := trend.NewBook(nil)
	for _, p := range papers {
		for i, m := range p.numbers {
			b.Add(trend.Source{Record: p.id, Title: "Report " + p.id}, "", fhir.Line{Entry: i, Date: p.date, Measures: []fhir.Measure{m}})
		}
	}
	return b
}

func glucose(value, unit string) fhir.Measure {
	m := fhir.Measure{Name: "Glucose", Code: loinc + "2345-7", Value: value, Unit: unit}
	if unit == "mmol/L" {
		m.Code = loinc + "14749-6"
	}
	return m
}

func one(m ...fhir.Measure) []fhir.Measure { return m }

// told is a chart in words, a line a point.
func told(c trend.Chart) (lines []string) {
	say := func(p trend.Point) string {
		var records []string
		for _, s := range p.Sources {
			records = append(records, s.Record)
		}
		slices.Sort(records)
		s := p.Date + " " + p.Text
		if p.Written != "" {
			s += " (" + strings.ReplaceAll(p.Written, "\u00a0", " ") + ")"
		}
		if p.Mark != "" {
			s += " " + string(p.Mark)
		}
		return strings.ReplaceAll(s, "\u00a0", " ") + " " + strings.Join(records, "+")
	}
	for _, s := range c.Series {
		for _, p := range s.Points {
			lines = append(lines, say(p))
		}
	}
	for _, p := range c.Apart {
		lines = append(lines, "apart "+say(p))
	}
	return lines
}

func TestChart(t *testing.T) {
	hb := func(value, unit, name string) fhir.Measure { return fhir.Measure{Name: name, Value: value, Unit: unit} }
	for name, c := range map[string]struct {
		papers []paper
		of     fhir.Measure
		unit   string
		want   []string
	}{
		"by mass and by mole it is one chart": {
			[]paper{{"a", "2024-01-05", one(glucose("100", "mg/dL"))}, {"b", "2025-01-05", one(glucose("6.1", "mmol/L"))}, {"c", "2023-01-05", one(glucose("1.2", "g/L"))}},
			glucose("", "mg/dL"), "mmol/L", []string{"2023-01-05 6.66 (1.2 g/L) c", "2024-01-05 5.55 (100 mg/dL) a", "2025-01-05 6.1 b"}},
		"the same in two documents is one point": {
			[]paper{{"a", "2024-01-05", one(glucose("126", "mg/dL"))}, {"b", "2024-01-05T09:30:00+05:30", one(glucose("126.0", "mg/dL"))}, {"c", "2024-01-05", one(glucose("6.99", "mmol/L"))}},
			glucose("", ""), "mg/dL", []string{"2024-01-05T09:30:00+05:30 126 a+b+c"}},
		"close is not the same": {
			[]paper{{"a", "2024-01-05", one(glucose("126.1", "mg/dL"))}, {"b", "2024-01-05", one(glucose("126.2", "mg/dL"))}, {"c", "2024-01-06", one(glucose("126.1", "mg/dL"))}},
			glucose("", ""), "", []string{"2024-01-05 126.1 a", "2024-01-05 126.2 b", "2024-01-06 126.1 c"}},
		"two measurements of one document stay two": {
			[]paper{{"a", "2024-01-05", one(glucose("99", "mg/dL"), glucose("99", "mg/dL"))}},
			glucose("", ""), "", []string{"2024-01-05 99 a", "2024-01-05 99 a"}},
		"two times of a day stay two": {
			[]paper{{"a", "2024-01-05T08:00:00Z", one(glucose("99", "mg/dL"))}, {"b", "2024-01-05T20:00:00Z", one(glucose("99", "mg/dL"))}, {"c", "2024-01-05T13:30:00+05:30", one(glucose("99", "mg/dL"))}},
			glucose("", ""), "", []string{"2024-01-05T08:00:00Z 99 a+c", "2024-01-05T20:00:00Z 99 b"}},
		"what is not safe stands apart": {
			[]paper{{"a", "2024-01-05", one(glucose("99", "mg/dL"))}, {"b", "2024-02-05", one(glucose("5", "[iU]/L"))}, {"c", "2024-03-05", one(glucose("7", ""))}, {"d", "2024-03-06", one(glucose("8", "blobs"))}, {"e", "2024-03-07", one(glucose("98", "mg/dL"))}},
			glucose("", ""), "", []string{"2024-01-05 99 a", "2024-03-07 98 e", "apart 2024-02-05 5 IU/L b", "apart 2024-03-05 7 c", "apart 2024-03-06 8 blobs d"}},
		"no date stands apart": {
			[]paper{{"a", "2024-01-05", one(glucose("99", "mg/dL"))}, {"b", "", one(glucose("98", "mg/dL"))}},
			glucose("", ""), "", []string{"2024-01-05 99 a", "apart  98 mg/dL b"}},
		"names without codes": {
			[]paper{{"a", "2024", one(hb("11.2", "gm/dl", "HAEMOGLOBIN (Hb)"))}, {"b", "2025", one(hb("112", "g/L", "Hemoglobin hb"))}, {"c", "2025", one(hb("40", "%", "Haemoglobin (Hb)"))}, {"d", "2025", one(hb("9", "g/dL", "Haematocrit"))}},
			hb("", "g/dL", "haemoglobin, HB"), "g/dL", []string{"2024 11.2 a", "2025 11.2 (112 g/L) b"}},
		"a name is no chart of a code": {
			[]paper{{"a", "2024", one(glucose("99", "mg/dL"))}, {"b", "2025", one(hb("98", "mg/dL", "Glucose"))}},
			glucose("", ""), "", []string{"2024 99 a"}},
		"more and less": {
			[]paper{{"a", "2024", one(glucose("<0.5", "mmol/L"))}, {"b", "2025", one(glucose("> 600", "mg/dL"))}},
			glucose("", ""), "mmol/L", []string{"2024 <0.5 a", "2025 >33.3 (> 600 mg/dL) b"}},
		"haemoglobin A1c by its equation": {
			[]paper{{"a", "2024", one(fhir.Measure{Code: loinc + "4548-4", Value: "6.5", Unit: "%"})}, {"b", "2025", one(fhir.Measure{Code: loinc + "59261-8", Value: "48", Unit: "mmol/mol"})}, {"c", "2026", one(fhir.Measure{Code: loinc + "4548-4", Value: "6.6", Unit: "%"})}},
			fhir.Measure{Code: loinc + "17856-6"}, "", []string{"2024 6.5 a", "2025 6.54 (48 mmol/mol) b", "2026 6.6 c"}},
	} {
		got, ok := book(c.papers...).Chart(trend.Key(c.of), c.unit)
		if !ok {
			t.Errorf("%s: no chart", name)
			continue
		}
		if lines := told(got); !slices.Equal(lines, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(lines, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestMarks(t *testing.T) {
	for _, c := range []struct {
		value, low, high, flag string
		want                   trend.Mark
	}{
		{"5", "4", "6", "", ""}, {"3", "4", "6", "", trend.Low}, {"7", "4", "6", "", trend.High}, {"7", "", "6", "", trend.High}, {"7", "4", "", "", ""},
		{"7", "4", "6", "normal", ""}, {"5", "4", "6", "high", trend.High}, {"5", "", "", "critical-low", trend.CriticalLow}, {"5", "4", "6", "abnormal", trend.Abnormal},
		{"<4", "4", "6", "", trend.Low}, {"<5", "4", "6", "", ""}, {"<9", "4", "6", "", ""}, {">6", "4", "6", "", trend.High}, {">5", "4", "6", "", ""}, {"4", "4", "6", "", ""}, {"6", "4", "6", "", ""},
	} {
		m := glucose(c.value, "mmol/L")
		m.Low, m.High, m.Flag = c.low, c.high, c.flag
		got, _ := book(paper{"a", "2024", one(m)}).Chart(trend.Key(m), "mg/dL")
		if mark := got.Series[0].Points[0].Mark; mark != c.want {
			t.Errorf("%+v is %q", c, mark)
		}
	}
}

// TestPressure: two curves of one chart, whichever way a document has them.
func TestPressure(t *testing.T) {
	up := fhir.Measure{Name: "Systolic blood pressure", Code: loinc + "8480-6", Value: "132", Unit: "mm[Hg]"}
	down := fhir.Measure{Name: "Diastolic", Value: "84", Unit: "mmHg"}
	b := trend.NewBook(nil)
	b.Add(trend.Source{Record: "a"}, "", fhir.Line{Date: "2024-05-01T08:00:00Z", Measures: []fhir.Measure{up, down}})
	up.Value, down.Value, down.Unit = "120", "10.6", "kPa"
	b.Add(trend.Source{Record: "b"}, "2024-06-01", fhir.Line{Measures: []fhir.Measure{up, down}})
	c, ok := b.Chart(trend.Key(up), "")
	if !ok || !c.Pressure || len(c.Series) != 2 {
		t.Fatalf("%+v", c)
	}
	stops := c.Stops()
	if len(stops) != 2 || stops[0].Points[0].Text != "132" || stops[0].Points[1].Text != "84" || stops[1].Points[1].Text != "79.5" || !stops[1].Points[0].Undated {
		t.Errorf("%+v", stops)
	}
	list := b.List(nil)
	if len(list) != 1 || list[0].Count != 2 || len(list[0].Latest) != 2 || !list[0].Pressure {
		t.Errorf("%+v", list)
	}
}

func TestChoices(t *testing.T) {
	for _, c := range []struct {
		m    fhir.Measure
		want []string
	}{
		{glucose("5", "mmol/L"), []string{"mmol/L", "mg/dL"}},
		{glucose("5", "mg/dl"), []string{"mg/dL", "mmol/L"}},
		{fhir.Measure{Name: "Body temperature", Value: "98.6", Unit: "[degF]"}, []string{"[degF]", "Cel"}},
		{fhir.Measure{Name: "x", Value: "98.6", Unit: "odd"}, []string{"odd"}},
		{fhir.Measure{Name: "TSH", Code: loinc + "3016-3", Value: "2", Unit: "uIU/mL"}, []string{"u[iU]/mL"}},
		{fhir.Measure{Name: "HbA1c", Code: loinc + "4548-4", Value: "6", Unit: "%"}, []string{"%", "mmol/mol"}},
	} {
		got, _ := book(paper{"a", "2024", one(c.m)}).Chart(trend.Key(c.m), "nonsense")
		if !slices.Equal(got.Units, c.want) || got.Unit != c.want[0] {
			t.Errorf("%s: %q in %s, want %q", c.m.Name, got.Units, got.Unit, c.want)
		}
	}
}

// lifetime is a chart of n points, of which one is a peak.
func lifetime(n int) (*trend.Book, fhir.Measure) {
	b := trend.NewBook(nil)
	m := fhir.Measure{Name: "Heart rate", Code: loinc + "8867-4", Unit: "/min", Low: "60", High: "100"}
	for i := range n {
		m.Value = fmt.Sprint(70 + i%7)
		if i == n/3 {
			m.Value = "190"
		}
		at := time.Date(2010, 1, 1, 1+2*i, 0, 0, 0, time.UTC).Format(time.RFC3339)
		b.Add(trend.Source{Record: fmt.Sprint("r", i/6)}, "", fhir.Line{Entry: i % 6, Date: at, Measures: []fhir.Measure{m}})
	}
	return b, m
}

// TestDraw: sixty thousand points are a few hundred in the picture, and the peak is among them.
func TestDraw(t *testing.T) {
	b, m := lifetime(60_000)
	c, _ := b.Chart(trend.Key(m), "")
	if n := len(c.Series[0].Points); n != 60_000 {
		t.Fatalf("%d points", n)
	}
	from, to := c.Span()
	for _, columns := range []int{40, 180} {
		for zoom := int64(1); zoom <= 4096; zoom *= 8 {
			d := c.Draw(from, from+(to-from)/zoom, columns)
			places := d.Lines[0].Places
			if len(places) == 0 || len(places) > 4*columns+8 {
				t.Errorf("%d columns, zoom %d: %d places", columns, zoom, len(places))
			}
			if high := slices.ContainsFunc(places, func(p trend.Place) bool { return p.Mark == trend.High }); zoom == 1 && !high {
				t.Errorf("%d columns: the peak is lost", columns)
			}
			for _, v := range append(d.Days, d.Values...) {
				if v.At < -1e-9 || v.At > 1+1e-9 || v.Label == "" {
					t.Errorf("a tick at %v %q", v.At, v.Label)
				}
			}
			if len(d.Days) > 6 || len(d.Values) < 3 || len(d.Values) > 12 || len(d.Bands) != 1 {
				t.Errorf("zoom %d: %d days, %d values, %d bands", zoom, len(d.Days), len(d.Values), len(d.Bands))
			}
		}
	}
}

// TestDrawOdd: one point, equal ones, negative ones, a range far away: there is always a picture with all of them in it.
func TestDrawOdd(t *testing.T) {
	for name, values := range map[string][]string{"one": {"5"}, "equal": {"5", "5", "5"}, "nothing": {"0"}, "below": {"-3", "-1.5"}, "tiny": {"0.00002", "0.00004"}, "vast": {"1e12", "3"}, "both": {"-1", "1"}} {
		b := trend.NewBook(nil)
		for i, v := range values {
			b.Add(trend.Source{Record: fmt.Sprint(i)}, "", fhir.Line{Date: fmt.Sprint(2020 + i), Measures: []fhir.Measure{{Name: "x", Value: v, Low: "500", High: "900"}}})
		}
		c, _ := b.Chart(trend.Key(fhir.Measure{Name: "X"}), "")
		from, to := c.Span()
		d := c.Draw(from, to, 180)
		for _, p := range d.Lines[0].Places {
			if !(p.X >= 0 && p.X <= 1 && p.Y >= 0 && p.Y <= 1) {
				t.Errorf("%s: %+v", name, p)
			}
		}
		if len(d.Lines[0].Places) != len(values) || len(d.Values) < 2 {
			t.Errorf("%s: %+v", name, d)
		}
	}
	var none trend.Chart
	if d := none.Draw(0, 0, 10); len(d.Lines) != 0 {
		t.Errorf("nothing is %+v", d)
	}
}

func TestBands(t *testing.T) {
	low, high := glucose("90", "mg/dL"), glucose("91", "mg/dL")
	low.Low, low.High, high.High = "70", "99", "110"
	c, _ := book(paper{"a", "2020", one(low)}, paper{"b", "2021", one(low)}, paper{"c", "2022", one(high)}, paper{"d", "2023", one(glucose("80", "mg/dL"))}).Chart(trend.Key(low), "")
	from, to := c.Span()
	d := c.Draw(from, to, 180)
	if len(d.Bands) != 2 || d.Bands[0].Right != d.Bands[1].Left || d.Bands[0].Left != 0 || d.Bands[1].Right > 0.9 || d.Bands[1].Bottom != 1 || d.Bands[0].Bottom == 1 {
		t.Errorf("%+v", d.Bands)
	}
}

// TestKeyIsMute: an address says nothing of what is charted.
func TestKeyIsMute(t *testing.T) {
	k := trend.Key(glucose("5", "mg/dL"))
	if len(k) != 16 || strings.Trim(k, "0123456789abcdef") != "" || k != trend.Key(glucose("7", "mmol/L")) || k == trend.Key(fhir.Measure{Name: "Glucose"}) {
		t.Errorf("%q", k)
	}
}

func FuzzAdd(f *testing.F) {
	f.Add("Glucose", "http://loinc.org|2345-7", "<5.5", "mmol/L", "3.9", "5.5", "high", "2024-05-01T10:00:00+05:30")
	f.Add("", "|", ">", "10*9/L", "1e9", "-", "odd", "2024-02-30")
	f.Add("diastolic", "", "1e300", "mmHg", "NaN", "Inf", "", "0000")
	f.Fuzz(func(t *testing.T, name, code, value, unit, low, high, flag, date string) {
		b := trend.NewBook(nil)
		m := fhir.Measure{Name: name, Code: code, Value: value, Unit: unit, Low: low, High: high, Flag: flag}
		for _, other := range []string{unit, "mg/dL", "%"} {
			m.Unit = other
			b.Add(trend.Source{Record: other}, date, fhir.Line{Measures: []fhir.Measure{m, m}})
		}
		for _, s := range b.List(nil) {
			c, ok := b.Chart(s.Key, unit)
			if !ok {
				t.Fatalf("no chart of %+v", s)
			}
			from, to := c.Span()
			for _, l := range c.Draw(from, to, 60).Lines {
				for _, p := range l.Places {
					if math.IsNaN(p.X+p.Y) || math.IsInf(p.X+p.Y, 0) {
						t.Errorf("%+v", p)
					}
				}
			}
		}
	})
}

func BenchmarkChart(b *testing.B) {
	all, m := lifetime(60_000)
	for b.Loop() {
		c, _ := all.Chart(trend.Key(m), "")
		from, to := c.Span()
		c.Draw(from, to, 180)
	}
}
