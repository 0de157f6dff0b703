// Package diary is what people write down about themselves or for somebody they care for:
// a blood pressure, a medicine, an allergy, what a doctor said. It has the questions that
// are asked, looks over the answers, and makes FHIR R4 of them, which says of itself that
// it was no hospital who said so.
//
// It is for what is typed. It is not for what arrives (see record), and draws no
// conclusion: a number out of the ordinary is asked about, never corrected or judged.
//
// A Note is answers by name, as they were typed. Compose makes a collection Bundle of it:
// what was noted, the Patient it is about and, where somebody else typed it, the
// RelatedPerson. Read makes a Note of such a Bundle again, so that it can be corrected;
// Correct keeps what stood there before in the same Bundle, marked as entered in error.
// So a record says all of its own past to whoever it is given, and readers that know
// nothing of diaries read it as they read any FHIR.
package diary

import (
	"errors"
	"slices"
	"time"
)

// Kind is what a note is about. Kinds are kept in drafts and said in addresses.
type Kind string

// Kinds.
const (
	Pressure    Kind = "pressure"
	Sugar       Kind = "sugar"
	Weight      Kind = "weight"
	Height      Kind = "height"
	Temperature Kind = "temperature"
	Oxygen      Kind = "oxygen"
	Pulse       Kind = "pulse"
	Breathing   Kind = "breathing"
	PeakFlow    Kind = "peakflow"
	Medicine    Kind = "medicine"
	Allergy     Kind = "allergy"
	Condition   Kind = "condition"
	Vaccine     Kind = "vaccine"
	Visit       Kind = "visit"
	Document    Kind = "document"
)

// Kinds in the order in which they are offered.
var Kinds = []Kind{Pressure, Sugar, Temperature, Oxygen, Pulse, Weight, Height, Breathing, PeakFlow,
	Medicine, Allergy, Condition, Vaccine, Visit, Document}

// Note is what somebody wrote: answers by the names of the questions, as they were typed.
type Note struct {
	Kind    Kind              `json:"kind"`
	Answers map[string]string `json:"answers,omitempty"`
}

// Empty says whether nothing was answered but what was filled in for the person.
func (n Note) Empty() bool {
	for _, q := range Form(n.Kind) {
		if n.Answers[q.Name] != "" && q.Type != Moment && q.Preset == "" && !q.unit() {
			return false
		}
	}
	return true
}

// Type is what kind of answer a question wants.
type Type string

const (
	Number Type = "number" // decimal; see Decimal
	Line   Type = "line"   // a few words
	Text   Type = "text"   // as many as there are
	Choice Type = "choice" // one of Options
	Day    Type = "day"    // a FHIR date: a year, a month or a day
	Moment Type = "moment" // "2006-01-02T15:04" where the person is
)

// Question is one thing that is asked.
type Question struct {
	Name    string
	Type    Type
	Options []string // of a Choice: codes; "" is no answer
	Preset  string   // of a Choice: the answer that stands there at the beginning
	List    List     // of words that are suggested; anything else may be typed
	Must    bool     // there is no note without it
	Aside   bool     // most people leave it out
	When    string   // "name=option": asked only where another question was answered so
}

func (q Question) unit() bool { return q.Name == "unit" }

// Asked says whether a question is asked, as the others are answered.
func (q Question) Asked(n Note) bool {
	if q.When == "" {
		return true
	}
	for i := range q.When {
		if q.When[i] == '=' {
			return n.Answers[q.When[:i]] == q.When[i+1:]
		}
	}
	return false
}

// Person is whom a note is about, as the wallet knows them. All may be "".
type Person struct {
	Name      string
	BirthDate string // FHIR date
	Gender    string // FHIR administrative gender
}

// Author is who typed. The zero Author is the person themselves.
type Author struct {
	Other    bool // somebody else
	Guardian bool // who decides for the person
	Name     string
	Relation string // to the person: "parent", "child", or ""
}

// Scene is everything Compose needs beside the answers.
type Scene struct {
	About Person
	By    Author
	Now   time.Time // with the zone in which the answers are meant
	Seed  [32]byte  // random; names the resources
}

// Reasons why there is nothing to compose or read.
var (
	ErrFaulty = errors.New("an answer is missing or cannot be understood")
	ErrNotOne = errors.New("not a note")
)

// Known says whether there is a form for a kind.
func (k Kind) Known() bool { return slices.Contains(Kinds, k) }

// Vital says whether a kind is a measurement.
func (k Kind) Vital() bool { return vitals[k].code.code != "" }
