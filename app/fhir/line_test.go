package fhir_test

import (
	"fmt"
	"reflect"
	"testing"

	"potli/app/fhir"
)

// lineOf is the line of the only entry of a file, or the last one's.
func lineOf(t *testing.T, body string) fhir.Line {
	t.Helper()
	f, err := fhir.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	lines := f.Outline().Lines
	if len(lines) == 0 {
		t.Fatal("no lines")
	}
	return lines[len(lines)-1]
}

func TestLineFacts(t *testing.T) {
	for name, c := range map[string]struct {
		body              string
		code, status, end string
	}{
		"a condition's own status, its best code, its end": {`{"resourceType":"Condition","clinicalStatus":{"coding":[{"code":"resolved"}]},
			"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"J45"},{"system":"http://snomed.info/sct","code":"195967001"}]},"abatementDateTime":"2020-02"}`,
			"http://snomed.info/sct|195967001", "resolved", "2020-02"},
		"a medicine that is referred to": {`{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:6a9b3a3e-5f0e-4a43-9f35-111111111111","resource":
			{"resourceType":"Medication","code":{"coding":[{"system":"http://www.whocc.no/atc","code":"N02BE01"}]}}},{"resource":{"resourceType":"MedicationRequest","status":"active",
			"medicationReference":{"reference":"urn:uuid:6a9b3a3e-5f0e-4a43-9f35-111111111111"},"dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"start":"2024-01-01","end":"2024-01-06"}}}}]}}]}`,
			"http://www.whocc.no/atc|N02BE01", "active", "2024-01-06"},
		"a contained medicine, a period": {`{"resourceType":"MedicationStatement","status":"stopped","contained":[{"resourceType":"Medication","id":"m","code":{"coding":[{"system":"urn:own","code":"7"}]}}],
			"medicationReference":{"reference":"#m"},"effectivePeriod":{"start":"2019","end":"2020-01-01"}}`, "urn:own|7", "stopped", "2020-01-01"},
		"a vaccine": {`{"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"19"}]},"occurrenceDateTime":"2001"}`,
			"http://hl7.org/fhir/sid/cvx|19", "completed", ""},
		"nothing said": {`{"resourceType":"Condition","code":{"text":"cough"}}`, "", "", ""},
	} {
		l := lineOf(t, c.body)
		if l.Code != c.code || l.Status != c.status || l.End != c.end || l.Measures != nil {
			t.Errorf("%s: %q %q %q %v", name, l.Code, l.Status, l.End, l.Measures)
		}
	}
}

func TestLineMeasures(t *testing.T) {
	const loinc, ucum = `"system":"http://loinc.org",`, `"system":"http://unitsofmeasure.org",`
	range1 := `"referenceRange":[{"low":{"value":12},"high":{"value":15.5,"unit":"g/dL"}}],"interpretation":[{"coding":[{"code":"L"}]}]`
	for name, c := range map[string]struct {
		body string
		want []fhir.Measure
	}{
		"a quantity with its range": {`{"resourceType":"Observation","status":"final","code":{"text":"Haemoglobin","coding":[{` + loinc + `"code":"718-7"}]},
			"valueQuantity":{"value":11.20,"comparator":"<","unit":"gm/dl",` + ucum + `"code":"g/dL"},` + range1 + `}`,
			[]fhir.Measure{{Name: "Haemoglobin", Code: "http://loinc.org|718-7", Value: "<11.20", Unit: "g/dL", Low: "12", High: "15.5", Flag: "low"}}},
		"components": {`{"resourceType":"Observation","status":"final","code":{"text":"BP"},"component":[
			{"code":{"text":"Systolic"},"valueQuantity":{"value":120,"unit":"mmHg"}},{"code":{"text":"Diastolic"},"valueQuantity":{"value":80,"unit":"mmHg"}},{"code":{"text":"Place"},"valueString":"left"}]}`,
			[]fhir.Measure{{Name: "Systolic", Value: "120", Unit: "mmHg"}, {Name: "Diastolic", Value: "80", Unit: "mmHg"}}},
		"inside a report": {`{"resourceType":"DiagnosticReport","status":"final","code":{"text":"CBC"},"contained":[{"resourceType":"Observation","id":"a","status":"final","code":{"text":"Platelets"},"valueInteger":210}],"result":[{"reference":"#a"}]}`,
			[]fhir.Measure{{Name: "Platelets", Value: "210"}}},
		"the range of another unit is none": {`{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":5,"unit":"mmol/L"},"referenceRange":[{"low":{"value":70,"unit":"mg/dL"}}]}`,
			[]fhir.Measure{{Name: "x", Value: "5", Unit: "mmol/L"}}},
		"words are no number": {`{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueString":"reactive"}`, nil},
		"cancelled":           {`{"resourceType":"Observation","status":"cancelled","code":{"text":"x"},"valueInteger":5}`, nil},
	} {
		if got := lineOf(t, c.body).Measures; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestLineLimits: an index can be read in one glance whatever a document says.
func TestLineLimits(t *testing.T) {
	var list string
	for i := range 500 {
		list += fmt.Sprintf(`{"code":{"text":"x"},"valueInteger":%d},`, i)
	}
	l := lineOf(t, `{"resourceType":"Observation","status":"final","code":{"text":"x"},"component":[`+list[:len(list)-1]+`]}`)
	if n := len(l.Measures); n != 64 {
		t.Errorf("%d measures", n)
	}
}
