package summary

import (
	"slices"
	"strings"

	"potli/app/fhir"
	"potli/app/record"
)

// Gatherer takes documents in, in any order and a few lines at a time, and makes the
// summary of them. It is not safe for concurrent use. What is deleted cannot be taken
// out again: gather anew.
type Gatherer struct {
	parts     map[Part]*shelf
	documents map[record.ID]bool
}

// shelf holds what stands in one part.
type shelf struct {
	groups map[string]*group // by code, or by name where there is none
	none   map[absenceKey]absence
}

// absenceKey: one document may say that there is no allergy to medicines, and none to food.
type absenceKey struct {
	record record.ID
	says   string
}

type absence struct {
	source Source
	key    string
}

// group are all words on one fact.
type group struct {
	line   fhir.Line // as the claim has it that decides
	flag   string
	first  claim   // which decides
	claims []claim // once tidied: in order, each document once for each thing it says
	tidied int
	doses  map[string]bool // days
}

// claim is the word of one document.
type claim struct {
	source Source
	value  string     // what was measured
	ends   string     // when it ends, or ended
	worded bool       // its title says that it is not so
	line   *fhir.Line // of what is dangerous: as this document has it
}

// alert is how grave the document calls it.
func (c claim) alert() string {
	if c.line == nil {
		return ""
	}
	return c.line.Alert
}

// NewGatherer has gathered nothing yet.
func NewGatherer() *Gatherer {
	return &Gatherer{parts: map[Part]*shelf{}, documents: map[record.ID]bool{}}
}

// Add takes in lines of a document.
func (g *Gatherer) Add(d Document) {
	g.documents[d.Record] = true
	for i := range d.Lines {
		l := &d.Lines[i]
		if part := partOf(l); part != "" {
			g.line(part, d, l)
		}
	}
}

// partOf is where a line stands, "" for what the summary leaves to the timeline.
func partOf(l *fhir.Line) Part {
	switch l.Kind {
	case fhir.KindAllergy:
		return Allergies
	case fhir.KindCondition:
		return Conditions
	case fhir.KindMedicine:
		return Medicines
	case fhir.KindImmunization:
		return Immunizations
	case fhir.KindResult:
		return Results
	case fhir.KindVital:
		return Vitals
	case fhir.KindAppointment:
		return Appointments
	}
	if l.Type == "Flag" {
		return Alerts
	}
	return ""
}

func (g *Gatherer) shelf(p Part) *shelf {
	s := g.parts[p]
	if s == nil {
		s = &shelf{groups: map[string]*group{}, none: map[absenceKey]absence{}}
		g.parts[p] = s
	}
	return s
}

func (g *Gatherer) line(part Part, d Document, l *fhir.Line) {
	s := g.shelf(part)
	source := Source{Record: d.Record, Entry: l.Entry, Date: l.Date, State: stateOf(part, l), said: d.known(said(d, l)), at: d.known(l.Date)}
	if key := absent(part, l); key != "" {
		of := absenceKey{d.Record, key}
		if old, ok := s.none[of]; strings.HasPrefix(key, "known.none.") && (!ok || old.source.said < source.said) {
			s.none[of] = absence{source, key}
		}
		return
	}
	switch {
	case part == Immunizations && l.Negated:
	case part == Results || part == Vitals:
		s.measured(source, l)
	default:
		s.add(part, source, l)
	}
}

// absent is the message of a line that says there is nothing of its kind, by its code or,
// of allergies, in words. Words that are themselves taken back, or that stand over something
// grave, deny nothing.
func absent(part Part, l *fhir.Line) string {
	if !l.Negated {
		if part == Allergies && !l.Inactive && l.Alert == "" {
			return deniesAll(l.Title)
		}
		return ""
	}
	for _, v := range l.Detail {
		for _, m := range v.Messages {
			if strings.HasPrefix(m.Key, "known.") {
				return m.Key
			}
		}
	}
	return ""
}

// said is as of when a document speaks of a fact.
func said(d Document, l *fhir.Line) string {
	if d.Composed && d.Date != "" {
		return d.Date
	}
	if l.Date == "" {
		return d.Date
	}
	return l.Date
}

// known is a date, or the day the document came in: of a later one it knows nothing.
func (d Document) known(date string) string {
	if d.Added != "" && day(date) > d.Added {
		return d.Added
	}
	return date
}

// stateOf is what a line says, whatever the day: that an end has passed is found out
// when the summary is made.
func stateOf(part Part, l *fhir.Line) State {
	switch {
	case l.Negated:
		return Denied
	case l.Inactive, l.Type == "MedicationAdministration": // given once, and over
		return Past
	case part == Allergies, part == Alerts, part == Immunizations: // they do not wear off
		return Now
	}
	switch {
	case fhir.Lasts(l.Status):
		return Now
	case strings.EqualFold(l.Status, "draft"), strings.EqualFold(l.Status, "entered-in-error"): // never became an order
		return Denied
	}
	return Unsaid
}

// keyOf is what makes two lines one fact.
func keyOf(part Part, l *fhir.Line) string {
	key := l.Code
	if key == "" {
		key = subject(part, l)
	}
	switch {
	case part == Appointments:
		key = day(l.Date) + " " + key
	case part.grave() && l.Code != "": // one code for penicillin and for house dust: one is mistyped
		key += " " + subject(part, l)
	}
	return key
}

// grave says whether nothing of a part may be hidden by what another document says.
func (p Part) grave() bool { return p == Allergies || p == Alerts }

func (s *shelf) group(key string) *group {
	g := s.groups[key]
	if g == nil {
		g = &group{}
		s.groups[key] = g
	}
	return g
}

// add keeps the word of a document.
func (s *shelf) add(part Part, source Source, l *fhir.Line) {
	g := s.group(keyOf(part, l))
	if l.Kind == fhir.KindImmunization && l.Date != "" {
		if g.doses == nil {
			g.doses = map[string]bool{}
		}
		g.doses[day(l.Date)] = true
	}
	c := claim{source: source, ends: l.End}
	if part.grave() {
		c.line = shown(l)
	}
	if _, ok := denied(l); ok && part == Allergies {
		c.source.State, c.worded = Denied, true
	}
	g.put(c, l, "")
}

// shown is a line without what the page does not show.
func shown(l *fhir.Line) *fhir.Line {
	c := *l
	c.Measures, c.Words = nil, ""
	return &c
}

// put adds a claim; l and flag are what the fact shows if this one decides.
func (g *group) put(c claim, l *fhir.Line, flag string) {
	if len(g.claims) == 0 || newer(c, g.first) {
		g.first, g.line, g.flag = c, *shown(l), flag
	}
	if g.claims = append(g.claims, c); len(g.claims) > 2*g.tidied+16 {
		g.tidy()
	}
}

// tidy puts the claims in order. Where a document says the same thing many times, as an
// export with every refill does, its newest word stands for all.
func (g *group) tidy() {
	type word struct {
		record record.ID
		state  State
		value  string
		alert  string
	}
	slices.SortFunc(g.claims, func(a, b claim) int {
		switch {
		case newer(a, b):
			return -1
		case newer(b, a):
			return 1
		}
		return 0
	})
	seen := make(map[word]bool, len(g.claims))
	g.claims = slices.DeleteFunc(g.claims, func(c claim) bool {
		w := word{c.source.Record, c.source.State, c.value, c.alert()}
		was := seen[w]
		seen[w] = true
		return was
	})
	g.tidied = len(g.claims)
}

// newer says whether a's word counts before b's: the later one; of the same day that of
// the later entry; then the graver, so that nothing dangerous is hidden by a tie.
func newer(a, b claim) bool {
	x, y := a.source, b.source
	for _, pair := range [][2]string{{day(x.said), day(y.said)}, {x.at, y.at}, {grave[y.State], grave[x.State]}, {string(y.Record), string(x.Record)}} {
		if pair[0] != pair[1] {
			return pair[0] > pair[1]
		}
	}
	return x.Entry > y.Entry
}

var grave = map[State]string{Now: "0", Unsaid: "1", Past: "2", Denied: "3"}
