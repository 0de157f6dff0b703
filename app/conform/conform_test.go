package conform_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"potli/app/conform"
)

type object = map[string]any

const (
	composition = "urn:uuid:22222222-2222-4222-8222-222222222222"
	patient     = "urn:uuid:33333333-3333-4333-8333-333333333333"
	device      = "urn:uuid:44444444-4444-4444-8444-444444444444"
	condition   = "urn:uuid:55555555-5555-4555-8555-555555555555"
	result      = "urn:uuid:66666666-6666-4666-8666-666666666666"
	document    = "urn:uuid:77777777-7777-4777-8777-777777777777"
)

func section(title, code, rest string) string {
	return fmt.Sprintf(`{"title":%q,"code":{"coding":[{"system":"http://loinc.org","code":%q}]},
		"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">.</div>"},%s}`, title, code, rest)
}

// goodIPS is a summary with one problem and one laboratory result.
func goodIPS() string {
	nothing := `"emptyReason":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/list-empty-reason","code":"unavailable"}]}`
	return `{"resourceType":"Bundle","type":"document","timestamp":"2026-01-01T10:00:00Z",
	"identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:11111111-1111-4111-8111-111111111111"},"entry":[
	{"fullUrl":"` + composition + `","resource":{"resourceType":"Composition","status":"final",
		"type":{"coding":[{"system":"http://loinc.org","code":"60591-5"}]},"subject":{"reference":"` + patient + `"},
		"date":"2026-01-01T10:00:00+05:30","author":[{"reference":"` + device + `"}],"title":"Patient summary","section":[` +
		section("Problems", "11450-4", `"entry":[{"reference":"`+condition+`"}]`) + `,` + section("Allergies", "48765-2", nothing) + `,` +
		section("Medicines", "10160-0", nothing) + `,` + section("Results", "30954-2", `"entry":[{"reference":"`+result+`"}]`) + `]}},
	{"fullUrl":"` + patient + `","resource":{"resourceType":"Patient","name":[{"text":"A. Person"}],"_birthDate":{"extension":[{"url":"x","valueCode":"unknown"}]}}},
	{"fullUrl":"` + device + `","resource":{"resourceType":"Device"}},
	{"fullUrl":"` + condition + `","resource":{"resourceType":"Condition","code":{"text":"Asthma"},"subject":{"reference":"` + patient + `"},"recordedDate":"2020-02"}},
	{"fullUrl":"` + result + `","resource":{"resourceType":"Observation","status":"final","code":{"text":"Hb"},"subject":{"reference":"` + patient + `"},
		"category":[{"coding":[{"code":"laboratory"}]}],"effectivePeriod":{"start":"2024-02-29"},"performer":[{"display":"Lab"}],"valueQuantity":{"value":11.50},
		"contained":[{"resourceType":"Specimen","id":"s"}],"specimen":{"reference":"#s"}}}]}`
}

// goodKTC is a collection with a problem and a PDF.
func goodKTC() string {
	return `{"resourceType":"Bundle","type":"collection","timestamp":"2026-01-01T10:00:00Z","entry":[
	{"fullUrl":"` + patient + `","resource":{"resourceType":"Patient","name":[{"text":"A. Person"}],"birthDate":"1970-01-01"}},
	{"fullUrl":"` + condition + `","resource":{"resourceType":"Condition","code":{"text":"Asthma"},"subject":{"reference":"` + patient + `"}}},
	{"fullUrl":"` + document + `","resource":{"resourceType":"DocumentReference","status":"current","date":"2026-01-01T10:00:00Z",
		"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"PATAST"}]},
		"category":[{"coding":[{"system":"https://cms.gov/fhir/CodeSystem/patient-shared-category","code":"patient-shared"}]}],
		"subject":{"reference":"` + patient + `"},"author":[{"reference":"` + patient + `"}],
		"content":[{"attachment":{"contentType":"application/pdf","data":"` + base64.StdEncoding.EncodeToString([]byte("%PDF-1.4")) + `"}}]}}]}`
}

var good = map[conform.Kind]func() string{
	conform.IPS: goodIPS, conform.KTC: goodKTC,
	conform.Plain: func() string {
		return `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:x","resource":{"resourceType":"Observation","subject":{"reference":"Patient/elsewhere"}}}]}`
	},
}

func TestGoodDocuments(t *testing.T) {
	for kind, body := range good {
		for _, f := range conform.Check(kind, []byte(body())) {
			t.Errorf("%s: %+v", kind, f)
		}
	}
}

func at(root object, n int) object { return root["entry"].([]any)[n].(object) }

func resource(root object, n int) object { return at(root, n)["resource"].(object) }

func sectionOf(root object, n int) object {
	return resource(root, 0)["section"].([]any)[n].(object)
}

func without(n int, name string) func(object) { return func(r object) { delete(resource(r, n), name) } }

func with(n int, name string, v any) func(object) {
	return func(r object) { resource(r, n)[name] = v }
}

func ref(to string) object { return object{"reference": to} }

func coded(system, code string) object {
	return object{"coding": []any{object{"system": system, "code": code}}}
}

// broken documents, by the rule that finds them: each is a good one with one thing changed.
var broken = []struct {
	rule  string
	kind  conform.Kind
	path  string
	spoil func(root object)
}{
	{"FHIR-01", conform.Plain, "Bundle.type", func(r object) { delete(r, "type") }},
	{"FHIR-01", conform.Plain, "resourceType", func(r object) { r["resourceType"] = "List" }},
	{"FHIR-01", conform.IPS, "Bundle.entry.resource", func(r object) { delete(at(r, 3), "resource") }},
	{"FHIR-02", conform.Plain, "Bundle.entry.fullUrl", func(r object) { delete(at(r, 0), "fullUrl") }},
	{"FHIR-02", conform.Plain, "Bundle.entry.fullUrl", func(r object) { at(r, 0)["fullUrl"] = "Observation/1" }},
	{"FHIR-02", conform.KTC, "Bundle.entry.fullUrl", func(r object) { at(r, 2)["fullUrl"] = condition }},
	{"FHIR-03", conform.IPS, "Condition.encounter", with(3, "encounter", ref("urn:uuid:gone"))},
	{"FHIR-03", conform.KTC, "Condition.subject", with(1, "subject", ref(""))},
	{"FHIR-03", conform.IPS, "Observation.specimen", with(4, "specimen", ref("#t"))},
	{"FHIR-03", conform.IPS, "Observation.contained", without(4, "specimen")},
	{"FHIR-04", conform.IPS, "Condition.recordedDate", with(3, "recordedDate", "2020-13")},
	{"FHIR-04", conform.IPS, "Condition.onsetDateTime", with(3, "onsetDateTime", "yesterday")},
	{"FHIR-04", conform.KTC, "Condition.onsetPeriod.end", with(1, "onsetPeriod", object{"end": "2023-02-29"})},
	{"FHIR-04", conform.KTC, "Bundle.timestamp", func(r object) { r["timestamp"] = "2026-01-01" }},
	{"FHIR-05", conform.IPS, "Observation.status", without(4, "status")},
	{"FHIR-05", conform.KTC, "Condition.contained.Procedure.subject", func(r object) {
		with(1, "contained", []any{object{"resourceType": "Procedure", "id": "a", "status": "unknown"}})(r)
		with(1, "evidence", []any{object{"detail": []any{ref("#a")}}})(r)
	}},
	{"FHIR-05", conform.IPS, "Observation.code", with(4, "code", object{})},
	{"IPS-01", conform.IPS, "Bundle.type", func(r object) { r["type"] = "collection" }},
	{"IPS-01", conform.IPS, "Bundle.identifier", func(r object) { delete(r, "identifier") }},
	{"IPS-01", conform.IPS, "Bundle.timestamp", func(r object) { delete(r, "timestamp") }},
	{"IPS-01", conform.IPS, "Bundle.entry.search", func(r object) { at(r, 3)["search"] = object{"mode": "match"} }},
	{"IPS-01", conform.IPS, "Bundle.entry.fullUrl", func(r object) { delete(at(r, 2), "fullUrl") }},
	{"IPS-02", conform.IPS, "Composition", func(r object) { l := r["entry"].([]any); l[0], l[1] = l[1], l[0] }},
	{"IPS-02", conform.IPS, "Composition", func(r object) { resource(r, 2)["resourceType"] = "Composition" }},
	{"IPS-02", conform.IPS, "Patient", func(r object) { resource(r, 1)["resourceType"] = "Person" }},
	{"IPS-03", conform.IPS, "Composition.status", without(0, "status")},
	{"IPS-03", conform.IPS, "Composition.date", without(0, "date")},
	{"IPS-03", conform.IPS, "Composition.title", without(0, "title")},
	{"IPS-03", conform.IPS, "Composition.author", without(0, "author")},
	{"IPS-03", conform.IPS, "Composition.subject", with(0, "subject", ref(device))},
	{"IPS-03", conform.IPS, "Composition.type", with(0, "type", coded("http://loinc.org", "11503-0"))},
	{"IPS-04", conform.IPS, "Composition.section:10160-0", func(r object) {
		resource(r, 0)["section"] = slices.Delete(resource(r, 0)["section"].([]any), 2, 3)
	}},
	{"IPS-04", conform.IPS, "Composition.section:48765-2", func(r object) {
		resource(r, 0)["section"] = append(resource(r, 0)["section"].([]any), sectionOf(r, 1))
	}},
	{"IPS-05", conform.IPS, "Composition.section.entry", func(r object) { delete(sectionOf(r, 1), "emptyReason") }},
	{"IPS-05", conform.IPS, "Composition.section.entry", func(r object) { sectionOf(r, 0)["entry"] = []any{} }},
	{"IPS-06", conform.IPS, "Composition.section.title", func(r object) { delete(sectionOf(r, 0), "title") }},
	{"IPS-06", conform.IPS, "Composition.section.code", func(r object) { sectionOf(r, 3)["code"] = object{"text": "Results"} }},
	{"IPS-06", conform.IPS, "Composition.section.text", func(r object) { delete(sectionOf(r, 3), "text") }},
	{"IPS-06", conform.IPS, "Composition.section.section", func(r object) { sectionOf(r, 3)["section"] = []any{} }},
	{"IPS-06", conform.IPS, "Composition.section.entry", func(r object) { sectionOf(r, 0)["entry"] = []any{ref(result)} }},
	{"IPS-07", conform.IPS, "Patient.birthDate", without(1, "_birthDate")},
	{"IPS-07", conform.IPS, "Patient.name", with(1, "name", []any{object{"use": "official"}})},
	{"IPS-08", conform.IPS, "Condition.code", without(3, "code")},
	{"IPS-08", conform.IPS, "Condition.subject", with(3, "subject", object{"display": "A. Person"})},
	{"IPS-08", conform.IPS, "Observation.effective[x]", without(4, "effectivePeriod")},
	{"IPS-08", conform.IPS, "Observation.value[x]", without(4, "valueQuantity")},
	{"IPS-08", conform.IPS, "Observation.performer", without(4, "performer")},
	{"IPS-09", conform.IPS, "Condition.code.coding", with(3, "code", coded("http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "no-problem-info"))},
	{"KTC-04", conform.KTC, "Bundle.type", func(r object) { r["type"] = "document" }},
	{"KTC-04", conform.KTC, "Bundle.timestamp", func(r object) { delete(r, "timestamp") }},
	{"KTC-04", conform.KTC, "Bundle.entry", func(r object) { r["entry"] = r["entry"].([]any)[:1] }},
	{"KTC-04", conform.KTC, "Patient", func(r object) { resource(r, 1)["resourceType"] = "Patient" }},
	{"KTC-04", conform.KTC, "Composition", func(r object) { resource(r, 1)["resourceType"] = "Composition" }},
	{"KTC-04", conform.KTC, "Patient.name", without(0, "birthDate")},
	{"KTC-05", conform.KTC, "Bundle.entry.fullUrl", func(r object) { at(r, 1)["fullUrl"] = "https://ehr.example/Condition/1" }},
	{"KTC-05", conform.KTC, "Condition.encounter", with(1, "encounter", ref("https://ehr.example/Encounter/1"))},
	{"KTC-06", conform.KTC, "DocumentReference.status", without(2, "status")},
	{"KTC-06", conform.KTC, "DocumentReference.category", without(2, "category")},
	{"KTC-06", conform.KTC, "DocumentReference.subject", without(2, "subject")},
	{"KTC-06", conform.KTC, "DocumentReference.author", with(2, "author", []any{ref(condition)})},
	{"KTC-06", conform.KTC, "DocumentReference.date", without(2, "date")},
	{"KTC-06", conform.KTC, "DocumentReference.meta.security", without(2, "meta")},
	{"KTC-06", conform.KTC, "DocumentReference.content", with(2, "content", []any{})},
	{"KTC-06", conform.KTC, "DocumentReference.content.attachment", with(2, "content", []any{object{"attachment": object{"contentType": "application/pdf", "url": "https://ehr.example/1"}}})},
	{"KTC-06", conform.KTC, "Condition.presentedForm", with(1, "presentedForm", []any{object{"contentType": "application/pdf", "data": "JVBERi0="}})},
	{"KTC-07", conform.KTC, "DocumentReference.type", with(2, "type", coded("http://loinc.org", "60591-5"))},
	{"KTC-07", conform.KTC, "DocumentReference.type", func(r object) {
		with(2, "type", coded("http://loinc.org", "60591-5"))(r)
		with(2, "context", object{"related": []any{ref(patient)}})(r)
	}},
	{"KTC-07", conform.KTC, "DocumentReference.content.attachment", func(r object) { // not a PDF
		rendering(r)
		with(2, "content", []any{object{"attachment": object{"contentType": "text/plain", "data": "VGV4dA=="}}})(r)
	}},
	{"KTC-07", conform.KTC, "DocumentReference.content.attachment", func(r object) { // called one, and is none
		rendering(r)
		with(2, "content", []any{object{"attachment": object{"contentType": "application/pdf", "data": "VGV4dA=="}}})(r)
	}},
	{"KTC-08", conform.KTC, "Condition.meta.profile", with(1, "meta", object{"profile": []any{"http://hl7.org/fhir/us/core/StructureDefinition/us-core-condition"}})},
}

// TestEachRuleFindsItsFault: a document with that fault is found by that rule, at that place.
func TestEachRuleFindsItsFault(t *testing.T) {
	met := map[string]bool{}
	for _, tt := range broken {
		t.Run(tt.rule+" "+tt.path, func(t *testing.T) {
			var root object
			if err := json.Unmarshal([]byte(good[tt.kind]()), &root); err != nil {
				t.Fatal(err)
			}
			tt.spoil(root)
			b, err := json.Marshal(root)
			if err != nil {
				t.Fatal(err)
			}
			found := conform.Check(tt.kind, b)
			if !slices.ContainsFunc(found, func(f conform.Fault) bool { return f.Rule == tt.rule && f.Path == tt.path }) {
				t.Errorf("found %+v", found)
			}
		})
		met[tt.rule] = true
	}
	for _, r := range conform.Rules {
		if !met[r.ID] {
			t.Errorf("no broken document for %s", r.ID)
		}
	}
}

// rendering makes the document of a good collection one that shows all of it.
func rendering(root object) {
	with(2, "type", coded("http://loinc.org", "60591-5"))(root)
	with(2, "context", object{"related": []any{ref(patient), ref(condition)}})(root)
}

// TestRenderingThatCoversAll: KTC-07 allows what it promises.
func TestRenderingThatCoversAll(t *testing.T) {
	var root object
	if err := json.Unmarshal([]byte(goodKTC()), &root); err != nil {
		t.Fatal(err)
	}
	rendering(root)
	for _, f := range conform.CheckTree(conform.KTC, root) {
		t.Errorf("%+v", f)
	}
}

func TestLinkRules(t *testing.T) {
	fine := conform.Link{URL: "https://relay.example/l/abc", Flag: "U", Expires: time.Unix(1, 0), Receipts: true}
	for name, tt := range map[string]struct {
		spoil func(*conform.Link)
		want  string
	}{
		"fine":         {func(*conform.Link) {}, ""},
		"another flag": {func(l *conform.Link) { l.Flag = "LU" }, "KTC-01"},
		"no end":       {func(l *conform.Link) { l.Expires = time.Time{} }, "KTC-01"},
		"a passcode":   {func(l *conform.Link) { l.Passcode = true }, "KTC-01"},
		"a user":       {func(l *conform.Link) { l.URL = "https://me:pw@relay.example/l" }, "KTC-02"},
		"a query":      {func(l *conform.Link) { l.URL += "?key=1" }, "KTC-02"},
		"no receipts":  {func(l *conform.Link) { l.Receipts = false }, "KTC-03"},
	} {
		l := fine
		tt.spoil(&l)
		got := ""
		for _, f := range conform.CheckLink(l) {
			got += f.Rule
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestIsDate(t *testing.T) {
	for s, want := range map[string]bool{
		"2024": true, "2024-02": true, "2024-02-29": true, "2000-02-29": true, "2024-02-29T10:00:00Z": true, "2024-02-29T10:00:00.123+05:30": true,
		"2023-02-29": false, "1900-02-29": false, "2024-13": false, "2024-00": false, "2024-1": false, "24-01-01": false, "": false, "2024-04-31": false,
		"2024-02T10:00:00Z": false, "2024-02-29T10:00:00": false, "2024-02-29T10:00Z": false, "2024-02-29T24:00:00Z": false, "2024-02-29 10:00:00Z": false,
		"2024-02-29T10:00:00.Z": false, "2024-02-29T10:00:00+5:30": false, "2024-02-29T": false, "२०२४": false, "2024-02-29-01": false, "-024": false,
	} {
		if got := conform.IsDate(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

// TestOthers holds the summaries of others against our rules. Every example of the guide itself passes, so that the rules ask
// no more than it does; those of the field are for information, since nobody but their makers can mend them.
func TestOthers(t *testing.T) {
	files := 0
	for _, pattern := range []string{"../../../shared/data/ips/*.json", "../../../shared/data/ips/connectathon/*.json", "../../e2e/node_modules/hl7.fhir.uv.ips/example/Bundle-*.json"} {
		found, _ := filepath.Glob(pattern)
		for _, f := range found {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(b), `"document"`) {
				continue
			}
			files++
			count := map[string]int{}
			for _, fault := range conform.Check(conform.IPS, b) {
				count[fault.Rule]++
			}
			if strings.Contains(f, "node_modules") && len(count) > 0 {
				t.Errorf("%s, an example of the guide: %v", filepath.Base(f), count)
			}
			t.Logf("%s: %v", filepath.Base(f), count)
		}
	}
	if files == 0 {
		t.Skip("neither the shared test documents nor the peers' packages are here")
	}
	t.Logf("%d summaries of others", files)
}

// FuzzCheck: whatever a stranger calls a Bundle is judged without harm, and what is no JSON is no Bundle.
func FuzzCheck(f *testing.F) {
	for _, body := range good {
		f.Add([]byte(body()))
	}
	f.Add([]byte(`{"resourceType":"Bundle","entry":[null,{"resource":5},{"resource":{"contained":[{}]}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for kind := range good {
			if faults := conform.Check(kind, b); !json.Valid(b) && len(faults) == 0 {
				t.Errorf("%s: no fault in what is no JSON", kind)
			}
		}
	})
}
