package fhir_test

import (
	"fmt"
	"strings"
	"testing"

	"potli/app/fhir"
)

// TestShorthand: what is certain is said in words beside what was written; what is not
// stays as it is.
func TestShorthand(t *testing.T) {
	for text, want := range map[string]string{
		"1-0-1 after food x 5 days":            "1 in the morning, 1 at night, after meals, for 5 days",
		"1 - 0 - 1 x 5d":                       "1 in the morning, 1 at night, for 5 days",
		"½-0-½ p.c.":                           "½ in the morning, ½ at night, after meals",
		"1-1-1-1":                              "1 in the morning, 1 at noon, 1 in the evening, 1 at night",
		"0-0-1 HS":                             "1 at night, at bedtime",
		"1-0-1 BD":                             "1 in the morning, 1 at night",
		"BD":                                   "2 times a day",
		"1 tab B.D. for 2 weeks":               "2 times a day, for 2 weeks",
		"5 ml TDS x7days":                      "3 times a day, for 7 days",
		"q6h SOS":                              "every 6 hours, when needed",
		"one OD BBF":                           "once a day, before breakfast",
		"stat":                                 "at once, one time",
		"EOD × 1 month":                        "every 2 days, for 1 month",
		"HS":                                   "at bedtime",
		"twice a day after food":               "", // plain words already
		"1-0-1 TDS":                            "", // two or three times?
		"BD then OD":                           "",
		"1-0-1 or SOS":                         "",
		"do not take BD":                       "",
		"1-0-1 x 5 days, 1-0-0 x 5 days":       "",
		"1 drop OD":                            "", // the right eye
		"0-0-0":                                "",
		"2026-1-1":                             "",
		"10-20-30":                             "",
		"for 5 days":                           "",
		"":                                     "",
		strings.Repeat("BD ", 90):              "",
		"BD x 99999 days":                      "2 times a day",
		"Body, BDE, statin, acute, x-ray, sos": "when needed",
	} {
		in := fmt.Sprintf(`{"resourceType":"MedicationRequest","medicationCodeableConcept":{"text":"PCM"},"dosageInstruction":[{"text":%q}]}`, text)
		v := mustParse(t, in).View(0)
		got := ""
		for _, f := range v.Fields {
			if f.Label == "field.schedule" {
				got = sayAll(f.Values)
			}
		}
		if strings.ReplaceAll(got, " · ", ", ") != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if text != "" && !strings.Contains(sayView(v), text) && len(text) < 200 {
			t.Errorf("%q is not shown as it was written", text)
		}
	}
}

// TestShorthandInName: many papers have one line for everything.
func TestShorthandInName(t *testing.T) {
	v := mustParse(t, `{"resourceType":"MedicationRequest","medicationCodeableConcept":{"text":"Tab PCM 500 mg BD"}}`).View(0)
	if got := sayView(v); !strings.Contains(got, "Tab PCM 500 mg BD") || !strings.Contains(got, "= 2 times a day") {
		t.Error(got)
	}
}

// TestCourseEnd: a course that says from when and how long has an end.
func TestCourseEnd(t *testing.T) {
	for in, want := range map[string]string{
		`"authoredOn":"2026-06-01","dosageInstruction":[{"text":"1-0-1 x 5 days"}]`:                                                                                "2026-06-06",
		`"authoredOn":"2026-06-01T10:00:00Z","dosageInstruction":[{"timing":{"repeat":{"boundsDuration":{"value":2,"unit":"weeks","code":"wk"}}}}]`:                "2026-06-15",
		`"authoredOn":"2026-06-01","dosageInstruction":[{"text":"1-0-1 x 5 days"},{"text":"1-0-0 x 5 days"}]`:                                                      "",
		`"authoredOn":"2026-06","dosageInstruction":[{"text":"1-0-1 x 5 days"}]`:                                                                                   "",
		`"authoredOn":"2026-06-01","dosageInstruction":[{"text":"1-0-1"}]`:                                                                                         "",
		`"authoredOn":"2026-06-01","dosageInstruction":[{"text":"1-0-1 x 5 days","timing":{"repeat":{"boundsPeriod":{"start":"2026-06-02","end":"2026-07-01"}}}}]`: "2026-07-01",
		`"authoredOn":"2026-06-01","dispenseRequest":{"validityPeriod":{"end":"2026-06-03"}},"dosageInstruction":[{"text":"1-0-1"}]`:                               "", // of the paper, not of the course
		`"authoredOn":"2026-06-01","dosageInstruction":[{"timing":{"repeat":{"boundsDuration":{"value":999999999,"code":"d"}}}}]`:                                  "2036-06-08",
		`"authoredOn":"2026-06-01","dosageInstruction":[{"timing":{"repeat":{"boundsDuration":{"value":5,"comparator":">","code":"d"}}}}]`:                         "",
		`"authoredOn":"2026-06-01","dosageInstruction":[{"timing":{"repeat":{"boundsDuration":{"value":-5,"code":"d"}}}}]`:                                         "",
	} {
		o := mustParse(t, `{"resourceType":"MedicationRequest","status":"active","medicationCodeableConcept":{"text":"PCM"},`+in+`}`).Outline()
		if got := o.Lines[0].End; got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

// FuzzShorthand: whatever a prescriber writes.
func FuzzShorthand(f *testing.F) {
	for _, s := range []string{"1-0-1 x 5 days", "B.D.", "q6h", "x", "x5", "½-½-½", "-", "1-", "for 5", "q", "qh"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		in := fmt.Sprintf(`{"resourceType":"MedicationRequest","authoredOn":"2026-06-01","medicationCodeableConcept":{"text":%q},"dosageInstruction":[{"text":%q}]}`, s, s)
		if file, err := fhir.Parse([]byte(in)); err == nil {
			checkView(t, file, 0, file.View(0))
			file.Outline()
		}
	})
}
