package wallet

import (
	"maps"
	"slices"
	"strings"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
)

// list is the prepared timeline of one person. It is never changed.
type list struct {
	whose   record.ProfileID
	entries []*entry // by date, the newest first
	of      map[vault.Entry][]*entry
	brief   bool // the lines have not been read: entries know where they stand and no more
}

// entry is a Group with what filters ask of it and of its lines. Everything else stays
// packed in the index until it is shown: ten thousand documents have a hundred
// thousand lines, and what is held as Go values is what every garbage collection
// walks, with the screen waiting.
type entry struct {
	from   vault.Entry // the record, and which of its groups this is
	nth    int
	date   string // where it stands
	author string
	lines  []glance
	day    ymd // of date
	kind   uint8
	hand   bool // written in this wallet
}

// glance is what filters ask of a line. It has no pointers: see entry.
type glance struct {
	kind uint8 // in lineKinds
	odd  bool  // outside its range, or marked
	day  ymd   // 0: the group's
}

// lineKinds are the kinds by number.
var lineKinds = []fhir.Kind{
	fhir.KindOther, fhir.KindPatient, fhir.KindAllergy, fhir.KindCondition, fhir.KindMedicine, fhir.KindImmunization, fhir.KindResult,
	fhir.KindVital, fhir.KindProcedure, fhir.KindVisit, fhir.KindCarePlan, fhir.KindAppointment, fhir.KindDevice, fhir.KindBill,
	fhir.KindDocument, fhir.KindPhoto,
}

func kindNumber(k fhir.Kind) uint8 { return uint8(max(slices.Index(lineKinds, k), 0)) }

// changed prepares the timeline anew after records came or went.
func (w *Wallet) changed() {
	w.preparing.Lock()
	defer w.preparing.Unlock()
	current := w.Snapshot().Current
	records := w.prepareOnly(current, false)
	w.publish(func(s *Snapshot) {
		if s.Current == current {
			s.Records = records
		}
	})
}

// prepareOnly prepares the timeline of a person, forgets all others, and returns
// how many records it holds. One that is brief is finished later. w.preparing must be
// held.
func (w *Wallet) prepareOnly(who record.ProfileID, brief bool) int {
	l := w.arrange(who, newBreather(), brief)
	w.keepLists(map[record.ProfileID]*list{who: l})
	return len(l.of)
}

// prepareToo prepares the timeline of another person where it is not there yet.
// w.preparing must be held.
func (w *Wallet) prepareToo(who record.ProfileID, brief bool) int {
	l := w.prepared(who)
	if l == nil || l.brief && !brief {
		l = w.exchange(l, w.arrange(who, newBreather(), brief))
	}
	return len(l.of)
}

// exchange keeps a timeline in the place of an earlier one, unless that has gone
// meanwhile.
func (w *Wallet) exchange(old, l *list) *list {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lists[l.whose] == old {
		lists := maps.Clone(w.lists)
		lists[l.whose] = l
		w.replaceLists(lists)
	}
	return l
}

// A brief timeline is finished when the page has been drawn.
const finishAfter = 300 * time.Millisecond

// finish reads what a brief timeline has left out, and says so.
func (w *Wallet) finish(who record.ProfileID) {
	letDraw(finishAfter)
	w.preparing.Lock()
	defer w.preparing.Unlock()
	if l := w.prepared(who); l != nil && l.brief {
		w.prepareToo(who, false)
		w.publish(func(*Snapshot) {})
	}
}

func (w *Wallet) prepared(who record.ProfileID) *list {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lists[who]
}

func (w *Wallet) keepLists(lists map[record.ProfileID]*list) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.replaceLists(lists)
}

// replaceLists keeps prepared timelines and has the rest of them read, unless the
// wallet was locked meanwhile. w.mu must be held.
func (w *Wallet) replaceLists(lists map[record.ProfileID]*list) {
	if w.vault == nil {
		return
	}
	w.lists, w.searched.answers = lists, nil
	maps.DeleteFunc(w.searched.lookups, func(who record.ProfileID, _ *lookup) bool { return lists[who] == nil })
	for who, l := range lists {
		if l.brief {
			go w.finish(who)
		} else {
			go w.read(who)
		}
	}
}

// records returns the records of a person that are not being deleted.
func (w *Wallet) records(who record.ProfileID) []vault.Entry {
	v, err := w.open()
	if err != nil {
		return nil
	}
	w.mu.Lock()
	trash := len(w.trash)+len(w.tabs.trash) > 0
	w.mu.Unlock()
	return slices.DeleteFunc(v.Entries(), func(e vault.Entry) bool { return e.Profile() != who || trash && w.trashed(e.ID()) })
}

// arrange makes the timeline of a person, brief or whole. What has not changed since
// the last time is taken over; b is given its breath, nil: there is nobody to wait for.
func (w *Wallet) arrange(who record.ProfileID, b *breather, brief bool) *list {
	records, old := w.records(who), w.prepared(who)
	l := &list{whose: who, brief: brief, of: make(map[vault.Entry][]*entry, len(records)), entries: make([]*entry, 0, len(records))}
	rest := func() {
		if b != nil {
			b.rest()
		}
	}
	read := vault.Reader{Rest: rest}
	for i, r := range records {
		var made []*entry
		if old != nil && !old.brief {
			made = old.of[r]
		}
		if made == nil && brief {
			made = briefly(r)
		}
		if made == nil {
			made = entriesOf(r, &read)
		}
		l.of[r] = made
		if l.entries = append(l.entries, made...); i%16 == 15 {
			rest()
		}
	}
	sortEntries(l.entries, rest)
	return l
}

// sortEntries sorts by date. Records often come in the order of their dates.
func sortEntries(list []*entry, rest func()) {
	steps := 0
	newestFirst := func(a, b *entry) int {
		if steps++; steps%256 == 0 {
			rest()
		}
		return strings.Compare(b.date, a.date)
	}
	if !slices.IsSortedFunc(list, newestFirst) {
		slices.SortStableFunc(list, newestFirst)
	}
}

// briefly makes the entry of a record that is one group whatever its lines are, so that
// they need not be read; nil: that is not known.
func briefly(r vault.Entry) []*entry {
	m, lines := r.Brief()
	if lines > 1 && collected(m.Outline.Type) {
		return nil
	}
	g := wholeGroup(m)
	return []*entry{newEntry(r, 0, &g, m.Added)}
}

func entriesOf(r vault.Entry, read *vault.Reader) []*entry {
	m := read.Meta(r)
	groups := groupsOf(m)
	entries := make([]*entry, len(groups))
	for i := range groups {
		entries[i] = newEntry(r, i, &groups[i], m.Added)
	}
	return entries
}

// newEntry makes the entry of a group. What has no date of its own stands where it was
// added.
func newEntry(from vault.Entry, nth int, g *Group, added time.Time) *entry {
	e := &entry{from: from, nth: nth, date: g.Date, author: g.Author, kind: kindNumber(g.Kind), hand: g.Source.How == HowHand}
	if e.date == "" {
		e.date = added.UTC().Format("2006-01-02T15:04:05Z")
	}
	e.day, e.lines = dayOf(e.date), make([]glance, len(g.Lines))
	for i := range g.Lines {
		l := &g.Lines[i]
		e.lines[i] = glance{kind: kindNumber(l.Kind), odd: odd(l), day: dayOf(l.Date)}
	}
	return e
}

// odd says whether a result or a measurement is one to look at.
func odd(l *fhir.Line) bool {
	if l.Kind != fhir.KindResult && l.Kind != fhir.KindVital {
		return false
	}
	return l.Alert != "" || fhir.Gravity(l.Standing()) > 0
}

// ymd is a date as the number 20260531; 20260000 is a year. 0: there is none.
type ymd uint32

// dayOf is what is sure of a FHIR date: its day, else its month or year.
func dayOf(date string) ymd {
	for _, n := range [...]int{10, 7, 4} {
		if d, ok := fhir.ParseDay(date[:min(len(date), n)]); ok {
			return ymd(d.Year*10000 + d.Month*100 + d.Day)
		}
	}
	return 0
}

// last is the last day of a day, month or year.
func (d ymd) last() ymd {
	switch {
	case d%10000 == 0:
		return d + 9999
	case d%100 == 0:
		return d + 99
	}
	return d
}
