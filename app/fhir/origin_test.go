package fhir_test

import (
	"fmt"
	"strings"
	"testing"

	"potli/app/fhir"
)

func sayOrigin(o fhir.Origin) string {
	var out []string
	add := func(name, text string) {
		if text != "" {
			out = append(out, name+" "+text)
		}
	}
	for _, a := range o.Authors {
		add("by", a.Name+" ("+a.Type+")")
	}
	add("at", o.Where)
	add("made", o.Made)
	for _, a := range o.Attested {
		add("confirmed", strings.Join(strings.Fields(a.Mode+" "+a.Name+" "+a.Date), " "))
	}
	add("from", o.Source)
	for _, s := range o.Signed {
		add("signed", strings.Join(strings.Fields("by "+s.Name+" "+s.Date), " "))
	}
	for name, on := range map[string]bool{"self-entered": o.SelfEntered(), "assembled": o.Assembled()} {
		if on {
			add(name, "yes")
		}
	}
	return strings.Join(out, " · ")
}

// TestOrigin: who made it, where, when, who confirms it and what signs it, over the
// forms in which documents say so.
func TestOrigin(t *testing.T) {
	doc := func(composition, more string) string {
		return `{"resourceType":"Bundle","type":"document","timestamp":"2026-02-03T04:05:06Z"` + more + `,"entry":[{"resource":{"resourceType":"Composition","id":"c","date":"2026-02-01",` + composition + `}},
		{"fullUrl":"urn:uuid:d","resource":{"resourceType":"Practitioner","id":"d","name":[{"text":"Dr. Rao"}]}},{"resource":{"resourceType":"Organization","id":"o","name":"City Hospital"}},
		{"resource":{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"Practitioner/d"},"organization":{"reference":"Organization/o"}}},
		{"resource":{"resourceType":"Patient","id":"p","name":[{"text":"Asha"}]}},{"resource":{"resourceType":"Device","id":"w","deviceName":[{"name":"Wallet"}]}},
		{"resource":{"resourceType":"Encounter","id":"e","class":{"code":"AMB"},"serviceProvider":{"reference":"Organization/o"}}}]}`
	}
	for name, c := range map[string]struct{ in, want string }{
		"doctor and house": {doc(`"author":[{"reference":"urn:uuid:d"}],"custodian":{"reference":"Organization/o"}`, ""),
			"by Dr. Rao (Practitioner) · at City Hospital · made 2026-02-01"},
		"doctor in a role": {doc(`"author":[{"reference":"PractitionerRole/r"}]`, ""),
			"by Dr. Rao, City Hospital (PractitionerRole) · at City Hospital · made 2026-02-01"},
		"house of the visit": {doc(`"author":[{"reference":"urn:uuid:d"}],"encounter":{"reference":"Encounter/e"}`, ""),
			"by Dr. Rao (Practitioner) · at City Hospital · made 2026-02-01"},
		"by the person": {doc(`"author":[{"reference":"Patient/p"}]`, ""), "by Asha (Patient) · made 2026-02-01 · self-entered yes"},
		"by person and doctor": {doc(`"author":[{"reference":"Patient/p"},{"reference":"urn:uuid:d"}]`, ""),
			"by Asha (Patient) · by Dr. Rao (Practitioner) · made 2026-02-01"},
		"by software": {doc(`"author":[{"reference":"Device/w"}]`, ""), "by Wallet (Device) · made 2026-02-01 · assembled yes"},
		"an author who is not there": {doc(`"author":[{"reference":"Practitioner/x","display":"Dr. Far"}]`, ""),
			"by Dr. Far (Practitioner) · made 2026-02-01"},
		"confirmed": {doc(`"author":[{"display":"A"}],"attester":[{"mode":"legal","party":{"reference":"Organization/o"},"time":"2026-02-02"},{"mode":"personal"}]`, ""),
			"by A () · made 2026-02-01 · confirmed legal City Hospital 2026-02-02 · confirmed personal"},
		"signed": {doc(`"author":[{"display":"A"}]`, `,"meta":{"source":"https://his.example/1"},"signature":{"who":{"reference":"Practitioner/d"},"when":"2026-02-02T10:00:00Z","data":"aGk="}`),
			"by A () · made 2026-02-01 · from https://his.example/1 · signed by Dr. Rao 2026-02-02T10:00:00Z"},
		"signed in a Provenance": {`{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Observation","id":"1","code":{"text":"Hb"},"valueInteger":3}},
			{"resource":{"resourceType":"Observation","id":"2","code":{"text":"TLC"},"valueInteger":3}},
			{"resource":{"resourceType":"Provenance","recorded":"2026-03-01T00:00:00Z","agent":[{"who":{"display":"Lab machine","type":"Device"},"onBehalfOf":{"display":"City Lab"}}],"signature":[{"who":{"display":"City Lab"}}]}}]}`,
			"by Lab machine (Device) · at City Lab · made 2026-03-01T00:00:00Z · signed by City Lab · assembled yes"},
		"one resource": {`{"resourceType":"MedicationRequest","meta":{"source":"urn:his"},"authoredOn":"2026-01-05","requester":{"reference":"Practitioner/1","display":"Dr. Sen"},"medicationCodeableConcept":{"text":"Iron"}}`,
			"by Dr. Sen (Practitioner) · made 2026-01-05 · from urn:his"},
		"one resource of one's own": {`{"resourceType":"Condition","recorder":{"reference":"Patient/1","display":"Asha"},"recordedDate":"2026-01-05","code":{"text":"Cough"}}`,
			"by Asha (Patient) · made 2026-01-05 · self-entered yes"},
		"immunization": {`{"resourceType":"Immunization","recorded":"2026-01-05","performer":[{"actor":{"display":"Nurse Mary","type":"Practitioner"}}],"vaccineCode":{"text":"BCG"}}`,
			"by Nurse Mary (Practitioner) · made 2026-01-05"},
		"an export of years": {`{"resourceType":"Bundle","type":"searchset","timestamp":"2026-01-01T00:00:00Z","entry":[{"resource":{"resourceType":"Condition","code":{"text":"A"}}},{"resource":{"resourceType":"Condition","code":{"text":"B"}}}]}`,
			"made 2026-01-01T00:00:00Z"},
		"nothing said": {`{"resourceType":"Observation","code":{"text":"Hb"}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sayOrigin(mustParse(t, c.in).Document().Origin); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestOriginOfMany: a file that names a hundred thousand authors and signatures names a
// few.
func TestOriginOfMany(t *testing.T) {
	many := strings.Repeat(`{"display":"A"},`, 5000) + `{"display":"B"}`
	signed := strings.Repeat(`{"who":{"display":"A"}},`, 5000) + `{}`
	o := mustParse(t, fmt.Sprintf(`{"resourceType":"Bundle","type":"document","signature":[%s],"entry":[{"resource":{"resourceType":"Composition","author":[%s],"attester":[%s]}}]}`, signed, many, signed)).Document().Origin
	if len(o.Authors) > 20 || len(o.Signed) > 20 || len(o.Attested) > 20 {
		t.Errorf("%d authors, %d signatures, %d attesters", len(o.Authors), len(o.Signed), len(o.Attested))
	}
}

// TestOriginOfData: every document of the real data that has an author says so here.
func TestOriginOfData(t *testing.T) {
	for name, want := range map[string]string{
		"nrces/OP_Consultation_fhir_bundle.json": "by doctor desk (Practitioner)",
		"nrces/TestBundle.json":                  "by Dr.Test Doctor (Practitioner)",
		"ips/IPS_IG-bundle-01.json":              "by Beetje van Hulp (Practitioner)",
	} {
		if got := sayOrigin(shared(t, name).Document().Origin); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
