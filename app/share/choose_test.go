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
		{"active and resolved", coded("Condition", "1", "code", "5", "Anaemia", clinical("active")), coded("Condition", "2", "code", "5", "Anaemia", clinical("resolved")), "Anaemia*, Anaemia"},
		{"two doses", coded("Immunization", "1", "vaccineCode", "5", "Polio vaccine", `"occurrenceDateTime":"2020-01-01"`), coded("Immunization", "2", "vaccineCode", "5", "Polio vaccine", `"occurrenceDateTime":"2020-03-01"`), "Polio vaccine*, Polio vaccine*"},
		{"one dose, by day and by minute", coded("Immunization", "1", "vaccineCode", "5", "Polio vaccine", `"occurrenceDateTime":"2020-01-01"`), coded("Immunization", "2", "vaccineCode", "5", "Polio vaccine", `"occurrenceDateTime":"2020-01-01T10:00:00Z"`), "Polio vaccine*"},
		{"two values of a day", coded("Observation", "1", "code", "5", "Glucose", `"effectiveDateTime":"2020-01-01"`, `"valueString":"5"`), coded("Observation", "2", "code", "5", "Glucose", `"effectiveDateTime":"2020-01-01"`, `"valueString":"9"`), "Glucose*, Glucose*"},
		{"one value twice", coded("Observation", "1", "code", "5", "Glucose", `"effectiveDateTime":"2020-01-01"`, `"valueString":"5"`), coded("Observation", "2", "code", "5", "Glucose", `"effectiveDateTime":"2020-01-01"`, `"valueString":"5"`), "Glucose*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			old, recent := source("old", c.one), source("new", c.two)
			old.Meta.Date, recent.Meta.Date = "2020-01-01", "2021-01-01"
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
