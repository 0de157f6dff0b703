package fhir_test

import (
	"math"
	"testing"

	"potli/app/fhir"
)

// TestStanding is the law of what is out of the ordinary. Charts, the summary and the
// timeline's filter follow it: see TestOutsideEverywhere of the wallet.
func TestStanding(t *testing.T) {
	for _, c := range []struct{ value, low, high, flag, want string }{
		{"5", "4", "6", "", ""}, {"3", "4", "6", "", "low"}, {"7", "4", "6", "", "high"},
		{"4", "4", "6", "", ""}, {"6", "4", "6", "", ""}, {"6.0", "4", "6", "", ""}, {"-1", "0", "2", "", "low"}, {"1e2", "4", "6", "", "high"},

		// One end is a range.
		{"7", "", "6", "", "high"}, {"-7", "", "6", "", ""}, {"7", "4", "", "", ""}, {"3", "4", "", "", "low"}, {"7", "", "", "", ""},

		// Of a number with a comparator only what is certain of all it can be.
		{"<4", "4", "6", "", "low"}, {"<=4", "4", "6", "", ""}, {"≤3.9", "4", "6", "", "low"}, {"<5", "4", "6", "", ""}, {"<9", "4", "6", "", ""}, {"<9", "", "6", "", ""},
		{">6", "4", "6", "", "high"}, {">=6", "4", "6", "", ""}, {">= 6.1", "4", "6", "", "high"}, {">5", "4", "6", "", ""}, {"> 200", "", "40", "", "high"},
		{">1", "4", "6", "", ""}, {"~7", "4", "6", "", "high"}, {"<>7", "4", "6", "", ""}, {"ad7", "4", "6", "", ""},

		// A span is out where all of it is.
		{"5-10", "0", "5", "", ""}, {"6-10", "0", "5", "", "high"}, {"1 – 3", "4", "", "", "low"}, {"10-5", "0", "4", "", ""}, {"-3--1", "0", "", "", "low"},

		// The laboratory's word goes before its own range.
		{"7", "4", "6", "normal", "normal"}, {"5", "4", "6", "high", "high"}, {"3", "4", "6", "critical-high", "critical-high"}, {"5", "", "", "critical-low", "critical-low"},
		{"5", "4", "6", "abnormal", "abnormal"}, {"<5", "4", "6", "low", "low"}, {"many", "", "", "abnormal", "abnormal"}, {"7", "4", "6", "strange", "high"},

		// What is no range or no number decides nothing.
		{"7", "8", "6", "", ""}, {"7", "some", "6 or so", "", ""}, {"7", "NaN", "Inf", "", ""}, {"7", "<8", "", "", ""}, {"many", "4", "6", "", ""}, {"", "4", "6", "", ""},
		{"NaN", "4", "6", "", ""}, {"Inf", "4", "6", "", ""}, {"0x7f", "4", "6", "", ""}, {"1e400", "4", "6", "", ""}, {"-", "4", "6", "", ""}, {"<", "4", "6", "", ""},
	} {
		m := fhir.Measure{Value: c.value, Low: c.low, High: c.high, Flag: c.flag}
		if got := m.Standing(); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}

func TestLineStanding(t *testing.T) {
	high := fhir.Measure{Value: "7", High: "6"}
	grave := fhir.Measure{Value: "7", Flag: "critical"}
	marked := []fhir.Value{{Type: fhir.ValueText, Text: "Positive"}, {Type: fhir.ValueMessage, Messages: []fhir.Message{{Key: "flag.abnormal"}}}}
	for name, c := range map[string]struct {
		line fhir.Line
		want string
	}{
		"nothing":        {fhir.Line{}, ""},
		"usual":          {fhir.Line{Measures: []fhir.Measure{{Value: "5", Flag: "normal"}}}, ""},
		"one of several": {fhir.Line{Measures: []fhir.Measure{{Value: "5"}, high, {Value: "5", Flag: "normal"}}}, "high"},
		"the gravest":    {fhir.Line{Measures: []fhir.Measure{high, grave, high}}, "critical"},
		"words":          {fhir.Line{Detail: marked}, "abnormal"},
		"denied":         {fhir.Line{Detail: marked, Negated: true}, ""},
	} {
		if got := c.line.Standing(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func FuzzReadNumber(f *testing.F) {
	for _, s := range []string{"7.1", "<5", ">= 200", "5-10", "-3--1", "1 – 3", "1e-5", "ad 5", "~", "<>", "--", "1-2-3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := fhir.ReadNumber(s)
		if !ok {
			return
		}
		if !(n.Low <= n.High) || math.IsInf(n.Low, 1) || math.IsInf(n.High, -1) || math.IsInf(n.Low, -1) && math.IsInf(n.High, 1) {
			t.Errorf("%q is %+v", s, n)
		}
		if x, _, ok := n.Point(); ok && (math.IsInf(x, 0) || x < n.Low || x > n.High) {
			t.Errorf("%q stands at %v", s, x)
		}
		if sign, number := fhir.CutComparator(s); len(sign)+len(number) > len(s) {
			t.Errorf("%q is cut into %q and %q", s, sign, number)
		}
	})
}
