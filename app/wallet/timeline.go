package wallet

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"potli/app/fhir"
	"potli/app/find"
	"potli/app/record"
	"potli/app/vault"
)

// Timeline is quick enough for every key stroke: it reads what was prepared
// when the records last changed. The same question about another part of the list
// is answered from what was found the first time.
func (w *Wallet) Timeline(q Query) Timeline {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	lists, missing := w.listsOf(q)
	a := w.recall(q, lists)
	if a == nil {
		a = w.answer(q, lists)
		if !missing && !a.searching {
			w.remember(a)
		}
	}
	t := a.about
	t.Pending = t.Pending || a.searching || missing
	from := min(max(q.Offset, 0), len(a.all))
	to := from + min(q.Limit, len(a.all)-from)
	t.More = to < len(a.all)
	opened := unpacked{}
	for i := from; i < to; i++ {
		t.Groups = append(t.Groups, opened.group(a.filter, &a.all[i]))
	}
	return t
}

// answer is what was found for a question, whatever part of it is shown.
type answer struct {
	query  Query // without Offset and Limit
	lists  []*list
	filter *filter
	about  Timeline // without groups
	all    []found

	searching bool // not all words have been read: the same question may find more
}

// answers is how many are kept: a page asks about the list and about a part of it,
// and may ask about something else beside.
const answers = 4

func (w *Wallet) recall(q Query, lists []*list) *answer {
	q.Offset, q.Limit, q.Soon = 0, 0, false
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.searched.answers {
		if slices.Equal(a.lists, lists) && reflect.DeepEqual(a.query, q) {
			return a
		}
	}
	return nil
}

func (w *Wallet) remember(a *answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.searched.answers = append([]*answer{a}, w.searched.answers[:min(len(w.searched.answers), answers-1)]...)
}

// listsOf returns the prepared timelines of the people of a question, the current
// person's if it names none. Those of others are prepared when they are first asked
// for; until then some are missing. Brief ones are enough for who asks for everything,
// soon.
func (w *Wallet) listsOf(q Query) (lists []*list, missing bool) {
	s, people, all := w.Snapshot(), q.People, newFilter(q).all
	if len(people) == 0 {
		people = []record.ProfileID{s.Current}
	}
	for _, who := range people {
		if s.concealed(who) {
			continue
		}
		l := w.prepared(who)
		switch {
		case l == nil && who == s.Current, l != nil && l.brief && !q.Soon: // better late than empty
			l = w.exchange(l, w.arrange(who, nil, false))
		case l != nil && l.brief && !all:
			l = nil
		}
		if l == nil {
			missing = true
			continue
		}
		lists = append(lists, l)
	}
	if missing {
		go w.prepareAll(people)
	}
	return lists, missing
}

// prepareAll prepares the timelines of several people, and says so.
func (w *Wallet) prepareAll(people []record.ProfileID) {
	w.mu.Lock()
	busy := w.searched.preparing || w.vault == nil
	w.searched.preparing = w.vault != nil
	w.mu.Unlock()
	if busy {
		return
	}
	w.preparing.Lock()
	for _, who := range people {
		w.prepareToo(who, false)
	}
	w.preparing.Unlock()
	w.mu.Lock()
	w.searched.preparing = false
	w.mu.Unlock()
	w.publish(func(*Snapshot) {})
}

// answer looks a question up.
func (w *Wallet) answer(q Query, lists []*list) *answer {
	q.Offset, q.Limit, q.Soon = 0, 0, false
	q.Kinds, q.People = slices.Clone(q.Kinds), slices.Clone(q.People)
	f := newFilter(q)
	candidates, searching := w.candidates(f.text, lists)
	if slices.ContainsFunc(lists, func(l *list) bool { return l.brief }) {
		return &answer{query: q, lists: lists, filter: f, about: Timeline{Total: len(candidates), Pending: true}, all: candidates}
	}
	t := f.tally(candidates)
	slips := len(t.all) == 0 && t.near > 0
	if t.typed == 0 && t.near > 0 { // nobody wrote it so: it may be the question that is misspelt
		f.level = find.Near
		t = f.tally(candidates)
	}
	a := &answer{query: q, lists: lists, filter: f, about: t.timeline(), all: t.all, searching: searching}
	a.about.Slips = slips
	return a
}

// candidates are the entries of several lists in which every word of a question
// stands somewhere, by date.
func (w *Wallet) candidates(text find.Query, lists []*list) (all []found, pending bool) {
	for _, l := range lists {
		if text.Empty() {
			for _, e := range l.entries {
				all = append(all, found{entry: e})
			}
			continue
		}
		places, hits, done := l.search(w, text)
		pending = pending || !done
		for i, e := range l.entries {
			if places[i] != nowhere && hits.Touches(places[i], len(e.lines)) {
				all = append(all, found{entry: e, at: places[i], hits: hits})
			}
		}
	}
	if len(lists) > 1 {
		slices.SortStableFunc(all, func(a, b found) int { return strings.Compare(b.date, a.date) })
	}
	return all, pending
}

// search finds a question in the words of whose list it is.
func (l *list) search(w *Wallet, q find.Query) ([]find.Place, *find.Hits, bool) {
	return w.lookupOf(l.whose).search(l, q)
}

func (f *filter) tally(candidates []found) *tally {
	t := &tally{people: map[record.ProfileID]int{}, authors: map[string]int{}, years: map[ymd]int{}}
	for _, e := range candidates {
		f.take(t, e)
	}
	return t
}

// unpacked are the records of which something is shown.
type unpacked map[vault.Entry][]Group

// group is what is shown of an entry: the lines that were found.
func (u unpacked) group(f *filter, e *found) Group {
	groups, ok := u[e.from]
	if !ok {
		groups = groupsOf(e.from.Meta())
		u[e.from] = groups
	}
	g := groups[e.nth]
	if f.all {
		return g
	}
	all := g.Lines
	g.Lines = nil
	for _, i := range f.lines(e) {
		g.Lines = append(g.Lines, all[i])
	}
	return g
}

// groupsOf makes the groups of one record: a document is one; a bundle that
// is no document (an export of years) is one for each visit, and one a day for
// what belongs to none.
func groupsOf(m record.Meta) []Group {
	g := wholeGroup(m)
	if !scattered(m.Outline) {
		g.Words = m.Outline.Words
		g.Lines, g.Total = m.Outline.Lines, len(m.Outline.Lines)
		return []Group{g}
	}
	return byVisit(g, m.Outline.Lines)
}

// wholeGroup is a record as one group, without its lines.
func wholeGroup(m record.Meta) Group {
	return Group{
		Person: m.Profile, Record: m.ID, Title: cmp.Or(m.Title, m.Outline.Title), Date: cmp.Or(m.Date, m.Outline.Date),
		Format: m.Format, Source: m.Source, Author: m.Outline.Author, Kind: wholeKind(m),
	}
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
	if o.Type != "collection" {
		return collected(o.Type) && len(o.Lines) > 1
	}
	visits := 0
	for i := range o.Lines {
		visits += bit(o.Lines[i].Kind == fhir.KindVisit)
	}
	return visits > 1
}

// collected says that a bundle of this type may be a collection of years.
func collected(bundle string) bool {
	switch bundle {
	case "transaction", "searchset", "batch", "history", "transaction-response", "batch-response", "collection":
		return true
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

func day(date string) string { return fhir.DayPart(date) }
