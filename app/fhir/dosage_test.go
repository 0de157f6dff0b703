package fhir_test

import (
	"strings"
	"testing"
)

// TestDoseInWords: what is said for a Dosage, in English.
func TestDoseInWords(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"words of the prescriber": {`{"text":"1-0-1 after food"}`, "1-0-1 after food · 1 in the morning, 1 at night, after meals"},
		"words and structure":     {`{"text":"1-0-1","timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}}`, "1-0-1"},
		"the brief's own": {`{"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d","when":["C"],"boundsDuration":{"value":10,"unit":"days","code":"d"}}},
			"asNeededBoolean":true,"doseAndRate":[{"doseQuantity":{"value":1,"unit":"tablet"}}]}`, "1 tablet, 2 times a day, with meals, for 10 days, when needed"},
		"once a day":          {repeat(`"frequency":1,"period":1,"periodUnit":"d"`), "once a day"},
		"three times a week":  {repeat(`"frequency":3,"period":1,"periodUnit":"wk"`), "3 times a week"},
		"every six hours":     {repeat(`"frequency":1,"period":6,"periodUnit":"h"`), "every 6 hours"},
		"period alone":        {repeat(`"period":8,"periodUnit":"h"`), "every 8 hours"},
		"four to six hours":   {repeat(`"frequency":1,"period":4,"periodMax":6,"periodUnit":"h"`), "every 4 to 6 hours"},
		"one to two times":    {repeat(`"frequency":1,"frequencyMax":2,"period":1,"periodUnit":"d"`), "1 to 2 times a day"},
		"twice in five days":  {repeat(`"frequency":2,"period":5,"periodUnit":"d"`), "2 times in 5 days"},
		"both ranges":         {repeat(`"frequency":1,"frequencyMax":2,"period":4,"periodMax":6,"periodUnit":"h"`), "1–2 times in 4–6 hours"},
		"every month":         {repeat(`"frequency":1,"period":1,"periodUnit":"mo"`), "once a month"},
		"half a day":          {repeat(`"frequency":1,"period":0.5,"periodUnit":"d"`), "every 0.5 days"},
		"frequency alone":     {repeat(`"frequency":3`), "3 times"},
		"strange unit":        {repeat(`"frequency":1,"period":1,"periodUnit":"fortnight"`), ""},
		"days of the week":    {repeat(`"dayOfWeek":["mon","thu"],"timeOfDay":["08:00:00","20:30:00"]`), "on Mondays, on Thursdays, at 08:00, at 20:30"},
		"strange day":         {repeat(`"dayOfWeek":["someday"]`), "someday"},
		"before breakfast":    {repeat(`"when":["ACM"],"offset":30`), "30 minutes away from, before breakfast"},
		"count":               {repeat(`"count":5`), "5 doses in all"},
		"count to":            {repeat(`"count":5,"countMax":7`), "5 to 7 doses in all"},
		"over half an hour":   {repeat(`"duration":30,"durationUnit":"min"`), "over 30 minutes"},
		"for two weeks":       {repeat(`"boundsDuration":{"value":2,"code":"wk","system":"http://unitsofmeasure.org","unit":"weeks"}`), "for 2 weeks"},
		"unit against code":   {repeat(`"boundsDuration":{"value":2,"code":"wk","unit":"days"}`), "for 2 days"},
		"for 5 to 7 days":     {repeat(`"boundsRange":{"low":{"value":5,"unit":"days"},"high":{"value":7,"unit":"days"}}`), "for 5 – 7 days"},
		"from, until":         {repeat(`"boundsPeriod":{"start":"2024-01-01","end":"2024-02-01"}`), "2024-01-01 to 2024-02-01"},
		"abbreviation":        {`{"timing":{"code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation","code":"BID"}]}}}`, "twice a day"},
		"abbreviation, words": {`{"timing":{"code":{"coding":[{"code":"BID"}],"text":"morning and evening"}}}`, "morning and evening"},
		"code beside repeat":  {`{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"},"code":{"coding":[{"code":"QD"}]}}}`, "once a day"},
		"events":              {`{"timing":{"event":["2024-01-01","2024-01-15"]}}`, "2024-01-01 · 2024-01-15"},
		"needed for":          {`{"asNeededCodeableConcept":{"text":"pain"}}`, "when needed for pain"},
		"not as needed":       {`{"asNeededBoolean":false}`, ""},
		"dose range":          {`{"doseAndRate":[{"doseRange":{"low":{"value":1,"unit":"tablet"},"high":{"value":2,"unit":"tablet"}}}]}`, "1 – 2 tablet"},
		"unit by code":        {`{"doseAndRate":[{"doseQuantity":{"value":5,"code":"mL","system":"http://unitsofmeasure.org"}}]}`, "5 mL"},
		"dose as before R4":   {`{"doseQuantity":{"value":5,"unit":"mL"}}`, "5 mL"},
		"at most":             {`{"maxDosePerPeriod":{"numerator":{"value":4,"unit":"g"},"denominator":{"value":1,"unit":"day"}}}`, "at most 4 g / 1 day"},
		"rate":                {`{"doseAndRate":[{"rateRatio":{"numerator":{"value":50,"unit":"mL"},"denominator":{"value":1,"unit":"h"}}}]}`, "at 50 mL / 1 h"},
		"rate quantity":       {`{"doseAndRate":[{"rateQuantity":{"value":2,"unit":"L/min"}}]}`, "at 2 L/min"},
		"route, site, method": {`{"route":{"text":"By mouth"},"site":{"text":"Left arm"},"method":{"text":"Chew"}}`, "By mouth, Left arm, Chew"},
		"tapering":            {`{"text":"2 a day"},{"text":"then 1 a day"}`, "2 a day"},
		"empty":               {`{}`, ""},
		"nonsense":            {`5,"x",null,{"timing":7,"doseAndRate":{"doseQuantity":"y"}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := mustParse(t, `{"resourceType":"MedicationRequest","status":"active","medicationCodeableConcept":{"text":"X"},"dosageInstruction":[`+c.in+`]}`)
			if got := sayAll(f.View(0).Detail); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			checkView(t, f, 0, f.View(0))
		})
	}
}

func repeat(s string) string { return `{"timing":{"repeat":{` + s + `}}}` }

// TestDoseConflict: words and structure that disagree are both shown.
func TestDoseConflict(t *testing.T) {
	f := mustParse(t, `{"resourceType":"MedicationRequest","medicationCodeableConcept":{"text":"X"},"dosageInstruction":[{"text":"once a day",
		"timing":{"repeat":{"frequency":3,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":2,"unit":"tablet"}}]},{"text":"then stop"}]}`)
	got := sayView(f.View(0))
	for _, want := range []string{"How to take it: once a day", "Schedule: 2 tablet, 3 times a day", "How to take it: then stop"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
