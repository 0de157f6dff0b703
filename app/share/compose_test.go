package share_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
)

// words says messages as their keys: narratives then show what was asked for.
func words(m fhir.Message) string { return "[" + m.Key + "]" }

var asha = share.Person{Name: "Asha Rao", BirthDate: "1980-02-03", Gender: "female"}

// bundle makes a source of resources; each is JSON, its fullUrl is urn:uuid:<id>.
func source(id string, resources ...string) share.Source {
	var entries []string
	for _, r := range resources {
		var head struct{ ID string }
		if err := json.Unmarshal([]byte(r), &head); err != nil {
			panic(err.Error() + " in " + r)
		}
		entries = append(entries, fmt.Sprintf(`{"fullUrl":"urn:uuid:%s","resource":%s}`, head.ID, r))
	}
	return share.Source{Meta: record.Meta{ID: record.ID(id), Format: record.FormatFHIR, Added: now},
		Body: []byte(`{"resourceType":"Bundle","type":"collection","entry":[` + strings.Join(entries, ",") + `]}`)}
}

const patient = `{"resourceType":"Patient","id":"p","name":[{"family":"Rao","given":["Asha"]}],"birthDate":"1980-02-03","gender":"female","identifier":[{"value":"CANARY-MRN"}],"telecom":[{"value":"CANARY-PHONE"}],"address":[{"city":"CANARY-CITY"}]}`

// zero is a source of randomness for golden comparisons.
func zero() io.Reader { return bytes.NewReader(make([]byte, 64)) }

func compose(t *testing.T, shape share.Shape, sources []share.Source, chosen []share.Item) []byte {
	t.Helper()
	out, err := share.Compose(shape, asha, sources, chosen, words, now, zero())
	if err != nil {
		t.Fatal(err)
	}
	check(t, shape, out)
	return out
}

// pick returns the items whose title holds one of the texts.
func pick(items []share.Item, titles ...string) []share.Item {
	return slices.DeleteFunc(slices.Clone(items), func(it share.Item) bool {
		return !slices.ContainsFunc(titles, func(s string) bool { return strings.Contains(it.Title, s) })
	})
}

// Every real document in both shapes, everything chosen and the summary alone, as whom it is about and as somebody else.
func TestRealDocuments(t *testing.T) {
	dir := sharedData(t)
	var files []string
	for _, pattern := range []string{"*/*.json", "ips/connectathon/*.json"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		files = append(files, found...)
	}
	composed := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fhir.Parse(b); err != nil {
			continue // a key set, a revocation list
		}
		src := []share.Source{{Meta: record.Meta{ID: "r", Format: record.FormatFHIR, Added: now}, Body: b}}
		items := share.Choose(src, now)
		if len(items) == 0 {
			continue
		}
		suggested := slices.DeleteFunc(slices.Clone(items), func(it share.Item) bool { return !it.Suggested })
		t.Run(filepath.Base(f), func(t *testing.T) {
			for _, shape := range []share.Shape{share.ShapeKTC, share.ShapeIPS} {
				compose(t, shape, src, items)
				composed++
				if len(suggested) > 0 {
					compose(t, shape, src, suggested)
				}
				compose(t, shape, src, items[:1])
			}
		})
	}
	if composed < 60 {
		t.Errorf("only %d bundles", composed)
	}
}

func TestDeterministic(t *testing.T) {
	src := []share.Source{source("r", patient, `{"resourceType":"Condition","id":"c","code":{"text":"Asthma"},"subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Observation","id":"o","code":{"text":"Peak flow"},"valueQuantity":{"value":1.50,"unit":"L"},"subject":{"reference":"Patient/p"}}`)}
	items := share.Choose(src, now)
	for _, shape := range []share.Shape{share.ShapeKTC, share.ShapeIPS} {
		a := compose(t, shape, src, items)
		for range 20 {
			if !bytes.Equal(a, compose(t, shape, src, items)) {
				t.Fatal("the same selection gave another Bundle")
			}
		}
		// The precision of a decimal is part of its value (FHIR R4 §2.24.0.1).
		if !bytes.Contains(a, []byte(`"value":1.50`)) {
			t.Error("1.50 changed on the way")
		}
	}
}

func TestComposeErrors(t *testing.T) {
	src := source("r", patient, `{"resourceType":"Condition","id":"c","code":{"text":"Asthma"},"verificationStatus":{"coding":[{"code":"entered-in-error"}]}}`)
	do := func(shape share.Shape, chosen ...share.Item) error {
		_, err := share.Compose(shape, asha, []share.Source{src}, chosen, words, now, zero())
		return err
	}
	if err := do(share.ShapeKTC); !errors.Is(err, share.ErrNothing) {
		t.Errorf("nothing chosen: %v", err)
	}
	if err := do(share.ShapeKTC, share.Item{Record: "elsewhere"}); err == nil {
		t.Error("a record that is not there was composed")
	}
	// A page that lists what Choose does not offer gets nothing of it.
	for _, entry := range []int{-1, 0, 1, 2, 99} {
		if err := do(share.ShapeIPS, share.Item{Record: "r", Entry: entry}); !errors.Is(err, share.ErrNothing) {
			t.Errorf("entry %d: %v", entry, err)
		}
	}
	big := share.Source{Meta: record.Meta{ID: "big", Format: record.FormatPDF}, Body: make([]byte, 19<<20)}
	if _, err := share.Compose(share.ShapeKTC, asha, []share.Source{big}, []share.Item{{Record: "big", Entry: -1}}, words, now, zero()); !errors.Is(err, share.ErrTooBig) {
		t.Errorf("19 MiB: %v", err)
	}
	if _, err := share.Compose("other", asha, []share.Source{big}, []share.Item{{Record: "big", Entry: -1}}, words, now, zero()); err == nil {
		t.Error("an unknown shape was composed")
	}
	fits := share.Source{Meta: record.Meta{ID: "fits", Format: record.FormatPDF}, Body: make([]byte, 12<<20)}
	out, err := share.Compose(share.ShapeKTC, asha, []share.Source{fits}, []share.Item{{Record: "fits", Entry: -1}}, words, now, zero())
	if err != nil {
		t.Fatalf("12 MiB: %v", err)
	}
	s := &share.Share{Key: make([]byte, 32)}
	if jwe, err := s.Reseal(out, zero()); err != nil || len(jwe) > share.MaxJWE {
		t.Errorf("what Compose lets through does not fit: %v", err)
	}
}

// KTC-06: a PDF and a photo of one's own.
func TestKTC06OwnDocuments(t *testing.T) {
	pdf, photo := []byte("%PDF-1.7 \xff\xfe"), []byte("\xff\xd8\xff\xe0 photo")
	src := []share.Source{
		{Meta: record.Meta{ID: "a", Format: record.FormatPDF, Title: "Discharge", Date: "2025-05", Added: now}, Body: pdf},
		{Meta: record.Meta{ID: "b", Format: record.FormatJPEG, Added: now, Source: record.Source{Name: "IMG_1.jpg"}}, Body: photo},
	}
	items := share.Choose(src, now)
	if len(items) != 2 || items[0].Kind != fhir.KindDocument || items[1].Kind != fhir.KindPhoto || items[0].Suggested || items[0].Entry != -1 {
		t.Fatalf("offered %+v", items)
	}
	if only := share.ChooseOnly(src, now); !only[0].Suggested || !only[1].Suggested {
		t.Error("what was picked is not suggested")
	}
	for _, shape := range []share.Shape{share.ShapeKTC, share.ShapeIPS} {
		out := compose(t, shape, src, items)
		for _, want := range []string{base64.StdEncoding.EncodeToString(pdf), base64.StdEncoding.EncodeToString(photo),
			`"contentType":"application/pdf"`, `"contentType":"image/jpeg"`, `"creation":"2025-05"`, "Discharge", "IMG_1.jpg"} {
			if !bytes.Contains(out, []byte(want)) {
				t.Errorf("%s lacks %s", shape, want)
			}
		}
	}
}

// Documents inside records: content by Binary, by double base64, only by address; a report with a PDF.
func TestDocumentsInside(t *testing.T) {
	once := base64.StdEncoding.EncodeToString([]byte("%PDF-1.4 once"))
	twice := base64.StdEncoding.EncodeToString([]byte(once))
	src := []share.Source{source("r", patient,
		`{"resourceType":"DocumentReference","id":"d1","status":"current","description":"Letter","type":{"coding":[{"system":"http://loinc.org","code":"60591-5"}]},"custodian":{"display":"CANARY Clinic"},"author":[{"display":"CANARY"}],"content":[{"attachment":{"contentType":"application/pdf","url":"urn:uuid:bin"}}]}`,
		`{"resourceType":"Binary","id":"bin","contentType":"application/pdf","data":"`+once+`"}`,
		`{"resourceType":"DocumentReference","id":"d2","status":"current","description":"Twice","content":[{"attachment":{"contentType":"application/pdf","data":"`+twice+`"}}]}`,
		`{"resourceType":"DocumentReference","id":"d3","status":"current","description":"Elsewhere","content":[{"attachment":{"contentType":"application/pdf","url":"https://CANARY.example/d.pdf"}}]}`,
		`{"resourceType":"DiagnosticReport","id":"rep","status":"final","code":{"text":"Blood count"},"presentedForm":[{"contentType":"application/pdf","title":"Blood count","data":"`+once+`"},{"contentType":"text/plain","data":"aGk="}]}`,
		`{"resourceType":"Binary","id":"alone","contentType":"application/pdf","data":"`+once+`"}`)}
	items := share.Choose(src, now)
	if len(pick(items, "Elsewhere")) != 0 {
		t.Error("offers a document that is only an address")
	}
	if len(items) != 4 {
		t.Errorf("offered %d items, want Letter, Twice, Blood count and the lone Binary", len(items))
	}
	out := compose(t, share.ShapeKTC, src, items)
	if n := bytes.Count(out, []byte(once)); n != 4 {
		t.Errorf("the PDF is there %d times, want 4", n)
	}
	if n := bytes.Count(out, []byte(`"PATAST"`)); n != 4 {
		t.Errorf("%d patient-shared documents, want 4", n)
	}
	compose(t, share.ShapeIPS, src, pick(items, "Twice", "Blood count"))
}

// One Patient, of name, birth date and gender; the rest of the hospital's Patient stays at home.
func TestPatient(t *testing.T) {
	src := []share.Source{source("r", patient, `{"resourceType":"Condition","id":"c","code":{"text":"Asthma"},"subject":{"reference":"urn:uuid:p"}}`)}
	items := share.Choose(src, now)
	for _, c := range []struct {
		name string
		who  share.Person
		want string
	}{
		{"as in the record", asha, `{"birthDate":"1980-02-03","gender":"female","name":[{"family":"Rao","given":["Asha"],"text":"Asha Rao"}],"resourceType":"Patient"}`},
		{"other order", share.Person{Name: "RAO, asha"}, `{"birthDate":"1980-02-03","gender":"female","name":[{"family":"Rao","given":["Asha"],"text":"RAO, asha"}],"resourceType":"Patient"}`},
		{"another name", share.Person{Name: "Asha R"}, `{"_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]},"name":[{"text":"Asha R"}],"resourceType":"Patient"}`},
		{"no date, no gender of FHIR", share.Person{Name: "X", BirthDate: "last May", Gender: "F"}, `{"_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]},"name":[{"text":"X"}],"resourceType":"Patient"}`},
		{"nothing known", share.Person{}, `{"birthDate":"1980-02-03","gender":"female","name":[{"family":"Rao","given":["Asha"]}],"resourceType":"Patient"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := share.Compose(share.ShapeKTC, c.who, src, items, words, now, zero())
			if err != nil {
				t.Fatal(err)
			}
			check(t, share.ShapeKTC, out)
			if !bytes.Contains(out, []byte(c.want)) {
				t.Errorf("want %s in %s", c.want, out)
			}
		})
	}
}

// IPS: what is not there is said to be unavailable; an absence that somebody stated is an entry.
func TestIPSEmptyAndAbsent(t *testing.T) {
	src := []share.Source{source("r", patient,
		`{"resourceType":"AllergyIntolerance","id":"a","code":{"coding":[{"system":"http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips","code":"no-known-allergies","display":"No known allergies"}]},"patient":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Condition","id":"c","code":{"coding":[{"system":"http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips","code":"no-problem-info"}]},"subject":{"reference":"urn:uuid:p"}}`)}
	items := share.Choose(src, now)
	if len(items) != 1 || !items[0].Negated || !items[0].Suggested {
		t.Fatalf("offered %+v", items)
	}
	out := string(compose(t, share.ShapeIPS, src, items))
	if !strings.Contains(out, `{"code":"716186003","system":"http://snomed.info/sct"}`) {
		t.Error("no known allergy is not said in SNOMED CT")
	}
	if n := strings.Count(out, `"code":"unavailable"`); n != 2 {
		t.Errorf("%d sections without information, want problems and medicines", n)
	}
	if strings.Count(out, "[share.none]") != 2 {
		t.Error("the empty sections do not say so")
	}
}

// IPS-08: what a resource lacks is unknown, not made up.
func TestIPS08Minimums(t *testing.T) {
	src := []share.Source{source("r", patient, `{"resourceType":"Condition","id":"1"}`, `{"resourceType":"AllergyIntolerance","id":"2"}`,
		`{"resourceType":"MedicationStatement","id":"3","status":"active"}`, `{"resourceType":"MedicationRequest","id":"4","status":"active"}`,
		`{"resourceType":"Immunization","id":"5","status":"completed"}`, `{"resourceType":"Procedure","id":"6","status":"completed"}`,
		`{"resourceType":"DeviceUseStatement","id":"7","status":"active"}`, `{"resourceType":"DiagnosticReport","id":"8","status":"final"}`,
		`{"resourceType":"Observation","id":"9","status":"final"}`)}
	items := share.Choose(src, now)
	if len(items) != 9 {
		t.Fatalf("offered %d", len(items))
	}
	compose(t, share.ShapeIPS, src, items)
}

// A person's words, with everything XML and HTML would trip over.
func TestNarrativeEscaped(t *testing.T) {
	evil := `<script>alert(1)</script> & "q" ]]> <img src=x onerror=y>`
	name, _ := json.Marshal(evil + "\u0001\ufffe")
	src := []share.Source{source("r", patient, `{"resourceType":"Condition","id":"c","code":{"text":`+string(name)+`}}`)}
	out := compose(t, share.ShapeIPS, src, share.Choose(src, now))
	if bytes.Contains(out, []byte("<script")) && !bytes.Contains(out, []byte(`&lt;script`)) {
		t.Error("markup in a narrative")
	}
	var b struct {
		Entry []struct {
			Resource struct {
				Section []struct{ Text struct{ Div string } }
			}
		}
	}
	if err := json.Unmarshal(out, &b); err != nil {
		t.Fatal(err)
	}
	if div := b.Entry[0].Resource.Section[0].Text.Div; !strings.Contains(div, "&lt;script&gt;alert(1)") || strings.Contains(div, "<img") {
		t.Errorf("narrative %s", div)
	}
}

// Keys lists all that is asked for, and nothing else is.
func TestKeys(t *testing.T) {
	known := append(share.Keys(), fhir.Keys()...)
	dir := sharedData(t)
	b, err := os.ReadFile(filepath.Join(dir, "ips/connectathon/full_ips.json"))
	if err != nil {
		t.Fatal(err)
	}
	src := []share.Source{{Meta: record.Meta{ID: "r", Format: record.FormatFHIR}, Body: b}}
	_, err = share.Compose(share.ShapeIPS, asha, src, share.Choose(src, now), func(m fhir.Message) string {
		if !slices.Contains(known, m.Key) {
			t.Errorf("asks for %q, which Keys does not list", m.Key)
		}
		return m.Key
	}, now, zero())
	if err != nil {
		t.Fatal(err)
	}
}
