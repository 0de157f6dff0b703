// Package summary says what matters of a person's records on one page: what is
// dangerous, what they have, what they take, what was measured last.
//
// It is made of the lines of the index, so no record is opened for it, and it
// changes nothing in storage: the same fact from several documents is shown once,
// with every document that says so beside it. It judges nothing. What documents say
// against one another is named, the newer word is taken, and both can be reached.
//
// What counts as the newer word: a document that somebody composed speaks as of its
// own date, also of what began long before. In an export of years each entry speaks as
// of its own. None speaks of a day after it came in. An allergy or an alert that one
// document denies and another has stays: a code that was mistyped must not hide it.
package summary

import (
	"time"

	"potli/app/fhir"
	"potli/app/record"
)

// Part is a heading of the summary.
type Part string

// Parts, in the order in which they are shown: what is dangerous comes first.
const (
	Alerts        Part = "alert"
	Allergies     Part = "allergy"
	Conditions    Part = "condition"
	Medicines     Part = "medicine"
	Immunizations Part = "immunization"
	Results       Part = "result"
	Vitals        Part = "vital"
	Appointments  Part = "appointment"
)

// Order is the order of the parts.
var Order = []Part{Alerts, Allergies, Conditions, Medicines, Results, Vitals, Immunizations, Appointments}

// resultMonths is how long a value out of range stands before newer ones. What is older than
// it is believed for (see fhir.MedicineMonths) stands under "earlier", where it can be read.
const resultMonths = 24

// State is what one document says of a fact.
type State string

// States of a fact.
const (
	Now    State = "now"    // it is so
	Unsaid State = "unsaid" // named, without a word on whether it still is so
	Past   State = "past"   // it is over: stopped, resolved, its end has passed
	Denied State = "denied" // it is not so: ruled out, not to be taken
)

// Source is a place where a fact stands.
type Source struct {
	Record record.ID
	Entry  int
	Date   string // of the fact in that document; FHIR date, "" unknown
	State  State

	said   string // as of when the document speaks
	at     string // Date, or the day the record was added if that is earlier
	lapsed bool   // it is over because the day it names has passed
}

// Fact is something that is so, or was, with every document that says it.
type Fact struct {
	Line     fhir.Line // as the first source has it, without measures; of what is dangerous as the newest that has it, under its gravest Alert
	Flag     string    // of a value, as fhir.Result.Flag; reckoned from the range where the laboratory left it out
	State    State
	Presumed bool     // a condition: it was named lately, and nobody says that it still is so
	Doses    int      // of a vaccine: the days on which it was given
	Sources  []Source // the newest word first; it decides, but takes nothing dangerous away that another says is so
}

// Split says whether documents speak against one another: one says that it is so and
// another that it is over or was never so. A course that ended on its day is history, and
// so is what one document itself says of different times.
func (f Fact) Split() bool {
	yes, no := map[record.ID]bool{}, map[record.ID]bool{}
	for _, s := range f.Sources {
		switch {
		case s.State == Now:
			yes[s.Record] = true
		case !s.lapsed && (s.State == Past || s.State == Denied):
			no[s.Record] = true
		}
	}
	one := len(yes) == 1 && len(no) == 1
	for r := range yes {
		one = one && no[r]
	}
	return len(yes) > 0 && len(no) > 0 && !one
}

// Chapter is one part with what stands in it.
type Chapter struct {
	Part    Part
	Now     []Fact
	Earlier []Fact   // over, ruled out, or so old that nobody can say
	None    []Source // documents that say there is none, the newest first
	NoneSay string   // what the newest of them says, a key of the messages: "known.none.allergy"
	Doubt   bool     // there is one all the same, or some document says so
}

// Summary is the page.
type Summary struct {
	Chapters  []Chapter // one for each part, in their order, also the empty ones
	Documents int       // that were looked at
}

// Chapter returns the part of that name.
func (s *Summary) Chapter(p Part) Chapter {
	for _, c := range s.Chapters {
		if c.Part == p {
			return c
		}
	}
	return Chapter{Part: p}
}

// Document is a record, or some lines of one.
type Document struct {
	Record   record.ID
	Date     string // FHIR date of the whole; the day it came in when it has none
	Added    string // the last day it can have come in, YYYY-MM-DD: nothing in it is newer, whatever it says; "" unknown
	Composed bool   // somebody put it together as of its date; false: an export, or a single entry
	Lines    []fhir.Line
}

// today and what lies before it, as FHIR dates.
type calendar struct{ today, medicines, conditions, results string }

func calendarOf(now time.Time) calendar {
	ago := func(months int) string { return now.AddDate(0, -months, 0).Format(time.DateOnly) }
	return calendar{ago(0), ago(fhir.MedicineMonths), ago(fhir.ConditionMonths), ago(resultMonths)}
}

// day is a FHIR date without its time.
func day(date string) string { return fhir.DayPart(date) }
