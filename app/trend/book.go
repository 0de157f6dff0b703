package trend

import (
	"math"
	"slices"
	"strings"

	"potli/app/fhir"
	"potli/app/ucum"
)

// Book holds what was measured of one person. It is filled once and then only read, by any goroutine.
type Book struct {
	charts  map[string]*chart
	units   map[string]*unit
	sources []Source
	rest    func()
}

// chart is everything that belongs to one chart, as it came.
type chart struct {
	id       string
	name     string
	parts    []string // names of the curves
	named    int64    // when the name was last used
	readings []reading
}

// reading is one number of one document. There may be a hundred thousand.
type reading struct {
	at        int64
	value     float64
	low, high float64 // NaN: none
	text      string  // the number as written, with its comparator
	date      string  // FHIR date as written
	unit      *unit
	source    int32
	entry     int32
	part      int8
	digits    int8 // that carry meaning
	timed     bool
	undated   bool  // date is that of the whole document
	sign      byte  // '<', '>' or 0
	mark      uint8 // among marks
}

// unit is a unit as written and what it means.
type unit struct {
	written string
	ucum.Unit
	known bool
}

// code is the UCUM code, else the unit as written.
func (u *unit) code() string {
	if u.known {
		return u.Unit.String()
	}
	return u.written
}

// NewBook makes an empty book. rest is called now and then while something is made, for who has other things to do; it
// may be nil.
func NewBook(rest func()) *Book {
	if rest == nil {
		rest = func() {}
	}
	return &Book{charts: map[string]*chart{}, units: map[string]*unit{}, rest: rest}
}

// unit reads a unit once. It also serves where there is no book.
func (b *Book) unit(written string) *unit {
	if b != nil {
		if u := b.units[written]; u != nil {
			return u
		}
	}
	read, err := ucum.Read(written)
	u := &unit{written: written, Unit: read, known: err == nil}
	if b != nil {
		b.units[written] = u
	}
	return u
}

// Like compares what two units measure; one that nobody knows measures nothing.
func (u *unit) Like(v ucum.Unit) bool { return u.known && u.Unit.Like(v) }

// measures says what a unit measures, alike for mg/dL and g/L.
func (b *Book) measures(written string) string {
	u := b.unit(written)
	if !u.known {
		return "unit " + strings.ToLower(written)
	}
	return u.Dimension()
}

// Add takes the numbers of one line of a document. date is that of the document, for numbers without one of their own.
// Lines of one document are added one after the other.
func (b *Book) Add(from Source, date string, l fhir.Line) {
	if len(l.Measures) == 0 {
		return
	}
	if n := len(b.sources); n == 0 || b.sources[n-1].Record != from.Record {
		b.sources = append(b.sources, from)
	}
	for _, m := range l.Measures {
		if m.Name == "" {
			m.Name = l.Title
		}
		r, ok := b.read(m)
		if !ok {
			continue
		}
		r.entry, r.source, r.date = int32(l.Entry), int32(len(b.sources)-1), l.Date
		if r.at, r.timed, ok = when(l.Date); !ok {
			r.date, r.undated = date, true
			if r.at, r.timed, ok = when(date); !ok {
				r.date = ""
			}
		}
		b.file(m, r)
	}
}

// read makes a number of what was written; false: it is none.
func (b *Book) read(m fhir.Measure) (reading, bool) {
	n, ok := fhir.ReadNumber(m.Value)
	x, sign, point := n.Point()
	if !ok || !point {
		return reading{}, false
	}
	_, number := fhir.CutComparator(m.Value)
	r := reading{value: x, sign: sign, text: m.Value, unit: b.unit(m.Unit), mark: markOf(m), digits: int8(significant(number))}
	r.low, r.high = m.Bounds()
	return r, true
}

// significant counts the digits of a decimal that carry meaning, two to six of them.
func significant(number string) int {
	n := 0
	for _, c := range []byte(strings.TrimLeft(number, "-+0.")) {
		if c == 'e' || c == 'E' {
			break
		}
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return min(max(n, 2), 6)
}

// file puts a reading into its chart. The chart is called what the latest document calls it.
func (b *Book) file(m fhir.Measure, r reading) {
	id, part := identity(m, b)
	key := name(id)
	c := b.charts[key]
	if c == nil {
		c = &chart{id: id, named: math.MinInt64}
		b.charts[key] = c
	}
	for len(c.parts) <= part {
		c.parts = append(c.parts, "")
	}
	if r.at >= c.named || c.parts[part] == "" {
		c.name, c.parts[part], c.named = m.Name, m.Name, r.at
	}
	r.part = int8(part)
	c.readings = append(c.readings, r)
}

// Summary is one chart in a line: what it is called, its latest number and how it came there.
type Summary struct {
	Key      string
	Name     string
	Pressure bool // of the blood: Name is that of one of its curves
	Count    int  // of moments at which it was measured
	Unit     string
	At       int64    // when it was measured last
	Latest   []*Point // as Stop.Points of the last stop
	Spark    []float64
}

// sparkPoints is how many of the latest numbers a Summary draws.
const sparkPoints = 24

// List is everything that can be drawn: what was measured last comes first. units are the person's choices, by key.
func (b *Book) List(units map[string]string) []Summary {
	list := make([]Summary, 0, len(b.charts))
	for key := range b.charts {
		b.rest()
		c, _ := b.Chart(key, units[key])
		stops := c.Stops()
		if len(stops) == 0 {
			continue
		}
		s := Summary{Key: key, Name: c.Name, Pressure: c.Pressure, Count: len(stops), Unit: c.Unit}
		last := stops[len(stops)-1]
		s.At, s.Latest = last.At, last.Points
		for _, p := range latest(c.Series[0].Points) {
			s.Spark = append(s.Spark, p.Value)
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Summary) int {
		if d := strings.Compare(Day(b.At), Day(a.At)); d != 0 {
			return d
		}
		return strings.Compare(plainName(a.Name)+a.Key, plainName(b.Name)+b.Key)
	})
	return list
}

func latest(points []Point) []Point { return points[max(0, len(points)-sparkPoints):] }
