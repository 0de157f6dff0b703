package wallet_test

import (
	"fmt"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/summary"
	"potli/app/trend"
	"potli/app/wallet"
)

// TestOutsideEverywhere walks one document through the chart, the summary and the filter of the timeline: they agree on
// every value of it whether it is out of the ordinary.
func TestOutsideEverywhere(t *testing.T) {
	const usual = `"referenceRange":[{"low":{"value":4,"unit":"mg/dL"},"high":{"value":6,"unit":"mg/dL"}}]`
	number := func(value, more string) string {
		return `"valueQuantity":{` + value + `,"unit":"mg/dL"}` + strings.TrimSuffix(","+more, ",")
	}
	said := func(code string) string { return `"interpretation":[{"coding":[{"code":"` + code + `"}]}]` }
	cases := []struct{ name, value, want string }{
		{"within", number(`"value":5`, usual), ""},
		{"over", number(`"value":7`, usual), "high"},
		{"under", number(`"value":3.9`, usual), "low"},
		{"on the edge", number(`"value":6.0`, usual), ""},
		{"surely under", number(`"value":4,"comparator":"<"`, usual), "low"},
		{"perhaps under", number(`"value":5,"comparator":"<"`, usual), ""},
		{"at most the edge", number(`"value":4,"comparator":"<="`, usual), ""},
		{"surely over", number(`"value":200,"comparator":">"`, usual), "high"},
		{"over one end", number(`"value":7`, `"referenceRange":[{"high":{"value":6}}]`), "high"},
		{"no lower end", number(`"value":1`, `"referenceRange":[{"high":{"value":6}}]`), ""},
		{"range of another unit", number(`"value":7`, `"referenceRange":[{"high":{"value":0.06,"unit":"g/L"}}]`), ""},
		{"range upside down", number(`"value":7`, `"referenceRange":[{"low":{"value":9},"high":{"value":6}}]`), ""},
		{"flag without a range", number(`"value":7`, said("H")), "high"},
		{"flag against the range", number(`"value":5`, usual+","+said("LL")), "critical-low"},
		{"called normal against the range", number(`"value":9`, usual+","+said("N")), ""},
		{"nothing is known", number(`"value":7`, ""), ""},
		{"a whole number", `"valueInteger":7,` + usual[:len(usual)-2] + `}]`, ""}, // its range has a unit, it has none
		{"marked words", `"valueString":"Positive",` + said("A"), "abnormal"},
		{"plain words", `"valueString":"Negative"`, ""},
	}
	var entries []string
	for i, c := range cases {
		entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":"Observation","status":"final","effectiveDateTime":"2026-05-01","code":{"coding":[{"system":"http://lab.example","code":"t%d"}],"text":%q},%s}}`, i, c.name, c.value))
	}
	b := newBench(t).create()
	b.importOne(file("a.json", []byte(`{"resourceType":"Bundle","type":"collection","entry":[`+strings.Join(entries, ",")+`]}`)))

	marked := map[string]bool{}
	for _, g := range b.Timeline(wallet.Query{Abnormal: true}).Groups {
		for _, l := range g.Lines {
			marked[l.Title] = true
		}
	}
	s, err := b.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		if marked[c.name] != (c.want != "") {
			t.Errorf("%s: the timeline has it as marked: %v", c.name, marked[c.name])
		}
		flag, found := factFlag(s, c.name)
		if !found || flag != c.want {
			t.Errorf("%s: the summary has it, %v, as %q, want %q", c.name, found, flag, c.want)
		}
		chart, err := b.Trend(t.Context(), trend.Key(fhir.Measure{Code: fmt.Sprint("http://lab.example|t", i)}))
		if words := strings.Contains(c.value, "valueString"); (err != nil) != words {
			t.Errorf("%s: chart: %v", c.name, err)
		} else if err == nil && string(chart.Series[0].Points[0].Mark) != c.want {
			t.Errorf("%s: the chart has it as %q, want %q", c.name, chart.Series[0].Points[0].Mark, c.want)
		}
	}
}

// factFlag is what a summary says of the value of that name.
func factFlag(s *summary.Summary, title string) (flag string, found bool) {
	for _, f := range s.Chapter(summary.Results).Now {
		if f.Line.Title == title {
			return f.Flag, true
		}
	}
	return "", false
}
