package ledger

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"potli/app/consent"
)

// Merge puts the entries of several devices in one line, by time, and of one time by
// writer. That a clock was wrong changes the line and no decision: see
// consent.State.After.
func Merge(logs ...*Log) []Entry {
	logs = slices.SortedFunc(slices.Values(logs), func(a, b *Log) int { return cmp.Compare(a.Writer, b.Writer) })
	var all []Entry
	for _, l := range logs {
		all = append(all, l.entries...)
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return a.At.Compare(b.At) })
	return all
}

// Query is what to look for; what is empty or zero is not asked. From is within, To
// is not.
type Query struct {
	Kinds    []consent.EventKind
	Party    *consent.Party
	Consent  string
	From, To time.Time
	Words    string // each of them somewhere in the party's name, the purpose, the kinds or the note
}

// Search returns the entries that fit, the newest first.
func Search(entries []Entry, q Query) (found []Entry) {
	words := strings.Fields(strings.ToLower(q.Words))
	for i := len(entries) - 1; i >= 0; i-- {
		if e := &entries[i]; q.fits(e) && e.says(words) {
			found = append(found, *e)
		}
	}
	return found
}

func (q *Query) fits(e *Entry) bool {
	return (len(q.Kinds) == 0 || slices.Contains(q.Kinds, e.Kind)) &&
		(q.Party == nil || e.Party.Same(*q.Party)) &&
		(q.Consent == "" || e.Consent == q.Consent) &&
		(q.From.IsZero() || !e.At.Before(q.From)) && (q.To.IsZero() || e.At.Before(q.To))
}

func (e *Entry) says(words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := []string{e.Party.Name, e.Note, string(e.Kind)}
	if e.Terms != nil {
		text = append(text, e.Terms.Purpose.Text)
		for _, k := range e.Terms.Kinds {
			text = append(text, string(k))
		}
	}
	all := strings.ToLower(strings.Join(text, "\n"))
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, w) })
}

// Holding is what one provider has today.
type Holding struct {
	Party    consent.Party
	Live     []Running // what it may still be given under
	Has      []Had     // what it was given and has, or may have
	Until    time.Time // the last of Live ends
	LastSeen time.Time // the last delivery or opening
}

// Running is a consent that has not ended.
type Running struct {
	Terms      []*consent.Grant // all that were agreed; the last is the newest
	Since      time.Time
	Deliveries int
}

// Newest are the terms to show and to hand to consent.Yields.
func (r Running) Newest() *consent.Grant { return r.Terms[len(r.Terms)-1] }

// Had is a document at a provider.
type Had struct {
	consent.Given
	Consent string
	At      time.Time
	// Kept says that the provider was allowed to take it into its files, where it
	// stays when the consent has ended.
	Kept bool
}

// Today says who has what: for each provider the consents that run, and the
// documents that it was given and may have: those of consents that run, and those
// that it was allowed to keep. Those with running consents come first, then by name.
func Today(entries []Entry, now time.Time) []Holding {
	var list []*Holding
	for _, c := range consents(entries) {
		h := holding(&list, c.grant.To)
		running := c.runs(now)
		if running {
			h.Live = append(h.Live, Running{c.standing.Terms, c.since, c.standing.Deliveries})
			if end := c.end(); end.After(h.Until) {
				h.Until = end
			}
		}
		h.add(c, running)
	}
	list = slices.DeleteFunc(list, func(h *Holding) bool { return len(h.Live)+len(h.Has) == 0 })
	slices.SortStableFunc(list, func(a, b *Holding) int {
		return cmp.Or(cmp.Compare(min(1, len(b.Live)), min(1, len(a.Live))), cmp.Compare(a.Party.Name, b.Party.Name))
	})
	out := make([]Holding, len(list))
	for i, h := range list {
		out[i] = *h
	}
	return out
}

func holding(list *[]*Holding, p consent.Party) *Holding {
	for _, h := range *list {
		if h.Party.Same(p) {
			return h
		}
	}
	h := &Holding{Party: p}
	*list = append(*list, h)
	return h
}

func (h *Holding) add(c *course, running bool) {
	kept := true // by all terms that were agreed before a delivery
	for _, e := range c.entries {
		if e.Terms != nil {
			kept = kept && e.Terms.After == consent.Keep
		}
		if e.Kind != consent.Delivered && e.Kind != consent.Opened {
			continue
		}
		if e.At.After(h.LastSeen) {
			h.LastSeen = e.At
		}
		for _, d := range e.Documents {
			same := func(x Had) bool { return x.SHA256 == d.SHA256 }
			if (running || kept) && !slices.ContainsFunc(h.Has, same) {
				h.Has = append(h.Has, Had{d, e.Consent, e.At, kept})
			}
		}
	}
}

// RevokeAll are the grants that "revoke everything at this clinic" has to revoke:
// all that run or are still to begin there. The newest terms of each.
func RevokeAll(entries []Entry, p consent.Party, now time.Time) (grants []*consent.Grant) {
	for _, c := range consents(entries) {
		if c.grant.To.Same(p) && c.runs(now) {
			grants = append(grants, c.grant)
		}
	}
	return grants
}

// course is what happened to one consent.
type course struct {
	grant    *consent.Grant // newest terms
	since    time.Time
	entries  []*Entry
	standing consent.Standing
}

// runs says whether it is still agreed, now or later: also where nothing more goes
// under it, what went may be looked at.
func (c *course) runs(now time.Time) bool {
	return c.standing.State == consent.Live && now.Before(c.end())
}

// end is when the first of its terms is over: all of them hold.
func (c *course) end() time.Time {
	end := c.grant.Until
	for _, t := range c.standing.Terms {
		if t.Until.Before(end) {
			end = t.Until
		}
	}
	return end
}

// consents are the courses of all consents that were granted, in the order in which
// they were.
func consents(entries []Entry) (all []*course) {
	byID := map[string]*course{}
	byAsked := map[string][]*Entry{} // of what concerns a whole request
	for i := range entries {
		e := &entries[i]
		if e.Consent == "" {
			byAsked[e.Asked] = append(byAsked[e.Asked], e)
			continue
		}
		c := byID[e.Consent]
		if c == nil {
			c = &course{since: e.At}
			byID[e.Consent], all = c, append(all, c)
		}
		c.entries = append(c.entries, e)
	}
	for id, c := range byID {
		c.stand(id, byAsked)
	}
	return slices.DeleteFunc(all, func(c *course) bool { return c.grant == nil })
}

func (c *course) stand(id string, byAsked map[string][]*Entry) {
	asked := ""
	var events []consent.Event
	for _, e := range c.entries {
		if e.Terms != nil && e.Terms.ID == id {
			asked = e.Terms.Asked
		}
		events = append(events, e.Event)
	}
	for _, e := range byAsked[asked] {
		events = append(events, e.Event)
	}
	c.standing = consent.Stand(id, asked, events)
	if n := len(c.standing.Terms); n > 0 {
		c.grant = c.standing.Terms[n-1]
	}
}
