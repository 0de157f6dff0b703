package family

import (
	"slices"
	"time"

	"potli/app/fhir"
)

// Law is when a person comes of age by the law of a place.
type Law struct {
	Age    int
	Source string
	// Offset is the place's, in minutes east of UTC, where it has one without
	// summer time; the wallet knows better for the others.
	Offset int
}

// DefaultLaw is India's.
const DefaultLaw = "IN"

// Laws are those we know, by ISO 3166 code. An operation may name another law and
// age: the table is a help, not a rule. The birthday counts from its first moment;
// for India section 3(2) says so, "at the beginning of the eighteenth anniversary of
// that day". India's was compared with the text of the Act; who offers Potli
// elsewhere compares theirs. Courts and personal law can decide otherwise anywhere.
var Laws = map[string]Law{
	"IN":     {18, "Majority Act, 1875, s. 3", 330},
	"BD":     {18, "Majority Act, 1875, s. 3", 360},
	"PK":     {18, "Majority Act, 1875, s. 3", 300},
	"LK":     {18, "Age of Majority (Amendment) Act, No. 17 of 1989", 330},
	"DE":     {18, "Bürgerliches Gesetzbuch, § 2", 60},
	"FR":     {18, "Code civil, art. 414", 60},
	"GB-EAW": {18, "Family Law Reform Act 1969, s. 1", 0},
	"GB-SCT": {16, "Age of Legal Capacity (Scotland) Act 1991, s. 1", 0},
	"JP":     {18, "Civil Code, art. 4 (since 1 April 2022)", 540},
	"KR":     {19, "Civil Act, art. 4", 540},
	"NZ":     {20, "Age of Majority Act 1970, s. 4", 720},
	"TH":     {20, "Civil and Commercial Code, s. 19", 420},
	"US-AL":  {19, "Code of Alabama, § 26-1-1", -360},
	"US-MS":  {21, "Mississippi Code, § 1-3-27", -360},
}

// Ages that an operation may set.
const (
	minAge = 16
	maxAge = 21
)

// How long before the day the person can be offered their records, and how long
// after it they may take them over without anybody's signature.
const (
	NoticeDays = 90
	RefuseDays = 30
)

const day = 24 * time.Hour

// ComesOfAge is the day on which somebody born on birth (YYYY-MM-DD) is age years
// old; for 29 February 1 March, where the year has none. False when the day of
// birth is not known: no date is guessed.
func ComesOfAge(birth string, age int) (year int, month time.Month, dayOfMonth int, ok bool) {
	b, ok := fhir.ParseDay(birth)
	if !ok || b.Precision < fhir.Day {
		return 0, 0, 0, false
	}
	// time.Date makes 1 March of 29 February in a year that has none.
	year, month, dayOfMonth = time.Date(b.Year+age, time.Month(b.Month), b.Day, 0, 0, 0, 0, time.UTC).Date()
	return year, month, dayOfMonth, true
}

// OffsetOn is what SetMajority needs of a time zone: by how many minutes the first
// moment of the day on which somebody comes of age is before midnight UTC. That is
// the zone's offset on that day, but where the day begins later than midnight.
// False when the day of birth is not known.
func OffsetOn(birth string, age int, zone *time.Location) (minutes int, ok bool) {
	y, m, d, ok := ComesOfAge(birth, age)
	if !ok {
		return 0, false
	}
	utc := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	return int(utc.Sub(firstMoment(y, m, d, zone)).Minutes()), true
}

// firstMoment of a day is midnight, but where clocks are put forward at midnight.
func firstMoment(y int, m time.Month, d int, zone *time.Location) time.Time {
	const step = 15 * time.Minute
	the, t := civil(y, m, d), time.Date(y, m, d, 0, 0, 0, 0, zone)
	for civil(t.Date()) < the { // Date may choose the hour before a gap
		t = t.Add(step)
	}
	for civil(t.Add(-step).Date()) >= the { // or the second midnight of two
		t = t.Add(-step)
	}
	return t
}

// civil numbers days, so that they can be compared.
func civil(y int, m time.Month, d int) int { return y*10_000 + int(m)*100 + d }

// Majority is when the person comes of age, by what is known of their birth.
type Majority struct {
	Law    string
	Age    int
	Offset int
	// At is the first moment of that day; zero while the day of birth is not known.
	At time.Time
	// Applies is whether it means anything: not for one who began their own
	// history, nor for one who was of age when it was begun. Once it does, no other
	// date makes them one who was of age from the start.
	Applies bool
}

// majority is what o knows of it; also with what o itself would change, where asked.
func (f *fold) majority(o *op, also ...*op) Majority {
	m := Majority{Law: DefaultLaw, Age: Laws[DefaultLaw].Age, Offset: Laws[DefaultLaw].Offset}
	var born string
	var founded *op
	for _, e := range append(f.details[:len(f.details):len(f.details)], also...) {
		if !f.sees(o, e) && !slices.Contains(also, e) {
			continue
		}
		switch a := e.act.(type) {
		case *Found:
			founded, born = e, a.Fields[FieldBirth]
		case *Details:
			if b, ok := a.Fields[FieldBirth]; ok {
				born = b
			}
		case *SetMajority:
			m.Law, m.Age, m.Offset = a.Law, a.Age, a.Offset
		}
		m.At = m.of(born)
		m.Applies = m.Applies || founded != nil && !founded.act.(*Found).Self && founded.time.Before(m.At)
	}
	return m
}

// of is the first moment of the day on which somebody born on that day is of age.
func (m Majority) of(born string) time.Time {
	y, month, d, ok := ComesOfAge(born, m.Age)
	if !ok {
		return time.Time{}
	}
	return time.Date(y, month, d, 0, -m.Offset, 0, 0, time.UTC)
}

// Known says whether there is a date that means something.
func (m Majority) Known() bool { return m.Applies && !m.At.IsZero() }

// Self says whether whoever began the history is the person themselves.
func (s *State) Self() bool {
	return slices.ContainsFunc(s.fold.details, func(o *op) bool {
		found, ok := o.act.(*Found)
		return ok && found.Self
	})
}

// transferred says whether o knows that the person has taken over.
func (f *fold) transferred(o *op) bool {
	for _, c := range f.cuts {
		if c.kind == cutTransfer && f.sees(o, c.op) {
			return true
		}
	}
	return false
}

// ofAge says whether an operation says of itself that it is from after the day on
// which the person came of age, while nobody has handed them their records.
func (f *fold) ofAge(o *op) bool {
	m := f.majority(o)
	return m.Known() && !o.time.Before(m.At) && !f.transferred(o)
}

// judgeDetails keeps to the rule for the date of majority when the day of birth
// changes, and judgeMajority when the law does: any who may write can bring it
// nearer; only an owner puts it off, and no more when the first notice is due.
func (f *fold) judgeDetails(o *op, role Role) error {
	if _, ok := o.act.(*Details).Fields[FieldBirth]; !ok {
		return nil
	}
	return f.judgeMajority(o, role)
}

func (f *fold) judgeMajority(o *op, role Role) error {
	old := f.majority(o)
	if !old.Known() || f.transferred(o) {
		return nil
	}
	new := f.majority(o, o)
	if new.Known() && !new.At.After(old.At) || role == Owner && o.time.Before(old.At.Add(-NoticeDays*day)) {
		return nil
	}
	return ErrMajority
}
