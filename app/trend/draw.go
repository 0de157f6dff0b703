package trend

import (
	"math"
	"slices"
	"strconv"
)

// Drawing is the part of a chart between two moments, ready for a picture: places run from 0 to 1, from the left and from
// above. However many points there are, it has no more than four for each column and series.
type Drawing struct {
	Lines  []Line // as Chart.Series
	Bands  []Band // the usual ranges
	Days   []Tick
	Values []Tick
	From   int64
	To     int64

	low, high float64 // values at the bottom and at the top
}

// Line is one series. Points that are not marked need no sign of their own where there are many.
type Line struct {
	Places []Place
	Whole  bool // nothing was left out
}

// Place is a point of the picture.
type Place struct {
	X, Y  float64
	Mark  Mark
	Limit bool
}

// Band is the usual range of one series from one moment to another.
type Band struct{ Left, Right, Top, Bottom float64 }

// Span is the first and the last moment of a chart.
func (c *Chart) Span() (from, to int64) {
	from, to = math.MaxInt64, math.MinInt64
	for _, s := range c.Series {
		if n := len(s.Points); n > 0 {
			from, to = min(from, s.Points[0].At), max(to, s.Points[n-1].At)
		}
	}
	if from > to {
		return 0, 0
	}
	return from, to
}

// room is how much of the picture stays free at either side.
const room = 0.03

// Draw draws what lies between two moments, into so many columns.
func (c *Chart) Draw(from, to int64, columns int) Drawing {
	from, to = widen(from, to)
	d := Drawing{From: from, To: to, Days: Days(from, to, 6)}
	low, high := c.extent(from, to)
	step, low, high := scaleOf(low, high)
	d.low, d.high = low, high
	y := func(v float64) float64 { return (high - v) / (high - low) }
	x := func(at int64) float64 { return fraction(at, from, to) }
	for i := 0; ; i++ {
		v := low + float64(i)*step
		if v > high+step/2 || i > 12 {
			break
		}
		d.Values = append(d.Values, Tick{At: y(v), Label: plainNumber(v, step)})
	}
	for _, s := range c.Series {
		seen := between(s.Points, from, to)
		l := Line{}
		kept := thin(seen, from, to, columns)
		l.Whole = len(kept) == len(seen)
		for _, k := range kept {
			p := &seen[k]
			l.Places = append(l.Places, Place{X: x(p.At), Y: y(p.Value), Mark: p.Mark, Limit: p.Limit})
		}
		d.Lines = append(d.Lines, l)
		d.Bands = append(d.Bands, bands(seen, x, y)...)
	}
	return d
}

// widen leaves room at both sides, and makes a day of a moment.
func widen(from, to int64) (int64, int64) {
	if to-from < 86400 {
		middle := from + (to-from)/2
		from, to = middle-43200, middle+43200
	}
	edge := int64(float64(to-from) * room)
	return from - edge, to + edge
}

// between are the points in a window, and one on either side so that the curve goes on.
func between(points []Point, from, to int64) []Point {
	i, _ := slices.BinarySearchFunc(points, from, func(p Point, at int64) int { return int(min(max(p.At-at, -1), 1)) })
	j, _ := slices.BinarySearchFunc(points, to+1, func(p Point, at int64) int { return int(min(max(p.At-at, -1), 1)) })
	return points[max(i-1, 0):min(j+1, len(points))]
}

// extent is the lowest and the highest that is to be seen, the usual range with it as long as the curve keeps a fifth of
// the height.
func (c *Chart) extent(from, to int64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	wideLow, wideHigh := low, high
	for _, s := range c.Series {
		for _, p := range between(s.Points, from, to) {
			if p.At >= from && p.At <= to {
				low, high = min(low, p.Value), max(high, p.Value)
			}
			for _, v := range []float64{p.Low, p.High} {
				if !math.IsNaN(v) {
					wideLow, wideHigh = min(wideLow, v), max(wideHigh, v)
				}
			}
		}
	}
	if low > high {
		return 0, 1
	}
	wideLow, wideHigh = min(wideLow, low), max(wideHigh, high)
	if high == low || (high-low) > (wideHigh-wideLow)/5 {
		return wideLow, wideHigh
	}
	return low, high
}

// scaleOf widens two numbers to whole steps of 1, 2 or 5 that leave four to eight of them.
func scaleOf(low, high float64) (step, from, to float64) {
	if high-low < 1e-9*max(math.Abs(low), math.Abs(high), 1e-9) {
		pad := max(math.Abs(low)/10, 1e-6)
		low, high = low-pad, high+pad
	}
	pad := (high - low) * 0.06
	if low < 0 || low-pad >= 0 {
		low -= pad
	} else {
		low = 0
	}
	high += pad
	raw := (high - low) / 5
	step = math.Pow(10, math.Floor(math.Log10(raw)))
	for _, by := range []float64{2, 2.5, 2} { // 1, 2, 5, 10
		if step >= raw {
			break
		}
		step *= by
	}
	return step, math.Floor(low/step) * step, math.Ceil(high/step) * step
}

// plainNumber is a number on an axis, as exact as its step.
func plainNumber(v, step float64) string {
	places := 0
	for s := step; places < 6 && math.Abs(s-math.Round(s)) > 1e-6*s; s *= 10 {
		places++
	}
	s := strconv.FormatFloat(v, 'f', places, 64)
	if v < 0 && s == strconv.FormatFloat(math.Copysign(0, -1), 'f', places, 64) {
		return s[1:]
	}
	return s
}

// thin chooses what is drawn: in each column the first, the last, the lowest and the highest, so that no peak is lost.
func thin(points []Point, from, to int64, columns int) (kept []int) {
	if len(points) <= columns {
		for i := range points {
			kept = append(kept, i)
		}
		return kept
	}
	column := func(at int64) int { return int(fraction(at, from, to) * float64(columns)) }
	for i := 0; i < len(points); {
		here, low, high, last := column(points[i].At), i, i, i
		for j := i; j < len(points) && column(points[j].At) == here; j++ {
			if points[j].Value < points[low].Value {
				low = j
			}
			if points[j].Value > points[high].Value {
				high = j
			}
			last = j
		}
		four := []int{i, low, high, last}
		slices.Sort(four)
		kept = append(kept, slices.Compact(four)...)
		i = last + 1
	}
	return kept
}

// maxBands is how many ranges are drawn: a laboratory does not change its range more often.
const maxBands = 24

// bands are the usual ranges, one for as long as it stays the same. Many different ones say nothing in a picture: then none
// is drawn, and each stands with its number.
func bands(points []Point, x func(int64) float64, y func(float64) float64) (list []Band) {
	clip := func(v float64) float64 { return min(max(v, 0), 1) }
	equal := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
	for i := 0; i < len(points); {
		p := &points[i]
		j := i
		for j < len(points) && equal(points[j].Low, p.Low) && equal(points[j].High, p.High) {
			j++
		}
		b := Band{Left: 0, Right: 1, Top: 0, Bottom: 1}
		if i > 0 {
			b.Left = clip((x(points[i-1].At) + x(p.At)) / 2)
		}
		if j < len(points) {
			b.Right = clip((x(points[j-1].At) + x(points[j].At)) / 2)
		}
		if !math.IsNaN(p.High) {
			b.Top = clip(y(p.High))
		}
		if !math.IsNaN(p.Low) {
			b.Bottom = clip(y(p.Low))
		}
		if !(math.IsNaN(p.Low) && math.IsNaN(p.High)) && b.Bottom > b.Top && b.Right > b.Left {
			list = append(list, b)
		}
		i = j
	}
	if len(list) > maxBands {
		return nil
	}
	return list
}

// Place is where a point stands in the picture; outside of 0 to 1 it is not to be seen.
func (d *Drawing) Place(p *Point) (x, y float64) {
	return fraction(p.At, d.From, d.To), (d.high - p.Value) / (d.high - d.low)
}
