package fhir_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"potli/app/fhir"
)

func shared(t *testing.T, name string) *fhir.File {
	b, err := os.ReadFile(filepath.Join(sharedData(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return mustParse(t, string(b))
}

func titles(d *fhir.Document) string {
	var out []string
	for _, s := range d.Sections {
		name := strings.Repeat(">", s.Level) + s.Title
		if s.Title == "" {
			name = "(" + string(s.Kind) + ")"
		}
		if s.Empty != "" {
			name += "=" + s.Empty
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

// TestDocuments holds the head and the sections of the real documents.
func TestDocuments(t *testing.T) {
	for _, c := range []struct{ file, title, date, author, subject, sections string }{
		{"ips/IPS_IG-bundle-01.json", "Patient Summary as of December 11, 2017 14:30", "2017-12-11T14:30:00+01:00", "Beetje van Hulp", "Martha DeLarosa 1972-05-01 female",
			"Active Problems, Medication, Allergies and Intolerances, History of Past Illness, Plan of Treatment, Results, (patient), (medicine), (result), (document), (other)"},
		{"ips/connectathon/US_Epic_Jan_emptyReason.json", "International Patient Summary for Jan, Connectathon", "2025-01-15T19:27:32Z", "Facility", "Connectathon Jan 1997-01-29 male",
			"Problems, Allergies=nilknown, Medications=notasked, Immunizations, (patient), (document), (other)"},
		{"ips/IPS_IG_bundle-no-info-required-sections.json", "", "", "", "",
			"Allergies and Intolerances=unavailable, Problem List=unavailable, Medication Summary=unavailable, Immunizations, (patient), (document), (other)"},
		{"nrces/OP_Consultation_fhir_bundle.json", "Consultation Report", "2024-01-04T15:36:45+05:30", "doctor desk", "Sonu Kumar 1991 male",
			"Medications, Chief Complaints, Medical History, Physical Examination, Allergy Section, Investigation Advice, (patient), (medicine), (visit), (document), (other)"},
		{"nrces/TestBundle.json", "Discharge summary", "2024-05-06T06:33:37Z", "Dr.Test Doctor", "Test Patient 2001-04-27 male",
			"ChiefComplaints, PhysicalExamination, Allergy record, Past medical history section, FamilyHistory, CarePlan, MedicalHistory, Diagnostic studies report, History of past procedure section, DocumentReference, (patient), (visit), (document), (other)"},
		{"synthea/Clara_Montanez_276b501c-98d9-4837-8601-4700a93fa397.json", "", "", "", "Ms. Clara Montañez 1967-07-31 female",
			"(patient), (condition), (medicine), (immunization), (result), (vital), (procedure), (visit), (careplan), (bill), (other)"},
	} {
		t.Run(c.file, func(t *testing.T) {
			d := shared(t, c.file).Document()
			if got := titles(d); got != c.sections {
				t.Errorf("sections\n%s, want\n%s", got, c.sections)
			}
			subject := strings.TrimSpace(d.Subject.Name + " " + d.Subject.BirthDate + " " + d.Subject.Gender)
			for _, x := range [][2]string{{d.Title, c.title}, {d.Date, c.date}, {d.Author, c.author}, {subject, c.subject}} {
				if x[1] != "" && x[0] != x[1] {
					t.Errorf("got %q, want %q", x[0], x[1])
				}
			}
			placed := map[int]bool{}
			for _, s := range d.Sections {
				if s.Missing > 0 && !strings.HasPrefix(c.file, "nrces/Test") {
					t.Errorf("%s names %d entries that are not there", s.Title, s.Missing)
				}
				for _, e := range s.Entries {
					placed[e] = true
				}
			}
			for i, v := range d.Views {
				for _, e := range v.Parts {
					if placed[e] {
						t.Errorf("entry %d stands in report %d and alone", e, i)
					}
					placed[e] = true
				}
			}
			if len(placed) != len(d.Views) {
				t.Errorf("%d of %d entries stand in a section or report", len(placed), len(d.Views))
			}
		})
	}
}

func TestSyntheticIPS(t *testing.T) {
	b, err := os.ReadFile("testdata/ips-synthetic.json")
	if err != nil {
		t.Fatal(err)
	}
	f := mustParse(t, string(b))
	d := f.Document()
	if d.Type != "document" || d.Title != "Patient summary (SAMPLE)" || d.Subject.Name != "Testa Fictitious" || d.Author == "" {
		t.Errorf("%q %q %+v %q", d.Type, d.Title, d.Subject, d.Author)
	}
	if s := d.Sections[0]; s.Title != "Allergies" || s.Code != "http://loinc.org|48765-2" || !strings.Contains(fhir.NarrativeText(s.Narrative), "Penicillin: anaphylaxis") {
		t.Errorf("%+v", s)
	}
	v := d.Views[d.Sections[0].Entries[0]]
	if v.Title != "Penicillin" || v.Alert != "danger" || sayAll(v.Detail) != "high danger · Anaphylaxis" {
		t.Errorf("%s", sayView(v))
	}
}

// TestSections: nested sections, sections without a title, entries that are
// named twice or not there.
func TestSections(t *testing.T) {
	f := mustParse(t, `{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","title":"T","section":[
	 {"title":"A","section":[{"code":{"text":"B"},"section":{"title":"C","text":{"div":"<div>deep</div>"}}}],"entry":[{"reference":"Condition/1"}]},
	 {"entry":[{"reference":"AllergyIntolerance/2"},{"reference":"Condition/1"},{"reference":"Condition/9"}]},
	 {"emptyReason":{"text":"nothing to say"}}]}},
	 {"resource":{"resourceType":"Condition","id":"1"}},{"resource":{"resourceType":"AllergyIntolerance","id":"2"}},{"resource":{"resourceType":"Procedure","id":"3"}}]}`)
	d := f.Document()
	if got, want := titles(d), "A, >B, >>C, (allergy), (other)=nothing to say, (procedure), (document)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if s := d.Sections[3]; s.Missing != 1 || len(s.Entries) != 2 {
		t.Errorf("%+v", s)
	}
	if fhir.NarrativeText(d.Sections[2].Narrative) != "deep" {
		t.Errorf("%+v", d.Sections[2])
	}
}

func TestOutline(t *testing.T) {
	f := mustParse(t, `{"resourceType":"Bundle","type":"collection","entry":[
	 {"resource":{"resourceType":"Patient","id":"p","name":[{"text":"A. Person"}],"birthDate":"1970"}},
	 {"resource":{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"type":[{"text":"Visit"}],"period":{"start":"2024-02-01"}}},
	 {"resource":{"resourceType":"Condition","id":"c","code":{"text":"Cough"},"encounter":{"reference":"Encounter/e"},"onsetDateTime":"2024-01-20"}},
	 {"resource":{"resourceType":"Condition","verificationStatus":{"coding":[{"code":"entered-in-error"}]},"code":{"text":"Plague"}}},
	 {"resource":{"resourceType":"DocumentReference","type":{"text":"Letter"},"date":"2024-02-02","context":{"encounter":[{"reference":"Encounter/e"}]}}},
	 {"resource":{"resourceType":"Appointment","status":"booked","description":"Next","start":"2030-01-01"}},
	 {"resource":{"resourceType":"Practitioner","name":[{"text":"Dr. B"}]}},
	 {"resource":{"resourceType":"Observation","code":{"text":"`+strings.Repeat("long ", 60)+`"},"valueString":"`+strings.Repeat("नमस्ते ", 60)+`","effectiveDateTime":"2024-02-01T10:00:00Z"}}]}`)
	o := f.Outline()
	if o.Title != "Visit" || o.Type != "collection" || o.Date != "2024-02-01" || o.Subject != (fhir.Person{Name: "A. Person", BirthDate: "1970"}) {
		t.Errorf("%+v", o)
	}
	var got []string
	for _, l := range o.Lines {
		got = append(got, l.Type+" "+string(rune('0'+l.Visit)))
	}
	if s := strings.Join(got, ", "); s != "Encounter 2, Condition 2, DocumentReference 2, Appointment 0, Observation 0" {
		t.Error(s)
	}
	last := o.Lines[len(o.Lines)-1]
	if len(last.Title) > 170 || len(last.Detail[0].Text) > 250 || !strings.HasSuffix(last.Title, "…") || strings.ContainsRune(last.Detail[0].Text, '\uFFFD') {
		t.Errorf("%q %q", last.Title, last.Detail[0].Text)
	}
	if b, err := json.Marshal(o); err != nil || len(b) > 3000 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

// TestOutlineOfLittle: a file with nothing clinical still has a line, and one
// entered in error has none.
func TestOutlineOfLittle(t *testing.T) {
	for in, want := range map[string]string{
		`{"resourceType":"Patient","name":[{"text":"A. Person"}]}`:                                                                      "A. Person",
		`{"resourceType":"Medication","code":{"text":"Aspirin"}}`:                                                                       "Aspirin",
		`{"resourceType":"Bundle","type":"collection"}`:                                                                                 "",
		`{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","title":"T"}}]}`:                 "T",
		`{"resourceType":"Condition","verificationStatus":{"coding":[{"code":"entered-in-error"}]},"code":{"text":"Plague"}}`:           "Plague",
		`{"resourceType":"Observation","subject":{"display":"A. Person"},"code":{"text":"Weight"},"effectivePeriod":{"end":"2024-01"}}`: "Weight",
	} {
		o := mustParse(t, in).Outline()
		if o.Title != want {
			t.Errorf("%s: title %q", in, o.Title)
		}
		if strings.Contains(in, "entered-in-error") && len(o.Lines) != 0 {
			t.Errorf("%s: %+v", in, o.Lines)
		}
	}
}

// TestVisitOfComposition: what a consultation document holds belongs to its
// visit.
func TestVisitOfComposition(t *testing.T) {
	for _, l := range shared(t, "nrces/OP_Consultation_fhir_bundle.json").Outline().Lines {
		if l.Visit != 25 {
			t.Errorf("%s %s: visit %d", l.Type, l.Title, l.Visit)
		}
	}
}

// TestReport: rows of a report, its members, and what it names in vain.
func TestReport(t *testing.T) {
	f := mustParse(t, `{"resourceType":"Bundle","type":"collection","entry":[
	 {"resource":{"resourceType":"DiagnosticReport","status":"final","code":{"text":"Panel"},"result":[{"reference":"Observation/a"},{"reference":"Observation/b","display":"Urine, quick test"},{"reference":"Observation/x"},{"reference":"Observation/y","display":"Lost 5"}]}},
	 {"resource":{"resourceType":"Observation","id":"a","status":"preliminary","code":{"text":"Sodium"},"valueQuantity":{"value":140,"unit":"mmol/L"},"interpretation":[{"coding":[{"code":"N"}]}],"referenceRange":[{"low":{"value":135},"high":{"value":145}}]}},
	 {"resource":{"resourceType":"Observation","id":"b","status":"final","code":{"text":"Urine"},"hasMember":[{"reference":"Observation/c"}],"component":[{"code":{"text":"Colour"},"valueString":"clear"}]}},
	 {"resource":{"resourceType":"Observation","id":"c","status":"entered-in-error","code":{"text":"Glucose"},"valueString":"++","interpretation":[{"coding":[{"code":"AA"}]}]}}]}`)
	got := sayView(f.View(0))
	for _, want := range []string{"= 5 results", "| Sodium | 140 mmol/L | 135 – 145 | normal | preliminary", "| Urine, quick test |", "|| Colour | clear", "|| Glucose | ++ |  | critical | entered by mistake", "| Lost 5 |", "1 result is not in this document"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if v := f.View(0); v.Results[0].Entry != 1 || v.Results[4].Entry != -1 {
		t.Errorf("%+v", v.Results)
	}
}

func TestAttachment(t *testing.T) {
	pdf := "%PDF-1.4 hello"
	b64 := base64.StdEncoding.EncodeToString
	for name, c := range map[string]struct {
		resource string
		typ      string
		want     string
		err      error
	}{
		"inline":               {`{"resourceType":"Binary","contentType":"text/plain","data":"` + b64([]byte("hello")) + `"}`, "text/plain", "hello", nil},
		"line breaks":          {`{"resourceType":"Binary","contentType":"text/plain","data":"aGVs\r\n  bG8="}`, "text/plain", "hello", nil},
		"no padding":           {`{"resourceType":"Binary","contentType":"text/plain","data":"aGVsbG8"}`, "text/plain", "hello", nil},
		"URL alphabet":         {`{"resourceType":"Binary","contentType":"x/y","data":"-_-_"}`, "x/y", "\xfb\xff\xbf", nil},
		"escaped slash":        {`{"resourceType":"Binary","contentType":"x/y","data":"\/\/\/\/"}`, "x/y", "\xff\xff\xff", nil},
		"twice":                {`{"resourceType":"Binary","contentType":"application/pdf","data":"` + b64([]byte(b64([]byte(pdf)))) + `"}`, "application/pdf", pdf, nil},
		"twice, but only text": {`{"resourceType":"Binary","contentType":"text/plain","data":"` + b64([]byte("aGVsbG8=")) + `"}`, "text/plain", "aGVsbG8=", nil},
		"type from the bytes":  {`{"resourceType":"Binary","contentType":"text/html","data":"` + b64([]byte(pdf)) + `"}`, "application/pdf", pdf, nil},
		"no type":              {`{"resourceType":"Binary","data":"` + b64([]byte("hello")) + `"}`, "application/octet-stream", "hello", nil},
		"damaged":              {`{"resourceType":"Binary","contentType":"x/y","data":"a*b"}`, "", "", fhir.ErrAttachment},
		"elsewhere":            {`{"resourceType":"DocumentReference","content":[{"attachment":{"contentType":"x/y","url":"https://a.example/1"}}]}`, "", "", fhir.ErrNoAttachment},
		"contained Binary": {`{"resourceType":"DocumentReference","contained":[{"resourceType":"Binary","id":"b","contentType":"text/plain","data":"aGVsbG8="}],
			"content":[{"attachment":{"contentType":"text/plain","url":"#b"}}]}`, "text/plain", "hello", nil},
		"photo": {`{"resourceType":"Patient","photo":[{"contentType":"image/png"},{"contentType":"image/png","data":"iVBORw0KGgo="}]}`, "image/png", "\x89PNG\r\n\x1a\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := mustParse(t, c.resource)
			v := f.View(0)
			if len(v.Attachments) == 0 {
				t.Fatal("no attachment")
			}
			typ, data, err := f.Attachment(v.Attachments[0])
			if !errors.Is(err, c.err) || typ != c.typ || string(data) != c.want {
				t.Errorf("got %q %q %v", typ, data, err)
			}
			if err == nil && !strings.HasPrefix(name, "twice") && v.Attachments[0].Size != len(data) {
				t.Errorf("size %d of %d", v.Attachments[0].Size, len(data))
			}
		})
	}
}

// TestAttachmentInBundle: a URL that means a Binary of the same file.
func TestAttachmentInBundle(t *testing.T) {
	f := mustParse(t, `{"resourceType":"Bundle","type":"collection","entry":[
	 {"resource":{"resourceType":"DocumentReference","content":[{"attachment":{"url":"Binary/b","title":"Letter"}}]}},
	 {"resource":{"resourceType":"Binary","id":"b","contentType":"text/plain","data":"aGVsbG8="}}]}`)
	a := f.View(0).Attachments[0]
	typ, data, err := f.Attachment(a)
	if a.Entry != 1 || a.Title != "Letter" || typ != "text/plain" || string(data) != "hello" || err != nil {
		t.Errorf("%+v %q %q %v", a, typ, data, err)
	}
	for _, bad := range []fhir.Attachment{{Entry: -1}, {Entry: 9}, {Entry: 0, Path: "content[7].attachment"}, {Entry: 0, Path: "content[x"}, {Entry: 0, Path: "a.b.c"}, {Entry: 1, Path: "data"}} {
		if _, _, err := f.Attachment(bad); !errors.Is(err, fhir.ErrNoAttachment) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// TestAadhaar: India's national number is masked wherever it is shown.
func TestAadhaar(t *testing.T) {
	for _, id := range []string{
		`{"type":{"coding":[{"code":"ADN"}]},"value":"123412345678"}`,
		`{"system":"https://uidai.example/aadhaar","value":"1234 1234 5678"}`,
		`{"type":{"text":"x","coding":[{"code":"ADN","display":"Aadhaar"}]},"system":"http://x","use":"official","value":"123412345678"}`,
	} {
		f := mustParse(t, `{"resourceType":"Patient","identifier":[`+id+`],"name":[{"text":"A"}]}`)
		got := sayView(f.View(0))
		b, _ := json.Marshal(f.Outline())
		if strings.Contains(got, "12345678") || strings.Contains(string(b), "5678") || !strings.Contains(got, "XXXX XXXX 5678") {
			t.Errorf("%s\n%s", got, b)
		}
	}
}
