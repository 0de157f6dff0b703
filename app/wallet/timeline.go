package wallet

import (
	"maps"
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
	limit := q.Limit
	if limit <= 0 {
		limit = 50
	}
	terms := strings.Fields(strings.ToLower(q.Text))
	if len(terms) == 0 && q.Kind == "" {
		return l.first(limit)
	}
	t, opened := Timeline{Kinds: map[fhir.Kind]int{}}, unpacked{}
	for _, e := range l.entries {
		lines, ok := e.match(terms, q.Kind, t.Kinds, len(t.Groups) < limit)
		switch {
		case !ok:
		case len(t.Groups) < limit:
			g, all := e.group, opened.lines(e)
			for _, i := range lines {
				g.Lines = append(g.Lines, all[i])
			}
			t.Groups = append(t.Groups, g)
		default:
			t.More = true
		}
	}
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

// first is the timeline as it stands, without a question.
func (l *list) first(limit int) Timeline {
	t, opened := Timeline{Kinds: maps.Clone(l.kinds), More: len(l.entries) > limit}, unpacked{}
	for _, e := range l.entries[:min(limit, len(l.entries))] {
		g := e.group
		g.Lines = opened.lines(e)
		t.Groups = append(t.Groups, g)
	}
	return t
}

// match says whether the group has lines that hold every term and are of the
// kind, and returns them where they are wanted. A term found in the group's own
// words counts for all its lines. counts gains the lines of each kind that match
// the terms.
func (e *entry) match(terms []string, kind fhir.Kind, counts map[fhir.Kind]int, want bool) (lines []int, ok bool) {
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
		return nil, kind == "" || kind == e.group.Kind
	}
	for i, k := range e.kinds {
		if len(rest) > 0 && !holds(e.line(i), rest) {
			continue
		}
		counts[k]++
		if kind == "" || kind == k {
			ok = true
			if want {
				lines = append(lines, i)
			}
		}
	}
	return lines, ok
}

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
