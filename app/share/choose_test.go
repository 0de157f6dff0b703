package share_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
)

// summary is "Title*" for each item, the star for suggested.
func summary(items []share.Item) string {
	var all []string
	for _, it := range items {
		s := it.Title
		if it.Suggested {
			s += "*"
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

func coded(typ, id, member, code, text string, more ...string) string {
	return fmt.Sprintf(`{"resourceType":%q,"id":%q,%q:{"coding":[{"system":"http://snomed.info/sct","code":%q,"display":%q}]}%s}`,
		typ, id, member, code, text, strings.Join(append([]string{""}, more...), ","))
}

func clinical(status string) string { return `"clinicalStatus":{"coding":[{"code":"` + status + `"}]}` }

func TestChooseSummary(t *testing.T) {
	src := []share.Source{source("r", patient,
		coded("Procedure", "proc", "code", "1", "Appendectomy", `"status":"completed"`, `"performedDateTime":"2020-01-01"`),
		coded("Immunization", "i1", "vaccineCode", "2", "Tetanus vaccine", `"status":"completed"`, `"occurrenceDateTime":"1999"`),
		coded("Immunization", "i2", "vaccineCode", "3", "Influenza vaccine", `"status":"not-done"`, `"occurrenceDateTime":"2024"`),
		coded("MedicationRequest", "m1", "medicationCodeableConcept", "4", "Metformin", `"status":"active"`),
		coded("MedicationRequest", "m2", "medicationCodeableConcept", "5", "Amoxicillin", `"status":"completed"`),
		coded("MedicationStatement", "m3", "medicationCodeableConcept", "6", "Vitamin D", `"status":"active"`),
		coded("Condition", "c1", "code", "7", "Asthma", clinical("active")),
		coded("Condition", "c2", "code", "8", "Old fracture", clinical("resolved")),
		coded("Condition", "c3", "code", "9", "Not diabetes", `"verificationStatus":{"coding":[{"code":"refuted"}]}`),
		coded("Condition", "c4", "code", "10", "Written by mistake", `"verificationStatus":{"coding":[{"code":"entered-in-error"}]}`),
		coded("AllergyIntolerance", "a1", "code", "11", "Penicillin allergy", clinical("active")),
		coded("AllergyIntolerance", "a2", "code", "716186003", "No known allergies", clinical("active")),
		coded("Observation", "o1", "code", "13", "Haemoglobin", `"status":"final"`, `"effectiveDateTime":"2025-06-01"`, `"valueString":"12"`),
		coded("Observation", "o2", "code", "14", "Old glucose", `"status":"final"`, `"effectiveDateTime":"2024-05-31"`, `"valueString":"5"`),
		coded("Observation", "o3", "code", "15", "From the future", `"status":"final"`, `"effectiveDateTime":"2099-01-01"`, `"valueString":"5"`),
		coded("Observation", "o4", "code", "16", "Undated", `"status":"final"`, `"valueString":"5"`),
		coded("FamilyMemberHistory", "f", "code", "17", "Father", `"status":"completed"`, `"condition":[{"code":{"text":"Stroke"}}]`),
	)}
	items := share.Choose(src, now)
	byTitle := map[string]share.Item{}
	for _, it := range items {
		byTitle[it.Title] = it
	}
	for title, want := range map[string]bool{"Appendectomy": false, "Tetanus vaccine": true, "Influenza vaccine": false, "Metformin": true,
		"Amoxicillin": false, "Vitamin D": true, "Asthma": true, "Old fracture": false, "Not diabetes": false,
		"Penicillin allergy": true, "No known allergies": false, "Haemoglobin": true, "Old glucose": false, "From the future": false, "Undated": false} {
		it, ok := byTitle[title]
		if !ok || it.Suggested != want {
			t.Errorf("%s: offered %v, suggested %v, want %v", title, ok, it.Suggested, want)
		}
		if it.Bytes <= 0 {
			t.Errorf("%s adds %d bytes", title, it.Bytes)
		}
	}
	if _, ok := byTitle["Written by mistake"]; ok {
		t.Error("offers what was entered in error")
	}
	order := []fhir.Kind{fhir.KindAllergy, fhir.KindCondition, fhir.KindMedicine, fhir.KindImmunization, fhir.KindResult, fhir.KindProcedure, fhir.KindOther}
	for _, it := range items {
		if it.Type == "FamilyMemberHistory" && it.Suggested {
			t.Error("suggests what is about relatives")
		}
		if !slices.Contains(order, it.Kind) {
			t.Errorf("%s is of kind %q", it.Type, it.Kind)
		}
		if it.Type == "Patient" {
			t.Error("offers the Patient, who is in every share")
		}
	}
	if !slices.IsSortedFunc(items, func(a, b share.Item) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) }) {
		t.Errorf("not in the order of kinds: %s", summary(items))
	}
}

func TestChooseNoKnownAllergies(t *testing.T) {
	src := []share.Source{source("r", patient, coded("AllergyIntolerance", "a", "code", "716186003", "No known allergy"))}
	if items := share.Choose(src, now); len(items) != 1 || !items[0].Suggested || !items[0].Negated {
		t.Errorf("got %+v", items)
	}
	src = []share.Source{source("r", patient, coded("AllergyIntolerance", "a", "code", "1287211007", "No information available"))}
	if items := share.Choose(src, now); len(items) != 0 {
		t.Errorf("offers that nothing is known: %+v", items)
	}
}

// The default takes the year before the newest result, and no more than a screen or two.
func TestChooseRecentResults(t *testing.T) {
	var all []string
	for i := range 60 {
		d := time.Date(2019, 7, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i).Format(time.DateOnly)
		all = append(all, coded("Observation", fmt.Sprint("o", i), "code", fmt.Sprint(i), fmt.Sprint("Test ", i), `"status":"final"`, `"effectiveDateTime":"`+d+`"`, `"valueString":"1"`))
	}
	items := share.Choose([]share.Source{source("r", all...)}, now)
	n := 0
	for i, it := range items {
		if it.Suggested {
			n++
			if i >= 40 {
				t.Errorf("item %d of %s is suggested before newer ones", i, it.Date)
			}
		}
	}
	if len(items) != 60 || n != 40 {
		t.Errorf("%d items, %d suggested: five years old is recent when nothing is newer", len(items), n)
	}
}

// Two documents say the same: one item. They differ: two.
func TestChooseDuplicates(t *testing.T) {
	for _, c := range []struct {
		name     string
		one, two string
		want     string
	}{
		{"same code and words", coded("Condition", "1", "code", "195967001", "Asthma"), coded("Condition", "2", "code", "195967001", "Asthma"), "Asthma*"},
		{"same code, other words of the same code", coded("Condition", "1", "code", "195967001", "Asthma"), coded("Condition", "2", "code", "195967001", "Asthma (disorder)"), "Asthma (disorder)*"},
		{"words alone, other case", `{"resourceType":"Condition","id":"1","code":{"text":"Asthma"}}`, coded("Condition", "2", "code", "195967001", "ASTHMA"), "ASTHMA*"},
		{"a placeholder for a code", coded("Condition", "1", "code", "261665006", "Asthma"), coded("Condition", "2", "code", "261665006", "Migraine"), "Asthma*, Migraine*"},
		{"a code beside other words", `{"resourceType":"AllergyIntolerance","id":"1","code":{"coding":[{"system":"x","code":"1","display":"Allergy"}],"text":"Walnuts"}}`, `{"resourceType":"AllergyIntolerance","id":"2","code":{"coding":[{"system":"x","code":"1","display":"Allergy"}],"text":"Peanuts"}}`, "Walnuts*, Peanuts*"},
		{"noted at two times", coded("AllergyIntolerance", "1", "code", "5", "Pollen allergy", `"recordedDate":"2010"`), coded("AllergyIntolerance", "2", "code", "5", "Pollen allergy", `"recordedDate":"2020"`), "Pollen allergy*"},
		{"one is grave", coded("AllergyIntolerance", "1", "code", "5", "Pollen allergy", `"criticality":"low"`), coded("AllergyIntolerance", "2", "code", "5", "Pollen allergy", `"criticality":"high"`), "Pollen allergy*, Pollen allergy*"},
		{"active and resolved", coded("Condition", "1", "code", "5", "Anaemia", clinical("active")), coded("Condition", "2", "code", "5", "Anaemia", clinical("resolved")), "Anaemia, Anaemia"},
		{"two doses", coded("Immunization", "1", "vaccineCode", "5", "Polio vaccine", `"occurrenceDateTime":"2020-01-01"`), coded("Immunization", "2", "vaccineCode", "5", "Polio vaccine", `"occurrenceDateTime":"2020-03-01"`), "Polio vaccine*, Polio vaccine*"},
		{"one dose, by day and by minute", coded("Immunization", "1", "vaccineCode", "5", "Polio vaccine", `"occurrenceDateTime":"2020-01-01"`), coded("Immunization", "2", "vaccineCode", "5", "Polio vaccine", `"occurrenceDateTime":"2020-01-01T10:00:00Z"`), "Polio vaccine*"},
		{"two values of a day", coded("Observation", "1", "code", "5", "Glucose", `"effectiveDateTime":"2020-01-01"`, `"valueString":"5"`), coded("Observation", "2", "code", "5", "Glucose", `"effectiveDateTime":"2020-01-01"`, `"valueString":"9"`), "Glucose*, Glucose*"},
		{"one value twice", coded("Observation", "1", "code", "5", "Glucose", `"effectiveDateTime":"2020-01-01"`, `"valueString":"5"`), coded("Observation", "2", "code", "5", "Glucose", `"effectiveDateTime":"2020-01-01"`, `"valueString":"5"`), "Glucose*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			old, recent := source("old", c.one), source("new", c.two)
			old.Meta.Date, recent.Meta.Date = "2025-01-01", "2026-01-01"
			for _, src := range [][]share.Source{{old, recent}, {recent, old}} {
				items := share.Choose(src, now)
				slices.SortFunc(items, func(a, b share.Item) int { return strings.Compare(string(b.Record), string(a.Record)) })
				if got := summary(items); got != c.want && len(items) > 0 {
					t.Errorf("got %s, want %s", got, c.want)
				}
				if len(items) == 1 && items[0].Record != "new" {
					t.Error("the older copy was kept")
				}
			}
		})
	}
	t.Run("twice in one document", func(t *testing.T) {
		src := source("r", coded("Condition", "1", "code", "5", "Fall"), coded("Condition", "2", "code", "5", "Fall"))
		if items := share.Choose([]share.Source{src}, now); len(items) != 2 {
			t.Errorf("%d items: both are statements of the same author", len(items))
		}
	})
}

// A record that cannot be read takes nothing from the others.
func TestChooseBroken(t *testing.T) {
	src := []share.Source{{Meta: record.Meta{ID: "bad", Format: record.FormatFHIR}, Body: []byte("{")},
		source("r", coded("Condition", "1", "code", "5", "Asthma"))}
	if got := summary(share.Choose(src, now)); got != "Asthma*" {
		t.Errorf("got %s", got)
	}
	if got := share.Choose(nil, now); len(got) != 0 {
		t.Errorf("got %v of nothing", got)
	}
}

// Each Binary was looked for in every document of its file: an export of a few thousand took a minute, during which
// nothing could be shown at a counter.
func TestChooseManyDocuments(t *testing.T) {
	file := func(n int) share.Source {
		var b strings.Builder
		b.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
		for i := range n {
			fmt.Fprintf(&b, `{"fullUrl":"urn:uuid:b%d","resource":{"resourceType":"Binary","contentType":"text/plain","data":"QUJD"}},`, i)
			fmt.Fprintf(&b, `{"resource":{"resourceType":"DocumentReference","content":[{"attachment":{"contentType":"text/plain","data":"QUJD"}}]}},`)
		}
		return share.Source{Meta: record.Meta{ID: "many", Format: record.FormatFHIR}, Body: []byte(strings.TrimSuffix(b.String(), ",") + `]}`)}
	}
	took := func(n int) time.Duration {
		src, begin := []share.Source{file(n)}, time.Now()
		if got := len(share.Choose(src, now)); got != 2*n {
			t.Fatalf("%d items of %d", got, 2*n)
		}
		return time.Since(begin)
	}
	small := max(took(1000), time.Millisecond)
	if large := took(8000); large > 32*small { // eight times as much; squared it would be 64 times
		t.Errorf("1000 documents: %v, 8000: %v", small, large)
	}
}

// What is over is not suggested, whoever once called it active; it stays to be ticked.
func TestChooseWhatLasts(t *testing.T) {
	medicine := func(id, code, name string, more ...string) string {
		return coded("MedicationRequest", id, "medicationCodeableConcept", code, name, more...)
	}
	active, stopped := `"status":"active"`, `"status":"stopped"`
	for _, c := range []struct {
		name             string
		old, recent      string
		oldDay, recently string // of the records
		want             string // the titles that are suggested
	}{
		{"stopped by a later paper", medicine("1", "5", "Warfarin", active), medicine("2", "5", "Warfarin", stopped), "2019-01-01", "2024-01-01", ""},
		{"stopped under its name alone", medicine("1", "5", "Warfarin", active), `{"resourceType":"MedicationStatement","id":"2","status":"stopped","medicationCodeableConcept":{"text":"WARFARIN"}}`, "2019-01-01", "2024-01-01", ""},
		{"stopped under another name of its code", medicine("1", "5", "Warfarin", active), medicine("2", "5", "Warfarin sodium", stopped), "2019-01-01", "2024-01-01", ""},
		{"begun again", medicine("1", "5", "Warfarin", stopped), medicine("2", "5", "Warfarin", active), "2019-01-01", "2024-01-01", "new Warfarin"},
		{"another was stopped", medicine("1", "5", "Warfarin", active), medicine("2", "6", "Aspirin", stopped), "2019-01-01", "2024-01-01", "old Warfarin"},
		{"another of the same placeholder was stopped", medicine("1", "261665006", "Warfarin", active), medicine("2", "261665006", "Aspirin", stopped), "2019-01-01", "2024-01-01", "old Warfarin"},
		{"two codes of one name", medicine("1", "5", "Insulin", active), medicine("2", "6", "Insulin", stopped), "2019-01-01", "2024-01-01", "old Insulin"},
		{"the newer dose", medicine("1", "5", "Warfarin", active, `"authoredOn":"2025-01-01"`), medicine("2", "5", "Warfarin", active, `"authoredOn":"2026-01-01"`), "2025-01-01", "2026-01-01", "new Warfarin"},
		{"a course that ended", medicine("1", "5", "Amoxicillin", active, `"authoredOn":"2019-01-01"`, `"dosageInstruction":[{"text":"1-0-1 x 5 days"}]`), "", "2019-01-01", "", ""},
		{"a period that ended", medicine("1", "5", "Amoxicillin", active, `"dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"end":"2026-03-03"}}}}]`), "", "2026-03-01", "", ""},
		{"a period that ends today", medicine("1", "5", "Amoxicillin", active, `"dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"end":"2026-03-04"}}}}]`), "", "2026-03-01", "", "old Amoxicillin"},
		{"no status, seven months", medicine("1", "5", "Warfarin"), "", "2025-08-01", "", ""},
		{"no status, five months", medicine("1", "5", "Warfarin"), "", "2025-10-05", "", "old Warfarin"},
		{"dated after it came in", medicine("1", "5", "Warfarin", active), medicine("2", "5", "Warfarin", stopped), "2026-03-04", "2099-01-01", "old Warfarin"},
		{"two words of a day", medicine("1", "5", "Warfarin", active, `"authoredOn":"2024-01-01T08:00:00Z"`), medicine("2", "5", "Warfarin", stopped, `"authoredOn":"2024-01-01T18:00:00Z"`), "2024-01-01", "2024-01-01", ""},
		{"handed out after it was prescribed", medicine("1", "5", "Warfarin", active), coded("MedicationDispense", "2", "medicationCodeableConcept", "5", "Warfarin", `"status":"completed"`), "2025-12-01", "2026-01-01", "old Warfarin"},
		{"a condition that was resolved", coded("Condition", "1", "code", "5", "Anaemia", clinical("active")), coded("Condition", "2", "code", "5", "Anaemia", clinical("resolved")), "2019-01-01", "2024-01-01", ""},
		{"a condition of no status, old", coded("Condition", "1", "code", "5", "Anaemia"), "", "2024-02-01", "", ""},
		{"a condition of no status", coded("Condition", "1", "code", "5", "Anaemia"), "", "2024-04-01", "", "old Anaemia"},
		{"an allergy of no status, old", coded("AllergyIntolerance", "1", "code", "5", "Pollen allergy"), "", "1990-04-01", "", "old Pollen allergy"},
		{"an allergy that a newer paper calls over", coded("AllergyIntolerance", "1", "code", "5", "Pollen allergy", clinical("active")), coded("AllergyIntolerance", "2", "code", "5", "Pollen allergy", clinical("resolved")), "1990-04-01", "2024-01-01", "old Pollen allergy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			old := source("old", c.old)
			old.Meta.Date = c.oldDay
			all, entries := []share.Source{old}, 1
			if c.recent != "" {
				recent := source("new", c.recent)
				recent.Meta.Date = c.recently
				all, entries = append(all, recent), 2
			}
			for range 2 {
				items := share.Choose(all, now)
				var got []string
				for _, it := range items {
					if it.Suggested {
						got = append(got, string(it.Record)+" "+it.Title)
					}
				}
				if s := strings.Join(got, ", "); s != c.want || len(items) != entries {
					t.Errorf("%d items, suggested %q, want %q", len(items), s, c.want)
				}
				slices.Reverse(all)
			}
		})
	}
}

// The label of what a person says of themselves counts in what was written here alone: a stranger can put it on too.
func TestChooseSelf(t *testing.T) {
	labelled := coded("Condition", "1", "code", "5", "Asthma", `"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"PATAST"}]}`)
	for how, want := range map[string]bool{"hand": true, "file": false, "link": false, "": false} {
		src := source("r", labelled)
		src.Meta.Source.How = how
		if items := share.Choose([]share.Source{src}, now); len(items) != 1 || items[0].Self != want {
			t.Errorf("%q: %+v", how, items)
		}
	}
}
