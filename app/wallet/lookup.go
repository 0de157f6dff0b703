package wallet

import (
	"strings"
	"sync"
	"time"

	"potli/app/fhir"
	"potli/app/find"
	"potli/app/record"
	"potli/app/vault"
)

// lookup is where the words of one person's records stand. It is read in breaths
// when the timeline has been drawn, and follows it: what comes is added, what goes
// is taken out. What is asked before it has been read is answered from as much as
// has.
type lookup struct {
	mu    sync.Mutex // owns everything below
	index *find.Index
	at    map[*entry]find.Place

	of     *list        // of which everything is read
	places []find.Place // of its entries
	asked  bool         // before everything was read
	busy   bool         // it is being read
	half   bool         // a long document has begun to be added: nothing else may be
}

// nowhere is the place of what has not been read.
const nowhere = ^find.Place(0)

// A breath of reading, and the pause after it. It is short: a person may be typing.
const (
	readFor  = 6 * time.Millisecond
	readRest = 4 * time.Millisecond
	// readAfter lets the page be drawn first.
	readAfter = time.Second
	// readAtOnce is how many entries are read while somebody waits.
	readAtOnce = 64
)

// searched is what searches keep of the prepared timelines. Wallet.mu owns it.
type searched struct {
	lookups map[record.ProfileID]*lookup
	answers []*answer // to what was asked lately, the newest first
	// preparing: the timelines of others are being prepared.
	preparing bool
}

func (w *Wallet) lookupOf(who record.ProfileID) *lookup {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := w.searched.lookups[who]
	if k == nil {
		k = &lookup{index: find.New(), at: map[*entry]find.Place{}}
		if w.searched.lookups == nil {
			w.searched.lookups = map[record.ProfileID]*lookup{}
		}
		w.searched.lookups[who] = k
	}
	return k
}

// read brings the words of a person up to their timeline.
func (w *Wallet) read(who record.ProfileID) {
	k := w.lookupOf(who)
	k.mu.Lock()
	if k.busy {
		k.mu.Unlock()
		return // whoever reads looks again when done
	}
	k.busy = true
	k.mu.Unlock()
	letDraw(readAfter)
	b := newBreather()
	for !w.readList(k, who, func() { b.restAfter(readFor, readRest) }) {
	}
}

// readList reads one list; true: it is the newest, and done.
func (w *Wallet) readList(k *lookup, who record.ProfileID, rest func()) bool {
	l := w.prepared(who)
	if l == nil || l.brief || w.lookupOf(who) != k { // locked, another person, or to be read later
		k.mu.Lock()
		k.busy = false
		k.mu.Unlock()
		return true
	}
	k.clear(l)
	read := vault.Reader{Rest: rest}
	for _, e := range l.entries {
		k.add(l, e, &read)
		rest()
	}
	places := make([]find.Place, len(l.entries))
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, e := range l.entries {
		places[i] = k.at[e]
	}
	if k.of, k.places = l, places; w.prepared(who) != l {
		return false
	}
	if k.busy = false; k.asked {
		k.asked = false
		go w.publish(func(*Snapshot) {}) // who asked may ask again
	}
	return true
}

// add reads the record of an entry, unless that was done, and rests where it is long.
func (k *lookup) add(l *list, e *entry, read *vault.Reader) {
	k.mu.Lock()
	_, done := k.at[e]
	k.mu.Unlock()
	if done {
		return
	}
	groups := groupsOf(read.Meta(e.from))
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, done := k.at[e]; done { // by a search
		return
	}
	k.half = true
	for _, e := range l.of[e.from] {
		k.at[e] = k.put(&groups[e.nth], func() {
			k.mu.Unlock()
			read.Rest()
			k.mu.Lock()
		})
	}
	k.half = false
}

// put enters the words of a group. k.mu must be held, and k.half set where rest gives
// it away.
func (k *lookup) put(g *Group, rest func()) find.Place {
	lines := g.Lines
	n := min(len(lines), linesAtOnce)
	at := k.index.Add(headText(g), lineTexts(lines[:n])...)
	for lines = lines[n:]; len(lines) > 0; lines = lines[n:] {
		rest()
		n = min(len(lines), linesAtOnce)
		k.index.More(lineTexts(lines[:n])...)
	}
	return at
}

// addNow reads a record while somebody waits. k.mu must be held.
func (k *lookup) addNow(l *list, e *entry, read *vault.Reader) {
	groups := groupsOf(read.Meta(e.from))
	for _, e := range l.of[e.from] {
		k.at[e] = k.put(&groups[e.nth], func() {})
	}
}

// clear takes out what is not on the list any more, and begins anew when more is
// lost than there is.
func (k *lookup) clear(l *list) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.at) == 0 {
		return
	}
	here := make(map[*entry]bool, len(l.entries))
	for _, e := range l.entries {
		here[e] = true
	}
	for e, at := range k.at {
		if !here[e] {
			k.index.Remove(at, len(e.lines))
			delete(k.at, e)
		}
	}
	if lost, of := k.index.Lost(); lost > of/2 && of > 1000 {
		k.index, k.at, k.of, k.places = find.New(), map[*entry]find.Place{}, nil, nil
	}
}

// search finds a question in a list: where the entries stand, nowhere for those
// that have not been read, and the hits. done: all have been.
func (k *lookup) search(l *list, q find.Query) (places []find.Place, hits *find.Hits, done bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == l {
		return k.places, k.index.Search(q), true
	}
	done = true
	places = make([]find.Place, len(l.entries))
	var read vault.Reader
	now := readAtOnce
	for i, e := range l.entries {
		if _, ok := k.at[e]; !ok && now > 0 && !k.half && len(e.lines) <= linesAtOnce {
			k.addNow(l, e, &read)
			now--
		}
		at, ok := k.at[e]
		if places[i] = at; !ok {
			places[i], done = nowhere, false
		}
	}
	k.asked = k.asked || !done
	return places, k.index.Search(q), done
}

// headText is what a search reads of a document as a whole.
func headText(g *Group) string {
	return strings.Join([]string{g.Title, g.Author, g.Source.Name, dayText(g.Date), g.Words}, "\n")
}

func lineTexts(lines []fhir.Line) []string {
	texts := make([]string, len(lines))
	var b []byte
	for i := range lines {
		b = appendLine(b[:0], &lines[i])
		texts[i] = string(b)
	}
	return texts
}

// appendLine appends what a search reads of a line: what is shown, the code, the
// numbers and the sentences.
func appendLine(b []byte, l *fhir.Line) []byte {
	field := func(parts ...string) {
		for _, p := range parts {
			b = append(append(b, p...), ' ')
		}
		b = append(b, '\n')
	}
	field(l.Title)
	for i := range l.Detail {
		field(l.Detail[i].Text, l.Detail[i].Unit)
	}
	field(dayText(l.Date))
	if _, code, ok := strings.Cut(l.Code, "|"); ok {
		field(code)
	}
	for i := range l.Measures {
		if m := &l.Measures[i]; m.Name != l.Title {
			field(m.Name, m.Value, m.Unit)
		}
	}
	field(l.Words)
	return b
}

// dayText is a date without its time, which nobody looks for.
func dayText(date string) string { return date[:min(len(date), 10)] }
