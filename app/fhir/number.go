package fhir

import (
	"math"
	"strconv"
	"strings"
)

// Number is what a value says as it is written: one number, "7.1"; one end, "<5", of which
// one knows no more than that; or a span, "5-10". It is every number between Low and High.
type Number struct {
	Low, High float64 // -Inf, +Inf: no end; equal: one number
	Open      bool    // the one end does not belong: "<5", not "<=5"
}

// maxNumber is more than is counted of anything in a person.
const maxNumber = 1e15

// CutComparator parts a number from what stands before it: the comparators of FHIR
// (http://hl7.org/fhir/R5/valueset-quantity-comparator.html) and their printed forms.
func CutComparator(s string) (comparator, number string) {
	number = strings.TrimLeft(s, "<>=~≤≥ \u00a0")
	if rest, ok := strings.CutPrefix(number, "ad"); ok { // R5: enough to reach that
		number = strings.TrimLeft(rest, " ")
	}
	return strings.TrimSpace(s[:len(s)-len(number)]), number
}

// ReadNumber reads a value; what is "about 5" is 5. false: it is no number, or says
// something else than the above, as "ad 5" does.
func ReadNumber(s string) (n Number, ok bool) {
	sign, digits := CutComparator(s)
	if x, ok := decimal(digits); ok {
		return compared(sign, x)
	}
	if sign == "" {
		return span(strings.ReplaceAll(digits, "–", "-"))
	}
	return Number{}, false
}

// span reads "5-10".
func span(s string) (Number, bool) {
	at := 1 + strings.IndexByte(s[min(len(s), 1):], '-') // a sign is no dash
	if at == 0 {
		return Number{}, false
	}
	low, ok := decimal(strings.TrimSpace(s[:at]))
	high, ok2 := decimal(strings.TrimSpace(s[at+1:]))
	return Number{Low: low, High: high}, ok && ok2 && low <= high
}

// compared is a number with what stands before it.
func compared(sign string, x float64) (Number, bool) {
	n := Number{Low: x, High: x}
	below, above := strings.ContainsAny(sign, "<≤"), strings.ContainsAny(sign, ">≥")
	switch {
	case below && above, strings.Contains(sign, "ad"):
		return Number{}, false
	case below:
		n.Low = math.Inf(-1)
	case above:
		n.High = math.Inf(1)
	}
	n.Open = (below || above) && !strings.ContainsAny(sign, "=≤≥")
	return n, true
}

// decimal reads what is nothing but a decimal.
func decimal(s string) (float64, bool) {
	if s == "" || len(s) > 64 || strings.Trim(s, "0123456789.+-eE") != "" {
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && math.Abs(x) <= maxNumber
}

// Point is where a number stands on a curve: itself, or its one end, with '<' or '>' for
// what lies beyond. false: a span has no such place.
func (n Number) Point() (x float64, sign byte, ok bool) {
	switch {
	case math.IsInf(n.Low, -1):
		return n.High, '<', true
	case math.IsInf(n.High, 1):
		return n.Low, '>', true
	}
	return n.Low, 0, n.Low == n.High
}

// below and above say whether all that a value can be lies on that side of an end.
func (n Number) below(end float64) bool { return n.High < end || n.High == end && n.Open }
func (n Number) above(end float64) bool { return n.Low > end || n.Low == end && n.Open }

// Bounds are the ends of the reference range, NaN where there is none. A range whose lower
// end is the higher one is none.
func (m Measure) Bounds() (low, high float64) {
	low, high = bound(m.Low), bound(m.High)
	if low > high {
		return math.NaN(), math.NaN()
	}
	return low, high
}

func bound(s string) float64 {
	if n, ok := ReadNumber(s); ok && n.Low == n.High {
		return n.Low
	}
	return math.NaN()
}

// Standing says how a number stands to what is usual, as Result.Flag: what the laboratory
// says of it, also against its own range; where it says nothing, what its range says, as far
// as that is certain of every number the value can be. "" is within, or nobody knows. It is
// the one place where this is reckoned: charts, the summary and the filters go by it.
func (m Measure) Standing() string {
	if _, ok := flagRank[m.Flag]; ok {
		return m.Flag
	}
	n, ok := ReadNumber(m.Value)
	if !ok {
		return ""
	}
	switch low, high := m.Bounds(); {
	case n.below(low): // no number lies beyond NaN
		return "low"
	case n.above(high):
		return "high"
	}
	return ""
}

// Standing is the gravest that is said or reckoned of what a line measured: of its numbers,
// and of a value in words that is marked. "" where nothing is out of the ordinary.
func (l *Line) Standing() string {
	flag := ""
	note := func(f string) {
		if Gravity(f) > Gravity(flag) {
			flag = f
		}
	}
	if l.Negated {
		return ""
	}
	for _, m := range l.Measures {
		note(m.Standing())
	}
	for _, v := range l.Detail {
		for _, m := range v.Messages {
			if f, ok := strings.CutPrefix(m.Key, "flag."); ok {
				note(f)
			}
		}
	}
	return flag
}

// Found are the values of a line that say what was found, without remarks on them. Of a
// yes or no the text is the code.
func (l *Line) Found() []Value {
	var all []Value
	for _, v := range l.Detail {
		if v.Type != ValueMessage || len(v.Messages) > 0 && strings.HasPrefix(v.Messages[0].Key, "value.") {
			all = append(all, v)
		}
	}
	return all
}

// Gravity orders flags: 0 usual or nothing said, 1 out of the ordinary, 2 critical.
func Gravity(flag string) int {
	switch flag {
	case "critical", "critical-low", "critical-high":
		return 2
	case "low", "high", "abnormal":
		return 1
	}
	return 0
}
