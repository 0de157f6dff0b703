package consent

import (
	"slices"
	"time"

	"potli/app/record"
)

// EventKind is what happened.
type EventKind string

const (
	Requested EventKind = "requested"
	Granted   EventKind = "granted"
	Narrowed  EventKind = "narrowed"
	Refused   EventKind = "refused"
	Ended     EventKind = "lapsed" // nobody answered, or its time is over
	Delivered EventKind = "delivered"
	Opened    EventKind = "opened"
	Revoked   EventKind = "revoked"
	Told      EventKind = "told" // the receiver has been told that it was revoked
)

// EventKinds are all that are known.
var EventKinds = []EventKind{Requested, Granted, Narrowed, Refused, Ended, Delivered, Opened, Revoked, Told}

// Event is one thing that happened to a request or a consent.
type Event struct {
	Kind    EventKind `json:"kind"`
	Consent string    `json:"consent,omitempty"` // Grant.ID; "" for what concerns the whole request
	// Asked is the request's hash. Its id would do for nothing here: whoever asks
	// chooses it, and could choose another's, to be refused in their place.
	Asked string    `json:"asked,omitempty"`
	At    time.Time `json:"at"`
	By    string    `json:"by,omitempty"` // the user who did it; never empty for a yes
	// Terms are what was agreed: of Granted and Narrowed.
	Terms   *Grant      `json:"terms,omitempty"`
	Records []record.ID `json:"records,omitempty"` // of Delivered
}

// State is where a consent stands.
type State string

const (
	None       State = "none"
	Waiting    State = "requested"
	Live       State = "granted" // by its events; its time may be over (see Yields)
	WasRefused State = "refused"
	WasLapsed  State = "lapsed"
	WasRevoked State = "revoked"
)

// States are all there are.
var States = []State{None, Waiting, Live, WasRefused, WasLapsed, WasRevoked}

// Over says that nothing leads out of the state.
func (s State) Over() bool { return s == WasRefused || s == WasLapsed || s == WasRevoked }

// After is the state that an event leads to. An end is an end, wherever it stands:
// events of several devices are put in line afterwards, and a yes that a phone
// without network said meanwhile must not undo what somebody ended.
func (s State) After(e EventKind) State {
	if s.Over() {
		return s
	}
	switch e {
	case Requested:
		if s == None {
			return Waiting
		}
	case Granted:
		return Live
	case Refused:
		return WasRefused
	case Ended:
		return WasLapsed
	case Revoked:
		return WasRevoked
	}
	return s
}

// Standing is what the events say of one consent.
type Standing struct {
	State      State
	Terms      []*Grant // all that were agreed, in order; a record has to be within each
	Yes        []string // who said yes
	Deliveries int
	Told       bool      // the receiver knows that it is over
	Latest     time.Time // of all its events
}

// Stand reads where a consent stands out of a history, in the order of what
// happened. Events without what makes them count (a yes by nobody, terms of
// another consent) have no effect.
func Stand(id, asked string, history []Event) Standing {
	s := Standing{State: None}
	for i := range history {
		e := &history[i]
		if e.Consent == id || e.Consent == "" && e.Asked == asked && asked != "" {
			s.add(id, e)
		}
	}
	return s
}

func (s *Standing) add(id string, e *Event) {
	if e.At.After(s.Latest) {
		s.Latest = e.At
	}
	switch e.Kind {
	case Granted, Narrowed:
		if e.By == "" || e.Terms == nil || e.Terms.ID != id || s.State.Over() {
			return
		}
		s.Terms = append(s.Terms, e.Terms)
		if e.Kind == Granted && !slices.Contains(s.Yes, e.By) {
			s.Yes = append(s.Yes, e.By)
		}
	case Delivered:
		s.Deliveries++
	case Told:
		s.Told = s.Told || s.State.Over()
	}
	s.State = s.State.After(e.Kind)
}

// Record is what has to be known of a record to decide. Type is its document type
// where it has one, Kinds are those of the entries in it: see Describe.
type Record struct {
	ID        record.ID
	Profile   record.ProfileID
	Type      Kind
	Kinds     []Kind
	Date      string // FHIR date
	Sensitive bool   // by the marks of the wallet
}

// Occasion is when and how a record would go.
type Occasion struct {
	Now time.Time // a clock that is never put back: family.Clock
	// ByHand says that a person looks at this very delivery and has just said yes to
	// it; what goes by itself while a consent lasts does not have it.
	ByHand bool
}

// Reason is why a record does not go; "" when it does. The user interface has a
// sentence for each.
type Reason string

const (
	Unagreed    Reason = "not agreed" // nobody said yes to these terms
	NotBegun    Reason = "not begun"
	Expired     Reason = "expired"
	IsRefused   Reason = "refused"
	IsLapsed    Reason = "lapsed"
	IsRevoked   Reason = "revoked"
	OtherPerson Reason = "another person's"
	OtherKind   Reason = "of another kind"
	OtherDates  Reason = "of other dates"
	NotChosen   Reason = "not among the chosen"
	UsedUp      Reason = "used up"
	NeedsTwo    Reason = "needs two people"
	NeedsHand   Reason = "needs a person, each time" // break the glass
)

// Reasons are all there are.
var Reasons = []Reason{Unagreed, NotBegun, Expired, IsRefused, IsLapsed, IsRevoked, OtherPerson, OtherKind, OtherDates, NotChosen, UsedUp, NeedsTwo, NeedsHand}

// Yields says whether a record may go under a grant, after all that happened and
// now. It is asked for each record at each delivery, and nothing else lets one go.
//
// g has to be terms that were agreed, and the record has to be within all terms
// that ever were: when two devices narrow at once, both hold. The end counts by the
// latest time that is known, of the clock or of an event.
func Yields(g *Grant, history []Event, r Record, o Occasion) (bool, Reason) {
	why := yields(g, history, r, o)
	return why == "", why
}

func yields(g *Grant, history []Event, r Record, o Occasion) Reason {
	s := Stand(g.ID, g.Asked, history)
	if why := s.ended(); why != "" {
		return why
	}
	agreed := func(t *Grant) bool { return t.WiderThan(g) == "" && g.WiderThan(t) == "" }
	if s.State != Live || !slices.ContainsFunc(s.Terms, agreed) {
		return Unagreed
	}
	late := o.Now
	if s.Latest.After(late) {
		late = s.Latest
	}
	for _, t := range s.Terms {
		if why := t.forbids(r, o.Now, late); why != "" {
			return why
		}
		if why := s.withholds(t, r, o); why != "" {
			return why
		}
	}
	return ""
}

func (s *Standing) ended() Reason {
	switch s.State {
	case WasRefused:
		return IsRefused
	case WasLapsed:
		return IsLapsed
	case WasRevoked:
		return IsRevoked
	}
	return ""
}

// forbids is what the terms alone say of a record.
func (g *Grant) forbids(r Record, now, late time.Time) Reason {
	switch {
	case r.Profile != g.Profile || r.Profile == "":
		return OtherPerson
	case now.Before(g.Begin):
		return NotBegun
	case !late.Before(g.Until):
		return Expired
	case !g.covers(r):
		return OtherKind
	case !g.Dates.holds(r.Date):
		return OtherDates
	case g.Records != nil && !slices.Contains(g.Records, r.ID):
		return NotChosen
	}
	return ""
}

// withholds is what the terms say after what happened.
func (s *Standing) withholds(g *Grant, r Record, o Occasion) Reason {
	another := func(by string) bool { return by != g.Person }
	switch {
	case g.Repeat != Follow && s.Deliveries > 0:
		return UsedUp
	case g.Purpose.BreaksGlass() && (!o.ByHand || s.Deliveries > 0):
		return NeedsHand
	case r.Sensitive && g.Person != "" && !(slices.Contains(s.Yes, g.Person) && slices.ContainsFunc(s.Yes, another)):
		return NeedsTwo
	}
	return ""
}

// covers says whether a record is of a granted kind: as a document of that type, or
// because everything in it is. A document with one thing that was not granted stays.
func (g *Grant) covers(r Record) bool {
	if r.Type != "" && slices.Contains(g.Kinds, r.Type) {
		return true
	}
	inside := func(k Kind) bool {
		return slices.Contains(g.Kinds, k) || slices.ContainsFunc(g.Kinds, func(t Kind) bool { return slices.Contains(holds[t], k) })
	}
	outside := func(k Kind) bool { return !inside(k) }
	return len(r.Kinds) > 0 && !slices.ContainsFunc(r.Kinds, outside)
}
