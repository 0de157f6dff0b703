package wallet

import (
	"maps"
	"slices"
	"strings"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
)

// list is the prepared timeline of one person. It is never changed.
type list struct {
	whose   record.ProfileID
	entries []*entry // by date, the newest first
	of      map[vault.Entry][]*entry
}

// entry is a Group with what filters ask of its lines. The lines stay packed in
// the index until they are shown: ten thousand documents have a hundred thousand,
// and what is held as Go values is what every garbage collection walks, with the
// screen waiting.
type entry struct {
	group Group       // without lines
	from  vault.Entry // the record, and which of its groups this is
	nth   int
	date  string // where it stands
	day   ymd    // and when that is
	lines []glance
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
	records := w.prepareOnly(current)
	w.publish(func(s *Snapshot) {
		if s.Current == current {
			s.Records = records
		}
	})
}

// prepareOnly prepares the timeline of a person, forgets all others, and returns
// how many records it holds. w.preparing must be held.
func (w *Wallet) prepareOnly(who record.ProfileID) int {
	l := w.arrange(who, newBreather())
	w.keepLists(map[record.ProfileID]*list{who: l})
	return len(l.of)
}

// prepareToo prepares the timeline of another person where it is not there yet.
// w.preparing must be held.
func (w *Wallet) prepareToo(who record.ProfileID) int {
	l := w.prepared(who)
	if l == nil {
		l = w.arrange(who, newBreather())
		w.mu.Lock()
		lists := maps.Clone(w.lists)
		w.mu.Unlock()
		lists[who] = l
		w.keepLists(lists)
	}
	return len(l.of)
}

func (w *Wallet) prepared(who record.ProfileID) *list {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lists[who]
}

// keepLists keeps prepared timelines and has their words read, unless the wallet
// was locked meanwhile.
func (w *Wallet) keepLists(lists map[record.ProfileID]*list) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.vault == nil {
		return
	}
	w.lists, w.searched.answers = lists, nil
	maps.DeleteFunc(w.searched.lookups, func(who record.ProfileID, _ *lookup) bool { return lists[who] == nil })
	for who := range lists {
		go w.read(who)
	}
}

// records returns the records of a person that are not being deleted.
func (w *Wallet) records(who record.ProfileID) []vault.Entry {
	v, err := w.open()
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(v.Entries(), func(e vault.Entry) bool { return e.Profile() != who || w.trashed(e.ID()) })
}

// arrange makes the timeline of a person. What has not changed since the last
// time is taken over; b is given its breath, nil: there is nobody to wait for.
func (w *Wallet) arrange(who record.ProfileID, b *breather) *list {
	old := w.prepared(who)
	l := &list{whose: who, of: map[vault.Entry][]*entry{}}
	steps := 0
	step := func(every int) {
		if steps++; b != nil && steps%every == 0 {
			b.rest()
		}
	}
	for _, r := range w.records(who) {
		step(16)
		var made []*entry
		if old != nil {
			made = old.of[r]
		}
		if made == nil {
			made = entriesOf(r)
		}
		l.of[r] = made
		l.entries = append(l.entries, made...)
	}
	slices.SortStableFunc(l.entries, func(a, b *entry) int {
		step(256)
		return strings.Compare(b.date, a.date)
	})
	return l
}

func entriesOf(r vault.Entry) []*entry {
	groups := groupsOf(r.Meta())
	entries := make([]*entry, len(groups))
	for i, g := range groups {
		entries[i] = newEntry(r, i, g)
	}
	return entries
}

func newEntry(from vault.Entry, nth int, g Group) *entry {
	e := &entry{group: g, from: from, nth: nth, date: g.Date, lines: make([]glance, len(g.Lines))}
	e.group.Lines, e.group.Words = nil, ""
	if e.date == "" {
		e.date = g.added // what has no date of its own stands where it was added
	}
	e.day = dayOf(e.date)
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
