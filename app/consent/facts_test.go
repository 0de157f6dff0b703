package consent_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"potli/app/consent"
	"potli/app/fhir"
	"potli/app/record"
)

func document(composition string, more ...string) string {
	entries := []string{`{"resource":{"resourceType":"Composition","status":"final","title":"x",` + composition + `}}`,
		`{"resource":{"resourceType":"Patient","name":[{"text":"A"}]}}`, `{"resource":{"resourceType":"Practitioner","name":[{"text":"B"}]}}`}
	for _, m := range more {
		entries = append(entries, `{"resource":`+m+`}`)
	}
	return `{"resourceType":"Bundle","type":"document","entry":[` + strings.Join(entries, ",") + `]}`
}

const (
	medicine = `{"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"Paracetamol"}}`
	mistake  = `{"resourceType":"AllergyIntolerance","code":{"text":"Penicillin"},"verificationStatus":{"coding":[{"code":"entered-in-error"}]}}`
)

func TestDescribe(t *testing.T) {
	added := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	pdf := record.Meta{ID: "r", Profile: "p", Format: record.FormatPDF, Added: added, Outline: fhir.Outline{Lines: []fhir.Line{{Kind: fhir.KindDocument}}}}
	json := record.Meta{ID: "r", Profile: "p", Format: record.FormatFHIR, Outline: fhir.Outline{Date: "2026-02"}}
	dated := json
	dated.Date = "2026-01-01"
	for name, c := range map[string]struct {
		meta record.Meta
		body string
		want consent.Record
	}{
		"a PDF":          {pdf, "%PDF", consent.Record{Kinds: []consent.Kind{"document"}, Date: "2026-03-04"}},
		"a prescription": {json, document(`"type":{"coding":[{"system":"http://snomed.info/sct","code":"440545006"}],"text":"Prescription"}`, medicine), consent.Record{Type: consent.Prescription, Kinds: []consent.Kind{"medicine"}, Date: "2026-02"}},
		"by its words":   {dated, document(`"type":{"text":"Wellness Record"}`), consent.Record{Type: consent.Wellness, Date: "2026-01-01"}},
		"of two types":   {json, document(`"type":{"coding":[{"code":"440545006"},{"code":"373942005"}]}`, medicine), consent.Record{Kinds: []consent.Kind{"medicine"}, Date: "2026-02"}},
		"of no type":     {json, document(`"type":{"coding":[{"code":"1"}]}`, medicine), consent.Record{Kinds: []consent.Kind{"medicine"}, Date: "2026-02"}},
		// An index leaves out what was entered in error; it would go along all the same.
		"with a mistake":   {json, document(`"date":"2026"`, medicine, mistake), consent.Record{Kinds: []consent.Kind{"medicine", "allergy"}, Date: "2026-02"}},
		"with words alone": {json, document(`"section":[{"title":"Diagnosis","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Asthma</div>"}}]`, medicine), consent.Record{Kinds: []consent.Kind{"medicine", "document"}, Date: "2026-02"}},
		"a resource":       {json, medicine, consent.Record{Kinds: []consent.Kind{"medicine"}, Date: "2026-02"}},
		"a collection":     {json, strings.Replace(document(`"type":{"coding":[{"code":"440545006"}]}`, medicine), `"document"`, `"collection"`, 1), consent.Record{Kinds: []consent.Kind{"medicine"}, Date: "2026-02"}},
	} {
		c.want.ID, c.want.Profile, c.want.Sensitive = "r", "p", true
		if got, err := consent.Describe(c.meta, []byte(c.body), true); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := consent.Describe(json, []byte("{"), false); err == nil {
		t.Error("a damaged record was described")
	}
}
