// Package metrics writes counts in Prometheus' text format 0.0.4. It knows no
// names and no requests, and its histograms are so wide that no value can be read
// out of one.
package metrics

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// Histogram counts values in a few wide classes. Make one with NewHistogram; it
// may be used by many at once.
type Histogram struct {
	upTo []int64 // the largest value of each class but the last
	n    []atomic.Int64
	sum  atomic.Int64
}

// NewHistogram has a class up to each of these values, which grow, and one beyond.
func NewHistogram(upTo ...int64) *Histogram {
	return &Histogram{upTo: upTo, n: make([]atomic.Int64, len(upTo)+1)}
}

// Add counts v.
func (h *Histogram) Add(v int64) {
	class, _ := slices.BinarySearch(h.upTo, v)
	h.n[class].Add(1)
	h.sum.Add(v)
}

// Text is written from top to bottom, in the format of
// https://prometheus.io/docs/instrumenting/exposition_formats/. Prefix stands
// before every name.
type Text struct {
	Prefix string
	b      strings.Builder
}

// Bytes is what was written.
func (t *Text) Bytes() []byte { return []byte(t.b.String()) }

// Family begins a metric: kind is counter, gauge or histogram.
func (t *Text) Family(name, kind, help string) {
	fmt.Fprintf(&t.b, "# HELP %s%s %s\n# TYPE %s%s %s\n", t.Prefix, name, help, t.Prefix, name, kind)
}

// Value is a metric of one number.
func (t *Text) Value(name, kind, help string, v int64) {
	t.Family(name, kind, help)
	t.sample(name, v)
}

func (t *Text) sample(name string, v any) {
	fmt.Fprintf(&t.b, "%s%s %v\n", t.Prefix, name, v)
}

// Histogram writes h, of whose values unit make one of the metric. Labels, if any,
// end with a comma.
func (t *Text) Histogram(name, labels string, h *Histogram, unit float64) {
	var n int64
	for i := range h.n {
		le := "+Inf"
		if i < len(h.upTo) {
			le = strconv.FormatFloat(float64(h.upTo[i])/unit, 'g', -1, 64)
		}
		n += h.n[i].Load()
		t.sample(fmt.Sprintf(`%s_bucket{%sle="%s"}`, name, labels, le), n)
	}
	if labels = strings.TrimSuffix(labels, ","); labels != "" {
		labels = "{" + labels + "}"
	}
	t.sample(name+"_sum"+labels, float64(h.sum.Load())/unit)
	t.sample(name+"_count"+labels, n)
}
