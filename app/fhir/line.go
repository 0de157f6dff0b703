package fhir

import (
	"slices"
	"strings"
)

// Line is one entry in a few words: what an index keeps of it. Summaries, charts and
// searches are made of lines, so that no record has to be opened for them.
type Line struct {
	Entry    int     `json:"e"`
	Kind     Kind    `json:"k"`
	Type     string  `json:"t,omitempty"`
	Title    string  `json:"n,omitempty"`
	Detail   []Value `json:"d,omitempty"`
	Date     string  `json:"a,omitempty"`
	End      string  `json:"z,omitempty"` // when it ended or is to end, a FHIR date or dateTime
	Alert    string  `json:"w,omitempty"`
	Code     string  `json:"c,omitempty"` // "system|code" of what it is about: see best
	Status   string  `json:"s,omitempty"` // its own status code; of an allergy or condition the clinical one
	Visit    int     `json:"v,omitempty"` // 1 + index of its Encounter
	Inactive bool    `json:"i,omitempty"`
	Negated  bool    `json:"g,omitempty"`

	Measures []Measure `json:"m,omitempty"`
	Words    string    `json:"x,omitempty"` // what else it says in sentences, for a search: parts by line ends
}

// Measure is one number of an Observation, of a component of one, or of an Observation
// that a report has inside. Numbers are decimal as written.
type Measure struct {
	Name  string `json:"n,omitempty"`
	Code  string `json:"c,omitempty"` // "system|code", as Line.Code
	Value string `json:"v"`           // with the comparator before it, if there is one: "<0.5"
	Unit  string `json:"u,omitempty"` // the UCUM code where there is one, else as written
	Low   string `json:"l,omitempty"` // the reference range, in the same unit
	High  string `json:"h,omitempty"`
	Flag  string `json:"f,omitempty"` // as Result.Flag
}

// The longest words a Line keeps: an index is read in one glance and sealed as
// one piece.
const (
	maxTitle    = 160
	maxDetail   = 240
	maxValues   = 6
	maxCode     = 128
	maxMeasures = 64 // of one line; a report with more has them as entries of its file
)

// Line is what an index keeps of an entry whose view is v.
func (f *File) Line(v View) Line {
	v.Detail = slices.Clone(v.Detail)
	return f.line(v.Entry, v)
}

func (f *File) line(i int, v View) Line {
	e := f.at[i]
	l := Line{Entry: i, Kind: v.Kind, Type: v.Type, Title: v.Title, Detail: v.Detail, Date: v.Date, End: ended(e),
		Alert: v.Alert, Code: f.subjectCode(i, e), Status: status(e), Visit: v.Visit, Inactive: v.Inactive, Negated: v.Negated}
	switch v.Type {
	case "Observation":
		l.Measures = measures(e)
	case "DiagnosticReport":
		for _, ref := range e.get("result").some(maxMeasures) {
			if at, j := f.target(i, ref); at.ok() && j < 0 {
				l.Measures = append(l.Measures, measures(at)...)
			}
		}
	}
	return l.short()
}

func (l Line) short() Line {
	l.Title = cut(l.Title, maxTitle)
	if len(l.Detail) > maxValues {
		l.Detail = l.Detail[:maxValues]
	}
	for i := range l.Detail {
		l.Detail[i].Text = cut(l.Detail[i].Text, maxDetail)
	}
	if len(l.Measures) > maxMeasures {
		l.Measures = l.Measures[:maxMeasures]
	}
	return l
}

// cut shortens at a rune and says that it did.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[:n]
	if i := strings.LastIndexByte(s, ' '); i > n/2 {
		s = s[:i]
	}
	return strings.ToValidUTF8(s, "") + "…"
}

// status is the code a resource gives itself.
func status(e element) string {
	if s := e.get("clinicalStatus"); s.ok() {
		return cut(firstCode(s), maxCode)
	}
	return cut(e.get("status").peek(), maxCode)
}

// ends are the places where resources say when something ended or will.
var ends = [][]string{{"effectivePeriod", "end"}, {"performedPeriod", "end"}, {"period", "end"}, {"abatementDateTime"},
	{"abatementPeriod", "start"}, {"end"}}

func ended(e element) string {
	for _, path := range ends {
		if at := e.path(path...); at.ok() && dateOf(at) != "" {
			return cut(dateOf(at), maxCode)
		}
	}
	for _, name := range []string{"dosageInstruction", "dosage"} {
		if at := e.get(name).first().path("timing", "repeat", "boundsPeriod", "end"); at.ok() {
			return cut(dateOf(at), maxCode)
		}
	}
	return courseEnd(e)
}

// systems whose codes others are most likely to use for the same thing, best first:
// LOINC, SNOMED CT, RxNorm, ATC, CVX, ICD-10.
var systems = []string{"http://loinc.org", "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm",
	"http://www.whocc.no/atc", "http://hl7.org/fhir/sid/cvx", "http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm"}

// best is the "system|code" of a CodeableConcept that other documents are most likely to
// name the same thing by; nothing is counted.
func best(e element) string {
	chosen, rank := "", len(systems)+1
	for _, c := range e.first().codings() {
		system, code := c.get("system").peek(), c.get("code").peek()
		if code == "" || len(system)+len(code) >= maxCode {
			continue
		}
		r := len(systems)
		for i, s := range systems {
			if s == system {
				r = i
			}
		}
		if r < rank {
			chosen, rank = system+"|"+code, r
		}
	}
	return chosen
}

// subjectCode is best of what names a resource: its code, its vaccine, the medicine it
// has or refers to.
func (f *File) subjectCode(i int, e element) string {
	for _, name := range []string{"code", "vaccineCode", "medicationCodeableConcept", "type", "serviceType"} {
		if c := best(e.get(name)); c != "" {
			return c
		}
	}
	if at, _ := f.target(i, e.get("medicationReference")); at.ok() {
		return best(at.get("code"))
	}
	return ""
}

// measures are the numbers of an Observation: its own and those of its components.
func measures(e element) []Measure {
	var all []Measure
	note := func(e element, name string) {
		m := Measure{Name: name, Code: best(e.get("code")), Flag: flag(e.get("interpretation"))}
		if !m.number(e) {
			return
		}
		m.takeRange(e.get("referenceRange"))
		all = append(all, m)
	}
	if withdrawn(e) {
		return nil
	}
	note(e, firstOf(words(e.get("code")), firstCode(e.get("code"))))
	for _, c := range e.get("component").some(maxMeasures) {
		note(c, firstOf(words(c.get("code")), firstCode(c.get("code"))))
	}
	return all
}

func withdrawn(e element) bool {
	s := e.get("status").peek()
	return s == "entered-in-error" || s == "cancelled"
}

// number reads the value; false: it is none, or longer than a number is.
func (m *Measure) number(e element) bool {
	v, typ := e.choice("value")
	switch typ {
	case "Quantity":
		m.Value, m.Unit = v.get("value").peek(), unitOf(v)
		if m.Value != "" {
			m.Value = v.get("comparator").peek() + m.Value
		}
	case "Integer":
		m.Value = v.peek()
	}
	m.Name, m.Unit = cut(m.Name, maxTitle), cut(m.Unit, maxCode)
	return m.Value != "" && len(m.Value) <= 32
}

func unitOf(quantity element) string {
	if quantity.get("system").peek() == "http://unitsofmeasure.org" {
		if c := quantity.get("code").peek(); c != "" {
			return c
		}
	}
	return firstOf(quantity.get("unit").peek(), quantity.get("code").peek())
}

// takeRange takes the reference range whose ends are in the unit of the value, or name none.
// Where there are several (for women and men, for children, a target of a treatment) nobody
// here can say which is this person's, so none is taken.
func (m *Measure) takeRange(e element) {
	found := false
	for _, r := range e.items() {
		low, high := r.get("low"), r.get("high")
		if (!low.ok() && !high.ok()) || !m.fits(low) || !m.fits(high) {
			continue
		}
		if typ := firstCode(r.get("type")); typ != "" && typ != "normal" && typ != "recommended" {
			continue
		}
		l, h := cut(low.get("value").peek(), 32), cut(high.get("value").peek(), 32)
		if found && (l != m.Low || h != m.High) {
			m.Low, m.High = "", ""
			return
		}
		m.Low, m.High, found = l, h, true
	}
}

func (m *Measure) fits(end element) bool {
	u := unitOf(end)
	return u == "" || u == m.Unit
}
