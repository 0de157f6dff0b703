package wallet

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"potli/app/fhir"
	"potli/app/find"
	"potli/app/record"
)

// filter is a Query made ready to be asked of every line.
type filter struct {
	Query
	text     find.Query
	kinds    uint32 // bits of lineKinds; 0: all
	from, to ymd    // 0: none
	level    find.Rank
	all      bool // nothing is asked: everything passes
}

func newFilter(q Query) *filter {
	f := &filter{Query: q, text: find.Parse(q.Text), from: dayOf(q.From), to: dayOf(q.To).last(), level: find.Sound}
	for _, k := range q.Kinds {
		f.kinds |= 1 << kindNumber(k)
	}
	if dayOf(q.To) == 0 {
		f.to = 0
	}
	if q.Near {
		f.level = find.Near
	}
	f.all = f.text.Empty() && f.kinds == 0 && f.from == 0 && f.to == 0 && !q.Abnormal && !q.Self && q.Author == ""
	return f
}

// found is an entry that was found, with what is needed to find its lines again.
type found struct {
	*entry
	at   find.Place
	hits *find.Hits // nil: nothing was asked
	rank find.Rank  // of its lines that are shown, or better: find.Near or find.Sound
}

// kind, when and odd say whether a line passes one filter.
func (f *filter) kind(g glance) bool { return f.kinds == 0 || f.kinds>>g.kind&1 != 0 }
func (f *filter) odd(g glance) bool  { return !f.Abnormal || g.odd }
func (f *filter) when(d ymd) bool {
	if f.from == 0 && f.to == 0 {
		return true
	}
	return d != 0 && d.last() >= f.from && (f.to == 0 || d <= f.to)
}

// rankOf says how well the text finds a line.
func (e *found) rankOf(line int) find.Rank {
	switch {
	case e.hits == nil:
		return find.Exact
	case len(e.lines) == 0:
		return e.hits.Head(e.at)
	}
	return e.hits.Line(e.at, line)
}

// glances are those of the lines; of what has none, a photo or a PDF, that of
// itself.
func (e *entry) glances(one *[1]glance) []glance {
	if len(e.lines) > 0 {
		return e.lines
	}
	one[0] = glance{kind: e.kind, day: e.day}
	return one[:]
}

// when is the day of a line.
func (e *entry) when(g glance) ymd {
	if g.day != 0 {
		return g.day
	}
	return e.day
}

// lines returns which lines pass.
func (f *filter) lines(e *found) (list []int) {
	for i, g := range e.lines {
		if e.rankOf(i) >= e.rank && f.kind(g) && f.odd(g) && f.when(e.when(g)) {
			list = append(list, i)
		}
	}
	return list
}

// tally counts what an answer holds.
type tally struct {
	kinds   [32]int
	people  map[record.ProfileID]int
	authors map[string]int
	years   map[ymd]int
	odd     int
	self    int
	near    int // groups with nothing but slips
	typed   int // groups with something as it was typed
	all     []found
	seen    []ymd // years of one group
}

// take counts one entry, and keeps it if it passes.
func (f *filter) take(t *tally, e found) {
	var one [1]glance
	glances := e.glances(&one)
	best := find.Missing
	for i := range glances {
		best = max(best, e.rankOf(i))
	}
	if best == find.Missing {
		return
	}
	e.rank = min(best, find.Sound)
	author, hand := f.writtenBy(e.author), e.hand
	self := hand || !f.Self
	if e.rank < f.level {
		t.near += bit(author && self && f.any(&e, glances))
		return
	}
	if author && self {
		f.count(t, &e, glances)
	}
	if !f.any(&e, glances) {
		return
	}
	t.self += bit(author && hand)
	if self {
		for name := range authors(e.author) {
			t.authors[name]++
		}
	}
	if author && self {
		t.people[e.from.Profile()]++
		t.typed += bit(best == find.Exact)
		t.all = append(t.all, e)
	}
}

// any says whether a line passes.
func (f *filter) any(e *found, glances []glance) bool {
	for i, g := range glances {
		if e.rankOf(i) >= e.rank && f.kind(g) && f.odd(g) && f.when(e.when(g)) {
			return true
		}
	}
	return false
}

// count counts the lines of a group for the filters of lines.
func (f *filter) count(t *tally, e *found, glances []glance) {
	odd := false
	t.seen = t.seen[:0]
	for i, g := range glances {
		if e.rankOf(i) < e.rank {
			continue
		}
		d := e.when(g)
		kind, marked, when := f.kind(g), f.odd(g), f.when(d)
		t.kinds[g.kind] += bit(marked && when)
		odd = odd || kind && when && g.odd
		if y := d / 10000; y != 0 && kind && marked && !slices.Contains(t.seen, y) {
			t.seen = append(t.seen, y)
			t.years[y]++
		}
	}
	t.odd += bit(odd)
}

func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}

func (f *filter) writtenBy(author string) bool {
	if f.Author == "" {
		return true
	}
	for name := range authors(author) {
		if name == f.Author {
			return true
		}
	}
	return false
}

// authors are the people and places that an outline names as one text.
func authors(s string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for s != "" {
			name, rest, _ := strings.Cut(s, ", ")
			if s = rest; name != "" && !yield(name) {
				return
			}
		}
	}
}

// mostAuthors are offered to choose from.
const mostAuthors = 50

// timeline is the answer without groups.
func (t *tally) timeline() Timeline {
	a := Timeline{
		Total: len(t.all), Kinds: map[fhir.Kind]int{}, Years: map[string]int{}, Abnormal: t.odd, Self: t.self, Near: t.near,
		People: t.people,
	}
	for i, n := range t.kinds[:len(lineKinds)] {
		if n > 0 {
			a.Kinds[lineKinds[i]] = n
		}
	}
	for y, n := range t.years {
		a.Years[strconv.Itoa(int(y))] = n
	}
	for name, n := range t.authors {
		a.Authors = append(a.Authors, Count{name, n})
	}
	slices.SortFunc(a.Authors, func(x, y Count) int {
		return cmp.Or(cmp.Compare(y.N, x.N), strings.Compare(x.Name, y.Name))
	})
	a.Authors = a.Authors[:min(len(a.Authors), mostAuthors)]
	return a
}
