package fhir

import (
	"strconv"
	"strings"
	"time"
)

// A prescription in India is written in shorthand: "Tab PCM 500 mg BD", "1-0-1 after food
// x 5 days". It is said in words beside what was written, and only where it can mean one
// thing: a text with an "or", a "then" or a "not" in it, or with two different rhythms,
// stays as it is.

// rhythm is what shorthand says of a course.
type rhythm struct {
	often  []Message // how often, or how many at which time of day
	when   []Message
	needed bool
	span   Message // how long
	days   int     // the same in days; 0: not said, or not exactly
	marks  int     // how much of it was shorthand, and no plain words
}

// unsure are words after which shorthand may mean something else.
var unsure = set("or then stop stopped not no don't avoid taper tapering reduce increase if except skip followed alternate alternately until till to")

// often is how often a day, by abbreviation.
var often = map[string]string{"od": "1", "bd": "2", "bid": "2", "tds": "3", "tid": "3", "qid": "4", "qds": "4"}

// whens are times by meals and sleep; two words are joined by a blank.
var whens = map[string]string{
	"ac": "AC", "pc": "PC", "hs": "HS", "bbf": "ACM", "abf": "PCM", "before food": "AC", "before meals": "AC", "before meal": "AC",
	"after food": "PC", "after meals": "PC", "after meal": "PC", "with food": "C", "with meals": "C", "before breakfast": "ACM", "after breakfast": "PCM",
	"before lunch": "ACD", "after lunch": "PCD", "before dinner": "ACV", "after dinner": "PCV", "at bedtime": "HS", "at night": "NIGHT",
}

// short abbreviations that are marks of shorthand among whens.
var shortWhen = set("ac pc hs bbf abf")

var spanUnits = map[string]string{"d": "d", "day": "d", "days": "d", "wk": "wk", "wks": "wk", "week": "wk", "weeks": "wk", "mo": "mo", "month": "mo", "months": "mo"}

// shorthand reads a text; ok is false when nothing of it is certain.
func shorthand(text string) (r rhythm, ok bool) {
	if len(text) > 200 {
		return r, false
	}
	words := shortWords(text)
	for _, w := range words {
		if unsure[w] {
			return rhythm{}, false
		}
	}
	for i := 0; i < len(words); {
		n, clear := r.read(words[i:], eyes(words))
		if !clear {
			return rhythm{}, false
		}
		i += max(n, 1)
	}
	return r, r.marks > 0
}

// shortWords are the words of a text as shorthand is compared: "B.D." is "bd", "1 - 0 - 1"
// is one word, "x5days" are three.
func shortWords(text string) []string {
	text = strings.ToLower(text)
	for _, pair := range [][2]string{{" - ", "-"}, {"×", " x "}, {"–", "-"}, {"½", "0.5"}, {"1/2", "0.5"}} {
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n,;()/+", r) }) {
		if _, ok := pattern(w); ok {
			out = append(out, w)
			continue
		}
		if strings.Count(w, ".") > 1 {
			w = strings.ReplaceAll(w, ".", "")
		}
		w = strings.Trim(w, ".:")
		if rest, ok := strings.CutPrefix(w, "x"); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			out = append(out, "x")
			w = rest
		}
		if n := strings.TrimLeft(w, "0123456789"); n != w && spanUnits[n] != "" {
			out = append(out, w[:len(w)-len(n)])
			w = n
		}
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

// eyes says whether the text is about eyes, where OD is the right one.
func eyes(words []string) bool {
	for _, w := range words {
		if strings.HasPrefix(w, "eye") || strings.HasPrefix(w, "drop") || strings.HasPrefix(w, "ophth") || w == "os" || w == "ou" || w == "gtt" {
			return true
		}
	}
	return false
}

// read takes what stands first among the words; clear is false when it contradicts what
// was read before. n is how many words it was, 0: nothing known.
func (r *rhythm) read(words []string, eyes bool) (n int, clear bool) {
	w := words[0]
	next := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	if times, ok := pattern(w); ok {
		return 1, r.rhythm(times)
	}
	if often[w] != "" {
		if w == "od" && eyes {
			return 1, false
		}
		return 1, r.rhythm([]Message{message("dose.per.d", "n", often[w])})
	}
	if rest, ok := strings.CutPrefix(w, "q"); ok && strings.HasSuffix(rest, "h") && allDigits(strings.TrimSuffix(rest, "h")) {
		return 1, r.rhythm([]Message{message("dose.every.h", "n", strings.TrimSuffix(rest, "h"))})
	}
	switch two := w + " " + next(1); {
	case w == "sos" || w == "prn":
		r.needed = true
		r.marks++
		return 1, true
	case w == "stat":
		return 1, r.rhythm([]Message{{Key: "dose.stat"}})
	case w == "eod" || w == "qod":
		return 1, r.rhythm([]Message{message("dose.every.d", "n", "2")})
	case whens[two] != "":
		r.when = append(r.when, Message{Key: "when." + whens[two]})
		return 2, true
	case whens[w] != "":
		r.when = append(r.when, Message{Key: "when." + whens[w]})
		r.marks++
		return 1, true
	case (w == "x" || w == "for") && allDigits(next(1)) && len(next(1)) < 4 && spanUnits[next(2)] != "":
		return 3, r.lasting(next(1), spanUnits[next(2)], w == "x")
	}
	return 0, true
}

// rhythm notes how often. A second one that says another thing makes all of it unsure.
func (r *rhythm) rhythm(m []Message) bool {
	r.marks++
	if r.often == nil {
		r.often = m
		return true
	}
	return len(m) == 1 && len(r.often) == 1 && m[0].Key == r.often[0].Key && m[0].Args["n"] == r.often[0].Args["n"] ||
		daily(m) > 0 && daily(m) == daily(r.often)
}

// daily is how often a day that is; 0: not said so.
func daily(m []Message) int {
	if len(m) == 1 && m[0].Key == "dose.per.d" {
		n, _ := strconv.Atoi(m[0].Args["n"])
		return n
	}
	for _, one := range m {
		if !strings.HasPrefix(one.Key, "dose.at") {
			return 0
		}
	}
	return len(m)
}

func (r *rhythm) lasting(n, unit string, short bool) bool {
	if r.span.Key != "" {
		return false
	}
	r.span = message("dose.for."+unit, "n", n)
	if short {
		r.marks++
	}
	count, _ := strconv.Atoi(n)
	r.days = count * map[string]int{"d": 1, "wk": 7}[unit]
	return true
}

// pattern reads "1-0-1" (morning, noon, night) and "1-1-1-1" (morning, noon, evening,
// night). One that gives nothing at any time is none.
func pattern(w string) ([]Message, bool) {
	parts := strings.Split(w, "-")
	keys := []string{"dose.atmorning", "dose.atnoon", "dose.atnight"}
	if len(parts) == 4 {
		keys = []string{"dose.atmorning", "dose.atnoon", "dose.atevening", "dose.atnight"}
	}
	if len(parts) != len(keys) {
		return nil, false
	}
	var m []Message
	for i, p := range parts {
		switch p {
		case "0":
			continue
		case "1", "2", "3", "0.5", "1.5":
		default:
			return nil, false
		}
		m = append(m, message(keys[i], "n", strings.Replace(p, "0.5", "½", 1)))
	}
	return m, len(m) > 0
}

// said is the rhythm in phrases.
func (r rhythm) said() []Value {
	m := append(append([]Message(nil), r.often...), r.when...)
	if r.needed {
		m = append(m, message("dose.asneeded"))
	}
	if r.span.Key != "" {
		m = append(m, r.span)
	}
	return []Value{{Type: ValueMessage, Messages: m}}
}

// inWords says shorthand in words; nothing when it is not certain.
func inWords(text string) []Value {
	if r, ok := shorthand(text); ok {
		return r.said()
	}
	return nil
}

// courseEnd is the last day of a course that says from when and how many days: by its
// structure, or by shorthand. Several doses have none: one may follow another.
func courseEnd(e element) string {
	start, ok := ParseDate(DayPart(firstOf(e.get("authoredOn").peek(), e.path("effectivePeriod", "start").peek())))
	if !ok || start.Precision != Day {
		return ""
	}
	for _, name := range []string{"dosageInstruction", "dosage"} {
		list := e.get(name).some(2)
		if len(list) != 1 {
			continue
		}
		if n := courseDays(list[0]); n > 0 {
			return start.Time(time.UTC).AddDate(0, 0, n).Format(time.DateOnly) // the first dose may be taken a day late
		}
	}
	return ""
}

func courseDays(dose element) int {
	b := dose.path("timing", "repeat", "boundsDuration")
	if unit := timeUnit(b); b.ok() && b.get("comparator").peek() == "" && (unit == "d" || unit == "wk") {
		n, _ := strconv.Atoi(b.get("value").peek())
		if unit == "wk" {
			n *= 7
		}
		return min(n, 3660)
	}
	r, ok := shorthand(dose.get("text").peek())
	if !ok {
		return 0
	}
	return r.days
}
