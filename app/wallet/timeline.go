package wallet

import (
	"maps"
	"slices"
	"strings"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
)

// Timeline is quick enough for every key stroke: it reads what was prepared
// when the records last changed.
func (w *Wallet) Timeline(q Query) Timeline {
	who := w.Snapshot().Current
	l := w.prepared(who)
	if l == nil { // it is being prepared: better late than empty
		l = w.arrange(who, nil)
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Offset = max(q.Offset, 0)
	terms := strings.Fields(strings.ToLower(q.Text))
	if len(terms) == 0 && len(q.Kinds) == 0 {
		return l.all(q)
	}
	t, opened := Timeline{Kinds: map[fhir.Kind]int{}}, unpacked{}
	for _, e := range l.entries {
		shown := t.Total >= q.Offset && len(t.Groups) < q.Limit
		lines, ok := e.match(terms, q.Kinds, t.Kinds, shown)
		if !ok {
			continue
		}
		t.Total++
		if shown {
			g, all := e.group, opened.lines(e)
			for _, i := range lines {
				g.Lines = append(g.Lines, all[i])
			}
			t.Groups = append(t.Groups, g)
		}
	}
	t.More = q.Offset+len(t.Groups) < t.Total
	return t
}

// unpacked are the records of which something is shown.
type unpacked map[vault.Entry][]Group

func (u unpacked) lines(e *entry) []fhir.Line {
	groups, ok := u[e.from]
	if !ok {
		groups = groupsOf(e.from.Meta())
		u[e.from] = groups
	}
	return groups[e.nth].Lines
}

// all is the timeline as it stands, without a question.
func (l *list) all(q Query) Timeline {
	from := min(q.Offset, len(l.entries))
	to := from + min(q.Limit, len(l.entries)-from)
	t, opened := Timeline{Kinds: maps.Clone(l.kinds), Total: len(l.entries), More: to < len(l.entries)}, unpacked{}
	for _, e := range l.entries[from:to] {
		g := e.group
		g.Lines = opened.lines(e)
		t.Groups = append(t.Groups, g)
	}
	return t
}

// match says whether the group has lines that hold every term and are of one of
// the kinds, and returns them where they are wanted. A term found in the group's own
// words counts for all its lines. counts gains the lines of each kind that match
// the terms.
func (e *entry) match(terms []string, kinds []fhir.Kind, counts map[fhir.Kind]int, want bool) (lines []int, ok bool) {
	if !holds(e.text, terms) { // most of them, with one look
		return nil, false
	}
	var rest []string
	for _, t := range terms {
		if !strings.Contains(e.words(), t) {
			rest = append(rest, t)
		}
	}
	if len(e.kinds) == 0 { // a photo, a PDF
		if len(rest) > 0 {
			return nil, false
		}
		counts[e.group.Kind]++
		return nil, among(kinds, e.group.Kind)
	}
	for i, k := range e.kinds {
		if len(rest) > 0 && !holds(e.line(i), rest) {
			continue
		}
		counts[k]++
		if among(kinds, k) {
			ok = true
			if want {
				lines = append(lines, i)
			}
		}
	}
	return lines, ok
}

// among says whether a filter lets something through; an empty one lets all.
func among[T comparable](list []T, x T) bool { return len(list) == 0 || slices.Contains(list, x) }

func holds(s string, terms []string) bool {
	for _, t := range terms {
		if !strings.Contains(s, t) {
			return false
		}
	}
	return true
}

// groupsOf makes the groups of one record: a document is one; a bundle that
// is no document (an export of years) is one for each visit, and one a day for
// what belongs to none.
func groupsOf(m record.Meta) []Group {
	base := Group{
		Person: m.Profile, Record: m.ID, Title: m.Title, Date: m.Date, Format: m.Format, Source: m.Source,
		Author: m.Outline.Author, Kind: wholeKind(m), added: m.Added.UTC().Format("2006-01-02T15:04:05Z"),
	}
	if base.Title == "" {
		base.Title = m.Outline.Title
	}
	if base.Date == "" {
		base.Date = m.Outline.Date
	}
	if !scattered(m.Outline) {
		base.Lines, base.Total = m.Outline.Lines, len(m.Outline.Lines)
		return []Group{base}
	}
	return byVisit(base, m.Outline.Lines)
}

func wholeKind(m record.Meta) fhir.Kind {
	switch {
	case m.Format == record.FormatJPEG, m.Format == record.FormatPNG, m.Format == record.FormatWebP:
		return fhir.KindPhoto
	case m.Format.FHIR():
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

func byVisit(base Group, lines []fhir.Line) []Group {
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
	for i := range groups {
		groups[i].Total = len(groups[i].Lines)
	}
	return groups
}

func day(date string) string {
	if len(date) > 10 {
		return date[:10]
	}
	return date
}
