package wallet

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/vault"
)

// list is the prepared timeline of one person. It is never changed.
type list struct {
	entries []*entry // by date, the newest first
	of      map[vault.Entry][]*entry
	kinds   map[fhir.Kind]int
}

// entry is a Group with what a search needs. Its lines stay packed in the index
// until they are shown: ten thousand documents have a hundred thousand, and what
// is held as Go values is what every garbage collection walks, with the screen
// waiting.
type entry struct {
	group Group       // without lines
	from  vault.Entry // the record, and which of its groups this is
	nth   int
	date  string      // where it stands
	kinds []fhir.Kind // of each line
	text  string      // in lower case: words of the group, then of each line, parted by line ends
	ends  []uint32    // in text: of the group's words, of each line
}

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

// keepLists keeps prepared timelines, unless the wallet was locked meanwhile.
func (w *Wallet) keepLists(lists map[record.ProfileID]*list) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.vault != nil {
		w.lists = lists
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
	l := &list{of: map[vault.Entry][]*entry{}, kinds: map[fhir.Kind]int{}}
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
		for _, e := range made {
			e.count(l.kinds)
			l.entries = append(l.entries, e)
		}
	}
	slices.SortStableFunc(l.entries, func(a, b *entry) int {
		step(256)
		return strings.Compare(b.date, a.date)
	})
	return l
}

// count adds the lines of an entry to those of each kind. What has none, a photo
// or a PDF, counts as one.
func (e *entry) count(kinds map[fhir.Kind]int) {
	for _, k := range e.kinds {
		kinds[k]++
	}
	if len(e.kinds) == 0 {
		kinds[e.group.Kind]++
	}
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
	e := &entry{group: g, from: from, nth: nth, date: g.Date, kinds: make([]fhir.Kind, len(g.Lines)), ends: make([]uint32, 0, 1+len(g.Lines))}
	e.group.Lines = nil
	if e.date == "" {
		e.date = g.added // what has no date of its own stands where it was added
	}
	b := make([]byte, 0, 512)
	end := func(words ...string) {
		for _, s := range words {
			b = append(appendLower(b, s), ' ')
		}
		e.ends = append(e.ends, uint32(len(b)))
		b = append(b, '\n') // in no term
	}
	end(g.Title, g.Author, g.Source.Name, g.Date)
	for i := range g.Lines {
		l := &g.Lines[i]
		e.kinds[i] = l.Kind
		b = append(appendLower(b, l.Title), ' ')
		for j := range l.Detail {
			b = append(appendLower(b, l.Detail[j].Text), ' ')
			b = append(appendLower(b, l.Detail[j].Unit), ' ')
		}
		end(l.Date)
	}
	e.text = string(b)
	return e
}

// words are those of the group, line those of a line.
func (e *entry) words() string { return e.text[:e.ends[0]] }

func (e *entry) line(i int) string { return e.text[e.ends[i]+1 : e.ends[i+1]] }

// appendLower appends s as strings.ToLower has it.
func appendLower(b []byte, s string) []byte {
	for i, r := range s {
		if r < utf8.RuneSelf {
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			b = append(b, byte(r))
			continue
		}
		if r == utf8.RuneError { // also what is no UTF-8
			b = append(b, s[i])
			continue
		}
		b = utf8.AppendRune(b, unicode.ToLower(r))
	}
	return b
}
