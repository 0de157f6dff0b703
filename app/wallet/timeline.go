package wallet

import (
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
	lists, missing := w.listsOf(q.People)
	a := w.recall(q, lists)
	if a == nil {
		a = w.answer(q, lists)
		if !missing && !a.about.Pending {
			w.remember(a)
		}
	}
	t := a.about
	t.Pending = t.Pending || missing
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
}

// answers is how many are kept: a page asks about the list and about a part of it,
// and may ask about something else beside.
const answers = 4

func (w *Wallet) recall(q Query, lists []*list) *answer {
	q.Offset, q.Limit = 0, 0
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

// listsOf returns the prepared timelines of people, the current person's if there
// are none. Those of others are prepared when they are first asked for; until then
// some are missing.
func (w *Wallet) listsOf(people []record.ProfileID) (lists []*list, missing bool) {
	s := w.Snapshot()
	if len(people) == 0 {
		people = []record.ProfileID{s.Current}
	}
	for _, who := range people {
		if s.concealed(who) {
			continue
		}
		l := w.prepared(who)
		if l == nil && who == s.Current { // it is being prepared: better late than empty
			l = w.arrange(who, nil)
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
		w.prepareToo(who)
	}
	w.preparing.Unlock()
	w.mu.Lock()
	w.searched.preparing = false
	w.mu.Unlock()
	w.publish(func(*Snapshot) {})
}

// answer looks a question up.
func (w *Wallet) answer(q Query, lists []*list) *answer {
	q.Offset, q.Limit = 0, 0
	q.Kinds, q.People = slices.Clone(q.Kinds), slices.Clone(q.People)
	f := newFilter(q)
	candidates, pending := w.candidates(f.text, lists)
	t := f.tally(candidates)
	slips := len(t.all) == 0 && t.near > 0
	if t.typed == 0 && t.near > 0 { // nobody wrote it so: it may be the question that is misspelt
		f.level = find.Near
		t = f.tally(candidates)
	}
	a := &answer{query: q, lists: lists, filter: f, about: t.timeline(), all: t.all}
	a.about.Pending, a.about.Slips = pending, slips
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
	g, all := e.group, groups[e.nth].Lines
	g.Words = groups[e.nth].Words
	for _, i := range f.lines(e) {
		g.Lines = append(g.Lines, all[i])
	}
	return g
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
		base.Words = m.Outline.Words
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

func day(date string) string { return fhir.DayPart(date) }
