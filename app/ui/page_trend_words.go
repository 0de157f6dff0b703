package ui

import (
	"math"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"potli/app/fhir"
	"potli/app/trend"
	"potli/app/ui/kit"
)

// trendHref leads to a chart. What it is of stands behind the #, which no server is told, and there as a number without
// meaning.
func trendHref(key string) string { return pathTrend + "#" + key }

// chartHref leads to the chart of a number of a document.
func chartHref(m fhir.Measure) string { return trendHref(trend.Key(m)) }

func trendName(e *Env, name string, pressure bool) string {
	if pressure {
		return e.T("trend.pressure")
	}
	return first(e.own(name), e.T("trend.nameless"))
}

// numbers are the points of one moment: "132/84" of a blood pressure.
func numbers(points []*trend.Point) string {
	var all []string
	for _, p := range points {
		switch {
		case p != nil:
			all = append(all, p.Text)
		case len(points) > 1:
			all = append(all, "–")
		}
	}
	return strings.Join(all, "/")
}

func inUnit(e *Env, number, unit string) string {
	return e.L.Measure(strings.TrimSpace(number + "\u00a0" + trend.Print(unit)))
}

// usual says a reference range in the unit of the chart; "" if there is none.
func usual(e *Env, p *trend.Point) string {
	low, high := !math.IsNaN(p.Low), !math.IsNaN(p.High)
	switch {
	case low && high:
		return e.L.Measure(rangeEnd(p.Low) + " – " + rangeEnd(p.High))
	case low:
		return e.T("trend.least", "value", rangeEnd(p.Low))
	case high:
		return e.T("trend.most", "value", rangeEnd(p.High))
	}
	return ""
}

// rangeEnd writes an end of a range to three digits: it was perhaps told in another unit.
func rangeEnd(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e9 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	scale := math.Pow(10, max(0, 2-math.Floor(math.Log10(math.Abs(x)))))
	return strconv.FormatFloat(math.Round(x*scale)/scale, 'f', -1, 64)
}

// markRank says which of several marks is the gravest.
var markRank = map[trend.Mark]int{trend.Abnormal: 1, trend.Low: 2, trend.High: 2, trend.Critical: 3, trend.CriticalLow: 4, trend.CriticalHigh: 4}

func worst(points []*trend.Point) (mark trend.Mark) {
	for _, p := range points {
		if p != nil && markRank[p.Mark] > markRank[mark] {
			mark = p.Mark
		}
	}
	return mark
}

// markChip is a mark as word, icon and colour.
func markChip(e *Env, m trend.Mark) app.UI {
	switch m {
	case "":
		return nil
	case trend.Critical:
		return kit.Chip("danger", "danger", e.T("flag.critical"))
	}
	return flag(e, string(m))
}

// shapes are the signs of marks: told apart without colour.
var shapes = map[trend.Mark]string{
	trend.Low: "down", trend.High: "up", trend.CriticalLow: "down-bar", trend.CriticalHigh: "up-bar", trend.Critical: "diamond-bar", trend.Abnormal: "diamond",
}

// signsOf are the marks of a legend, in the order in which they are explained.
var signsOf = []trend.Mark{trend.High, trend.Low, trend.CriticalHigh, trend.CriticalLow, trend.Critical, trend.Abnormal}

// chartLink leads from a row of results to the chart of what was measured; nil where there is no number.
func chartLink(e *Env, r fhir.Result) app.UI { return chartOf(e, r.Name, r.Code, r.Value) }

// chartOf leads from a value to its chart.
func chartOf(e *Env, name, code string, value []fhir.Value) app.UI {
	if len(value) == 0 || value[0].Type != fhir.ValueQuantity {
		return nil
	}
	number, _, _ := strings.Cut(value[0].Text, "/") // of a blood pressure, 132/84
	n, ok := fhir.ReadNumber(number)
	if _, _, point := n.Point(); !ok || !point {
		return nil
	}
	return app.A().Class("text-link", "chart-link").Href(chartHref(fhir.Measure{Name: name, Code: code, Unit: value[0].Unit})).
		Aria("label", e.T("record.chart-of", "name", e.own(name))).Body(kit.Icon("chart"), app.Span().Text(e.T("record.chart")))
}
