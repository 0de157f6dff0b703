package share_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"potli/app/share"
)

// --- the conformance of a Bundle, by the ids of smart-health.md §11 ---

type tree = map[string]any

var uuid = regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// check applies every rule of a shape that a Bundle alone can show.
func check(t *testing.T, shape share.Shape, b []byte) {
	t.Helper()
	var bundle tree
	if err := json.Unmarshal(b, &bundle); err != nil {
		t.Fatal(err)
	}
	resources := checkEntries(t, bundle)
	if shape == share.ShapeKTC {
		checkKTC(t, bundle, resources)
	} else {
		checkIPS(t, bundle, resources)
	}
	if strings.Contains(string(b), "absent-unknown") {
		t.Error("IPS-09: writes the absent-unknown code system")
	}
	for _, never := range []string{`"profile"`, "CANARY"} {
		if bytes.Contains(b, []byte(never)) {
			t.Errorf("holds %s", never)
		}
	}
}

// checkEntries: KTC-05 and IPS-01, urn:uuid full URLs without duplicates, every reference resolving inside, exactly one
// Patient, nothing but fullUrl and resource.
func checkEntries(t *testing.T, bundle tree) map[string]tree {
	t.Helper()
	resources, patients := map[string]tree{}, 0
	for _, e := range bundle["entry"].([]any) {
		e := e.(tree)
		url, r := e["fullUrl"].(string), e["resource"].(tree)
		if !uuid.MatchString(url) || resources[url] != nil || len(e) != 2 {
			t.Errorf("KTC-05: entry %q", url)
		}
		resources[url] = r
		if r["resourceType"] == "Patient" {
			patients++
		}
		if r["id"] != nil || r["text"] != nil {
			t.Errorf("%v keeps its id or narrative", r["resourceType"])
		}
	}
	if patients != 1 {
		t.Errorf("KTC-04: %d Patients", patients)
	}
	for url, r := range resources {
		local := map[string]bool{}
		for _, c := range anyList(r["contained"]) {
			local["#"+c.(tree)["id"].(string)] = true
		}
		walk(r, func(name string, o tree) {
			ref, ok := o["reference"].(string)
			if ok && resources[ref] == nil && !local[ref] {
				t.Errorf("KTC-05: %v %s: %s leads outside: %q", r["resourceType"], url, name, ref)
			}
			if name == "attachment" && o["url"] != nil {
				t.Error("KTC-06: an attachment is an address")
			}
		})
	}
	return resources
}

func checkKTC(t *testing.T, bundle tree, resources map[string]tree) {
	t.Helper()
	if bundle["type"] != "collection" || bundle["timestamp"] == nil || len(resources) < 2 {
		t.Errorf("KTC-04: type %v, timestamp %v, %d entries", bundle["type"], bundle["timestamp"], len(resources))
	}
	for url, r := range resources {
		switch r["resourceType"] {
		case "Patient":
			if r["name"] == nil || r["birthDate"] == nil && r["_birthDate"] == nil {
				t.Error("KTC-08: nothing to match by")
			}
		case "Composition":
			t.Error("a Composition in a collection")
		case "DocumentReference":
			checkDocument(t, url, r, resources)
		default:
			walk(r, func(name string, o tree) {
				if o["contentType"] == "application/pdf" {
					t.Errorf("KTC-06: a PDF in a %v", r["resourceType"])
				}
			})
		}
	}
}

// checkDocument: KTC-06, each member of §8.
func checkDocument(t *testing.T, url string, r tree, resources map[string]tree) {
	t.Helper()
	isPatient := func(v any) bool {
		ref, _ := v.(tree)["reference"].(string)
		return resources[ref] != nil && resources[ref]["resourceType"] == "Patient"
	}
	category, security := fmt.Sprint(r["category"]), fmt.Sprint(r["meta"])
	switch {
	case r["status"] != "current", r["date"] == nil, !isPatient(r["subject"]), !isPatient(anyList(r["author"])[0]),
		!strings.Contains(category, "https://cms.gov/fhir/CodeSystem/patient-shared-category") || !strings.Contains(category, "code:patient-shared"),
		!strings.Contains(security, "code:PATAST") || !strings.Contains(security, "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"):
		t.Errorf("KTC-06: document %s lacks a member: %v", url, sortedKeys(r))
	}
	for _, c := range anyList(r["content"]) {
		a := c.(tree)["attachment"].(tree)
		data, _ := a["data"].(string)
		if raw, err := base64.StdEncoding.DecodeString(data); err != nil || len(raw) == 0 || a["contentType"] == "" {
			t.Errorf("KTC-06: content of %s: %v", url, err)
		}
	}
	if strings.Contains(fmt.Sprint(r["type"]), "60591-5") {
		// KTC-07: that type promises a rendering of everything in the Bundle, which no document of a hospital is.
		t.Error("KTC-07: a document passes for the rendering of the whole share")
	}
}

var requiredSections = []string{"11450-4", "48765-2", "10160-0"}

func checkIPS(t *testing.T, bundle tree, resources map[string]tree) {
	t.Helper()
	id, _ := bundle["identifier"].(tree)
	if bundle["type"] != "document" || id["system"] != "urn:ietf:rfc:3986" || !uuid.MatchString(fmt.Sprint(id["value"])) || bundle["timestamp"] == nil {
		t.Errorf("IPS-01: %v %v %v", bundle["type"], id, bundle["timestamp"])
	}
	compositions := 0
	for _, r := range resources {
		if r["resourceType"] == "Composition" {
			compositions++
		}
		minimums(t, r)
	}
	c := bundle["entry"].([]any)[0].(tree)["resource"].(tree)
	if compositions != 1 || c["resourceType"] != "Composition" {
		t.Fatalf("IPS-02: %d Compositions, first is %v", compositions, c["resourceType"])
	}
	author := resources[c["author"].([]any)[0].(tree)["reference"].(string)]
	if c["status"] != "final" || !strings.Contains(fmt.Sprint(c["type"]), "60591-5") || c["date"] == nil || c["title"] == "" ||
		resources[c["subject"].(tree)["reference"].(string)]["resourceType"] != "Patient" || author["resourceType"] != "Device" {
		t.Errorf("IPS-03: %v", sortedKeys(c))
	}
	checkSections(t, c, resources)
}

func checkSections(t *testing.T, c tree, resources map[string]tree) {
	t.Helper()
	codes := map[string]int{}
	placed := map[string]bool{}
	for _, s := range c["section"].([]any) {
		s := s.(tree)
		code := s["code"].(tree)["coding"].([]any)[0].(tree)["code"].(string)
		codes[code]++
		text, _ := s["text"].(tree)
		div, _ := text["div"].(string)
		if s["title"] == "" || text["status"] != "generated" || s["section"] != nil {
			t.Errorf("IPS-06: section %s", code)
		}
		wellFormed(t, div)
		if (s["entry"] == nil) == (s["emptyReason"] == nil) {
			t.Errorf("IPS-05: section %s: entries %v, emptyReason %v", code, s["entry"] != nil, s["emptyReason"])
		}
		for _, e := range anyList(s["entry"]) {
			ref := e.(tree)["reference"].(string)
			if placed[ref] {
				t.Errorf("%s stands in two sections", ref)
			}
			placed[ref] = true
			typ := resources[ref]["resourceType"].(string)
			if allowed := sectionTypes[code]; allowed != "" && !slices.Contains(strings.Fields(allowed), typ) {
				t.Errorf("a %s in section %s", typ, code)
			}
		}
	}
	for _, code := range requiredSections {
		if codes[code] != 1 {
			t.Errorf("IPS-04: section %s %d times", code, codes[code])
		}
	}
}

// sectionTypes is the table of §9.
var sectionTypes = map[string]string{
	"11450-4": "Condition", "48765-2": "AllergyIntolerance", "11369-6": "Immunization", "30954-2": "Observation DiagnosticReport",
	"10160-0": "MedicationStatement MedicationRequest MedicationAdministration MedicationDispense", "47519-4": "Procedure",
	"46264-8": "DeviceUseStatement", "42348-3": "Consent", "104605-1": "Flag", "47420-5": "Condition ClinicalImpression",
	"11348-0": "Condition", "10162-6": "Observation", "18776-5": "CarePlan ImmunizationRecommendation", "29762-2": "Observation", "8716-3": "Observation",
}

// minimums: IPS-07 and IPS-08.
func minimums(t *testing.T, r tree) {
	t.Helper()
	present := func(names ...string) bool {
		for k := range r {
			for _, n := range names {
				stem, choice := strings.CutSuffix(n, "[x]")
				if k == n || choice && strings.HasPrefix(strings.TrimPrefix(k, "_"), stem) {
					return true
				}
			}
		}
		return false
	}
	var need [][]string
	switch r["resourceType"] {
	case "Patient":
		name := r["name"].([]any)[0].(tree)
		if name["text"] == nil && name["family"] == nil && name["given"] == nil && name["extension"] == nil {
			t.Error("IPS-07: no name")
		}
		need = [][]string{{"birthDate", "_birthDate"}}
	case "Condition":
		need = [][]string{{"code"}, {"subject"}}
	case "AllergyIntolerance":
		need = [][]string{{"code"}, {"patient"}}
	case "MedicationStatement":
		need = [][]string{{"medication[x]"}, {"subject"}, {"effective[x]"}}
	case "MedicationRequest":
		need = [][]string{{"medication[x]"}, {"subject"}}
	case "Immunization":
		need = [][]string{{"vaccineCode"}, {"occurrence[x]"}, {"patient"}}
	case "Procedure":
		need = [][]string{{"code"}, {"performed[x]"}, {"subject"}}
	case "DeviceUseStatement":
		need = [][]string{{"subject"}, {"timing[x]"}}
	case "DiagnosticReport":
		need = [][]string{{"subject"}, {"effective[x]"}}
	case "Observation":
		need = [][]string{{"category"}, {"subject"}, {"effective[x]"}, {"performer"}}
		if c := fmt.Sprint(r["category"]); strings.Contains(c, "code:laboratory") || strings.Contains(c, "code:imaging") {
			need = append(need, []string{"value[x]", "dataAbsentReason", "hasMember", "component"})
		}
	}
	for _, n := range need {
		if !present(n...) {
			t.Errorf("IPS-08: %v without %v: %v", r["resourceType"], n, sortedKeys(r))
		}
	}
}

// wellFormed: the narrative is XHTML of a few harmless elements.
func wellFormed(t *testing.T, div string) {
	t.Helper()
	if !strings.HasPrefix(div, `<div xmlns="http://www.w3.org/1999/xhtml">`) {
		t.Errorf("narrative begins %.50q", div)
	}
	d := xml.NewDecoder(strings.NewReader(div))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("narrative: %v in %.300s", err, div)
		}
		if e, ok := token.(xml.StartElement); ok {
			if !strings.Contains(" div p table thead tbody tr th td ", " "+e.Name.Local+" ") || len(e.Attr) > 0 && e.Name.Local != "div" {
				t.Errorf("narrative has <%s %v>", e.Name.Local, e.Attr)
			}
		}
	}
}

func anyList(v any) []any { l, _ := v.([]any); return l }

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func walk(v any, do func(name string, o tree)) { walkAt("", v, do) }

func walkAt(name string, v any, do func(string, tree)) {
	switch v := v.(type) {
	case tree:
		do(name, v)
		for k, e := range v {
			walkAt(k, e, do)
		}
	case []any:
		for _, e := range v {
			walkAt(name, e, do)
		}
	}
}
