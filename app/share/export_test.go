package share_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"potli/app/conform"
	"potli/app/fhir"
	"potli/app/record"
	"potli/app/share"
)

// outlined gives a source the lines that the index has of it.
func outlined(t testing.TB, s share.Source) record.Meta {
	t.Helper()
	o, err := record.Summarise(s.Meta.Format, s.Meta.Source.Name, s.Body)
	if err != nil {
		t.Fatal(err)
	}
	s.Meta.Outline = o
	return s.Meta
}

func export(t *testing.T, form share.Form, src []share.Source, chosen []share.Item) []byte {
	t.Helper()
	b, err := share.Export(form, asha, src, chosen, words, now, zero())
	if err != nil {
		t.Fatalf("%s: %v", form, err)
	}
	return b
}

// told is what a summary says, fact by fact, as a person would compare two of them.
func told(items []share.Item) []string {
	var all []string
	for _, it := range items {
		if !it.Suggested {
			continue
		}
		s := string(it.Kind) + " | " + it.Title + " | " + it.Date
		for _, v := range it.Detail {
			s += " | " + v.Text + " " + v.End + " " + v.Unit
			for _, m := range v.Messages {
				s += m.Key + m.Args["n"] + m.Args["text"]
			}
		}
		if it.Negated {
			s += " | none"
		}
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// TestRoundTrip: what is given on as an International Patient Summary, or as a collection, and brought in again says the same
// problems, allergies, medicines, vaccinations and results, of every real document.
func TestRoundTrip(t *testing.T) {
	dir := sharedData(t)
	compared, facts := 0, 0
	for _, pattern := range []string{"*/*.json", "ips/connectathon/*.json"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, f := range found {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fhir.Parse(b); err != nil || len(b) > 1<<20 { // a life's record takes seconds under the race detector
				continue
			}
			src := []share.Source{{Meta: record.Meta{ID: "r", Format: record.FormatFHIR, Added: now}, Body: b}}
			items := share.Choose(src, now)
			want := told(items)
			if len(want) == 0 {
				continue
			}
			t.Run(filepath.Base(f), func(t *testing.T) {
				for _, form := range []share.Form{share.FormIPS, share.FormKTC} {
					out := export(t, form, src, slices.DeleteFunc(slices.Clone(items), func(it share.Item) bool { return !it.Suggested }))
					if found := conform.Check(conform.Kind(form), out); len(found) > 0 {
						t.Errorf("%s: %+v", form, found)
					}
					back := share.Choose([]share.Source{{Meta: record.Meta{ID: "back", Format: record.FormatFHIR, Added: now}, Body: out}}, now)
					for i, it := range back { // a collection does not say as of when it speaks; what it holds was suggested
						back[i].Suggested = it.Suggested || it.Kind == fhir.KindMedicine || it.Kind == fhir.KindCondition
					}
					if got := told(back); !slices.Equal(got, want) {
						t.Errorf("%s: %s", form, difference(got, want))
					}
					compared, facts = compared+1, facts+len(want)
				}
			})
		}
	}
	t.Logf("%d round trips of %d facts", compared, facts)
	if compared < 50 {
		t.Errorf("only %d round trips", compared)
	}
}

func difference(got, want []string) string {
	var b strings.Builder
	for _, s := range got {
		if !slices.Contains(want, s) {
			b.WriteString("\n  new:  " + s)
		}
	}
	for _, s := range want {
		if !slices.Contains(got, s) {
			b.WriteString("\n  gone: " + s)
		}
	}
	return b.String()
}

// TestOriginals: each document is in the collection byte for byte; what is no FHIR can be taken out of it again.
func TestOriginals(t *testing.T) {
	one := share.Source{Meta: record.Meta{ID: "one", Format: record.FormatFHIR, Added: now},
		Body: []byte("\xef\xbb\xbf {\"resourceType\":\"Observation\",\n \"code\" : {\"text\":\"\\u0041\"},\"valueQuantity\":{\"value\":1.50}} \n")}
	two := source("two", patient, `{"resourceType":"Condition","id":"c","code":{"text":"Asthma"},"subject":{"reference":"urn:uuid:p"}}`)
	three := share.Source{Meta: record.Meta{ID: "three", Format: record.FormatPDF, Added: now, Source: record.Source{Name: "x-ray.pdf"}}, Body: []byte("%PDF-1.4 …")}
	left := source("left", `{"resourceType":"Condition","id":"c","code":{"text":"WOMBAT"}}`)
	src := []share.Source{one, two, three, left}
	chosen := slices.DeleteFunc(share.Whole(src, now), func(it share.Item) bool { return it.Record == "left" })
	out := export(t, share.FormOriginals, src, chosen)
	for _, want := range [][]byte{bytes.TrimSpace(one.Body[3:]), two.Body} {
		if !bytes.Contains(out, want) {
			t.Errorf("%s is not in it as it came", want)
		}
	}
	if bytes.Contains(out, []byte("WOMBAT")) {
		t.Error("what was not chosen is in it")
	}
	f, err := fhir.Parse(out)
	if err != nil {
		t.Fatal(err)
	}
	last := len(f.Entries) - 1
	views := f.View(last).Attachments
	if len(f.Entries) != 4 || len(views) != 1 {
		t.Fatalf("%d entries, %d attachments", len(f.Entries), len(views))
	}
	if typ, b, err := f.Attachment(views[0]); err != nil || typ != "application/pdf" || !bytes.Equal(b, three.Body) || views[0].Title != "x-ray.pdf" {
		t.Errorf("the PDF came back as %s, %q, %v, %q", typ, b, err, views[0].Title)
	}
	if _, err := share.Export(share.FormOriginals, asha, src, nil, words, now, zero()); !errors.Is(err, share.ErrNothing) {
		t.Errorf("nothing chosen: %v", err)
	}
	big := share.Source{Meta: record.Meta{ID: "big", Format: record.FormatPDF}, Body: make([]byte, share.MaxFile)}
	small := share.Source{Meta: record.Meta{ID: "small", Format: record.FormatPDF}, Body: make([]byte, 1<<20)}
	if out := export(t, share.FormOriginals, []share.Source{small}, share.Whole([]share.Source{small}, now)); len(out) < 4<<20/3 {
		t.Errorf("1 MiB became %d bytes", len(out))
	}
	for _, form := range []share.Form{share.FormOriginals, share.FormKTC} {
		if _, err := share.Export(form, asha, []share.Source{big}, share.Whole([]share.Source{big}, now), words, now, zero()); !errors.Is(err, share.ErrFileTooBig) {
			t.Errorf("%s of 25 MiB: %v", form, err)
		}
	}
	if _, err := share.Export("other", asha, src, chosen, words, now, zero()); !errors.Is(err, share.ErrOptions) {
		t.Errorf("another form: %v", err)
	}
}

// TestWholeIsSensitive: a document counts as sensitive for anything in it, also for what would not be offered, and for what a
// text says.
func TestWholeIsSensitive(t *testing.T) {
	src := []share.Source{
		source("bill", patient, `{"resourceType":"Claim","id":"x","diagnosis":[{"diagnosisCodeableConcept":{"text":"HIV disease"}}]}`),
		source("plain", patient, `{"resourceType":"Condition","id":"c","code":{"text":"Asthma"},"subject":{"reference":"urn:uuid:p"}}`),
		{Meta: record.Meta{ID: "note", Format: "text/plain", Added: now}, Body: []byte("Was bei der letzten Visite … she takes lithium for bipolar disorder")},
	}
	for _, it := range share.Whole(src, now) {
		want := map[record.ID]string{"bill": "hiv", "note": "mental"}[it.Record]
		if got := strings.Join(it.Sensitive, " "); got != want {
			t.Errorf("%s is %q, want %q", it.Record, got, want)
		}
		if !it.Suggested || it.Entry != -1 {
			t.Errorf("%+v", it)
		}
	}
}

// TestCSV: what goes in comes out of another reader of RFC 4180, and no cell is a formula.
func TestCSV(t *testing.T) {
	src := source("r", patient,
		`{"resourceType":"Observation","id":"a","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}],"text":"Hämoglobin, \"venous\""},"effectiveDateTime":"2024-05-12","valueQuantity":{"value":11.50,"comparator":"<=","unit":"g/dl","system":"http://unitsofmeasure.org","code":"g/dL"},"referenceRange":[{"low":{"value":12.0},"high":{"value":16}}],"interpretation":[{"coding":[{"code":"L"}]}],"subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Observation","id":"b","status":"final","code":{"text":"Blood pressure"},"effectiveDateTime":"2024-05-13","component":[{"code":{"text":"=HYPERLINK(\"http://evil\")"},"valueQuantity":{"value":120,"unit":"@SUM"}},{"code":{"text":"-2+3"},"valueQuantity":{"value":-1.5e-3}}],"subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Observation","id":"c","status":"final","code":{"text":"Colour"},"valueString":"blue","subject":{"reference":"urn:uuid:p"}}`,
		`{"resourceType":"Observation","id":"d","status":"final","code":{"text":"CANARY"},"valueQuantity":{"value":1},"subject":{"reference":"urn:uuid:p"}}`)
	src.Meta.Title = "+report\nof May"
	items := slices.DeleteFunc(share.Choose([]share.Source{src}, now), func(it share.Item) bool { return it.Title == "CANARY" })
	metas := []record.Meta{outlined(t, src)}
	plain, err := share.CSV(metas, items, false)
	if err != nil {
		t.Fatal(err)
	}
	marked, err := share.CSV(metas, items, true)
	if err != nil || string(marked) != "\ufeff"+string(plain) {
		t.Errorf("with a mark: %q, %v", marked, err)
	}
	if strings.Count(string(plain), "\r\n") != 5 || !strings.HasSuffix(string(plain), "\r\n") {
		t.Errorf("lines end otherwise: %q", plain)
	}
	rows, err := csv.NewReader(bytes.NewReader(plain)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"date", "name", "code", "value", "comparator", "unit", "low", "high", "flag", "source"},
		{"2024-05-12", `Hämoglobin, "venous"`, "http://loinc.org|718-7", "11.50", "<=", "g/dL", "12.0", "16", "low", "'+report of May"},
		{"2024-05-13", `Blood pressure: =HYPERLINK("http://evil")`, "", "120", "", "'@SUM", "", "", "", "'+report of May"},
		{"2024-05-13", "Blood pressure: -2+3", "", "-1.5e-3", "", "", "", "", "", "'+report of May"},
		{"", "Colour", "", "blue", "", "", "", "", "", "'+report of May"},
	}
	if !slices.EqualFunc(rows, want, slices.Equal[[]string]) {
		t.Errorf("got  %q\nwant %q", rows, want)
	}
	if _, err := share.CSV(metas, items[:0], true); !errors.Is(err, share.ErrNothing) {
		t.Errorf("no numbers: %v", err)
	}
}

// TestCellsAreNoFormulas, whatever a record is called.
func TestCellsAreNoFormulas(t *testing.T) {
	for _, bad := range []string{"=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u200b=1", "＝1+1", "＋1", "－1", "＠x", "-", "--1", "-1a", "- 5"} {
		m := record.Meta{ID: "r", Title: bad, Outline: fhir.Outline{Lines: []fhir.Line{{Date: bad, Title: bad,
			Measures: []fhir.Measure{{Value: "5", Unit: bad, Low: bad, High: bad, Flag: bad, Code: bad}}}}}}
		b, err := share.CSV([]record.Meta{m}, []share.Item{{Record: "r"}}, false)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		for i, c := range rows[1] {
			if c != "" && c != "5" && c[0] != '\'' {
				t.Errorf("%q stands as %q under %s", bad, c, rows[0][i])
			}
		}
	}
}

// TestCellsParted: where cells are parted by ; nothing within one begins a formula, and no name ends a row.
func TestCellsParted(t *testing.T) {
	for bad, want := range map[string]string{"Hb;=1+1": "Hb;'=1+1", "a; @x": "a;' @x", "a;\t-1+1": "a;' -1+1", "a;b;+1": "a;b;'+1", `a;"=1`: `a;'"=1`,
		"a\r\n=1": "a  =1", "a\n;=1": "a ;'=1", "a\u2028b": "a b", "=1;=2": "'=1;'=2", "a;b": "a;b"} {
		m := record.Meta{ID: "r", Outline: fhir.Outline{Lines: []fhir.Line{{Title: bad, Measures: []fhir.Measure{{Value: "5"}}}}}}
		b, err := share.CSV([]record.Meta{m}, []share.Item{{Record: "r"}}, false)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil || rows[1][1] != want {
			t.Errorf("%q stands as %q, want %q, %v", bad, rows[1][1], want, err)
		}
		if quoted := strings.Contains(string(b), `"`+strings.ReplaceAll(want, `"`, `""`)+`"`); strings.Contains(bad, ";") && !quoted {
			t.Errorf("%q is not quoted: %q", bad, b)
		}
	}
}

// FuzzCSV: whatever a record says, another reader finds as many rows and columns as there are, and no formula.
func FuzzCSV(f *testing.F) {
	f.Add("Hb", "<11.5", "=cmd")
	f.Add("\"\r\n,", "-1", "\ufeff@")
	f.Fuzz(func(t *testing.T, name, value, unit string) {
		m := record.Meta{ID: "r", Outline: fhir.Outline{Lines: []fhir.Line{{Measures: []fhir.Measure{{Name: name, Value: value, Unit: unit}}}}}}
		b, err := share.CSV([]record.Meta{m}, []share.Item{{Record: "r"}}, false)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != 10 {
			t.Fatalf("%q: %v", b, err)
		}
		for _, c := range rows[1] {
			if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r\n") && !json.Valid([]byte(c)) && strings.Trim(c, "-0123456789.eE+") != "" {
				t.Errorf("a formula: %q", c)
			}
		}
	})
}

// TestFacts: what is chosen is read in full, what is not offered is not, and the times of day are those that were written.
func TestFacts(t *testing.T) {
	medicine := func(id, dosage string) string {
		return `{"resourceType":"MedicationRequest","id":"` + id + `","status":"active","medicationCodeableConcept":{"text":"` + id + `"},"subject":{"reference":"urn:uuid:p"},"dosageInstruction":[` + dosage + `]}`
	}
	want := map[string][4]string{
		"written": {"1", "", "", "1"}, "four": {"1", "½", "", "2"}, "spaced": {"1", "1", "", "1"}, "coded": {"2", "", "2", ""}, "night": {"", "", "", "•"},
		"twice": {}, "date": {}, "strength": {}, "evening": {"", "", "•", ""}, "zeros": {},
		"ends": {}, "weekly": {}, "three": {}, "needed": {}, "sos": {}, "unit": {"500 mg", "", "", ""}, "taper": {}, "every day": {"1 tablet", "", "", ""},
	}
	src := []share.Source{source("r", patient,
		medicine("written", `{"text":"1-0-1 after food"}`), medicine("four", `{"text":"1-½-0-2"}`), medicine("spaced", `{"text":"1 - 1 - 1"}`),
		medicine("coded", `{"timing":{"repeat":{"when":["MORN","EVE"]}},"doseAndRate":[{"doseQuantity":{"value":2}}]}`),
		medicine("night", `{"timing":{"code":{"coding":[{"code":"HS"}]}}}`), medicine("twice", `{"text":"twice a day"}`),
		medicine("date", `{"text":"from 12-05-2024 on"}`), medicine("strength", `{"text":"500-125-0"}`),
		medicine("ends", `{"text":"1 tab OD till 10-12-24"}`),
		medicine("weekly", `{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"wk","when":["MORN"]}}}`),
		medicine("three", `{"timing":{"repeat":{"frequency":1,"period":3,"periodUnit":"d","when":["MORN"]}}}`),
		medicine("needed", `{"asNeededBoolean":true,"timing":{"repeat":{"when":["HS"]}}}`), medicine("sos", `{"text":"SOS","timing":{"code":{"coding":[{"code":"HS"}]}}}`),
		medicine("unit", `{"timing":{"repeat":{"when":["MORN"]}},"doseAndRate":[{"doseQuantity":{"value":500,"unit":"mg"}}]}`),
		medicine("taper", `{"sequence":1,"text":"1-1-1"},{"sequence":2,"text":"1-0-1"}`),
		medicine("every day", `{"asNeededBoolean":false,"timing":{"repeat":{"period":1.0,"periodUnit":"d","when":["MORN"]}},"doseAndRate":[{"doseQuantity":{"value":1,"code":"{tablet}"}}]}`),
		medicine("evening", `{"timing":{"repeat":{"when":["PCV"]}}}`), medicine("zeros", `{"text":"0-0-0"}`))}
	items := share.Choose(src, now)
	facts := share.Facts(src, append(slices.Clone(items), share.Item{Record: "r", Entry: 0}, share.Item{Record: "r", Entry: 99}, share.Item{Record: "gone"}))
	if len(facts) != len(want) {
		t.Fatalf("%d facts of %d", len(facts), len(want))
	}
	for _, f := range facts {
		if f.Times != want[f.Item.Title] {
			t.Errorf("%s is taken %q, want %q", f.Item.Title, f.Times, want[f.Item.Title])
		}
		if f.View.Title != f.Item.Title {
			t.Errorf("%s reads %q", f.Item.Title, f.View.Title)
		}
	}
}
