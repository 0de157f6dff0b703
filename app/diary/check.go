package diary

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"potli/app/fhir"
)

// Fault is an answer that nothing can be made of. Code is "missing", "number", "day",
// "moment", "choice" or "long".
type Fault struct{ Question, Code string }

// Doubt is an answer that is understood and hard to believe. It is asked about; whoever
// says that it is right is believed. Code is "range" (Low and High say what would be
// ordinary), "future", "before-birth", "order" (an end before its beginning), "swapped"
// (a lower pressure that is not lower) or "nothing" (a medicine of which none is taken).
type Doubt struct{ Question, Code, Low, High string }

// Longest answers, in bytes. A visit may be told at length.
const (
	maxLine = 300
	maxText = 20_000
)

// Faults looks over the answers to what is asked.
func (n Note) Faults() []Fault {
	var all []Fault
	for _, q := range Form(n.Kind) {
		a := n.Answers[q.Name]
		switch code := q.fault(a); {
		case !q.Asked(n):
		case strings.TrimSpace(a) == "" && q.Must:
			all = append(all, Fault{q.Name, "missing"})
		case strings.TrimSpace(a) != "" && code != "":
			all = append(all, Fault{q.Name, code})
		}
	}
	return all
}

func (q Question) fault(a string) string {
	ok := true
	switch q.Type {
	case Number:
		_, ok = Decimal(a)
	case Day:
		ok = isDay(a)
	case Moment:
		_, err := time.Parse(momentForm, a)
		ok = err == nil
	case Choice:
		ok = slices.Contains(q.Options, a)
	}
	switch {
	case !ok:
		return string(q.Type)
	case q.Type == Text && len(a) > maxText, q.Type != Text && len(a) > maxLine:
		return "long"
	}
	return ""
}

// momentForm is how a Moment is written, as the controls of browsers write it.
const momentForm = "2006-01-02T15:04"

// isDay says whether a is a FHIR date (R4, https://hl7.org/fhir/R4/datatypes.html#date).
func isDay(a string) bool {
	_, ok := fhir.ParseDay(a)
	return ok
}

// Decimal reads a number as people type it, in the digits of any script, with a point or
// a comma, or with a half or a quarter: "98,6", "९८.६", "½", "1½", "1/2". It comes out as FHIR
// writes decimals, with the precision it was typed with. Other than that it is not touched.
func Decimal(s string) (string, bool) {
	s = strings.Map(Digit, strings.TrimSpace(s))
	if part, ok := parts[s]; ok {
		return part, true
	}
	for frac, part := range parts { // 1½
		if whole, ok := strings.CutSuffix(s, frac); ok && len(frac) < 3 && whole != "" {
			s = strings.TrimSpace(whole) + part[1:]
			break
		}
	}
	s = strings.Replace(s, ",", ".", 1)
	whole, rest, point := strings.Cut(s, ".")
	if whole == "" && point {
		whole = "0"
	}
	if !digits(whole, 9) || point && !digits(rest, 6) {
		return "", false
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if point {
		return whole + "." + rest, true
	}
	return whole, true
}

var parts = map[string]string{"½": "0.5", "¼": "0.25", "¾": "0.75", "1/2": "0.5", "1/4": "0.25", "3/4": "0.75"}

func digits(s string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, "0123456789") == ""
}

// zeros are the digits 0 of the scripts that people in India write numbers in.
const zeros = "०০੦૦୦௦౦೦൦᱐٠۰"

// Digit makes 0 to 9 of a digit of any of these scripts, and leaves the rest.
func Digit(r rune) rune {
	for _, zero := range zeros {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero
		}
	}
	return r
}

// Doubts looks at whether answers without a fault can be true. born is a FHIR date or "".
func (n Note) Doubts(now time.Time, born string) []Doubt {
	var all []Doubt
	for _, q := range Form(n.Kind) {
		a := strings.TrimSpace(n.Answers[q.Name])
		if a == "" || !q.Asked(n) || q.fault(a) != "" {
			continue
		}
		switch q.Type {
		case Number:
			if r := n.ordinary(q.Name); r != (span{}) && !r.holds(a) {
				all = append(all, Doubt{q.Name, "range", r.low, r.high})
			}
		case Day, Moment:
			if code := dayDoubt(q, a, now, born); code != "" {
				all = append(all, Doubt{Question: q.Name, Code: code})
			}
		}
	}
	return append(all, n.together()...)
}

// dayDoubt lets days of the future pass where they are plans.
func dayDoubt(q Question, a string, now time.Time, born string) string {
	plan := q.Name == "follow" || q.Name == "until" || q.Name == "from"
	today := now.Format(momentForm)
	switch {
	case !plan && a > today[:min(len(a), len(today))]:
		return "future"
	case q.Name == "follow" && a < today[:min(len(a), len(today))]:
		return "past"
	case born != "" && a[:min(len(a), len(born))] < born[:min(len(a), len(born))]:
		return "before-birth"
	}
	return ""
}

// together are doubts about answers beside one another.
func (n Note) together() []Doubt {
	var all []Doubt
	upper, ok := Decimal(n.Answers["systolic"])
	lower, good := Decimal(n.Answers["diastolic"])
	if ok && good && number(lower) >= number(upper) {
		all = append(all, Doubt{Question: "diastolic", Code: "swapped"})
	}
	for _, pair := range [][2]string{{"from", "until"}, {askSince, "ended"}} {
		a, b := n.Answers[pair[0]], n.Answers[pair[1]]
		if l := min(len(a), len(b)); l > 0 && isDay(a) && isDay(b) && b[:l] < a[:l] {
			all = append(all, Doubt{Question: pair[1], Code: "order"})
		}
	}
	if n.Kind == Medicine && n.Answers["plan"] == "daytimes" && n.daytimes() == nil {
		all = append(all, Doubt{Question: "morning", Code: "nothing"})
	}
	return all
}

// span is what would be ordinary, for the old, the small and the very ill as well.
type span struct{ low, high string }

func (s span) holds(a string) bool {
	d, _ := Decimal(a)
	v := number(d)
	return v >= number(s.low) && v <= number(s.high)
}

func number(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64)
	return v
}

// ordinary is the span of a number that is asked.
func (n Note) ordinary(question string) span {
	if v, ok := vitals[n.Kind]; ok {
		if question == "diastolic" {
			return span{"30", "150"}
		}
		return v.unit(n).span
	}
	switch question {
	case "hours":
		return span{"1", "72"}
	case "doseno":
		return span{"1", "20"}
	case "morning", "noon", "evening", "night", "amount", "dose", "weekly":
		return doses[cmp.Or(n.Answers["form"], "tablet")]
	}
	return span{}
}

// doses are how much is taken at once: tablets are few, millilitres and units are not.
var doses = map[string]span{
	"tablet": {"0", "10"}, "capsule": {"0", "10"}, "syrup": {"0", "50"}, "drops": {"0", "40"}, "inhaler": {"0", "10"},
	"injection": {"0", "150"}, "cream": {"0", "10"}, "powder": {"0", "10"},
}
