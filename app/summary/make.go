package summary

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"potli/app/fhir"
	"potli/app/record"
)

// Summary makes the page as of now. rest is called between its steps, of which none is
// longer than the sorting of one part; nil: nobody waits.
func (g *Gatherer) Summary(now time.Time, rest func()) *Summary {
	s := &Summary{Documents: len(g.documents)}
	cal := calendarOf(now)
	for _, part := range Order {
		c := Chapter{Part: part}
		if shelf := g.parts[part]; shelf != nil {
			c = shelf.chapter(part, cal)
		}
		s.Chapters = append(s.Chapters, c)
		if rest != nil {
			rest()
		}
	}
	return s
}

func (s *shelf) chapter(part Part, cal calendar) Chapter {
	c := Chapter{Part: part}
	for _, g := range s.facts(part) {
		f := g.fact(part, cal)
		switch {
		case part == Appointments:
			if f.State == Now {
				c.Now = append(c.Now, f)
			}
		case f.State == Now:
			c.Now = append(c.Now, f)
		default:
			c.Earlier = append(c.Earlier, f)
		}
	}
	arrange(part, cal, c.Now)
	arrange(part, cal, c.Earlier)
	c.absences(s.none)
	return c
}

// facts are the groups of a part. An appointment has its day for a name.
func (s *shelf) facts(part Part) []*group {
	if part == Appointments {
		return slices.Collect(maps.Values(s.groups))
	}
	return joined(part, s.groups)
}

// absences are the documents that say there is none. What is said of them is what speaks
// against something here, else what the newest says.
func (c *Chapter) absences(none map[absenceKey]absence) {
	list := slices.SortedFunc(maps.Values(none), func(a, b absence) int {
		return cmp.Or(-cmp.Compare(a.source.said, b.source.said), cmp.Compare(a.source.Record, b.source.Record), cmp.Compare(a.key, b.key))
	})
	seen := map[record.ID]bool{}
	for _, a := range list {
		if !seen[a.source.Record] {
			c.None = append(c.None, a.source)
		}
		seen[a.source.Record] = true
		against := func(f Fact) bool { return a.contradicts(c.Part, f) }
		doubt := slices.ContainsFunc(c.Now, against) || slices.ContainsFunc(c.Earlier, against)
		if c.NoneSay == "" || doubt && !c.Doubt {
			c.NoneSay = a.key
		}
		c.Doubt = c.Doubt || doubt
	}
}

// fact is a group as of today.
func (g *group) fact(part Part, cal calendar) Fact {
	g.tidy()
	f := Fact{Line: g.line, Flag: g.flag, Doses: len(g.doses)}
	for _, c := range g.claims {
		src := c.source
		if c.value != g.first.value || c.value != "" && day(src.at) != day(g.first.source.at) {
			continue // another value, which its own document shows
		}
		if part != Appointments && (src.State == Now || src.State == Unsaid) && fhir.Past(c.ends, cal.today) {
			src.State, src.lapsed = Past, true
		}
		f.Sources = append(f.Sources, src)
	}
	f.State = f.Sources[0].state(part, cal)
	if g.first.worded {
		f.State = Now // as it is written: "No allergy to penicillin" is not what was ruled out
	}
	if part.grave() && (f.State == Now || f.Split()) {
		f.hold(g.claims)
	}
	f.Presumed = part == Conditions && f.State == Now && f.unsaid()
	return f
}

// hold keeps what is dangerous in sight: as the newest document shows it that has it, and
// as grave as any of them calls it. claims are those of the sources.
func (f *Fact) hold(claims []claim) {
	alert := ""
	for i, s := range slices.Backward(f.Sources) {
		if s.State == Now {
			f.Line = *claims[i].line
			if dread[f.Line.Alert] > dread[alert] {
				alert = f.Line.Alert
			}
		}
	}
	f.State, f.Line.Alert = Now, alert
}

// dread orders alerts.
var dread = map[string]int{"": 0, "caution": 1, "danger": 2}

// unsaid says whether the newest document that says anything at all of today does not say
// that it is so.
func (f Fact) unsaid() bool {
	for _, s := range f.Sources {
		if s.State != Unsaid {
			return s.State != Now
		}
	}
	return true
}

// state is what the newest word means today.
func (s Source) state(part Part, cal calendar) State {
	switch {
	case part == Appointments && s.State != Past && s.State != Denied:
		if fhir.Past(s.Date, cal.today) {
			return Past
		}
		return Now
	case s.State != Unsaid:
		return s.State
	case part == Medicines && day(s.said) >= cal.medicines, part == Conditions && day(s.said) >= cal.conditions:
		return Now
	}
	return Unsaid
}

// arrange sorts facts: the dangerous and the newest first, appointments the next first.
func arrange(part Part, cal calendar, facts []Fact) {
	slices.SortFunc(facts, func(a, b Fact) int {
		if part == Appointments {
			return cmp.Or(compareDates(a, b), tie(a, b))
		}
		return cmp.Or(b.weight(cal)-a.weight(cal), -strings.Compare(a.when(), b.when()), tie(a, b))
	})
}

// tie keeps the page from changing with the order in which documents came.
func tie(a, b Fact) int {
	x, y := a.Sources[0], b.Sources[0]
	return cmp.Or(strings.Compare(a.Line.Title, b.Line.Title), strings.Compare(a.Line.Code, b.Line.Code),
		cmp.Compare(x.Record, y.Record), cmp.Compare(x.Entry, y.Entry))
}

// compareDates puts what has no date last.
func compareDates(a, b Fact) int {
	if x, y := a.Line.Date, b.Line.Date; (x == "") != (y == "") {
		return len(y) - len(x)
	}
	return strings.Compare(a.Line.Date, b.Line.Date)
}

// weight puts what must not be overlooked first.
func (f Fact) weight(cal calendar) int {
	switch {
	case f.Line.Alert == "danger" && f.Flag == "":
		return 4
	case f.OutOfRange() && day(f.Sources[0].at) >= cal.results:
		return 1 + fhir.Gravity(f.Flag)
	case f.Line.Alert != "" && f.Flag == "":
		return 1
	}
	return 0
}

func (f Fact) when() string {
	if at := f.Sources[0].at; at != "" {
		return at
	}
	return f.Sources[0].said
}
