package ui_test

import (
	"slices"
	"strings"
	"testing"

	"potli/app/fhir"
	"potli/app/record"
	"potli/app/summary"
	"potli/app/wallet"
)

// glance is the summary of the world: every part, disagreements, and what is over.
func glance(say func(string) string) *summary.Summary {
	g := summary.NewGatherer()
	text := func(s string) []fhir.Value { return []fhir.Value{{Type: fhir.ValueText, Text: say(s)}} }
	g.Add(summary.Document{Record: "r1", Date: "2026-06-01", Composed: true, Lines: []fhir.Line{
		{Entry: 1, Kind: fhir.KindAllergy, Type: "AllergyIntolerance", Title: say("Penicillin"), Alert: "danger", Status: "active", Detail: text("rash")},
		{Entry: 2, Kind: fhir.KindMedicine, Type: "MedicationRequest", Title: say("Iron tablets"), Status: "active", Detail: text("1-0-1 BD")},
		{Entry: 3, Kind: fhir.KindMedicine, Type: "MedicationRequest", Title: say("Aspirin"), Status: "stopped", Inactive: true},
		{Entry: 4, Kind: fhir.KindResult, Type: "Observation", Code: "http://loinc.org|718-7", Title: say("Haemoglobin"), Date: "2026-05-30",
			Detail:   []fhir.Value{{Type: fhir.ValueQuantity, Text: say("9"), Unit: say("g/dL")}},
			Measures: []fhir.Measure{{Value: "9", Low: "12"}}},
		{Entry: 5, Kind: fhir.KindVital, Type: "Observation", Title: say("Blood pressure"), Date: "2026-05-30", Detail: text("120/80")},
		{Entry: 6, Kind: fhir.KindImmunization, Type: "Immunization", Title: say("BCG"), Date: "2020"},
		{Entry: 7, Kind: fhir.KindImmunization, Type: "Immunization", Title: say("BCG"), Date: "2021"},
		{Entry: 8, Kind: fhir.KindAppointment, Type: "Appointment", Title: say("Eye clinic"), Date: "2026-07-01"},
		{Entry: 9, Kind: fhir.KindOther, Type: "Flag", Title: say("Falls"), Alert: "caution", Status: "active"},
	}})
	g.Add(summary.Document{Record: "r4", Date: "2025", Composed: true, Lines: []fhir.Line{
		{Kind: fhir.KindAllergy, Type: "AllergyIntolerance", Negated: true, Detail: []fhir.Value{{Type: fhir.ValueMessage, Messages: []fhir.Message{{Key: "known.none.allergy"}}}}},
		{Entry: 1, Kind: fhir.KindMedicine, Type: "MedicationRequest", Title: say("Iron tablets"), Status: "stopped", Inactive: true},
	}})
	return g.Summary(now, nil)
}

// TestGlance: what is dangerous is open, leads to its entry, and names what speaks
// against it; the rest says in its row what it holds; what nobody wrote of is not denied.
func TestGlance(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/")
	box := page.id("summary")
	if box == nil {
		t.Fatal("no summary")
	}
	open := map[string]string{}
	for _, b := range box.all("button") {
		if id, ok := strings.CutSuffix(b.attrs["id"], "-turn"); ok {
			open[strings.TrimPrefix(id, "summary-")] = b.attrs["aria-expanded"]
		}
	}
	for part, want := range map[string]string{"alert": "true", "allergy": "true", "medicine": "false", "result": "false", "vital": "false", "immunization": "false", "appointment": "false"} {
		if got := open[part]; got != want && !(want == "true" && got == "") {
			t.Errorf("%s: expanded %q, want %s", part, got, want)
		}
	}
	var hrefs []string
	for _, a := range box.all("a") {
		hrefs = append(hrefs, a.attrs["href"])
	}
	if got := strings.Join(hrefs, " "); got != "/record/r1#e9 /record/r1#e1 /record/r4#e0" {
		t.Errorf("links %s", got)
	}
	words := box.words()
	for _, want := range []string{"Documents disagree: one says “No known allergies”", "Iron tablets", "1 out of range", "Eye clinic", "Nothing is written in these records about: Illnesses now."} {
		if !strings.Contains(words, want) {
			t.Errorf("no %q in\n%s", want, words)
		}
	}
	for _, never := range []string{"Aspirin", "no allergies"} {
		if strings.Contains(words, never) {
			t.Errorf("%q in\n%s", never, words)
		}
	}
}

// TestNoGlance: a summary that cannot be made says so and leaves the timeline alone.
func TestNoGlance(t *testing.T) {
	d := world(same)
	d.fault = wallet.ErrLocked
	page, _ := draw(t, d, "en", "/")
	if page.id("timeline") == nil || len(page.id("summary").all("button")) != 0 {
		t.Error(page.words())
	}
}

// TestExplains: the controls of the record page have names and say whether they are
// open, and only what is known has one.
func TestExplains(t *testing.T) {
	page, _ := draw(t, world(same), "en", "/record/r1")
	var names []string
	page.walk(func(e *element) {
		if strings.HasSuffix(e.attrs["id"], "-ask") {
			names = append(names, e.attrs["aria-label"])
			if e.attrs["aria-expanded"] != "false" || page.id(e.attrs["aria-controls"]) == nil {
				t.Errorf("%v", e.attrs)
			}
		}
	})
	if got := strings.Join(names, " "); got != "What is Results? What is Hb? What is WBC?" {
		t.Errorf("%s", got)
	}
}

// TestExplainsBySample: a row of a report on another sample than blood is not explained as
// of blood, and the letters of a medicine's name are no illness.
func TestExplainsBySample(t *testing.T) {
	row := func(id, name, specimen string) string {
		return `{"resource":{"resourceType":"Observation","id":"` + id + `","status":"final","code":{"text":"` + name + `"},` + specimen + `"valueQuantity":{"value":1}}}`
	}
	file, err := fhir.Parse([]byte(`{"resourceType":"Bundle","type":"collection","entry":[` + strings.Join([]string{
		`{"resource":{"resourceType":"DiagnosticReport","status":"final","code":{"text":"Stool routine"},"result":[{"reference":"Observation/a"}]}}`,
		row("a", "RBC", ""),
		`{"resource":{"resourceType":"DiagnosticReport","status":"final","code":{"text":"Panel"},"specimen":[{"display":"CSF"}],"result":[{"reference":"Observation/b"}]}}`,
		row("b", "Glucose", ""),
		row("c", "Sodium", `"specimen":{"display":"Urine, spot"},`),
		row("d", "Protein", `"specimen":{"display":"Urine, spot"},`),
		row("e", "Albumin", `"specimen":{"display":"Serum"},`),
		`{"resource":{"resourceType":"MedicationStatement","status":"active","subject":{"display":"A"},"medicationCodeableConcept":{"text":"Benadryl DM"}}}`,
	}, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	d := world(same)
	d.doc = file.Document()
	page, _ := draw(t, d, "en", "/record/r1")
	var names []string
	page.walk(func(e *element) {
		if strings.HasSuffix(e.attrs["id"], "-ask") {
			names = append(names, e.attrs["aria-label"])
		}
	})
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "What is Albumin? What is Protein?" {
		t.Errorf("%s\n%s", got, page.words())
	}
}

// TestOriginOfRecord is the table of forms: what each kind of record says of where it
// comes from, and what this wallet adds.
func TestOriginOfRecord(t *testing.T) {
	for name, c := range map[string]struct {
		record  string
		meta    func(*record.Meta)
		origin  fhir.Origin
		bringer *wallet.Bringer
		want    []string
		never   []string
	}{
		"a clinic's, by link": {record: "r1", origin: fhir.Origin{Authors: []fhir.Party{{Name: "Dr Rao", Type: "Practitioner"}}, Where: "City hospital", Made: "2026-06-01", Source: "urn:his",
			Attested: []fhir.Attest{{Mode: "legal", Name: "Dr Head", Date: "2026-06-02"}}},
			want:  []string{"Dr Rao (health worker)", "City hospital", "1 June 2026", "Dr Head, 2 June 2026, signed as responsible by law", "urn:his", "It carries no signature.", "From a link: lab.example"},
			never: []string{"No clinic wrote it", "Brought in by"}},
		"signed, unchecked":         {record: "r1", origin: fhir.Origin{Signed: []fhir.Signature{{Name: "Dr Rao"}}}, want: []string{"It carries a signature of Dr Rao that Potli did not check."}},
		"signed by nobody knows":    {record: "r1", origin: fhir.Origin{Signed: []fhir.Signature{{}}}, want: []string{"It carries a signature that Potli did not check."}},
		"self-entered elsewhere":    {record: "r1", origin: fhir.Origin{Authors: []fhir.Party{{Name: "Asha", Type: "Patient"}}}, want: []string{"Asha (the person themselves)", "By the person or family. No clinic wrote it."}},
		"by family":                 {record: "r1", origin: fhir.Origin{Authors: []fhir.Party{{Name: "Bina", Type: "RelatedPerson"}}}, want: []string{"Bina (family or friend)", "By the person or family."}},
		"by software":               {record: "r1", origin: fhir.Origin{Authors: []fhir.Party{{Name: "Portal", Type: "Device"}}}, want: []string{"Portal (program or device)", "By a program."}},
		"by hand":                   {record: "r1", meta: func(m *record.Meta) { m.Source = record.Source{How: wallet.HowHand} }, want: []string{"By hand, in Potli. No clinic wrote it."}},
		"a PDF":                     {record: "r2", want: []string{"It does not say.", "does not look for signatures", "From a file: report.pdf"}, never: []string{"It carries no signature."}},
		"a photo":                   {record: "r3", want: []string{"Photo from the camera"}},
		"a health card":             {record: "r4", want: []string{"A health card. How its check ended stands at the top."}},
		"through another who cares": {record: "r1", bringer: &wallet.Bringer{Name: "Arjun"}, want: []string{"Arjun, who cares for this person too"}},
		"through a stranger's name": {record: "r1", bringer: &wallet.Bringer{}, want: []string{"Another who cares for this person"}},
		"through another device":    {record: "r1", bringer: &wallet.Bringer{Me: true, Device: "Tablet"}, want: []string{"You, on Tablet"}},
		"through oneself":           {record: "r1", bringer: &wallet.Bringer{Me: true}, want: []string{"Brought in by", "You"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := world(same)
			d.doc.Origin, d.bringer = c.origin, c.bringer
			if c.meta != nil {
				m := d.metas[record.ID(c.record)]
				c.meta(&m)
				d.metas[m.ID] = m
			}
			page, _ := draw(t, d, "en", "/record/"+c.record)
			words := page.id("origin").words()
			for _, want := range append(c.want, "12 June 2026") { // when it was received
				if !strings.Contains(words, want) {
					t.Errorf("no %q in\n%s", want, words)
				}
			}
			for _, never := range c.never {
				if strings.Contains(words, never) {
					t.Errorf("%q in\n%s", never, words)
				}
			}
		})
	}
}
