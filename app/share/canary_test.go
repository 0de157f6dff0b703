package share_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"potli/app/record"
	"potli/app/share"
)

// without returns what a person shares who holds a group back with one tap.
func without(items []share.Item, group string) []share.Item {
	return slices.DeleteFunc(slices.Clone(items), func(it share.Item) bool { return slices.Contains(it.Sensitive, group) })
}

// hivRecord is a record in which one fact is spoken of by many others, in every way that FHIR offers. All that would give
// it away holds QUOKKA, which no list of words knows, or the fact's own name and codes.
func hivRecord() share.Source {
	s := source("r", patient,
		`{"resourceType":"Condition","id":"hiv","code":{"coding":[{"system":"http://snomed.info/sct","code":"86406008","display":"QUOKKA infection"}],"text":"QUOKKA infection"},"subject":{"reference":"urn:uuid:p"},"note":[{"text":"QUOKKA"}]}`,
		// for it, by reference
		`{"resourceType":"MedicationRequest","id":"m1","status":"active","medicationCodeableConcept":{"text":"QUOKKA-mab"},"reasonReference":[{"reference":"urn:uuid:hiv","display":"QUOKKA"}],"subject":{"reference":"urn:uuid:p"}}`,
		// a plan for it, a test that is evidence of it, an encounter because of it
		`{"resourceType":"CarePlan","id":"cp","status":"active","title":"QUOKKA plan","addresses":[{"reference":"urn:uuid:hiv"}],"subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Encounter","id":"enc","status":"finished","type":[{"text":"QUOKKA visit"}],"diagnosis":[{"condition":{"reference":"urn:uuid:hiv"}}],"subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"DiagnosticReport","id":"rep","status":"final","code":{"text":"HIV panel"},"result":[{"reference":"urn:uuid:part"}],"subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Observation","id":"part","status":"final","code":{"text":"QUOKKA count"},"valueString":"QUOKKA","subject":{"reference":"urn:uuid:p"}}`,
		// harmless by themselves: these are shared, and must not bring it along
		`{"resourceType":"Observation","id":"bp","status":"final","code":{"text":"Blood pressure"},"valueString":"120/80","encounter":{"reference":"urn:uuid:enc","display":"QUOKKA visit"},"subject":{"reference":"urn:uuid:p","display":"QUOKKA Rao"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">QUOKKA</div>"},"meta":{"source":"https://QUOKKA.example","tag":[{"display":"QUOKKA"}],"profile":["http://QUOKKA"]}}`,
		`{"resourceType":"Condition","id":"cough","code":{"text":"Cough"},"encounter":{"reference":"urn:uuid:enc"},"subject":{"reference":"urn:uuid:p"},"extension":[{"url":"https://hospital.example/related","valueString":"QUOKKA"},{"url":"http://hl7.org/fhir/StructureDefinition/condition-related","valueReference":{"display":"QUOKKA"}}],"note":[{"text":"QUOKKA infection is known, see there"},{"text":"for five days"}],"identifier":[{"value":"visit-17"}]}`,
		`{"resourceType":"MedicationRequest","id":"syrup","status":"active","medicationCodeableConcept":{"text":"Cough syrup"},"reasonCode":[{"text":"QUOKKA infection"},{"text":"Cough"}],"dosageInstruction":[{"text":"twice a day, with the QUOKKA infection medicine"}],"encounter":{"reference":"urn:uuid:enc"},"contained":[{"resourceType":"Organization","id":"unused","name":"QUOKKA"}],"subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"DiagnosticReport","id":"xray","status":"final","code":{"text":"Chest X-ray"},"conclusion":"clear","basedOn":[{"identifier":{"value":"QUOKKA"},"display":"QUOKKA"}],"media":[{"link":{"reference":"Media/none","display":"QUOKKA"}}],"encounter":{"display":"QUOKKA"},"subject":{"reference":"urn:uuid:p"}}`)
	s.Meta.Source.Name = "export.json"
	return s
}

var giveaways = []string{"QUOKKA", "quokka", "86406008", "HIV", "hiv"}

// A fact that was held back is nowhere in what leaves: no resource, reference, display, narrative, reason, tag, text.
func TestHeldBackIsNowhere(t *testing.T) {
	src := []share.Source{hivRecord()}
	items := share.Choose(src, now)
	var titles []string
	chosen := without(items, "hiv")
	for _, it := range chosen {
		titles = append(titles, it.Title)
	}
	slices.Sort(titles)
	if got := strings.Join(titles, ", "); got != "Blood pressure, Chest X-ray, Cough, Cough syrup" {
		t.Errorf("left after holding back: %s", got)
	}
	for _, shape := range []share.Shape{share.ShapeKTC, share.ShapeIPS} {
		out := compose(t, shape, src, chosen)
		for _, g := range giveaways {
			if i := bytes.Index(out, []byte(g)); i >= 0 {
				t.Errorf("%s: %q leaked: …%s…", shape, g, out[max(0, i-120):min(len(out), i+60)])
			}
		}
		for _, stays := range []string{"120/80", "Cough syrup", "for five days", "visit-17", "clear"} {
			if !bytes.Contains(out, []byte(stays)) {
				t.Errorf("%s: %q went too", shape, stays)
			}
		}
	}
}

// The same one item at a time: whatever single item is chosen, no other one's words are in the Bundle.
func TestOnlyWhatWasChosen(t *testing.T) {
	names := []string{"Alpaca", "Bonobo", "Capybara", "Dingo", "Echidna", "Fennec", "Gibbon", "Hoatzin"}
	src := []share.Source{source("r", patient,
		`{"resourceType":"Condition","id":"1","code":{"text":"Alpaca"},"evidence":[{"detail":[{"reference":"urn:uuid:3","display":"Capybara"}]}]}`,
		`{"resourceType":"MedicationRequest","id":"2","status":"active","medicationReference":{"reference":"#med"},"contained":[{"resourceType":"Medication","id":"med","code":{"text":"Bonobo"}},{"resourceType":"Condition","id":"why","code":{"text":"Alpaca"}}],"reasonReference":[{"reference":"#why"},{"reference":"urn:uuid:1","display":"Alpaca"}],"reasonCode":[{"text":"alpaca"}]}`,
		`{"resourceType":"Observation","id":"3","status":"final","code":{"text":"Capybara"},"valueInteger":3,"derivedFrom":[{"reference":"urn:uuid:8","display":"Hoatzin"}]}`,
		`{"resourceType":"DiagnosticReport","id":"4","status":"final","code":{"text":"Dingo"},"result":[{"reference":"urn:uuid:3","display":"Capybara 3"}],"conclusionCode":[{"text":"Alpaca"}]}`,
		`{"resourceType":"Procedure","id":"5","status":"completed","code":{"text":"Echidna"},"reasonReference":[{"reference":"Condition/1","display":"Alpaca"}],"report":[{"reference":"urn:uuid:4","display":"Dingo"}],"complicationDetail":[{"reference":"urn:uuid:1"}]}`,
		`{"resourceType":"Encounter","id":"6","status":"finished","type":[{"text":"Fennec"}],"diagnosis":[{"condition":{"reference":"urn:uuid:1","display":"Alpaca"},"rank":1}],"reasonCode":[{"text":"Alpaca"}],"appointment":[{"display":"Gibbon"}]}`,
		`{"resourceType":"CarePlan","id":"7","status":"active","intent":"plan","title":"Gibbon","addresses":[{"reference":"urn:uuid:1"}],"activity":[{"reference":{"reference":"urn:uuid:2","display":"Bonobo"}},{"outcomeReference":[{"reference":"urn:uuid:3"}]}],"supportingInfo":[{"reference":"urn:uuid:8"}]}`,
		`{"resourceType":"Observation","id":"8","status":"final","code":{"text":"Hoatzin"},"hasMember":[{"reference":"urn:uuid:3","display":"Capybara"}],"focus":[{"reference":"urn:uuid:1","display":"Alpaca"}],"valueString":"x"}`)}
	items := share.Choose(src, now)
	if len(items) != len(names) {
		t.Fatalf("offered %d items", len(items))
	}
	for _, it := range items {
		for _, shape := range []share.Shape{share.ShapeKTC, share.ShapeIPS} {
			out := strings.ToLower(string(compose(t, shape, src, []share.Item{it})))
			for _, n := range names {
				if has := strings.Contains(out, strings.ToLower(n)); has != (n == it.Title) {
					t.Errorf("%s: %s chosen, %s there: %v", shape, it.Title, n, has)
				}
			}
		}
	}
	// All together they do refer to one another.
	out := string(compose(t, share.ShapeKTC, src, items))
	for _, member := range []string{`"evidence"`, `"derivedFrom"`, `"result"`, `"report"`, `"diagnosis"`, `"addresses"`, `"activity"`, `"hasMember"`, `"reasonReference"`} {
		if !strings.Contains(out, member) {
			t.Errorf("%s is lost though its target is shared", member)
		}
	}
}

// Who, where and of what come along, reduced to what is needed; their other members do not.
func TestSupporting(t *testing.T) {
	src := []share.Source{source("r", patient,
		`{"resourceType":"MedicationRequest","id":"1","status":"active","medicationReference":{"reference":"urn:uuid:med"},"requester":{"reference":"urn:uuid:role"},"recorder":{"reference":"Practitioner/nobody","display":"Dr. Iyer"},"performer":{"reference":"urn:uuid:p"},"subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Medication","id":"med","code":{"text":"Metformin"},"manufacturer":{"reference":"urn:uuid:org"},"ingredient":[{"itemReference":{"reference":"urn:uuid:sub"}},{"itemReference":{"reference":"urn:uuid:gone"}}]}`,
		`{"resourceType":"Substance","id":"sub","code":{"text":"Metformin hydrochloride"}}`,
		`{"resourceType":"PractitionerRole","id":"role","practitioner":{"reference":"urn:uuid:doc"},"organization":{"reference":"urn:uuid:org"},"availableTime":[{"availableStartTime":"CANARY"}]}`,
		`{"resourceType":"Practitioner","id":"doc","name":[{"text":"Dr. Rao"}],"birthDate":"1960-01-01","photo":[{"data":"CANARY"}],"address":[{"text":"CANARY"}]}`,
		`{"resourceType":"Organization","id":"org","name":"City Hospital","partOf":{"reference":"urn:uuid:org2"},"contact":[{"name":{"text":"CANARY"}}]}`,
		`{"resourceType":"Organization","id":"org2","name":"CANARY Holding"}`,
		`{"resourceType":"RelatedPerson","id":"rel","name":[{"text":"CANARY aunt"}],"patient":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Immunization","id":"2","status":"completed","vaccineCode":{"text":"Tetanus"},"performer":[{"function":{"text":"CANARY function of nobody"},"actor":{"reference":"urn:uuid:rel"}},{"actor":{"display":"Nurse Joy"}}],"patient":{"reference":"Patient/p"}}`)}
	items := share.Choose(src, now)
	for _, shape := range []share.Shape{share.ShapeKTC, share.ShapeIPS} {
		out := string(compose(t, shape, src, items))
		for _, want := range []string{"Metformin hydrochloride", "Dr. Rao", "City Hospital", "Dr. Iyer", "Nurse Joy"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %s is missing", shape, want)
			}
		}
		if strings.Contains(out, "1960-01-01") {
			t.Errorf("%s: the doctor's birthday leaves", shape)
		}
	}
}

// Who brings a sensitive word along is itself marked, so that nothing supporting can leak one unseen.
func TestSupportingIsJudged(t *testing.T) {
	src := []share.Source{source("r", patient,
		`{"resourceType":"Observation","id":"1","status":"final","code":{"text":"Weight"},"performer":[{"reference":"urn:uuid:org"}],"subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Organization","id":"org","name":"Institute of Psychiatry"}`,
		`{"resourceType":"Observation","id":"2","status":"final","code":{"text":"Height"},"performer":[{"display":"De-addiction centre"}],"subject":{"reference":"urn:uuid:p"}}`)}
	for _, it := range share.Choose(src, now) {
		if want := map[string]string{"Weight": "mental", "Height": "substance"}[it.Title]; strings.Join(it.Sensitive, " ") != want {
			t.Errorf("%s is %v, want %s", it.Title, it.Sensitive, want)
		}
	}
}

// A file may hold several people; only one is this person.
func TestOtherPeople(t *testing.T) {
	src := []share.Source{source("r",
		`{"resourceType":"Composition","id":"c","subject":{"reference":"urn:uuid:p"},"title":"Birth"}`, patient,
		`{"resourceType":"Patient","id":"child","name":[{"text":"CANARY baby"}]}`,
		`{"resourceType":"Condition","id":"1","code":{"text":"Jaundice CANARY"},"subject":{"reference":"urn:uuid:child"}}`,
		`{"resourceType":"Observation","id":"2","code":{"text":"Weight CANARY"},"subject":{"reference":"Patient/child"}}`,
		`{"resourceType":"Condition","id":"3","code":{"text":"Anaemia"},"subject":{"reference":"urn:uuid:p"},"asserter":{"reference":"urn:uuid:child","display":"CANARY"}}`)}
	items := share.Choose(src, now)
	if len(items) != 1 || items[0].Title != "Anaemia" {
		t.Fatalf("offered %+v", items)
	}
	if out := compose(t, share.ShapeKTC, src, items); bytes.Contains(out, []byte("asserter")) {
		t.Error("the child's word is given as the mother's")
	}
	// Asked for all the same, they stay out.
	all := []share.Item{items[0], {Record: "r", Entry: 3}, {Record: "r", Entry: 4}, {Record: "r", Entry: 2}}
	compose(t, share.ShapeIPS, src, all)
}

// A device of the person's is an item of its own: a reading taken with it does not bring it along, a statement of its use
// does.
func TestDeviceIsAFact(t *testing.T) {
	src := []share.Source{source("r", patient,
		`{"resourceType":"Device","id":"d","deviceName":[{"name":"Insulin pump","type":"user-friendly-name"}],"patient":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"Glucose"},"device":{"reference":"urn:uuid:d","display":"Insulin pump"},"subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"DeviceUseStatement","id":"u","status":"active","device":{"reference":"urn:uuid:d"},"subject":{"reference":"urn:uuid:p"},"timingDateTime":"2020"}`)}
	items := share.Choose(src, now)
	for typ, want := range map[string]bool{"Observation": false, "DeviceUseStatement": true, "Device": true} {
		chosen := slices.DeleteFunc(slices.Clone(items), func(it share.Item) bool { return it.Type != typ })
		out := compose(t, share.ShapeIPS, src, chosen)
		if has := bytes.Contains(out, []byte("Insulin pump")); has != want {
			t.Errorf("%s chosen: the pump is there: %v", typ, has)
		}
	}
}

// What is not quite FHIR gets no further for it: a reference with members it cannot have, an attachment of another name.
func TestOddShapes(t *testing.T) {
	src := []share.Source{source("r", patient, `{"resourceType":"Condition","id":"s","code":{"text":"CANARY"}}`,
		`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"Weight"},"focus":[{"reference":"urn:uuid:s","display":"CANARY","why":"CANARY"}],"supplement":{"contentType":"text/plain","url":"https://CANARY.example"},"hasMember":{"reference":"urn:uuid:s"},"performer":[{"display":"Dr. Rao","reference":"https://CANARY.example/Practitioner/1"}],"subject":{"identifier":{"value":"CANARY"}}}`)}
	for _, shape := range []share.Shape{share.ShapeKTC, share.ShapeIPS} {
		out := compose(t, shape, src, pick(share.Choose(src, now), "Weight"))
		if !bytes.Contains(out, []byte("Dr. Rao")) {
			t.Error("the name of who weighed is lost")
		}
	}
}

func decoded(t *testing.T, b []byte) tree {
	t.Helper()
	var v tree
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Several records: references stay within their own file, whatever the ids are.
func TestReferencesStayInTheirFile(t *testing.T) {
	one := source("one", patient, `{"resourceType":"Condition","id":"x","code":{"text":"First"},"subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Procedure","id":"y","status":"completed","code":{"text":"Scan"},"reasonReference":[{"reference":"Condition/x"}]}`)
	two := source("two", patient, `{"resourceType":"Condition","id":"x","code":{"text":"Second"},"subject":{"reference":"urn:uuid:p"}}`)
	src := []share.Source{two, one}
	items := share.Choose(src, now)
	out := string(compose(t, share.ShapeKTC, src, pick(items, "Second", "Scan")))
	if strings.Contains(out, "reasonReference") {
		t.Error("a reason was taken from another document")
	}
}

// FuzzCompose: whatever a record holds, what leaves is conformant and says nothing of a neighbour that was held back.
func FuzzCompose(f *testing.F) {
	f.Add(`{"resourceType":"Observation","code":{"text":"x"},"hasMember":[{"reference":"urn:uuid:s"}]}`)
	f.Add(`{"resourceType":"DiagnosticReport","contained":[{"resourceType":"Observation","id":"a","subject":{"reference":"#"}}],"result":[{"reference":"#a"}]}`)
	f.Add(`{"resourceType":"MedicationRequest","medicationReference":{"reference":"Condition/s","display":"d"},"note":[null,{"text":5}]}`)
	f.Add(`{"resourceType":"DocumentReference","content":[{"attachment":{"data":"JVBERi0=","contentType":"application/pdf"}},5]}`)
	f.Add(`{"resourceType":"Encounter","diagnosis":{"condition":{"reference":"urn:uuid:s"}},"category":[[]],"code":[{"coding":{}}]}`)
	f.Fuzz(func(t *testing.T, resource string) {
		secret := `{"resourceType":"Condition","id":"s","code":{"coding":[{"system":"http://snomed.info/sct","code":"86406008","display":"WOMBAT disease"}]}}`
		src := []share.Source{{Meta: record.Meta{ID: "r", Format: record.FormatFHIR, Added: now},
			Body: []byte(`{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:s","resource":` + secret + `},{"resource":` + resource + `}]}`)}}
		chosen := without(share.Choose(src, now), "hiv")
		for _, shape := range []share.Shape{share.ShapeKTC, share.ShapeIPS} {
			out, err := share.Compose(shape, asha, src, chosen, words, now, zero())
			if err != nil {
				continue
			}
			checkEntries(t, decoded(t, out))
			if bytes.Contains(out, []byte("WOMBAT")) && !strings.Contains(resource, "WOMBAT") {
				t.Fatalf("leaked by %s", resource)
			}
		}
	})
}
