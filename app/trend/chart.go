package trend

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"potli/app/fhir"
	"potli/app/ucum"
)

// Chart is one observable of one person, told in one unit.
type Chart struct {
	Key      string
	Name     string   // as the latest document calls it
	Pressure bool     // of the blood: two series, the upper and the lower
	Unit     string   // UCUM code, or as written where nobody knows it
	Units    []string // that may be chosen; the first is the one most used
	Series   []Series // one; of a blood pressure two
	Apart    []Point  // what cannot be told in Unit, or has no date; Text has its unit with it
}

// Series is one curve, by time.
type Series struct {
	Name   string
	Points []Point
}

// Point is one number, with every document that tells it.
type Point struct {
	At      int64  // seconds since 1970
	Date    string // FHIR date as written; "" none
	Undated bool   // Date is that of the document: the number has none
	Value   float64
	Text    string // Value in the unit of the chart, with its comparator
	Written string // as the document has it, with its unit; "" where Text says the same
	Low     float64
	High    float64 // NaN: none
	Mark    Mark
	Limit   bool // the value is less or more than Value, not that
	Sources []Source

	timed bool
	unit  *unit
}

// Chart makes a chart in a unit, "" for the one that is most used. false: there is none of that key. A unit that does not
// fit is as none.
func (b *Book) Chart(key, unit string) (Chart, bool) {
	c := b.charts[key]
	if c == nil {
		return Chart{}, false
	}
	substance := c.substance()
	out := Chart{Key: key, Name: c.name, Pressure: c.id == pressureID, Units: b.choices(c, substance)}
	if out.Unit = unit; !slices.Contains(out.Units, unit) {
		out.Unit = out.Units[0]
	}
	m := merger{book: b, to: b.peek(out.Unit), substance: substance, chart: &out}
	for _, name := range c.parts {
		out.Series = append(out.Series, Series{Name: name})
	}
	for part := range out.Series {
		m.begin()
		for i := range c.readings {
			if i%1024 == 1023 {
				b.rest()
			}
			if int(c.readings[i].part) == part {
				m.add(c.readings[i])
			}
		}
		b.rest()
		slices.SortStableFunc(m.points, func(a, b Point) int { return cmp.Compare(a.At, b.At) })
		out.Series[part].Points = m.points
	}
	slices.SortStableFunc(out.Apart, func(a, b Point) int { return cmp.Compare(a.At, b.At) })
	return out, true
}

func (c *chart) substance() *ucum.Substance {
	code, ok := strings.CutPrefix(c.id, loincSystem)
	if !ok {
		return nil
	}
	_, s := ucum.Observable(code)
	return s
}

// household are the pairs of units that people know of what is measured at home.
var household = [][]string{{"Cel", "[degF]"}, {"kg", "[lb_av]"}, {"cm", "[in_i]"}}

// choices are the units a chart can be told in, the most used first. Each means something of its own.
func (b *Book) choices(c *chart, s *ucum.Substance) []string {
	used := map[string]int{}
	for _, r := range c.readings {
		used[r.unit.code()]++
	}
	order := make([]string, 0, len(used)+4)
	for code := range used {
		order = append(order, code)
	}
	slices.SortFunc(order, func(a, b string) int { return cmp.Or(used[b]-used[a], strings.Compare(a, b)) })
	first := b.peek(order[0])
	more := []string{}
	if s != nil {
		more = append(more, s.Units...)
	}
	for _, pair := range household {
		if slices.Contains(pair, order[0]) {
			more = append(more, pair...)
		}
	}
	choices := order[:1]
	for _, code := range append(order[1:], more...) {
		u := b.peek(code)
		fits := func(c string) bool {
			one, err := s.Convert(1, u.Unit, b.peek(c).Unit)
			two, err2 := s.Convert(2, u.Unit, b.peek(c).Unit)
			return err == nil && err2 == nil && math.Abs(one-1) < 1e-9 && math.Abs(two-2) < 1e-9
		}
		if _, err := s.Convert(1, first.Unit, u.Unit); err == nil && first.known && u.known && !slices.ContainsFunc(choices, fits) {
			choices = append(choices, code)
		}
	}
	return choices
}

// peek reads a unit without noting it, so that a filled book is only read.
func (b *Book) peek(code string) *unit {
	if u := b.units[code]; u != nil {
		return u
	}
	return (*Book)(nil).unit(code)
}

// merger makes the points of one series.
type merger struct {
	book      *Book
	chart     *Chart
	to        *unit
	substance *ucum.Substance

	points []Point
	moment map[spot]int // where a point is, by its moment
	day    map[spot]int // one without a time of day, by its day
	timed  map[spot]int // the first with one
}

// spot is where points may be the same: a moment or day, and a number to three digits.
type spot struct {
	at     int64
	number float64
	sign   byte
}

func (m *merger) begin() {
	m.points, m.moment, m.day, m.timed = nil, map[spot]int{}, map[spot]int{}, map[spot]int{}
}

func (m *merger) add(r reading) {
	p, ok := m.point(r)
	if !ok {
		m.chart.Apart = append(m.chart.Apart, p)
		return
	}
	at := spot{p.At, rounded(p.Value), r.sign}
	day := spot{floorDay(p.At), at.number, r.sign}
	if r.timed {
		if i, ok := m.moment[at]; ok && same(&m.points[i], &p) {
			m.join(i, p)
			return
		}
		if i, ok := m.day[day]; ok && !m.points[i].timed && same(&m.points[i], &p) && m.points[i].elsewhere(p) {
			m.join(i, p)
			m.points[i].At, m.points[i].Date, m.points[i].Undated, m.points[i].timed = p.At, p.Date, p.Undated, true
			m.moment[at] = i
			return
		}
		m.moment[at] = len(m.points)
		if _, ok := m.timed[day]; !ok {
			m.timed[day] = len(m.points)
		}
	} else {
		for _, there := range []map[spot]int{m.day, m.timed} {
			if i, ok := there[day]; ok && same(&m.points[i], &p) && m.points[i].elsewhere(p) {
				m.join(i, p)
				return
			}
		}
		m.day[day] = len(m.points)
	}
	m.points = append(m.points, p)
}

func floorDay(at int64) int64 { return (at - (at%86400+86400)%86400) / 86400 }

// rounded is x to three digits.
func rounded(x float64) float64 {
	if x == 0 {
		return 0
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}

// same says whether two points that are alike to three digits may be one: in one unit the numbers must be equal.
func same(a, b *Point) bool { return a.unit.code() != b.unit.code() || a.Value == b.Value }

// elsewhere says that p is from a document that does not tell the point yet: two entries of one document without a time of
// day are two measurements.
func (a Point) elsewhere(p Point) bool {
	return !slices.ContainsFunc(a.Sources, func(s Source) bool { return s.Record == p.Sources[0].Record })
}

// join adds the sources of p to a point; what the laboratory said of it is kept.
func (m *merger) join(i int, p Point) {
	at := &m.points[i]
	at.Sources = append(at.Sources, p.Sources...)
	if at.Mark == "" {
		at.Mark = p.Mark
	}
	if math.IsNaN(at.Low) && math.IsNaN(at.High) {
		at.Low, at.High = p.Low, p.High
	}
}

// point tells a reading in the unit of the chart. false: that is not safe, or it has no date.
func (m *merger) point(r reading) (Point, bool) {
	src := m.book.sources[r.source]
	src.Entry = int(r.entry)
	p := Point{
		At: r.at, Date: r.date, Undated: r.undated, Value: r.value, Text: r.text, Low: r.low, High: r.high, Mark: marks[r.mark], Limit: r.sign != 0,
		Sources: []Source{src}, timed: r.timed, unit: r.unit,
	}
	switch {
	case r.date == "":
		p.Text = r.written()
		return p, false
	case r.unit.code() == m.to.code():
		return p, true
	}
	tell := func(x float64) (float64, bool) {
		if !r.unit.known || !m.to.known || math.IsNaN(x) {
			return x, math.IsNaN(x)
		}
		y, err := m.substance.Convert(x, r.unit.Unit, m.to.Unit)
		return y, err == nil
	}
	y, ok := tell(r.value)
	if !ok {
		p.Text = r.written()
		return p, false
	}
	p.Low, _ = tell(r.low)
	p.High, _ = tell(r.high)
	comparator, _ := fhir.CutComparator(r.text)
	p.Value, p.Text, p.Written = y, comparator+decimal(y, max(int(r.digits), 3)), r.written()
	return p, true
}

// written is the number with its unit.
func (r *reading) written() string {
	return strings.TrimSpace(r.text + "\u00a0" + ucum.Print(r.unit.code()))
}

// Stop is a moment at which something was measured: the points of all series, nil where one has none.
type Stop struct {
	At     int64
	Points []*Point
}

// Stops are the moments of a chart, by time: what a person walks along. Two numbers of one moment are two stops.
func (c *Chart) Stops() []Stop {
	at := map[int64][]int{}
	var stops []Stop
	for i := range c.Series {
		points := c.Series[i].Points
		taken := map[int64]int{}
		for j := range points {
			p := &points[j]
			n := taken[p.At]
			taken[p.At]++
			if n == len(at[p.At]) {
				at[p.At] = append(at[p.At], len(stops))
				stops = append(stops, Stop{At: p.At, Points: make([]*Point, len(c.Series))})
			}
			stops[at[p.At][n]].Points[i] = p
		}
	}
	slices.SortStableFunc(stops, func(a, b Stop) int { return cmp.Compare(a.At, b.At) })
	return stops
}
