package consent

import (
	"slices"
	"time"

	"potli/app/record"
)

// MaxRecords is how many records a grant can name one by one.
const MaxRecords = 200

// Grant is what a person allows: a Request, narrowed. It is the terms alone; what
// happened since stands in Events.
type Grant struct {
	ID      string           `json:"id"`      // of the consent; narrowing keeps it
	Request string           `json:"request"` // the request's id
	Asked   string           `json:"asked"`   // and its hash
	Profile record.ProfileID `json:"profile"` // whose records
	To      Party            `json:"to"`
	Purpose Purpose          `json:"purpose"`
	Kinds   []Kind           `json:"kinds"` // sorted
	Dates   Dates            `json:"dates"`
	// Records are the ones that may go and no others; nil for all that fit.
	Records []record.ID `json:"records,omitempty"` // sorted
	Begin   time.Time   `json:"begin"`
	Until   time.Time   `json:"until"` // no longer from this moment on
	Repeat  Repeat      `json:"repeat"`
	After   After       `json:"after"`
	// Person is set for an adolescent: what is sensitive goes only after they said
	// yes themselves (Event.By is Person) and somebody else did too.
	Person string `json:"person,omitempty"`
}

// Hash names the terms: an event says by it which terms were agreed.
func (g *Grant) Hash() string {
	b, err := canonical(g)
	if err != nil {
		panic("consent: a grant that cannot be written: " + err.Error())
	}
	return Hash(b)
}

// Choice is what a person changes of what is asked. What is nil, "" or zero stays
// as it is.
type Choice struct {
	Kinds   []Kind
	Dates   *Dates
	Records []record.ID
	Begin   time.Time
	Until   time.Time
	Repeat  Repeat
	After   After
}

// Allow makes a Grant of a request, narrowed by a choice, for the records of one
// profile. id is a fresh NewID; person is Grant.Person, "" where one yes is enough.
//
// Faults: Lapsed (too late to answer), Wider with the field that would be, Nothing.
func (q *Request) Allow(id string, profile record.ProfileID, c Choice, person string, now time.Time) (*Grant, error) {
	if err := q.timely(now); err != nil {
		return nil, err
	}
	if !isName(id, idBytes) || profile == "" {
		return nil, fault(Damaged, "id")
	}
	now = now.UTC().Truncate(time.Second)
	full := &Grant{ID: id, Request: q.ID, Asked: q.Hash(), Profile: profile, To: q.From, Purpose: q.Purpose, Kinds: q.Kinds, Dates: q.Dates,
		Begin: now, Until: q.Until, Repeat: q.Repeat, After: q.After, Person: person}
	if q.Purpose.BreaksGlass() {
		// An emergency is over one day, and what follows it is asked for again.
		full.Repeat = Once
	}
	return full.Narrow(c)
}

// Narrow returns the terms that a choice leaves; Yields holds a record against all
// that were ever agreed. Faults: Wider, Nothing, TooBig, Damaged.
func (g *Grant) Narrow(c Choice) (*Grant, error) {
	n := *g
	if c.Kinds != nil {
		n.Kinds = slices.Compact(slices.Sorted(slices.Values(c.Kinds)))
	}
	if c.Dates != nil {
		n.Dates = *c.Dates
	}
	if c.Records != nil {
		n.Records = slices.Compact(slices.Sorted(slices.Values(c.Records)))
	}
	if !c.Begin.IsZero() {
		n.Begin = c.Begin.UTC().Truncate(time.Second)
	}
	if !c.Until.IsZero() {
		n.Until = c.Until.UTC().Truncate(time.Second)
	}
	if c.Repeat != "" {
		n.Repeat = c.Repeat
	}
	if c.After != "" {
		n.After = c.After
	}
	if field := n.wider(g); field != "" {
		return nil, fault(Wider, field)
	}
	return &n, n.some(c)
}

// some says whether the terms let anything through at all.
func (g *Grant) some(c Choice) error {
	switch {
	case len(g.Kinds) == 0:
		return fault(Nothing, "kinds")
	case c.Records != nil && len(g.Records) == 0:
		return fault(Nothing, "records")
	case len(g.Records) > MaxRecords:
		return fault(TooBig, "records")
	case !g.Dates.valid():
		return fault(Damaged, "dates")
	case !g.Begin.Before(g.Until):
		return fault(Nothing, "until")
	}
	return nil
}

// wider names the dimension in which n gives more than g, "" for none.
func (n *Grant) wider(g *Grant) string {
	outside := func(k Kind) bool { return !slices.Contains(g.Kinds, k) }
	beyond := func(id record.ID) bool { return !slices.Contains(g.Records, id) }
	switch {
	case slices.ContainsFunc(n.Kinds, outside):
		return "kinds"
	case !n.Dates.within(g.Dates):
		return "dates"
	case g.Records != nil && (n.Records == nil || slices.ContainsFunc(n.Records, beyond)):
		return "records"
	case n.Begin.Before(g.Begin):
		return "begin"
	case n.Until.After(g.Until):
		return "until"
	case n.Repeat != g.Repeat && n.Repeat != Once:
		return "repeat"
	case n.After != g.After && n.After != View:
		return "after"
	}
	return ""
}

// WiderThan says in which dimension these terms give more than others, "" for
// none: for whoever is handed two grants of one consent and has to choose.
func (n *Grant) WiderThan(g *Grant) string {
	switch {
	case n.ID != g.ID || n.Request != g.Request || n.Asked != g.Asked || n.Profile != g.Profile:
		return "id"
	case !n.To.Same(g.To):
		return "to"
	case n.Purpose != g.Purpose:
		return "purpose"
	case g.Person != "" && n.Person != g.Person:
		return "person"
	}
	return n.wider(g)
}
