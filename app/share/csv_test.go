package share_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
)

// TestCSVInWords: results that are no number have their row, in the columns of numbers.
func TestCSVInWords(t *testing.T) {
	observation := func(code, more string) string {
		return `{"resourceType":"Observation","id":"` + code + `","status":"final","effectiveDateTime":"2024-05-12","code":{"coding":[{"system":"http://loinc.org","code":"` + code + `"}],"text":"Test ` + code + `"},"subject":{"reference":"urn:uuid:p"},` + more + `}`
	}
	src := source("r", patient,
		observation("1", `"valueString":"Positive","interpretation":[{"coding":[{"code":"A"}]}]`),
		observation("2", `"valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"112144000","display":"Blood group A (finding)"}],"text":"A Rh +ve"}`),
		observation("3", `"valueBoolean":false`),
		observation("4", `"valueString":"=cmd|' /C calc'!A0; -2+3"`),
		observation("5", `"valueString":">200"`),
		observation("6", `"valueRange":{"low":{"value":5,"unit":"/HPF"},"high":{"value":10,"unit":"/HPF"}}`),
		observation("7", `"dataAbsentReason":{"coding":[{"code":"not-performed"}]}`),
		observation("8", `"component":[{"code":{"text":"pH"},"valueQuantity":{"value":6.5}},{"code":{"text":"Protein"},"valueString":"++"},{"code":{"text":"Ketones"},"valueCodeableConcept":{"text":"absent"}}]`),
		observation("9", `"valueString":"++"`),
		observation("10", `"valueString":"Trace","note":[{"text":"a remark"}]`),
		`{"resourceType":"DiagnosticReport","id":"d","status":"final","code":{"text":"X-ray"},"effectiveDateTime":"2024-05-13","conclusion":"No fracture, \"clear\"","subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Condition","id":"c","code":{"text":"Asthma"},"clinicalStatus":{"coding":[{"code":"active"}]},"subject":{"reference":"urn:uuid:p"}}`)
	src.Meta.Title = "Report"
	b, err := share.CSV([]record.Meta{outlined(t, src)}, share.Choose([]share.Source{src}, now), false)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"date", "name", "code", "value", "comparator", "unit", "low", "high", "flag", "source"},
		{"2024-05-12", "Test 1", "http://loinc.org|1", "Positive", "", "", "", "", "abnormal", "Report"},
		{"2024-05-12", "Test 2", "http://loinc.org|2", "A Rh +ve", "", "", "", "", "", "Report"},
		{"2024-05-12", "Test 3", "http://loinc.org|3", "false", "", "", "", "", "", "Report"},
		{"2024-05-12", "Test 4", "http://loinc.org|4", "'=cmd|' /C calc'!A0;' -2+3", "", "", "", "", "", "Report"},
		{"2024-05-12", "Test 5", "http://loinc.org|5", "200", ">", "", "", "", "", "Report"},
		{"2024-05-12", "Test 6", "http://loinc.org|6", "5 – 10", "", "/HPF", "", "", "", "Report"},
		{"2024-05-12", "pH", "", "6.5", "", "", "", "", "", "Report"},
		{"2024-05-12", "Test 8", "http://loinc.org|8", "Protein ++, Ketones absent", "", "", "", "", "", "Report"},
		{"2024-05-12", "Test 9", "http://loinc.org|9", "'++", "", "", "", "", "", "Report"},
		{"2024-05-12", "Test 10", "http://loinc.org|10", "Trace", "", "", "", "", "", "Report"},
		{"2024-05-13", "X-ray", "", `No fracture, "clear"`, "", "", "", "", "", "Report"},
	}
	if !slices.EqualFunc(rows, want, slices.Equal[[]string]) {
		t.Errorf("got  %q\nwant %q", rows, want)
	}
}

// TestWordsAreNoFormulas, whatever was found.
func TestWordsAreNoFormulas(t *testing.T) {
	for _, bad := range []string{"=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "＝1+1", "-", "++", "<=1+1"} {
		l := fhir.Line{Kind: fhir.KindResult, Type: "Observation", Title: "x", Detail: []fhir.Value{{Type: fhir.ValueText, Text: bad, Unit: bad}}}
		b, err := share.CSV([]record.Meta{{ID: "r", Outline: fhir.Outline{Lines: []fhir.Line{l}}}}, []share.Item{{Record: "r"}}, false)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%q: %v", b, err)
		}
		for i, c := range rows[1] {
			if c != "" && c != "x" && c[0] != '\'' && c[0] != '<' {
				t.Errorf("%q stands as %q under %s", bad, c, rows[0][i])
			}
		}
	}
}
