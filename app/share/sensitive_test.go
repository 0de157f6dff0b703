package share_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"potli/app/record"
	"potli/app/share"
)

// groupsOf returns the groups of a single resource.
func groupsOf(t *testing.T, resource string) string {
	t.Helper()
	items := share.Choose([]share.Source{{Meta: record.Meta{ID: "r", Format: record.FormatFHIR}, Body: []byte(resource)}}, now)
	if len(items) != 1 {
		t.Fatalf("%d items of %s", len(items), resource)
	}
	return strings.Join(items[0].Sensitive, " ")
}

func TestSensitiveWords(t *testing.T) {
	for text, want := range map[string]string{
		"HIV disease": "hiv", "Human immunodeficiency virus infection": "hiv", "AIDS": "hiv", "CD4 count": "hiv",
		"Tenofovir 300 mg / Lamivudine 300 mg / Dolutegravir 50 mg": "hiv", "Anti-retroviral therapy": "hiv",
		"HIV-1 RNA viral load": "hiv", "एचआईवी संक्रमण": "hiv", "एड्स": "hiv",
		"Major depressive disorder": "mental", "Schizophrenia": "mental", "Sertraline 50mg tablet": "mental", "PTSD": "mental",
		"Psychiatry outpatient note": "mental", "Attention-deficit hyperactivity disorder": "mental", "अवसाद": "mental", "मानसिक रोग": "mental",
		"Anxiety": "mental", "Suicidal ideation": "mental", "Bipolar I disorder": "mental", "PHQ-9": "mental",
		"Pregnancy": "reproductive", "Termination of pregnancy": "reproductive", "MTP": "reproductive", "Infertility": "reproductive",
		"Syphilis": "reproductive", "VDRL": "reproductive", "Oral contraceptive pill": "reproductive", "गर्भवती": "reproductive",
		"Menopausal flushing": "reproductive", "D and C": "reproductive", "Polycystic ovaries (PCOD)": "reproductive", "HPV vaccine": "reproductive",
		"Alcohol dependence": "substance", "Smoker": "substance", "Tobacco use": "substance", "Opioid use disorder": "substance",
		"Naltrexone": "substance", "शराब की लत": "substance", "बीड़ी": "substance", "Cannabis": "substance", "Beedi smoking": "substance",
		"HIV in pregnancy": "hiv reproductive", "Alcohol-induced psychosis": "mental substance",
		// what is none of it
		"Hearing aids": "", "Walking aid": "", "First aid": "", "Hypertension": "", "Type 2 diabetes mellitus": "",
		"Haemoglobin": "", "Asthma": "", "Penicillin allergy": "", "Fracture of radius": "", "Congenital heart disease": "",
		"Respiratory depression": "", "ST depression": "", "Depressed fracture of skull": "", "Laboratory report": "", "Fundamental frequency": "",
		"MTP joint pain": "", "Polycystic kidney disease": "", "Myasthenia gravis": "", "Serum lactate": "", "Depot": "", "Deposit": "",
		"Isopropyl alcohol": "", "Alcohol swab": "", "Covid-19 vaccine": "", "Archive": "", "Influenza": "", "उच्च रक्तचाप": "", "मधुमेह": "",
		"Panic value reported by phone": "", "Cardiac rehabilitation": "", "Dietary counselling": "", "Blood group": "", "Rh (D) C antigen": "",
		// an exception holds for its own words only
		"Hearing aids in AIDS": "hiv", "ST depression; depression": "mental", "Alcohol swab, alcohol abuse": "substance",
	} {
		b, _ := json.Marshal(text)
		if got := groupsOf(t, `{"resourceType":"Condition","code":{"text":`+string(b)+`}}`); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestSensitiveCodes(t *testing.T) {
	for code, want := range map[string]string{
		"http://snomed.info/sct|86406008": "hiv", "http://snomed.info/sct|35489007": "mental", "http://snomed.info/sct|77386006": "reproductive",
		"http://snomed.info/sct|77176002": "substance", "urn:oid:2.16.840.1.113883.6.96|74732009": "mental",
		"http://hl7.org/fhir/sid/icd-10|B20": "hiv", "http://hl7.org/fhir/sid/icd-10|B24.9": "hiv", "http://hl7.org/fhir/sid/icd-10-cm|Z21": "hiv",
		"http://hl7.org/fhir/sid/icd-10-cm|F32.9": "mental", "http://hl7.org/fhir/sid/icd-10-cm|F10.20": "substance", "urn:oid:2.16.840.1.113883.6.90|f11.1": "substance",
		"http://fhir.de/CodeSystem/bfarm/icd-10-gm|O80": "reproductive", "http://hl7.org/fhir/sid/icd-10|N97.0": "reproductive", "http://hl7.org/fhir/sid/icd-9-cm|042": "hiv",
		"http://hl7.org/fhir/sid/icd-9-cm|303.90": "substance", "http://hl7.org/fhir/sid/icd-9-cm|296.2": "mental", "http://hl7.org/fhir/sid/icd-9-cm|V22.1": "reproductive",
		"http://loinc.org|75622-1": "hiv", "http://loinc.org|44249-1": "mental", "http://loinc.org|2106-3": "reproductive", "http://loinc.org|72166-2": "substance",
		"http://www.whocc.no/atc|J05AR13": "hiv", "http://www.whocc.no/atc|N06AB06": "mental", "http://www.whocc.no/atc|G03AA07": "reproductive", "http://www.whocc.no/atc|N07BC01": "substance",
		"http://www.nlm.nih.gov/research/umls/rxnorm|352364":   "substance",
		"http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV": "hiv",
		"http://terminology.hl7.org/CodeSystem/v3-ActCode|PSY": "mental",
		"http://terminology.hl7.org/CodeSystem/v3-ActCode|ETH": "substance",
		"http://snomed.info/sct|38341003":                      "",
		"http://hl7.org/fhir/sid/icd-10|B25":                   "",
		"http://hl7.org/fhir/sid/icd-10|I10":                   "",
		"http://hl7.org/fhir/sid/icd-10|G40":                   "",
		"http://loinc.org|718-7":                               "",
		"http://www.whocc.no/atc|J05AB01":                      "",
		"http://www.whocc.no/atc|A10BA02":                      "",
		"http://example.org/local|B20":                         "",
		"http://terminology.hl7.org/CodeSystem/v3-ActCode|AMB": "",
		"http://www.nlm.nih.gov/research/umls/rxnorm|6809":     "",
		"http://snomed.info/sct|":                              "",
	} {
		system, c, _ := strings.Cut(code, "|")
		got := groupsOf(t, fmt.Sprintf(`{"resourceType":"Observation","code":{"coding":[{"system":%q,"code":%q}]},"status":"final"}`, system, c))
		if got != want {
			t.Errorf("%s: got %q, want %q", code, got, want)
		}
	}
}

// It counts wherever in the resource it stands.
func TestSensitiveAnywhere(t *testing.T) {
	for name, resource := range map[string]string{
		"note":           `{"resourceType":"Condition","code":{"text":"Fever"},"note":[{"text":"known HIV"}]}`,
		"reason":         `{"resourceType":"MedicationRequest","medicationCodeableConcept":{"text":"X"},"reasonCode":[{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"B20"}]}]}`,
		"display":        `{"resourceType":"Observation","code":{"text":"Weight"},"encounter":{"display":"HIV clinic"}}`,
		"contained":      `{"resourceType":"MedicationRequest","medicationReference":{"reference":"#a"},"contained":[{"resourceType":"Medication","id":"a","code":{"text":"Dolutegravir"}}]}`,
		"component":      `{"resourceType":"Observation","code":{"text":"Panel"},"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"75622-1"}]}}]}`,
		"value":          `{"resourceType":"Observation","code":{"text":"History"},"valueString":"hiv positive"}`,
		"security label": `{"resourceType":"Condition","code":{"text":"Fever"},"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIV"}]}}`,
		"extension":      `{"resourceType":"Condition","code":{"text":"Fever"},"extension":[{"url":"x","valueString":"HIV"}]}`,
		"attachment":     `{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"title":"HIV report.pdf","contentType":"application/pdf","data":"JVBERi0="}}]}`,
	} {
		if got := groupsOf(t, resource); got != "hiv" {
			t.Errorf("%s: got %q", name, got)
		}
	}
	// Content and addresses are not words.
	if got := groupsOf(t, `{"resourceType":"Condition","code":{"coding":[{"system":"http://hiv.example/sti","code":"1"}],"text":"Fever"},"identifier":[{"system":"urn:hiv"}]}`); got != "" {
		t.Errorf("an address counted: %q", got)
	}
}

// Spellings that said it to every reader and not to the lists, so that excluding the group let them out.
func TestSensitiveIsWhatAReaderReads(t *testing.T) {
	in := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for name, body := range map[string]string{
		"stops":         `{"resourceType":"Condition","code":{"text":"H.I.V. disease"}}`,
		"a soft hyphen": `{"resourceType":"Condition","code":{"text":"H\u00adIV"}}`,
		"no width":      `{"resourceType":"Condition","code":{"text":"H\u200bIV infection"}}`,
		"wide":          `{"resourceType":"Condition","code":{"text":"ＨＩＶ"}}`,
		"a code alone":  `{"resourceType":"Condition","code":{"coding":[{"code":"B20"}]}}`,
		"own system":    `{"resourceType":"Condition","code":{"coding":[{"system":"urn:ours","code":"86406008"}]}}`,
		"ICD-11":        `{"resourceType":"Condition","code":{"coding":[{"system":"http://id.who.int/icd/release/11/mms","code":"1C62.Z"}]}}`,
		"a letter":      `{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"contentType":"text/plain","data":"` + in("HIV positive") + `"}}]}`,
		"an HTML form":  `{"resourceType":"DiagnosticReport","code":{"text":"Laboratory report"},"presentedForm":[{"contentType":"text/html","data":"` + in("<p>HIV</p>") + `"}]}`,
		"beside it": `{"resourceType":"Bundle","type":"collection","entry":[` +
			`{"fullUrl":"urn:uuid:a","resource":{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"contentType":"text/plain","url":"urn:uuid:b"}}]}},` +
			`{"fullUrl":"urn:uuid:b","resource":{"resourceType":"Binary","contentType":"text/plain","data":"` + in("HIV positive") + `"}}]}`,
	} {
		if got := groupsOf(t, body); got != "hiv" {
			t.Errorf("%s: got %q", name, got)
		}
	}
	for name, body := range map[string]string{
		"a room":  `{"resourceType":"Condition","code":{"coding":[{"system":"urn:ours","code":"B20"}],"text":"Fever"}}`,
		"e.g.":    `{"resourceType":"Condition","code":{"text":"Fever, e.g. at night. 3.5 days"}}`,
		"a photo": `{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"contentType":"image/jpeg","data":"` + in("\xff\xd8\xff HIV") + `"}}]}`,
	} {
		if got := groupsOf(t, body); got != "" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestSensitiveDocuments(t *testing.T) {
	for name, want := range map[string]string{"HIV_report_2024.pdf": "hiv", "scan0001.pdf": "", "discharge-psychiatry.jpg": "mental", "गर्भावस्था.pdf": "reproductive"} {
		items := share.Choose([]share.Source{{Meta: record.Meta{ID: "r", Format: record.FormatPDF, Source: record.Source{Name: name}}}}, now)
		if got := strings.Join(items[0].Sensitive, " "); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// Of two copies of a fact the words of either count.
func TestSensitiveMerged(t *testing.T) {
	one := source("one", `{"resourceType":"MedicationRequest","id":"1","status":"active","medicationCodeableConcept":{"text":"Tablet X"},"reasonCode":[{"text":"HIV"}]}`)
	two := source("two", `{"resourceType":"MedicationRequest","id":"1","status":"active","medicationCodeableConcept":{"text":"Tablet X"}}`)
	one.Meta.Date, two.Meta.Date = "2020", "2021"
	for _, src := range [][]share.Source{{one, two}, {two, one}} {
		items := share.Choose(src, now)
		if len(items) != 1 || items[0].Record != "two" || strings.Join(items[0].Sensitive, " ") != "hiv" {
			t.Errorf("got %+v", items)
		}
	}
}

// The data file: every list has its source, every entry is of use, no word is there twice.
func TestSensitiveFile(t *testing.T) {
	b, err := os.ReadFile("sensitive.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		About   string
		Sources []string
		Groups  map[string]struct {
			Codes         map[string][]string
			Words, Except []string
		}
	}
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	if f.About == "" || len(f.Sources) < 6 || len(f.Groups) != len(share.Groups()) {
		t.Error("no word on where the lists come from, or another number of groups")
	}
	systems := map[string]string{"snomed": "http://snomed.info/sct", "loinc": "http://loinc.org", "icd10": "http://hl7.org/fhir/sid/icd-10",
		"icd11": "http://id.who.int/icd/release/11/mms", "icd9": "http://hl7.org/fhir/sid/icd-9-cm", "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm", "atc": "http://www.whocc.no/atc",
		"act": "http://terminology.hl7.org/CodeSystem/v3-ActCode"}
	for _, name := range share.Groups() {
		g := f.Groups[name]
		seen := map[string]bool{}
		for _, w := range g.Words {
			if seen[w] || w != strings.ToLower(w) || strings.Contains(strings.TrimSuffix(w, "*"), "*") {
				t.Errorf("%s: word %q", name, w)
			}
			seen[w] = true
			q, _ := json.Marshal(strings.TrimSuffix(w, "*"))
			if got := groupsOf(t, `{"resourceType":"Condition","code":{"text":`+string(q)+`}}`); !strings.Contains(got, name) {
				t.Errorf("%s: %q does not find itself", name, w)
			}
		}
		for system, codes := range g.Codes {
			for _, c := range codes {
				got := groupsOf(t, fmt.Sprintf(`{"resourceType":"Observation","code":{"coding":[{"system":%q,"code":%q}]}}`, systems[system], strings.TrimSuffix(c, "*")))
				if !strings.Contains(got, name) {
					t.Errorf("%s: %s %s does not find itself", name, system, c)
				}
			}
		}
	}
}
