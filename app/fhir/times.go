package fhir

import "strings"

// notDaily are words of a dosage that is not the same every day, or not taken every day.
var notDaily = set("sos prn needed required if then stop taper tapering reduce increase skip alternate alt eod qod till until weekly fortnightly monthly monday tuesday wednesday thursday friday saturday sunday")

// notTimes are words beside which "1-2-3" may be a day.
var notTimes = set("date dated dt from on since")

// DayTimes reads the pattern of a prescription, "1-0-1": how many in the morning, at noon, in the evening and at night. All
// are empty where a text has none, or one that can mean another thing. same is false where the text says that it is not for
// every day, or not the same every day.
func DayTimes(text string) (times [4]string, same bool) {
	words := shortWords(text)
	plain := true
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		if notDaily[w] || (w == "per" || w == "a" || w == "every" || w == "each") && (strings.HasPrefix(next, "week") || strings.HasPrefix(next, "month") || next == "other") {
			return times, false
		}
		plain = plain && !notTimes[w]
	}
	r, ok := shorthand(text)
	if !ok || !plain {
		return times, true
	}
	for _, m := range r.often {
		for i, key := range []string{"dose.atmorning", "dose.atnoon", "dose.atevening", "dose.atnight"} {
			if m.Key == key {
				times[i] = m.Args["n"]
			}
		}
	}
	return times, true
}
