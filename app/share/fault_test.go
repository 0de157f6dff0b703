package share_test

import (
	"errors"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/share"
)

// A document that would break a rule of what it claims to be does not leave, and it is said which rule and whose fault.
func TestNothingLeavesThatBreaksARule(t *testing.T) {
	src := []share.Source{source("r", patient, `{"resourceType":"Condition","id":"c","code":{"text":"Asthma"},"subject":{"reference":"urn:uuid:p"}}`)}
	speechless := func(m fhir.Message) string {
		if m.Key == "share.title" || m.Key == "share.section.problems" {
			return ""
		}
		return m.Key
	}
	out, err := share.Compose(share.ShapeIPS, asha, src, share.Choose(src, now), speechless, now, zero())
	var fault *share.FaultError
	if out != nil || !errors.As(err, &fault) {
		t.Fatalf("a summary without a title: %d bytes, %v", len(out), err)
	}
	got := ""
	for _, f := range fault.Faults {
		got += f.Rule + " " + f.Path + ";"
	}
	if want := "FHIR-05 Composition.title;IPS-03 Composition.title;IPS-06 Composition.section.title;"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if strings.Contains(err.Error(), "Asthma") {
		t.Error("the error tells what the record says")
	}
}

// What a hospital wrote wrongly is mended where it can be and left out where it cannot, and the rest leaves.
func TestMended(t *testing.T) {
	src := []share.Source{source("r", patient,
		`{"resourceType":"Observation","id":"1","code":{"text":"Pulse"},"subject":{"reference":"urn:uuid:p"},"effectiveDateTime":"2024-05-12T10:20","issued":"2024-05-12","valueQuantity":{"value":70}}`,
		`{"resourceType":"Condition","id":"2","code":{"text":"Cough"},"subject":{"reference":"urn:uuid:p"},"recordedDate":"12/05/2024","onsetPeriod":{"start":"2024-02-31","end":"2024-03-01"}}`,
		`{"resourceType":"MedicationRequest","id":"3","medicationCodeableConcept":{"text":"Syrup"},"subject":{"reference":"urn:uuid:p"},"dosageInstruction":[{"text":""}]}`,
		`{"resourceType":"Encounter","id":"4","type":[{"text":"Visit"}],"subject":{"reference":"urn:uuid:p"}}`)}
	for _, shape := range []share.Shape{share.ShapeKTC, share.ShapeIPS} {
		out := string(compose(t, shape, src, share.Choose(src, now)))
		for _, want := range []string{`"effectiveDateTime":"2024-05-12"`, `"end":"2024-03-01"`, `"status":"unknown"`, `"_intent":{"extension"`, `"code":"unknown","system":"http://terminology.hl7.org/CodeSystem/data-absent-reason"`} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %s", shape, want)
			}
		}
		for _, bad := range []string{"10:20", "issued", "12/05", "2024-02-31", `"text":""`} {
			if strings.Contains(out, bad) {
				t.Errorf("%s: holds %s", shape, bad)
			}
		}
	}
}
