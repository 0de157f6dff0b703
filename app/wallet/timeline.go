package wallet

import (
	"slices"
	"strings"

	"potli/app/fhir"
	"potli/app/record"
)

// entry is a Group with what a search needs, in lower case.
type entry struct {
	group Group
	words string   // of the group itself
	lines []string // of each line
}

// Timeline is quick enough for every key stroke: it reads what was prepared
// when the records last changed.
func (w *Wallet) Timeline(q Query) Timeline {
	t := Timeline{Kinds: map[fhir.Kind]int{}}
	limit := q.Limit
	if limit <= 0 {
		limit = 50
	}
	terms := strings.Fields(strings.ToLower(q.Text))
	for _, e := range w.entries(w.Snapshot().Current) {
		g, ok := e.match(terms, q.Kind, t.Kinds)
		switch {
		case !ok:
		case len(t.Groups) < limit:
			t.Groups = append(t.Groups, g)
		default:
			t.More = true
		}
	}
	return t
}

// match returns the group with the lines that hold every term and are of the
// kind. A term found in the group's own words counts for all its lines. counts
// gains the lines of each kind that match the terms.
func (e *entry) match(terms []string, kind fhir.Kind, counts map[fhir.Kind]int) (Group, bool) {
	var rest []string
	for _, t := range terms {
		if !strings.Contains(e.words, t) {
			rest = append(rest, t)
		}
	}
	g := e.group
	g.Lines = nil
	for i, l := range e.group.Lines {
		if !holds(e.lines[i], rest) {
			continue
		}
		counts[l.Kind]++
		if kind == "" || kind == l.Kind {
			g.Lines = append(g.Lines, l)
		}
	}
	whole := len(rest) == 0 && len(e.group.Lines) == 0 // a photo, a PDF
	if whole {
		counts[g.Kind]++
	}
	return g, len(g.Lines) > 0 || whole && (kind == "" || kind == g.Kind)
}

func holds(s string, terms []string) bool {
	for _, t := range terms {
		if !strings.Contains(s, t) {
			return false
		}
	}
	return true
}

// changed forgets the prepared timelines and counts again.
func (w *Wallet) changed() {
	w.mu.Lock()
	w.lines = map[record.ProfileID][]entry{}
	w.mu.Unlock()
	n := 0
	current := w.Snapshot().Current
	for _, m := range w.metas() {
		if m.Profile == current {
			n++
		}
	}
	w.publish(func(s *Snapshot) { s.Records = n })
}

// metas returns the records that are not being deleted.
func (w *Wallet) metas() []record.Meta {
	v, err := w.open()
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(v.Metas(), func(m record.Meta) bool { return w.trashed(m.ID) })
}

func (w *Wallet) entries(who record.ProfileID) []entry {
	w.mu.Lock()
	list, ok := w.lines[who]
	w.mu.Unlock()
	if ok {
		return list
	}
	for _, m := range w.metas() {
		if m.Profile == who {
			list = append(list, entriesOf(m)...)
		}
	}
	slices.SortStableFunc(list, func(a, b entry) int {
		return strings.Compare(sortDate(b.group), sortDate(a.group))
	})
	w.mu.Lock()
	w.lines[who] = list
	w.mu.Unlock()
	return list
}

// sortDate puts what has no date of its own where it was added.
func sortDate(g Group) string {
	if g.Date != "" {
		return g.Date
	}
	return g.added
}

// entriesOf makes the groups of one record: a document is one; a bundle that
// is no document (an export of years) is one for each visit, and one a day for
// what belongs to none.
func entriesOf(m record.Meta) []entry {
	base := Group{
		Record: m.ID, Title: m.Title, Date: m.Date, Format: m.Format, Source: m.Source,
		Author: m.Outline.Author, Kind: wholeKind(m), added: m.Added.UTC().Format("2006-01-02T15:04:05Z"),
	}
	if base.Title == "" {
		base.Title = m.Outline.Title
	}
	if base.Date == "" {
		base.Date = m.Outline.Date
	}
	if !scattered(m.Outline) {
		base.Lines = m.Outline.Lines
		return []entry{newEntry(base)}
	}
	return byVisit(base, m.Outline.Lines)
}

func wholeKind(m record.Meta) fhir.Kind {
	switch m.Format {
	case record.FormatJPEG, record.FormatPNG, record.FormatWebP:
		return fhir.KindPhoto
	case record.FormatFHIR:
		if len(m.Outline.Lines) == 1 {
			return m.Outline.Lines[0].Kind
		}
	}
	return fhir.KindDocument
}

// scattered says that a file is a collection of years rather than one
// document somebody wrote.
func scattered(o fhir.Outline) bool {
	switch o.Type {
	case "transaction", "searchset", "batch", "history", "transaction-response", "batch-response":
		return len(o.Lines) > 1
	case "collection":
		visits := 0
		for _, l := range o.Lines {
			if l.Kind == fhir.KindVisit {
				visits++
			}
		}
		return visits > 1
	}
	return false
}

func byVisit(base Group, lines []fhir.Line) []entry {
	type key struct {
		visit int
		day   string
	}
	at := map[key]int{}
	var groups []Group
	for _, l := range lines {
		k := key{visit: l.Visit}
		if l.Kind == fhir.KindVisit {
			k.visit = l.Entry + 1
		}
		if k.visit == 0 {
			k.day = day(l.Date)
		}
		i, ok := at[k]
		if !ok {
			g := base
			g.Visit, g.Title, g.Kind, g.Date = k.visit, "", l.Kind, l.Date
			at[k], i = len(groups), len(groups)
			groups = append(groups, g)
		}
		if l.Kind == fhir.KindVisit {
			groups[i].Title, groups[i].Kind, groups[i].Date = l.Title, l.Kind, l.Date
		}
		groups[i].Lines = append(groups[i].Lines, l)
	}
	entries := make([]entry, len(groups))
	for i, g := range groups {
		entries[i] = newEntry(g)
	}
	return entries
}

func day(date string) string {
	if len(date) > 10 {
		return date[:10]
	}
	return date
}

func newEntry(g Group) entry {
	g.Total = len(g.Lines)
	e := entry{group: g, words: strings.ToLower(g.Title + " " + g.Author + " " + g.Source.Name + " " + g.Date)}
	e.lines = make([]string, len(g.Lines))
	for i, l := range g.Lines {
		var b strings.Builder
		b.WriteString(l.Title)
		for _, v := range l.Detail {
			b.WriteString(" " + v.Text + " " + v.Unit)
		}
		b.WriteString(" " + l.Date)
		e.lines[i] = strings.ToLower(b.String())
	}
	return e
}
