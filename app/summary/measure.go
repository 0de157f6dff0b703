package summary

import (
	"strings"

	"potli/app/fhir"
)

// measured keeps the newest value of each test. What an Observation measured stands in
// its own line; a report that has its Observations inside has them as measures.
func (s *shelf) measured(source Source, l *fhir.Line) {
	if l.Negated {
		return
	}
	if l.Type == "DiagnosticReport" {
		for _, m := range l.Measures {
			s.keep(source, measureLine(l, m), m.Value+" "+m.Unit, m.Standing())
		}
	}
	if value := valueOf(l); value != "" {
		s.keep(source, l, value, l.Standing())
	}
}

// measureLine is a measure as a line of its own.
func measureLine(l *fhir.Line, m fhir.Measure) *fhir.Line {
	return &fhir.Line{Entry: l.Entry, Kind: l.Kind, Type: "Observation", Title: m.Name, Code: m.Code, Date: l.Date, Alert: l.Alert,
		Detail: []fhir.Value{{Type: fhir.ValueQuantity, Text: m.Value, Unit: m.Unit}}}
}

// valueOf are the words of a line that say what was found; "" when it only gathers
// others, or says why there is no value.
func valueOf(l *fhir.Line) string {
	var words []string
	for _, v := range l.Found() {
		words = append(words, v.Text, v.Unit)
	}
	if len(words) == 0 && (l.Type == "ImagingStudy" || l.Type == "DiagnosticReport" && len(l.Detail) == 0) {
		return l.Title // a report that is a picture or a PDF is a result too
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// keep takes a value in if none is of a later day.
func (s *shelf) keep(source Source, l *fhir.Line, value, flag string) {
	source.State = Now
	source.said = source.at // a value is of its own day, whoever repeats it
	g := s.group(keyOf(Results, l))
	if len(g.claims) > 0 {
		switch last := day(g.first.source.at); {
		case day(source.at) < last:
			return
		case day(source.at) > last:
			g.claims, g.tidied = nil, 0
		}
	}
	g.put(claim{source: source, value: value}, l, flag)
}

// OutOfRange says whether a value is to be looked at first.
func (f Fact) OutOfRange() bool { return fhir.Gravity(f.Flag) > 0 }
