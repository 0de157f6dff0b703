package fhir_test

import (
	"testing"

	"potli/app/fhir"
)

func TestDayTimes(t *testing.T) {
	for text, want := range map[string][4]string{
		"1-0-1 after food": {"1", "", "", "1"}, "½-0-½-1.5": {"½", "", "½", "1.5"}, "0.5 - 0 - 3": {"½", "", "", "3"}, "1/2-0-1": {"½", "", "", "1"},
		"1 tab OD till 10-12-24": {}, "1 tab OD 10-12-24": {}, "up to 1-2-3": {}, "from 1-2-3": {}, "date 1-2-3": {}, "0-0-0": {}, "500-125-0": {},
		"1-0-1 or 1-1-1": {}, "1-0-1, 0-0-1": {}, "twice a day": {}, "": {},
	} {
		if got, _ := fhir.DayTimes(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{"1-0-1": true, "apply to the skin": true, "for 2 weeks": true, "1 SOS": false, "when required": false,
		"1 every week": false, "once a week": false, "weekly": false, "1-0-1 alternate days": false, "1-0-1 x 3 days then 0-0-1": false} {
		if got, same := fhir.DayTimes(text); same != want || !same && got != [4]string{} {
			t.Errorf("%q: the same every day: %v, %q", text, same, got)
		}
	}
}
